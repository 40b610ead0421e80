//! The program: finding it, becoming it, and ending as it ended.

use crate::host::path;
use crate::sys::wait::{Change, Status};
use crate::sys::{Errno, control, exec, file, ids, process, signal};
use core::ffi::CStr;

/// The exit status for a failure of this program, as with env(1) and similar programs.
pub const OURS: i32 = 125;
/// The exit status if the program was found but not executed.
pub const NOT_EXECUTABLE: i32 = 126;
/// The exit status if the program was not found.
pub const NOT_FOUND: i32 = 127;

/// The exit status for a failed execve(2).
pub fn status_of(errno: Errno) -> i32 {
    if is_not_found(errno) { NOT_FOUND } else { NOT_EXECUTABLE }
}

fn is_not_found(errno: Errno) -> bool {
    matches!(errno, Errno::ENOENT | Errno::ENOTDIR)
}

/// Executes the remembered program; returns only on failure, with the most informative errno.
pub fn execute() -> Errno {
    exec::name().map_or(Errno::ENOENT, |name| search(name, &execute_file))
}

/// Executes the file at a path with the remembered arguments: by itself, or by the shell if it is a script that does not
/// say by which program. An ELF is none: the shell would read it as commands.
fn execute_file(path: &CStr) -> Errno {
    let errno = exec::execute(path);
    if errno == Errno::ENOEXEC && !is_elf(path) {
        // If the shell is refused too, the file's own refusal is the one to report.
        let _ = exec::execute_as_script(path);
    }
    errno
}

/// Whether a file begins as an ELF does, elf(5): one for another machine, or a damaged one. No if it cannot be read.
fn is_elf(path: &CStr) -> bool {
    const MAGIC: &[u8; 4] = b"\x7fELF";
    let mut start = [0; MAGIC.len()];
    let read = file::open(path, file::O_RDONLY).and_then(|file| file::read(file.raw(), &mut start));
    read.is_ok() && start == *MAGIC
}

/// Executes the remembered program, or the user's shell if there is none.
pub fn execute_or_shell() -> Errno {
    if exec::name().is_some() { execute() } else { execute_shell() }
}

/// The name of the remembered program; without one that of the user's shell.
pub fn name_or_shell() -> &'static [u8] {
    exec::name().unwrap_or_else(shell)
}

/// The user's shell: $SHELL or /bin/sh.
fn shell() -> &'static [u8] {
    exec::variable(b"SHELL=").filter(|shell| !shell.is_empty()).unwrap_or(b"/bin/sh")
}

/// Executes the user's shell.
fn execute_shell() -> Errno {
    let shell = shell();
    execute_at(&[shell], &|shell| exec::execute_with(shell, &[shell]))
}

/// Executes a program by its path, or searches PATH for it; returns only on failure, with the most informative errno.
pub fn search(name: &[u8], execute: &dyn Fn(&CStr) -> Errno) -> Errno {
    if name.is_empty() {
        return Errno::ENOENT;
    }
    if name.contains(&b'/') {
        return execute_at(&[name], execute);
    }
    let mut most = Errno::ENOENT;
    let found = path::find(name, &mut |path| {
        let errno = execute(path);
        // "Found but not executable" is more informative than "not found".
        if !is_not_found(errno) {
            most = errno;
        }
        false
    });
    if is_not_found(most) { found.err().unwrap_or(most) } else { most }
}

/// Executes the file at the path made of these parts.
fn execute_at(parts: &[&[u8]], execute: &dyn Fn(&CStr) -> Errno) -> Errno {
    match path::with(parts, |path| Ok(execute(path))) {
        Ok(errno) | Err(errno) => errno,
    }
}

/// Ends as the program ended: returns its exit status, or dies of its signal.
pub fn end(status: Status) -> i32 {
    let killer = match status.change() {
        Change::Killed(signal) => signal,
        Change::Exited(status) => return status,
        Change::Stopped(_) | Change::Continued => return OURS, // not an end
    };
    // If the program left a core dump, that one matters.
    let _ = control::not_dumpable();
    let _ = signal::dispose(killer, signal::Disposition::DEFAULT);
    // All other signals stay blocked, because one of them may be pending.
    let _ = signal::block(!killer.set());
    if let Ok(own) = ids::getpid() {
        let _ = process::kill(own, killer);
    }
    // Process 1 of a PID namespace survives its own signal.
    128 + killer.number() as i32
}
