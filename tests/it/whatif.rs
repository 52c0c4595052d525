//! Laws of the exact difference, on random networks, and the two commands on a shipped scenario.

use std::net::IpAddr;
use std::sync::Arc;

use assert_cmd::Command;
use pathproof::model::{Change, Endpoint, Network, SecurityGroupRule, apply};
use pathproof::query::Turn;
use pathproof::scenario::Origins;
use pathproof::space::{Packet, Row};
use pathproof::verify::{Crowd, Deed, Difference, Piece, Request, Scope, Situation, difference};

use crate::cli::run_on;
use crate::{oracle, random};

const NETWORKS: u64 = 12;

fn situation(network: &Network) -> Situation {
    Situation::new(Arc::new(network.clone()), Arc::new(Origins::default()))
}

fn compare(old: &Network, new: &Network) -> Difference {
    difference(&situation(old), &situation(new), &Request::default())
}

/// Takes all rules of a network's first group away.
fn emptied(network: &Network) -> Option<(Network, Change)> {
    let (id, group) = network.security_groups.first()?;
    let rules = |ingress: Vec<SecurityGroupRule>, egress| Change::ModifySecurityGroupPolicies {
        security_group: id.clone(),
        ingress: Some(ingress),
        egress: Some(egress),
    };
    let empty = apply(network, &rules(Vec::new(), Vec::new())).ok()?;
    Some((empty, rules(group.ingress.clone(), group.egress.clone())))
}

