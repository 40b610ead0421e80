//! The rows from which the files are made.

use crate::cli::command::Command;
use crate::cli::form::{Form, Known, Listed, Value, Values};
use crate::cli::options::{COMMON, Program};
use crate::clone::flags::FLAGS;
use crate::explain::topic::Visit;
use crate::rules::spelling::{PRESETS, SIGNALS};
use crate::text::{Joined, Room, Show, Sink, out};

/// The table of commands, and what stands beside it.
pub struct Rows<'a> {
    /// All commands. The first is the one of a command line that names none.
    pub commands: &'static [Command],
    /// The options of a command line that names no command, beside those of the first.
    pub general: &'static dyn Listed,
    /// Calls a function with each topic of `chimera explain`.
    pub topics: &'a dyn Fn(&mut Visit),
}

impl Rows<'_> {
    /// Calls a function with each name under which options are completed, and its command: all commands, and before them
    /// none, whose options are those of the first.
    pub fn each(&self, visit: &mut dyn FnMut(&'static str, &'static Command)) {
        self.commands.iter().take(1).for_each(|first| visit("", first));
        self.commands.iter().for_each(|command| visit(command.name, command));
    }

    /// Calls a function with each option of a command, or of none: its own, and those of every command.
    pub fn each_option(&self, name: &str, command: &Command, visit: &mut dyn FnMut(&'static Form)) {
        command.options.each(&mut |_, form| visit(form));
        if name.is_empty() {
            self.general.each(&mut |_, form| visit(form));
        }
        COMMON.each(&mut |_, form| visit(form));
    }

    /// Writes the lists of words that completions have in common, each by a function.
    pub fn lists(&self, out: &mut dyn Sink, list: &dyn Fn(&mut dyn Sink, &str, &dyn Show)) {
        list(out, "commands", &Joined(" ", self.commands.iter().map(|command| command.name)));
        list(out, "presets", &Joined(" ", PRESETS.iter().map(|preset| preset.name)));
        list(out, "flags", &Joined(" ", FLAGS.iter().map(|flag| flag.name)));
        list(out, "signals", &Joined(" ", SIGNALS.iter()));
        list(out, "topics", &Topics(self));
    }
}

/// What an option's value is, and whether it must be there.
pub fn value(form: &Form) -> (&'static str, Option<Values>) {
    match form.value {
        Value::None => ("none", None),
        Value::Optional(values) => ("optional", Some(values)),
        Value::Required(values) => ("required", Some(values)),
    }
}

/// The word of the scripts for what a shell can offer.
pub const fn known(known: Known) -> &'static str {
    match known {
        Known::Words => "words",
        Known::Signals => "signals",
        Known::Flags => "flags",
        Known::Tasks => "tasks",
        Known::Users => "users",
        Known::Groups => "groups",
        Known::Owner => "owner",
        Known::Variables => "variables",
        Known::Files => "files",
        Known::Folders => "folders",
        Known::Commands => "commands",
        Known::Topics => "topics",
    }
}

/// The word of the scripts for the place in which a command names a program.
pub const fn program(program: Program) -> &'static str {
    match program {
        Program::Nowhere => "nowhere",
        Program::Plain => "plain",
        Program::BehindDashes => "dashes",
    }
}

/// The topics that are one word, which no shell has to quote, with blanks between them.
struct Topics<'a>(&'a Rows<'a>);

impl Show for Topics<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let mut glue = "";
        (self.0.topics)(&mut |topic| {
            let mut name = Room::<64>::new();
            out!(&mut name, topic.name);
            let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
            if let Some(name) = name.bytes().filter(|name| name.first().is_some_and(u8::is_ascii_alphanumeric))
                && name.iter().all(is_plain)
            {
                out!(out, core::mem::replace(&mut glue, " "));
                out.put(name);
            }
        });
    }
}

/// The words that a value may be, with a blank before each.
pub struct Words(pub Values);

impl Show for Words {
    fn show(&self, out: &mut dyn Sink) {
        self.0.words.iter().for_each(|word| out!(out, " ", *word));
    }
}
