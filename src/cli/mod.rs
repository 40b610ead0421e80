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
use linux_raw_sys::general as kernel;

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

/// What is set up before anything else. A reader that goes away is an error of the write (EPIPE), and so is a file that
/// may not grow (EFBIG): not a death with a task alive. And a child's end must wait for wait4(2), which an inherited
/// SIG_IGN would not let it do.
const DISPOSITIONS: [(u8, u8); 3] = [
    (kernel::SIGPIPE as u8, signal::IGNORE as u8),
    (kernel::SIGXFSZ as u8, signal::IGNORE as u8),
    (kernel::SIGCHLD as u8, signal::DEFAULT as u8),
];

/// Runs the program; the answer is the exit status.
pub fn main(stack: &InitialStack) -> i32 {
    print::to(print::OUT);
    for (signal, disposition) in DISPOSITIONS {
        // A refusal leaves what was inherited, and the usual is inherited.
        let _ = signal::dispose(signal.into(), disposition.into());
    }
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
