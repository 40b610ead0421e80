//! The table at the end of the tour: resources down, tasks across.

use super::print::{column, end, line, say};
use crate::witness::resource::{COUNT, RESOURCES};
use crate::witness::trial::Trial;
use crate::witness::verdict::VERDICT;
use crate::words::Text;

/// A column: a word for each resource.
pub type Column = [Text; COUNT];

/// How wide a column is.
const WIDTH: usize = 9;

/// Where the first one begins.
const FIRST: usize = 19;

/// The column of a task: what was asked for where that is proven, or what came instead.
pub fn of(trial: &Trial) -> Column {
    trial.words.map(|words| match words[VERDICT] {
        _ if trial.failure.is_some() => Text::Skip,
        Text::Honoured => words[0],
        Text::NotHonoured => Text::Wrong,
        unknown => unknown,
    })
}

/// Prints the table: the names of the tasks, and their columns.
pub fn tour(names: impl Iterator<Item = Text>, columns: &[Column]) {
    line(Text::TableHead);
    row(Text::TableResource, names);
    for (place, resource) in RESOURCES.iter().enumerate() {
        row(resource.name, columns.iter().map(|column| column[place]));
    }
    line(Text::TableFoot);
}

fn row(name: Text, words: impl Iterator<Item = Text>) {
    say(Text::Indent);
    say(name);
    let mut begin = FIRST;
    for word in words {
        column(begin);
        say(word);
        begin += WIDTH;
    }
    end();
}
