//! Drawing the questions of a quiz. They follow from the seed and from the tables alone, whatever the machine is.

use super::kind::{Does, Form, Kind, Mends, Which};
use super::kinds::{EXCLUDING, KINDS, LACKING};
use super::random::Random;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, NAMESPACES};
use crate::rules::rule::{Rule, of_flags};

/// The most questions in a quiz: one of each kind, so that none comes twice.
pub const MOST: usize = KINDS.len();

/// The most choices of a question.
pub const CHOICES: usize = 4;

/// The most sets that are united for a call.
const UNITED: usize = 3;

/// The most flags that are drawn for a call, so that a person can weigh them, and the call fits into a line.
const FLAGS: u32 = 5;

/// Of this many questions about what a call does, one is about a refused call.
const REFUSED: usize = 6;

/// A choice.
#[derive(Clone, Copy, PartialEq)]
pub enum Choice {
    /// What the call does.
    Words(&'static str),
    /// A flag that is added to the call, or dropped from it.
    Flag(Flags),
    /// The flags of a call.
    Set(Flags),
}

/// Why the answer is right.
#[derive(Clone, Copy)]
pub enum Reason {
    /// A sentence.
    Words(&'static str),
    /// The rule that a call breaks by its flags.
    Rule(&'static Rule, Flags),
}

/// A question.
#[derive(Clone, Copy)]
pub struct Question {
    /// The kind.
    pub kind: &'static Kind,
    /// The call; none if the choices are sets.
    pub call: Option<Call>,
    choices: [Choice; CHOICES],
    count: usize,
    /// The index of the right choice, by the rules.
    pub answer: usize,
    /// Why it is right.
    pub why: Reason,
}

impl Question {
    /// A question that has no choices yet.
    fn new(kind: &'static Kind, call: Option<Call>, answer: usize, why: Reason) -> Self {
        Self { kind, call, choices: [Choice::Words(""); CHOICES], count: 0, answer, why }
    }

    /// Adds a choice.
    fn add(&mut self, choice: Choice) {
        if let Some(free) = self.choices.get_mut(self.count) {
            *free = choice;
            self.count += 1;
        }
    }

    /// The choices.
    pub fn choices(&self) -> &[Choice] {
        self.choices.get(..self.count).unwrap_or_default()
    }

    /// The call that belongs to a choice.
    pub fn call_of(&self, choice: Choice) -> Option<Call> {
        match (choice, self.call) {
            (Choice::Set(flags), _) => Some(Call::usual(Api::Clone, flags)),
            (Choice::Flag(flag), Some(call)) => Some(Call::usual(call.api, call.flags ^ flag)),
            (_, call) => call,
        }
    }
}

/// A quiz: an iterator of questions, each of another kind.
pub struct Quiz {
    random: Random,
    /// The kinds that have not come, a bit each.
    kinds: u32,
    left: usize,
}

impl Quiz {
    /// A quiz of `count` questions, at most [`MOST`].
    pub const fn new(seed: u64, count: usize) -> Self {
        Self { random: Random::new(seed), kinds: (1 << KINDS.len()) - 1, left: count }
    }
}

impl Iterator for Quiz {
    type Item = Question;

    fn next(&mut self) -> Option<Question> {
        self.left = self.left.checked_sub(1)?;
        let kind = KINDS.get(self.random.take(&mut self.kinds)?)?;
        Some(draw(kind, &mut self.random))
    }
}

/// Draws a question of a kind.
fn draw(kind: &'static Kind, random: &mut Random) -> Question {
    loop {
        let question = match &kind.form {
            Form::Does(does) => what_it_does(kind, does, random),
            Form::Mends(mends) => what_mends_it(kind, *mends, random),
            Form::Which(which) => Some(which_it_is(kind, which, random)),
        };
        if let Some(question) = question {
            return question;
        }
    }
}

/// Draws the flags of a call: the union of up to [`UNITED`] sets, with at most [`FLAGS`] flags.
fn flags(sets: &[Flags], random: &mut Random) -> Flags {
    loop {
        let count = 1 + random.below(UNITED);
        let flags = (0..count).filter_map(|_| random.pick(sets)).fold(Flags::empty(), Flags::union);
        if flags.bits().count_ones() <= FLAGS {
            return flags;
        }
    }
}

/// A question about what one call does, with an answer that is drawn first, so that all answers are about equally
/// frequent; none if no call with that answer is drawn in some tries.
fn what_it_does(kind: &'static Kind, does: &'static Does, random: &mut Random) -> Option<Question> {
    let refused = does.refused.filter(|_| random.below(REFUSED) == 0);
    let wanted = random.pick(does.cases)?;
    (0..TRIES).find_map(|_| {
        let call = draw_call(does, random);
        let (answer, why) = match (of_flags(&call), refused) {
            (Some(rule), Some(refused)) => (refused, Reason::Rule(rule, call.flags)),
            (None, None) if does.case_of(&call) == Some(wanted) => (wanted.answer, Reason::Words(wanted.why)),
            _ => return None,
        };
        let mut question = Question::new(kind, Some(call), answer, why);
        does.choices.iter().for_each(|words| question.add(Choice::Words(words)));
        Some(question)
    })
}

/// How many calls are drawn for one answer.
const TRIES: usize = 200;

/// Draws a call.
fn draw_call(does: &Does, random: &mut Random) -> Call {
    let flags = flags(does.sets, random);
    match random.pick(does.signals) {
        Some(signal) => Call::new(does.api, flags, signal),
        None => Call::usual(does.api, flags),
    }
}

/// The flags of which one may be what a refused set lacks.
const ADDED: Flags = Flags::VM
    .union(Flags::FS)
    .union(Flags::FILES)
    .union(Flags::SIGHAND)
    .union(Flags::VFORK)
    .union(Flags::SYSVSEM)
    .union(Flags::PARENT);

/// A question about the flag that makes the kernel accept a refused set; none if the set drawn is accepted, if no flag
/// does, or if there are too few that do not.
fn what_mends_it(kind: &'static Kind, mends: Mends, random: &mut Random) -> Option<Question> {
    let sets = match mends {
        Mends::Added => LACKING,
        Mends::Dropped => EXCLUDING,
    };
    let call = Call::usual(Api::Clone, flags(sets, random));
    let rule = of_flags(&call)?;
    let offered = match mends {
        Mends::Added => ADDED - call.flags,
        Mends::Dropped => call.flags,
    };
    let changed = |flag: Flags| Call::usual(call.api, call.flags ^ flag);
    let is_right = |flag: &Flags| of_flags(&changed(*flag)).is_none();
    let offered = offered.iter().filter(|flag| is_for_all(changed(*flag).flags));
    let (right, wrong) = offered.fold((Flags::empty(), Flags::empty()), |(right, wrong), flag| {
        if is_right(&flag) { (right | flag, wrong) } else { (right, wrong | flag) }
    });
    let [mut right, mut wrong] = [right, wrong].map(|flags| flags.bits() as u32);
    if right == 0 || wrong.count_ones() < 2 {
        return None;
    }
    let count = CHOICES.min(1 + wrong.count_ones() as usize);
    let mut question = Question::new(kind, Some(call), random.below(count), Reason::Rule(rule, call.flags));
    for place in 0..count {
        let bit = random.take(if place == question.answer { &mut right } else { &mut wrong })?;
        question.add(Choice::Flag(Flags::from_bits_retain(1 << bit)));
    }
    Some(question)
}

/// Whether every user may make these namespaces, where a user may make any.
fn is_for_all(flags: Flags) -> bool {
    flags.contains(Flags::NEWUSER) || !flags.intersects(NAMESPACES)
}

/// A question about which of several sets has a property: exactly one, at a place that is drawn.
fn which_it_is(kind: &'static Kind, which: &Which, random: &mut Random) -> Question {
    let mut question = Question::new(kind, None, random.below(CHOICES), Reason::Words(which.why));
    for place in 0..CHOICES {
        let (flags, rule) = loop {
            let flags = flags(which.sets, random);
            let rule = of_flags(&Call::usual(Api::Clone, flags));
            let is_right = which.property.is_of(flags, rule.is_some());
            if is_right == (place == question.answer) && !question.choices().contains(&Choice::Set(flags)) {
                break (flags, rule);
            }
        };
        question.add(Choice::Set(flags));
        // Only if the right set is a refused one.
        if let Some(rule) = rule.filter(|_| place == question.answer) {
            question.why = Reason::Rule(rule, flags);
        }
    }
    question
}
