//! Each failure again, drawn like a compiler's error: the expectation's line, the line of the guilty rule,
//! every blocker, what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Title};

use super::super::case::guilty_code;
use super::super::number::number;
use super::super::remedy::{remedy, same};
use super::super::scene::{Scene, spot};
use super::super::snippet::{draw, fitted, fitted_title, help, mark, note};
use super::super::style::paragraph;
use super::why::{self, SameCause};
use super::{Verbosity, heading, outcome_word};
use crate::code::{Code, Language};
use crate::diagnostic::Span;
use crate::query::{ListName, Reason, Want};
use crate::verify::{ChangeReport, ExpectationReport, FileReport, Note, Outcome, StageReport};

/// So many blockers are told of one expectation, and so many advices given, unless all are asked for.
const BLOCKERS: usize = 8;
const LINES: usize = 3;

/// Of more failures of one cause only the first is drawn; so many others are listed.
const ALIKE: usize = 3;
const LISTED: usize = 12;

/// The failures of a file, each followed by a blank line.
#[must_use]
pub fn failures(file: &FileReport, verbosity: Verbosity, language: Language) -> String {
    let mut text = String::new();
    for stage in &file.stages {
        let scene = Scene::of_stage(file, stage, language);
        for change in stage.changes.iter().filter(|change| !change.passed) {
            text += &failed_change(scene, stage, change);
            text.push('\n');
        }
        let mut groups: Vec<(Option<SameCause<'_>>, Vec<&ExpectationReport>)> = Vec::new();
        for report in &stage.expectations {
            if report.outcome.is_good() {
                continue;
            }
            let cause = SameCause::of(report);
            let known = groups.iter_mut().find(|(other, _)| cause.is_some() && *other == cause);
            match known {
                Some((_, reports)) => reports.push(report),
                None => groups.push((cause, vec![report])),
            }
        }
        for (_, reports) in groups {
            let many = reports.len() > ALIKE && verbosity < Verbosity::Verbose;
            let drawn = if many { 1 } else { reports.len() };
            let (drawn, others) = reports.split_at(drawn);
            for report in drawn {
                text += &failed(scene, stage, report, verbosity);
                if others.is_empty() {
                    text.push('\n');
                }
            }
            if !others.is_empty() {
                text += &(listed(scene, others) + "\n");
            }
        }
    }
    text
}

/// Others that failed for the same cause, a line each, and how many more there are.
fn listed(scene: Scene<'_>, others: &[&ExpectationReport]) -> String {
    let count = number(others.len());
    let head = match scene.language {
        Language::English => format!("and {count} more for the same cause:"),
        Language::Chinese => format!("另有 {count} 条原因相同："),
    };
    let mut text = paragraph(2, &head, "");
    for report in others.iter().take(LISTED) {
        let place = spot(scene.sources, report.span);
        let place = place.map_or_else(String::new, |place| scene.short(place));
        text += &paragraph(4, &why::demand(report, scene.language), &place);
    }
    let more = others.len().saturating_sub(LISTED);
    if more > 0 {
        let more = number(more);
        let line = match scene.language {
            Language::English => format!("… and {more} more; -v draws them all"),
            Language::Chinese => format!("……另有 {more} 条，加 -v 查看全部"),
        };
        text += &paragraph(4, &line, "");
    }
    text
}

/// A change that did not come as the file says, drawn.
pub(in super::super) fn failed_change(
    scene: Scene<'_>,
    stage: &StageReport,
    change: &ChangeReport,
) -> String {
    let (_, word) = outcome_word(Outcome::Fail, scene.language);
    let label = match (change.refused.is_some(), scene.language) {
        (true, Language::English) => "is refused",
        (true, Language::Chinese) => "被拒绝",
        (false, Language::English) => "goes through",
        (false, Language::Chinese) => "已生效",
    };
    let code = change.refused.as_ref().map(|(code, _)| *code).or(change.wanted);
    let mut group = Group::with_title(title(Level::ERROR, word, code, change.action));
    if let Some(snippet) = mark(scene.sources, change.span, AnnotationKind::Primary, label) {
        group = group.element(snippet);
    }
    let why = why::of_change(change, scene.language);
    group = group.element(note(scene.language).message(fitted(&why)));
    if let Some(stage) = heading(stage, scene.language) {
        group = group.element(note(scene.language).message(fitted(&stage)));
    }
    draw(&[group])
}

/// Every blocker of an expectation that did not pass, and what to do about them, a line each.
pub(in super::super) fn facts(
    scene: Scene<'_>,
    report: &ExpectationReport,
    verbosity: Verbosity,
) -> Vec<String> {
    let reasons = report.found.as_ref();
    let reasons = reasons.map_or(&[][..], |found| &found.reasons);
    let mut facts = told(scene, reasons, verbosity);
    facts.extend(helps(scene, report, reasons));
    facts
}

/// An expectation that did not pass, drawn.
pub(in super::super) fn failed(
    scene: Scene<'_>,
    stage: &StageReport,
    report: &ExpectationReport,
    verbosity: Verbosity,
) -> String {
    let reasons = report.found.as_ref().map_or(&[][..], |found| &found.reasons);
    let (_, word) = outcome_word(report.outcome, scene.language);
    let level = match report.outcome {
        Outcome::Undetermined => Level::WARNING,
        _ => Level::ERROR,
    };
    let label = label(report, scene.language);
    let lines = guilty_lines(scene, reasons);
    let told = told(scene, reasons, verbosity);
    let demand = why::demand(report, scene.language);
    let mut group = Group::with_title(title(level, word, guilty_code(report), &demand));
    if let Some(snippet) = mark(scene.sources, report.span, AnnotationKind::Primary, &label) {
        group = group.element(snippet);
    }
    for (span, label) in &lines {
        if let Some(snippet) = mark(scene.sources, *span, AnnotationKind::Context, label) {
            group = group.element(snippet);
        }
    }
    let mut notes: Vec<String> = Vec::new();
    if reasons.is_empty() || report.outcome == Outcome::Error || !only_verdict(report) {
        notes.push(why::of_expectation(scene, report));
    }
    notes.extend(heading(stage, scene.language));
    notes.extend(told);
    for text in notes.iter().filter(|text| !text.is_empty()) {
        group = group.element(note(scene.language).message(fitted(text)));
    }
    for text in helps(scene, report, reasons) {
        group = group.element(help(scene.language).message(fitted(&text)));
    }
    draw(&[group])
}

/// `FAIL[no-route]: …`
fn title<'a>(level: Level<'a>, word: &'a str, code: Option<Code>, text: &str) -> Title<'a> {
    let text = fitted_title(word, code, text);
    let title = level.with_name(word).primary_title(text);
    match code {
        Some(code) => title.id(code.name()),
        None => title,
    }
}

/// Whether the verdict alone says what is wrong.
fn only_verdict(report: &ExpectationReport) -> bool {
    report.notes.iter().all(|note| *note == Note::OtherVerdict)
}

/// What stands under the expectation: the verdict, or what else is wrong where the verdict is as demanded.
fn label(report: &ExpectationReport, language: Language) -> String {
    let Some(found) = report.found.as_ref() else {
        return String::new();
    };
    if report.outcome == Outcome::Vacuous {
        return String::new();
    }
    let verdict = why::verdict_word(found.verdict, language);
    let other = report.notes.iter().find_map(|note| match (note, language) {
        (Note::OtherReason(_), Language::English) => Some(", but for another reason"),
        (Note::OtherReason(_), Language::Chinese) => Some("，但原因不同"),
        (Note::Via(_) | Note::NotVia(_), Language::English) => Some(", but another way"),
        (Note::Via(_) | Note::NotVia(_), Language::Chinese) => Some("，但路径不同"),
        (Note::OtherServices, Language::English) => Some(", but in another part"),
        (Note::OtherServices, Language::Chinese) => Some("，但可用的部分不同"),
        _ => None,
    });
    let other = other.filter(|_| !report.notes.contains(&Note::OtherVerdict));
    let other = other.unwrap_or_default();
    match language {
        Language::English => format!("is {verdict}{other}"),
        Language::Chinese => format!("实为{verdict}{other}"),
    }
}

/// The lines to look at: of a rule that dropped the packet, else of the one that came closest.
pub(in super::super) fn guilty_lines(scene: Scene<'_>, reasons: &[Reason]) -> Vec<(Span, String)> {
    let mut lines: Vec<(Span, String)> = Vec::new();
    let reasons = why::distinct(reasons);
    for (reason, number) in reasons.iter().map(|it| it.reason).zip(1..) {
        let near = reason.near_miss.as_ref().filter(|_| reason.rule.is_none());
        let nearest = near.and_then(|near| scene.nearest(near));
        let filter = ListName::denying(reason.cause.code).is_some();
        let place = nearest.or_else(|| scene.blame(reason));
        let words = match (nearest, &reason.rule, scene.language) {
            _ if !filter => reason.cause.code.name(),
            (Some(_), _, Language::English) => "the nearest rule",
            (Some(_), _, Language::Chinese) => "最接近的规则",
            (None, Some(_), Language::English) => "drops it",
            (None, Some(_), Language::Chinese) => "拒绝该报文",
            (None, None, Language::English) => "no rule here accepts it",
            (None, None, Language::Chinese) => "没有规则放通该报文",
        };
        let Some(place) = place else { continue };
        if lines.len() < LINES && lines.iter().all(|(span, _)| *span != place.span) {
            lines.push((place.span, format!("{number}. {words}")));
        }
    }
    lines
}

/// Every blocker, numbered.
fn told(scene: Scene<'_>, reasons: &[Reason], verbosity: Verbosity) -> Vec<String> {
    let blockers = why::blockers(scene, reasons);
    let limit = match verbosity {
        Verbosity::Verbose => blockers.len(),
        Verbosity::Quiet | Verbosity::Normal => BLOCKERS,
    };
    let told = blockers.iter().zip(1..).take(limit);
    let mut told: Vec<String> = told
        .map(|(blocker, number)| {
            let code = blocker.code;
            match blocker.semantics {
                "" => format!("{number}. {} [{code}]", blocker.text),
                rule => format!("{number}. {} [{code}, {rule}]", blocker.text),
            }
        })
        .collect();
    let more = blockers.len().saturating_sub(limit);
    if more > 0 {
        told.push(match scene.language {
            Language::English => format!("… and {more} more; -v tells them all"),
            Language::Chinese => format!("……另有 {more} 处，加 -v 查看全部"),
        });
    }
    told
}

/// What to do about the blockers, where they were not wanted.
fn helps(scene: Scene<'_>, report: &ExpectationReport, reasons: &[Reason]) -> Vec<String> {
    if matches!(report.expectation.want, Want::Unreachable) {
        return Vec::new();
    }
    let mut known: Vec<(&Reason, String)> = Vec::new();
    let reasons = why::distinct(reasons);
    for (reason, number) in reasons.iter().map(|it| it.reason).zip(1..) {
        if known.len() < LINES && !known.iter().any(|(other, _)| same(other, reason)) {
            known
                .push((reason, remedy(scene.network, &number.to_string(), reason, scene.language)));
        }
    }
    known.into_iter().map(|(_, words)| words).collect()
}
