//! Descriptors of open files.
//!
//! Two types, for a table of descriptors may be shared: what another task may close is only a number.

use super::{Errno, Result, answer};
use sc::syscall;

/// An open file of this task, which no other task closes. It is closed when it is dropped.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Fd(RawFd);

/// The number of a descriptor, open or not, 0 to `i32::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawFd(usize);

impl RawFd {
    /// Where results go.
    pub const OUT: Self = Self(1);
    /// Where messages go.
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
    /// The descriptor that a system call has just opened; EIO if its answer is none.
    pub(super) fn opened(register: usize) -> Result<Self> {
        answer(register).and_then(|number| RawFd::new(number).map(Self).ok_or(Errno::EIO))
    }

    /// The number, for a system call.
    pub fn raw(&self) -> RawFd {
        self.0
    }

    /// Gives up the ownership: from here on the descriptor is a number, which another task may close.
    pub fn leave(self) -> RawFd {
        let raw = self.0;
        core::mem::forget(self);
        raw
    }

    /// close(2) with its answer, which a drop does not tell.
    pub fn close(self) -> Result<()> {
        self.leave().close()
    }
}

impl Drop for Fd {
    fn drop(&mut self) {
        // A failed close loses nothing of what was read, and what is written here is taken or refused at the write.
        let _ = self.0.close();
    }
}
