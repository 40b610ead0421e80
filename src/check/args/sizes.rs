//! The size of clone3(2)'s struct: which the kernel takes, and which of the struct's bytes it reads.
//!
//! A program that was built for a newer kernel passes a longer struct. The kernel takes it if all that it does not know
//! is zero, and must not read beyond the size (copy_struct_from_user of linux/uaccess.h).

use super::asking::{ask, compare, plain};
use crate::check::case::{Answer, What};
use crate::check::judge::{Judge, Verdict};
use crate::check::leaf::Leaf;
use crate::check::skip::Skip;
use crate::check::want::Want;
use crate::clone::attempt::{Attempt, FIRST_VERSION};
use crate::clone::bare::attempt_with;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, Version};
use crate::sys::Errno;
use crate::sys::memory::PAGE;

/// The size of the struct from Linux 5.5 on, with the ids.
const WITH_IDS: usize = 80;

/// The size of the struct from Linux 5.7 on, with the cgroup.
pub const WITH_CGROUP: usize = 88;

/// The newest kernel whose struct is known not to be longer.
const NEWEST: Version = Version::new(7, 2);

/// Sizes beyond a page; the low bits of some are a good size.
const BEYOND: [usize; 10] =
    [2 * PAGE, 1 << 16, 1 << 31, 1 << 32, (1 << 32) + 64, (1 << 32) + 88, 1 << 63, (1 << 63) + 88, !7, usize::MAX];

/// All sizes up to some beyond a page, and a few more.
pub fn all() -> impl Iterator<Item = usize> {
    (0..=PAGE + 64).chain(BEYOND)
}

/// What is wanted of a size, if this is wanted of those that fit.
pub fn of_size(size: usize, fits: Want) -> Want {
    match size {
        ..FIRST_VERSION => Want::by("A2", Errno::EINVAL),
        FIRST_VERSION..=PAGE => fits,
        _ => Want::by("A1", Errno::E2BIG),
    }
}

/// An attempt with a size.
pub fn sized(flags: Flags, size: usize) -> Attempt {
    let attempt = plain(Api::Clone3, flags);
    Attempt { call: Call { size, ..attempt.call }, ..attempt }
}

pub fn zeros_cases() -> usize {
    all().count()
}

/// Zeros behind what is known are no fault.
pub fn zeros(_: &Leaf, judge: Judge) {
    for size in all() {
        ask(judge, &sized(Flags::VM, size), (What::Size, size as u64), of_size(size, Want::OK));
    }
}

/// What a kernel of this version knows of the struct: a byte beyond that is refused if it is not zero. It should be
/// refused with E2BIG; behind all that a kernel of this version can know, any refusal tells as much.
fn known_size(version: Version) -> usize {
    let is_unknown = |place: usize| {
        let attempt = Attempt { odd_byte: Some(place), ..sized(Flags::empty(), place + 8) };
        match attempt_with(&attempt).err() {
            Some(Errno::E2BIG) => true,
            Some(_) => place >= WITH_CGROUP && version <= NEWEST,
            None => false,
        }
    };
    (FIRST_VERSION..PAGE).step_by(8).find(|place| is_unknown(*place)).unwrap_or(PAGE)
}

/// The size of the struct in a kernel's version.
fn size_in(version: Version) -> usize {
    match version {
        _ if version == Version::UNKNOWN || version >= Version::new(5, 7) => WITH_CGROUP,
        _ if version >= Version::new(5, 5) => WITH_IDS,
        _ => FIRST_VERSION,
    }
}

pub fn known_cases() -> usize {
    1 + (FIRST_VERSION..PAGE).count()
}

/// What the kernel knows is one of the versions of the struct. A byte that is not zero and that the kernel does not
/// know is refused, and a byte that it knows is not refused so.
pub fn known(_: &Leaf, judge: Judge) {
    let known = known_size(judge.ground.place.version);
    judge.case(|| {
        let version = judge.ground.place.version;
        let is_later = known > WITH_CGROUP && known.is_multiple_of(8) && version > NEWEST;
        let is_backport = [WITH_IDS, WITH_CGROUP].contains(&known) && known >= size_in(version);
        let want = if is_later || is_backport { known } else { size_in(version) };
        let want = Want { answer: Answer::Number(want as u32), rule: None };
        let asked = sized(Flags::VM, known);
        compare(judge, &asked, (What::Size, known as u64), want, Answer::Number(known as u32))
    });
    for place in FIRST_VERSION..PAGE {
        let attempt = Attempt { odd_byte: Some(place), ..sized(Flags::VM, place + 1) };
        match of_byte(place, known) {
            Some(want) => ask(judge, &attempt, (What::OddByte, place as u64), want),
            None => judge.case(|| Verdict::Skipped(Skip::NoWitness)),
        }
    }
}

/// What is wanted if only this byte behind the first version is not zero; none if it is a member that came later than
/// all that the rules know.
fn of_byte(place: usize, known: usize) -> Option<Want> {
    Some(match place {
        _ if place >= known => Want::by("A4", Errno::E2BIG),
        64..=72 => Want::by("A6", Errno::EINVAL),
        73..WITH_IDS => Want::by("A5", Errno::EINVAL),
        WITH_IDS..WITH_CGROUP => Want::OK,
        _ => return None,
    })
}

pub fn unknown_cases() -> usize {
    (WITH_CGROUP + 1..=PAGE).count()
}

/// The first byte that the kernel does not know is not zero.
pub fn unknown(_: &Leaf, judge: Judge) {
    let place = known_size(judge.ground.place.version).max(WITH_CGROUP);
    for size in WITH_CGROUP + 1..=PAGE {
        if size <= place {
            judge.case(|| Verdict::Skipped(Skip::NoWitness));
            continue;
        }
        let attempt = Attempt { odd_byte: Some(place), ..sized(Flags::empty(), size) };
        ask(judge, &attempt, (What::Size, size as u64), Want::by("A4", Errno::E2BIG));
    }
}

pub fn behind_cases() -> usize {
    (FIRST_VERSION..PAGE).count()
}

/// The byte behind the struct is not zero: it is none of the kernel's business.
pub fn behind(_: &Leaf, judge: Judge) {
    for size in FIRST_VERSION..PAGE {
        let attempt = Attempt { odd_byte: Some(size), ..sized(Flags::VM, size) };
        ask(judge, &attempt, (What::Size, size as u64), Want::OK);
    }
}