/// A piece without what may differ between the two directions of a comparison.
fn told(difference: &Difference, turn: Turn) -> Vec<String> {
    let pieces = difference.pieces.iter().filter(|piece| piece.turn == turn);
    let told = pieces.map(|piece| {
        let rows: Vec<_> = piece.packets.iter().map(ToString::to_string).collect();
        format!("{:?} {:?} {rows:?}", piece.from.who, piece.to.who)
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

#[test]
fn equal_networks_differ_in_nothing() {
    for seed in 0..NETWORKS {
        let network = random::network(seed);
        let difference = compare(&network, &network);
        assert!(difference.pairs > 0 && difference.pieces.is_empty(), "seed {seed}");
    }
}

#[test]
fn a_change_and_its_undo_give_the_same_network_and_mirrored_differences() {
    let mut changed = 0;
    for seed in 0..NETWORKS {
        let network = random::network(seed);
        let Some((empty, undo)) = emptied(&network) else {
            continue;
        };
        let back = apply(&empty, &undo).expect("what was there may be there again");
        assert_eq!(network, back, "seed {seed}");
        let (there, back) = (compare(&network, &empty), compare(&empty, &network));
        assert_eq!(told(&there, Turn::Lost), told(&back, Turn::Gained), "seed {seed}");
        assert_eq!(told(&there, Turn::Gained), told(&back, Turn::Lost), "seed {seed}");
        changed += there.pieces.len();
    }
    assert!(changed > 0, "some network loses something");
}

/// Whether a piece speaks of a packet between two endpoints.
pub fn speaks_of(piece: &Piece, from: &Endpoint, to: &Endpoint, packet: &Packet) -> bool {
    let is_among = |crowd: &Crowd, end: &Endpoint| {
        crowd.who.iter().any(|who| match (&who.endpoint, end) {
            (Endpoint::GroupMember(a, first), Endpoint::GroupMember(b, address)) => {
                a == b && who.part.is_none_or(|last| *first <= *address && *address <= last)
            }
            (a, b) => a == b,
        })
    };
    let holds = |row: &Row| {
        row.traffic.holds(packet)
            && row.source.contains(packet.source)
            && row.destination.contains(packet.destination)
    };
    is_among(&piece.from, from) && is_among(&piece.to, to) && piece.packets.iter().any(holds)
}

/// The one address by which an endpoint of a VPC or a classic CVM is meant.
pub fn own(network: &Network, end: &Endpoint) -> Option<IpAddr> {
    match end {
        Endpoint::Instance(id) => network.instances.get(id).map(|it| it.ip),
        Endpoint::ClassicInstance(id) => network.classic_instances.get(id).map(|it| it.ip),
        Endpoint::Database(id) => network.databases.get(id).map(|it| it.ip),
        Endpoint::GroupMember(_, address) => Some(*address),
        _ => None,
    }
}

#[test]
fn gained_and_lost_is_what_the_oracle_says_of_both_sides() {
    let (mut gained, mut lost, mut same) = (0, 0, 0);
    for seed in 0..90 {
        let network = random::network(seed);
        let questions = random::questions(&network, seed, 200);
        for (change, after) in random::edits(&network, seed, 3) {
            let request =
                Request { deeds: vec![Deed::Change(change.clone())], ..Request::default() };
            let found = difference(&situation(&network), &situation(&after), &request);
            for (from, to, packet) in &questions {
                let usual = !packet.protocol.has_ports() || packet.source_port >= 1024;
                let meant = [(from, packet.source), (to, packet.destination)];
                let known = [&network, &after].iter().all(|network| {
                    meant.iter().all(|(end, sent)| own(network, end) == Some(*sent))
                });
                if !usual || !known || packet.protocol.0 == 58 {
                    continue;
                }
                let was = oracle::judge(&network, from, to, *packet).always;
                let is = oracle::judge(&after, from, to, *packet).always;
                let turns = |turn| {
                    let mut pieces = found.pieces.iter().filter(|piece| piece.turn == turn);
                    pieces.any(|piece| speaks_of(piece, from, to, packet))
                };
                let told = (turns(Turn::Gained), turns(Turn::Lost));
                let asked = [6, 17, 1, 47].contains(&packet.protocol.0);
                let truth = (asked && !was && is, asked && was && !is);
                assert_eq!(told, truth, "seed {seed}, {change:?}: {from} → {to}, {packet}");
                gained += usize::from(truth.0);
                lost += usize::from(truth.1);
                same += usize::from(was == is);
            }
        }
    }
    assert!(gained > 5 && lost > 20 && same > 1000, "{gained} {lost} {same}");
}

#[test]
fn skipping_what_a_change_cannot_have_touched_changes_no_answer() {
    let (mut touched, mut all, mut pieces) = (0, 0, 0);
    for seed in 0..60 {
        let mut network = random::network(seed);
        for (change, after) in random::edits(&network, seed, 6) {
            let ask = |scope| {
                let request = Request { scope, ..Request::default() };
                difference(&situation(&network), &situation(&after), &request)
            };
            let (quick, slow) = (ask(Scope::Touched), ask(Scope::Everything));
            for turn in [Turn::Gained, Turn::Lost] {
                assert_eq!(told(&quick, turn), told(&slow, turn), "seed {seed}: {change:?}");
            }
            assert_eq!(quick.pairs, slow.pairs);
            touched += quick.touched;
            all += slow.touched;
            pieces += slow.pieces.len();
            network = after;
        }
    }
    assert!(pieces > 100, "{pieces} pieces");
    assert!(touched * 2 < all, "{touched} of {all} touched");
}

#[test]
fn every_cause_is_needed_and_a_change_without_effect_is_named() {
    let drawn = (0..50).find_map(|seed| {
        let network = random::network(seed);
        let (empty, undo) = emptied(&network)?;
        let any = !compare(&network, &empty).pieces.is_empty();
        any.then_some((network, empty, undo))
    });
    let (network, empty, undo) = drawn.expect("some group lets something through");
    let rules = |change: &Change| Deed::Change(change.clone());
    let Change::ModifySecurityGroupPolicies { security_group, .. } = &undo else {
        unreachable!("emptied() changes a group")
    };
    let clear = Change::ModifySecurityGroupPolicies {
        security_group: security_group.clone(),
        ingress: Some(Vec::new()),
        egress: Some(Vec::new()),
    };
    // Twice the same: each alone is enough, none is needed.
    let twice = Request { deeds: vec![rules(&clear), rules(&clear)], ..Request::default() };
    let found = difference(&situation(&network), &situation(&empty), &twice);
    for piece in &found.pieces {
        assert_eq!(piece.causes.needed, Vec::<usize>::new());
        assert_eq!(piece.causes.enough, [0, 1]);
    }
    // There and back and there again: only the last one counts.
    let back =
        Request { deeds: vec![rules(&clear), rules(&undo), rules(&clear)], ..Request::default() };
    let found = difference(&situation(&network), &situation(&empty), &back);
    assert!(!found.pieces.is_empty());
    for piece in &found.pieces {
        assert_eq!(piece.causes.needed, [2], "the first is undone");
    }
    assert_eq!(found.effective, [false, false, true]);
}

#[test]
fn taking_a_rule_away_only_loses_and_names_the_expectations_that_break() {
    let output = Command::from_std(crate::shipped::program())
        .args(["whatif", "scenarios/estate/today.ron", "--change"])
        .arg("DeleteSecurityGroupPolicies(security_group: \"sg-data\", ingress: [0])")
        .args(["--format", "json"])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let pieces = told["pieces"].as_array().expect("pieces");
    assert!(!pieces.is_empty());
    assert!(pieces.iter().all(|piece| piece["turn"] == "lost"));
    assert_eq!(told["changes"][0]["outcome"], "applied");
    assert!(!told["broken"].as_array().expect("broken").is_empty());
}

#[test]
fn a_refused_change_changes_nothing_and_ends_with_1() {
    let output = Command::from_std(crate::shipped::program())
        .args(["whatif", "scenarios/estate/today.ron", "--change"])
        .arg("Delete([\"vpc-prod\"])")
        .args(["--format", "json"])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["changes"][0]["outcome"], "refused");
    assert_eq!(told["pieces"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_file_differs_from_itself_in_nothing() {
    let file = "scenarios/vpc/templates.ron";
    let output = Command::from_std(crate::shipped::program())
        .args(["diff", file, file])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("no difference"));
}

/// A client and a server in two subnets; the server's ACL drops what a client sends from port 80.
const ACL: &str = r#"(network: (
    vpcs: {"vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16")},
    subnets: {
        "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"),
        "subnet-b": (vpc: "vpc-a", cidr: "10.1.2.0/24", network_acl: "acl-b"),
    },
    network_acls: {"acl-b": (
        vpc: "vpc-a",
        ingress: [Drop(source_port: "80", service: "tcp:443"), Accept()],
        egress: [Accept()],
    )},
    security_groups: {"sg-open": (ingress: [Accept()], egress: [Accept()])},
    instances: {
        "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-open"]),
        "ins-b": (subnet: "subnet-b", ip: "10.1.2.5", security_groups: ["sg-open"]),
    },
))"#;

