//! A command: its name, its help, and the function that runs it.

use super::options::{Form, Misuse, Opt, Options, Word};
use crate::report::page::Console;
use crate::sys::initial::{InitialStack, Strings};

/// A command, or the tour, which has no name.
pub struct Command {
    /// The first word.
    pub name: &'static str,
    /// What the command is for, in sentences.
    pub about: &'static str,
    /// The words that may follow the name.
    pub usage: &'static str,
    /// What the words that are not options mean; empty if there are none.
    pub operands: &'static str,
    /// The options.
    pub options: &'static dyn Listed,
    /// Command lines that work, and what each shows.
    pub examples: &'static [Example],
    /// The exit statuses.
    pub statuses: &'static [(&'static str, &'static str)],
    /// Whether to set this program's signal dispositions: not for a program that runs in place, which inherits the
    /// caller's.
    pub prepares: bool,
    /// Runs the command, with the words after its name.
    pub run: fn(&mut Console, &InitialStack, Strings) -> Result<i32, Misuse<'static>>,
}

/// The words after the program's name, and what they show.
pub struct Example(pub &'static str, pub &'static str);

/// A table of options, whatever the command's names for them are. The first is `--help`.
pub trait Listed: Sync {
    /// Calls a function with each option.
    fn each(&self, visit: &mut dyn FnMut(&Form));

    /// Whether the words are valid and ask for help.
    fn asks_help(&'static self, words: Strings) -> bool;
}

impl<Id: Copy + PartialEq + Sync + 'static, const N: usize> Listed for [Opt<Id>; N] {
    fn each(&self, visit: &mut dyn FnMut(&Form)) {
        self.iter().for_each(|option| visit(&option.form));
    }

    fn asks_help(&'static self, words: Strings) -> bool {
        let mut is_asked = false;
        for word in Options::new(self, words) {
            match word {
                Ok(Word::Option(id, _)) => is_asked |= self.first().is_some_and(|help| help.id == id),
                Ok(Word::Plain(_)) => {}
                Err(_) => return false,
            }
        }
        is_asked
    }
}
