//! How a case about an argument is asked.

use crate::check::case::{Answer, Case, What};
use crate::check::judge::{Judge, Verdict};
use crate::check::leaf::Leaf;
use crate::check::skip::Skip;
use crate::check::want::Want;
use crate::clone::attempt::{Attempt, Edge, Made};
use crate::clone::bare::attempt_with;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::sys::{Result, memory};

/// An attempt at a call with the usual exit signal, whose task reports if it shares memory.
pub fn plain(api: Api, flags: Flags) -> Attempt {
    let reports = flags.contains(Flags::VM);
    Attempt { reports, ..Attempt::new(Call::usual(api, flags)) }
}

/// Asks the next case: makes the attempt, and compares its answer with the wanted one. Of a task that reports, the
/// report must be seen.
pub fn ask(judge: Judge, attempt: &Attempt, of: (What, u64), want: Want) {
    judge.case(|| compare(judge, attempt, of, want, answer(attempt, attempt_with(attempt))));
}

/// The answer to an attempt; a task that reports is to be seen.
pub fn answer(attempt: &Attempt, made: Result<Made>) -> Answer {
    match made {
        Ok(made) if attempt.reports && made.stack_pointer.is_none() => Answer::NotSeen,
        made => Answer::of(made),
    }
}

/// Compares an answer with the wanted one.
pub fn compare(judge: Judge, attempt: &Attempt, (what, value): (What, u64), want: Want, got: Answer) -> Verdict {
    judge.compare(&attempt.call, Case::of(&attempt.call, want.answer, got).with(what, value).by(want.rule))
}

/// Asks cases that need the page at an edge; where there is none, they cannot be seen.
pub fn at_edge(leaf: &Leaf, judge: Judge, ask: impl FnOnce(Edge)) {
    match memory::edge() {
        Ok(edge) => ask(edge),
        Err(_) => judge.skip_rest(leaf.cases, Skip::NoWitness),
    }
}
