//! Stacks by hand: mmap(2), a guard page below, four words on top, and a spare one.
//!
//! The decision behind it: a stack is the child's until the kernel says that the child is gone (CLONE_CHILD_CLEARTID
//! or wait4(2)). So a stack is given back by the join alone; one whose task was never joined is lost.
//!
//! Unsafety held here: writing the child's first words, and reading the stack's lowest page after its end.
#![allow(unsafe_code, reason = "a stack is memory without a type")]

use super::raw::Words;
use super::task::Failure;
use crate::sys::memory::{self, PAGE};
use crate::words::Text;
use core::sync::atomic::{AtomicUsize, Ordering::AcqRel};

/// Bytes that a child may use: enough for the probes of a debug build, and touched only as far as used.
pub const SIZE: usize = 0x10000;

/// Where the first stack is asked for, so that the addresses of two runs are equal; the kernel may answer otherwise.
const HINT: usize = 0x1000_0000;

/// The guard's address of a stack whose task is gone, 0 for none: the next task takes it.
static SPARE: AtomicUsize = AtomicUsize::new(0);

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
        let guard =
            memory::reserve_stack(HINT, PAGE + SIZE).split().map_err(|errno| Failure { step: Text::Stack, errno })?;
        let stack = Self { guard };
        match memory::allow(stack.base(), SIZE).split() {
            Ok(_) => Ok(stack),
            Err(errno) => {
                stack.unmap();
                Err(Failure { step: Text::Guard, errno })
            }
        }
    }

    /// Gives it back for the next task; one that was spare until now goes back to the kernel.
    ///
    /// Called when the kernel has said that the task is gone, by [`join`](super::task::Child::join), or that there is none.
    pub(super) fn give_back(self) {
        match SPARE.swap(self.guard, AcqRel) {
            0 => {}
            guard => Self { guard }.unmap(),
        }
    }

    /// Gives it back to the kernel; a refusal costs address space and nothing else.
    pub(super) fn unmap(self) {
        let _ = memory::unmap(self.guard, PAGE + SIZE);
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

    /// Where the child starts: at its words, a multiple of 16, with at most `size` bytes below them.
    pub fn pointer(&self, size: usize) -> usize {
        let highest = SIZE - size_of::<Words>();
        self.base() + if size < highest { size & !15 } else { highest }
    }

    /// Puts the child's first words at a [`pointer`](Self::pointer).
    pub(super) fn place(&self, pointer: usize, words: Words) {
        let highest = self.top() - size_of::<Words>();
        let place = if (self.base()..highest).contains(&pointer) { pointer & !15 } else { highest };
        // SAFETY: inside of the mapping, aligned, and no task uses this stack yet.
        unsafe { (place as *mut Words).write(words) }
    }

    /// Whether something was written to the page above the guard: only a task that used up all the rest gets there.
    /// To be asked after the task's end, before the stack is given back.
    pub(super) fn is_used_up(&self) -> bool {
        // SAFETY: the page is mapped and readable, and nobody writes to it any more.
        let lowest = unsafe { &*(self.base() as *const [u8; PAGE]) };
        lowest.iter().any(|byte| *byte != 0)
    }
}
