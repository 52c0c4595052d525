//! `check --format json`: `pathproof.check/1` of the output contract.

use serde_json::{Value, json};

use super::json::{diagnostic_json, reason_json, waypoint_text, witness_json};
use super::rule::services;
use super::scene::{Scene, spot};
use crate::code::{Code, Language};
use crate::query::{Verdict, Want};
use crate::verify::{
    ChangeReport, ExpectationReport, FileReport, Found, Note, Sample, StageReport, Summary,
};

const SCHEMA: &str = "pathproof.check/1";

/// Everything that came of a run, in the order of the files.
#[must_use]
pub fn check_json(files: &[FileReport], summary: &Summary, language: Language) -> Value {
    let files = files.iter().map(|file| file_json(file, language));
    run_json(&files.collect::<Vec<_>>(), summary)
}

/// The same, each file being told already.
#[must_use]
pub fn run_json(files: &[Value], summary: &Summary) -> Value {
    json!({ "schema": SCHEMA, "files": files, "summary": summary_json(summary) })
}

/// One file of a run.
#[must_use]
pub fn file_json(file: &FileReport, language: Language) -> Value {
    let diagnostics = file.diagnostics.iter();
    let diagnostics: Vec<Value> = diagnostics
        .map(|diagnostic| diagnostic_json(&file.sources, diagnostic, language))
        .collect();
    let stages = file.stages.iter();
    let stages: Vec<Value> = stages.map(|stage| stage_json(file, stage, language)).collect();
    json!({
        "path": file.path,
        "name": file.name,
        "diagnostics": diagnostics,
        "stages": stages,
    })
}

fn summary_json(summary: &Summary) -> Value {
    json!({
        "files": summary.files,
        "expectations": summary.expectations,
        "passed": summary.passed,
        "failed": summary.failed,
        "vacuous": summary.vacuous,
        "undetermined": summary.undetermined,
        "waived": summary.waived,
        "errors": summary.errors,
        "changes_failed": summary.changes_failed,
        "unusable": summary.unusable,
        "refusals": summary.refusals,
    })
}

fn stage_json(file: &FileReport, stage: &StageReport, language: Language) -> Value {
    let scene = Scene::of_stage(file, stage, language);
    let changes = stage.changes.iter();
    let changes: Vec<Value> = changes.map(|change| change_json(scene, change)).collect();
    let expectations = stage.expectations.iter();
    let expectations: Vec<Value> =
        expectations.map(|report| expectation_json(scene, report)).collect();
    json!({
        "kind": stage.kind.name(),
        "name": stage.name,
        "changes": changes,
        "expectations": expectations,
    })
}

fn change_json(scene: Scene<'_>, change: &ChangeReport) -> Value {
    let place = spot(scene.sources, change.span);
    let refused = change.refused.as_ref();
    json!({
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "action": change.action,
        "outcome": if refused.is_some() { "refused" } else { "applied" },
        "code": refused.map(|(code, _)| code.name()),
        "message": refused.map(|(_, message)| message.text(scene.language)),
        "wanted": change.wanted.map(Code::name),
        "passed": change.passed,
    })
}

fn expectation_json(scene: Scene<'_>, report: &ExpectationReport) -> Value {
    let place = spot(scene.sources, report.span);
    let asked = &report.expectation;
    let found = report.found.as_ref();
    let reasons = found.map_or(&[][..], |found| &found.reasons);
    let reasons: Vec<Value> = reasons.iter().map(|reason| reason_json(scene, reason)).collect();
    let waiver = asked.waive.as_ref().map(
        |waiver| json!({ "reason": waiver.reason, "until": waiver.until, "owner": waiver.owner }),
    );
    let notes: Vec<Value> = report.notes.iter().map(note_json).collect();
    let mut value = json!({
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "name": asked.name,
        "from": asked.from_text,
        "to": asked.to_text,
        "service": asked.service_text,
        "source_port": asked.traffic.source_ports.to_string(),
        "expected": asked.want.verdict().name(),
        "because": asked.because.map(Code::name),
        "verdict": found.map(|found| found.verdict.name()),
        "outcome": report.outcome.name(),
        "pairs": found.map(|found| found.pairs),
        "reasons": reasons,
        "witness": witness_json(found.and_then(|found| telling(found, &asked.want))),
        "notes": notes,
    });
    if let Value::Object(fields) = &mut value {
        if let Some(found) = found.filter(|found| found.verdict == Verdict::Partial) {
            fields.insert("works".into(), json!(services(&found.works)));
        }
        if let Some(waiver) = waiver {
            fields.insert("waive".into(), waiver);
        }
    }
    value
}

