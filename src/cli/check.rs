//! `chimera check`: asks whether this kernel keeps the rules, and honours what it accepts.

use super::command::{Command, Example, Group as Heading};
use super::common::{alone, board, fail};
use super::form::{Opt, Section};
use super::misuse::Misuse;
use super::options::{Options, Program, Word};
use super::status::Status;
use super::words::Words;
use crate::board::Board;
use crate::board::record::{Checking, Experiment};
use crate::check::ground::Ground;
use crate::check::group::GROUPS;
use crate::check::judge::Outcome;
use crate::check::worker;
use crate::error::Failure;
use crate::report::check as report;
use crate::report::page::Console;
use crate::sys::control;
use crate::sys::initial::InitialStack;
use crate::text::out;

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Id {
    /// `--json`
    Json,
}

/// All options.
pub static OPTIONS: &[Section<Id>] =
    &[Section { title: "options", options: &[Opt::json(Id::Json, "for programs: one object a leaf")] }];

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "check",
    group: Heading::Calls,
    purpose: "does this kernel keep the rules, and honour what it accepts?",
    about: "\
Asks the kernel many thousand calls and compares each answer with the rules, and what the flags do with what they are for.",
    usage: "[GROUP..]",
    operands: "GROUP is one of the groups that --list shows.",
    options: &OPTIONS,
    examples: &[Example("check pairs", "all sets of two flags")],
    statuses: &[
        ("0", "all is right, or was skipped"),
        ("1", "something is otherwise, or chimera failed"),
        ("2", "the command line is wrong"),
        ("4", "nothing could be tested"),
    ],
    program: Program::Nowhere,
    run: command,
};

/// `check`.
pub fn command(console: &mut Console, _: &InitialStack, words: Words) -> Result<i32, Misuse<'static>> {
    let mut named = [false; GROUPS.len()];
    for word in Options::new(OPTIONS, Program::Nowhere, words) {
        match word? {
            Word::Option(Id::Json, _) => {}
            Word::Plain(word) => match GROUPS.iter().position(|group| group.name.as_bytes() == word) {
                Some(place) => named[place] = true,
                None => return Err(Misuse::Extra(word)),
            },
        }
    }
    let is_all = !named.contains(&true);
    Ok(alone(console, Status::Failed as i32, |console| {
        let boards = board(console).zip(board(console));
        let Some((board, laboratory)) = boards else { return Status::Failed as i32 };
        // If refused, process 1 reaps orphans.
        let _ = control::reap_orphans(true);
        let chosen = |place: usize| if is_all { GROUPS[place].is_usual } else { named[place] };
        match check(console, &chosen, board, laboratory) {
            Ok(status) => status as i32,
            Err(failure) => fail(console, failure, Status::Failed as i32),
        }
    }))
}

/// Runs the groups.
fn check(
    console: &mut Console,
    chosen: &dyn Fn(usize) -> bool,
    board: Board<Checking>,
    laboratory: Board<Experiment>,
) -> Result<Status, Failure> {
    let ground = Ground::look();
    let mut status = Status::Skipped;
    for (_, group) in GROUPS.iter().enumerate().filter(|(place, _)| chosen(*place)) {
        out!(&mut console.out, "    # Subtest: ", group.name, "\n");
        for (leaf, number) in group.leaves().zip(1..) {
            let tally = worker::run(&leaf, &ground, board, laboratory)?;
            report::leaf(&mut console.out, number, &leaf, &tally);
            out!(
                &mut console.out,
                "    # right ",
                tally.right,
                " wrong ",
                tally.wrong,
                " skipped ",
                tally.skipped,
                "\n"
            );
            status = match tally.outcome() {
                Outcome::Failed => Status::Failed,
                Outcome::Passed if status == Status::Skipped => Status::Proven,
                _ => status,
            };
        }
    }
    Ok(status)
}
