//! Pictures of two tasks, in all four languages: what was called, what came of it, both ids, and what is shared.

use crate::common::place::CONTAINER;
use crate::common::skip::skip_part;
use crate::common::svg::Picture;
use crate::common::{MODES, Run, chimera, command, folder, has, run};
use std::path::Path;

/// All languages.
const LANGUAGES: [&str; 4] = ["--svg", "--dot", "--mermaid", "--graph"];

/// A picture of a call.
fn picture(words: &[&str], language: &str) -> Run {
    run(chimera(&[&["clone"], words, &[language]].concat()))
}

/// The texts of a picture, a line each.
fn texts(run: &Run, language: &str) -> String {
    match language {
        "--svg" => Picture::read(&run.out).texts.join("\n"),
        _ => run.out.clone(),
    }
}

/// The numbers behind a word.
fn numbers<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    text.split(word).skip(1).filter_map(move |rest| digits(rest).parse().ok())
}

#[test]
fn a_picture_says_what_was_called_what_came_of_it_and_both_ids() {
    for language in LANGUAGES {
        let run = picture(&["vm,files"], language).clean(0);
        let text = texts(&run, language);
        for word in ["clone(CLONE_VM|CLONE_FILES|SIGCHLD)", "outcome: honoured", "parent", "child", "memory"] {
            assert!(text.contains(word), "{language}: {word}: {text}");
        }
        let answer: Vec<usize> = numbers(&text, " = ").collect();
        let tids: Vec<usize> = numbers(&text, "tid ").collect();
        assert_eq!((answer.len(), tids.len()), (1, 2), "{language}: {text}");
        assert!(tids[0] != tids[1] && tids[1] == answer[0], "{language}: {text}");
    }
}

#[test]
fn what_is_shared_is_drawn_once_and_what_is_not_for_each() {
    for (flags, name, count) in [("vm", "memory", 1), ("fork", "memory", 2), ("vm", "files", 2), ("files", "files", 1)]
    {
        for language in LANGUAGES {
            let run = picture(&[flags], language).clean(0);
            let is_it = |line: &&str| match language {
                "--svg" => *line == name,
                "--graph" => line.split_whitespace().any(|word| word == name),
                _ => line.contains(&format!("[label=\"{name}\"")) || line.contains(&format!("([\"{name}\"])")),
            };
            let text = texts(&run, language);
            let lines: Vec<&str> = text.lines().filter(is_it).collect();
            let found: usize = match language {
                "--graph" => {
                    lines.iter().map(|line| line.split_whitespace().filter(|word| *word == name).count()).sum()
                }
                _ => lines.len(),
            };
            assert_eq!(found, count, "{flags} {language}: {text}");
        }
    }
}

#[test]
fn of_a_refused_call_the_reason_is_told_and_no_child_is_drawn() {
    for language in LANGUAGES {
        let run = picture(&["CLONE_THREAD"], language).clean(3);
        let text = texts(&run, language);
        for word in ["clone(CLONE_THREAD) = -1 EINVAL", "refused-as-predicted", "why: ", "add CLONE_VM|CLONE_SIGHAND"] {
            assert!(text.contains(word), "{language}: {word}: {text}");
        }
        assert!(text.contains("no child was made") && !text.contains("memory"), "{language}: {text}");
        assert_eq!(numbers(&text, "tid ").count(), 1, "{language}: {text}");
    }
}

#[test]
fn of_a_child_that_died_at_once_nothing_is_drawn_as_if_it_had_been_seen() {
    for language in LANGUAGES {
        let run = picture(&["vm", "--stack", "10"], language).clean(1);
        let text = texts(&run, language);
        for word in ["outcome: crashed (a task was killed by SIGSEGV", "nothing could be seen of it"] {
            assert!(text.contains(word), "{language}: {word}: {text}");
        }
        assert!(!text.contains("memory"), "{language}: {text}");
    }
}

#[test]
fn effects_are_told() {
    for language in LANGUAGES {
        let run = picture(&["pthread"], language).clean(0);
        let text = texts(&run, language);
        assert!(text.contains("effects seen: FS base, id in parent, id cleared"), "{language}: {text}");
    }
}

#[test]
fn every_set_has_a_picture_that_is_one() {
    for flags in
        ["fork", "vfork", "chimera", "thread", "pthread", "user", "container", "PARENT", "PTRACE|vm", "0x800000"]
    {
        for call in [&["--svg"] as &[&str], &["--svg", "--clone3"]] {
            let run = run(chimera(&[&["clone", flags], call].concat())).nothing_left();
            Picture::read(&run.out);
        }
    }
}

#[test]
fn dot_draws_the_picture() {
    if !has("dot") {
        return;
    }
    for words in [&["pthread"] as &[&str], &["CLONE_THREAD"], &["vm", "--stack", "10"], &["container"]] {
        let run = picture(words, "--dot").nothing_left();
        let path = folder().join("picture.dot");
        std::fs::write(&path, &run.out).expect("a file");
        let drawn = self::run(command("dot", &["-Tsvg", path.to_str().expect("UTF-8")])).clean(0);
        assert!(drawn.out.contains("</svg>"));
    }
}

#[test]
fn the_pictures_of_the_docs_are_what_the_modes_draw() {
    for mode in MODES {
        let run = run(chimera(&[mode, "--svg", "--stable"])).nothing_left();
        Picture::read(&run.out);
        if mode == "user" && (run.status != Some(0) || nix::unistd::getuid().as_raw() == 65534) {
            skip_part("no user namespaces here, or the user is nobody already");
            continue;
        }
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/pictures/{mode}.svg"));
        let kept = std::fs::read_to_string(kept).expect("a picture");
        assert_eq!(run.out, kept, "{mode}: make docs-pictures");
    }
}

#[test]
fn the_picture_of_a_mode_is_that_of_its_first_task() {
    for (mode, call) in [
        ("fork", "fork: clone(SIGCHLD) = "),
        ("chimera", "chimera: clone(CLONE_VM|SIGCHLD) = "),
        ("thread", "thread: clone(CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_CHILD_CLEARTID) = "),
    ] {
        for language in LANGUAGES {
            let run = run(chimera(&[mode, language])).clean(0);
            let text = texts(&run, language).replace("|\n  ", "|");
            assert_eq!(text.matches(call).count(), 1, "{language}: {text}");
            let tids: Vec<usize> = numbers(&text, "tid ").collect();
            assert!(tids.len() == 2 && tids[0] != tids[1], "{language}: {text}");
            assert_eq!(numbers(&text, " = ").collect::<Vec<_>>(), tids[1..], "{language}: {text}");
        }
    }
}

#[test]
fn a_refused_mode_has_a_picture_that_says_so() {
    for language in LANGUAGES {
        let run = CONTAINER.run(&["user", language]).nothing_left();
        assert_eq!(run.status, Some(3), "{run:#?}");
        let text = texts(&run, language);
        for word in
            ["user: clone(CLONE_NEWUSER|SIGCHLD) = -1 EPERM", "refused-as-predicted", "why: ", "no child was made"]
        {
            assert!(text.contains(word), "{language}: {word}: {text}");
        }
    }
}
