//! Runs that might hang: waiting for an end with a limit.
//!
//! The decision behind it: a second thread collects the output, so waiting is a receive with a limit; nothing polls
//! and nothing sleeps. Whatever is late is killed with its whole process group, and that is an answer of its own.

use super::{Run, finish};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Far more than any run takes on a busy machine; a run that takes longer hangs.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Runs to the end; none if that did not come within the [`DEADLINE`].
pub fn run(mut command: Command) -> Option<Run> {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    collect(child, DEADLINE)
}

/// Waits for a child of [`command`](super::command) for at most `limit`.
pub fn collect(child: Child, limit: Duration) -> Option<Run> {
    let group = child.id() as i32;
    let (sender, receiver) = mpsc::channel();
    let waiter = thread::spawn(move || sender.send(finish(child)));
    let ended = receiver.recv_timeout(limit).ok();
    if ended.is_none() {
        let group = nix::unistd::Pid::from_raw(group);
        // It may have ended in this very moment.
        let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
    }
    let _ = waiter.join().expect("the waiter ends");
    ended
}
