//! The laboratory and the modes, again and again in one process: nothing of one run is left for the next.
//!
//! The runs are those of a child with one thread, which has no children but its own. After some runs, by which all
//! memory is there that is kept for good, what the child holds is written down, and must be the same at the end.

use crate::common::deadline;
use chimera::board::Board;
use chimera::board::record::Experiment;
use chimera::cli::call::parse;
use chimera::cli::clone;
use chimera::cli::options::Program;
use chimera::clone::call::{Api, Call};
use chimera::clone::flags::{Flags, PTHREAD, THREAD};
use chimera::error::Failure;
use chimera::experiment::findings::Outcome;
use chimera::experiment::{laboratory, trial};
use chimera::host::proc::Own;
use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::unistd::{ForkResult, Pid, fork, setpgid};
use std::fmt::Write as _;
use std::io::{Write as _, pipe};
use std::time::{Duration, Instant};

/// Far more than all runs take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// How often all of the calls are made, and how often before what is held is written down.
const ROUNDS: usize = 10;
const BEFORE: usize = 2;

/// Calls for the laboratory: refused, honoured, crashing, traced, with descriptors, siblings, threads and namespaces.
const CALLS: [&str; 20] = [
    "fork",
    "vm",
    "vm,fs,files,sighand",
    "thread",
    "pthread",
    "vfork",
    "PARENT",
    "PIDFD",
    "PIDFD --clone3",
    "CLEAR_SIGHAND --clone3",
    "PTRACE",
    "UNTRACED",
    "SYSVSEM",
    "IO",
    "vm,KILL",
    "vm --stack 64",
    "SIGHAND",
    "fs --clone3 --set-tid 0",
    "user",
    "NEWUSER,NEWPID,NEWIPC",
];

/// The tasks of the modes.
const MODES: [Call; 5] = [
    Call::usual(Api::Clone, Flags::empty()),
    Call::usual(Api::Fork, Flags::empty()),
    Call::usual(Api::Clone, Flags::VM),
    Call::usual(Api::Clone, THREAD),
    Call::usual(Api::Clone, PTHREAD),
];

/// What this process holds that a run could leave behind.
fn held() -> String {
    let mut held = String::new();
    let count = |path: &str| std::fs::read_dir(path).map_or(0, |entries| entries.count());
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    _ = writeln!(held, "{} mappings, {} descriptors", maps.lines().count(), count("/proc/self/fd"));
    // The kernel clears the word of a thread a moment before the thread is gone.
    let is_alone = || (count("/proc/self/task") == 1).then_some(());
    _ = writeln!(held, "one thread: {}", deadline::within(Instant::now() + deadline::DEADLINE, is_alone).is_some());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let keys = ["Umask:", "TracerPid:", "SigPnd:", "ShdPnd:", "SigBlk:", "SigIgn:", "SigCgt:", "NoNewPrivs:", "Uid:"];
    let lines = status.lines().filter(|line| keys.iter().any(|key| line.starts_with(key)));
    lines.for_each(|line| held.extend([line, "\n"]));
    let mut flags = [0; 2];
    for (option, flag) in [libc::PR_GET_CHILD_SUBREAPER, libc::PR_GET_PDEATHSIG].into_iter().zip(&mut flags) {
        // SAFETY: the kernel writes one int.
        unsafe { libc::prctl(option, flag as *mut i32) };
    }
    _ = writeln!(held, "subreaper and signal of the parent's end: {flags:?}");
    // SAFETY: no memory is passed.
    _ = writeln!(held, "I/O priority {}", unsafe { libc::syscall(libc::SYS_ioprio_get, 1, 0) });
    // SAFETY: no memory is passed but a null pointer; this process has one thread.
    let child = unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::__WALL | libc::WNOHANG) };
    _ = writeln!(held, "a child: {child}, {:?}", Errno::last());
    held
}

/// All calls once; answers what came of each.
fn round(board: Board<Experiment>, calls: &[Call]) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = Vec::new();
    for call in calls {
        outcomes.push(laboratory::run(call, board)?.outcome);
    }
    let own = Own::read();
    outcomes.extend(MODES.iter().map(|call| trial::run(call, board, &own).outcome));
    Ok(outcomes)
}

/// All rounds; answers what is held before and after, and what came of the calls in the first round and in the last.
fn rounds() -> Result<[(String, Vec<Outcome>); 2], Failure> {
    let calls =
        CALLS.map(|words| match parse(clone::OPTIONS, Program::BehindDashes, words.split(' ').map(str::as_bytes)) {
            Ok(asked) if asked.failure.is_none() => asked.call,
            _ => panic!("{words}"),
        });
    let board = Board::<Experiment>::new()?;
    let mut ends = [const { None }; 2];
    for number in 1..=ROUNDS {
        let outcomes = round(board, &calls)?;
        if number == BEFORE || number == ROUNDS {
            ends[usize::from(number == ROUNDS)] = Some((held(), outcomes));
        }
    }
    Ok(ends.map(Option::unwrap_or_default))
}

/// The child: tells what is different, or nothing.
fn differences() -> String {
    let usual = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: no handler. A process that ignores SIGCHLD cannot wait.
    unsafe { sigaction(Signal::SIGCHLD, &usual) }.expect("a signal");
    match rounds() {
        Ok([before, after]) if before == after => String::new(),
        Ok([before, after]) => format!("before: {}{:?}\nafter: {}{:?}\n", before.0, before.1, after.0, after.1),
        Err(failure) => format!("{failure:?}\n"),
    }
}

#[test]
fn nothing_of_one_run_is_left_for_the_next() {
    let (mut reader, mut writer) = pipe().expect("a pipe");
    // SAFETY: the child takes nothing that another thread may hold but the heap, which the C library sees to.
    let child = match unsafe { fork() }.expect("a child") {
        ForkResult::Parent { child } => child,
        ForkResult::Child => {
            let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0)); // nothing refuses it to a new process
            let _ = writer.write_all(differences().as_bytes());
            let _ = writer.write_all(b"done");
            // SAFETY: ends this process.
            unsafe { libc::_exit(0) }
        }
    };
    drop(writer);
    let mut all = Vec::new();
    let is_in_time = deadline::read_until(&mut reader, &mut all, Instant::now() + PATIENCE);
    if !is_in_time {
        let _ = nix::sys::signal::kill(child, Signal::SIGKILL);
    }
    nix::sys::wait::waitpid(child, None).expect("the child");
    assert!(is_in_time, "too late after {PATIENCE:?}");
    assert_eq!(String::from_utf8_lossy(&all), "done");
}
