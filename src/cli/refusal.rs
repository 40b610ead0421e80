//! A refusal, explained: the step, the errno, the cause found by looking, and one remedy.
//!
//! The decision behind it: one way out for every refusal, whichever step it comes from; `cause` looks for the reason.

use super::cause::{self, Told};
use crate::clone::flags::Flags;
use crate::clone::task::{Failure, Task};
use crate::report::print::spell;
use crate::report::print::until;
use crate::report::print::{self, byte, count, say};
use crate::report::text;
use crate::words::Text;

/// What a step was about, to be named beside it.
#[derive(Clone, Copy)]
pub enum About<'a> {
    /// Nothing more.
    Nothing,
    /// A call that makes a task, if it was that.
    Task(&'a Task<'a>),
    /// The namespaces of unshare(2).
    Namespaces(Flags),
    /// The namespaces in which the step was taken, and what the user has given.
    Word(Flags, &'a [u8]),
}

/// `chimera: STEP: ERRNO (text): CAUSE` on fd 2, and below it what to try. Answers the cause.
pub fn explain(about: About, failure: Failure) -> Option<Text> {
    let number = failure.errno.number();
    print::to(print::ERR);
    say(Text::Name);
    say(failure.step);
    let flags = match about {
        About::Nothing => Flags::empty(),
        About::Task(task) => {
            if failure.step == Text::Call {
                text::call(task);
            }
            task.call.flags
        }
        About::Namespaces(flags) => {
            text::names(flags, Flags::empty());
            byte(b')');
            flags
        }
        About::Word(flags, word) => {
            if !word.is_empty() {
                byte(b' ');
                until(0, word);
            }
            flags
        }
    };
    let is_death = matches!(failure.step, Text::Killed | Text::AtGuard);
    say(Text::Colon);
    count(if is_death { Text::Signal } else { failure.errno.text() }, number);
    let cause = tell_cause(failure, flags);
    print::to(print::OUT);
    cause
}

/// What caused it, and what to try.
fn tell_cause(failure: Failure, flags: Flags) -> Option<Text> {
    let Some(Told { cause, remedy, kind }) = cause::find(failure, flags) else {
        byte(b'\n');
        return None;
    };
    say(Text::Colon);
    spell(cause, &[kind]);
    say(Text::Try);
    spell(remedy, &[kind]);
    byte(b'\n');
    Some(cause)
}
