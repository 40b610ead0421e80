//! The command line: arguments in, pages and an exit status out.

pub mod bench;
pub mod call;
pub mod clone;
pub mod command;
pub mod common;
pub mod doctor;
pub mod help;
pub mod inspect;
pub mod options;
pub mod refusal;
pub mod rules;
pub mod run;
pub mod stack;
pub mod status;
pub mod tour;

use crate::report::page::Console;
use crate::rules::spelling;
use crate::run::dispositions;
use crate::sys::exec;
use crate::sys::initial::InitialStack;
use crate::text::{Outside, out};
use command::Command;
use common::finish;
use options::Misuse;
use status::Status;

/// All commands but the tour, which is the command if the first word is none of these.
static COMMANDS: [Command; 6] =
    [clone::COMMAND, run::COMMAND, doctor::COMMAND, inspect::COMMAND, bench::COMMAND, rules::COMMAND];
static TOUR: Command = tour::COMMAND;

/// Runs the program; returns the exit status.
pub fn main(stack: &InitialStack) -> i32 {
    exec::remember_environment(stack);
    let mut console = Console::new();
    let mut words = stack.arguments();
    let first = words.clone().next();
    let command = COMMANDS.iter().find(|command| first == Some(command.name.as_bytes()));
    if command.is_some() {
        words.next();
    }
    let command = command.unwrap_or(&TOUR);
    if command.prepares {
        dispositions::prepare();
    }
    if command.options.asks_help(words.clone()) {
        let others = if command.name.is_empty() { COMMANDS.as_slice() } else { &[] };
        help::show(&mut console.out, command, others);
        return finish(&mut console, Status::Proven as i32);
    }
    let status = (command.run)(&mut console, stack, words).unwrap_or_else(|misuse| usage(&mut console, misuse));
    finish(&mut console, status)
}

/// Says on fd 2 which word makes no sense, and what would.
fn usage(console: &mut Console, Misuse { word, allowed }: Misuse) -> i32 {
    let page = &mut console.err;
    out!(page, "chimera: usage: ", Outside(word));
    match (allowed, nearest(word)) {
        (Some(allowed), _) => out!(page, ": ", allowed, ";"),
        (None, Some(name)) => out!(page, "? nearest: ", name, ";"),
        (None, None) => out!(page, "?"),
    }
    out!(page, " see chimera --help\n");
    Status::Usage as i32
}

/// The likely intended word: an option, or a command, a flag or a preset.
fn nearest(word: &[u8]) -> Option<&'static str> {
    if word.starts_with(b"-") {
        let mut nearest = spelling::Nearest::to(word);
        for command in [&TOUR].into_iter().chain(&COMMANDS) {
            command.options.each(&mut |form| nearest.try_name(form.long));
        }
        return nearest.name();
    }
    let command = spelling::nearest(word, COMMANDS.iter().map(|command| command.name));
    command.or_else(|| spelling::nearest(spelling::bare(word), spelling::names()))
}
