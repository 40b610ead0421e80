//! Signal dispositions: rt_sigaction(2), without handlers of our own.

use super::Answer;
use linux_raw_sys::general::kernel_sigaction;
use sc::syscall;

/// SIG_DFL.
pub const DEFAULT: usize = 0;

/// SIG_IGN.
pub const IGNORE: usize = 1;

/// The size of the kernel's signal set, in bytes.
const SET: usize = 8;

/// rt_sigaction(2): sets SIG_DFL or SIG_IGN and answers the disposition before.
pub(crate) fn dispose(signal: u32, disposition: usize) -> Answer {
    let mut action = [disposition, 0, 0, 0];
    // SAFETY: the kernel reads one struct of four words (handler, flags, restorer, mask) before it writes the old one
    // to the same place; SIG_DFL and SIG_IGN run no code of ours, so no restorer is needed.
    let answer = Answer(unsafe { syscall!(RT_SIGACTION, signal, &raw const action, &raw mut action, SET) });
    answer.and_then(|_| Answer(action[0]))
}

const _: () = assert!(size_of::<kernel_sigaction>() == 4 * size_of::<usize>());
