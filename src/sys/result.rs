//! What a system call answers: a result, or an errno.

use super::errno::Errno;

/// What a system call answers, or why it was refused.
pub type Result<T> = core::result::Result<T, Errno>;

/// Splits the register in which the kernel answers: a result, or a negative errno, -4095 to -1.
pub(crate) fn answer(register: usize) -> Result<usize> {
    match Errno::new(register.wrapping_neg()) {
        Some(errno) => Err(errno),
        None => Ok(register),
    }
}

/// The same of a call whose result says nothing.
pub(super) fn done(register: usize) -> Result<()> {
    answer(register).map(|_| ())
}
