//! Pictures of the two tasks and what they point to, in text and for dot(1), with the rows of the table. An object is drawn
//! once if the witnesses say that both tasks share it.

use crate::experiment::findings::Findings;
use crate::sys::Pid;
use crate::text::{Sink, Tab, out};
use crate::witness::verdict::{Row, Says, Verdict};

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
