//! The places in which rules hold: what a worker does to itself, and to namespaces of its own, before it asks.
//!
//! Nothing of this outlives the worker. What cannot be done here is a reason to skip.

use crate::check::ground::Ground;
use crate::check::judge::Judge;
use crate::check::skip::Skip;
use crate::clone::flags::{Flags, Kind};
use crate::clone::process::{Process, by_child};
use crate::host::id_map::{self, Ids};
use crate::host::namespace::{NotMoved, enter_new};
use crate::host::path::with_short;
use crate::sys::wait::Change;
use crate::sys::{Errno, Pid, Result as SysResult, Signal, ids, namespace, privilege};

/// A bit that is no flag of unshare(2): every kernel refuses it with EINVAL.
const NO_FLAG: usize = 1;

/// unshare(2); the reason to skip if it is refused.
pub fn unshare(flags: Flags, ground: &Ground) -> Result<(), Skip> {
    namespace::unshare(flags.bits() as usize).map_err(|errno| refusal(flags, errno, ground))
}

/// Why unshare(2) was refused.
pub fn refusal(flags: Flags, errno: Errno, ground: &Ground) -> Skip {
    let is_masked = ground.may_be_filtered && namespace::unshare(NO_FLAG) != Err(Errno::EINVAL);
    match errno {
        _ if is_masked => Skip::Filter,
        _ if flags.contains(Flags::NEWUSER) => Skip::UserNamespaces,
        Errno::EPERM => Skip::Rights,
        _ => Skip::Limit,
    }
}

/// The caller becomes root of a user namespace of its own, which is proven to be new.
pub fn own_user(ground: &Ground) -> Result<(), Skip> {
    // Known before, for they have no names inside.
    let (Ok(user), Ok(group)) = (ids::geteuid(), ids::getegid()) else { return Err(Skip::NoWitness) };
    match enter_new(Kind::User) {
        Ok(_) => map(user, group).map_err(|_| Skip::Proc),
        Err(NotMoved::Unseen(_)) => Err(Skip::Proc),
        Err(why) => Err(refusal(Flags::NEWUSER, why.errno(), ground)),
    }
}

/// Maps the caller's ids to root.
pub fn map(user: usize, group: usize) -> SysResult<()> {
    id_map::is_denied(id_map::write_setgroups(b"deny"))?;
    Ids::Users.write_one(0, user)?;
    Ids::Groups.write_one(0, group).map(|_| ())
}

/// The caller has CAP_SYS_ADMIN, in a user namespace of its own if it had not before.
pub fn with_rights(ground: &Ground) -> Result<(), Skip> {
    if privilege::is_administrator() == Some(true) { Ok(()) } else { own_user(ground) }
}

/// The caller gives its capabilities away.
pub fn without_rights() -> Result<(), Skip> {
    privilege::renounce(None).map_err(|_| Skip::Rights)
}

/// Whether a user namespace is made here that gives all rights, which a process of its own asks unshare(2).
pub fn gives_rights(ground: &Ground) -> Result<(), Skip> {
    let flags = Flags::NEWUSER | Flags::NEWUTS;
    let asked = by_child(|| namespace::unshare(flags.bits() as usize).err().map_or(0, |errno| errno.number() as i32));
    match asked {
        Ok(0) => Ok(()),
        Ok(number) => Err(Errno::new(number as usize).map_or(Skip::NoWitness, |errno| refusal(flags, errno, ground))),
        Err(_) => Err(Skip::NoWitness),
    }
}

/// Does `act`, which asks so many cases, in a process of its own. What it leaves is skipped.
fn apart(judge: Judge, cases: usize, parent: Option<Pid>, act: impl FnOnce() -> Result<(), Skip>) {
    let end = judge.asked() + cases;
    if judge.begun() >= end {
        // A worker that has ended since has asked them.
        return judge.skip_rest(end, Skip::NoWitness);
    }
    let acts = || {
        if let Err(skip) = act() {
            judge.skip_rest(end, skip);
        }
        0
    };
    let ended = Process::make_tied(parent, Signal::CHLD.number(), 0, acts)
        .and_then(Process::await_end)
        .map(|status| status.change());
    match ended {
        Ok(Change::Killed(signal)) => {
            // A process that has died on the way to a case is missed by those that are left, unless it crashed.
            if judge.is_open() || signal != Signal::SYS {
                judge.killed(signal);
            }
            judge.skip_rest(end, if signal == Signal::SYS { Skip::Filter } else { Skip::NoWitness });
        }
        Ok(_) => judge.skip_rest(end, Skip::NoWitness),
        Err(_) => judge.skip_rest(end, Skip::Limit),
    }
}

/// Does `act`, which asks so many cases, in a process of its own.
pub fn in_process(judge: Judge, cases: usize, act: impl FnOnce() -> Result<(), Skip>) {
    apart(judge, cases, ids::getpid().ok(), act);
}

/// Does `act`, which asks so many cases, as process 1 of the new PID namespace that the caller has for its children.
pub fn as_process_1(judge: Judge, cases: usize, act: impl FnOnce() -> Result<(), Skip>) {
    // The parent of a process 1 has no id there.
    apart(judge, cases, None, || match ids::getpid() {
        Ok(own) if own.number() == 1 => act(),
        _ => Err(Skip::Limit),
    });
}

/// Sets how many namespaces of a kind there may be, in the user namespace that the caller has made.
pub fn limit(kind: Kind, most: &[u8]) -> Result<(), Skip> {
    let path = [b"/proc/sys/user/max_".as_slice(), kind.name().as_bytes(), b"_namespaces"];
    with_short(&path, |path| id_map::write_file(path, most)).map(|_| ()).map_err(|_| Skip::Proc)
}
