//! Stacks made by mmap(2): a guard page below, the child's first frame at the top, and one spare stack for reuse.
//!
//! A stack belongs to the child until the kernel reports the child's end (CLONE_CHILD_CLEARTID or wait4(2)). Therefore
//! only the join gives a stack back; the stack of a task that is never joined is leaked.
//!
//! Unsafe code in this file: writing the child's frame, and reading the stack's lowest page after the child's end.
#![allow(unsafe_code, reason = "a stack is untyped memory")]

use crate::error::{At, Failure, Step};
use crate::sys::memory::{self, PAGE};
use core::sync::atomic::{AtomicUsize, Ordering::AcqRel};

/// The usable size of a stack, in bytes: enough for the stack probes of a debug build. Untouched pages cost no memory.
pub const SIZE: usize = 0x10000;

/// The address hint for the first stack, so that two runs use equal addresses; the kernel may choose another.
const HINT: usize = 0x1000_0000;

/// The guard address of a spare stack, whose task is gone; 0 for none. The next task takes it.
static SPARE: AtomicUsize = AtomicUsize::new(0);

/// The function that a child runs; its result is the exit status. It must not allocate or panic, and gets everything
/// through its argument, which outlives it.
pub type Entry<T> = extern "C" fn(&'static T) -> i32;

/// The words at the child's initial stack pointer, lowest address first.
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
    /// The frame of a child that runs `entry(argument)` and ends with the system call `exit`.
    pub fn new<T: Sync>(entry: Entry<T>, argument: &'static T, exit: usize) -> Self {
        Self { entry: entry as usize, argument: &raw const *argument as usize, exit, end: 0 }
    }

    /// The words, lowest address first, each with its name.
    pub fn words(&self) -> [(&'static str, usize); 4] {
        [("entry", self.entry), ("argument", self.argument), ("last call", self.exit), ("the end", self.end)]
    }
}

/// The highest initial stack pointer, as an offset from the base: above it there is only room for the frame.
pub const HIGHEST: usize = SIZE - size_of::<Frame>();

/// A stack and the guard page below it.
pub struct Stack {
    guard: usize,
}

impl Stack {
    /// The spare stack, or a new one.
    pub(super) fn obtain() -> Result<Self, Failure> {
        match SPARE.swap(0, AcqRel) {
            0 => Self::build(),
            guard => Ok(Self { guard }),
        }
    }

    /// Reserves everything without access, then opens all but the lowest page, so the guard page is never writable.
    fn build() -> Result<Self, Failure> {
        let stack = Self { guard: memory::reserve_stack(HINT, PAGE + SIZE).at(Step::Stack)? };
        // SAFETY: all but the lowest page of the reservation that this stack owns.
        match unsafe { memory::allow(stack.base(), SIZE) }.at(Step::Guard) {
            Ok(()) => Ok(stack),
            Err(failure) => {
                stack.unmap();
                Err(failure)
            }
        }
    }

    /// Keeps the stack as the spare for the next task; unmaps a previous spare.
    ///
    /// Only for a stack whose task has ended, as [`join`](super::task::Child::join) learns from the kernel, or was
    /// never made.
    pub(super) fn give_back(self) {
        match SPARE.swap(self.guard, AcqRel) {
            0 => {}
            guard => Self { guard }.unmap(),
        }
    }

    /// Unmaps the stack; a refusal only costs address space.
    pub(super) fn unmap(self) {
        // SAFETY: this value owns the mapping, and no task uses the stack.
        let _ = unsafe { memory::unmap(self.guard, PAGE + SIZE) };
    }

    /// The lowest address: the guard page, which is inaccessible.
    pub fn guard(&self) -> usize {
        self.guard
    }

    /// The lowest accessible address.
    pub fn base(&self) -> usize {
        self.guard + PAGE
    }

    /// The first address above the stack.
    pub fn top(&self) -> usize {
        self.base() + SIZE
    }

    /// The child's initial stack pointer, where its frame lies: a multiple of 16, with at most `size` bytes below it.
    pub fn pointer(&self, size: usize) -> usize {
        self.base() + if size < HIGHEST { size & !15 } else { HIGHEST }
    }

    /// Writes the child's frame at a [`pointer`](Self::pointer) and returns that address.
    pub(super) fn place(&self, pointer: usize, frame: &Frame) -> usize {
        assert!((self.base()..=self.base() + HIGHEST).contains(&pointer) && pointer.is_multiple_of(16));
        // SAFETY: the frame is inside the mapping and aligned, and no task uses this stack yet.
        unsafe { (pointer as *mut Frame).write(*frame) };
        pointer
    }

    /// Whether the page above the guard was written: only a task that used up all other pages gets there. Valid only
    /// after the task's end, before the stack is given back.
    pub(super) fn is_used_up(&self) -> bool {
        // SAFETY: the page is readable, and no task writes to it any more.
        let lowest = unsafe { &*(self.base() as *const [u8; PAGE]) };
        lowest.iter().any(|byte| *byte != 0)
    }
}
