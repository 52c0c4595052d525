//! `check --format sarif`: what does not hold, and what is wrong with files, as results of SARIF 2.1.0.
//!
//! A result stands at the expectation's line and names the lines to blame as related places. What is waived is there,
//! suppressed; what holds is not.

use serde_json::Value;

use super::case::{Case, cases, one_line};
use super::check_text::Verbosity;
use super::sarif::{Finding, Level, Location, Rule, sarif};
use super::scene::{Spot, spot};
use crate::code::Language;
use crate::diagnostic::{Diagnostic, Severity};
use crate::verify::{FileReport, Outcome};

/// Everything that does not hold.
#[must_use]
pub fn check_sarif(files: &[FileReport], verbosity: Verbosity, language: Language) -> Value {
    let mut findings = Vec::new();
    for (file, cases) in cases(files, verbosity, language) {
        let diagnostics = file.diagnostics.iter();
        findings.extend(diagnostics.map(|diagnostic| of_diagnostic(file, diagnostic, language)));
        if file.usable() {
            let told = cases.iter().filter(|case| case.outcome != Outcome::Pass);
            findings.extend(told.map(of_case));
        }
    }
    sarif(&findings)
}

fn of_case(case: &Case<'_>) -> Finding {
    let waived = case.outcome == Outcome::Waived;
    let mut message = format!("{}: {}", case.headline, case.why);
    for fact in &case.facts {
        message.push('\n');
        message.push_str(fact);
    }
    Finding {
        rule: case.rule.clone(),
        level: if waived { Level::Note } else { Level::Error },
        message,
        location: case.place.map_or_else(|| whole(case.path), location),
        related: case
            .related
            .iter()
            .map(|(place, text)| (location(*place), text.clone()))
            .collect(),
        accepted: waived.then(|| case.why.clone()),
    }
}

/// A mistake or a warning of a file.
fn of_diagnostic(file: &FileReport, diagnostic: &Diagnostic, language: Language) -> Finding {
    let place = diagnostic.primary.as_ref();
    let place = place.and_then(|label| spot(&file.sources, label.span));
    let others = diagnostic.others.iter().filter_map(|label| {
        let place = spot(&file.sources, label.span)?;
        Some((location(place), label.text.text(language).to_owned()))
    });
    let help = diagnostic.help.iter().map(|help| one_line(help.text(language)));
    let words = std::iter::once(one_line(diagnostic.message.text(language))).chain(help);
    Finding {
        rule: Rule::of(diagnostic.code, language),
        level: match diagnostic.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        },
        message: words.collect::<Vec<_>>().join("\n"),
        location: place.map_or_else(|| whole(&file.path), location),
        related: others.collect(),
        accepted: None,
    }
}

fn location(place: Spot<'_>) -> Location {
    Location { path: place.path.to_owned(), line: place.line, column: Some(place.column) }
}

fn whole(path: &str) -> Location {
    Location { path: path.to_owned(), line: 1, column: None }
}
