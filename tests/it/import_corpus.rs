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
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a text");
        (name, serde_json::from_str(&text).expect("JSON"))
    });
    let mut files: Vec<_> = files.collect();
    files.sort_by(|one, other| one.0.cmp(&other.0));
    files
}

/// One resource of a document: address, type without the provider's name, id in the cloud, values.
struct Resource {
    address: String,
    kind: String,
    id: String,
    values: Value,
}

impl Resource {
    fn of(address: String, kind: &Value, values: &Value) -> Self {
        let kind = kind.as_str().expect("a type");
        Self {
            id: values["id"].as_str().unwrap_or(&address).to_owned(),
            address,
            kind: kind.replace("tencentcloud_", ""),
            values: values.clone(),
        }
    }

    /// How many of something its values list under these names.
    fn lines(&self, names: &[&str]) -> usize {
        let lists = names.iter().filter_map(|name| self.values[name].as_array());
        lists.map(Vec::len).sum()
    }
}

/// The resources of a plan, a shown state or a stored one.
fn resources(document: &Value) -> Vec<Resource> {
    fn collect(module: &Value, all: &mut Vec<Resource>) {
        for it in module["resources"].as_array().into_iter().flatten() {
            let address = it["address"].as_str().expect("an address").to_owned();
            all.push(Resource::of(address, &it["type"], &it["values"]));
        }
        for child in module["child_modules"].as_array().into_iter().flatten() {
            collect(child, all);
        }
    }
    let mut all = Vec::new();
    for tree in ["planned_values", "values"] {
        collect(&document[tree]["root_module"], &mut all);
    }
    for block in document["resources"].as_array().into_iter().flatten() {
        let module = block["module"].as_str();
        let module = module.map(|it| format!("{it}.")).unwrap_or_default();
        let word = |name: &str| block[name].as_str().expect("a word").to_owned();
        let name = format!("{module}{}.{}", word("type"), word("name"));
        for instance in block["instances"].as_array().expect("instances") {
            let key = instance.get("index_key").map(|key| format!("[{key}]"));
            let address = format!("{name}{}", key.unwrap_or_default());
            all.push(Resource::of(address, &block["type"], &instance["attributes"]));
        }
    }
    all
}

/// The notes that name a resource as left out.
fn left<'n>(imported: &'n Imported, address: &str) -> Vec<&'n Note> {
    let notes = imported.notes.iter();
    let notes = notes.filter(|it| it.outcome == Outcome::LeftOut && it.resource == address);
    notes.collect()
}

/// How many of what a resource says are named: all of it, where a note is about the whole.
fn named(imported: &Imported, resource: &Resource, count: usize) -> usize {
    let notes = left(imported, &resource.address);
    let is_line = |note: &&Note| note.attribute.as_ref().is_some_and(|it| it.contains('['));
    if notes.iter().all(is_line) { notes.len() } else { count }
}

/// What a document says, or a network holds, of each sort.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub rules: usize,
    pub routes: usize,
    pub translations: usize,
    pub listeners: usize,
    pub targets: usize,
    pub members: usize,
    pub tunnels: usize,
    pub links: usize,
}

/// What goes in and is not named.
fn said(imported: &Imported, document: &Value) -> Sum {
    let mut sum = Sum::default();
    for it in resources(document) {
        let (into, count) = match it.kind.as_str() {
            "security_group_lite_rule" | "security_group_rule_set" | "vpc_acl" => {
                (&mut sum.rules, it.lines(&["ingress", "egress"]))
            }
            "vpc_network_acl_quintuple" => {
                let sets = it.values["network_acl_quintuple_set"].as_array();
                let lines = |set: &Value, name: &str| set[name].as_array().map_or(0, Vec::len);
                let all = sets.into_iter().flatten();
                let all = all.map(|set| lines(set, "ingress") + lines(set, "egress"));
                (&mut sum.rules, all.sum())
            }
            "security_group_rule" => (&mut sum.rules, 1),
            "route_table_entry" | "vpn_gateway_route" => (&mut sum.routes, 1),
            "dnat" | "nat_gateway_snat" => (&mut sum.translations, 1),
            "clb_listener" => (&mut sum.listeners, 1),
            "clb_attachment" => (&mut sum.targets, it.lines(&["targets"])),
            "ccn_attachment" => (&mut sum.members, 1),
            "vpn_connection" | "vpn_ssl_server" | "dcx" => (&mut sum.tunnels, 1),
            "vpc_peer_connect_manager" | "vpc_classic_link_attachment" => (&mut sum.links, 1),
            _ => continue,
        };
        *into += count - named(imported, &it, count);
    }
    let read = document.pointer("/prior_state/values/root_module/resources");
    for data in read.and_then(Value::as_array).into_iter().flatten() {
        let groups = data.pointer("/values/security_groups");
        for group in groups.and_then(Value::as_array).into_iter().flatten() {
            let lists = ["ingress", "egress"].into_iter();
            let lists = lists.filter_map(|name| group[name].as_array());
            sum.rules += lists.map(Vec::len).sum::<usize>();
        }
    }
    sum
}

