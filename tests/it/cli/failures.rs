//! `failures` as scripts and people see it: what breaks, how it ends, and that slices are together the whole.

use serde_json::Value;

use super::{SMALL, file, folder, run};

const SPARE: &str = "scenarios/gateways/single-points-of-failure.ron";

/// What goes down and which promises break, by name or place.
fn told(value: &Value) -> Vec<(Vec<String>, Vec<String>)> {
    let texts = |value: &Value| -> Vec<String> {
        let all = value.as_array().expect("a list").iter();
        all.map(|one| one.as_str().expect("a text").to_owned()).collect()
    };
    let entries = value["entries"].as_array().expect("entries").iter();
    let entries = entries.map(|entry| {
        let breaks = entry["breaks"].as_array().expect("promises").iter();
        let breaks = breaks.map(|one| one["promise"].as_str().expect("a promise").to_owned());
        (texts(&entry["down"]), breaks.collect())
    });
    entries.collect()
}

fn down(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn what_stands_alone_is_told_and_what_stands_twice_only_together() {
    let alone = run(&["failures", SPARE, "--format", "json"]);
    assert_eq!(alone.code, Some(1), "{}", alone.err);
    let alone = alone.json();
    let out = format!("{SPARE}:54");
    let (open, orders) = ("the shop is open".to_owned(), "orders reach the IDC".to_owned());
    assert_eq!(
        told(&alone),
        [
            (down(&["vpngw-shop"]), vec![orders.clone()]),
            (down(&["nat-shop"]), vec![out.clone()]),
            (down(&["ins-one"]), vec![orders.clone(), out]),
        ]
    );
    let ends: Vec<&Value> =
        alone["entries"].as_array().expect("entries").iter().map(|it| &it["only_ends"]).collect();
    assert_eq!(ends, [false, false, true]);
    assert_eq!(alone["entries"][0]["kinds"][0], "VPN gateway");
    assert_eq!(alone["entries"][0]["breaks"][0]["reasons"][0], "attachment-down");
    assert_eq!(alone["tried"]["alone"], 6);
    let two = run(&["failures", SPARE, "-k", "2", "--format", "json"]).json();
    let entries = told(&two);
    assert_eq!(entries[..3], told(&alone)[..], "single points of failure first");
    assert_eq!(
        entries[3..],
        [
            (down(&["vpnx-main", "vpnx-back"]), vec![orders]),
            (down(&["ins-one", "ins-two"]), vec![open]),
        ]
    );
    assert_eq!(two["tried"]["two"], 15);
}

#[test]
fn people_read_the_same() {
    let ended = run(&["failures", SPARE, "-k", "2"]);
    insta::assert_snapshot!(ended.out);
    let chinese = run(&["failures", SPARE, "-k", "2", "--lang", "zh"]);
    insta::assert_snapshot!(chinese.out);
}

#[test]
fn it_ends_with_0_only_if_promises_hold_and_nothing_breaks_them() {
    let kept = SMALL.replace(
        r#"Reachable(from: "ins-client", to: "ins-web", service: "tcp:80")"#,
        r#"Unreachable(from: "ins-client", to: "ins-web", service: "tcp:22")"#,
    );
    let kept = file("failures_kept", "kept.ron", kept);
    assert_eq!(run(&["failures", &kept, "-k", "2"]).code, Some(0));
    let small = file("failures_small", "small.ron", SMALL);
    assert_eq!(run(&["failures", &small]).code, Some(1));
    let failing = file(
        "failures_failing",
        "failing.ron",
        SMALL.replace("expect: [Reachable", "expect: [Unreachable"),
    );
    let ended = run(&["failures", &failing]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("before anything is down"), "{}", ended.out);
    let ended = run(&["failures", &failing, "--format", "json"]).json();
    assert_eq!(ended["failing"][0]["outcome"], "fail");
    assert_eq!(ended["holding"], 0);
    // After the step the server is down: what was promised of the base network is no failure there.
    let after = run(&["failures", &small, "--at", "the server stops", "--format", "json"]).json();
    assert_eq!(after["failing"].as_array().map(Vec::len), Some(0));
    assert_eq!(
        (&after["tried"]["alone"], &after["not_tried"]["down_before"]),
        (&1.into(), &1.into())
    );
    for arguments in [
        &["failures", "none.ron"][..],
        &["failures", &small, "-k", "3"],
        &["failures", &small, "--at", "never"],
    ] {
        assert_eq!(run(arguments).code, Some(2), "{arguments:?}");
    }
}

#[test]
fn what_the_budget_is_not_enough_for_is_no_promise_kept() {
    let small = file("failures_budget", "small.ron", SMALL);
    let ended = run(&["failures", &small, "--budget", "1"]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
}

#[test]
fn the_slices_of_all_failures_are_together_the_whole() {
    for k in ["1", "2"] {
        let whole = run(&["failures", SPARE, "-k", k, "--format", "json"]).json();
        for of in [2, 3, 7, 30] {
            let mut entries = Vec::new();
            let mut tried = 0;
            for number in 1..=of {
                let shard = format!("{number}/{of}");
                let part =
                    run(&["failures", SPARE, "-k", k, "--format", "json", "--shard", &shard]);
                let value = part.json();
                assert_eq!(value["shard"], shard);
                let own = told(&value);
                assert_eq!(part.code, Some(i32::from(!own.is_empty())), "{shard}");
                entries.extend(own);
                tried += value["tried"]["alone"].as_u64().expect("a number");
                tried += value["tried"]["two"].as_u64().expect("a number");
            }
            let mut expected = told(&whole);
            expected.sort_unstable();
            entries.sort_unstable();
            assert_eq!(entries, expected, "{of}");
            assert_eq!(tried, if k == "1" { 6 } else { 21 });
        }
    }
}

#[test]
fn a_generated_region_needs_only_a_number_of_instances() {
    let path = folder("failures_generated").join("region.ron");
    let path = path.to_str().expect("a path in UTF-8");
    let made = run(&["generate", "--instances", "400", "-o", path]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    assert!(made.tells("1 VPC") && made.tells("3 security groups"), "{}", made.err);
    assert_eq!(run(&["failures", path]).code, Some(1));
}
