//! Runs one case in the world, and sees what comes of it.

use crate::case::{Case, Fault};
use crate::commands::COMMANDS;
use crate::kernel::{self, End};
use crate::start::{self, Started};
use crate::trace::Tracer;
use crate::world::{self, World};
use nix::libc;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// How long chimera may take on a machine that has much else to do.
const DEADLINE: Duration = Duration::from_secs(20);

/// How long a task may sleep after chimera's end.
const LEFT: Duration = Duration::from_millis(100);

/// How long a task may run after chimera's end.
const LEFT_RUNNING: Duration = Duration::from_secs(10);

/// What was seen of a case.
#[derive(Default)]
pub struct Seen {
    /// How chimera ended; none if it did not.
    pub end: Option<End>,
    /// fd 1.
    pub out: String,
    /// fd 2.
    pub err: String,
    /// Whether the fault has struck.
    pub has_struck: bool,
    /// Whether it has killed chimera itself.
    pub has_killed_first: bool,
    /// From the exec to the end.
    pub micros: u64,
    /// How often each task made each call.
    pub points: BTreeMap<(usize, i64), usize>,
    /// What the calls that make tasks have answered; none if nobody has looked.
    pub answers: Option<Vec<i64>>,
    /// Who was left behind.
    pub left: Vec<String>,
    /// What had changed.
    pub changes: Vec<String>,
    /// Whether the world is as new.
    pub is_whole: bool,
}

/// How long a process stays stopped before it is continued: chimera may stop as well meanwhile.
const STOPPED: Duration = Duration::from_millis(10);

/// What goes on while a case runs.
struct Engine<'a> {
    world: &'a World,
    tracer: Option<Tracer>,
    first: i32,
    end: Option<End>,
    /// Those that have been reaped.
    reaped: Vec<i32>,
    /// Whether CMD stops itself.
    stops: bool,
    stopped_since: Option<Instant>,
    told_end: Option<File>,
}

impl Engine<'_> {
    /// Takes all news that there are.
    fn pump(&mut self) {
        while let Some((task, word)) = kernel::news() {
            let Some(end) = End::read(word) else {
                self.tracer.iter_mut().for_each(|tracer| tracer.at_stop(task, word));
                continue;
            };
            self.tracer.iter_mut().for_each(|tracer| tracer.forget(task));
            self.reaped.push(task);
            if task == self.first {
                self.end = Some(end);
            }
        }
        let is_told = |file: &&mut File| kernel::is_readable(file.as_raw_fd(), Duration::ZERO);
        if let Some(file) = self.told_end.as_mut().filter(is_told) {
            let mut word = [0; 4];
            self.end = file.read_exact(&mut word).ok().and_then(|()| End::read(i32::from_ne_bytes(word))).or(self.end);
            self.told_end = None;
        }
    }

    /// Waits for chimera's end.
    fn await_end(&mut self) {
        let begin = Instant::now();
        let often = self.stops || self.told_end.is_some();
        while self.end.is_none() && begin.elapsed() < DEADLINE {
            self.pump();
            if self.end.is_some() {
                break;
            }
            kernel::await_children(if often { Duration::from_millis(1) } else { Duration::from_secs(1) });
            self.continue_stopped();
        }
    }

    /// CMD's stop is chimera's too; someone at a terminal lets the whole group go on.
    fn continue_stopped(&mut self) {
        let is_stopped = |pid: &i32| world::state_letter(*pid) == Some('T');
        let has_stopped = |tracer: &Tracer| tracer.has_stopped();
        let any = || self.tracer.as_ref().is_some_and(has_stopped) || self.world.strangers(&[]).iter().any(is_stopped);
        if !self.stops || !any() {
            self.stopped_since = None;
        } else if self.stopped_since.get_or_insert_with(Instant::now).elapsed() > STOPPED {
            start::continue_group(self.first);
        }
    }

    /// Waits until only the known processes are there; the answer is who is left. On a machine that has much else to do
    /// the time does not count while one of them runs, for the others may wait for that one.
    fn settle(&mut self, known: &[i32]) -> Vec<i32> {
        let (begin, mut asleep) = (Instant::now(), Duration::ZERO);
        let mut pause = Duration::from_micros(100);
        loop {
            self.pump();
            let left = self.world.strangers(known);
            if left.is_empty() || asleep > LEFT || begin.elapsed() > LEFT_RUNNING {
                return left;
            }
            self.continue_stopped();
            kernel::await_children(pause);
            if !left.iter().any(|pid| self.is_about_to_end(*pid, &left)) {
                asleep += pause;
            }
            pause = (pause * 2).min(Duration::from_millis(5));
        }
    }

    /// Whether a process runs, or waits for somebody who is no task of chimera's. One that is ending has had its signal and never
    /// runs its program again: process 1 of a PID namespace sleeps there until the kernel has let go of all others, also of
    /// those that /proc does not show any more.
    fn is_about_to_end(&self, pid: i32, left: &[i32]) -> bool {
        match world::state_letter(pid) {
            Some('S') => world::is_ending(pid),
            Some('Z') => world::parent(pid).is_none_or(|parent| !left.contains(&parent)),
            Some('T') => self.stops, // it is continued
            state => state.is_none_or(|state| "RDtX".contains(state)),
        }
    }

    /// Kills whoever is left, so that the next case begins as this one did.
    fn clear(&mut self) -> bool {
        let begin = Instant::now();
        while begin.elapsed() < LEFT_RUNNING {
            let left = self.world.strangers(&[]);
            if left.is_empty() {
                return true;
            }
            left.iter().for_each(|pid| _ = kernel::send(*pid, libc::SIGKILL));
            kernel::await_children(Duration::from_millis(1));
            self.pump();
        }
        false
    }
}

