//! Holds what the commands say in a place against each other, and against what `run -r` does.
//!
//! `run -r -- true` shows the fact: it works, it is refused, or a step fails in the namespace that was made. All other
//! commands have to say the same, with the status that belongs to it and with the same cause.

use crate::place::{Call, Expected, Place};
use crate::seen::{Both, Message, NO_CAUSE, Seen, cause, word};
use crate::world::{End, Run};
use serde_json::Value;

/// A command is otherwise than it should be.
#[derive(PartialEq, Eq)]
pub struct Deviation {
    pub weight: Weight,
    /// The command that deviates.
    pub command: String,
    pub what: String,
    /// The lines that the command has written.
    pub lines: Vec<String>,
}

/// How much a deviation counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Nothing is said that is false, but something is not known.
    Unknown,
    /// A cause that is not the one in the way.
    Cause,
    /// Two commands contradict each other, or one does not end as it must.
    Disagreement,
}

use Weight::{Cause, Disagreement, Unknown};

/// The fate of a new user namespace, as `run -r -- true` shows it or as it is known of the place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fact {
    Works,
    Refused,
    /// The namespace is made, and becoming root in it fails.
    StepFailed,
    /// The task that makes it is killed.
    Killed,
    /// It is made, and another step is forbidden that not all have to take.
    LaterStep,
}

impl Both {
    /// The command deviates, as its JSON shows.
    fn deviates(&self, weight: Weight, what: impl Into<String>) -> Deviation {
        deviation(weight, self.name, what, self.json.lines())
    }
}

fn deviation(weight: Weight, command: &str, what: impl Into<String>, lines: Vec<String>) -> Deviation {
    Deviation { weight, command: command.into(), what: what.into(), lines }
}

const RUN: &str = "run -r -- true";
const EXEC: &str = "clone user -- true";

/// Returns all that deviates in a place.
pub fn judge(place: &Place, seen: &Seen) -> Vec<Deviation> {
    let mut all = ends(seen);
    match (seen.run.end, seen.run.message()) {
        (End::Status(0), _) => all.extend(with_fact(place, seen, Fact::Works)),
        (End::Status(125), Some(Message { step, .. })) if step.starts_with("clone") || step.starts_with("unshare(") => {
            all.extend(with_fact(place, seen, Fact::Refused));
        }
        (End::Status(125), Some(_)) => all.extend(with_fact(place, seen, Fact::StepFailed)),
        (End::Status(_), _) => all.push(deviation(Disagreement, RUN, "ends as it never does", seen.run.lines())),
        (End::Killed(_) | End::Hung, _) => {}
    }
    all.extend(rows(seen));
    all.extend(kinds(seen));
    merge(all)
}

/// Holds all commands against what `run -r` does.
fn with_fact(place: &Place, seen: &Seen, fact: Fact) -> Vec<Deviation> {
    let call = match place.call {
        Call::AsRun => fact,
        Call::Refused => Fact::Refused,
        Call::Killed => Fact::Killed,
        Call::LaterStep => Fact::LaterStep,
    };
    let mut all: Vec<Deviation> = as_expected(place, seen, fact).into_iter().collect();
    all.extend(statuses(place, seen, fact, call));
    all.extend(exec(seen, call));
    if fact == call {
        all.extend(steps(seen, fact));
        all.extend(causes(seen, fact));
    }
    all
}

/// Makes one of several deviations with the same lines.
fn merge(all: Vec<Deviation>) -> Vec<Deviation> {
    let mut merged: Vec<Deviation> = Vec::new();
    for one in all {
        match merged.iter_mut().find(|known| known.command == one.command && known.lines == one.lines) {
            Some(known) => {
                known.what += &format!("; {}", one.what);
                known.weight = known.weight.max(one.weight);
            }
            None => merged.push(one),
        }
    }
    merged
}

/// Finds the commands that were killed or hung.
fn ends(seen: &Seen) -> Vec<Deviation> {
    let alone = [(RUN, &seen.run), (EXEC, &seen.exec)];
    let mut all: Vec<Deviation> = alone.into_iter().filter_map(|(command, run)| ended(command, run)).collect();
    for both in [&seen.doctor, &seen.user, &seen.tour, &seen.clone] {
        all.extend(ended(both.name, &both.page));
        if both.json.end != both.page.end {
            let what = format!("the page ends with {}, JSON with {}", both.page.status(), both.json.status());
            all.push(both.deviates(Disagreement, what));
        }
    }
    all
}

