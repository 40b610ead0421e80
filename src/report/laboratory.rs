//! The pages of the laboratory: a table, and the two tasks with what they point to, as a picture in text or for dot(1).
//!
//! The decision behind it: table and pictures show the same rows, and a picture draws an object once if the witnesses
//! say that it is one.

use super::json::Facts;
use super::print::{byte, count, say, spell, tell};
use super::text;
use crate::sys::{Errno, Pid};
use crate::witness::laboratory::Experiment;
use crate::witness::verdict::Words;
use crate::words::Text;

/// The page for people; `refusals` are the one predicted and the one that came.
pub fn page(facts: &Facts, experiment: &Experiment, refusals: [Option<Errno>; 2]) {
    let [predicted, refused] = refusals;
    text::call(&experiment.task);
    match (experiment.task.tid, refused) {
        (None, None) => say(Text::LabUnmade),
        (Some(tid), None) => count(Text::CallResult, tid.number()),
        (_, Some(errno)) => {
            say(Text::LabRefused);
            error(errno);
            byte(b'\n');
        }
    }
    say(Text::LabPredicted);
    predicted.map_or_else(|| say(Text::JsonOk), error);
    if let (Some(rule), Some(why)) = (facts.rule, facts.why) {
        say(Text::LabRule);
        text::rule(rule);
        say(Text::LabRuleEnd);
        spell(Text::LabWhy, &[why]);
    } else {
        byte(b'\n');
    }
    if experiment.task.tid.is_some() {
        say(Text::IdsHead);
        say(Text::LabSubject);
        text::ids(Text::Ids, experiment.board.parent());
        say(Text::IdsChild);
        text::ids(Text::Ids, experiment.board.child());
        say(Text::LabHead);
        for (resource, [asked, kernel, behaviour, verdict]) in experiment.shown() {
            let [name, flag] = resource.names;
            spell(Text::LabRow, &[flag, *asked, *kernel, *behaviour, *verdict, name]);
        }
    }
    spell(Text::LabOutcome, &[facts.said[2]]);
    experiment.killed.into_iter().for_each(|signal| count(Text::LabKilled, signal));
    byte(b'\n');
}

/// An errno, or its number.
fn error(errno: Errno) {
    count(errno.text(), errno.number());
}

/// How a picture calls the objects that the two tasks have of a resource: one, two, or it is not known.
fn objects([_, kernel, behaviour, verdict]: &Words) -> Option<bool> {
    match (verdict, kernel, behaviour) {
        (Text::Unknown, ..) => None,
        (_, Text::Same, _) | (_, _, Text::Shared) => Some(true),
        _ => Some(false),
    }
}

/// The picture for dot(1).
pub fn dot(experiment: &Experiment) {
    say(Text::DotHead);
    picture(experiment, Text::DotTasks, [Text::DotShared, Text::DotOwn, Text::DotUnknown]);
    say(Text::DotEnd);
}

/// The picture in text.
pub fn graph(experiment: &Experiment) {
    picture(experiment, Text::GraphTasks, [Text::GraphShared, Text::GraphOwn, Text::GraphUnknown]);
}

/// Both tasks, and each object in one of three texts.
fn picture(experiment: &Experiment, tasks: Text, [shared, own, unknown]: [Text; 3]) {
    tell(tasks, &[experiment.subject.number(), experiment.task.tid.map_or(0, Pid::number)]);
    for (resource, words) in experiment.shown().filter(|(resource, _)| !resource.is_effect()) {
        let name = resource.names[0];
        let text = objects(words).map_or(unknown, |is_one| if is_one { shared } else { own });
        spell(text, &[name; 5]);
    }
}
