//! A refusal, explained: the step, the errno, the cause found by looking, and one remedy.
//!
//! The decision behind it: one way out for every refusal, whichever step it comes from; `cause` looks for the reason.

#[cfg(feature = "laboratory")]
use super::cause;
use crate::clone::task::{CALL, Failure, Task};
use crate::report::print::Printer;
use crate::report::text;

/// `chimera: STEP: ERRNO (text)` on fd 2, and below it what caused it, which is also the answer. If the step was the
/// call that makes a task, `task` names it.
pub fn explain(task: Option<&Task>, failure: Failure) -> Option<&'static str> {
    let error = &mut Printer::new(2);
    let number = failure.errno.0.get();
    error.text("chimera: ");
    match task {
        Some(task) if core::ptr::eq(failure.step, &CALL) => text::call(error, task),
        _ => _ = error.text(failure.step.name),
    }
    if failure.step.is_death {
        error.say(" (signal #)", &[number]).end();
        return None;
    }
    error.text(": ").errno(failure.errno).end();
    #[cfg(feature = "laboratory")]
    if let Some(cause) = cause::find(failure) {
        error.text("  cause: ").text(cause.text).text("\n  remedy: ").text(cause.remedy).end();
        return Some(cause.text);
    }
    None
}
