//! The picture of a task that was made in order to be looked at.

use super::Language;
use super::value::{Item, Picture, Seen, Task};
use crate::error::Step;
use crate::experiment::findings::{CallResult, Findings, Identity};
use crate::report::names::{Id, Names};
use crate::report::outcome;
use crate::report::show::InShort;
use crate::sys::Pid;
use crate::text::{Show, Sink, With, out};
use crate::witness::resource::{COUNT, Resource};
use crate::witness::verdict::{Row, Says, Verdict};

/// The names of the two tasks.
const NAMES: [&str; 2] = ["parent", "child"];

/// Writes the picture; `name` is what the task is called, if it has a name, and `names` is how its ids are written; `why` is
/// the reason for the outcome, and `remedy` is what helps.
pub fn write(
    out: &mut dyn Sink,
    findings: &Findings,
    language: Language,
    (name, names): (Option<&dyn Show>, Names),
    [why, remedy]: [Option<&dyn Show>; 2],
) {
    let title = With(|out: &mut dyn Sink| title(out, findings, name, names));
    let outcome = outcome::line(findings);
    let why = why.map(|why| ("why: ", why));
    let remedy = remedy.map(|remedy| ("try: ", remedy));
    let lines = [Some(&outcome as &dyn Show), why.as_ref().map(|why| why as _), remedy.as_ref().map(|line| line as _)];
    let mut told = [&"" as &dyn Show; 3];
    let mut count = 0;
    for line in lines.into_iter().flatten() {
        told[count] = line;
        count += 1;
    }
    let facts = [of_parent(findings, names), of_child(findings, names)];
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
    super::write(out, &Picture { title: &title, told: &told[..count], one, other, items }, language);
}

/// The call and its answer.
fn title(out: &mut dyn Sink, findings: &Findings, name: Option<&dyn Show>, names: Names) {
    if let Some(name) = name {
        out!(out, name, ": ");
    }
    out!(out, InShort(findings.task.call));
    match findings.result {
        CallResult::Refused(errno) => out!(out, " = -1 ", errno),
        _ => out!(out, " = ", names.id(findings.task.tid.map(Pid::number))),
    }
}

/// What is known of a task, and what it was later.
#[derive(Clone, Copy)]
struct Fact {
    name: &'static str,
    value: Id,
    later: Option<usize>,
}

impl Show for Fact {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, self.name, " ", self.value);
        if let Some(later) = self.later {
            out!(out, ", then ", later);
        }
    }
}

/// What the parent says of itself.
fn of_parent(findings: &Findings, names: Names) -> [Fact; 4] {
    let Identity { pid, tid, .. } = findings.parent;
    let tid = tid.or(findings.subject.map(Pid::number));
    facts(&findings.parent, [names.id(pid), names.id(tid)], names, None)
}

/// What the child says of itself.
fn of_child(findings: &Findings, names: Names) -> [Fact; 4] {
    let Identity { pid, tid, .. } = findings.child;
    let tid = match tid {
        Some(_) => names.id_of_child(tid),
        None => names.id(findings.task.tid.map(Pid::number)),
    };
    let root = findings.root.iter().flatten().find(|step| step.step == Step::Getuid);
    facts(&findings.child, [names.id_of_child(pid), tid], names, root.and_then(|step| step.result.ok()))
}

/// What a task says of itself.
fn facts(identity: &Identity, [pid, tid]: [Id; 2], names: Names, later: Option<usize>) -> [Fact; 4] {
    let fact = |name, value| Fact { name, value, later: None };
    [
        fact("pid", pid),
        fact("tid", tid),
        Fact { later, ..fact("uid", names.user(identity.uid)) },
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
