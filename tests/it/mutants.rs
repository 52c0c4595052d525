//! Small mistakes: every operator is survived by a suite that asks nothing of it and killed by the expectation that it calls
//! for; what is called redundant changes nothing that the oracle can see.

mod command;
mod coverage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pathproof::mutate::{Fate, Fated, Mutation, Operator, Suite, Thing, mutate, suggest, things};
use pathproof::query::Turn;
use pathproof::scenario::{Files, Origins, Scenario, load, parse_changes};
use pathproof::verify::{Budget, applied};

use crate::{oracle, random};

/// Any day will do.
const TODAY: &str = "2027-01-31";

/// Rules of groups and ACLs, groups that are bound, and a link.
const FILTERS: &str = r#"
    vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
    network_acls: {
        "acl-b": (
            vpc: "vpc-a",
            ingress: [
                Drop(from: "10.1.1.13"),
                Accept(from: "10.1.1.0/24", service: "tcp:443"),
                Accept(from: "10.1.1.0/25", service: "tcp:8000-8100"),
                Accept(from: "10.60.0.0/16"),
            ],
            egress: [Accept(service: "tcp:1024-65535"), Accept(to: "10.60.0.0/16")],
        ),
    },
    subnets: {
        "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"),
        "subnet-b": (vpc: "vpc-a", cidr: "10.1.2.0/24", network_acl: "acl-b"),
    },
    security_groups: {
        "sg-a": (egress: [Accept()]),
        "sg-b": (
            ingress: [
                Accept(from: "sg-a", service: "tcp:443"),
                Drop(from: "10.1.1.12", service: "tcp:8000-8010"),
                Accept(from: "10.1.1.0/24", service: "tcp:8000-8100"),
                Accept(from: "10.60.3.4", service: "udp:53"),
            ],
        ),
        "sg-c": (ingress: [Drop(service: "tcp:8000-8100"), Accept(service: "tcp:443")], egress: [Accept()]),
    },
    instances: {
        "ins-a": (subnet: "subnet-a", ip: "10.1.1.11", security_groups: ["sg-a"]),
        "ins-a2": (subnet: "subnet-a", ip: "10.1.1.12", security_groups: ["sg-a"]),
        "ins-a3": (subnet: "subnet-a", ip: "10.1.1.13", security_groups: ["sg-a"]),
        "ins-b": (subnet: "subnet-b", ip: "10.1.2.11", security_groups: ["sg-b"]),
        "ins-c": (subnet: "subnet-b", ip: "10.1.2.12", security_groups: ["sg-b", "sg-c"]),
    },
    classic: (
        instances: { "ins-old": (region: "ap-guangzhou", ip: "10.60.3.4", security_groups: ["sg-a"]) },
    ),
    classic_links: { "vpc-a": ["ins-old"] },
"#;

