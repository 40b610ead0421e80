//! The parser for the words of a command line.
//!
//! Options have the same syntax in every command, that of getopt_long(3): `--name value`, `--name=value`, `-n value`,
//! `-nvalue`, `-ab` for `-a -b`, and the beginning of a long name that fits no other. Some options are every command's.

use super::form::{Form, Listed, Opt, Section, Value, Values};
use super::misuse::Misuse;
use crate::report::look::Colors;
use crate::text::read::parts;

/// The options of every command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the option of its name")]
pub enum Common {
    Help,
    Version,
    Color,
}

/// The options of every command.
pub static COMMON: &[Section<Common>] = &[Section {
    title: "in every command",
    options: &[
        Opt::flag("--help", Common::Help, "the command's help").letter(b'h'),
        Opt::flag("--version", Common::Version, "the version").letter(b'V'),
        Opt::value("--color", Values::only(&["auto", "always", "never"]), Common::Color, "colors in the output")
            .default("auto: on a terminal, unless NO_COLOR is set"),
    ],
}];

/// A command's options and those of every command.
pub struct All(pub &'static dyn Listed);

impl Listed for All {
    fn each(&self, visit: &mut dyn FnMut(&'static str, &'static Form)) {
        self.0.each(visit);
        COMMON.each(visit);
    }
}

/// An option as it was given.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// How the option is written.
    pub form: &'static Form,
    /// The value, which may be empty; none if no value is given.
    pub value: Option<&'a [u8]>,
}

impl<'a> Given<'a> {
    /// The value of an option that requires one; of another one that has none it is empty.
    pub fn text(self) -> &'a [u8] {
        self.value.unwrap_or_default()
    }

    /// Says that the option does not take this value.
    pub fn wrong(self) -> Misuse<'a> {
        Misuse::value(self.form, self.text())
    }
}

/// A parsed word.
#[derive(Clone, Copy, Debug)]
pub enum Word<'a, Id> {
    /// An option of the command.
    Option(Id, Given<'a>),
    /// A word that is not an option.
    Plain(&'a [u8]),
}

/// Where a command line names a program to execute, whose options are none of the command's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Program {
    /// Nowhere: all words behind `--` are plain.
    Nowhere,
    /// In the first word that is not an option.
    Plain,
    /// Behind `--`, if that is there.
    BehindDashes,
}

/// Iterates over the words of a command, up to the program to execute, if there is one.
pub struct Options<'a, Id: 'static, Words> {
    table: &'static [Section<Id>],
    parser: Parser<'a, Words>,
}

impl<'a, Id: Copy + Sync, Words: Iterator<Item = &'a [u8]>> Options<'a, Id, Words> {
    /// The words after a command's name.
    pub fn new(table: &'static [Section<Id>], program: Program, words: Words) -> Self {
        Self { table, parser: Parser::new(program, words) }
    }

    /// Whether the last word read is the `--` behind which a program stands.
    pub fn is_at_dashes(&self) -> bool {
        self.parser.is_at_dashes
    }

    /// The number of words read.
    pub fn read(&self) -> usize {
        self.parser.read
    }
}

impl<'a, Id: Copy + Sync, Words: Iterator<Item = &'a [u8]>> Iterator for Options<'a, Id, Words> {
    type Item = Result<Word<'a, Id>, Misuse<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            return Some(match self.parser.next(&self.table)? {
                Err(misuse) => Err(misuse),
                Ok(Found::Plain(word)) => Ok(Word::Plain(word)),
                Ok(Found::Option(Place::Common(_), _)) => continue,
                Ok(Found::Option(Place::Own(place), given)) => {
                    let option = self.table.iter().flat_map(|section| section.options).nth(place);
                    Ok(Word::Option(option?.id, given))
                }
            });
        }
    }
}

/// What was found in a word.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// An option.
    Option(Place, Given<'a>),
    /// A word that is not an option.
    Plain(&'a [u8]),
}

/// The place of an option in its table.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// In that of every command.
    Common(usize),
    /// In that of the command.
    Own(usize),
}

/// The parser, for any table.
pub struct Parser<'a, Words> {
    words: Words,
    program: Program,
    /// The last word read, and its short options that are still to come.
    word: &'a [u8],
    letters: &'a [u8],
    read: usize,
    /// Whether all words that follow are plain.
    is_plain: bool,
    is_at_dashes: bool,
}

