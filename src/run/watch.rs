//! The parent that stays: passes signals on, stops and continues with the program, keeps the terminal, and reaps.
//!
//! There are no handlers: signals are blocked and accepted one by one, with their origin. The kernel sends a terminal's
//! signals to the program too, so of those only signals from processes are passed on.

use crate::board::record::Running;
use crate::board::turn::Patience;
use crate::board::{Board, Turn};
use crate::clone::process::await_end;
use crate::sys::signal::{Accepted, Set};
use crate::sys::wait::{self, Change, Status, WCONTINUED, WNOHANG, WUNTRACED, Waited};
use crate::sys::{Errno, Fd, Pid, RawFd, Result, Signal, file, ids, process, signal, terminal};

/// The signals that stop a job.
pub(super) const STOPS: Set = Signal::TSTP.set() | Signal::TTIN.set() | Signal::TTOU.set();

/// The signals of a terminal, which the program gets directly.
const OF_TERMINAL: Set =
    STOPS | Signal::HUP.set() | Signal::INT.set() | Signal::QUIT.set() | Signal::CONT.set() | Signal::WINCH.set();

/// The signals that are blocked, accepted and, except SIGCHLD, passed on: all that can be blocked. A fault of this
/// process still kills it, because the kernel delivers a blocked fault signal by force; the same signal from a process
/// is passed on.
pub const ACCEPTED: Set = !(Signal::KILL.set() | Signal::STOP.set());

/// The process that watches, and its child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Watcher {
    /// The parent outside; its child is the program.
    OfProgram,
    /// The parent outside; its child is process 1 of a PID namespace, which reports the program's state on the board.
    OfInit,
    /// Process 1 itself, which cannot be stopped from inside, and reports on the board.
    Init,
}

/// How long process 1 may take to report that the program has stopped, in milliseconds. A program that catches the
/// signal does not stop at all.
const DELAY: u32 = 50;

/// Waits for the end of `child`. ECHILD: the child cannot be waited for.
pub fn watch(board: Board<Running>, child: Pid, watcher: Watcher) -> Result<Status> {
    let is_blocked = signal::block(ACCEPTED).is_ok_and(|before| before & ACCEPTED == ACCEPTED);
    let handle = |accepted: Accepted| {
        if accepted.signal == Signal::CHLD {
            return reap(board, child, watcher);
        }
        if is_for_program(accepted) {
            // If the program has ended meanwhile, it needs no signal.
            let _ = process::kill(child, accepted.signal);
        }
        if watcher == Watcher::OfInit {
            stop_with_program(board, accepted.signal);
        }
        None
    };
    let served = if is_blocked { serve(ACCEPTED, handle) } else { None };
    // If signals cannot be accepted: passes none on, and only waits for the end.
    served.unwrap_or_else(|| await_end(child))
}

/// Accepts blocked signals one by one and has `handle` act on each, until it returns the end of what is watched. None if
/// signals cannot be accepted.
pub(super) fn serve<T>(signals: Set, mut handle: impl FnMut(Accepted) -> Option<T>) -> Option<T> {
    let mut patience = Patience::default();
    loop {
        let accepted = match signal::accept(signals) {
            Ok(accepted) => accepted,
            Err(Errno::EINTR | Errno::EAGAIN) if patience.lasts() => continue,
            Err(_) => return None,
        };
        patience = Patience::default();
        if let Some(end) = handle(accepted) {
            return Some(end);
        }
    }
}

/// Whether a signal is to be passed on: not if the terminal also sent it to the program.
pub(super) fn is_for_program(accepted: Accepted) -> bool {
    accepted.code <= 0 || accepted.signal.set() & OF_TERMINAL == 0
}

/// After a job-stopping signal: stops if process 1 reports that the program has stopped.
fn stop_with_program(board: Board<Running>, signal: Signal) {
    if signal.set() & STOPS != 0 {
        board.sleep_while(Turn::ProgramRuns, DELAY);
        if board.is_turn(Turn::ProgramStopped) {
            stop(board);
        }
    }
}

