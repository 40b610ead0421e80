//! A leaf: cases with one result and one line, whose name is unique and does not change.

use super::judge::Judge;
use crate::board::Board;
use crate::board::record::Experiment;
use crate::clone::flags::Flags;
use crate::error::Failure;

/// The name of a leaf: a word, and perhaps a flag. It is shown as `clone.vm`, in letters of [a-z0-9_.-].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Name {
    /// The word; empty if the flag says it all.
    pub word: &'static str,
    /// The flag, shown in small letters and without CLONE_.
    pub flag: Option<Flags>,
}

impl Name {
    /// A word.
    pub const fn word(word: &'static str) -> Self {
        Self { word, flag: None }
    }

    /// A word and a flag.
    pub const fn flag(word: &'static str, flag: Flags) -> Self {
        Self { word, flag: Some(flag) }
    }
}

/// Asks the cases of a leaf.
#[derive(Clone, Copy)]
pub enum Body {
    /// In a worker: a copy of the check's own process, without children, with all signals blocked.
    Worker(fn(&Leaf, Judge)),
    /// In the check's own process, which is the laboratory's examiner.
    Laboratory(fn(&Leaf, Judge, Board<Experiment>) -> Result<(), Failure>),
}

/// A leaf.
#[derive(Clone, Copy)]
pub struct Leaf {
    /// The name.
    pub name: Name,
    /// The flags of all calls that the leaf makes: if the kernel ignored one of them, the leaf would fail.
    pub flags: Flags,
    /// The row of the group's table, if it has one.
    pub row: usize,
    /// How many cases there are.
    pub cases: usize,
    /// The cases.
    pub body: Body,
}
