//! The descriptor of CLONE_INTO_CGROUP: numbers that are none, descriptors that are not open or of no cgroup, and
//! structs without room for it.

use super::asking::ask;
use super::sizes::{WITH_CGROUP, sized};
use crate::check::case::What;
use crate::check::judge::Judge;
use crate::check::leaf::Leaf;
use crate::check::skip::Skip;
use crate::check::want::Want;
use crate::clone::attempt::{Attempt, FIRST_VERSION};
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::sys::{Errno, file};

/// The numbers that are no open descriptor: those beyond what a table of descriptors may have, and those beyond all
/// descriptors.
fn numbers() -> impl Iterator<Item = u64> {
    let around = |bit: u32| (1u64 << bit) - 4..(1 << bit) + 4;
    let with_low_bits = (31..64).flat_map(|bit| [1 << bit, 1 << bit | 1, 1 << bit | 2]);
    around(31).chain(with_low_bits).chain([u64::MAX - 1, u64::MAX])
}

pub fn number_cases() -> usize {
    numbers().count() + 1
}

/// An attempt with a number.
fn into(size: usize, cgroup: u64) -> Attempt {
    let attempt = sized(Flags::INTO_CGROUP, size);
    Attempt { call: Call { cgroup, ..attempt.call }, ..attempt }
}

/// Numbers that stand for no cgroup.
pub fn number(leaf: &Leaf, judge: Judge) {
    // An open descriptor, which is no cgroup's.
    let Ok(event) = file::event() else { return judge.skip_rest(leaf.cases, Skip::NoWitness) };
    let not_open = Want::by("F8", Errno::EBADF);
    for number in numbers() {
        let want = if number > i32::MAX as u64 { Want::by("A8", Errno::EINVAL) } else { not_open };
        ask(judge, &into(WITH_CGROUP, number), (What::Cgroup, number), want);
    }
    let number = event.raw().number() as u64;
    ask(judge, &into(WITH_CGROUP, number), (What::Cgroup, number), not_open);
}

pub fn size_cases() -> usize {
    (FIRST_VERSION..WITH_CGROUP).count()
}

/// The struct is too short for the member.
pub fn size(_: &Leaf, judge: Judge) {
    for size in FIRST_VERSION..WITH_CGROUP {
        ask(judge, &into(size, 0), (What::Size, size as u64), Want::by("A8", Errno::EINVAL));
    }
}
