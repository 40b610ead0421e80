//! How long the tasks of the laboratory wait for each other.

use crate::sys::Result;
use crate::sys::clock::now;

/// How long the examiner waits at most, in milliseconds. With many more tasks than processors a subject may not run for
/// seconds.
pub(super) const PATIENCE: usize = 10_000;

/// [`PATIENCE`] in nanoseconds.
const TIME: u64 = PATIENCE as u64 * 1_000_000;

/// The end of the examiner's patience, which begins when this is made.
pub(super) struct Deadline(Result<u64>);

impl Deadline {
    /// [`PATIENCE`] from now on.
    pub(super) fn new() -> Self {
        Self(now())
    }

    /// Whether there is a clock.
    pub(super) fn has_clock(&self) -> bool {
        self.0.is_ok()
    }

    /// Whether the time is over. Without a clock the rounds count, a millisecond each.
    pub(super) fn is_over(&self, rounds: usize) -> bool {
        match (self.0, now()) {
            (Ok(start), Ok(time)) => time.saturating_sub(start) >= TIME,
            _ => rounds >= PATIENCE,
        }
    }
}
