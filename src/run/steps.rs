//! The steps from new namespaces to the program, in tables: a process that takes them stops at the first refused step.

use super::About;
use super::parent::{die_with_parent, let_go, wait_with_parent};
use super::plan::{Plan, Propagation};
use super::{binfmt, keep, maps};
use crate::board::Board;
use crate::board::fact::Fact;
use crate::board::record::Running;
use crate::clone::flags::{Flags, Kind};
use crate::error::{Failure, Step};
use crate::host::cause::Told;
use crate::host::id_map::{self, Ids};
use crate::host::{id_block, namespace as own_namespace, path};
use crate::sys::{Errno, RawFd, Result, control, ids, namespace, privilege};
use crate::text::{Room, Sink};
use core::ffi::CStr;

/// A step: its name and its function, which does nothing if the step was not requested.
pub struct Act(pub Step, fn(&Plan, Board<Running>) -> Result<()>);

/// Set up the namespaces: taken once, by the first process in them, and only if they are new: otherwise these steps
/// would change the caller's own namespaces.
pub static NAMESPACE_STEPS: [Act; 13] = [
    Act(Step::ProveNew, are_new),
    Act(Step::WriteSetgroups, setgroups),
    Act(Step::Helper, maps::call_helper),
    Act(Step::UidMap, |plan, board| maps::write_own(plan, board, Ids::Users)),
    Act(Step::GidMap, |plan, board| maps::write_own(plan, board, Ids::Groups)),
    Act(Step::Propagation, |plan, _| propagate(plan)),
    Act(Step::MakeBinfmt, binfmt::make),
    Act(Step::LoadInterpreter, binfmt::register),
    Act(Step::Sethostname, |plan, _| plan.hostname.map_or(Ok(()), namespace::sethostname)),
    Act(Step::Chroot, |plan, _| path::with_given(plan.root, &namespace::chroot)),
    Act(Step::Chdir, |plan, _| {
        path::with_given(plan.directory.or(plan.root.map(|_| b"/".as_slice())), &namespace::chdir)
    }),
    Act(Step::MountProc, |plan, _| path::with_given(plan.proc, &|path| mount_proc(plan, path))),
    Act(Step::MountBinfmt, binfmt::attach),
];

/// Set up the program: taken by the process that executes it.
pub static PROGRAM_STEPS: [Act; 8] = [
    Act(Step::ProveNew, |_, board| is_where_clocks_are_set(board)),
    Act(Step::Offsets, |plan, board| if has_clocks_set(board) { Ok(()) } else { set_clocks(plan) }),
    Act(Step::Keep, keep::keep),
    Act(Step::Setgroups, |plan, _| plan.setgid.map_or(Ok(()), |_| ids::no_groups())),
    Act(Step::Setgid, |plan, _| plan.setgid.map_or(Ok(()), ids::setgid)),
    Act(Step::Setuid, |plan, _| plan.setuid.map_or(Ok(()), ids::setuid)),
    Act(Step::KeepCapabilities, |plan, _| if plan.keeps_capabilities { privilege::keep() } else { Ok(()) }),
    Act(Step::Renounce, |plan, _| if plan.renounces { control::renounce_privileges() } else { Ok(()) }),
];

/// The first steps of a child whose parent stays.
pub(super) static FIRST_STEPS: [Act; 2] =
    [Act(Step::Close, |_, board| let_go(board)), Act(Step::KillChild, wait_with_parent)];
/// The last step of such a child, because a change of ids resets the death signal.
pub(super) static LAST_STEPS: [Act; 1] = [Act(Step::KillChild, die_with_parent)];

/// Process 1 of a PID namespace closes its parent's descriptors before it makes the program.
pub(super) static PROCESS_1_STEPS: [Act; 2] = [
    Act(Step::Close, |_, board| close(&board.record().terminal)),
    Act(Step::Close, |_, board| close(&board.record().parent)),
];

