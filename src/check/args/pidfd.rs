//! The word in which CLONE_PIDFD stores a descriptor. An address where the kernel cannot store is an error, after which
//! neither a task nor a descriptor is left.

use super::asking::{at_edge, compare, plain};
use super::words::{BAD, GOOD, bad, good};
use crate::check::case::{Answer, What};
use crate::check::judge::{Judge, Verdict};
use crate::check::leaf::Leaf;
use crate::check::want::Want;
use crate::clone::attempt::{Attempt, Made, Pointer};
use crate::clone::bare::attempt_with;
use crate::clone::call::Api;
use crate::sys::wait::{self, WNOHANG, Waited};
use crate::sys::{Errno, file};

/// An attempt with the word there.
fn at(leaf: &Leaf, api: Api, pointer: Pointer) -> Attempt {
    let attempt = plain(api, leaf.flags);
    match api {
        Api::Clone3 => Attempt { pidfd: Some(pointer), ..attempt },
        _ => Attempt { parent_tid: pointer, ..attempt },
    }
}

/// Whether the descriptor was stored, and open.
fn stored(made: Result<Made, Errno>) -> Answer {
    match made {
        Ok(Made { closed: Some(Ok(())), .. }) => Answer::Seen,
        // Another error than that there is none does not tell whether there was a descriptor.
        Ok(Made { closed: Some(Err(errno)), .. }) if errno != Errno::EBADF => Answer::Unknown,
        Ok(_) => Answer::NotSeen,
        Err(errno) => Answer::Refused(errno),
    }
}

/// Each bad address has three cases: the answer, and what is left of the task and of the descriptor.
pub fn cases() -> usize {
    GOOD + 3 * BAD
}

/// Asks all addresses.
fn store(leaf: &Leaf, judge: Judge, api: Api) {
    at_edge(leaf, judge, |edge| {
        for pointer in good(edge) {
            let attempt = at(leaf, api, pointer);
            let value = (What::Pidfd, pointer.address(0) as u64);
            judge.case(|| compare(judge, &attempt, value, Want::SEEN, stored(attempt_with(&attempt))));
        }
        for pointer in bad(edge) {
            let attempt = at(leaf, api, pointer);
            let value = (What::Pidfd, pointer.address(0) as u64);
            judge.case(|| compare(judge, &attempt, value, Want::FAULT, stored(attempt_with(&attempt))));
            judge.case(|| nothing_is_left(judge, &attempt, What::TaskLeft, has_child));
            judge.case(|| nothing_is_left(judge, &attempt, What::DescriptorLeft, lowest_descriptor));
        }
    });
}

/// Whether the attempt leaves things as they were.
fn nothing_is_left(judge: Judge, attempt: &Attempt, what: What, look: fn() -> Answer) -> Verdict {
    let before = look();
    let _ = attempt_with(attempt); // its answer is another case
    let got = if look() == before { Answer::NotSeen } else { Answer::Seen };
    compare(judge, attempt, (what, 0), Want::NOT_SEEN, got)
}

/// Whether there is a child, ended or not.
fn has_child() -> Answer {
    if wait::wait(Waited::Any, WNOHANG).err() == Some(Errno::ECHILD) { Answer::NotSeen } else { Answer::Seen }
}

/// The lowest number that is free.
fn lowest_descriptor() -> Answer {
    file::event().map_or_else(Answer::Refused, |event| Answer::Number(event.raw().number() as u32))
}

pub fn of_clone(leaf: &Leaf, judge: Judge) {
    store(leaf, judge, Api::Clone);
}

pub fn of_clone3(leaf: &Leaf, judge: Judge) {
    store(leaf, judge, Api::Clone3);
}

pub fn same_cases() -> usize {
    1 + BAD + GOOD
}

/// The id and the descriptor have one address between them, which is refused wherever that is; with two, both are
/// stored.
pub fn same(leaf: &Leaf, judge: Judge) {
    at_edge(leaf, judge, |edge| {
        let attempt = plain(Api::Clone3, leaf.flags);
        judge.case(|| {
            let made = attempt_with(&attempt);
            let is_id = made.is_ok_and(|made| made.parent_tid == Some(made.task.number() as u32));
            let got = match stored(made) {
                Answer::Seen if !is_id => Answer::NotSeen,
                got => got,
            };
            compare(judge, &attempt, (What::Pidfd, 0), Want::SEEN, got)
        });
        for pointer in bad(edge).chain(good(edge)) {
            let attempt = Attempt { parent_tid: pointer, pidfd: None, ..attempt };
            let value = (What::Pidfd, pointer.address(0) as u64);
            judge.case(|| {
                let got = Answer::of(attempt_with(&attempt));
                compare(judge, &attempt, value, Want::by("C1", Errno::EINVAL), got)
            });
        }
    });
}
