//! What a process is in a new user namespace: its ids and rights before and after the maps, and what stays as it was.

use super::here::Here;
use super::maps::File;
use super::trial::{
    Asked, DENY, EINVAL, EPERM, OK, Trial, answer, become_root, beside, both, enter, gid, must, nothing, prepared, uid,
};
use crate::check::case::Answer;
use crate::check::judge::Verdict;
use crate::check::skip::Skip;
use crate::check::step::Step;
use crate::host::id_map::Range;
use crate::host::proc;
use crate::sys::{Errno, Fd, Result, control, file, ids};
use core::ffi::CStr;

/// Ids that are not mapped are shown as the overflow ids, and cannot be set; all capabilities are there at once:
/// set_cred_user_ns. setgroups(2) is denied before there is a map of groups: userns_may_setgroups.
pub static UNMAPPED: &[Trial] = &[
    both(Step::Getuid, |_| overflown(c"/proc/sys/kernel/overflowuid", ids::getuid)),
    both(Step::Geteuid, |_| overflown(c"/proc/sys/kernel/overflowuid", ids::geteuid)),
    both(Step::Getgid, |_| overflown(c"/proc/sys/kernel/overflowgid", ids::getgid)),
    answer(Step::SetuidRoot, EINVAL, |_| enter().map(|()| Answer::of(ids::setuid(0)))),
    answer(Step::SetgidRoot, EINVAL, |_| enter().map(|()| Answer::of(ids::setgid(0)))),
    answer(Step::Setgroups, EPERM, |_| enter().map(|()| Answer::of(ids::no_groups()))),
    answer(Step::Capabilities, Answer::Seen, |_| enter().and_then(|()| has_all())),
    answer(Step::ReadMap, Answer::NotSeen, |_| enter().and_then(|()| shows(File::Uid, &|_| true))),
];

/// After the maps the process has the ids of the inside at once, and may set those that are mapped.
pub static MAPPED: &[Trial] = &[
    answer(Step::Getuid, Answer::Number(0), |here| become_root(here).and_then(|()| id(ids::getuid()))),
    answer(Step::Geteuid, Answer::Number(0), |here| become_root(here).and_then(|()| id(ids::geteuid()))),
    answer(Step::Getgid, Answer::Number(0), |here| become_root(here).and_then(|()| id(ids::getgid()))),
    answer(Step::InnerId, Answer::Number(7), |here| mapped(here, "7 @ 1")),
    answer(Step::LastId, Answer::Number(4_294_967_294), |here| mapped(here, "4294967294 @ 1")),
    answer(Step::SetuidRoot, OK, |here| become_root(here).map(|()| Answer::of(ids::setuid(0)))),
    answer(Step::SetgidRoot, OK, |here| become_root(here).map(|()| Answer::of(ids::setgid(0)))),
    answer(Step::SetuidUnmapped, EINVAL, |here| become_root(here).map(|()| Answer::of(ids::setuid(1)))),
    answer(Step::SetgidUnmapped, EINVAL, |here| become_root(here).map(|()| Answer::of(ids::setgid(1)))),
    answer(Step::Capabilities, Answer::Seen, |here| become_root(here).and_then(|()| has_all())),
    answer(Step::ReadMap, Answer::Seen, |here| {
        mapped(here, "7 @ 1")?;
        shows(File::Uid, &|line| line == Range { inner: 7, outer: here.own[File::Uid as usize], count: 1 })
    }),
];

/// A file keeps its owner, whom each namespace shows by its own map; stat(2).
pub static FILES: &[Trial] = &[
    both(Step::OwnerUnmapped, |_| {
        let file = prepared(file::without_name())?;
        overflown(c"/proc/sys/kernel/overflowuid", || owner(&file))
    }),
    answer(Step::OwnerMapped, Answer::Number(7), |here| {
        let file = prepared(file::without_name())?;
        mapped(here, "7 @ 1")?;
        id(owner(&file))
    }),
    answer(Step::OwnerInside, Answer::Number(7), |here| {
        mapped(here, "7 @ 1")?;
        id(owner(&prepared(file::without_name())?))
    }),
    both(Step::OwnerOutside, |here| {
        let file = prepared(file::without_name())?;
        let looks = |_| id(owner(&file));
        let (got, _) = beside(here, || mapped(here, "7 @ 1").map(|_| ()), looks, nothing)?;
        Ok([Answer::Number(here.own[File::Uid as usize] as u32), got])
    }),
];

