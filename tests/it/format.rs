//! The reference of the format is what the reader takes: the same fields, the same ones required, examples that load, and
//! `docs/format.md` made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use pathproof::code::{Code, Language};
use pathproof::model::Change;
use pathproof::render::format::{Record, document, record, records, scenario_schema};
use pathproof::render::rules;
use pathproof::scenario::{Files, Loaded, load};

use crate::shipped::root;

/// A field that nothing has, and that is near no name.
const BOGUS: &str = "(qqqqqqqqqqqqqqqqqqqq: 1)";

/// Where a record stands in a file; `$` is the record.
const PLACES: [(&str, &str); 33] = [
    ("scenario", "$"),
    ("network", "(network: $)"),
    ("classic", "(network: (classic: $))"),
    ("platform", "(network: (platform: $))"),
    ("unmodelled", "(network: (unmodelled: [$]))"),
    ("route", "(network: (route_tables: { \"x\": (vpc: \"v\", routes: [$]) }))"),
    ("acl rule", "(network: (network_acls: { \"x\": (vpc: \"v\", ingress: [Accept$]) }))"),
    ("edge rule", "(network: (edge_firewalls: { \"x\": (ingress: [Accept$]) }))"),
    ("ingress rule", "(network: (security_groups: { \"x\": (ingress: [Accept$]) }))"),
    ("egress rule", "(network: (security_groups: { \"x\": (egress: [Drop$]) }))"),
    ("Internal", "(network: (load_balancers: { \"x\": (network: Internal$, listeners: []) }))"),
    ("Public", "(network: (load_balancers: { \"x\": (network: Public$, listeners: []) }))"),
    (
        "listener",
        "(network: (classic: (load_balancers: { \"x\": (region: \"r\", vip: \"10.0.0.1\", listeners: [$]) })))",
    ),
    (
        "target",
        "(network: (classic: (load_balancers: { \"x\": (region: \"r\", vip: \"10.0.0.1\", listeners: [(service: \"tcp:80\", targets: [$])]) })))",
    ),
    (
        "old address",
        "(network: (databases: { \"x\": (subnet: \"s\", ip: \"10.0.0.1\", engine: Redis, old_vips: [$]) }))",
    ),
    ("snat rule", "(network: (nat_gateways: { \"x\": (vpc: \"v\", snat: [$]) }))"),
    ("dnat entry", "(network: (nat_gateways: { \"x\": (vpc: \"v\", dnat: [$]) }))"),
    (
        "vpn connection",
        "(network: (vpn_gateways: { \"x\": (attached_to: Vpc(\"v\"), connections: [$]) }))",
    ),
    (
        "vpn policy",
        "(network: (vpn_gateways: { \"x\": (attached_to: Vpc(\"v\"), connections: [(id: \"i\", site: \"s\", policies: [$])]) }))",
    ),
    (
        "vpn route",
        "(network: (vpn_gateways: { \"x\": (attached_to: Vpc(\"v\"), connections: [], routes: [$]) }))",
    ),
    (
        "Nat",
        "(network: (direct_connect_gateways: { \"x\": (attached_to: Vpc(\"v\"), tunnels: [], kind: Nat$) }))",
    ),
    (
        "mapping",
        "(network: (direct_connect_gateways: { \"x\": (attached_to: Vpc(\"v\"), tunnels: [], kind: Nat(local_ips: [$])) }))",
    ),
    (
        "dc snat rule",
        "(network: (direct_connect_gateways: { \"x\": (attached_to: Vpc(\"v\"), tunnels: [], kind: Nat(snat: [$])) }))",
    ),
    (
        "dc dnat entry",
        "(network: (direct_connect_gateways: { \"x\": (attached_to: Vpc(\"v\"), tunnels: [], kind: Nat(dnat: [$])) }))",
    ),
    (
        "direct connect tunnel",
        "(network: (direct_connect_gateways: { \"x\": (attached_to: Vpc(\"v\"), tunnels: [$]) }))",
    ),
    ("ccn route", "(network: (ccns: { \"x\": (routes: [$]) }))"),
    ("ccn route table", "(network: (ccns: { \"x\": (route_tables: { \"y\": $ }) }))"),
    ("ccn route policy", "(network: (ccns: { \"x\": (route_tables: { \"y\": (accept: [$]) }) }))"),
    ("ccn selection policy", "(network: (ccns: { \"x\": (selection: [$]) }))"),
    ("waive", "(expect: [Reachable(from: \"a\", to: \"b\", waive: $)])"),
    ("stage", "(steps: [$])"),
    ("Refused", "(steps: [(name: \"n\", changes: [Refused$])])"),
    ("Allow", "(lint: [Allow$])"),
];

