//! docs/rules.md and docs/witnesses.md are produced from the tables of the program.
//!
//! The files are kept, so that they can be read without building; this test fails when they
//! differ from what the tables say, and with UPDATE_DOCS=1 in the environment it writes them anew.

use chimera::clone::call::{Api, Call};
use chimera::clone::flags::{By, FLAGS, Flags, Version};
use chimera::rules::rule::{Change, RULES, Rule, When};
use chimera::rules::spelling::PRESETS;
use chimera::sys::{Errno, Signal};
use chimera::witness::resource::{OF_MODES, RESOURCES};
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

Produced from the tables in `src/clone/flags.rs` and `src/rules/rule.rs`; `UPDATE_DOCS=1 cargo test --test library docs` writes it
anew. `chimera rules` prints the same, `chimera rules FLAGS` the verdict on a set.

## What is refused

In the order in which the kernel looks; the first rule that holds is the answer. A rule without flags in the fourth column
depends on an argument or on the place. What no file tells (whether a rule was ported back, limits and their use, what a
security module thinks) the kernel is asked by a call that it must refuse near its end: a descriptor that cannot be
stored. So no task is made by asking. A seccomp filter may kill for asking: under one a plain child asks first. The last
rules, about cgroups, come after that point: there the cgroup's files are looked at.

What helps is tried before it is told: it is the smallest change that the rules accept, and \"no change of flags helps\" is
said only if the call is refused without any flags too.

| rule | calls | errno | flags | why | since | until | in |
|------|-------|-------|-------|-----|-------|-------|----|
";

fn rules() -> String {
    let mut page = RULES_HEAD.to_owned();
    for rule in &RULES {
        let Rule { id, errno, why, source, .. } = rule;
        let errno = errno.and_then(Errno::name).map_or("its own", |(name, _)| name);
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

Produced from the table in `src/witness/resource.rs`; `UPDATE_DOCS=1 cargo test --test library docs` writes it anew. How each witness
works stands beside its function: the kernel's word in `src/witness/kernel.rs`, behaviour in `src/witness/behaviour.rs`, and
what only the laboratory asks in `src/witness/effects.rs`.

For each row stand what is asked for with one of the flags and without. Both witnesses say whether the two tasks have one
object, or none; a witness that cannot speak is `unknown`, and two that contradict each other prove nothing. An effect (a
row that is \"none\" without its flag) is `different` and `separate` when it is there.

Controls: kcmp(2) is asked about I/O contexts and semaphore adjustments only after the parent has made one; about nothing
unless both tasks live. An inode of a namespace counts if it is the same at two readings and in a plain copy. A host name
is set only where the kernel says that it is another place; nothing is ever mounted. A semaphore lies in an IPC namespace that the
parent has made for it, where it has the right to make one; its adjustments are believed if the end of a plain copy is seen
to take its own back. A tracer that follows every task makes CLONE_PTRACE unknown.

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
fn the_witnesses_are_those_of_the_table() {
    hold("witnesses.md", &witnesses());
}
