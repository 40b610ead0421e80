//! What `chimera check --json` has said in a place, read for a page of docs/.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// All that was said.
#[derive(Default)]
pub struct Checked {
    /// The object about the place.
    pub head: Value,
    /// The objects of the leaves.
    leaves: Vec<Value>,
    /// The object with the totals; none if the check did not come to its end.
    pub totals: Option<Value>,
}

/// Cases that deviate in one way.
pub struct Deviation<'a> {
    /// The group, the leaf and the case of the one with the fewest flags.
    pub group: &'a str,
    pub leaf: &'a str,
    pub case: &'a Value,
    /// What distinguishes the cases: their flags, or leaf and step.
    pub among: BTreeSet<String>,
    /// How many leaves have such a case.
    pub leaves: usize,
}

impl Checked {
    /// Reads the lines; what is no object belongs to somebody else, a kernel that writes to the same console.
    pub fn read(text: &str) -> Self {
        let mut checked = Self::default();
        for object in text.lines().filter_map(|line| serde_json::from_str::<Value>(line.trim_end()).ok()) {
            if object["leaf"].is_string() {
                checked.leaves.push(object);
            } else if object["chimera"].is_string() {
                checked.head = object;
            } else if object["pass"].is_u64() {
                checked.totals = Some(object);
            }
        }
        checked
    }

    /// The groups, in the order in which they ran.
    pub fn groups(&self) -> Vec<&str> {
        let groups = self.head["groups"].as_array().into_iter().flatten();
        groups.filter_map(Value::as_str).collect()
    }

    /// The leaves of a group that passed, failed, were skipped; none if the group did not run.
    pub fn counts(&self, group: &str) -> Option<[usize; 3]> {
        let leaves = || self.leaves.iter().filter(|leaf| leaf["group"] == group);
        let count = |result: &str| leaves().filter(|leaf| leaf["result"] == result).count();
        (leaves().count() > 0).then(|| ["pass", "fail", "skip"].map(count))
    }

    /// How many leaves were skipped, by the reason.
    pub fn skips(&self) -> BTreeMap<&str, usize> {
        let mut skips = BTreeMap::new();
        for leaf in self.leaves.iter().filter(|leaf| leaf["result"] == "skip") {
            *skips.entry(leaf["skip"].as_str().unwrap_or("no reason is told")).or_default() += 1;
        }
        skips
    }

    /// What deviates, by the way in which it does.
    pub fn deviations(&self) -> Vec<Deviation<'_>> {
        let mut all: Vec<Deviation> = Vec::new();
        for leaf in self.leaves.iter().filter(|leaf| leaf["result"] == "fail") {
            let (group, name) = (text(leaf, "group"), text(leaf, "leaf"));
            for case in leaf["deviations"].as_array().into_iter().flatten() {
                let label = label(name, case);
                match all.iter_mut().find(|known| is_like(known, group, case)) {
                    Some(known) => {
                        known.leaves += usize::from((known.group, known.leaf) != (group, name));
                        if flags(case) < flags(known.case) {
                            (known.case, known.leaf, known.group) = (case, name, group);
                        }
                        known.among.insert(label);
                    }
                    None => {
                        all.push(Deviation { group, leaf: name, case, among: BTreeSet::from([label]), leaves: 1 });
                    }
                }
            }
        }
        all
    }
}

/// How many other cases are named.
const MOST: usize = 8;

/// A member that is a text; empty if it is none.
pub fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_default()
}

/// How many flags a case has.
fn flags(case: &Value) -> usize {
    text(case, "flags").split('|').count()
}

/// What distinguishes a case from others that deviate in the same way.
fn label(leaf: &str, case: &Value) -> String {
    match (text(case, "api"), text(case, "flags"), &case["value"]) {
        ("", _, Value::Null) => leaf.into(),
        ("", _, Value::String(step)) => format!("{leaf} {step}"),
        ("", _, value) => format!("{leaf} {value}"),
        (_, "", _) => "no flags".into(),
        (_, flags, _) => flags.into(),
    }
}

/// Errnos of what is not there at all: they come whatever is expected.
const ABSENT: [&str; 3] = ["ENOSYS", "ENOENT", "EOPNOTSUPP"];

/// Whether a case deviates in the same way. What is seen of a flag is said of that one; that a call is refused which no rule
/// forbids is said whatever rule is in question.
fn is_like(known: &Deviation, group: &str, case: &Value) -> bool {
    let is_same = |keys: &[&str]| keys.iter().all(|key| known.case[*key] == case[*key]);
    let (is_call, want, got) = (case["api"].is_string(), text(case, "want"), text(case, "got"));
    match got {
        _ if ABSENT.contains(&got) => is_same(&["api", "got"]),
        "seen" | "not-seen" => is_same(&["api", "flags", "want", "got"]),
        _ if !is_call => known.group == group && is_same(&["api", "want", "got"]),
        _ if want == "OK" => is_same(&["api", "what", "want", "got"]),
        _ => is_same(&["api", "what", "want", "got", "rule"]),
    }
}

impl Deviation<'_> {
    /// The case in the words of a diagnostic line of KTAP.
    pub fn line(&self) -> String {
        let case = self.case;
        let mut line = format!("{} {}:", self.group, self.leaf);
        let mut add = |name: &str, value: &Value| match value {
            Value::Null => {}
            Value::String(value) => line += &format!(" {name}={value}"),
            value => line += &format!(" {name}={value}"),
        };
        [("call", "api"), ("flags", "flags"), ("exit_signal", "exit_signal")]
            .iter()
            .for_each(|(name, key)| add(name, &case[*key]));
        if let Some(what) = case["what"].as_str() {
            add(what, &case["value"]);
        }
        ["want", "got", "rule"].iter().for_each(|key| add(key, &case[*key]));
        line
    }

    /// Which other cases deviate so, as far as they do not contain the flags of another one; empty if none does.
    pub fn others(&self) -> String {
        let own = label(self.leaf, self.case);
        let set = |label: &str| label.split('|').map(str::to_owned).collect::<BTreeSet<_>>();
        let is_more = |label: &String| {
            let of = set(label);
            self.among.iter().any(|other| other != label && set(other).is_subset(&of))
        };
        let least: Vec<&String> = self.among.iter().filter(|label| **label != own && !is_more(label)).collect();
        let told: Vec<&str> = least.iter().take(MOST).map(|label| label.as_str()).collect();
        let more = least.len().saturating_sub(MOST);
        let leaves = if self.leaves == 1 { String::new() } else { format!("; so in {} leaves", self.leaves) };
        match (told.len(), more) {
            (0, _) => leaves,
            (_, 0) => format!("{leaves}; also {}", told.join(", ")),
            (_, more) => format!("{leaves}; also {} and {more} more", told.join(", ")),
        }
    }
}

/// What passed, failed and was skipped, for a cell of a table.
pub fn cell(counts: Option<[usize; 3]>) -> String {
    match counts {
        None => "-".into(),
        Some([passed, 0, skipped]) => format!("{passed}/0/{skipped}"),
        Some([passed, failed, skipped]) => format!("{passed}/**{failed}**/{skipped}"),
    }
}

/// The first line that a program writes; it is empty if there is none.
pub fn first_line(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
