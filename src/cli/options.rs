//! The one way through the words of a command line.
//!
//! An option is written the same way whichever command it belongs to, as getopt_long(3) has it: `--name value`,
//! `--name=value`, `-n value`, `-nvalue`, and `-ab` for `-a -b`.

use crate::text::read::parts;

/// A word that makes no sense, and what would; none: it is not known what was meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Misuse<'a> {
    /// The word.
    pub word: &'a [u8],
    /// What is allowed in its place.
    pub allowed: Option<&'static str>,
}

impl<'a> From<&'a [u8]> for Misuse<'a> {
    fn from(word: &'a [u8]) -> Self {
        Self { word, allowed: None }
    }
}

/// Whether a value follows an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    /// None does.
    None,
    /// One may, in the same word.
    Optional,
    /// One does.
    Required,
}

/// An option of a command.
#[derive(Clone, Copy)]
pub struct Opt<Id> {
    /// What the command knows it by.
    pub id: Id,
    /// The long name, `--json`.
    pub long: &'static str,
    /// The letter.
    pub letter: Option<u8>,
    /// Whether a value follows.
    pub value: Value,
}

impl<Id: Copy> Opt<Id> {
    /// An option without a value.
    pub const fn flag(long: &'static str, id: Id) -> Self {
        Self { id, long, letter: None, value: Value::None }
    }

    /// An option that a value follows.
    pub const fn value(long: &'static str, id: Id) -> Self {
        Self { id, long, letter: None, value: Value::Required }
    }

    /// An option that a value may follow.
    pub const fn optional(long: &'static str, id: Id) -> Self {
        Self { id, long, letter: None, value: Value::Optional }
    }

    /// The same with a letter.
    pub const fn letter(mut self, letter: u8) -> Self {
        self.letter = Some(letter);
        self
    }
}

/// What a word is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word<'a, Id> {
    /// An option and its value, which is empty if it has none.
    Option(Id, &'a [u8]),
    /// No option.
    Plain(&'a [u8]),
}

/// The words of a command, one after another; an error is the word that makes no sense. It ends behind `--`.
#[derive(Clone)]
pub struct Options<'a, Id: 'static, Words> {
    options: &'static [Opt<Id>],
    words: Words,
    /// Whether the first word that is no option ends the options: it belongs to the program that is run.
    ends_at_plain: bool,
    /// The word that was read last, and its letters that are options still to come.
    word: &'a [u8],
    letters: &'a [u8],
    /// How many words have been read.
    pub read: usize,
}

impl<'a, Id: Copy, Words: Iterator<Item = &'a [u8]>> Options<'a, Id, Words> {
    /// Of a command, whose name has been read.
    pub fn new(options: &'static [Opt<Id>], words: Words) -> Self {
        Self { options, words, ends_at_plain: false, word: b"", letters: b"", read: 0 }
    }

    /// The same up to the first word that is no option.
    pub fn until_plain(options: &'static [Opt<Id>], words: Words) -> Self {
        Self { ends_at_plain: true, ..Self::new(options, words) }
    }

    /// The word that was read last.
    pub fn word(&self) -> &'a [u8] {
        self.word
    }

    /// Whether it has come to `--`.
    pub fn is_at_end(&self) -> bool {
        self.word == b"--"
    }

    /// The next word of the line.
    fn next_word(&mut self) -> Option<&'a [u8]> {
        self.read += 1;
        self.words.next()
    }

    /// The option that the next letter is.
    fn by_letter(&mut self, letter: u8, rest: &'a [u8]) -> Option<Word<'a, Id>> {
        self.letters = b"";
        let option = self.options.iter().find(|option| option.letter == Some(letter))?;
        if option.value != Value::Required {
            self.letters = rest;
            return Some(Word::Option(option.id, b""));
        }
        let value = if rest.is_empty() { self.next_word()? } else { rest };
        Some(Word::Option(option.id, value))
    }

    /// The option that a long name is.
    fn by_name(&mut self) -> Option<Word<'a, Id>> {
        let name = parts(self.word, b"=").next()?;
        let option = self.options.iter().find(|option| option.long.as_bytes() == name)?;
        match (self.word.get(name.len() + 1..), option.value) {
            (Some(_), Value::None) => None,
            (Some(value), _) => Some(Word::Option(option.id, value)),
            (None, Value::Required) => Some(Word::Option(option.id, self.next_word()?)),
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
