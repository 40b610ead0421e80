//! What is done to a process between fork and exec: limits, signals, namespaces.
//!
//! One place for the unsafe block, and one rule for whoever passes a function to it.

use nix::libc;
use nix::sys::resource::{Resource, setrlimit};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::LazyLock;

/// Whatever was ignored when these tests began is not in the new process; std sees to SIGPIPE and to the mask.
pub fn with_default_signals(command: Command) -> Command {
    static IGNORED: LazyLock<Vec<libc::c_int>> = LazyLock::new(|| {
        let is_ignored = |signal: &libc::c_int| {
            // SAFETY: zeroes are a valid struct.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            // SAFETY: nothing is set; the kernel's answer goes into the struct.
            let answer = unsafe { libc::sigaction(*signal, std::ptr::null(), &raw mut action) };
            answer == 0 && action.sa_sigaction == libc::SIG_IGN && *signal != libc::SIGPIPE
        };
        (1..=64).filter(is_ignored).collect()
    });
    if IGNORED.is_empty() {
        return command;
    }
    exec(command, || {
        // SAFETY: SIG_DFL runs no code.
        IGNORED.iter().for_each(|signal| _ = unsafe { libc::signal(*signal, libc::SIG_DFL) });
        Ok(())
    })
}

/// Does `prepare` in the new process, after the change of user. It may make system calls and nothing else: no memory
/// is to be asked for between the fork and the exec of a process with threads.
pub fn exec(mut command: Command, mut prepare: impl FnMut() -> nix::Result<()> + Send + Sync + 'static) -> Command {
    // SAFETY: system calls alone, as asked for above; all functions here and in the tests keep to it.
    unsafe { command.pre_exec(move || Ok(prepare()?)) };
    command
}

/// Starts it with both limits of `resource` at `limit`.
pub fn limited(command: Command, resource: Resource, limit: u64) -> Command {
    exec(command, move || setrlimit(resource, limit, limit))
}

/// Starts it without these descriptors.
pub fn without(command: Command, descriptors: &'static [i32]) -> Command {
    exec(command, move || {
        // SAFETY: between fork and exec nobody uses them any more.
        descriptors.iter().for_each(|fd| _ = unsafe { libc::close(*fd) });
        Ok(())
    })
}
