//! The pages of the laboratory: a table, and a picture of the two tasks and what they point to, in text or for dot(1).
//!
//! Table and pictures show the same rows. A picture draws an object once if the witnesses say that both tasks share it.

use crate::experiment::findings::{CallResult, Findings};
use crate::report::advice;
use crate::report::task::call;
use crate::rules::amend::Advice;
use crate::sys::Pid;
use crate::text::{Sink, Tab, out};
use crate::witness::verdict::{Row, Says, Verdict};

/// The page with the table; `advice` is about the call.
pub fn page(out: &mut dyn Sink, findings: &Findings, advice: &Advice) {
    out!(out, call(&findings.task));
    match (findings.result, findings.task.tid) {
        (CallResult::Refused(errno), _) => out!(out, " = -1 ", errno, "\n"),
        (_, Some(tid)) => out!(out, " = ", tid, "\n"),
        (_, None) => out!(out, " = ?\n"),
    }
    out!(out, "predicted: ", findings.predicted.expected);
    if let Some(rule) = findings.predicted.rule() {
        out!(out, " (rule ", rule.id, ")");
    }
    out!(out, "\n");
    advice::lines(out, findings.task.call, advice);
    if findings.task.tid.is_some() {
        rows(out, findings);
    }
    out!(out, "outcome: ", findings.outcome.name());
    if let Some(signal) = findings.killed {
        out!(out, ", killed by signal ", signal.number());
    }
    out!(out, "\n");
}

/// Both tasks' ids, and each resource with its two witnesses.
fn rows(out: &mut dyn Sink, findings: &Findings) {
    out!(out, Tab, "ppid", Tab, "pid", Tab, "tid", Tab, "uid", Tab, "gid", Tab, "counter\n");
    out!(out, "  subject", findings.parent, "\n  child", findings.child, "\n");
    out!(out, "  CLONE_", Tab, "asked", Tab, "kernel", Tab, "behaviour", Tab, "verdict   resource\n");
    for (resource, row) in findings.shown() {
        let (asked, kernel, behaviour) = (row.asked.name(), row.kernel.of_kernel(), row.behaviour.of_behaviour());
        out!(out, "  ", resource.flag, Tab, asked, Tab, kernel, Tab, behaviour, Tab, row.verdict.name());
        out!(out, Tab, resource.name, "\n");
    }
}

/// How a picture draws a resource.
#[derive(Clone, Copy)]
enum Drawn {
    /// One object for both tasks.
    One,
    /// One object each.
    Two,
    /// Unknown.
    Unknown,
}

fn drawn(row: &Row) -> Drawn {
    match row.verdict {
        Verdict::Unknown => Drawn::Unknown,
        _ if row.kernel == Says::One || row.behaviour == Says::One => Drawn::One,
        _ => Drawn::Two,
    }
}

/// The ids of subject and child; 0 if unknown.
fn ids(findings: &Findings) -> [usize; 2] {
    [findings.subject, findings.task.tid].map(|task| task.map_or(0, Pid::number))
}

/// The objects in a picture, without effects.
fn objects(findings: &Findings) -> impl Iterator<Item = (&'static str, Drawn)> {
    let objects = findings.shown().filter(|(resource, _)| !resource.is_effect());
    objects.map(|(resource, row)| (resource.name, drawn(row)))
}

/// The picture for dot(1).
pub fn dot(out: &mut dyn Sink, findings: &Findings) {
    let [subject, child] = ids(findings);
    out!(out, "digraph chimera {\n  rankdir=LR;\n");
    out!(out, "  s [shape=box,label=\"subject ", subject, "\"];\n  c [shape=box,label=\"child ", child, "\"];\n");
    for (name, drawn) in objects(findings) {
        match drawn {
            Drawn::One => out!(out, "  s -> \"", name, "\";\n  c -> \"", name, "\";\n"),
            Drawn::Two => {
                out!(
                    out,
                    "  s -> \"",
                    name,
                    "\";\n  c -> \"",
                    name,
                    "'\";\n  \"",
                    name,
                    "'\" [label=\"",
                    name,
                    "\"];\n"
                );
            }
            Drawn::Unknown => {
                out!(out, "  s -> \"", name, "\" [style=dashed];\n  c -> \"", name, "\" [style=dashed];\n");
            }
        }
    }
    out!(out, "}\n");
}

/// The picture in text.
pub fn graph(out: &mut dyn Sink, findings: &Findings) {
    let [subject, child] = ids(findings);
    out!(out, "  subject ", subject, Tab, "child ", child, "\n  |                     |\n");
    for (name, drawn) in objects(findings) {
        match drawn {
            Drawn::One => out!(out, "  +---------(+)---------+  ", name, "\n"),
            Drawn::Two => out!(out, "  +--(+)           (+)--+  ", name, "\n"),
            Drawn::Unknown => out!(out, "  +--( )     ?     ( )--+  ", name, "\n"),
        }
    }
}
