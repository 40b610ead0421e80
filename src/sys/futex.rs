//! futex(2): sleeping until a word of memory changes.
//!
//! FUTEX_PRIVATE_FLAG is never used: tasks in other address spaces sleep on these words too, and the kernel's own wake
//! at the end of a task (CLONE_CHILD_CLEARTID) is not private either.

use super::{Result, done};
use core::sync::atomic::AtomicU32;
use linux_raw_sys::general::{__kernel_timespec, FUTEX_WAIT, FUTEX_WAKE};

/// Sleeps while `word` is `value`, at most `milliseconds`. The caller checks the word again whatever the result: EAGAIN
/// (the word had changed), EINTR and spurious wakes are part of the contract; ETIMEDOUT is the limit.
pub fn wait(word: &AtomicU32, value: u32, milliseconds: u32) -> Result<()> {
    let limit = __kernel_timespec {
        tv_sec: i64::from(milliseconds / 1000),
        tv_nsec: i64::from(milliseconds % 1000) * 1_000_000,
    };
    // SAFETY: the kernel reads the word and the timespec, and both outlive the call.
    done(unsafe { syscall!(FUTEX, word.as_ptr(), FUTEX_WAIT, value, &raw const limit) })
}

/// Wakes all tasks that sleep on `word`.
pub fn wake(word: &AtomicU32) -> Result<()> {
    // SAFETY: the kernel uses the address only as a key.
    done(unsafe { syscall!(FUTEX, word.as_ptr(), FUTEX_WAKE, i32::MAX) })
}