/// The files of an undumpable process in proc(5) are those of root in the namespace in which its program was executed:
/// task_dump_owner.
pub static UNDUMPABLE: &[Trial] = &[answer(Step::Undumpable, Answer::Refused(Errno::EACCES), |here| {
    leave_root(here)?;
    enter()?;
    prepared(control::not_dumpable())?;
    uid("0 @ 1").write(here)
})];

/// setgroups(2) needs a map of groups, as above, and that it was not denied: userns_may_setgroups.
pub static SETGROUPS: &[Trial] = &[
    answer(Step::Denied, EPERM, |here| {
        enter()?;
        DENY.must(here)?;
        Ok(Answer::of(ids::no_groups()))
    }),
    answer(Step::SetgroupsMapped, EPERM, |here| become_root(here).map(|()| Answer::of(ids::no_groups()))),
    answer(Step::SetgroupsAllowed, OK, |here| while_allowed(here, ids::no_groups)),
    answer(Step::DenyAfterMap, EPERM, |here| while_allowed(here, || DENY.written(here))),
];

/// What a child answers in whose namespace groups are mapped, by its parent, and setgroups(2) was not denied.
fn while_allowed(here: &Here, ask: impl FnOnce() -> Result<()>) -> Asked<Answer> {
    if !here.allows_groups || !here.may_map(File::Gid, 0) {
        return Err(Verdict::Skipped(Skip::Rights));
    }
    beside(here, enter, |child| gid("0 @ 1").must_of(child, here), || Ok(ask())).map(|(_, answer)| answer)
}

/// What a getter should answer before a map, as this file has it, and what it answers.
fn overflown(overflow: &CStr, get: impl FnOnce() -> Result<usize>) -> Asked<[Answer; 2]> {
    let overflow = proc::only_number(overflow).ok_or(Verdict::Skipped(Skip::Proc))?;
    enter()?;
    Ok([Answer::Number(overflow as u32), id(get())?])
}

/// An id, as an answer.
fn id(got: Result<usize>) -> Asked<Answer> {
    Ok(got.map_or_else(Answer::Refused, |id| Answer::Number(id as u32)))
}

/// The user id in a new user namespace with this map.
fn mapped(here: &Here, map: &'static str) -> Asked<Answer> {
    enter()?;
    uid(map).must(here)?;
    id(ids::getuid())
}

/// The owner of an open file.
fn owner(file: &Fd) -> Result<usize> {
    file::identity(file.raw()).map(|identity| identity.owner as usize)
}

/// Whether the caller has all capabilities that this kernel knows.
fn has_all() -> Asked<Answer> {
    let last = proc::only_number(c"/proc/sys/kernel/cap_last_cap").filter(|last| *last < 63);
    let all = (2usize << last.ok_or(Verdict::Skipped(Skip::Proc))?) - 1;
    let has = prepared(proc::number_in(c"/proc/self/status", b"CapEff:\t", 16))?;
    Ok(if has & all == all { Answer::Seen } else { Answer::NotSeen })
}

/// Whether a map has such a line.
fn shows(map: File, is_it: &dyn Fn(Range) -> bool) -> Asked<Answer> {
    let found = proc::find(map.own(), &mut |line| line.whole().and_then(Range::read).is_some_and(is_it));
    Ok(if prepared(found)? { Answer::Seen } else { Answer::NotSeen })
}

/// Root of the namespace in which this program was executed becomes another user: root's files are its own.
fn leave_root(here: &Here) -> Asked<()> {
    if here.own[File::Uid as usize] != 0 {
        return Ok(());
    }
    if !here.may_map(File::Uid, 1) {
        return Err(Verdict::Skipped(Skip::Rights));
    }
    must(Step::Setuid, ids::setuid(here.other(File::Uid)))
}
