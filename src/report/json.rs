//! The lines for machines: one object a task.

use super::print::{say, spell, tell, until};
use super::text;
use crate::clone::task::Api;
use crate::sys::namespace;
use crate::witness::board::{Side, Word};
use crate::witness::resource::RESOURCES;
use crate::witness::trial::Trial;
use crate::witness::verdict::Tally;
use crate::words::Text;

/// A task, made or refused; `why` is what caused a refusal, if that was found.
pub fn trial(trial: &Trial, why: Option<Text>) {
    let plan = trial.task.plan;
    let api = if plan.api == Api::Fork { Text::JsonFork } else { Text::JsonClone };
    spell(Text::JsonHead, &[api]);
    text::flags(plan);
    tell(Text::JsonBits, &[plan.flags.bits() as usize, plan.exit_signal.into()]);
    let outcome = result(trial);
    let (why, quote) = why.map_or((Text::JsonNull, Text::Call), |why| (why, Text::JsonQuote));
    spell(Text::JsonOutcome, &[quote, why, quote, outcome]);
    namespace::uname(|name| until(0, &name.release));
    ids(Text::JsonParent, trial.board.parent());
    ids(Text::JsonChild, trial.board.child());
    say(Text::JsonResources);
    let mut glue = Text::Call;
    for (resource, words) in RESOURCES.iter().zip(&trial.words) {
        say(glue);
        text::row(Text::JsonResource, resource, words);
        glue = Text::JsonComma;
    }
    say(Text::JsonEnd);
}

/// Prints the result of the call and answers the outcome.
fn result(trial: &Trial) -> Text {
    match trial.failure {
        Some(failure) if failure.step == Text::Call => {
            // The errno's name alone, without its text.
            until(b' ', failure.errno.text().bytes());
            return Text::JsonRefused;
        }
        _ => say(Text::JsonOk),
    }
    let mut tally = Tally::default();
    trial.count(&mut tally);
    match trial.failure {
        Some(_) => Text::JsonCrashed,
        None if tally.wrong > 0 => Text::NotHonoured,
        None => Text::Honoured,
    }
}

fn ids(who: Text, side: Side) {
    let [pid, tid, ppid, uid] = [Word::Pid, Word::Tid, Word::Ppid, Word::Uid].map(|word| side.get(word).0);
    say(who);
    tell(Text::JsonIds, &[pid, tid, ppid, uid]);
}
