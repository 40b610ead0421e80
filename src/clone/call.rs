//! A call that makes a task: fork(2), clone(2) or clone3(2) with all their arguments.
//!
//! One plain record: the rules read it to predict the kernel's answer, the assembly makes the call from it, and the
//! report prints it, so prediction, call and report cannot differ.

use super::flags::{By, Flags};
use crate::sys::Signal;
use core::sync::atomic::AtomicU32;
use linux_raw_sys::general::clone_args;

/// The system call that makes the task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Api {
    /// fork(2), which has no arguments.
    Fork,
    /// clone(2), with flags of 32 bits, of which the lowest eight are the exit signal.
    Clone,
    /// clone3(2), with flags of 64 bits.
    Clone3,
}

impl Api {
    /// The name of the system call.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Clone => "clone",
            Self::Clone3 => "clone3",
        }
    }

    /// The call as the tables of flags and rules name it; fork(2) counts as clone(2) without flags.
    pub const fn by(self) -> By {
        match self {
            Self::Fork | Self::Clone => By::Clone,
            Self::Clone3 => By::Clone3,
        }
    }
}

/// The stack argument of the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StackOf {
    /// A null pointer without CLONE_VM, a separate stack with CLONE_VM.
    Default,
    /// A null pointer: the child starts at the caller's stack pointer.
    Caller,
    /// A separate stack of this many bytes.
    Own(usize),
}

/// The call and its arguments. The addresses that the kernel writes to (parent_tid, child_tid, pidfd) are not part of
/// the call: see [`TidWords`](crate::board::TidWords).
#[derive(Clone, Copy)]
pub struct Call {
    /// The system call.
    pub api: Api,
    /// The flags, including unknown bits.
    pub flags: Flags,
    /// The signal that the parent gets when the task ends; 0 for none. clone(2) has room for eight bits.
    pub exit_signal: u64,
    /// `--stack`.
    pub stack: StackOf,
    /// `--tls`: the FS base for CLONE_SETTLS; none means the child's initial stack pointer.
    pub tls: Option<usize>,
    /// `--set-tid`, only for clone3: the ids for the task, beginning with its own PID namespace. Empty means no array.
    pub set_tid: &'static [AtomicU32],
    /// `--cgroup`, only for clone3: an open descriptor of the cgroup for CLONE_INTO_CGROUP; [`NO_CGROUP`] without the
    /// option.
    pub cgroup: u64,
    /// `--size`, only for clone3: the size of the struct, in bytes, as passed to the kernel.
    pub size: usize,
}

/// The highest number that clone3(2) accepts as a descriptor; no task has it open.
pub const NO_CGROUP: u64 = i32::MAX as u64;

impl Call {
    /// A call with these flags and this exit signal (or none), and defaults for everything else.
    pub const fn new(api: Api, flags: Flags, exit_signal: Option<Signal>) -> Self {
        Self {
            api,
            flags,
            exit_signal: match exit_signal {
                Some(signal) => signal.number() as u64,
                None => 0,
            },
            stack: StackOf::Default,
            tls: None,
            set_tid: &[],
            cgroup: NO_CGROUP,
            size: size_of::<clone_args>(),
        }
    }

    /// A call with the usual exit signal: SIGCHLD, or none for a thread.
    pub const fn usual(api: Api, flags: Flags) -> Self {
        Self::new(api, flags, if flags.contains(Flags::THREAD) { None } else { Some(Signal::CHLD) })
    }

    /// The first argument of clone(2): the low 32 bits of the flags and, in the low byte, the exit signal, which shares
    /// its bits with CLONE_NEWTIME.
    pub fn first_argument(&self) -> usize {
        self.flags.bits() as u32 as usize | self.exit_signal as u8 as usize
    }

    /// The exit signal that the kernel reads: 0 for none, 1 to 64 for a signal; no signal has any other number.
    pub fn signal_number(&self) -> u64 {
        if self.api == Api::Clone3 { self.exit_signal } else { self.first_argument() as u64 & 0xff }
    }

    /// The exit signal that the kernel reads; none if it is 0 or not the number of a signal.
    pub fn signal(&self) -> Option<Signal> {
        Signal::new(self.signal_number() as usize).filter(|signal| signal.set() != 0)
    }

    /// The number of bytes below the child's initial stack pointer, a multiple of 16, on a stack with room for
    /// `highest`.
    pub fn room_below(&self, highest: usize) -> usize {
        match self.stack {
            StackOf::Own(size) if size < highest => size & !15,
            _ => highest,
        }
    }

    /// Whether the call passes a stack.
    pub fn has_stack(&self) -> bool {
        match self.stack {
            StackOf::Default => self.flags.contains(Flags::VM),
            StackOf::Caller => false,
            StackOf::Own(_) => true,
        }
    }
}
