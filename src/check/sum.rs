//! Sums over leaves: of a group, and of all groups.

use super::judge::{Outcome, Reason, Tally, add_reason, main_reason};
use super::skip::Skip;
use crate::host::proc;

/// How many reasons are kept why cases could not be judged.
const REASONS: usize = 8;

/// What came of several leaves.
#[derive(Clone, Copy, Default, Debug)]
pub struct Sum {
    /// Leaves in which no case deviates.
    pub passed: usize,
    /// Leaves in which one does.
    pub failed: usize,
    /// Leaves of which no case could be judged.
    pub skipped: usize,
    /// The cases of these leaves.
    pub cases: usize,
    /// Cases with the expected answer.
    pub right: usize,
    /// Cases with another one.
    pub wrong: usize,
    /// Cases that could not be judged.
    pub unjudged: usize,
    /// Why these could not: the first reasons.
    pub skips: [Option<Reason>; REASONS],
    /// How long the leaves took, in nanoseconds.
    pub time: u64,
}

impl Sum {
    /// The sum of one leaf with so many cases, which took so long.
    fn of(cases: usize, tally: &Tally, time: u64) -> Self {
        let outcome = tally.outcome();
        let is = |one| usize::from(outcome == one);
        let mut sum = Self {
            passed: is(Outcome::Passed),
            failed: is(Outcome::Failed),
            skipped: is(Outcome::Skipped),
            cases,
            right: tally.right,
            wrong: tally.wrong,
            unjudged: tally.skipped,
            time,
            ..Self::default()
        };
        tally.skips.iter().flatten().for_each(|reason| add_reason(&mut sum.skips, *reason));
        sum
    }

    /// Adds a leaf with so many cases, which took so long.
    pub fn add(&mut self, cases: usize, tally: &Tally, time: u64) {
        self.merge(&Self::of(cases, tally, time));
    }

    /// Adds the sum of other leaves.
    pub fn merge(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.cases += other.cases;
        self.right += other.right;
        self.wrong += other.wrong;
        self.unjudged += other.unjudged;
        self.time += other.time;
        other.skips.iter().flatten().for_each(|reason| add_reason(&mut self.skips, *reason));
    }

    /// How many cases were asked, or could not be.
    pub fn asked(&self) -> usize {
        self.right + self.wrong + self.unjudged
    }

    /// Why most of the cases could not be judged that could not.
    pub fn skip(&self) -> Option<Skip> {
        main_reason(&self.skips)
    }

    /// The result of all leaves together.
    pub fn outcome(&self) -> Outcome {
        Outcome::of(self.failed, self.passed)
    }
}

/// The most memory that this process has had at once, in KiB: VmHWM of proc_pid_status(5); none if that cannot be read.
pub fn peak() -> Option<usize> {
    let mut peak = None;
    let is_last = |line: proc::Line| {
        let rest = line.after(b"VmHWM:\t");
        peak = rest.and_then(|rest| rest.behind_blanks().number(10));
        rest.is_some()
    };
    proc::find(c"/proc/self/status", &mut { is_last }).ok()?;
    peak
}
