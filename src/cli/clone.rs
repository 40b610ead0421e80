//! `chimera clone FLAGS`: predicts, makes and proves; prints the outcome and returns its exit status.

use super::call::{self, Asked, Id};
use super::command::{Command, Example, Group};
use super::common::alone;
use super::form::{Opt, Section};
use super::misuse::Misuse;
use super::options::{Options, Program, Word};
use super::output::Output;
use super::refusal::{self, About};
use super::run::report_end;
use super::status::Status;
use super::words::Words;
use crate::board::Board;
use crate::clone::call::{Api, StackOf};
use crate::clone::flags::OF_CLONE3;
use crate::experiment::findings::Findings;
use crate::experiment::laboratory;
use crate::host::filter;
use crate::host::place::Place;
use crate::host::proc::Own;
use crate::report::names::Names;
use crate::report::page::Console;
use crate::report::picture::Language;
use crate::report::{self, advice, json, table};
use crate::rules::amend::{self, Advice};
use crate::run::plan::Plan;
use crate::run::{executing, program};
use crate::sys::exec;
use crate::sys::initial::InitialStack;
use crate::text::{Show, Wrapped, out};

/// The options.
pub static OPTIONS: &[Section<Id>] = &[
    call::OPTIONS,
    Section {
        title: "the report",
        options: &[
            Opt::flag("--stable", Id::Stable, "ids by role and no addresses, so that each run prints the same"),
            Opt::json(Id::Output(Output::Json), "for programs: one object, with all that the page says"),
            Opt::flag(
                "--graph",
                Id::Output(Output::Picture(Language::Text)),
                "the two tasks and what they share, drawn in text",
            ),
            Opt::flag("--svg", Id::Output(Output::Picture(Language::Svg)), "the same as a picture in SVG"),
            Opt::flag("--dot", Id::Output(Output::Picture(Language::Dot)), "the same as a graph for dot(1)"),
            Opt::flag(
                "--mermaid",
                Id::Output(Output::Picture(Language::Mermaid)),
                "the same as a flow chart for Mermaid",
            ),
        ],
    },
];

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "clone",
    group: Group::Calls,
    purpose: "predicts, makes and proves any task, or executes CMD in it",
    about: "\
Predicts what the kernel says to FLAGS, makes the task by clone(2) or clone3(2), and proves what it shares with its \
parent. With CMD the new task executes CMD instead, and chimera ends as CMD does.",
    usage: "FLAGS.. [OPTION..] [-- CMD..]",
    operands: call::FLAGS,
    operand: call::OPERAND,
    options: &OPTIONS,
    examples: &[
        Example("clone CLONE_VM", "a chimera: two processes, one memory"),
        Example("clone thread --graph", "a thread, drawn"),
        Example("clone 'VM | VFORK' -- id -u", "a program, started as by vfork(2)"),
    ],
    statuses: &[
        ("0", "made, and everything asked for is proven"),
        ("1", "not as predicted, not honoured, or a step failed"),
        ("2", "the command line is wrong"),
        ("3", "refused, as predicted"),
        ("4", "a flag whose effect cannot be seen here"),
        ("with CMD", "that of CMD; a signal that kills CMD kills chimera"),
        ("with CMD: 125", "refused, a step failed, or the command line is wrong"),
        ("with CMD: 126", "CMD was found and cannot be executed"),
        ("with CMD: 127", "CMD was not found"),
    ],
    program: Program::BehindDashes,
    run: command,
};

/// Checks that nothing contradicts the execution of a program.
fn fits_program(asked: &Asked, words: Words) -> Result<(), Misuse<'static>> {
    if asked.is_stable {
        return Err(Misuse::Excludes("--stable", "CMD"));
    }
    if let Some((_, option)) = asked.output {
        return Err(Misuse::Excludes(option, "CMD"));
    }
    let call = &asked.call;
    let ignored = call.flags & OF_CLONE3;
    if call.api == Api::Clone && !ignored.is_empty() {
        return Err(Misuse::FlagsNeed(ignored, "--clone3"));
    }
    if matches!(call.stack, StackOf::Own(..executing::ROOM)) {
        for word in Options::new(OPTIONS, Program::BehindDashes, words) {
            if let Word::Option(Id::Stack, given) = word? {
                return Err(given.wrong());
            }
        }
    }
    Ok(())
}

