//! The ids of a task: getpid(2), getuid(2) and their like, setresuid(2), setuid(2), setgid(2), setgroups(2).
//!
//! The kernel never refuses the getters; a seccomp filter or a tracer may, so they answer like all other calls.

use super::{Errno, Pid, Result, answer, done};
use sc::syscall;

/// getppid(2): the thread group of the parent; 0 when that is outside of the PID namespace.
pub fn getppid() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(GETPPID) })
}

/// getpid(2): the thread group.
pub fn getpid() -> Result<Pid> {
    // SAFETY: no memory is passed.
    Pid::answered(unsafe { syscall!(GETPID) })
}

/// gettid(2): the task itself.
pub fn gettid() -> Result<Pid> {
    // SAFETY: no memory is passed.
    Pid::answered(unsafe { syscall!(GETTID) })
}

/// getuid(2): the real user id; 65534 when it has no name in the user namespace.
pub fn getuid() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(GETUID) })
}

/// getgid(2): the real group id; 65534 when it has no name in the user namespace.
pub fn getgid() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(GETGID) })
}

/// geteuid(2): the effective user id, the one that a map of one line must name (user_namespaces(7)).
pub fn geteuid() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(GETEUID) })
}

/// getegid(2): the effective group id.
pub fn getegid() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(GETEGID) })
}

/// setresuid(uid, -1, -1) with the real user id that the task already has: changes nothing, and EINVAL says that the
/// id has no name in the task's user namespace, as in a new one before its map is written.
pub fn keep_uid(uid: usize) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(SETRESUID, uid, -1isize, -1isize) })
}

/// setuid(2).
pub fn setuid(uid: usize) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(SETUID, uid) })
}

/// setgid(2).
pub fn setgid(gid: usize) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(SETGID, gid) })
}

/// setgroups(2) with an empty list.
pub fn no_groups() -> Result<()> {
    // SAFETY: no memory is passed: of an empty list nothing is read.
    done(unsafe { syscall!(SETGROUPS, 0, 0) })
}

/// getpgrp(2): the process group.
pub fn getpgrp() -> Result<Pid> {
    // SAFETY: no memory is passed.
    Pid::answered(unsafe { syscall!(GETPGRP) })
}

/// The proof that the caller's user namespace is new: its id has no name there yet. EIO: it has one.
pub fn prove_new() -> Result<()> {
    match getuid().and_then(keep_uid) {
        Err(Errno::EINVAL) => Ok(()),
        Err(errno) => Err(errno),
        Ok(()) => Err(Errno::EIO),
    }
}

/// Whether the caller's id has no name in its user namespace, see [`keep_uid`].
pub fn is_unmapped() -> bool {
    prove_new().is_ok()
}