fn ended(command: &str, run: &Run) -> Option<Deviation> {
    let what = match run.end {
        End::Status(_) => return None,
        End::Killed(signal) => format!("died of {}", signal.as_str()),
        End::Hung => "did not end within a minute".into(),
    };
    Some(deviation(Disagreement, command, what, run.lines()))
}

/// Holds `run -r` against what is known of the place.
fn as_expected(place: &Place, seen: &Seen, fact: Fact) -> Option<Deviation> {
    let what = match place.expected {
        Expected::Works if fact != Fact::Works => "does not work here, and could".to_owned(),
        Expected::Refused(_) if fact == Fact::Works => "works here, and cannot".to_owned(),
        Expected::Refused(word) if !seen.run.cause().contains(word) => {
            format!("the cause is not the one in the way: {word}")
        }
        Expected::Open if fact != Fact::Works && seen.run.cause() == NO_CAUSE => "no cause is told".to_owned(),
        _ => return None,
    };
    Some(deviation(Cause, RUN, what, seen.run.lines()))
}

/// Words, and the statuses that go with them.
type Fits = &'static [(&'static str, &'static [i32])];

/// The verdict of doctor, for each fact about `run -r`.
const fn doctors(fact: Fact) -> Fits {
    match fact {
        Fact::Works => &[("usable", &[0])],
        _ => &[("forbidden", &[1])],
    }
}

/// The outcome of a mode, for each fact about its call.
const fn modes(fact: Fact) -> Fits {
    match fact {
        Fact::Works => &[("honoured", &[0])],
        Fact::Refused => &[("refused-as-predicted", &[3])],
        Fact::StepFailed => &[("unknown", &[1, 4])],
        Fact::Killed => &[("crashed", &[1])],
        Fact::LaterStep => &[("honoured", &[0]), ("unknown", &[1, 4]), ("crashed", &[1])],
    }
}

/// The tour shows a refusal, and goes on.
const fn tours(fact: Fact) -> Fits {
    match fact {
        Fact::Refused => &[("refused-as-predicted", &[0])],
        _ => modes(fact),
    }
}

/// The laboratory makes the namespace, and does not become root in it.
const fn clones(fact: Fact) -> Fits {
    match fact {
        Fact::StepFailed => &[("honoured", &[0]), ("unknown", &[1, 4])],
        Fact::LaterStep => modes(Fact::Works),
        _ => modes(fact),
    }
}

/// Holds the words and the statuses against the facts.
fn statuses(place: &Place, seen: &Seen, fact: Fact, call: Fact) -> Vec<Deviation> {
    let rows = [
        (&seen.doctor, doctors(fact)),
        (&seen.user, modes(call)),
        (&seen.tour, tours(call)),
        (&seen.clone, clones(call)),
    ];
    let mut all = Vec::new();
    let can = |both: &Both| !place.cannot.contains(&both.name) && matches!(both.page.end, End::Status(_));
    for (both, fits) in rows.into_iter().filter(|(both, _)| can(both)) {
        let object = both.object();
        if !fits.iter().any(|(known, ends)| *known == word(&object) && both.page.is(ends)) {
            all.push(both.deviates(Disagreement, format!("is {}, expected {}", both.cell(), or(fits))));
        }
    }
    let is_skipped = seen.tour.page.out.lines().any(|line| line.ends_with("SKIP"));
    if is_skipped != (call == Fact::Refused) && can(&seen.tour) {
        let what = if is_skipped { "SKIP, though the call is made" } else { "no SKIP, though the call is refused" };
        all.push(seen.tour.deviates(Disagreement, what));
    }
    all
}

/// Holds the program in the task of a call against the fact about that call: it becomes root as by `run`.
fn exec(seen: &Seen, call: Fact) -> Option<Deviation> {
    let expected = match call {
        Fact::Works => 0,
        Fact::Refused | Fact::StepFailed => 125,
        Fact::Killed | Fact::LaterStep => return None,
    };
    let End::Status(status) = seen.exec.end else { return None };
    let what = format!("ends with {status}, expected {expected}");
    (status != expected).then(|| deviation(Disagreement, EXEC, what, seen.exec.lines()))
}

