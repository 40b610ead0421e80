//! The table of commands: its texts, and the parser that reads its options.

use chimera::cli::command::Command;
use chimera::cli::form::{Form, Listed, Value};
use chimera::cli::misuse::Misuse;
use chimera::cli::options::{All, Found, Parser};
use chimera::cli::table::COMMANDS;
use proptest::prelude::*;

/// All options that a command takes.
fn options(command: &Command) -> Vec<&'static Form> {
    let mut options = Vec::new();
    All(command.options).each(&mut |_, form| options.push(form));
    options
}

/// What the parser finds in words, and how many it has read.
fn parse<'a>(command: &Command, words: &[&'a [u8]]) -> Vec<Result<Found<'a>, Misuse<'a>>> {
    let mut parser = Parser::new(command.program, words.iter().copied());
    std::iter::from_fn(|| parser.next(command.options)).collect()
}

/// The one option that is found, and its value, if it has one; none if the words are wrong.
fn option(command: &Command, words: &[&str]) -> Option<(&'static str, Option<String>)> {
    let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    match parse(command, &words)[..] {
        [Ok(Found::Option(_, given))] => {
            Some((given.form.long, given.value.map(|value| String::from_utf8_lossy(value).into_owned())))
        }
        _ => None,
    }
}

#[test]
fn every_name_and_letter_means_one_option() {
    for command in &COMMANDS {
        let options = options(command);
        for (place, form) in options.iter().enumerate() {
            let before = &options[..place];
            assert!(!before.iter().any(|other| other.long == form.long), "{} {}", command.name, form.long);
            let letter = form.letter;
            assert!(letter.is_none() || !before.iter().any(|other| other.letter == letter), "{}", form.long);
        }
    }
}

/// The beginning of a long name is the option that begins so, unless several do; a whole name always is.
#[test]
fn a_name_may_be_shortened_while_it_is_clear() {
    for command in &COMMANDS {
        let options = options(command);
        for form in &options {
            for end in 3..=form.long.len() {
                let begun = &form.long[..end];
                let fitting: Vec<&str> =
                    options.iter().map(|form| form.long).filter(|long| long.starts_with(begun)).collect();
                let meant = if fitting.contains(&begun) { Some(begun) } else { fitting.first().copied() };
                let meant = meant.filter(|meant| fitting.len() == 1 || *meant == begun);
                let takes = !matches!(form.value, Value::None);
                let with = format!("{begun}=value");
                let found = option(command, &[if takes { &with } else { begun }]);
                let right = meant.map(|meant| (meant, takes.then(|| "value".to_owned())));
                // What is meant may take no value, as `--map-user` does and `--map-root-user` does not.
                let is_same_kind = meant.is_none_or(|meant| meant == form.long);
                assert!(found == right || !is_same_kind, "{} {begun}: {found:?}", command.name);
                if meant.is_none() {
                    let word = begun.as_bytes();
                    let wrong = parse(command, &[word]);
                    assert!(
                        matches!(wrong[..], [Err(Misuse::Ambiguous(named))] if named == word),
                        "{begun}: {wrong:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn values_stand_in_the_same_word_or_in_the_next() {
    for command in &COMMANDS {
        for form in options(command) {
            let long = form.long;
            let letter = form.letter.map(|letter| format!("-{}", char::from(letter)));
            let with = |value: &str| Some((long, Some(value.to_owned())));
            let without = Some((long, None));
            let (joined, behind) = (format!("{long}=a=b"), letter.as_ref().map(|letter| format!("{letter}a=b")));
            // An empty value is not the same as none: where none is needed, it is wrong.
            let empty = if matches!(form.value, Value::Required(_)) { with("") } else { None };
            assert_eq!(option(command, &[&format!("{long}=")]), empty, "{long}");
            match form.value {
                Value::None => {
                    assert_eq!((option(command, &[long]), option(command, &[&joined])), (without, None), "{long}");
                    assert!(letter.is_none_or(|letter| option(command, &[&letter]) == Some((long, None))), "{long}");
                }
                Value::Optional(_) => {
                    assert_eq!(
                        (option(command, &[long]), option(command, &[&joined])),
                        (without, with("a=b")),
                        "{long}"
                    );
                    assert!(letter.is_none_or(|letter| option(command, &[&letter]) == Some((long, None))), "{long}");
                }
                Value::Required(_) => {
                    assert_eq!((option(command, &[long]), option(command, &[&joined])), (None, with("a=b")), "{long}");
                    assert_eq!(option(command, &[long, "--json"]), with("--json"), "{long}");
                    assert!(behind.is_none_or(|behind| option(command, &[&behind]) == with("a=b")), "{long}");
                    assert!(letter.is_none_or(|letter| option(command, &[&letter, "a"]) == with("a")), "{long}");
                }
            }
        }
    }
}

/// What the help is made of: nothing is empty, and a purpose fits its line.
#[test]
fn every_command_says_what_it_is_for() {
    for command in &COMMANDS {
        let name = command.name;
        assert!(!command.purpose.is_empty() && command.purpose.len() <= 67, "{name}: {}", command.purpose);
        assert!(command.about.matches(". ").count() >= 1 && command.about.ends_with('.'), "{name}: {}", command.about);
        assert!(command.operands.is_empty() || command.operands.ends_with('.'), "{name}: {}", command.operands);
        assert!(command.examples.len() >= 3 && command.statuses.len() >= 3, "{name}");
        let is_usage = |(status, about): &&(&str, &str)| status.contains(['2', '5']) && about.contains("is wrong");
        assert!(command.statuses.iter().any(|row| is_usage(&row)), "{name} tells the status of a wrong command line");
        for form in options(command) {
            assert!(!form.about.is_empty() && !form.about.ends_with('.'), "{name} {}: {}", form.long, form.about);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// Each word is read once, in order, and an error ends nothing before it.
    #[test]
    fn plain_words_come_out_as_they_went_in(
        place in 0..COMMANDS.len(),
        words in prop::collection::vec("(-|--)?[a-zA-Z=]{0,4}", 0..6),
    ) {
        let command = &COMMANDS[place];
        let bytes: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        let plain: Vec<&[u8]> = parse(command, &bytes).into_iter().filter_map(|found| match found {
            Ok(Found::Plain(word)) => Some(word),
            _ => None,
        }).collect();
        // They are some of the words, in their order.
        let mut rest = bytes.iter();
        prop_assert!(plain.iter().all(|word| rest.any(|other| other == word)), "{:?}", words);
    }
}
