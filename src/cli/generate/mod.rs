//! `chimera --generate`: the manual page, and what shells need to complete a command line.
//!
//! All are made from the table of commands and options, as the help is: what one of them knows, all know.

mod bash;
mod fish;
mod man;
mod roff;
mod rows;
mod zsh;

use super::command::{Command, Group};
use super::form::{Opt, Section, Values};
use super::misuse::Misuse;
use super::options::{Options, Program, Word};
use super::status::Status;
use super::words::Words;
use crate::explain::topic::Visit;
use crate::report::page::Console;
use crate::sys::initial::InitialStack;
use crate::text::Sink;
use rows::Rows;

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Id {
    /// `--generate`
    Generate,
}

/// All options.
pub static OPTIONS: &[Section<Id>] = &[Section {
    title: "instead of a command",
    options: &[Opt::value(
        "--generate",
        Values::only(&NAMES),
        Id::Generate,
        "writes the manual page, or completions for a shell",
    )],
}];

/// What writes a file.
type Write = fn(&mut dyn Sink, &Rows);

/// All files, by their names.
static FILES: [(&str, Write); 4] =
    [("man", man::write), ("complete-bash", bash::write), ("complete-zsh", zsh::write), ("complete-fish", fish::write)];

/// The names of all files.
static NAMES: [&str; FILES.len()] = {
    let mut names = [""; FILES.len()];
    let mut place = 0;
    while place < FILES.len() {
        names[place] = FILES[place].0;
        place += 1;
    }
    names
};

/// What a command line without a command asks for by `--generate`; `run` runs it.
pub const fn command(run: fn(&mut Console, &InitialStack, Words) -> Result<i32, Misuse<'static>>) -> Command {
    Command {
        name: "",
        group: Group::Help,
        purpose: "",
        about: "",
        usage: "",
        operands: "",
        operand: None,
        options: &OPTIONS,
        examples: &[],
        statuses: &[],
        program: Program::Nowhere,
        run,
    }
}

/// Writes the file that is named. The topics are those of `chimera explain`.
pub fn run(
    console: &mut Console,
    words: Words,
    commands: &'static [Command],
    topics: &dyn Fn(&mut Visit),
) -> Result<i32, Misuse<'static>> {
    let mut asked = None;
    for word in Options::new(OPTIONS, Program::Nowhere, words) {
        match word? {
            Word::Option(Id::Generate, given) => {
                let place = NAMES.iter().position(|name| name.as_bytes() == given.text());
                asked = Some(place.ok_or(given.wrong())?);
            }
            Word::Plain(word) => return Err(Misuse::Extra(word)),
        }
    }
    if let Some((_, write)) = asked.and_then(|place| FILES.get(place)) {
        write(&mut console.out, &Rows { commands, general: &OPTIONS, topics });
    }
    Ok(Status::Proven as i32)
}
