//! The table at the end of the tour: resources down, tasks across.

use super::print::Printer;
use crate::witness::resource::{COUNT, RESOURCES};
use crate::witness::trial::Trial;
use crate::witness::verdict::Verdict;

/// A column: its title, then a word for each resource.
pub struct Column(&'static str, [&'static str; COUNT]);

/// How wide a column is.
const WIDTH: usize = 9;

/// Where the first one begins.
const FIRST: usize = 19;

impl Column {
    /// The column of a task: what was asked for if that is proven, or what came instead.
    pub fn new(title: &'static str, trial: &Trial) -> Self {
        let word = |place| match trial.verdict(place) {
            _ if trial.failure.is_some() => "SKIP",
            Verdict::Honoured => trial.row(place)[2],
            Verdict::NotHonoured => "WRONG",
            Verdict::Unknown => "unknown",
        };
        Self(title, core::array::from_fn(word))
    }
}

/// Prints the table.
pub fn tour(out: &mut Printer, columns: &[Column]) {
    out.text("What each new task shares with the task that made it").end();
    row(out, "resource", columns, |column| column.0);
    for (place, resource) in RESOURCES.iter().enumerate() {
        row(out, resource.name, columns, |column| column.1[place]);
    }
    out.text(
        "  shared: one for both, and what either changes is changed for the other
  copied: one of its own, equal at first; new: one of its own, made fresh
  parent: shared is the maker's own parent, new is the maker itself",
    )
    .end();
}

fn row(out: &mut Printer, name: &str, columns: &[Column], word: impl Fn(&Column) -> &'static str) {
    out.text("  ").text(name);
    for (index, column) in columns.iter().enumerate() {
        out.column(FIRST + index * WIDTH).text(word(column));
    }
    out.end();
}
