//! What an engine answers: how the program has ended, or why there was none.

use super::program::{OURS, status_of};
use crate::clone::flags::Flags;
use crate::clone::task::Task;
use crate::error::{Failure, Step};
use crate::sys::{Errno, exec};

/// What came of running a program.
pub enum End<'call> {
    /// The program has ended, and this process is to end with the same status.
    Status(i32),
    /// There was no program, or it is not known how the program has ended.
    Failed {
        /// Which step failed, and why.
        failure: Failure,
        /// What the step was about.
        about: About<'call>,
        /// The status with which this process is to end.
        status: i32,
    },
}

impl<'call> End<'call> {
    /// A failure of our own.
    pub(super) fn failed(failure: Failure, about: About<'call>) -> Self {
        Self::Failed { failure, about, status: OURS }
    }

    /// execve(2) was refused; `flags` are those of the namespaces in which it was tried.
    pub(super) fn not_executed(errno: Errno, flags: Flags) -> Self {
        let about = About::Word(flags, exec::name().unwrap_or_default());
        Self::Failed { failure: Failure::new(Step::Execute, errno), about, status: status_of(errno) }
    }
}

/// What a step was about, to be named beside the step.
pub enum About<'a> {
    /// Nothing more.
    Nothing,
    /// A task that was to be made: where the call is the step that failed, the call is to be spelled.
    Task(Task<'a>),
    /// The namespaces of unshare(2).
    Namespaces(Flags),
    /// The flags of the namespaces in which the step was taken, and what the user has given for the step; empty for
    /// nothing.
    Word(Flags, &'a [u8]),
}
