//! The judge: counts the cases of a leaf, and keeps the first that deviate.

use super::case::{Answer, Case, What};
use super::ground::{Ground, PATIENCE};
use super::skip::Skip;
use super::step::Step;
use crate::board::Board;
use crate::board::record::{Checking, MOST_RULES, Masking};
use crate::clone::bare;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Version;
use crate::clone::process::Process;
use crate::rules::rule::RULES;
use crate::sys::clock::now;
use crate::sys::wait::{Change, Status};
use crate::sys::{Errno, Result, Signal, ids};

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
    /// Compares what came with what was wanted. What could not be seen is no deviation.
    pub fn of(case: Case) -> Self {
        match case.got {
            got if got == case.want => Self::Right,
            Answer::Unknown => Self::Skipped(Skip::NoWitness),
            _ => Self::Wrong(case),
        }
    }

    /// A step that had to have another answer.
    pub fn wrong(step: Step, want: Answer, got: Answer) -> Self {
        Self::Wrong(Case::taken(step, want, got))
    }
}

/// The judge of a leaf. Any process that shares the board may judge a case, one after the other.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// The board, whose turns the processes of a case may use too.
    pub board: Board<Checking>,
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
        if self.begins() {
            let verdict = ask();
            self.count(verdict);
        }
    }

    /// Asks the next case in a process of its own, whose ids, rights and namespaces the case may change for good.
    pub fn apart(self, ask: impl FnOnce() -> Verdict) {
        if !self.begins() {
            return;
        }
        let acts = || {
            self.count(ask());
            0
        };
        let ended = Process::make_tied(ids::getpid().ok(), 0, 0, acts).and_then(Process::await_end);
        match ended.map(Status::change) {
            Ok(Change::Killed(signal)) => self.killed(signal),
            Ok(_) => {}
            Err(_) => self.count(Verdict::Skipped(Skip::Limit)),
        }
    }

    /// Counts the last case: a signal killed the process that asked it.
    pub fn killed(self, signal: Signal) {
        match signal {
            Signal::SYS => self.count(Verdict::Skipped(Skip::Filter)),
            _ => self.without_answer(Answer::Killed(signal)),
        }
    }

    /// Counts the last case, to which no answer came.
    pub fn without_answer(self, got: Answer) {
        let number = self.board.record().begun.get().saturating_sub(1);
        self.count(Verdict::Wrong(Case::step(What::Case, Answer::Ok, got).with(What::Case, number)));
    }

    /// Whether the next case is to be asked now.
    fn begins(self) -> bool {
        let record = self.board.record();
        let number = record.next.get();
        record.next.put(number + 1);
        let is_new = number >= record.begun.get();
        if is_new {
            record.begun.put(number + 1);
        }
        is_new
    }

    /// How many cases have begun, in this worker or in one before.
    pub fn begun(self) -> usize {
        self.board.record().begun.get() as usize
    }

    /// Whether a case has begun that has no verdict yet.
    pub fn is_open(self) -> bool {
        let record = self.board.record();
        record.begun.get() > record.right.get() + record.wrong.get() + record.skipped.get()
    }

    /// Begins a case that a worker did not come to, because it died on the way.
    pub fn begin_missed(self) {
        let begun = &self.board.record().begun;
        begun.put(begun.get() + 1);
    }

    /// How many cases have been asked.
    pub fn asked(self) -> usize {
        self.board.record().next.get() as usize
    }

    /// Skips the cases that are left of so many.
    pub fn skip_rest(self, cases: usize, skip: Skip) {
        while self.asked() < cases {
            self.case(|| Verdict::Skipped(skip));
        }
    }

    /// Asks the next case: makes the call with a task that ends at once, and compares the answer with the rules.
    pub fn call(self, call: &Call) {
        self.case(|| self.attempt(call, &USED_UP).map_or_else(Verdict::Skipped, |got| self.verdict(call, got)));
    }

    /// Makes a call with a task that ends at once, and makes it again as long as one of these refusals lasts, which may
    /// pass: what earlier tasks used is freed some time after their ends. A refusal that lasts is the kernel's answer,
    /// unless a limit is the reason.
    pub fn attempt(self, call: &Call, passing: &[Errno]) -> core::result::Result<Result<()>, Skip> {
        let time = || now().unwrap_or(u64::MAX); // without a clock nothing is waited for
        let mut deadline = None;
        loop {
            let answer = bare::attempt(call).map(|_| ());
            let refusal = answer.err().filter(|errno| passing.contains(errno));
            let Some(errno) = refusal.filter(|_| self.ground.excuse(call, answer).is_none()) else {
                self.ground.patience.set(PATIENCE);
                return Ok(answer);
            };
            if time() >= *deadline.get_or_insert_with(|| time().saturating_add(self.ground.patience.get())) {
                // The next calls do not wait, until another answer comes.
                self.ground.patience.set(0);
                let is_limited = self.ground.is_used_up(call.flags, errno);
                return if is_limited { Err(Skip::Limit) } else { Ok(answer) };
            }
            self.board.rest();
        }
    }

    /// Compares an answer to a call with the rules.
    pub fn verdict(self, call: &Call, got: Result<()>) -> Verdict {
        let (want, rule) = match self.ground.expects(call) {
            Ok(expected) => expected,
            Err(skip) => return Verdict::Skipped(skip),
        };
        let verdict = self.excused(call, Case::of(call, want, Answer::of(got)).by(rule));
        if let (Verdict::Right, Some(counter)) = (verdict, rule.and_then(|rule| self.board.record().refused.get(rule)))
        {
            counter.put(counter.get() + 1);
        }
        verdict
    }

    /// Compares an answer to a call with the one that is wanted though the flags alone do not say so.
    pub fn compare(self, call: &Call, case: Case) -> Verdict {
        if let Some(since) = self.ground.lacks(call) {
            return Verdict::Skipped(Skip::Since(since));
        }
        let has_call = call.api != Api::Clone3 || self.ground.place.version >= Version::WITH_CLONE3;
        if !has_call && case.got == Answer::Refused(Errno::ENOSYS) {
            return Verdict::Skipped(Skip::Since(Version::WITH_CLONE3));
        }
        // A filter may give the very errno that is wanted.
        let is_told = !matches!(case.want, Answer::Refused(Errno::EINVAL));
        if is_told && self.ground.is_masked(call) {
            return Verdict::Skipped(Skip::Filter);
        }
        self.excused(call, case)
    }

    /// The verdict, unless there is an excuse for a wrong answer.
    fn excused(self, call: &Call, case: Case) -> Verdict {
        match (Verdict::of(case), case.got) {
            (Verdict::Wrong(case), Answer::Refused(errno)) => {
                self.ground.excuse(call, Err(errno)).map_or(Verdict::Wrong(case), Verdict::Skipped)
            }
            (verdict, _) => verdict,
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
            Verdict::Skipped(skip) => {
                let reason = skip.to_bits();
                let is_its = |place: &&Masking| [0, reason].contains(&place.reason.get());
                if let Some(place) = record.skips.iter().find(is_its) {
                    place.reason.put(reason);
                    place.cases.put(place.cases.get() + 1);
                }
            }
            Verdict::Right => {}
        }
        counter.put(counter.get() + 1);
    }
}

