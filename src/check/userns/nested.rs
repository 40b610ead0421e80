//! User namespaces in each other: who may make one, whose ids it maps, how deep they go, and how many there may be.

use super::here::Here;
use super::trial::{
    Asked, DENY, EPERM, Line, OK, Trial, answer, become_root, become_root_again, beside, both, by_child, enter,
    enter_again, gid, make, must, uid,
};
use crate::check::case::Answer;
use crate::check::judge::Verdict;
use crate::check::skip::Skip;
use crate::check::step::Step;
use crate::clone::flags::{Kind, Version};
use crate::host::id_map::write_file;
use crate::host::namespace;
use crate::host::proc;
use crate::sys::{Errno, file};
use crate::text::number::{LONGEST, digits};
use core::ffi::CStr;

/// The maker of a namespace has both its ids mapped in the one outside: create_user_ns.
pub static MIDDLE: &[Trial] = &[
    answer(Step::NoMap, EPERM, |here| below(here, &[])),
    answer(Step::OnlyUidMap, EPERM, |here| below(here, &[uid("0 @ 1")])),
    answer(Step::OnlyGidMap, EPERM, |here| below(here, &[DENY, gid("0 @ 1")])),
    answer(Step::BothMaps, OK, |here| below(here, &[uid("0 @ 1"), DENY, gid("0 @ 1")])),
];

/// The outer ids of a map are those of the namespace outside, not of the one in which all begins.
pub static IDS: &[Trial] = &[
    answer(Step::MiddleId, OK, |here| with_middle(here, &uid("0 # 1"))),
    answer(Step::OuterId, EPERM, |here| with_middle(here, &uid("0 @ 1"))),
];

/// create_user_ns: a namespace of level 33 has none below it; the initial one is level 0. Before Linux 4.9 the errno
/// was EUSERS, user_namespaces(7).
pub static DEPTH: &[Trial] = &[
    both(Step::Deepest, |here| {
        let is_old = here.judge.ground.place.is_before(Version::new(4, 9));
        Ok([if is_old { Answer::Refused(Errno::EUSERS) } else { NO_SPACE }, descend(here)?.1])
    }),
    both(Step::Levels, |here| {
        let is_initial = namespace::own(Kind::User) == Ok(namespace::INITIAL_USER);
        let looks = |_| descend(here).map(|(levels, _)| levels);
        let (levels, beside) = beside(here, || Ok(()), looks, make)?;
        if beside == NO_SPACE {
            return Err(Verdict::Skipped(Skip::Limit)); // of the user, who has as many as are allowed
        }
        let want = if is_initial { MOST } else { levels.clamp(1, MOST) };
        Ok([want, levels].map(|levels| Answer::Number(levels as u32)))
    }),
];

/// user.max_user_namespaces is a sysctl of each namespace, and counts those below it: inc_ucount.
pub static LIMIT: &[Trial] = &[
    answer(Step::LimitOwn, Answer::Number(0), |here| {
        limit(here, b"0")?;
        read().map(|limit| Answer::Number(limit as u32)).ok_or(Verdict::Skipped(Skip::Proc))
    }),
    answer(Step::LimitThere, NO_SPACE, |here| limit(here, b"0").and_then(|()| make()).map(Answer::of)),
    answer(Step::LimitBelow, NO_SPACE, |here| {
        limit(here, b"1")?;
        become_root_again(here)?;
        make().map(Answer::of)
    }),
    answer(Step::LimitOutside, OK, |here| {
        beside(here, || Ok(()), |_| limit(here, b"0"), make).map(|(_, answer)| answer)
    }),
];

const NO_SPACE: Answer = Answer::Refused(Errno::ENOSPC);

/// How many levels there are below the initial namespace.
const MOST: usize = 33;

/// Makes a namespace below one in which these lines were written.
fn below(here: &Here, lines: &[Line]) -> Asked<Answer> {
    enter()?;
    lines.iter().try_for_each(|line| line.must(here))?;
    match Answer::of(make()?) {
        NO_SPACE => Err(Verdict::Skipped(Skip::Limit)),
        answer => Ok(answer),
    }
}

/// Writes a line below a namespace in which the caller has another id than outside.
fn with_middle(here: &Here, line: &Line) -> Asked<Answer> {
    enter()?;
    [DENY, uid("# @ 1"), gid("# @ 1")].iter().try_for_each(|line| line.must(here))?;
    enter_again()?;
    line.write(here)
}

/// Makes namespaces in each other until the kernel refuses one. How many there are, and the answer to the last.
fn descend(here: &Here) -> Asked<(usize, Answer)> {
    // Far more than there may be.
    for levels in 0..2 * MOST {
        if let Err(errno) = make()? {
            return Ok((levels, Answer::Refused(errno)));
        }
        let maps = if levels == 0 { [uid("0 @ 1"), gid("0 @ 1")] } else { [uid("0 0 1"), gid("0 0 1")] };
        DENY.must(here)?;
        maps.iter().try_for_each(|line| line.must(here))?;
    }
    Ok((2 * MOST, OK))
}

/// The sysctl. It can be read and written as that of the caller's own namespace alone.
const SYSCTL: &CStr = c"/proc/sys/user/max_user_namespaces";

fn read() -> Option<usize> {
    proc::only_number(SYSCTL)
}

/// Becomes root of a new user namespace and writes its limit, after a proof that the limit of this place stays: another
/// namespace gets one that forbids nothing.
fn limit(here: &Here, number: &[u8]) -> Asked<()> {
    let outside = read().ok_or(Verdict::Skipped(Skip::Proc))?;
    if file::mount_flags(SYSCTL).is_ok_and(|flags| flags & file::RDONLY != 0) {
        return Err(Verdict::Skipped(Skip::Proc));
    }
    let written = by_child(here, || {
        become_root(here)?;
        Ok(Answer::of(write_file(SYSCTL, b"2147483646")))
    })?;
    if written != OK {
        return Err(Verdict::wrong(Step::WriteLimit, OK, written));
    }
    if let Some(now) = read().filter(|now| *now != outside) {
        // What this kernel takes for the limit of one namespace is that of all: it is put back.
        let _ = write_file(SYSCTL, digits(outside, 10, &mut [0; LONGEST]));
        return Err(Verdict::wrong(Step::LimitOutside, Answer::Number(outside as u32), Answer::Number(now as u32)));
    }
    become_root(here)?;
    must(Step::WriteLimit, write_file(SYSCTL, number)).map(|_| ())
}
