//! The id of a task, as a type of its own.
//!
//! kill(2) reads 0 and negative numbers as groups, and -1 as every process that the caller may signal. An errno that was
//! taken for an id would be one of those, so an id is a type that no errno fits into.

use super::{Answer, Errno};
use core::num::NonZeroU32;

/// The id of a task, 1 to `i32::MAX`, as the PID namespace of the caller has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pid(NonZeroU32);

impl Pid {
    /// The id with this number; none if no task can have it.
    pub const fn new(number: usize) -> Option<Self> {
        if number > i32::MAX as usize {
            return None;
        }
        match NonZeroU32::new(number as u32) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Its number.
    pub const fn number(self) -> usize {
        self.0.get() as usize
    }
}

impl Answer {
    /// The id that a system call has answered; an errno, a 0 or a number that no task has is none.
    pub fn pid(self) -> Option<Pid> {
        self.ok().and_then(Pid::new)
    }

    /// The same where the answer must be an id: EIO if it is a number that no task has.
    pub fn as_pid(self) -> super::Result<Pid> {
        self.split().and_then(|number| Pid::new(number).ok_or(Errno::EIO))
    }
}

impl From<Pid> for Answer {
    fn from(pid: Pid) -> Self {
        Self(pid.number())
    }
}
