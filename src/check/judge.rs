//! The judge: counts the cases of a leaf, and keeps the first that deviate.

use super::case::{Answer, Case};
use super::ground::Ground;
use super::skip::Skip;
use crate::board::Board;
use crate::board::record::Checking;
use crate::clone::bare;
use crate::clone::call::Call;
use crate::sys::{Errno, Result};

/// What is said of a case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The answer is the expected one.
    Right,
    /// The answer is another one.
    Wrong(Case),
    /// The answer is not the kernel's, or cannot be had here.
    Skipped(Skip),
}

impl Verdict {
    /// Compares what came with what was wanted.
    pub fn of(case: Case) -> Self {
        if case.want == case.got { Self::Right } else { Self::Wrong(case) }
    }
}

/// The judge of a leaf. Any process that shares the board may judge a case, one after the other.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    board: Board<Checking>,
    /// What is known of this place.
    pub ground: &'a Ground,
}

impl<'a> Judge<'a> {
    /// The judge of the leaf that the board is wiped for.
    pub fn new(board: Board<Checking>, ground: &'a Ground) -> Self {
        Self { board, ground }
    }

    /// Asks the next case, unless a worker that has ended since has asked it already.
    pub fn case(self, ask: impl FnOnce() -> Verdict) {
        let record = self.board.record();
        let number = record.next.get();
        record.next.put(number + 1);
        if number < record.begun.get() {
            return;
        }
        record.begun.put(number + 1);
        let verdict = ask();
        self.count(verdict);
    }

    /// Asks the next case: makes the call with a task that ends at once, and compares the answer with the rules.
    pub fn call(self, call: &Call) {
        self.case(|| self.verdict(call, bare::attempt(call).map(|_| ())));
    }

    /// Compares an answer to a call with the rules.
    pub fn verdict(self, call: &Call, got: Result<()>) -> Verdict {
        let (want, rule) = match self.ground.expects(call) {
            Ok(expected) => expected,
            Err(skip) => return Verdict::Skipped(skip),
        };
        let case = Case::of(call, want, Answer::of(got)).by(rule);
        match Verdict::of(case) {
            Verdict::Wrong(case) => self.ground.excuse(call, got).map_or(Verdict::Wrong(case), Verdict::Skipped),
            verdict => verdict,
        }
    }

    /// Counts a verdict.
    pub fn count(self, verdict: Verdict) {
        let record = self.board.record();
        let counter = match verdict {
            Verdict::Right => &record.right,
            Verdict::Wrong(_) => &record.wrong,
            Verdict::Skipped(_) => &record.skipped,
        };
        match verdict {
            Verdict::Wrong(case) => {
                if let Some(place) = record.deviations.get(counter.get() as usize) {
                    case.put(place);
                }
            }
            Verdict::Skipped(skip) => record.skip.put(skip.to_bits()),
            Verdict::Right => {}
        }
        counter.put(counter.get() + 1);
    }
}

/// How many deviations of a leaf are kept.
pub const KEPT: usize = 8;

/// What came of a leaf.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Cases with the expected answer.
    pub right: usize,
    /// Cases with another one.
    pub wrong: usize,
    /// Cases that could not be judged.
    pub skipped: usize,
    /// Why the last of these could not.
    pub skip: Option<Skip>,
    /// The first cases with another answer.
    pub deviations: [Option<Case>; KEPT],
}

/// The result of a leaf.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// No case deviates.
    Passed,
    /// A case deviates.
    Failed,
    /// No case could be judged.
    Skipped,
}

impl Tally {
    /// What the judges left on the board.
    pub fn of(board: Board<Checking>) -> Self {
        let record = board.record();
        let mut deviations = [None; KEPT];
        for (case, place) in deviations.iter_mut().zip(&record.deviations) {
            *case = Case::get(place);
        }
        Self {
            right: record.right.get() as usize,
            wrong: record.wrong.get() as usize,
            skipped: record.skipped.get() as usize,
            skip: Skip::of_bits(record.skip.get()),
            deviations,
        }
    }

    /// The result.
    pub fn outcome(&self) -> Outcome {
        match (self.wrong, self.right) {
            (1.., _) => Outcome::Failed,
            (0, 1..) => Outcome::Passed,
            (0, 0) => Outcome::Skipped,
        }
    }
}

/// The errnos of a refusal that may pass: too many tasks, or no memory for one.
pub const PASSING: [Errno; 2] = [Errno::EAGAIN, Errno::ENOMEM];
