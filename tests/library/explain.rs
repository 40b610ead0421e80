//! What `chimera explain` knows: a topic for every name of every table of the program, each with all that it needs.

use chimera::cli::explain::each;
use chimera::cli::table::COMMANDS;
use chimera::clone::flags::FLAGS;
use chimera::error::Step;
use chimera::experiment::findings::Outcome;
use chimera::explain::find::Word;
use chimera::explain::topic::{Kind, Visit};
use chimera::host::cause::Reason;
use chimera::inspect::cause::Cause;
use chimera::rules::rule::RULES;
use chimera::rules::spelling::{PRESETS, SIGNALS};
use chimera::text::{Show, Sink};
use chimera::witness::resource::RESOURCES;
use chimera::witness::verdict::{Asked, Says, Verdict};
use std::collections::BTreeSet;

/// A topic as text.
#[derive(Debug)]
struct Topic {
    kind: Kind,
    name: String,
    also: Vec<String>,
    text: String,
    has_witnesses: bool,
    examples: Vec<String>,
    see: Vec<String>,
}

#[derive(Default)]
struct Text(Vec<u8>);

impl Sink for Text {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn column(&self) -> usize {
        self.0.len()
    }
}

fn shown(value: &dyn Show) -> String {
    let mut text = Text::default();
    value.show(&mut text);
    String::from_utf8(text.0).expect("UTF-8")
}

fn all(visit: &mut Visit) {
    each(&COMMANDS, visit);
}

fn topics() -> Vec<Topic> {
    let mut topics = Vec::new();
    all(&mut |topic| {
        topics.push(Topic {
            kind: topic.kind,
            name: shown(&topic.name),
            also: topic.also.iter().map(|word| (*word).to_owned()).collect(),
            text: shown(topic.text),
            has_witnesses: topic.witnesses.is_some(),
            examples: topic.examples.iter().map(|example| shown(*example)).collect(),
            see: topic.see.iter().map(|word| (*word).to_owned()).collect(),
        });
    });
    topics
}

/// The groups of the topics that a word means.
fn kinds(word: &str) -> Vec<Kind> {
    let mut kinds = Vec::new();
    Word(word.as_bytes()).find(&all, &mut |topic| kinds.push(topic.kind));
    kinds
}

#[track_caller]
fn means(word: &str, kind: Kind) {
    assert!(kinds(word).contains(&kind), "{word:?} is no {}: {:?}", kind.name(), kinds(word));
}

/// The names of all tables, and the group in which each is.
#[test]
fn every_name_of_every_table_is_a_topic() {
    for flag in FLAGS {
        let lower = flag.name.to_lowercase();
        for word in [flag.name, &lower, &format!("CLONE_{}", flag.name), &format!("clone_{lower}")] {
            means(word, Kind::Flag);
        }
    }
    for resource in &RESOURCES {
        means(resource.name, if resource.is_effect() { Kind::Effect } else { Kind::Resource });
    }
    for rule in &RULES {
        means(rule.id, Kind::Rule);
        means(rule.why, Kind::Rule);
        if let Some((name, _)) = rule.errno.and_then(|errno| errno.name()) {
            means(name, Kind::Errno);
        }
    }
    PRESETS.iter().for_each(|preset| means(preset.name, Kind::Preset));
    Step::ALL.iter().for_each(|step| means(step.name(), Kind::Step));
    for reason in Reason::ALL {
        let [cause, _] = reason.texts();
        let filled = cause.replace("[kind]", "user").replace("[id]", "uid").replace('[', "x").replace(']', "y");
        means(&filled, Kind::Cause);
    }
    for cause in Cause::ALL {
        means(cause.key(), Kind::Cause);
        means(cause.text(), Kind::Cause);
    }
    for signal in SIGNALS {
        means(&format!("SIG{signal}"), Kind::Signal);
        means(signal, Kind::Signal);
    }
    for command in &COMMANDS {
        let is_mode = crate::common::MODES.contains(&command.name);
        means(command.name, if is_mode { Kind::Mode } else { Kind::Command });
        command.options.each(&mut |_, form| means(form.long, Kind::Option));
        let statuses = command.statuses.iter().flat_map(|(status, _)| status.split(", "));
        for status in statuses.filter(|status| status.parse::<u32>().is_ok()) {
            means(status, Kind::Status);
        }
    }
}

