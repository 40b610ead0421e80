//! What is done to a process between fork and exec: limits, signals, namespaces.
//!
//! The decision behind it: one place for the unsafe block, and one rule for whoever passes a function to it.

use nix::libc;
use nix::sys::resource::{Resource, setrlimit};
use std::os::unix::process::CommandExt;
use std::process::Command;

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
