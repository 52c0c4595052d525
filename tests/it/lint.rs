//! What `lint` finds, and what it does not: every lint has a file in `scenarios/lint` that provokes it and is otherwise good.

use std::collections::BTreeSet;
use std::fs;

use std::sync::Arc;

use pathproof::code::{Code, CodeKind};
use pathproof::lint::{Site, lint};
use pathproof::model::{Network, Place};
use pathproof::verify::{Budget, Situation};
use serde_json::Value;

use crate::cli::{Ended, file, folder, run, run_on};
use crate::random;
use crate::shipped::{root, scenarios};

const FOLDER: &str = "scenarios/lint";

/// Lints that no short file can provoke, and why.
const NOT_SHIPPED: [(Code, &str); 1] = [(Code::LintIncomplete, "it takes thousands of subnets")];

/// The step to look at, where the network of the file has nothing.
const AT: [(&str, &str); 1] = [("classic-link-stale", "the classic CVM moves")];

fn findings(ended: &Ended) -> Vec<Value> {
    let files = ended.json()["files"].as_array().expect("files").clone();
    let all = files.iter().flat_map(|file| {
        let findings = file["findings"].as_array().expect("findings");
        findings.clone()
    });
    all.collect()
}

fn codes(ended: &Ended) -> Vec<String> {
    let all = findings(ended).into_iter();
    all.map(|it| it["code"].as_str().expect("a code").to_owned()).collect()
}

fn linted(name: &str, more: &[&str]) -> Ended {
    let path = format!("{FOLDER}/{name}.ron");
    let at = AT.iter().find(|(other, _)| *other == name);
    let at: Vec<&str> = at.map_or(Vec::new(), |(_, step)| vec!["--at", step]);
    let mut arguments = vec!["lint", &path];
    arguments.extend(at);
    arguments.extend(more);
    run(&arguments)
}

fn lints() -> Vec<&'static str> {
    let codes = Code::ALL.iter().filter(|it| it.kind() == CodeKind::Lint);
    codes.map(|code| code.name()).collect()
}

fn shipped() -> Vec<&'static str> {
    let missing = |name: &&str| NOT_SHIPPED.iter().all(|(code, _)| code.name() != *name);
    lints().into_iter().filter(missing).collect()
}

#[test]
fn every_lint_has_a_file_that_provokes_it_and_nothing_else() {
    let found: BTreeSet<String> = scenarios(FOLDER).into_iter().collect();
    let path = |name: &str| format!("{FOLDER}/{name}.ron");
    let mut wanted: BTreeSet<String> = shipped().into_iter().map(path).collect();
    wanted.insert(path("allowed"));
    assert_eq!(found, wanted);
    for name in shipped() {
        let ended = linted(name, &["--format", "json"]);
        let codes = codes(&ended);
        assert!(!codes.is_empty(), "{name} finds nothing");
        assert!(codes.iter().all(|code| code == name), "{name}: {codes:?}");
    }
}

#[test]
fn a_finding_says_what_where_and_what_to_do_in_both_languages() {
    for name in shipped() {
        for lang in ["en", "zh"] {
            let ended = linted(name, &["--format", "json", "--lang", lang]);
            for finding in findings(&ended) {
                let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
                assert!(text("file").ends_with(&format!("{name}.ron")), "{finding}");
                assert!(finding["line"].as_u64() >= Some(1), "{finding}");
                assert!(finding["column"].as_u64() >= Some(1), "{finding}");
                let chinese = |letter| ('\u{4e00}'..='\u{9fff}').contains(&letter);
                for words in [text("message"), text("help")] {
                    assert!(!words.is_empty(), "{finding}");
                    assert_eq!(words.contains(chinese), lang == "zh", "{words}");
                }
            }
        }
    }
}

#[test]
fn findings_are_drawn_at_their_lines() {
    for name in shipped() {
        let ended = linted(name, &["-v"]);
        let drawn = ended.out.replace(root().to_str().expect("a path"), "");
        insta::with_settings!({
            snapshot_path => "snapshots/lint",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, drawn);
        });
    }
}

