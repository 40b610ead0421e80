//! `chimera clone FLAGS`: predict, make, prove; the outcome, and the exit status that goes with it.

use super::options::Misuse;
use super::refusal::About;
use super::{Status, alone, call, command, options, refusal};
use crate::clone::call::{Call, StackOf};
use crate::clone::rules;
use crate::report::json::{self, Facts};
use crate::report::laboratory;
use crate::run::program;
use crate::sys::initial::{InitialStack, Strings};
use crate::sys::{Errno, exec};
use crate::witness::board::{Board, Word};
use crate::witness::laboratory::{Experiment, run as experiment};
use crate::witness::verdict::VERDICT;
use crate::words::Text;

/// How the result is to be told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A page for people.
    Page,
    /// `--json`
    Json,
    /// `--dot`
    Dot,
    /// `--graph`
    Graph,
}

/// `clone FLAGS`, or with a program behind `--`.
pub fn command(stack: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let asked = call::parse(options::CLONE, words)?;
    if asked.word.is_none() {
        return Err(Text::NoFlags.bytes().into());
    }
    if let Some(failure) = asked.failure {
        refusal::explain(About::Nothing, failure);
        return Ok(if asked.command.is_some() { program::OURS } else { Status::Failed as i32 });
    }
    let Some(read) = asked.command else {
        return Ok(alone(Status::Failed as i32, || run(&asked.call, asked.form) as i32));
    };
    if matches!(asked.call.stack, StackOf::Own(..command::ROOM)) {
        return Err(Misuse { word: b"--stack", allowed: Text::RangeProgram });
    }
    exec::remember(stack, read + 2); // the program and the command stand before what was read
    Ok(alone(program::OURS, || command::run(&asked.call)))
}

/// Makes the call in the laboratory and tells what came of it.
fn run(call: &Call, form: Form) -> Status {
    match Board::new().and_then(|board| experiment(call, board)) {
        Ok(Experiment { failure: Some(failure), .. }) | Err(failure) => {
            refusal::explain(About::Nothing, failure);
            Status::Failed
        }
        Ok(experiment) => tell(&experiment, form),
    }
}

/// Prints an experiment.
fn tell(experiment: &Experiment, form: Form) -> Status {
    let side = experiment.board.parent();
    let rule = side.get(Word::Rule).ok().and_then(rules::numbered);
    let predicted = side.get(Word::Refusal).split().err();
    // A subject that sleeps in its call for ever, or was killed there, has a child and no result.
    let made = experiment.task.tid.is_some();
    let refused =
        if made { None } else { side.get(Word::Result).split().err().filter(|errno| *errno != Errno::ECANCELED) };
    let (outcome, status) = outcome(experiment, predicted, refused, made);
    let name = |refusal: Option<Errno>| refusal.map_or(Text::JsonOk, Errno::text);
    let why = rule.map(|rule| rule.why);
    // A call that has not come back, and of whose task nothing is known, has no result.
    let result = if made || refused.is_some() { name(refused) } else { Text::Null };
    let facts = Facts { call: experiment.task.call, said: [name(predicted), result, outcome], rule, why };
    match form {
        Form::Json => json::object(&facts, experiment.board, &experiment.words),
        Form::Page => laboratory::page(&facts, experiment, [predicted, refused]),
        Form::Dot => laboratory::dot(experiment),
        Form::Graph => laboratory::graph(experiment),
    }
    status
}

/// What the experiment came to, and the status.
fn outcome(experiment: &Experiment, predicted: Option<Errno>, refused: Option<Errno>, made: bool) -> (Text, Status) {
    let call = experiment.task.call;
    let is_any = |verdict: Text| experiment.shown().any(|(_, words)| words[VERDICT] == verdict);
    let is_open =
        experiment.shown().any(|(resource, words)| words[VERDICT] == Text::Unknown && resource.is_asked(call));
    if !experiment.is_over {
        (Text::Hung, Status::Failed)
    } else if experiment.killed.is_some() || !made && refused.is_none() {
        (Text::Crashed, Status::Failed)
    } else if let Some(errno) = refused {
        match predicted {
            Some(expected) if expected == errno => (Text::RefusedAsPredicted, Status::Refused),
            _ => (Text::RefusedOtherwise, Status::Failed),
        }
    } else if is_any(Text::NotHonoured) {
        (Text::NotHonoured, Status::Failed)
    } else if predicted.is_some() {
        (Text::AcceptedOtherwise, Status::Failed)
    } else if is_open {
        (Text::Unknown, Status::Skipped)
    } else {
        (Text::Honoured, Status::Proven)
    }
}
