//! The quiz: the seed fixes the questions, and the tasks prove the answers, whoever asks and wherever.

use crate::common::place::{CONTAINER, PLACES};
use crate::common::skip::skip_part;
use crate::common::who::{chimera_as, everybody, is_allowed};
use crate::common::{before, chimera, filter, run, tracer};
use nix::libc;
use serde_json::Value;
use std::process::Command;

/// The seeds of which every answer is proven here; `quiz -s N -c` is measured for more of them by hand.
const SEEDS: [&str; 4] = ["1", "2", "77", "18446744073709551615"];

/// All questions that a quiz can have at once, a line each.
const MANY: [&str; 3] = ["-n", "29", "--json"];

/// The objects that a run has printed.
fn objects(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The questions that a run has printed, with their answers left out.
fn questions(out: &str) -> Vec<Value> {
    let mut all = objects(out);
    for object in &mut all {
        let object = object.as_object_mut().expect("an object");
        ["answer", "proven", "seen", "why"].iter().for_each(|key| drop(object.remove(*key)));
    }
    all
}

/// A command that may make no user namespace: where they are forbidden, the kernel says ENOSPC or EPERM.
fn without_namespaces(command: Command) -> Command {
    before::exec(command, || filter::refuse(&[(libc::SYS_clone, 0x7e02_0000, libc::EPERM)]))
}

#[test]
fn the_seed_alone_fixes_the_questions() {
    let page = |words: &[&str]| run(chimera(words)).clean(0).out;
    let first = page(&["quiz", "-s", "7"]);
    assert_eq!(first, page(&["quiz", "--seed=7"]));
    assert_eq!(first, page(&["quiz", "-s", "0x7", "-n", "10"]).replace(" -n 10", ""));
    assert_ne!(first, page(&["quiz", "-s", "8"]).replace("Quiz 8", "Quiz 7").replace("-s 8", "-s 7"));
    for who in everybody() {
        assert_eq!(first, run(chimera_as(who, &["quiz", "-s", "7"])).clean(0).out);
    }
    let asked = page(&["quiz", "-s", "7", "--json"]);
    assert_eq!(questions(&asked), questions(&page(&["quiz", "-s", "7", "-c", "--json"])));
    for place in PLACES.iter().filter(|place| place.is_possible()) {
        let there = place.run(&["quiz", "-s", "7", "--json"]);
        assert_eq!((there.status, &there.out), (Some(0), &asked), "{}", place.name);
    }
}

#[test]
fn without_a_seed_the_page_says_how_to_repeat_it() {
    let page = run(chimera(&["quiz"])).clean(0).out;
    let seed = page.lines().next().and_then(|line| line.strip_prefix("Quiz ")).expect("a seed");
    assert!(page.ends_with(&format!("\nchimera quiz -s {seed} -c proves the answers\n")), "{page}");
    assert_eq!(page, run(chimera(&["quiz", "-s", seed])).clean(0).out);
    assert!((0..5).any(|_| run(chimera(&["quiz"])).clean(0).out != page), "five times the same quiz");
}

#[test]
fn every_answer_is_proven() {
    for who in everybody() {
        let is_allowed = is_allowed(who);
        if !is_allowed {
            skip_part("questions on namespaces: they are forbidden here");
        }
        for seed in SEEDS {
            let out = run(chimera_as(who, &[&["quiz", "-s", seed, "-c"][..], &MANY].concat())).clean(0).out;
            let all = objects(&out);
            assert_eq!(all.len(), 29);
            for object in all {
                let is_proven = object["proven"] == true;
                assert!(is_proven || !is_allowed && object["proven"].is_null(), "{object}");
            }
        }
    }
}

#[test]
fn what_cannot_be_seen_is_said_and_nothing_else_changes() {
    let words = [&["quiz", "-s", "1", "-c"][..], &MANY].concat();
    let plain = run(chimera(&words)).nothing_left();
    let bare = run(without_namespaces(chimera(&words))).clean(0);
    assert_eq!(questions(&plain.out), questions(&bare.out));
    for object in objects(&bare.out) {
        let flags = object["flags"].as_str().unwrap_or("CLONE_NEW");
        match object["proven"].as_bool() {
            Some(is_proven) => assert!(is_proven, "{object}"),
            None => assert!(flags.contains("CLONE_NEW"), "{object}"),
        }
    }
    let told = run(without_namespaces(chimera(&["quiz", "-s", "1", "-n", "29", "-c"]))).clean(0).out;
    assert!(told.contains("\n    not provable here: on this machine the kernel refuses the call: "), "{told}");
    // In a container clone3(2) and kcmp(2) are missing too; behaviour is witness enough.
    let inside = CONTAINER.run(&words);
    assert_eq!((inside.status, inside.err.as_str()), (Some(0), ""), "{}", inside.out);
    assert!(objects(&inside.out).iter().all(|object| object["proven"] != false), "{}", inside.out);
}

#[test]
fn nothing_provable_is_a_status_of_its_own() {
    let first = |seed: &str| objects(&run(chimera(&["quiz", "-s", seed, "-n", "1", "--json"])).clean(0).out).remove(0);
    let is_of_namespaces = |seed: &&String| {
        let object = first(seed);
        object["kind"] == "user" && object["flags"].as_str().is_some_and(|flags| flags == "CLONE_NEWUSER|SIGCHLD")
    };
    let seeds: Vec<String> = (0..2_000).map(|seed| seed.to_string()).collect();
    let seed = seeds.iter().find(is_of_namespaces).expect("a seed");
    run(without_namespaces(chimera(&["quiz", "-s", seed, "-n", "1", "-c"]))).clean(4);
}

/// A flag that a lying kernel drops: its name, its bit, and a kind of question whose answer then differs.
const LIES: [(&str, u64, &str); 9] = [
    ("CLONE_VM", libc::CLONE_VM as u64, "counter"),
    ("CLONE_FILES", libc::CLONE_FILES as u64, "descriptor"),
    ("CLONE_FS", libc::CLONE_FS as u64, "umask"),
    ("CLONE_SIGHAND", libc::CLONE_SIGHAND as u64, "handler"),
    ("CLONE_PARENT", libc::CLONE_PARENT as u64, "wait"),
    ("CLONE_VFORK", libc::CLONE_VFORK as u64, "return"),
    ("CLONE_PARENT_SETTID", libc::CLONE_PARENT_SETTID as u64, "stored"),
    ("CLONE_NEWUTS", libc::CLONE_NEWUTS as u64, "host"),
    ("CLONE_NEWUSER", libc::CLONE_NEWUSER as u64, "user"),
];

#[test]
fn a_lying_kernel_is_found_out() {
    let is_allowed = is_allowed(None);
    let pages: Vec<Vec<Value>> = (0..60)
        .map(|seed| objects(&run(chimera(&[&["quiz", "-s", &seed.to_string()][..], &MANY].concat())).clean(0).out))
        .collect();
    for (flag, bit, kind) in LIES {
        if flag.starts_with("CLONE_NEW") && !is_allowed {
            skip_part(format!("{flag}: forbidden here"));
            continue;
        }
        let is_it = |object: &Value| {
            let flags: Vec<&str> = object["flags"].as_str().unwrap_or_default().split('|').collect();
            // Of a thread the caller could not wait in any case, and a set that is refused has no child.
            object["kind"] == kind && flags.contains(&flag) && !flags.contains(&"CLONE_THREAD")
        };
        let found = pages.iter().enumerate().find_map(|(seed, page)| {
            let place = page.iter().position(is_it)?;
            let (seed, count) = (seed.to_string(), (place + 1).to_string());
            let words = ["quiz", "-s", &seed, "-n", &count, "-c", "--json"].map(str::to_owned);
            let honest = run(chimera(&words.each_ref().map(String::as_str))).clean(0).out;
            let is_child_made = objects(&honest)[place]["seen"].as_str().is_some_and(|seen| !seen.contains("refused"));
            is_child_made.then_some((words, place))
        });
        let (words, place) = found.unwrap_or_else(|| panic!("no question on {flag}"));
        let words = words.each_ref().map(String::as_str);
        let lied = tracer::run_without(chimera(&words), bit).nothing_left();
        assert_eq!(lied.status, Some(1), "{flag}: {lied:#?}");
        let object = &objects(&lied.out)[place];
        assert_eq!(object["proven"], false, "{flag}: {object}");
        let page = tracer::run_without(chimera(&words[..6]), bit);
        assert_eq!(page.status, Some(1), "{flag}: {page:#?}");
        assert!(page.out.contains("\n    OTHERWISE: "), "{flag}: {}", page.out);
    }
}

#[test]
fn no_line_is_wider_than_the_page() {
    for width in [60, 80, 120] {
        for seed in ["3", "4", "5"] {
            let mut command = chimera(&["quiz", "-s", seed, "-n", "29", "-c"]);
            command.env("COLUMNS", width.to_string());
            let out = run(command).nothing_left().out;
            for line in out.lines() {
                assert!(line.len() <= width && !line.ends_with(' '), "{} of {width}: {line}", line.len());
            }
        }
    }
}

#[test]
fn the_lines_for_machines_have_these_keys() {
    const ASKED: [&str; 8] = ["v", "seed", "number", "kind", "api", "flags", "question", "choices"];
    const ANSWERED: [&str; 4] = ["answer", "proven", "seen", "why"];
    for (words, keys) in [(&[][..], ASKED.to_vec()), (&["-c"][..], [&ASKED[..], &ANSWERED].concat())] {
        let out = run(chimera(&[&["quiz", "-s", "9"][..], &MANY, words].concat())).nothing_left().out;
        for (object, number) in objects(&out).iter().zip(1..) {
            let mut found: Vec<&String> = object.as_object().expect("an object").keys().collect();
            let mut keys = keys.clone();
            found.sort();
            keys.sort_unstable();
            assert_eq!(found, keys, "{object}");
            assert_eq!((&object["v"], &object["seed"], &object["number"]), (&1.into(), &9.into(), &number.into()));
            let choices = object["choices"].as_array().expect("choices").len();
            if let Some(answer) = object["answer"].as_str() {
                assert!("abcd"[..choices].contains(answer) && answer.len() == 1, "{object}");
            }
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let wrong: [&[&str]; 9] = [
        &["-s", "x"],
        &["-s", ""],
        &["-s", "-1"],
        &["-s", "18446744073709551616"],
        &["-s"],
        &["-n", "0"],
        &["-n", "30"],
        &["-n", "1x"],
        &["descriptor"],
    ];
    for words in wrong {
        let ran = run(chimera(&[&["quiz"], words].concat()));
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{words:?}: {ran:#?}");
        assert!(!ran.err.is_empty(), "{words:?}");
    }
}

#[test]
fn a_kernel_without_random_numbers_is_a_failure_that_is_told() {
    let forbid = || filter::refuse(&[(libc::SYS_getrandom, 0, libc::ENOSYS)]);
    let ran = run(before::exec(chimera(&["quiz"]), forbid)).nothing_left();
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.starts_with("chimera: getrandom: ENOSYS (Function not implemented)"), "{}", ran.err);
    run(before::exec(chimera(&["quiz", "-s", "1"]), forbid)).clean(0);
}
