//! The looks of the table of causes: each examines this machine, and finds its reason or nothing.
//!
//! Where the kernel's answer itself is the reason, the kernel is asked again. A look never changes anything outside of
//! a child of its own.

use super::binfmt::{self, Fields};
use super::id_block::{self, Program};
use super::id_map::{Ids, Range};
use super::limits::{self, Used};
use super::mounts::{self, Mount};
use super::namespace;
use super::path;
use super::place::Place;
use super::probe::{self, Filtered};
use super::proc::{self, Own, Tasks};
use super::reason::Seen;
use super::refused::Refusal;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, Kind, NAMESPACES, Version};
use crate::clone::process::by_child;
use crate::clone::stack::SIZE;
use crate::error::Step;
use crate::sys::harmless::Harmless;
use crate::sys::limit::Limited;
use crate::sys::memory::PAGE;
use crate::sys::privilege::{self, Capability};
use crate::sys::{Errno, control, exec, file, ids, namespace as calls};
use core::ffi::CStr;

/// A reason without details.
fn if_so(holds: bool) -> Option<Seen> {
    holds.then(Seen::default)
}

/// The kind of ids that a step is about.
pub(super) fn kind_of(step: Step) -> Option<Ids> {
    match step {
        Step::Setuid | Step::OwnerUser => Some(Ids::Users),
        Step::Setgid | Step::OwnerGroup => Some(Ids::Groups),
        _ => id_block::kind_of(step),
    }
}

/// Whether a line of the file has this prefix.
fn begins(path: &CStr, beginning: &[u8]) -> bool {
    proc::find(path, &mut |line| line.after(beginning).is_some()) == Ok(true)
}

// Files of proc(5).

/// /proc has no folder of the caller.
pub(super) fn has_no_proc() -> Option<Seen> {
    if_so(matches!(file::open(c"/proc/self", file::O_PATH), Err(Errno::ENOENT | Errno::ENOTDIR)))
}

/// RLIMIT_NOFILE leaves too few descriptors.
pub(super) fn lacks_descriptors() -> Option<Seen> {
    if_so(limits::lacks_descriptors())
}

/// /proc is mounted read-only.
pub(super) fn is_proc_read_only() -> Option<Seen> {
    if_so(file::mount_flags(c"/proc").is_ok_and(|flags| flags & file::RDONLY != 0))
}

/// /proc shows another PID namespace.
pub(super) fn is_proc_of_others() -> Option<Seen> {
    if_so(matches!(Tasks::prove(), Err(Errno::ESRCH)))
}

/// The program's file may not be read, so the process is not dumpable.
pub(super) fn is_file_closed() -> Option<Seen> {
    let is_closed = || exec::own_file().map(|path| file::open(path, file::O_RDONLY).err()) == Some(Some(Errno::EACCES));
    if_so(control::is_dumpable() == Ok(false) && is_closed())
}

/// The caller's ids differ, so the process is not dumpable.
pub(super) fn is_hidden_by_ids() -> Option<Seen> {
    if_so(control::is_dumpable() == Ok(false) && exec::had_different_ids())
}

// Filters.

/// Whether the caller is under a filter.
pub(super) fn has_filter() -> Option<Seen> {
    if_so(Own::read().has_filter == Some(true))
}

/// The call by which a filter is asked about a step, if there is one.
fn harmless(step: Step) -> Option<Harmless> {
    Some(match step {
        Step::Chroot => Harmless::Chroot,
        Step::Chdir => Harmless::Chdir,
        Step::Propagation | Step::MountProc | Step::Keep => Harmless::Mount,
        Step::MakeBinfmt => Harmless::Fsopen,
        Step::MountBinfmt => Harmless::MoveMount,
        Step::Sethostname | Step::NameHost => Harmless::Sethostname,
        Step::Setgroups => Harmless::Setgroups,
        Step::Setgid | Step::OwnerGroup => Harmless::Setgid,
        Step::Setuid | Step::OwnerUser | Step::SetuidRoot => Harmless::Setuid,
        Step::ProveNew => Harmless::Setresuid,
        Step::KeepCapabilities => Harmless::Capset,
        Step::Renounce => Harmless::Renounce,
        Step::Dumpable => Harmless::Dumpable,
        Step::KillChild => Harmless::DeathSignal,
        Step::Block => Harmless::Block,
        Step::Clock => Harmless::Clock,
        Step::Seed => Harmless::Random,
        Step::Board | Step::Plan | Step::Stack | Step::Heap => Harmless::Mmap,
        Step::Guard => Harmless::Mprotect,
        Step::Execute => Harmless::Execve,
        _ => return None,
    })
}