#[test]
fn every_word_of_a_table_is_a_topic() {
    for asked in [Asked::Shared, Asked::Copied, Asked::New, Asked::None] {
        means(asked.name(), Kind::Value);
    }
    for says in [Says::One, Says::Two, Says::Unknown] {
        means(says.of_kernel(), Kind::Value);
        means(says.of_behaviour(), Kind::Value);
    }
    for verdict in [Verdict::Honoured, Verdict::NotHonoured, Verdict::Unknown] {
        means(verdict.name(), Kind::Verdict);
    }
    for outcome in [
        Outcome::Honoured,
        Outcome::RefusedAsPredicted,
        Outcome::RefusedOtherwise,
        Outcome::AcceptedOtherwise,
        Outcome::NotHonoured,
        Outcome::Crashed,
        Outcome::Hung,
        Outcome::Unknown,
    ] {
        means(outcome.name(), Kind::Outcome);
    }
    for word in ["asked", "kernel", "behaviour", "verdict", "counter", "ppid", "pid", "tid", "uid", "gid", "resource"] {
        means(word, Kind::Column);
    }
}

/// What has several meanings is explained in all of them.
#[test]
fn all_meanings_are_told() {
    assert_eq!(kinds("chimera"), [Kind::Mode, Kind::Preset, Kind::Word, Kind::Question, Kind::Key]);
    for (word, expected) in [
        ("thread", [Kind::Mode, Kind::Preset, Kind::Flag, Kind::Word].as_slice()),
        ("user", &[Kind::Mode, Kind::Preset, Kind::Word]),
        ("parent", &[Kind::Flag, Kind::Resource, Kind::Word, Kind::Key]),
        ("unknown", &[Kind::Value, Kind::Verdict, Kind::Outcome]),
        ("shared", &[Kind::Value]),
    ] {
        assert!(expected.iter().all(|kind| kinds(word).contains(kind)), "{word}: {:?}", kinds(word));
    }
    assert_eq!(kinds("CLONE_THREAD"), [Kind::Flag]);
    assert!(kinds("nothing that there is").is_empty());
}

/// Each text is whole, and what it names is there.
#[test]
fn topics_are_complete() {
    let topics = topics();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for topic in &topics {
        let Topic { kind, name, also, text, has_witnesses, examples, see } = topic;
        let mut check = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{name} ({}): {what}: {text}", kind.name()));
            }
        };
        check(text.len() >= 12 && text.len() < 1400, "a few sentences");
        check(text.ends_with(['.', ')', '"']) || text.contains(" Try: "), "whole sentences");
        check(text.is_ascii() && !text.contains("  ") && !text.contains(['\n', '\t']), "plain text");
        check(!text.contains("..."), "nothing left out");
        check(!examples.is_empty(), "an example");
        check(!see.is_empty(), "where to read on");
        let must_be_seen = matches!(kind, Kind::Flag | Kind::Resource | Kind::Effect) && name != "CLONE_DETACHED";
        check(*has_witnesses == must_be_seen, "how the witnesses look");
        let has_several = matches!(kind, Kind::Rule | Kind::Value);
        check(has_several || seen.insert((kind.name(), name.clone())), "one meaning a name");
        check(also.iter().all(|other| !other.is_empty()), "other words");
        for word in see {
            let is_manual = word.ends_with(')') && word.contains('(');
            check(is_manual || !kinds(word).is_empty(), &format!("{word} is there"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A word that is nearly a topic is answered with the topic.
#[test]
fn the_nearest_topic_is_proposed() {
    for (word, near) in [
        ("countr", "counter"),
        ("CLONE_THRED", "CLONE_THREAD"),
        ("honored", "honoured"),
        ("EINVL", "EINVAL"),
        ("gaurd page", "guard page"),
    ] {
        let (prefix, name) = Word(word.as_bytes()).nearest(&all).expect("one is near");
        assert_eq!(format!("{prefix}{name}"), near, "{word}");
    }
    assert_eq!(Word(b"xyzzyplugh").nearest(&all), None);
}
