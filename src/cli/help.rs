//! The pages of `--help`, made from the table of commands and options.

use super::command::{Command, Example};
use super::options::{Form, Value};
use crate::text::{Repeat, Show, Sink, out};

/// The column at which the explanations begin, in bytes.
const EXPLANATION: usize = 30;

/// Prints the help of a command; `others` are commands whose usage is listed too.
pub fn show(page: &mut dyn Sink, command: &Command, others: &[Command]) {
    usage(page, "usage: ", command);
    others.iter().for_each(|other| usage(page, "       ", other));
    out!(page, "\n", command.about, "\n\n");
    command.options.each(&mut |form| option(page, form));
    if !command.operands.is_empty() {
        out!(page, "\n", command.operands, "\n");
    }
    out!(page, "\nexamples:\n");
    for Example(words, about) in command.examples {
        out!(page, "  chimera", if words.is_empty() { "" } else { " " }, words);
        explain(page, about);
    }
    out!(page, "\nstatus:\n");
    for (status, about) in command.statuses {
        out!(page, "  ", status);
        explain(page, about);
    }
}

/// A form of the command line.
fn usage(page: &mut dyn Sink, before: &str, command: &Command) {
    out!(page, before, "chimera ", command.name, if command.name.is_empty() { "" } else { " " }, command.usage, "\n");
}

/// An option: how it is written, and what it does.
fn option(page: &mut dyn Sink, form: &Form) {
    match form.letter {
        Some(letter) => page.put(&[b' ', b' ', b'-', letter, b',', b' ']),
        None => out!(page, "      "),
    }
    out!(page, form.long);
    match form.value {
        Value::None => {}
        Value::Optional(name) => out!(page, "[=", name, "]"),
        Value::Required(name) => out!(page, " ", name),
    }
    explain(page, form.about);
}

/// The explanation of what the line begins with; in a line of its own if the begin is long.
fn explain(page: &mut dyn Sink, about: &str) {
    if page.column() + 2 > EXPLANATION {
        "\n".show(page);
    }
    let blanks = EXPLANATION - page.column();
    out!(page, Repeat(" ", blanks), about, "\n");
}