/// The program below process 1 shares memory with it until execve(2), and root of the namespace could write there. The
/// parent's results lie there, so the process is made not dumpable.
pub(super) static BELOW_PROCESS_1_STEPS: [Act; 1] = [Act(Step::Dumpable, |_, _| control::not_dumpable())];

/// Notes which step begins: if the process is killed in it, nothing else tells.
pub(super) fn begin(step: Step, board: Board<Running>) {
    board.record().begun.put(Ok(step.index()));
}

/// The step that began last.
pub(super) fn begun(board: Board<Running>) -> Option<Step> {
    board.record().begun.number().and_then(Step::from_index)
}

/// Takes steps up to the first refused one, whose failure is also left on the board.
pub fn take_all(steps: &[Act], plan: &Plan, board: Board<Running>) -> core::result::Result<(), Failure> {
    for Act(step, act) in steps {
        begin(*step, board);
        act(plan, board).map_err(|errno| {
            // The helper that a step waits for has left a failure of its own.
            let failure = refused(board).unwrap_or(Failure::new(*step, errno));
            leave(failure, board);
            failure
        })?;
    }
    Ok(())
}

/// Leaves a failure for the parent.
pub(super) fn leave(failure: Failure, board: Board<Running>) {
    board.record().failure.put(failure);
}

/// The failure that another process left.
pub fn refused(board: Board<Running>) -> Option<Failure> {
    board.record().failure.get()
}

/// Closes a descriptor of the parent, if there is one.
fn close(fact: &Fact) -> Result<()> {
    fact.descriptor().map_or(Ok(()), RawFd::close)
}

/// The argument of a step on the command line; empty for none.
pub fn argument(plan: &Plan, step: Step) -> &'static [u8] {
    let given = match step {
        Step::Chroot => plan.root,
        Step::Chdir => plan.directory,
        Step::MountProc => plan.proc,
        Step::MountBinfmt => plan.binfmt,
        Step::LoadInterpreter => plan.interpreter,
        Step::Sethostname => plan.hostname,
        _ => None,
    };
    given.unwrap_or_default()
}

/// What a failed step was about: the reason that the helper has found, or the argument.
pub(super) fn about(plan: &Plan, board: Board<Running>, failure: Failure) -> About<'static> {
    let kind = id_block::kind_of(failure.step);
    if kind.is_some() && plan.has_ranges() {
        // From inside nobody sees what the helper was refused for.
        return About::Told(b"", Told::left(&board.record().told, kind));
    }
    match (failure.step, plan.owner) {
        (Step::Keep, _) => {
            let kept = board.record().keeping.number().and_then(|kind| *plan.kept.get(kind)?);
            return About::Told(kept.unwrap_or_default(), Told::left(&board.record().told, None));
        }
        // The rights that a new user namespace gives come later.
        (Step::OwnerGroup | Step::OwnerUser, Some(owner)) => return About::Word(Flags::empty(), owner.word),
        _ => {}
    }
    About::Word(plan.namespaces, argument(plan, failure.step))
}

/// Leaves the caller's current namespaces, before it requests new ones.
pub fn brief(plan: &Plan, board: Board<Running>) {
    for (kind, fact) in asked(plan, board) {
        fact.put(own_namespace::own(kind));
    }
}

/// The requested kinds that are compared by inode, and the facts that hold the old inodes. New user and PID namespaces
/// are recognized more cheaply, by an unmapped id and id 1; a time namespace begins only at execve(2).
fn asked(plan: &Plan, board: Board<Running>) -> impl Iterator<Item = (Kind, &'static Fact)> {
    // Two lies must not be enough to register an interpreter for the caller's own namespace.
    let of_users = if plan.binfmt.is_some() { Flags::empty() } else { Flags::NEWUSER };
    let flags = plan.namespaces - (of_users | Flags::NEWPID | Flags::NEWTIME);
    let kinds = Kind::ALL.into_iter().zip(&board.record().kinds);
    kinds.filter(move |(kind, _)| flags.contains(kind.flag()))
}

