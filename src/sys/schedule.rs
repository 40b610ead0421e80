//! Processor affinity: sched_getaffinity(2), sched_setaffinity(2), getcpu(2).

use super::{Result, done};

/// A set of up to 1,024 processors, one bit each.
pub type Processors = [u64; 16];

/// The processors on which the caller may run.
pub fn processors() -> Result<Processors> {
    let mut set = [0; 16];
    // SAFETY: the kernel writes no further than the length of the set.
    done(unsafe { syscall!(SCHED_GETAFFINITY, 0, size_of_val(&set), set.as_mut_ptr()) })?;
    Ok(set)
}

/// Restricts the caller, and the tasks that it makes afterwards, to a set of processors.
pub fn stay_on(set: &Processors) -> Result<()> {
    // SAFETY: the kernel reads no further than the length of the set.
    done(unsafe { syscall!(SCHED_SETAFFINITY, 0, size_of_val(set), set.as_ptr()) })
}

/// The number of the processor on which the caller runs.
pub fn processor() -> Result<usize> {
    let mut number = 0u32;
    // SAFETY: the kernel writes one int.
    done(unsafe { syscall!(GETCPU, &raw mut number, 0, 0) })?;
    Ok(number as usize)
}
