//! `chimera clone FLAGS`: predicts, makes and proves; prints the outcome and returns its exit status.

use super::call::{self, Asked, Form, Id};
use super::command::{Command, Example};
use super::common::alone;
use super::options::{Misuse, Opt};
use super::refusal::{self, About};
use super::run::report_end;
use super::status::Status;
use crate::board::Board;
use crate::clone::call::{Api, Call, StackOf};
use crate::clone::flags::OF_CLONE3;
use crate::experiment::findings::Findings;
use crate::experiment::laboratory;
use crate::host::filter;
use crate::host::place::Place;
use crate::host::proc::Own;
use crate::report::page::Console;
use crate::report::{self, advice, json};
use crate::rules::amend::{self, Advice};
use crate::run::plan::Plan;
use crate::run::{executing, program};
use crate::sys::exec;
use crate::sys::initial::{InitialStack, Strings};
use crate::text::out;

/// The options.
pub static OPTIONS: [Opt<Id>; 11] = [
    call::HELP,
    Opt::json(Id::Json, "one object, with all that the page says"),
    Opt::flag("--dot", Id::Dot, "the tasks and what they share, for dot(1)"),
    Opt::flag("--graph", Id::Graph, "the same, drawn in text"),
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
    name: "clone",
    about: "\
Predicts what the kernel says to FLAGS, makes the task, and proves what the task
shares with its parent. With CMD the new task executes CMD instead.",
    usage: "FLAGS [OPTION..] [-- CMD..]",
    operands: call::FLAGS,
    options: &OPTIONS,
    examples: &[
        Example("clone VM", "a chimera: two processes, one memory"),
        Example("clone thread --graph", "a thread, drawn"),
        Example("clone 'VM|VFORK' -- id -u", "a program, started as by vfork(2)"),
    ],
    statuses: &[
        ("0", "made, and everything asked for is proven"),
        ("1", "not as predicted, not honoured, or failed"),
        ("2", "the command line makes no sense"),
        ("3", "refused as predicted"),
        ("4", "a flag is not to be seen here"),
        ("with CMD", "that of CMD, or 125, 126, 127 as for `run`"),
    ],
    prepares: true,
    run: command,
};

/// The valid values of `--stack` if a program is executed.
const OF_PROGRAM: &str = "where CMD is executed, it takes none, or a number of bytes from 12288 to 65536";

/// Why a form of the report is refused if a program is executed.
const NO_REPORT: &str = "where CMD is executed, there is no report";
/// Why flags of clone3(2) are refused if a program is executed by clone(2), which would ignore them.
const NO_ROOM: &str = "clone(2) has no room for a flag of the set: add --clone3";

/// What makes no sense if a program is executed.
fn contradicts_program<'a>(asked: &Asked<'a>) -> Option<Misuse<'a>> {
    let misuse = |word, allowed| Some(Misuse { word, allowed: Some(allowed) });
    let call = &asked.call;
    match asked.form {
        Form::Json => return misuse(b"--json", NO_REPORT),
        Form::Dot => return misuse(b"--dot", NO_REPORT),
        Form::Graph => return misuse(b"--graph", NO_REPORT),
        Form::Page => {}
    }
    if call.api == Api::Clone && call.flags.intersects(OF_CLONE3) {
        return misuse(asked.word.unwrap_or_default(), NO_ROOM);
    }
    if matches!(call.stack, StackOf::Own(..executing::ROOM)) { misuse(b"--stack", OF_PROGRAM) } else { None }
}

/// `clone FLAGS`, optionally with a program after `--`.
pub fn command(console: &mut Console, stack: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let asked = call::parse(&OPTIONS, words)?;
    if asked.word.is_none() {
        return Err(b"FLAGS and CMD".as_slice().into());
    }
    if let Some(misuse) = contradicts_program(&asked).filter(|_| asked.command.is_some()) {
        return Err(misuse);
    }
    if let Some(failure) = asked.failure {
        refusal::explain(console, About::Word(asked.call.into(), asked.cgroup), failure);
        return Ok(if asked.command.is_some() { program::OURS } else { Status::Failed as i32 });
    }
    filter::avoid_deadly_calls(&Own::read());
    let Some(read) = asked.command else {
        let failed = Status::Failed as i32;
        return Ok(alone(console, failed, |console| run(console, &asked.call, asked.form) as i32));
    };
    exec::remember(stack, read + 2); // plus the program name and the command
    Ok(alone(console, program::OURS, |console| {
        let end = executing::run(&asked.call);
        report_end(console, end, &Plan::default())
    }))
}

/// Makes the call in the laboratory and reports the findings.
fn run(console: &mut Console, call: &Call, form: Form) -> Status {
    match Board::new().and_then(|board| laboratory::run(call, board)) {
        Ok(findings) => {
            show(console, &findings, form);
            Status::of(&findings)
        }
        Err(failure) => {
            refusal::explain(console, About::Nothing, failure);
            Status::Failed
        }
    }
}

/// Prints the findings.
fn show(console: &mut Console, findings: &Findings, form: Form) {
    let page = &mut console.out;
    match form {
        Form::Json => {
            let advice = advise(findings);
            // What was found by looking says more than the rule.
            match refusal::of_findings(findings) {
                Some(told) => json::findings(page, None, findings, Some(told.cause()), Some(told.remedy())),
                None => json::findings(page, None, findings, advice.why, advice::remedy(findings.task.call, &advice)),
            }
        }
        Form::Page => {
            report::laboratory::page(page, findings, &advise(findings));
            if let Some(told) = refusal::of_findings(findings) {
                out!(page, "cause: ", told.cause(), "\n  try: ", told.remedy(), "\n");
            }
        }
        Form::Dot => report::picture::dot(page, findings),
        Form::Graph => report::picture::graph(page, findings),
    }
}

/// What is to be said about the call. Without an answer of the kernel that is the reason alone: the findings stand.
fn advise(findings: &Findings) -> Advice {
    let (call, predicted) = (findings.task.call, findings.predicted);
    amend::advise(call, &Place::here(), predicted).unwrap_or_else(|_| Advice::reason(call, predicted))
}
