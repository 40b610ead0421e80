//! The table of commands, and which of them a command line asks for.

use super::command::{Command, Example, Group};
use super::form::{Form, Known, Section, Values};
use super::misuse::Misuse;
use super::options::{Found, Options, Parser, Place, Program, Settings, Word};
use super::status::Status;
use super::words::Words;
use super::{bench, check, clone, doctor, explain, generate, help, inspect, quiz, rules, run, tour};
use crate::report::page::Console;
use crate::run::program::OURS;
use crate::sys::initial::{InitialStack, Strings};
use crate::text::Sink;
use crate::text::nearest::nearest;

/// All commands, in the order of the help. The first is the one of a command line that names none.
pub static COMMANDS: [Command; 15] = [
    tour::COMMAND,
    tour::FORK,
    tour::CHIMERA,
    tour::THREADS,
    tour::USER,
    EXPLAIN,
    quiz::COMMAND,
    clone::COMMAND,
    rules::COMMAND,
    run::COMMAND,
    doctor::COMMAND,
    inspect::COMMAND,
    check::COMMAND,
    bench::COMMAND,
    HELP,
];

/// `chimera explain [TOPIC..]`, which explains the commands too.
const EXPLAIN: Command = explain::command(|console, _, words| explain::run(console, words, &COMMANDS));

/// `chimera --generate FILE`, which stands without a command.
static GENERATE: Command = generate::command(|console, _, words| {
    generate::run(console, words, &COMMANDS, &|visit| explain::each(&COMMANDS, visit))
});

/// `chimera help [COMMAND]`.
const HELP: Command = Command {
    name: "help",
    group: Group::Help,
    purpose: "what a command is for, its options, examples",
    about: "\
Prints what a command is for: its usage, its options, examples that work, and its exit statuses. \
Without COMMAND it lists all commands. `chimera COMMAND --help` prints the same.",
    usage: "[COMMAND]",
    operands: "COMMAND is one of the words that `chimera help` lists.",
    operand: Some(Values::named("COMMAND").of(Known::Commands)),
    options: &NO_OPTIONS,
    examples: &[
        Example("help", "all commands"),
        Example("help run", "the options of `run`"),
        Example("help thread", "what a thread is made of"),
    ],
    statuses: &[("0", "the help was printed"), ("1", "it could not be written"), ("2", "the command line is wrong")],
    program: Program::Nowhere,
    run: print_help,
};

/// The options of a command that has none of its own.
static NO_OPTIONS: &[Section<()>] = &[];

/// Prints the help of the command that is named, or of all.
fn print_help(console: &mut Console, _: &InitialStack, words: Words) -> Result<i32, Misuse<'static>> {
    let mut command = None;
    for word in Options::new(NO_OPTIONS, Program::Nowhere, words) {
        if let Word::Plain(word) = word? {
            let named = named(word).ok_or_else(|| unknown(word))?;
            if command.replace(named).is_some() {
                return Err(Misuse::Extra(word));
            }
        }
    }
    match command {
        Some(command) => help::of(&mut console.out, command),
        None => help_of_all(&mut console.out),
    }
    Ok(Status::Proven as i32)
}

/// Prints the help of all commands.
pub fn help_of_all(page: &mut dyn Sink) {
    help::of_all(page, &COMMANDS, GENERATE.options);
}

/// The command with this name.
fn named(word: &[u8]) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name.as_bytes() == word)
}

/// Says that there is no such command.
fn unknown(word: &[u8]) -> Misuse<'_> {
    Misuse::NoCommand(word, nearest(word, COMMANDS.iter().map(|command| command.name)))
}

/// What a command line asks for.
pub struct Request {
    /// The command.
    pub command: &'static Command,
    /// Whether the command line names it.
    pub is_named: bool,
    /// The words but the command.
    pub words: Words,
}

impl Request {
    /// Finds the command: its name may stand behind options of its own, and behind the values of these.
    pub fn find(stack: &InitialStack) -> Self {
        let all = stack.arguments();
        let mut wrong = None;
        for (place, word) in all.clone().enumerate() {
            let Some(command) = named(word) else { continue };
            let request = Self { command, is_named: true, words: Words::new(all.clone(), Some(place)) };
            match consists_of_options(command, all.clone().take(place)) {
                Some(true) => return request,
                Some(false) => {}
                // The name of another command may follow, of which this is an option.
                None => wrong = wrong.or(Some(request)),
            }
        }
        let without = |command| Self { command, is_named: false, words: Words::new(all.clone(), None) };
        if begins_with_option_of(&GENERATE, all.clone()) {
            return without(&GENERATE);
        }
        wrong.unwrap_or(without(&COMMANDS[0]))
    }

    /// What the options of every command ask for. An error is also the first word of a command line that names no
    /// command, if it is not an option.
    pub fn settings(&self) -> Result<Settings, Misuse<'static>> {
        if !self.is_named
            && let Some(word) = self.first_plain()
        {
            return Err(unknown(word));
        }
        Settings::read(self.command.options, self.command.program, self.words.clone())
    }

    /// The first word that is not an option, if the words before are right.
    fn first_plain(&self) -> Option<&'static [u8]> {
        let mut parser = Parser::new(self.command.program, self.words.clone());
        while let Some(found) = parser.next(self.command.options) {
            match found {
                Ok(Found::Option(..)) => {}
                Ok(Found::Plain(word)) => return Some(word),
                Err(_) => return None,
            }
        }
        None
    }

    /// The status of a failure of this program, which is another one where a program was to be executed.
    pub fn failure(&self, status: Status) -> i32 {
        if self.command.executes(self.words.clone()) { OURS } else { status as i32 }
    }
}

/// Whether words are options of a command; none if they are options, but wrong ones.
fn consists_of_options(command: &Command, words: core::iter::Take<Strings>) -> Option<bool> {
    let mut parser = Parser::new(command.program, words);
    while let Some(found) = parser.next(command.options) {
        if let Found::Plain(_) = found.ok()? {
            return Some(false);
        }
    }
    Some(true)
}

/// Whether the first of these words that is not an option of every command is one of this command, whatever its value.
fn begins_with_option_of(command: &Command, words: Strings) -> bool {
    let mut parser = Parser::new(command.program, words);
    loop {
        match parser.next(command.options) {
            Some(Ok(Found::Option(Place::Common(_), _))) => {}
            Some(Ok(Found::Option(Place::Own(_), _))) => return true,
            Some(Err(Misuse::NoValue(form))) => return has(command, form),
            _ => return false,
        }
    }
}

/// Whether this is an option of the command.
fn has(command: &Command, wanted: &'static Form) -> bool {
    let mut is_there = false;
    command.options.each(&mut |_, form| is_there |= core::ptr::eq(form, wanted));
    is_there
}
