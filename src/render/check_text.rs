//! What `check` prints: a line an expectation as it is decided, each failure again at the end, drawn like
//! a compiler's error, and the summary last.
//!
//! | | quiet | normal | verbose |
//! |---|---|---|---|
//! | what passed | - | a line | and why it is blocked where that was wanted |
//! | what did not | a line | a line | a line |
//! | changes | failed ones | failed ones | all |
//!
//! A run of many expectations says what did not pass, and a line a file, unless it is to be verbose.

mod failure;
mod summary;
mod why;

use anstyle::Style;

use super::case::counted;
use super::number::number;
use super::scene::{Scene, spot};
use super::screen::width;
use super::style::{BAD, DOUBT, FAINT, GOOD, Line, paragraph};
use super::wrap::{columns, wrap};
use crate::code::Language;
use crate::diagnostic::Span;
use crate::query::Expectation;
use crate::verify::{ChangeReport, ExpectationReport, FileReport, Outcome, StageKind, StageReport};

pub use failure::failures;
pub(super) use failure::{
    facts, failed as drawn_expectation, failed_change as drawn_change, guilty_lines,
};
pub use summary::{nothing_expected, summary_line, tally};
use why::SameCause;
pub(super) use why::{
    demand as demand_of, distinct, of_change as why_change, of_expectation as why_expectation,
    subject, verdict_word, works_text,
};

/// How much `check` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// What did not pass, and the summary.
    Quiet,
    /// A line an expectation.
    #[default]
    Normal,
    /// The reasons of what passed too.
    Verbose,
}

/// Where the texts of the lines begin, unless the path is longer.
const SUBJECT: usize = 36;

/// Where the numbers of a file begin, unless its path is longer.
const TOLD: usize = 60;

/// Where the explanation of a failure begins, if there is room.
const WHY: usize = 70;

/// The lines of a file, stage by stage.
#[must_use]
pub fn file_lines(file: &FileReport, verbosity: Verbosity, language: Language) -> String {
    let stages = file.stages.iter();
    stages.map(|stage| stage_lines(file, stage, verbosity, language)).collect()
}

/// The lines of a stage: its changes, then its expectations.
#[must_use]
pub fn stage_lines(
    file: &FileReport,
    stage: &StageReport,
    verbosity: Verbosity,
    language: Language,
) -> String {
    let scene = Scene::of_stage(file, stage, language);
    let mut text = String::new();
    if verbosity == Verbosity::Verbose
        && let Some(heading) = heading(stage, language)
    {
        for line in wrap(&heading, width() - 2) {
            text += &Line::indented(2).styled(FAINT, &line).end();
        }
    }
    for change in &stage.changes {
        if verbosity == Verbosity::Verbose || !change.passed {
            text += &change_line(scene, change);
        }
    }
    let mut above = None;
    for report in &stage.expectations {
        if verbosity > Verbosity::Quiet || !report.outcome.is_good() {
            let cause = SameCause::of(report);
            let again = verbosity < Verbosity::Verbose && cause.is_some() && cause == above;
            text += &expectation_lines(scene, report, (verbosity, again));
            above = cause;
        }
    }
    text
}

/// Files of a run of so many expectations that a line for each would hide those that matter.
#[derive(Clone, Debug, Default)]
pub struct Together {
    /// How many files.
    pub files: usize,
    /// How many expectations.
    pub expectations: usize,
    /// How many of them hold.
    pub good: usize,
    /// Changes that did not do what they should.
    pub changes: usize,
}

impl Together {
    /// Adds a file.
    pub fn add(&mut self, file: &FileReport) {
        self.files += 1;
        for (_, report) in file.expectations() {
            self.expectations += 1;
            self.good += usize::from(report.outcome.is_good());
        }
        let changes = file.stages.iter().flat_map(|stage| &stage.changes);
        self.changes += changes.filter(|change| !change.passed).count();
    }