/// Runs a case.
pub fn run(world: &World, case: &Case) -> Seen {
    let mut started = Started::new(world, case);
    let first = started.first;
    let tracer = case.fault.is_traced().then(|| Tracer::seize(first, case.fault).expect("a new process may be traced"));
    let stops = COMMANDS[case.command].then() == Some("STOP");
    let told_end = started.told_end.take();
    let mut engine =
        Engine { world, tracer, first, end: None, reaped: Vec::new(), stops, stopped_since: None, told_end };
    let _ = started.go.write_all(b"g");
    let mut seen = Seen::default();
    let begin = follow(&mut engine, case, &mut started.talk, &mut seen);
    seen.micros = begin.elapsed().as_micros() as u64;
    if engine.end.is_none() {
        let hung = world.strangers(&started.known);
        seen.left.extend(hung.iter().map(|pid| format!("hung: {}", world::describe(*pid))));
    }
    conclude(&mut engine, &started, &mut seen);
    if let Some(tracer) = engine.tracer {
        (seen.points, seen.answers) = (tracer.points, Some(tracer.answers));
        (seen.has_struck, seen.has_killed_first) = (tracer.has_struck, tracer.has_killed_first);
    }
    [seen.out, seen.err] = started.texts();
    seen
}

/// From the exec to chimera's end; the answer is when it began.
fn follow(engine: &mut Engine, case: &Case, talk: &mut File, seen: &mut Seen) -> Instant {
    let mut begin = Instant::now();
    if engine.tracer.is_none() {
        let _ = talk.read(&mut [0]); // it ends with the exec
        begin = Instant::now();
    }
    if let Fault::KillAt(micros) = case.fault {
        wait_exactly(Duration::from_micros(micros), begin);
        kernel::send(engine.first, libc::SIGKILL);
    }
    engine.await_end();
    seen.end = engine.end;
    let is_killed = engine.end == Some(End::Signal(libc::SIGKILL));
    seen.has_killed_first = is_killed && matches!(case.fault, Fault::KillAt(_));
    seen.has_struck = is_killed || !matches!(case.fault, Fault::KillAt(_));
    begin
}

/// A short time is not slept: waking up takes longer.
fn wait_exactly(time: Duration, begin: Instant) {
    if time > Duration::from_micros(150) {
        std::thread::sleep(time - Duration::from_micros(80));
    }
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// After chimera's end: who is left, what has changed, and back to how it was.
fn conclude(engine: &mut Engine, started: &Started, seen: &mut Seen) {
    if engine.end.is_some() {
        let left = engine.settle(&started.known);
        seen.left = left.iter().map(|pid| world::describe(*pid)).collect();
        let ended = started.children[1];
        if ended > 0 && !engine.reaped.contains(&ended) {
            seen.changes.push("the caller's child that had ended was reaped".into());
        }
    }
    for pid in &started.known {
        let condition = world::condition(*pid);
        if !world::is_untouched(&condition) {
            seen.changes.push(format!("a process of the caller's: [{condition}]"));
        }
    }
    let is_clear = engine.clear();
    let changes = engine.world.changes();
    seen.is_whole = is_clear && (changes.is_empty() || engine.world.heal());
    seen.changes.extend(changes);
}