/// Routes, peerings, a CCN, gateways of every kind and a load balancer.
const WAYS: &str = r#"
    vpcs: {
        "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16", default_route_table: "rtb-a"),
        "vpc-b": (region: "ap-guangzhou", cidr: "10.2.0.0/16", default_route_table: "rtb-b"),
        "vpc-c": (region: "ap-guangzhou", cidr: "10.3.0.0/16"),
        "vpc-d": (region: "ap-guangzhou", cidr: "10.4.0.0/16", default_route_table: "rtb-d"),
    },
    route_tables: {
        "rtb-a": (
            vpc: "vpc-a",
            routes: [
                (to: "10.2.0.0/16", via: PeeringConnection("pcx-ab")),
                (to: "0.0.0.0/0", via: NatGateway("nat-a")),
                (to: "192.168.0.0/23", via: VpnGateway("vpngw-a")),
                (to: "192.168.8.0/24", via: VpnGateway("vpngw-r")),
            ],
        ),
        "rtb-b": (vpc: "vpc-b", routes: [(to: "10.1.0.0/16", via: PeeringConnection("pcx-ab"))]),
        "rtb-d": (vpc: "vpc-d", routes: [(to: "192.168.4.0/24", via: DirectConnectGateway("dcg-d"))]),
    },
    subnets: {
        "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"),
        "subnet-b": (vpc: "vpc-b", cidr: "10.2.1.0/24"),
        "subnet-c": (vpc: "vpc-c", cidr: "10.3.1.0/24"),
        "subnet-d": (vpc: "vpc-d", cidr: "10.4.1.0/24"),
    },
    security_groups: { "sg-open": (ingress: [Accept()], egress: [Accept()]) },
    instances: {
        "ins-a": (subnet: "subnet-a", ip: "10.1.1.11", security_groups: ["sg-open"]),
        "ins-b": (subnet: "subnet-b", ip: "10.2.1.11", security_groups: ["sg-open"]),
        "ins-c": (subnet: "subnet-c", ip: "10.3.1.11", security_groups: ["sg-open"]),
        "ins-d": (subnet: "subnet-d", ip: "10.4.1.11", security_groups: ["sg-open"]),
    },
    load_balancers: {
        "lb-c": (
            network: Internal(subnet: "subnet-c", vip: "10.3.1.100"),
            security_groups: ["sg-open"],
            listeners: [(service: "tcp:80", targets: [(instance: "ins-c", port: 8080)])],
        ),
    },
    peerings: { "pcx-ab": (between: ("vpc-a", "vpc-b")) },
    ccns: { "ccn-cd": (attachments: [Vpc("vpc-c"), Vpc("vpc-d")]) },
    nat_gateways: {
        "nat-a": (
            vpc: "vpc-a",
            eips: ["203.0.113.1"],
            strict_snat: true,
            snat: [(from: "10.1.1.0/24", eips: ["203.0.113.1"])],
            dnat: [(service: "tcp:443", eip: "203.0.113.1", to: "ins-a", port: 8443)],
        ),
    },
    sites: {
        "site-one": (cidrs: ["192.168.0.0/24"]),
        "site-two": (cidrs: ["192.168.4.0/23"]),
        "site-three": (cidrs: ["192.168.8.0/24"]),
    },
    vpn_gateways: {
        "vpngw-a": (
            attached_to: Vpc("vpc-a"),
            connections: [
                (
                    id: "vpnx-a",
                    site: "site-one",
                    policies: [
                        (local: "10.1.1.0/24", remote: ["192.168.0.0/25"]),
                        (local: "10.1.1.0/24", remote: ["192.168.0.128/25"]),
                    ],
                ),
            ],
        ),
        "vpngw-r": (
            attached_to: Vpc("vpc-a"),
            connections: [(id: "vpnx-r", site: "site-three")],
            routes: [(to: "192.168.8.0/24", connection: "vpnx-r")],
        ),
    },
    direct_connect_gateways: {
        "dcg-d": (
            attached_to: Vpc("vpc-d"),
            kind: Nat(local_ips: [("10.4.1.11", "192.168.99.11")]),
            tunnels: [(id: "dcx-d", site: "site-two", prefixes: ["192.168.4.0/23"])],
        ),
    },
"#;

/// Each network with a promise that hardly anything can break.
const SUITES: [(&str, &str); 2] = [
    (FILTERS, r#"Unreachable(from: "ins-b", to: "ins-a", service: "gre")"#),
    (WAYS, r#"Unreachable(from: "ins-a", to: "ins-c", service: "gre")"#),
];

struct Text<'t>(&'t str);

impl Files for Text<'_> {
    fn read(&self, _path: &str) -> std::io::Result<Vec<u8>> {
        Ok(self.0.into())
    }
}

fn scenario(network: &str, expect: &[String]) -> Scenario {
    let text = format!("Scenario(network: ({network}), expect: [{}])", expect.join(","));
    let loaded = load("shop.ron", &Text(&text));
    let told = || format!("{:#?}", loaded.diagnostics);
    loaded.scenario.clone().unwrap_or_else(|| panic!("{}", told()))
}

