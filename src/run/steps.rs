//! The steps from new namespaces to the program, one table: a process that takes them stops at the first that is
//! refused.

use super::maps;
use super::parent::{die_with_parent, wait_with_parent};
use super::plan::{Plan, Propagation, Setgroups};
use crate::board::Board;
use crate::board::fact::Fact;
use crate::board::record::Running;
use crate::clone::flags::{Flags, Kind};
use crate::error::{At, Failure, Step};
use crate::host::id_map::{self, Ids};
use crate::host::{namespace as own_namespace, path};
use crate::sys::{Errno, RawFd, Result, control, ids, namespace, privilege};
use crate::text::{Room, Sink};
use core::ffi::CStr;

/// A step: its name, and what it does; nothing where it was not asked for.
pub struct Act(pub Step, fn(&Plan, Board<Running>) -> Result<()>);

/// What makes the namespaces what they are to be: taken once, by the first process in them, and only if they are new:
/// else it would be done to those of the caller.
pub static OF_PLACE: [Act; 10] = [
    Act(Step::ProveNew, are_new),
    Act(Step::WriteSetgroups, setgroups),
    Act(Step::Helper, maps::call_helper),
    Act(Step::UidMap, |plan, board| maps::write_own(plan, board, Ids::Users)),
    Act(Step::GidMap, |plan, board| maps::write_own(plan, board, Ids::Groups)),
    Act(Step::Propagation, |plan, _| propagate(plan)),
    Act(Step::Sethostname, |plan, _| plan.hostname.map_or(Ok(()), namespace::sethostname)),
    Act(Step::Chroot, |plan, _| at(plan.root, &namespace::chroot)),
    Act(Step::Chdir, |plan, _| at(plan.directory.or(plan.root.map(|_| b"/".as_slice())), &namespace::chdir)),
    Act(Step::MountProc, |plan, _| at(plan.proc, &|path| mount_proc(plan, path))),
];

/// What makes the program what it is to be: taken by the process that executes it.
pub static OF_PROGRAM: [Act; 7] = [
    Act(Step::Offsets, |plan, _| offset(plan.monotonic, b"monotonic ")),
    Act(Step::Offsets, |plan, _| offset(plan.boottime, b"boottime ")),
    Act(Step::Setgroups, |plan, _| plan.setgid.map_or(Ok(()), |_| ids::no_groups())),
    Act(Step::Setgid, |plan, _| plan.setgid.map_or(Ok(()), ids::setgid)),
    Act(Step::Setuid, |plan, _| plan.setuid.map_or(Ok(()), ids::setuid)),
    Act(Step::KeepCapabilities, |plan, _| if plan.keeps_capabilities { privilege::keep() } else { Ok(()) }),
    Act(Step::Renounce, |plan, _| if plan.renounces { control::renounce_privileges() } else { Ok(()) }),
];

/// What the child of a parent that stays asks for first.
pub(super) static OF_START: [Act; 1] = [Act(Step::KillChild, wait_with_parent)];
/// The same at last, for a change of ids undoes it.
pub(super) static OF_CHILD: [Act; 1] = [Act(Step::KillChild, die_with_parent)];

/// What process 1 of a PID namespace gives up before it makes the program: what its maker has opened for itself.
pub(super) static OF_FIRST: [Act; 2] = [
    Act(Step::Close, |_, board| close(&board.record().terminal)),
    Act(Step::Close, |_, board| close(&board.record().parent)),
];

/// Process 1 shares its memory with the program until execve(2), and root of the namespace could write to it. What the
/// parent is told lies there, so it is made not dumpable.
pub(super) static OF_INIT: [Act; 1] = [Act(Step::Dumpable, |_, _| control::not_dumpable())];

/// Takes steps up to the first that is refused, which is left on the board too.
pub fn take(steps: &[Act], plan: &Plan, board: Board<Running>) -> core::result::Result<(), Failure> {
    for Act(step, act) in steps {
        act(plan, board).at(*step).inspect_err(|failure| tell(*failure, board))?;
    }
    Ok(())
}

/// Leaves a refusal for the parent.
pub(super) fn tell(failure: Failure, board: Board<Running>) {
    board.record().failure.put(failure);
}

