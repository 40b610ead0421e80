//! Waiting on a futex for another task, with a time limit, and noticing the other task's end.

use crate::sys::wait::{self, __WALL, WNOHANG, WNOWAIT, WUNTRACED};
use crate::sys::{Errno, Pid, Result, Signal, clock, futex, process};
use core::sync::atomic::{AtomicU32, Ordering::Acquire};

/// The longest sleep before the sleeper checks whether the awaited process still exists, in milliseconds.
const SLICE: u32 = 50;

/// The most sleeps: two seconds in all.
const SLICES: u32 = 40;

/// How many interruptions a wait tolerates before it consults the clock, and how long it then goes on, in nanoseconds.
const INTERRUPTIONS: u32 = 4096;
const LONGER: u64 = 1_000_000_000;

/// The remaining tolerance of a wait for interruptions. The clock, a system call, is read only after `INTERRUPTIONS`
/// of them.
#[derive(Default)]
pub struct Patience {
    /// The number of interruptions so far.
    count: u32,
    /// When the count reached [`INTERRUPTIONS`].
    since: Option<u64>,
}

impl Patience {
    /// Counts an interruption. Returns whether the wait should go on.
    pub fn lasts(&mut self) -> bool {
        if self.count < INTERRUPTIONS {
            self.count += 1;
            return true;
        }
        let Ok(now) = clock::now() else { return false };
        now.saturating_sub(*self.since.get_or_insert(now)) < LONGER
    }
}

/// Sleeps until `word` is no longer `from`, or until the child `awaited`, which should change the word, has ended.
/// A child that is stopped is resumed. ETIMEDOUT: the word is the same and the child lives.
pub fn await_change(word: &AtomicU32, from: u32, awaited: Option<Pid>) -> Result<()> {
    let (mut slices, mut patience) = (SLICES, Patience::default());
    while word.load(Acquire) == from {
        match futex::wait(word, from, SLICE) {
            Ok(()) | Err(Errno::EAGAIN | Errno::EINTR) if patience.lasts() => {}
            // This does not reap the child: reaping is left to the join.
            Err(Errno::ETIMEDOUT) if awaited.map(wait::has_ended) == Some(Ok(true)) => return Ok(()),
            Err(Errno::ETIMEDOUT) if slices > 0 => {
                slices -= 1;
                awaited.into_iter().for_each(resume);
            }
            Ok(()) => return Err(Errno::ETIMEDOUT), // woken again and again without a change
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Resumes a child that is stopped while the caller, its parent, runs. The kernel can leave a new process so: SIGSTOP to the
/// group in the middle of clone(2) is kept for the new process (`copy_process()`, `delayed.signal`), and the SIGCONT that
/// follows, which is ignored, does not take it back (`prepare_signal()`).
fn resume(child: Pid) {
    if wait::waitid(child, WUNTRACED | WNOHANG | WNOWAIT | __WALL) == Ok(true) {
        let _ = process::kill(child, Signal::CONT); // it may have been killed since
    }
}

/// Sleeps until the kernel has cleared `word`, into which the kernel may first have stored the id.
pub fn await_zero(word: &AtomicU32) -> Result<()> {
    loop {
        match word.load(Acquire) {
            0 => return Ok(()),
            id => await_change(word, id, None)?,
        }
    }
}
