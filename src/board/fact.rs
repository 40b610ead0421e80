//! Facts that one task leaves for another in shared memory: a number, or the errno of the call that should have
//! returned the number.

use crate::error::{Failure, Step, Why};
use crate::sys::{Errno, Fd, Pid, RawFd, Result, Signal};
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

/// A result that one task leaves and another reads. Zeroed memory is an absent fact.
pub struct Fact {
    /// 0: absent. [`NUMBER`]: `number` holds the result. Otherwise the errno.
    state: AtomicU32,
    number: AtomicUsize,
}

/// The state of a fact that holds a number: greater than any errno.
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

    /// Leaves the number of a file, which the caller still owns.
    pub fn lend(&self, file: &Result<Fd>) {
        self.put(file.as_ref().map(Fd::raw).map_err(|errno| *errno));
    }

    /// The result; none if the fact is absent.
    pub fn get(&self) -> Option<Result<usize>> {
        match self.state.load(Acquire) {
            0 => None,
            NUMBER => Some(Ok(self.number.load(Relaxed))),
            errno => Some(Err(Errno::new(errno as usize)?)),
        }
    }

    /// The result; ENODATA if the fact is absent.
    pub fn result(&self) -> Result<usize> {
        self.get().unwrap_or(Err(Errno::ENODATA))
    }

    /// The number; none if the fact is absent or an errno.
    pub fn number(&self) -> Option<usize> {
        self.get()?.ok()
    }

    /// The errno; none if the fact is absent or a number.
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

    /// Empties the fact.
    pub fn wipe(&self) {
        self.state.store(0, Release);
    }
}

/// A value that fits into the word of a [`Fact`].
pub trait Word {
    /// The value as a word.
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

/// The result of a call that returns no value: 0.
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

/// The bit of a status of another program: greater than any errno.
const STATUS: u32 = 0x8000;

/// A failed step that one task leaves and another reads. Zeroed memory means no failure.
pub struct FailedStep(AtomicU32);

impl FailedStep {
    /// Leaves a failure. A death by a signal is not left here: only the parent learns of it, by wait4(2).
    pub fn put(&self, failure: Failure) {
        let reason = match failure.why {
            Why::Errno(errno) => errno.number() as u32,
            Why::Status(status) => STATUS | u32::from(status),
            Why::Signal(_) => return,
        };
        self.0.store((failure.step.index() as u32) << 16 | reason, Release);
    }

    /// The failure; none if there was none.
    pub fn get(&self) -> Option<Failure> {
        let left = self.0.load(Acquire) as usize;
        let (step, reason) = (Step::from_index(left >> 16)?, left & 0xffff);
        let why =
            if reason & STATUS as usize != 0 { Why::Status(reason as u8) } else { Why::Errno(Errno::new(reason)?) };
        Some(Failure { step, why })
    }

    /// Forgets the failure.
    pub fn wipe(&self) {
        self.0.store(0, Release);
    }
}