/// A filter answers this very call with this errno.
pub(super) fn filter(refusal: &Refusal) -> Option<Seen> {
    has_filter()?;
    let call = refusal.asked.call;
    let answer = match refusal.failure.step {
        Step::Call => {
            let api = if call.api == Api::Fork { Api::Clone } else { call.api };
            probe::filtered(&Call { api, ..call }).ok()?.and_then(Filtered::errno)
        }
        Step::Subject | Step::Alone | Step::Helper | Step::Program | Step::Between | Step::Kind | Step::Sleeper => {
            probe::filtered(&Call::usual(Api::Clone, Flags::empty())).ok()?.and_then(Filtered::errno)
        }
        Step::Unshare => of_unshare(call.flags),
        Step::UnshareUts => of_unshare(Flags::NEWUTS),
        Step::UnshareIpc => of_unshare(Flags::NEWIPC),
        step => of_harmless(harmless(step)?),
    };
    if_so(answer.is_some() && answer == refusal.failure.errno())
}

/// The errno that is not the kernel's own answer to a harmless call. A child asks: a filter may kill.
fn of_harmless(call: Harmless) -> Option<Errno> {
    let answer = || call.foreign_answer().map_or(0, |errno| errno.number() as i32);
    let errno = match call {
        // The kernel looks for the privileges first. In a namespace of the child's own they are there.
        Harmless::Sethostname | Harmless::Fsopen | Harmless::MoveMount => by_child(|| {
            let own = Flags::NEWUSER | if call == Harmless::Sethostname { Flags::NEWUTS } else { Flags::NEWNS };
            if calls::unshare(own.bits() as usize).is_ok() { answer() } else { 0 }
        }),
        // Here there is no such namespace: without a map nobody may.
        Harmless::Setgroups if privilege::has(Capability::Setgid) != Some(true) || is_setgroups_denied().is_some() => {
            return None;
        }
        _ => by_child(answer),
    };
    errno.ok().and_then(|errno| Errno::new(errno as usize))
}

/// The errno of a filter for unshare(2), which gets an unknown flag too. A child asks, because some kernels ignore that
/// flag and unshare.
fn of_unshare(flags: Flags) -> Option<Errno> {
    let asked = (flags & NAMESPACES).bits() as usize | 1;
    let answer = by_child(|| calls::unshare(asked).err().map_or(0, |errno| errno.number() as i32));
    answer.ok().and_then(|errno| Errno::new(errno as usize)).filter(|errno| *errno != Errno::EINVAL)
}

/// Whether a filter refuses the call or unshare(2). The call is made in a form that the kernel itself refuses with
/// EINVAL.
pub fn is_filtered(flags: Flags) -> bool {
    let call = Call::usual(Api::Clone, flags & !Flags::VM);
    matches!(probe::filtered(&call), Ok(Some(_))) || of_unshare(flags).is_some()
}

// Namespaces.

/// A sysctl of Debian's forbids user namespaces to all but administrators.
pub(super) fn unprivileged(refusal: &Refusal) -> Option<Seen> {
    let is_off = || begins(c"/proc/sys/kernel/unprivileged_userns_clone", b"0");
    if_so(refusal.asked.has_users() && privilege::is_administrator() == Some(false) && is_off())
}

/// The caller is in a chroot.
pub(super) fn chroot(refusal: &Refusal) -> Option<Seen> {
    if_so(refusal.asked.has_users() && namespace::is_chroot())
}

/// The caller has no id in its user namespace.
pub(super) fn unmapped(refusal: &Refusal) -> Option<Seen> {
    if_so(refusal.asked.has_users() && ids::is_unmapped())
}