/// A file that holds a record of this name with a field that nothing has.
fn with_bogus(record: &str) -> String {
    let place = PLACES.iter().find(|(name, _)| *name == record);
    let place = place.map(|(_, place)| (*place).to_owned());
    let place = place.unwrap_or_else(|| match record {
        "Reachable" | "Unreachable" | "Partial" => format!("(expect: [{record}$])"),
        _ if Change::ACTIONS.contains(&record) => {
            format!("(steps: [(name: \"n\", changes: [{record}$])])")
        }
        _ => match record.strip_prefix("classic.") {
            Some(section) => format!("(network: (classic: ({section}: {{ \"x\": $ }})))"),
            None => format!("(network: ({record}: {{ \"x\": $ }}))"),
        },
    });
    place.replace('$', BOGUS)
}

/// Files in memory.
struct Memory(BTreeMap<&'static str, String>);

impl Files for Memory {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let text = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(text.clone().into_bytes())
    }
}

fn loaded(text: String) -> Loaded {
    let base = BASE.to_owned();
    load("main.ron", &Memory(BTreeMap::from([("main.ron", text), ("base.ron", base)])))
}

/// The names between backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The fields that the reader takes, and those that it needs.
fn taken(record: &Record) -> (BTreeSet<String>, BTreeSet<String>) {
    let loaded = loaded(with_bogus(record.name));
    let of = |code: Code| loaded.diagnostics.iter().filter(move |it| it.code == code);
    let unknown = of(Code::UnknownField).find(|it| it.message.english().contains("qqqq"));
    let help = unknown.and_then(|it| it.help.as_ref());
    let help = help.unwrap_or_else(|| panic!("{}: {:#?}", record.name, loaded.diagnostics));
    let missing = of(Code::MissingField).filter_map(|it| it.message.english().split('`').nth(3));
    // where only one is lacking, the strange one is told together with it
    let needed = help.english().split_once("` is needed; ");
    let needed = needed.map(|(name, _)| name.trim_start_matches('`'));
    let missing = missing.chain(needed).map(str::to_owned).collect();
    (quoted(help.english()), missing)
}

#[test]
fn the_reference_has_the_fields_that_the_reader_takes() {
    for record in records().iter().filter(|record| !record.fields.is_empty()) {
        let (fields, needed) = taken(record);
        let told = |required: bool| {
            let fields = record.fields.iter().filter(move |field| field.required || !required);
            fields.map(|field| field.name.to_owned()).collect::<BTreeSet<_>>()
        };
        assert_eq!(told(false), fields, "fields of {}", record.name);
        assert_eq!(told(true), needed, "required fields of {}", record.name);
    }
}

#[test]
fn every_section_and_change_is_told() {
    for action in Change::ACTIONS {
        assert!(record(action).is_some_and(|record| record.name == action), "{action}");
    }
    let network = record("network").expect("the network");
    for field in network.fields.iter().filter(|field| field.kind.starts_with("map of record")) {
        assert!(record(field.name).is_some(), "{}", field.name);
    }
}

#[test]
fn every_example_loads() {
    for record in records().iter().filter(|record| !record.example.is_empty()) {
        let example = record.example.join("\n");
        let text = match record.name {
            "scenario" => example.clone(),
            "network" | "Reachable" | "Unreachable" | "Partial" | "waive" | "stage" | "Refused"
            | "Allow" => {
                format!("(include: [\"base.ron\"], {example})")
            }
            name if Change::ACTIONS.contains(&name) => {
                format!("(include: [\"base.ron\"], what_if: [(name: \"n\", changes: [{example}])])")
            }
            _ => format!("(include: [\"base.ron\"], network: ({example}))"),
        };
        let loaded = loaded(text);
        let told: Vec<_> = loaded.diagnostics.iter().map(|it| it.message.to_string()).collect();
        assert!(loaded.scenario.is_some(), "{}: {told:#?}", record.name);
    }
}

