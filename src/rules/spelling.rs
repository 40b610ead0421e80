//! The spelling of flag sets: names, presets, signals and numbers, joined by `|` or `,`.
//!
//! A word is parsed part by part; the first part that makes no sense is the error. A preset in lower case takes
//! precedence over a flag of the same name: `thread` is the set that makes a thread, `THREAD` the single flag.

use crate::clone::call::{Api, Call};
use crate::clone::flags::{FLAGS, Flags, NAMESPACES, PTHREAD, THREAD};
use crate::text::read::{after, is_same, number, parts};

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

/// Adds the flags and the exit signal of a word to a call; an error is the part that makes no sense. Without an exit
/// signal in the word, the call gets the usual one.
pub fn parse<'a>(word: &'a [u8], call: &mut Call) -> Result<(), &'a [u8]> {
    let mut signal = None;
    for part in parts(word, b"|,") {
        let preset = PRESETS.iter().find(|preset| preset.name.as_bytes() == part);
        if let Some(flags) = preset.map(|preset| preset.flags).or_else(|| flag(part)) {
            call.flags |= flags;
        } else if let Some(number) = number(part).map(|number| number as u64) {
            match number {
                0x80 if call.api == Api::Clone3 => call.flags |= Flags::NEWTIME,
                ..256 => signal = Some(number),
                _ if call.api == Api::Clone3 => call.flags |= Flags::from_bits_retain(number),
                _ => {
                    call.flags |= Flags::from_bits_retain(number & !0xff);
                    signal = Some(number & 0xff).filter(|low| *low != 0).or(signal);
                }
            }
        } else {
            signal = Some(self::signal(part).ok_or(if part.is_empty() { word } else { part })? as u64);
        }
    }
    call.exit_signal = signal.unwrap_or(Call::usual(call.api, call.flags).exit_signal);
    Ok(())
}

/// A flag by its name, in any case, with or without CLONE_.
fn flag(part: &[u8]) -> Option<Flags> {
    let name = bare(part);
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

/// Finds the name with the smallest edit distance from a word: at most two, and less than the word's length.
pub struct Nearest<'a> {
    word: &'a [u8],
    name: Option<&'static str>,
    /// The distance from which on a name is too far away.
    limit: u8,
    /// Whether the word is itself a name: then it is misplaced rather than misspelt.
    is_name: bool,
}

impl<'a> Nearest<'a> {
    /// A search for the name nearest to this word.
    pub fn to(word: &'a [u8]) -> Self {
        Self { word, name: None, limit: word.len().min(3) as u8, is_name: false }
    }

    /// Considers a name.
    pub fn try_name(&mut self, name: &'static str) {
        self.is_name |= name.as_bytes() == self.word;
        let distance = distance(self.word, name.as_bytes());
        // An exact match takes precedence over the same letters in another case.
        if distance < self.limit || name.as_bytes() == self.word {
            (self.name, self.limit) = (Some(name), distance);
        }
    }

    /// The nearest name; none if no name is near, or if the word itself is a name.
    pub fn name(self) -> Option<&'static str> {
        self.name.filter(|_| !self.is_name)
    }
}

/// The nearest of these names, if one is near enough.
pub fn nearest(word: &[u8], names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let mut nearest = Nearest::to(word);
    for name in names {
        nearest.try_name(name);
    }
    nearest.name()
}

/// The names that flags can have: of flags, then of presets.
pub fn names() -> impl Iterator<Item = &'static str> {
    FLAGS.iter().map(|flag| flag.name).chain(PRESETS.iter().map(|preset| preset.name))
}

/// A word without the optional prefix of flag names.
pub fn bare(word: &[u8]) -> &[u8] {
    after(word, FLAG).unwrap_or(word)
}

/// The edit distance of two texts, ignoring case: how many letters must be inserted, removed or changed.
fn distance(one: &[u8], other: &[u8]) -> u8 {
    // The row for the letters of `other` read so far; any longer text is too far away.
    let mut row: [u8; 24] = core::array::from_fn(|place| place as u8);
    for (place, letter) in other.iter().enumerate() {
        let mut diagonal = core::mem::replace(&mut row[0], place as u8 + 1);
        for at in 1..row.len() {
            let differs = !one.get(at - 1).is_some_and(|own| own.eq_ignore_ascii_case(letter));
            let best = (diagonal + u8::from(differs)).min(row[at] + 1).min(row[at - 1] + 1);
            diagonal = core::mem::replace(&mut row[at], best);
        }
    }
    row.get(one.len()).copied().unwrap_or(u8::MAX)
}
