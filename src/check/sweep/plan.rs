//! What of a sweep is asked next, and what has been asked.
//!
//! Workers take pieces in the order of the positions and finish them in any order. A part has a line in the report: it
//! ends at a multiple of [`PART`], and is complete when all of its pieces are. At most two parts are under way, so that
//! one slow piece does not let the others run far ahead.

use super::Space;
use crate::check::judge::Tally;
use core::ops::Range;

/// How many sets a worker is given at once: an interrupted sweep finishes these.
pub const PIECE: usize = 4096;

/// How many sets have a line in the report, as far as the sweep asks them all.
pub const PART: usize = 1 << 18;

/// The sets of one line.
#[derive(Clone, Debug)]
pub struct Part {
    /// Their positions.
    pub range: Range<usize>,
    /// What has come of those that were asked.
    pub tally: Tally,
    /// How many of them are still asked by a worker.
    running: usize,
}

impl Part {
    /// The part that begins at a position.
    fn at(from: usize, end: usize) -> Self {
        let next = (from / PART + 1) * PART;
        Self { range: from..next.min(end), tally: Tally::default(), running: 0 }
    }
}

/// The plan of a sweep.
pub struct Plan {
    /// The position of the next set to be asked.
    next: usize,
    /// The position behind the last.
    end: usize,
    /// The parts under way: the one that is reported next, and the one after it.
    parts: [Part; 2],
}

/// How many parts these positions have.
pub fn parts(range: &Range<usize>) -> usize {
    if range.is_empty() { 0 } else { (range.end - 1) / PART - range.start / PART + 1 }
}

/// The positions of shard `number` of `count`, from 0: equal ranges, up to one set. None if there is no such shard, or
/// if it would be empty.
pub fn shard(space: Space, number: usize, count: usize) -> Option<Range<usize>> {
    if number >= count || count > space.size() {
        return None;
    }
    // Neither product exceeds 2^48.
    Some(number * space.size() / count..(number + 1) * space.size() / count)
}

impl Plan {
    /// The plan for these positions.
    pub fn new(range: Range<usize>) -> Self {
        let first = Part::at(range.start, range.end);
        let second = Part::at(first.range.end, range.end);
        Self { next: range.start, end: range.end, parts: [first, second] }
    }

    /// The next positions to be asked; none if all were taken, or if the part that is reported next has to be completed
    /// first.
    pub fn take(&mut self) -> Option<Range<usize>> {
        let part = self.parts.iter_mut().find(|part| part.range.contains(&self.next))?;
        let piece = self.next..part.range.end.min(self.next.saturating_add(PIECE));
        part.running += piece.len();
        self.next = piece.end;
        Some(piece)
    }

    /// Whether there are positions that can be taken.
    pub fn has_more(&self) -> bool {
        self.parts.iter().any(|part| part.range.contains(&self.next))
    }

    /// Takes no more: what was not taken is not asked.
    pub fn stop(&mut self) {
        self.end = self.next;
        for part in &mut self.parts {
            part.range = part.range.start.min(self.end)..part.range.end.min(self.end);
        }
    }

    /// Adds what came of a piece.
    pub fn put(&mut self, piece: &Range<usize>, tally: &Tally) {
        if let Some(part) = self.parts.iter_mut().find(|part| part.range.contains(&piece.start)) {
            part.running = part.running.saturating_sub(piece.len());
            part.tally.add(tally);
        }
    }

    /// Reports each part that is complete, if the parts before it are.
    pub fn report(&mut self, follower: &mut dyn Follower) {
        while let Some(part) = self.completed() {
            follower.part(&part);
        }
    }

    /// Takes the first part under way if it is complete.
    fn completed(&mut self) -> Option<Part> {
        let [first, second] = &mut self.parts;
        if first.range.is_empty() || first.running > 0 || self.next < first.range.end {
            return None;
        }
        core::mem::swap(first, second);
        let after = Part::at(first.range.end, self.end);
        Some(core::mem::replace(second, after))
    }

    /// The position of the next set; behind the last if all were taken.
    pub fn next(&self) -> usize {
        self.next
    }

    /// Whether all sets were asked and reported.
    pub fn is_over(&self) -> bool {
        self.next >= self.end && self.parts.iter().all(|part| part.range.is_empty())
    }
}

/// What follows a sweep while it runs.
pub trait Follower {
    /// Is told now and then the position of the next set. Returns whether the sweep is to end early.
    fn look(&mut self, next: usize) -> bool;

    /// Is told each part, in the order of the positions.
    fn part(&mut self, part: &Part);
}