/// `clone FLAGS`, optionally with a program after `--`.
pub fn command(console: &mut Console, stack: &InitialStack, words: Words) -> Result<i32, Misuse<'static>> {
    let asked = call::parse(OPTIONS, Program::BehindDashes, words.clone())?;
    if !asked.has_flags {
        return Err(Misuse::Missing("FLAGS, such as CLONE_VM or thread,"));
    }
    if let Some(read) = asked.command {
        if words.clone().nth(read).is_none() {
            return Err(Misuse::Missing("CMD behind --"));
        }
        fits_program(&asked, words)?;
    }
    if asked.is_stable && matches!(asked.output, Some((Output::Json, _))) {
        return Err(Misuse::Excludes("--stable", "--json"));
    }
    if let Some(failure) = asked.failure {
        refusal::explain(console, About::Word(asked.call.into(), asked.cgroup), failure);
        return Ok(if asked.command.is_some() { program::OURS } else { Status::Failed as i32 });
    }
    filter::avoid_deadly_calls(&Own::read());
    let Some(read) = asked.command else {
        return Ok(alone(console, Status::Failed as i32, |console| run(console, &asked) as i32));
    };
    exec::remember(stack, read + 2); // plus the program name and the command
    Ok(alone(console, program::OURS, |console| {
        let end = executing::run(&asked.call);
        report_end(console, end, &Plan::default())
    }))
}

/// Makes the call in the laboratory and reports the findings.
fn run(console: &mut Console, asked: &Asked) -> Status {
    match Board::new().and_then(|board| laboratory::run(&asked.call, board)) {
        Ok(findings) => {
            show(console, &findings, asked);
            Status::of(&findings)
        }
        Err(failure) => {
            refusal::explain(console, About::Nothing, failure);
            Status::Failed
        }
    }
}

/// Prints the findings.
fn show(console: &mut Console, findings: &Findings, asked: &Asked) {
    let page = &mut console.out;
    let names = Names::of(findings, asked.is_stable);
    match asked.output.map(|(output, _)| output) {
        Some(Output::Json) => {
            let advice = advise(findings);
            // What was found by looking says more than the rule.
            match refusal::of_findings(findings) {
                Some(told) => json::findings(page, None, findings, Some(told.cause()), Some(told.remedy())),
                None => json::findings(page, None, findings, advice.why, advice::remedy(findings.task.call, &advice)),
            }
        }
        None => {
            report::laboratory::page(page, findings, &advise(findings), names);
            if let Some(told) = refusal::of_findings(findings) {
                out!(page, Wrapped { text: ("cause: ", told.cause()), indent: 2 }, "\n");
                table::note(page, ("try: ", told.remedy()));
            }
        }
        Some(Output::Picture(language)) => {
            let (told, advice) = (refusal::of_findings(findings), advise(findings));
            let (cause, remedy) = (told.map(|told| told.cause()), told.map(|told| told.remedy()));
            let of_flags = advice::remedy(findings.task.call, &advice);
            let why = cause.as_ref().map(|why| why as _).or(advice.why.as_ref().map(|why| why as &dyn Show));
            let help = remedy.as_ref().map(|help| help as _).or(of_flags.as_ref().map(|help| help as &dyn Show));
            report::picture::findings::write(page, findings, language, (None, names), [why, help]);
        }
    }
}

/// What is to be said about the call. Without an answer of the kernel that is the reason alone: the findings stand.
fn advise(findings: &Findings) -> Advice {
    let (call, predicted) = (findings.task.call, findings.predicted);
    amend::advise(call, &Place::here(), predicted).unwrap_or_else(|_| Advice::reason(call, predicted))
}
