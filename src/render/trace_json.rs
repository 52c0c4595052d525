//! `trace --format json`: `pathproof.trace/1` of the output contract.
//!
//! `forward` and `return` are the way that the terminal shows first; `paths` has all of them.

use serde_json::{Value, json};

use super::json::{packet_json, reason_json, rule_json, waypoint_text, witness_json};
use super::rule::{place_name, services};
use super::scene::Scene;
use crate::code::Language;
use crate::query::{TracePath, TraceStep};
use crate::verify::TraceReport;

const SCHEMA: &str = "pathproof.trace/1";

/// A connection explained.
#[must_use]
pub fn trace_json(report: &TraceReport, language: Language) -> Value {
    let scene = Scene::of_trace(report, language);
    let paths = report.trace.as_ref().map_or(&[][..], |trace| &trace.paths);
    let first = shown_first(paths);
    let forward = first.map_or(Vec::new(), |path| hops(scene, &path.forward, 1));
    let back = first.map_or(Vec::new(), |path| {
        let back = path.back.first().map_or(&[][..], Vec::as_slice);
        hops(scene, back, path.forward.len() + 1)
    });
    let reasons = report.found.reasons.iter();
    let reasons: Vec<Value> = reasons.map(|reason| reason_json(scene, reason)).collect();
    let shown = report.shown.as_ref();
    let paths: Vec<Value> = paths.iter().map(|path| path_json(scene, path)).collect();
    json!({
        "schema": SCHEMA,
        "from": report.from,
        "to": report.to,
        "service": report.service,
        "verdict": report.found.verdict.name(),
        "pairs": report.found.pairs,
        "works": services(&report.found.works),
        "shown": shown.map(|(from, to)| json!({
            "from": from.to_string(),
            "to": to.to_string(),
            "packet": report.trace.as_ref().map(|trace| packet_json(&trace.packet)),
        })),
        "forward": forward,
        "return": back,
        "reasons": reasons,
        "lost": witness_json(report.found.lost.as_ref()),
        "working": witness_json(report.found.working.as_ref()),
        "paths": paths,
    })
}

/// The way that tells most: one that is blocked, if there is one.
pub(super) fn shown_first(paths: &[TracePath]) -> Option<&TracePath> {
    let mut blocked = paths.iter().filter(|path| !path.always);
    blocked.next().or_else(|| paths.first())
}

fn path_json(scene: Scene<'_>, path: &TracePath) -> Value {
    let after = path.forward.len() + 1;
    let back = path.back.iter();
    let back: Vec<_> = back.map(|back| hops(scene, back, after)).collect();
    let reasons = path.reasons.iter();
    let reasons: Vec<Value> = reasons.map(|reason| reason_json(scene, reason)).collect();
    let via: Vec<String> = path.waypoints.iter().map(waypoint_text).collect();
    json!({
        "works": if path.always { "always" } else if path.sometimes { "sometimes" } else { "never" },
        "via": via,
        "forward": hops(scene, &path.forward, 1),
        "returns": back,
        "reasons": reasons,
    })
}

/// Hops, numbered on from a number: those of the way back continue those of the way there.
fn hops(scene: Scene<'_>, steps: &[TraceStep], first: usize) -> Vec<Value> {
    let hops = steps.iter().zip(first..);
    hops.map(|(step, number)| hop_json(scene, step, number)).collect()
}

fn hop_json(scene: Scene<'_>, step: &TraceStep, number: usize) -> Value {
    let place = scene.step(step);
    let entry = step.place.as_ref();
    let entry = entry.filter(|place| step.rule.is_none() && !place.path.is_empty());
    json!({
        "hop": number,
        "stage": step.stage,
        "at": step.at.as_ref().map(crate::id::Id::as_str),
        "endpoint": step.endpoint.as_ref().map(ToString::to_string),
        "decision": if step.passed { "pass" } else { "block" },
        "as_if": step.as_if,
        "rule": step.rule.as_ref().map(rule_json),
        "entry": entry.map(place_name),
        "packet_in": packet_json(&step.packet_in),
        "packet_out": packet_json(&step.packet_out),
        "code": step.reason.as_ref().map(|reason| reason.cause.code.name()),
        "file": place.map(|place| place.path),
        "line": place.map(|place| place.line),
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{blocked_way, half_way, trace};
    use super::*;
    use crate::query::Verdict;

    #[test]
    fn a_trace_has_the_fields_of_the_contract() {
        let value =
            trace_json(&trace(Verdict::Unreachable, vec![blocked_way()]), Language::English);
        assert_eq!(value["schema"], "pathproof.trace/1");
        assert_eq!(value["verdict"], "unreachable");
        assert_eq!(value["return"], json!([]));
        insta::assert_snapshot!(format!("{:#}", value["forward"][3]), @r#"
        {
          "hop": 4,
          "stage": "security-group-ingress",
          "at": "sg-db",
          "endpoint": "cdb-1",
          "decision": "block",
          "as_if": true,
          "rule": null,
          "entry": null,
          "packet_in": {
            "src": "10.60.5.7",
            "dst": "172.16.3.9",
            "protocol": "tcp",
            "source_port": 1024,
            "destination_port": 3306
          },
          "packet_out": {
            "src": "10.60.5.7",
            "dst": "172.16.3.9",
            "protocol": "tcp",
            "source_port": 1024,
            "destination_port": 3306
          },
          "code": "security-group-ingress-denied",
          "file": "shop.ron",
          "line": 17
        }
        "#);
        insta::assert_snapshot!(format!("{:#}", value["reasons"][1]), @r#"
        {
          "code": "security-group-ingress-denied",
          "class": "config",
          "direction": "forward",
          "at": "sg-db",
          "endpoint": "cdb-1",
          "rule": null,
          "file": "shop.ron",
          "line": 17,
          "column": 17,
          "near_miss": {
            "rule": {
              "owner": "sg-db",
              "list": "ingress",
              "index": 1,
              "action": "accept"
            },
            "failed": [
              "source"
            ],
            "line": 19,
            "message": "sg-db #2 accept tcp:3306 from 10.1.0.0/16 — protocol ✓ port ✓ source ✗"
          },
          "packets": "tcp 10.60.5.7 → 172.16.3.9:3306",
          "semantics": "SG-5",
          "message": "no ingress rule of sg-db accepts tcp:3306 from 10.60.5.7"
        }
        "#);
    }

    #[test]
    fn hops_of_the_way_back_are_numbered_on() {
        let value = trace_json(&trace(Verdict::Partial, vec![half_way()]), Language::English);
        assert_eq!(value["return"][0]["hop"], 4);
        assert_eq!(value["return"][0]["decision"], "block");
        assert_eq!(value["forward"][1]["entry"], "rtb-shop #1");
        assert_eq!(value["forward"][1]["line"], 5);
        assert_eq!(value["forward"][1]["packet_out"]["dst"], "172.16.3.10");
        assert_eq!(value["reasons"][0]["direction"], "return");
    }
}
