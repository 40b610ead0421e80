//! The command line: words in, pages out, an exit status.

pub mod args;
#[cfg(feature = "laboratory")]
pub mod call;
#[cfg(feature = "laboratory")]
pub mod cause;
#[cfg(feature = "laboratory")]
pub mod clone;
#[cfg(feature = "laboratory")]
pub mod command;
pub mod mode;
pub mod refusal;
#[cfg(feature = "laboratory")]
pub mod rules;
pub mod tour;

#[cfg(feature = "laboratory")]
use crate::clone::spelling;
use crate::clone::task::Failure;
use crate::report::print::{self, say, until};
#[cfg(feature = "laboratory")]
use crate::sys::exec;
use crate::sys::initial::InitialStack;
use crate::sys::signal;
use crate::words::Text;
use args::Request;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
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
    /// Refused by the kernel, as predicted.
    Refused = 3,
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

/// What was inherited in their place.
static BEFORE: [AtomicUsize; 3] = [const { AtomicUsize::new(signal::DEFAULT) }; 3];

/// Sets these signals up as they were inherited, for a program that is executed.
#[cfg(feature = "laboratory")]
pub fn restore() {
    for ((signal, _), before) in DISPOSITIONS.iter().zip(&BEFORE) {
        let before = before.load(Relaxed);
        if before <= signal::IGNORE {
            // A refusal leaves what we have set up.
            let _ = signal::dispose((*signal).into(), before);
        }
    }
}

/// Runs the program; the answer is the exit status.
pub fn main(stack: &InitialStack) -> i32 {
    print::to(print::OUT);
    for ((signal, disposition), before) in DISPOSITIONS.iter().zip(&BEFORE) {
        // A refusal leaves what was inherited, and the usual is inherited.
        before.store(signal::dispose((*signal).into(), (*disposition).into()).0, Relaxed);
    }
    #[cfg(feature = "laboratory")]
    if let Some(status) = with_call(stack) {
        return status;
    }
    finish(match args::parse(stack.arguments()) {
        Ok(Request { text: Some(text), .. }) => {
            say(text);
            #[cfg(feature = "laboratory")]
            if text == Text::Synopsis {
                say(Text::Help);
            }
            Status::Proven
        }
        Ok(request) => tour::run(request),
        Err(word) => usage(word),
    })
}

/// The commands that take a call; none if it is another.
#[cfg(feature = "laboratory")]
fn with_call(stack: &InitialStack) -> Option<i32> {
    let mut words = stack.arguments();
    let command = match words.next()? {
        b"clone" => call::CLONE,
        b"rules" => call::RULES,
        _ => return None,
    };
    let is_rules = command == call::RULES;
    Some(finish(match call::parse(command, words) {
        Ok(asked) if asked.instead == Some(Text::OptionHelp) => {
            let help = if is_rules { Text::HelpRules } else { Text::HelpClone };
            [help, Text::HelpCall, Text::HelpFlags].into_iter().for_each(say);
            Status::Proven
        }
        Ok(asked) if is_rules && asked.command.is_none() && asked.makes_sense() => rules::run(&asked),
        Ok(asked) if !is_rules && asked.word.is_some() => match asked.command {
            None => clone::run(&asked.call, asked.form),
            Some(read) => {
                exec::remember(stack, read + 2); // the program and the command stand before what was read
                return Some(command::run(&asked.call));
            }
        },
        Ok(_) => usage(Text::NoFlags.bytes()),
        Err(word) => usage(word),
    }))
}

/// Says on fd 2 which word makes no sense.
fn usage(word: &[u8]) -> Status {
    print::to(print::ERR);
    say(Text::Name);
    say(Text::Usage);
    until(0, word);
    #[cfg(feature = "laboratory")]
    match spelling::nearest(word) {
        Some((true, flag)) => print::spell(Text::NearestFlag, &[flag]),
        Some((false, preset)) => print::spell(Text::Nearest, &[preset]),
        None => say(Text::Question),
    }
    #[cfg(not(feature = "laboratory"))]
    say(Text::Question);
    say(Text::UsageEnd);
    print::to(print::OUT);
    Status::Usage
}

/// The exit status, which an error of the output changes.
fn finish(status: Status) -> i32 {
    match print::error() {
        None => status as i32,
        Some(errno) => {
            refusal::explain(None, Failure { step: Text::Output, errno });
            Status::Failed as i32
        }
    }
}
