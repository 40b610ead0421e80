//! A refusal, explained: the step, the errno, the cause found by looking, and one remedy.
//!
//! There is one way out for every refusal, whichever step it comes from; `host::cause` looks for the reason.

use crate::clone::flags::Flags;
use crate::clone::task::Task;
use crate::error::{Failure, Step};
use crate::host::cause::{self, Told};
use crate::report::page::Console;
use crate::report::task::call;
use crate::text::{Outside, out};

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
pub fn explain(console: &mut Console, about: About, failure: Failure) -> Option<Told> {
    let page = &mut console.err;
    out!(page, "chimera: ");
    let flags = match about {
        About::Task(task) if failure.step == Step::Call => {
            out!(page, call(task));
            task.call.flags
        }
        // A call that is not named is one among others.
        _ if failure.step == Step::Call => about.flags(),
        About::Namespaces(flags) => {
            out!(page, failure.step.name(), "(", flags, ")");
            flags
        }
        About::Word(flags, word) if !word.is_empty() => {
            out!(page, failure.step.name(), " ", Outside(word));
            flags
        }
        _ => {
            out!(page, failure.step.name());
            about.flags()
        }
    };
    out!(page, ": ", failure.why);
    let told = cause::find(failure, flags);
    if let Some(told) = told {
        out!(page, ": ", told.cause(), "\n  try: ", told.remedy());
    }
    out!(page, "\n");
    told
}

impl About<'_> {
    /// The flags in question, for the namespaces among them.
    fn flags(self) -> Flags {
        match self {
            Self::Nothing => Flags::empty(),
            Self::Task(task) => task.call.flags,
            Self::Namespaces(flags) | Self::Word(flags, _) => flags,
        }
    }
}
