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

/// A case that deviates, with the leaves in which it does; other cases that differ in their flags alone count as the same.
pub struct Deviation<'a> {
    pub group: &'a str,
    /// The case with the fewest flags.
    pub case: &'a Value,
    /// The leaf of this case.
    pub leaf: &'a str,
    /// How many leaves of the group have such a case.
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

    /// What deviates: of the cases that differ in their flags alone the one with the fewest.
    pub fn deviations(&self) -> Vec<Deviation<'_>> {
        let mut all: Vec<(Deviation, BTreeSet<&str>)> = Vec::new();
        for leaf in self.leaves.iter().filter(|leaf| leaf["result"] == "fail") {
            let (group, name) = (text(leaf, "group"), text(leaf, "leaf"));
            for case in leaf["deviations"].as_array().into_iter().flatten() {
                let known = all.iter_mut().find(|(known, _)| known.group == group && is_like(known.case, case));
                match known {
                    Some((known, leaves)) => {
                        leaves.insert(name);
                        if flags(case) < flags(known.case) {
                            (known.case, known.leaf) = (case, name);
                        }
                    }
                    None => {
                        let found = Deviation { group, case, leaf: name, leaves: 1 };
                        all.push((found, BTreeSet::from([name])));
                    }
                }
            }
        }
        all.into_iter().map(|(found, leaves)| Deviation { leaves: leaves.len(), ..found }).collect()
    }
}

/// A member that is a text; empty if it is none.
pub fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_default()
}

/// How many flags a case has.
fn flags(case: &Value) -> usize {
    text(case, "flags").split('|').count()
}

/// Whether cases differ in nothing but their flags. What is seen of a flag is said of that one.
fn is_like(one: &Value, other: &Value) -> bool {
    let is_of_flag = ["seen", "not-seen"].contains(&text(one, "got"));
    let keys = ["api", "what", "value", "want", "got", "rule"];
    keys.iter().all(|key| one[*key] == other[*key]) && (!is_of_flag || one["flags"] == other["flags"])
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
        match self.leaves {
            1 => line,
            2 => line + " (and such a case in 1 other leaf)",
            leaves => format!("{line} (and such cases in {} other leaves)", leaves - 1),
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
