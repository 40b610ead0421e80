//! `chimera explain`: what a word means that the program prints, and how to read a page.

use super::command::{Command, Example, Group};
use super::form::{Form, Known, Listed, Opt, Section, Value, Values};
use super::generate;
use super::misuse::Misuse;
use super::options::{COMMON, Options, Program, Word};
use super::status::Status;
use super::tour::{self, Mode};
use super::words::Words;
use crate::clone::flags::Flags;
use crate::explain::find;
use crate::explain::topic::{Kind, Plain, Topic, Visit};
use crate::report::explain as report;
use crate::report::page::Console;
use crate::run::program;
use crate::sys::initial::InitialStack;
use crate::text::read::parts;
use crate::text::{Joined, Room, Show, Sink, out};

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Id {
    /// `--json`
    Json,
}

/// All options.
pub static OPTIONS: &[Section<Id>] = &[Section {
    title: "options",
    options: &[Opt::json(Id::Json, "for programs: one object a meaning; without TOPIC all there are")],
}];

/// The row of the table of commands; `run` runs the command.
pub const fn command(run: fn(&mut Console, &InitialStack, Words) -> Result<i32, Misuse<'static>>) -> Command {
    Command {
        name: "explain",
        group: Group::Lessons,
        purpose: "what a word means that chimera prints, and how it is proven",
        about: "Says in plain words what a flag, a resource, a rule, a column or any other word of the pages means, \
         how the two witnesses look at it, and what to type to see it. Without TOPIC it says how to read a page, and \
         lists all topics.",
        usage: "[TOPIC..] [--json]",
        operands: "\
TOPIC is any word that chimera prints, in upper or lower case, a flag with or without CLONE_, or several flags with | \
between them. What has two meanings is explained in both. An option stands behind --, as in `explain -- --stack`.",
        operand: Some(Values::named("TOPIC").of(Known::Topics)),
        options: &OPTIONS,
        examples: &[
            Example("explain", "how to read a page, and all topics"),
            Example("explain counter", "a column"),
            Example("explain CLONE_VM EINVAL D3", "a flag, an error, a rule"),
        ],
        statuses: &[
            ("0", "explained"),
            ("1", "it could not be written"),
            ("2", "there is no such topic, or the command line is wrong"),
        ],
        program: Program::Nowhere,
        run,
    }
}

/// The longest topic, in bytes.
const LONGEST: usize = 256;

/// The most words of a topic that are written without quotes.
const MOST_WORDS: usize = 8;

/// Explains the topics that the words name, or how to read a page. The topics are also those of `commands`.
pub fn run(console: &mut Console, words: Words, commands: &'static [Command]) -> Result<i32, Misuse<'static>> {
    let mut is_json = false;
    for word in Options::new(OPTIONS, Program::Nowhere, words.clone()) {
        is_json |= matches!(word?, Word::Option(Id::Json, _));
    }
    let each = |visit: &mut Visit| each(commands, visit);
    let out = &mut console.out;
    if plain(&words, 0).next().is_none() {
        if is_json {
            each(&mut |topic| report::json(out, topic))
        } else {
            report::overview(out, &each)
        }
        return Ok(Status::Proven as i32);
    }
    // All words are looked up before the first is explained: a wrong one is told alone.
    find_all(&words, &each, &mut |_| {})?;
    let mut is_first = true;
    find_all(&words, &each, &mut |topic| match (is_json, core::mem::replace(&mut is_first, false)) {
        (true, _) => report::json(out, topic),
        (false, true) => report::page(out, topic),
        (false, false) => {
            out!(out, "\n");
            report::page(out, topic);
        }
    })?;
    Ok(Status::Proven as i32)
}

/// The words that are not options, from this one on.
fn plain(words: &Words, from: usize) -> impl Iterator<Item = &'static [u8]> {
    let plain = |word| if let Ok(Word::Plain(word)) = word { Some(word) } else { None };
    Options::new(OPTIONS, Program::Nowhere, words.clone()).filter_map(plain).skip(from)
}

/// Passes on all topics that the words name. Several words may be one topic: the longest is taken.
fn find_all(words: &Words, each: &dyn Fn(&mut Visit), visit: &mut Visit) -> Result<(), Misuse<'static>> {
    let mut read = 0;
    while let Some(word) = plain(words, read).next() {
        let is_topic = |count: &usize| {
            let mut topic = Room::<LONGEST>::new();
            let mut glue = "";
            for word in plain(words, read).take(*count) {
                out!(&mut topic, core::mem::replace(&mut glue, " "));
                topic.put(word);
            }
            topic.bytes().is_some_and(|topic| find::Word(topic).find(each, visit) > 0)
        };
        let left = plain(words, read).take(MOST_WORDS).count();
        match (1..=left).rev().find(is_topic) {
            Some(count) => read += count,
            None => {
                find_parts(word, each, visit)?;
                read += 1;
            }
        }
    }
    Ok(())
}

