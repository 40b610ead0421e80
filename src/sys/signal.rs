//! Signal dispositions: rt_sigaction(2), without handlers of our own.

use super::Answer;
use linux_raw_sys::general::kernel_sigaction;
use sc::syscall;

/// What happens at a signal: SIG_DFL (0), SIG_IGN (1).
pub type Disposition = usize;

/// SIG_IGN.
pub const IGNORE: Disposition = 1;

/// The size of the kernel's signal set, in bytes.
const SET: usize = 8;

/// rt_sigaction(2), asking only: the disposition.
pub fn disposition(signal: u32) -> Answer {
    let mut old = [0usize; 4];
    // SAFETY: the kernel writes one struct of four words: handler, flags, restorer, mask.
    Answer(unsafe { syscall!(RT_SIGACTION, signal, 0, old.as_mut_ptr(), SET) })
        .and_then(|_| Answer(old[0]))
}

/// rt_sigaction(2): sets SIG_DFL or SIG_IGN.
pub fn set_disposition(signal: u32, disposition: Disposition) -> Answer {
    let new = [disposition, 0, 0, 0];
    // SAFETY: the kernel reads one struct; SIG_DFL and SIG_IGN run no code of ours, so no restorer is needed.
    Answer(unsafe { syscall!(RT_SIGACTION, signal, new.as_ptr(), 0, SET) })
}

const _: () = assert!(size_of::<kernel_sigaction>() == 4 * size_of::<usize>());
