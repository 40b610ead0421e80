//! Waiting with a limit: for the end of a program, and for anything else that can be looked at.
//!
//! Nothing is ever waited for by the clock alone. What is waited for is looked at again and again,
//! and the limit is one that a busy machine keeps: whatever is later hangs.

use super::Run;
use super::running::Running;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{PipeReader, Read};
use std::os::fd::AsFd;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Far more than anything takes on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// How often is looked without a pause: most waits are that short.
const EAGER: usize = 50;

/// Runs to the end; none if that did not come within the [`DEADLINE`].
#[track_caller]
pub fn run(command: Command) -> Option<Run> {
    run_within(command, DEADLINE)
}

/// The same with another limit.
#[track_caller]
pub fn run_within(command: Command, limit: Duration) -> Option<Run> {
    Running::start(command).finish_within(limit)
}

/// Waits for a child's end; none if that did not come within `limit`.
pub fn collect(child: Child, limit: Duration) -> Option<Run> {
    Running::from(child).finish_within(limit)
}

/// Looks until there is an answer; panics after the [`DEADLINE`] with `what` should have been.
#[track_caller]
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    match within(Instant::now() + DEADLINE, look) {
        Some(answer) => answer,
        None => panic!("not within {DEADLINE:?}: {what}"),
    }
}

/// Looks until there is an answer; none if there is none at `limit`.
pub fn within<T>(limit: Instant, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    for looks in 0.. {
        let is_last = Instant::now() >= limit;
        let answer = look();
        if answer.is_some() || is_last {
            return answer;
        }
        if looks < EAGER {
            std::thread::yield_now();
        } else {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    None
}

/// Waits until there is something to read, if only the end; panics after the [`DEADLINE`].
#[track_caller]
pub fn readable(pipe: &PipeReader) {
    assert!(is_readable(pipe, Instant::now() + DEADLINE), "nothing is written within {DEADLINE:?}");
}

/// Waits until there is something to read, if only the end; false if there is nothing at `limit`.
pub fn is_readable(pipe: &impl AsFd, limit: Instant) -> bool {
    let left = limit.saturating_duration_since(Instant::now()).as_millis();
    let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
    poll(&mut [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)], left) != Ok(0)
}

/// All that is written to a pipe; panics if its end is not there within the [`DEADLINE`].
#[track_caller]
pub fn read_to_end(pipe: &mut PipeReader) -> String {
    let (mut all, limit) = (Vec::new(), Instant::now() + DEADLINE);
    match read_until(pipe, &mut all, limit) {
        true => String::from_utf8(all).expect("ASCII"),
        false => panic!("no end within {DEADLINE:?}: {}", String::from_utf8_lossy(&all)),
    }
}

/// Reads to the end of a pipe; false if that is not there at `limit`.
pub fn read_until(pipe: &mut PipeReader, all: &mut Vec<u8>, limit: Instant) -> bool {
    let mut room = [0; 1 << 16];
    while is_readable(pipe, limit) {
        match pipe.read(&mut room) {
            Ok(0) => return true,
            Ok(length) => all.extend_from_slice(&room[..length]),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::Interrupted, "{error}"),
        }
    }
    false
}
