//! The program: looking for it, becoming it, and ending as it has ended.

use crate::scan::parts;
use crate::sys::{Answer, Errno, control, exec, file, ids, process, signal};
use core::ffi::CStr;

/// The statuses that are no program's: our own failure, found and not executable, not found.
pub const OURS: i32 = 125;
/// See [`OURS`].
pub const NOT_EXECUTABLE: i32 = 126;
/// See [`OURS`].
pub const NOT_FOUND: i32 = 127;

/// Where to look without a PATH.
const USUAL: &[u8] = b"/bin:/usr/bin";

/// The status of a program that was not executed.
pub fn status_of(refusal: Answer) -> i32 {
    if is_not_found(refusal) { NOT_FOUND } else { NOT_EXECUTABLE }
}

fn is_not_found(refusal: Answer) -> bool {
    refusal.is(Errno::ENOENT) || refusal.is(Errno::ENOTDIR)
}

/// Executes the words that were remembered; comes back with the refusal that says most.
pub fn execute() -> Answer {
    exec::name().map_or(Answer::error(Errno::ENOENT), |name| search(name, &mut exec::execute))
}

/// Executes the user's shell, $SHELL or /bin/sh.
pub fn execute_shell() -> Answer {
    let shell = exec::variable(b"SHELL=").filter(|shell| !shell.is_empty()).unwrap_or(b"/bin/sh");
    file::at(&[shell], &mut |shell| exec::execute_with(shell, &[shell]))
}

/// Executes a program by its path, or looks for it in PATH.
pub fn search(name: &[u8], execute: &mut dyn FnMut(&CStr) -> Answer) -> Answer {
    if name.is_empty() {
        return Answer::error(Errno::ENOENT);
    }
    if parts(name, b"/").count() > 1 {
        return file::at(&[name], execute);
    }
    let mut answer = Answer::error(Errno::ENOENT);
    for folder in parts(exec::variable(b"PATH=").unwrap_or(USUAL), b":") {
        let slash: &[u8] = if folder.is_empty() { b"./" } else { b"/" };
        let refusal = file::at(&[folder, slash, name], execute);
        // Found and not executable says more than not found.
        if !is_not_found(refusal) {
            answer = refusal;
        }
    }
    answer
}

/// Ends as a program has ended: with its status, or by its signal.
pub fn end(status: usize) -> i32 {
    let signal = status & 0x7f;
    if signal == 0 {
        return (status >> 8) as i32;
    }
    // If the program has left a core, that is the one to look at.
    let _ = control::not_dumpable();
    let _ = signal::dispose(signal as u32, signal::DEFAULT);
    // All others stay blocked: one of them may be pending.
    let _ = signal::block(!signal::set(signal as u32));
    if let Some(own) = ids::getpid().pid() {
        let _ = process::kill(own, signal as u32);
    }
    // Process 1 of a PID namespace does not die of it.
    128 + signal as i32
}
