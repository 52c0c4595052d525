//! The format as a JSON schema: what a scenario looks like where `(a: 1)` and `{"a": 1}` are objects, a word with something
//! in parentheses is an object of one field, and a word alone is a string.

use serde_json::{Map, Value, json};

use super::{FILES, Record, blocks, records};
use crate::code::Language;

/// The places of the files of expectations and of changes.
const CHANGES: usize = 4;

/// What next hops may be called.
const NEXT_HOPS: [&str; 8] = [
    "NatGateway",
    "VpnGateway",
    "DirectConnectGateway",
    "PeeringConnection",
    "Ccn",
    "HaVip",
    "Instance",
    "PublicGateway",
];

/// The schema of scenario files.
#[must_use]
pub fn scenario_schema(language: Language) -> Value {
    let mut defs = Map::new();
    for record in records() {
        defs.insert(record.name.to_owned(), object(record, language));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pathproof scenario",
        "$ref": "#/$defs/scenario",
        "$defs": defs,
    })
}

fn object(record: &Record, language: Language) -> Value {
    let description = record.meaning.text(language);
    if record.fields.is_empty() {
        // `Delete(["a"])`, `Down("a")`
        let list = record.example.iter().any(|line| line.contains("(["));
        let kind = if list { "list of id" } else { "id" };
        let mut value = of(kind);
        value["description"] = description.into();
        return value;
    }
    let properties: Map<String, Value> = record
        .fields
        .iter()
        .map(|field| {
            let mut value = of(&field.kind);
            value["description"] = field.meaning.text(language).into();
            (field.name.to_owned(), value)
        })
        .collect();
    let required = record.fields.iter().filter(|field| field.required);
    let required: Vec<&str> = required.map(|field| field.name).collect();
    json!({
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The schema of a type.
fn of(kind: &str) -> Value {
    if let Some(inner) = kind.strip_prefix("list of ") {
        return json!({ "type": "array", "items": of(inner) });
    }
    if let Some(inner) = kind.strip_prefix("map of ") {
        return json!({ "type": "object", "additionalProperties": of(inner) });
    }
    if let Some(inner) = kind.strip_prefix("pair of ") {
        return json!({ "type": "array", "items": of(inner), "minItems": 2, "maxItems": 2 });
    }
    if let Some(name) = kind.strip_prefix("record ") {
        return match name {
            "acl rule" | "ingress rule" | "egress rule" => {
                one_of(["Accept", "Drop"].map(|word| variant(word, &reference(name))))
            }
            "Allow" => variant(name, &reference(name)),
            _ => reference(name),
        };
    }
    match kind {
        "bool" => json!({ "type": "boolean" }),
        "port" => json!({ "type": "integer", "minimum": 1, "maximum": 65535 }),
        "member" => one_of(
            ["Vpc", "VpnGateway", "DirectConnectGateway"].map(|word| variant(word, &of("id"))),
        ),
        "cidr or internet" => one_of([of("cidr"), json!({ "const": "internet" })]),
        "cidr or route name" => one_of([
            of("cidr"),
            json!({
                "type": "object",
                "properties": { "to": of("cidr"), "via": of("next hop") },
                "required": ["to"],
                "additionalProperties": false,
            }),
        ]),
        "next hop" => {
            let hops = NEXT_HOPS.map(|word| variant(word, &of("id")));
            one_of(hops.into_iter().chain([json!({ "const": "Eip" })]))
        }
        "expectation" => one_of(
            ["Reachable", "Unreachable", "Partial"].map(|word| variant(word, &reference(word))),
        ),
        "change" => {
            let changes = blocks(FILES[CHANGES].2).into_iter().map(|record| record.name);
            one_of(changes.chain(["Refused"]).map(|word| variant(word, &reference(word))))
        }
        _ if kind.starts_with("number") => json!({ "type": "integer", "minimum": 0 }),
        _ if kind.contains('/') => one_of(kind.split('/').map(choice)),
        _ => json!({ "type": "string" }),
    }
}

/// One of several words: `Running`, or `Vpc(id of vpcs)`.
fn choice(word: &str) -> Value {
    match word.split_once('(') {
        Some((word, inner)) => variant(word, &of(inner.trim_end_matches(')'))),
        None => json!({ "const": word }),
    }
}

fn variant(word: &str, inner: &Value) -> Value {
    json!({
        "type": "object",
        "properties": { word: inner },
        "required": [word],
        "additionalProperties": false,
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{}", name.replace(' ', "%20")) })
}

fn one_of(all: impl IntoIterator<Item = Value>) -> Value {
    json!({ "oneOf": all.into_iter().collect::<Vec<_>>() })
}