/// Writes what fits.
fn or(fits: Fits) -> String {
    let statuses = |ends: &[i32]| ends.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    let each = fits.iter().map(|(word, ends)| format!("{} {word}", statuses(ends)));
    each.collect::<Vec<_>>().join(" or ")
}

/// A step that fails in the namespace fails for each command that takes it.
fn steps(seen: &Seen, fact: Fact) -> Vec<Deviation> {
    let step = |run: &Run| run.message().map(|message| message.step.to_owned());
    let expected = step(&seen.run);
    let differs = |both: &&Both| fact == Fact::StepFailed && step(&both.page) != expected;
    let takers = [&seen.user, &seen.tour].into_iter().filter(differs);
    let what = format!("another step than run's: {}", expected.as_deref().unwrap_or(NO_CAUSE));
    takers.map(|both| both.deviates(Disagreement, &*what)).collect()
}

/// Holds the causes against the one that `run -r` tells.
fn causes(seen: &Seen, fact: Fact) -> Vec<Deviation> {
    let tellers: &[(&Both, &str)] = match fact {
        Fact::Refused => &[(&seen.doctor, "cause"), (&seen.user, "why"), (&seen.tour, "why"), (&seen.clone, "why")],
        // In the laboratory a step that fails later is none of the call's.
        Fact::StepFailed => &[(&seen.doctor, "cause"), (&seen.user, "why"), (&seen.tour, "why")],
        _ => &[],
    };
    let expected = seen.run.cause();
    let differs = |(both, key): &&(&Both, &str)| cause(&both.object(), key) != expected;
    let what = format!("another cause than run's: {expected}");
    tellers.iter().filter(differs).map(|(both, _)| both.deviates(Cause, &*what)).collect()
}

/// Finds the rows of calls that were made of which the contrary was seen, or nothing.
fn rows(seen: &Seen) -> Vec<Deviation> {
    let mut all = Vec::new();
    for both in [&seen.user, &seen.tour, &seen.clone] {
        for line in both.json.out.lines() {
            match serde_json::from_str::<Value>(line) {
                Ok(object) if object["result"] == "OK" => all.extend(rows_of(both.name, &object)),
                Ok(_) => {}
                Err(_) => all.push(deviation(Disagreement, both.name, "a line that is not JSON", vec![line.into()])),
            }
        }
    }
    all
}

fn rows_of(command: &str, object: &Value) -> Vec<Deviation> {
    let flags = object["flags"].as_str().unwrap_or_default();
    let rows = || object["resources"].as_array().into_iter().flatten();
    let contrary: Vec<String> =
        rows().filter(|row| row["verdict"] == "not-honoured").map(ToString::to_string).collect();
    let unknown: Vec<&str> =
        rows().filter(|row| row["verdict"] == "unknown").filter_map(|row| row["name"].as_str()).collect();
    let mut all = Vec::new();
    if !contrary.is_empty() {
        all.push(deviation(Disagreement, command, format!("{flags}: not honoured"), contrary));
    }
    if !unknown.is_empty() {
        all.push(deviation(Unknown, command, format!("{flags}: unknown"), vec![unknown.join(", ")]));
    }
    all
}

/// Holds each of doctor's tries against what `run` does with the same options.
fn kinds(seen: &Seen) -> Option<Deviation> {
    let mut lines = Vec::new();
    for (tried, run) in &seen.kinds {
        let is_same = match &run.end {
            End::Status(status) => (tried["result"] == "OK") == (*status == 0),
            // A filter kills both.
            End::Killed(signal) => tried["result"] == signal.as_str(),
            End::Hung => false,
        };
        if !is_same {
            let options = tried["options"].as_str().unwrap_or_default();
            let first = run.err.lines().next().unwrap_or_default();
            lines.push(format!("{tried}, run {options} -- true: {} {first}", run.status()).trim_end().into());
        }
    }
    let what = "the kinds are not what `run` makes of them";
    (!lines.is_empty()).then(|| deviation(Disagreement, seen.doctor.name, what, lines))
}
