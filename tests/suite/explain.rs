//! `chimera explain`: every word that the program really prints has a topic, and every example works.
//!
//! The words are taken from what the commands write: the keys and values of objects, the cells of tables, the options of
//! helps. So a new word without a topic is seen here.

use crate::common::skip::has;
use crate::common::{Run, chimera, command, elf, run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is printed for these words.
#[track_caller]
fn explain(words: &[&str]) -> Run {
    let arguments: Vec<&str> = ["explain"].iter().chain(words).copied().collect();
    run(chimera(&arguments))
}

/// All topics, as objects.
fn objects() -> Vec<Value> {
    let run = explain(&["--json"]).clean(0);
    run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Panics unless each word has a topic; names those that have none.
#[track_caller]
fn all_are_topics(words: &BTreeSet<String>, whence: &str) {
    assert!(!words.is_empty(), "{whence} has words");
    let has_topic = |word: &str| explain(&["--", word]).status == Some(0);
    // A head such as `ratio; 1 is the bare call` says more than a word.
    let head = |cell: &str| cell.split("; ").next().unwrap_or_default().to_owned();
    let has_none = |word: &&String| !has_topic(word) && !head(word).split(' ').all(has_topic);
    let without: Vec<&String> = words.iter().filter(has_none).collect();
    assert!(without.is_empty(), "without a topic, in {whence}: {without:?}");
}

#[test]
fn objects_have_all_keys() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/chimera.schema.json")).expect("JSON");
    let kinds = schema["$defs"]["topic"]["properties"]["kind"]["enum"].as_array().expect("words");
    let objects = objects();
    assert!(objects.len() > 300, "{}", objects.len());
    for object in &objects {
        let object = object.as_object().expect("an object");
        let keys: Vec<&str> = object.keys().map(String::as_str).collect();
        assert_eq!(keys, ["v", "topic", "kind", "text", "flag", "witnesses", "examples", "see"]);
        assert_eq!(object["v"], 1);
        assert!(kinds.contains(&object["kind"]), "{object:?}");
        let is_text = |key: &str| object[key].as_str().is_some_and(|text| !text.is_empty());
        assert!(["topic", "kind", "text"].into_iter().all(is_text), "{object:?}");
        assert!(object["flag"].is_null() || is_text("flag"), "{object:?}");
        let is_list = |key: &str| object[key].as_array().is_some_and(|list| list.iter().all(Value::is_string));
        assert!(is_list("examples") && is_list("see"), "{object:?}");
        if let Some(witnesses) = object["witnesses"].as_object() {
            assert!(witnesses.keys().eq(["kernel", "behaviour"]), "{object:?}");
        }
    }
    let of = |name: &str| objects.iter().find(|object| object["topic"] == name).expect("the topic");
    assert_eq!((&of("memory")["flag"], &of("memory")["kind"]), (&"CLONE_VM".into(), &"resource".into()));
    assert_eq!(of("EINVAL")["flag"], Value::Null);
}

/// Each example is typed into a shell. What is refused, or cannot be seen here, is shown as that; nothing is wrong about a
/// command line. `bench` measures for seconds, and another test runs its examples.
#[test]
fn every_example_works() {
    if !has("sh") {
        return;
    }
    let objects = objects();
    let examples = objects.iter().flat_map(|object| object["examples"].as_array().expect("a list"));
    let examples: BTreeSet<&str> = examples.map(|example| example.as_str().expect("a text")).collect();
    let is_allowed = run(chimera(&["doctor"])).status == Some(0);
    for example in examples {
        if example.starts_with("chimera bench ") && !example.ends_with("--help") {
            continue;
        }
        let folder = elf().parent().expect("its folder").to_str().expect("UTF-8");
        let mut shell = command("sh", &["-c", example]);
        shell.env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_default()));
        let run = run(shell);
        let is_usage = run.err.contains("--help");
        let expected: &[i32] = match example.split(' ').nth(1) {
            Some("run") if is_allowed => &[0],
            Some("run") => &[0, 125],
            Some("clone" | "user" | "tour" | "quiz") | None => &[0, 1, 3, 4],
            Some("doctor" | "inspect" | "check") => &[0, 1, 4],
            _ => &[0],
        };
        assert!(!is_usage && run.status.is_some_and(|status| expected.contains(&status)), "{example}: {run:#?}");
    }
}

