//! Randomness of the kernel: getrandom(2).

use super::{Errno, Result, answer};

/// A random number. EIO: the kernel gave fewer bytes than it was asked for.
pub fn number() -> Result<u64> {
    let mut number = 0u64;
    // SAFETY: the kernel writes at most as many bytes as the number has.
    let given = answer(unsafe { syscall!(GETRANDOM, &raw mut number, size_of::<u64>(), 0) })?;
    if given == size_of::<u64>() { Ok(number) } else { Err(Errno::EIO) }
}
