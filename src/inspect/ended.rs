//! A child that has ended and is not reaped: it has no memory, files, directory, undo list and I/O context.
//!
//! For two tasks without an object kcmp(2) says "same", because both pointers are null. What is the same as that of
//! this child is none.

use crate::board::turn::Patience;
use crate::clone::process::Process;
use crate::sys::{Errno, Pid, Result, process, wait};

/// The child, which is reaped when this is dropped.
pub struct Ended(Process);

impl Ended {
    /// Makes the child, and waits until it has ended. Its end sends no signal, except where qemu-user makes it, which
    /// takes no clone(2) without SIGCHLD.
    pub fn make() -> Result<Self> {
        let made = process::clone_copied(0, None).or_else(|_| process::fork())?;
        let child = Process::of(made, || 0);
        let mut patience = Patience::default();
        loop {
            match wait::until_ended(child.pid()) {
                Err(Errno::EINTR) if patience.lasts() => {}
                answer => return answer.map(|()| Self(child)),
            }
        }
    }

    /// The child's id.
    pub fn pid(&self) -> Pid {
        self.0.pid()
    }
}