/// The caller lacks the capability for a step, and would have it in a new user namespace.
pub(super) fn lacks_rights(refusal: &Refusal) -> Option<Seen> {
    let needed = match refusal.failure.step {
        Step::Chroot => Capability::SysChroot,
        Step::Offsets => Capability::SysTime,
        Step::Setgroups | Step::Setgid | Step::OwnerGroup => Capability::Setgid,
        Step::Setuid | Step::OwnerUser => Capability::Setuid,
        _ => Capability::SysAdmin,
    };
    if_so(!refusal.asked.has_users() && privilege::has(needed) == Some(false))
}

/// Whether a setting of AppArmor restricts unprivileged user namespaces.
fn is_apparmor() -> bool {
    begins(c"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", b"1")
}

/// AppArmor refuses user namespaces, which the kernel confirms.
pub(super) fn apparmor_refuses(refusal: &Refusal) -> Option<Seen> {
    if_so(refusal.asked.has_users() && is_apparmor() && is_answered_again(refusal))
}

/// AppArmor takes the privileges of root of a new user namespace, which a child confirms: the host name of a new
/// namespace is refused to it.
pub(super) fn apparmor_restricts(refusal: &Refusal) -> Option<Seen> {
    let is_refused = || {
        let refused = by_child(|| {
            let own = Flags::NEWUSER | Flags::NEWUTS;
            let answer = match calls::unshare(own.bits() as usize) {
                Ok(()) => Harmless::Sethostname.foreign_answer(),
                Err(errno) => Some(errno),
            };
            matches!(answer, Some(Errno::EPERM | Errno::EACCES)).into()
        });
        refused == Ok(1)
    };
    if_so(refusal.asked.has_users() && is_apparmor() && is_refused())
}

/// SELinux is enforcing, and the kernel refuses the user namespace again.
pub(super) fn selinux(refusal: &Refusal) -> Option<Seen> {
    let is_enforcing = || begins(c"/sys/fs/selinux/enforce", b"1");
    if_so(refusal.asked.has_users() && is_enforcing() && is_answered_again(refusal))
}

/// Whether the kernel answers the namespaces with the same errno once more.
fn is_answered_again(refusal: &Refusal) -> bool {
    let call = &refusal.asked.call;
    let api = if call.api == Api::Fork { Api::Clone } else { call.api };
    let again = probe::probe(api, namespaces(refusal), 0);
    again == Ok(Err(refusal.failure.errno().unwrap_or(Errno::EFAULT)))
}

/// The namespaces that a step asks for.
fn namespaces(refusal: &Refusal) -> Flags {
    match refusal.failure.step {
        Step::UnshareUts => Flags::NEWUTS,
        Step::UnshareIpc => Flags::NEWIPC,
        _ => refusal.asked.call.flags & NAMESPACES,
    }
}

/// The first kind of namespace asked for that holds.
fn first_kind(refusal: &Refusal, holds: fn(Kind) -> bool) -> Option<Seen> {
    let flags = namespaces(refusal);
    Kind::ALL.into_iter().find(|kind| flags.contains(kind.flag()) && holds(*kind)).map(Seen::kind)
}

/// A kind whose limit is 0.
pub(super) fn none_allowed(refusal: &Refusal) -> Option<Seen> {
    first_kind(refusal, |kind| limits::namespaces(kind) == Some(0))
}

/// The kernel refuses the namespaces again, and no limit is 0: the only other reasons are that one is used up, or that
/// namespaces are nested too deep.
pub(super) fn is_used_up(refusal: &Refusal) -> Option<Seen> {
    if !is_answered_again(refusal) {
        return None;
    }
    let of_one = |kind: &Kind| {
        let flags = kind.flag() | refusal.asked.call.flags & Flags::NEWUSER;
        let alone = Call::usual(refusal.asked.call.api, flags);
        is_answered_again(&Refusal { asked: alone.into(), ..*refusal })
    };
    let asked = namespaces(refusal);
    let kinds = Kind::ALL.into_iter().filter(|kind| asked.contains(kind.flag()));
    Some(kinds.clone().find(of_one).map_or(Seen::default(), Seen::kind))
}

/// A kind that the kernel does not have.
pub(super) fn not_built(refusal: &Refusal) -> Option<Seen> {
    if has_no_proc().is_some() {
        return None;
    }
    first_kind(refusal, |kind| namespace::own(kind) == Err(Errno::ENOENT))
}

// Limits on tasks.

/// A cgroup has as many tasks as it may.
pub(super) fn cgroup_is_full() -> Option<Seen> {
    if_so(limits::tasks_of_cgroup().is_some_and(Used::is_full))
}

