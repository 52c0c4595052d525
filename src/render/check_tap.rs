//! `check --format tap`: the Test Anything Protocol, version 14; what did not pass carries a block of YAML.
//!
//! What is waived is skipped. Texts are quoted as JSON, which YAML reads, too.

use std::fmt::Write as _;

use serde_json::json;

use super::case::{Case, cases, one_line};
use super::check_text::{Verbosity, tally};
use crate::code::Language;
use crate::verify::{FileReport, Outcome, Summary};

/// Everything that came of a run, a test point a case.
#[must_use]
pub fn check_tap(
    files: &[FileReport],
    summary: &Summary,
    verbosity: Verbosity,
    language: Language,
) -> String {
    let all = cases(files, verbosity, language);
    let points: Vec<&Case<'_>> = all.iter().flat_map(|(_, cases)| cases).collect();
    let mut text = format!("TAP version 14\n1..{}\n", points.len());
    for (point, number) in points.into_iter().zip(1..) {
        text += &test_point(point, number);
    }
    text + "# " + &tally(summary, language) + "\n"
}

fn test_point(case: &Case<'_>, number: usize) -> String {
    let ok = if case.is_good() { "ok" } else { "not ok" };
    let name = escaped(&format!("{}: {}", one_line(case.path), case.name));
    let mut text = format!("{ok} {number} - {name}");
    if case.outcome == Outcome::Waived {
        let _ = write!(text, " # SKIP {}", escaped(&one_line(&case.why)));
    }
    text.push('\n');
    if !case.is_good() {
        text += &block(case);
    }
    text
}

/// What is to be known of a failure.
fn block(case: &Case<'_>) -> String {
    let column = case.place.map_or(1, |place| place.column);
    let mut text = "  ---\n".to_owned();
    let _ = writeln!(text, "  message: {}", json!(case.why));
    let _ = writeln!(text, "  severity: {}", json!(case.outcome.name()));
    let _ = writeln!(text, "  code: {}", json!(case.rule.id));
    let _ = writeln!(text, "  at:");
    let _ = writeln!(text, "    file: {}", json!(case.file()));
    let _ = writeln!(text, "    line: {}", case.line());
    let _ = writeln!(text, "    column: {column}");
    if !case.facts.is_empty() {
        let _ = writeln!(text, "  facts:");
        for fact in &case.facts {
            let _ = writeln!(text, "    - {}", json!(fact));
        }
    }
    text + "  ...\n"
}

/// A `#` would begin a directive.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#")
}

#[cfg(test)]
mod tests {
    use super::super::sample::file;
    use super::*;

    #[test]
    fn each_case_is_a_test_point_and_a_failure_has_a_block() {
        let file = file();
        let mut summary = Summary::default();
        summary.add(&file);
        let text = check_tap(&[file], &summary, Verbosity::Normal, Language::English);
        insta::assert_snapshot!(text, @"");
    }

    #[test]
    fn a_name_never_begins_a_directive() {
        assert_eq!(escaped(r"a # SKIP \ b"), r"a \# SKIP \\ b");
    }
}
