//! A task: the call that makes it, and the handle that joins it.
//!
//! The decision behind it: a [`Call`] is made once and is both what the kernel gets and what the report prints, so
//! the two cannot differ. Flags with CLONE_VM get a stack of their own; all others continue on a copy of the caller's.

use super::flags::Flags;
use super::raw;
use super::stack::Stack;
use crate::sys::{Answer, Errno, Result, futex, nr, process};
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Relaxed};

/// Which system call makes the task.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// fork(2), which has no arguments.
    Fork,
    /// clone(2).
    Clone,
}

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Plan {
    /// The system call.
    pub api: Api,
    /// The flags.
    pub flags: Flags,
    /// The signal to the parent when the task ends; 0 for none.
    pub exit_signal: u32,
}

/// The words whose addresses clone(2) takes. They outlive every task: the kernel writes to `child_tid` at its end.
#[derive(Clone, Copy)]
pub struct TidWords {
    /// CLONE_PARENT_SETTID stores the id here.
    pub parent_tid: &'static AtomicU32,
    /// CLONE_CHILD_CLEARTID zeroes this at the end; the caller of clone has set it to 1.
    pub child_tid: &'static AtomicU32,
}

impl TidWords {
    /// The two addresses, for the kernel.
    pub fn addresses(self) -> (usize, usize) {
        (
            self.parent_tid.as_ptr() as usize,
            self.child_tid.as_ptr() as usize,
        )
    }
}

/// What a child runs: its answer is the exit status. It must not allocate, must not panic and finds all it needs
/// through its argument, which outlives it.
pub type Entry<T> = extern "C" fn(&'static T) -> i32;

/// The call as made.
#[derive(Clone, Copy)]
pub struct Call {
    /// What was asked for.
    pub plan: Plan,
    /// The child's stack, if it was given one.
    pub stack: Option<Stack>,
    /// The words that the flags name.
    pub tids: TidWords,
}

/// What can go wrong, as it is named in a message.
pub struct Step {
    /// The name.
    pub name: &'static str,
    /// Whether it is a task's death by a signal.
    pub is_death: bool,
}

/// The call that makes a task; its name is the call itself.
pub static CALL: Step = Step::new("");

/// A step that went wrong.
#[derive(Clone, Copy)]
pub struct Failure {
    /// Which.
    pub step: &'static Step,
    /// The kernel's answer; for a death, the number of the signal in its place.
    pub errno: Errno,
}

impl Step {
    /// A step that the kernel may refuse.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            is_death: false,
        }
    }

    /// The death of a task.
    pub const fn death(name: &'static str) -> Self {
        Self {
            name,
            is_death: true,
        }
    }

    /// The failure of this step.
    pub fn failed(&'static self, errno: Errno) -> Failure {
        Failure { step: self, errno }
    }
}

/// How a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// With an exit status.
    Exited(usize),
    /// By a signal; `at_guard` if its stack was used up and it ran into the guard page.
    Killed {
        /// The signal's number, where an errno would stand.
        signal: Errno,
        /// Whether the page above the guard had been written.
        at_guard: bool,
    },
    /// A thread ends without a status: the kernel has zeroed its word.
    Cleared,
}

/// A task that was made and must be joined.
pub struct Task {
    /// The call that made it.
    pub call: Call,
    /// Its id, as the caller sees it.
    pub tid: usize,
}

impl Call {
    /// The call without a stack.
    pub fn plain(plan: Plan, tids: TidWords) -> Self {
        Self {
            plan,
            stack: None,
            tids,
        }
    }

    /// Takes a stack, if the flags ask for shared memory.
    pub fn take_stack(&mut self) -> core::result::Result<(), Failure> {
        if self.plan.flags.contains(Flags::VM) {
            self.stack = Some(Stack::take()?);
        }
        Ok(())
    }

