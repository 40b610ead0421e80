//! The table at the end of the tour: resources down, tasks across.

use super::print::{byte, say};
use crate::witness::resource::{COUNT, RESOURCES};
use crate::witness::verdict::Words;
use crate::words::Text;

/// Prints the table: what was asked for where that is proven, or what came instead.
pub fn tour(names: impl Iterator<Item = Text>, tasks: &[[Words; COUNT]]) {
    say(Text::TableHead);
    row(names);
    for (place, resource) in RESOURCES.iter().enumerate() {
        say(Text::Indent);
        say(resource.names[0]);
        row(tasks.iter().map(|task| match task[place] {
            [asked, .., Text::Honoured] => asked,
            [.., Text::NotHonoured] => Text::Wrong,
            [.., unknown] => unknown,
        }));
    }
    say(Text::TableFoot);
}

/// The words of a row, each in a column of its own.
fn row(words: impl Iterator<Item = Text>) {
    for word in words {
        byte(b'\t');
        say(word);
    }
    byte(b'\n');
}
