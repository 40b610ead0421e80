//! Descriptors of open files.
//!
//! There are two types because a descriptor table may be shared: a descriptor that another task may close is only a
//! number.

use super::{Errno, Result, answer};

/// An open file of this task that no other task closes. Dropping it closes the file.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Fd(RawFd);

/// The number of a descriptor, open or not, 0 to `i32::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawFd(usize);

impl RawFd {
    /// Standard input.
    pub const IN: Self = Self(0);
    /// Standard output.
    pub const OUT: Self = Self(1);
    /// Standard error.
    pub const ERR: Self = Self(2);

    /// The descriptor with this number; none if no descriptor can have it.
    pub const fn new(number: usize) -> Option<Self> {
        if number > i32::MAX as usize { None } else { Some(Self(number)) }
    }

    /// The number.
    pub const fn number(self) -> usize {
        self.0
    }

    /// close(2).
    pub fn close(self) -> Result<()> {
        // SAFETY: no memory is passed, and no memory safety hangs on a descriptor.
        super::done(unsafe { syscall!(CLOSE, self.0) })
    }
}

impl Fd {
    /// The descriptor that a system call has just opened; EIO if the result is not a descriptor.
    pub(super) fn opened(register: usize) -> Result<Self> {
        answer(register).and_then(|number| RawFd::new(number).map(Self).ok_or(Errno::EIO))
    }

    /// The number, for a system call.
    pub fn raw(&self) -> RawFd {
        self.0
    }

    /// Gives up ownership: the result is a number that another task may close.
    pub fn leave(self) -> RawFd {
        let raw = self.0;
        core::mem::forget(self);
        raw
    }

    /// close(2) with its result, which a drop discards.
    pub fn close(self) -> Result<()> {
        self.leave().close()
    }
}

impl Drop for Fd {
    fn drop(&mut self) {
        // A failed close cannot lose data: a write here succeeds or fails at the write(2) itself.
        let _ = self.0.close();
    }
}
