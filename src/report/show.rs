//! How types of the other rooms are shown.

use crate::clone::call::{Api, Call};
use crate::clone::flags::{FLAGS, Flags, Version};
use crate::error::Why;
use crate::rules::expected::Expected;
use crate::rules::spelling::SIGNALS;
use crate::sys::{Errno, Pid, Signal};
use crate::text::{Hex, Show, Sink, out};

/// `EPERM (Operation not permitted)`; `errno 512` for a number that errno(3) does not list.
impl Show for Errno {
    fn show(&self, out: &mut dyn Sink) {
        match self.name() {
            Some((name, text)) => out!(out, name, " (", text, ")"),
            None => out!(out, "errno ", self.number()),
        }
    }
}

/// `EPERM`; `errno 512` for a number that errno(3) does not list.
pub struct Name(pub Errno);

impl Show for Name {
    fn show(&self, out: &mut dyn Sink) {
        match self.0.name() {
            Some((name, _)) => out!(out, name),
            None => out!(out, self.0),
        }
    }
}

/// `OK`, `EPERM (Operation not permitted)`, or `SIGSYS (killed by a seccomp filter)`.
impl Show for Expected {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Made => out!(out, "OK"),
            Self::Refused(errno) => errno.show(out),
            Self::Killed => out!(out, Signal::SYS, " (killed by a seccomp filter)"),
        }
    }
}

/// `OK`, `EPERM` or `SIGSYS`.
pub struct Word(pub Expected);

impl Show for Word {
    fn show(&self, out: &mut dyn Sink) {
        match self.0 {
            Expected::Made => out!(out, "OK"),
            Expected::Refused(errno) => Name(errno).show(out),
            Expected::Killed => Signal::SYS.show(out),
        }
    }
}

impl Show for Why {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Errno(errno) => errno.show(out),
            Self::Signal(signal) => signal.show(out),
            Self::Status(status) => out!(out, "exit status ", *status),
        }
    }
}

impl Show for Pid {
    fn show(&self, out: &mut dyn Sink) {
        self.number().show(out);
    }
}

impl Show for Signal {
    fn show(&self, out: &mut dyn Sink) {
        ExitSignal(self.number() as u64).show(out);
    }
}

/// A signal by its name, as strace prints it, or an invalid number.
pub struct ExitSignal(pub u64);

impl Show for ExitSignal {
    fn show(&self, out: &mut dyn Sink) {
        match self.0 {
            number @ 1..=31 => out!(out, "SIG", SIGNALS[number as usize - 1]),
            32 => out!(out, "SIGRTMIN"),
            number @ 33..=64 => out!(out, "SIGRT_", number - 32),
            number => out!(out, number),
        }
    }
}

/// A set by the kernel's names, joined by `|`; bits without a name in hexadecimal.
impl Show for Flags {
    fn show(&self, out: &mut dyn Sink) {
        Named { set: *self, nameless: Flags::empty() }.show(out);
    }
}

/// A set whose `nameless` flags are shown as bits.
struct Named {
    set: Flags,
    nameless: Flags,
}

impl Show for Named {
    fn show(&self, out: &mut dyn Sink) {
        let (mut rest, mut glue) = (self.set, "");
        for flag in FLAGS.iter().filter(|flag| (self.set - self.nameless).contains(flag.bit)) {
            rest -= flag.bit;
            out!(out, glue, "CLONE_", flag.name);
            glue = "|";
        }
        if !rest.is_empty() {
            out!(out, glue, Hex(rest.bits()));
        }
    }
}

/// The flags of a call, then the exit signal of clone(2), as strace prints them: strace has no name for CLONE_DETACHED.
pub fn flags(call: &Call) -> impl Show {
    FlagsOfCall { api: call.api, flags: call.flags, exit_signal: call.exit_signal }
}

struct FlagsOfCall {
    api: Api,
    flags: Flags,
    exit_signal: u64,
}

impl Show for FlagsOfCall {
    fn show(&self, out: &mut dyn Sink) {
        Named { set: self.flags, nameless: Flags::DETACHED }.show(out);
        let has_signal = self.exit_signal != 0 && self.api != Api::Clone3;
        match (self.flags.is_empty(), has_signal) {
            (false, true) => out!(out, "|", ExitSignal(self.exit_signal)),
            (true, true) => ExitSignal(self.exit_signal).show(out),
            (true, false) if self.api != Api::Fork => "0".show(out),
            _ => {}
        }
    }
}

/// A call without its addresses: `clone(CLONE_VM|SIGCHLD)`, `clone3(CLONE_VM, exit_signal=SIGCHLD)`.
pub struct InShort<'a>(pub &'a Call);

impl Show for InShort<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Self(call) = self;
        out!(out, call.api.name(), "(", flags(call));
        if call.api == Api::Clone3 && call.exit_signal != 0 {
            out!(out, ", exit_signal=", ExitSignal(call.exit_signal));
        }
        out!(out, ")");
    }
}

/// `6.18`
impl Show for Version {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, self.major, ".", self.minor);
    }
}
