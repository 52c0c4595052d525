//! Laws of the exact difference, on random networks, and the two commands on a shipped scenario.

use std::sync::Arc;

use assert_cmd::Command;
use pathproof::model::{Change, Network, SecurityGroupRule, apply};
use pathproof::scenario::Origins;
use pathproof::query::Turn;
use pathproof::verify::{Difference, Request, Situation, difference};

use crate::random;

const NETWORKS: u64 = 12;

fn situation(network: &Network) -> Situation {
    Situation {
        network: Arc::new(network.clone()),
        origins: Arc::new(Origins::default()),
    }
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
        assert!(
            difference.pairs > 0 && difference.pieces.is_empty(),
            "seed {seed}"
        );
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
        assert_eq!(
            told(&there, Turn::Lost),
            told(&back, Turn::Gained),
            "seed {seed}"
        );
        assert_eq!(
            told(&there, Turn::Gained),
            told(&back, Turn::Lost),
            "seed {seed}"
        );
        changed += there.pieces.len();
    }
    assert!(changed > 0, "some network loses something");
}

#[test]
fn taking_a_rule_away_only_loses_and_names_the_expectations_that_break() {
    let output = Command::new(env!("CARGO_BIN_EXE_pathproof"))
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
    let output = Command::new(env!("CARGO_BIN_EXE_pathproof"))
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
    let output = Command::new(env!("CARGO_BIN_EXE_pathproof"))
        .args(["diff", file, file])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("no difference"));
}
