//! The result of a system call: a value, or an errno.

use super::errno::Errno;

/// The value that a system call returned, or why the call was refused.
pub type Result<T> = core::result::Result<T, Errno>;

/// Decodes the result register: a value, or a negative errno from -4095 to -1.
pub(crate) fn answer(register: usize) -> Result<usize> {
    match Errno::new(register.wrapping_neg()) {
        Some(errno) => Err(errno),
        None => Ok(register),
    }
}

/// Decodes the result register of a call that returns no value.
pub(super) fn done(register: usize) -> Result<()> {
    answer(register).map(|_| ())
}

/// Makes a call, and once more if it fails with one of these errnos. A claim that rests on such an errno needs it said
/// twice: a single failure may be a tracer's, or a fault's.
pub fn confirmed<T>(errnos: &[Errno], call: impl Fn() -> Result<T>) -> Result<T> {
    match call() {
        Err(errno) if errnos.contains(&errno) => call(),
        answer => answer,
    }
}
