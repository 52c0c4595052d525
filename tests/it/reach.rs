//! What `reach` says part by part, confirmed packet by packet.

use std::sync::Arc;

use assert_cmd::Command;
use pathproof::engine::trace;
use pathproof::fabric::Fabric;
use pathproof::query::{Selector, Traffics, Verdict};
use pathproof::scenario::Origins;
use pathproof::verify::{Part, Situation, party_of, reach};

use crate::random;

#[test]
fn a_trace_confirms_the_witness_of_every_part() {
    let (mut works, mut blocked) = (0, 0);
    for seed in 0..25 {
        let network = Arc::new(random::network(seed));
        let fabric = Fabric::new(Arc::clone(&network));
        let situation = Situation {
            network: Arc::clone(&network),
            origins: Arc::new(Origins::default()),
        };
        let confirm = |part: &Part| {
            let from = party_of(&fabric, &part.from).expect("a sender");
            let to = party_of(&fabric, &part.to).expect("a receiver");
            trace(&fabric, from, to, part.witness.expect("a witness"))
        };
        for from in network.vpcs.keys() {
            for to in network.vpcs.keys() {
                let (from, to) = (Selector::Id(from.clone()), Selector::Id(to.clone()));
                let Some(found) = reach(&situation, &from, &to, &Traffics::default()) else {
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
    let output = Command::new(env!("CARGO_BIN_EXE_pathproof"))
        .args([
            "reach",
            "scenarios/vpc/ephemeral-ports.ron",
            "--from",
            "ins-desk",
        ])
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
    assert!(
        blocked
            .iter()
            .all(|part| part["reasons"][0]["code"].is_string())
    );
}
