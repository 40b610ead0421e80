//! The children of the group `wait`, and what is said of them.

use crate::board::TidWords;
use crate::check::case::{Answer, Case, What};
use crate::check::judge::{Judge, Verdict};
use crate::check::skip::Skip;
use crate::check::step::Step;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::process::Process;
use crate::clone::stack::Entry;
use crate::clone::task::Task;
use crate::sys::ids::getpid;
use crate::sys::wait;
use crate::sys::{Errno, Pid, Result as SysResult, Signal, process};
use core::sync::atomic::AtomicU32;

/// What came, or a verdict without it: there is no child to ask about.
pub type Told<T> = Result<T, Verdict>;

/// How long a task that has ended may still have an id, in milliseconds: the kernel lets it go some time after the
/// answer that there is no child.
const PATIENCE: usize = 2_000;

/// A plain call with this exit signal.
pub fn plain(signal: Option<Signal>) -> Call {
    Call::new(Api::Clone, Flags::empty(), signal)
}

/// A child that does this, made by clone(2) without flags.
pub fn made(judge: Judge, signal: Option<Signal>, act: impl FnOnce() -> i32) -> Told<Process> {
    let call = plain(signal);
    Process::make(call.first_argument(), act).map_err(|errno| refused(judge, &call, errno))
}

/// A child that has ended, and for which nobody has waited.
pub fn ended(judge: Judge, signal: Option<Signal>) -> Told<Process> {
    let child = made(judge, signal, || 0)?;
    await_end(child.pid())?;
    Ok(child)
}

/// A child that later cases of its leaf wait for. It ends with the worker at the latest.
pub fn kept(child: Process) -> Pid {
    let id = child.pid();
    child.was_reaped();
    id
}

/// Waits until a child has ended, without reaping it.
pub fn await_end(child: Pid) -> Told<()> {
    wait::until_ended(child)
        .map_err(|errno| Verdict::Wrong(Case::taken(Step::AwaitEnd, Answer::Ok, Answer::Refused(errno))))
}

/// The task of a call, which runs `entry` on a stack of its own.
pub fn task<T: Sync>(judge: Judge, call: &Call, entry: Entry<T>, argument: &'static T) -> Told<Pid> {
    static WORDS: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];
    let made = Task::new(call, TidWords::new(&WORDS)).make_on_stack(entry, argument);
    // The stack stays the task's: the worker ends soon.
    made.map(|child| child.tid).map_err(|failure| match failure.call_errno() {
        Some(errno) => refused(judge, call, errno),
        None => Verdict::Skipped(Skip::NoWitness),
    })
}

/// The verdict on a refused call.
pub fn refused(judge: Judge, call: &Call, errno: Errno) -> Verdict {
    match judge.verdict(call, Err(errno)) {
        // The refusal that the rules expect, which leaves nothing to wait for.
        Verdict::Right => Verdict::Skipped(Skip::NoWitness),
        verdict => verdict,
    }
}

/// An entry of a task that ends at once.
pub extern "C" fn end(_: &'static ()) -> i32 {
    0
}

/// The verdict on a step of a call's case.
pub fn of(call: &Call, step: Step, want: Answer, got: Answer) -> Told<Verdict> {
    Ok(Verdict::of(Case::of(call, want, got).with(What::Step, step as u64)))
}

/// The verdict on a wait that should find a child of this call, or none.
pub fn of_wait<T>(call: &Call, step: Step, is_for: bool, got: SysResult<T>) -> Told<Verdict> {
    let want = if is_for { Answer::Ok } else { Answer::Refused(Errno::ECHILD) };
    of(call, step, want, Answer::of(got))
}

/// The verdict on something that should be seen of a task of this call, or should not.
pub fn of_look(call: &Call, step: Step, want: bool, is_seen: bool) -> Told<Verdict> {
    let [want, got] = [want, is_seen].map(|is_seen| if is_seen { Answer::Seen } else { Answer::NotSeen });
    of(call, step, want, got)
}

/// Asks a case that may have no child to ask about.
pub fn case(judge: Judge, ask: impl FnOnce() -> Told<Verdict>) {
    judge.case(|| ask().unwrap_or_else(|verdict| verdict));
}

/// What a case leaves for later ones of its leaf, or why it leaves nothing.
pub struct Left<T> {
    what: Option<T>,
    why: Skip,
}

impl<T: Copy> Left<T> {
    /// Nothing: so it stays if another worker, which has ended since, asked the case.
    pub fn nothing() -> Self {
        Self { what: None, why: Skip::NoWitness }
    }

    /// Asks the case that may leave something.
    pub fn case(&mut self, judge: Judge, ask: impl FnOnce(&mut Option<T>) -> Told<Verdict>) {
        let Self { what, why } = self;
        case(judge, || {
            let verdict = ask(what);
            if let Err(Verdict::Skipped(skip)) = verdict {
                *why = skip;
            }
            verdict
        });
    }

    /// Asks a later case.
    pub fn later(&self, judge: Judge, ask: impl FnOnce(T) -> Told<Verdict>) {
        case(judge, || ask(self.what.ok_or(Verdict::Skipped(self.why))?));
    }
}

/// Waits until something holds. Returns whether it does.
pub fn await_that(judge: Judge, holds: impl Fn() -> bool) -> bool {
    judge.board.await_that(PATIENCE, holds)
}

/// Whether a task that has ended is left as a zombie. Where kill(2) does not find the caller either, a filter answers
/// for the kernel, and nothing is seen.
pub fn is_zombie(judge: Judge, child: Pid) -> Told<bool> {
    getpid().and_then(process::find).map_err(|_| Verdict::Skipped(Skip::NoWitness))?;
    Ok(!await_that(judge, || process::is_gone(child)))
}
