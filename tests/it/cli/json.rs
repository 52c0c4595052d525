//! The JSON of `check` and `trace`, field by field.

use serde_json::{Value, json};

use super::{Ended, SMALL, run, run_on};

/// What an array holds.
fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// That an object has these fields.
fn has(value: &Value, fields: &[&str]) {
    for field in fields {
        assert!(value.get(field).is_some(), "{field} in {value:#}");
    }
}

fn is_one_of(value: &Value, words: &[&str]) {
    let word = value.as_str().expect("a word");
    assert!(words.contains(&word), "{word} is none of {words:?}");
}

fn is_place(value: &Value) {
    assert!(value["line"].as_u64().is_some_and(|line| line >= 1), "{value:#}");
    assert!(value["column"].as_u64().is_some_and(|column| column >= 1), "{value:#}");
}

fn is_packet(packet: &Value) {
    has(packet, &["src", "dst", "protocol"]);
    if packet["protocol"] == "tcp" || packet["protocol"] == "udp" {
        assert!(packet["source_port"].is_u64() && packet["destination_port"].is_u64());
    }
}

fn is_rule(rule: &Value) {
    is_one_of(&rule["list"], &["ingress", "egress"]);
    is_one_of(&rule["action"], &["accept", "drop"]);
    assert!(rule["index"].is_u64(), "{rule:#}");
}

fn is_reason(reason: &Value) {
    has(
        reason,
        &[
            "code",
            "class",
            "direction",
            "at",
            "endpoint",
            "rule",
            "line",
            "column",
            "near_miss",
            "packets",
            "semantics",
            "message",
        ],
    );
    is_one_of(&reason["class"], &["platform", "config", "state", "quota", "query"]);
    is_one_of(&reason["direction"], &["forward", "return"]);
    if !reason["rule"].is_null() {
        is_rule(&reason["rule"]);
    }
    if let Some(near) = reason["near_miss"].as_object() {
        assert!(near["rule"]["index"].is_u64());
        let parts = ["source", "destination", "protocol", "port", "source_port"];
        let failed = items(&near["failed"]);
        assert!(!failed.is_empty());
        for part in failed {
            is_one_of(part, &parts);
        }
    }
}

fn check(scenario: &str) -> Ended {
    run_on(scenario, &["check", "-", "--format", "json"])
}

#[test]
fn check_has_every_field_of_the_contract() {
    let checked = run(&["check", "scenarios", "--format", "json"]);
    assert_eq!((checked.code, checked.err.as_str()), (Some(0), ""));
    let checked = checked.json();
    assert_eq!(checked["schema"], "pathproof.check/1");
    let mut expectations = 0;
    for file in items(&checked["files"]) {
        has(file, &["path", "name", "diagnostics", "stages"]);
        assert_eq!(file["stages"][0]["kind"], "base");
        assert!(file["stages"][0]["name"].is_null());
        for stage in items(&file["stages"]) {
            is_one_of(&stage["kind"], &["base", "step", "what_if"]);
            for change in items(&stage["changes"]) {
                has(change, &["line", "action", "outcome", "code", "passed"]);
                is_one_of(&change["outcome"], &["applied", "refused"]);
                assert_eq!(change["code"].is_null(), change["outcome"] == "applied");
            }
            for expectation in items(&stage["expectations"]) {
                expectations += 1;
                is_place(expectation);
                has(
                    expectation,
                    &["name", "from", "to", "service", "expected", "verdict", "outcome"],
                );
                let verdicts = ["reachable", "unreachable", "partial", "undetermined"];
                is_one_of(&expectation["expected"], &verdicts[..3]);
                is_one_of(&expectation["verdict"], &verdicts);
                assert_eq!(expectation["outcome"], "pass");
                let reasons = items(&expectation["reasons"]);
                reasons.iter().for_each(is_reason);
                assert_eq!(
                    reasons.is_empty(),
                    expectation["verdict"] == "reachable",
                    "{expectation:#}"
                );
                is_packet(&expectation["witness"]["packet"]);
            }
        }
    }
    let summary = &checked["summary"];
    assert_eq!(summary["expectations"], json!(expectations));
    assert_eq!(summary["passed"], json!(expectations));
    assert_eq!(summary["files"], json!(items(&checked["files"]).len()));
    for field in ["failed", "vacuous", "undetermined", "waived", "errors", "changes_failed"] {
        assert_eq!(summary[field], 0, "{field}");
    }
}

