//! The id of a task, as a type of its own.
//!
//! kill(2) reads 0 and negative numbers as groups, and -1 as every process that the caller may signal. An errno that was
//! taken for an id would be one of those, so an id is a type that no errno fits into.

use super::{Errno, Result, answer};
use core::num::NonZeroUsize;

/// The id of a task, 1 to `i32::MAX`, as the PID namespace of the caller has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pid(NonZeroUsize);

impl Pid {
    /// The id with this number; none if no task can have it.
    pub const fn new(number: usize) -> Option<Self> {
        if number > i32::MAX as usize {
            return None;
        }
        match NonZeroUsize::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn number(self) -> usize {
        self.0.get()
    }

    /// The id that a system call has answered; EIO if its answer is a number that no task has.
    pub(crate) fn answered(register: usize) -> Result<Self> {
        answer(register).and_then(|number| Self::new(number).ok_or(Errno::EIO))
    }
}
