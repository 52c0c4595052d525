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
        insta::assert_snapshot!(text, @r##"
        TAP version 14
        1..4
        not ok 1 - shop.ron: ins-tom → cdb-1 tcp:3306 reachable
          ---
          message: "is unreachable: 172.16.3.9 lies in a secondary CIDR; a linked classic CVM meets only the primary 10.8.0.0/16 (and 1 more)"
          severity: "fail"
          code: "classic-link-secondary-cidr"
          at:
            file: "shop.ron"
            line: 26
            column: 9
          facts:
            - "1. 172.16.3.9 lies in a secondary CIDR; a linked classic CVM meets only the primary 10.8.0.0/16 [classic-link-secondary-cidr, CL-6]"
            - "2. no ingress rule of sg-db accepts tcp:3306 from 10.60.5.7; nearest: sg-db #2 accept tcp:3306 from 10.1.0.0/16 — protocol ✓ port ✓ source ✗ [security-group-ingress-denied, SG-5]"
            - "no rule lifts 1, which is the platform's: move the endpoint into a subnet of the primary CIDR"
            - "2: sg-db ingress #2 is nearest; it, or a new rule, has to accept source 10.60.5.7"
          ...
        ok 2 - shop.ron: ins-web → cdb-1 tcp:3306 unreachable
        not ok 3 - shop.ron: tag:role=none → cdb-1 all reachable
          ---
          message: "`tag:role=none` is nobody"
          severity: "vacuous"
          code: "expectation-vacuous"
          at:
            file: "shop.ron"
            line: 28
            column: 9
          ...
        not ok 4 - shop.ron: step: link another: AttachClassicLinkVpc goes through
          ---
          message: "is refused with classic-link-region-mismatch: `ins-far` is in ap-beijing, `vpc-shop` in ap-guangzhou"
          severity: "fail"
          code: "classic-link-region-mismatch"
          at:
            file: "shop.ron"
            line: 33
            column: 23
          ...
        # 3 expectations: 1 passed, 1 failed, 1 vacuous, 0 undetermined, 0 waived; 1 change not as expected — 1 file
        "##);
    }

    #[test]
    fn a_name_never_begins_a_directive() {
        assert_eq!(escaped(r"a # SKIP \ b"), r"a \# SKIP \\ b");
    }
}
