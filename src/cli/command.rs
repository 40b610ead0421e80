//! A command: its name, its help, and the function that runs it.

use super::form::{Listed, Values};
use super::misuse::Misuse;
use super::options::Program;
use super::words::Words;
use crate::report::page::Console;
use crate::sys::initial::InitialStack;

/// A row of the table of commands, from which the help, the manual page and the completions are made.
pub struct Command {
    /// The word on the command line.
    pub name: &'static str,
    /// Under which heading the command is listed.
    pub group: Group,
    /// What the command is for, in a few words.
    pub purpose: &'static str,
    /// What the command is for, in sentences.
    pub about: &'static str,
    /// The words that may follow the name.
    pub usage: &'static str,
    /// What the words that are not options mean, in sentences; empty if there are none.
    pub operands: &'static str,
    /// What these words are, for a shell; none if there are none, or if they are those of a program.
    pub operand: Option<Values>,
    /// The options.
    pub options: &'static dyn Listed,
    /// Command lines that work, and what each shows.
    pub examples: &'static [Example],
    /// The exit statuses.
    pub statuses: &'static [(&'static str, &'static str)],
    /// Where the words name a program to execute.
    pub program: Program,
    /// Runs the command, with the words after its name.
    pub run: fn(&mut Console, &InitialStack, Words) -> Result<i32, Misuse<'static>>,
}

/// The words after the program's name, and what they show.
pub struct Example(pub &'static str, pub &'static str);

/// Commands that are listed together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Group {
    /// The four kinds of task, and what helps to understand them.
    Lessons,
    /// Any task.
    Calls,
    /// Programs, and the places for them.
    Programs,
    /// What exists, and what it costs.
    Measures,
    /// This program itself.
    Help,
}

impl Group {
    /// All groups, in the order of the help.
    pub const ALL: [Self; 5] = [Self::Lessons, Self::Calls, Self::Programs, Self::Measures, Self::Help];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Lessons => "to learn",
            Self::Calls => "any task",
            Self::Programs => "programs in new namespaces",
            Self::Measures => "existing tasks, and costs",
            Self::Help => "this program",
        }
    }
}

impl Command {
    /// Whether a command line with these words executes a program, whose status is then the command's own.
    pub fn executes(&self, mut words: impl Iterator<Item = &'static [u8]>) -> bool {
        match self.program {
            Program::Nowhere => false,
            Program::Plain => true,
            Program::BehindDashes => words.any(|word| word == b"--"),
        }
    }
}
