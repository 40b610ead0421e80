//! The sweep: clone(2) is asked every set of its 24 flags, in pieces and by several workers at once.
//!
//! Twelve of the flags decide whether the kernel accepts a set, see [`decisive`](super::decisive); that the others do
//! not is what the sweep proves. The sets stand in a mixed order, so that equal ranges hold about as many accepted
//! sets, and take about as long.

pub mod crew;
pub mod limited;
pub mod plan;

mod networks;

use super::judge::{Judge, USED_UP, Verdict};
use super::leaf::{Body, Leaf, Name};
use super::skip::Skip;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, LEGACY};
use crate::sys::Result as SysResult;
use core::ops::Range;

/// Which sets are asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Space {
    /// All sets of the flags of clone(2).
    All,
    /// Those without CLONE_NEWNET.
    WithoutNet,
}

/// How many sets of the flags of clone(2) there are.
pub const SETS: usize = 1 << LEGACY.bits().count_ones();

/// A number with no common factor with the number of sets, near their golden section: its multiples hit each set once,
/// and neighbours lie far apart.
const STRIDE: usize = 0x9e_3779;

impl Space {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "legacy",
            Self::WithoutNet => "legacy-no-netns",
        }
    }

    /// The flags of which sets are made.
    pub fn flags(self) -> Flags {
        match self {
            Self::All => LEGACY,
            Self::WithoutNet => LEGACY - Flags::NEWNET,
        }
    }

    /// How many sets these make.
    pub fn size(self) -> usize {
        1 << self.flags().bits().count_ones()
    }

    /// The set at this position of the order.
    pub fn set(self, position: usize) -> Flags {
        let number = position.wrapping_mul(STRIDE) as u64 & (self.size() as u64 - 1);
        // The flags of clone(2) are bits next to each other; the one that is left out divides the number.
        let shifted = number << LEGACY.bits().trailing_zeros();
        Flags::from_bits_retain(match self {
            Self::All => shifted,
            Self::WithoutNet => {
                let below = Flags::NEWNET.bits() - 1;
                shifted & below | (shifted & !below) << 1
            }
        })
    }

    /// The leaf of the sets at these positions.
    fn leaf(self, positions: &Range<usize>) -> Leaf {
        let (row, cases) = (positions.start, positions.len());
        Leaf { name: Name::word("sets"), flags: self.flags(), row, cases, body: Body::Worker(ask) }
    }

    /// The space whose leaf this is.
    fn of(leaf: &Leaf) -> Self {
        if leaf.flags.contains(Flags::NEWNET) { Self::All } else { Self::WithoutNet }
    }
}

/// Asks the sets of a leaf.
fn ask(leaf: &Leaf, judge: Judge) {
    each(leaf, judge, |call| judge.attempt(call, &USED_UP));
}

/// Judges the answers to the sets of a leaf.
fn each(leaf: &Leaf, judge: Judge, answer: impl Fn(&Call) -> Result<SysResult<()>, Skip>) {
    let space = Space::of(leaf);
    for position in leaf.row..leaf.row + leaf.cases {
        let call = Call::usual(Api::Clone, space.set(position));
        judge.case(|| answer(&call).map_or_else(Verdict::Skipped, |got| judge.verdict(&call, got)));
    }
}
