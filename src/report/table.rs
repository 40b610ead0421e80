//! The table at the end of the tour: resources down, tasks across.

use super::print::{column, end, line, say};
use crate::witness::resource::{COUNT, RESOURCES};
use crate::witness::verdict::{VERDICT, Words};
use crate::words::Text;

/// How wide a column is.
const WIDTH: usize = 9;

/// Where the first one begins.
const FIRST: usize = 19;

/// Prints the table: what was asked for where that is proven, or what came instead.
pub fn tour(names: impl Iterator<Item = Text>, tasks: &[[Words; COUNT]]) {
    line(Text::TableHead);
    row(Text::TableResource, names);
    for place in 0..COUNT {
        let word = |task: &[Words; COUNT]| match task[place][VERDICT] {
            Text::Honoured => task[place][0],
            Text::NotHonoured => Text::Wrong,
            unknown => unknown,
        };
        row(RESOURCES[place].name, tasks.iter().map(word));
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
