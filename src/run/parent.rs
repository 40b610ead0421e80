//! The parent's end, as a child sees it that is to end with its parent.

use super::plan::Plan;
use crate::board::Board;
use crate::board::record::Running;
use crate::sys::{Errno, RawFd, Result, Signal, control, file, wait};

/// Whether the parent has ended: only its descriptor tells, for in a new PID namespace it has no id.
pub(super) fn has_parent_ended(board: Board<Running>) -> Result<bool> {
    let number = board.record().parent.result()?;
    file::is_readable(RawFd::new(number).ok_or(Errno::EBADF)?)
}

/// ESRCH if the parent has ended. Without a descriptor that is not known, and an error if `--kill-child` depends on it.
fn parent_lives(plan: &Plan, board: Board<Running>) -> Result<()> {
    match has_parent_ended(board) {
        Ok(true) => Err(Errno::ESRCH),
        Err(errno) if plan.kill.is_some() => Err(errno),
        _ => Ok(()),
    }
}

/// Asks for the signal that comes when the parent ends; ESRCH: the parent ended too early to send one.
///
/// The kernel sends the signal a moment before the descriptor tells of the end: a child that asks in between would get none and
/// see its parent alive. Both happen under one lock, which waitid(2) takes as well, and since Linux 6.18 the request itself:
/// after waitid(2) either the signal is sure to come, or the descriptor tells.
fn end_with_parent(plan: &Plan, board: Board<Running>, signal: Signal) -> Result<()> {
    control::signal_at_parents_end(Some(signal))?;
    wait::has_children();
    parent_lives(plan, board)
}

/// A process that is to end with its parent, or that waits for the helper of that, asks for the signal at once.
pub(super) fn wait_with_parent(plan: &Plan, board: Board<Running>) -> Result<()> {
    let signal = plan.kill.or(plan.has_ranges().then_some(Signal::KILL));
    signal.map_or(Ok(()), |signal| end_with_parent(plan, board, signal))
}

/// Asks for the signal that comes when the parent dies, or for none any more.
pub(super) fn die_with_parent(plan: &Plan, board: Board<Running>) -> Result<()> {
    match plan.kill {
        Some(signal) => end_with_parent(plan, board, signal),
        None if plan.has_ranges() => {
            parent_lives(plan, board)?;
            control::signal_at_parents_end(None)
        }
        None => Ok(()),
    }
}
