//! The parent that stays: passes signals on, stops and goes on with the program, keeps the terminal, and reaps.
//!
//! No handlers: the signals are blocked and accepted one by one, and each says where it comes from. What the terminal
//! sends, the kernel has sent to the program too: only what a process sends is passed on.

use crate::board::record::Running;
use crate::board::{Board, Turn};
use crate::clone::task::await_end;
use crate::sys::signal::{Accepted, Set};
use crate::sys::wait::{self, Change, Status, WCONTINUED, WNOHANG, WUNTRACED, Waited};
use crate::sys::{Errno, Fd, Pid, RawFd, Result, Signal, file, ids, process, signal, terminal};

/// What stops a job.
const STOPS: Set = Signal::TSTP.set() | Signal::TTIN.set() | Signal::TTOU.set();

/// What a terminal sends, which it has sent to the program too.
const OF_TERMINAL: Set =
    STOPS | Signal::HUP.set() | Signal::INT.set() | Signal::QUIT.set() | Signal::CONT.set() | Signal::WINCH.set();

/// What is blocked, accepted and passed on, but for SIGCHLD, which is for us: every signal that can be. A fault of our own
/// ends us all the same, for the kernel does not let such a signal be blocked; one that a process sends is passed on
/// like all others.
pub const TAKEN: Set = !(Signal::KILL.set() | Signal::STOP.set());

/// Which process watches, and what its child is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Watcher {
    /// The parent outside; the child is the program.
    OfProgram,
    /// The parent outside; the child is process 1 of a PID namespace, which tells on the board how the program is.
    OfInit,
    /// Process 1 itself: it cannot be stopped from inside, and tells on the board.
    Init,
}

/// How long process 1 may take to see that the program has stopped, in milliseconds. A program that catches the signal
/// does not stop at all.
const DELAY: u32 = 50;

/// How many calls in a row may be interrupted before that is an error.
const PATIENCE: usize = 4096;

/// Waits for the end of `child`. ECHILD: it is not there to be waited for.
pub fn watch(board: Board<Running>, child: Pid, watcher: Watcher) -> Result<Status> {
    let is_blocked = signal::block(TAKEN).is_ok_and(|before| before & TAKEN == TAKEN);
    let mut patience = if is_blocked { PATIENCE } else { 0 };
    while patience > 0 {
        let accepted = match signal::accept(TAKEN) {
            Ok(accepted) => accepted,
            Err(Errno::EINTR | Errno::EAGAIN) => {
                patience -= 1;
                continue;
            }
            Err(_) => break,
        };
        patience = PATIENCE;
        if accepted.signal != Signal::CHLD {
            pass_on(accepted, child);
            if watcher == Watcher::OfInit {
                stop_with_program(board, accepted.signal);
            }
        } else if let Some(end) = reap(board, child, watcher) {
            return end;
        }
    }
    // Signals cannot be accepted here: none is passed on, and the end is waited for all the same.
    await_end(child)
}

/// Passes a signal on, unless the terminal has sent it to the program too.
fn pass_on(accepted: Accepted, child: Pid) {
    if accepted.code <= 0 || accepted.signal.set() & OF_TERMINAL == 0 {
        // A program that has ended meanwhile needs no signal.
        let _ = process::kill(child, accepted.signal);
    }
}

/// After a signal that stops a job: stops if process 1 tells that the program has stopped.
fn stop_with_program(board: Board<Running>, signal: Signal) {
    if signal.set() & STOPS != 0 {
        board.sleep_while(Turn::ProgramRuns, DELAY);
        if board.is_turn(Turn::ProgramStopped) {
            stop(board);
        }
    }
}

/// Reaps the child, or as process 1 all that have ended; answers how the child has, or why that cannot be known.
fn reap(board: Board<Running>, child: Pid, watcher: Watcher) -> Option<Result<Status>> {
    let children = if watcher == Watcher::Init { Waited::Any } else { Waited::One(child) };
    let (mut end, mut patience) = (None, PATIENCE);
    while patience > 0 {
        let status = match wait::wait(children, WNOHANG | WUNTRACED | WCONTINUED) {
            Err(Errno::EINTR) => {
                patience -= 1;
                continue;
            }
            Err(errno) => return Some(end.ok_or(errno)),
            Ok(None) => return end.map(Ok),
            Ok(Some((ended, status))) => Some(status).filter(|_| ended == child),
        };
        patience = PATIENCE;
        let Some(status) = status else { continue };
        match status.change() {
            Change::Continued => board.set_turn(Turn::ProgramRuns),
            Change::Stopped(_) if watcher == Watcher::Init => board.pass_turn(Turn::ProgramStopped),
            Change::Stopped(_) => stop(board),
            Change::Exited(_) | Change::Killed(_) if watcher == Watcher::Init => end = Some(status),
            Change::Exited(_) | Change::Killed(_) => return Some(Ok(status)),
        }
    }
    Some(end.ok_or(Errno::EINTR))
}

/// Stops as the program has stopped, so that the caller's shell sees it. The SIGCONT that ends this is passed on.
fn stop(board: Board<Running>) {
    board.set_turn(Turn::ProgramRuns);
    // A refusal leaves a parent that runs beside a program that does not.
    if let Ok(own) = ids::getpid() {
        let _ = process::kill(own, Signal::STOP);
    }
}

/// A terminal in whose foreground this process was.
pub struct Terminal(Option<Fd>);

impl Terminal {
    /// The one that this process belongs to, if its process group is in the foreground.
    pub fn of_this_process() -> Self {
        let is_ours = |terminal: &Fd| match terminal::foreground(terminal.raw()) {
            Ok(Some(group)) => ids::getpgrp() == Ok(group),
            _ => false,
        };
        Self(file::open(c"/dev/tty", file::O_RDONLY).ok().filter(is_ours))
    }

    /// Its descriptor; EBADF if there is none.
    pub fn descriptor(&self) -> Result<RawFd> {
        self.0.as_ref().map(Fd::raw).ok_or(Errno::EBADF)
    }

    /// Takes the foreground back from a program that has ended there; SIGTTOU is blocked.
    pub fn take_back(self) {
        let Some(terminal) = self.0 else { return };
        // A group that lives is another job, and has been given the terminal by the shell.
        let has_ended =
            matches!(terminal::foreground(terminal.raw()), Ok(Some(group)) if process::is_group_gone(group));
        if has_ended {
            // A terminal that has gone away has no foreground.
            let _ = ids::getpgrp().and_then(|group| terminal::set_foreground(terminal.raw(), group));
        }
    }
}

/// How the program has ended, by what was seen of the child's end: that of the program itself, or that of process 1,
/// which has left the program's end on the board before it ended well. EIO: what stands there is no end of a program.
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
