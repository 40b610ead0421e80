//! Explains a refusal: the step, the errno, the cause found by looking, and one remedy.
//!
//! Every refusal is reported here, whichever step it comes from; `host::cause` finds the cause.

use crate::clone::flags::Flags;
use crate::clone::task::Task;
use crate::error::{Failure, Step};
use crate::experiment::findings::{CallResult, Findings};
use crate::host::cause::{self, Told};
use crate::host::refused::Circumstances;
use crate::report::page::Console;
use crate::report::task::call;
use crate::rules::expected::Expected;
use crate::rules::rule::{Rule, When};
use crate::text::{Outside, Sink, With, out};

/// What a step was about, for the message.
#[derive(Clone, Copy)]
pub enum About<'a> {
    /// Nothing further.
    Nothing,
    /// A call that makes a task; if that call failed, it is spelled out.
    Task(&'a Task<'a>),
    /// The namespaces of unshare(2).
    Namespaces(Flags),
    /// What was asked for, and the step's argument from the command line; empty for none.
    Word(Circumstances<'a>, &'a [u8]),
    /// The step's argument, and the reason, if the process that was refused has found one.
    Told(&'a [u8], Option<Told>),
}

/// Prints `chimera: STEP: ERRNO (text): CAUSE` on fd 2, and what to try on the next line. Returns the cause.
pub fn explain(console: &mut Console, about: About, failure: Failure) -> Option<Told> {
    let told = about.told(failure);
    let page = &mut console.err;
    page.message(With(|out: &mut dyn Sink| {
        out!(out, "chimera: ");
        match about {
            About::Task(task) if failure.step == Step::Call => out!(out, call(task)),
            About::Namespaces(flags) => out!(out, failure.step.name(), "(", flags, ")"),
            About::Word(_, word) | About::Told(word, _) if !word.is_empty() => {
                out!(out, failure.step.name(), " ", Outside(word))
            }
            _ => out!(out, failure.step.name()),
        }
        out!(out, ": ", failure.why);
        if let Some(told) = told {
            out!(out, ": ", told.cause());
        }
    }));
    // What may be pasted is never broken.
    if let Some(told) = told {
        out!(page, "  try: ", told.remedy(), "\n");
    }
    told
}

/// The cause of a refused call under study, unless its flags alone are the reason.
pub fn of_findings(findings: &Findings) -> Option<Told> {
    let CallResult::Refused(errno) = findings.result else { return None };
    let is_of_flags = |rule: &Rule| matches!(rule.when, When::Together(..) | When::Without(..));
    if findings.predicted.expected == Expected::Refused(errno) && findings.predicted.rule().is_some_and(is_of_flags) {
        return None;
    }
    cause::find(Failure::new(Step::Call, errno), *findings.task.call)
}

impl About<'_> {
    /// The cause of a failure.
    fn told(self, failure: Failure) -> Option<Told> {
        match self {
            Self::Told(_, told) => told,
            Self::Nothing => cause::find(failure, Flags::empty()),
            Self::Task(task) => cause::find(failure, *task.call),
            Self::Namespaces(flags) => cause::find(failure, flags),
            Self::Word(asked, _) => cause::find(failure, asked),
        }
    }
}
