//! The questions of a quiz: they follow from the seed, none comes twice, and each has one right answer.

use chimera::clone::flags::{Flags, NAMESPACES};
use chimera::quiz::draw::{CHOICES, Choice, MOST, Question, Quiz, Reason};
use chimera::quiz::evidence::Property;
use chimera::quiz::kind::Form;
use chimera::quiz::kinds::KINDS;
use chimera::quiz::random::Random;
use chimera::rules::rule::of_flags;
use std::collections::{BTreeMap, BTreeSet};

/// How many seeds are looked at.
const SEEDS: u64 = 1_000;

/// What tells a question from every other one.
fn key(question: &Question) -> String {
    let call = question.call.map(|call| (call.api.name(), call.flags.bits(), call.exit_signal));
    let choices: Vec<String> = question.choices().iter().map(text).collect();
    format!("{} {call:?} {choices:?} {}", question.kind.name, question.answer)
}

/// A choice as a text.
fn text(choice: &Choice) -> String {
    match choice {
        Choice::Words(words) => (*words).into(),
        Choice::Flag(flags) | Choice::Set(flags) => format!("{flags:?}"),
    }
}

/// The questions of a quiz.
fn questions(seed: u64, count: usize) -> Vec<Question> {
    Quiz::new(seed, count).collect()
}

#[test]
fn the_generator_is_splitmix64() {
    // The first numbers that the authors' program prints for this seed.
    let mut random = Random::new(1_234_567);
    let numbers = [(); 3].map(|()| random.number());
    assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
}

#[test]
fn the_seed_fixes_the_questions_and_their_number_only_ends_them() {
    for seed in 0..SEEDS {
        let keys = |count| questions(seed, count).iter().map(key).collect::<Vec<_>>();
        let all = keys(MOST);
        assert_eq!(all.len(), MOST);
        assert_eq!(all, keys(MOST));
        assert_eq!(all[..10], keys(10), "seed {seed}");
    }
}

#[test]
fn no_two_seeds_have_the_same_quiz() {
    let quizzes: BTreeSet<Vec<String>> = (0..SEEDS).map(|seed| questions(seed, 10).iter().map(key).collect()).collect();
    assert_eq!(quizzes.len(), SEEDS as usize);
}

#[test]
fn no_kind_comes_twice() {
    for seed in 0..SEEDS {
        let all = questions(seed, MOST);
        let kinds: BTreeSet<&str> = all.iter().map(|question| question.kind.name).collect();
        assert_eq!((kinds.len(), all.len()), (KINDS.len(), MOST), "seed {seed}");
    }
}

#[test]
fn each_question_has_different_choices_of_which_the_rules_make_one_right() {
    for question in (0..SEEDS).flat_map(|seed| questions(seed, MOST)) {
        let what = key(&question);
        let choices: BTreeSet<String> = question.choices().iter().map(text).collect();
        assert_eq!(choices.len(), question.choices().len(), "{what}");
        assert!((2..=CHOICES).contains(&choices.len()) && question.answer < choices.len(), "{what}");
        let right = |is_right: &dyn Fn(usize) -> bool| (0..choices.len()).filter(|place| is_right(*place)).collect();
        let right: Vec<usize> = match &question.kind.form {
            Form::Does(does) => {
                let call = question.call.expect("a call");
                let case = does.case_of(&call).expect("a case");
                vec![if of_flags(&call).is_some() { does.refused.expect("a choice") } else { case.answer }]
            }
            Form::Mends(_) => {
                assert!(of_flags(&question.call.expect("a call")).is_some(), "{what}");
                right(&|place| is_refused(&question, place) == Some(false))
            }
            Form::Which(which) => right(&|place| has(which.property, &question, place)),
        };
        assert_eq!(right, [question.answer], "{what}");
    }
}

/// Whether the rules refuse the call of a choice.
fn is_refused(question: &Question, place: usize) -> Option<bool> {
    let call = question.call_of(question.choices()[place])?;
    Some(of_flags(&call).is_some())
}

/// Whether the set of a choice has a property, said anew.
fn has(property: Property, question: &Question, place: usize) -> bool {
    let call = question.call_of(question.choices()[place]).expect("a call");
    let (is_made, has) = (of_flags(&call).is_none(), |flag| call.flags.contains(flag));
    match property {
        Property::Accepted => is_made,
        Property::Refused => !is_made,
        Property::Thread => is_made && has(Flags::VM | Flags::SIGHAND | Flags::THREAD),
        Property::Chimera => is_made && has(Flags::VM) && !has(Flags::THREAD),
    }
}

#[test]
fn every_user_may_make_the_calls_where_user_namespaces_are_allowed() {
    for question in (0..SEEDS).flat_map(|seed| questions(seed, MOST)) {
        for choice in question.choices() {
            let Some(call) = question.call_of(*choice) else { continue };
            let is_for_all = call.flags.contains(Flags::NEWUSER) || !call.flags.intersects(NAMESPACES);
            assert!(is_for_all, "{}", key(&question));
        }
    }
}

#[test]
fn each_answer_and_each_case_of_a_kind_comes_up() {
    let mut answers: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut reasons: BTreeSet<(&str, &str)> = BTreeSet::new();
    for question in (0..SEEDS).flat_map(|seed| questions(seed, KINDS.len())) {
        answers.entry(question.kind.name).or_default().insert(question.answer);
        if let Reason::Words(why) = question.why {
            reasons.insert((question.kind.name, why));
        }
    }
    for kind in &KINDS {
        let seen = &answers[kind.name];
        let expected: BTreeSet<usize> = match &kind.form {
            Form::Does(does) => does.cases.iter().map(|case| case.answer).chain(does.refused).collect(),
            Form::Mends(_) | Form::Which(_) => (0..CHOICES).collect(),
        };
        assert_eq!(*seen, expected, "{}", kind.name);
        if let Form::Does(does) = &kind.form {
            for case in does.cases {
                assert!(reasons.contains(&(kind.name, case.why)), "{}: {}", kind.name, case.why);
            }
        }
    }
}

#[test]
fn the_texts_are_sentences() {
    let mut names = BTreeSet::new();
    for kind in &KINDS {
        assert!(names.insert(kind.name), "{} stands for two kinds", kind.name);
        let ends = |text: &str, end: &str| assert!(text.is_ascii() && text.ends_with(end), "{text}");
        ends(kind.text, "?");
        match &kind.form {
            Form::Does(does) => does.cases.iter().for_each(|case| ends(case.why, ".")),
            Form::Which(which) if which.property == Property::Refused => assert_eq!(which.why, ""),
            Form::Which(which) => ends(which.why, "."),
            Form::Mends(_) => {}
        }
    }
}
