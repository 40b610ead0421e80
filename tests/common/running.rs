//! A program that runs: what it says line by line, and how it ends, each waited for with a limit.
//!
//! One thread reads both pipes as they fill and never waits for anything without a deadline.
//! Whatever is late is killed with its whole process group, and so is a program whose test has failed meanwhile.

use super::deadline::{self, DEADLINE};
use super::{Run, in_group, schema};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, getsid};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// A child of a test, in a process group of its own.
pub struct Running {
    child: Child,
    /// fd 1 and fd 2, as far as they are pipes that may still say something.
    pipes: [Option<File>; 2],
    said: [Vec<u8>; 2],
    is_reaped: bool,
}

impl From<Child> for Running {
    fn from(mut child: Child) -> Self {
        let out = child.stdout.take().map(|pipe| File::from(OwnedFd::from(pipe)));
        let err = child.stderr.take().map(|pipe| File::from(OwnedFd::from(pipe)));
        Self { child, pipes: [out, err], said: [Vec::new(), Vec::new()], is_reaped: false }
    }
}

impl Running {
    /// Starts a command with pipes for fd 1 and fd 2.
    #[track_caller]
    pub fn start(mut command: Command) -> Self {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        child.unwrap_or_else(|error| panic!("{command:?}: {error}")).into()
    }

    /// The id of the process, which is that of its group too.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The other end of fd 0, if that is a pipe: it ends when this is dropped.
    pub fn input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Sends a signal to the process.
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).expect("it lives, or is a zombie of ours");
    }

    /// Sends a signal to the process group.
    #[track_caller]
    pub fn signal_group(&self, signal: Signal) {
        killpg(self.pid(), signal).expect("it is not reaped yet");
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id() as i32)
    }

    /// The next line on fd 1, with its end; shorter if that is all there is.
    #[track_caller]
    pub fn line(&mut self) -> String {
        let limit = Instant::now() + DEADLINE;
        loop {
            let end = self.said[0].iter().position(|byte| *byte == b'\n').map(|place| place + 1);
            if end.is_some() || self.pipes[0].is_none() {
                let rest = self.said[0].split_off(end.unwrap_or(self.said[0].len()));
                return text(std::mem::replace(&mut self.said[0], rest));
            }
            assert!(self.listen(limit), "no line came: {}", self.seen());
        }
    }

    /// Whether it has ended already.
    pub fn has_ended(&mut self) -> bool {
        self.status().is_some()
    }

    /// Waits for its end alone, whoever else may hold the pipes.
    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        deadline::until("the program ends", || self.status())
    }

    /// Waits for its end and for that of both pipes, and looks at what is left; panics if that is late.
    #[track_caller]
    pub fn finish(self) -> Run {
        let (output, left) = self.end();
        ran(output, left)
    }

    /// The same for a program that may say any bytes.
    #[track_caller]
    pub fn output(self) -> Output {
        self.end().0
    }

    #[track_caller]
    fn end(mut self) -> (Output, Vec<String>) {
        match self.gather(DEADLINE) {
            Some(ended) => ended,
            None => panic!("too late after {DEADLINE:?}: {}", self.seen()),
        }
    }

    /// Like [`finish`](Self::finish); none if it comes later than `limit`, and then the group is killed.
    pub fn finish_within(mut self, limit: Duration) -> Option<Run> {
        let (output, left) = self.gather(limit)?;
        Some(ran(output, left))
    }

    fn gather(&mut self, limit: Duration) -> Option<(Output, Vec<String>)> {
        let limit = Instant::now() + limit;
        while self.listen(limit) {}
        let status = deadline::within(limit, || self.status())?;
        let is_all = self.pipes.iter().all(Option::is_none);
        let [stdout, stderr] = std::mem::take(&mut self.said);
        is_all.then(|| (Output { status, stdout, stderr }, in_group(self.id())))
    }

    fn status(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().expect("a child of ours");
        self.is_reaped |= status.is_some();
        status
    }

    /// Takes in what is said next; false if that is nothing, or too late.
    fn listen(&mut self, limit: Instant) -> bool {
        let mut ready = [false; 2];
        {
            let open = self.pipes.iter().enumerate().filter_map(|(place, pipe)| Some((place, pipe.as_ref()?)));
            let (places, mut polled): (Vec<_>, Vec<_>) =
                open.map(|(place, pipe)| (place, PollFd::new(pipe.as_fd(), PollFlags::POLLIN))).unzip();
            let left = limit.saturating_duration_since(Instant::now()).as_millis();
            let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            if polled.is_empty() || poll(&mut polled, left) == Ok(0) {
                return false;
            }
            for (place, polled) in places.into_iter().zip(polled) {
                ready[place] = polled.any().unwrap_or(true);
            }
        }
        (0..2).filter(|place| ready[*place]).for_each(|place| self.take(place));
        true
    }

    /// Reads once from a pipe that has something, if only its end.
    fn take(&mut self, place: usize) {
        let mut room = [0; 1 << 16];
        match self.pipes[place].as_mut().map(|pipe| pipe.read(&mut room)) {
            Some(Ok(length @ 1..)) => self.said[place].extend_from_slice(&room[..length]),
            Some(Err(error)) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => self.pipes[place] = None,
        }
    }

    /// What is known of it, for a message.
    fn seen(&self) -> String {
        let [out, err] = self.said.each_ref().map(|said| String::from_utf8_lossy(said));
        format!("process {}: fd 1 {out:?}, fd 2 {err:?}, its group {:#?}", self.id(), in_group(self.id()))
    }
}

impl Drop for Running {
    /// Of a program whose test has failed nothing stays; mostly it has ended and been reaped long since.
    fn drop(&mut self) {
        if !self.is_reaped {
            let _ = killpg(self.pid(), Signal::SIGKILL); // it may have left its group,
            let _ = self.child.kill(); // or have ended in this very moment
            let _ = deadline::within(Instant::now() + DEADLINE, || self.status());
        }
        kill_rest(self.id());
    }
}

/// Kills what is left of the group of a process that is reaped. Its number may be somebody else's by then, but not in this
/// session.
fn kill_rest(group: u32) {
    let session = getsid(None).map_or(0, Pid::as_raw).to_string();
    for stat in in_group(group) {
        let is_ours = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(3)) == Some(&session);
        let process = stat.split(' ').next().and_then(|process| process.parse().ok());
        if let Some(process) = process.filter(|_| is_ours) {
            let _ = kill(Pid::from_raw(process), Signal::SIGKILL); // it may be a zombie, or gone
        }
    }
}

/// What a run came to. Each of its lines that is a JSON object must be one that the schema describes.
#[track_caller]
fn ran(Output { status, stdout, stderr }: Output, left: Vec<String>) -> Run {
    let out = text(stdout);
    schema::hold(&out);
    Run { status: status.code(), signal: status.signal(), out, err: text(stderr), left }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("ASCII")
}
