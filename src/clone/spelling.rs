//! How a set of flags may be written: names, presets, signals and numbers, joined by `|` or `,`.
//!
//! The decision behind it: one way through a word, part by part; the first part that makes no sense is the error. A preset
//! in lower case comes before a flag of the same name: `thread` is all that makes a thread, `THREAD` the one flag.

use super::call::{Api, Call};
use super::flags::{FLAGS, Flags, NAMESPACES, PTHREAD, THREAD};
use crate::scan::{after, is_same, number, parts};
use crate::words::Text;

/// The presets.
#[rustfmt::skip]
pub static PRESETS: [(Text, Flags); 7] = [
    (Text::Fork, Flags::empty()),
    (Text::PresetVfork, Flags::VM.union(Flags::VFORK)),
    (Text::Chimera, Flags::VM),
    (Text::Thread, THREAD),
    (Text::Pthread, PTHREAD),
    (Text::User, Flags::NEWUSER),
    (Text::PresetContainer, NAMESPACES.difference(Flags::NEWTIME.union(Flags::EMPTY_MNTNS))),
];

/// Adds a word to a call; an error is the part that makes no sense. The exit signal, if the word does not name it, is
/// the usual one.
pub fn read<'a>(word: &'a [u8], call: &mut Call) -> Result<(), &'a [u8]> {
    let mut signal = None;
    for part in parts(word, b"|,") {
        let preset = PRESETS.iter().find(|(name, _)| name.bytes() == part);
        if let Some(flags) = preset.map(|(_, flags)| *flags).or_else(|| flag(part)) {
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
    let flag = FLAGS.iter().find(|flag| is_same(name, flag.name.bytes()))?;
    Some(Flags::from_bits_retain(1 << flag.bit))
}

/// A signal by its name, in any case, with or without SIG, or its number.
pub fn signal(part: &[u8]) -> Option<usize> {
    let name = after(part, Text::SignalPrefix.bytes()).unwrap_or(part);
    if let Some(realtime) = after(name, b"RT_").or_else(|| after(name, b"RTMIN+")) {
        return number(realtime).filter(|number| *number <= 32).map(|number| number + 32);
    }
    // The kernel's first; the C library keeps two for itself and names the third so.
    if is_same(name, b"RTMIN") {
        return Some(32);
    }
    let mut names = parts(Text::Signals.bytes(), b" ");
    number(part).or_else(|| Some(names.position(|known| is_same(name, known))? + 1))
}

/// The name that is the fewest changes away from a word, if there are not more than two, and fewer than letters; the names
/// are those of the numbers from 0 on.
pub fn nearest(word: &[u8], name: &dyn Fn(usize) -> Option<Text>) -> Option<Text> {
    let (mut nearest, mut limit) = (None, word.len().min(3) as u8);
    for number in 0.. {
        let Some(text) = name(number) else { break };
        if text.bytes() == word {
            return None; // not the word is wrong, but its place
        }
        let distance = distance(word, text.bytes());
        if distance < limit {
            (nearest, limit) = (Some(text), distance);
        }
    }
    nearest
}

/// What can stand among flags, by numbers: the flags, then the presets.
pub fn name(number: usize) -> Option<Text> {
    let flag = FLAGS.get(number).map(|flag| flag.name);
    flag.or_else(|| PRESETS.get(number.wrapping_sub(FLAGS.len())).map(|(name, _)| *name))
}

/// A word without the beginning that all flags may have.
pub fn bare(word: &[u8]) -> &[u8] {
    after(word, Text::FlagPrefix.bytes()).unwrap_or(word)
}

/// How many letters must be put in, left out or changed to make one text of the other, whatever their case.
fn distance(one: &[u8], other: &[u8]) -> u8 {
    // The row for the letters of `other` read so far; a longer text is too far away in any case.
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
