//! Many tasks alive at once, all of a kind, and all reaped.
//!
//! A sleeper is the bare call, whose child runs a dozen instructions and touches no stack: what is counted is what the kernel
//! needs for a task, and nothing of the program's own runs out before.

use crate::clone::bare::{make_sleeper, set_maker};
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::sys::wait::{Waited, wait};
use crate::sys::{Errno, Fd, futex, process};
use core::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Release};

/// The sleepers that are alive.
pub struct Sleepers {
    /// The word that lets them end, and behind it one for each, which the kernel clears if it is a thread.
    words: &'static [AtomicU32],
    is_thread: bool,
    /// How many there are.
    pub count: usize,
    /// Why there are not as many as were asked for.
    pub refusal: Option<Errno>,
    /// The descriptor of this process.
    maker: Option<Fd>,
}

impl Sleepers {
    /// How many words so many sleepers need.
    pub const fn words(count: usize) -> usize {
        count + 1
    }

    /// As many as there are [`words`](Self::words) for, or as there can be; without CLONE_VFORK, for the caller is not to sleep
    /// until they end. The words are theirs alone until they have ended.
    pub fn make(call: &Call, words: &'static [AtomicU32]) -> Self {
        let call = &Call { flags: call.flags - Flags::VFORK, ..*call };
        let is_thread = call.flags.contains(Flags::THREAD);
        let mut sleepers = Self { words, is_thread, count: 0, refusal: None, maker: None };
        let Some((gate, cleared @ [_, ..])) = words.split_first() else { return sleepers };
        gate.store(0, Release);
        // Without it there are sleepers that do not see an end that came before they asked for its signal.
        sleepers.maker = process::own_pidfd().ok();
        set_maker(sleepers.maker.as_ref().map(Fd::raw));
        for cleared in cleared {
            if let Err(errno) = make_sleeper(call, cleared, gate) {
                sleepers.refusal = Some(errno);
                break;
            }
            sleepers.count += 1;
        }
        sleepers
    }

    /// Lets them end, and waits until each is gone.
    pub fn end(self) {
        let Some((gate, cleared)) = self.words.split_first() else { return };
        gate.store(1, Release);
        // A sleeper that this does not wake looks again when its next wait is refused.
        let _ = futex::wake(gate);
        for cleared in cleared.iter().take(self.count) {
            if self.is_thread {
                await_cleared(cleared);
            } else {
                // Each ends once, in any order. The caller has no other children.
                while wait(Waited::Any, 0) == Err(Errno::EINTR) {}
            }
        }
        set_maker(None);
    }
}

/// Sleeps until the kernel has cleared the word of a thread.
fn await_cleared(word: &AtomicU32) {
    loop {
        match word.load(Acquire) {
            0 => return,
            // However the sleep ends, the word tells.
            value => drop(futex::wait(word, value, 1000)),
        }
    }
}
