//! The runs without a fault: they say what each command does in each place, and whether it can be tested here.

use crate::case::{Case, Fault, PLACES, Place};
use crate::commands::COMMANDS;
use crate::crowd::run_all;
use crate::judge::Kind;
use crate::plan::{Known, Size};
use crate::pool::{Answer, Worker};
use crate::report::{self, Report};
use crate::{kernel, tell_skip};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What is kept of a command: by place, and whether a tracer has looked on.
type Answers = BTreeMap<(usize, Place, bool), Answer>;

/// Runs each command in each place, unseen and under a tracer, and says what is known of it then.
pub fn look(workers: &mut [Worker], report: &mut Report, size: Size) -> Vec<Known> {
    let has_cgroup = workers.iter().all(|worker| worker.has_cgroup);
    if !has_cgroup {
        tell_skip("no control group of version 2 can be made here");
    }
    let is_possible = |command: &usize| {
        let command = &COMMANDS[*command];
        (has_cgroup || !command.line.contains("CGROUP")) && (size == Size::Full || !command.is_large())
    };
    let possible = (0..COMMANDS.len()).filter(is_possible);
    let mut answers = Answers::new();
    run_all(workers, possible.flat_map(plain_cases).collect(), |_| "", &mut |case, answer| {
        keep_best(answers.entry((case.command, case.place, case.fault.is_traced())), answer);
    });
    let is_limited = is_limited();
    let mut known = Vec::new();
    for command in 0..COMMANDS.len() {
        let breaks = |watched| answers.get(&(command, Place::World, watched)).is_some_and(breaks_promise);
        if is_limited && (breaks(false) || breaks(true)) {
            tell_skip(&format!("{}: not possible here", report::title(command)));
        } else {
            known.extend(know(command, &mut answers, report));
        }
    }
    known
}

/// The runs of a command. The fastest of several says how long there is something to be killed.
fn plain_cases(command: usize) -> Vec<Case> {
    let case = |fault, place| Case { command, fault, place };
    let again = if COMMANDS[command].is_slow() { 1 } else { 5 };
    let all = PLACES.iter().flat_map(|place| [Fault::None, Fault::Watched].map(|fault| case(fault, *place)));
    all.chain(std::iter::repeat_n(case(Fault::None, Place::World), again)).collect()
}

/// Reports the runs of a command, and says what they have shown.
fn know(command: usize, answers: &mut Answers, report: &mut Report) -> Option<Known> {
    let mut known = Known { command, points: BTreeMap::new(), micros: 0, out: String::new() };
    for place in PLACES {
        let unseen = answers.remove(&(command, place, false))?;
        let watched = answers.remove(&(command, place, true))?;
        report.add(&Case { command, fault: Fault::None, place }, &unseen);
        report.add(&Case { command, fault: Fault::Watched, place }, &watched);
        known.points.insert(place, watched.points);
        if place == Place::World {
            (known.micros, known.out) = (unseen.micros, watched.out);
        }
    }
    Some(known)
}

/// Whether this user may not do all that root may do: then what fails is left out.
fn is_limited() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    map.split_whitespace().nth(2) != Some("4294967295") || !kernel::is_root()
}

fn breaks_promise(answer: &Answer) -> bool {
    answer.violations.iter().any(|(kind, _)| *kind == Kind::Plain)
}

/// Of the runs of a command keeps the fastest, but rather one that violates something.
fn keep_best(kept: Entry<(usize, Place, bool), Answer>, answer: Answer) {
    let rank = |answer: &Answer| (answer.violations.is_empty(), answer.micros);
    match kept {
        Entry::Vacant(entry) => _ = entry.insert(answer),
        Entry::Occupied(mut entry) if rank(&answer) < rank(entry.get()) => _ = entry.insert(answer),
        Entry::Occupied(_) => {}
    }
}
