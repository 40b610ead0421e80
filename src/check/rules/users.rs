//! The rules about user namespaces, rights and the number of tasks: E4 to E8, F1.

use super::asking::{Asking, both};
use super::place::{gives_rights, in_process, limit, map, own_user, refusal, unshare, with_rights, without_rights};
use crate::check::ground::Ground;
use crate::check::own::as_ordinary_user;
use crate::check::skip::Skip;
use crate::clone::bare;
use crate::clone::flags::{Flags, Kind};
use crate::host::namespace::is_chroot;
use crate::sys::limit::{Limited, set_soft};
use crate::sys::{Errno, ids, namespace};

/// How deep user namespaces are nested at most, below the initial one: create_user_ns looks at the level of the parent.
const LEVELS: usize = 33;

/// E4: 32 levels of user namespaces; then a limit of 0.
pub fn no_user_left(asking: &Asking) -> Result<(), Skip> {
    let ground = asking.judge.ground;
    let before = asking.before()?;
    in_process(asking.judge, 1, || nest(ground).and_then(|()| asking.refused()));
    own_user(ground)?;
    limit(Kind::User, b"0")?;
    asking.refused()?;
    asking.accepted();
    asking.counts(|| before)
}

/// Enters new user namespaces, each below the one before, as many as there may be.
fn nest(ground: &Ground) -> Result<(), Skip> {
    for _ in 0..LEVELS {
        let (Ok(user), Ok(group)) = (ids::geteuid(), ids::getegid()) else { return Err(Skip::NoWitness) };
        match namespace::unshare(Flags::NEWUSER.bits() as usize) {
            Ok(()) => map(user, group).map_err(|_| Skip::Proc)?,
            Err(Errno::ENOSPC) => return Ok(()),
            Err(errno) => return Err(refusal(Flags::NEWUSER, errno, ground)),
        }
    }
    Ok(())
}

/// E5: the caller is in a chroot.
pub fn in_chroot(asking: &Asking) -> Result<(), Skip> {
    if is_chroot() {
        return both(asking);
    }
    with_rights(asking.judge.ground)?;
    let before = asking.before()?;
    // A folder of every machine that is not the root of the mounts; without one of them there is none to change to.
    let folders = [c"/proc", c"/sys", c"/dev", c"/etc", c"/tmp"];
    if !folders.iter().any(|folder| namespace::chroot(folder).is_ok()) {
        return Err(Skip::Rights);
    }
    both(asking)?;
    asking.counts(|| before)
}

/// E6: the caller's ids have no names in its user namespace.
pub fn unmapped(asking: &Asking) -> Result<(), Skip> {
    if ids::is_unmapped() {
        return both(asking);
    }
    let before = asking.before()?;
    unshare(Flags::NEWUSER, asking.judge.ground)?;
    both(asking)?;
    asking.counts(|| before)
}

/// E8: RLIMIT_NPROC, which is not for the machine's administrators.
pub fn no_task_left(asking: &Asking) -> Result<(), Skip> {
    let is_ordinary = as_ordinary_user();
    let before = asking.before()?;
    set_soft(Limited::Tasks, 0).map_err(|_| Skip::Rights)?;
    // Root of a user namespace is perhaps root of the machine, and perhaps not.
    if !is_ordinary && bare::attempt(&asking.provoking()).is_ok() {
        return Err(Skip::Rights);
    }
    asking.refused()?;
    asking.counts(|| before)
}

/// F1, F5: without rights; with those of a new user namespace the amended call is accepted.
pub fn no_rights(asking: &Asking) -> Result<(), Skip> {
    without_rights()?;
    asking.refused()?;
    gives_rights(asking.judge.ground)?;
    asking.accepted_by_rights();
    Ok(())
}

/// D12: without rights, which the amended call does not need.
pub fn no_rights_needed(asking: &Asking) -> Result<(), Skip> {
    without_rights()?;
    both(asking)
}

/// F2 and others: with rights, lest their absence be met first.
pub fn privileged(asking: &Asking) -> Result<(), Skip> {
    with_rights(asking.judge.ground)?;
    both(asking)
}
