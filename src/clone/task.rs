//! A task: the call that makes it, and the handle that joins it.
//!
//! A [`Task`] holds the call that goes to the kernel, and the report prints the same [`Task`], so the two cannot
//! differ. A [`Child`] owns its stack, and its join consumes the handle: no stack serves two tasks. A task without a
//! separate stack continues on a copy of the caller's, which does not exist with CLONE_VM.

use super::asm::{NOWHERE, PidfdAt, Start};
use super::call::{Api, Call, StackOf};
use super::flags::Flags;
use super::process::await_end;
use super::stack::{Entry, Frame, Stack};
use crate::board::TidWords;
use crate::board::turn::await_zero;
use crate::error::{At, Failure, Step};
use crate::sys::process::Fork;
use crate::sys::wait::{self, Status};
use crate::sys::{Errno, Pid, Result, Signal, nr, process};
use core::sync::atomic::AtomicU32;

/// A task: planned, then made.
pub struct Task<'call> {
    /// The requested call.
    pub call: &'call Call,
    /// The child's initial stack pointer; 0 if the task continues on a copy of the caller's stack.
    pub child_stack: usize,
    /// The frame at that address.
    pub frame: Option<Frame>,
    /// The words whose addresses the call passes.
    pub tids: TidWords,
    /// Where the kernel stores the descriptor of CLONE_PIDFD.
    pub pidfd_at: PidfdAt,
    /// The task's id in the caller's PID namespace; none before the task is made.
    pub tid: Option<Pid>,
}

/// The caller's handle on a task. A task that is never joined keeps its stack.
pub struct Child {
    /// The task's id in the caller's PID namespace.
    pub tid: Pid,
    /// The word that the kernel clears when a thread ends; none for a process.
    cleared: Option<&'static AtomicU32>,
    stack: Option<Stack>,
}

/// How a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// By an exit, with this status; 0 for a thread, which has no status.
    Exited(i32),
    /// By a signal.
    Killed {
        /// The signal.
        signal: Signal,
        /// Whether the task used up its stack, so that it hit the guard page.
        at_guard: bool,
    },
}

impl<'call> Task<'call> {
    /// A task that is not yet made.
    pub fn new(call: &'call Call, tids: TidWords) -> Self {
        Self { call, child_stack: 0, frame: None, tids, pidfd_at: PidfdAt::Word, tid: None }
    }

    /// A stack, if the flags include CLONE_VM.
    pub fn obtain_stack(&self) -> core::result::Result<Option<Stack>, Failure> {
        self.call.flags.contains(Flags::VM).then(Stack::obtain).transpose()
    }

    /// Makes the task on a separate stack, whatever its flags.
    pub fn make_on_stack<T: Sync>(
        &mut self,
        entry: Entry<T>,
        argument: &'static T,
    ) -> core::result::Result<Child, Failure> {
        let stack = Stack::obtain()?;
        self.start(stack, Frame::new(entry, argument, self.exit_call()))
    }

    /// Makes the task, which runs `entry(argument)` on `stack` and ends; without a stack, on a copy of the caller's
    /// (EINVAL: the task would share memory). The [`TidWords`] belong to the task until the join.
    pub fn make<T: Sync>(
        &mut self,
        stack: Option<Stack>,
        entry: Entry<T>,
        argument: &'static T,
    ) -> core::result::Result<Child, Failure> {
        if let Some(stack) = stack {
            return self.start(stack, Frame::new(entry, argument, self.exit_call()));
        }
        self.tids.wipe();
        let made = match self.call.api {
            Api::Fork => process::fork(),
            _ if self.call.flags.contains(Flags::VM) => Err(Errno::EINVAL),
            _ => process::clone_copied(self.call.first_argument(), Some(self.tids.parent_tid)),
        };
        match made {
            Ok(Fork::Child) => process::exit_group(entry(argument)), // the child, in its own copy of the memory
            Ok(Fork::ParentOf(child)) => Ok(self.made(child, None)),
            Err(errno) => Err(Failure::new(Step::Call, errno)),
        }
    }

    /// Makes the task on this stack.
    fn start(&mut self, stack: Stack, frame: Frame) -> core::result::Result<Child, Failure> {
        self.tids.wipe();
        self.child_stack = stack.pointer(if let StackOf::Own(size) = self.call.stack { size } else { usize::MAX });
        self.frame = Some(frame);
        let start = Start {
            call: self.call,
            stack: &stack,
            pointer: self.child_stack,
            frame,
            tids: self.tids,
            pidfd: self.pidfd_address(),
            tls: self.tls(),
        };
        match start.issue().at(Step::Call) {
            Ok(tid) => Ok(self.made(tid, Some(stack))),
            Err(failure) => {
                stack.give_back();
                Err(failure)
            }
        }
    }

    /// Notes the id after the call, in the caller.
    fn made(&mut self, tid: Pid, stack: Option<Stack>) -> Child {
        self.tid = Some(tid);
        Child { tid, cleared: self.is_thread().then_some(self.tids.child_tid), stack }
    }

    /// The FS base for CLONE_SETTLS, which no code here reads through.
    pub fn tls(&self) -> usize {
        self.call.tls.unwrap_or(self.child_stack)
    }

    /// The address where the kernel stores the descriptor of CLONE_PIDFD; clone(2) uses the word of
    /// CLONE_PARENT_SETTID.
    pub fn pidfd_address(&self) -> usize {
        match self.pidfd_at {
            PidfdAt::Nowhere => NOWHERE,
            PidfdAt::Word if self.call.api == Api::Clone3 => self.tids.pidfd.as_ptr() as usize,
            PidfdAt::Word => self.tids.parent_tid.as_ptr() as usize,
        }
    }

    /// Whether the task is a thread of the caller's process, which wait4(2) cannot reap.
    pub fn is_thread(&self) -> bool {
        self.call.flags.contains(Flags::THREAD)
    }

    /// The task's id if the task is a process, whose end can be waited for.
    pub fn process(&self) -> Option<Pid> {
        if self.is_thread() { None } else { self.tid }
    }

    /// The number of the system call that ends the task: exit(2) for a thread, exit_group(2) for a process.
    pub fn exit_call(&self) -> usize {
        if self.is_thread() { nr::EXIT } else { nr::EXIT_GROUP }
    }
}

impl Child {
    /// Waits until the task has ended; only then its stack can be reused.
    pub fn join(self) -> Result<Ended> {
        let status = match self.cleared {
            Some(word) => await_zero(word).map(|()| Status(0))?,
            None => await_end(self.tid)?,
        };
        match status.change() {
            wait::Change::Killed(signal) => {
                // A killed task may have written to the lowest page, which would be mistaken for the next task's
                // overrun: never reuse its stack.
                let at_guard = signal == Signal::SEGV && self.stack.as_ref().is_some_and(Stack::is_used_up);
                self.stack.into_iter().for_each(Stack::unmap);
                Ok(Ended::Killed { signal, at_guard })
            }
            wait::Change::Exited(status) => {
                self.stack.into_iter().for_each(Stack::give_back);
                Ok(Ended::Exited(status))
            }
            // A task that has not ended still runs on its stack, which is lost.
            wait::Change::Stopped(_) | wait::Change::Continued => Err(Errno::EIO),
        }
    }

    /// Kills the task if it is a process; a thread ends with this process at the latest.
    pub fn kill(&self) {
        if self.cleared.is_none() {
            // The join reports a failed kill.
            let _ = process::kill(self.tid, Signal::KILL);
        }
    }

    /// The task's separate stack, if it has one.
    pub fn stack(&self) -> Option<&Stack> {
        self.stack.as_ref()
    }
}
