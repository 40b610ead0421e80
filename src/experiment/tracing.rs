//! How the laboratory's examiner traces the subject, so that the flags about tracers have an effect.

use crate::clone::flags::Flags;
use linux_raw_sys::ptrace::{PTRACE_O_TRACECLONE, PTRACE_O_TRACEFORK, PTRACE_O_TRACEVFORK};

/// How the examiner traces the subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tracing {
    /// Not at all.
    None,
    /// The subject alone: only CLONE_PTRACE makes the kernel trace the child too.
    Subject,
    /// The subject and, by the tracer's options, each child: only CLONE_UNTRACED prevents that.
    Children,
}

impl Tracing {
    /// How these flags are traced.
    pub fn of(flags: Flags) -> Self {
        match flags {
            _ if flags.contains(Flags::PTRACE) => Self::Subject,
            _ if flags.contains(Flags::UNTRACED) => Self::Children,
            _ => Self::None,
        }
    }

    /// The tracer's options, ptrace(2); none if nothing is traced.
    pub(super) fn options(self) -> Option<u32> {
        match self {
            Self::None => None,
            Self::Subject => Some(0),
            Self::Children => Some(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE),
        }
    }
}
