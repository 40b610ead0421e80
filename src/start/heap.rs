//! The heap: `linked_list_allocator` over a reserved region, which is opened upwards as it is used.
//!
//! The heap belongs to the first task that asks for memory, and no task ever waits for its lock. A task that shares this memory
//! and dies while it holds a lock would leave all others spinning for ever, so any other task is stopped with a clear message
//! instead.

use chimera::sys::{Errno, RawFd, file, ids, memory, process};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use linked_list_allocator::Heap;

/// How many bytes are reserved, if the limits allow it; half as many as often as they do not.
const RESERVE: usize = 1 << 30;

/// How many bytes are opened at once.
const STEP: usize = 16 * memory::PAGE;

/// The heap of the task whose id is in `owner`.
struct FirstTasksHeap {
    owner: AtomicUsize,
    state: UnsafeCell<State>,
}

/// The region, and what is open of it.
struct State {
    heap: Heap,
    /// How many bytes are reserved.
    reserved: usize,
}

// SAFETY: only the task whose id is in `owner` passes `check`, so the cell is never used by two tasks at once.
unsafe impl Sync for FirstTasksHeap {}

#[global_allocator]
static HEAP: FirstTasksHeap =
    FirstTasksHeap { owner: AtomicUsize::new(0), state: UnsafeCell::new(State { heap: Heap::empty(), reserved: 0 }) };

impl FirstTasksHeap {
    /// Ends the process with a line to fd 2 if another task than the owner asks. The first task that asks is the owner.
    fn check(&self) {
        let task = ids::gettid().map_or(0, |tid| tid.number());
        let owner = self.owner.compare_exchange(0, task, Relaxed, Relaxed).unwrap_or_else(|owner| owner);
        if task == 0 || owner != 0 && owner != task {
            stop(b"chimera: heap: asked for by another task than the first, to which it belongs\n");
        }
    }
}

/// Writes `line` to fd 2 and ends the process.
fn stop(line: &[u8]) -> ! {
    // The result is of no use: there is no one left to tell.
    let _ = file::write(RawFd::ERR, line);
    process::exit_group(super::FAILED)
}

impl State {
    /// Reserves the region and opens its beginning.
    fn begin(&mut self) -> Result<(), Errno> {
        let mut size = RESERVE;
        let bottom = loop {
            match memory::reserve(size) {
                Ok(bottom) => break bottom,
                Err(_) if size > STEP => size /= 2,
                Err(errno) => return Err(errno),
            }
        };
        // SAFETY: the beginning of a reservation that is ours.
        unsafe { memory::allow(bottom, STEP) }?;
        self.reserved = size;
        // SAFETY: the kernel has just given these bytes, and no other code knows of them; this is the only call.
        unsafe { self.heap.init(bottom as *mut u8, STEP) };
        Ok(())
    }

    /// Opens as much of the region as a block of this size may take, and a step more.
    fn grow(&mut self, size: usize) -> Result<(), Errno> {
        let more = size.checked_next_multiple_of(STEP).and_then(|size| size.checked_add(STEP)).ok_or(Errno::ENOMEM)?;
        if more > self.reserved - self.heap.size() {
            return Err(Errno::ENOMEM);
        }
        // SAFETY: within the reservation, right above what is open.
        unsafe { memory::allow(self.heap.top() as usize, more) }?;
        // SAFETY: these bytes have just been opened, right above the heap, and no other code knows of them.
        unsafe { self.heap.extend(more) };
        Ok(())
    }

    /// A block; null if there is no memory for it.
    fn block(&mut self, layout: Layout) -> *mut u8 {
        if self.heap.bottom().is_null() && self.begin().is_err() {
            return null_mut();
        }
        let block = self.heap.allocate_first_fit(layout).or_else(|()| {
            self.grow(layout.size().saturating_add(layout.align())).map_err(|_| ())?;
            self.heap.allocate_first_fit(layout)
        });
        block.map_or(null_mut(), NonNull::as_ptr)
    }
}

// SAFETY: the blocks come from `Heap`, which keeps them apart and aligned; only the owner gets this far.
unsafe impl GlobalAlloc for FirstTasksHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.check();
        // SAFETY: `check` let only the owner pass, and the heap calls nothing that allocates.
        let state = unsafe { &mut *self.state.get() };
        match state.block(layout) {
            block if block.is_null() => stop(b"chimera: heap: ENOMEM (Cannot allocate memory)\n"),
            block => block,
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.check();
        let Some(block) = NonNull::new(block) else {
            return;
        };
        // SAFETY: as in `alloc`.
        let state = unsafe { &mut *self.state.get() };
        // SAFETY: the caller got the block from `alloc` with this layout.
        unsafe { state.heap.deallocate(block, layout) }
    }
}