/// Checks that each namespace is new. EIO: a flag was ignored. If that cannot be determined, an errno for a namespace
/// in which a later step would change something; for the others the result of the call is trusted.
fn are_new(plan: &Plan, board: Board<Running>) -> Result<()> {
    if plan.namespaces.contains(Flags::NEWUSER) {
        ids::prove_new()?;
    }
    if plan.namespaces.contains(Flags::NEWPID) && ids::getpid()?.number() != 1 {
        return Err(Errno::EIO);
    }
    for (kind, fact) in asked(plan, board) {
        let before = fact.result();
        match before.and_then(|_| own_namespace::own(kind)) {
            Ok(now) if before == Ok(now) => return Err(Errno::EIO),
            Err(errno) if changes(plan, kind) => return Err(errno),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a step changes something in a kind of namespace.
fn changes(plan: &Plan, kind: Kind) -> bool {
    match kind {
        Kind::Mnt => {
            plan.propagation.and_then(Propagation::flag).is_some() || plan.proc.is_some() || plan.binfmt.is_some()
        }
        Kind::Uts => plan.hostname.is_some(),
        Kind::User => plan.binfmt.is_some(),
        _ => false,
    }
}

/// Writes setgroups. An unprivileged gid_map needs a denial first; without a map nothing is denied.
fn setgroups(plan: &Plan, _: Board<Running>) -> Result<()> {
    let Some(setgroups) = plan.written_setgroups() else { return Ok(()) };
    let written = id_map::write_setgroups(setgroups.word());
    if plan.setgroups.is_none() { id_map::is_denied(written) } else { written.map(|_| ()) }
}

/// Sets the propagation of all mounts.
fn propagate(plan: &Plan) -> Result<()> {
    let flag = plan.propagation.and_then(Propagation::flag);
    flag.map_or(Ok(()), |flag| namespace::mount(c"", c"/", namespace::MS_REC | flag))
}

/// Mounts the proc file system, which shows the mounting task's PID namespace.
fn mount_proc(plan: &Plan, path: &CStr) -> Result<()> {
    // If mounts of this namespace propagate to others, this one must not: the mount point must be a mount that can be
    // made private.
    if !matches!(plan.propagation, Some(Propagation::Private | Propagation::Slave)) {
        namespace::mount(c"", path, namespace::MS_REC | namespace::MS_PRIVATE)?;
    }
    namespace::mount(c"proc", path, namespace::MS_NOSUID | namespace::MS_NODEV | namespace::MS_NOEXEC)
}

/// The longest line for a clock, in bytes.
const LINE: usize = 4096;

/// Whether the caller's time namespace was made by unshare(2), which set its clocks before the caller was in it.
fn has_clocks_set(board: Board<Running>) -> bool {
    board.record().clocks.get().is_some()
}

/// Checks that the caller is in the time namespace whose clocks were set for it, if one is known. EIO: it is in another.
fn is_where_clocks_are_set(board: Board<Running>) -> Result<()> {
    match board.record().clocks.number() {
        Some(made) if own_namespace::own(Kind::Time)? != made => Err(Errno::EIO),
        _ => Ok(()),
    }
}

/// Sets the clocks of a new time namespace which has no process yet.
pub(super) fn set_clocks(plan: &Plan) -> Result<()> {
    offset(plan.monotonic, b"monotonic ")?;
    offset(plan.boottime, b"boottime ")
}

/// Writes the offset of a clock, if there is one, time_namespaces(7).
fn offset(seconds: Option<&[u8]>, clock: &[u8]) -> Result<()> {
    let Some(seconds) = seconds else { return Ok(()) };
    let mut line = Room::<LINE>::new();
    [clock, seconds, b" 0\n"].into_iter().for_each(|part| line.put(part));
    id_map::write_file(c"/proc/self/timens_offsets", line.bytes().ok_or(Errno::ENAMETOOLONG)?).map(|_| ())
}
