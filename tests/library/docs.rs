//! docs/rules.md and docs/witnesses.md are produced from the tables of the program, docs/json.md from the schema.
//!
//! The files are kept, so that they can be read without building; this test fails when they
//! differ from what the tables say, and with UPDATE_DOCS=1 in the environment it writes them anew.

use chimera::clone::call::{Api, Call};
use chimera::clone::flags::{By, FLAGS, Flags, Version};
use chimera::rules::rule::{Change, RULES, Rule, When};
use chimera::rules::spelling::PRESETS;
use chimera::sys::{Errno, Signal};
use chimera::witness::resource::{OF_MODES, RESOURCES};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// The names of a set; bits without a name in hexadecimal.
fn names(flags: Flags) -> String {
    list(flags, ", ")
}

fn list(flags: Flags, glue: &str) -> String {
    let set = FLAGS.iter().filter(|flag| flags.contains(flag.bit));
    let mut names: Vec<String> = set.clone().map(|flag| flag.name.to_owned()).collect();
    let rest = set.fold(flags, |rest, flag| rest - flag.bit);
    if !rest.is_empty() {
        names.push(format!("{:#x}", rest.bits()));
    }
    names.join(glue)
}

fn calls(calls: &[By]) -> String {
    calls.iter().map(|call| call.name()).collect::<Vec<_>>().join(", ")
}

fn condition(rule: &Rule) -> String {
    match rule.when {
        When::Together(one, others) => format!("{} with {}", names(one), list(others, " or ")),
        When::Without(one, others) => format!("{} without {}", names(one), list(others, " or ")),
        When::If(_, []) => String::new(),
        When::If(_, changes) => format!("(helps: {})", changes.iter().map(change).collect::<Vec<_>>().join("; ")),
    }
}

fn change(change: &Change) -> String {
    match *change {
        Change::Add(flags) => format!("add {}", names(flags)),
        Change::Drop(flags) => format!("drop {}", names(flags)),
        Change::DropOne(flags) if flags.bits() >> 63 != 0 => "drop what only clone3 has".into(),
        Change::DropOne(flags) => format!("drop {}", list(flags, " or ")),
        Change::ExitSignal(signal) => format!("exit signal {}", signal.map_or(0, Signal::number)),
        Change::Clone3 => "clone3".into(),
    }
}

fn version(version: Version) -> String {
    let Version { major, minor } = version;
    if version == Version::UNKNOWN { String::new() } else { format!("{major}.{minor}") }
}

const RULES_HEAD: &str = "\
# The rules of clone(2) and clone3(2)

This page is produced from the tables in `src/clone/flags.rs` and `src/rules/rule.rs`: `UPDATE_DOCS=1 cargo test --test library docs`
writes it anew. `chimera rules` prints the same table, `chimera rules FLAGS` the verdict on a set of flags.

## What is refused

The rows stand in the order in which the kernel checks, and the first rule that holds gives the answer. A rule without flags in the fourth
column depends on another argument of the call, or on the place.

Some answers are in no file: whether a rule was ported back to this kernel, whether a limit is reached, what a security module says. For
these chimera makes a call that the kernel is certain to refuse at its last step, because the descriptor cannot be stored; so asking
never makes a task. A seccomp filter may kill the process that asks, so under a filter a child process asks first. The rules about cgroups
come after that last step; for them chimera reads the files of the cgroup.

A remedy is tried against the rules before it is printed. It is the smallest change that they accept. The sentence \"no change of flags
helps\" is printed only if the call would be refused without any flags too.

| rule | calls | errno | flags | why | since | until | in |
|------|-------|-------|-------|-----|-------|-------|----|
";