/// How many deviations of a leaf are kept.
pub const KEPT: usize = 8;

/// How many reasons are kept why cases of a leaf could not be judged.
pub const REASONS: usize = 4;

/// A reason why cases could not be judged, and how many.
pub type Reason = (Skip, usize);

const _: () = assert!(RULES.len() <= MOST_RULES);

/// The reason why most of the cases could not be judged that could not.
pub fn main_reason(skips: &[Option<Reason>]) -> Option<Skip> {
    skips.iter().flatten().max_by_key(|(_, cases)| *cases).map(|(skip, _)| *skip)
}

/// Adds cases to those that could not be judged for this reason, if there is room for the reason.
pub fn add_reason(skips: &mut [Option<Reason>], (skip, cases): Reason) {
    let is_its = |place: &&mut Option<Reason>| place.is_none_or(|(other, _)| other == skip);
    if let Some(place) = skips.iter_mut().find(is_its) {
        *place = Some((skip, place.map_or(0, |(_, before)| before) + cases));
    }
}

/// What came of a leaf.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Cases with the expected answer.
    pub right: usize,
    /// Those of them that a rule is expected to refuse, by rule.
    pub refused: [usize; RULES.len()],
    /// Cases with another one.
    pub wrong: usize,
    /// Cases that could not be judged.
    pub skipped: usize,
    /// Why these could not: the first reasons.
    pub skips: [Option<Reason>; REASONS],
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

impl Outcome {
    /// The result of parts of which so many deviate, and so many do not; the others could not be judged.
    pub fn of(failed: usize, passed: usize) -> Self {
        match (failed, passed) {
            (1.., _) => Self::Failed,
            (0, 1..) => Self::Passed,
            (0, 0) => Self::Skipped,
        }
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self { right: 0, refused: [0; _], wrong: 0, skipped: 0, skips: [None; _], deviations: [None; _] }
    }
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
            refused: core::array::from_fn(|rule| record.refused[rule].get() as usize),
            wrong: record.wrong.get() as usize,
            skipped: record.skipped.get() as usize,
            skips: record
                .skips
                .each_ref()
                .map(|place| Some((Skip::of_bits(place.reason.get())?, place.cases.get() as usize))),
            deviations,
        }
    }

    /// Adds what came of other cases of the leaf.
    pub fn add(&mut self, other: &Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.skipped += other.skipped;
        self.refused.iter_mut().zip(other.refused).for_each(|(all, more)| *all += more);
        other.skips.iter().flatten().for_each(|reason| add_reason(&mut self.skips, *reason));
        let places = self.deviations.iter_mut().filter(|place| place.is_none());
        places.zip(other.deviations.iter().flatten()).for_each(|(place, case)| *place = Some(*case));
    }

    /// How many cases were asked, or could not be.
    pub fn asked(&self) -> usize {
        self.right + self.wrong + self.skipped
    }

    /// How many calls a rule refused, as expected.
    pub fn refused(&self) -> usize {
        self.refused.iter().sum()
    }

    /// How many calls were accepted, as expected.
    pub fn accepted(&self) -> usize {
        self.right.saturating_sub(self.refused())
    }

    /// Why most of the cases could not be judged that could not.
    pub fn skip(&self) -> Option<Skip> {
        main_reason(&self.skips)
    }

    /// The result.
    pub fn outcome(&self) -> Outcome {
        Outcome::of(self.wrong, self.right)
    }
}

/// The errnos of a refusal that may pass: too many tasks, or no memory for one.
pub const PASSING: [Errno; 2] = [Errno::EAGAIN, Errno::ENOMEM];

/// Those, and that of too many namespaces.
pub const USED_UP: [Errno; 3] = [Errno::EAGAIN, Errno::ENOMEM, Errno::ENOSPC];
