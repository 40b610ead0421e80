//! System calls that a seccomp filter answers by killing the caller, seccomp(2): this program does without them.
//!
//! A call that is avoided fails with ENOSYS and does not reach the kernel, so its caller learns as much as from a kernel
//! without the call: nothing. Only calls that the program can do without are listed; `host::filter` finds out in
//! children which of them kill.

use super::{Errno, Result};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use linux_raw_sys::general::{CLONE_NEWIPC, CLONE_NEWUTS, P_PID};
use linux_raw_sys::{prctl, ptrace};
use sc::nr;

/// A call with arguments for which the kernel does nothing, or nothing that outlasts the caller.
struct Harmless(usize, [usize; 3]);

/// No task, descriptor, user or length has this number.
const INVALID: usize = i32::MAX as usize;
/// The null pointer.
const NULL: usize = 0;

/// The calls that the program can do without.
#[rustfmt::skip]
static CALLS: [Harmless; 42] = [
    Harmless(nr::PRCTL, [prctl::PR_SET_DUMPABLE as usize, 0, 0]),
    Harmless(nr::ARCH_PRCTL, [INVALID, NULL, 0]),
    Harmless(nr::BIND, [INVALID, NULL, 0]),
    Harmless(nr::CAPGET, [NULL, NULL, 0]),
    Harmless(nr::CLOCK_GETTIME, [INVALID, NULL, 0]),
    Harmless(nr::EVENTFD2, [0, INVALID, 0]),
    Harmless(nr::FCNTL, [INVALID, 0, 0]),
    Harmless(nr::GETEGID, [0, 0, 0]),
    Harmless(nr::GETEUID, [0, 0, 0]),
    Harmless(nr::GETGID, [0, 0, 0]),
    Harmless(nr::GETPPID, [0, 0, 0]),
    Harmless(nr::GETUID, [0, 0, 0]),
    Harmless(nr::GETXATTR, [NULL, NULL, NULL]),
    Harmless(nr::IOPRIO_GET, [INVALID, 0, 0]),
    Harmless(nr::IOPRIO_SET, [INVALID, 0, 0]),
    Harmless(nr::KCMP, [INVALID, INVALID, 0]),
    Harmless(nr::MADVISE, [NULL, 0, 0]),
    Harmless(nr::OPEN_TREE, [INVALID, NULL, 0]),
    Harmless(nr::PIDFD_OPEN, [INVALID, 0, 0]),
    Harmless(nr::POLL, [NULL, 0, 0]),
    Harmless(nr::PRCTL, [prctl::PR_GET_DUMPABLE as usize, 0, 0]),
    Harmless(nr::PRCTL, [prctl::PR_SET_PDEATHSIG as usize, 0, 0]),
    Harmless(nr::PRCTL, [prctl::PR_SET_CHILD_SUBREAPER as usize, 0, 0]),
    Harmless(nr::PRLIMIT64, [0, INVALID, NULL]),
    Harmless(nr::PTRACE, [ptrace::PTRACE_SEIZE as usize, INVALID, 0]),
    Harmless(nr::READLINK, [NULL, NULL, 0]),
    Harmless(nr::RT_SIGPENDING, [NULL, 8, 0]),
    Harmless(nr::SEMCTL, [INVALID, 0, INVALID]),
    Harmless(nr::SEMGET, [1, 0, 0]),
    Harmless(nr::SEMOP, [INVALID, NULL, 0]),
    Harmless(nr::SETHOSTNAME, [NULL, usize::MAX, 0]),
    Harmless(nr::SETRESUID, [usize::MAX, usize::MAX, usize::MAX]),
    Harmless(nr::SETUID, [usize::MAX, 0, 0]),
    Harmless(nr::SOCKET, [INVALID, 0, 0]),
    Harmless(nr::STAT, [NULL, NULL, 0]),
    Harmless(nr::STATX, [INVALID, NULL, INVALID]),
    Harmless(nr::TGKILL, [INVALID, INVALID, 0]),
    Harmless(nr::UMASK, [0o77, 0, 0]),
    Harmless(nr::UNAME, [NULL, 0, 0]),
    Harmless(nr::UNSHARE, [CLONE_NEWIPC as usize, 0, 0]),
    Harmless(nr::UNSHARE, [CLONE_NEWUTS as usize, 0, 0]),
    Harmless(nr::WAITID, [P_PID as usize, INVALID, NULL]),
];

/// The index of prctl(2) with PR_SET_DUMPABLE.
pub const NOT_DUMPABLE: usize = 0;

/// The number of calls that the program can do without.
pub const COUNT: usize = CALLS.len();

/// The numbers of system calls that the program avoids, a bit each.
static AVOIDED: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];
/// Whether there is such a call.
static IS_ANY: AtomicBool = AtomicBool::new(false);

/// What an avoided call returns.
pub(super) const REFUSED: usize = Errno::ENOSYS.number().wrapping_neg();

/// Whether the program avoids the call with this number.
#[inline]
pub(super) fn is_avoided(call: usize) -> bool {
    IS_ANY.load(Relaxed) && AVOIDED.get(call / 64).is_some_and(|calls| calls.load(Relaxed) >> (call % 64) & 1 != 0)
}

/// Makes the call with this index, below [`COUNT`]. Only for a child that ends afterwards. EINVAL: there is no such
/// call.
pub fn try_call(index: usize) -> Result<()> {
    let Harmless(call, [first, second, third]) = CALLS.get(index).ok_or(Errno::EINVAL)?;
    // SAFETY: none of the calls reads or writes memory: the pointers are null, and the other arguments are refused or
    // have no effect on memory.
    super::done(unsafe { sc::syscall5(*call, *first, *second, *third, 0, 0) })
}

/// Avoids the call with this index from now on, in this process and in those that it makes.
pub fn avoid(index: usize) {
    let Some(Harmless(call, _)) = CALLS.get(index) else { return };
    if let Some(calls) = AVOIDED.get(call / 64) {
        calls.fetch_or(1 << (call % 64), Relaxed);
        IS_ANY.store(true, Relaxed);
    }
}
