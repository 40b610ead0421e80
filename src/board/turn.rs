//! Waiting for another task by a futex, with a limit, and without missing its end.

use crate::sys::{Errno, Pid, Result, clock, futex, wait};
use core::sync::atomic::{AtomicU32, Ordering::Acquire};

/// How long one sleep lasts before the sleeper looks whether it still makes sense, in milliseconds.
const SLICE: u32 = 50;

/// How many sleeps there are at most: two seconds in all.
const SLICES: u32 = 40;

/// How often signals may interrupt a wait before the clock is looked at, and how long they may go on then, in nanoseconds.
const INTERRUPTIONS: u32 = 4096;
const LONGER: u64 = 1_000_000_000;

/// What is left of the patience of a wait that signals interrupt. In a storm of them the clock decides; nothing is asked of the
/// kernel before there is one.
#[derive(Default)]
pub struct Patience {
    /// How many interruptions came.
    count: u32,
    /// When there were too many.
    since: Option<u64>,
}

impl Patience {
    /// Counts an interruption; whether the wait is to go on.
    pub fn lasts(&mut self) -> bool {
        if self.count < INTERRUPTIONS {
            self.count += 1;
            return true;
        }
        let Ok(now) = clock::now() else { return false };
        now.saturating_sub(*self.since.get_or_insert(now)) < LONGER
    }
}

/// Sleeps until `word` is no longer `from`, or the child `process`, which should change it, has ended. ETIMEDOUT: neither
/// happened.
pub fn await_change(word: &AtomicU32, from: u32, process: Option<Pid>) -> Result<()> {
    let (mut slices, mut patience) = (SLICES, Patience::default());
    while word.load(Acquire) == from {
        match futex::wait(word, from, SLICE) {
            Ok(()) | Err(Errno::EAGAIN | Errno::EINTR) if patience.lasts() => {}
            // Asked without reaping: that is left to the join.
            Err(Errno::ETIMEDOUT) if process.map(wait::has_ended) == Some(Ok(true)) => return Ok(()),
            Err(Errno::ETIMEDOUT) if slices > 0 => slices -= 1,
            Ok(()) => return Err(Errno::ETIMEDOUT), // woken again and again, and by no change
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Sleeps until the kernel has cleared `word`, into which it may have stored the id first.
pub fn await_zero(word: &AtomicU32) -> Result<()> {
    loop {
        match word.load(Acquire) {
            0 => return Ok(()),
            id => await_change(word, id, None)?,
        }
    }
}
