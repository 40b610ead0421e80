//! Work that is done in a process of its own, because a seccomp filter may kill the process that does it.
//!
//! A filter may kill at the call that makes this process too, and then there is no way to ask. A command that calls
//! clone(2) anyway makes it so; one that may do without clone(2) takes fork(2), which else no command needs. What the
//! process finds out in words it leaves in shared memory.

use crate::clone::process::Process;
use crate::sys::wait::Change;
use crate::sys::{Errno, Result, memory, process};
use crate::text::{Show, Sink};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What came of a process that was to do something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aside {
    /// It ended: with the status that it was given, or by a signal.
    Ended(Change),
    /// It was made, and how it ended is not known.
    Lost(Errno),
    /// It was not made.
    NotMade(Errno),
}

/// The call that makes the process; the other is tried where it is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// clone(2).
    Clone,
    /// fork(2).
    Fork,
}

/// Runs `act` in a copy of the caller, made by fork(2), which ends with the status that `act` returns.
pub fn aside(act: impl FnOnce() -> i32) -> Aside {
    aside_by(By::Fork, act)
}

/// Runs `act` in a copy of the caller, which ends with the status that `act` returns.
pub fn aside_by(by: By, act: impl FnOnce() -> i32) -> Aside {
    let clone = || process::clone_copied(0, None);
    let made = match by {
        By::Clone => clone().or_else(|_| process::fork()),
        By::Fork => process::fork().or_else(|_| clone()),
    };
    match made.map(|made| Process::of(made, act)) {
        // A process that cannot be waited for is killed: it must not go on beside what comes next.
        Ok(child) => child.await_end().map_or_else(Aside::Lost, |status| Aside::Ended(status.change())),
        Err(errno) => Aside::NotMade(errno),
    }
}

/// A text in memory that this process shares with all that it makes afterwards.
pub struct SharedText {
    /// The number of bytes; [`TOO_LONG`] if some did not fit.
    len: &'static AtomicU32,
    /// A byte each.
    bytes: &'static [AtomicU32],
}

const TOO_LONG: u32 = u32::MAX;

impl SharedText {
    /// An empty text, with room for this many bytes.
    pub fn new(longest: usize) -> Result<Self> {
        let (len, bytes) = memory::futexes(1 + longest)?.split_first().ok_or(Errno::EIO)?;
        Ok(Self { len, bytes })
    }

    /// Forgets the text.
    pub fn wipe(&self) {
        self.len.store(0, Relaxed);
    }

    /// Whether everything fitted. What did not is no text.
    pub fn is_whole(&self) -> bool {
        self.len.load(Relaxed) != TOO_LONG
    }

    /// The bytes; none if some did not fit.
    fn written(&self) -> &[AtomicU32] {
        self.bytes.get(..self.len.load(Relaxed) as usize).unwrap_or_default()
    }
}

impl Sink for &SharedText {
    fn put(&mut self, bytes: &[u8]) {
        let len = self.len.load(Relaxed) as usize;
        let Some(room) = self.bytes.get(len..).and_then(|rest| rest.get(..bytes.len())) else {
            return self.len.store(TOO_LONG, Relaxed);
        };
        room.iter().zip(bytes).for_each(|(word, byte)| word.store(u32::from(*byte), Relaxed));
        self.len.store((len + bytes.len()) as u32, Relaxed);
    }

    fn column(&self) -> usize {
        self.written().iter().rev().take_while(|word| word.load(Relaxed) != u32::from(b'\n')).count()
    }
}

impl Show for SharedText {
    fn show(&self, out: &mut dyn Sink) {
        self.written().iter().for_each(|word| out.put(&[word.load(Relaxed) as u8]));
    }
}
