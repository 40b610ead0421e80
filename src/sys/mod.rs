//! The kernel's doors: one typed wrapper a system call, and the only user of the crate `sc`.
//!
//! The decision behind it: a wrapper says what the kernel said, as `Result<_, Errno>`, and decides nothing. The calls
//! that make a task on a new stack are not here but in `clone::raw`: no wrapper may return twice on two stacks.
//!
//! Unsafety held here: system calls that read or write memory which the wrapper was given as a reference, and two
//! that make memory and answer it as such.
#![allow(unsafe_code, reason = "a system call is outside of what the compiler can check")]

pub mod clock;
pub mod control;
pub mod errno;
pub mod exec;
pub mod file;
pub mod futex;
pub mod ids;
pub mod initial;
pub mod ipc;
pub mod limit;
pub mod memory;
pub mod namespace;
mod pid;
pub mod privilege;
pub mod proc;
pub mod process;
pub mod schedule;
pub mod signal;
pub mod socket;
pub mod terminal;

pub use errno::Errno;
pub use pid::Pid;

use core::num::NonZeroUsize;

/// The numbers that `clone` passes to its assembly.
pub(crate) mod nr {
    pub use sc::nr::{CLONE, CLONE3, EXIT, EXIT_GROUP};
    pub use sc::nr::{FORK, FUTEX, POLL, PRCTL, WAIT4};
}

/// A number, or why not.
pub type Result<T = usize> = core::result::Result<T, Errno>;

/// What a system call answers, as the kernel leaves it in one register: a result, or a negative errno.
///
/// It stays like this while it is only kept or passed on, on shared memory too; it is split where it is used.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
#[must_use]
pub struct Answer(pub usize);

impl Answer {
    /// The answer that is an errno.
    pub const fn error(errno: Errno) -> Self {
        Self(errno.0.get())
    }

    /// Whether it is an errno: -4095..=-1, which as unsigned numbers are the highest.
    #[inline(always)] // one comparison
    pub fn is_error(self) -> bool {
        self.0 > usize::MAX - 4095
    }

    /// Splits it.
    #[inline(always)] // one comparison
    pub fn split(self) -> Result {
        match NonZeroUsize::new(self.0) {
            Some(errno) if self.is_error() => Err(Errno(errno)),
            _ => Ok(self.0),
        }
    }

    /// The result; none if it is an errno.
    #[inline(always)] // one comparison
    pub fn ok(self) -> Option<usize> {
        if self.is_error() { None } else { Some(self.0) }
    }

    /// Whether it is this errno.
    pub fn is(self, errno: Errno) -> bool {
        self == Self::error(errno)
    }

    /// The answer of the next step if there is a result to take it with, else this one.
    #[inline(always)] // one comparison
    pub fn and_then(self, next: impl FnOnce(usize) -> Answer) -> Answer {
        if self.is_error() { self } else { next(self.0) }
    }
}