#[test]
fn a_difference_may_be_asked_for_other_source_ports() {
    let open = r#"ModifyNetworkAclEntries(network_acl: "acl-b", ingress: [Accept()])"#;
    let ask = |more: &[&str]| {
        let first = ["whatif", "-", "--change", open];
        let arguments: Vec<&str> = first.iter().chain(more).copied().collect();
        run_on(ACL, &arguments)
    };
    let usual = ask(&["--format", "json"]).json();
    assert_eq!(usual["pieces"].as_array().map(Vec::len), Some(0), "{usual:#}");
    let low = ask(&["--source-port", "80", "--format", "json"]).json();
    let pieces = low["pieces"].as_array().expect("pieces");
    assert_eq!(pieces.len(), 1, "{low:#}");
    assert_eq!(pieces[0]["packets"][0]["traffic"], "tcp:443 (source port 80)", "{low:#}");
    let wrong = ask(&["--source-port", "http"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.err);
    assert!(wrong.tells("--source-port"), "{}", wrong.err);
}

/// D20-34: nothing but the half that nobody stands behind is lost, and the rest is told to have moved.
#[test]
fn a_line_that_dies_moves_what_it_carried_to_its_backup() {
    let output = Command::new(env!("CARGO_BIN_EXE_pathproof"))
        .args(["whatif", "scenarios/gateways/vpn-main-and-backup.ron"])
        .args(["--change", "Down(\"vpnx-main\")"])
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let moved = "192.168.10.0/24 moves from vpnx-main to vpnx-back, at vpngw-shop";
    assert!(told.contains(moved), "{told}");
    assert!(told.contains("attachment-down"), "{told}");
}
