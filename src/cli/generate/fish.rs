//! Completion for fish: a line an option.

use super::rows::{self, Rows};
use crate::cli::form::{Form, Known, Value, Values};
use crate::cli::options::Program;
use crate::text::{Escaped, Show, Sink, With, out};

/// What the lines call.
const READER: &str = include_str!("complete.fish");

/// Writes the script.
pub fn write(page: &mut dyn Sink, rows: &Rows) {
    out!(page, "# Completion for fish of chimera(1), as `chimera --generate complete-fish` writes it.\n\n");
    rows.lists(page, &|page, name, words| out!(page, "set -g __chimera_", name, " ", words, "\n"));
    out!(page, "\n# The options whose value may be the next word, of commands that execute a program.\n");
    out!(page, "function __chimera_valued\n    switch $argv[1]\n");
    rows.each(&mut |name, command| {
        if command.program != Program::Nowhere {
            out!(page, "        case ", name, "\n            echo");
            rows.each_option(name, command, &mut |form| valued(page, form));
            out!(page, "\n");
        }
    });
    out!(
        page,
        "    end\nend\n\n# Where the words of a program begin.\nfunction __chimera_program\n    switch $argv[1]\n"
    );
    for command in rows.commands.iter().filter(|command| command.program != Program::Nowhere) {
        out!(page, "        case ", command.name, "\n            echo ", rows::program(command.program), "\n");
    }
    out!(page, "    end\nend\n\n", READER, "\n");
    for command in rows.commands {
        out!(
            page,
            "complete -c chimera -n '__chimera_is \"\"' -a ",
            command.name,
            " -d ",
            Quoted(command.purpose),
            "\n"
        );
    }
    rows.each(&mut |name, command| {
        let condition = ("complete -c chimera -n '__chimera_is \"", name, "\"'");
        rows.each_option(name, command, &mut |form| out!(page, condition, Line(form), "\n"));
        if let Some(values) = command.operand.filter(|_| !name.is_empty()) {
            out!(page, condition, Offer(values), "\n");
        }
    });
}

/// The names of an option that takes a value, which may be the next word.
fn valued(page: &mut dyn Sink, form: &Form) {
    if let Value::Required(_) = form.value {
        out!(page, " ", form.long);
        if let Some(letter) = form.letter {
            page.put(&[b' ', b'-', letter]);
        }
    }
}

/// An option.
struct Line(&'static Form);

impl Show for Line {
    fn show(&self, out: &mut dyn Sink) {
        let Self(form) = self;
        out!(out, " -l ", form.long.trim_start_matches('-'));
        if let Some(letter) = form.letter {
            out.put(&[b' ', b'-', b's', b' ', letter]);
        }
        match form.value {
            Value::None => {}
            Value::Optional(values) => out!(out, Offer(values)),
            Value::Required(values) => out!(out, " -r", Offer(values)),
        }
        out!(out, " -d ", Quoted(form.about));
    }
}

/// What is offered for a value.
struct Offer(Values);

impl Show for Offer {
    fn show(&self, out: &mut dyn Sink) {
        let words = rows::Words(self.0);
        match self.0.known {
            Known::Words if self.0.words.is_empty() => {}
            Known::Words => out!(out, " -a '", words, "'"),
            Known::Tasks => out!(out, " -a '(__fish_complete_pids)'"),
            Known::Users => out!(out, " -a '(__fish_complete_users)'"),
            Known::Groups => out!(out, " -a '(__fish_complete_groups)'"),
            Known::Folders => out!(out, " -a '(__fish_complete_directories)'"),
            Known::Files => out!(out, " -F -a '", words, "'"),
            known => out!(out, " -a '(__chimera_", rows::known(known), words, ")'"),
        }
    }
}

/// A text between quotes.
struct Quoted(&'static str);

impl Show for Quoted {
    fn show(&self, out: &mut dyn Sink) {
        let inner = Escaped(self.0, |out, letter| match letter {
            '\'' | '\\' => out!(out, "\\", letter.encode_utf8(&mut [0; 4]) as &str),
            _ => out!(out, letter.encode_utf8(&mut [0; 4]) as &str),
        });
        out!(out, With(|out: &mut dyn Sink| out!(out, "'", inner, "'")));
    }
}
