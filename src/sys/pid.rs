//! The id of a task, as a distinct type.
//!
//! kill(2) takes 0 and negative numbers as process groups, and -1 as every process that the caller may signal. An errno
//! mistaken for an id would be one of those, so no errno fits into this type.

use super::{Errno, Result, answer};
use core::num::NonZeroUsize;

/// The id of a task in the caller's PID namespace, 1 to `i32::MAX`.
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

    /// The id that a system call returned; EIO if the result is a number that no task can have.
    pub(crate) fn answered(register: usize) -> Result<Self> {
        answer(register).and_then(|number| Self::new(number).ok_or(Errno::EIO))
    }
}
