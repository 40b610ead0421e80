//! The rules about user namespaces, rights and the number of tasks: E4 to E8, F1.

use super::asking::Asking;
use super::place::{
    as_ordinary_user, gives_rights, in_process, map, none_left, own_user, refusal, unshare, with_rights, without_rights,
};
use crate::check::ground::Ground;
use crate::check::judge::Verdict;
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
    asking.accepted_before();
    in_process(asking.judge, 1, || {
        nest(ground)?;
        asking.refused();
        Ok(())
    });
    own_user(ground)?;
    none_left(Kind::User)?;
    asking.refused();
    asking.accepted();
    Ok(())
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
    if !is_chroot() {
        with_rights(asking.judge.ground)?;
        asking.accepted_before();
        // A folder of every machine that is no root of the mounts; without one of them there is nothing to change to.
        let folders = [c"/proc", c"/sys", c"/dev", c"/etc", c"/tmp"];
        if !folders.iter().any(|folder| namespace::chroot(folder).is_ok()) {
            return Err(Skip::Rights);
        }
    } else {
        asking.judge.case(|| Verdict::Skipped(Skip::UserNamespaces));
    }
    asking.refused();
    asking.accepted();
    Ok(())
}

/// E6: the caller's ids have no names in its user namespace.
pub fn unmapped(asking: &Asking) -> Result<(), Skip> {
    asking.accepted_before();
    if !ids::is_unmapped() {
        unshare(Flags::NEWUSER, asking.judge.ground)?;
    }
    asking.refused();
    asking.accepted();
    Ok(())
}

/// E8: RLIMIT_NPROC, which is not for the machine's administrators.
pub fn no_task_left(asking: &Asking) -> Result<(), Skip> {
    let is_ordinary = as_ordinary_user();
    asking.accepted_before();
    set_soft(Limited::Tasks, 0).map_err(|_| Skip::Rights)?;
    if is_ordinary {
        asking.refused();
        return Ok(());
    }
    // Root of a user namespace is perhaps root of the machine, and perhaps not.
    let call = asking.provoking();
    match bare::attempt(&call) {
        Ok(_) => Err(Skip::Rights),
        Err(_) => {
            asking.refused();
            Ok(())
        }
    }
}

/// F1, D12, F5: without rights; with those of a new user namespace the amended call is accepted.
pub fn no_rights(asking: &Asking) -> Result<(), Skip> {
    without_rights()?;
    asking.refused();
    gives_rights(asking.judge.ground)?;
    asking.accepted();
    Ok(())
}

/// D12: without rights, which the amended call does not need.
pub fn no_rights_needed(asking: &Asking) -> Result<(), Skip> {
    without_rights()?;
    asking.refused();
    asking.accepted();
    Ok(())
}

/// F2 and others: with rights, lest their absence be met first.
pub fn privileged(asking: &Asking) -> Result<(), Skip> {
    with_rights(asking.judge.ground)?;
    asking.refused();
    asking.accepted();
    Ok(())
}
