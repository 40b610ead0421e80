//! `chimera rules`: the table of what the kernel refuses, or the verdict on a set of flags. No task is made.

use super::call::{self, Asked, Form, Id};
use super::command::{Command, Example};
use super::options::{Misuse, Opt, Options, Word};
use super::refusal::{self, About};
use super::status::Status;
use crate::clone::flags::{FLAGS, Version};
use crate::error::Failure;
use crate::host::filter;
use crate::host::proc::Own;
use crate::report::page::{Console, Page};
use crate::report::show::{Calls, Name, flags};
use crate::report::{advice, json};
use crate::rules::amend;
use crate::rules::rule::{self, RULES, Rule, When};
use crate::sys::initial::{InitialStack, Strings};
use crate::text::{Hex, Tab, out};

/// The options.
pub static OPTIONS: [Opt<Id>; 12] = [
    call::HELP,
    Opt::json(Id::Json, "one object: the verdict, a rule, a flag"),
    Opt::flag("--flags", Id::Flags, "the table of all flags instead"),
    Opt::flag("--unprivileged", Id::Unprivileged, "the verdict for an ordinary user"),
    Opt::value("--kernel", "X.Y", Id::Kernel, "the verdict for another kernel, as in 6.18"),
    call::CLONE3,
    call::EXIT_SIGNAL,
    call::STACK,
    call::TLS,
    call::SET_TID,
    call::CGROUP,
    call::SIZE,
];

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "rules",
    about: "\
Says what the kernel will answer to FLAGS, and why; without FLAGS the table of
all that clone(2) and clone3(2) refuse. No task is made.",
    usage: "[FLAGS] [OPTION..]",
    operands: call::FLAGS,
    options: &OPTIONS,
    examples: &[
        Example("rules THREAD", "why CLONE_THREAD alone is refused"),
        Example("rules NEWPID --unprivileged", "what an ordinary user is told"),
        Example("rules --flags", "all flags"),
    ],
    statuses: &[
        ("0", "the verdict or the table is printed"),
        ("1", "a step failed"),
        ("2", "the command line makes no sense"),
    ],
    prepares: true,
    run: command,
};

/// Prints what was requested: the verdict on flags, or a table.
pub fn command(console: &mut Console, _: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let asked = call::parse(&OPTIONS, words.clone())?;
    if asked.word.is_none() {
        refuse_options(words)?;
    }
    match asked.word {
        Some(_) if asked.command.is_none() && !asked.lists_flags => {
            if let Err(failure) = verdict(&mut console.out, &asked) {
                refusal::explain(console, About::Nothing, failure);
                return Ok(Status::Failed as i32);
            }
        }
        None if asked.command.is_none() => table(&mut console.out, &asked),
        _ => return Err(b"FLAGS and CMD".as_slice().into()),
    }
    Ok(Status::Proven as i32)
}

/// What is wrong with an option about a call, if there is none.
const WITHOUT_FLAGS: &str = "it is about the verdict on FLAGS, and there are none";

/// Refuses the first option that changes no table.
fn refuse_options(words: Strings) -> Result<(), Misuse<'static>> {
    let mut options = Options::new(&OPTIONS, words);
    while let Some(word) = options.next() {
        if let Word::Option(id, _) = word?
            && !matches!(id, Id::Help | Id::Json | Id::Flags)
        {
            return Err(Misuse { word: options.word(), allowed: Some(WITHOUT_FLAGS) });
        }
    }
    Ok(())
}

/// Prints the table that was asked for: of all rules, or of all flags.
fn table(page: &mut Page, asked: &Asked) {
    match (asked.form, asked.lists_flags) {
        (Form::Json, true) => FLAGS.iter().for_each(|flag| json::flag(page, flag)),
        (Form::Json, false) => RULES.iter().for_each(|rule| json::rule(page, rule)),
        (_, true) => list_flags(page),
        (_, false) => list_rules(page),
    }
}

/// Prints the table of all flags.
fn list_flags(page: &mut Page) {
    out!(page, "flag", Tab, "bit", Tab, "since calls; meaning\n");
    for flag in FLAGS {
        out!(page, "CLONE_", flag.name, Tab, Hex(flag.bit.bits()), Tab, flag.since, " ");
        out!(page, Calls(flag.calls), "; ", flag.about, "\n");
    }
}

/// Prints the table of all rules.
fn list_rules(page: &mut Page) {
    out!(page, "rule", Tab, "call", Tab, "errno", Tab, "source: why\n");
    for rule in &RULES {
        out!(page, rule.id, Tab, Calls(rule.calls), Tab, rule.errno.map(Name), Tab, rule.source, ": ", rule.why);
        if rule.since != Version::UNKNOWN {
            out!(page, "; since ", rule.since);
        }
        if let Some(until) = rule.until {
            out!(page, "; until ", until);
        }
        out!(page, "\n");
        condition(page, rule);
    }
}

/// Prints the flags of a rule about flags.
fn condition(page: &mut Page, rule: &Rule) {
    match rule.when {
        When::Together(one, others) => out!(page, Tab, one, " with ", others, "\n"),
        When::Without(one, others) => out!(page, Tab, one, " without ", others, "\n"),
        When::If(..) => {}
    }
}

/// Prints what is expected of a call, the reason, and what helps.
fn verdict(page: &mut Page, asked: &Asked) -> Result<(), Failure> {
    filter::avoid_deadly_calls(&Own::read());
    if let Some(failure) = asked.failure {
        return Err(failure);
    }
    let (call, place) = (&asked.call, asked.place());
    let predicted = rule::predict(call, &place)?;
    let advice = amend::advise(call, &place, predicted)?;
    if asked.form == Form::Json {
        json::verdict(page, call, &place, predicted, &advice);
        return Ok(());
    }
    out!(page, call.api.name(), "(", flags(call), "): ", predicted.expected, "\n");
    if let Some(rule) = predicted.rule() {
        out!(page, "  rule ", rule.id, ": ", rule.source, "\n");
    }
    advice::lines(page, call, &advice);
    Ok(())
}