/// The packet that tells most: the one that speaks against the expectation, if there is one.
pub(super) fn telling<'a>(found: &'a Found, want: &Want) -> Option<&'a Sample> {
    let (lost, working) = (found.lost.as_ref(), found.working.as_ref());
    match want {
        Want::Reachable | Want::Partial { .. } => lost.or(working),
        Want::Unreachable => working.or(lost),
    }
}

fn note_json(note: &Note) -> Value {
    match note {
        Note::OtherVerdict => json!({ "note": "other-verdict" }),
        Note::OtherReason(code) => json!({ "note": "other-reason", "code": code.name() }),
        Note::NotVia(at) => json!({ "note": "not-via", "at": waypoint_text(at) }),
        Note::Via(at) => json!({ "note": "via", "at": waypoint_text(at) }),
        Note::OtherServices => json!({ "note": "other-services" }),
        Note::Known(from) => json!({ "note": "known", "from": from }),
        Note::WaiverExpired(until) => json!({ "note": "waiver-expired", "until": until }),
        Note::NobodyFrom => json!({ "note": "nobody-from" }),
        Note::NobodyTo => json!({ "note": "nobody-to" }),
        Note::OnlyItself => json!({ "note": "only-itself" }),
        Note::Unknown(id) => json!({ "note": "unknown-id", "id": id.as_str() }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::file;
    use super::*;

    fn value() -> Value {
        let files = [file()];
        let mut summary = Summary::default();
        summary.add(&files[0]);
        check_json(&files, &summary, Language::English)
    }

    #[test]
    fn a_run_has_the_fields_of_the_contract() {
        let value = value();
        assert_eq!(value["schema"], "pathproof.check/1");
        assert_eq!(value["summary"]["changes_failed"], 1);
        let stages = &value["files"][0]["stages"];
        insta::assert_snapshot!(format!("{:#}", stages[0]["expectations"][0]), @r#"
        {
          "line": 26,
          "column": 9,
          "name": null,
          "from": "ins-tom",
          "to": "cdb-1",
          "service": "tcp:3306",
          "source_port": "1024-65535",
          "expected": "reachable",
          "because": null,
          "verdict": "unreachable",
          "outcome": "fail",
          "pairs": 1,
          "reasons": [
            {
              "code": "classic-link-secondary-cidr",
              "class": "platform",
              "direction": "forward",
              "at": "vpc-shop",
              "endpoint": null,
              "rule": null,
              "file": "shop.ron",
              "line": 3,
              "column": 17,
              "near_miss": null,
              "packets": "tcp 10.60.5.7 → 172.16.3.9:3306",
              "semantics": "CL-6",
              "message": "172.16.3.9 lies in a secondary CIDR; a linked classic CVM meets only the primary 10.8.0.0/16"
            },
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
          ],
          "witness": {
            "from": "ins-tom",
            "to": "cdb-1",
            "packet": {
              "src": "10.60.5.7",
              "dst": "172.16.3.9",
              "protocol": "tcp",
              "source_port": 1024,
              "destination_port": 3306
            }
          },
          "notes": [
            {
              "note": "other-verdict"
            }
          ]
        }
        "#);
        insta::assert_snapshot!(format!("{:#}", stages[1]["changes"][0]), @r#"
        {
          "line": 33,
          "column": 23,
          "action": "AttachClassicLinkVpc",
          "outcome": "refused",
          "code": "classic-link-region-mismatch",
          "message": "`ins-far` is in ap-beijing, `vpc-shop` in ap-guangzhou",
          "wanted": null,
          "passed": false
        }
        "#);
    }

    #[test]
    fn what_speaks_of_nobody_has_no_verdict_and_no_witness() {
        let value = value();
        let vacuous = &value["files"][0]["stages"][0]["expectations"][2];
        assert_eq!(vacuous["outcome"], "vacuous");
        assert_eq!(vacuous["verdict"], Value::Null);
        assert_eq!(vacuous["witness"], json!({}));
        assert_eq!(vacuous["notes"], json!([{ "note": "nobody-from" }]));
    }

    #[test]
    fn the_same_run_gives_the_same_bytes() {
        assert_eq!(value().to_string(), value().to_string());
    }

    #[test]
    fn mistakes_stand_in_the_json_too() {
        let mut file = file();
        let span = super::super::sample::span("\"sg-db\"");
        file.diagnostics = vec![crate::diagnostic::Diagnostic::error(
            Code::UnknownField,
            span,
            crate::diagnostic::Words::verbatim("`subnet` has no field `cdir`"),
        )];
        let value = file_json(&file, Language::English);
        assert_eq!(value["diagnostics"][0]["code"], "unknown-field");
        assert_eq!(value["diagnostics"][0]["line"], 16);
        assert_eq!(value["diagnostics"][0]["column"], 13);
    }
}
