//! What a storm came to: counts for each command, and each violation on one line.

use crate::case::{Case, Fault};
use crate::causes::{self, Message};
use crate::commands::COMMANDS;
use crate::errnos::errno_name;
use crate::judge::{KINDS, Kind};
use crate::pool::Answer;
use std::collections::{BTreeMap, BTreeSet};

/// The counts of one command.
#[derive(Clone, Default)]
struct Counts {
    cases: usize,
    injected: usize,
    not_reached: usize,
    kinds: BTreeMap<Kind, usize>,
}

/// Everything that was seen.
#[derive(Default)]
pub struct Report {
    counts: BTreeMap<usize, Counts>,
    /// Kind, case and text, and by which errnos or at which moments.
    violations: BTreeMap<(Kind, String, String), (BTreeSet<String>, usize)>,
    /// What was told of failures, and how often.
    messages: BTreeMap<Message, usize>,
}

impl Report {
    /// Takes the answer of a case.
    pub fn add(&mut self, case: &Case, answer: &Answer) {
        let counts = self.counts.entry(case.command).or_default();
        counts.cases += 1;
        if !case.fault.is_none() {
            counts.injected += usize::from(answer.has_struck);
            counts.not_reached += usize::from(!answer.has_struck);
        }
        for message in causes::messages(&without_ids(&answer.err)) {
            *self.messages.entry(message).or_default() += 1;
        }
        for (kind, text) in &answer.violations {
            *counts.kinds.entry(*kind).or_default() += 1;
            let by = match case.fault {
                Fault::KillAt(micros) => micros.to_string(),
                _ => case.fault.errno().map_or(String::new(), errno_name),
            };
            // What differs by the errno alone is one violation.
            let text = if case.fault.errno().is_none() { text.clone() } else { without_errno(text, &by) };
            let entry = self.violations.entry((*kind, case.line(false), without_ids(&text))).or_default();
            entry.0.insert(by);
            entry.1 += 1;
        }
    }

    /// How many cases there were.
    pub fn cases(&self) -> usize {
        self.counts.values().map(|counts| counts.cases).sum()
    }

    /// How many violations there are.
    pub fn violations(&self) -> usize {
        self.violations.len()
    }

    /// Prints it all.
    pub fn print(&self, with_commands: bool) {
        if with_commands {
            self.counts.iter().for_each(|(command, counts)| print_counts(&title(*command), counts));
        }
        let mut total = Counts::default();
        for counts in self.counts.values() {
            total.cases += counts.cases;
            total.injected += counts.injected;
            total.not_reached += counts.not_reached;
            counts.kinds.iter().for_each(|(kind, count)| *total.kinds.entry(*kind).or_default() += count);
        }
        print_counts("in total", &total);
        for (message, times) in self.messages.iter().filter(|_| with_commands) {
            println!("told: {times} {message}");
        }
        for ((kind, line, text), (by, times)) in &self.violations {
            let name = KINDS.iter().find(|(other, _)| other == kind).map_or("", |(_, name)| name);
            let some: Vec<&str> = by.iter().map(String::as_str).filter(|by| !by.is_empty()).take(12).collect();
            let by = if some.is_empty() { String::new() } else { format!(" [{}]", some.join(" ")) };
            println!("{name}: storm {line}{by}: {text} ({times} times)");
        }
        self.print_groups();
    }

    /// Prints what was seen in the same words: how often, and one of the lines.
    fn print_groups(&self) {
        let mut groups = BTreeMap::<(Kind, &str), (usize, &str)>::new();
        for ((kind, line, text), (_, times)) in &self.violations {
            let group = groups.entry((*kind, text)).or_insert((0, line));
            group.0 += times;
        }
        for ((kind, text), (times, line)) in groups {
            let name = KINDS.iter().find(|(other, _)| *other == kind).map_or("", |(_, name)| name);
            println!("group: {times} {name}: {text}: as by storm {line}");
        }
    }
}

/// A command with the end of its CMD.
pub fn title(command: usize) -> String {
    let command = &COMMANDS[command];
    let then =
        command.then().filter(|then| *then != "0").map_or(String::new(), |then| format!(" (CMD ends by {then})"));
    format!("chimera {}{then}", command.line)
}

fn print_counts(name: &str, counts: &Counts) {
    let kinds = KINDS.iter().map(|(kind, words)| format!(", {} {words}", counts.kinds.get(kind).unwrap_or(&0)));
    let Counts { cases, injected, not_reached, .. } = counts;
    println!("{name}: {cases} cases, {injected} injected, {not_reached} not reached{}", kinds.collect::<String>());
}

/// A text up to the errno's own words.
fn without_errno(text: &str, errno: &str) -> String {
    let text = text.replace(errno, "*");
    text.split_once("* (").map_or(text.clone(), |(before, _)| format!("{before}*"))
}

/// A text with every number of two digits and more replaced by `#`, but for those of statuses and signals.
fn without_ids(text: &str) -> String {
    let mut words = Vec::new();
    let mut keep = false;
    for word in text.split(' ') {
        let has_id = word.chars().filter(char::is_ascii_digit).count() > 1;
        words.push(if keep || !has_id { word.to_owned() } else { hide(word) });
        keep = ["status", "signal"].contains(&word);
    }
    words.join(" ")
}

fn hide(word: &str) -> String {
    let mut result = String::new();
    for character in word.chars() {
        match character {
            '0'..='9' if result.ends_with('#') => {}
            '0'..='9' => result.push('#'),
            other => result.push(other),
        }
    }
    result
}
