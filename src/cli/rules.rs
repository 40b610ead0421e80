//! `chimera rules`: the table of what the kernel refuses, or the verdict on a set of flags. No task is made.

use super::call::{self, Asked, Id};
use super::command::{Command, Example, Group};
use super::form::{Opt, Section};
use super::misuse::Misuse;
use super::options::{Options, Program, Word};
use super::output::Output;
use super::refusal::{self, About};
use super::status::Status;
use super::words::Words;
use crate::clone::flags::FLAGS;
use crate::error::Failure;
use crate::host::filter;
use crate::host::proc::Own;
use crate::report::page::{Console, Page};
use crate::report::{json, rules as page};
use crate::rules::amend;
use crate::rules::rule::{self, RULES};
use crate::sys::initial::InitialStack;

/// The options.
pub static OPTIONS: &[Section<Id>] = &[
    Section {
        title: "the verdict",
        options: &[
            Opt::flag("--unprivileged", Id::Unprivileged, "the verdict for an ordinary user"),
            Opt::value("--kernel", call::VERSION, Id::Kernel, "the verdict for another kernel").default("this one"),
            Opt::json(
                Id::Output(Output::Json),
                "for programs: one object, the verdict, or a line for each rule or flag",
            ),
        ],
    },
    Section {
        title: "the table",
        options: &[Opt::flag("--flags", Id::Flags, "without FLAGS: the table of all flags, not of all rules")],
    },
    call::OPTIONS,
];

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "rules",
    group: Group::Calls,
    purpose: "what the kernel refuses, and why, without making a task",
    about: "\
Says what the kernel will answer to FLAGS, why, and which change of FLAGS would help. Without FLAGS it prints the table of \
all that clone(2) and clone3(2) refuse. No task is made.",
    usage: "[FLAGS..] [OPTION..]",
    operands: call::FLAGS,
    operand: call::OPERAND,
    options: &OPTIONS,
    examples: &[
        Example("rules THREAD", "why CLONE_THREAD alone is refused"),
        Example("rules NEWPID --unprivileged", "what an ordinary user is told"),
        Example("rules --flags", "all flags"),
    ],
    statuses: &[
        ("0", "the verdict or the table was printed"),
        ("1", "a step failed"),
        ("2", "the command line is wrong"),
    ],
    program: Program::Nowhere,
    run: command,
};

/// Prints what was requested: the verdict on flags, or a table.
pub fn command(console: &mut Console, _: &InitialStack, words: Words) -> Result<i32, Misuse<'static>> {
    let asked = call::parse(OPTIONS, Program::Nowhere, words.clone())?;
    match (asked.has_flags, asked.lists_flags) {
        (true, true) => return Err(Misuse::Excludes("--flags", "FLAGS")),
        (true, false) => {
            if let Err(failure) = verdict(&mut console.out, &asked) {
                refusal::explain(console, About::Nothing, failure);
                return Ok(Status::Failed as i32);
            }
        }
        (false, _) => {
            refuse_options(words)?;
            table(&mut console.out, &asked);
        }
    }
    Ok(Status::Proven as i32)
}

/// Refuses the first option that changes no table.
fn refuse_options(words: Words) -> Result<(), Misuse<'static>> {
    for word in Options::new(OPTIONS, Program::Nowhere, words) {
        if let Word::Option(id, given) = word?
            && !matches!(id, Id::Output(_) | Id::Flags)
        {
            return Err(Misuse::Needs(given.form.long, "FLAGS"));
        }
    }
    Ok(())
}

/// Prints the table that was asked for: of all rules, or of all flags.
fn table(out: &mut Page, asked: &Asked) {
    match (asked.output.is_some(), asked.lists_flags) {
        (true, true) => FLAGS.iter().for_each(|flag| json::flag(out, flag)),
        (true, false) => RULES.iter().for_each(|rule| json::rule(out, rule)),
        (false, true) => page::list_of_flags(out),
        (false, false) => page::rules(out),
    }
}

/// Prints what is expected of a call, the reason, and what helps.
fn verdict(out: &mut Page, asked: &Asked) -> Result<(), Failure> {
    filter::avoid_deadly_calls(&Own::read());
    if let Some(failure) = asked.failure {
        return Err(failure);
    }
    let (call, place) = (&asked.call, asked.place());
    let predicted = rule::predict(call, &place)?;
    let advice = amend::advise(call, &place, predicted)?;
    if asked.output.is_some() {
        json::verdict(out, call, &place, predicted, &advice);
        return Ok(());
    }
    page::verdict(out, call, predicted, &advice);
    Ok(())
}
