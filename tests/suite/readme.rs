//! The examples of README.md and of docs/: each is run, and prints what stands there.
//!
//! The form is that of trycmd, without its program: in a block of `console` a line `$ ..` is run by sh(1) and the lines
//! below it are its output, `...` stands for any lines, `[..]` for any words, and `? 2` at the end for the exit status.
//! What differs from place to place (ids, addresses, the user, blanks) is not compared. A block of another kind is not
//! run, and what shows commands without their output is `sh`.

use super::exercise::exercise;
use crate::common::who::may_be_root;
use crate::common::{command, elf, run, without_ids};
use snapbox::IntoData;
use std::fs;
use std::path::{Path, PathBuf};

/// A command line, what stands below it, and the status that it ends with.
#[derive(Debug, PartialEq, Eq)]
struct Example {
    line: String,
    output: String,
    status: i32,
}

/// The examples in a text.
fn examples(text: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        match (in_block, line.strip_prefix("$ "), line.strip_prefix("? ")) {
            _ if line.starts_with("```") => in_block = line == "```console",
            (false, ..) => {}
            (true, Some(line), _) => {
                examples.push(Example { line: line.into(), output: String::new(), status: 0 });
            }
            (true, None, status) => {
                let example =
                    examples.last_mut().unwrap_or_else(|| panic!("a line of output before any command: {line}"));
                match status.and_then(|status| status.parse().ok()) {
                    Some(status) => example.status = status,
                    None => example.output += &format!("{line}\n"),
                }
            }
        }
    }
    examples
}

/// README.md and the pages of docs/.
fn pages() -> Vec<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(top.join("docs")).expect("docs").map(|entry| entry.expect("an entry").path());
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    [top.join("README.md")].into_iter().chain(docs.filter(is_page)).collect()
}

/// A line without what differs from place to place.
fn elide(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        [who @ ("parent" | "child"), .., counter] if words.len() == 7 && counter.parse::<u32>().is_ok() => {
            format!("{who} # # # # # {counter}")
        }
        ["uid", _, "uid", _] => "uid # uid #".into(),
        // In the exercise the user is the last.
        [who @ ("parent" | "child" | "mapped"), _, _, _, counter, user] if user.parse::<u32>().is_ok() => {
            format!("{who} # # # {counter} #")
        }
        // A line of a map of ids, in which the caller's id stands outside.
        [inside, outside, "1"] if [inside, outside].iter().all(|id| id.parse::<u32>().is_ok()) => {
            format!("{inside} # 1")
        }
        // The ids and the length of what is written have as many digits as the user's.
        ["write", file, "\"0", _, "1\"", "=", _] => format!("write {file} \"0 # 1\" = #"),
        _ => without_ids(&words.join(" ")),
    }
}

/// Runs an example; an error says how it differs.
fn check(example: &Example) -> Result<(), String> {
    let folder = elf().parent().expect("a folder").display().to_string();
    let search = std::env::var("PATH").unwrap_or_default();
    let mut shell = command("/bin/sh", &["-c", &format!("{{ {}\n}} 2>&1", example.line)]);
    shell.env("PATH", format!("{folder}:{search}"));
    let ran = run(shell).nothing_left();
    if ran.status != Some(example.status) {
        return Err(format!("$ {}: status {:?} instead of {}", example.line, ran.status, example.status));
    }
    let elided = |text: &str| text.trim_end().lines().map(|line| elide(line) + "\n").collect::<String>();
    let name: &dyn std::fmt::Display = &example.line;
    snapbox::Assert::new()
        .try_eq(Some(name), elided(&ran.out).into_data(), elided(&example.output).into_data())
        .map_err(|error| error.to_string())
}

#[test]
fn the_examples_are_true() {
    let exercise = exercise();
    if !may_be_root(None) {
        return;
    }
    let mut faults = Vec::new();
    for path in pages() {
        let examples = examples(&fs::read_to_string(&path).expect("a page"));
        assert!(!examples.is_empty() || !path.ends_with("README.md") || path.ends_with("docs/README.md"), "{path:?}");
        let can_run = |example: &&Example| exercise.is_some() || !example.line.starts_with("exercise ");
        let wrong = examples.iter().filter(can_run).filter_map(|example| check(example).err());
        faults.extend(wrong.map(|fault| format!("{}: {fault}", path.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A link to a file of the checkout leads to one.
#[test]
fn the_links_lead_somewhere() {
    for path in pages() {
        let text = fs::read_to_string(&path).expect("a page");
        let folder = path.parent().expect("a folder");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let is_here = file.is_empty() || file.contains("://") || folder.join(file).exists();
            assert!(is_here, "{}: {target}", path.display());
        }
    }
}

const SAMPLE: &str = "\
$ chimera not in a block
```console
$ chimera frok
chimera: there is no command 'frok' (did you mean fork?); see [..]
? 2
$ chimera fork | grep -v '^ '
fork: a copy of this process, made by clone(2)
...
15 facts proven, 0 not as claimed, 0 unknown: [..]
...
```
";

#[test]
fn examples_are_found_and_run() {
    let examples = examples(SAMPLE);
    let lines: Vec<(&str, i32)> = examples.iter().map(|example| (example.line.as_str(), example.status)).collect();
    assert_eq!(lines, [("chimera frok", 2), ("chimera fork | grep -v '^ '", 0)]);
    assert_eq!(examples.iter().map(check).collect::<Vec<_>>(), [Ok(()), Ok(())]);
}

#[test]
fn a_false_example_is_seen() {
    for (right, wrong) in
        [("? 2", "? 1"), ("'frok'", "'ftok'"), ("a copy of", "no copy of"), ("0 unknown", "1 unknown")]
    {
        let spoiled = SAMPLE.replace(right, wrong);
        assert_ne!(spoiled, SAMPLE, "{right} stands there");
        assert!(examples(&spoiled).iter().any(|example| check(example).is_err()), "{wrong} instead of {right}");
    }
}
