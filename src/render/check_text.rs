//! What `check` prints: a line an expectation as it is decided, each failure again at the end, drawn like
//! a compiler's error, and the summary last.
//!
//! | | quiet | normal | verbose |
//! |---|---|---|---|
//! | what passed | - | a line | and why it is blocked where that was wanted |
//! | what did not | a line | a line | a line |
//! | changes | failed ones | failed ones | all |

mod failure;
mod why;

use std::time::Duration;

use anstyle::Style;

use super::scene::{Scene, spot};
use super::style::{BAD, DOUBT, FAINT, GOOD, Line, WIDTH, paragraph};
use super::wrap::{columns, wrap};
use crate::code::Language;
use crate::diagnostic::Span;
use crate::verify::{
    ChangeReport, ExpectationReport, FileReport, Outcome, StageKind, StageReport, Summary,
};

pub use failure::failures;
pub(super) use why::{verdict_word, works_text};

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

/// Where the explanation of a failure begins, if there is room.
const WHY: usize = 70;

/// The lines of a file, stage by stage.
#[must_use]
pub fn file_lines(file: &FileReport, verbosity: Verbosity, language: Language) -> String {
    let stages = file.stages.iter();
    stages
        .map(|stage| stage_lines(file, stage, verbosity, language))
        .collect()
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
        for line in wrap(&heading, WIDTH - 2) {
            text += &Line::indented(2).styled(FAINT, &line).end();
        }
    }
    for change in &stage.changes {
        if verbosity == Verbosity::Verbose || !change.passed {
            text += &change_line(scene, change);
        }
    }
    for report in &stage.expectations {
        if verbosity > Verbosity::Quiet || !report.outcome.is_good() {
            text += &expectation_lines(scene, report, verbosity);
        }
    }
    text
}

/// Which step or what-if it is; nothing for the base.
fn heading(stage: &StageReport, language: Language) -> Option<String> {
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

fn expectation_lines(scene: Scene<'_>, report: &ExpectationReport, verbosity: Verbosity) -> String {
    let word = outcome_word(report.outcome, scene.language);
    let line = opening(scene, word, report.span);
    let why = match report.outcome {
        Outcome::Pass => String::new(),
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
    Line::indented(2)
        .styled(style, word)
        .gap_to(8)
        .then(&place)
        .gap_to(SUBJECT.max(longest))
}

/// The line goes on with what it is about and why; what does not fit goes below.
fn told(line: Line, subject: &str, why: &str) -> String {
    if columns(subject) > line.room() {
        let why = if why.is_empty() {
            String::new()
        } else {
            paragraph(8, why, "")
        };
        return line.end() + &paragraph(8, subject, "") + &why;
    }
    let line = line.then(subject);
    if why.is_empty() {
        return line.end();
    }
    let used = WIDTH - line.room();
    if columns(why) + WHY.max(used + 2) <= WIDTH {
        return line.gap_to(WHY).then(why).end();
    }
    if columns(why) + used + 2 <= WIDTH {
        return line.then("  ").then(why).end();
    }
    line.end() + &paragraph(8, why, "")
}

fn outcome_word(outcome: Outcome, language: Language) -> (Style, &'static str) {
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

/// The last line: `31 expectations: 29 passed, … — 12 files in 14 ms`.
#[must_use]
pub fn summary_line(summary: &Summary, elapsed: Duration, language: Language) -> String {
    let style = if summary.is_good() && summary.unusable == 0 {
        GOOD
    } else {
        BAD
    };
    let text = match language {
        Language::English => english(summary, elapsed),
        Language::Chinese => chinese(summary, elapsed),
    };
    let lines = wrap(&text, WIDTH - 2);
    let lines = lines
        .iter()
        .map(|line| Line::indented(2).styled(style, line).end());
    lines.collect()
}

fn english(summary: &Summary, elapsed: Duration) -> String {
    let Summary {
        passed,
        failed,
        vacuous,
        undetermined,
        waived,
        ..
    } = summary;
    let asked = counted(summary.expectations, "expectation");
    let errors = also(summary.errors, |count| {
        format!(", {}", counted(count, "error"))
    });
    let changes = also(summary.changes_failed, |count| {
        format!("; {} not as expected", counted(count, "change"))
    });
    let unusable = also(summary.unusable, |count| {
        format!("; {} not usable", counted(count, "file"))
    });
    let nothing = if nothing_asked(summary) {
        "; nothing was asked, so nothing was proved"
    } else {
        ""
    };
    format!(
        "{asked}: {passed} passed, {failed} failed, {vacuous} vacuous, \
         {undetermined} undetermined, {waived} waived{errors}{changes}{unusable}{nothing} — {} in {}",
        counted(summary.files, "file"),
        lasted(elapsed)
    )
}

fn chinese(summary: &Summary, elapsed: Duration) -> String {
    let Summary {
        files,
        expectations,
        passed,
        failed,
        vacuous,
        undetermined,
        waived,
        ..
    } = summary;
    let errors = also(summary.errors, |count| format!("，错误 {count}"));
    let changes = also(summary.changes_failed, |count| {
        format!("；{count} 个变更的结果与预期不符")
    });
    let unusable = also(summary.unusable, |count| {
        format!("；{count} 个文件无法使用")
    });
    let nothing = if nothing_asked(summary) {
        "；没有任何期望，因此什么也没有证明"
    } else {
        ""
    };
    format!(
        "共 {expectations} 条期望：通过 {passed}，失败 {failed}，空集 {vacuous}，\
         未决 {undetermined}，豁免 {waived}{errors}{changes}{unusable}{nothing} — \
         {files} 个文件，用时 {}",
        lasted(elapsed)
    )
}

/// Words about a number, unless it is 0.
fn also(count: usize, words: impl Fn(usize) -> String) -> String {
    if count == 0 {
        String::new()
    } else {
        words(count)
    }
}

fn nothing_asked(summary: &Summary) -> bool {
    summary.expectations == 0 && summary.refusals == 0 && summary.unusable == 0
}

/// `1 file`, `2 files`.
fn counted(count: usize, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {word}{plural}")
}

fn lasted(elapsed: Duration) -> String {
    if elapsed < Duration::from_secs(1) {
        format!("{} ms", elapsed.as_millis())
    } else {
        format!("{:.1} s", elapsed.as_secs_f64())
    }
}