fn run(scenario: &Scenario) -> (Vec<Thing>, Mutation) {
    let suite = Suite::new(scenario, TODAY, Budget::default());
    assert!(suite.as_written().spans.is_empty(), "the suite holds");
    let things = things(&scenario.network);
    let mutation = mutate(&suite, &things, |_| true, || ());
    (things, mutation)
}

fn killer(fated: &Fated) -> Option<String> {
    match &fated.fate {
        Fate::Survived { killer, .. } => {
            let killer = killer.as_ref().unwrap_or_else(|| panic!("no killer: {fated:?}"));
            Some(killer.to_string())
        }
        _ => None,
    }
}

#[test]
fn every_operator_survives_who_asks_nothing_of_it_and_dies_of_what_it_calls_for() {
    let mut seen: BTreeSet<Operator> = BTreeSet::new();
    for (network, promise) in SUITES {
        let weak = vec![promise.to_owned()];
        let (_, mutation) = run(&scenario(network, &weak));
        for fated in &mutation.mutants {
            let Some(killer) = killer(fated) else {
                continue;
            };
            seen.insert(fated.mutant.operator);
            let strong = scenario(network, &[weak.clone(), vec![killer.clone()]].concat());
            let suite = Suite::new(&strong, TODAY, Budget::default());
            assert!(suite.as_written().spans.is_empty(), "{killer} holds");
            let mutant = suite.mutated(&fated.mutant.changes).expect("a mutant");
            let turned = suite.turned(&mutant);
            let told = &fated.mutant;
            assert_eq!(turned.spans, [strong.base[1].span], "{killer} notices {told:?}");
        }
    }
    let all: BTreeSet<Operator> = Operator::all().collect();
    let missing: Vec<_> = all.difference(&seen).map(|it| it.name()).collect();
    assert!(missing.is_empty(), "survived by nobody: {missing:?}");
}

#[test]
fn few_expectations_kill_every_survivor() {
    for (network, promise) in SUITES {
        let weak = scenario(network, &[promise.to_owned()]);
        let (things, mutation) = run(&weak);
        let suite = Suite::new(&weak, TODAY, Budget::default());
        let suggested = suggest(&suite, &things, &mutation);
        let survived = mutation.tally().survived;
        assert!(survived > suggested.len() && !suggested.is_empty());
        let mut all = vec![promise.to_owned()];
        all.extend(suggested.iter().map(|one| one.killer.to_string()));
        let tally = run(&scenario(network, &all)).1.tally();
        assert_eq!(tally.survived, 0, "{all:#?}");
        assert_eq!(tally.undetermined, 0);
    }
}

#[test]
fn the_mutants_of_a_network_are_these() {
    for (name, (network, promise)) in ["filters", "ways"].into_iter().zip(SUITES) {
        let (things, mutation) = run(&scenario(network, &[promise.to_owned()]));
        let lines = mutation.mutants.iter().map(|fated| {
            let place = &things[fated.thing].place;
            let path: Vec<String> = place.path.iter().map(|key| format!("{key:?}")).collect();
            let turned = fated.mutant.turned.clone().unwrap_or_default();
            format!(
                "{} {} {} [{} → {}] {} {}\n",
                fated.mutant.operator.name(),
                place.id,
                path.join("."),
                turned.0,
                turned.1,
                fated.fate.name(),
                killer(fated).unwrap_or_default()
            )
        });
        insta::assert_snapshot!(name, lines.collect::<String>());
    }
}

#[test]
fn a_change_reads_back_as_the_mutant() {
    for (network, promise) in SUITES {
        let scenario = scenario(network, &[promise.to_owned()]);
        let suite = Suite::new(&scenario, TODAY, Budget::default());
        for thing in things(&scenario.network) {
            for mutant in &thing.mutants {
                let Ok(wanted) = suite.mutated(&mutant.changes) else {
                    continue;
                };
                let texts = mutant.changes.iter().map(pathproof::import::write_change);
                let text = format!("[{}]", texts.collect::<Vec<_>>().join(", "));
                let mut sources = pathproof::diagnostic::Sources::default();
                let parsed = parse_changes(&[("change", &text)], &scenario.network, &mut sources);
                let changes = parsed.changes.unwrap_or_else(|| panic!("{text}"));
                let (read, _) = applied(&suite.situation(), &changes);
                assert_eq!(read.network, wanted.network, "{text}");
            }
        }
    }
}

