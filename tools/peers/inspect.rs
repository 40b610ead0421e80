//! `chimera inspect` beside a loop in C that reads the same files and makes the same calls, among many tasks; and
//! beside a comparison of all pairs, which must find the same.

use crate::Built;
use chimera::bench::{percentile, sort};
use nix::libc;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// How often each has its turn.
const ROUNDS: usize = 7;

/// Many tasks, which end with this.
struct Crowd {
    maker: Child,
    id: String,
}

impl Crowd {
    /// Makes so many processes of so many threads each; none if that cannot be here.
    fn new(scan: &str, processes: usize, threads: &str) -> Option<Self> {
        let words = ["crowd", &processes.to_string(), threads];
        let mut maker = Command::new(scan).args(words).stdout(Stdio::piped()).spawn().ok()?;
        let mut id = String::new();
        BufReader::new(maker.stdout.take()?).read_line(&mut id).ok()?;
        let crowd = Self { maker, id: id.trim().to_owned() };
        (!crowd.id.is_empty()).then_some(crowd)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        // Its children end with it.
        let _ = self.maker.kill();
        let _ = self.maker.wait();
    }
}

/// The processor time of a program in microseconds, and its largest memory in KiB; the output is thrown away.
fn cost(words: &[&str]) -> Result<[u32; 2], String> {
    let child = Command::new(words[0]).args(&words[1..]).stdout(Stdio::null()).spawn();
    let child = child.map_err(|error| error.to_string())?;
    // SAFETY: all zeroes are a valid struct.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let mut status = 0;
    // SAFETY: the kernel writes an int and a struct. The child is waited for nowhere else.
    let waited = unsafe { libc::wait4(child.id() as i32, &raw mut status, 0, &raw mut usage) };
    if waited < 0 || status != 0 {
        return Err(format!("{words:?} ended with {status:#x}"));
    }
    let micros = |time: libc::timeval| time.tv_sec * 1_000_000 + time.tv_usec;
    Ok([(micros(usage.ru_utime) + micros(usage.ru_stime)) as u32, usage.ru_maxrss as u32])
}

/// The medians of a contestant.
fn medians(samples: &[[u32; 2]]) -> [f64; 2] {
    [0, 1].map(|place| {
        let mut column: Vec<u32> = samples.iter().map(|sample| sample[place]).collect();
        sort(&mut column);
        percentile(&column, 50) as f64
    })
}

/// The tables; what cannot be made here is skipped with its reason.
pub fn tables(built: &mut Built, elf: &str) -> Result<String, String> {
    let Some(scan) = built.program("scan", "cc", &["-O2"], "c", include_str!("scan.c")) else {
        return Ok(String::new());
    };
    let mut text =
        "| `chimera inspect --all` | processor time, ms | against the loop in C | largest memory, KiB |\n".to_owned();
    text += "|---|---:|---:|---:|\n";
    for (processes, threads) in [(1000, 10), (10_000, 1)] {
        eprintln!("inspect: {processes} processes of {threads} threads");
        let Some(_crowd) = Crowd::new(&scan, processes, &threads.to_string()) else {
            built.skipped.push(format!("inspect: {processes} processes cannot be made here"));
            continue;
        };
        let mut samples = [const { Vec::new() }; 2];
        for _ in 0..ROUNDS {
            for (samples, words) in samples.iter_mut().zip([[elf, "inspect", "--all"].as_slice(), &[&scan]]) {
                samples.push(cost(words)?);
            }
        }
        let [[own, memory], [theirs, _]] = samples.map(|samples| medians(&samples));
        let ratio = own / theirs;
        let own = own / 1000.0;
        let _ = writeln!(text, "| {processes} processes of {threads} threads | {own:.0} | {ratio:.2} | {memory:.0} |");
    }
    let crowd = Crowd::new(&scan, 1000, "mixed").ok_or("1000 processes cannot be made here")?;
    let same = agree(elf, &scan, &crowd.id)?;
    let _ = writeln!(
        text,
        "\nOf 1,000 processes that share all kinds of things, all pairs say the same: {same} objects.\n"
    );
    Ok(text)
}

/// The output of a program.
fn output(program: &str, words: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(words).output().map_err(|error| error.to_string())?;
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// Holds what `inspect` says of the children of a crowd against the comparison of all pairs; answers the number of
/// objects that were compared.
fn agree(elf: &str, scan: &str, crowd: &str) -> Result<usize, String> {
    eprintln!("inspect: all pairs");
    let pairs = output(scan, &["pairs", crowd])?;
    let told = output(elf, &["inspect", "--tree", crowd, "--json"])?;
    let mut compared = 0;
    for line in pairs.lines() {
        let mut words = line.split(' ');
        let tid = words.next().unwrap_or_default();
        let of_task = format!("{{\"v\":1,\"task\":{tid},");
        let task = told.lines().find(|told| told.starts_with(&of_task)).ok_or(format!("{tid} is not told"))?;
        for (key, lowest) in ["memory", "files", "fs", "sighand", "sysvsem", "io"].into_iter().zip(words) {
            let value = task.split(&format!("\"{key}\":")).nth(1).unwrap_or_default();
            let value = value.split([',', '}']).next().unwrap_or_default().trim_matches('"');
            let is_same = value == lowest || value == "null" && lowest == "0";
            if !is_same {
                return Err(format!("{key} of {tid}: inspect says {value}, all pairs {lowest}"));
            }
            compared += 1;
        }
    }
    Ok(compared)
}
