//! The result of an engine: how the program ended, or why there was none.

use super::program::{OURS, name_or_shell, status_of};
use crate::clone::flags::Flags;
use crate::clone::task::Task;
use crate::error::{Failure, Step};
use crate::host::cause::Told;
use crate::sys::Errno;

/// The result of running a program.
pub enum End<'call> {
    /// The program ended, and this process is to end with the same status.
    Status(i32),
    /// There was no program, or its end is unknown.
    Failed {
        /// The step that failed, and why.
        failure: Failure,
        /// What the step was about.
        about: About<'call>,
        /// The exit status for this process.
        status: i32,
    },
}

impl<'call> End<'call> {
    /// A failure of this program rather than of the executed one.
    pub(super) fn failed(failure: Failure, about: About<'call>) -> Self {
        Self::Failed { failure, about, status: OURS }
    }

    /// A refused execve(2); `flags` are those of the surrounding namespaces.
    pub(super) fn not_executed(errno: Errno, flags: Flags) -> Self {
        let about = About::Word(flags, name_or_shell());
        Self::Failed { failure: Failure::new(Step::Execute, errno), about, status: status_of(errno) }
    }
}

/// A failure, and what the step was about.
pub(super) type Failed = (Failure, About<'static>);

/// What a step was about, for the message.
pub enum About<'a> {
    /// Nothing further.
    Nothing,
    /// A task to be made: if the call itself failed, the message spells out the call.
    Task(Task<'a>),
    /// The namespaces of unshare(2).
    Namespaces(Flags),
    /// The step's argument, and the reason, if the process that was refused has found one.
    Told(&'static [u8], Option<Told>),
    /// The flags of the namespaces in which the step was taken, and the step's argument from the command line; empty
    /// for none.
    Word(Flags, &'a [u8]),
}
