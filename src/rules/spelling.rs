//! The spelling of flag sets: names, presets, signals and numbers, with `|`, `,` or blanks between them.
//!
//! Words are parsed name by name; the first that makes no sense is the error. A preset in lower case takes precedence
//! over a flag of the same name: `thread` is the set that makes a thread, `THREAD` the single flag.

use crate::clone::call::{Api, Call};
use crate::clone::flags::{FLAGS, Flags, NAMESPACES, PTHREAD, THREAD};
use crate::text::nearest::{Name, Nearest};
use crate::text::read::{after, is_same, number};

/// A named set of flags.
pub struct Preset {
    /// The name.
    pub name: &'static str,
    /// The flags.
    pub flags: Flags,
}

const fn preset(name: &'static str, flags: Flags) -> Preset {
    Preset { name, flags }
}

/// The presets.
pub static PRESETS: [Preset; 7] = [
    preset("fork", Flags::empty()),
    preset("vfork", Flags::VM.union(Flags::VFORK)),
    preset("chimera", Flags::VM),
    preset("thread", THREAD),
    preset("pthread", PTHREAD),
    preset("user", Flags::NEWUSER),
    preset("container", NAMESPACES.difference(Flags::NEWTIME.union(Flags::EMPTY_MNTNS))),
];

/// The names of the signals from 1 on, without SIG.
pub static SIGNALS: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
];

/// The optional prefix of flag names.
const FLAG: &[u8] = b"CLONE_";

/// The optional prefix of signal names.
const SIGNAL: &[u8] = b"SIG";

/// What makes no sense in a set of flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong<'a> {
    /// A name of nothing.
    Name(&'a [u8]),
    /// A number of more than 64 bits, or with other letters in it.
    Number(&'a [u8]),
    /// A word in which a separator has nothing on one of its sides.
    Separator(&'a [u8]),
    /// A word without a name.
    Nothing(&'a [u8]),
}

/// Adds the flags and the exit signal of words to a call. Without an exit signal among them, the call gets the usual
/// one.
pub fn parse<'a>(words: &mut dyn Iterator<Item = &'a [u8]>, call: &mut Call) -> Result<(), Wrong<'a>> {
    let mut set = Set { call, signal: None };
    // The word whose last separator has no name behind it yet.
    let mut open = None;
    for (place, word) in words.enumerate() {
        let mut rest = word.trim_ascii();
        if rest.is_empty() {
            return Err(Wrong::Nothing(word));
        }
        let mut is_first = place == 0;
        while let [first, behind @ ..] = rest {
            if is_separator(first) {
                if is_first || open.replace(word).is_some() {
                    return Err(Wrong::Separator(word));
                }
                rest = behind.trim_ascii_start();
            } else {
                let end = rest.iter().position(|byte| is_separator(byte) || byte.is_ascii_whitespace());
                let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
                set.add(name)?;
                rest = behind.trim_ascii_start();
                open = None;
            }
            is_first = false;
        }
    }
    let signal = set.signal;
    call.exit_signal = signal.unwrap_or(Call::usual(call.api, call.flags).exit_signal);
    open.map_or(Ok(()), |word| Err(Wrong::Separator(word)))
}

/// Whether a byte stands between two names.
fn is_separator(byte: &u8) -> bool {
    matches!(byte, b'|' | b',')
}

/// A set of flags that is being read.
struct Set<'a> {
    call: &'a mut Call,
    signal: Option<u64>,
}

impl Set<'_> {
    /// Adds what a name means.
    fn add<'a>(&mut self, name: &'a [u8]) -> Result<(), Wrong<'a>> {
        let call = &mut *self.call;
        let preset = PRESETS.iter().find(|preset| preset.name.as_bytes() == name);
        if let Some(flags) = preset.map(|preset| preset.flags).or_else(|| flag(name)) {
            call.flags |= flags;
        } else if let Some(number) = number(name).map(|number| number as u64) {
            match number {
                0x80 if call.api == Api::Clone3 => call.flags |= Flags::NEWTIME,
                ..256 => self.signal = Some(number),
                _ if call.api == Api::Clone3 => call.flags |= Flags::from_bits_retain(number),
                _ => {
                    call.flags |= Flags::from_bits_retain(number & !0xff);
                    self.signal = Some(number & 0xff).filter(|low| *low != 0).or(self.signal);
                }
            }
        } else if let Some(signal) = signal(name) {
            self.signal = Some(signal as u64);
        } else if name.first().is_some_and(u8::is_ascii_digit) {
            return Err(Wrong::Number(name));
        } else {
            return Err(Wrong::Name(name));
        }
        Ok(())
    }
}

/// A flag by its name, in any case, with or without CLONE_.
fn flag(part: &[u8]) -> Option<Flags> {
    let name = after(part, FLAG).unwrap_or(part);
    let flag = FLAGS.iter().find(|flag| is_same(name, flag.name.as_bytes()))?;
    Some(flag.bit)
}

/// A signal number, from a name in any case, with or without SIG, or from a number.
pub fn signal(part: &[u8]) -> Option<usize> {
    let name = after(part, SIGNAL).unwrap_or(part);
    if let Some(realtime) = after(name, b"RT_").or_else(|| after(name, b"RTMIN+")) {
        return number(realtime).filter(|number| *number <= 32).map(|number| number + 32);
    }
    // The kernel's first real-time signal. The C library reserves two and calls the third SIGRTMIN.
    if is_same(name, b"RTMIN") {
        return Some(32);
    }
    let named = || SIGNALS.iter().position(|known| is_same(name, known.as_bytes()));
    number(part).or_else(|| Some(named()? + 1))
}

/// The flag, preset or signal that a word was probably meant to be, if `fits` allows for it.
pub fn near(word: &[u8], fits: &dyn Fn(&str) -> bool) -> Option<Name> {
    let mut nearest = Nearest::default();
    let mut consider = |word: &[u8], prefix, name| {
        if fits(name) {
            nearest.consider(word, (prefix, name));
        }
    };
    if let Some(rest) = after(word, FLAG) {
        FLAGS.iter().for_each(|flag| consider(rest, "CLONE_", flag.name));
        return nearest.name();
    }
    PRESETS.iter().for_each(|preset| consider(word, "", preset.name));
    FLAGS.iter().for_each(|flag| consider(word, "", flag.name));
    let (rest, prefix) = after(word, SIGNAL).map_or((word, ""), |rest| (rest, "SIG"));
    SIGNALS.iter().for_each(|signal| consider(rest, prefix, signal));
    nearest.name()
}
