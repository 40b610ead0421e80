//! Stacks by hand: mmap(2), a guard page below, four words on top, and a small cache.
//!
//! The decision behind it: a stack is the child's until the kernel says that the child is gone (CLONE_CHILD_CLEARTID
//! or wait4(2)). So a stack goes back into the cache from the join alone; one whose task was never joined is lost.
//!
//! Unsafety held here: writing the child's first words, and reading the stack's lowest page after its end.
#![allow(unsafe_code, reason = "a stack is memory without a type")]

use super::raw::Words;
use super::task::Failure;
use crate::sys::memory::{self, PAGE};
use crate::words::Text;
use core::sync::atomic::{AtomicUsize, Ordering::AcqRel, Ordering::Acquire};

/// Bytes that a child may use: enough for the probes of a debug build, and touched only as far as used.
pub const SIZE: usize = 0x10000;

/// Where the first stack is asked for, so that the addresses of two runs are equal; the kernel may answer otherwise.
const HINT: usize = 0x1000_0000;

/// Stacks whose tasks are gone: their guards' addresses, 0 for none.
static CACHE: [AtomicUsize; 4] = [const { AtomicUsize::new(0) }; 4];

/// A stack and the guard page below it.
#[derive(Clone, Copy)]
pub struct Stack {
    /// The lowest address: the guard page, which may not be touched.
    pub guard: usize,
}

impl Stack {
    /// One from the cache, or a new one; the step and the errno if there is none to be had.
    pub(super) fn take() -> Result<Self, Failure> {
        let cached = CACHE
            .iter()
            .map(|slot| slot.swap(0, AcqRel))
            .find(|guard| *guard != 0);
        match cached {
            Some(guard) => Ok(Self { guard }),
            None => Self::build(),
        }
    }

    /// Everything is reserved without rights, then all but the lowest page is opened: there is no moment in which
    /// the guard could be written.
    fn build() -> Result<Self, Failure> {
        let guard = memory::reserve_stack(HINT, PAGE + SIZE)
            .split()
            .map_err(|errno| Failure { step: Text::Stack, errno })?;
        let stack = Self { guard };
        memory::allow(stack.base(), SIZE)
            .split()
            .map_err(|errno| Failure { step: Text::Guard, errno })?;
        Ok(stack)
    }

    /// Gives it back, for the next task or, with the cache full, to the kernel.
    ///
    /// Only [`join`](super::task::Task::join) calls it, when the kernel has said that the task is gone.
    pub(super) fn give_back(self) {
        if !CACHE.iter().any(|slot| {
            slot.compare_exchange(0, self.guard, AcqRel, Acquire)
                .is_ok()
        }) {
            self.unmap();
        }
    }

    /// Gives it back to the kernel; a refusal costs address space and nothing else.
    pub(super) fn unmap(self) {
        let _ = memory::unmap(self.guard, PAGE + SIZE);
    }

    /// The lowest address that may be touched.
    pub fn base(&self) -> usize {
        self.guard + PAGE
    }

    /// The first address above the stack.
    pub fn top(&self) -> usize {
        self.base() + SIZE
    }

    /// Where the child starts: at its words, a multiple of 16.
    pub fn pointer(&self) -> usize {
        self.top() - size_of::<Words>()
    }

    /// Puts the child's first words on the stack.
    pub(super) fn place(self, words: Words) {
        // SAFETY: inside of the mapping, aligned, and no task uses this stack yet.
        unsafe { (self.pointer() as *mut Words).write(words) }
    }

    /// Whether something was written to the page above the guard: only a task that used up all the rest gets there.
    /// To be asked after the task's end, before the stack is given back.
    pub(super) fn is_used_up(self) -> bool {
        // SAFETY: the page is mapped and readable, and nobody writes to it any more.
        let lowest = unsafe { &*(self.base() as *const [u8; PAGE]) };
        lowest.iter().any(|byte| *byte != 0)
    }
}
