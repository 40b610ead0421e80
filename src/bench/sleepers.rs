//! Many tasks alive at once, all of a kind, and all reaped.
//!
//! The decision behind it: a sleeper is the bare call, whose child runs a dozen instructions and touches no stack: what is
//! counted is what the kernel needs for a task, and nothing of ours runs out before.

use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::clone::raw::bare::{bare, set_maker};
use crate::sys::process::Waited;
use crate::sys::{Errno, Result, file, futex, memory, process};
use core::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Release};

/// No descriptor: poll(2) passes it over.
const NONE: usize = u32::MAX as usize;

/// Those that are alive.
pub struct Sleepers {
    /// The word that lets them end, and behind it one for each, which the kernel clears if it is a thread.
    words: &'static [AtomicU32],
    is_thread: bool,
    /// How many there are.
    pub count: usize,
    /// Why there are not as many as were asked for.
    pub refusal: Option<Errno>,
    /// The descriptor of this process.
    maker: Option<usize>,
}

impl Sleepers {
    /// As many as asked for, or as there can be; without CLONE_VFORK, for the caller is not to sleep until they end.
    pub fn make(call: &Call, wanted: usize) -> Result<Self> {
        let call = &Call { flags: call.flags - Flags::VFORK, ..*call };
        let words = memory::words(wanted + 1)?;
        let mut sleepers =
            Self { words, is_thread: call.flags.contains(Flags::THREAD), count: 0, refusal: None, maker: None };
        let Some((gate, cleared)) = words.split_first() else { return Ok(sleepers) };
        if wanted > 0 {
            // A refusal leaves sleepers that do not see an end that came before they asked for its signal.
            sleepers.maker = process::own_pidfd().ok();
            set_maker(sleepers.maker.unwrap_or(NONE));
        }
        for cleared in cleared {
            match bare(call, cleared, Some(gate)).split() {
                Ok(_) => sleepers.count += 1,
                Err(errno) => {
                    cleared.store(0, Release);
                    sleepers.refusal = Some(errno);
                    break;
                }
            }
        }
        Ok(sleepers)
    }

    /// Lets them end, and waits until each is gone.
    pub fn end(self) {
        let Some((gate, cleared)) = self.words.split_first() else { return };
        gate.store(1, Release);
        // Who does not wake by this looks again when its next wait is refused.
        let _ = futex::wake(gate);
        for cleared in cleared.iter().take(self.count) {
            while self.is_thread && cleared.load(Acquire) != 0 {
                // However it ends, the word tells.
                let _ = futex::wait(cleared, cleared.load(Acquire), 1000);
            }
            if !self.is_thread {
                // Each ends once, in any order. The caller has no other children.
                let _ = process::wait_for(Waited::Any, 0);
            }
        }
        if let Some(pidfd) = self.maker {
            set_maker(NONE);
            // A failed close loses nothing.
            let _ = file::close(pidfd);
        }
        memory::forget_words(self.words);
    }
}
