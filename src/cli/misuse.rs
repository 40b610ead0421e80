//! A wrong command line: which word is wrong, why, and what is valid in its place.

use super::form::{Form, Listed, Value, Values};
use crate::clone::flags::Flags;
use crate::text::nearest::{Name, Nearest};
use crate::text::{Outside, Show, Sink, With, out};

/// What is wrong with a command line. A word is shown in quotes, and what is valid as it would be written.
#[derive(Clone, Copy, Debug)]
pub enum Misuse<'a> {
    /// There is no command of this name; the nearest that there is.
    NoCommand(&'a [u8], Option<Name>),
    /// The command has no option of this name.
    NoOption(&'a [u8]),
    /// The command has no option of this letter, in this word.
    NoLetter(u8, &'a [u8]),
    /// Several options begin with this.
    Ambiguous(&'a [u8]),
    /// An option without its value.
    NoValue(&'static Form),
    /// A value of an option that takes none.
    TakesNone(&'static Form, &'a [u8]),
    /// A value that the option or the operand of this name does not take.
    Value(&'static str, Values, &'a [u8]),
    /// There is no such thing as this word in its place; the nearest that there is.
    Unknown {
        /// What may stand there: `flag`.
        what: &'static str,
        /// The word.
        word: &'a [u8],
        /// The name that was probably meant.
        near: Option<Name>,
    },
    /// There is no such thing as this word in its place; the nearest that there is, and all that there are.
    NoneOf {
        /// What may stand there: `group`.
        what: &'static str,
        /// The word.
        word: &'a [u8],
        /// The name that was probably meant.
        near: Option<Name>,
        /// All names.
        all: Values,
    },
    /// A separator in this word has nothing on one of its sides.
    Separator(&'a [u8]),
    /// Two things that cannot be asked for at once.
    Excludes(&'static str, &'static str),
    /// The first has no effect without the second.
    Needs(&'static str, &'static str),
    /// Flags that have no effect without an option.
    FlagsNeed(Flags, &'static str),
    /// One word too many.
    Extra(&'a [u8]),
    /// What must be there, and is not.
    Missing(&'static str),
}

impl<'a> Misuse<'a> {
    /// A word that is none of these names.
    pub fn unknown(what: &'static str, word: &'a [u8], names: impl Iterator<Item = &'static str>) -> Self {
        Self::Unknown { what, word, near: crate::text::nearest::nearest(word, names) }
    }

    /// A word that is none of these few names.
    pub fn none_of(what: &'static str, word: &'a [u8], names: &'static [&'static str]) -> Self {
        let near = crate::text::nearest::nearest(word, names.iter().copied());
        Self::NoneOf { what, word, near, all: Values::only(names) }
    }

    /// A value that an option does not take.
    pub fn value(form: &'static Form, value: &'a [u8]) -> Self {
        match form.value {
            Value::None => Self::TakesNone(form, value),
            Value::Optional(values) | Value::Required(values) => Self::Value(form.long, values, value),
        }
    }

    /// Says what is wrong, and what is valid among these options.
    pub fn show(self, page: &mut dyn Sink, options: &dyn Listed) {
        match self {
            Self::NoCommand(word, near) => {
                out!(page, "there is no command ", quoted(word));
                propose(page, near);
            }
            Self::NoOption(word) => {
                out!(page, "there is no option ", Outside(word));
                propose(page, option_near(word, options));
            }
            Self::NoLetter(letter, word) => {
                out!(page, "there is no option -", Outside(&[letter]));
                if word.len() > 2 {
                    out!(page, " in ", quoted(word));
                }
            }
            Self::Ambiguous(word) => {
                out!(page, Outside(word), " is ambiguous: ");
                candidates(page, word, options);
            }
            Self::NoValue(form) => {
                out!(page, form.long, " takes ", form.value.takes(), ", and no value is given");
            }
            Self::TakesNone(form, value) => out!(page, form.long, " takes no value, and ", quoted(value), " is given"),
            Self::Value(name, values, value) => {
                out!(page, name, " takes ", values.takes(), ", not ", quoted(value));
            }
            Self::Unknown { what, word, near } => {
                out!(page, "there is no ", what, " ", quoted(word));
                propose(page, near);
            }
            Self::NoneOf { what, word, near, all } => {
                Self::Unknown { what, word, near }.show(page, options);
                out!(page, "; it may be ", all.takes());
            }
            Self::Separator(word) => out!(page, "a name is missing beside a separator in ", quoted(word)),
            Self::Excludes(one, other) => out!(page, one, " and ", other, " exclude each other"),
            Self::Needs(one, other) => out!(page, one, " needs ", other),
            Self::FlagsNeed(flags, option) => out!(page, flags, " needs ", option),
            Self::Extra(word) => out!(page, quoted(word), " is one word too many"),
            Self::Missing(what) => out!(page, what, " is missing"),
        }
    }
}

impl Value {
    /// What the values are, for a sentence.
    fn takes(self) -> Option<impl Show> {
        match self {
            Self::None => None,
            Self::Optional(values) | Self::Required(values) => Some(values.takes()),
        }
    }
}

/// A word from the command line, in quotes.
fn quoted(word: &[u8]) -> impl Show {
    With(move |out: &mut dyn Sink| out!(out, "'", Outside(word), "'"))
}

/// Asks whether a name was meant.
fn propose(page: &mut dyn Sink, near: Option<Name>) {
    if let Some((prefix, name)) = near {
        out!(page, " (did you mean ", prefix, name, "?)");
    }
}

/// The option nearest to a word that begins with dashes.
fn option_near(word: &[u8], options: &dyn Listed) -> Option<Name> {
    let mut nearest = Nearest::default();
    let name = word.strip_prefix(b"--").unwrap_or(word);
    options.each(&mut |_, form| {
        if let Some(own) = form.long.strip_prefix("--") {
            nearest.consider(name, ("--", own));
        }
    });
    nearest.name()
}

/// Lists the options that begin with a word.
fn candidates(page: &mut dyn Sink, word: &[u8], options: &dyn Listed) {
    let mut glue = "";
    options.each(&mut |_, form| {
        if form.long.as_bytes().starts_with(word) {
            out!(page, core::mem::replace(&mut glue, ", "), form.long);
        }
    });
}

/// Keeps what an option asks for; an error is an option before it that asks for something else.
pub fn keep<T: PartialEq>(
    kept: &mut Option<(T, &'static str)>,
    asked: T,
    option: &'static str,
) -> Result<(), Misuse<'static>> {
    match kept {
        Some((before, name)) if *before != asked => Err(Misuse::Excludes(name, option)),
        _ => {
            *kept = Some((asked, option));
            Ok(())
        }
    }
}
