//! The command line: words in, pages out, an exit status.

pub mod args;
#[cfg(feature = "laboratory")]
pub mod cause;
pub mod mode;
pub mod refusal;
pub mod tour;

use crate::clone::task::Failure;
use crate::report::print::{self, say, until};
use crate::sys::initial::InitialStack;
use crate::sys::signal;
use crate::words::Text;
use args::Request;

/// Exit statuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Made, and every claim proven.
    Proven = 0,
    /// Something is not as claimed, or failed.
    Failed = 1,
    /// The command line was not understood.
    Usage = 2,
    /// Nothing could be tested here.
    Skipped = 4,
}

/// Runs the program; the answer is the exit status.
pub fn main(stack: &InitialStack) -> i32 {
    print::to(print::OUT);
    // A reader that goes away is then an EPIPE at the write, and not a death with a task alive.
    let _ = signal::dispose(linux_raw_sys::general::SIGPIPE, signal::IGNORE);
    let status = match args::parse(stack.arguments()) {
        Ok(Request { text: Some(text), .. }) => {
            say(text);
            #[cfg(feature = "laboratory")]
            if text == Text::Synopsis {
                say(Text::Help);
            }
            Status::Proven
        }
        Ok(request) => tour::run(request),
        Err(word) => {
            print::to(print::ERR);
            say(Text::Name);
            say(Text::Usage);
            until(0, word);
            say(Text::UsageEnd);
            Status::Usage
        }
    };
    match print::error() {
        None => status as i32,
        Some(errno) => {
            refusal::explain(None, Failure { step: Text::Output, errno });
            Status::Failed as i32
        }
    }
}