impl<'a, Words: Iterator<Item = &'a [u8]>> Parser<'a, Words> {
    /// The words after a command's name.
    pub fn new(program: Program, words: Words) -> Self {
        Self { words, program, word: b"", letters: b"", read: 0, is_plain: false, is_at_dashes: false }
    }

    /// Parses the next word, or the next letter of a word.
    pub fn next(&mut self, table: &dyn Listed) -> Option<Result<Found<'a>, Misuse<'a>>> {
        if let [letter, rest @ ..] = self.letters {
            self.letters = b"";
            return Some(self.by_letter(table, *letter, rest));
        }
        self.word = self.next_word()?;
        match self.word {
            word if self.is_plain => Some(Ok(Found::Plain(word))),
            b"--" if self.program == Program::Nowhere => {
                self.is_plain = true;
                self.next(table)
            }
            b"--" => {
                self.is_at_dashes = true;
                None
            }
            [b'-', b'-', ..] => Some(self.by_name(table)),
            [b'-', letter, rest @ ..] => Some(self.by_letter(table, *letter, rest)),
            _ if self.program == Program::Plain => {
                self.read -= 1;
                None
            }
            word => Some(Ok(Found::Plain(word))),
        }
    }

    fn next_word(&mut self) -> Option<&'a [u8]> {
        let word = self.words.next()?;
        self.read += 1;
        Some(word)
    }

    /// Parses a short option; `rest` are the bytes after its letter.
    fn by_letter(&mut self, table: &dyn Listed, letter: u8, rest: &'a [u8]) -> Result<Found<'a>, Misuse<'a>> {
        let is_it = |form: &Form| form.letter == Some(letter);
        let Some((place, form)) = only(table, &is_it) else { return Err(Misuse::NoLetter(letter, self.word)) };
        let value = match form.value {
            Value::Required(_) if rest.is_empty() => Some(self.next_word().ok_or(Misuse::NoValue(form))?),
            Value::Required(_) => Some(rest),
            Value::None | Value::Optional(_) => {
                self.letters = rest;
                None
            }
        };
        Ok(Found::Option(place, Given { form, value }))
    }

    /// Parses a long option.
    fn by_name(&mut self, table: &dyn Listed) -> Result<Found<'a>, Misuse<'a>> {
        let name = parts(self.word, b"=").next().unwrap_or_default();
        let is_it = |form: &Form| form.long.as_bytes() == name;
        let is_begun = |form: &Form| name.len() > 2 && form.long.as_bytes().starts_with(name);
        let found = only(table, &is_it).or_else(|| only(table, &is_begun));
        let Some((place, form)) = found else {
            return Err(if has(table, &is_begun) { Misuse::Ambiguous(name) } else { Misuse::NoOption(name) });
        };
        let value = match (self.word.get(name.len() + 1..), form.value) {
            (Some(value), Value::None) => return Err(Misuse::TakesNone(form, value)),
            // Who writes `=` means a value: an empty one is a variable that somebody has forgotten to set.
            (Some(b""), Value::Optional(_)) => return Err(Misuse::value(form, b"")),
            (Some(value), _) => Some(value),
            (None, Value::Required(_)) => Some(self.next_word().ok_or(Misuse::NoValue(form))?),
            (None, _) => None,
        };
        Ok(Found::Option(place, Given { form, value }))
    }
}

/// Calls a function with each option of a command and of every command, and its place.
fn each(table: &dyn Listed, visit: &mut dyn FnMut(Place, &'static Form)) {
    let mut place = 0;
    table.each(&mut |_, form| {
        visit(Place::Own(place), form);
        place += 1;
    });
    let mut place = 0;
    COMMON.each(&mut |_, form| {
        visit(Place::Common(place), form);
        place += 1;
    });
}

/// The only option for which this is true; none if there are several.
fn only(table: &dyn Listed, is_it: &dyn Fn(&Form) -> bool) -> Option<(Place, &'static Form)> {
    let (mut found, mut count) = (None, 0);
    each(table, &mut |place, form| {
        if is_it(form) {
            (found, count) = (Some((place, form)), count + 1);
        }
    });
    found.filter(|_| count == 1)
}

/// Whether there is an option for which this is true.
fn has(table: &dyn Listed, is_it: &dyn Fn(&Form) -> bool) -> bool {
    let mut is_there = false;
    each(table, &mut |_, form| is_there |= is_it(form));
    is_there
}

/// What the options of every command ask for.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// `--help`
    pub help: bool,
    /// `--version`
    pub version: bool,
    /// `--color`
    pub colors: Colors,
}

impl Settings {
    /// Reads the options of every command, and checks that the others are some of the command's.
    pub fn read<'a>(
        table: &dyn Listed,
        program: Program,
        words: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Self, Misuse<'a>> {
        let mut settings = Self { help: false, version: false, colors: Colors::Auto };
        let mut parser = Parser::new(program, words);
        while let Some(found) = parser.next(table) {
            let Found::Option(Place::Common(place), given) = found? else { continue };
            match COMMON.iter().flat_map(|section| section.options).nth(place).map(|option| option.id) {
                Some(Common::Help) => settings.help = true,
                Some(Common::Version) => settings.version = true,
                Some(Common::Color) => settings.colors = colors(given.text()).ok_or(given.wrong())?,
                None => {}
            }
        }
        Ok(settings)
    }
}

/// Parses the value of `--color`.
fn colors(value: &[u8]) -> Option<Colors> {
    match value {
        b"auto" => Some(Colors::Auto),
        b"always" => Some(Colors::Always),
        b"never" => Some(Colors::Never),
        _ => None,
    }
}