/// The machine has as many tasks as it may.
pub(super) fn kernel_is_full() -> Option<Seen> {
    if_so(limits::tasks_of_kernel().is_some_and(Used::is_full))
}

/// The user has as many tasks as it may, and is not exempt.
pub(super) fn user_is_full() -> Option<Seen> {
    // Root of the first user namespace is exempt; its map is that of everybody there.
    let is_first = || own_map(Ids::Users).is_some_and(|map| map == [0, 0, u32::MAX as usize]);
    let is_exempt = privilege::is_administrator() != Some(false) && is_first();
    if_so(!is_exempt && limits::seen_tasks_of_user().is_some_and(Used::is_full))
}

/// No id of a task is left.
pub(super) fn ids_are_used_up() -> Option<Seen> {
    if_so(limits::ids_of_kernel().is_some_and(Used::is_full))
}

/// The PID namespace for children is another one than the caller's, and no task can be made there.
pub(super) fn has_lost_process_1() -> Option<Seen> {
    if_so(probe::are_children_elsewhere() && by_child(|| 0) == Err(Errno::ENOMEM))
}

// Maps of ids.

/// The first line of the caller's own map: inside, outside, and the count.
fn own_map(kind: Ids) -> Option<[usize; 3]> {
    let mut first = None;
    let line = |line: proc::Line| {
        first = line.whole().and_then(Range::read);
        true
    };
    proc::find(kind.own_map(), &mut { line }).ok()?;
    first.map(|Range { inner, outer, count }| [inner, outer, count])
}

/// The kind of ids of a step, and the caller's real user id.
fn ids_of(refusal: &Refusal) -> Option<(Ids, usize)> {
    kind_of(refusal.failure.step).zip(ids::getuid().ok())
}

/// The user has no block of this kind, and of the other kind neither or not.
pub(super) fn no_blocks(refusal: &Refusal, of_both: bool) -> Option<Seen> {
    let (kind, user) = ids_of(refusal)?;
    let other = if kind == Ids::Users { Ids::Groups } else { Ids::Users };
    if !id_block::is_without(kind, user) || id_block::is_without(other, user) != of_both {
        return None;
    }
    // newuidmap(1) maps the own id without any block.
    let is_of_others = refusal.asked.map.is_none_or(|map| map.ranges().any(|range| !is_own(kind, range)));
    let free = id_block::free().filter(|_| is_of_others)?;
    Some(Seen::ids(free))
}

/// Whether a range is the caller's own id alone.
fn is_own(kind: Ids, range: Range) -> bool {
    let own = match kind {
        Ids::Users => ids::getuid(),
        Ids::Groups => ids::getgid(),
    };
    range.count == 1 && own == Ok(range.outer)
}

/// The state of newuidmap(1) or newgidmap(1).
pub(super) fn program(refusal: &Refusal, state: Program) -> Option<Seen> {
    if_so(id_block::program(kind_of(refusal.failure.step)?).0 == state)
}

/// Ids that are in no block of the user.
pub(super) fn not_covered(refusal: &Refusal) -> Option<Seen> {
    let (kind, user) = ids_of(refusal)?;
    let others = refusal.asked.map?.ranges().filter(|range| !is_own(kind, *range));
    others.into_iter().find_map(|range| id_block::uncovered(kind, user, range)).map(Seen::ids)
}

/// How a range lies in the caller's own map.
#[derive(PartialEq, Eq)]
enum Lies {
    InOneLine,
    InLines,
    Outside,
}

/// The first range of the map that lies so.
fn first_that_lies(refusal: &Refusal, how: Lies) -> Option<Seen> {
    let kind = kind_of(refusal.failure.step)?;
    let found = refusal.asked.map?.ranges().find(|range| lies(kind, *range).as_ref() == Some(&how))?;
    Some(Seen::ids(found.outer..found.outer + found.count))
}

