//! Plans and states in the shapes of Terraform, for the tests of the importer.

#![expect(clippy::needless_pass_by_value, reason = "json! makes values that nobody else needs")]

use std::net::IpAddr;

use pathproof::import::terraform::{self, Options};
use pathproof::import::{Imported, Outcome, write};
use pathproof::model::Network;
use pathproof::query::Verdict;
use pathproof::scenario::load;
use pathproof::verify::{self, Budget};
use serde_json::{Value, json};

use crate::import_write::{Shelf, network};

/// One resource of a plan: address, known values, unknown ones, and the references of its expressions.
pub fn resource(address: &str, values: Value, unknown: Value, expressions: Value) -> Value {
    json!({ "address": address, "values": values, "unknown": unknown, "expressions": expressions })
}

/// A plan without modules. `index` and block are read from the addresses.
pub fn plan(resources: &[Value]) -> Value {
    let mut planned = Vec::new();
    let mut changes = Vec::new();
    let mut blocks: Vec<Value> = Vec::new();
    for resource in resources {
        let address = resource["address"].as_str().expect("an address");
        let (block, key) = match address.split_once('[') {
            Some((block, key)) => {
                let key: Value = serde_json::from_str(key.trim_end_matches(']')).expect("a key");
                (block, Some(key))
            }
            None => (address, None),
        };
        let (kind, name) = block.split_once('.').expect("a type and a name");
        let mut entry = json!({
            "address": address, "mode": "managed", "type": kind, "name": name,
            "values": resource["values"],
        });
        if let Some(key) = key {
            entry["index"] = key;
        }
        planned.push(entry);
        let change = json!({ "actions": ["create"], "after_unknown": resource["unknown"] });
        changes.push(json!({ "address": address, "change": change }));
        if blocks.iter().all(|other| other["address"] != block) {
            let mut entry = json!({
                "address": block, "mode": "managed", "type": kind, "name": name,
                "provider_config_key": "tencentcloud", "expressions": resource["expressions"],
            });
            if let Some(each) = resource["expressions"].get("for_each") {
                entry["for_each_expression"] = each.clone();
            }
            blocks.push(entry);
        }
    }
    let region = json!({ "region": { "constant_value": "ap-guangzhou" } });
    json!({
        "format_version": "1.2",
        "planned_values": { "root_module": { "resources": planned } },
        "resource_changes": changes,
        "configuration": {
            "provider_config": { "tencentcloud": { "expressions": region } },
            "root_module": { "resources": blocks },
        },
    })
}

pub fn refers(list: &[&str]) -> Value {
    json!({ "references": list })
}

pub fn vpc() -> Value {
    let values = json!({ "name": "main", "cidr_block": "10.1.0.0/16" });
    let unknown = json!({ "id": true, "assistant_cidrs": true });
    resource("tencentcloud_vpc.main", values, unknown, json!({}))
}

pub fn subnet(address: &str, cidr: &str) -> Value {
    let values = json!({ "cidr_block": cidr, "availability_zone": "ap-guangzhou-3" });
    let unknown = json!({ "id": true, "vpc_id": true, "route_table_id": true });
    let vpc = refers(&["tencentcloud_vpc.main.id", "tencentcloud_vpc.main"]);
    resource(address, values, unknown, json!({ "vpc_id": vpc }))
}

pub fn group() -> Value {
    let unknown = json!({ "id": true });
    resource("tencentcloud_security_group.web", json!({}), unknown, json!({}))
}

pub fn instance(address: &str, values: Value, subnet: Value) -> Value {
    let mut unknown = json!({
        "id": true, "subnet_id": true, "vpc_id": true, "orderly_security_groups": true,
    });
    if values.get("private_ip").is_none() {
        unknown["private_ip"] = Value::Bool(true);
    }
    let group = refers(&["tencentcloud_security_group.web.id", "tencentcloud_security_group.web"]);
    let expressions = json!({ "subnet_id": subnet, "orderly_security_groups": group });
    resource(address, values, unknown, expressions)
}

pub fn import(plan: &Value) -> Imported {
    terraform::terraform(&plan.to_string(), &Options::default()).expect("a plan")
}

pub fn written(plan: &Value) -> Network {
    network(&[("main.ron".to_owned(), write(&import(plan).document))])
}

/// The verdicts of an imported network on tcp:443 from one to another.
#[track_caller]
pub fn verdicts(plan: &Value, asked: &[(&str, &str)]) -> Vec<Verdict> {
    let mut text = write(&import(plan).document);
    let asked = asked.iter().map(|(from, to)| {
        format!("Reachable(from: \"{from}\", to: \"{to}\", service: \"tcp:443\"),")
    });
    let asked: String = asked.collect();
    let end = text.rfind(')').expect("the end of the file");
    text.insert_str(end, &format!("expect: [{asked}],"));
    let loaded = load("main.ron", &Shelf(&[("main.ron".to_owned(), text.clone())]));
    assert_eq!(loaded.diagnostics, [], "{text}");
    let report = verify::run("main.ron", loaded, "2026-01-01", Budget::default());
    let found = report.expectations();
    let found = found.map(|(_, report)| report.found.as_ref().expect("an answer").verdict);
    found.collect()
}

#[track_caller]
pub fn notes(plan: &Value, outcome: Outcome, expected: &[&str]) {
    let imported = import(plan);
    let notes = imported.notes.iter().filter(|note| note.outcome == outcome);
    let notes: Vec<_> = notes
        .map(|note| match &note.attribute {
            Some(attribute) => format!("{}, {attribute}", note.resource),
            None => note.resource.clone(),
        })
        .collect();
    assert_eq!(notes, expected, "{:#?}", imported.notes);
}

pub fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

pub fn state(resources: &[(&str, Value)]) -> Value {
    let resources = resources.iter().map(|(address, values)| {
        let (kind, name) = address.split_once('.').expect("a type and a name");
        json!({ "address": address, "mode": "managed", "type": kind, "name": name, "values": values })
    });
    let resources: Vec<_> = resources.collect();
    json!({ "format_version": "1.0", "values": { "root_module": { "resources": resources } } })
}
