//! The program: looking for it, becoming it, and ending as it has ended.

use crate::host::path;
use crate::sys::wait::{Change, Status};
use crate::sys::{Errno, control, exec, ids, process, signal};
use crate::text::read::parts;
use core::ffi::CStr;

/// The status of a failure of our own, as of env(1) and its like.
pub const OURS: i32 = 125;
/// The status where the program was found and could not be executed.
pub const NOT_EXECUTABLE: i32 = 126;
/// The status where the program was not found.
pub const NOT_FOUND: i32 = 127;

/// Where to look without a PATH.
const USUAL: &[u8] = b"/bin:/usr/bin";

/// The status where a program was not executed.
pub fn status_of(errno: Errno) -> i32 {
    if is_not_found(errno) { NOT_FOUND } else { NOT_EXECUTABLE }
}

fn is_not_found(errno: Errno) -> bool {
    matches!(errno, Errno::ENOENT | Errno::ENOTDIR)
}

/// Executes the program that was remembered; comes back with the errno that says most.
pub fn execute() -> Errno {
    exec::name().map_or(Errno::ENOENT, |name| search(name, &exec::execute))
}

/// The same; if no program was remembered, the user's shell.
pub fn execute_or_shell() -> Errno {
    if exec::name().is_some() { execute() } else { execute_shell() }
}

/// Executes the user's shell, $SHELL or /bin/sh.
fn execute_shell() -> Errno {
    let shell = exec::variable(b"SHELL=").filter(|shell| !shell.is_empty()).unwrap_or(b"/bin/sh");
    at(&[shell], &|shell| exec::execute_with(shell, &[shell]))
}

/// Executes a program by its path, or looks for it in PATH; comes back with the errno that says most.
pub fn search(name: &[u8], execute: &dyn Fn(&CStr) -> Errno) -> Errno {
    if name.is_empty() {
        return Errno::ENOENT;
    }
    if name.contains(&b'/') {
        return at(&[name], execute);
    }
    let mut most = Errno::ENOENT;
    for folder in parts(exec::variable(b"PATH=").unwrap_or(USUAL), b":") {
        let slash: &[u8] = if folder.is_empty() { b"./" } else { b"/" };
        let errno = at(&[folder, slash, name], execute);
        // Found and not executable says more than not found.
        if !is_not_found(errno) {
            most = errno;
        }
    }
    most
}

/// Executes the file at the path of these parts.
fn at(parts: &[&[u8]], execute: &dyn Fn(&CStr) -> Errno) -> Errno {
    match path::with(parts, |path| Ok(execute(path))) {
        Ok(errno) | Err(errno) => errno,
    }
}

/// Ends as a program has ended: with its exit status, which is answered, or by its signal.
pub fn end(status: Status) -> i32 {
    let killer = match status.change() {
        Change::Killed(signal) => signal,
        Change::Exited(status) => return status,
        Change::Stopped(_) | Change::Continued => return OURS, // no end
    };
    // If the program has left a core, that is the one to look at.
    let _ = control::not_dumpable();
    let _ = signal::dispose(killer, signal::Disposition::DEFAULT);
    // All others stay blocked: one of them may be pending.
    let _ = signal::block(!killer.set());
    if let Ok(own) = ids::getpid() {
        let _ = process::kill(own, killer);
    }
    // Process 1 of a PID namespace does not die of it.
    128 + killer.number() as i32
}
