//! The options of all commands, and the one way through the words of a command line.
//!
//! The decision behind it: one table. An option is written the same way whichever command it belongs to, as getopt_long(3)
//! has it: `--name value`, `--name=value`, `-n value`, `-nvalue`, and `-ab` for `-a -b`.

use crate::scan::parts;
use crate::words::Text;

/// A word that makes no sense, and what would ([`Text::Nothing`]: it is not known what was meant).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Misuse<'a> {
    /// The word.
    pub word: &'a [u8],
    /// What is allowed in its place.
    pub allowed: Text,
}

impl<'a> From<&'a [u8]> for Misuse<'a> {
    fn from(word: &'a [u8]) -> Self {
        Self { word, allowed: Text::Nothing }
    }
}

/// An option: its long name, its letter (0: none), and who has it and what follows it.
struct Row(Text, u8, u8);

/// The commands: who has an option.
pub const TOUR: u8 = 1;
/// `clone`
pub const CLONE: u8 = 2;
/// `rules`
pub const RULES: u8 = 4;
/// `run`
pub const RUN: u8 = 8;
/// `doctor`
pub const DOCTOR: u8 = 16;
/// `bench`
pub const BENCH: u8 = 32;
const BOTH: u8 = CLONE | RULES;
/// All of them.
const ALL: u8 = 0x3f;
/// A value may follow, in the same word.
const OPTIONAL: u8 = 0x40;
/// A value follows.
const VALUE: u8 = 0x80;

/// All options.
#[rustfmt::skip]
static OPTIONS: &[Row] = &[
    Row(Text::OptionHelp, b'h', ALL),
    Row(Text::OptionVersion, b'V', TOUR),
    Row(Text::OptionVerbose, b'v', TOUR),
    Row(Text::OptionJson, 0, TOUR | BOTH | DOCTOR | BENCH),
    Row(Text::OptionClone3, 0, BOTH),
    Row(Text::OptionDot, 0, CLONE),
    Row(Text::OptionGraph, 0, CLONE),
    Row(Text::OptionFlags, 0, RULES),
    Row(Text::OptionUnprivileged, 0, RULES),
    Row(Text::OptionKernel, 0, RULES | VALUE),
    Row(Text::OptionExitSignal, 0, BOTH | VALUE),
    Row(Text::OptionStack, 0, BOTH | VALUE),
    Row(Text::OptionTls, 0, BOTH | VALUE),
    Row(Text::OptionSetTid, 0, BOTH | VALUE),
    Row(Text::OptionCgroup, 0, BOTH | VALUE),
    Row(Text::OptionSize, 0, BOTH | VALUE),
    Row(Text::OptionHeap, 0, BENCH | VALUE),
    Row(Text::OptionTasks, 0, BENCH | VALUE),
    Row(Text::OptionMount, b'm', RUN),
    Row(Text::OptionUts, b'u', RUN),
    Row(Text::OptionIpc, b'i', RUN),
    Row(Text::OptionNet, b'n', RUN),
    Row(Text::OptionPid, b'p', RUN),
    Row(Text::OptionUser, b'U', RUN),
    Row(Text::OptionCgroup, b'C', RUN),
    Row(Text::OptionTime, b'T', RUN),
    Row(Text::OptionFork, b'f', RUN),
    Row(Text::OptionInit, 0, RUN),
    Row(Text::OptionMapRootUser, b'r', RUN),
    Row(Text::OptionMapCurrentUser, b'c', RUN),
    Row(Text::OptionMapUser, 0, RUN | VALUE),
    Row(Text::OptionMapGroup, 0, RUN | VALUE),
    Row(Text::OptionMapUsers, 0, RUN | VALUE),
    Row(Text::OptionMapGroups, 0, RUN | VALUE),
    Row(Text::OptionMapAuto, 0, RUN),
    Row(Text::OptionSetgroups, 0, RUN | VALUE),
    Row(Text::OptionMountProc, 0, RUN | OPTIONAL),
    Row(Text::OptionPropagation, 0, RUN | VALUE),
    Row(Text::OptionRoot, b'R', RUN | VALUE),
    Row(Text::OptionWd, b'w', RUN | VALUE),
    Row(Text::OptionHostname, 0, RUN | VALUE),
    Row(Text::OptionMonotonic, 0, RUN | VALUE),
    Row(Text::OptionBoottime, 0, RUN | VALUE),
    Row(Text::OptionKillChild, 0, RUN | OPTIONAL),
    Row(Text::OptionKeepCaps, 0, RUN),
    Row(Text::OptionNoNewPrivs, 0, RUN),
    Row(Text::OptionSetuid, b'S', RUN | VALUE),
    Row(Text::OptionSetgid, b'G', RUN | VALUE),
];

