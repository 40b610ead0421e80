//! Limits of the caller: prlimit(2).

use super::{Result, done};
use linux_raw_sys::general::{RLIM64_INFINITY, RLIMIT_NPROC};

/// RLIMIT_NPROC: how many tasks the user may have; none if unlimited.
pub fn tasks() -> Result<Option<usize>> {
    let mut limits = [0u64; 2];
    // SAFETY: the kernel writes one struct of two words.
    done(unsafe { syscall!(PRLIMIT64, 0, RLIMIT_NPROC, 0, limits.as_mut_ptr()) })?;
    Ok((limits[0] != RLIM64_INFINITY as u64).then_some(limits[0] as usize))
}
