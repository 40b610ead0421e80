//! A child that has ended and is not reaped: it has no memory, files, directory, undo list and I/O context.
//!
//! For two tasks without an object kcmp(2) says "same", because both pointers are null. What is the same as that of
//! this child is none.

use crate::board::turn::Patience;
use crate::clone::task::await_end;
use crate::sys::process::{self, Fork};
use crate::sys::{Errno, Pid, Result, wait};

/// The child, which is reaped when this is dropped.
pub struct Ended(Pid);

impl Ended {
    /// Makes the child, and waits until it has ended. Its end sends no signal, except where qemu-user makes it, which
    /// takes no clone(2) without SIGCHLD.
    pub fn make() -> Result<Self> {
        match process::clone_copied(0, None).or_else(|_| process::fork())? {
            Fork::Child => process::exit_group(0),
            Fork::ParentOf(pid) => {
                let child = Self(pid);
                let mut patience = Patience::default();
                loop {
                    match wait::until_ended(pid) {
                        Err(Errno::EINTR) if patience.lasts() => {}
                        answer => return answer.map(|()| child),
                    }
                }
            }
        }
    }

    /// The child's id.
    pub fn pid(&self) -> Pid {
        self.0
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        // If refused, process 1 reaps the child after the caller's end.
        let _ = await_end(self.0);
    }
}