/// The long name of each option, by numbers.
pub fn name(number: usize) -> Option<Text> {
    OPTIONS.get(number).map(|row| row.0)
}

/// The words of a command, one after another: an option and its value, or [`Text::Nothing`] and a word that is none; an
/// error is the word that makes no sense. It ends behind `--`.
#[derive(Clone)]
pub struct Options<'a, Words> {
    command: u8,
    words: Words,
    /// The word that was read last, and its letters that are options still to come.
    word: &'a [u8],
    letters: &'a [u8],
    /// How many words have been read.
    pub read: usize,
}

impl<'a, Words: Iterator<Item = &'a [u8]>> Options<'a, Words> {
    /// Of a command, whose name has been read.
    pub fn new(command: u8, words: Words) -> Self {
        Self { command, words, word: b"", letters: b"", read: 0 }
    }

    /// The word that was read last.
    pub fn word(&self) -> &'a [u8] {
        self.word
    }

    /// Whether it has come to `--`.
    pub fn is_at_end(&self) -> bool {
        self.word == b"--"
    }

    fn take(&mut self) -> Option<&'a [u8]> {
        self.read += 1;
        self.words.next()
    }

    /// The row of a long name, or of a letter.
    fn row(&self, is_meant: impl Fn(&Row) -> bool) -> Option<(Text, u8)> {
        let row = OPTIONS.iter().find(|row| row.2 & self.command != 0 && is_meant(row))?;
        Some((row.0, row.2))
    }

    /// The option that the word or its next letter is.
    fn option(&mut self) -> Option<(Text, &'a [u8])> {
        if let [letter, rest @ ..] = core::mem::take(&mut self.letters) {
            let (option, kind) = self.row(|row| row.1 == *letter)?;
            if kind & VALUE == 0 {
                self.letters = rest;
                return Some((option, b""));
            }
            return Some((option, if rest.is_empty() { self.take()? } else { rest }));
        }
        let name = parts(self.word, b"=").next()?;
        let (option, kind) = self.row(|row| row.0.bytes() == name)?;
        match self.word.get(name.len() + 1..) {
            Some(value) if kind & (VALUE | OPTIONAL) != 0 => Some((option, value)),
            None if kind & VALUE != 0 => Some((option, self.take()?)),
            None => Some((option, b"")),
            Some(_) => None,
        }
    }
}

impl<'a, Words: Iterator<Item = &'a [u8]>> Iterator for Options<'a, Words> {
    type Item = Result<(Text, &'a [u8]), &'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.letters.is_empty() {
            self.word = self.take()?;
            match self.word {
                b"--" => return None,
                [b'-', b'-', ..] => {}
                [b'-', letters @ ..] if !letters.is_empty() => self.letters = letters,
                // What follows the first word that is no option belongs to the program that is run.
                _ if self.command == RUN => {
                    self.read -= 1;
                    return None;
                }
                word => return Some(Ok((Text::Nothing, word))),
            }
        }
        let word = self.word;
        Some(self.option().ok_or(word))
    }
}
