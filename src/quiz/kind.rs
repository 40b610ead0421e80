//! A kind of question: what is asked, how the answer follows from the flags, which witness proves it, and why it is so.

use super::evidence::{Evidence, Property};
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::sys::Signal;

/// A kind of question.
pub struct Kind {
    /// The name in JSON.
    pub name: &'static str,
    /// The question.
    pub text: &'static str,
    /// What the question is about.
    pub form: Form,
}

/// What a question is about.
pub enum Form {
    /// What one call does.
    Does(Does),
    /// Which flag makes the kernel accept a refused set.
    Mends(Mends),
    /// Which of several sets does something.
    Which(Which),
}

/// What one call does.
pub struct Does {
    /// The system call.
    pub api: Api,
    /// The exit signals, of which one is drawn; empty for the usual one.
    pub signals: &'static [Option<Signal>],
    /// The sets that are drawn and united.
    pub sets: &'static [Flags],
    /// The choices.
    pub choices: &'static [&'static str],
    /// The choice that is right if the flags break a rule; none if such calls are not asked about.
    pub refused: Option<usize>,
    /// The other answers: the first case that the call fits is the right one. The last fits every call.
    pub cases: &'static [Case],
    /// What shows the answer.
    pub evidence: Evidence,
}

impl Does {
    /// The case of a call that breaks no rule.
    pub fn case_of(&self, call: &Call) -> Option<Case> {
        self.cases.iter().find(|case| case.fits(call)).copied()
    }
}

/// A case of calls with the same answer, for the same reason.
#[derive(Clone, Copy, PartialEq)]
pub struct Case {
    /// The flags that the call has.
    pub flags: Flags,
    /// The exit signal that the call has, if that matters.
    pub signal: Option<Option<Signal>>,
    /// The index of the right choice.
    pub answer: usize,
    /// Why it is right, in one sentence.
    pub why: &'static str,
}

impl Case {
    /// Whether a call is such a call.
    fn fits(&self, call: &Call) -> bool {
        call.flags.contains(self.flags) && self.signal.is_none_or(|signal| call.signal() == signal)
    }
}

/// Which flag makes the kernel accept a refused set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mends {
    /// One that is added.
    Added,
    /// One that is dropped.
    Dropped,
}

/// Which of several sets does something.
pub struct Which {
    /// What the right set does, and no other.
    pub property: Property,
    /// The sets that are drawn and united.
    pub sets: &'static [Flags],
    /// Why the right set is right, in one sentence; empty if that is the rule that it breaks.
    pub why: &'static str,
}