/// How the outer ids of a range lie in the caller's own map; none if that cannot be read.
fn lies(kind: Ids, range: Range) -> Option<Lies> {
    let end = range.outer.checked_add(range.count)?;
    let (mut covered, mut in_one) = (0, false);
    proc::find(kind.own_map(), &mut |line| {
        let Some(line) = line.whole().and_then(Range::read) else { return false };
        let line_end = line.inner + line.count;
        let both = line_end.min(end).saturating_sub(line.inner.max(range.outer));
        covered += both;
        in_one |= both == range.count;
        false
    })
    .ok()?;
    Some(match (in_one, covered == range.count) {
        (true, _) => Lies::InOneLine,
        (_, true) => Lies::InLines,
        _ => Lies::Outside,
    })
}

/// A range that is mapped outside, in more than one line.
pub(super) fn two_lines(refusal: &Refusal) -> Option<Seen> {
    first_that_lies(refusal, Lies::InLines)
}

/// A range that is not mapped outside.
pub(super) fn outside_map(refusal: &Refusal) -> Option<Seen> {
    first_that_lies(refusal, Lies::Outside)
}

/// Two ranges with a common id.
pub(super) fn overlap(refusal: &Refusal) -> Option<Seen> {
    let map = refusal.asked.map?;
    let meet =
        |one: usize, other: usize, of_one: usize, of_other: usize| one < other + of_other && other < one + of_one;
    let overlaps = |(place, one): (usize, Range)| {
        map.ranges().skip(place + 1).any(|other| {
            meet(one.inner, other.inner, one.count, other.count) || meet(one.outer, other.outer, one.count, other.count)
        })
    };
    if_so(map.ranges().enumerate().any(overlaps))
}

/// setgroups(2) is denied in the caller's user namespace.
pub(super) fn is_setgroups_denied() -> Option<Seen> {
    if_so(begins(c"/proc/self/setgroups", b"deny"))
}

/// setgroups(2) was denied in the new user namespace.
pub(super) fn groups_denied(refusal: &Refusal) -> Option<Seen> {
    if_so(refusal.asked.has_users() && refusal.asked.denies_groups)
}

/// setgroups(2) was to be allowed where it is denied outside.
pub(super) fn groups_denied_outside(refusal: &Refusal) -> Option<Seen> {
    is_setgroups_denied().filter(|_| refusal.asked.allows_groups)
}

/// The program's id is in no line of the map: that which was asked for, or else that of the caller.
pub(super) fn no_such_id(refusal: &Refusal, is_new: bool) -> Option<Seen> {
    let (kind, id) = kind_of(refusal.failure.step).zip(refusal.asked.id)?;
    if refusal.asked.has_users() != is_new {
        return None;
    }
    if_so(!is_mapped(refusal, kind, id)?)
}

/// Whether an id exists where the step was refused; none if that cannot be read. Without a map that was to be written, the
/// caller itself is there.
fn is_mapped(refusal: &Refusal, kind: Ids, id: usize) -> Option<bool> {
    let holds = |range: Range| id.checked_sub(range.inner).is_some_and(|distance| distance < range.count);
    match refusal.asked.map {
        Some(map) => Some(map.ranges().any(holds)),
        None => proc::find(kind.own_map(), &mut |line| line.whole().and_then(Range::read).is_some_and(holds)).ok(),
    }
}

// Files at which namespaces are kept.

/// The file is not there.
pub(super) fn has_no_file(refusal: &Refusal) -> Option<Seen> {
    if_so(file::node(refusal.asked.file?) == Err(Errno::ENOENT))
}

/// The file is a folder.
pub(super) fn is_folder(refusal: &Refusal) -> Option<Seen> {
    if_so(file::open(refusal.asked.file?, file::O_PATH | file::O_DIRECTORY).is_ok())
}

/// The kernel keeps no mount namespace in one that it takes for the younger (`mnt_ns_loop()`). It goes by their numbers,
/// which Linux 6.18 gives out by processor.
pub(super) fn counts_as_older(refusal: &Refusal) -> Option<Seen> {
    let asked = refusal.asked.namespace.filter(|_| refusal.asked.call.flags.contains(Flags::NEWNS))?;
    let number = |path| calls::number_of_mounts(file::open(path, file::O_RDONLY).ok()?.raw()).ok();
    if_so(number(c"/proc/thread-self/ns/mnt")? >= number(asked)?)
}