/// Passes on the topics that the parts of a set of flags name.
fn find_parts(word: &'static [u8], each: &dyn Fn(&mut Visit), visit: &mut Visit) -> Result<(), Misuse<'static>> {
    for part in parts(word, b"|,") {
        let part = part.trim_ascii();
        if find::Word(part).find(each, visit) == 0 {
            return Err(Misuse::Unknown { what: "topic", word: part, near: find::Word(part).nearest(each) });
        }
    }
    Ok(())
}

/// Passes on all topics: those about the command line, and all others.
pub fn each(commands: &'static [Command], visit: &mut Visit) {
    for command in commands {
        of_command(command, visit);
    }
    crate::explain::each(visit);
    for (status, plain) in &STATUSES {
        let name = *status;
        plain.visit_with(Kind::Status, ("", name), &[], &OfCommands { commands, status: name }, visit);
    }
    each_option(commands, visit);
}

/// What is said of a mode besides what its help says.
const fn of_mode(mode: Mode) -> (&'static str, &'static [&'static str]) {
    match mode {
        Mode::Fork => (
            " The call returns twice: in the parent with the child's id, in the child with 0. child_stack=NULL says \
             that the child goes on with its copy of the caller's stack; SIGCHLD, the exit signal, lets the parent \
             wait for it. The counter stays 0 in the parent, because the child counted in its copy. Namespaces are \
             not copied but shared.",
            &["fork(2)", "counter", "stack", "SIGCHLD", "namespace"],
        ),
        Mode::Chimera => (
            " Its pid differs from its parent's, so it is a process of its own; yet it counted in the parent's \
             variable, so the counter is 1 in both. It needs a stack of its own, because both tasks run at the same \
             time in one memory.",
            &["CLONE_VM", "counter", "stack"],
        ),
        Mode::Thread => (
            " CLONE_THREAD needs CLONE_SIGHAND, because a signal to the process may be handled by any of its threads, \
             and that needs CLONE_VM, because a handler is an address. The parent of a thread is that of its process, \
             so the row parent process says shared. Nobody can wait for a thread; CLONE_CHILD_CLEARTID tells its \
             end.",
            &["CLONE_THREAD", "pid", "tid", "D3", "CLONE_CHILD_CLEARTID"],
        ),
        Mode::User => (
            " A line of the map is inside, outside, count: \"0 1000 1\" makes user 1000 root inside. deny is written \
             to setgroups first, because the kernel demands it of an ordinary user. This root is root only over its \
             own namespaces. As root the map reads \"0 0 1\", so try it as an ordinary user.",
            &["user namespace", "65534", "uid_map", "setgroups", "root"],
        ),
    }
}

/// The modes, by the rows of their commands.
const MODES: [(Mode, &Command); 4] = [
    (Mode::Fork, &tour::FORK),
    (Mode::Chimera, &tour::CHIMERA),
    (Mode::Thread, &tour::THREADS),
    (Mode::User, &tour::USER),
];

/// Passes on a command.
fn of_command(command: &'static Command, visit: &mut Visit) {
    let mode = MODES.iter().find(|(_, row)| row.name == command.name);
    let (more, see) = mode.map_or(("", ["help", "status"].as_slice()), |(mode, _)| of_mode(*mode));
    const MOST: usize = 3;
    let mut examples: [&dyn Show; MOST] = [&""; MOST];
    let count = command.examples.len().min(MOST);
    for (place, Example(words, _)) in examples.iter_mut().zip(command.examples) {
        *place = words;
    }
    visit(&Topic {
        kind: if mode.is_some() { Kind::Mode } else { Kind::Command },
        name: ("", command.name),
        also: &[],
        text: &(command.about, more),
        flags: Flags::empty(),
        witnesses: None,
        examples: &examples[..count],
        see,
        is_listed: true,
    });
}

/// An exit status, and its text.
const fn status(status: Status) -> (&'static str, Plain) {
    let (name, text, examples): (_, _, &'static [&'static str]) = match status {
        Status::Proven => ("0", "Exit status 0: what was asked for was done, and every check agreed.", &["clone VM"]),
        Status::Failed => (
            "1",
            "Exit status 1: a check saw the contrary, or a step of chimera's own failed.",
            &["clone CLEAR_SIGHAND"],
        ),
        Status::Usage => ("2", "Exit status 2: the command line is wrong. Nothing was done.", &["help"]),
        Status::Refused => ("3", "Exit status 3: the kernel refused the call, as predicted.", &["clone THREAD"]),
        Status::Skipped => (
            "4",
            "Exit status 4: nothing is wrong, but something that was asked for cannot be seen here.",
            &["clone PTRACE"],
        ),
    };
    (name, Plain { text, examples, see: &["status", "outcome"] })
}

/// A status of a command that executes a program.
const fn of_program(name: &'static str, text: &'static str) -> (&'static str, Plain) {
    (name, Plain { text, examples: &["run -r -- true"], see: &["status", "run", "env(1)"] })
}

/// All statuses.
static STATUSES: [(&str, Plain); 8] = [
    status(Status::Proven),
    status(Status::Failed),
    status(Status::Usage),
    status(Status::Refused),
    status(Status::Skipped),
    of_program(
        "125",
        "Exit status 125 of `run` and `clone FLAGS -- CMD`: chimera itself failed before the program ran.",
    ),
    of_program(
        "126",
        "Exit status 126 of `run` and `clone FLAGS -- CMD`: the program was found but could not be executed.",
    ),
    of_program("127", "Exit status 127 of `run` and `clone FLAGS -- CMD`: the program was not found."),
];

/// The number of the status of a failure where a program is executed.
const _: () = assert!(program::OURS == 125);

/// What a status means in each command that has it.
struct OfCommands {
    commands: &'static [Command],
    status: &'static str,
}

impl Show for OfCommands {
    fn show(&self, out: &mut dyn Sink) {
        let about = |command: &Command| {
            let row = command.statuses.iter().find(|(status, _)| *status == self.status);
            row.map(|(_, about)| *about)
        };
        each_sentence(self.commands, &about, &mut |about, names| out!(out, " In ", names, ": ", about, "."));
    }
}

/// Calls a function with each text that commands have, and the names of those that have it.
fn each_sentence<T: PartialEq + Copy>(
    commands: &'static [Command],
    text: &dyn Fn(&'static Command) -> Option<T>,
    visit: &mut dyn FnMut(T, &dyn Show),
) {
    for (place, command) in commands.iter().enumerate() {
        let own = text(command);
        let is_new = !commands[..place].iter().any(|before| text(before) == own);
        let with_it = commands.iter().filter(|command| text(command) == own);
        let names = Joined(", ", with_it.map(|command| ("`", command.name, "`")));
        if let Some(own) = own.filter(|_| is_new) {
            visit(own, &names);
        }
    }
}

/// Passes on each option once, with all commands that have it.
fn each_option(commands: &'static [Command], visit: &mut Visit) {
    for (place, command) in commands.iter().enumerate() {
        command.options.each(&mut |_, form| {
            if !commands[..place].iter().any(|before| option(before, form.long).is_some()) {
                of_option(form, &InCommands { commands, long: form.long }, &(command.name, " --help"), visit);
            }
        });
    }
    generate::OPTIONS.each(&mut |title, form| {
        of_option(form, &(About { title, form }, " It stands without a command."), &"help", visit);
    });
    COMMON.each(&mut |title, form| {
        let about = (About { title, form }, " It is an option of every command.");
        of_option(form, &about, &"help", visit);
    });
}

/// Passes on an option.
fn of_option(form: &'static Form, about: &dyn Show, example: &dyn Show, visit: &mut Visit) {
    visit(&Topic {
        kind: Kind::Option,
        name: ("", form.long),
        also: &[form.long.trim_start_matches('-')],
        text: about,
        flags: Flags::empty(),
        witnesses: None,
        examples: &[example],
        see: &["help"],
        is_listed: true,
    });
}

/// The option of a command that has this name.
fn option(command: &'static Command, long: &str) -> Option<About> {
    let mut found = None;
    command.options.each(&mut |title, form| {
        if form.long == long {
            found = Some(About { title, form });
        }
    });
    found
}

/// What an option does in each command that has it.
struct InCommands {
    commands: &'static [Command],
    long: &'static str,
}

impl Show for InCommands {
    fn show(&self, out: &mut dyn Sink) {
        let about = |command| option(command, self.long);
        let mut glue = "";
        each_sentence(self.commands, &about, &mut |about, names| {
            out!(out, core::mem::replace(&mut glue, " "), "In ", names, ": ", about);
        });
    }
}

/// What an option does, and which values it takes, as a sentence.
#[derive(Clone, Copy)]
struct About {
    /// The heading of the options among which it stands.
    title: &'static str,
    form: &'static Form,
}

impl PartialEq for About {
    fn eq(&self, other: &Self) -> bool {
        self.form.about == other.form.about && self.form.default == other.form.default
    }
}

impl Show for About {
    fn show(&self, out: &mut dyn Sink) {
        let Form { value, about, default, .. } = self.form;
        if self.title != GENERAL {
            out!(out, self.title, ": ");
        }
        out!(out, *about);
        if let Value::Optional(values) | Value::Required(values) = value {
            out!(out, ": ", values.takes());
        }
        if !default.is_empty() {
            out!(out, "; default ", *default);
        }
        out!(out, ".");
    }
}

/// The heading that says nothing about an option.
const GENERAL: &str = "options";