#[test]
fn only_an_error_ends_with_1() {
    assert_eq!(linted("looping-route", &[]).code, Some(1));
    assert_eq!(linted("shadowed-rule", &[]).code, Some(0));
    assert_eq!(linted("allowed", &[]).code, Some(0));
    assert_eq!(linted("shadowed-rule", &["--deny", "all"]).code, Some(1));
    assert_eq!(linted("looping-route", &["--warn", "looping-route"]).code, Some(0));
}

#[test]
fn of_several_switches_the_later_one_wins() {
    let code = |more: &[&str]| linted("shadowed-rule", more).code;
    let (deny, allow) = (["--deny", "shadowed-rule"], ["--allow", "all"]);
    assert_eq!(code(&[deny, allow].concat()), Some(0));
    assert_eq!(code(&[allow, deny].concat()), Some(1));
    let silent = linted("shadowed-rule", &allow);
    assert!(silent.out.starts_with("  0 findings"), "{}", silent.out);
}

#[test]
fn an_unknown_lint_comes_with_the_near_one() {
    let ended = linted("shadowed-rule", &["--deny", "shadowd-rule"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.tells("did you mean `shadowed-rule`?"), "{}", ended.err);
    let ended = linted("shadowed-rule", &["--allow", "no-route"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.tells("is no lint"), "{}", ended.err);
}

#[test]
fn what_a_file_allows_needs_a_reason_and_a_lint() {
    let text = fs::read_to_string(root().join(FOLDER).join("allowed.ron")).expect("a file");
    let reason = r#", reason: "spare groups are bound by the pipeline""#;
    let ended = run_on(text.replace(reason, ""), &["lint", "-"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.tells("`Allow` needs the field `reason`"), "{}", ended.err);
    let ended = run_on(text.replace("unused-object", "unused-objekt"), &["lint", "-"]);
    assert!(ended.tells("did you mean `unused-object`?"), "{}", ended.err);
    let ended =
        run_on(text.replace(r#"at: "ins-bastion""#, r#"at: "ins-bastoin""#), &["lint", "-"]);
    assert!(ended.tells("did you mean `ins-bastion`?"), "{}", ended.err);
    let start = text.find("    lint: [").expect("the allows");
    let open = run_on(format!("{})\n", &text[..start]), &["lint", "-", "--format", "json"]);
    assert_eq!(codes(&open), ["exposed-to-internet", "unused-object"]);
}

#[test]
fn a_step_is_looked_at_in_one_file_only() {
    let path = format!("{FOLDER}/classic-link-stale.ron");
    assert_eq!(run(&["lint", &path]).code, Some(0));
    assert_eq!(linted("classic-link-stale", &[]).code, Some(1));
    let unknown = run(&["lint", &path, "--at", "never"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.tells("`the classic CVM moves`"), "{}", unknown.err);
    assert_eq!(run(&["lint", FOLDER, "--at", "never"]).code, Some(2));
}

#[test]
fn a_file_that_cannot_be_used_ends_with_2_and_the_others_are_told() {
    let bad = file("lint_bad", "bad.ron", "Scenario(network: (vpcs: 3))");
    let good = format!("{FOLDER}/looping-route.ron");
    let ended = run(&["lint", &bad, &good]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.out.contains("error[looping-route]"), "{}", ended.out);
    assert!(ended.tells("bad.ron"), "{}", ended.err);
}

#[test]
fn sarif_points_at_lines_and_carries_the_rules() {
    let ended = run(&["lint", FOLDER, "--format", "sarif"]);
    let run = &ended.json()["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert!(results.len() > 20);
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["region"]["startLine"].as_u64() >= Some(1), "{result}");
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index"));
        let rule = &run["tool"]["driver"]["rules"][rule.expect("small")];
        assert_eq!(rule["id"], result["ruleId"]);
    }
}

#[test]
fn what_two_files_include_is_told_once() {
    let place = folder("lint_once");
    let text = fs::read_to_string(root().join(FOLDER).join("looping-route.ron"));
    fs::write(place.join("common.ron"), text.expect("a file")).expect("a file");
    for name in ["one.ron", "two.ron"] {
        let text =
            r#"(include: ["common.ron"], expect: [Reachable(from: "ins-client", to: "ins-fw")])"#;
        fs::write(place.join(name), text).expect("a file");
    }
    let path = |name: &str| place.join(name).to_str().expect("a path").to_owned();
    let ended = run(&["lint", &path("one.ron"), &path("two.ron"), "--format", "json"]);
    assert_eq!(codes(&ended), ["looping-route"]);
}

#[test]
fn the_estate_is_tidy_but_for_its_health_checks() {
    let ended = run(&["lint", "scenarios/estate", "--format", "json"]);
    assert_eq!(ended.code, Some(0));
    assert_eq!(codes(&ended), ["health-check-blocked"]);
}

/// Two machines that the same lists guard; only the second may come to the database, and gets no answer.
const SINGLED_OUT: &str = r#"Scenario(network: (
    vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
    subnets: {
        "subnet-db": (vpc: "vpc-a", cidr: "10.1.1.0/24", network_acl: "acl-db"),
        "subnet-app": (vpc: "vpc-a", cidr: "10.1.2.0/24"),
    },
    network_acls: {
        "acl-db": (
            vpc: "vpc-a",
            ingress: [Accept(from: "10.1.2.20/32", service: "tcp:3306")],
            egress: [Accept(to: "10.1.2.20/32", service: "tcp:3306")],
        ),
    },
    security_groups: { "sg-open": (ingress: [Accept()], egress: [Accept()]) },
    instances: {
        "ins-db": (subnet: "subnet-db", ip: "10.1.1.10", security_groups: ["sg-open"]),
        "ins-one": (subnet: "subnet-app", ip: "10.1.2.10", security_groups: ["sg-open"]),
        "ins-two": (subnet: "subnet-app", ip: "10.1.2.20", security_groups: ["sg-open"]),
    },
))"#;

#[test]
fn a_machine_that_a_rule_singles_out_is_looked_at_by_itself() {
    let ended = run_on(SINGLED_OUT, &["lint", "-", "--format", "json"]);
    let found = findings(&ended);
    let lost = found.iter().find(|it| it["code"] == "replies-dropped");
    let lost = lost.expect("the lost replies").to_string();
    assert!(lost.contains("ins-two") && !lost.contains("ins-one"), "{lost}");
}

#[test]
fn a_region_is_linted_whole() {
    let made = run(&["generate", "--instances", "4000", "--vpcs", "20", "--groups", "200"]);
    let ended = run_on(made.out.as_str(), &["lint", "-"]);
    assert!(!ended.out.contains("lint-incomplete"), "{}", ended.out);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
}

/// Where replies are lost, and whether all pairs were looked at.
fn losses(network: Network) -> BTreeSet<Place> {
    let network = Arc::new(network);
    let origins = Arc::default();
    let found = lint(&Situation::new(network, origins), &[], Budget::NONE);
    let codes = [Code::RepliesDropped, Code::LintIncomplete];
    let found = found.into_iter().filter(|it| codes.contains(&it.code()));
    let places = found.filter_map(|finding| match finding.at {
        Site::Place(place) => Some(place),
        Site::Span(_) => None,
    });
    places.collect()
}

#[test]
fn what_holds_for_a_machine_is_found_whichever_of_its_class_comes_first() {
    let mut found = 0;
    for seed in 0..300 {
        let network = random::network(seed);
        let mut turned = network.clone();
        turned.instances.reverse();
        turned.network_interfaces.reverse();
        turned.databases.reverse();
        let there = losses(network);
        assert_eq!(there, losses(turned), "network {seed}");
        found += there.len();
    }
    assert!(found > 20, "{found}");
}

#[test]
fn verbose_tells_how_much_there_was_to_compute_as_check_does() {
    let path = "scenarios/estate/today.ron";
    for (lang, word) in [("en", "classes"), ("zh", "个等价类")] {
        let counts = |command: &str| {
            let ended = run(&[command, path, "-v", "--lang", lang]);
            let line = ended.err.lines().find(|line| line.contains(word));
            line.map(str::to_owned)
        };
        assert!(counts("lint").is_some_and(|line| line.contains(path)), "{lang}");
        assert_eq!(counts("lint"), counts("check"), "{lang}");
        let quiet = run(&["lint", path, "--lang", lang]);
        assert!(!quiet.tells(word), "{lang}");
    }
}
