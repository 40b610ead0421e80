//! The table at the end of the tour: a row per resource, a column per task.

use crate::experiment::findings::Findings;
use crate::text::{Sink, Tab, out};
use crate::witness::resource::{OF_MODES, RESOURCES};
use crate::witness::verdict::Verdict;

/// Prints the table with a column for each of `names`: what was asked for if that is proven, otherwise a word for what
/// happened.
pub fn tour<'a>(out: &mut dyn Sink, names: impl Iterator<Item = &'a str>, tasks: &[Findings]) {
    out!(out, "What tasks share with their maker\n  resource");
    for name in names {
        out!(out, Tab, name);
    }
    out!(out, "\n");
    for (place, resource) in RESOURCES.iter().enumerate().take(OF_MODES) {
        out!(out, "  ", resource.name);
        for task in tasks {
            out!(out, Tab, cell(task, place));
        }
        out!(out, "\n");
    }
    out!(out, "  shared: one for both; copied: equal at first; new: fresh\n");
    out!(out, "  parent: new is the maker, shared its own\n");
}

/// The cell of a task and a resource.
fn cell(task: &Findings, place: usize) -> &'static str {
    let row = &task.rows[place];
    match row.verdict {
        _ if task.is_forbidden() => "SKIP",
        _ if !task.is_told() => "FAILED",
        Verdict::Honoured => row.asked.name(),
        Verdict::NotHonoured => "WRONG",
        Verdict::Unknown => "unknown",
    }
}
