//! The picture of a task that was made in order to be looked at.

use super::{Item, Language, Picture, Seen, Task};
use crate::error::Step;
use crate::experiment::findings::{CallResult, Findings, Identity};
use crate::report::names::{Id, Names};
use crate::report::show::InShort;
use crate::sys::Pid;
use crate::text::{Show, Sink, With, out};
use crate::witness::resource::{COUNT, Resource};
use crate::witness::verdict::{Row, Says, Verdict};

/// The names of the two tasks.
const NAMES: [&str; 2] = ["parent", "child"];

/// Writes the picture; `names` are those of ids, `name` is what the task is called, if it has a name, `why` is the reason for the outcome, and
/// `remedy` is what helps.
pub fn write(
    out: &mut dyn Sink,
    findings: &Findings,
    language: Language,
    names: Names,
    name: Option<&dyn Show>,
    [why, remedy]: [Option<&dyn Show>; 2],
) {
    let title = With(|out: &mut dyn Sink| title(out, findings, names, name));
    let outcome = With(|out: &mut dyn Sink| outcome(out, findings));
    let why = why.map(|why| ("why: ", why));
    let remedy = remedy.map(|remedy| ("try: ", remedy));
    let lines = [Some(&outcome as &dyn Show), why.as_ref().map(|why| why as _), remedy.as_ref().map(|line| line as _)];
    let mut told = [&"" as &dyn Show; 3];
    let mut count = 0;
    for line in lines.into_iter().flatten() {
        told[count] = line;
        count += 1;
    }
    let caller = Identity { tid: findings.parent.tid.or(findings.subject.map(Pid::number)), ..findings.parent };
    let child = Identity { tid: findings.child.tid.or(findings.task.tid.map(Pid::number)), ..findings.child };
    let root = findings.root.iter().flatten().find(|step| step.step == Step::Getuid);
    let later = [None, root.and_then(|step| step.result.ok())];
    let facts = [facts(&caller, later[0], &|id| names.id(id)), facts(&child, later[1], &|id| names.id_of_child(id))];
    let facts = facts.each_ref().map(|facts| facts.each_ref().map(|fact| fact as &dyn Show));
    let [one, other] = [0, 1].map(|place| Task { name: &NAMES[place], facts: &facts[place] });
    let mut items = [None; COUNT];
    for (place, (resource, row)) in items.iter_mut().zip(findings.shown()) {
        *place = Some(item(resource, row));
    }
    let is_dark = items.iter().flatten().all(|item: &Item| item.is_effect || item.seen == Seen::Unknown);
    let other = match findings.result {
        CallResult::Made if is_dark => Err("a child was made, but nothing could be seen of it"),
        CallResult::Made => Ok(other),
        CallResult::Refused(_) => Err("no child was made"),
        CallResult::Unknown => Err("whether a child was made is unknown"),
    };
    Picture { title: &title, told: &told[..count], one, other, items }.write(out, language);
}

/// The call and its answer.
fn title(out: &mut dyn Sink, findings: &Findings, names: Names, name: Option<&dyn Show>) {
    if let Some(name) = name {
        out!(out, name, ": ");
    }
    out!(out, InShort(findings.task.call));
    match (findings.result, findings.task.tid) {
        (CallResult::Refused(errno), _) => out!(out, " = -1 ", errno),
        (_, Some(tid)) => out!(out, " = ", names.id(Some(tid.number()))),
        (_, None) => out!(out, " = ?"),
    }
}

/// What came of the call.
fn outcome(out: &mut dyn Sink, findings: &Findings) {
    out!(out, "outcome: ", findings.outcome.name());
    if let Some(signal) = findings.killed {
        out!(out, ", killed by ", signal);
    }
    if let Some(failure) = findings.failure.filter(|_| findings.result == CallResult::Made) {
        out!(out, ", ", failure.step.name(), ": ", failure.why);
    }
}

/// A number that is known of a task, and what it was later.
#[derive(Clone, Copy)]
struct Fact {
    name: &'static str,
    value: Id,
    later: Option<usize>,
}

impl Show for Fact {
    fn show(&self, out: &mut dyn Sink) {
        match self.value {
            Id::Number(None) => out!(out, self.name, " unknown"),
            value => out!(out, self.name, " ", value),
        }
        if let Some(later) = self.later {
            out!(out, ", then ", later);
        }
    }
}

/// What a task says of itself; `id` gives its ids their names.
fn facts(identity: &Identity, later: Option<usize>, id: &dyn Fn(Option<usize>) -> Id) -> [Fact; 4] {
    let fact = |name, value| Fact { name, value, later: None };
    [
        fact("pid", id(identity.pid)),
        fact("tid", id(identity.tid)),
        Fact { later, ..fact("uid", Id::Number(identity.uid)) },
        fact("counter", Id::Number(identity.counter)),
    ]
}

/// What is known of a resource.
fn item(resource: &'static Resource, row: &Row) -> Item {
    let seen = match row.verdict {
        Verdict::Unknown => Seen::Unknown,
        _ if row.kernel == Says::One || row.behaviour == Says::One => Seen::One,
        _ => Seen::Two,
    };
    Item {
        name: resource.name,
        seen,
        is_effect: resource.is_effect(),
        is_otherwise: row.verdict == Verdict::NotHonoured,
    }
}
