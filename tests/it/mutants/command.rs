//! `pathproof mutate` as scripts see it.

use std::fs;

use serde_json::Value;

use crate::cli::{file, folder, run, run_on};

/// A shop whose suite forgets the database.
const SHOP: &str = r#"Scenario(
    network: (
        vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
        subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") },
        security_groups: {
            "sg-web": (ingress: [Accept(service: "tcp:443")], egress: [Accept()]),
            "sg-app": (ingress: [Accept(from: "sg-web", service: "tcp:8080")]),
        },
        instances: {
            "ins-web": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-web"]),
            "ins-app": (subnet: "subnet-a", ip: "10.1.1.20", security_groups: ["sg-app"]),
        },
    ),
    expect: [
        Reachable(from: "ins-web", to: "ins-app", service: "tcp:8080"),
    ],
)
"#;

fn mutants(value: &Value) -> &Vec<Value> {
    value["mutants"].as_array().expect("a list")
}

fn summary(value: &Value, name: &str) -> u64 {
    value["summary"][name].as_u64().expect("a count")
}

#[test]
fn survivors_end_with_1_and_say_what_kills_them() {
    let ended = run_on(SHOP, &["mutate", "-", "--format", "json"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let value = ended.json();
    assert_eq!(value["schema"], "pathproof.mutate/1");
    assert!(summary(&value, "survived") > 0 && summary(&value, "killed") > 0);
    for mutant in mutants(&value) {
        let survived = mutant["outcome"] == "survived";
        assert_eq!(mutant["kill_with"].is_string(), survived, "{mutant:#}");
        let killed = mutant["outcome"] == "killed";
        assert_eq!(mutant["killed_by"] == serde_json::json!([15]), killed, "{mutant:#}");
    }
    let text = run_on(SHOP, &["mutate", "-"]);
    assert_eq!(text.code, Some(1));
    assert!(text.out.contains("SURVIVED  ports-all  sg-app ingress #1"), "{}", text.out);
    let chinese = run_on(SHOP, &["mutate", "-", "--lang", "zh"]);
    assert!(chinese.out.contains("未发现  ports-all"), "{}", chinese.out);
}

#[test]
fn nothing_is_counted_of_what_cannot_be_read() {
    let bad = file("mutate_unread", "bad.ron", "(");
    for command in ["mutate", "coverage"] {
        for path in [bad.as_str(), "nothing.ron"] {
            let ended = run(&[command, path]);
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{command} {path}");
            assert!(ended.err.contains("error["), "{}", ended.err);
        }
    }
}

#[test]
fn what_is_suggested_is_a_scenario_that_kills_the_survivors() {
    let shop = file("mutate_suggest", "shop.ron", SHOP);
    let more = shop.replace("shop.ron", "more.ron");
    let ended = run(&["mutate", &shop, "--suggest", &more, "--format", "json"]);
    let value = ended.json();
    let checked = run(&["check", &more]);
    assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
    let survivors = mutants(&value).iter().filter(|it| it["outcome"] == "survived");
    for mutant in survivors {
        let change = mutant["change"].as_str().expect("a change");
        let told = run(&["whatif", &more, "--change", change]);
        assert_eq!(told.code, Some(1), "{change}: {}{}", told.out, told.err);
        let original = run(&["whatif", &shop, "--change", change]);
        assert_eq!(original.code, Some(0), "{change}: {}{}", original.out, original.err);
    }
    // The same expectations in the file itself: nothing survives.
    let added = fs::read_to_string(&more).expect("a file");
    let added = added.split_once("expect: [").and_then(|(_, rest)| rest.rsplit_once("],"));
    let (added, _) = added.expect("a list");
    let whole = SHOP.replace("    ],\n)", &format!("{added}    ],\n)"));
    let ended = run_on(whole, &["mutate", "-"]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}

#[test]
fn only_what_changed_is_mutated_with_in_diff() {
    let before = file("mutate_in_diff", "before.ron", SHOP);
    let opened = SHOP.replace(
        r#"Accept(service: "tcp:443")"#,
        r#"Accept(service: "tcp:22"), Accept(service: "tcp:443")"#,
    );
    let ended = run_on(opened, &["mutate", "-", "--in-diff", &before, "--format", "json"]);
    let value = ended.json();
    let places: Vec<&Value> = mutants(&value).iter().map(|it| &it["at"]).collect();
    assert!(!places.is_empty());
    assert!(places.iter().all(|at| **at == "sg-web ingress #1"), "{places:?}");
    let same = run_on(SHOP, &["mutate", "-", "--in-diff", &before, "--format", "json"]);
    assert_eq!((same.code, summary(&same.json(), "mutants")), (Some(0), 0));
}

#[test]
fn shards_are_parts_of_one_whole() {
    let lines = |arguments: &[&str]| {
        let arguments = [&["mutate", "-", "--format", "json"], arguments].concat();
        let value = run_on(SHOP, &arguments).json();
        let mutants = mutants(&value).iter();
        let texts = mutants.map(|it| format!("{} {} {}", it["at"], it["operator"], it["change"]));
        texts.collect::<Vec<_>>()
    };
    let mut whole = lines(&[]);
    let mut parts =
        [lines(&["--shard", "1/3"]), lines(&["--shard", "2/3"]), lines(&["--shard", "3/3"])]
            .concat();
    whole.sort();
    parts.sort();
    assert_eq!(whole, parts);
    assert_eq!(lines(&["--jobs", "1"]), lines(&["--jobs", "2"]));
    for bad in ["0/3", "4/3", "three"] {
        assert_eq!(run_on(SHOP, &["mutate", "-", "--shard", bad]).code, Some(2), "{bad}");
    }
}

#[test]
fn a_suite_that_fails_anyway_is_not_mutated() {
    let wrong = SHOP.replace("Reachable(", "Unreachable(");
    let ended = run_on(wrong.as_str(), &["mutate", "-"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.tells("fails before any mutation"), "{}", ended.err);
    let value = run_on(wrong.as_str(), &["mutate", "-", "--format", "json"]).json();
    assert_eq!(value["failing"], serde_json::json!(["-"]));
    assert!(mutants(&value).is_empty());
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    for arguments in [
        &["mutate", "no/such.ron"][..],
        &["mutate", "scenarios/mistakes/duplicate-id.ron.bad"],
        &["mutate", "scenarios", "--suggest", "more.ron"],
        &["mutate", "-", "--in-diff", "no/such.ron"],
        &["mutate"],
    ] {
        assert_eq!(run_on(SHOP, arguments).code, Some(2), "{arguments:?}");
    }
    let folder = folder("mutate_nothing");
    let ended = run(&["mutate", folder.to_str().expect("UTF-8")]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
}

#[test]
fn a_budget_that_is_too_small_claims_nothing() {
    let ended = run_on(SHOP, &["mutate", "-", "--budget", "none,10", "--format", "json"]);
    let value = ended.json();
    assert_eq!(ended.code, Some(1));
    // What no machine can tell apart needs no sets.
    assert_eq!(summary(&value, "survived"), 0);
    assert!(summary(&value, "undetermined") > 0, "{:#}", value["summary"]);
}
