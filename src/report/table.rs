//! The table at the end of the tour: resources down, tasks across.

use super::print::Printer;
use crate::witness::resource::RESOURCES;
use crate::witness::trial::Trial;
use crate::witness::verdict::Verdict;

/// How wide a column is.
const WIDTH: usize = 9;

/// Where the first one begins.
const FIRST: usize = 19;

/// Prints the table: what was asked for where that is proven, or what came instead.
#[inline(never)]
pub fn tour(out: &mut Printer, trials: &[Trial]) {
    out.text("What each new task shares with the task that made it").end();
    out.text("  resource");
    for (index, trial) in trials.iter().enumerate() {
        out.column(FIRST + index * WIDTH).text(trial.task.plan.name);
    }
    out.end();
    for (place, resource) in RESOURCES.iter().enumerate() {
        out.text("  ").text(resource.name);
        for (index, trial) in trials.iter().enumerate() {
            out.column(FIRST + index * WIDTH).text(match trial.verdict(place) {
                _ if trial.failure.is_some() => "SKIP",
                Verdict::Honoured => trial.word(place, 0),
                Verdict::NotHonoured => "WRONG",
                Verdict::Unknown => "unknown",
            });
        }
        out.end();
    }
    out.text(
        "  shared: one for both, and what either changes is changed for the other
  copied: one of its own, equal at first; new: one of its own, made fresh
  parent: shared is the maker's own parent, new is the maker itself",
    )
    .end();
}
