//! The heap: `linked_list_allocator` over the program break, which grows as more is asked for.
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

/// How much the break moves at least: few growths, and no more than a few pages of a small address space.
const STEP: usize = 0x4000;

struct FirstTasksHeap {
    owner: AtomicUsize,
    heap: UnsafeCell<Heap>,
}

// SAFETY: only the task whose id is in `owner` passes `check`, so the cell is never used by two tasks at once.
unsafe impl Sync for FirstTasksHeap {}

#[global_allocator]
static HEAP: FirstTasksHeap = FirstTasksHeap {
    owner: AtomicUsize::new(0),
    heap: UnsafeCell::new(Heap::empty()),
};

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

/// Moves the break so that `heap` has room for `layout`.
fn grow(heap: &mut Heap, layout: Layout) {
    let wanted = (layout.size() + layout.align() + STEP) & !(STEP - 1);
    let Ok(bottom) = memory::grow_break(wanted) else {
        stop(b"chimera: heap: ENOMEM (Cannot allocate memory): RLIMIT_AS or RLIMIT_DATA is too small\n");
    };
    if heap.bottom().is_null() {
        // SAFETY: the kernel has just given these bytes, page-aligned and to nobody else; this is the first call.
        unsafe { heap.init(bottom as *mut u8, wanted) }
    } else {
        // SAFETY: the new bytes follow the old ones, for nobody else moves the break.
        unsafe { heap.extend(wanted) }
    }
}

// SAFETY: the blocks come from `Heap`, which keeps them apart and aligned; only the owner gets this far.
unsafe impl GlobalAlloc for FirstTasksHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.check();
        // SAFETY: `check` let only the owner pass, and the heap calls nothing that allocates.
        let heap = unsafe { &mut *self.heap.get() };
        if let Ok(block) = heap.allocate_first_fit(layout) {
            return block.as_ptr();
        }
        grow(heap, layout);
        heap.allocate_first_fit(layout)
            .map_or(null_mut(), NonNull::as_ptr)
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
