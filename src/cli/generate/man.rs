//! The manual page, chimera(1): each command has a section of what its help says.

use super::roff::{argument, prose, usage};
use super::rows::Rows;
use crate::cli::command::{Command, Example, Group};
use crate::cli::form::{Form, Listed, Value};
use crate::cli::help::{ABOUT, BEGINNING, MORE, explanation};
use crate::cli::options::COMMON;
use crate::explain::topic::Kind;
use crate::text::{Show, Sink, With, out};

/// The day of the last change to the page that is none of the tables.
const DATE: &str = "November 27, 2026";

/// The variables of the environment that are read, and what for.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("COLUMNS", "The width of pages; without it that of the terminal, or 80."),
    ("NO_COLOR", "If it is set and not empty, `--color auto` means no colors."),
    ("PATH", "Where CMD is looked for, as by execvp(3); /bin and /usr/bin without it."),
    ("SHELL", "What `chimera run` executes without CMD; /bin/sh without it."),
    ("TERM", "If it is `dumb`, `--color auto` means no colors."),
];

/// The files that are read or written, and what for.
const FILES: &[(&str, &str)] = &[
    ("/etc/passwd", "Users by name, for `chimera run`, and the name of the caller."),
    ("/etc/group", "Groups by name, for `chimera run`."),
    ("/etc/subuid", "The caller's blocks of user ids, for `--map-auto` and `auto`."),
    ("/etc/subgid", "The caller's blocks of group ids, for the same."),
    ("/proc", "What the kernel says of tasks, of their namespaces and of this machine; see proc(5)."),
    (
        "/proc/PID/uid_map",
        "The map of user ids of a new user namespace, which is written; so are gid_map and setgroups.",
    ),
    ("/sys/fs/cgroup", "The limits of cgroups that refuse a task; see cgroups(7)."),
];

/// What to read on.
const SEE_ALSO: &[(&str, u8)] = &[
    ("lsns", 1),
    ("newgidmap", 1),
    ("newuidmap", 1),
    ("nsenter", 1),
    ("strace", 1),
    ("unshare", 1),
    ("clone", 2),
    ("fork", 2),
    ("kcmp", 2),
    ("setns", 2),
    ("unshare", 2),
    ("vfork", 2),
    ("namespaces", 7),
    ("pid_namespaces", 7),
    ("pthreads", 7),
    ("user_namespaces", 7),
];

/// Which interfaces are somebody else's.
const STANDARDS: &str = "\
clone(2) and clone3(2) are Linux's own; no standard has them. The options of `chimera run` are those of unshare(1) of \
util-linux. `chimera check` writes KTAP, version 1, the format of the kernel's own tests.";

/// Writes the page.
pub fn write(page: &mut dyn Sink, rows: &Rows) {
    head(page, rows);
    description(page, rows);
    rows.commands.iter().for_each(|command| section(page, command));
    out!(page, ".Sh ENVIRONMENT\n");
    list(page, TAGS, &mut |page| {
        ENVIRONMENT.iter().for_each(|(name, about)| item(page, ("Ev ", argument(name)), about))
    });
    out!(page, ".Sh FILES\n");
    list(page, TAGS, &mut |page| FILES.iter().for_each(|(name, about)| item(page, ("Pa ", argument(name)), about)));
    statuses(page, rows);
    out!(page, ".Sh EXAMPLES\n");
    examples(page, BEGINNING);
    out!(page, ".Sh SEE ALSO\n");
    for (place, (name, part)) in SEE_ALSO.iter().enumerate() {
        out!(page, ".Xr ", name, " ", part, if place + 1 < SEE_ALSO.len() { " ,\n" } else { "\n" });
    }
    out!(page, ".Sh STANDARDS\n");
    prose(page, STANDARDS);
}

/// The name, and how each command is written.
fn head(page: &mut dyn Sink, rows: &Rows) {
    out!(page, ".Dd ", DATE, "\n.Dt CHIMERA 1\n.Os\n.Sh NAME\n.Nm chimera\n");
    out!(page, ".Nd makes any task that Linux can make, and proves what it shares\n.Sh SYNOPSIS\n");
    out!(page, ".Nm\n.Op Ar OPTION..\n");
    for command in rows.commands {
        out!(page, ".Nm\n.Cm ", command.name, "\n");
        if !command.usage.is_empty() {
            out!(page, usage(command.usage), "\n");
        }
    }
    rows.general.each(&mut |_, form| out!(page, ".Nm\n.", spelling(form), "\n"));
}

