//! The pages of `help` and `--help`, made from the table of commands and their options.

use super::command::{Command, Example, Group};
use super::form::{Form, Listed, Value};
use super::options::COMMON;
use crate::text::{Repeat, Show, Sink, Style, Styled, Wrapped, out};

/// The column at which the explanations of options, examples and statuses begin.
const EXPLANATION: usize = 30;

/// The column at which the purposes of commands begin.
const PURPOSE: usize = 13;

/// What the program is for.
pub const ABOUT: &str = "\
chimera makes any task that Linux can make with clone(2), and proves what the task shares with its parent: \
it asks the kernel, and it watches what the two tasks do to each other.";

/// What the help of all commands ends with.
pub const MORE: &str = "\
`chimera help COMMAND` or `chimera COMMAND --help` has the options of a command, examples that work, and its exit \
statuses. Options may stand before the command, and long ones may be shortened as long as it is clear which is meant.";

/// Prints the help of all commands.
pub fn of_all(page: &mut dyn Sink, commands: &[Command], general: &dyn Listed) {
    paragraph(page, ABOUT);
    out!(page, "\nusage: chimera [COMMAND] [OPTION..] [WORD..]\n");
    heading(page, "to begin");
    for Example(words, about) in BEGINNING {
        example(page, words, about);
    }
    for group in Group::ALL {
        heading(page, group.title());
        for command in commands.iter().filter(|command| command.group == group) {
            out!(page, "  ", command.name);
            explain(page, PURPOSE, &command.purpose);
        }
    }
    options(page, general);
    options(page, &COMMON);
    out!(page, "\n");
    paragraph(page, MORE);
}

/// Where to begin.
pub const BEGINNING: &[Example] = &[
    Example("", "makes the four kinds of task and compares them"),
    Example("thread", "one of them: what a thread shares"),
    Example("rules THREAD", "what the kernel refuses, and why"),
    Example("help clone", "how to make any other"),
];

/// Prints the help of a command.
pub fn of(page: &mut dyn Sink, command: &Command) {
    paragraph(page, command.about);
    out!(page, "\nusage: chimera ", command.name, if command.usage.is_empty() { "" } else { " " }, command.usage, "\n");
    if !command.operands.is_empty() {
        out!(page, "\n");
        paragraph(page, command.operands);
    }
    options(page, command.options);
    options(page, &COMMON);
    heading(page, "examples");
    for Example(words, about) in command.examples {
        example(page, words, about);
    }
    heading(page, "exit status");
    for (status, about) in command.statuses {
        out!(page, "  ", status);
        explain(page, EXPLANATION, about);
    }
}

/// An example.
fn example(page: &mut dyn Sink, words: &str, about: &str) {
    out!(page, "  chimera", if words.is_empty() { "" } else { " " }, words);
    explain(page, EXPLANATION, &about);
}

/// The options of a table, each section below its heading.
fn options(page: &mut dyn Sink, table: &dyn Listed) {
    let mut before = None;
    table.each(&mut |title, form| {
        if before.replace(title) != Some(title) {
            heading(page, title);
        }
        option(page, form);
    });
}

/// An option: how it is written, what it does, which values it takes.
fn option(page: &mut dyn Sink, form: &Form) {
    match form.letter {
        Some(letter) => page.put(&[b' ', b' ', b'-', letter, b',', b' ']),
        None => out!(page, "      "),
    }
    out!(page, form.long);
    match form.value {
        Value::None => {}
        Value::Optional(values) => out!(page, "[=", values.name(), "]"),
        Value::Required(values) => out!(page, " ", values.name()),
    }
    explain(page, EXPLANATION, &explanation(form));
}

/// What an option does, which values it takes, and which is the default.
pub fn explanation(form: &Form) -> impl Show {
    let values = match form.value {
        Value::None => None,
        Value::Optional(values) | Value::Required(values) => values.explanation(),
    };
    let takes = values.map(|takes| (" (", takes, ")"));
    let default = Some(("; default ", form.default)).filter(|(_, default)| !default.is_empty());
    (form.about, takes.unwrap_or_default(), default.unwrap_or_default())
}

/// The explanation of what the line begins with; in a line of its own if the begin is long.
fn explain(page: &mut dyn Sink, column: usize, about: &dyn Show) {
    if page.column() + 2 > column {
        out!(page, "\n");
    }
    let blanks = column - page.column();
    out!(page, Repeat(" ", blanks), Wrapped { text: about, indent: column }, "\n");
}

/// A text in lines of its own.
fn paragraph(page: &mut dyn Sink, text: &str) {
    out!(page, Wrapped { text, indent: 0 }, "\n");
}

/// A heading.
fn heading(page: &mut dyn Sink, title: &str) {
    out!(page, "\n", Styled(Style::Strong, title), ":\n");
}
