//! Many tasks of one kind, alive at once, and all reaped.
//!
//! A sleeper is made by the bare call. Its child runs a dozen instructions and touches no stack, so the limit is what
//! the kernel needs for a task, not a resource of this program.

use crate::board::turn::Patience;
use crate::clone::bare::{make_sleeper, set_parent};
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::sys::wait::{Waited, wait};
use crate::sys::{Errno, Fd, futex, process};
use core::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Release};

/// The sleepers that are alive.
pub struct Sleepers {
    /// The word on which all sleepers wait, then one for each sleeper, which the kernel clears at the end of a thread.
    words: &'static [AtomicU32],
    is_thread: bool,
    /// The number of sleepers.
    pub count: usize,
    /// Why there are fewer sleepers than requested, if so.
    pub refusal: Option<Errno>,
    /// A pidfd of this process.
    parent: Option<Fd>,
}

impl Sleepers {
    /// The number of words for `count` sleepers.
    pub const fn words(count: usize) -> usize {
        count + 1
    }

    /// Makes as many sleepers as there are [`words`](Self::words) for, or as the kernel allows; without CLONE_VFORK,
    /// which would suspend the caller. The words belong to the sleepers until they have ended.
    pub fn make(call: &Call, words: &'static [AtomicU32]) -> Self {
        let call = &Call { flags: call.flags - Flags::VFORK, ..*call };
        let is_thread = call.flags.contains(Flags::THREAD);
        let mut sleepers = Self { words, is_thread, count: 0, refusal: None, parent: None };
        let Some((gate, cleared @ [_, ..])) = words.split_first() else { return sleepers };
        gate.store(0, Release);
        // Without a pidfd, a sleeper that starts after this process ended does not notice.
        sleepers.parent = process::own_pidfd().ok();
        set_parent(sleepers.parent.as_ref().map(Fd::raw));
        for cleared in cleared {
            if let Err(errno) = make_sleeper(call, cleared, gate) {
                sleepers.refusal = Some(errno);
                break;
            }
            sleepers.count += 1;
        }
        sleepers
    }

    /// Lets all sleepers end, and waits until each has.
    pub fn end(self) {
        let Some((gate, cleared)) = self.words.split_first() else { return };
        gate.store(1, Release);
        // If the wake fails, a sleeper checks the word again after its next interrupted wait.
        let _ = futex::wake(gate);
        for cleared in cleared.iter().take(self.count) {
            if self.is_thread {
                await_cleared(cleared);
            } else {
                // Each wait reaps one, in any order. The caller has no other children.
                let mut patience = Patience::default();
                while wait(Waited::Any, 0) == Err(Errno::EINTR) && patience.lasts() {}
            }
        }
        set_parent(None);
    }
}

/// Sleeps until the kernel has cleared the word of a thread.
fn await_cleared(word: &AtomicU32) {
    loop {
        match word.load(Acquire) {
            0 => return,
            // The result does not matter: the loop checks the word.
            value => drop(futex::wait(word, value, 1000)),
        }
    }
}
