//! The table at the end of the tour: resources down, tasks across.

use super::print::{byte, say};
use crate::witness::resource::{COUNT, RESOURCES};
use crate::witness::trial::Trial;
use crate::words::Text;

/// Prints the table: what was asked for where that is proven, or what came instead.
pub fn tour(trials: &[Trial]) {
    say(Text::TableHead);
    row(trials.iter().map(|trial| trial.task.plan.name));
    for (place, resource) in (0..COUNT).zip(&RESOURCES) {
        say(Text::Indent);
        say(resource.names[0]);
        row(trials.iter().map(|trial| match trial.words[place] {
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
