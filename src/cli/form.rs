//! What an option is: how it is written, which values it takes, what it does.
//!
//! The parser, the help, the manual page, the completions and the messages about wrong words read the same tables.

use crate::text::{Show, Sink, With, out};

/// What a shell can offer where a value is to be typed, beside the words of the row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// Nothing: the values are the words, or a text that only the user knows.
    Words,
    /// The words are names of signals, in upper or lower case, with or without SIG.
    Signals,
    /// Names of flags, presets and signals, with a separator between them.
    Flags,
    /// Ids of tasks.
    Tasks,
    /// Users of this machine.
    Users,
    /// Groups of this machine.
    Groups,
    /// A user of this machine and a group, with a colon between them.
    Owner,
    /// Names of variables of the environment, with commas between them.
    Variables,
    /// Files.
    Files,
    /// Folders.
    Folders,
    /// Commands of this program.
    Commands,
    /// Topics of `chimera explain`.
    Topics,
}

/// The values that an option or an operand takes.
#[derive(Clone, Copy, Debug)]
pub struct Values {
    name: &'static str,
    takes: &'static str,
    /// The values that are words of their own, for which others may stand too.
    pub words: &'static [&'static str],
    /// Which others a shell can offer.
    pub known: Known,
}

impl Values {
    /// Values with this name in the help, and what they are: the end of the sentence `--tls takes ..`.
    pub const fn new(name: &'static str, takes: &'static str) -> Self {
        Self { name, takes, words: &[], known: Known::Words }
    }

    /// Values whose name says what they are: `DIR`.
    pub const fn named(name: &'static str) -> Self {
        Self::new(name, "")
    }

    /// These words, and nothing else.
    pub const fn only(words: &'static [&'static str]) -> Self {
        Self::new("", "").with(words)
    }

    /// Says what a shell can offer.
    pub const fn of(self, known: Known) -> Self {
        Self { known, ..self }
    }

    /// Adds the values that are words.
    pub const fn with(self, words: &'static [&'static str]) -> Self {
        Self { words, ..self }
    }

    /// What the help calls the value: `SIZE`, or all words there are.
    pub fn name(self) -> impl Show {
        With(move |out: &mut dyn Sink| match self.name {
            "" => list(out, self.words, "|", "|"),
            name => name.show(out),
        })
    }

    /// What the values are, for a sentence.
    pub fn takes(self) -> impl Show {
        With(move |out: &mut dyn Sink| match self.takes {
            "" if self.words.is_empty() => self.name.show(out),
            "" => list(out, self.words, ", ", " or "),
            takes => takes.show(out),
        })
    }

    /// What the values are, if their name does not say it.
    pub fn explanation(self) -> Option<&'static str> {
        Some(self.takes).filter(|takes| !takes.is_empty())
    }
}

/// Shows words with separators between them.
fn list(out: &mut dyn Sink, words: &[&str], separator: &str, last: &str) {
    for (place, word) in words.iter().enumerate() {
        let before = match place {
            0 => "",
            _ if place + 1 == words.len() => last,
            _ => separator,
        };
        out!(out, before, word);
    }
}

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// It takes none.
    None,
    /// It may take one, in the same word.
    Optional(Values),
    /// It takes one.
    Required(Values),
}

/// How an option is written, and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The long name, `--json`.
    pub long: &'static str,
    /// The short name.
    pub letter: Option<u8>,
    /// Whether the option takes a value, and which.
    pub value: Value,
    /// What the option does.
    pub about: &'static str,
    /// The value without the option; empty if that goes without saying.
    pub default: &'static str,
}

/// An option of a command.
#[derive(Clone, Copy, Debug)]
pub struct Opt<Id> {
    /// The command's name for the option.
    pub id: Id,
    /// How the option is written, and what it does.
    pub form: Form,
}

impl<Id: Copy> Opt<Id> {
    const fn new(long: &'static str, value: Value, id: Id, about: &'static str) -> Self {
        Self { id, form: Form { long, letter: None, value, about, default: "" } }
    }

    /// An option without a value.
    pub const fn flag(long: &'static str, id: Id, about: &'static str) -> Self {
        Self::new(long, Value::None, id, about)
    }

    /// An option with a value.
    pub const fn value(long: &'static str, values: Values, id: Id, about: &'static str) -> Self {
        Self::new(long, Value::Required(values), id, about)
    }

    /// An option with an optional value.
    pub const fn optional(long: &'static str, values: Values, id: Id, about: &'static str) -> Self {
        Self::new(long, Value::Optional(values), id, about)
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

    /// Adds the value without the option.
    pub const fn default(mut self, default: &'static str) -> Self {
        self.form.default = default;
        self
    }
}

/// Options of a command that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Section<Id: 'static> {
    /// What they are about: the heading in the help.
    pub title: &'static str,
    /// The options.
    pub options: &'static [Opt<Id>],
}

/// A table of options, whatever the command's names for them are.
pub trait Listed: Sync {
    /// Calls a function with the heading of each option's section and the option, in order.
    fn each(&self, visit: &mut dyn FnMut(&'static str, &'static Form));
}

impl<Id: Sync + 'static> Listed for &'static [Section<Id>] {
    fn each(&self, visit: &mut dyn FnMut(&'static str, &'static Form)) {
        for section in self.iter() {
            section.options.iter().for_each(|option| visit(section.title, &option.form));
        }
    }
}
