//! Namespaces that outlive their tasks: mounts of /proc/PID/ns/KIND on files that the caller names, namespaces(7).
//!
//! They are mounted from outside, in the caller's mount namespace and with the caller's rights, by the helper: right
//! before the program's process changes its ids and executes the program. The helper stays until the program is
//! executed. If it is not, the helper takes away what it has mounted.

use super::parent::ask_helper;
use super::plan::Plan;
use crate::board::fact::Fact;
use crate::board::record::Running;
use crate::board::{Board, Turn};
use crate::clone::flags::{Flags, Kind};
use crate::clone::process::{Process, has_lost};
use crate::error::{At, Failure, Step};
use crate::host::proc::Tasks;
use crate::host::refused::Circumstances;
use crate::host::{cause, namespace as own_namespace, path};
use crate::sys::file::Node;
use crate::sys::{Errno, Fd, Pid, Result, file, ids, namespace};
use core::ffi::CStr;

/// How long the helper sleeps before it looks at the turn again, in milliseconds.
const SLICE: u32 = 50;

/// A file whose owner the program's process becomes: thereby the helper knows its id, whatever PID namespace it is in.
pub(super) fn lend_file(plan: &Plan, board: Board<Running>) -> Option<Fd> {
    if !plan.keeps() {
        return None;
    }
    let file = file::event();
    board.record().program.lend(&file);
    file.ok()
}

/// In the program's process: has the helper mount its namespaces.
pub(super) fn keep(plan: &Plan, board: Board<Running>) -> Result<()> {
    if !plan.keeps() {
        return Ok(());
    }
    let file = board.record().program.descriptor().ok_or(Errno::EBADF)?;
    file::set_owner(file, ids::gettid()?)?;
    ask_helper(board)?;
    board.record().kept.result().map(|_| ())
}

/// In the process that has made the program's process by CLONE_VFORK, after the execve(2) or the end: tells the helper
/// so. A copy made by the detour may not have come to its execve(2): then the helper waits for [`finish`].
pub(super) fn settle(plan: &Plan, board: Board<Running>) {
    if plan.keeps() {
        board.change_turn(Turn::Done, Turn::ProgramRuns);
    }
}

/// In the parent, at the end: waits until the helper has taken away what must not stay. Without kept namespaces the
/// helper is no longer needed, and is ended.
pub(super) fn finish(plan: &Plan, board: Board<Running>, helper: Option<Process>) {
    if let Some(helper) = helper.filter(|_| plan.keeps()) {
        board.pass_turn(Turn::ChildEnds);
        // If that is refused, the helper has been killed by the drop of its handle.
        let _ = helper.await_end();
    }
}

/// In the helper: mounts the namespaces when the program's process asks for it, and takes them away if the program is
/// not executed.
pub(super) fn serve(plan: &Plan, board: Board<Running>, parent: Pid) {
    while !board.is_turn(Turn::ParentLooks) {
        if board.is_turn(Turn::ChildEnds) || has_lost(Some(parent)) {
            return;
        }
        board.rest();
    }
    let mut mounted = [None; 8];
    let kept = mount_all(plan, board, &mut mounted);
    if let Err(failure) = kept {
        undo(plan, board, &mounted);
        board.record().failure.put(failure);
    }
    board.record().kept.put(kept.map_err(|failure| failure.errno().unwrap_or(Errno::ECHILD)));
    board.change_turn(Turn::ParentLooks, Turn::Done);
    while board.is_turn(Turn::Done) && !has_lost(Some(parent)) {
        board.sleep_while(Turn::Done, SLICE);
    }
    if kept.is_ok() && !was_executed(board) {
        undo(plan, board, &mounted);
    }
}

/// Whether the program's process has got to execve(2), and nothing says that it came back.
fn was_executed(board: Board<Running>) -> bool {
    let record = board.record();
    let has_begun = record.begun.number().and_then(Step::from_index) == Some(Step::Execute);
    has_begun && record.failure.get().is_none() && record.not_executed.get().is_none()
}

/// Mounts all; those that are mounted are left in `mounted`.
fn mount_all(plan: &Plan, board: Board<Running>, mounted: &mut [Option<Node>; 8]) -> core::result::Result<(), Failure> {
    let tasks = Tasks::prove().at(Step::ProveTasks)?;
    let program = board.record().program.descriptor().map(file::owner).unwrap_or(Err(Errno::EBADF)).at(Step::Keep)?;
    let program = program.ok_or(Errno::ESRCH).at(Step::Keep)?;
    for (kind, place) in plan.kept() {
        board.record().keeping.put(Ok(kind as usize));
        let done = path::with(&[place], |target| {
            tasks.with_path(program, [b"ns/", file_of(kind)], |source| {
                mount(kind, [source, target], &mut mounted[kind as usize])
                    .inspect_err(|errno| explain(Failure::new(Step::Keep, *errno), kind, [source, target], board))
            })
        });
        done.at(Step::Keep)?;
    }
    Ok(())
}

/// The name of the file of a namespace in /proc/PID/ns. A process enters its time namespace only at execve(2).
fn file_of(kind: Kind) -> &'static [u8] {
    if kind == Kind::Time { b"time_for_children" } else { kind.name().as_bytes() }
}

/// Mounts one. EIO: what is there now is not the namespace, or the namespace is not new.
fn mount(kind: Kind, [source, target]: [&CStr; 2], mounted: &mut Option<Node>) -> Result<()> {
    let node = file::node(source)?;
    if own_namespace::own(kind) == Ok(node.inode) {
        return Err(Errno::EIO);
    }
    namespace::bind(source, target)?;
    *mounted = Some(node);
    if file::node(target)? == node { Ok(()) } else { Err(Errno::EIO) }
}

/// Takes the mounts away, the last one first, and only where this namespace is what is seen there. Another mount may cover
/// it: then, and where it is refused, this is left on the board. That mount stays, as far as can be seen.
fn undo(plan: &Plan, board: Board<Running>, mounted: &[Option<Node>; 8]) {
    for kind in Kind::ALL.into_iter().rev() {
        let Some((node, place)) = mounted[kind as usize].zip(plan.kept[kind as usize]) else { continue };
        let take_away = |target: &CStr| {
            if file::node(target)? != node {
                return Err(Errno::EBUSY);
            }
            namespace::unmount(target)?;
            if file::node(target)? == node { Err(Errno::EIO) } else { Ok(()) }
        };
        if let Err(errno) = path::with(&[place], take_away) {
            board.record().stays[kind as usize].put(Err::<(), _>(errno));
        }
    }
}

/// Why the mounts stay that the helper could not take away, in the order of [`Kind::ALL`].
pub type Stays = [Option<Errno>; 8];

/// In the parent, after [`finish`]: what the helper has left about them.
pub(super) fn stays(board: Board<Running>) -> Stays {
    board.record().stays.each_ref().map(Fact::errno)
}

/// Leaves the cause of a refusal, which only the helper can find: it is where the file is.
fn explain(failure: Failure, kind: Kind, [source, target]: [&CStr; 2], board: Board<Running>) {
    // The rights that a new user namespace gives are of no use outside.
    let flags = kind.flag() - Flags::NEWUSER;
    let asked = Circumstances { file: Some(target), namespace: Some(source), ..flags.into() };
    if let Some(told) = cause::find(failure, asked) {
        told.leave(&board.record().told);
    }
}
