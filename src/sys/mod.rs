//! The system calls: one typed wrapper each. Only this room and the exercise use the crate `sc`.
//!
//! A wrapper returns what the kernel returned and decides nothing. The calls that make a task on a new stack are in
//! `clone::asm` instead: a wrapper cannot return twice on two stacks.
//!
//! Unsafe code in this room: system calls that read or write memory which the wrapper got as a reference.
#![allow(unsafe_code, reason = "the compiler cannot check a system call")]

/// Makes a system call by its name, as the macro of `sc` does, unless it is one that the program avoids.
macro_rules! syscall {
    ($call:ident $(, $argument:expr)* $(,)?) => {
        match $crate::sys::filter::is_avoided(sc::nr::$call) {
            true => $crate::sys::filter::REFUSED,
            false => sc::syscall!($call $(, $argument)*),
        }
    };
}

pub mod clock;
pub mod control;
pub mod errno;
pub mod exec;
pub mod fd;
pub mod file;
mod filter;
pub mod futex;
pub mod harmless;
pub mod ids;
pub mod initial;
pub mod ipc;
pub mod limit;
pub mod machine;
pub mod memory;
pub mod namespace;
mod pid;
pub mod privilege;
pub mod process;
pub mod random;
mod result;
pub mod schedule;
pub mod signal;
pub mod socket;
pub mod terminal;
pub mod wait;

pub use errno::Errno;
pub use fd::{Fd, RawFd};
pub use pid::Pid;
pub use result::{Result, confirmed};
pub use signal::Signal;

pub(crate) use result::answer;
use result::done;

/// The system call numbers that `clone` passes to its assembly.
pub(crate) mod nr {
    pub use sc::nr::{ARCH_PRCTL, CLONE, CLONE3, EXIT, EXIT_GROUP, FORK, FUTEX, POLL, PRCTL, WAIT4};
}
