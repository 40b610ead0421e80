//! `chimera quiz`: prints questions on flag sets, and with `-c` proves the answers.

use super::command::{Command, Example, Group};
use super::common::{alone, board, fail};
use super::form::{Opt, Section, Values};
use super::misuse::Misuse;
use super::options::{Options, Program, Word};
use super::status::Status;
use super::words::Words;
use crate::error::{At, Step};
use crate::host::filter;
use crate::host::proc::Own;
use crate::quiz::draw::{MOST, Quiz};
use crate::quiz::proof::prove;
use crate::report::page::Console;
use crate::report::quiz::{self, Count};
use crate::sys::initial::InitialStack;
use crate::sys::random;
use crate::text::read::number;

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Id {
    /// `-s SEED`
    Seed,
    /// `-n N`
    Number,
    /// `-c`
    Check,
    /// `--json`
    Json,
}

/// All options.
pub static OPTIONS: &[Section<Id>] = &[Section {
    title: "options",
    options: &[
        Opt::value("--seed", SEED, Id::Seed, "the number from which all questions follow")
            .letter(b's')
            .default("random"),
        Opt::value("--number", NUMBER, Id::Number, "how many questions").letter(b'n').default("10"),
        Opt::flag("--check", Id::Check, "makes the tasks and proves the answers on this kernel").letter(b'c'),
        Opt::json(Id::Json, "for programs: one object a question, with the answer if -c is given"),
    ],
}];

const SEED: Values = Values::new("SEED", "a number below 2^64");
const NUMBER: Values = Values::new("N", "a number from 1 to 29");

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "quiz",
    group: Group::Lessons,
    purpose: "questions on sets of flags, and the answers, proven",
    about: "\
Asks what a task that is made by a set of flags shares with its maker, or what the kernel says to the set. With -c it makes \
the tasks, reads the answers off them, and says why.",
    usage: "[-s SEED] [-n N] [-c] [--json]",
    operands: "",
    operand: None,
    options: &OPTIONS,
    examples: &[
        Example("quiz", "ten questions"),
        Example("quiz -s 7", "ten questions, always the same"),
        Example("quiz -s 7 -c", "the same with their answers, proven"),
    ],
    statuses: &[
        ("0", "the questions were printed; with -c no answer is otherwise"),
        ("1", "something else was seen, or chimera failed"),
        ("2", "the command line is wrong"),
        ("4", "no answer can be proven here"),
    ],
    program: Program::Nowhere,
    run: command,
};

/// How many questions there are without `-n`.
const USUAL: usize = 10;

/// The seeds without `-s` are below this, so that a person can type them.
const SEEDS: u64 = 1_000_000;

/// The parsed words.
struct Asked {
    seed: Option<u64>,
    count: Option<usize>,
    checks: bool,
    is_json: bool,
}

/// `quiz`.
pub fn command(console: &mut Console, _: &InitialStack, words: Words) -> Result<i32, Misuse<'static>> {
    let asked = parse(words)?;
    let failed = Status::Failed as i32;
    let seed = match asked.seed.map_or_else(|| random::number().map(|number| number % SEEDS), Ok).at(Step::Seed) {
        Ok(seed) => seed,
        Err(failure) => return Ok(fail(console, failure, failed)),
    };
    if asked.checks {
        filter::avoid_deadly_calls(&Own::read());
        Ok(alone(console, failed, |console| check(console, &asked, seed) as i32))
    } else {
        ask(console, &asked, seed);
        Ok(Status::Proven as i32)
    }
}

/// Parses the words.
fn parse(words: Words) -> Result<Asked, Misuse<'static>> {
    let mut asked = Asked { seed: None, count: None, checks: false, is_json: false };
    for word in Options::new(OPTIONS, Program::Nowhere, words) {
        match word? {
            Word::Option(Id::Seed, given) => {
                asked.seed = Some(number(given.text()).ok_or_else(|| given.wrong())? as u64);
            }
            Word::Option(Id::Number, given) => {
                let count = number(given.text()).filter(|count| (1..=MOST).contains(count));
                asked.count = Some(count.ok_or_else(|| given.wrong())?);
            }
            Word::Option(Id::Check, _) => asked.checks = true,
            Word::Option(Id::Json, _) => asked.is_json = true,
            Word::Plain(word) => return Err(Misuse::Extra(word)),
        }
    }
    Ok(asked)
}

/// Prints the questions.
fn ask(console: &mut Console, asked: &Asked, seed: u64) {
    let page = &mut console.out;
    let questions = Quiz::new(seed, asked.count.unwrap_or(USUAL)).zip(1..);
    if asked.is_json {
        questions.for_each(|(question, number)| quiz::json(page, seed, number, &question, None));
    } else {
        quiz::head(page, seed);
        questions.for_each(|(question, number)| quiz::question(page, number, &question));
        quiz::foot(page, seed, asked.count);
    }
}

/// Prints the questions and proves their answers.
fn check(console: &mut Console, asked: &Asked, seed: u64) -> Status {
    let Some(board) = board(console) else { return Status::Failed };
    if !asked.is_json {
        quiz::head(&mut console.out, seed);
    }
    let mut count = Count::default();
    for (question, number) in Quiz::new(seed, asked.count.unwrap_or(USUAL)).zip(1..) {
        if !asked.is_json {
            quiz::question(&mut console.out, number, &question);
        }
        let proof = match prove(&question, board) {
            Ok(proof) => proof,
            Err(failure) => {
                fail(console, failure, 1);
                return Status::Failed;
            }
        };
        count.count(&proof);
        if asked.is_json {
            quiz::json(&mut console.out, seed, number, &question, Some(&proof));
        } else {
            quiz::answer(&mut console.out, &question, &proof);
        }
    }
    if !asked.is_json {
        quiz::sum(&mut console.out, count);
    }
    match count {
        Count { otherwise: 1.., .. } | Count { failed: 1.., .. } => Status::Failed,
        Count { proven: 0, .. } => Status::Skipped,
        _ => Status::Proven,
    }
}