    /// A line for a file, or for all files of a folder.
    #[must_use]
    pub fn line(&self, path: &str, language: Language) -> String {
        let all = self.good == self.expectations;
        let good = all && self.changes == 0;
        let outcome = if good { Outcome::Pass } else { Outcome::Fail };
        let (style, word) = outcome_word(outcome, language);
        let count = counted(self.expectations, "expectation");
        let [expectations, passed] = [self.expectations, self.good].map(number);
        let told = match (all, language) {
            (true, Language::English) => count,
            (false, Language::English) => format!("{passed} of {count}"),
            (true, Language::Chinese) => format!("{expectations} 条期望"),
            (false, Language::Chinese) => format!("{expectations} 条期望中 {passed} 条成立"),
        };
        let files = match (self.files, language) {
            (1, _) => String::new(),
            (files, Language::English) => format!(", {}", counted(files, "file")),
            (files, Language::Chinese) => format!("，{} 个文件", number(files)),
        };
        let line = Line::indented(2).styled(style, word).gap_to(8).then(path);
        let told = told + &files;
        line.gap_to(TOLD.min(width().saturating_sub(32))).then(&told).end()
    }
}

/// An expectation in a line: `ins-a → ins-b tcp:443 reachable`.
#[must_use]
pub fn expectation_line(expectation: &Expectation, language: Language) -> String {
    let verdict = why::verdict_word(expectation.want.verdict(), language);
    let (from, to) = (&expectation.from_text, &expectation.to_text);
    let asked = format!("{from} → {to} {} {verdict}", expectation.service_text);
    match &expectation.name {
        Some(name) => format!("{name}: {asked}"),
        None => asked,
    }
}

/// A place and what is expected there: beside it, or below where the line would be too wide.
#[must_use]
pub fn listed_line(place: &str, asked: &str) -> String {
    if columns(place) + 2 + columns(asked) <= width() {
        return format!("{place}  {asked}\n");
    }
    format!("{place}\n") + &paragraph(4, asked, "")
}

/// Which step or what-if it is; nothing for the base.
pub(super) fn heading(stage: &StageReport, language: Language) -> Option<String> {
    let name = stage.name.as_deref().unwrap_or("");
    Some(match (stage.kind, language) {
        (StageKind::Base, _) => return None,
        (StageKind::Step, Language::English) => format!("step: {name}"),
        (StageKind::WhatIf, Language::English) => format!("what if: {name}"),
        (StageKind::Step, Language::Chinese) => format!("步骤：{name}"),
        (StageKind::WhatIf, Language::Chinese) => format!("假设：{name}"),
    })
}

fn change_line(scene: Scene<'_>, change: &ChangeReport) -> String {
    let (style, word) = if change.passed {
        outcome_word(Outcome::Pass, scene.language)
    } else {
        outcome_word(Outcome::Fail, scene.language)
    };
    let line = opening(scene, (style, word), change.span);
    told(line, change.action, &why::of_change(change, scene.language))
}

/// The lines of an expectation; `again` where the one above failed for the same cause.
fn expectation_lines(
    scene: Scene<'_>,
    report: &ExpectationReport,
    (verbosity, again): (Verbosity, bool),
) -> String {
    let word = outcome_word(report.outcome, scene.language);
    let line = opening(scene, word, report.span);
    let why = match report.outcome {
        Outcome::Pass => String::new(),
        _ if again => match scene.language {
            Language::English => "for the same cause".to_owned(),
            Language::Chinese => "原因同上".to_owned(),
        },
        _ => why::of_expectation(scene, report),
    };
    let mut text = told(line, &why::subject(report, scene.language), &why);
    if verbosity == Verbosity::Verbose
        && report.outcome == Outcome::Pass
        && let Some(found) = &report.found
    {
        for (number, blocker) in why::blockers(scene, &found.reasons).iter().enumerate() {
            let line = format!("{}. {}", number + 1, blocker.text);
            text += &paragraph(8, &line, blocker.semantics);
        }
    }
    text
}

/// `  FAIL  classic/acl.ron:57`.
fn opening(scene: Scene<'_>, (style, word): (Style, &str), span: Span) -> Line {
    let place = spot(scene.sources, span);
    // Lines of up to three digits keep the column.
    let longest = place.map_or(0, |place| 8 + columns(place.path) + ":999".len() + 2);
    let place = place.map_or(String::new(), |place| place.short());
    Line::indented(2).styled(style, word).gap_to(8).then(&place).gap_to(SUBJECT.max(longest))
}

