//! The rules that are met here or not at all, and those whose answer is not of all kernels: A0, C2, D7, E7, F1, F8.

use super::asking::{Asking, both};
use super::place::{unshare, with_rights};
use crate::check::case::{Answer, Case};
use crate::check::judge::Verdict;
use crate::check::own::as_ordinary_user;
use crate::check::skip::Skip;
use crate::clone::attempt::{Attempt, Made};
use crate::clone::bare;
use crate::clone::call::Call;
use crate::clone::flags::{Flags, Version};
use crate::host::cgroup::{self, Entry};
use crate::host::place::Place;
use crate::rules::rule::predict;
use crate::sys::{Errno, Fd, wait};

const EINVAL: Answer = Answer::Refused(Errno::EINVAL);

/// The first kernel on which a thread has a descriptor. Older ones may have that too.
const THREAD_PIDFD: Version = Version::new(6, 9);

/// The first kernel whose clone(2) refuses what is no signal. Older ones may have that rule too.
const NO_SIGNAL: Version = Version::new(7, 1);

/// The exit signals of clone(2) that are none.
const SIGNALS: core::ops::RangeInclusive<u64> = 65..=255;

/// How many cases [`all_or_none`] asks.
pub const CASES_OF_SIGNALS: usize = 255 - 65 + 1 + 1;

/// E7, F1: only where a security module, or a setting, provokes the rule.
pub fn unless_elsewhere(asking: &Asking) -> Result<(), Skip> {
    let predicted = predict(&asking.provoking(), &Place::here()).map_err(|_| Skip::NoWitness)?;
    if predicted.rule != Some(asking.number) {
        return Err(Skip::NotHere);
    }
    both(asking)
}

/// A0: the answer of a filter, where it is an errno, is the same for the call as for one that no kernel accepts.
pub fn filtered(asking: &Asking) -> Result<(), Skip> {
    if !asking.judge.ground.may_be_filtered {
        return Err(Skip::NotHere);
    }
    let call = asking.provoking();
    let predicted = predict(&call, &Place::here()).map_err(|_| Skip::NoWitness)?;
    let errno = predicted.expected.errno().filter(|_| predicted.rule == Some(asking.number)).ok_or(Skip::NotHere)?;
    asking.counts(|| {
        let got = Answer::of(bare::attempt(&call));
        Verdict::of(Case::of(&call, Answer::Refused(errno), got).by(Some(asking.number)))
    })?;
    asking.accepted();
    Ok(())
}

/// C2: a kernel refuses all exit signals that are none, or it is older than the rule and accepts all of them.
pub fn all_or_none(asking: &Asking) -> Result<(), Skip> {
    let first = bare::attempt(&asking.provoking()).err();
    let refuses = first == Some(Errno::EINVAL) || asking.judge.ground.place.version >= NO_SIGNAL;
    for exit_signal in SIGNALS {
        let call = Call { exit_signal, ..asking.provoking() };
        if refuses { asking.refuses(&call)? } else { asking.accepts(&call) }
    }
    asking.accepted();
    Ok(())
}

/// D7: a kernel either has the rule, or it is newer, and a thread has a descriptor.
pub fn or_thread_pidfd(asking: &Asking) -> Result<(), Skip> {
    let (call, version) = (asking.provoking(), asking.judge.ground.place.version);
    asking.counts(|| match bare::attempt_with(&Attempt::new(call)) {
        Err(Errno::EINVAL) if version < THREAD_PIDFD => asking.verdict(&call, EINVAL, Err(Errno::EINVAL)),
        Err(errno) => asking.verdict(&call, Answer::Ok, Err(errno)),
        // Another error than that there is none does not tell whether there was a descriptor.
        Ok(Made { closed: Some(Err(errno)), .. }) if errno != Errno::EBADF => Verdict::Skipped(Skip::NoWitness),
        // A process would be a child of the caller.
        Ok(made) if made.closed == Some(Ok(())) && wait::has_ended(made.task) == Err(Errno::ECHILD) => Verdict::Right,
        Ok(_) => Verdict::of(Case::of(&call, Answer::Seen, Answer::NotSeen).by(Some(asking.number))),
    })?;
    asking.accepted();
    Ok(())
}

/// F8: a cgroup of the caller, or above it, to which an ordinary user may not write.
pub fn not_writable(asking: &Asking) -> Result<(), Skip> {
    as_ordinary_user();
    own_cgroup(asking, Entry::NotWritable)
}

/// F8: a cgroup outside of the caller's new cgroup namespace.
pub fn out_of_namespace(asking: &Asking) -> Result<(), Skip> {
    let highest = cgroup::find_own(&mut |_| true).ok_or(Skip::Cgroup)?;
    with_rights(asking.judge.ground)?;
    unshare(Flags::NEWCGROUP, asking.judge.ground)?;
    let is_meant = cgroup::enter(highest.raw(), false, false) == Entry::OutOfNamespace;
    if is_meant { into(asking, &highest) } else { Err(Skip::Cgroup) }
}

/// F8: a cgroup of the caller, or above it, that refuses the task for this reason.
pub fn own_cgroup(asking: &Asking, refused: Entry) -> Result<(), Skip> {
    let found = cgroup::find_own(&mut |folder| cgroup::enter(folder, false, false) == refused);
    into(asking, &found.ok_or(Skip::Cgroup)?)
}

/// Asks for a task in a cgroup.
fn into(asking: &Asking, folder: &Fd) -> Result<(), Skip> {
    asking.refuses(&Call { cgroup: folder.raw().number() as u64, ..asking.provoking() })?;
    asking.accepted();
    Ok(())
}

/// F8: only a cgroup that the caller has prepared would do.
pub fn prepared_cgroup(_: &Asking) -> Result<(), Skip> {
    Err(Skip::Cgroup)
}
