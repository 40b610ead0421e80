//! The heap: `linked_list_allocator` over a reserved region that is made accessible upwards as needed.
//!
//! The heap belongs to the first task that allocates, and there is no lock to wait for. A task in the same address
//! space that died while holding a lock would leave the others spinning for ever, so any other task that allocates ends
//! the process with a clear message instead.

use chimera::sys::{Errno, RawFd, file, ids, memory, process};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use linked_list_allocator::Heap;

/// The size of the reservation in bytes, halved until the limits allow it.
const RESERVE: usize = 1 << 30;

/// The number of bytes that are made accessible at once.
const STEP: usize = 16 * memory::PAGE;

/// The heap of the task whose id is in `owner`.
struct FirstTasksHeap {
    owner: AtomicUsize,
    state: UnsafeCell<State>,
}

/// The region, and its accessible part.
struct State {
    heap: Heap,
    /// The size of the reservation, in bytes.
    reserved: usize,
}

// SAFETY: only the task whose id is in `owner` passes `check`, so the cell is never used by two tasks at once.
unsafe impl Sync for FirstTasksHeap {}

#[global_allocator]
static HEAP: FirstTasksHeap =
    FirstTasksHeap { owner: AtomicUsize::new(0), state: UnsafeCell::new(State { heap: Heap::empty(), reserved: 0 }) };

impl FirstTasksHeap {
    /// Makes the first caller the owner. Ends the process with a line to fd 2 if the caller is not the owner.
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
    // The result does not matter: there is nowhere else to report.
    let _ = file::write(RawFd::ERR, line);
    process::exit_group(super::FAILED)
}

impl State {
    /// Reserves the region and makes its beginning accessible.
    fn begin(&mut self) -> Result<(), Errno> {
        let mut size = RESERVE;
        let bottom = loop {
            match memory::reserve(size) {
                Ok(bottom) => break bottom,
                Err(_) if size > STEP => size /= 2,
                Err(errno) => return Err(errno),
            }
        };
        // SAFETY: the beginning of the reservation made above.
        unsafe { memory::allow(bottom, STEP) }?;
        self.reserved = size;
        // SAFETY: these bytes are newly mapped, no other code knows of them, and the heap is initialised only once.
        unsafe { self.heap.init(bottom as *mut u8, STEP) };
        Ok(())
    }

    /// Makes as much of the region accessible as a block of this size may need, and a step more.
    fn grow(&mut self, size: usize) -> Result<(), Errno> {
        let more = size.checked_next_multiple_of(STEP).and_then(|size| size.checked_add(STEP)).ok_or(Errno::ENOMEM)?;
        if more > self.reserved - self.heap.size() {
            return Err(Errno::ENOMEM);
        }
        // SAFETY: within the reservation, directly above the accessible part.
        unsafe { memory::allow(self.heap.top() as usize, more) }?;
        // SAFETY: these bytes are newly accessible, directly above the heap, and no other code knows of them.
        unsafe { self.heap.extend(more) };
        Ok(())
    }

    /// Allocates a block; null if there is no memory.
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
        // SAFETY: only the owner passes `check`, and the heap itself never allocates through this allocator.
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
