//! What helps against a refusal: the call with the smallest change that the rules accept.
//!
//! Each change is tried by predicting the changed call, so what is told is known to help.

use super::expected::Expected;
use super::rule::{Change, Prediction, When, predict};
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, OF_CLONE3};
use crate::error::Failure;
use crate::host::place::Place;

/// Why a call will not do what was asked for.
#[derive(Clone, Copy)]
pub enum Why {
    /// A rule refuses the call; this is its explanation.
    Rule(&'static str),
    /// clone(2) has no room for these flags, so the kernel never sees them.
    NoRoom(Flags),
    /// clone(2) takes the flag and does nothing.
    NoEffect(Flags),
}

/// What helps.
#[derive(Clone, Copy)]
pub enum Remedy {
    /// Nothing needs to, or nothing is known to.
    None,
    /// This call instead.
    Call(Call),
    /// No change of flags: even the call without any is refused.
    NotFlags,
}

/// What is to be said about a call besides the prediction.
#[derive(Clone, Copy)]
pub struct Advice {
    /// The reason for a refusal, or for flags without effect.
    pub why: Option<Why>,
    /// What helps.
    pub remedy: Remedy,
}

impl Advice {
    /// The reason alone.
    pub fn reason(call: &Call, predicted: Prediction) -> Self {
        let (late, idle) = (call.flags & OF_CLONE3, call.flags & Flags::DETACHED);
        let why = match predicted.rule() {
            Some(rule) => Some(Why::Rule(rule.why)),
            None if call.api == Api::Clone3 => None,
            None if !late.is_empty() => Some(Why::NoRoom(late)),
            None if !idle.is_empty() => Some(Why::NoEffect(idle)),
            None => None,
        };
        Self { why, remedy: Remedy::None }
    }
}

/// The reason for a prediction, and what helps; a failure if the kernel could not be asked.
pub fn advise(call: &Call, place: &Place, predicted: Prediction) -> Result<Advice, Failure> {
    let advice = Advice::reason(call, predicted);
    let remedy = match advice.why {
        Some(Why::Rule(_)) => match amend(call, place)? {
            // The caller is not where the call was predicted: its own would be made as it is.
            Remedy::Call(better) if key(&better) == key(call) => Remedy::None,
            remedy => remedy,
        },
        Some(Why::NoRoom(_)) => {
            let other = Call { api: Api::Clone3, ..*call };
            let is_made = predict(&other, place)?.expected == Expected::Made;
            if is_made { Remedy::Call(other) } else { Remedy::None }
        }
        Some(Why::NoEffect(_)) | None => Remedy::None,
    };
    Ok(Advice { remedy, ..advice })
}

/// What helps against the refusal of a call; a failure if the kernel could not be asked.
pub fn amend(call: &Call, place: &Place) -> Result<Remedy, Failure> {
    if let Some(call) = Search::new(call).find(place)? {
        return Ok(Remedy::Call(call));
    }
    Ok(reduce(call, place)?.map_or(Remedy::NotFlags, Remedy::Call))
}

/// A changed call, and how far it is from what was asked for.
#[derive(Clone, Copy)]
struct Step {
    call: Call,
    cost: u8,
    is_tried: bool,
}

/// Changes that follow from the rules, the smallest first. What was asked for is kept rather than dropped, and a flag
/// that needs another one gets it.
struct Search {
    steps: [Option<Step>; Self::MOST],
}

impl Search {
    /// The most calls that are tried: a set of flags may break many rules, each with several remedies.
    const MOST: usize = 40;
    /// The cost of setting a flag, or of a change that is not about flags.
    const ADD: u8 = 1;
    /// The cost of clearing one of the flags that may not be set with another.
    const DROP_OTHER: u8 = 2;
    /// The cost of clearing that other flag, or one that a different condition is about.
    const DROP: u8 = 3;
    /// The cost of clearing a flag instead of setting those that it needs.
    const DROP_NEEDY: u8 = 5;

    fn new(call: &Call) -> Self {
        let mut search = Self { steps: [None; _] };
        search.steps[0] = Some(Step { call: *call, cost: 0, is_tried: false });
        search
    }

