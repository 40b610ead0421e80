//! Time: clock_gettime(2), and the processor's own counter, which costs no system call.

use super::Answer;
use linux_raw_sys::general::{__kernel_timespec, CLOCK_MONOTONIC};
use sc::syscall;

/// CLOCK_MONOTONIC, in nanoseconds; 0 if that is refused.
pub fn now() -> usize {
    let mut time = __kernel_timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes one struct.
    let _ = Answer(unsafe { syscall!(CLOCK_GETTIME, CLOCK_MONOTONIC, &raw mut time) });
    time.tv_sec as usize * 1_000_000_000 + time.tv_nsec as usize
}

/// The time-stamp counter: cycles of a clock that runs evenly on all processors of a machine. Nothing before it is still
/// going on when it is read.
pub fn cycles() -> usize {
    // SAFETY: every x86-64 processor has the instruction.
    unsafe { core::arch::x86_64::_mm_lfence() };
    // SAFETY: likewise.
    unsafe { core::arch::x86_64::_rdtsc() as usize }
}
