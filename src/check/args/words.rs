//! The words in which the kernel stores ids. An address where it cannot store is no error: nobody looks at what comes
//! of storing (kernel_clone, schedule_tail and mm_release of the kernel).

use super::asking::{answer, at_edge, compare, plain};
use crate::check::case::{Answer, What};
use crate::check::judge::Judge;
use crate::check::leaf::Leaf;
use crate::check::want::Want;
use crate::clone::attempt::{Attempt, Edge, Made, Pointer};
use crate::clone::bare::attempt_with;
use crate::clone::call::Api;

/// How many bytes a word has.
const WORD: usize = 4;

/// How far a word may be from the end of what can be accessed.
const FARTHEST: usize = 68;

/// The addresses at which the kernel cannot store.
pub fn bad(edge: Edge) -> impl Iterator<Item = Pointer> {
    let cut = (0..WORD).map(move |room| Pointer::Edge(edge, room));
    [Pointer::Null, Pointer::Unmapped, Pointer::Hole, Pointer::Kernel, Pointer::ReadOnly].into_iter().chain(cut)
}

/// The addresses at which it can, aligned or not.
pub fn good(edge: Edge) -> impl Iterator<Item = Pointer> {
    [Pointer::Own].into_iter().chain((WORD..=FARTHEST).map(move |room| Pointer::Edge(edge, room)))
}

/// How many these are.
pub const BAD: usize = 5 + WORD;
pub const GOOD: usize = 2 + FARTHEST - WORD;

pub fn cases() -> usize {
    BAD + GOOD
}

/// Which word is meant.
struct Word {
    what: What,
    /// The attempt with the word there.
    at: fn(Attempt, Pointer) -> Attempt,
    /// Whether the word holds what it should.
    is_stored: fn(&Made) -> bool,
}

const PARENT: Word = Word {
    what: What::ParentTid,
    at: |attempt, parent_tid| Attempt { parent_tid, ..attempt },
    is_stored: |made| made.parent_tid == Some(made.task.number() as u32),
};

const CHILD: Word = Word {
    what: What::ChildTid,
    at: |attempt, child_tid| Attempt { child_tid, ..attempt },
    is_stored: |made| made.child_tid == Some(made.task.number() as u32),
};

const CLEARED: Word = Word { is_stored: |made| made.child_tid == Some(0), ..CHILD };

/// Asks all addresses.
fn store(leaf: &Leaf, judge: Judge, api: Api, word: &Word) {
    at_edge(leaf, judge, |edge| {
        for pointer in bad(edge) {
            let attempt = (word.at)(plain(api, leaf.flags), pointer);
            let value = (word.what, pointer.address(0) as u64);
            judge.case(|| compare(judge, &attempt, value, Want::OK, answer(&attempt, attempt_with(&attempt))));
        }
        for pointer in good(edge) {
            let attempt = (word.at)(plain(api, leaf.flags), pointer);
            let value = (word.what, pointer.address(0) as u64);
            judge.case(|| {
                let got = match attempt_with(&attempt) {
                    Ok(made) if (word.is_stored)(&made) => Answer::Seen,
                    Ok(_) => Answer::NotSeen,
                    Err(errno) => Answer::Refused(errno),
                };
                compare(judge, &attempt, value, Want::SEEN, got)
            });
        }
    });
}

pub fn parent_of_clone(leaf: &Leaf, judge: Judge) {
    store(leaf, judge, Api::Clone, &PARENT);
}

pub fn parent_of_clone3(leaf: &Leaf, judge: Judge) {
    store(leaf, judge, Api::Clone3, &PARENT);
}

pub fn child_of_clone(leaf: &Leaf, judge: Judge) {
    store(leaf, judge, Api::Clone, &CHILD);
}

pub fn child_of_clone3(leaf: &Leaf, judge: Judge) {
    store(leaf, judge, Api::Clone3, &CHILD);
}

pub fn cleared_of_clone(leaf: &Leaf, judge: Judge) {
    store(leaf, judge, Api::Clone, &CLEARED);
}

pub fn cleared_of_clone3(leaf: &Leaf, judge: Judge) {
    store(leaf, judge, Api::Clone3, &CLEARED);
}
