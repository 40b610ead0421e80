//! Why outputs are not added up.

use super::head::About;
use crate::check::sweep::Space;
use alloc::vec::Vec;
use core::ops::Range;

/// A line of a file. Both numbers are as in the command line and as in the file: the first file is 0, the first line 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The file.
    pub file: usize,
    /// The line.
    pub line: usize,
}

/// What is wrong with a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is not the first line of an output.
    NotFirst(Vec<u8>),
    /// No output has it in this place.
    Strange(Vec<u8>),
    /// It is longer than any that a sweep writes.
    Long,
    /// It has bytes that a sweep never writes.
    Binary,
    /// The head ends here, and does not say this.
    Missing(About),
    /// The head says this a second time.
    Twice(About),
    /// There is no such space.
    NoSpace(Vec<u8>),
    /// The head of the first output, in this file, says this of another place.
    Differs(About, Vec<u8>, usize, Vec<u8>),
    /// There is no such rule of clone(2).
    NoRule(Vec<u8>),
    /// The sets are none of this space, or not those that follow the sets before.
    Sets,
    /// More sets were asked than these, or fewer.
    Asked,
    /// The answers do not add up to the sets that were asked.
    Answers,
    /// The rules do not add up to the sets that were refused.
    Refused,
    /// The line is not the result of the line before it.
    Result,
    /// The numbers are not the sums of those before.
    Sums,
}

/// Why outputs are not added up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// A line is wrong.
    Line(Place, Fault),
    /// The file ends within a head, or has none.
    Ends(Place),
    /// The sets at these positions were asked by the outputs that begin with these two lines.
    Overlap(Range<usize>, [Place; 2]),
    /// No output has the sets at these positions.
    Gaps(Space, Vec<Range<usize>>),
}
