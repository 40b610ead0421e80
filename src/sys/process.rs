//! Processes: clone(2) and fork(2) without a new stack, pidfd_open(2), kill(2), tgkill(2), kcmp(2), the exits.

use super::{Errno, Fd, Pid, RawFd, Result, Signal, answer, done, ids};
use core::sync::atomic::AtomicU32;
use linux_raw_sys::general::O_EXCL;

/// In which of the two processes fork(2) returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fork {
    /// The child.
    Child,
    /// The parent of the child with this id.
    ParentOf(Pid),
}

impl Fork {
    /// Reads a result register: 0 in the child. EIO: a number that no task can have.
    fn answered(register: usize) -> Result<Self> {
        match answer(register)? {
            0 => Ok(Self::Child),
            number => Pid::new(number).map(Self::ParentOf).ok_or(Errno::EIO),
        }
    }
}

/// clone(2) on the caller's own stack, only for flags without CLONE_VM: the child continues in a copy of the caller's
/// memory, stack included, so both may return from here. CLONE_PARENT_SETTID stores the id in `parent_tid`.
pub fn clone_copied(flags: usize, parent_tid: Option<&'static AtomicU32>) -> Result<Fork> {
    assert!(flags & linux_raw_sys::general::CLONE_VM as usize == 0);
    let parent_tid = parent_tid.map_or(0, |word| word.as_ptr() as usize);
    // SAFETY: no memory is shared, so each task has its own copy of this frame; the word outlives both.
    Fork::answered(unsafe { syscall!(CLONE, flags, 0, parent_tid, 0, 0) })
}

/// fork(2).
pub fn fork() -> Result<Fork> {
    // SAFETY: as in `clone_copied`.
    Fork::answered(unsafe { syscall!(FORK) })
}

/// pidfd_open(2): a descriptor of process `pid`, which becomes readable when the process ends.
pub fn pidfd(pid: Pid) -> Result<Fd> {
    // SAFETY: no memory is passed.
    Fd::opened(unsafe { syscall!(PIDFD_OPEN, pid.number(), 0) })
}

/// pidfd_open(2) with PIDFD_THREAD: a descriptor of any task, as since Linux 6.9.
pub fn pidfd_of_task(tid: Pid) -> Result<Fd> {
    // SAFETY: no memory is passed.
    Fd::opened(unsafe { syscall!(PIDFD_OPEN, tid.number(), O_EXCL) })
}

/// pidfd_open(2) of the caller itself, by which the tasks that it makes see that the caller has ended.
pub fn own_pidfd() -> Result<Fd> {
    ids::getpid().and_then(pidfd)
}

/// kill(2).
pub fn kill(pid: Pid, signal: Signal) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(KILL, pid.number(), signal.number()) })
}

/// pidfd_send_signal(2): sends a signal to the process of a pidfd, which no other process can be mistaken for.
pub fn kill_by(pidfd: &Fd, signal: Signal) -> Result<()> {
    // SAFETY: no memory is passed; without a siginfo the kernel fills in one as kill(2) does.
    done(unsafe { syscall!(PIDFD_SEND_SIGNAL, pidfd.raw().number(), signal.number(), 0, 0) })
}

/// kill(2) with signal 0, which sends nothing: ESRCH if the process does not exist, EPERM if it is not the caller's to
/// signal.
pub fn find(pid: Pid) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(KILL, pid.number(), 0) })
}

/// Whether the process no longer exists, by kill(2).
pub fn is_gone(pid: Pid) -> bool {
    find(pid) == Err(Errno::ESRCH)
}

/// kill(2) with signal 0, which sends nothing: whether the process group no longer exists.
pub fn is_group_gone(group: Pid) -> bool {
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(KILL, -(group.number() as isize), 0) }) == Err(Errno::ESRCH)
}

/// tgkill(2) with signal 0, which sends nothing: whether task `tid` is in thread group `tgid`.
pub fn is_in_group(tgid: Pid, tid: Pid) -> Result<bool> {
    // SAFETY: no memory is passed.
    match done(unsafe { syscall!(TGKILL, tgid.number(), tid.number(), 0) }) {
        Ok(()) => Ok(true),
        Err(Errno::ESRCH) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// The types of kcmp(2), linux/kcmp.h: kernel objects to which each task has a pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
#[allow(missing_docs, reason = "each is the object of its name, kcmp(2)")]
pub enum Kcmp {
    Vm = 1,
    Files = 2,
    Fs = 3,
    Sighand = 4,
    Io = 5,
    Sysvsem = 6,
}

/// kcmp(2): 0 if both tasks' pointers to an object of this kind are equal, 1 or 2 for their order, 3 if they differ
/// without an order.
pub fn kcmp(a: Pid, b: Pid, kind: Kcmp) -> Result<usize> {
    // SAFETY: no memory is passed; the last two arguments serve only KCMP_FILE.
    answer(unsafe { syscall!(KCMP, a.number(), b.number(), kind as u32, 0, 0) })
}

/// KCMP_FILE of linux/kcmp.h: the open files of two descriptors.
const KCMP_FILE: u32 = 0;

/// kcmp(2): whether two tasks' descriptors are one open file, or how they are ordered, as in [`kcmp`].
pub fn kcmp_file([a, b]: [Pid; 2], [of_a, of_b]: [RawFd; 2]) -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(KCMP, a.number(), b.number(), KCMP_FILE, of_a.number(), of_b.number()) })
}

/// exit_group(2): ends the thread group. The call returns only if a filter or a tracer refuses it; then exit(2) does
/// the same for a process of one task.
pub fn exit_group(status: i32) -> ! {
    loop {
        // SAFETY: no memory is passed, and nothing is needed afterwards.
        unsafe { syscall!(EXIT_GROUP, status) };
        // SAFETY: likewise.
        unsafe { syscall!(EXIT, status) };
    }
}