#[test]
fn every_operator_is_documented_as_it_is() {
    let page = std::fs::read_to_string(crate::shipped::root().join("docs/suite.md"));
    let page = page.expect("a page");
    for operator in Operator::all() {
        let words = operator.words(pathproof::code::Language::English);
        let row = format!("| `{}` | {words} |", operator.name());
        assert!(page.contains(&row), "{row}");
    }
}

/// Random networks, and how many of the mutants of each are looked at; `PATHPROOF_MUTANTS=N` looks at about N in all.
const NETWORKS: u64 = 10;
const EACH: usize = 12;

#[test]
#[expect(clippy::print_stderr, reason = "who looks at many wants to know how many")]
fn the_oracle_sees_nothing_in_what_is_redundant_and_what_is_told_of_survivors() {
    let mut counts = BTreeMap::new();
    let wanted = std::env::var("PATHPROOF_MUTANTS").ok();
    let wanted = wanted.map(|wanted| wanted.parse::<usize>().expect("a number"));
    let networks = wanted.map_or(NETWORKS, |wanted| wanted.div_ceil(EACH) as u64);
    for seed in 0..networks {
        let network = random::network(seed);
        let scenario = Scenario {
            name: None,
            network: network.clone(),
            origins: Origins::default(),
            base: Vec::new(),
            steps: Vec::new(),
            what_if: Vec::new(),
            allowed: Vec::new(),
        };
        let suite = Suite::new(&scenario, TODAY, Budget::default());
        let things = things(&network);
        let all: usize = things.iter().map(|thing| thing.mutants.len()).sum();
        let step = (all / EACH).max(1);
        let mutation = mutate(&suite, &things, |number| number % step == 0, || ());
        let questions = random::questions(&network, seed, 40);
        for fated in &mutation.mutants {
            *counts.entry(fated.fate.name()).or_insert(0) += 1;
            let Ok(mutant) = suite.mutated(&fated.mutant.changes) else {
                continue;
            };
            let mutant = Arc::clone(&mutant.network);
            match &fated.fate {
                Fate::Equivalent => {
                    for (from, to, packet) in &questions {
                        let was = oracle::judge(&network, from, to, *packet).always;
                        let is = oracle::judge(&mutant, from, to, *packet).always;
                        assert_eq!(was, is, "seed {seed}: {from} → {to} {packet}: {fated:?}");
                    }
                }
                Fate::Survived { pieces, killer } => {
                    assert!(killer.is_some(), "seed {seed}: {fated:?}");
                    for piece in pieces {
                        let (from, to) = (&piece.from.who[0], piece.to.who.last());
                        let (Some(to), Some(packet)) = (to, piece.witness) else {
                            continue;
                        };
                        if from == to || piece.from.who.len() > 1 || piece.to.who.len() > 1 {
                            continue;
                        }
                        let was = oracle::judge(&network, &from.endpoint, &to.endpoint, packet);
                        let is = oracle::judge(&mutant, &from.endpoint, &to.endpoint, packet);
                        let gained = piece.turn == Turn::Gained;
                        let told = (fated.mutant.operator, &from.endpoint, &to.endpoint, packet);
                        let works = (was.always, is.always);
                        assert_eq!(works, (!gained, gained), "seed {seed}: {told:?}");
                    }
                }
                _ => {}
            }
        }
    }
    assert!(counts["equivalent"] > 20 && counts["survived"] > 20, "{counts:?}");
    if wanted.is_some() {
        eprintln!("{counts:?}");
    }
}