/// A mount namespace was to be kept on a shared mount.
pub(super) fn is_shared(refusal: &Refusal) -> Option<Seen> {
    let mount = file::located(refusal.asked.file.filter(|_| refusal.asked.call.flags.contains(Flags::NEWNS))?)?.mount;
    let is_it = |line: proc::Line| {
        let mut fields = (6..32).map_while(|place| line.part(place, b" ")).take_while(|field| *field != b"-");
        line.number(10) == Some(mount) && fields.any(|field| field.starts_with(b"shared:"))
    };
    if_so(proc::find(mounts::OWN, &mut |line| is_it(line)) == Ok(true))
}

// Mounts of proc(5).

/// Only root of the PID namespace's own user namespace may mount its proc.
pub(super) fn proc_of_others(refusal: &Refusal) -> Option<Seen> {
    if_so(refusal.asked.has_users() && !refusal.asked.call.flags.contains(Flags::NEWPID))
}

/// Folders of proc(5) that are made to be mounted on, and are empty otherwise.
const EMPTY: [&[u8]; 2] = [b"/proc/sys/fs/binfmt_misc", b"/proc/fs/nfsd"];

/// Something is mounted over part of proc(5), as container engines do: root of a new user namespace cannot mount such a
/// file system again.
pub(super) fn proc_covered(refusal: &Refusal) -> Option<Seen> {
    let covers = |mount: Mount| mount.point.is_some_and(|at| at.starts_with(b"/proc/") && !EMPTY.contains(&at));
    if_so(refusal.asked.has_users() && mounts::any(mounts::OWN, &mut { covers }) == Ok(true))
}

/// /proc is mounted read-only, and root of a new user namespace cannot mount it otherwise.
pub(super) fn proc_read_only(refusal: &Refusal) -> Option<Seen> {
    let is_so = |mount: Mount| mount.point == Some(b"/proc") && mount.kind == Some(b"proc") && mount.has(b"ro");
    if_so(refusal.asked.has_users() && mounts::any(mounts::OWN, &mut { is_so }) == Ok(true))
}

// Interpreters.

/// The kernel has no binfmt_misc.
pub(super) fn has_no_binfmt() -> Option<Seen> {
    if_so(proc::find(c"/proc/filesystems", &mut |line| line.after(b"nodev\tbinfmt_misc").is_some()) == Ok(false))
}

/// The kernel is older than the binfmt_misc of user namespaces.
pub(super) fn has_one_binfmt() -> Option<Seen> {
    if_so(Place::here().is_before(Version::new(6, 7)))
}

/// There is no user 0 or no group 0 in the new user namespace.
pub(super) fn is_without_root(refusal: &Refusal) -> Option<Seen> {
    let lacks = |kind| is_mapped(refusal, kind, 0) == Some(false);
    if_so(refusal.asked.has_users() && (lacks(Ids::Users) || lacks(Ids::Groups)))
}

/// The line is none that binfmt_misc takes.
pub(super) fn is_no_line(refusal: &Refusal) -> Option<Seen> {
    if_so(binfmt::is_no_line(refusal.asked.line?))
}

/// The interpreter that the kernel opens when the line is written is not there.
pub(super) fn has_no_interpreter(refusal: &Refusal) -> Option<Seen> {
    let line = Fields::of(refusal.asked.line?).filter(Fields::opens_at_once)?;
    if_so(path::with(&[line.interpreter], |path| file::node(path).map(|_| ())) == Err(Errno::ENOENT))
}

// Memory.

/// How many bytes a step maps at least.
fn needed(refusal: &Refusal) -> usize {
    match refusal.failure.step {
        Step::Stack => SIZE + PAGE,
        Step::Guard => SIZE,
        _ => refusal.asked.bytes.max(PAGE),
    }
}

/// RLIMIT_AS has no room for what a step maps.
pub(super) fn address_space_is_full(refusal: &Refusal) -> Option<Seen> {
    if_so(limits::bytes(Limited::Memory).is_some_and(|used| used.lacks(needed(refusal))))
}

/// RLIMIT_DATA has no room for what a step maps.
pub(super) fn data_is_full(refusal: &Refusal) -> Option<Seen> {
    if_so(limits::bytes(Limited::Data).is_some_and(|used| used.lacks(needed(refusal))))
}

/// More memory was asked for than is available.
pub(super) fn more_than_available(refusal: &Refusal) -> Option<Seen> {
    if_so(limits::memory().is_some_and(|available| refusal.asked.bytes > available))
}
