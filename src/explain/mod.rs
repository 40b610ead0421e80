//! What each word means that the program prints: topics, in plain words.
//!
//! The topics come from the tables of the program. Where a row of a table needs a text, the text stands in a table of the
//! same order, or in a match over the enumeration, so that the compiler says when one is missing.

pub mod causes;
pub mod check;
pub mod errnos;
pub mod find;
pub mod flags;
pub mod keys;
pub mod presets;
pub mod questions;
pub mod resources;
pub mod rules;
pub mod settings;
pub mod signals;
pub mod steps;
pub mod topic;
pub mod values;
pub mod words;

use topic::Visit;

/// Passes on all topics, except those about commands and their options.
pub fn each(visit: &mut Visit) {
    let all: [fn(&mut Visit); 14] = [
        presets::each,
        flags::each,
        resources::each,
        words::each,
        values::each,
        rules::each,
        errnos::each,
        signals::each,
        causes::each,
        steps::each,
        settings::each,
        questions::each,
        check::each,
        keys::each,
    ];
    all.into_iter().for_each(|each| each(visit));
}
