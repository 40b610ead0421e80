//! The parent's end, as seen by a child that is to end with its parent.

use super::plan::Plan;
use crate::board::record::Running;
use crate::board::{Board, Turn};
use crate::clone::process::has_lost;
use crate::sys::{Errno, Fd, Pid, RawFd, Result, Signal, control, file, process, wait};

/// In the parent: opens what becomes readable when the parent ends, and what has to stay open until then.
///
/// Without pidfd_open(2) it is a pipe of which the parent alone keeps the other end. The kernel closes a process's files
/// before it sends the death signals of its children.
pub(super) fn hold(board: Board<Running>) -> [Option<Fd>; 2] {
    let record = board.record();
    let own = process::own_pidfd();
    record.parent.lend(&own);
    if own.is_err()
        && let Ok([end, held]) = file::pipe()
    {
        record.parent.put(Ok(end.raw()));
        record.held.put(Ok(held.raw()));
        return [Some(end), Some(held)];
    }
    [own.ok(), None]
}

/// In a child: closes its copy of the parent's end of the pipe, if there is one.
pub(super) fn let_go(board: Board<Running>) -> Result<()> {
    let held = &board.record().held;
    let closed = held.descriptor().map_or(Ok(()), RawFd::close);
    held.wipe();
    closed
}

/// Whether the parent has ended. Only a descriptor tells, because in a new PID namespace the parent has no id.
pub(super) fn has_parent_ended(board: Board<Running>) -> Result<bool> {
    let number = board.record().parent.result()?;
    file::is_readable(RawFd::new(number).ok_or(Errno::EBADF)?)
}

/// The length of one sleep in milliseconds, and the number of sleeps: two seconds in all.
const SLICE: u32 = 50;
const SLICES: u32 = 40;

/// Sleeps as long as it is this turn. ESRCH: `is_over` holds; ETIMEDOUT: two seconds have passed.
fn sleep_out(board: Board<Running>, turn: Turn, is_over: impl Fn() -> bool) -> Result<()> {
    for _ in 0..SLICES {
        if !board.is_turn(turn) {
            return Ok(());
        }
        board.sleep_while(turn, SLICE);
        if is_over() {
            return Err(Errno::ESRCH);
        }
    }
    Err(Errno::ETIMEDOUT)
}

/// In the helper: waits until the process inside calls. Returns whether that one does. The helper sees itself that `parent`
/// has ended, in case the signal for that was refused.
pub(super) fn is_called(board: Board<Running>, parent: Pid) -> bool {
    // The result does not matter: the turn tells.
    let _ = sleep_out(board, Turn::ChildActs, || has_lost(Some(parent)));
    board.is_turn(Turn::ParentLooks)
}

/// In the process inside: passes the turn to the helper outside, and waits until it comes back. The helper ends with the
/// parent.
pub(super) fn ask_helper(board: Board<Running>) -> Result<()> {
    board.pass_turn(Turn::ParentLooks);
    // A caller that entered the namespaces itself has no parent on the board.
    sleep_out(board, Turn::ParentLooks, || has_parent_ended(board) == Ok(true))
}

/// ESRCH if the parent has ended. Without a descriptor that is unknown, which is an error only if `--kill-child` depends on
/// it.
fn parent_lives(plan: &Plan, board: Board<Running>) -> Result<()> {
    match has_parent_ended(board) {
        Ok(true) => Err(Errno::ESRCH),
        Err(errno) if plan.kill.is_some() => Err(errno),
        _ => Ok(()),
    }
}

/// Requests the signal for the parent's end. ESRCH: the parent ended too early to send it.
///
/// The kernel sends the signal slightly before it marks the pidfd readable: a child that makes its request in between
/// would get no signal and see its parent alive. Both happen under one lock, which waitid(2) takes too, and since Linux
/// 6.18 the request itself: after waitid(2) either the signal is sure to come, or the pidfd is readable.
fn end_with_parent(plan: &Plan, board: Board<Running>, signal: Signal) -> Result<()> {
    control::signal_at_parents_end(Some(signal))?;
    wait::has_children();
    parent_lives(plan, board)
}

/// Requests the signal at the start, in a process that is to end with its parent or that waits for its parent's helper.
pub(super) fn wait_with_parent(plan: &Plan, board: Board<Running>) -> Result<()> {
    let signal = plan.kill.or(plan.has_helper().then_some(Signal::KILL));
    signal.map_or(Ok(()), |signal| end_with_parent(plan, board, signal))
}

/// Requests the signal for the parent's end again, or cancels the request.
pub(super) fn die_with_parent(plan: &Plan, board: Board<Running>) -> Result<()> {
    match plan.kill {
        Some(signal) => end_with_parent(plan, board, signal),
        None if plan.has_helper() => {
            parent_lives(plan, board)?;
            control::signal_at_parents_end(None)
        }
        None => Ok(()),
    }
}
