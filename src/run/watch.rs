//! The parent that stays: passes signals on, stops and goes on with the program, keeps the terminal, and reaps.
//!
//! The decision behind it: no handlers. The signals are blocked and taken one by one, and each says where it comes from.
//! What the terminal sends, the kernel has sent to the program too: only what a process sends is passed on.

use crate::clone::task::await_end;
use crate::sys::process::{WCONTINUED, WNOHANG, WUNTRACED};
use crate::sys::{Answer, Errno, file, futex, ids, process, signal, terminal};
use crate::witness::board::{Board, Word};
use core::sync::atomic::Ordering::{Acquire, Release};
use linux_raw_sys::general as kernel;

/// What stops a job.
const STOPS: u64 = set(kernel::SIGTSTP) | set(kernel::SIGTTIN) | set(kernel::SIGTTOU);

/// What is blocked, taken and passed on; but for SIGCHLD, which is for us.
pub const TAKEN: u64 = STOPS
    | set(kernel::SIGHUP)
    | set(kernel::SIGINT)
    | set(kernel::SIGQUIT)
    | set(kernel::SIGUSR1)
    | set(kernel::SIGUSR2)
    | set(kernel::SIGTERM)
    | set(kernel::SIGCONT)
    | set(kernel::SIGWINCH)
    | set(kernel::SIGCHLD);

const fn set(signal: u32) -> u64 {
    1 << (signal - 1)
}

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

/// How many calls may bring nothing before that is an error.
const PATIENCE: usize = 4096;

/// Waits for the end of `child` and answers its wait status. ECHILD: it is not there to be waited for.
pub fn watch(board: Board, child: usize, watcher: Watcher) -> Answer {
    let mut patience = PATIENCE;
    if signal::block(TAKEN) & TAKEN != TAKEN {
        patience = 1; // they cannot be blocked here, and so not be taken
    }
    loop {
        let (signal, origin) = if patience > 1 { signal::take(TAKEN) } else { (Answer::error(Errno::EINTR), 0) };
        let Some(signal) = signal.ok() else {
            patience -= 1;
            if patience == 0 {
                // None is passed on, and the end is waited for all the same.
                return await_end(child).map_or_else(Answer::error, Answer);
            }
            continue;
        };
        let bit = set(signal as u32);
        if bit == set(kernel::SIGCHLD) {
            if let Some(end) = reap(board, child, watcher) {
                return end;
            }
            continue;
        }
        if origin <= 0 {
            // Who has ended meanwhile needs no signal.
            let _ = process::kill(child, signal as u32);
        }
        if bit & STOPS != 0 && watcher == Watcher::OfInit {
            // However it ends, the turn tells.
            let _ = futex::wait(board.turn(), GOES_ON, DELAY);
            if board.turn().load(Acquire) == IS_STOPPED {
                stop(board);
            }
        }
    }
}

/// Reaps everybody who has ended; answers how the child has, or why it cannot be known.
fn reap(board: Board, child: usize, watcher: Watcher) -> Option<Answer> {
    let mut end = None;
    for _ in 0..PATIENCE {
        let (who, status) = process::wait_for(usize::MAX, WNOHANG | WUNTRACED | WCONTINUED);
        match (who.split(), status) {
            (Ok(0), _) => return end,
            (Ok(who), _) if who != child => {}
            (Ok(_), CONTINUED) => board.turn().store(GOES_ON, Release),
            (Ok(_), status) if status & 0xff == STOPPED => match watcher {
                Watcher::Init => board.pass_turn(IS_STOPPED),
                _ => stop(board),
            },
            (Ok(_), status) => end = Some(Answer(status)),
            (Err(Errno::EINTR), _) => {}
            (Err(errno), _) => return end.or(Some(Answer::error(errno))),
        }
    }
    end.or(Some(Answer::error(Errno::EINTR)))
}

/// The wait status of who goes on, and the low byte of that of who has stopped, wait(2).
const CONTINUED: usize = 0xffff;
const STOPPED: usize = 0x7f;

/// Stops as the program has stopped, so that whoever waits for us sees it. The SIGCONT that ends this is passed on.
fn stop(board: Board) {
    board.turn().store(GOES_ON, Release);
    // A refusal leaves a parent that runs beside a program that does not.
    let _ = process::kill(ids::getpid().0, kernel::SIGSTOP);
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

    /// Takes the foreground back from a program that has ended there; SIGTTOU is blocked.
    pub fn take_back(self) {
        let group = ids::getpgrp();
        if let Some(fd) = self.0
            && terminal::foreground(fd) != group
        {
            // A terminal that has gone away needs nobody in its foreground.
            let _ = group.and_then(|group| terminal::set_foreground(fd, group));
        }
    }
}

/// How the program has ended: as process 1 has left it, or as was seen.
pub fn ended(board: Board, seen: usize) -> usize {
    board.child().get(Word::Ended).ok().unwrap_or(seen)
}
