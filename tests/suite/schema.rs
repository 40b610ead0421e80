//! docs/chimera.schema.json itself: it refuses what is not so, and describes no key that no command writes.
//!
//! That no command writes what it does not describe is seen in every test: `common::schema` looks at each output.

use super::inspect::zoo;
use crate::common::schema::{fault, name_of, schema};
use crate::common::skip::skip_part;
use crate::common::zoo::Animal;
use crate::common::{as_user, chimera, is_root, run, tracer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Command lines that write each key at least once, most of them a value that is not null.
const LINES: &[&str] = &[
    "--json",
    "clone THREAD --json",
    "clone VM --stack 10 --json",
    "rules NEWUTS --kernel 5.10 --unprivileged --json",
    "rules --json",
    "rules --flags --json",
    "doctor --json",
    "bench fork THREAD --heap 0 --json",
    "quiz -s 1 -n 2 -c --json",
    "check pairs --json",
    "check --list --json",
    "explain VM --json",
];

/// Passes on each member of a value and of the values in it, with the name of the object in the schema.
fn each_member<'a>(schema_of: &'a Value, value: &'a Value, visit: &mut dyn FnMut(&'a str, &'a str, &'a Value)) {
    let all = &schema()["$defs"];
    if schema_of.get("$ref").is_some() {
        let name = name_of(schema_of);
        let Some(object) = value.as_object() else { return };
        for (key, value) in object {
            visit(name, key, value);
            if let Some(property) = all[name]["properties"].get(key) {
                each_member(property, value, visit);
            }
        }
    }
    for branch in schema_of["oneOf"].as_array().into_iter().flatten() {
        let is_it = if value.is_object() { branch.get("$ref").is_some() } else { branch["type"] == "array" };
        if is_it {
            each_member(branch, value, visit);
        }
    }
    for element in value.as_array().into_iter().flatten() {
        each_member(&schema_of["items"], element, visit);
    }
}

/// All keys of the schema, each with its object.
fn documented() -> BTreeSet<(&'static str, &'static str)> {
    let objects = schema()["$defs"].as_object().expect("objects").iter();
    let keys = objects.filter_map(|(name, object)| Some((name.as_str(), object["properties"].as_object()?)));
    keys.flat_map(|(name, keys)| keys.keys().map(move |key| (name, key.as_str()))).collect()
}

/// The objects of an output, each with the line of the schema that it is.
fn objects(output: &str) -> Vec<(&'static Value, Value)> {
    let lines = schema()["oneOf"].as_array().expect("a list");
    let required = |line: &Value| schema()["$defs"][name_of(line)]["required"].as_array().expect("a list").clone();
    let object = |text: &str| {
        let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let has_all =
            |line: &&Value| required(line).iter().all(|key| value.get(key.as_str().expect("a key")).is_some());
        let line = lines.iter().find(has_all).unwrap_or_else(|| panic!("no object of the schema: {text}"));
        (line, value)
    };
    output.lines().map(object).collect()
}

#[test]
fn no_documented_key_never_appears() {
    let mut seen = BTreeSet::new();
    let outputs = LINES.iter().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        run(chimera(&words)).nothing_left().out
    });
    let mut outputs: Vec<String> = outputs.collect();
    let zoo = zoo();
    let keeper = zoo.id(Animal::Keeper).to_string();
    let inspect = ["inspect", "--tree", &keeper, "--files", "--json"];
    outputs.push(run(chimera(&inspect)).nothing_left().out);
    // A kernel that forgets CLONE_SIGHAND deviates.
    outputs.push(tracer::run_without(chimera(&["check", "pairs", "--json"]), 0x800).out);
    if is_root() {
        // Root's tasks do not let themselves be compared by an ordinary user.
        outputs.push(run(as_user(chimera(&inspect), 1000)).nothing_left().out);
    } else {
        skip_part("what an ordinary user may not see: the tests do not run as root");
    }
    let all: Vec<_> = outputs.iter().flat_map(|output| objects(output)).collect();
    for (line, object) in &all {
        each_member(line, object, &mut |name, key, _| {
            seen.insert((name.to_owned(), key.to_owned()));
        });
    }
    let never: Vec<_> =
        documented().into_iter().filter(|(name, key)| !seen.contains(&((*name).into(), (*key).into()))).collect();
    let is_known = |name: &str| is_root() || !["unseen", "missing"].contains(&name);
    let never: Vec<_> = never.into_iter().filter(|(name, _)| is_known(name)).collect();
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn what_the_schema_does_not_say_is_refused() {
    let right: Value = serde_json::from_str(&run(chimera(&["clone", "fork", "--json"])).clean(0).out).expect("JSON");
    assert_eq!(fault(&right), None);
    let changes: [(&str, Option<Value>); 7] = [
        ("v", Some(json!(2))),
        ("nonsense", Some(json!(1))),
        ("outcome", Some(json!("fine"))),
        ("exit_signal", Some(json!("17"))),
        ("bits", Some(json!("256"))),
        ("child", None),
        ("resources", Some(json!([{ "name": "memory" }]))),
    ];
    for (key, value) in changes {
        let mut wrong = right.clone();
        let object = wrong.as_object_mut().expect("an object");
        match value {
            Some(value) => object.insert(key.into(), value),
            None => object.remove(key),
        };
        let told = fault(&wrong).unwrap_or_else(|| panic!("{key} is refused"));
        assert!(told.contains("task"), "{told}");
    }
}
