//! Explains a refusal: the step, the errno, the cause found by looking, and one remedy.
//!
//! Every refusal is reported here, whichever step it comes from; `host::cause` finds the cause.

use crate::clone::flags::Flags;
use crate::clone::task::Task;
use crate::error::{Failure, Step};
use crate::host::cause::{self, Told};
use crate::report::page::Console;
use crate::report::task::call;
use crate::text::{Outside, out};

/// What a step was about, for the message.
#[derive(Clone, Copy)]
pub enum About<'a> {
    /// Nothing further.
    Nothing,
    /// A call that makes a task; if that call failed, it is spelled out.
    Task(&'a Task<'a>),
    /// The namespaces of unshare(2).
    Namespaces(Flags),
    /// The namespaces in which the step was taken, and its argument from the command line.
    Word(Flags, &'a [u8]),
}

/// Prints `chimera: STEP: ERRNO (text): CAUSE` on fd 2, and what to try on the next line. Returns the cause.
pub fn explain(console: &mut Console, about: About, failure: Failure) -> Option<Told> {
    let page = &mut console.err;
    out!(page, "chimera: ");
    let flags = match about {
        About::Task(task) if failure.step == Step::Call => {
            out!(page, call(task));
            task.call.flags
        }
        // Without a task there is no call to spell out.
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
    /// The flags in question; only their namespaces matter.
    fn flags(self) -> Flags {
        match self {
            Self::Nothing => Flags::empty(),
            Self::Task(task) => task.call.flags,
            Self::Namespaces(flags) | Self::Word(flags, _) => flags,
        }
    }
}
