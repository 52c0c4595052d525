//! The JSON schemas (2020-12) of everything that is printed as JSON.
//!
//! A schema stands in `schemas/NAME.json`, a row of `SCHEMAS`. What several have in common stands once, in
//! `schemas/common.json`, and is put into the `$defs` of those that refer to it, so that each that is printed stands alone.

use serde_json::{Map, Value};

/// Name and text of each schema, by name.
const SCHEMAS: [(&str, &str); 20] = [
    ("certificate", include_str!("schemas/certificate.json")),
    ("check", include_str!("schemas/check.json")),
    ("coverage", include_str!("schemas/coverage.json")),
    ("diagnostics", include_str!("schemas/diagnostics.json")),
    ("difference", include_str!("schemas/difference.json")),
    ("explain", include_str!("schemas/explain.json")),
    ("failures", include_str!("schemas/failures.json")),
    ("fix", include_str!("schemas/fix.json")),
    ("fixes", include_str!("schemas/fixes.json")),
    ("fmt", include_str!("schemas/fmt.json")),
    ("import", include_str!("schemas/import.json")),
    ("links", include_str!("schemas/links.json")),
    ("lint", include_str!("schemas/lint.json")),
    ("list", include_str!("schemas/list.json")),
    ("matrix", include_str!("schemas/matrix.json")),
    ("mutate", include_str!("schemas/mutate.json")),
    ("plan", include_str!("schemas/plan.json")),
    ("reach", include_str!("schemas/reach.json")),
    ("schemas", include_str!("schemas/schemas.json")),
    ("trace", include_str!("schemas/trace.json")),
];

const COMMON: &str = include_str!("schemas/common.json");

/// The dialect that the schemas are written in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The names of all schemas, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().map(|(name, _)| *name)
}

/// The schema of this name: that of `pathproof.NAME/1`.
#[must_use]
pub fn schema(name: &str) -> Option<Value> {
    let (name, text) = SCHEMAS.iter().find(|(known, _)| *known == name)?;
    let written: Map<String, Value> = serde_json::from_str(text).ok()?;
    let common: Map<String, Value> = serde_json::from_str(COMMON).ok()?;
    let mut whole = Map::new();
    whole.insert("$schema".into(), DIALECT.into());
    whole.insert("title".into(), format!("pathproof.{name}/1").into());
    whole.extend(written);
    let mut defs = whole.remove("$defs").unwrap_or_default();
    if defs.is_null() {
        defs = Value::Object(Map::new());
    }
    let mut missing = referred(&Value::Object(whole.clone()));
    missing.extend(referred(&defs));
    while let Some(name) = missing.pop() {
        if defs.get(&name).is_none()
            && let Some(def) = common.get(&name)
        {
            missing.extend(referred(def));
            defs[&name] = def.clone();
        }
    }
    if let Value::Object(defs) = &mut defs {
        defs.sort_keys();
    }
    whole.insert("$defs".into(), defs);
    Some(Value::Object(whole))
}

/// The names of all definitions that a value refers to.
fn referred(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(referred).collect(),
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|path| path.strip_prefix("#/$defs/"));
            let mut names: Vec<String> = own.map(str::to_owned).into_iter().collect();
            names.extend(fields.values().flat_map(referred));
            names
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_well_formed_and_leads_nowhere_outside() {
        for name in names() {
            let schema = schema(name).expect(name);
            for used in referred(&schema) {
                assert!(schema["$defs"].get(&used).is_some(), "{name}: {used}");
            }
            let named = &schema["properties"]["schema"]["const"];
            assert_eq!(*named, format!("pathproof.{name}/1"));
        }
        assert!(names().is_sorted());
        assert_eq!(schema("teapot"), None);
    }

    #[test]
    fn nothing_common_is_left_over() {
        let common: Map<String, Value> = serde_json::from_str(COMMON).expect("definitions");
        for name in common.keys() {
            let used = names().any(|schema_name| {
                let schema = schema(schema_name).expect("a schema");
                schema["$defs"].get(name).is_some()
            });
            assert!(used, "{name}");
        }
    }
}
