//! Stacks by hand: mmap(2), a guard page below, the child's first frame on top, and a spare one.
//!
//! A stack is the child's until the kernel says that the child is gone (CLONE_CHILD_CLEARTID or wait4(2)). So a stack is given
//! back by the join alone; one whose task was never joined is lost.
//!
//! Unsafety held here: writing the child's frame, and reading the stack's lowest page after the child's end.
#![allow(unsafe_code, reason = "a stack is memory without a type")]

use crate::error::{At, Failure, Step};
use crate::sys::memory::{self, PAGE};
use core::sync::atomic::{AtomicUsize, Ordering::AcqRel};

/// Bytes that a child may use: enough for the probes of a debug build, and touched only as far as used.
pub const SIZE: usize = 0x10000;

/// Where the first stack is asked for, so that the addresses of two runs are equal; the kernel may answer otherwise.
const HINT: usize = 0x1000_0000;

/// The guard's address of a stack whose task is gone, 0 for none: the next task takes it.
static SPARE: AtomicUsize = AtomicUsize::new(0);

/// What a child runs: its answer is the exit status. It must not allocate, must not panic and finds all it needs
/// through its argument, which outlives it.
pub type Entry<T> = extern "C" fn(&'static T) -> i32;

/// The words that a child finds where it starts, lowest address first.
///
/// ```text
/// [rsp]      entry      the function to call
/// [rsp + 8]  argument   its one argument
/// [rsp + 16] exit       the number of the call that ends it: exit for a thread, exit_group for a process
/// [rsp + 24] 0          where a return address would be: the end of the frames
/// ```
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Frame {
    entry: usize,
    argument: usize,
    exit: usize,
    end: usize,
}

impl Frame {
    /// The frame of a child that runs `entry(argument)` and ends by the system call `exit`.
    pub fn new<T: Sync>(entry: Entry<T>, argument: &'static T, exit: usize) -> Self {
        Self { entry: entry as usize, argument: &raw const *argument as usize, exit, end: 0 }
    }

    /// The words, lowest address first, each with its name.
    pub fn words(&self) -> [(&'static str, usize); 4] {
        [("entry", self.entry), ("argument", self.argument), ("last call", self.exit), ("the end", self.end)]
    }
}

/// The highest place at which a child can start: above it there is room for its frame alone.
pub const HIGHEST: usize = SIZE - size_of::<Frame>();

/// A stack and the guard page below it.
pub struct Stack {
    guard: usize,
}

impl Stack {
    /// The spare one, or a new one.
    pub(super) fn take() -> Result<Self, Failure> {
        match SPARE.swap(0, AcqRel) {
            0 => Self::build(),
            guard => Ok(Self { guard }),
        }
    }

    /// Everything is reserved without rights, then all but the lowest page is opened: there is no moment in which
    /// the guard could be written.
    fn build() -> Result<Self, Failure> {
        let stack = Self { guard: memory::reserve_stack(HINT, PAGE + SIZE).at(Step::Stack)? };
        // SAFETY: all but the lowest page of this stack's own reservation.
        match unsafe { memory::allow(stack.base(), SIZE) }.at(Step::Guard) {
            Ok(()) => Ok(stack),
            Err(failure) => {
                stack.unmap();
                Err(failure)
            }
        }
    }

    /// Gives the stack back for the next task; one that was spare until now goes back to the kernel.
    ///
    /// Called when the kernel has said that the task is gone, by [`join`](super::task::Child::join), or that there is none.
    pub(super) fn give_back(self) {
        match SPARE.swap(self.guard, AcqRel) {
            0 => {}
            guard => Self { guard }.unmap(),
        }
    }

    /// Gives the stack back to the kernel; a refusal costs address space and nothing else.
    pub(super) fn unmap(self) {
        // SAFETY: the mapping is this stack's own, and its task is gone.
        let _ = unsafe { memory::unmap(self.guard, PAGE + SIZE) };
    }

    /// The lowest address: the guard page, which may not be touched.
    pub fn guard(&self) -> usize {
        self.guard
    }

    /// The lowest address that may be touched.
    pub fn base(&self) -> usize {
        self.guard + PAGE
    }

    /// The first address above the stack.
    pub fn top(&self) -> usize {
        self.base() + SIZE
    }

    /// Where the child starts: at its frame, a multiple of 16, with at most `size` bytes below it.
    pub fn pointer(&self, size: usize) -> usize {
        self.base() + if size < HIGHEST { size & !15 } else { HIGHEST }
    }

    /// Puts the child's frame at a [`pointer`](Self::pointer), and answers that.
    pub(super) fn place(&self, pointer: usize, frame: &Frame) -> usize {
        assert!((self.base()..=self.base() + HIGHEST).contains(&pointer) && pointer.is_multiple_of(16));
        // SAFETY: inside of the mapping, aligned, and no task uses this stack yet.
        unsafe { (pointer as *mut Frame).write(*frame) };
        pointer
    }

    /// Whether something was written to the page above the guard: only a task that used up all the rest gets there.
    /// To be asked after the task's end, before the stack is given back.
    pub(super) fn is_used_up(&self) -> bool {
        // SAFETY: the page is mapped and readable, and no task writes to it any more.
        let lowest = unsafe { &*(self.base() as *const [u8; PAGE]) };
        lowest.iter().any(|byte| *byte != 0)
    }
}