/// The refusal that another process has left.
pub fn refused(board: Board<Running>) -> Option<Failure> {
    board.record().failure.get()
}

/// Closes a descriptor of the parent's, if there is one.
fn close(fact: &Fact) -> Result<()> {
    fact.descriptor().map_or(Ok(()), RawFd::close)
}

/// What the user has given for a step; empty for nothing.
pub fn argument(plan: &Plan, step: Step) -> &'static [u8] {
    let given = match step {
        Step::Chroot => plan.root,
        Step::Chdir => plan.directory,
        Step::MountProc => plan.proc,
        Step::Sethostname => plan.hostname,
        _ => None,
    };
    given.unwrap_or_default()
}

/// Does something to a path, if there is one.
fn at(path: Option<&[u8]>, act: &dyn Fn(&CStr) -> Result<()>) -> Result<()> {
    path.map_or(Ok(()), |path| path::with(&[path], act))
}

/// A process that is about to ask for new namespaces leaves which ones it has.
pub fn brief(plan: &Plan, board: Board<Running>) {
    for (kind, fact) in asked(plan, board) {
        fact.put(own_namespace::own(kind));
    }
}

/// The kinds that are asked for and are known by their inodes, and where those are left. A new user namespace has no
/// ids and a new PID namespace has a first process, which is found out faster; a time namespace begins at execve(2).
fn asked(plan: &Plan, board: Board<Running>) -> impl Iterator<Item = (Kind, &'static Fact)> {
    let flags = plan.namespaces - (Flags::NEWUSER | Flags::NEWPID | Flags::NEWTIME);
    let kinds = Kind::ALL.into_iter().zip(&board.record().kinds);
    kinds.filter(move |(kind, _)| flags.contains(kind.flag()))
}

/// Whether each is another than before: EIO if a flag was ignored, and the errno if that cannot be seen of one in which
/// a step would change something. Of the others the kernel's word is all that there is then.
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
        Kind::Mnt => plan.propagation.and_then(Propagation::flag).is_some() || plan.proc.is_some(),
        Kind::Uts => plan.hostname.is_some(),
        _ => false,
    }
}

/// A gid_map of one's own is refused until that is denied; where nothing is mapped, nothing is denied. Kernels without
/// such a file (before 3.19) want no denial.
fn setgroups(plan: &Plan, _: Board<Running>) -> Result<()> {
    let is_implied = plan.setgroups.is_none() && plan.groups.own.is_some() && !plan.has_ranges();
    let Some(setgroups) = plan.setgroups.or(is_implied.then_some(Setgroups::Deny)) else { return Ok(()) };
    match id_map::write_setgroups(setgroups.word()) {
        Err(Errno::ENOENT) if is_implied => Ok(()),
        written => written.map(|_| ()),
    }
}

/// Sets how the mounts propagate.
fn propagate(plan: &Plan) -> Result<()> {
    let flag = plan.propagation.and_then(Propagation::flag);
    flag.map_or(Ok(()), |flag| namespace::mount(c"", c"/", namespace::MS_REC | flag))
}

/// The proc file system shows the PID namespace of the task that mounts it.
fn mount_proc(plan: &Plan, path: &CStr) -> Result<()> {
    // Where mounts of this namespace go on to others, this one must not: the place has to be a mount that can be made
    // private.
    if !matches!(plan.propagation, Some(Propagation::Private | Propagation::Slave)) {
        namespace::mount(c"", path, namespace::MS_REC | namespace::MS_PRIVATE)?;
    }
    namespace::mount(c"proc", path, namespace::MS_NOSUID | namespace::MS_NODEV | namespace::MS_NOEXEC)
}

/// How long the line of a clock may be.
const LINE: usize = 4096;

/// Writes the offset of a clock, if there is one, time_namespaces(7).
fn offset(seconds: Option<&[u8]>, clock: &[u8]) -> Result<()> {
    let Some(seconds) = seconds else { return Ok(()) };
    let mut line = Room::<LINE>::new();
    [clock, seconds, b" 0\n"].into_iter().for_each(|part| line.put(part));
    id_map::write_file(c"/proc/self/timens_offsets", line.bytes().ok_or(Errno::ENAMETOOLONG)?).map(|_| ())
}
