//! A task: the call that makes it, and the handle that joins it.
//!
//! The decision behind it: a [`Task`] holds the call as the kernel gets it, and the report prints the same, so the two
//! cannot differ. A [`Child`] owns the stack, and its join consumes it: no stack serves two tasks. A task without a stack
//! of its own continues on a copy of the caller's, which with CLONE_VM there is not.

use super::call::{Api, Call, StackOf};
use super::flags::Flags;
use super::raw::{self, Words};
use super::stack::Stack;
use crate::sys::{Answer, Errno, Pid, Result, futex, nr, process};
use crate::words::Text;
use core::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Relaxed};
use linux_raw_sys::general::{SIGKILL, SIGSEGV};

/// The words whose addresses clone(2) takes. They outlive every task: the kernel writes to `child_tid` at its end.
#[derive(Clone, Copy)]
pub struct TidWords {
    /// CLONE_PARENT_SETTID stores the id here.
    pub parent_tid: &'static AtomicU32,
    /// CLONE_CHILD_SETTID stores the id here, CLONE_CHILD_CLEARTID a zero at the end.
    pub child_tid: &'static AtomicU32,
    /// CLONE_PIDFD of clone3(2) stores the descriptor here; clone(2) has only `parent_tid` for it.
    pub pidfd: &'static AtomicU32,
}

/// What the words hold before the call: no task and no descriptor has this number.
pub const UNSET: u32 = i32::MAX as u32;

/// What a child runs: its answer is the exit status. It must not allocate, must not panic and finds all it needs
/// through its argument, which outlives it.
pub type Entry<T> = extern "C" fn(&'static T) -> i32;

/// A task: planned, then made.
pub struct Task<'call> {
    /// What was asked for.
    pub call: &'call Call,
    /// Where its words lie; 0 if it continues on a copy of the caller's stack.
    pub child_stack: usize,
    /// The words that were placed there.
    pub words: Words,
    /// The words that the flags name.
    pub tids: TidWords,
    /// Where the kernel is to store the descriptor of CLONE_PIDFD: one of the words, or an address that it refuses.
    pub pidfd_at: usize,
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

/// A step that went wrong. The answer of a step that only prepares a call is never told as that of the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Which, by its name; [`Text::Call`] is the call itself.
    pub step: Text,
    /// The kernel's answer; where a task was killed, the number of the signal in its place.
    pub errno: Errno,
}

/// How a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// By itself; a thread leaves no status, which then is 0.
    Exited(usize),
    /// By a signal; `at_guard` if its stack was used up and it ran into the guard page.
    Killed {
        /// The signal's number, where an errno would stand.
        signal: Errno,
        /// Whether the page above the guard had been written.
        at_guard: bool,
    },
}

/// How long one sleep lasts before the sleeper looks whether it still makes sense, in milliseconds.
const SLICE: u32 = 50;

/// How many sleeps there are at most: two seconds in all, or fewer if signals interrupt them.
const SLICES: u32 = 40;