fn rules() -> String {
    let mut page = RULES_HEAD.to_owned();
    for rule in &RULES {
        let Rule { id, errno, why, source, .. } = rule;
        let errno = errno.and_then(Errno::name).map_or("that of the filter", |(name, _)| name);
        let (since, until) = (version(rule.since), rule.until.map_or(String::new(), version));
        let _ = writeln!(
            page,
            "| {id} | {} | {errno} | {} | {why} | {since} | {until} | `{source}` |",
            calls(rule.calls),
            condition(rule),
        );
    }
    page += "\n## The flags\n\n| flag | bit | calls | since | |\n|------|-----|-------|-------|---|\n";
    for flag in FLAGS {
        let (name, bit, about) = (flag.name, flag.bit.bits(), flag.about);
        let _ =
            writeln!(page, "| `CLONE_{name}` | {bit:#x} | {} | {} | {about} |", calls(flag.calls), version(flag.since));
    }
    page += "\n## The presets\n\n| word | flags |\n|------|-------|\n";
    for preset in &PRESETS {
        let _ = writeln!(page, "| `{}` | {} |", preset.name, names(preset.flags));
    }
    page
}

const WITNESSES_HEAD: &str = "\
# The witnesses

This page is produced from the table in `src/witness/resource.rs`: `UPDATE_DOCS=1 cargo test --test library docs` writes it anew.

Each resource has two witnesses. The first is the kernel's word: kcmp(2), the inode of a namespace, or another answer of the kernel
(`src/witness/kernel.rs`). The second is behaviour: one task changes the resource, and the other looks (`src/witness/behaviour.rs`, and
for effects `src/witness/effects.rs`).

Each witness says whether the two tasks use one object or two. It says `unknown` if it cannot tell. One witness is enough for a verdict; if
the two disagree, the verdict is `unknown`. An effect is a row that is `none` without its flag: for effects the witnesses say whether
it was seen.

## How false answers are avoided

- kcmp(2) says \"same\" of two tasks that have no I/O context, or no semaphore adjustments. So the parent makes one before the call.
- kcmp(2) is asked only while both tasks live.
- The inode of a namespace counts only if two readings agree, and if a plain copy of the parent has the same one.
- A host name is set only if the kernel says that the UTS namespace is a new one. Nothing is ever mounted.
- A semaphore lies in an IPC namespace that the parent has made for it. Where the parent has no right to make one, that witness is silent.
  Adjustments are believed only if the end of a plain copy is seen to undo its own.
- A tracer that follows every task makes the row of CLONE_PTRACE unknown.

## The rows

The third column is what is asked for with the flag, the fourth what is asked for without it. The last column marks the rows that the four
modes show too.

| row | flag | with it | without | the modes |
|-----|------|---------|---------|-----------|
";

fn witnesses() -> String {
    let mut page = WITNESSES_HEAD.to_owned();
    for (place, resource) in RESOURCES.iter().enumerate() {
        let name = resource.name;
        let asked = |flags, signal| resource.asked(&Call::new(Api::Clone3, flags, signal)).name();
        let flag = if resource.flags.is_empty() { "exit signal".into() } else { names(resource.flags) };
        let (with, without) = (asked(resource.flags, Some(Signal::CHLD)), asked(Flags::empty(), None));
        let mode = if place < OF_MODES { "too" } else { "" };
        let _ = writeln!(page, "| {name} | {flag} | {with} | {without} | {mode} |");
    }
    page
}

const JSON_HEAD: &str = "\
# The lines of `--json`

Each line that a command writes to fd 1 with `--json` is one object; messages go to fd 2. The objects below are all that there are, and
no object has any other key. [chimera.schema.json](chimera.schema.json) says the same for programs (JSON Schema, draft 2020-12); this
page is produced from that file by `UPDATE_DOCS=1 cargo test --test library docs`.

The output is ASCII or UTF-8: quotes and control characters are escaped, and bytes that are not UTF-8 are U+FFFD. New keys may be added
without a new version of the format, `v`.

";

