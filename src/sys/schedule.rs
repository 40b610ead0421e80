//! On which processors a task may run: sched_getaffinity(2), sched_setaffinity(2), getcpu(2).

use super::Answer;
use sc::syscall;

/// A set of processors, by bits: as many as fit into it.
pub type Processors = [u64; 16];

/// The processors of the caller.
pub fn processors() -> Processors {
    let mut set = [0; 16];
    // SAFETY: the kernel writes no further than the length of the set.
    let _ = Answer(unsafe { syscall!(SCHED_GETAFFINITY, 0, size_of_val(&set), set.as_mut_ptr()) });
    set
}

/// Keeps the caller, and what it makes, on these.
pub fn stay_on(set: &Processors) -> Answer {
    // SAFETY: the kernel reads no further than the length of the set.
    Answer(unsafe { syscall!(SCHED_SETAFFINITY, 0, size_of_val(set), set.as_ptr()) })
}

/// The processor that the caller runs on.
pub fn processor() -> Answer {
    let mut number = 0u32;
    // SAFETY: the kernel writes one int.
    Answer(unsafe { syscall!(GETCPU, &raw mut number, 0, 0) }).and_then(|_| Answer(number as usize))
}
