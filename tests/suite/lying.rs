//! Kernels that lie: each flag is taken out of every call on its way to the kernel, and `chimera check` must say so in
//! the leaves whose calls have the flag, and in no others.

use crate::common::flags::FLAGS;
use crate::common::{Run, chimera, part, run, tracer};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A leaf: its group and its name.
type Leaf = (String, String);

/// The objects that a run writes.
fn objects(run: &Run) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    run.out.lines().map(read).collect()
}

/// The leaf of an object, if it is about one.
fn leaf(object: &Value) -> Option<Leaf> {
    Some((object["group"].as_str()?.into(), object["leaf"].as_str()?.into()))
}

/// The flags of each leaf of a group.
fn flags(group: &str) -> BTreeMap<Leaf, BTreeSet<String>> {
    let listed = run(chimera(&["check", "--list", "--json", group])).clean(0);
    let names = |object: &Value| -> BTreeSet<String> {
        let flags = object["flags"].as_array().expect("flags");
        flags.iter().map(|flag| flag.as_str().expect("a name").to_owned()).collect()
    };
    objects(&listed).iter().filter_map(|object| Some((leaf(object)?, names(object)))).collect()
}

/// The leaves of a group that have a result in a check without these flags.
fn leaves(group: &str, dropped: u64, result: &str) -> BTreeSet<Leaf> {
    let checked = tracer::run_without(chimera(&["check", "--json", group]), dropped);
    assert!(matches!(checked.status, Some(0 | 1)), "{checked:#?}");
    let objects = objects(&checked.nothing_left());
    objects.iter().filter(|object| object["result"] == result).filter_map(leaf).collect()
}

/// Takes each of these flags out in turn, this run's part of them.
fn hold(group: &str, is_meant: impl Fn(&str) -> bool) {
    let (flags, passed) = (flags(group), leaves(group, 0, "pass"));
    let mut faults = Vec::new();
    let named = FLAGS.map(|(name, bit)| (format!("CLONE_{name}"), bit));
    for (flag, bit) in named.iter().filter(|(flag, _)| is_meant(flag)).enumerate().filter_map(part::of) {
        let expected: BTreeSet<&Leaf> = passed.iter().filter(|leaf| flags[*leaf].contains(flag)).collect();
        let found = leaves(group, *bit, "fail");
        let missed: Vec<_> = expected.iter().filter(|leaf| !found.contains(**leaf)).collect();
        let more: Vec<_> = found.iter().filter(|leaf| !expected.contains(leaf)).collect();
        if !missed.is_empty() || !more.is_empty() {
            faults.push(format!("{group} without {flag}: not seen by {missed:?}, told by {more:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_dropped_flag_breaks_the_rules_about_it() {
    hold("rules", |_| true);
}

#[test]
fn a_dropped_flag_is_not_honoured() {
    hold("honour", |_| true);
}

/// The arguments are asked with few flags, in many thousand calls: those flags, and one that is never set there.
#[test]
fn a_dropped_flag_leaves_its_argument_without_effect() {
    let used: BTreeSet<String> = flags("args").into_values().flatten().collect();
    hold("args", |flag| used.contains(flag) || flag == "CLONE_FILES");
}

/// A tracer alone changes nothing.
#[test]
fn no_leaf_fails_under_a_tracer() {
    for group in ["rules", "honour"] {
        assert_eq!(leaves(group, 0, "fail"), BTreeSet::new());
    }
}