/// What comes out.
pub fn held(network: &Network) -> Sum {
    let groups = network.security_groups.values();
    let groups: usize = groups.map(|it| it.ingress.len() + it.egress.len()).sum();
    let acls = network.network_acls.values();
    let acls: usize = acls.map(|it| it.ingress.len() + it.egress.len()).sum();
    let tables = network.route_tables.values();
    let tables: usize = tables.map(|table| table.routes.len()).sum();
    let vpn = || network.vpn_gateways.values();
    let nat = network.nat_gateways.values();
    let listeners = || {
        let own = network.load_balancers.values().flat_map(|it| &it.listeners);
        own.chain(network.classic_load_balancers.values().flat_map(|it| &it.listeners))
    };
    let lines = network.direct_connect_gateways.values();
    let links = network.classic_links.values();
    Sum {
        rules: groups + acls,
        routes: tables + vpn().map(|it| it.routes.len()).sum::<usize>(),
        translations: nat.map(|it| it.snat.len() + it.dnat.len()).sum(),
        listeners: listeners().count(),
        targets: listeners().map(|it| it.targets.len()).sum(),
        members: network.ccns.values().map(|it| it.attachments.len()).sum(),
        tunnels: vpn().map(|it| it.connections.len()).sum::<usize>()
            + lines.map(|it| it.tunnels.len()).sum::<usize>(),
        links: network.peerings.len() + links.map(Vec::len).sum::<usize>(),
    }
}

#[test]
fn every_machine_of_the_corpus_is_there_or_named() {
    let (mut machines, mut names) = (0, std::collections::BTreeSet::new());
    for (name, document) in corpus() {
        names.insert(name.split('.').next().expect("a name").to_owned());
        let imported = import(&document);
        let network = &imported.document.fragment.network;
        for it in resources(&document) {
            if !MACHINES.contains(&it.kind.as_str()) {
                continue;
            }
            machines += 1;
            let is_there = network.kind_of(&it.id).is_some();
            let is_named = !left(&imported, &it.address).is_empty();
            assert!(is_there || is_named, "{name}: {}", it.address);
        }
    }
    assert!(names.len() > 42 && machines > 100, "{names:?} {machines}");
}

#[test]
fn as_much_of_every_sort_comes_out_of_the_corpus_as_goes_in_and_is_not_named() {
    let (mut all, mut wrong) = (Sum::default(), Vec::new());
    for (name, document) in corpus() {
        let imported = import(&document);
        let (said, held) = (said(&imported, &document), held(&written(&document)));
        if held != said {
            let notes = imported.notes.iter().filter(|it| it.outcome == Outcome::LeftOut);
            let notes: Vec<String> = notes.map(ToString::to_string).collect();
            wrong.push(format!("{name}: {held:?} of {said:?}, {notes:#?}"));
        }
        all.rules += said.rules;
        all.routes += said.routes;
        all.targets += said.targets;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // the corpus is one: it holds plenty of each
    assert!(all.rules > 200 && all.routes > 20 && all.targets > 8, "{all:?}");
}

/// The same network as a plan and as the states that come of it: every one says the same rules, routes and machines.
#[test]
fn a_state_of_the_corpus_says_no_less_than_its_plan() {
    let documents = corpus();
    let mut pairs = 0;
    for (name, state) in &documents {
        let mut parts = name.split('.');
        let (Some(stem), Some("state" | "tfstate")) = (parts.next(), parts.next()) else {
            continue;
        };
        let plan = documents.iter().find(|(own, _)| *own == format!("{stem}.json"));
        let (_, plan) = plan.expect("its plan");
        let (planned, built) = (held(&written(plan)), held(&written(state)));
        // of a plan, what is not known yet is named; a state knows it
        assert!(planned.rules <= built.rules && planned.routes <= built.routes, "{name}");
        pairs += 1;
    }
    assert!(pairs > 20, "{pairs}");
}

#[test]
fn every_resource_of_the_corpus_has_a_note() {
    let mut silent: Vec<String> = Vec::new();
    for (name, document) in corpus() {
        let imported = import(&document);
        for it in resources(&document) {
            let kind = format!("tencentcloud_{}", it.kind);
            let mut notes = imported.notes.iter();
            let is_told = notes.any(|note| note.resource == it.address || note.resource == kind);
            if !is_told {
                silent.push(format!("{name}: {}", it.address));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}
