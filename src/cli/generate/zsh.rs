//! Completion for zsh: the rows as arguments of its function `_arguments`.

use super::rows::{self, Rows};
use crate::cli::form::{Form, Known, Value, Values};
use crate::text::{Escaped, Show, Sink, With, out};

/// What is around the rows.
const READER: &str = include_str!("complete.zsh");

/// Writes the function.
pub fn write(page: &mut dyn Sink, rows: &Rows) {
    out!(
        page,
        "#compdef chimera\n# Completion for zsh of chimera(1), as `chimera --generate complete-zsh` writes it.\n\n"
    );
    rows.lists(page, &|page, name, words| out!(page, "typeset -ga _chimera_", name, "=(", words, ")\n"));
    out!(page, "\n# The commands, and what they are for.\n_chimera_commands() {\n    local -a all=(\n");
    for command in rows.commands {
        out!(page, "        '", command.name, ":", Quoted(command.purpose), "'\n");
    }
    out!(page, "    )\n    _describe -t commands command all \"$@\"\n}\n", TABLE);
    rows.each(&mut |name, command| {
        out!(page, "    '", name, "')\n        specs=(\n");
        rows.each_option(name, command, &mut |form| out!(page, "            ", Spec(form), "\n"));
        let operand = match command.operand {
            _ if name.is_empty() => Some(Values::named("COMMAND").of(Known::Commands)),
            operand => operand,
        };
        if let Some(values) = operand {
            out!(page, "            '*:", Quoted(values.name()), Action(values), "'\n");
        }
        out!(page, "        )\n        program=", rows::program(command.program), "\n        ;;\n");
    });
    out!(page, "    esac\n}\n\n", READER);
}

/// What the table begins with.
const TABLE: &str = "
# What a command takes, for _arguments, and where a program stands.
_chimera_table() {
    case $1 in
";

/// An option.
struct Spec(&'static Form);

impl Show for Spec {
    fn show(&self, out: &mut dyn Sink) {
        let Self(form) = self;
        let value = match form.value {
            Value::None => None,
            Value::Optional(values) => Some(("=-", "::", values)),
            Value::Required(values) => Some(("=", ":", values)),
        };
        let shown = With(|out: &mut dyn Sink| {
            out!(out, "'[", Quoted(form.about), "]");
            if let Some((_, colons, values)) = value {
                out!(out, colons, Quoted(values.name()), Action(values));
            }
            out!(out, "'");
        });
        if let Some(letter) = form.letter {
            // What follows the letter in its word is the value.
            let plus = if matches!(form.value, Value::Required(_)) { "+" } else { "" };
            out!(out, "-");
            out.put(&[letter]);
            out!(out, plus, shown, "\n            ");
        }
        out!(out, form.long, value.map_or("", |(equal, ..)| equal), shown);
    }
}

/// How a value is completed: the end of a specification.
struct Action(Values);

impl Show for Action {
    fn show(&self, out: &mut dyn Sink) {
        let Self(values) = self;
        let words = rows::Words(*values);
        match values.known {
            Known::Words if values.words.is_empty() => out!(out, ": "),
            Known::Words => out!(out, ":(", words, ")"),
            Known::Users => out!(out, ":_users"),
            Known::Groups => out!(out, ":_groups"),
            Known::Folders => out!(out, ":_files -/"),
            known => out!(out, ":_chimera_", rows::known(known), words),
        }
    }
}

/// A text between quotes, in a specification.
struct Quoted<T>(T);

impl<T: Show> Show for Quoted<T> {
    fn show(&self, out: &mut dyn Sink) {
        out!(
            out,
            Escaped(&self.0, |out, letter| match letter {
                '\'' => out!(out, "'\\''"),
                '[' | ']' | ':' | '\\' => out!(out, "\\", letter.encode_utf8(&mut [0; 4]) as &str),
                _ => out!(out, letter.encode_utf8(&mut [0; 4]) as &str),
            })
        );
    }
}