    /// Makes the task, which runs `entry(argument)` and ends.
    pub fn make<T: Sync>(self, entry: Entry<T>, argument: &'static T) -> Result<Task> {
        let flags = self.plan.flags.bits() as usize | self.plan.exit_signal as usize;
        self.tids.parent_tid.store(0, Relaxed);
        self.tids.child_tid.store(1, Relaxed); // before the call: the child may be gone before it returns
        let made = match (self.plan.api, self.stack) {
            (Api::Clone, Some(stack)) => raw::start(flags, stack, self, entry, argument),
            (Api::Clone, None) => process::clone_copied(flags),
            (Api::Fork, _) => process::fork(),
        };
        match made.split() {
            Ok(0) => process::exit_group(entry(argument)), // the child, in its own copy of everything
            Ok(tid) => Ok(Task { call: self, tid }),
            Err(errno) => {
                self.stack.map(Stack::give_back);
                Err(errno)
            }
        }
    }

    /// The address for CLONE_SETTLS: the top of the child's stack. Nothing here ever reads through FS.
    pub fn tls(&self) -> usize {
        self.stack.map_or(0, |stack| stack.pointer())
    }

    /// The number of the call that ends the task: exit(2) for a thread, exit_group(2) for a process.
    pub fn exit_call(&self) -> usize {
        match self.plan.flags.contains(Flags::THREAD) {
            true => nr::EXIT,
            false => nr::EXIT_GROUP,
        }
    }
}

/// How long one sleep lasts before the sleeper looks whether it still makes sense, in milliseconds.
const SLICE: u32 = 50;

/// How many sleeps there are at most: two seconds in all, or fewer if signals interrupt them.
const SLICES: u32 = 40;

/// Sleeps until `word` is no longer `from`. ETIMEDOUT: it never changed, or `goes_on` said that it never will.
pub fn await_change(word: &AtomicU32, from: u32, goes_on: impl Fn() -> bool) -> Result<()> {
    for _ in 0..SLICES {
        if word.load(Acquire) != from {
            return Ok(());
        }
        match futex::wait(word, from, SLICE).split() {
            Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(Errno::ETIMEDOUT) if goes_on() => {}
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::ETIMEDOUT)
}

impl Task {
    /// Whether it is a thread of the caller's process, which no wait4(2) can reap.
    pub fn is_thread(&self) -> bool {
        self.call.plan.flags.contains(Flags::THREAD)
    }

    /// Sleeps until the task changes `word` from `from`, as long as it lives.
    pub fn await_change(&self, word: &AtomicU32, from: u32) -> Result<()> {
        // WNOWAIT leaves the end, if there was one, for the join to reap.
        await_change(word, from, || {
            self.is_thread() || process::has_ended(self.tid) != Answer(1)
        })
    }

    /// Waits until the task is gone; only then its stack serves again.
    pub fn join(self) -> Result<Ended> {
        let ended = match self.is_thread() {
            true => {
                await_change(&self.call.tids.child_tid, 1, || true)?;
                Ended::Cleared
            }
            false => self.reap()?,
        };
        match (self.call.stack, ended) {
            // What it left on the stack must not be taken for the next task's.
            (Some(stack), Ended::Killed { .. }) => stack.unmap(),
            (Some(stack), _) => stack.give_back(),
            (None, _) => {}
        }
        Ok(ended)
    }

    /// Kills the task if it is a process; a thread ends with this process at the latest.
    pub fn kill(&self) {
        if !self.is_thread() {
            // A refusal is seen at the join.
            let _ = process::kill(self.tid, linux_raw_sys::general::SIGKILL);
        }
    }

    /// wait4(2), and what the status says.
    fn reap(&self) -> Result<Ended> {
        let mut status = process::wait4(self.tid);
        for _ in 0..SLICES {
            if !status.is(Errno::EINTR) {
                break;
            }
            status = process::wait4(self.tid);
        }
        let status = status.split()?;
        Ok(match NonZeroUsize::new(status & 0x7f) {
            None => Ended::Exited(status >> 8 & 0xff),
            Some(signal) => {
                let at_guard = self.call.stack.is_some_and(Stack::is_used_up);
                Ended::Killed {
                    signal: Errno(signal),
                    at_guard,
                }
            }
        })
    }
}