/// The page about JSON.
fn json() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/chimera.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
    let lines: Vec<&str> = schema["oneOf"].as_array().expect("a list").iter().map(name_of).collect();
    let mut page = JSON_HEAD.to_owned();
    page += "| line | written by |\n|------|------------|\n";
    for name in &lines {
        let Value::Object(line) = &schema["$defs"][name] else { panic!("{name} is described") };
        let title = text(&line["title"]);
        let _ = writeln!(page, "| [{title}](#{}) | {} |", anchor(title), text(&line["description"]));
    }
    let mut told = Vec::new();
    for name in lines {
        section(&mut page, &schema["$defs"], name, "##", &mut told);
    }
    page
}

/// Writes what is said of an object, then what is said of the objects in it.
fn section<'a>(page: &mut String, all: &'a Value, name: &'a str, mark: &str, told: &mut Vec<&'a str>) {
    told.push(name);
    let object = &all[name];
    let _ = writeln!(page, "\n{mark} {}\n\n{}\n", text(&object["title"]), text(&object["description"]));
    *page += "| key | value | meaning |\n|-----|-------|---------|\n";
    let properties = object["properties"].as_object().expect("properties");
    let required: Vec<&str> = object["required"].as_array().expect("a list").iter().map(text).collect();
    let optional = properties.keys().map(String::as_str).filter(|key| !required.contains(key));
    let mut inside = Vec::new();
    for key in required.iter().copied().chain(optional) {
        let property = &properties[key];
        let note = if required.contains(&key) { "" } else { ", or absent" };
        let meaning = text(&property["description"]).replace('|', "\\|");
        let _ = writeln!(page, "| `{key}` | {}{note} | {meaning} |", value(property, all, &mut inside));
    }
    for name in inside {
        if !told.contains(&name) {
            section(page, all, name, "###", told);
        }
    }
}

/// What kind of value a schema describes; the objects in it are added to `inside`.
fn value<'a>(schema: &'a Value, all: &'a Value, inside: &mut Vec<&'a str>) -> String {
    let mut either = |list: &'a Value| -> String {
        let parts: Vec<String> =
            list.as_array().expect("a list").iter().map(|part| value(part, all, &mut *inside)).collect();
        parts.join(" or ")
    };
    if schema.get("$ref").is_some() {
        let name = name_of(schema);
        let other = &all[name];
        if other.get("enum").is_some() {
            return value(other, all, inside);
        }
        inside.push(name);
        let title = text(&other["title"]);
        return format!("object: [{title}](#{})", anchor(title));
    }
    if let Some(list) = schema.get("oneOf") {
        return either(list);
    }
    if let Some(constant) = schema.get("const") {
        return format!("`{constant}`");
    }
    if let Some(words) = schema.get("enum") {
        let word = |word: &Value| word.as_str().map_or("null".into(), |word| format!("`{word}`"));
        return words.as_array().expect("words").iter().map(word).collect::<Vec<_>>().join(", ");
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect(),
        kind => vec![text(kind)],
    };
    let kinds = kinds.into_iter().map(|kind| match kind {
        "string" => "text".into(),
        "boolean" => "true or false".into(),
        "integer" | "number" => "number".into(),
        "array" => format!("list of {}", value(&schema["items"], all, inside)),
        kind => kind.into(),
    });
    kinds.collect::<Vec<String>>().join(" or ")
}

/// The name to which a schema refers.
fn name_of(schema: &Value) -> &str {
    text(&schema["$ref"]).strip_prefix("#/$defs/").expect("a reference")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The anchor of a heading.
fn anchor(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}

/// Holds a page against the file, or writes it.
fn hold(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, page).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/{name} is not what the tables say: UPDATE_DOCS=1 cargo test --test library docs");
}

#[test]
fn the_rules_are_those_of_the_table() {
    hold("rules.md", &rules());
}

#[test]
fn the_json_is_that_of_the_schema() {
    hold("json.md", &json());
}

#[test]
fn the_witnesses_are_those_of_the_table() {
    hold("witnesses.md", &witnesses());
}
