//! What is expected of a call.

use crate::board::fact::Fact;
use crate::sys::{Errno, Result, Signal};

/// What is expected of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// A task is made.
    Made,
    /// The call returns an errno.
    Refused(Errno),
    /// A seccomp filter kills the caller with SIGSYS.
    Killed,
}

impl Expected {
    /// The errno of a refusal.
    pub const fn errno(self) -> Option<Errno> {
        if let Self::Refused(errno) = self { Some(errno) } else { None }
    }

    /// The form in which one process leaves it for another.
    pub fn to_fact(self) -> Result<usize> {
        match self {
            Self::Made => Ok(0),
            Self::Refused(errno) => Err(errno),
            Self::Killed => Ok(Signal::SYS.number()),
        }
    }

    /// What was left in that form.
    pub fn of_fact(fact: &Fact) -> Self {
        let is_killed = fact.number() == Some(Signal::SYS.number());
        fact.errno().map_or(if is_killed { Self::Killed } else { Self::Made }, Self::Refused)
    }
}
