//! Limits of the caller: prlimit(2).

use super::{Result, done};
use linux_raw_sys::general::{RLIM64_INFINITY, RLIMIT_AS, RLIMIT_DATA, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_STACK};

/// What is limited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Limited {
    /// The tasks of the user.
    Tasks = RLIMIT_NPROC,
    /// The numbers of descriptors.
    Files = RLIMIT_NOFILE,
    /// The bytes of the address space.
    Memory = RLIMIT_AS,
    /// The bytes of private memory that can be written to.
    Data = RLIMIT_DATA,
    /// The bytes up to which the initial stack may grow.
    Stack = RLIMIT_STACK,
}

/// The soft limit; none if unlimited.
pub fn soft(limited: Limited) -> Result<Option<usize>> {
    both(limited).map(|[soft, _]| soft)
}

/// The soft limit, and the hard limit up to which an ordinary user may raise it; none if unlimited.
pub fn both(limited: Limited) -> Result<[Option<usize>; 2]> {
    let mut limits = [0u64; 2];
    // SAFETY: the kernel writes one struct of two words.
    done(unsafe { syscall!(PRLIMIT64, 0, limited as u32, 0, limits.as_mut_ptr()) })?;
    Ok(limits.map(|limit| (limit != RLIM64_INFINITY as u64).then_some(limit as usize)))
}

/// Sets the soft limit, which the caller may raise again up to its hard limit.
pub fn set_soft(limited: Limited, soft: usize) -> Result<()> {
    let mut limits = [0u64; 2];
    // SAFETY: the kernel writes one struct of two words.
    done(unsafe { syscall!(PRLIMIT64, 0, limited as u32, 0, limits.as_mut_ptr()) })?;
    limits[0] = soft as u64;
    // SAFETY: the kernel reads one struct of two words.
    done(unsafe { syscall!(PRLIMIT64, 0, limited as u32, limits.as_ptr(), 0) })
}