/// The line goes on with what it is about and why; what does not fit goes below.
fn told(line: Line, subject: &str, why: &str) -> String {
    if columns(subject) > line.room() {
        let why = if why.is_empty() { String::new() } else { paragraph(8, why, "") };
        return line.end() + &paragraph(8, subject, "") + &why;
    }
    let line = line.then(subject);
    if why.is_empty() {
        return line.end();
    }
    let used = width() - line.room();
    if columns(why) + WHY.max(used + 2) <= width() {
        return line.gap_to(WHY).then(why).end();
    }
    if columns(why) + used + 2 <= width() {
        return line.then("  ").then(why).end();
    }
    line.end() + &paragraph(8, why, "")
}

pub(super) fn outcome_word(outcome: Outcome, language: Language) -> (Style, &'static str) {
    match (outcome, language) {
        (Outcome::Pass, Language::English) => (GOOD, "PASS"),
        (Outcome::Fail, Language::English) => (BAD, "FAIL"),
        (Outcome::Vacuous, Language::English) => (BAD, "VACUOUS"),
        (Outcome::Undetermined, Language::English) => (DOUBT, "UNDETERMINED"),
        (Outcome::Waived, Language::English) => (DOUBT, "WAIVED"),
        (Outcome::Error, Language::English) => (BAD, "ERROR"),
        (Outcome::Pass, Language::Chinese) => (GOOD, "通过"),
        (Outcome::Fail, Language::Chinese) => (BAD, "失败"),
        (Outcome::Vacuous, Language::Chinese) => (BAD, "空集"),
        (Outcome::Undetermined, Language::Chinese) => (DOUBT, "未决"),
        (Outcome::Waived, Language::Chinese) => (DOUBT, "豁免"),
        (Outcome::Error, Language::Chinese) => (BAD, "错误"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::sample::{assert_narrow, file, plain};
    use super::*;
    use crate::verify::Summary;

    fn lines(verbosity: Verbosity, language: Language) -> String {
        let text = file_lines(&file(), verbosity, language);
        assert_narrow(&text);
        plain(&text)
    }

    #[test]
    fn each_expectation_has_a_line_and_a_failure_says_why() {
        let lines = lines(Verbosity::Normal, Language::English);
        insta::assert_snapshot!(lines, @r"
        FAIL  shop.ron:26                 ins-tom → cdb-1 tcp:3306 reachable
              is unreachable: 172.16.3.9 lies in a secondary CIDR; a linked classic CVM meets only the
              primary 10.8.0.0/16 (and 1 more)
        PASS  shop.ron:27                 ins-web → cdb-1 tcp:3306 unreachable
        VACUOUS  shop.ron:28              tag:role=none → cdb-1 all reachable  `tag:role=none` is nobody
        FAIL  shop.ron:33                 AttachClassicLinkVpc
              is refused with classic-link-region-mismatch: `ins-far` is in ap-beijing, `vpc-shop` in
              ap-guangzhou
        ");
    }

    #[test]
    fn quiet_leaves_out_what_passed() {
        let quiet = lines(Verbosity::Quiet, Language::English);
        assert!(!quiet.contains("PASS"), "{quiet}");
        assert_eq!(quiet.matches("FAIL").count(), 2);
    }

    #[test]
    fn verbose_tells_why_what_passed_is_blocked() {
        let lines = lines(Verbosity::Verbose, Language::Chinese);
        insta::assert_snapshot!(lines, @r"
        失败  shop.ron:26                 ins-tom → cdb-1 tcp:3306 可达
              实为不可达：172.16.3.9 属于辅助 CIDR；关联的基础网络云服务器只与主 CIDR 10.8.0.0/16 互通（另
              有 1 处）
        通过  shop.ron:27                 ins-web → cdb-1 tcp:3306 不可达
              1. 回包 172.16.3.9:3306 → 10.60.5.7:1024 被丢弃：acl-db 没有出站规则放通该报文；最接近的规
              则：acl-db #1 允许 tcp:49152-65535，目标 10.0.0.0/8 — 协议 ✓ 端口 ✗ 目标 ✓             ACL-4
        空集  shop.ron:28                 tag:role=none → cdb-1 all 可达    `tag:role=none` 不包含任何对象
        步骤：link another
        失败  shop.ron:33                 AttachClassicLinkVpc
              被拒绝：classic-link-region-mismatch：`ins-far` 在 ap-beijing，`vpc-shop` 在 ap-guangzhou
        ");
    }

    #[test]
    fn failures_are_drawn_with_the_line_to_blame() {
        let text = failures(&file(), Verbosity::Normal, Language::English);
        assert_narrow(&text);
        insta::assert_snapshot!(plain(&text), @r#"
        FAIL[classic-link-secondary-cidr]: ins-tom → cdb-1 tcp:3306 should be reachable
           ╭▸ shop.ron:26:9
           │
        26 │         Reachable(from: "ins-tom", to: "cdb-1", service: "tcp:3306"),
           │         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ is unreachable
           │
           ⸬  shop.ron:3:17
           │
         3 │ …     vpcs: { "vpc-shop": (region: "ap-guangzhou", cidr: "10.8.0.0/16", secondary_cidrs: ["172…
           │               ─────────────────── 1. classic-link-secondary-cidr
           │
           ⸬  shop.ron:19:21
           │
        19 │                     Accept(from: "10.1.0.0/16", service: "tcp:3306"),
           │                     ──────────────────────────────────────────────── 2. the nearest rule
           │
           ├ note: 1. 172.16.3.9 lies in a secondary CIDR; a linked classic CVM meets only the primary
           │       10.8.0.0/16 [classic-link-secondary-cidr, CL-6]
           ├ note: 2. no ingress rule of sg-db accepts tcp:3306 from 10.60.5.7; nearest: sg-db #2
           │       accept tcp:3306 from 10.1.0.0/16 — protocol ✓ port ✓ source ✗
           │       [security-group-ingress-denied, SG-5]
           ├ help: no rule lifts 1, which is the platform's: move the endpoint into a subnet of the
           │       primary CIDR
           ╰ help: 2: sg-db ingress #2 is nearest; it, or a new rule, has to accept source 10.60.5.7

        VACUOUS: tag:role=none → cdb-1 all should be reachable
           ╭▸ shop.ron:28:9
           │
        28 │         Reachable(from: "tag:role=none", to: "cdb-1"),
           │         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
           │
           ╰ note: `tag:role=none` is nobody

        FAIL[classic-link-region-mismatch]: AttachClassicLinkVpc
           ╭▸ shop.ron:33:23
           │
        33 │             changes: [AttachClassicLinkVpc(vpc: "vpc-shop", instances: ["ins-far"])],
           │                       ━━━━━━━━━━━━━━━━━━━━ is refused
           │
           ├ note: is refused with classic-link-region-mismatch: `ins-far` is in ap-beijing, `vpc-shop`
           │       in ap-guangzhou
           ╰ note: step: link another
        "#);
    }

    #[test]
    fn failures_are_drawn_in_chinese() {
        let text = failures(&file(), Verbosity::Normal, Language::Chinese);
        assert_narrow(&text);
        assert!(
            plain(&text)
                .contains("失败[classic-link-secondary-cidr]: ins-tom → cdb-1 tcp:3306 应可达")
        );
    }

    #[test]
    fn the_summary_counts_everything() {
        let mut summary = Summary::default();
        summary.add(&file());
        let line = |summary: &Summary, language| {
            plain(&summary_line(summary, Duration::from_millis(14), language))
        };
        insta::assert_snapshot!(line(&summary, Language::English), @r"
        3 expectations: 1 passed, 1 failed, 1 vacuous, 0 undetermined, 0 waived; 1 change not as expected
        — 1 file in 14 ms
        ");
        insta::assert_snapshot!(line(&summary, Language::Chinese), @r"
        共 3 条期望：通过 1，失败 1，空集 1，未决 0，豁免 0；1 个变更的结果与预期不符 — 1 个文件，用时 14
        ms
        ");
    }

    #[test]
    fn what_does_not_fit_beside_goes_below() {
        let mut file = file();
        file.path = format!("{}/shop.ron", "deep".repeat(12));
        let mut sources = crate::diagnostic::Sources::default();
        sources.add(file.path.clone(), super::super::sample::TEXT.into());
        file.sources = sources;
        let expectation = &mut file.stages[0].expectations[0].expectation;
        expectation.from_text = "vpc-one & !subnet-two | ".repeat(8) + "ins-tom";
        assert_narrow(&file_lines(&file, Verbosity::Verbose, Language::English));
    }
}
