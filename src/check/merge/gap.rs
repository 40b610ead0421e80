//! Which sweep asks the sets that are missing.

use crate::check::sweep::Space;
use crate::check::sweep::plan::shard;
use core::ops::Range;

/// The most shards that are thought of.
const MOST: usize = 1 << 16;

/// A sweep that asks a part of a space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    /// Which shard, from 0.
    pub shard: usize,
    /// Of how many.
    pub of: usize,
    /// The position to begin with, if it is not the first of the shard.
    pub from: Option<usize>,
    /// The position behind the last one.
    end: usize,
}

impl Share {
    /// The shard of so many, at least one, that has this position, from there on.
    fn new(space: Space, of: usize, first: usize) -> Option<Self> {
        // The last shard that begins at the position or before it.
        let number = ((first + 1) * of - 1) / space.size();
        let range = shard(space, number, of)?;
        Some(Self { shard: number, of, from: (range.start != first).then_some(first), end: range.end })
    }
}

/// The sweeps that ask the sets at these positions of a space, and no others. The last sets are left out if no shard
/// ends with them.
pub fn shares(space: Space, sets: Range<usize>) -> impl Iterator<Item = Share> {
    let Range { start: mut first, end } = sets;
    core::iter::from_fn(move || {
        let all = (1..=MOST).take_while(|_| first < end).filter_map(|of| Share::new(space, of, first));
        // Among those that reach as far, one that needs no --from, of as few shards as may be.
        let rank = |share: &Share| (share.end, share.from.is_none());
        let better = |best: Share, share: Share| if rank(&share) > rank(&best) { share } else { best };
        let best = all.filter(|share| share.end <= end).reduce(better)?;
        first = best.end;
        Some(best)
    })
}