/// What the program is for, the commands, and the options that are none of a command.
fn description(page: &mut dyn Sink, rows: &Rows) {
    out!(page, ".Sh DESCRIPTION\n");
    prose(page, ABOUT);
    out!(page, ".Pp\n");
    prose(page, MORE);
    for group in Group::ALL {
        out!(page, ".Ss ", argument(group.title()), "\n");
        list(page, SHORT_TAGS, &mut |page| {
            for command in rows.commands.iter().filter(|command| command.group == group) {
                item(page, ("Cm ", command.name), command.purpose);
            }
        });
    }
    options(page, rows.general);
    options(page, &COMMON);
}

/// A command.
fn section(page: &mut dyn Sink, command: &Command) {
    let upper = With(|out: &mut dyn Sink| {
        command.name.bytes().for_each(|byte| out.put(&[byte.to_ascii_uppercase()]));
    });
    out!(page, ".Sh CHIMERA ", upper, "\n");
    prose(page, command.about);
    out!(page, ".Pp\n.Nm\n.Cm ", command.name, "\n");
    if !command.usage.is_empty() {
        out!(page, usage(command.usage), "\n");
    }
    if !command.operands.is_empty() {
        out!(page, ".Pp\n");
        prose(page, command.operands);
    }
    options(page, command.options);
    out!(page, ".Ss examples\n");
    examples(page, command.examples);
    out!(page, ".Ss exit status\n");
    list(page, SHORT_TAGS, &mut |page| {
        command.statuses.iter().for_each(|(status, about)| item(page, argument(status), about))
    });
}

/// Command lines that work.
fn examples(page: &mut dyn Sink, examples: &[Example]) {
    list(page, TAGS, &mut |page| {
        for Example(words, about) in examples {
            let line = ("chimera", if words.is_empty() { "" } else { " " }, *words);
            item(page, ("Ic ", argument(line)), about);
        }
    });
}

/// The options of a table, each section below its heading.
fn options(page: &mut dyn Sink, table: &dyn Listed) {
    let mut before = None;
    table.each(&mut |title, form| {
        if before != Some(title) {
            if before.replace(title).is_some() {
                out!(page, ".El\n");
            }
            out!(page, ".Ss ", argument(title), "\n", TAGS);
        }
        item(page, spelling(form), explanation(form));
    });
    if before.is_some() {
        out!(page, ".El\n");
    }
}

/// How an option is written.
fn spelling(form: &Form) -> impl Show {
    With(|out: &mut dyn Sink| {
        if let Some(letter) = form.letter {
            out.put(&[b'F', b'l', b' ', letter]);
            out!(out, " , ");
        }
        out!(out, "Fl Fl ", argument(form.long.trim_start_matches('-')));
        match form.value {
            Value::None => {}
            Value::Optional(values) => out!(out, " Ns Oo Ns = Ns Ar ", argument(values.name()), " Oc"),
            Value::Required(values) => out!(out, " Ar ", argument(values.name())),
        }
    })
}

/// How a list begins whose names are long, and one whose names are short.
const TAGS: &str = ".Bl -tag -width Ds\n";
const SHORT_TAGS: &str = ".Bl -tag -width 10n -compact\n";

/// A list of items.
fn list(page: &mut dyn Sink, begin: &str, items: &mut dyn FnMut(&mut dyn Sink)) {
    out!(page, begin);
    items(page);
    out!(page, ".El\n");
}

/// An item, and what there is to say about it.
fn item(page: &mut dyn Sink, name: impl Show, about: impl Show) {
    out!(page, ".It ", name, "\n");
    prose(page, about);
}

/// What the exit statuses mean, in all commands.
fn statuses(page: &mut dyn Sink, rows: &Rows) {
    out!(page, ".Sh EXIT STATUS\n");
    let mut glue = "";
    (rows.topics)(&mut |topic| {
        if topic.kind == Kind::Status {
            out!(page, core::mem::replace(&mut glue, ".Pp\n"));
            prose(page, topic.text);
        }
    });
}