/// The example of a rule is answered by that rule, if the rule is about flags or arguments alone.
#[test]
fn the_examples_of_rules_lead_to_them() {
    for object in objects().iter().filter(|object| object["kind"] == "rule") {
        let rule = object["topic"].as_str().expect("a text");
        // The other rules depend on the machine.
        let is_of_arguments = rule.starts_with(['B', 'C', 'D']) && !matches!(rule, "D5" | "D12");
        let text = object["text"].as_str().expect("a text");
        if !is_of_arguments || text.contains("children go to") || text.starts_with("clone3(2) refuses") && rule == "B1"
        {
            continue;
        }
        let example = object["examples"][0].as_str().expect("an example");
        let words = example.replace('\'', "");
        let words: Vec<&str> = words.split(' ').skip(1).chain(["--json"]).collect();
        let kernel: &[&str] = if rule == "C2" { &["--kernel", "7.1"] } else { &[] };
        let words: Vec<&str> = words.iter().chain(kernel).copied().collect();
        let verdict: Value = serde_json::from_str(&run(chimera(&words)).clean(0).out).expect("JSON");
        assert_eq!(verdict["rule"], rule, "{example}");
    }
}

/// Collects the keys of an object and of all in it, and the values of the keys whose values are words of a vocabulary.
fn collect(value: &Value, keys: &mut BTreeSet<String>, values: &mut BTreeSet<String>) {
    const VOCABULARIES: [&str; 15] = [
        "asked",
        "kind",
        "verdict",
        "outcome",
        "predicted",
        "result",
        "rule",
        "api",
        "step",
        "unseen",
        "errno",
        "skip",
        "what",
        "want",
        "got",
    ];
    match value {
        Value::Array(list) => list.iter().for_each(|value| collect(value, keys, values)),
        Value::Object(object) => {
            for (key, value) in object {
                keys.insert(key.clone());
                let is_row = object.contains_key("asked") && ["kernel", "name", "behaviour"].contains(&key.as_str());
                if let Some(word) = value.as_str().filter(|_| is_row || VOCABULARIES.contains(&key.as_str())) {
                    values.insert(word.to_owned());
                }
                collect(value, keys, values);
            }
        }
        _ => {}
    }
}

/// Command lines that write objects.
const OBJECTS: &[&[&str]] = &[
    &["--json"],
    &["clone", "VM|VFORK|PIDFD|CHILD_CLEARTID|SETTLS", "--json"],
    &["clone", "PARENT", "--json"],
    &["clone", "container", "--json"],
    &["clone", "CLEAR_SIGHAND|IO|SYSVSEM", "--clone3", "--json"],
    &["clone", "THREAD", "--json"],
    &["clone", "PTRACE", "--json"],
    &["clone", "VM", "--stack", "10", "--json"],
    &["rules", "THREAD", "--json"],
    &["rules", "--json"],
    &["rules", "--flags", "--json"],
    &["doctor", "--json"],
    &["inspect", "--json"],
    &["inspect", "--json", "--files"],
    &["bench", "fork", "--json"],
    &["quiz", "-s", "1", "-n", "29", "--json"],
    &["quiz", "-s", "2", "-n", "3", "-c", "--json"],
    &["check", "pairs", "--json"],
    &["check", "--list", "--json"],
    &["explain", "CLONE_VM", "--json"],
];

#[test]
fn every_word_of_an_object_is_a_topic() {
    let (mut keys, mut values) = (BTreeSet::new(), BTreeSet::new());
    for arguments in OBJECTS {
        let run = run(chimera(arguments));
        assert!(!run.out.is_empty(), "{arguments:?}: {run:#?}");
        for line in run.out.lines() {
            collect(&serde_json::from_str(line).expect("JSON"), &mut keys, &mut values);
        }
    }
    all_are_topics(&keys, "keys");
    all_are_topics(&values, "values");
}

/// The cells of the tables of a page: what stands between two blanks or more.
fn cells(page: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    page.lines().map(cells).filter(|cells| cells.len() > 2).collect()
}

/// Whether a cell is a number, an id, or a place, and no word.
fn is_no_word(cell: &str) -> bool {
    cell.starts_with(|first: char| first.is_ascii_digit()) || cell.contains('=') || cell == "-"
}

/// The pages whose tables consist of words alone.
#[test]
fn every_cell_of_a_page_is_a_topic() {
    let mut words = BTreeSet::new();
    let pages: &[&[&str]] = &[
        &["fork"],
        &["chimera"],
        &["thread"],
        &["user"],
        &["clone", "VM|VFORK|PIDFD|CHILD_CLEARTID|SETTLS"],
        &["clone", "container"],
        &["clone", "PARENT"],
        &["clone", "CLEAR_SIGHAND"],
        &["explain"],
    ];
    for arguments in pages {
        let mut command = chimera(arguments);
        command.env("COLUMNS", "200");
        let run = run(command);
        let rows = cells(&run.out);
        assert!(!rows.is_empty(), "{arguments:?}: {run:#?}");
        words.extend(rows.into_iter().flatten().filter(|cell| !is_no_word(cell)));
    }
    all_are_topics(&words, "pages");
}

