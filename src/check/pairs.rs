//! All sets of two flags, by clone(2) and by clone3(2); a leaf has those with one flag, alone and beside each other
//! one.

use super::judge::Judge;
use super::leaf::{Body, Leaf, Name};
use crate::clone::call::{Api, Call};
use crate::clone::flags::{By, FLAGS, Flag, Flags};

/// The leaf with this number: the flags of clone(2), then those of clone3(2).
pub fn leaf(number: usize) -> Option<Leaf> {
    let calls = [("clone", By::Clone), ("clone3", By::Clone3)];
    let mut all = calls.into_iter().flat_map(|(word, by)| of(by).map(move |flag| (word, by, flag)));
    let (word, by, flag) = all.nth(number)?;
    let flags = of(by).fold(Flags::empty(), |all, flag| all | flag.bit);
    let (cases, row) = (of(by).count(), usize::from(by == By::Clone3));
    Some(Leaf { name: Name::flag(word, flag.bit), flags, row, cases, body: Body::Worker(ask) })
}

/// The flags that a call has room for.
fn of(by: By) -> impl Iterator<Item = &'static Flag> {
    FLAGS.iter().filter(move |flag| flag.calls.contains(&by))
}

/// Asks all sets with the flag.
fn ask(leaf: &Leaf, judge: Judge) {
    let api = if leaf.row == 0 { Api::Clone } else { Api::Clone3 };
    let first = leaf.name.flag.unwrap_or_default();
    for other in of(api.by()) {
        judge.call(&Call::usual(api, first | other.bit));
    }
}
