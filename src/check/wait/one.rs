//! Waits for one child: before its end and after, without taking it, and after it was taken.

use super::child::{Left, Told, await_end, ended, kept, made, of, of_wait, plain};
use crate::check::case::Answer;
use crate::check::judge::{Judge, Verdict};
use crate::check::leaf::Leaf;
use crate::check::skip::Skip;
use crate::check::step::Step;
use crate::clone::process::has_lost;
use crate::sys::wait::{__WALL, WEXITED, WNOHANG, WNOWAIT, Waited, wait4, waitid};
use crate::sys::{Pid, Result, Signal, control, futex, ids, process};
use core::sync::atomic::AtomicU32;

/// The exit signal of the children here.
const SIGNAL: Option<Signal> = Some(Signal::CHLD);

/// A running child and an ended one, by both calls.
pub const OF_WNOHANG: usize = 4;

/// WNOHANG sees no change of a running child, and the end of one that has ended.
pub fn wnohang(_: &Leaf, judge: Judge) {
    let by_waitid = |child| waitid(child, WEXITED | WNOHANG | WNOWAIT | __WALL);
    let by_wait4 = |child| wait4(Waited::One(child), WNOHANG | __WALL).map(|change| change.is_some());
    let parent = ids::getpid().ok();
    let mut left = Left::nothing();
    left.case(judge, |left| {
        // The child stays: a later case kills it.
        let child = *left.insert(kept(made(judge, SIGNAL, || sleep(parent))?));
        of_change(Step::WaitForRunning, false, by_waitid(child))
    });
    left.later(judge, |child| of_change(Step::WaitForRunning, false, by_wait4(child)));
    // A child that cannot be killed ends with the worker.
    let kill = |child| process::kill(child, Signal::KILL).map_err(|_| Verdict::Skipped(Skip::NoWitness));
    left.later(judge, |child| {
        kill(child)?;
        await_end(child)?;
        of_change(Step::WaitForEnded, true, by_waitid(child))
    });
    left.later(judge, |child| {
        kill(child)?; // the zombie, if the child could be killed at all
        of_change(Step::WaitForEnded, true, by_wait4(child))
    });
}

/// A child that sleeps until it is killed; it ends with its parent.
fn sleep(parent: Option<Pid>) -> i32 {
    static NEVER: AtomicU32 = AtomicU32::new(0);
    // If refused, the child still ends as an orphan, slightly later.
    let _ = control::signal_at_parents_end(Some(Signal::KILL));
    while !has_lost(parent) {
        // The result does not matter: this is only a sleep.
        let _ = futex::wait(&NEVER, 0, 100);
    }
    1
}

/// The verdict on a wait that should see a change of a child, or none yet.
fn of_change(step: Step, want: bool, saw: Result<bool>) -> Told<Verdict> {
    let seen = |is_seen| if is_seen { Answer::Seen } else { Answer::NotSeen };
    of(&plain(SIGNAL), step, seen(want), saw.map_or_else(Answer::Refused, seen))
}

/// Two waits that leave the child, one that takes it, and one more.
pub const OF_WNOWAIT: usize = 4;

/// WNOWAIT leaves an ended child as it is; a wait without it takes the child.
pub fn wnowait(_: &Leaf, judge: Judge) {
    let leave = |child| waitid(child, WEXITED | WNOWAIT | __WALL);
    let mut left = Left::nothing();
    left.case(judge, |left| {
        let child = *left.insert(kept(ended(judge, SIGNAL)?));
        of_wait(&plain(SIGNAL), Step::Wait, true, leave(child))
    });
    left.later(judge, |child| of_wait(&plain(SIGNAL), Step::WaitAgain, true, leave(child)));
    left.later(judge, |child| of_wait(&plain(SIGNAL), Step::Take, true, waitid(child, WEXITED | __WALL)));
    left.later(judge, |child| of_wait(&plain(SIGNAL), Step::WaitForTaken, false, leave(child)));
}
