//! A process of this program's own: a copy of the caller that does one thing and ends.
//!
//! The laboratory's subject, the helper of `run`, the trials of `doctor` and every question that a filter may answer by
//! killing are made here. The handle owns the process: a handle that is dropped before its process was reaped kills and
//! reaps it, so no way out of a function leaves a process behind.

use crate::board::Board;
use crate::board::turn::Patience;
use crate::sys::process::{self, Fork};
use crate::sys::wait::{self, Change, Status, WNOHANG, Waited};
use crate::sys::{Errno, Pid, Result, Signal, control, ids};

/// A child process that the caller has not reaped yet.
#[must_use]
pub struct Process(Pid);

impl Process {
    /// Makes a process by clone(2), which ends with the status that `act` returns. With 0 as the exit signal, its end
    /// waits for wait4(2) even if the caller ignores SIGCHLD.
    pub fn make(exit_signal: usize, act: impl FnOnce() -> i32) -> Result<Self> {
        process::clone_copied(exit_signal, None).map(|made| Self::of(made, act))
    }

    /// Makes a process that ends with the caller, whose id is `parent`. If the caller has ended before the process
    /// could ask for that, the process does nothing and ends with the status `orphaned`.
    pub fn make_tied(
        parent: Option<Pid>,
        exit_signal: usize,
        orphaned: i32,
        act: impl FnOnce() -> i32,
    ) -> Result<Self> {
        Self::make(exit_signal, || {
            // If refused, the process still ends by itself, later.
            let _ = control::signal_at_parents_end(Some(Signal::KILL));
            if has_lost(parent) { orphaned } else { act() }
        })
    }

    /// The process in which a call returned that has just made it: in the process itself, does `act` and ends.
    pub fn of(made: Fork, act: impl FnOnce() -> i32) -> Self {
        match made {
            Fork::Child => process::exit_group(act()),
            Fork::ParentOf(child) => Self(child),
        }
    }

    /// A task by its id, which a task of the caller made and perhaps left to it. If it is no child of the caller, the
    /// drop leaves it alone.
    pub fn adopt(task: Pid) -> Self {
        Self(task)
    }

    /// The id in the caller's PID namespace.
    pub fn pid(&self) -> Pid {
        self.0
    }

    /// Waits for the end of the process. After an error the process is killed.
    pub fn await_end(self) -> Result<Status> {
        let ended = await_end(self.0);
        if ended.is_ok() {
            self.was_reaped();
        }
        ended
    }

    /// Gives the handle up after a wait for any child has reaped the process.
    pub fn was_reaped(self) {
        core::mem::forget(self);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Only the id of a child cannot have been reused; a child that has ended needs no signal.
        let is_over = match wait::has_ended(self.0) {
            Ok(true) => true,
            Ok(false) => process::kill(self.0, Signal::KILL).is_ok(),
            Err(_) => false,
        };
        if is_over {
            // If refused, process 1 reaps the process.
            let _ = await_end(self.0);
        }
    }
}

/// Whether the caller has another parent by now than this one, which made it. No if that cannot be seen.
pub fn has_lost(parent: Option<Pid>) -> bool {
    is_orphan(ids::getppid().ok(), parent)
}

/// Whether a process has another parent by now than the one that made it: that one has ended. No if either is unknown.
pub fn is_orphan(ppid: Option<usize>, parent: Option<Pid>) -> bool {
    matches!((ppid, parent), (Some(ppid), Some(parent)) if ppid != parent.number())
}

/// Runs `act` in a process that sends no exit signal. Returns the status, 0 to 255. ECHILD: a signal killed the
/// process.
pub fn by_child(act: impl FnOnce() -> i32) -> Result<i32> {
    match Process::make(0, act)?.await_end()?.change() {
        Change::Exited(status) => Ok(status),
        _ => Err(Errno::ECHILD),
    }
}

/// Reaps the children that are left, whose ids are unknown and which end by themselves, for about this many milliseconds.
/// Only for a caller whose every child was made by this program.
pub fn reap_others<R>(board: Board<R>, patience: usize) {
    // Counted rather than until none is left: a sandbox may tell of the same end again and again.
    for _ in 0..patience {
        match wait::wait(Waited::Any, WNOHANG) {
            Ok(Some(_)) => {}
            Ok(None) | Err(Errno::EINTR) => board.rest(),
            Err(_) => return,
        }
    }
}

/// wait4(2), repeated after interruptions: how a process ended.
pub fn await_end(process: Pid) -> Result<Status> {
    let mut patience = Patience::default();
    loop {
        match wait::wait_for(process) {
            Err(Errno::EINTR) if patience.lasts() => {}
            answer => return answer,
        }
    }
}
