//! The table at the end of the tour: resources down, tasks across.

use super::print::{byte, say};
use crate::witness::resource::{COUNT, RESOURCES};
use crate::witness::trial::Trial;
use crate::words::Text;

/// Prints the table, a column under each of `names`: what was asked for where that is proven, or what came instead.
pub fn tour(names: impl Iterator<Item = Text>, trials: &[Trial]) {
    say(Text::TableHead);
    row(names);
    for (place, resource) in (0..COUNT).zip(RESOURCES) {
        say(Text::Indent);
        say(resource.names[0]);
        row(trials.iter().map(|trial| match trial.words[place] {
            _ if trial.is_forbidden() => Text::Skip,
            _ if trial.failure.is_some() => Text::Failed,
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
