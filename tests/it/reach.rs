//! What `reach` says part by part, confirmed packet by packet.

use std::sync::Arc;

use assert_cmd::Command;
use pathproof::engine::trace;
use pathproof::fabric::Fabric;
use pathproof::generate::{Options, Shape, generate};
use pathproof::query::{Selector, Traffics, Verdict};
use pathproof::scenario::Origins;
use pathproof::verify::{Budget, Part, Situation, party_of, reach};

use crate::random;

#[test]
fn a_trace_confirms_the_witness_of_every_part() {
    let (mut works, mut blocked) = (0, 0);
    for seed in 0..25 {
        let network = Arc::new(random::network(seed));
        let fabric = Fabric::new(Arc::clone(&network));
        let situation = Situation::new(Arc::clone(&network), Arc::new(Origins::default()));
        let confirm = |part: &Part| {
            let from = party_of(&fabric, &part.from).expect("a sender");
            let to = party_of(&fabric, &part.to).expect("a receiver");
            trace(&fabric, from, to, part.witness.expect("a witness"))
        };
        for from in network.vpcs.keys() {
            for to in network.vpcs.keys() {
                let (from, to) = (Selector::Id(from.clone()), Selector::Id(to.clone()));
                let Some(found) =
                    reach(&situation, &from, &to, &Traffics::default(), Budget::default())
                else {
                    continue;
                };
                for part in &found.works {
                    assert!(confirm(part).always, "seed {seed}: {part:?}");
                    works += 1;
                }
                for part in &found.blocked {
                    assert!(!confirm(part).always, "seed {seed}: {part:?}");
                    assert!(!part.reasons.is_empty(), "seed {seed}: {part:?}");
                    blocked += 1;
                }
                let is = (found.works.is_empty(), found.blocked.is_empty());
                match found.verdict {
                    Verdict::Reachable => assert!(is.1, "seed {seed}"),
                    Verdict::Unreachable => assert!(is.0, "seed {seed}"),
                    Verdict::Partial | Verdict::Undetermined => assert!(!is.1, "seed {seed}"),
                }
            }
        }
    }
    assert!(works > 100 && blocked > 100, "{works} {blocked}");
}

#[test]
fn the_command_splits_what_works_from_what_does_not() {
    let output = Command::from_std(crate::shipped::program())
        .args(["reach", "scenarios/vpc/ephemeral-ports.ron", "--from", "ins-desk"])
        .args(["--to", "ins-web", "--format", "json"])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["schema"], "pathproof.reach/1");
    for part in told["works"].as_array().expect("works") {
        assert!(part["packets"][0]["protocol"].is_string());
    }
    let blocked = told["blocked"].as_array().expect("blocked");
    assert!(blocked.iter().all(|part| part["reasons"][0]["code"].is_string()));
}

/// A part without what it shares with others: packets, and what blocks them.
fn told(part: &Part) -> String {
    let rows: Vec<_> = part.packets.iter().map(ToString::to_string).collect();
    let reasons = part.reasons.iter().map(|reason| {
        let cause = &reason.cause;
        (cause.code, cause.at.clone(), reason.endpoint.clone(), reason.rule.clone())
    });
    let reasons: Vec<_> = reasons.collect();
    format!("{} → {} {rows:?} {reasons:?}", part.from, part.to)
}

#[test]
fn a_large_question_says_of_each_pair_what_the_pair_alone_is_told() {
    let options =
        Options { instances: 90, vpcs: 2, groups: 8, seed: 5, shape: Shape::Mixed, singles: 60 };
    let network = generate(&options).expect("a network").network;
    let network = Arc::new(network);
    let situation = Situation::new(Arc::clone(&network), Arc::new(Origins::default()));
    let ask = |from: &Selector, to: &Selector| {
        reach(&situation, from, to, &Traffics::default(), Budget::default())
            .expect("somebody is meant")
    };
    let inside = Selector::Not(Box::new(Selector::Internet));
    let all = ask(&inside, &inside);
    let ids: Vec<_> = network.instances.keys().collect();
    assert!(ids.len() > 20, "{} instances", ids.len());
    let mut compared = 0;
    for (index, from) in ids.iter().enumerate().step_by(3) {
        for to in ids.iter().skip(index % 2).step_by(5).filter(|to| *to != from) {
            let (opener, meant) = (Selector::Id((*from).clone()), Selector::Id((*to).clone()));
            let alone = ask(&opener, &meant);
            let of_pair = |parts: &[Part]| {
                let parts = parts.iter();
                let parts =
                    parts.filter(|part| part.from.id() == Some(*from) && part.to.id() == Some(*to));
                let mut told: Vec<_> = parts.map(told).collect();
                told.sort();
                told
            };
            assert_eq!(of_pair(&all.works), of_pair(&alone.works));
            assert_eq!(of_pair(&all.blocked), of_pair(&alone.blocked));
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared} pairs");
}

#[test]
fn one_side_alone_means_everybody_on_the_other() {
    let run = |ends: &[&str]| {
        let output = Command::from_std(crate::shipped::program())
            .args(["reach", "scenarios/estate/today.ron", "--format", "json"])
            .args(ends)
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(0), "{ends:?}");
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        told
    };
    let who = run(&["--to", "cdb-orders", "-s", "tcp:3306"]);
    let works = who["works"].as_array().expect("works");
    assert!(works.iter().all(|part| part["to"] == "cdb-orders"));
    let blocked = who["blocked"].as_array().expect("blocked");
    assert!(blocked.iter().any(|part| part["from"] == "internet"));
    let whom = run(&["--from", "ins-bastion", "-s", "tcp:22"]);
    let works = whom["works"].as_array().expect("works");
    assert!(!works.is_empty() && works.iter().all(|part| part["from"] == "ins-bastion"));
    let nothing = Command::from_std(crate::shipped::program())
        .args(["reach", "scenarios/estate/today.ron"])
        .output()
        .expect("the program runs");
    assert_eq!(nothing.status.code(), Some(2));
}
