//! Many worlds at the same time, and the two ends of the line on which cases go in and answers come out.
//!
//! A world is a process of its own, started anew as this program, so it has one thread and no
//! other world's descriptors; it ends when its line does. A world that was harmed is thrown away; so is one that does
//! not answer.

use crate::case::Case;
use crate::judge::{self, KINDS, Kind, Plain, Violation};
use crate::kernel;
use crate::run::{self, Seen};
use crate::world::{self, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a world may take for one case: longer than chimera may.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long it may take to end.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What a world says of a case.
#[derive(Default)]
pub struct Answer {
    /// Whether the fault has struck.
    pub has_struck: bool,
    /// What was violated.
    pub violations: Vec<Violation>,
    /// How chimera ended, in words.
    pub end: String,
    /// fd 1.
    pub out: String,
    /// fd 2.
    pub err: String,
    /// How long it took.
    pub micros: u64,
    /// How often each task made each call.
    pub points: BTreeMap<(usize, i64), usize>,
}

/// A world as its maker sees it.
pub struct Worker {
    elf: PathBuf,
    process: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    /// Whether it has a control group.
    pub has_cgroup: bool,
}

impl Worker {
    /// Makes a world; the error says why none can be made here.
    pub fn start(elf: &Path) -> Result<Self, String> {
        // Not by its path, which may hold another build by now.
        let own = "/proc/self/exe";
        let mut command = Command::new(own);
        command.arg("--world").arg(elf).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| error.to_string())?;
        let to = process.stdin.take();
        let from = BufReader::new(process.stdout.take().ok_or("no pipe")?);
        let mut worker = Self { elf: elf.into(), process, to, from, has_cgroup: false };
        let hello = worker.hear().ok_or("the world does not answer")?;
        if let Some(reason) = hello["skip"].as_str() {
            worker.stop();
            return Err(reason.into());
        }
        worker.has_cgroup = hello["cgroup"] == true;
        Ok(worker)
    }

    /// The next line that the world says; none if it has died, or is late.
    fn hear(&mut self) -> Option<Value> {
        let mut line = String::new();
        let is_there = !self.from.buffer().is_empty() || kernel::is_readable(self.from.get_ref().as_raw_fd(), PATIENCE);
        let length = if is_there { self.from.read_line(&mut line).ok()? } else { 0 };
        (length > 0).then(|| serde_json::from_str(&line).ok())?
    }

    /// Ends the world: it tidies up when its line ends. One that does not is killed.
    fn stop(&mut self) {
        self.to = None;
        let begin = Instant::now();
        while begin.elapsed() < LAST_WORDS {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = self.process.kill(); // it may have ended
        let _ = self.process.wait();
    }

    /// Runs a case; `plain` is what the same command says without a fault.
    pub fn run(&mut self, case: &Case, plain: &str) -> Result<Answer, String> {
        let request = json!({ "words": case.words(true), "plain": plain });
        let is_sent = self.to.as_mut().is_some_and(|to| writeln!(to, "{request}").is_ok());
        let Some(told) = is_sent.then(|| self.hear()).flatten() else {
            self.renew()?;
            let violation = (Kind::Hang, "the world itself has died or hangs".into());
            return Ok(Answer { violations: vec![violation], has_struck: true, ..Answer::default() });
        };
        if told["whole"] != true {
            self.renew()?;
        }
        Ok(Answer::read(&told))
    }

    /// Throws the world away and makes a new one.
    fn renew(&mut self) -> Result<(), String> {
        self.stop();
        *self = Self::start(&self.elf)?;
        Ok(())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Answer {
    fn write(case: &Case, seen: &Seen, plain: &Plain) -> Value {
        let violations = judge::judge(case, seen, plain);
        let places = violations.iter().map(|(kind, text)| {
            let place = KINDS.iter().position(|(other, _)| other == kind).unwrap_or_default();
            json!([place, text])
        });
        let points = seen.points.iter().map(|((task, call), count)| json!([task, call, count]));
        json!({
            "struck": seen.has_struck, "whole": seen.is_whole, "micros": seen.micros, "out": seen.out, "err": seen.err,
            "violations": places.collect::<Vec<_>>(), "points": points.collect::<Vec<_>>(),
            "end": seen.end.map_or("no end".into(), |end| end.to_string()),
        })
    }

    fn read(told: &Value) -> Self {
        let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
        let list = |key: &str| told[key].as_array().cloned().unwrap_or_default();
        let number = |value: &Value| value.as_i64().unwrap_or_default();
        let violation =
            |pair: &Value| (KINDS[number(&pair[0]) as usize].0, pair[1].as_str().unwrap_or_default().to_owned());
        let point = |point: &Value| ((number(&point[0]) as usize, number(&point[1])), number(&point[2]) as usize);
        Self {
            has_struck: told["struck"] == true,
            violations: list("violations").iter().map(violation).collect(),
            end: text("end"),
            out: text("out"),
            err: text("err"),
            micros: number(&told["micros"]) as u64,
            points: list("points").iter().map(point).collect(),
        }
    }
}

/// The world's side: makes it, and answers until the line ends.
pub fn serve(elf: &Path) -> ! {
    let cgroup = world::cgroup_path(&format!("storm-{}", std::process::id()));
    if let Err(reason) = world::leave_machine() {
        println!("{}", json!({ "skip": reason }));
        kernel::leave(0);
    }
    let first = kernel::spawn(|| {
        let _ = kernel::die_with_parent();
        be_process_1(elf, cgroup.clone())
    });
    let end = first.map(kernel::wait_for);
    if let Err(error) = end {
        println!("{}", json!({ "skip": format!("process 1: {error}") }));
    }
    if let Some(path) = cgroup {
        let _ = std::fs::remove_dir(path); // only some worlds have one
    }
    kernel::leave(0)
}

fn be_process_1(elf: &Path, cgroup: Option<String>) -> i32 {
    let world = match World::build(elf, cgroup) {
        Ok(world) => world,
        Err(reason) => {
            println!("{}", json!({ "skip": reason }));
            return 0;
        }
    };
    println!("{}", json!({ "cgroup": world.cgroup.is_some() }));
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let request: Value = serde_json::from_str(&line).unwrap_or_default();
        let words = request["words"].as_array().into_iter().flatten();
        let words: Vec<String> = words.filter_map(|word| word.as_str().map(Into::into)).collect();
        let case = Case::read(&words).expect("the storm's own words");
        let plain = Plain { out: request["plain"].as_str().unwrap_or_default().into() };
        let seen = run::run(&world, &case);
        println!("{}", Answer::write(&case, &seen, &plain));
        if !seen.is_whole {
            return 0;
        }
    }
    0
}