#[test]
fn every_outcome_has_its_word() {
    let expect = r#"expect: [
        Reachable(from: "ins-client", to: "ins-web", service: "tcp:80"),
        Reachable(from: "ins-client", to: "ins-web", service: "tcp:22"),
        Reachable(from: "tag:role=none", to: "ins-web"),
        Reachable(from: "ins-client", to: "ins-web", service: "udp",
            waive: (reason: "later", until: "2999-12-31", owner: "ann")),
        Reachable(from: "ins-client", to: "ins-web", service: "icmp",
            waive: (reason: "late", until: "2001-12-31", owner: "ann")),
    ],"#;
    let (before, after) = SMALL.split_once("    expect:").expect("expectations");
    let (_, after) = after.split_once('\n').expect("more lines");
    let ended = check(&format!("{before}{expect}\n{after}"));
    assert_eq!(ended.code, Some(1));
    let checked = ended.json();
    let told = items(&checked["files"][0]["stages"][0]["expectations"]);
    let outcomes: Vec<_> = told.iter().map(|told| told["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["pass", "fail", "vacuous", "waived", "fail"].map(Some));
    let summary = &checked["summary"];
    for (field, count) in [("passed", 1), ("failed", 2), ("vacuous", 1), ("waived", 1)] {
        assert_eq!(summary[field], count, "{field} of {summary:#}");
    }
}

#[test]
fn a_waived_failure_ends_with_0() {
    let waived = SMALL.replace(
        r#"service: "tcp:80")],"#,
        r#"service: "tcp:22", waive: (reason: "later", until: "2999-12-31", owner: "ann"))],"#,
    );
    assert_ne!(waived, SMALL);
    let ended = check(&waived);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert_eq!(ended.json()["summary"]["waived"], 1);
}

#[test]
fn a_mistake_stands_in_the_json_on_standard_output() {
    let ended = run(&["check", "scenarios/mistakes/unknown-field.ron.bad", "--format", "json"]);
    assert_eq!(ended.code, Some(2));
    assert_eq!(ended.err, "");
    let json = ended.json();
    let mistake = &json["files"][0]["diagnostics"][0];
    assert_eq!(mistake["code"], "unknown-field");
    assert_eq!(mistake["severity"], "error");
    assert!(mistake["message"].is_string());
    is_place(mistake);
    let trace = ["trace", "-", "--from", "ins-clint", "--to", "ins-web", "--format", "json"];
    let ended = run_on(SMALL, &trace);
    assert_eq!((ended.code, ended.err.as_str()), (Some(2), ""));
    assert_eq!(ended.json()["diagnostics"][0]["code"], "unknown-id");
}

#[test]
fn trace_has_every_field_of_the_contract() {
    let trace = |service: &str| {
        let ends = ["--from", "ins-client", "--to", "ins-web"];
        let arguments = [&["trace", "-", "--format", "json", "-s", service], &ends[..]].concat();
        let ended = run_on(SMALL, &arguments);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
        ended.json()
    };
    let works = trace("tcp:80");
    assert_eq!(works["schema"], "pathproof.trace/1");
    assert_eq!(works["verdict"], "reachable");
    assert_eq!(works["reasons"], json!([]));
    let hops: Vec<&Value> =
        [&works["forward"], &works["return"]].into_iter().flat_map(items).collect();
    assert!(hops.len() > 3, "{works:#}");
    for (hop, number) in hops.iter().zip(1..) {
        assert_eq!(hop["hop"], number);
        has(hop, &["stage", "at", "endpoint", "decision", "rule", "line"]);
        assert_eq!(hop["decision"], "pass");
        is_packet(&hop["packet_in"]);
        is_packet(&hop["packet_out"]);
    }
    let blocked = trace("tcp:22");
    assert_eq!(blocked["verdict"], "unreachable");
    let reasons = items(&blocked["reasons"]);
    assert_eq!(reasons.len(), 1, "{blocked:#}");
    is_reason(&reasons[0]);
    assert_eq!(reasons[0]["code"], "security-group-ingress-denied");
    assert_eq!(reasons[0]["at"], "sg-web");
    assert_eq!(reasons[0]["near_miss"]["failed"], json!(["port"]));
    let stopped = items(&blocked["forward"]).iter();
    let stopped: Vec<_> = stopped.filter(|hop| hop["decision"] == "block").collect();
    assert_eq!(stopped.len(), 1, "{blocked:#}");
    let line = stopped[0]["line"].as_u64().expect("a line");
    let line = usize::try_from(line).expect("a small number");
    let guilty = SMALL.lines().nth(line - 1).expect("that line");
    assert!(guilty.contains("sg-web"), "{guilty}");
}
