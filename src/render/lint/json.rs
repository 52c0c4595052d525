//! Findings as JSON.

use serde_json::{Value, json};

use super::super::json::diagnostic_json;
use super::{Report, Site, Speaker, id_of, spoken};
use crate::code::Language;
use crate::diagnostic::Span;
use crate::lint::{Finding, Level};

const SCHEMA: &str = "pathproof.lint/1";

/// The findings of all files.
#[must_use]
pub fn lint_json(reports: &[Report], language: Language) -> Value {
    let files: Vec<Value> = reports.iter().map(|report| file(report, language)).collect();
    let count = |level| reports.iter().map(|report| report.count(level)).sum::<usize>();
    json!({
        "schema": SCHEMA,
        "files": files,
        "summary": {
            "files": reports.len(),
            "errors": count(Level::Error),
            "warnings": count(Level::Warning),
            "notes": count(Level::Note),
            "unusable": reports.iter().filter(|report| !report.usable()).count(),
        },
    })
}

fn file(report: &Report, language: Language) -> Value {
    let diagnostics = report.diagnostics.iter();
    let diagnostics: Vec<Value> = diagnostics
        .map(|diagnostic| diagnostic_json(&report.sources, diagnostic, language))
        .collect();
    let findings = findings(report, language);
    json!({ "path": report.path, "diagnostics": diagnostics, "findings": findings })
}

/// The findings of a file.
pub(in crate::render) fn findings(report: &Report, language: Language) -> Vec<Value> {
    spoken(report, language, |speaker| {
        let findings = report.findings.iter();
        findings.map(|it| finding(speaker, it)).collect()
    })
}

fn finding(speaker: &Speaker<'_>, finding: &Finding) -> Value {
    let words = speaker.words(finding);
    let at = match &finding.at {
        Site::Place(place) => Some(id_of(place)),
        Site::Span(_) => None,
    };
    let related = finding.related.iter().map(|place| {
        let mut value = spot(speaker, speaker.span(&Site::Place(place.clone())));
        value["at"] = id_of(place).into();
        value["message"] = words.related.into();
        value
    });
    let related: Vec<Value> = related.collect();
    let mut value = json!({
        "code": finding.code().name(),
        "level": finding.level.name(),
        "message": words.message,
        "at": at,
    });
    let place = spot(speaker, speaker.span(&finding.at));
    if let (Value::Object(fields), Value::Object(place)) = (&mut value, place) {
        fields.extend(place);
    }
    value["related"] = related.into();
    value["help"] = finding.code().advice(speaker.language).into();
    value
}

fn spot(speaker: &Speaker<'_>, span: Option<Span>) -> Value {
    let spot = span.and_then(|span| {
        speaker
            .scene()
            .spot(span)
            .map(|it| json!({ "file": it.path, "line": it.line, "column": it.column }))
    });
    spot.unwrap_or_else(|| json!({ "file": null, "line": null, "column": null }))
}
