//! What a program inherits from who starts it: signals, limits, names; set to what nobody has by chance, and read again.

use super::{Run, before, folder, run};
use nix::errno::Errno;
use nix::libc;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::stat::{Mode, umask};
use std::process::Command;

/// A program that shows what it has inherited; no shell, which would set some of it anew. The first file is in the
/// directory in which it is started.
pub const PROGRAM: [&str; 11] = [
    "cat",
    "here",
    "/proc/self/status",
    "/proc/self/limits",
    "/proc/self/timerslack_ns",
    "/proc/self/oom_score_adj",
    "/proc/self/coredump_filter",
    "/proc/self/personality",
    "/proc/self/comm",
    "/proc/self/environ",
    "/proc/self/stat",
];

/// Sets in the new process what a caller can set for a program that it starts.
fn set_up(command: Command) -> Command {
    before::exec(command, || {
        for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGPIPE, libc::SIGXFSZ, libc::SIGCHLD, 50] {
            // SAFETY: SIG_IGN runs no code.
            unsafe { libc::signal(signal, libc::SIG_IGN) };
        }
        let mut set = SigSet::empty();
        [Signal::SIGUSR2, Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGTSTP].into_iter().for_each(|one| set.add(one));
        set.thread_set_mask()?;
        for (resource, limit) in [
            (Resource::RLIMIT_CORE, 12345),
            (Resource::RLIMIT_NOFILE, 100),
            (Resource::RLIMIT_STACK, 1 << 20),
            (Resource::RLIMIT_MEMLOCK, 4096),
        ] {
            setrlimit(resource, limit, limit)?;
        }
        umask(Mode::from_bits_truncate(0o027));
        // SAFETY: no memory is passed, as in the next two.
        Errno::result(unsafe { libc::nice(5) })?;
        // SAFETY: as above.
        Errno::result(unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 123_456) })?;
        // SAFETY: as above.
        Errno::result(unsafe { libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong) })?;
        Ok(())
    })
}

/// Starts a command that executes [`PROGRAM`] where all of this is set; answers what that shows.
#[track_caller]
pub fn by(command: Command) -> Vec<String> {
    let directory = folder().join("a folder\nof two lines");
    std::fs::create_dir_all(&directory).expect("a folder");
    std::fs::write(directory.join("here"), "here\n").expect("a file");
    let mut command = set_up(command);
    command.current_dir(&directory);
    let run = run(command).nothing_left();
    assert_eq!(run.status, Some(0), "{run:#?}");
    let seen = seen(&run);
    assert!(seen.len() > 30 && seen.contains(&"SigBlk:\t0000000000094800".to_owned()), "{seen:#?}");
    seen
}

/// The lines about what is inherited.
fn seen(run: &Run) -> Vec<String> {
    let kept = ["Umask", "SigBlk", "SigIgn", "SigCgt", "NoNewPrivs", "Seccomp", "Cpus_", "Mems_", "THP"];
    let mut seen = Vec::new();
    for line in run.out.lines() {
        let is_status = line.split('\t').next().is_some_and(|name| name.ends_with(':'));
        if let Some((_, stat)) = line.rsplit_once(") ") {
            // Nice, exit signal, priority for real time, policy; see proc_pid_stat(5).
            let fields: Vec<&str> = stat.split(' ').collect();
            seen.push([19, 38, 40, 41].map(|field| fields[field - 3]).join(" "));
        } else if !is_status || kept.iter().any(|name| line.starts_with(name)) {
            seen.push(line.to_owned());
        }
    }
    seen
}
