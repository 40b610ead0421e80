//! The command line: arguments in, pages and an exit status out.

pub mod bench;
pub mod call;
pub mod clone;
pub mod common;
pub mod doctor;
pub mod help;
pub mod options;
pub mod refusal;
pub mod rules;
pub mod run;
pub mod status;
pub mod tour;

use crate::report::page::Console;
use crate::rules::spelling;
use crate::run::dispositions;
use crate::sys::initial::{InitialStack, Strings};
use crate::text::{Outside, out};
use common::finish;
use options::{Misuse, Options, Word};
use status::Status;

/// A command.
struct Command {
    name: &'static str,
    /// The text of `--help`.
    help: &'static str,
    /// Whether its arguments are valid and ask for help.
    asks_help: fn(Strings) -> bool,
    /// Calls a function with the long name of each option.
    names: fn(&mut dyn FnMut(&'static str)),
    /// Whether to set this program's signal dispositions: not for a program that runs in place, which inherits the
    /// caller's.
    prepares: bool,
    /// Runs the command, with the words after its name.
    run: fn(&mut Console, &InitialStack, Strings) -> Result<i32, Misuse<'static>>,
}

/// A row of the table: the command's name, its help text, and its module.
macro_rules! command {
    ($name:literal, $help:ident, $module:ident, $prepares:literal) => {
        Command {
            name: $name,
            help: help::$help,
            asks_help: |words| {
                let is_help = |id| id == $module::OPTIONS[0].id;
                asks_help(Options::new(&$module::OPTIONS, words), is_help)
            },
            names: |visit| $module::OPTIONS.iter().for_each(|option| visit(option.long)),
            prepares: $prepares,
            run: $module::command,
        }
    };
}

/// The command if the first word is not one: the tour, or a mode.
static TOUR: Command = command!("", TOUR, tour, true);

/// All other commands.
static COMMANDS: [Command; 5] = [
    command!("clone", CLONE, clone, true),
    command!("run", RUN, run, false),
    command!("doctor", DOCTOR, doctor, true),
    command!("bench", BENCH, bench, true),
    command!("rules", RULES, rules, true),
];

/// Whether all words are valid and one of them asks for help.
fn asks_help<'a, Id: Copy>(
    words: impl Iterator<Item = Result<Word<'a, Id>, &'a [u8]>>,
    is_help: impl Fn(Id) -> bool,
) -> bool {
    let mut is_asked = false;
    for word in words {
        match word {
            Ok(Word::Option(id, _)) => is_asked |= is_help(id),
            Ok(Word::Plain(_)) => {}
            Err(_) => return false,
        }
    }
    is_asked
}

/// Runs the program; returns the exit status.
pub fn main(stack: &InitialStack) -> i32 {
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
    if (command.asks_help)(words.clone()) {
        out!(&mut console.out, command.help);
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
            (command.names)(&mut |name| nearest.try_name(name));
        }
        return nearest.name();
    }
    let command = spelling::nearest(word, COMMANDS.iter().map(|command| command.name));
    command.or_else(|| spelling::nearest(spelling::bare(word), spelling::names()))
}
