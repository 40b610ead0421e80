//! `chimera doctor`: whether `run -r` works on this machine, found by doing it, and what forbids it, found by looking.
//!
//! `settings` looks at all that may stand in the way, in one table. `tries` has the engine of `run` make each kind of
//! namespace. `page` reports both, and the verdict, which is about the user namespace alone.

mod page;
mod settings;
mod told;
mod tries;

use super::command::{Command, Example, Group};
use super::common::fail;
use super::form::{Opt, Section};
use super::misuse::Misuse;
use super::options::{Options, Program, Word};
use super::status::Status;
use super::words::Words;
use crate::error::{At, Step};
use crate::report::page::Console;
use crate::run::trial::{PROGRAM, look};
use crate::sys::exec;
use crate::sys::initial::InitialStack;
use page::{Form, Report};

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Id {
    /// `--json`
    Json,
}

/// All options.
pub static OPTIONS: &[Section<Id>] =
    &[Section { title: "options", options: &[Opt::json(Id::Json, "for programs: the report as one object")] }];

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "doctor",
    group: Group::Programs,
    purpose: "whether `run -r` works here, and if not, why and what helps",
    about: "\
Says whether `chimera run -r` works here, by doing it: a new user namespace, its maps, and a program that is root there. \
If it does not work, the cause is told, which was found by looking, and one remedy. Then each other kind of namespace is \
made in the same way. Nothing of the machine is changed.",
    usage: "[--json]",
    operands: "",
    operand: None,
    options: &OPTIONS,
    examples: &[
        Example("doctor", "the settings, what was made, the verdict"),
        Example("doctor --json", "the same for a program"),
        Example("run -r true", "what the verdict is about"),
    ],
    statuses: &[("0", "`chimera run -r` works here"), ("1", "it does not"), ("2", "the command line is wrong")],
    program: Program::Nowhere,
    run: command,
};

/// Looks, tries and reports.
pub fn command(console: &mut Console, stack: &InitialStack, words: Words) -> Result<i32, Misuse<'static>> {
    if let Some(status) = serve_trial(console, stack, words.clone()) {
        return Ok(status);
    }
    let mut form = Form::Page;
    for word in Options::new(OPTIONS, Program::Nowhere, words) {
        match word? {
            Word::Option(Id::Json, _) => form = Form::Json,
            Word::Plain(word) => return Err(Misuse::Extra(word)),
        }
    }
    exec::remember(stack, usize::MAX); // the environment, for the programs of the trials
    match Report::new(form).at(Step::Board) {
        Ok(report) => Ok(if report.write(&mut console.out) { Status::Proven } else { Status::Failed } as i32),
        Err(failure) => Ok(fail(console, failure, Status::Failed as i32)),
    }
}

/// In the program of a trial, which is known by its path and its words: does what they ask for and returns the exit
/// status. None in any other process.
fn serve_trial(console: &mut Console, stack: &InitialStack, mut words: Words) -> Option<i32> {
    let word = words.next().filter(|_| stack.name() == Some(PROGRAM.to_bytes()))?;
    let form = Form::ALL.into_iter().find(|form| form.word().to_bytes() == word);
    if form.is_none() && word != tries::LOOK.to_bytes() {
        return None;
    }
    let status = look();
    // A program that is not root has nothing to say, and its status tells.
    if let Some(form) = form.filter(|_| status == 0) {
        page::conclude(&mut console.out, form);
    }
    Some(status)
}
