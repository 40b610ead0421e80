//! What one task asks of another, or of itself: prctl(2), arch_prctl(2), ptrace(2), ioprio_set(2).

use super::{Answer, Pid};
use core::mem::MaybeUninit;
use linux_raw_sys::{prctl, ptrace};
use sc::syscall;

/// prctl(2) with one argument.
fn control(option: u32, argument: usize) -> Answer {
    // SAFETY: none of the options below reads or writes memory by this argument.
    Answer(unsafe { syscall!(PRCTL, option, argument, 0, 0, 0) })
}

/// PR_SET_CHILD_SUBREAPER: orphans below this process become its children.
pub fn reap_orphans() -> Answer {
    control(prctl::PR_SET_CHILD_SUBREAPER, 1)
}

/// PR_SET_PDEATHSIG: `signal` comes when the parent ends; 0 for none. A parent that has ended before sends none.
pub fn signal_at_parents_end(signal: u32) -> Answer {
    control(prctl::PR_SET_PDEATHSIG, signal as usize)
}

/// PR_GET_NO_NEW_PRIVS: 1 or 0.
pub fn no_new_privileges() -> Answer {
    control(prctl::PR_GET_NO_NEW_PRIVS, 0)
}

/// PR_SET_NO_NEW_PRIVS: from here on no program that is executed gets rights that its caller has not.
pub fn renounce_privileges() -> Answer {
    control(prctl::PR_SET_NO_NEW_PRIVS, 1)
}

/// PR_GET_DUMPABLE: 1 if the files of proc(5) are the task's own user's, 0 or 2 if they are root's.
pub fn dumpable() -> Answer {
    control(prctl::PR_GET_DUMPABLE, 0)
}

/// PR_SET_DUMPABLE, 0: no core is written when this process dies, and only a task with CAP_SYS_PTRACE where this program
/// was executed may trace it or write to its memory.
pub fn not_dumpable() -> Answer {
    control(prctl::PR_SET_DUMPABLE, 0)
}

/// PR_GET_TID_ADDRESS: the address that CLONE_CHILD_CLEARTID set, 0 for none. EINVAL: this kernel cannot tell.
pub fn tid_address() -> Answer {
    let mut address = 0usize;
    // SAFETY: the kernel writes one word.
    Answer(unsafe { syscall!(PRCTL, prctl::PR_GET_TID_ADDRESS, &raw mut address, 0, 0, 0) })
        .and_then(|_| Answer(address))
}

/// arch_prctl(2) with ARCH_GET_FS: the base of FS.
pub fn fs_base() -> Answer {
    const ARCH_GET_FS: usize = 0x1003;
    let mut base = MaybeUninit::<usize>::zeroed();
    // SAFETY: the kernel writes one word.
    let answer = Answer(unsafe { syscall!(ARCH_PRCTL, ARCH_GET_FS, base.as_mut_ptr()) });
    // SAFETY: zero is a valid word, and so is what the kernel has written.
    answer.and_then(|_| Answer(unsafe { base.assume_init() }))
}

/// PTRACE_SEIZE with options (PTRACE_O_*): this process traces `task` from here on, without stopping it.
pub fn seize(task: Pid, options: u32) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(PTRACE, ptrace::PTRACE_SEIZE, task.number(), 0, options) })
}

/// PTRACE_CONT: lets a stopped `task` go on without a signal.
pub fn go_on(task: Pid) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(PTRACE, ptrace::PTRACE_CONT, task.number(), 0, 0) })
}

/// The caller's own I/O priority, for which the kernel makes an I/O context.
const IOPRIO_WHO_PROCESS: usize = 1;

/// ioprio_set(2): best effort, of this level.
pub fn set_io_priority(level: usize) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(IOPRIO_SET, IOPRIO_WHO_PROCESS, 0, IO_BEST_EFFORT | level) })
}

/// ioprio_get(2).
pub fn io_priority() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(IOPRIO_GET, IOPRIO_WHO_PROCESS, 0) })
}

/// The class of [`set_io_priority`], linux/ioprio.h.
pub const IO_BEST_EFFORT: usize = 2 << 13;
