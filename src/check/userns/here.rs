//! What the trials need to know of the caller's own user namespace.

use super::maps::File;
use crate::check::judge::{Judge, PASSING, Verdict};
use crate::check::skip::Skip;
use crate::clone::flags::{Flags, Kind, Version};
use crate::clone::process::by_child;
use crate::error::{Failure, Step};
use crate::host::cause::{self, Reason};
use crate::host::id_map::{Ids, LAST, Range};
use crate::host::namespace::{NotMoved, enter_new};
use crate::host::proc::{self, Tasks};
use crate::sys::harmless::Harmless;
use crate::sys::privilege::{self, Capability};
use crate::sys::{Errno, Result, Signal, file, ids, namespace};
use core::ffi::CStr;

/// The caller's own user namespace, from which the trials start.
#[derive(Clone, Copy)]
pub struct Here<'a> {
    /// The judge, whose board the processes of a trial share.
    pub judge: Judge<'a>,
    /// Access to the maps of other tasks.
    pub tasks: Tasks,
    /// The effective user id and group id, which may be mapped without any right, and a project id that is mapped here.
    pub own: [usize; 3],
    /// Other ids of this namespace, neither 0 nor the caller's own, in one line of its maps; perhaps none.
    pub others: [Range; 3],
    /// Whether setgroups(2) may still be denied or allowed in new namespaces.
    pub allows_groups: bool,
    /// Whether a filter answers calls of the trials in the kernel's place.
    is_masked: bool,
}

/// The most lines of a map, UID_GID_MAP_MAX_EXTENTS.
pub const MOST_LINES: usize = 340;

/// The first kernel that has so many; those before have 5.
pub const LINES: Version = Version::new(4, 15);

/// The first kernel that asks for CAP_SETFCAP before it maps the user id 0 of outside.
pub const SETFCAP: Version = Version::new(5, 12);

/// Looks at this place; an error says why it has no trials.
pub fn look(judge: Judge) -> core::result::Result<Here, Skip> {
    let tasks = Tasks::here().ok_or(Skip::Proc)?;
    if file::mount_flags(c"/proc/self/uid_map").is_ok_and(|flags| flags & file::RDONLY != 0) {
        return Err(Skip::Proc);
    }
    refusal(judge).map_or(Ok(()), Err)?;
    let [uid, gid] = [ids::geteuid(), ids::getegid()].map(|id| id.map_err(|_| Skip::NoWitness));
    let (uid, gid) = (uid?, gid?);
    let others =
        [others(File::Uid.own(), Some(uid)), others(File::Gid.own(), Some(gid)), others(File::Projid.own(), None)];
    let own = [uid, gid, others[File::Projid as usize].inner];
    // A kernel without the file has no way to deny them.
    let allows_groups = !proc::read_small(File::Setgroups.own(), &mut [0; 16]).is_ok_and(|word| word == b"deny\n");
    Ok(Here { judge, tasks, own, others, allows_groups, is_masked: judge.ground.may_be_filtered && is_masked() })
}

/// The longest range of ids that a map of this namespace has, without 0, and without the caller's own among the first.
fn others(map: &CStr, own: Option<usize>) -> Range {
    let mut longest = Range::default();
    // Without the map there are no others.
    let _ = proc::find(map, &mut |line| {
        let Some(line) = line.whole().and_then(Range::read) else { return false };
        let end = line.inner + line.count;
        let mut first = line.inner.max(1);
        if let Some(own) = own.filter(|own| (first..first + MOST_LINES).contains(own)) {
            first = own + 1;
        }
        let count = end.saturating_sub(first);
        if count > longest.count {
            longest = Range { inner: first, outer: first, count };
        }
        false
    });
    longest
}

impl Here<'_> {
    /// An id that is not the caller's own, and if possible one of this namespace.
    pub fn other(&self, file: File) -> usize {
        let (own, others) = (self.own[file as usize], self.others[file as usize]);
        match others.count {
            0 if own < LAST => own + 1,
            0 => own - 1,
            _ => others.inner,
        }
    }

    /// A verdict; under a filter that answers calls of the trials, a wrong answer need not be the kernel's.
    pub fn excused(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Wrong(_) if self.is_masked => Verdict::Skipped(Skip::Filter),
            verdict => verdict,
        }
    }

    /// Settles a trial that is about what this kernel is too old for.
    pub fn since(&self, version: Version) -> core::result::Result<(), Verdict> {
        if self.judge.ground.place.version < version { Err(Verdict::Skipped(Skip::Since(version))) } else { Ok(()) }
    }

    /// Whether the caller has the right to map this many other ids of this namespace.
    pub fn may_map(&self, file: File, count: usize) -> bool {
        let right = if file == File::Gid { Capability::Setgid } else { Capability::Setuid };
        privilege::has(right) == Some(true) && self.others[file as usize].count >= count
    }
}

/// Why there are no user namespaces to try here; none if there are, or if that is the kernel's own fault.
fn refusal(judge: Judge) -> Option<Skip> {
    let may_be_filtered = judge.ground.may_be_filtered;
    match asked(enter) {
        Err(_) if may_be_filtered && asked(unshare_wrongly) != Err(Errno::EINVAL) => return Some(Skip::Filter),
        Err(Errno::EIO) => return None,
        // The check itself has asked before.
        Err(Errno::ENOSPC) if judge.ground.user.is_none() => return Some(Skip::Limit),
        Err(errno) if PASSING.contains(&errno) => return Some(Skip::Limit),
        Err(_) => return Some(Skip::UserNamespaces),
        Ok(()) => {}
    }
    let is_zero = || judge.ground.place.version >= SETFCAP && ids::geteuid() == Ok(0);
    let outer = ids::geteuid();
    let maps = || {
        enter()?;
        Ids::Users.write_one(0, outer?).map(|_| ())
    };
    match asked(maps) {
        Ok(()) => None,
        Err(Errno::EACCES) => Some(Skip::Rights),
        Err(_) if is_zero() && privilege::has(Capability::Setfcap) == Some(false) => Some(Skip::Rights),
        Err(errno) => {
            let told = cause::find(Failure::new(Step::UidMap, errno), Flags::NEWUSER);
            told.filter(|told| told.reason == Reason::Apparmor).map(|_| Skip::UserNamespaces)
        }
    }
}

/// Whether a filter answers one of these calls, or kills for it.
fn is_masked() -> bool {
    const CALLS: [Harmless; 8] = [
        Harmless::Setns,
        Harmless::Lseek,
        Harmless::Memfd,
        Harmless::Setuid,
        Harmless::Setgid,
        Harmless::Capset,
        Harmless::Capget,
        Harmless::Dumpable,
    ];
    CALLS.iter().any(|call| by_child(|| call.foreign_answer().is_some().into()) != Ok(0))
}

/// unshare(2) of a user namespace with a bit that every kernel refuses first, check_unshare_flags.
fn unshare_wrongly() -> Result<()> {
    namespace::unshare(Flags::NEWUSER.bits() as usize | Signal::CHLD.number())
}

/// Enters a user namespace that is proven to be new.
fn enter() -> Result<()> {
    enter_new(Kind::User).map(|_| ()).map_err(NotMoved::errno)
}

/// What a step answers in a process of its own. ECHILD: a signal killed that one.
fn asked(step: impl FnOnce() -> Result<()>) -> Result<()> {
    let status = by_child(|| step().map_or_else(|errno| errno.number() as i32, |()| 0))?;
    Errno::new(status as usize).map_or(Ok(()), Err)
}
