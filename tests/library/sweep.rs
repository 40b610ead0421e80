//! The order of a sweep, its shards, and the plan by which workers take pieces of it.

use crate::common::sweep::{self, is_accepted};
use chimera::check::judge::Tally;
use chimera::check::sweep::plan::{Follower, PART, PIECE, Part, Plan, parts, shard};
use chimera::check::sweep::{SETS, Space};
use chimera::clone::flags::{By, FLAGS, Flags, LEGACY};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::ops::Range;

#[test]
fn the_flags_are_those_of_clone_2() {
    let all = FLAGS.iter().filter(|flag| flag.calls.contains(&By::Clone));
    assert_eq!(all.fold(Flags::empty(), |all, flag| all | flag.bit), LEGACY);
    assert_eq!([Space::All.size(), Space::WithoutNet.size()], [SETS, SETS / 2]);
}

/// Each set stands at one position, and equal shards hold about as many sets that the kernel accepts: 2,027,520 in all.
#[test]
fn the_order_has_each_set_once_and_is_mixed() {
    for (space, net, accepted) in [(Space::All, 1, 2_027_520), (Space::WithoutNet, 0, 1_013_760)] {
        let mut seen = vec![false; SETS];
        let mut counts = [0u32; 16];
        for position in 0..space.size() {
            let set = space.set(position).bits();
            seen[(set >> 8) as usize] = true;
            counts[position / (space.size() / 16)] += u32::from(is_accepted(set, true));
        }
        let both = seen.iter().filter(|seen| **seen).count();
        assert_eq!((both, counts.iter().sum::<u32>()), (SETS >> (1 - net), accepted));
        let (least, most) = (counts.iter().min().expect("16"), counts.iter().max().expect("16"));
        assert!(most - least < accepted / 16 / 100, "{counts:?}");
    }
}

#[test]
fn the_tests_know_the_order() {
    for position in (0..SETS / 2).step_by(997) {
        assert_eq!(Space::All.set(position).bits(), sweep::set(position as u64));
        assert_eq!(Space::WithoutNet.set(position).bits(), sweep::set_without_net(position as u64));
    }
}

/// Keeps what it is told, and ends the sweep early at a position.
struct Kept {
    parts: Vec<(Range<usize>, usize)>,
    stop: usize,
}

impl Follower for Kept {
    fn look(&mut self, next: usize) -> bool {
        next >= self.stop
    }

    fn part(&mut self, part: &Part) {
        self.parts.push((part.range.clone(), part.tally.asked()));
    }
}

/// Follows a plan with some workers that finish in an order of chance.
fn follow(range: Range<usize>, workers: usize, stop: usize, chances: &[usize]) -> (Kept, Plan) {
    let mut plan = Plan::new(range);
    let mut kept = Kept { parts: Vec::new(), stop };
    let mut running: VecDeque<Range<usize>> = VecDeque::new();
    let mut chances = chances.iter().cycle();
    while !plan.is_over() {
        if kept.look(plan.next()) {
            plan.stop();
        }
        while running.len() < workers
            && let Some(piece) = plan.take()
        {
            assert!(!piece.is_empty() && piece.len() <= PIECE, "{piece:?}");
            running.push_back(piece);
        }
        if let Some(place) = chances.next().map(|chance| chance % running.len().max(1))
            && let Some(piece) = running.remove(place)
        {
            let tally = Tally { right: piece.len(), ..Tally::default() };
            plan.put(&piece, &tally);
        }
        plan.report(&mut kept);
    }
    assert!(running.is_empty(), "{running:?}");
    (kept, plan)
}

proptest! {
    /// All positions are reported once, in order, in parts that end where they should; up to where the sweep was ended.
    #[test]
    fn parts_come_whole_and_in_order(
        start in 0..SETS,
        length in 1..3 * PART + 7,
        workers in 1..9usize,
        early in prop::option::of(0..3 * PART),
        chances in prop::collection::vec(0..64usize, 1..64),
    ) {
        let end = (start + length).min(SETS);
        let stop = early.map_or(usize::MAX, |early| start + early);
        let (kept, plan) = follow(start..end, workers, stop, &chances);
        let mut next = start;
        for (range, asked) in &kept.parts {
            prop_assert_eq!((range.start, range.len()), (next, *asked));
            prop_assert!(range.end % PART == 0 || range.end == plan.next());
            next = range.end;
        }
        prop_assert_eq!(next, plan.next());
        if stop >= end {
            prop_assert_eq!((next, kept.parts.len()), (end, parts(&(start..end))));
        } else {
            prop_assert!(next >= stop.min(end) && next <= stop + workers * PIECE + PIECE);
        }
    }

    /// Shards lie side by side, and are equal up to one set.
    #[test]
    fn shards_are_all_sets(count in 1..5000usize) {
        let mut next = 0;
        for number in 0..count {
            let range = shard(Space::All, number, count).expect("a shard");
            prop_assert_eq!(range.start, next);
            prop_assert!(range.len() == SETS / count || range.len() == SETS / count + 1);
            next = range.end;
        }
        prop_assert_eq!((next, shard(Space::All, count, count)), (SETS, None));
    }
}
