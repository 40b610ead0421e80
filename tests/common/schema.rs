//! The lines of `--json`, held against docs/chimera.schema.json.

use corvus_json_schema::{JsonSchemaResultsCollector, ResultsLevel, Validator, compile};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The schema.
pub fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../docs/chimera.schema.json")).expect("the schema is JSON")
    });
    &SCHEMA
}

/// The objects that the schema describes, by their names, each with what it says of the others left out.
fn lines() -> &'static [(&'static str, Validator)] {
    static LINES: LazyLock<Vec<(&'static str, Validator)>> = LazyLock::new(|| {
        let references = schema()["oneOf"].as_array().expect("a list");
        let line = |reference: &'static Value| {
            let one = json!({ "$ref": reference["$ref"], "$defs": schema()["$defs"] });
            (name_of(reference), compile(&one).expect("a valid schema"))
        };
        references.iter().map(line).collect()
    });
    &LINES
}

/// The name to which a schema refers.
pub fn name_of(schema: &Value) -> &str {
    schema["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/$defs/")).expect("a reference")
}

/// Why a value is not exactly one of the objects that the schema describes; none if it is.
pub fn fault(value: &Value) -> Option<String> {
    let matching = lines().iter().filter(|(_, validator)| validator.is_valid(value)).count();
    if matching == 1 {
        return None;
    }
    // The object that was probably meant is the one with most of the keys.
    let (name, validator) = lines().iter().max_by_key(|(name, _)| known(name, value)).expect("a line");
    let mut collector = JsonSchemaResultsCollector::new(ResultsLevel::Detailed);
    let _ = validator.evaluate(value, &mut collector);
    let told: BTreeSet<String> = collector
        .results()
        .iter()
        .filter(|result| !result.is_match && !result.message.is_empty())
        .map(|result| format!("{} {}", result.document_evaluation_location, result.message))
        .collect();
    Some(format!("{matching} objects of docs/chimera.schema.json fit, {name} does not: {told:#?}"))
}

/// How many keys of a value are those of an object of the schema.
fn known(name: &str, value: &Value) -> usize {
    let properties = &schema()["$defs"][name]["properties"];
    value.as_object().map_or(0, |object| object.keys().filter(|key| properties.get(key.as_str()).is_some()).count())
}

/// Panics if a line of an output is a JSON object that the schema does not describe. A line that is cut short, say by a
/// signal, is left to the test.
#[track_caller]
pub fn hold(output: &str) {
    for line in output.lines().filter(|line| line.starts_with('{')) {
        let value = serde_json::from_str::<Value>(line).ok();
        if let Some(fault) = value.as_ref().and_then(fault) {
            panic!("{fault}: {line}");
        }
    }
}
