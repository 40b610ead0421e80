//! A refusal, explained: the step, the errno, the cause found by looking, and one remedy.
//!
//! The decision behind it: one way out for every refusal, whichever step it comes from; `cause` looks for the reason.

#[cfg(feature = "laboratory")]
use super::cause;
use crate::clone::task::{Failure, Task};
use crate::report::print::{self, end, say, tell};
use crate::report::text;
use crate::words::Text;

/// `chimera: STEP: ERRNO (text)` on fd 2, and below it what caused it, which is also the answer. If the step was the
/// call that makes a task, `task` names it.
pub fn explain(task: Option<&Task>, failure: Failure) -> Option<Text> {
    let number = &[failure.errno.number()];
    print::to(print::ERR);
    say(Text::Name);
    say(failure.step);
    if let Some(task) = task.filter(|_| failure.step == Text::Call) {
        text::call(task);
    }
    let mut cause = None;
    if matches!(failure.step, Text::Killed | Text::AtGuard) {
        tell(Text::BySignal, number);
    } else {
        say(Text::Colon);
        tell(failure.errno.text(), number);
        #[cfg(feature = "laboratory")]
        {
            cause = cause::find(failure);
        }
    }
    end();
    #[cfg(feature = "laboratory")]
    if let Some(cause) = cause {
        say(Text::Cause);
        print::line(cause);
    }
    print::to(print::OUT);
    cause
}
