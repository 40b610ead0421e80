//! The ids that clone3(2) is to give to the task: how many, where they stand, and which.

use super::asking::{ask, at_edge, compare, plain};
use super::words::bad;
use crate::check::case::{Answer, What};
use crate::check::judge::Judge;
use crate::check::leaf::Leaf;
use crate::check::own::{self, Rights};
use crate::check::want::Want;
use crate::clone::attempt::{Attempt, Edge, Pointer};
use crate::clone::bare::attempt_with;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::sys::Errno;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The most ids, MAX_PID_NS_LEVEL of the kernel.
const MOST: u64 = 32;

/// More than that.
const TOO_MANY: [u64; 8] = [33, 34, 64, 1 << 31, 1 << 32, (1 << 32) + 1, 1 << 63, u64::MAX];

/// Room for ids, one more than the kernel takes.
static IDS: [AtomicU32; MOST as usize + 1] = [const { AtomicU32::new(0) }; _];

/// An attempt with this many ids.
fn with(flags: Flags, size: u64) -> Attempt {
    let attempt = plain(Api::Clone3, flags);
    Attempt { call: Call { set_tid: &IDS, ..attempt.call }, set_tid_size: Some(size), ..attempt }
}

pub fn size_cases() -> usize {
    1 + MOST as usize + 2 * TOO_MANY.len()
}

/// Ids without an address, an address without ids, and too many ids.
pub fn size(_: &Leaf, judge: Judge) {
    let want = |size| Want::by(if size > MOST { "A5" } else { "A6" }, Errno::EINVAL);
    ask(judge, &with(Flags::empty(), 0), (What::SetTidSize, 0), want(0));
    for size in (1..=MOST).chain(TOO_MANY) {
        let attempt = Attempt { set_tid: Some(Pointer::Null), ..with(Flags::empty(), size) };
        ask(judge, &attempt, (What::SetTidSize, size), want(size));
    }
    for size in TOO_MANY {
        ask(judge, &with(Flags::empty(), size), (What::SetTidSize, size), want(size));
    }
}

/// How many bytes an id has.
const ID: usize = 4;

/// Arrays that cannot be read, but null, and how many ids they are to have.
fn unreadable(edge: Edge) -> impl Iterator<Item = (Pointer, u64)> {
    let is_out = |pointer: &Pointer| !matches!(pointer, Pointer::Null | Pointer::ReadOnly);
    let nowhere = bad(edge).filter(is_out).flat_map(|pointer| (1..=MOST).map(move |size| (pointer, size)));
    let short = move |size: u64| [1, ID].map(|lacks| (Pointer::Edge(edge, size as usize * ID - lacks), size));
    nowhere.chain((1..=MOST).flat_map(short))
}

pub fn pointer_cases() -> usize {
    (3 + ID) * MOST as usize + 2 * MOST as usize + MOST as usize
}

/// An array that cannot be read. One that just can is read: its ids are all 0, which is another error.
pub fn pointer(leaf: &Leaf, judge: Judge) {
    at_edge(leaf, judge, |edge| {
        for (pointer, size) in unreadable(edge) {
            let attempt = Attempt { set_tid: Some(pointer), ..with(Flags::empty(), size) };
            ask(judge, &attempt, (What::SetTid, pointer.address(0) as u64), Want::FAULT);
        }
        for size in 1..=MOST {
            let pointer = Pointer::Edge(edge, size as usize * ID);
            let attempt = Attempt { set_tid: Some(pointer), ..with(Flags::empty(), size) };
            ask(judge, &attempt, (What::SetTidSize, size), Want::by("F5", Errno::EINVAL));
        }
    });
}

/// Numbers that no kernel has as ids: 0, and from PID_MAX_LIMIT of linux/threads.h on.
fn no_ids() -> impl Iterator<Item = u32> {
    let around = |bit: u32| [1 << bit, (1 << bit) + 1];
    [0].into_iter().chain((22..32).flat_map(around)).chain([i32::MAX as u32, u32::MAX - 1, u32::MAX])
}

/// An attempt with one id.
fn id(flags: Flags, id: u32) -> Attempt {
    IDS[0].store(id, Relaxed);
    with(flags, 1)
}

pub fn range_cases() -> usize {
    no_ids().count()
}

/// A number out of range is refused before the right to choose is looked at.
pub fn range(_: &Leaf, judge: Judge) {
    for number in no_ids() {
        judge.case(|| {
            let attempt = id(Flags::empty(), number);
            let got = Answer::of(attempt_with(&attempt));
            compare(judge, &attempt, (What::SetTid, number.into()), Want::by("F5", Errno::EINVAL), got)
        });
    }
}

/// The ids that any kernel has: below the least value of kernel.pid_max.
const ALWAYS: core::ops::RangeInclusive<u32> = 2..=300;

pub fn chosen_cases() -> usize {
    ALWAYS.count() + 1
}

/// In a new PID namespace, whose process 1 asks: the task has the id that was chosen for it, if it is not taken.
pub fn chosen(leaf: &Leaf, judge: Judge) {
    let ask = || {
        for number in ALWAYS {
            judge.case(|| {
                let attempt = id(Flags::empty(), number);
                let got = match attempt_with(&attempt) {
                    Ok(made) => Answer::Number(made.task.number() as u32),
                    Err(errno) => Answer::Refused(errno),
                };
                let want = Want { answer: Answer::Number(number), rule: None };
                compare(judge, &attempt, (What::SetTid, number.into()), want, got)
            });
        }
        judge.case(|| {
            let attempt = id(Flags::empty(), 1);
            let got = Answer::of(attempt_with(&attempt));
            compare(judge, &attempt, (What::SetTid, 1), Want::by("F5", Errno::EEXIST), got)
        });
    };
    if let Err(why) = own::as_process_1(judge.ground, &ask) {
        judge.skip_rest(leaf.cases, why);
    }
}

pub fn first_cases() -> usize {
    1 + ALWAYS.count()
}

/// The first process of a PID namespace has the id 1, and none other may be chosen for it.
pub fn first(leaf: &Leaf, judge: Judge) {
    let ask = || {
        for number in [1].into_iter().chain(ALWAYS) {
            judge.case(|| {
                let attempt = id(leaf.flags, number);
                let got = Answer::of(attempt_with(&attempt));
                let want = if number == 1 { Want::OK } else { Want::by("F5", Errno::EINVAL) };
                compare(judge, &attempt, (What::SetTid, number.into()), want, got)
            });
        }
    };
    if let Err(why) = own::with(Rights::All, judge.ground, &ask) {
        judge.skip_rest(leaf.cases, why);
    }
}
