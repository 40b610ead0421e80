//! The table at the end of the tour: resources down, tasks across.

use super::print::{column, end, line, say};
use crate::witness::resource::{COUNT, RESOURCES};
use crate::witness::trial::Trial;
use crate::witness::verdict::Verdict;
use crate::words::Text;

/// A column: the name of the task, then a word for each resource.
pub type Column = [Text; 1 + COUNT];

/// How wide a column is.
const WIDTH: usize = 9;

/// Where the first one begins.
const FIRST: usize = 19;

/// The column of a task: what was asked for where that is proven, or what came instead.
pub fn of(trial: &Trial) -> Column {
    core::array::from_fn(|row| match row.checked_sub(1) {
        None => trial.task.plan.name,
        Some(_) if trial.failure.is_some() => Text::Skip,
        Some(place) => match trial.verdict(place) {
            Verdict::Honoured => trial.word(place, 0),
            Verdict::NotHonoured => Text::Wrong,
            Verdict::Unknown => Text::Unknown,
        },
    })
}

/// Prints the table.
pub fn tour(columns: &[Column]) {
    line(Text::TableHead);
    for row in 0..=COUNT {
        say(Text::Indent);
        say(row.checked_sub(1).map_or(Text::TableResource, |place| RESOURCES[place].name));
        for (place, words) in columns.iter().enumerate() {
            column(FIRST + place * WIDTH);
            say(words[row]);
        }
        end();
    }
    line(Text::TableFoot);
}
