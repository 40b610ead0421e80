//! The examples of the README: each is run, and prints what stands there.
//!
//! The form is that of trycmd, without its program: in a block of `console` a line `$ chimera
//! ..` is run and the lines below it are its output, `...` stands for any lines, `[..]` for any words, and `? 2` at the
//! end for the exit status. What differs from place to place (ids, addresses, the user, blanks) is not compared.

use crate::common::who::may_be_root;
use crate::common::{command, elf, run, without_ids};
use snapbox::IntoData;
use std::path::Path;

/// How the program may be called in an example.
const CALLED: [&str; 3] = ["chimera", "./target/release/chimera", "target/release/chimera"];

/// A command line, what stands below it, and the status that it ends with.
#[derive(Debug, PartialEq, Eq)]
struct Example {
    line: String,
    output: String,
    status: i32,
}

/// The examples in a text, as far as they call the program.
fn examples(text: &str) -> Vec<Example> {
    let mut examples: Vec<Option<Example>> = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        match (in_block, line.strip_prefix("$ "), line.strip_prefix("? ")) {
            _ if line.starts_with("```") => in_block = line == "```console",
            (false, ..) => {}
            (true, Some(line), _) => examples.push(example(line)),
            (true, None, status) => {
                let Some(example) = examples.last_mut().and_then(Option::as_mut) else { continue };
                match status.and_then(|status| status.parse().ok()) {
                    Some(status) => example.status = status,
                    None => example.output += &format!("{line}\n"),
                }
            }
        }
    }
    examples.into_iter().flatten().collect()
}

/// An example still without output, if the line calls the program.
fn example(line: &str) -> Option<Example> {
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    let is_ours = CALLED.contains(&name);
    is_ours.then(|| Example { line: format!("chimera {rest}").trim().into(), output: String::new(), status: 0 })
}

/// A line without what differs from place to place.
fn elide(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        [who @ ("parent" | "child"), .., counter] if words.len() == 7 && counter.parse::<u32>().is_ok() => {
            format!("{who} # # # # # {counter}")
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
fn the_examples_of_the_readme_are_true() {
    if !may_be_root(None) {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let examples = examples(&std::fs::read_to_string(path).expect("README.md"));
    assert!(!examples.is_empty(), "README.md has no block of `console` that runs chimera");
    let faults: Vec<String> = examples.iter().filter_map(|example| check(example).err()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

const SAMPLE: &str = "\
$ chimera not in a block
```console
$ make
is not run
$ ./target/release/chimera frok
chimera: there is no command 'frok' (did you mean fork?); see [..]
? 2
$ chimera fork | grep -v '^ '
fork: a copy of everything
...
15 facts proven, 0 not as claimed, 0 unknown
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
    for (right, wrong) in [("? 2", "? 1"), ("'frok'", "'ftok'"), ("a copy", "no copy"), ("0 unknown", "1 unknown")] {
        let spoiled = SAMPLE.replace(right, wrong);
        assert_ne!(spoiled, SAMPLE, "{right} stands there");
        assert!(examples(&spoiled).iter().any(|example| check(example).is_err()), "{wrong} instead of {right}");
    }
}
