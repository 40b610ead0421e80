//! The table at the end of the tour: resources down, tasks across.

use super::print::Printer;
use crate::witness::resource::RESOURCES;
use crate::witness::trial::Trial;
use crate::witness::verdict::Verdict;

/// A column: its title, and the task, which this place may have refused.
pub type Column = (&'static str, Trial);

/// How wide a column is.
const WIDTH: usize = 9;

/// Where the first one begins.
const FIRST: usize = 19;

/// Prints the table.
pub fn tour(out: &mut Printer, columns: &[Column]) {
    out.text("What each new task shares with the task that made it")
        .end();
    row(out, "  resource", columns, |(title, _)| title);
    for (place, resource) in RESOURCES.iter().enumerate() {
        out.text("  ");
        row(out, resource.name, columns, |(_, trial)| {
            match trial.verdict(place) {
                _ if trial.failure.is_some() => "SKIP",
                Verdict::Honoured => resource.asked(trial.call.plan.flags).word(),
                Verdict::NotHonoured => "WRONG",
                Verdict::Unknown => "unknown",
            }
        });
    }
    out.text(
        "  shared: one for both, and what either changes is changed for the other
  copied: one of its own, equal at first; new: one of its own, made fresh
  parent: shared is the maker's own parent, new is the maker itself",
    )
    .end();
}

fn row(out: &mut Printer, name: &str, columns: &[Column], word: impl Fn(&Column) -> &'static str) {
    out.text(name);
    for (index, column) in columns.iter().enumerate() {
        out.column(FIRST + index * WIDTH).text(word(column));
    }
    out.end();
}
