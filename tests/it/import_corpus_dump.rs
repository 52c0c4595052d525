//! Dumps of networks of the corpus: what their answers list comes out, and it is what the state of the same network says.

use std::fs;
use std::path::Path;

use pathproof::import::{self, Imported, tencent, write};
use pathproof::model::Network;
use serde_json::Value;

use crate::import_corpus::{Sum, corpus, held};
use crate::import_write::network;
use crate::plans::written;

/// Each dump is one file: the names of its files, and what stands in them.
fn dumps() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/dumps");
    let files = fs::read_dir(folder).expect("the dumps").map(|file| {
        let path = file.expect("a file").path();
        let stem = path.file_stem().expect("a name").to_string_lossy();
        let text = fs::read_to_string(&path).expect("a text");
        (stem.into_owned(), serde_json::from_str(&text).expect("JSON"))
    });
    let mut files: Vec<_> = files.collect();
    files.sort_by(|one, other| one.0.cmp(&other.0));
    files
}

fn import(dump: &Value) -> Imported {
    let files = dump.as_object().expect("files").iter();
    let files: Vec<_> = files.map(|(name, it)| (name.clone(), it.to_string())).collect();
    import::tencent(&files, &tencent::Options::default()).expect("a dump")
}

fn read(dump: &Value) -> Network {
    network(&[("main.ron".to_owned(), write(&import(dump).document))])
}

/// The lists of a name in the answers to an action.
fn listed<'d>(dump: &'d Value, action: &str, list: &str) -> Vec<&'d Value> {
    let files = dump.as_object().expect("files").iter();
    let own = files.filter(|(name, _)| name.split('.').next() == Some(action));
    let lists = own.filter_map(|(_, it)| it["Response"][list].as_array());
    lists.flatten().collect()
}

fn within(things: &[&Value], list: &str) -> usize {
    things.iter().filter_map(|it| it[list].as_array()).map(Vec::len).sum()
}

/// What the answers list.
fn said(dump: &Value) -> Sum {
    let files = dump.as_object().expect("files").values();
    let policies: Vec<&Value> = files.map(|it| &it["Response"]["SecurityGroupPolicySet"]).collect();
    let acls = listed(dump, "DescribeNetworkAcls", "NetworkAclSet");
    let tables = listed(dump, "DescribeRouteTables", "RouteTableSet");
    let routes = tables.iter().filter_map(|it| it["RouteSet"].as_array()).flatten();
    let targets = listed(dump, "DescribeTargets", "Listeners");
    let rules: Vec<&Value> =
        targets.iter().filter_map(|it| it["Rules"].as_array()).flatten().collect();
    let translations = [
        (
            "DescribeNatGatewayDestinationIpPortTranslationNatRules",
            "NatGatewayDestinationIpPortTranslationNatRuleSet",
        ),
        ("DescribeNatGatewaySourceIpTranslationNatRules", "SourceIpTranslationNatRuleSet"),
    ];
    Sum {
        rules: within(&policies, "Ingress")
            + within(&policies, "Egress")
            + within(&acls, "IngressEntries")
            + within(&acls, "EgressEntries"),
        routes: routes.filter(|it| it["GatewayType"] != "LOCAL").count(),
        translations: translations
            .iter()
            .map(|(action, list)| listed(dump, action, list).len())
            .sum(),
        listeners: listed(dump, "DescribeListeners", "Listeners").len(),
        targets: within(&targets, "Targets") + within(&rules, "Targets"),
        links: listed(dump, "DescribeVpcPeeringConnections", "PeerConnectionSet").len()
            + listed(dump, "DescribeClassicLinkInstances", "ClassicLinkInstanceSet").len(),
        ..Sum::default()
    }
}

#[test]
fn everything_that_a_dump_lists_comes_out() {
    let mut count = 0;
    for (name, dump) in dumps() {
        let imported = import(&dump);
        assert!(imported.is_complete(), "{name}: {:#?}", imported.notes);
        let network = read(&dump);
        assert_eq!(held(&network), said(&dump), "{name}");
        for machine in listed(&dump, "DescribeInstances", "InstanceSet") {
            let id = machine["InstanceId"].as_str().expect("an id");
            assert!(network.kind_of(id).is_some(), "{name}: {id}");
        }
        count += 1;
    }
    assert!(count > 9, "{count}");
}

#[test]
fn a_dump_and_a_state_of_one_network_say_the_same() {
    let mut count = 0;
    let documents = corpus();
    for (name, dump) in dumps() {
        let forms = [format!("{name}.tfstate.json"), format!("{name}.state.json")];
        let state = documents.iter().find(|(own, _)| forms.contains(own));
        let Some((_, state)) = state else {
            continue;
        };
        let (of_dump, of_state) = (read(&dump), written(state));
        assert_eq!(held(&of_dump), held(&of_state), "{name}");
        for (id, machine) in &of_state.instances {
            let own = &of_dump.instances[id];
            assert_eq!(
                (own.ip, own.eip, &own.subnet, &own.security_groups),
                (machine.ip, machine.eip, &machine.subnet, &machine.security_groups),
                "{name}: {id}"
            );
        }
        for (id, group) in &of_state.security_groups {
            let own = &of_dump.security_groups[id];
            assert_eq!(
                (&own.ingress, &own.egress),
                (&group.ingress, &group.egress),
                "{name}: {id}"
            );
        }
        for (id, table) in &of_state.route_tables {
            let ways = |routes: &[pathproof::model::Route]| -> Vec<String> {
                let mut all: Vec<String> =
                    routes.iter().map(|it| format!("{} {:?}", it.to, it.via)).collect();
                all.sort();
                all
            };
            let own = &of_dump.route_tables[id];
            assert_eq!(ways(&own.routes), ways(&table.routes), "{name}: {id}");
        }
        count += 1;
    }
    assert!(count > 8, "{count}");
}
