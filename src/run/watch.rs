//! The parent that stays: passes signals on, stops and goes on with the program, keeps the terminal, and reaps.
//!
//! The decision behind it: no handlers. The signals are blocked and taken one by one, and each says where it comes from.
//! What the terminal sends, the kernel has sent to the program too: only what a process sends is passed on.

use crate::clone::task::await_end;
use crate::sys::process::{WCONTINUED, WNOHANG, WUNTRACED, Waited};
use crate::sys::signal::{Set, set};
use crate::sys::{Answer, Errno, Pid, Result, file, futex, ids, process, signal, terminal};
use crate::witness::board::{Board, Word};
use core::sync::atomic::Ordering::{Acquire, Release};
use linux_raw_sys::general as kernel;

/// What stops a job.
const STOPS: Set = set(kernel::SIGTSTP) | set(kernel::SIGTTIN) | set(kernel::SIGTTOU);

/// What a terminal sends, which it has sent to the program too.
const OF_TERMINAL: Set = STOPS
    | set(kernel::SIGHUP)
    | set(kernel::SIGINT)
    | set(kernel::SIGQUIT)
    | set(kernel::SIGCONT)
    | set(kernel::SIGWINCH);

/// What is blocked, taken and passed on, but for SIGCHLD, which is for us: every signal that can be. A fault of our own ends us all
/// the same, for the kernel does not let such a signal be blocked; one that a process sends is passed on like all others.
pub const TAKEN: Set = !(set(kernel::SIGKILL) | set(kernel::SIGSTOP));

/// Who watches: the parent outside, or process 1 of a PID namespace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Watcher {
    /// The child is the program.
    OfProgram,
    /// The child is process 1 of a PID namespace, which tells on the board how the program is.
    OfInit,
    /// Process 1 itself: it cannot be stopped from inside, and tells on the board.
    Init,
}

/// What process 1 tells by the turn of the board: the program runs, or it has stopped.
pub const GOES_ON: u32 = 16;
const IS_STOPPED: u32 = 17;

/// How long process 1 may take to see that the program has stopped, in milliseconds. A program that catches the signal does
/// not stop at all.
const DELAY: u32 = 50;

/// How many calls in a row may be interrupted before that is an error.
const PATIENCE: usize = 4096;

/// Waits for the end of `child` and answers its wait status. ECHILD: it is not there to be waited for.
pub fn watch(board: Board, child: Pid, watcher: Watcher) -> Answer {
    let is_blocked = signal::block(TAKEN).is_ok_and(|before| before & TAKEN == TAKEN);
    let mut patience = if is_blocked { PATIENCE } else { 0 };
    while patience > 0 {
        let (signal, origin) = signal::take(TAKEN);
        let signal = match signal.split() {
            Ok(signal) => signal as u32,
            Err(Errno::EINTR | Errno::EAGAIN) => {
                patience -= 1;
                continue;
            }
            Err(_) => break,
        };
        patience = PATIENCE;
        if signal == kernel::SIGCHLD {
            if let Some(end) = reap(board, child, watcher) {
                return end;
            }
            continue;
        }
        pass_on(signal, origin, child);
        if set(signal) & STOPS != 0 && watcher == Watcher::OfInit {
            // However it ends, the turn tells.
            let _ = futex::wait(board.turn(), GOES_ON, DELAY);
            if board.turn().load(Acquire) == IS_STOPPED {
                stop(board);
            }
        }
    }
    // Signals cannot be taken here: none is passed on, and the end is waited for all the same.
    await_end(child).map_or_else(Answer::error, Answer)
}

/// Passes a signal on, unless the terminal has sent it to the program too.
fn pass_on(signal: u32, origin: i32, child: Pid) {
    if origin <= 0 || set(signal) & OF_TERMINAL == 0 {
        // A program that has ended meanwhile needs no signal.
        let _ = process::kill(child, signal);
    }
}

/// Reaps the child, or as process 1 all that have ended; answers how the child has, or why that cannot be known.
fn reap(board: Board, child: Pid, watcher: Watcher) -> Option<Answer> {
    let children = if watcher == Watcher::Init { Waited::Any } else { Waited::One(child) };
    let (mut end, mut patience) = (None, PATIENCE);
    while patience > 0 {
        let (ended, status) = process::wait_for(children, WNOHANG | WUNTRACED | WCONTINUED);
        match (ended.split(), status) {
            (Err(Errno::EINTR), _) => {
                patience -= 1;
                continue;
            }
            (Ok(0), _) => return end,
            (Ok(ended), _) if ended != child.number() => {}
            (Ok(_), CONTINUED) => board.turn().store(GOES_ON, Release),
            (Ok(_), status) if status & 0xff == STOPPED => match watcher {
                Watcher::Init => board.pass_turn(IS_STOPPED),
                _ => stop(board),
            },
            (Ok(_), status) if watcher != Watcher::Init => return Some(Answer(status)),
            (Ok(_), status) => end = Some(Answer(status)),
            (Err(errno), _) => return end.or(Some(Answer::error(errno))),
        }
        patience = PATIENCE;
    }
    end.or(Some(Answer::error(Errno::EINTR)))
}

/// The wait status of who goes on, and the low byte of that of who has stopped, wait(2).
const CONTINUED: usize = 0xffff;
const STOPPED: usize = 0x7f;

/// Stops as the program has stopped, so that the caller's shell sees it. The SIGCONT that ends this is passed on.
fn stop(board: Board) {
    board.turn().store(GOES_ON, Release);
    // A refusal leaves a parent that runs beside a program that does not.
    if let Some(own) = ids::getpid().pid() {
        let _ = process::kill(own, kernel::SIGSTOP);
    }
}

/// A terminal in whose foreground we were.
pub struct Terminal(Option<usize>);

impl Terminal {
    /// The one that this process belongs to, if its process group is in the foreground.
    pub fn of_this_process() -> Self {
        let Some(fd) = file::open(c"/dev/tty", file::O_RDONLY).ok() else { return Self(None) };
        let is_ours = terminal::foreground(fd) == ids::getpgrp();
        if !is_ours {
            // Nothing was written to it.
            let _ = file::close(fd);
        }
        Self(is_ours.then_some(fd))
    }

    /// Its descriptor; EBADF if there is none.
    pub fn descriptor(&self) -> Answer {
        self.0.map_or(Answer::error(Errno::EBADF), Answer)
    }

    /// Takes the foreground back from a program that has ended there; SIGTTOU is blocked.
    pub fn take_back(self) {
        let Some(fd) = self.0 else { return };
        // A group that lives is another job, and has been given the terminal by the shell.
        let has_ended = terminal::foreground(fd).pid().is_some_and(process::is_group_gone);
        if has_ended {
            // A terminal that has gone away has no foreground.
            let _ = ids::getpgrp().and_then(|group| terminal::set_foreground(fd, group));
        }
    }
}

/// How the program has ended, by what was seen of the child's end: that of the program itself, or that of process 1, which
/// has left the program's end on the board before it ended well. EIO: what stands there is no end of a program.
pub fn ended(board: Board, seen: usize, is_init: bool) -> Result {
    if !is_init || seen != 0 {
        return Ok(seen);
    }
    let status = board.child().get(Word::Ended).split()?;
    let has_exited = status & 0xff == 0 && status <= 0xff00;
    let was_killed = (1..=64).contains(&(status & 0x7f)) && status <= 0xff;
    if has_exited || was_killed { Ok(status) } else { Err(Errno::EIO) }
}
