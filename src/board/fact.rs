//! What one task leaves for another on shared memory: a number, or the errno of the call that should have brought it.

use crate::error::{Failure, Step};
use crate::sys::{Errno, Fd, Pid, RawFd, Result, Signal};
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

/// A result that one task leaves and another reads. Zeroed memory is a fact that was never left.
pub struct Fact {
    /// 0: never left. [`NUMBER`]: `number` is the result. Else the errno.
    state: AtomicU32,
    number: AtomicUsize,
}

/// The state of a fact that is a number: no errno is as high.
const NUMBER: u32 = u32::MAX;

impl Fact {
    /// Leaves a result.
    pub fn put<T: Word>(&self, result: Result<T>) {
        let state = match result {
            Ok(value) => {
                self.number.store(value.word(), Relaxed);
                NUMBER
            }
            Err(errno) => errno.number() as u32,
        };
        self.state.store(state, Release);
    }

    /// Leaves the number of a file, which stays the caller's to close.
    pub fn lend(&self, file: &Result<Fd>) {
        self.put(file.as_ref().map(Fd::raw).map_err(|errno| *errno));
    }

    /// The result that was left; none if none was.
    pub fn get(&self) -> Option<Result<usize>> {
        match self.state.load(Acquire) {
            0 => None,
            NUMBER => Some(Ok(self.number.load(Relaxed))),
            errno => Some(Err(Errno::new(errno as usize)?)),
        }
    }

    /// The result that was left; ENODATA if none was.
    pub fn result(&self) -> Result<usize> {
        self.get().unwrap_or(Err(Errno::ENODATA))
    }

    /// The number that was left; none if none was, or an errno.
    pub fn number(&self) -> Option<usize> {
        self.get()?.ok()
    }

    /// The errno that was left; none if none was, or a number.
    pub fn errno(&self) -> Option<Errno> {
        self.get()?.err()
    }

    /// The number as the id of a task.
    pub fn pid(&self) -> Option<Pid> {
        self.number().and_then(Pid::new)
    }

    /// The number as a descriptor, which another task may have closed.
    pub fn descriptor(&self) -> Option<RawFd> {
        self.number().and_then(RawFd::new)
    }

    /// Takes back what was left.
    pub fn wipe(&self) {
        self.state.store(0, Release);
    }
}

/// What fits into the word of a [`Fact`].
pub trait Word {
    /// The word.
    fn word(self) -> usize;
}

impl Word for usize {
    fn word(self) -> usize {
        self
    }
}

impl Word for u32 {
    fn word(self) -> usize {
        self as usize
    }
}

impl Word for bool {
    fn word(self) -> usize {
        self.into()
    }
}

/// A call that only succeeds leaves a 0.
impl Word for () {
    fn word(self) -> usize {
        0
    }
}

impl Word for Pid {
    fn word(self) -> usize {
        self.number()
    }
}

impl Word for RawFd {
    fn word(self) -> usize {
        self.number()
    }
}

impl Word for Signal {
    fn word(self) -> usize {
        self.number()
    }
}

/// A failed step that one task leaves and another reads. Zeroed memory is no failure.
pub struct FailedStep(AtomicU32);

impl FailedStep {
    /// Leaves a failure; that a signal killed a task only the parent of that task can tell.
    pub fn put(&self, failure: Failure) {
        if let Some(errno) = failure.errno() {
            self.0.store((failure.step.number() as u32) << 16 | errno.number() as u32, Release);
        }
    }

    /// The failure that was left, if one was.
    pub fn get(&self) -> Option<Failure> {
        let left = self.0.load(Acquire) as usize;
        let errno = Errno::new(left & 0xffff)?;
        Step::numbered(left >> 16).map(|step| Failure::new(step, errno))
    }

    /// Takes back what was left.
    pub fn wipe(&self) {
        self.0.store(0, Release);
    }
}
