//! The ids of a task: getpid(2), getuid(2) and their like, setsid(2), setresuid(2), setuid(2), setgid(2), setgroups(2).
//!
//! The kernel never refuses the getters, but a seccomp filter or a tracer may, so they return a [`Result`] like all
//! other calls.

use super::{Errno, Pid, Result, answer, done};

/// getppid(2): the thread group of the parent; 0 if the parent is outside the PID namespace.
pub fn getppid() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(GETPPID) })
}

/// getpid(2): the caller's thread group.
pub fn getpid() -> Result<Pid> {
    // SAFETY: no memory is passed.
    Pid::answered(unsafe { syscall!(GETPID) })
}

/// gettid(2): the caller's own id.
pub fn gettid() -> Result<Pid> {
    // SAFETY: no memory is passed.
    Pid::answered(unsafe { syscall!(GETTID) })
}

/// getuid(2): the real user id; the overflow id, usually 65534, if the id is not mapped in the caller's user namespace.
pub fn getuid() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(GETUID) })
}

/// getgid(2): the real group id; the overflow id, usually 65534, if the id is not mapped in the caller's user
/// namespace.
pub fn getgid() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(GETGID) })
}

/// geteuid(2): the effective user id, which is the id that an unprivileged process may map (user_namespaces(7)).
pub fn geteuid() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(GETEUID) })
}

/// getegid(2): the effective group id.
pub fn getegid() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(GETEGID) })
}

/// setresuid(uid, -1, -1) with the task's current real user id. Changes nothing; EINVAL means that the id is not mapped
/// in the task's user namespace, as in a new one before its uid_map is written.
pub fn keep_uid(uid: usize) -> Result<()> {
    set_real_uid(uid)
}

/// setresuid(uid, -1, -1): changes the real user id alone.
pub fn set_real_uid(uid: usize) -> Result<()> {
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
    // SAFETY: no memory is passed: an empty list is not read.
    done(unsafe { syscall!(SETGROUPS, 0, 0) })
}

/// getpgrp(2): the process group.
pub fn getpgrp() -> Result<Pid> {
    // SAFETY: no memory is passed.
    Pid::answered(unsafe { syscall!(GETPGRP) })
}

/// setsid(2): a new session and a new process group, without a terminal.
pub fn new_session() -> Result<()> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(SETSID) }).map(|_| ())
}

/// Proves that the caller's user namespace is new: the caller's id is not mapped in it yet. EIO: the id is mapped.
pub fn prove_new() -> Result<()> {
    match getuid().and_then(keep_uid) {
        Err(Errno::EINVAL) => Ok(()),
        Err(errno) => Err(errno),
        Ok(()) => Err(Errno::EIO),
    }
}

/// Whether the caller's id is not mapped in its user namespace, see [`keep_uid`].
pub fn is_unmapped() -> bool {
    prove_new().is_ok()
}
