//! The exit signal: which the kernel takes, and which its caller really gets when the task ends.

use super::asking::{compare, plain};
use crate::check::case::{Answer, What};
use crate::check::judge::{Judge, Verdict};
use crate::check::leaf::Leaf;
use crate::check::skip::Skip;
use crate::check::want::Want;
use crate::clone::attempt::Attempt;
use crate::clone::bare::attempt_with;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::process::Process;
use crate::host::proc;
use crate::sys::signal::{Disposition, accept, dispose, pending};
use crate::sys::wait::{Change, WUNTRACED, Waited, wait};
use crate::sys::{Errno, Signal};

/// The highest number of a signal.
const HIGHEST: u64 = 64;

/// Numbers for which clone(2) has no room, some with the number of a signal in their low bits.
fn beyond() -> impl Iterator<Item = u64> {
    (8..64).flat_map(|bit| [1 << bit, 1 << bit | 17])
}

/// An attempt with an exit signal.
fn with(api: Api, exit_signal: u64) -> Attempt {
    let attempt = plain(api, Flags::empty());
    Attempt { call: Call { exit_signal, ..attempt.call }, ..attempt }
}

pub fn of_clone_cases() -> usize {
    256
}

/// clone(2) has room for eight bits. What is no signal is refused since Linux 7.1, and before stands for no signal; a
/// backport may refuse it too, but then it refuses all.
pub fn of_clone(_: &Leaf, judge: Judge) {
    let refuses = attempt_with(&with(Api::Clone, HIGHEST + 1)).err() == Some(Errno::EINVAL);
    let none = if refuses { Want::by("C2", Errno::EINVAL) } else { Want::NOT_SEEN };
    (0..256).for_each(|number| ask(judge, &with(Api::Clone, number), none));
}

pub fn of_clone3_cases() -> usize {
    256 + beyond().count()
}

/// clone3(2) has always refused what is no signal.
pub fn of_clone3(_: &Leaf, judge: Judge) {
    let none = Want::by("A7", Errno::EINVAL);
    (0..256).chain(beyond()).for_each(|number| ask(judge, &with(Api::Clone3, number), none));
}

/// Asks the next case; `none` is wanted for the number of no signal.
fn ask(judge: Judge, attempt: &Attempt, none: Want) {
    let number = attempt.call.exit_signal;
    let of = (What::ExitSignal, number);
    judge.case(|| match Signal::new(number as usize).filter(|_| number <= HIGHEST) {
        Some(signal @ (Signal::KILL | Signal::STOP)) => strong(judge, attempt, signal),
        Some(_) => {
            compare(judge, attempt, of, Want { answer: Answer::Number(number as u32), rule: None }, got(attempt))
        }
        None => compare(judge, attempt, of, if number == 0 { Want::NOT_SEEN } else { none }, got(attempt)),
    });
}

/// The signal that the caller, which blocks all signals, gets at the task's end.
fn got(attempt: &Attempt) -> Answer {
    // An ignored SIGCHLD is not sent. If refused, it is missed below.
    let _ = dispose(Signal::CHLD, Disposition::DEFAULT);
    drain();
    if let Err(errno) = attempt_with(attempt) {
        return Answer::Refused(errno);
    }
    let pending = pending();
    drain();
    match pending {
        Ok(0) => Answer::NotSeen,
        Ok(set) => Answer::Number(set.trailing_zeros() + 1),
        Err(_) => Answer::Unknown,
    }
}

/// Accepts all pending signals.
fn drain() {
    while let Ok(set @ 1..) = pending() {
        if accept(set).is_err() {
            return;
        }
    }
}

/// A signal that nobody can block: a process is made to get it.
fn strong(judge: Judge, attempt: &Attempt, signal: Signal) -> Verdict {
    let made = Process::make(Signal::CHLD.number(), || i32::from(attempt_with(attempt).is_err()));
    let Ok(process) = made else { return Verdict::Skipped(Skip::NoWitness) };
    let got = match wait(Waited::One(process.pid()), WUNTRACED).map(|found| found.map(|(_, status)| status.change())) {
        Ok(Some(Change::Stopped(Some(signal)))) => Answer::Number(signal.number() as u32),
        Ok(Some(change)) => {
            process.was_reaped();
            match change {
                Change::Killed(signal) => Answer::Number(signal.number() as u32),
                Change::Exited(0) => Answer::NotSeen,
                _ => Answer::of(attempt_with(&Attempt { call: Call { exit_signal: 0, ..attempt.call }, ..*attempt })),
            }
        }
        _ => Answer::Unknown,
    };
    if signal == Signal::STOP && got == Answer::NotSeen && is_traced() {
        // A tracer is told of the stop first, and may take the signal.
        return Verdict::Skipped(Skip::NoWitness);
    }
    let number = signal.number() as u32;
    compare(judge, attempt, (What::ExitSignal, number.into()), Want { answer: Answer::Number(number), rule: None }, got)
}

/// Whether a tracer follows the caller, proc_pid_status(5).
fn is_traced() -> bool {
    proc::number_in(c"/proc/self/status", b"TracerPid:\t", 10).is_ok_and(|tracer| tracer != 0)
}