    /// The nearest call that is accepted; none if the search finds none.
    fn find(mut self, place: &Place) -> Result<Option<Call>, Failure> {
        while let Some(step) = self.nearest() {
            let predicted = predict(&step.call, place)?;
            if predicted.expected == Expected::Made {
                return Ok(Some(step.call));
            }
            if let Some(rule) = predicted.rule() {
                self.extend(step, &rule.when);
            }
        }
        Ok(None)
    }

    /// The nearest call that is not tried yet, which counts as tried from now on.
    fn nearest(&mut self) -> Option<Step> {
        let open = self.steps.iter_mut().flatten().filter(|step| !step.is_tried);
        let step = open.min_by_key(|step| step.cost)?;
        step.is_tried = true;
        Some(*step)
    }

    /// Adds the calls that follow from a refused one by the changes of a rule.
    fn extend(&mut self, from: Step, when: &When) {
        let flags = from.call.flags;
        match *when {
            When::Together(one, others) => {
                self.flags(from, flags - others, Self::DROP_OTHER * count(flags & others));
                self.flags(from, flags - one, Self::DROP);
            }
            When::Without(one, others) => {
                self.flags(from, flags | others, Self::ADD * count(others - flags));
                self.flags(from, flags - one, Self::DROP_NEEDY);
            }
            When::If(_, changes) => changes.iter().for_each(|change| self.change(from, *change)),
        }
    }

    /// Adds the call after a change.
    fn change(&mut self, from: Step, change: Change) {
        let flags = from.call.flags;
        match change {
            Change::Add(more) => self.flags(from, flags | more, Self::ADD * count(more - flags)),
            Change::Drop(less) => self.flags(from, flags - less, Self::DROP * count(flags & less)),
            Change::DropOne(any) => (flags & any).iter().for_each(|flag| self.flags(from, flags - flag, Self::DROP)),
            Change::ExitSignal(signal) => {
                let exit_signal = signal.map_or(0, |signal| signal.number() as u64);
                self.add(Call { exit_signal, ..from.call }, from.cost + Self::ADD);
            }
            Change::Clone3 => self.add(Call { api: Api::Clone3, ..from.call }, from.cost + Self::ADD),
        }
    }

    /// Adds the call with other flags.
    fn flags(&mut self, from: Step, flags: Flags, cost: u8) {
        self.add(Call { flags, ..from.call }, from.cost.saturating_add(cost));
    }

    /// Adds a call, if it is not there and there is room: what is left out here, [`reduce`] may still find.
    fn add(&mut self, call: Call, cost: u8) {
        match self.steps.iter_mut().flatten().find(|step| key(&step.call) == key(&call)) {
            Some(known) => known.cost = known.cost.min(cost),
            None => {
                if let Some(free) = self.steps.iter_mut().find(|step| step.is_none()) {
                    *free = Some(Step { call, cost, is_tried: false });
                }
            }
        }
    }
}

/// What changes make different.
fn key(call: &Call) -> (Api, Flags, u64) {
    (call.api, call.flags, call.exit_signal)
}

/// How many flags there are.
fn count(flags: Flags) -> u8 {
    flags.bits().count_ones() as u8
}

/// The call without the flags that stand in the way: one after the other is taken back as long as the call is accepted.
/// None if even the call without flags is refused.
fn reduce(call: &Call, place: &Place) -> Result<Option<Call>, Failure> {
    let is_made = |call: &Call| Ok(predict(call, place)?.expected == Expected::Made);
    let none = Call { flags: Flags::empty(), ..*call };
    let silent = Call { exit_signal: 0, ..none };
    let mut better = if is_made(&none)? { none } else { silent };
    if !is_made(&better)? {
        return Ok(None);
    }
    for bit in 0..u64::BITS {
        let more = Call { flags: better.flags | call.flags & Flags::from_bits_retain(1 << bit), ..better };
        if more.flags != better.flags && is_made(&more)? {
            better = more;
        }
    }
    Ok(Some(better))
}
