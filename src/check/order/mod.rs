//! Which of two rules answers: every two faults in one call, where that is possible. The fault that the kernel meets
//! first must answer. A leaf has the pairs of a first fault with the later ones.
//!
//! A pair whose errnos are equal would tell nothing, and a pair in which a third fault would be met first tells of
//! that: such pairs are not asked. A pair is skipped if its second fault is none here.

mod fault;
mod table;

use self::fault::Fault;
use self::table::FAULTS;
use super::case::{Answer, Case, What};
use super::judge::{Judge, Verdict};
use super::leaf::{Body, Leaf, Name};
use super::own::{self, Rights};
use super::skip::Skip;
use super::want::Want;
use crate::clone::attempt::{Attempt, Edge};
use crate::clone::bare::attempt_with;
use crate::clone::call::Api;
use crate::sys::memory::{self, PAGE};
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

/// The calls, in the order of the leaves.
const CALLS: [Api; 2] = [Api::Clone, Api::Clone3];

/// The first faults, each with its call: those of which there is a pair.
fn firsts() -> impl Iterator<Item = (Api, usize)> {
    let all = CALLS.into_iter().flat_map(|api| (0..FAULTS.len()).map(move |first| (api, first)));
    all.filter(|(api, first)| pairs(*api, *first, &NOT_AN_EDGE).next().is_some())
}

/// The leaf with this number.
pub fn leaf(number: usize) -> Option<Leaf> {
    let (api, first) = firsts().nth(number)?;
    let fault = FAULTS.get(first)?;
    let word = if api == Api::Clone { fault.of_clone } else { fault.of_clone3 };
    let cases = 1 + pairs(api, first, &NOT_AN_EDGE).count();
    let row = first << 1 | usize::from(api == Api::Clone3);
    Some(Leaf { name: Name::word(word), flags: fault.flags, row, cases, body: Body::Worker(ask) })
}

/// Stands for the page while pairs are counted.
static NOT_AN_EDGE: [AtomicU8; PAGE] = [const { AtomicU8::new(0) }; _];

/// A second fault, the rights that the pair needs, and the attempt that has both faults.
struct Pair {
    second: usize,
    rights: Rights,
    attempt: Attempt,
}

/// The pairs of a first fault.
fn pairs(api: Api, first: usize, edge: Edge) -> impl Iterator<Item = Pair> {
    (first + 1..FAULTS.len()).filter_map(move |second| pair(api, first, second, edge))
}

/// The pair of two faults; none if both cannot be in one call, or nobody could tell which of them answers.
fn pair(api: Api, first: usize, second: usize, edge: Edge) -> Option<Pair> {
    let [one, two] = [FAULTS.get(first)?, FAULTS.get(second)?];
    if !one.is_of(api) || !two.is_of(api) || one.errno == two.errno {
        return None;
    }
    let rights = both(one.rights, two.rights)?;
    let attempt = one.put(two.put(fault::none(api), edge), edge);
    let met = FAULTS.iter().position(|fault| fault.is_in(&attempt, rights));
    (met == Some(first) && two.is_in(&attempt, rights)).then_some(Pair { second, rights, attempt })
}

/// The rights in which two faults can be that need these; none if there are none.
fn both(one: Rights, two: Rights) -> Option<Rights> {
    match (one, two) {
        (rights, Rights::Own) | (Rights::Own, rights) => Some(rights),
        (Rights::Unmapped, Rights::All) | (Rights::All, Rights::Unmapped) => Some(Rights::Unmapped),
        (Rights::NoTask, Rights::None) | (Rights::None, Rights::NoTask) => Some(Rights::NoTask),
        _ => (one == two).then_some(one),
    }
}

/// All rights, in the order in which pairs are asked.
const RIGHTS: [Rights; 5] = [Rights::Own, Rights::All, Rights::Unmapped, Rights::None, Rights::NoTask];

/// Asks the first fault alone, then with each later one.
fn ask(leaf: &Leaf, judge: Judge) {
    let (api, first) = (CALLS[leaf.row & 1], leaf.row >> 1);
    let prepared = memory::edge().and_then(|edge| Ok((edge, memory::futexes(FAULTS.len())?)));
    let (Some(fault), Ok((edge, alone))) = (FAULTS.get(first), prepared) else {
        return judge.skip_rest(leaf.cases, Skip::NoWitness);
    };
    if let Some(since) = judge.ground.lacks(&fault.put(fault::none(api), edge).call) {
        return judge.skip_rest(leaf.cases, Skip::Since(since));
    }
    if judge.ground.is_masked(&fault::none(api).call) {
        return judge.skip_rest(leaf.cases, Skip::Filter);
    }
    survey(api, judge, edge, alone);
    let ask_alone = || {
        let attempt = fault.put(fault::none(api), edge);
        judge.case(|| compare(judge, fault, &attempt, fault.argument));
    };
    if let Err(why) = own::with(fault.rights, judge.ground, &ask_alone) {
        judge.case(|| Verdict::Skipped(why));
    }
    for rights in RIGHTS {
        let of_these = || pairs(api, first, edge).filter(|pair| pair.rights == rights);
        let ask_pairs = || of_these().for_each(|pair| judge.case(|| verdict(judge, fault, &pair, alone)));
        if of_these().next().is_none() {
            continue;
        }
        if let Err(why) = own::with(rights, judge.ground, &ask_pairs) {
            of_these().for_each(|_| judge.case(|| Verdict::Skipped(why)));
        }
    }
}

/// Notes which faults are answered with their errno if they are alone.
fn survey(api: Api, judge: Judge, edge: Edge, alone: &[AtomicU32]) {
    for rights in RIGHTS {
        let look = || {
            let faults = FAULTS.iter().zip(alone).filter(|(fault, _)| fault.is_of(api) && fault.rights == rights);
            for (fault, answered) in faults {
                let attempt = fault.put(fault::none(api), edge);
                answered.store((attempt_with(&attempt).err() == Some(fault.errno)).into(), Relaxed);
            }
        };
        // Faults that need rights which cannot be had are none.
        let _ = own::with(rights, judge.ground, &look);
    }
}

/// Asks a pair.
fn verdict(judge: Judge, first: &Fault, pair: &Pair, alone: &[AtomicU32]) -> Verdict {
    let Some(second) = FAULTS.get(pair.second) else { return Verdict::Skipped(Skip::NoWitness) };
    if let Some(since) = judge.ground.lacks(&pair.attempt.call) {
        return Verdict::Skipped(Skip::Since(since));
    }
    if alone.get(pair.second).is_none_or(|answered| answered.load(Relaxed) == 0) {
        return Verdict::Skipped(Skip::NoSecond);
    }
    // What distinguishes the pair from others of the leaf is the second fault.
    let argument = if second.argument.0 == What::Flags { first.argument } else { second.argument };
    compare(judge, first, &pair.attempt, argument)
}

/// Compares the answer to an attempt with the errno of the fault that is met first.
fn compare(judge: Judge, first: &Fault, attempt: &Attempt, (what, value): (What, u64)) -> Verdict {
    let want = Want::by(first.rule, first.errno);
    let case = Case::of(&attempt.call, want.answer, Answer::of(attempt_with(attempt)));
    judge.compare(&attempt.call, case.with(what, value).by(want.rule))
}
