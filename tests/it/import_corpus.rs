//! Plans in the shapes of public modules: whatever goes in comes out, or is named.

use std::fs;
use std::path::Path;

use pathproof::import::{Imported, Note, Outcome};
use pathproof::model::Network;
use serde_json::Value;

use crate::plans::{import, written};

/// The types that are machines or services with an address.
const MACHINES: [&str; 14] = [
    "instance",
    "eni",
    "ha_vip",
    "clb_instance",
    "mysql_instance",
    "mysql_readonly_instance",
    "redis_instance",
    "postgresql_instance",
    "sqlserver_instance",
    "mongodb_instance",
    "mariadb_instance",
    "dcdb_db_instance",
    "dcdb_hourdb_instance",
    "cynosdb_cluster",
];

pub fn corpus() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/terraform/corpus");
    let files = fs::read_dir(folder).expect("the corpus").map(|file| {
        let path = file.expect("a file").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path).expect("a text");
        (name, serde_json::from_str(&text).expect("JSON"))
    });
    let mut files: Vec<_> = files.collect();
    files.sort_by(|one, other| one.0.cmp(&other.0));
    files
}

/// The resources of a plan: address, type without the provider's name, values.
fn resources(plan: &Value) -> Vec<(String, String, Value)> {
    fn collect(module: &Value, all: &mut Vec<(String, String, Value)>) {
        for it in module["resources"].as_array().into_iter().flatten() {
            let text = |name: &str| it[name].as_str().expect("a text").to_owned();
            let kind = text("type").replace("tencentcloud_", "");
            all.push((text("address"), kind, it["values"].clone()));
        }
        for child in module["child_modules"].as_array().into_iter().flatten() {
            collect(child, all);
        }
    }
    let mut all = Vec::new();
    collect(&plan["planned_values"]["root_module"], &mut all);
    all
}

/// The notes that name a resource as left out.
fn left<'n>(imported: &'n Imported, address: &str) -> Vec<&'n Note> {
    let notes = imported.notes.iter();
    let notes = notes.filter(|it| it.outcome == Outcome::LeftOut && it.resource == address);
    notes.collect()
}

fn lines(values: &Value) -> usize {
    let lists = ["ingress", "egress"].into_iter();
    lists
        .filter_map(|name| values[name].as_array())
        .map(Vec::len)
        .sum()
}

fn rules(network: &Network) -> usize {
    let groups = network.security_groups.values();
    let groups: usize = groups.map(|it| it.ingress.len() + it.egress.len()).sum();
    let acls = network.network_acls.values();
    let acls: usize = acls.map(|it| it.ingress.len() + it.egress.len()).sum();
    groups + acls
}

#[test]
fn every_machine_of_the_corpus_is_there_or_named() {
    let (mut machines, mut documents) = (0, 0);
    for (name, plan) in corpus() {
        documents += 1;
        let imported = import(&plan);
        let network = &imported.document.fragment.network;
        for (address, kind, _) in resources(&plan) {
            if !MACHINES.contains(&kind.as_str()) {
                continue;
            }
            machines += 1;
            let is_there = network.kind_of(&address).is_some();
            assert!(
                is_there || !left(&imported, &address).is_empty(),
                "{name}: {address}"
            );
        }
    }
    assert!(documents > 12 && machines > 20, "{documents} {machines}");
}

#[test]
fn as_many_rules_and_routes_come_out_of_the_corpus_as_go_in() {
    for (name, plan) in corpus() {
        let (imported, network) = (import(&plan), written(&plan));
        let (mut rules_in, mut routes_in) = (0, 0);
        for (address, kind, values) in resources(&plan) {
            let named = left(&imported, &address).len();
            match kind.as_str() {
                "security_group_lite_rule" | "security_group_rule_set" | "vpc_acl" => {
                    rules_in += lines(&values) - named;
                }
                "security_group_rule" => rules_in += 1 - named,
                "route_table_entry" => routes_in += 1 - named,
                _ => {}
            }
        }
        let tables = network.route_tables.values();
        let routes: usize = tables.map(|table| table.routes.len()).sum();
        assert_eq!((rules(&network), routes), (rules_in, routes_in), "{name}");
    }
}

#[test]
fn every_resource_of_the_corpus_has_a_note() {
    for (name, plan) in corpus() {
        let imported = import(&plan);
        for (address, kind, _) in resources(&plan) {
            let kind = format!("tencentcloud_{kind}");
            let mut notes = imported.notes.iter();
            let is_told = notes.any(|it| it.resource == address || it.resource == kind);
            assert!(is_told, "{name}: {address}");
        }
    }
}
