//! The storm: every system call of the program fails, and every task of it is killed, at every moment that matters.
//!
//! Nothing about the program's calls is written down here. A traced run of each command line
//! says which calls each task makes; then each case lets one of them go wrong, in a world whose every mount, object and
//! process is known, and what may follow is one list of rules (`judge`). `storm --quick`, the default, runs a share;
//! `storm --full` runs everything, or with `--part 2/8` the second of every eight cases; `storm --only LINE ..` runs one
//! case and shows all that it says.

mod case;
mod causes;
mod commands;
mod crowd;
mod errnos;
mod filter;
mod judge;
mod kernel;
mod look;
mod options;
#[path = "../common/part.rs"]
#[allow(dead_code, reason = "every test file uses its own part")]
mod part;
mod plan;
mod pool;
mod probe;
mod report;
mod run;
#[path = "../common/schema.rs"]
#[allow(dead_code, reason = "every test file uses its own part")]
mod schema;
mod start;
mod trace;
mod world;

use case::{Case, Fault, Place};
use judge::KINDS;
use options::Options;
use pool::{Answer, Worker};
use report::Report;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

fn main() {
    kernel::act_by_default(nix::libc::SIGCHLD); // a process that ignores it cannot wait
    kernel::close_at_exec(); // what this process was given is not for the program under test
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some("--probe") => probe::main(&words[1..]),
        Some("--world") => pool::serve(Path::new(&words[1])),
        Some("--only") => std::process::exit(only(&words)),
        _ => std::process::exit(storm(&words)),
    }
}

/// The program under test.
fn elf() -> PathBuf {
    std::env::var_os("CHIMERA").map_or_else(|| env!("CARGO_BIN_EXE_chimera").into(), PathBuf::from)
}

/// Runs one case, as often as `--times` says, and shows all of it.
fn only(words: &[String]) -> i32 {
    let value = |key: &str| words.iter().position(|word| word == key).and_then(|at| words.get(at + 1)?.parse().ok());
    let case = match Case::read(words) {
        Ok(case) => case,
        Err(reason) => return complain(&reason),
    };
    let mut worker = match Worker::start(&elf()) {
        Ok(worker) => worker,
        Err(reason) => return complain(&reason),
    };
    let plain = worker.run(&Case { fault: Fault::Watched, place: Place::World, ..case }, "").unwrap_or_default();
    let (times, mut found) = (value("--times").unwrap_or(1), 0);
    for _ in 0..times {
        match worker.run(&case, &plain.out) {
            Ok(answer) => {
                found += answer.violations.len();
                show(&answer, case.fault == Fault::Watched);
            }
            Err(reason) => return complain(&reason),
        }
    }
    println!("storm: {times} cases, {found} violations");
    i32::from(found > 0)
}

fn complain(reason: &str) -> i32 {
    eprintln!("storm: {reason}");
    2
}

fn show(answer: &Answer, with_points: bool) {
    println!("--- fd 1\n{}--- fd 2\n{}--- {}, after {} us", answer.out, answer.err, answer.end, answer.micros);
    println!("{}", if answer.has_struck { "struck" } else { "not reached" });
    for ((task, call), count) in answer.points.iter().filter(|_| with_points) {
        println!("task {task}: {} {count} times", errnos::name(*call));
    }
    for (kind, text) in &answer.violations {
        let name = KINDS.iter().find(|(other, _)| other == kind).map_or("", |(_, name)| name);
        println!("{name}: {text}");
    }
}

/// A storm, and the status for it.
fn storm(words: &[String]) -> i32 {
    let options = match Options::read(words) {
        Ok(options) => options,
        Err(reason) => return complain(&reason),
    };
    if options.list {
        println!("storm: test");
        return 0;
    }
    if options.is_filtered_out {
        return conclude("ok. 0 passed; 0 failed; 0 ignored", 1, 0.0);
    }
    let begin = Instant::now();
    println!("storm: seed {}, {}", options.seed, elf().display());
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let workers: Result<Vec<Worker>, String> = (0..2 * processors).map(|_| Worker::start(&elf())).collect();
    match workers {
        Ok(workers) => blow(workers, &options, begin),
        Err(reason) => {
            tell_skip(&reason);
            conclude("ok. 0 passed; 0 failed; 1 ignored", 0, 0.0);
            println!("storm: 0 cases, 0 violations");
            0
        }
    }
}

/// Runs all cases in these worlds.
fn blow(mut workers: Vec<Worker>, options: &Options, begin: Instant) -> i32 {
    let mut report = Report::default();
    let known = look::look(&mut workers, &mut report, options.size);
    let plain = |case: &Case| known.iter().find(|known| known.command == case.command).map_or("", |known| &known.out);
    let cases = known.iter().flat_map(|known| plan::cases(known, options.size, options.seed)).collect();
    let (one, of) = options.part;
    let cases = crowd::mixed(cases).into_iter().skip(one - 1).step_by(of).collect();
    crowd::run_all(&mut workers, cases, plain, &mut |case, answer| report.add(case, &answer));
    drop(workers);
    report.print(options.counts);
    let (violations, time) = (report.violations(), begin.elapsed().as_secs_f64());
    conclude(
        if violations == 0 { "ok. 1 passed; 0 failed; 0 ignored" } else { "FAILED. 0 passed; 1 failed; 0 ignored" },
        0,
        time,
    );
    println!("storm: {} cases, {violations} violations", report.cases());
    i32::from(violations > 0)
}

/// The line by which runners of tests count.
fn conclude(result: &str, filtered_out: usize, time: f64) -> i32 {
    println!("test result: {result}; 0 measured; {filtered_out} filtered out; finished in {time:.2}s");
    0
}

/// Says what cannot be tested here.
fn tell_skip(reason: &str) {
    println!("SKIP: {reason}");
    if let Some(path) = std::env::var_os("CHIMERA_SKIPS") {
        let file = std::fs::File::options().append(true).create(true).open(path);
        let _ = file.and_then(|mut file| writeln!(file, "storm: {reason}")); // the reason was printed
    }
}