/// Sleeps until `word` is no longer `from`, or the child `process`, which should change it, has ended. ETIMEDOUT: neither
/// happened.
pub fn await_change(word: &AtomicU32, from: u32, process: Option<Pid>) -> Result<()> {
    for _ in 0..SLICES {
        if word.load(Acquire) != from {
            return Ok(());
        }
        match futex::wait(word, from, SLICE).split() {
            Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => {}
            // Asked without reaping: that is left to the join.
            Err(Errno::ETIMEDOUT) if process.map(process::has_ended) != Some(Answer(1)) => {}
            Err(Errno::ETIMEDOUT) => return Ok(()),
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::ETIMEDOUT)
}

/// Sleeps until the kernel has cleared `word`, into which it may have stored the id first.
fn await_zero(word: &AtomicU32) -> Result<()> {
    loop {
        match word.load(Acquire) {
            0 => return Ok(()),
            id => await_change(word, id, None)?,
        }
    }
}

/// The status, 0 to 255, of a copy of the caller that does something and ends, without a signal to the caller. ECHILD: it was
/// killed.
pub fn by_child(act: impl FnOnce() -> i32) -> Answer {
    let made = process::clone_copied(0, None);
    if made == Answer(0) {
        process::exit_group(act());
    }
    match made.as_pid().and_then(await_end) {
        Ok(status) if status & 0x7f == 0 => Answer(status >> 8),
        Ok(_) => Answer::error(Errno::ECHILD),
        Err(errno) => Answer::error(errno),
    }
}

/// wait4(2), again after signals: the wait status of a process.
pub fn await_end(process: Pid) -> Result {
    for _ in 0..SLICES {
        match process::wait4(process).split() {
            Err(Errno::EINTR) => {}
            answer => return answer,
        }
    }
    Err(Errno::EINTR)
}

impl Failure {
    /// The refusal of the call itself; none if it was never made.
    pub fn of_call(self) -> Option<Errno> {
        (self.step == Text::Call).then_some(self.errno)
    }
}

impl<'call> Task<'call> {
    /// A task to be made.
    pub fn new(call: &'call Call, tids: TidWords) -> Self {
        let pidfd = if call.api == Api::Clone3 { tids.pidfd } else { tids.parent_tid };
        Self { call, child_stack: 0, words: [0; 4], tids, pidfd_at: pidfd.as_ptr() as usize, tid: None }
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
        self.start(stack, [entry as usize, &raw const *argument as usize])
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
            return self.start(stack, [entry as usize, &raw const *argument as usize]);
        }
        self.forget();
        let made = match self.call.api {
            Api::Fork => process::fork(),
            _ if self.call.flags.contains(Flags::VM) => Answer::error(Errno::EINVAL),
            _ => process::clone_copied(self.call.first_argument(), Some(self.tids.parent_tid)),
        };
        if made == Answer(0) {
            process::exit_group(entry(argument)); // the child, in its own copy of everything
        }
        self.made(made, None)
    }

    /// The same for a task with a stack; `entry` and `argument` are addresses here, so that it is one for all of them.
    fn start(&mut self, stack: Stack, [entry, argument]: [usize; 2]) -> core::result::Result<Child, Failure> {
        self.forget();
        self.child_stack = stack.pointer(if let StackOf::Own(size) = self.call.stack { size } else { usize::MAX });
        self.words = [entry, argument, self.exit_call(), 0];
        let made = raw::start(self, &stack);
        if made.is_error() {
            stack.give_back();
            return self.made(made, None);
        }
        self.made(made, Some(stack))
    }

    /// Before the call: the child may be gone before it returns.
    fn forget(&self) {
        let TidWords { parent_tid, child_tid, pidfd } = self.tids;
        parent_tid.store(UNSET, Relaxed);
        child_tid.store(UNSET, Relaxed);
        pidfd.store(UNSET, Relaxed);
    }

    /// After the call, in the caller: the task, or the call's refusal.
    fn made(&mut self, answer: Answer, stack: Option<Stack>) -> core::result::Result<Child, Failure> {
        let tid = answer.as_pid().map_err(|errno| Failure { step: Text::Call, errno })?;
        self.tid = Some(tid);
        Ok(Child { tid, cleared: self.is_thread().then_some(self.tids.child_tid), stack })
    }

    /// What CLONE_SETTLS gets: the base of FS, through which nothing here ever reads.
    pub fn tls(&self) -> usize {
        self.call.tls.unwrap_or(self.child_stack)
    }

    /// Whether it is a thread of the caller's process, which no wait4(2) can reap.
    pub fn is_thread(&self) -> bool {
        self.call.flags.contains(Flags::THREAD)
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
            Some(word) => await_zero(word).map(|()| 0)?,
            None => await_end(self.tid)?,
        };
        let signal = status & 0x7f;
        if signal == 0 {
            self.stack.into_iter().for_each(Stack::give_back);
            return Ok(Ended::Exited(status >> 8));
        }
        // What a killed task left on its stack must not be taken for the next one's: that stack is not used again.
        let at_guard = signal == SIGSEGV as usize && self.stack.as_ref().is_some_and(Stack::is_used_up);
        self.stack.into_iter().for_each(Stack::unmap);
        Ok(Ended::Killed { signal: Errno::new(signal), at_guard })
    }

    /// Kills the task if it is a process; a thread ends with this process at the latest.
    pub fn kill(&self) {
        if self.cleared.is_none() {
            // A refusal is seen at the join.
            let _ = process::kill(self.tid, SIGKILL);
        }
    }

    /// Its stack, if it has one of its own.
    pub fn stack(&self) -> Option<&Stack> {
        self.stack.as_ref()
    }
}
