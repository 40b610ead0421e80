//! A refusal, explained: the step, the errno, the cause found by looking, and one remedy.
//!
//! The decision behind it: one way out for every refusal, whichever step it comes from; `cause` looks for the reason.

#[cfg(feature = "laboratory")]
use super::cause;
use crate::clone::task::{Failure, Task};
#[cfg(feature = "laboratory")]
use crate::report::print::spell;
use crate::report::print::{self, byte, count, say};
use crate::report::text;
use crate::words::Text;

/// `chimera: STEP: ERRNO (text)` on fd 2, and below it what caused it, which is also the answer. If the step was the
/// call that makes a task, `task` names it.
pub fn explain(task: Option<&Task>, failure: Failure) -> Option<Text> {
    let number = failure.errno.number();
    print::to(print::ERR);
    say(Text::Name);
    say(failure.step);
    if let Some(task) = task.filter(|_| failure.step == Text::Call) {
        text::call(task);
    }
    let is_death = matches!(failure.step, Text::Killed | Text::AtGuard);
    say(Text::Colon);
    count(if is_death { Text::Signal } else { failure.errno.text() }, number);
    byte(b'\n');
    #[cfg(feature = "laboratory")]
    let cause = cause::find(failure).inspect(|cause| spell(Text::Cause, &[*cause]));
    #[cfg(not(feature = "laboratory"))]
    let cause = None;
    print::to(print::OUT);
    cause
}
