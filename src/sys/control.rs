//! What one task asks of another, or of itself: prctl(2), arch_prctl(2), ptrace(2), ioprio_set(2).

use super::{Pid, Result, Signal, answer, done};
use linux_raw_sys::{prctl, ptrace};

/// prctl(2) with one argument.
fn control(option: u32, argument: usize) -> Result<usize> {
    // SAFETY: none of the options below reads or writes memory by this argument.
    answer(unsafe { syscall!(PRCTL, option, argument, 0, 0, 0) })
}

/// PR_SET_CHILD_SUBREAPER: whether orphaned descendants of this process become its children from now on.
pub fn reap_orphans(is_reaper: bool) -> Result<()> {
    control(prctl::PR_SET_CHILD_SUBREAPER, is_reaper.into()).map(|_| ())
}

/// PR_GET_CHILD_SUBREAPER: whether orphaned descendants of this process become its children.
pub fn is_reaper() -> Result<bool> {
    let mut is_reaper = 0u32;
    // SAFETY: the kernel writes one int.
    done(unsafe { syscall!(PRCTL, prctl::PR_GET_CHILD_SUBREAPER, &raw mut is_reaper, 0, 0, 0) })?;
    Ok(is_reaper != 0)
}

/// PR_SET_PDEATHSIG: the signal that the caller gets when its parent ends; none for no signal. A parent that has
/// already ended sends none.
pub fn signal_at_parents_end(signal: Option<Signal>) -> Result<()> {
    control(prctl::PR_SET_PDEATHSIG, signal.map_or(0, Signal::number)).map(|_| ())
}

/// PR_GET_NO_NEW_PRIVS.
pub fn no_new_privileges() -> Result<bool> {
    control(prctl::PR_GET_NO_NEW_PRIVS, 0).map(|answer| answer != 0)
}

/// PR_SET_NO_NEW_PRIVS: from now on execve(2) grants no privileges that the caller does not have.
pub fn renounce_privileges() -> Result<()> {
    control(prctl::PR_SET_NO_NEW_PRIVS, 1).map(|_| ())
}

/// PR_SET_KEEPCAPS: the task keeps its capabilities when its user ids change, up to its next execve(2).
pub fn keep_capabilities() -> Result<()> {
    control(prctl::PR_SET_KEEPCAPS, 1).map(|_| ())
}

/// PR_GET_KEEPCAPS.
pub fn keeps_capabilities() -> Result<bool> {
    control(prctl::PR_GET_KEEPCAPS, 0).map(|answer| answer != 0)
}

/// PR_GET_DUMPABLE: whether the task's files in proc(5) belong to its own user; otherwise they belong to root.
pub fn is_dumpable() -> Result<bool> {
    control(prctl::PR_GET_DUMPABLE, 0).map(|answer| answer == 1)
}

/// PR_SET_DUMPABLE, 0: this process leaves no core dump, and only a task with CAP_SYS_PTRACE in the user namespace in
/// which this program was executed may trace the process or write to its memory.
pub fn not_dumpable() -> Result<()> {
    control(prctl::PR_SET_DUMPABLE, 0).map(|_| ())
}

/// PR_SET_DUMPABLE, 1: the opposite. The kernel takes this back from a process that changes its ids.
pub fn dumpable() -> Result<()> {
    control(prctl::PR_SET_DUMPABLE, 1).map(|_| ())
}

/// PR_GET_SECCOMP: 2 under a filter. (Mode 1, "strict", would kill the caller for asking.)
pub fn seccomp_mode() -> Result<usize> {
    control(prctl::PR_GET_SECCOMP, 0)
}

/// PR_GET_TID_ADDRESS: the address that CLONE_CHILD_CLEARTID set, 0 for none. EINVAL: this kernel cannot tell.
pub fn tid_address() -> Result<usize> {
    let mut address = 0usize;
    // SAFETY: the kernel writes one word.
    done(unsafe { syscall!(PRCTL, prctl::PR_GET_TID_ADDRESS, &raw mut address, 0, 0, 0) })?;
    Ok(address)
}

/// arch_prctl(2) with ARCH_GET_FS: the base of FS.
pub fn fs_base() -> Result<usize> {
    const ARCH_GET_FS: usize = 0x1003;
    let mut base = 0usize;
    // SAFETY: the kernel writes one word.
    done(unsafe { syscall!(ARCH_PRCTL, ARCH_GET_FS, &raw mut base) })?;
    Ok(base)
}

/// PTRACE_SEIZE with options (PTRACE_O_*): this process becomes the tracer of `task`, without stopping it.
pub fn seize(task: Pid, options: u32) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(PTRACE, ptrace::PTRACE_SEIZE, task.number(), 0, options) })
}

/// PTRACE_CONT: resumes a stopped `task` without a signal.
pub fn go_on(task: Pid) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(PTRACE, ptrace::PTRACE_CONT, task.number(), 0, 0) })
}

/// Which priority is meant: that of one task, here the caller. Setting it makes the kernel allocate an I/O context.
const IOPRIO_WHO_PROCESS: usize = 1;

/// ioprio_set(2): best-effort class, with this level, 0 to 7.
pub fn set_io_priority(level: usize) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(IOPRIO_SET, IOPRIO_WHO_PROCESS, 0, IO_BEST_EFFORT | level) })
}

/// ioprio_get(2): the class and the level, as one number.
pub fn io_priority() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(IOPRIO_GET, IOPRIO_WHO_PROCESS, 0) })
}

/// The best-effort class as [`set_io_priority`] sets it, linux/ioprio.h.
pub const IO_BEST_EFFORT: usize = 2 << 13;
