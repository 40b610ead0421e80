//! Time: clock_gettime(2), and the processor's own counter, which costs no system call.

use super::{Errno, Result, done};
use linux_raw_sys::general::{__kernel_timespec, CLOCK_MONOTONIC};

/// CLOCK_MONOTONIC, in nanoseconds, which is never 0. EIO: no time was stored, though the call has succeeded.
pub fn now() -> Result<u64> {
    let mut time = __kernel_timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes one struct.
    done(unsafe { syscall!(CLOCK_GETTIME, CLOCK_MONOTONIC, &raw mut time) })?;
    let seconds = (time.tv_sec as u64).checked_mul(1_000_000_000);
    let time = seconds.and_then(|seconds| seconds.checked_add(time.tv_nsec as u64));
    time.filter(|time| *time != 0).ok_or(Errno::EIO)
}

/// The time-stamp counter, in cycles of a clock that runs evenly on all processors of a machine. lfence completes all
/// earlier instructions before the counter is read.
pub fn cycles() -> u64 {
    // SAFETY: every x86-64 processor has the instruction.
    unsafe { core::arch::x86_64::_mm_lfence() };
    // SAFETY: likewise.
    unsafe { core::arch::x86_64::_rdtsc() }
}
