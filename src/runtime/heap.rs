//! The heap: `linked_list_allocator` over a reserved region, which takes memory only as it is used.
//!
//! The decision behind it: the heap belongs to the first task, and nobody ever waits for its lock. A task that
//! shares this memory and dies while it holds a lock would leave all others spinning for ever, so whoever is not
//! the owner is stopped with a clear message instead.

use chimera::cli::Status;
use chimera::sys::{file, ids, memory, process};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use linked_list_allocator::Heap;

/// How many bytes are reserved, if the limits allow it; half as many as often as they do not.
const RESERVE: usize = 1 << 30;

struct FirstTasksHeap {
    owner: AtomicUsize,
    heap: UnsafeCell<Heap>,
}

// SAFETY: only the task whose id is in `owner` passes `check`, so the cell is never used by two tasks at once.
unsafe impl Sync for FirstTasksHeap {}

#[global_allocator]
static HEAP: FirstTasksHeap = FirstTasksHeap { owner: AtomicUsize::new(0), heap: UnsafeCell::new(Heap::empty()) };

/// Makes the calling task the owner. The entry calls it once, before there is a second task.
pub fn claim() {
    HEAP.owner.store(ids::gettid().0, Relaxed);
}

impl FirstTasksHeap {
    /// Ends the process with a line to fd 2 if another task than the owner asks.
    fn check(&self) {
        if ids::gettid().0 != self.owner.load(Relaxed) {
            stop(b"chimera: heap: asked for by another task than the first, to which it belongs\n");
        }
    }
}

/// Writes `line` to fd 2 and ends the process.
fn stop(line: &[u8]) -> ! {
    // The result is of no use: there is nobody left to tell.
    let _ = file::write(2, line);
    process::exit_group(Status::Failed as i32)
}

/// Reserves the region. The kernel gives a page of it when it is first touched, so it grows as it is used.
fn reserve(heap: &mut Heap) {
    let mut size = RESERVE;
    while heap.bottom().is_null() {
        match memory::reserve(size).ok() {
            // SAFETY: the kernel has just given these bytes, and to nobody else; this is the only call.
            Some(bottom) => unsafe { heap.init(bottom as *mut u8, size) },
            None if size > memory::PAGE => size /= 2,
            None => stop(b"chimera: heap: ENOMEM (Cannot allocate memory)\n"),
        }
    }
}

// SAFETY: the blocks come from `Heap`, which keeps them apart and aligned; only the owner gets this far.
unsafe impl GlobalAlloc for FirstTasksHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.check();
        // SAFETY: `check` let only the owner pass, and the heap calls nothing that allocates.
        let heap = unsafe { &mut *self.heap.get() };
        reserve(heap);
        heap.allocate_first_fit(layout).map_or(null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.check();
        let Some(block) = NonNull::new(block) else {
            return;
        };
        // SAFETY: as in `alloc`.
        let heap = unsafe { &mut *self.heap.get() };
        // SAFETY: the caller got the block from `alloc` with this layout.
        unsafe { heap.deallocate(block, layout) }
    }
}
