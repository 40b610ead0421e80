//! The address of clone3(2)'s struct: null, where nothing is, the kernel's, and across the end of what can be read.

use super::asking::{ask, at_edge};
use super::sizes::{all, of_size, sized};
use crate::check::case::What;
use crate::check::judge::Judge;
use crate::check::leaf::Leaf;
use crate::check::want::Want;
use crate::clone::attempt::{Attempt, FIRST_VERSION, Pointer};
use crate::clone::flags::Flags;
use crate::sys::memory::PAGE;

pub fn nowhere_cases() -> usize {
    all().count()
}

/// A struct that cannot be read. Its size is looked at before the address.
fn nowhere(judge: Judge, structure: Pointer) {
    for size in all() {
        let attempt = Attempt { structure, ..sized(Flags::empty(), size) };
        ask(judge, &attempt, (What::Size, size as u64), of_size(size, Want::FAULT));
    }
}

pub fn null(_: &Leaf, judge: Judge) {
    nowhere(judge, Pointer::Null);
}

pub fn unmapped(_: &Leaf, judge: Judge) {
    nowhere(judge, Pointer::Unmapped);
}

pub fn hole(_: &Leaf, judge: Judge) {
    nowhere(judge, Pointer::Hole);
}

pub fn kernel(_: &Leaf, judge: Judge) {
    nowhere(judge, Pointer::Kernel);
}

pub fn short_cases() -> usize {
    (0..=PAGE).count()
}

/// The last byte of the struct cannot be read.
pub fn short(leaf: &Leaf, judge: Judge) {
    at_edge(leaf, judge, |edge| {
        for room in 0..=PAGE {
            let attempt = Attempt { structure: Pointer::Edge(edge, room), ..sized(Flags::empty(), room + 1) };
            ask(judge, &attempt, (What::Size, attempt.call.size as u64), of_size(room + 1, Want::FAULT));
        }
    });
}

/// The sizes of structs that end where what can be read ends.
fn fitting() -> impl Iterator<Item = usize> {
    (FIRST_VERSION..2 * FIRST_VERSION).chain((2 * FIRST_VERSION..=PAGE).step_by(16))
}

pub fn fits_cases() -> usize {
    fitting().count()
}

/// The byte behind the struct cannot be read, and none of the kernel's business.
pub fn fits(leaf: &Leaf, judge: Judge) {
    at_edge(leaf, judge, |edge| {
        for room in fitting() {
            let attempt = Attempt { structure: Pointer::Edge(edge, room), ..sized(Flags::VM, room) };
            ask(judge, &attempt, (What::Size, room as u64), Want::OK);
        }
    });
}
