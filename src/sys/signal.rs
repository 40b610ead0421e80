//! Signals: rt_sigaction(2), rt_sigprocmask(2), rt_sigpending(2), rt_sigtimedwait(2).

use super::{Errno, Result, answer, done};
use core::num::NonZeroU8;
use linux_raw_sys::general::{self as kernel, SA_NOCLDWAIT, SIG_SETMASK, kernel_sigaction};

/// A signal number, 1 to 64, signal(7). A wait status has room for numbers up to 127.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signal(NonZeroU8);

#[allow(missing_docs, reason = "each is the signal of its name, signal(7)")]
impl Signal {
    pub const HUP: Self = Self::known(kernel::SIGHUP);
    pub const INT: Self = Self::known(kernel::SIGINT);
    pub const TERM: Self = Self::known(kernel::SIGTERM);
    pub const QUIT: Self = Self::known(kernel::SIGQUIT);
    pub const KILL: Self = Self::known(kernel::SIGKILL);
    pub const USR1: Self = Self::known(kernel::SIGUSR1);
    pub const SEGV: Self = Self::known(kernel::SIGSEGV);
    pub const SYS: Self = Self::known(kernel::SIGSYS);
    pub const PIPE: Self = Self::known(kernel::SIGPIPE);
    pub const CHLD: Self = Self::known(kernel::SIGCHLD);
    pub const CONT: Self = Self::known(kernel::SIGCONT);
    pub const STOP: Self = Self::known(kernel::SIGSTOP);
    pub const TSTP: Self = Self::known(kernel::SIGTSTP);
    pub const TTIN: Self = Self::known(kernel::SIGTTIN);
    pub const TTOU: Self = Self::known(kernel::SIGTTOU);
    pub const URG: Self = Self::known(kernel::SIGURG);
    pub const XFSZ: Self = Self::known(kernel::SIGXFSZ);
    pub const WINCH: Self = Self::known(kernel::SIGWINCH);
}

impl Signal {
    /// A signal from the kernel's header.
    const fn known(number: u32) -> Self {
        match Self::new(number as usize) {
            Some(signal) => signal,
            None => panic!("not the number of a signal"),
        }
    }

    /// The signal with this number, 1 to 127; none for any other number.
    pub const fn new(number: usize) -> Option<Self> {
        if number > 127 {
            return None;
        }
        match NonZeroU8::new(number as u8) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn number(self) -> usize {
        self.0.get() as usize
    }

    /// The set that holds only this signal; empty for a number above 64.
    pub const fn set(self) -> Set {
        match 1u64.checked_shl(self.0.get() as u32 - 1) {
            Some(set) => set,
            None => 0,
        }
    }
}

/// The disposition of a signal: sa_handler of sigaction(2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Disposition(pub usize);

impl Disposition {
    /// SIG_DFL.
    pub const DEFAULT: Self = Self(0);
    /// SIG_IGN.
    pub const IGNORE: Self = Self(1);
}

/// The size of the kernel's signal set, in bytes.
const SET: usize = 8;

const _: () = assert!(size_of::<kernel_sigaction>() == 4 * size_of::<usize>());

/// rt_sigaction(2): sets a disposition and returns the previous one.
pub fn dispose(signal: Signal, disposition: Disposition) -> Result<Disposition> {
    act(signal, disposition, 0)
}

/// rt_sigaction(2) of SIGCHLD with SA_NOCLDWAIT and the default disposition: children of the caller leave no zombies.
pub fn leave_no_zombies() -> Result<()> {
    act(Signal::CHLD, Disposition::DEFAULT, SA_NOCLDWAIT as usize).map(|_| ())
}

/// rt_sigaction(2) with these flags.
fn act(signal: Signal, disposition: Disposition, flags: usize) -> Result<Disposition> {
    // Without SA_RESTORER the kernel kills the task with SIGSEGV instead of running a handler: no handler ever runs
    // here.
    let action = [disposition.0, flags, 0, 0];
    let mut old = [0; 4];
    // SAFETY: the kernel reads one struct of four words (handler, flags, restorer, mask) and writes another.
    done(unsafe { syscall!(RT_SIGACTION, signal.number(), &raw const action, &raw mut old, SET) })?;
    Ok(Disposition(old[0]))
}

/// rt_sigaction(2): the current disposition.
pub fn disposition(signal: Signal) -> Result<Disposition> {
    let mut action = [0; 4];
    // SAFETY: the kernel writes one struct of four words.
    done(unsafe { syscall!(RT_SIGACTION, signal.number(), 0, &raw mut action, SET) })?;
    Ok(Disposition(action[0]))
}

/// A set of signals; bit 0 is signal 1.
pub type Set = u64;

/// rt_sigprocmask(2): sets the signal mask to exactly this set and returns the previous mask.
pub fn block(set: Set) -> Result<Set> {
    let mut old = 0;
    // SAFETY: the kernel reads one set and writes another.
    done(unsafe { syscall!(RT_SIGPROCMASK, SIG_SETMASK, &raw const set, &raw mut old, SET) })?;
    Ok(old)
}

/// Signals that are blocked for a while: dropping this value sets the mask of before again.
#[must_use]
pub struct Blocked {
    before: Set,
}

impl Blocked {
    /// Blocks all signals that can be blocked.
    pub fn all() -> Result<Self> {
        block(Set::MAX).map(|before| Self { before })
    }

    /// Blocks these signals too.
    pub fn also(set: Set) -> Result<Self> {
        let blocked = Self::all()?;
        block(blocked.before | set)?;
        Ok(blocked)
    }

    /// The mask of before.
    pub fn before(&self) -> Set {
        self.before
    }

    /// Sets the mask of before, with the result that a drop discards.
    pub fn restore(self) -> Result<()> {
        let before = self.before;
        core::mem::forget(self);
        block(before).map(|_| ())
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // If refused, the signals stay blocked until the program ends.
        let _ = block(self.before);
    }
}

/// rt_sigpending(2): the blocked signals that are pending.
pub fn pending() -> Result<Set> {
    let mut set: Set = 0;
    // SAFETY: the kernel writes one set.
    done(unsafe { syscall!(RT_SIGPENDING, &raw mut set, SET) })?;
    Ok(set)
}

/// An accepted signal and its si_code, sigaction(2): above 0 the kernel sent the signal, otherwise a process did.
#[derive(Clone, Copy)]
pub struct Accepted {
    /// The signal.
    pub signal: Signal,
    /// Its si_code.
    pub code: i32,
}

/// rt_sigtimedwait(2) without a timeout: accepts the next signal of a blocked set.
pub fn accept(set: Set) -> Result<Accepted> {
    let mut info = [0i32; 32];
    // SAFETY: the kernel reads one set and writes one siginfo of 128 bytes.
    let number = answer(unsafe { syscall!(RT_SIGTIMEDWAIT, &raw const set, info.as_mut_ptr(), 0, SET) })?;
    Ok(Accepted { signal: Signal::new(number).ok_or(Errno::EIO)?, code: info[2] })
}
