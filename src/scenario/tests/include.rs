//! Files that include others.

use super::super::sample::{loaded_all, told};

const VPC: &str = r#"(network: (vpcs: { "vpc-a": (region: "r", cidr: "10.1.0.0/16") }))"#;

fn said(files: &[(&str, &str)]) -> String {
    told(&loaded_all(files))
}

#[test]
fn networks_are_merged_before_the_file_that_includes() {
    let main = r#"(include: ["net/common.ron"], network: (sites: { "idc": (cidrs: []) }))"#;
    let common = r#"(include: ["../vpc.ron", "deeper.ron"], network: (subnets: { "s": (vpc: "vpc-a", cidr: "10.1.1.0/24") }))"#;
    let deeper = r#"(include: ["../vpc.ron"])"#;
    let loaded = loaded_all(&[
        ("main.ron", main),
        ("net/common.ron", common),
        ("net/deeper.ron", deeper),
        ("vpc.ron", VPC),
    ]);
    assert_eq!(told(&loaded), "");
    let network = loaded.scenario.expect("a scenario").network;
    assert_eq!((network.vpcs.len(), network.subnets.len(), network.sites.len()), (1, 1, 1));
}

#[test]
fn an_id_defined_in_two_files_names_both_places() {
    let main = r#"(include: ["vpc.ron"], network: (sites: { "vpc-a": (cidrs: []) }))"#;
    assert_eq!(
        said(&[("main.ron", main), ("vpc.ron", VPC)]),
        "duplicate-id 1:43 <\"vpc-a\"> `vpc-a` is defined twice (first here vpc.ron:1:20)"
    );
    let links = r#"(network: (classic_links: { "vpc-a": [] }))"#;
    assert_eq!(
        said(&[
            ("main.ron", r#"(include: ["vpc.ron", "a.ron", "b.ron"])"#),
            ("vpc.ron", VPC),
            ("a.ron", links),
            ("b.ron", links)
        ]),
        "duplicate-id 1:29 <\"vpc-a\"> `vpc-a` is given classic links twice (first here a.ron:1:29)"
    );
}

#[test]
fn a_missing_file_is_one_mistake_and_not_one_for_each_of_its_ids() {
    let main = r#"(include: ["gone.ron"], network: (subnets: { "s": (vpc: "vpc-a", cidr: "10.1.1.0/24") }))"#;
    assert_eq!(
        said(&[("main.ron", main)]),
        "include-not-found 1:12 <\"gone.ron\"> cannot read `gone.ron`: entity not found"
    );
    assert_eq!(
        said(&[("main.ron", main), ("gone.ron", "(network: (")]),
        "syntax 1:11 <(> the `(` opened on line 1 is not closed (the text ends here gone.ron:1:12) [write `)` where it ends]"
    );
}

#[test]
fn a_cycle_is_shown_whole() {
    let to = |name: &str| format!(r#"(include: ["{name}"])"#);
    assert_eq!(
        said(&[("main.ron", &to("b.ron")), ("b.ron", &to("./c.ron")), ("c.ron", &to("b.ron"))]),
        "include-cycle 1:12 <\"b.ron\"> `b.ron` includes itself: b.ron → c.ron → b.ron"
    );
    assert_eq!(
        said(&[("main.ron", &to("main.ron"))]),
        "include-cycle 1:12 <\"main.ron\"> `main.ron` includes itself: main.ron → main.ron"
    );
}

#[test]
fn questions_of_included_files_are_ignored_with_a_warning() {
    let other = r#"(expect: [Reachable(from: "x", to: "y")], what_if: [])"#;
    let loaded = loaded_all(&[("main.ron", r#"(include: ["b.ron"])"#), ("b.ron", other)]);
    assert_eq!(
        told(&loaded),
        "include-ignores-expectations 1:2 <expect> `expect` of an included file is ignored\n\
         include-ignores-expectations 1:43 <what_if> `what_if` of an included file is ignored"
    );
    assert!(loaded.scenario.is_some());
}

#[test]
fn what_includes_too_many_files_is_refused() {
    let files: Vec<(String, String)> =
        (0..60).map(|n| (format!("{n}.ron"), format!(r#"(include: ["{}.ron"])"#, n + 1))).collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(said(&files), "too-deep 1:12 <\"50.ron\"> more than 50 files include each other");
}
