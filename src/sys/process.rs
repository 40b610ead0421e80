//! Tasks: clone(2) and fork(2) without a new stack, wait4(2), waitid(2), kill(2), tgkill(2), kcmp(2), the exits.

use super::{Answer, Errno, Pid};
use core::mem::MaybeUninit;
use core::sync::atomic::AtomicU32;
use linux_raw_sys::general::{__WALL, P_ALL, P_PID, WEXITED, WNOWAIT};
pub use linux_raw_sys::general::{WCONTINUED, WNOHANG, WUNTRACED};
use sc::syscall;

/// clone(2) on the caller's own stack. Only for flags without CLONE_VM: the child continues in a copy of the caller's
/// memory and of its stack, so that both may return from here. `Ok(0)` is the child. CLONE_PARENT_SETTID stores the id in
/// `parent_tid`.
pub(crate) fn clone_copied(flags: usize, parent_tid: Option<&'static AtomicU32>) -> Answer {
    debug_assert!(flags & linux_raw_sys::general::CLONE_VM as usize == 0);
    let parent_tid = parent_tid.map_or(0, |word| word.as_ptr() as usize);
    // SAFETY: no memory is shared, so each of the two has this frame for itself; the word outlives both.
    Answer(unsafe { syscall!(CLONE, flags, 0, parent_tid, 0, 0) })
}

/// fork(2). `Ok(0)` is the child.
pub fn fork() -> Answer {
    // SAFETY: as in `clone_copied`.
    Answer(unsafe { syscall!(FORK) })
}

/// wait4(2) with __WALL: waits for the end of process `pid`, whatever its exit signal, and answers its wait status.
pub fn wait4(pid: Pid) -> Answer {
    let (answer, status) = wait_for(Waited::One(pid), 0);
    answer.and_then(|_| Answer(status))
}

/// Which children wait4(2) waits for.
#[derive(Clone, Copy)]
pub enum Waited {
    /// This one.
    One(Pid),
    /// Any: only for a process of which every child was made by this program, or handed to it as process 1 of a PID
    /// namespace.
    Any,
}

/// wait4(2) with __WALL and `options`: the id of a child that has ended or stopped (0: none yet), and its wait status.
pub fn wait_for(children: Waited, options: u32) -> (Answer, usize) {
    let which = match children {
        Waited::One(pid) => pid.number() as isize,
        Waited::Any => -1,
    };
    let mut status = 0;
    // SAFETY: the kernel writes one int, the low half of the word.
    let child = Answer(unsafe { syscall!(WAIT4, which, &raw mut status, __WALL | options, 0) });
    (child, status)
}

/// waitid(2), looking only: 1 if a child has ended and waits to be reaped, 0 if none has. ECHILD: there is no such child.
fn look(which: u32, id: usize) -> Answer {
    let mut info = MaybeUninit::<[u32; 32]>::zeroed(); // a siginfo: its first word is 0 when there is nothing to tell
    let options = WEXITED | WNOHANG | WNOWAIT | __WALL;
    // SAFETY: the kernel writes one siginfo of 128 bytes.
    let answer = Answer(unsafe { syscall!(WAITID, which, id, info.as_mut_ptr(), options, 0) });
    // SAFETY: zeroes are a valid siginfo, and so is what the kernel has written.
    answer.and_then(|_| Answer((unsafe { info.as_ptr().cast::<u32>().read() } != 0).into()))
}

/// waitid(2), looking only: 1 if `pid` has ended and waits to be reaped, 0 if it lives. ECHILD: the caller may not
/// wait for it.
pub fn has_ended(pid: Pid) -> Answer {
    look(P_PID, pid.number())
}

/// waitid(2), looking only: whether the caller has any child. A process that executes another program keeps its children,
/// so a program may begin with some. An error other than ECHILD counts as yes.
pub fn has_children() -> bool {
    !look(P_ALL, 0).is(Errno::ECHILD)
}

/// pidfd_open(2): a descriptor of process `pid`, which can be read when it has ended.
pub fn pidfd(pid: Pid) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(PIDFD_OPEN, pid.number(), 0) })
}

/// The same of the caller itself, for tasks that it makes: by it they see that it has ended.
pub fn own_pidfd() -> Answer {
    super::ids::getpid().as_pid().map_or_else(Answer::error, pidfd)
}

/// kill(2).
pub fn kill(pid: Pid, signal: u32) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(KILL, pid.number(), signal) })
}

/// kill(2) with signal 0, which is never sent: whether a process group has no process any more.
pub fn is_group_gone(group: Pid) -> bool {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(KILL, -(group.number() as isize), 0) }).is(Errno::ESRCH)
}

/// tgkill(2) with signal 0, which is never sent: whether task `tid` is in thread group `tgid` (ESRCH: it is not).
pub fn is_in_group(tgid: Pid, tid: Pid) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(TGKILL, tgid.number(), tid.number(), 0) })
}

/// Types of kcmp(2), from linux/kcmp.h.
#[allow(missing_docs, reason = "each is the object of its name")]
mod kcmp_types {
    pub const KCMP_VM: u32 = 1;
    pub const KCMP_FILES: u32 = 2;
    pub const KCMP_FS: u32 = 3;
    pub const KCMP_SIGHAND: u32 = 4;
    pub const KCMP_IO: u32 = 5;
    pub const KCMP_SYSVSEM: u32 = 6;
}
pub use kcmp_types::*;

/// kcmp(2): 0 if two tasks point to the same kernel object of type `kind` (KCMP_*), else another small number.
pub fn kcmp(a: Pid, b: Pid, kind: u32) -> Answer {
    // SAFETY: the two indexes, of KCMP_FILE alone, are unused.
    Answer(unsafe { syscall!(KCMP, a.number(), b.number(), kind, 0, 0) })
}

/// prctl(2) with PR_GET_SECCOMP: 2 under a filter. ("Strict" mode, 1, would not survive the question.)
pub fn seccomp_mode() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(PRCTL, linux_raw_sys::prctl::PR_GET_SECCOMP) })
}

/// exit_group(2): ends the thread group. It comes back only when a filter or a tracer refuses it; then exit(2), which
/// for a process of one task does the same.
pub fn exit_group(status: i32) -> ! {
    loop {
        // SAFETY: no memory is passed, and nothing is needed afterwards.
        unsafe { syscall!(EXIT_GROUP, status) };
        // SAFETY: likewise.
        unsafe { syscall!(EXIT, status) };
    }
}
