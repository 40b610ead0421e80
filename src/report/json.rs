//! The lines for machines: one object a task.

use super::print::{say, spell, tell, until};
use super::text;
use crate::clone::call::{Api, Call};
use crate::clone::rules::Rule;
use crate::clone::task::Failure;
use crate::sys::namespace;
use crate::witness::board::Board;
use crate::witness::resource::Shown;
use crate::witness::trial::Trial;
use crate::witness::verdict::{Tally, WRONG, Words};
use crate::words::Text;

/// What an object says besides what stands on the board.
pub struct Facts<'a> {
    /// The call.
    pub call: &'a Call,
    /// What the rules say of it, what the kernel said, and what it came to.
    pub said: [Text; 3],
    /// The rule behind a predicted refusal.
    pub rule: Option<&'a Rule>,
    /// Why it is or was refused.
    pub why: Option<Text>,
}

/// One object; `words` are those of the first resources.
pub fn object(facts: &Facts, board: Board, words: &[Words]) {
    call(facts.call);
    let [predicted, result, outcome] = facts.said;
    verdict(predicted, facts.rule, facts.why);
    say(Text::JsonResult);
    // A call that never returned has none.
    let quote = if result == Text::Null { Text::Nothing } else { Text::JsonQuote };
    say(quote);
    until(b' ', result.bytes());
    say(quote);
    spell(Text::JsonOutcome, &[outcome]);
    namespace::uname(|name| until(0, &name.release));
    say(Text::JsonParent);
    text::ids(Text::JsonIds, board.parent());
    say(Text::JsonChild);
    text::ids(Text::JsonIds, board.child());
    say(Text::JsonResources);
    let mut glue = Text::Nothing;
    for (resource, words) in (Shown { call: facts.call, words, next: 0 }) {
        say(glue);
        let [name, flag] = resource.names;
        spell(
            Text::JsonResource,
            &[name, if resource.flags.is_empty() { Text::Nothing } else { Text::FlagPrefix }, flag],
        );
        spell(Text::JsonWords, words);
        glue = Text::JsonComma;
    }
    say(Text::JsonEnd);
}

/// The beginning of an object: the call.
pub fn call(call: &Call) {
    spell(
        Text::JsonHead,
        &[match call.api {
            Api::Fork => Text::Fork,
            Api::Clone => Text::JsonClone,
            Api::Clone3 => Text::JsonClone3,
        }],
    );
    text::flags(call);
    tell(Text::JsonBits, &[call.flags.bits() as usize, call.exit_signal as usize]);
}

/// What the rules say of it: the answer, the rule and why.
pub fn verdict(predicted: Text, rule: Option<&Rule>, why: Option<Text>) {
    say(Text::JsonPredicted);
    until(b' ', predicted.bytes()); // of an errno its name alone, without its text
    say(Text::JsonRule);
    match rule {
        None => say(Text::Null),
        Some(rule) => {
            say(Text::JsonQuote);
            text::rule(rule);
            say(Text::JsonQuote);
        }
    }
    let (why, quote) = why.map_or((Text::Null, Text::Nothing), |why| (why, Text::JsonQuote));
    spell(Text::JsonWhy, &[quote, why, quote]);
}

/// A task of a mode, made or refused; `why` is what caused a refusal, if that was found.
pub fn trial(trial: &Trial, why: Option<Text>) {
    let (result, outcome) = result(trial);
    let facts = Facts { call: trial.task.call, said: [Text::JsonOk, result, outcome], rule: None, why };
    object(&facts, trial.board, &trial.words);
}

/// The result of the call and the outcome. A step after the call is not its result: then the call was made, and what it was made
/// for is not known.
fn result(trial: &Trial) -> (Text, Text) {
    let mut tally = Tally::default();
    trial.count(&mut tally);
    match trial.failure {
        Some(Failure { step: Text::Call, errno }) => (errno.text(), Text::RefusedOtherwise),
        Some(Failure { step: Text::Killed | Text::AtGuard, .. }) => (Text::JsonOk, Text::Crashed),
        Some(_) if trial.task.tid.is_none() => (Text::Null, Text::Unknown),
        Some(_) => (Text::JsonOk, Text::Unknown),
        None if tally[WRONG] > 0 => (Text::JsonOk, Text::NotHonoured),
        None if trial.is_open() => (Text::JsonOk, Text::Unknown),
        None => (Text::JsonOk, Text::Honoured),
    }
}
