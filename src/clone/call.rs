//! A call that makes a task, as it is asked for: fork(2), clone(2) or clone3(2) with all their arguments.
//!
//! One plain record: the rules read it to predict the kernel's answer, the assembly makes the call from it, and the report
//! prints it. So what is predicted, made and printed cannot differ.

use super::flags::{By, Flags};
use crate::sys::Signal;
use core::sync::atomic::AtomicU32;
use linux_raw_sys::general::clone_args;

/// Which system call makes the task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Api {
    /// fork(2), which has no arguments.
    Fork,
    /// clone(2), whose flags have 32 bits, the lowest eight of which are the exit signal.
    Clone,
    /// clone3(2), whose flags have 64 bits.
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

    /// The call as the tables of flags and rules name it; fork(2) is clone(2) without flags.
    pub const fn by(self) -> By {
        match self {
            Self::Fork | Self::Clone => By::Clone,
            Self::Clone3 => By::Clone3,
        }
    }
}

/// What the kernel is told about the child's stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StackOf {
    /// A null pointer without CLONE_VM, a stack of its own with it.
    Default,
    /// A null pointer: the child starts where the caller's stack pointer is.
    Caller,
    /// A stack of its own, of this many bytes.
    Own(usize),
}

/// The call and its arguments. Those that hold an address for the kernel to write to (parent_tid, child_tid, pidfd) are
/// always words of the board.
#[derive(Clone, Copy)]
pub struct Call {
    /// Which system call.
    pub api: Api,
    /// The flags; bits without a name stay in the set.
    pub flags: Flags,
    /// The signal to the parent when the task ends; 0 for none. clone(2) has room for the lowest eight bits.
    pub exit_signal: u64,
    /// `--stack`.
    pub stack: StackOf,
    /// `--tls`, the base of FS for CLONE_SETTLS; none is the place where the child's stack begins.
    pub tls: Option<usize>,
    /// `--set-tid`, of clone3 alone: the ids that the task is to have, in its own PID namespace first. Empty is no array.
    pub set_tid: &'static [AtomicU32],
    /// `--cgroup`, of clone3 alone: an open descriptor of the group for CLONE_INTO_CGROUP; [`NO_CGROUP`] without it.
    pub cgroup: u64,
    /// `--size`, of clone3 alone: how many bytes the kernel is told that the struct has.
    pub size: usize,
}

/// The highest descriptor that clone3(2) does not refuse as such, and which no task has open.
pub const NO_CGROUP: u64 = i32::MAX as u64;

impl Call {
    /// A call with these flags and this exit signal, or none, all else as usual.
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

    /// The same with the usual exit signal: SIGCHLD, and none for a thread.
    pub const fn usual(api: Api, flags: Flags) -> Self {
        Self::new(api, flags, if flags.contains(Flags::THREAD) { None } else { Some(Signal::CHLD) })
    }

    /// The first argument of clone(2): the flags of 32 bits, and in the low byte the exit signal, into which the bit of
    /// CLONE_NEWTIME falls.
    pub fn first_argument(&self) -> usize {
        self.flags.bits() as u32 as usize | self.exit_signal as u8 as usize
    }

    /// The exit signal as the kernel reads it: 0 for none, 1 to 64 for a signal, else a number that no signal has.
    pub fn signal_number(&self) -> u64 {
        if self.api == Api::Clone3 { self.exit_signal } else { self.first_argument() as u64 & 0xff }
    }

    /// The exit signal as the kernel reads it; none if there is none, or no signal has the number.
    pub fn signal(&self) -> Option<Signal> {
        Signal::new(self.signal_number() as usize).filter(|signal| signal.set() != 0)
    }

    /// How many bytes of a stack with so many are the child's: a multiple of 16.
    pub fn room_below(&self, highest: usize) -> usize {
        match self.stack {
            StackOf::Own(size) if size < highest => size & !15,
            _ => highest,
        }
    }

    /// Whether the task gets a stack of its own.
    pub fn has_stack(&self) -> bool {
        match self.stack {
            StackOf::Default => self.flags.contains(Flags::VM),
            StackOf::Caller => false,
            StackOf::Own(_) => true,
        }
    }
}
