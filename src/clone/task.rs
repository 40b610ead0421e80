//! A task: the call that makes it, and the handle that joins it.
//!
//! A [`Task`] holds the call as the kernel gets it, and the report prints the same, so the two cannot differ. A [`Child`] owns
//! the stack, and its join consumes it: no stack serves two tasks. A task without a stack of its own continues on a copy of
//! the caller's, which with CLONE_VM there is not.

use super::asm::{NOWHERE, PidfdAt, Start};
use super::call::{Api, Call, StackOf};
use super::flags::Flags;
use super::stack::{Entry, Frame, Stack};
use crate::board::TidWords;
use crate::board::turn::{Patience, await_zero};
use crate::error::{At, Failure, Step};
use crate::sys::process::Fork;
use crate::sys::wait::{self, Status};
use crate::sys::{Errno, Pid, Result, Signal, nr, process};
use core::sync::atomic::AtomicU32;

/// A task: planned, then made.
pub struct Task<'call> {
    /// What was asked for.
    pub call: &'call Call,
    /// Where its frame lies; 0 if it continues on a copy of the caller's stack.
    pub child_stack: usize,
    /// The frame that was placed there.
    pub frame: Option<Frame>,
    /// The words that the flags name.
    pub tids: TidWords,
    /// Where the kernel is to store the descriptor of CLONE_PIDFD.
    pub pidfd_at: PidfdAt,
    /// Its id as the caller sees it; none as long as it is not made.
    pub tid: Option<Pid>,
}

/// A task that was made, as its maker holds it. One that is never joined keeps its stack.
pub struct Child {
    /// Its id as the caller sees it.
    pub tid: Pid,
    /// The word that the kernel clears when a thread is gone; none for a process.
    cleared: Option<&'static AtomicU32>,
    stack: Option<Stack>,
}

/// How a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// By itself, with this status; a thread leaves none, which then is 0.
    Exited(i32),
    /// By a signal.
    Killed {
        /// Which.
        signal: Signal,
        /// Whether its stack was used up: then it ran into the guard page.
        at_guard: bool,
    },
}

/// The status, 0 to 255, of a copy of the caller that does something and ends, without a signal to the caller. ECHILD: it was
/// killed.
pub fn by_child(act: impl FnOnce() -> i32) -> Result<i32> {
    match process::clone_copied(0, None)? {
        Fork::Child => process::exit_group(act()),
        Fork::ParentOf(child) => match await_end(child)?.change() {
            wait::Change::Exited(status) => Ok(status),
            _ => Err(Errno::ECHILD),
        },
    }
}

/// wait4(2), again after signals: how a process ended.
pub fn await_end(process: Pid) -> Result<Status> {
    let mut patience = Patience::default();
    loop {
        match wait::wait_for(process) {
            Err(Errno::EINTR) if patience.lasts() => {}
            answer => return answer,
        }
    }
}

impl<'call> Task<'call> {
    /// A task to be made.
    pub fn new(call: &'call Call, tids: TidWords) -> Self {
        Self { call, child_stack: 0, frame: None, tids, pidfd_at: PidfdAt::Word, tid: None }
    }

    /// A stack, if the flags ask for shared memory.
    pub fn take_stack(&self) -> core::result::Result<Option<Stack>, Failure> {
        self.call.flags.contains(Flags::VM).then(Stack::take).transpose()
    }

    /// Makes the task on a new stack, whatever its flags are.
    pub fn make_on_stack<T: Sync>(
        &mut self,
        entry: Entry<T>,
        argument: &'static T,
    ) -> core::result::Result<Child, Failure> {
        let stack = Stack::take()?;
        self.start(stack, Frame::new(entry, argument, self.exit_call()))
    }

    /// Makes the task, which runs `entry(argument)` and ends, on `stack`; without one it continues on a copy of the
    /// caller's (EINVAL: it shares memory). Its [`TidWords`] are its own until the join.
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
            Ok(Fork::Child) => process::exit_group(entry(argument)), // the child, in its own copy of everything
            Ok(Fork::ParentOf(child)) => Ok(self.made(child, None)),
            Err(errno) => Err(Failure::new(Step::Call, errno)),
        }
    }

    /// Makes a task with a stack.
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

    /// After the call, in the caller.
    fn made(&mut self, tid: Pid, stack: Option<Stack>) -> Child {
        self.tid = Some(tid);
        Child { tid, cleared: self.is_thread().then_some(self.tids.child_tid), stack }
    }

    /// What CLONE_SETTLS gets: the base of FS, through which nothing here ever reads.
    pub fn tls(&self) -> usize {
        self.call.tls.unwrap_or(self.child_stack)
    }

    /// Where the kernel is to store the descriptor of CLONE_PIDFD: clone(2) has only the word of CLONE_PARENT_SETTID for it.
    pub fn pidfd_address(&self) -> usize {
        match self.pidfd_at {
            PidfdAt::Nowhere => NOWHERE,
            PidfdAt::Word if self.call.api == Api::Clone3 => self.tids.pidfd.as_ptr() as usize,
            PidfdAt::Word => self.tids.parent_tid.as_ptr() as usize,
        }
    }

    /// Whether it is a thread of the caller's process, which no wait4(2) can reap.
    pub fn is_thread(&self) -> bool {
        self.call.flags.contains(Flags::THREAD)
    }

    /// Its id if it is a process, whose end can be waited for.
    pub fn process(&self) -> Option<Pid> {
        if self.is_thread() { None } else { self.tid }
    }

    /// The number of the call that ends the task: exit(2) for a thread, exit_group(2) for a process.
    pub fn exit_call(&self) -> usize {
        if self.is_thread() { nr::EXIT } else { nr::EXIT_GROUP }
    }
}

impl Child {
    /// Waits until the task is gone; only then its stack serves again.
    pub fn join(self) -> Result<Ended> {
        let status = match self.cleared {
            Some(word) => await_zero(word).map(|()| Status(0))?,
            None => await_end(self.tid)?,
        };
        if let wait::Change::Killed(signal) = status.change() {
            // What a killed task left on its stack must not be taken for the next one's: that stack is not used again.
            let at_guard = signal == Signal::SEGV && self.stack.as_ref().is_some_and(Stack::is_used_up);
            self.stack.into_iter().for_each(Stack::unmap);
            return Ok(Ended::Killed { signal, at_guard });
        }
        self.stack.into_iter().for_each(Stack::give_back);
        let wait::Change::Exited(status) = status.change() else { return Err(Errno::EIO) };
        Ok(Ended::Exited(status))
    }

    /// Kills the task if it is a process; a thread ends with this process at the latest.
    pub fn kill(&self) {
        if self.cleared.is_none() {
            // A refusal is seen at the join.
            let _ = process::kill(self.tid, Signal::KILL);
        }
    }

    /// Its stack, if it has one of its own.
    pub fn stack(&self) -> Option<&Stack> {
        self.stack.as_ref()
    }
}