/// The heads of tables, and the names of the rows of `doctor`.
#[test]
fn every_head_of_a_table_is_a_topic() {
    let mut words = BTreeSet::new();
    let pages: &[&[&str]] = &[
        &["rules", "--flags"],
        &["rules"],
        &["doctor"],
        &["bench", "fork"],
        &["inspect"],
        &["inspect", "--all"],
        &["check", "pairs", "--summary"],
        &["check", "--list"],
    ];
    for arguments in pages {
        let mut command = chimera(arguments);
        command.env("COLUMNS", "200");
        let rows = cells(&run(command).out);
        words.extend(rows.first().expect("a head").iter().cloned());
        if *arguments == ["doctor"] {
            words.extend(rows.into_iter().map(|row| row[0].trim_start_matches("! ").to_owned()));
        }
    }
    all_are_topics(&words, "heads");
}

/// The upper-case words of the usages, and the options of all helps.
#[test]
fn every_word_of_a_help_is_a_topic() {
    let mut words = BTreeSet::new();
    let help = run(chimera(&["--help"])).clean(0).out;
    let commands: BTreeSet<&str> = help.lines().filter_map(|line| line.trim().split("  ").next()).collect();
    for command in
        ["tour", "thread", "quiz", "clone", "rules", "run", "doctor", "inspect", "check", "bench", "explain", "help"]
    {
        assert!(commands.iter().any(|line| line.split(' ').next() == Some(command)), "{command}: {help}");
        let page = run(chimera(&[command, "--help"])).clean(0).out;
        words.insert(command.to_owned());
        let options = page.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
        words.extend(options.filter(|word| word.starts_with("--") && word.len() > 2).map(str::to_owned));
    }
    all_are_topics(&words, "helps");
}

/// No line is longer than the page is wide, and no word is broken: joined again, the pages of all widths are one text.
#[test]
fn pages_fit_their_width() {
    let mut texts = BTreeMap::new();
    for (place, words) in [&[] as &[&str], &["CLONE_VM", "memory", "D3"], &["EINVAL", "seccomp", "parent", "uid_map"]]
        .into_iter()
        .enumerate()
    {
        for width in [60, 80, 120] {
            let arguments: Vec<&str> = ["explain"].iter().chain(words).copied().collect();
            let mut command = chimera(&arguments);
            command.env("COLUMNS", width.to_string());
            let page = run(command).clean(0).out;
            let long = page.lines().find(|line| line.chars().count() > width);
            assert_eq!(long, None, "{words:?} at {width}");
            let text: Vec<&str> = page.split_whitespace().collect();
            // The table of the example leaves out columns on a narrow page.
            if !words.is_empty() {
                texts.entry(place).or_insert_with(Vec::new).push(text.join(" "));
            }
        }
    }
    for texts in texts.values() {
        assert!(texts.iter().all(|text| text == &texts[0]), "{texts:#?}");
    }
}

#[test]
fn several_topics_are_shown_one_after_another() {
    let page = explain(&["counter", "thread", "group", "CLONE_VM|fs", "kcmp(2)"]).clean(0).out;
    let heads: Vec<&str> = page.lines().filter(|line| !line.starts_with(' ') && !line.is_empty()).collect();
    let expected = [
        "counter (column)",
        "counter (question)",
        "counter (JSON key)",
        "thread group (resource)",
        "CLONE_VM (flag)",
        "CLONE_FS (flag)",
    ];
    assert!(heads.starts_with(&expected), "{heads:#?}");
    assert!(heads.contains(&"kcmp (word)"), "{heads:#?}");
}

#[test]
fn an_unknown_topic_is_answered_with_the_nearest() {
    for (words, expected) in [
        (&["countr"] as &[&str], "there is no topic 'countr' (did you mean counter?)"),
        (&["CLONE_VM", "qqqqqqqq"], "there is no topic 'qqqqqqqq';"),
        (&["VM|memry"], "there is no topic 'memry' (did you mean memory?)"),
        (&["\u{1b}[31m"], "there is no topic '\\x1b[31m'"),
        (&[""], "there is no topic ''"),
    ] {
        let run = explain(words);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{words:?}");
        assert!(run.err.starts_with("chimera explain: ") && run.err.contains(expected), "{words:?}: {}", run.err);
    }
}
