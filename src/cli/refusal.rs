//! A refusal, explained: the step, the errno, the cause found by looking, and one remedy.
//!
//! The decision behind it: one way out for every refusal, whichever step it comes from; `cause` looks for the reason.

#[cfg(feature = "laboratory")]
use super::cause;
use crate::clone::task::{CALL, Call, Failure};
use crate::report::print::Printer;
use crate::report::text;

/// `chimera: STEP: ERRNO (text)` on fd 2, and below it what caused it, which is also the answer. If the step was the
/// call that makes a task, its name is `call`.
pub fn explain(call: Option<&Call>, failure: &Failure) -> Option<&'static str> {
    let mut error = Printer::new(2);
    error.text("chimera: ").text(failure.step.name);
    match call {
        Some(call) if core::ptr::eq(failure.step, &CALL) => text::call(&mut error, call),
        _ => {}
    }
    if failure.step.is_death {
        error.say(" (signal #)", &[failure.errno.0.get()]).end();
        return None;
    }
    error.text(": ").errno(failure.errno).end();
    #[cfg(feature = "laboratory")]
    if let Some(cause) = cause::find(failure) {
        error
            .text("  cause: ")
            .text(cause.text)
            .text("\n  remedy: ")
            .text(cause.remedy)
            .end();
        return Some(cause.text);
    }
    None
}
