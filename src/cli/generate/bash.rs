//! Completion for bash: the rows as lists of words, and a function that reads them.

use super::rows::{self, Rows};
use crate::cli::form::{Form, Known};
use crate::text::{Show, Sink, With, out};

/// What reads the rows.
const READER: &str = include_str!("complete.bash");

/// Writes the script.
pub fn write(page: &mut dyn Sink, rows: &Rows) {
    out!(page, "# Completion for bash of chimera(1), as `chimera --generate complete-bash` writes it.\n\n");
    rows.lists(page, &|page, name, words| out!(page, "__chimera_", name, "='", words, "'\n"));
    out!(page, TABLE);
    rows.each(&mut |name, command| {
        out!(page, "    '", name, "')\n        options=(\n");
        rows.each_option(name, command, &mut |form| out!(page, "            '", Row(form), "'\n"));
        out!(page, "        )\n        operand='");
        match command.operand.filter(|_| !name.is_empty()) {
            Some(values) => out!(page, rows::known(values.known), rows::Words(values)),
            None if name.is_empty() => out!(page, rows::known(Known::Commands)),
            None => out!(page, rows::known(Known::Words)),
        }
        out!(page, "' program=", rows::program(command.program), "\n        ;;\n");
    });
    out!(page, "    esac\n}\n\n", READER);
}

/// What the table begins with.
const TABLE: &str = "
# What a command takes. Of each option: its name, its letter, whether it has a value, what a shell can offer for it, and
# words that it may be. Of the words that are no options: the same. And where a program stands.
__chimera_table() {
    case $1 in
";

/// An option, as words.
struct Row(&'static Form);

impl Show for Row {
    fn show(&self, out: &mut dyn Sink) {
        let Self(form) = self;
        let (takes, values) = rows::value(form);
        let letter = With(move |out: &mut dyn Sink| out.put(&[form.letter.unwrap_or(b'-')]));
        out!(out, form.long, " ", letter, " ", takes);
        if let Some(values) = values {
            out!(out, " ", rows::known(values.known), rows::Words(values));
        }
    }
}
