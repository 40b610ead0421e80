//! Who a task is: getpid(2), getuid(2) and their like, setresuid(2), setuid(2), setgid(2), setgroups(2).
//!
//! The kernel never refuses the first six; a filter or a tracer may, so they answer like all others.

use super::{Answer, Errno};
use sc::syscall;

/// getppid(2): the thread group of the parent; 0 when that is outside of the pid namespace.
pub fn getppid() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(GETPPID) })
}

/// getpid(2): the thread group.
pub fn getpid() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(GETPID) })
}

/// gettid(2): the task itself.
pub fn gettid() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(GETTID) })
}

/// getuid(2): the real user id; 65534 when it has no name in the user namespace.
pub fn getuid() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(GETUID) })
}

/// getgid(2): the real group id; 65534 when it has no name in the user namespace.
pub fn getgid() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(GETGID) })
}

/// geteuid(2): the effective user id, the one that a map of one line must name (user_namespaces(7)).
pub fn geteuid() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(GETEUID) })
}

/// getegid(2): the effective group id.
pub fn getegid() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(GETEGID) })
}

/// setresuid(uid, -1, -1) with the real user id that the task already has: changes nothing, and EINVAL says that the
/// id has no name in the task's user namespace, as in a new one before its map is written.
pub fn keep_uid(uid: usize) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(SETRESUID, uid, -1isize, -1isize) })
}

/// setuid(2).
pub fn setuid(uid: usize) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(SETUID, uid) })
}

/// setgid(2).
pub fn setgid(gid: usize) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(SETGID, gid) })
}

/// setgroups(2) with an empty list.
pub fn no_groups() -> Answer {
    // SAFETY: no memory is passed: of an empty list nothing is read.
    Answer(unsafe { syscall!(SETGROUPS, 0, 0) })
}

/// getpgrp(2): the process group.
pub fn getpgrp() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(GETPGRP) })
}

/// The proof that the caller's user namespace is new: its id has no name there yet. EIO: it has one.
pub fn prove_new() -> Answer {
    match getuid().and_then(keep_uid).split() {
        Err(Errno::EINVAL) => Answer(0),
        named => Answer::error(named.err().unwrap_or(Errno::EIO)),
    }
}

/// Whether the caller's id has no name in its user namespace, see [`keep_uid`].
pub fn is_unmapped() -> bool {
    getuid().and_then(keep_uid).is(Errno::EINVAL)
}
