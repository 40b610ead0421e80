//! The words of a command line, without the command among them.

use crate::sys::initial::Strings;

/// Iterates over the words after the program's name but the command.
#[derive(Clone)]
pub struct Words {
    strings: Strings,
    /// The number of words before the command; none if it has passed, or if there is none.
    before: Option<usize>,
}

impl Words {
    /// These words, of which the one in this place is the command.
    pub fn new(strings: Strings, command: Option<usize>) -> Self {
        Self { strings, before: command }
    }
}

impl Iterator for Words {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<&'static [u8]> {
        match self.before {
            Some(0) => {
                self.before = None;
                self.strings.next();
            }
            before => self.before = before.map(|before| before - 1),
        }
        self.strings.next()
    }
}
