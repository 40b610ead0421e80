//! The proof of an answer: the calls of a question, made in the laboratory, and what was seen compared with the rules.

use super::draw::{CHOICES, Question};
use super::evidence::{Evidence, Property, Seen};
use super::kind::Form;
use crate::board::Board;
use crate::board::record::Experiment;
use crate::clone::call::Call;
use crate::error::Failure;
use crate::experiment::findings::{CallResult, Findings, Outcome};
use crate::experiment::laboratory;
use crate::rules::expected::Expected;
use crate::rules::rule::{Rule, of_flags};
use crate::sys::Errno;

/// What the tasks of a question say about its answer.
pub enum Proof {
    /// The answer was seen.
    Proven(Told),
    /// Something else was seen.
    Otherwise(Told),
    /// The answer cannot be seen on this machine.
    NotHere(Obstacle),
    /// The tasks failed, so nothing was seen.
    Failed(Trouble),
}

/// What was seen.
pub enum Told {
    /// What one call did, and the choice that follows, if one does.
    One(Seen, Option<usize>),
    /// What the call of each choice did.
    Each([Option<Tried>; CHOICES]),
}

/// What the call of a choice did.
#[derive(Clone, Copy, PartialEq)]
pub enum Tried {
    /// A task was made; whether it is as asked.
    Made(bool),
    /// The kernel refused the call.
    Refused(Errno),
}

/// What happened to tasks that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// A task that should have lived was killed.
    Crashed,
    /// The tasks did not end in time.
    Hung,
}

/// Why an answer cannot be seen on this machine.
pub enum Obstacle {
    /// The kernel refuses the call by a rule that is not about the flags alone.
    Rule(&'static Rule),
    /// No witness saw it, or two contradict each other.
    NoWitness,
}

/// Makes the tasks of a question. A failure is a step of the laboratory's own.
pub fn prove(question: &Question, board: Board<Experiment>) -> Result<Proof, Failure> {
    match (&question.kind.form, question.call) {
        (Form::Does(does), Some(call)) => {
            let findings = laboratory::run(&call, board)?;
            Ok(one(question, &findings, &does.evidence, does.refused))
        }
        (Form::Which(which), _) => each(question, which.property, board),
        (Form::Mends(_), Some(call)) => {
            let findings = laboratory::run(&call, board)?;
            match answer_of(&findings) {
                Ok(Some(_)) => each(question, Property::Accepted, board),
                Ok(None) => Ok(Proof::Otherwise(Told::One(Seen::Made, None))),
                Err(proof) => Ok(proof),
            }
        }
        (_, None) => Ok(Proof::NotHere(Obstacle::NoWitness)),
    }
}

/// The errno of a call that the kernel refuses for its flags, none for a task that was made, or a proof that is none: the
/// answer says nothing about the flags.
fn answer_of(findings: &Findings) -> Result<Option<Errno>, Proof> {
    let otherwise = |seen| Err(Proof::Otherwise(Told::One(seen, None)));
    let here = || match findings.predicted.rule() {
        Some(rule) => Err(Proof::NotHere(Obstacle::Rule(rule))),
        None => Err(Proof::NotHere(Obstacle::NoWitness)),
    };
    let of_flags = of_flags(findings.task.call).and_then(|rule| rule.errno);
    match (findings.outcome, findings.result) {
        (Outcome::Hung, _) => Err(Proof::Failed(Trouble::Hung)),
        (Outcome::Crashed, _) if findings.predicted.expected == Expected::Killed => here(),
        (Outcome::Crashed, _) => Err(Proof::Failed(Trouble::Crashed)),
        (_, CallResult::Made) => Ok(None),
        (_, CallResult::Refused(errno)) if of_flags == Some(errno) => Ok(Some(errno)),
        (_, CallResult::Refused(errno)) if findings.predicted.expected == Expected::Refused(errno) => here(),
        (_, CallResult::Refused(errno)) => otherwise(Seen::Refused(errno)),
        (_, CallResult::Unknown) => here(),
    }
}

/// What one call proves; `refused` is the choice that it is refused.
fn one(question: &Question, findings: &Findings, evidence: &Evidence, refused: Option<usize>) -> Proof {
    let (seen, choice) = match answer_of(findings) {
        Err(proof) => return proof,
        Ok(Some(errno)) => (Seen::Refused(errno), refused),
        Ok(None) if of_flags(findings.task.call).is_some() => (Seen::Made, None),
        Ok(None) => match evidence.look(findings) {
            Some((seen, choice)) => (seen, Some(choice)),
            None => return Proof::NotHere(Obstacle::NoWitness),
        },
    };
    let told = Told::One(seen, choice);
    if choice == Some(question.answer) { Proof::Proven(told) } else { Proof::Otherwise(told) }
}

/// What the calls of the choices prove: that the right one has the property, and no other.
fn each(question: &Question, property: Property, board: Board<Experiment>) -> Result<Proof, Failure> {
    let mut tried = [None; CHOICES];
    for (choice, tried) in question.choices().iter().zip(&mut tried) {
        let Some(call) = question.call_of(*choice) else { continue };
        match try_one(&call, property, board)? {
            Ok(answer) => *tried = Some(answer),
            Err(proof) => return Ok(proof),
        }
    }
    let is_as_asked = |tried: &Option<Tried>| match tried {
        Some(Tried::Made(is_as_asked)) => *is_as_asked,
        Some(Tried::Refused(_)) => property == Property::Refused,
        None => false,
    };
    let is_right = tried.iter().enumerate().all(|(place, tried)| is_as_asked(tried) == (place == question.answer));
    let told = Told::Each(tried);
    Ok(if is_right { Proof::Proven(told) } else { Proof::Otherwise(told) })
}

/// Makes the call of a choice, which has its own time on the board.
fn try_one(call: &Call, property: Property, board: Board<Experiment>) -> Result<Result<Tried, Proof>, Failure> {
    let findings = laboratory::run(call, board)?;
    Ok(match (answer_of(&findings), property.is_seen(&findings)) {
        (Err(proof), _) => Err(proof),
        (Ok(Some(errno)), _) => Ok(Tried::Refused(errno)),
        (Ok(None), Some(is_as_asked)) => Ok(Tried::Made(is_as_asked)),
        (Ok(None), None) => Err(Proof::NotHere(Obstacle::NoWitness)),
    })
}
