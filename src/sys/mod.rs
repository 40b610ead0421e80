//! The kernel's doors: one typed wrapper a system call. Only this room and the exercise use the crate `sc`.
//!
//! A wrapper says what the kernel said and decides nothing. The calls that make a task on a new stack are in `clone::asm`
//! instead, for no wrapper may return twice on two stacks.
//!
//! Unsafety held here: system calls that read or write memory which the wrapper was given as a reference.
#![allow(unsafe_code, reason = "a system call is outside of what the compiler can check")]

pub mod clock;
pub mod control;
pub mod errno;
pub mod exec;
pub mod fd;
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
pub mod process;
mod result;
pub mod schedule;
pub mod signal;
pub mod socket;
pub mod terminal;
pub mod wait;

pub use errno::Errno;
pub use fd::{Fd, RawFd};
pub use pid::Pid;
pub use result::Result;
pub use signal::Signal;

pub(crate) use result::answer;
use result::done;

/// The numbers that `clone` passes to its assembly.
pub(crate) mod nr {
    pub use sc::nr::{CLONE, CLONE3, EXIT, EXIT_GROUP, FORK, FUTEX, POLL, PRCTL, WAIT4};
}
