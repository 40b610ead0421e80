//! The lines for machines: one object a task.

use super::print::{end, say, tell, until};
use super::text;
use crate::clone::task::Api;
use crate::sys::namespace;
use crate::witness::board::{Side, Word};
use crate::witness::resource::RESOURCES;
use crate::witness::trial::Trial;
use crate::witness::verdict::Tally;
use crate::words::Text;

/// What stands before each word about a resource.
static KEYS: [Text; 4] = [Text::JsonAsked, Text::JsonSays, Text::JsonBehaviour, Text::JsonVerdict];

/// A task, made or refused; `why` is what caused a refusal, if that was found.
pub fn trial(trial: &Trial, why: Option<Text>) {
    let plan = trial.task.plan;
    say(if plan.api == Api::Fork { Text::JsonFork } else { Text::JsonClone });
    text::flags(plan);
    tell(Text::JsonBits, &[plan.flags.bits() as usize, plan.exit_signal.into()]);
    let outcome = result(trial);
    say(Text::JsonWhy);
    match why {
        Some(why) => {
            say(Text::JsonQuote);
            say(why);
            say(Text::JsonQuote);
        }
        None => say(Text::JsonNull),
    }
    say(Text::JsonOutcome);
    say(outcome);
    say(Text::JsonKernel);
    namespace::uname(|name| until(0, &name.release));
    ids(Text::JsonParent, trial.board.parent());
    ids(Text::JsonChild, trial.board.child());
    let mut glue = Text::JsonResources;
    for (resource, words) in RESOURCES.iter().zip(&trial.words) {
        say(glue);
        say(resource.name);
        say(Text::JsonFlag);
        say(resource.flag);
        for (key, word) in KEYS.iter().zip(words) {
            say(*key);
            say(*word);
        }
        glue = Text::JsonNext;
    }
    say(Text::JsonEnd);
    end();
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
    say(who);
    tell(Text::JsonIds, &[Word::Pid, Word::Tid, Word::Ppid, Word::Uid].map(|word| side.get(word).0));
}
