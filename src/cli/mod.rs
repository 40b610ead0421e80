//! The command line: words in, pages out, an exit status.

pub mod args;
pub mod bench;
pub mod call;
pub mod cause;
pub mod clone;
pub mod command;
pub mod doctor;
pub mod mode;
pub mod options;
pub mod refusal;
pub mod rules;
pub mod run;
pub mod tour;

use crate::clone::spelling;
use crate::clone::task::Failure;
use crate::clone::task::await_end;
use crate::report::print::{self, say, until};
use crate::run::program;
use crate::sys::initial::{InitialStack, Strings};
use crate::sys::signal;
use crate::sys::{Answer, control, ids, process};
use crate::witness::board::Board;
use crate::words::Text;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use linux_raw_sys::general as kernel;
use options::{Misuse, Options};
use refusal::About;

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
pub fn restore() {
    for ((signal, _), before) in DISPOSITIONS.iter().zip(&BEFORE) {
        let before = before.load(Relaxed);
        if before <= signal::IGNORE {
            // A refusal leaves what we have set up.
            let _ = signal::dispose((*signal).into(), before);
        }
    }
}

/// A command of the command line.
struct Command {
    name: Text,
    /// Its bit in the table of options.
    bit: u8,
    help: &'static [Text],
    /// Does it, with the words behind its name.
    run: fn(&InitialStack, Strings) -> Result<i32, Misuse<'static>>,
}

/// What is done if the first word is no command: the tour, or a mode.
#[rustfmt::skip]
static TOUR: Command = Command {
    name: Text::Nothing,
    bit: options::TOUR,
    help: &[Text::Synopsis, Text::Help, Text::HelpStatus],
    run: tour::command,
};

/// All others.
#[rustfmt::skip]
static COMMANDS: [Command; 5] = [
    Command { name: Text::JsonClone, bit: options::CLONE, help: &[Text::HelpClone, Text::HelpCall, Text::HelpFlags], run: clone::command },
    Command { name: Text::Run, bit: options::RUN, help: &[Text::HelpRun, Text::HelpRun2, Text::HelpRun3, Text::HelpRun4], run: run::command },
    Command { name: Text::Doctor, bit: options::DOCTOR, help: &[Text::HelpDoctor], run: doctor::command },
    Command { name: Text::Bench, bit: options::BENCH, help: &[Text::HelpBench, Text::HelpBench2], run: bench::command },
    Command { name: Text::Rules, bit: options::RULES, help: &[Text::HelpRules, Text::HelpCall, Text::HelpFlags], run: rules::command },
];

/// Runs the program; the answer is the exit status.
pub fn main(stack: &InitialStack) -> i32 {
    print::to(print::OUT);
    let mut words = stack.arguments();
    let first = words.clone().next();
    let command = COMMANDS.iter().find(|command| first == Some(command.name.bytes()));
    if command.is_some() {
        words.next();
    }
    let command = command.unwrap_or(&TOUR);
    if command.bit != options::RUN {
        prepare(); // a program that is run in place has what its caller had
    }
    let mut options = Options::new(command.bit, words.clone());
    let helps = |is_asked, word: Result<(Text, _), _>| word.map(|(option, _)| is_asked || option == Text::OptionHelp);
    if options.try_fold(false, helps) == Ok(true) {
        command.help.iter().for_each(|text| say(*text));
        return finish(Status::Proven as i32);
    }
    finish((command.run)(stack, words).unwrap_or_else(usage))
}

/// Does something for which the caller must have no children but its own: it waits for any that ends. A program keeps the
/// children that its process had before execve(2), and if there are such, a child does it that has none; `failed` is the status if
/// there can be none.
fn alone(failed: i32, act: impl FnOnce() -> i32) -> i32 {
    if !process::has_children() {
        return act();
    }
    let own = ids::getpid();
    let made = process::clone_copied(kernel::SIGCHLD as usize, None);
    if made == Answer(0) {
        // A refusal leaves a child that ends by itself.
        let _ = control::signal_at_parents_end(kernel::SIGKILL);
        let parent = ids::getppid();
        let is_orphan = parent != own && !parent.is_error() && !own.is_error();
        process::exit_group(if is_orphan { failed } else { finish(act()) });
    }
    // The terminal sends these to the child too, and it is for the child to end of them.
    for signal in [kernel::SIGINT, kernel::SIGQUIT] {
        let _ = signal::dispose(signal, signal::IGNORE);
    }
    match made.as_pid().and_then(await_end) {
        Ok(status) => program::end(status),
        Err(errno) => {
            refusal::explain(About::Nothing, Failure { step: Text::StepChild, errno });
            failed
        }
    }
}

/// The page that tasks share; without one it is told why.
fn board() -> Option<Board> {
    Board::new().map_err(|failure| refusal::explain(About::Nothing, failure)).ok()
}

/// Sets these signals up for the program.
fn prepare() {
    for ((signal, disposition), before) in DISPOSITIONS.iter().zip(&BEFORE) {
        // A refusal leaves what was inherited, and the usual is inherited.
        let old = signal::dispose((*signal).into(), (*disposition).into());
        before.store(old.ok().unwrap_or(signal::DEFAULT), Relaxed);
    }
}

/// Says on fd 2 which word makes no sense, and what would.
fn usage(Misuse { word, allowed }: Misuse) -> i32 {
    print::to(print::ERR);
    say(Text::Name);
    say(Text::Usage);
    until(0, word);
    match nearest(word) {
        _ if allowed != Text::Nothing => print::spell(Text::Allowed, &[allowed]),
        Some(name) => print::spell(Text::Nearest, &[name]),
        None => say(Text::Question),
    }
    say(Text::UsageEnd);
    print::to(print::OUT);
    Status::Usage as i32
}

/// What may have been meant: an option, or a command, a flag or a preset.
fn nearest(word: &[u8]) -> Option<Text> {
    if word.starts_with(b"-") {
        return spelling::nearest(word, &options::name);
    }
    let command = |number: usize| COMMANDS.get(number).map(|command| command.name);
    spelling::nearest(word, &command).or_else(|| spelling::nearest(spelling::bare(word), &spelling::name))
}

/// The exit status, which an error of the output changes.
fn finish(status: i32) -> i32 {
    match print::error() {
        None => status,
        Some(errno) => {
            refusal::explain(About::Nothing, Failure { step: Text::Output, errno });
            Status::Failed as i32
        }
    }
}
