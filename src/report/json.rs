//! The lines for machines: one object a task.

use super::print::{say, spell, tell, until};
use super::text;
use crate::clone::call::Api;
use crate::sys::namespace;
use crate::witness::resource::RESOURCES;
use crate::witness::trial::Trial;
use crate::witness::verdict::{Tally, WRONG};
use crate::words::Text;

/// A task, made or refused; `why` is what caused a refusal, if that was found.
pub fn trial(trial: &Trial, why: Option<Text>) {
    let call = &trial.task.call;
    let api = if call.api == Api::Fork { Text::Fork } else { Text::JsonClone };
    spell(Text::JsonHead, &[api]);
    text::flags(call);
    tell(Text::JsonBits, &[call.flags.bits() as usize, call.exit_signal as usize]);
    let (result, outcome) = result(trial);
    until(b' ', result.bytes()); // of an errno its name alone, without its text
    let (why, quote) = why.map_or((Text::Null, Text::Nothing), |why| (why, Text::JsonQuote));
    spell(Text::JsonOutcome, &[quote, why, quote, outcome]);
    namespace::uname(|name| until(0, &name.release));
    say(Text::JsonParent);
    text::ids(Text::JsonIds, trial.board.parent());
    say(Text::JsonChild);
    text::ids(Text::JsonIds, trial.board.child());
    say(Text::JsonResources);
    let mut glue = Text::Nothing;
    for (resource, words) in RESOURCES.iter().zip(&trial.words) {
        say(glue);
        text::row(Text::JsonResource, resource, words);
        glue = Text::JsonComma;
    }
    say(Text::JsonEnd);
}

/// The result of the call and the outcome.
fn result(trial: &Trial) -> (Text, Text) {
    let mut tally = Tally::default();
    trial.count(&mut tally);
    match trial.failure {
        Some(failure) if trial.is_forbidden() || failure.step == Text::Call => {
            (failure.errno.text(), Text::JsonRefused)
        }
        Some(_) => (Text::JsonOk, Text::JsonCrashed),
        None if tally[WRONG] > 0 => (Text::JsonOk, Text::NotHonoured),
        None => (Text::JsonOk, Text::Honoured),
    }
}
