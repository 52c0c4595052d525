//! Whole scenarios: what loads, and what every kind of mistake says.

mod ask;
mod include;
mod junk;
mod network;
mod origin;
mod stage;

use super::sample::{loaded, told};
use super::{Loaded, sample};
use crate::model::broken_references;

/// The file of section 1 of the format.
const EXAMPLE: &str = include_str!("example.ron");

/// What is said of a file with these sections of a network.
fn network(sections: &str) -> String {
    told(&loaded(format!("(network:({sections}))")))
}

/// What is said of an expectation, put to the network of the example.
fn expectation(text: &str) -> String {
    told(&asked(&format!("expect: [{text}]")))
}

/// The network of the example with other questions.
fn asked(questions: &str) -> Loaded {
    let end = EXAMPLE.find("    expect: [").expect("the example has expectations");
    loaded(format!("{}{questions})", &EXAMPLE[..end]))
}

#[test]
fn the_example_of_the_format_loads() {
    let scenario = sample::scenario(EXAMPLE);
    assert_eq!(scenario.network.ids().count(), 10);
    assert_eq!((scenario.base.len(), scenario.steps.len(), scenario.what_if.len()), (4, 1, 1));
    assert_eq!(told(&loaded(EXAMPLE)), "");
    assert_eq!(broken_references(&scenario.network), []);
}

#[test]
fn all_mistakes_come_in_one_run_by_place() {
    let text = r#"Scenario(
    nmae: "x",
    network: (
        vpcs: { "vpc-a": (region: "ap-guangzhou", cdir: "10.1.0.0/16") },
        subnets: { "subnet-a": (vpc: "vpc-b", cidr: "10.1.1.0/33") },
    ),
    expect: [Reachable(from: "subnet-a", to: "nobody", because: "no-route"), Possible()],
    steps: [(changes: [Detonate("vpc-a")])],
)"#;
    let said = told(&loaded(text));
    let codes: Vec<&str> = said.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(
        codes,
        [
            "unknown-field",
            "unknown-field",
            "unknown-id",
            "invalid-value",
            "unknown-id",
            "because-with-reachable",
            "unknown-variant",
            "missing-field",
            "unknown-variant"
        ],
        "{said}"
    );
}
