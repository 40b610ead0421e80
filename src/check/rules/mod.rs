//! The rules one by one: each rule's smallest provoking call gets its errno, and the same call amended is accepted.

mod asking;
mod here;
mod namespaces;
pub mod place;
mod table;
mod users;

use super::judge::Judge;
use super::leaf::{Body, Leaf, Name};
use crate::rules::rule::RULES;
use asking::Asking;
pub use asking::Row;
pub use table::{ROWS, write_ids};

/// The leaf of the rule with this index.
pub fn leaf(number: usize) -> Option<Leaf> {
    let (row, rule) = (ROWS.get(number)?, RULES.get(number)?);
    let (flags, cases) = (row.flags(rule), row.cases);
    Some(Leaf { name: Name::word(row.name), flags, row: number, cases, body: Body::Worker(ask) })
}

/// Asks the cases of a rule.
fn ask(leaf: &Leaf, judge: Judge) {
    if let Some(row) = ROWS.get(leaf.row) {
        write_ids();
        Asking::new(leaf.row, row, judge).all();
    }
}
