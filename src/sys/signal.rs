//! Signals: rt_sigaction(2), without handlers of our own that would ever run; rt_sigprocmask(2), rt_sigpending(2),
//! rt_sigtimedwait(2).

use super::Answer;
use linux_raw_sys::general::{SIG_SETMASK, kernel_sigaction};
use sc::syscall;

/// SIG_DFL.
pub const DEFAULT: usize = 0;

/// SIG_IGN.
pub const IGNORE: usize = 1;

/// The size of the kernel's signal set, in bytes.
const SET: usize = 8;

/// rt_sigaction(2): sets SIG_DFL or SIG_IGN and answers the disposition before.
pub(crate) fn dispose(signal: u32, disposition: usize) -> Answer {
    let action = [disposition, 0, 0, 0];
    let mut old = [0; 4];
    // SAFETY: the kernel reads one struct of four words (handler, flags, restorer, mask) and writes another; SIG_DFL and
    // SIG_IGN run no code of ours, so no restorer is needed.
    let answer = Answer(unsafe { syscall!(RT_SIGACTION, signal, &raw const action, &raw mut old, SET) });
    answer.and_then(|_| Answer(old[0]))
}

/// rt_sigaction(2): the disposition, which stays.
pub fn disposition(signal: u32) -> Answer {
    let mut action = [0; 4];
    // SAFETY: the kernel writes one struct of four words.
    let answer = Answer(unsafe { syscall!(RT_SIGACTION, signal, 0, &raw mut action, SET) });
    answer.and_then(|_| Answer(action[0]))
}

/// A set of signals, in which bit 0 is signal 1. A set is no [`Answer`]: with the highest bits in it a set would look like an
/// errno.
pub type Set = u64;

/// The set of one signal.
pub const fn set(signal: u32) -> Set {
    1 << (signal - 1)
}

/// rt_sigprocmask(2): blocks exactly the signals of this set and answers the one before.
pub fn block(set: Set) -> super::Result<Set> {
    let mut old = 0;
    // SAFETY: the kernel reads one set and writes another.
    Answer(unsafe { syscall!(RT_SIGPROCMASK, SIG_SETMASK, &raw const set, &raw mut old, SET) }).split().map(|_| old)
}

/// rt_sigpending(2): 1 if a blocked `signal` has come, else 0; there are 64.
pub fn is_pending(signal: usize) -> Answer {
    let mut set: Set = 0;
    // SAFETY: the kernel writes one set.
    let answer = Answer(unsafe { syscall!(RT_SIGPENDING, &raw mut set, SET) });
    answer.and_then(|_| Answer(set.checked_shr((signal as u32).wrapping_sub(1)).unwrap_or(0) as usize & 1))
}

/// rt_sigtimedwait(2) without a limit: takes the next signal of a set that is blocked; answers its number, and where it comes
/// from (si_code, sigaction(2): above 0 the kernel, else a process).
pub fn take(set: Set) -> (Answer, i32) {
    let mut info = [0i32; 32];
    // SAFETY: the kernel reads one set and writes one siginfo of 128 bytes.
    let signal = Answer(unsafe { syscall!(RT_SIGTIMEDWAIT, &raw const set, info.as_mut_ptr(), 0, SET) });
    (signal, info[2])
}

const _: () = assert!(size_of::<kernel_sigaction>() == 4 * size_of::<usize>());
