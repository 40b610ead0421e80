//! Which cases there are, and which of them are run.

use crate::case::{Case, Fault, Place, Point};
use crate::commands::COMMANDS;
use crate::errnos;
use nix::libc;
use std::collections::{BTreeMap, BTreeSet};

/// The size of a storm.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// A share, for each test run.
    Quick,
    /// Everything.
    Full,
}

/// How many cases of each kind a quick storm has for a command: at points, under filters, killed at some moment.
const SHARE: [usize; 3] = [7, 3, 3];

/// The same for a command that takes hundreds of times as long.
const SHARE_OF_SLOW: [usize; 3] = [3, 1, 2];

/// How often a command is killed at some moment in a full storm.
const KILLS: usize = 1000;
const KILLS_OF_SLOW: usize = 200;

/// How many repetitions of a call in one task are struck, beside the last.
const FIRST: usize = 40;
const FIRST_OF_SLOW: usize = 2;

/// Numbers that look random and are the same for the same seed.
pub struct Numbers(u64);

impl Numbers {
    /// A sequence of its own for each pair.
    pub fn new(seed: u64, place: usize) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (place as u64) << 32)
    }

    /// The next one.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// How often each task, by order of birth, makes each call.
pub type Points = BTreeMap<(usize, i64), usize>;

/// What runs without a fault have shown of a command.
pub struct Known {
    /// Which command.
    pub command: usize,
    /// Its calls in each place: chimera may take another way there.
    pub points: BTreeMap<Place, Points>,
    /// How long it takes.
    pub micros: u64,
    /// What it says on fd 1.
    pub out: String,
}

/// Of every eight cases so many are in another place: where the case of this number is.
fn place_of(number: usize) -> Place {
    match number % 8 {
        1 | 4 => Place::Parent,
        6 => Place::Nested,
        _ => Place::World,
    }
}

/// All cases of a command, or a quick storm's share of them.
pub fn cases(known: &Known, size: Size, seed: u64) -> Vec<Case> {
    let is_slow = COMMANDS[known.command].is_slow();
    let mut numbers = Numbers::new(seed, known.command);
    let (struck, filtered) = (struck(known), spread(known, filtered(known)));
    let kills = if is_slow { KILLS_OF_SLOW } else { KILLS };
    let (struck, filtered, kills) = match size {
        Size::Full => (struck, filtered, kills),
        Size::Quick => {
            let [points, filters, kills] = if is_slow { SHARE_OF_SLOW } else { SHARE };
            (share(&struck, points, &mut numbers), share(&filtered, filters, &mut numbers), kills)
        }
    };
    let moments = (0..kills).map(|_| Fault::KillAt(numbers.next() % known.micros.max(1))).collect();
    [struck, filtered, spread(known, moments)].concat()
}

/// These faults, each in its place.
fn spread(known: &Known, faults: Vec<Fault>) -> Vec<Case> {
    let case = |(number, fault)| Case { command: known.command, fault, place: place_of(number) };
    faults.into_iter().enumerate().map(case).collect()
}

/// The cases at points: each place has its part of the points that there are in it.
fn struck(known: &Known) -> Vec<Case> {
    let first = if COMMANDS[known.command].is_slow() { FIRST_OF_SLOW } else { FIRST };
    let of_place = |(place, points): (&Place, &Points)| {
        let faults = at_points(points, first).into_iter().enumerate().filter(|(number, _)| place_of(*number) == *place);
        faults.map(|(_, fault)| Case { command: known.command, fault, place: *place }).collect::<Vec<_>>()
    };
    known.points.iter().flat_map(of_place).collect()
}

/// So many of them, spread evenly from a place and with a stride that the numbers choose.
fn share(all: &[Case], many: usize, numbers: &mut Numbers) -> Vec<Case> {
    let (length, mut seen) = (all.len(), BTreeSet::new());
    if length <= many {
        return all.to_vec();
    }
    let start = numbers.next() as usize % length;
    let stride = length / many + numbers.next() as usize % (length / many + 1);
    let mut place = start;
    while seen.len() < many {
        while !seen.insert(place % length) {
            place += 1;
        }
        place += stride.max(1);
    }
    seen.into_iter().map(|place| all[place]).collect()
}

/// Each call of each task fails with each errno, and kills. Of many repetitions the first ones and the last are taken.
fn at_points(points: &Points, first: usize) -> Vec<Fault> {
    let mut faults = Vec::new();
    for ((task, call), count) in points {
        let times: BTreeSet<usize> = (1..=first).chain([*count]).filter(|nth| nth <= count).collect();
        for nth in times {
            let point = Point { call: *call, task: *task, nth };
            faults.extend(errnos::of(*call).into_iter().map(|errno| Fault::Errno(point, errno)));
            faults.extend([Fault::KillTask(point), Fault::KillFirst(point)]);
        }
    }
    faults
}

/// Each call is refused, and forbidden.
fn filtered(known: &Known) -> Vec<Fault> {
    let calls: BTreeSet<i64> = known.points.values().flat_map(BTreeMap::keys).map(|(_, call)| *call).collect();
    let faults = |call| [Fault::Refuse(call, libc::EPERM), Fault::Refuse(call, libc::ENOSYS), Fault::Forbid(call)];
    let namespaces = [Fault::RefuseNamespaces(libc::EPERM), Fault::ForbidNamespaces];
    calls.into_iter().flat_map(faults).chain(namespaces).collect()
}
