//! What came of a call: the prediction, the reason and what helps, and the outcome with a sentence.

use crate::clone::call::StackOf;
use crate::clone::stack::HIGHEST;
use crate::error::Step;
use crate::experiment::findings::{CallResult, Findings, Outcome};
use crate::sys::Signal;
use crate::text::{Show, Sink, Style, Styled, With, Wrapped, out};

/// Prints what the rules predict.
pub fn prediction(out: &mut dyn Sink, findings: &Findings) {
    let line = With(|out: &mut dyn Sink| {
        out!(out, "predicted: ", findings.predicted.expected);
        if let Some(rule) = findings.predicted.rule() {
            out!(out, ", rule ", rule.id);
        }
    });
    out!(out, Wrapped { text: line, indent: 4 }, "\n");
}

/// Prints the outcome.
pub fn outcome(out: &mut dyn Sink, findings: &Findings) {
    out!(out, Wrapped { text: line(findings), indent: 2 }, "\n");
}

/// The outcome, its name first.
pub fn line(findings: &Findings) -> impl Show {
    With(|out: &mut dyn Sink| {
        let outcome = findings.outcome;
        out!(out, "outcome: ", Styled(style(outcome), outcome.name()), " (", Sentence(findings), ")");
    })
}

/// How an outcome looks.
fn style(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Honoured | Outcome::RefusedAsPredicted => Style::Good,
        Outcome::Unknown => Style::Doubtful,
        Outcome::RefusedOtherwise
        | Outcome::AcceptedOtherwise
        | Outcome::NotHonoured
        | Outcome::Crashed
        | Outcome::Hung => Style::Bad,
    }
}

/// The outcome in a sentence.
struct Sentence<'a>(&'a Findings<'a>);

impl Show for Sentence<'_> {
    fn show(&self, out: &mut dyn Sink) {
        match self.0.outcome {
            Outcome::Honoured => out!(out, "the task was made, and all that was asked for is proven"),
            Outcome::RefusedAsPredicted => out!(out, "the kernel refuses the call, as the rules say"),
            Outcome::RefusedOtherwise => out!(out, "the kernel refuses the call otherwise than the rules say"),
            Outcome::AcceptedOtherwise => out!(out, "the task was made, although the rules say that it is refused"),
            Outcome::NotHonoured => out!(out, "the task was made, but something is not as asked for"),
            Outcome::Crashed => crash(out, self.0),
            Outcome::Hung => out!(out, "the tasks did not end in time, and were killed"),
            Outcome::Unknown if self.0.result != CallResult::Made => out!(out, "a step before the call failed"),
            Outcome::Unknown => out!(out, "the task was made, but not all that was asked for could be seen"),
        }
    }
}

/// Which signal ended a task, and what is known of its stack.
fn crash(out: &mut dyn Sink, findings: &Findings) {
    let Some(signal) = findings.killed else { return out!(out, "the task that made the call died of it") };
    out!(out, "a task was killed by ", signal);
    let call = findings.task.call;
    if findings.failure.is_some_and(|failure| failure.step == Step::AtGuard) {
        out!(out, ": it ran into the guard page of its stack");
    } else if let (Signal::SEGV, StackOf::Own(_)) = (signal, call.stack) {
        out!(out, ": the child had ", call.room_below(HIGHEST), " bytes of stack above the guard page");
    }
}
