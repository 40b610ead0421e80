//! The other way into new namespaces: unshare(2), and then a copy of the process that has called it.
//!
//! It serves a place that refuses clone(2) with namespaces but not unshare(2), and a time namespace that no execve(2)
//! enters. The caller stays outside all the same, where root of the namespaces cannot reach it: a process between calls
//! unshare(2), and by CLONE_PARENT its copy is the caller's child, as if one call had made that child.

use super::plan::Plan;
use super::program::OURS;
use super::work::Work;
use super::{parent, steps};
use crate::board::record::Running;
use crate::board::{Board, TidWords, UNSET};
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, Version};
use crate::clone::process::Process;
use crate::clone::stack::Entry;
use crate::clone::task::Task;
use crate::error::{At, Failure, Step, Why};
use crate::host::cause::{self, Reason};
use crate::host::namespace as own_namespace;
use crate::host::place::Place;
use crate::host::probe::may_be_filtered;
use crate::host::refused::Circumstances;
use crate::sys::wait::Change;
use crate::sys::{Errno, Pid, Result, Signal, namespace};
use core::sync::atomic::Ordering::Relaxed;

/// Whether execve(2) does not enter a new time namespace on this kernel; an unknown version counts as new enough.
pub(super) fn is_needed(namespaces: Flags) -> bool {
    namespaces.contains(Flags::NEWTIME) && Place::here().is_before(Version::new(6, 3))
}

/// Whether a call was refused for a reason of its own: there is no such call, or a filter forbids it. The kernel itself
/// refuses namespaces to clone(2) and to unshare(2) alike, so a cause that is found rules the other way out. Without
/// proc(5) none is found.
pub(super) fn may_help<'a>(failure: Failure, asked: impl Into<Circumstances<'a>>) -> bool {
    let is_of_call = matches!(failure.step, Step::Call | Step::Unshare) && failure.errno().is_some();
    let is_of_kernel = || cause::find(failure, asked).is_some_and(|told| told.reason != Reason::Seccomp);
    is_of_call && (failure.errno() == Some(Errno::ENOSYS) || may_be_filtered() && !is_of_kernel())
}

/// Makes the child of the caller by a process between. Returns the child's id.
pub(super) fn make(work: &'static Work, namespaces: Flags, entry: Entry<Work>) -> core::result::Result<Pid, Failure> {
    let board = work.board;
    board.tids().wipe();
    steps::begin(Step::Between, board);
    let ended = Process::make(Signal::CHLD.number(), || pass(work, namespaces, entry)).at(Step::Between)?.await_end();
    // The kernel has left the child's id before the child ran.
    let child = board.tids().parent_tid.load(Relaxed);
    if child != UNSET {
        return Pid::answered(child as usize).at(Step::Between);
    }
    Err(match ended.at(Step::Between)?.change() {
        Change::Killed(signal) => {
            Failure { step: steps::begun(board).unwrap_or(Step::Between), why: Why::Signal(signal) }
        }
        _ => steps::refused(board).unwrap_or(Failure::new(Step::Between, Errno::ECHILD)),
    })
}

/// The process between: enters the namespaces, makes the child, and ends.
fn pass(work: &'static Work, namespaces: Flags, entry: Entry<Work>) -> i32 {
    let flags = Flags::PARENT | Flags::PARENT_SETTID;
    let tids = work.board.tids();
    let inside = || copy_inside(work, namespaces, flags, tids, entry);
    let made = parent::let_go(work.board).at(Step::Close).and_then(|()| inside());
    match made {
        Ok(_) => 0,
        Err(failure) => {
            steps::leave(failure, work.board);
            OURS
        }
    }
}

/// Enters the namespaces, and makes a copy of the caller with these flags, which name these words. Returns its id.
pub(super) fn copy_inside(
    work: &'static Work,
    namespaces: Flags,
    flags: Flags,
    tids: TidWords,
    entry: Entry<Work>,
) -> core::result::Result<Pid, Failure> {
    let Work { plan, board, .. } = work;
    enter(plan, *board, namespaces)?;
    steps::begin(Step::Program, *board);
    let call = Call::usual(Api::Clone, flags);
    let made = Task::new(&call, tids).make(None, entry, work);
    made.map(|child| child.tid).map_err(|failure| Failure { step: Step::Program, ..failure })
}

/// unshare(2). The clocks of a time namespace can be set only before its first process, the copy, is in it.
fn enter(plan: &Plan, board: Board<Running>, namespaces: Flags) -> core::result::Result<(), Failure> {
    let has_clocks = namespaces.contains(Flags::NEWTIME);
    let before = if has_clocks { for_children() } else { Err(Errno::ENODATA) };
    steps::begin(Step::Unshare, board);
    namespace::unshare(namespaces.bits() as usize).at(Step::Unshare)?;
    if !has_clocks {
        return Ok(());
    }
    steps::begin(Step::ProveNew, board);
    let made = for_children();
    let is_new = before.and_then(|before| if made? == before { Err(Errno::EIO) } else { Ok(()) });
    // If that cannot be seen and nothing is to be changed, the result of the call is trusted.
    if is_new == Err(Errno::EIO) || plan.has_offsets() {
        is_new.at(Step::ProveNew)?;
    }
    board.record().clocks.put(made);
    steps::begin(Step::Offsets, board);
    steps::set_clocks(plan).at(Step::Offsets)
}

/// The inode of the time namespace of the caller's children.
fn for_children() -> Result<usize> {
    own_namespace::own_by_name("time_for_children")
}
