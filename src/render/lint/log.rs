//! Findings as SARIF, for code hosts.

use serde_json::Value;

use super::super::sarif::{self, Location, Rule, sarif};
use super::{Report, Site, Speaker, spoken};
use crate::code::Language;
use crate::diagnostic::{Severity, Span};
use crate::lint::{Finding, Level};

/// The findings of all files, and what is wrong with files that cannot be used.
#[must_use]
pub fn lint_sarif(reports: &[Report], language: Language) -> Value {
    let mut results = Vec::new();
    for report in reports {
        results.extend(mistakes(report, language));
        results.extend(spoken(report, language, |speaker| {
            let found = report.findings.iter();
            let found = found.map(|finding| result(speaker, finding, &report.path));
            found.collect::<Vec<_>>()
        }));
    }
    sarif(&results)
}

fn result(speaker: &Speaker<'_>, finding: &Finding, path: &str) -> sarif::Finding {
    let words = speaker.words(finding);
    let place = |at: &Site| location(speaker, speaker.span(at), path);
    let related = finding.related.iter();
    let related = related.map(|at| (place(&Site::Place(at.clone())), words.related.to_owned()));
    sarif::Finding {
        rule: Rule::of(finding.code(), speaker.language),
        level: match finding.level {
            Level::Note => sarif::Level::Note,
            Level::Warning => sarif::Level::Warning,
            Level::Error => sarif::Level::Error,
        },
        location: place(&finding.at),
        related: related.collect(),
        message: words.message,
        accepted: None,
    }
}

fn location(speaker: &Speaker<'_>, span: Option<Span>, path: &str) -> Location {
    let spot = span.and_then(|span| {
        speaker.scene().spot(span).map(|spot| Location {
            path: spot.path.to_owned(),
            line: spot.line,
            column: Some(spot.column),
        })
    });
    spot.unwrap_or_else(|| Location { path: path.to_owned(), line: 1, column: None })
}

/// Mistakes and warnings of reading the file.
fn mistakes(report: &Report, language: Language) -> Vec<sarif::Finding> {
    let told = report.diagnostics.iter().map(|diagnostic| {
        let span = diagnostic.primary.as_ref().map(|label| label.span);
        let place = span.and_then(|span| report.sources.place(span));
        let (path, line, column) = match place {
            Some((path, line, column)) => (path, line, Some(column)),
            None => (report.path.as_str(), 1, None),
        };
        sarif::Finding {
            rule: Rule::of(diagnostic.code, language),
            level: match diagnostic.severity {
                Severity::Error => sarif::Level::Error,
                Severity::Warning => sarif::Level::Warning,
            },
            message: diagnostic.message.text(language).to_owned(),
            location: Location { path: path.to_owned(), line, column },
            related: Vec::new(),
            accepted: None,
        }
    });
    told.collect()
}
