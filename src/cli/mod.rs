//! The command line: words in, pages out, an exit status.

pub mod args;
#[cfg(feature = "laboratory")]
pub mod cause;
pub mod mode;
pub mod refusal;
pub mod tour;

use crate::clone::task::Step;
use crate::report::print::Printer;
use crate::sys::initial::InitialStack;
use crate::sys::signal;
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
    // A reader that goes away is then an EPIPE at the write, and not a death with a task alive.
    let _ = signal::set_disposition(linux_raw_sys::general::SIGPIPE, signal::IGNORE);
    let mut out = Printer::new(1);
    let status = match args::parse(stack.args().skip(1)) {
        Ok(Request {
            text: Some(text), ..
        }) => {
            out.text(text).end();
            Status::Proven
        }
        Ok(request) => tour::run(&request, &mut out),
        Err(word) => {
            let mut error = Printer::new(2);
            error
                .text("chimera: usage: what is '")
                .bytes(word)
                .text("'? chimera --help lists all")
                .end();
            Status::Usage
        }
    };
    match out.error() {
        None => status as i32,
        Some(errno) => {
            refusal::explain(None, WRITE.failed(errno));
            Status::Failed as i32
        }
    }
}

static WRITE: Step = Step::new("write to fd 1");