#[test]
fn the_documents_are_what_the_program_tells() {
    for (path, made) in [
        ("docs/format.md", document(Language::English)),
        ("docs/format.zh.md", document(Language::Chinese)),
        ("docs/semantics.md", rules::document(Language::English)),
        ("docs/semantics.zh.md", rules::document(Language::Chinese)),
    ] {
        let file = root().join(path);
        if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
            std::fs::write(&file, &made).expect("the document is written");
        }
        let written = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            written == made,
            "{path} is not what the program tells: INSTA_UPDATE=always cargo test format"
        );
    }
}

#[test]
fn the_schema_of_scenarios_is_one() {
    for language in [Language::English, Language::Chinese] {
        let schema = scenario_schema(language);
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        let good = serde_json::json!({
            "name": "a",
            "network": {
                "vpcs": { "vpc-a": { "region": "ap-guangzhou", "cidr": "10.1.0.0/16" } },
                "security_groups": { "sg": { "ingress": [{ "Accept": { "service": "tcp:80" } }] } },
            },
            "expect": [{ "Reachable": { "from": "a", "to": "b" } }],
            "steps": [{ "name": "n", "changes": [{ "Down": "x" }, { "Delete": ["y"] }] }],
        });
        let errors: Vec<_> = validator.iter_errors(&good).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let bad =
            serde_json::json!({ "network": { "vpcs": { "vpc-a": { "cdir": "10.1.0.0/16" } } } });
        assert!(!validator.is_valid(&bad));
    }
}

/// What the examples refer to.
const BASE: &str = r#"Scenario(
    network: (
        vpcs: {
            "vpc-shop": (region: "ap-guangzhou", cidr: "10.1.0.0/16", default_route_table: "rtb-web"),
            "vpc-far": (region: "ap-guangzhou", cidr: "10.2.0.0/16"),
        },
        subnets: {
            "subnet-web": (vpc: "vpc-shop", cidr: "10.1.1.0/24", network_acl: "acl-web"),
            "subnet-db": (vpc: "vpc-shop", cidr: "10.1.2.0/24"),
        },
        route_tables: { "rtb-web": (vpc: "vpc-shop", routes: [(to: "0.0.0.0/0", via: NatGateway("nat-shop"))]) },
        network_acls: { "acl-web": (vpc: "vpc-shop", ingress: [Accept()], egress: [Accept()]) },
        security_groups: {
            "sg-web": (ingress: [Accept(service: "tcp:443")], egress: [Accept()]),
            "sg-db": (ingress: [Accept(from: "sg-web", service: "tcp:3306")]),
        },
        address_templates: { "ipm-idc": (addresses: ["192.168.0.0/16"]) },
        service_templates: { "ppm-web": (services: ["tcp:80,443"]) },
        instances: {
            "ins-web": (subnet: "subnet-web", ip: "10.1.1.10", security_groups: ["sg-web"]),
            "ins-db": (subnet: "subnet-db", ip: "10.1.2.10", security_groups: ["sg-db"]),
        },
        load_balancers: {
            "lb-web": (
                network: Internal(subnet: "subnet-web", vip: "10.1.1.200"),
                listeners: [(service: "tcp:443", targets: [(instance: "ins-web", port: 8443)])],
            ),
        },
        nat_gateways: { "nat-shop": (vpc: "vpc-shop", eips: ["198.51.100.1"]) },
        vpn_gateways: {
            "vpngw-idc": (attached_to: Vpc("vpc-shop"), connections: [(id: "vpnx-idc", site: "site-idc")]),
        },
        sites: { "site-idc": (cidrs: ["192.168.0.0/16"]) },
        classic: (
            instances: {
                "ins-old": (region: "ap-guangzhou", ip: "10.60.3.4", security_groups: ["sg-web"]),
                "ins-classic": (region: "ap-guangzhou", ip: "10.60.3.6", security_groups: ["sg-web"]),
            },
            databases: { "cdb-old": (region: "ap-guangzhou", ip: "10.66.1.20", engine: MySql) },
        ),
        classic_links: { "vpc-shop": ["ins-old"] },
    ),
    names: { "db.shop": "cdb-old" },
)
"#;
