//! The parser for the words of a command line.
//!
//! Options have the same syntax in every command, that of getopt_long(3): `--name value`, `--name=value`, `-n value`,
//! `-nvalue`, and `-ab` for `-a -b`.

use crate::text::read::parts;

/// A word that makes no sense, and what is valid instead; none if it is not known what was meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Misuse<'a> {
    /// The word.
    pub word: &'a [u8],
    /// What is valid instead.
    pub allowed: Option<&'static str>,
}

impl<'a> From<&'a [u8]> for Misuse<'a> {
    fn from(word: &'a [u8]) -> Self {
        Self { word, allowed: None }
    }
}

/// Whether an option takes a value, and what its help calls the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    /// It takes none.
    None,
    /// It may take one, in the same word.
    Optional(&'static str),
    /// It takes one.
    Required(&'static str),
}

/// How an option is written, and what it does.
#[derive(Clone, Copy)]
pub struct Form {
    /// The long name, `--json`.
    pub long: &'static str,
    /// The short name.
    pub letter: Option<u8>,
    /// Whether the option takes a value.
    pub value: Value,
    /// What the option does, in one line.
    pub about: &'static str,
}

/// An option of a command.
#[derive(Clone, Copy)]
pub struct Opt<Id> {
    /// The command's name for the option.
    pub id: Id,
    /// How the option is written, and what it does.
    pub form: Form,
}

impl<Id: Copy> Opt<Id> {
    const fn new(long: &'static str, value: Value, id: Id, about: &'static str) -> Self {
        Self { id, form: Form { long, letter: None, value, about } }
    }

    /// An option without a value.
    pub const fn flag(long: &'static str, id: Id, about: &'static str) -> Self {
        Self::new(long, Value::None, id, about)
    }

    /// An option with a value of this name.
    pub const fn value(long: &'static str, value: &'static str, id: Id, about: &'static str) -> Self {
        Self::new(long, Value::Required(value), id, about)
    }

    /// An option with an optional value of this name.
    pub const fn optional(long: &'static str, value: &'static str, id: Id, about: &'static str) -> Self {
        Self::new(long, Value::Optional(value), id, about)
    }

    /// `--help`
    pub const fn help(id: Id) -> Self {
        Self::flag("--help", id, "this page").letter(b'h')
    }

    /// `--json`
    pub const fn json(id: Id, about: &'static str) -> Self {
        Self::flag("--json", id, about)
    }

    /// Adds a short name.
    pub const fn letter(mut self, letter: u8) -> Self {
        self.form.letter = Some(letter);
        self
    }
}

/// A parsed word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word<'a, Id> {
    /// An option and its value, which is empty if there is none.
    Option(Id, &'a [u8]),
    /// A word that is not an option.
    Plain(&'a [u8]),
}

/// Iterates over the words of a command, up to `--`; an error is the word that makes no sense.
#[derive(Clone)]
pub struct Options<'a, Id: 'static, Words> {
    options: &'static [Opt<Id>],
    words: Words,
    /// Whether the first word that is not an option ends the iteration, because it names the program to run.
    ends_at_plain: bool,
    /// The last word read, and its short options that are still to come.
    word: &'a [u8],
    letters: &'a [u8],
    /// The number of words read.
    pub read: usize,
}

impl<'a, Id: Copy, Words: Iterator<Item = &'a [u8]>> Options<'a, Id, Words> {
    /// The words after a command's name.
    pub fn new(options: &'static [Opt<Id>], words: Words) -> Self {
        Self { options, words, ends_at_plain: false, word: b"", letters: b"", read: 0 }
    }

    /// The words after a command's name, up to the first that is not an option.
    pub fn until_plain(options: &'static [Opt<Id>], words: Words) -> Self {
        Self { ends_at_plain: true, ..Self::new(options, words) }
    }

    /// The last word read.
    pub fn word(&self) -> &'a [u8] {
        self.word
    }

    /// Whether the last word read is `--`.
    pub fn is_at_end(&self) -> bool {
        self.word == b"--"
    }

    /// Reads the next word.
    fn next_word(&mut self) -> Option<&'a [u8]> {
        self.read += 1;
        self.words.next()
    }

    /// Parses a short option; `rest` are the bytes after its letter.
    fn by_letter(&mut self, letter: u8, rest: &'a [u8]) -> Option<Word<'a, Id>> {
        self.letters = b"";
        let option = self.options.iter().find(|option| option.form.letter == Some(letter))?;
        if !matches!(option.form.value, Value::Required(_)) {
            self.letters = rest;
            return Some(Word::Option(option.id, b""));
        }
        let value = if rest.is_empty() { self.next_word()? } else { rest };
        Some(Word::Option(option.id, value))
    }

    /// Parses a long option.
    fn by_name(&mut self) -> Option<Word<'a, Id>> {
        let name = parts(self.word, b"=").next()?;
        let option = self.options.iter().find(|option| option.form.long.as_bytes() == name)?;
        match (self.word.get(name.len() + 1..), option.form.value) {
            (Some(_), Value::None) => None,
            (Some(value), _) => Some(Word::Option(option.id, value)),
            (None, Value::Required(_)) => Some(Word::Option(option.id, self.next_word()?)),
            (None, _) => Some(Word::Option(option.id, b"")),
        }
    }
}

impl<'a, Id: Copy, Words: Iterator<Item = &'a [u8]>> Iterator for Options<'a, Id, Words> {
    type Item = Result<Word<'a, Id>, &'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.letters.is_empty() {
            self.word = self.next_word()?;
            match self.word {
                b"--" => return None,
                [b'-', b'-', ..] => {}
                [b'-', letters @ ..] if !letters.is_empty() => self.letters = letters,
                _ if self.ends_at_plain => {
                    self.read -= 1;
                    return None;
                }
                word => return Some(Ok(Word::Plain(word))),
            }
        }
        let word = self.word;
        let option = match self.letters {
            [letter, rest @ ..] => self.by_letter(*letter, rest),
            [] => self.by_name(),
        };
        Some(option.ok_or(word))
    }
}