/// Reaps the child or, as process 1, all ended children. Returns how the child ended, or why that cannot be known; none
/// if it has not ended.
fn reap(board: Board<Running>, child: Pid, watcher: Watcher) -> Option<Result<Status>> {
    let children = if watcher == Watcher::Init { Waited::Any } else { Waited::One(child) };
    let (mut end, mut patience) = (None, Patience::default());
    loop {
        let status = match wait::wait(children, WNOHANG | WUNTRACED | WCONTINUED) {
            Err(Errno::EINTR) if patience.lasts() => continue,
            Err(errno) => return Some(end.ok_or(errno)),
            Ok(None) => return end.map(Ok),
            Ok(Some((ended, status))) => Some(status).filter(|_| ended == child),
        };
        patience = Patience::default();
        let Some(status) = status else { continue };
        match status.change() {
            Change::Continued => board.change_turn(Turn::ProgramStopped, Turn::ProgramRuns),
            Change::Stopped(_) if watcher == Watcher::Init => {
                board.change_turn(Turn::ProgramRuns, Turn::ProgramStopped);
            }
            Change::Stopped(_) => stop(board),
            Change::Exited(_) | Change::Killed(_) if watcher == Watcher::Init => end = Some(status),
            Change::Exited(_) | Change::Killed(_) => return Some(Ok(status)),
        }
    }
}

/// Stops as the program stopped, so that the caller's shell notices. The SIGCONT that ends this is passed on.
fn stop(board: Board<Running>) {
    // The child may still be on its way to the program, and have another turn with the helper.
    board.change_turn(Turn::ProgramStopped, Turn::ProgramRuns);
    // If refused, the parent runs although the program is stopped.
    if let Ok(own) = ids::getpid() {
        let _ = process::kill(own, Signal::STOP);
    }
}

/// A terminal in whose foreground this process was.
pub struct Terminal(Option<Fd>);

impl Terminal {
    /// The controlling terminal, if this process's group is in its foreground.
    pub fn of_this_process() -> Self {
        let is_ours = |terminal: &Fd| match terminal::foreground(terminal.raw()) {
            Ok(Some(group)) => ids::getpgrp() == Ok(group),
            _ => false,
        };
        Self(file::open(c"/dev/tty", file::O_RDONLY).ok().filter(is_ours))
    }

    /// The terminal's descriptor; EBADF if there is none.
    pub fn descriptor(&self) -> Result<RawFd> {
        self.0.as_ref().map(Fd::raw).ok_or(Errno::EBADF)
    }

    /// Takes the foreground back from a program that ended there; SIGTTOU is blocked.
    pub fn take_back(self) {
        let Some(terminal) = self.0 else { return };
        // A group that still exists is another job, to which the shell gave the terminal.
        let has_ended =
            matches!(terminal::foreground(terminal.raw()), Ok(Some(group)) if process::is_group_gone(group));
        if has_ended {
            // A terminal that hung up has no foreground.
            let _ = ids::getpgrp().and_then(|group| terminal::set_foreground(terminal.raw(), group));
        }
    }
}

/// How the program ended, from the child's end: the program's own, or that of process 1, which left the program's
/// status on the board before it exited with 0. EIO: that status is not the end of a program.
pub fn ended(board: Board<Running>, seen: Status, is_init: bool) -> Result<Status> {
    if !is_init || seen != Status(0) {
        return Ok(seen);
    }
    let status = board.record().ended.result().map(Status)?;
    let is_end = match status.change() {
        Change::Exited(_) => status.0 & !0xff00 == 0,
        Change::Killed(signal) => status.0 <= 0xff && signal.set() != 0,
        Change::Stopped(_) | Change::Continued => false,
    };
    if is_end { Ok(status) } else { Err(Errno::EIO) }
}
