//! What a run of `check` judged, one by one: what test results, SARIF, TAP, annotations and Markdown have in common.
//!
//! A case is an expectation, a change that had something to prove, a file that cannot be used, or a run that asked
//! nothing. Each has a name that is unique within its file and stays the same when lines move.

use std::collections::HashMap;

use super::check_text::{
    Verbosity, demand_of, drawn_change, drawn_expectation, facts, guilty_lines, heading,
    nothing_expected as nothing_expected_words, outcome_word, subject, why_change, why_expectation,
};
use super::diagnostics::diagnostics_text;
use super::number::number;
use super::sarif::Rule;
use super::scene::{Scene, Spot, spot};
use crate::code::{Code, Language};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::query::Want;
use crate::verify::{ChangeReport, ExpectationReport, FileReport, Note, Outcome, StageReport};

/// One thing that was judged.
pub(super) struct Case<'a> {
    /// Its file, as the user gave it.
    pub path: &'a str,
    /// Where it stands; none if the whole file is meant.
    pub place: Option<Spot<'a>>,
    /// What it is: `ins-a → ins-b tcp:443 reachable`.
    pub name: String,
    /// The name as a sentence where it failed: `… should be reachable`.
    pub headline: String,
    /// How it fared.
    pub outcome: Outcome,
    /// What to look up: the code of the reason, or the outcome.
    pub rule: Rule,
    /// In a few words; empty for what passed.
    pub why: String,
    /// All blockers and what to do about them, a line each.
    pub facts: Vec<String>,
    /// The lines to blame.
    pub related: Vec<(Spot<'a>, String)>,
    /// Drawn like a compiler's error, without colours; empty for what passed.
    pub drawn: String,
}

impl Case<'_> {
    /// Whether a run with it may end well.
    pub(super) fn is_good(&self) -> bool {
        self.outcome.is_good()
    }

    /// The file that it stands in: the one that was asked for, or one that it includes.
    pub(super) fn file(&self) -> &str {
        self.place.map_or(self.path, |place| place.path)
    }

    /// The line; the first of the file if the whole file is meant.
    pub(super) fn line(&self) -> usize {
        self.place.map_or(1, |place| place.line)
    }
}

/// The cases of each file, in the order of the files; a file that asks nothing has none.
pub(super) fn cases(
    files: &[FileReport],
    verbosity: Verbosity,
    language: Language,
) -> Vec<(&FileReport, Vec<Case<'_>>)> {
    let mut all: Vec<(&FileReport, Vec<Case<'_>>)> =
        files.iter().map(|file| (file, of_file(file, verbosity, language))).collect();
    let nothing = all.iter().all(|(_, cases)| cases.is_empty());
    if let Some((file, cases)) = all.first_mut().filter(|_| nothing) {
        cases.push(nothing_expected(file, language));
    }
    all
}

fn of_file(file: &FileReport, verbosity: Verbosity, language: Language) -> Vec<Case<'_>> {
    if !file.usable() {
        return vec![unusable(file, language)];
    }
    let mut cases = Vec::new();
    for stage in &file.stages {
        let changes = stage.changes.iter();
        let proving = changes.filter(|change| change.wanted.is_some() || !change.passed);
        cases.extend(proving.map(|change| of_change(file, stage, change, language)));
        let expectations = stage.expectations.iter();
        cases.extend(expectations.map(|report| {
            let scene = Scene::of_stage(file, stage, language);
            of_expectation(file, stage, report, scene, verbosity)
        }));
    }
    distinguish(&mut cases);
    cases
}

/// One thing of a usable file that was judged, for an editor.
pub struct Told {
    /// Where it stands.
    pub span: Span,
    /// Whether a run with it may end well.
    pub is_good: bool,
    /// Whether it is an expectation, not a change.
    pub is_expectation: bool,
    /// Its verdict, or how it fared, in a word or two.
    pub word: String,
    /// What should be and is not, and why; empty for what passed.
    pub text: String,
    /// The code to look up.
    pub code: String,
}

/// Everything that was judged in a usable file, as an editor shows it.
#[must_use]
pub fn told(file: &FileReport, language: Language) -> Vec<Told> {
    let mut all = Vec::new();
    for stage in &file.stages {
        let failed = stage.changes.iter().filter(|change| !change.passed);
        all.extend(failed.map(|change| {
            let case = of_change(file, stage, change, language);
            of_case(case, (change.span, false), language)
        }));
        all.extend(stage.expectations.iter().map(|report| {
            let scene = Scene::of_stage(file, stage, language);
            let case = of_expectation(file, stage, report, scene, Verbosity::Normal);
            of_case(case, (report.span, true), language)
        }));
    }
    all
}

fn of_case(case: Case<'_>, (span, is_expectation): (Span, bool), language: Language) -> Told {
    let (_, word) = outcome_word(case.outcome, language);
    let first = format!("{}: {}", case.headline, case.why);
    let lines = std::iter::once(first).chain(case.facts);
    let text: Vec<String> = lines.collect();
    Told {
        span,
        is_good: case.outcome.is_good(),
        is_expectation,
        word: word.to_owned(),
        text: match case.outcome {
            Outcome::Pass => String::new(),
            _ => text.join("\n"),
        },
        code: case.rule.id.clone(),
    }
}

/// Gives equal names a number from the second on.
fn distinguish(cases: &mut [Case<'_>]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for case in cases {
        let count = seen.entry(case.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            case.name = format!("{} #{count}", case.name);
        }
    }
}

fn of_expectation<'a>(
    file: &'a FileReport,
    stage: &StageReport,
    report: &ExpectationReport,
    scene: Scene<'a>,
    verbosity: Verbosity,
) -> Case<'a> {
    let language = scene.language;
    let passed = report.outcome == Outcome::Pass;
    let reasons = report.found.as_ref();
    let reasons = reasons.map_or(&[][..], |found| &found.reasons);
    let lines = if passed { Vec::new() } else { guilty_lines(scene, reasons) };
    let related = lines.into_iter().filter_map(|(span, text)| {
        let place = spot(&file.sources, span)?;
        Some((place, text))
    });
    Case {
        path: &file.path,
        place: spot(&file.sources, report.span),
        name: in_stage(stage, &subject(report, language), language),
        headline: in_stage(stage, &demand_of(report, language), language),
        outcome: report.outcome,
        rule: rule(report, language),
        why: if passed { String::new() } else { plain(&why_expectation(scene, report)) },
        facts: if passed { Vec::new() } else { facts(scene, report, verbosity) },
        related: related.collect(),
        drawn: if passed {
            String::new()
        } else {
            plain(&drawn_expectation(scene, stage, report, verbosity))
        },
    }
}

fn of_change<'a>(
    file: &'a FileReport,
    stage: &StageReport,
    change: &ChangeReport,
    language: Language,
) -> Case<'a> {
    let scene = Scene::of_stage(file, stage, language);
    let refused = change.refused.as_ref().map(|(code, _)| *code);
    let name = match (change.wanted, language) {
        (Some(wanted), Language::English) => format!("{} is refused: {wanted}", change.action),
        (Some(wanted), Language::Chinese) => format!("{} 被拒绝：{wanted}", change.action),
        (None, Language::English) => format!("{} goes through", change.action),
        (None, Language::Chinese) => format!("{} 生效", change.action),
    };
    let name = in_stage(stage, &name, language);
    let outcome = if change.passed { Outcome::Pass } else { Outcome::Fail };
    let said = !change.passed;
    Case {
        path: &file.path,
        place: spot(&file.sources, change.span),
        headline: name.clone(),
        name,
        outcome,
        rule: refused
            .or(change.wanted)
            .map_or_else(|| outcome_rule(outcome, language), |code| Rule::of(code, language)),
        why: if said { plain(&why_change(change, language)) } else { String::new() },
        facts: Vec::new(),
        related: Vec::new(),
        drawn: if said { plain(&drawn_change(scene, stage, change)) } else { String::new() },
    }
}

/// A file with mistakes is one case, whatever it would have asked.
fn unusable(file: &FileReport, language: Language) -> Case<'_> {
    let errors = file.diagnostics.iter();
    let errors = errors.filter(|diagnostic| diagnostic.severity == Severity::Error);
    let errors: Vec<&Diagnostic> = errors.collect();
    let code = errors.first().map_or(Code::Syntax, |first| first.code);
    let place = errors.iter().find_map(|error| {
        let label = error.primary.as_ref()?;
        spot(&file.sources, label.span)
    });
    let name = match language {
        Language::English => "the file can be used",
        Language::Chinese => "文件可用",
    };
    let told = errors.iter().map(|error| {
        let place = error.primary.as_ref();
        let place = place.and_then(|label| spot(&file.sources, label.span));
        let place = place.map_or(String::new(), |place| format!("{}: ", place.short()));
        format!("{place}{} [{}]", error.message.text(language), error.code)
    });
    let told: Vec<String> = told.collect();
    Case {
        path: &file.path,
        place,
        name: name.to_owned(),
        headline: match language {
            Language::English => "the file cannot be used".to_owned(),
            Language::Chinese => "文件无法使用".to_owned(),
        },
        outcome: Outcome::Error,
        rule: Rule::of(code, language),
        why: errors.first().map_or(String::new(), |error| one_line(error.message.text(language))),
        facts: told,
        related: Vec::new(),
        drawn: plain(&diagnostics_text(&file.sources, &file.diagnostics, language)),
    }
}

/// A run that proves nothing is no success.
fn nothing_expected(file: &FileReport, language: Language) -> Case<'_> {
    let name = match language {
        Language::English => "something is expected",
        Language::Chinese => "至少有一条期望",
    };
    let why = nothing_expected_words(language);
    Case {
        path: &file.path,
        place: None,
        name: name.to_owned(),
        headline: name.to_owned(),
        outcome: Outcome::Vacuous,
        rule: Rule::of(Code::NoExpectations, language),
        why: why.to_owned(),
        facts: Vec::new(),
        related: Vec::new(),
        drawn: String::new(),
    }
}

/// The stage's name in front, for what does not stand in the base.
fn in_stage(stage: &StageReport, text: &str, language: Language) -> String {
    let text = one_line(text);
    match (heading(stage, language), language) {
        (None, _) => text,
        (Some(heading), Language::English) => format!("{}: {text}", one_line(&heading)),
        (Some(heading), Language::Chinese) => format!("{}：{text}", one_line(&heading)),
    }
}

/// The code that a failure is about: that of the first blocker, where a blocker is what is wrong.
pub(super) fn guilty_code(report: &ExpectationReport) -> Option<Code> {
    let blamed = match report.outcome {
        Outcome::Vacuous | Outcome::Undetermined | Outcome::Error => false,
        Outcome::Pass | Outcome::Fail | Outcome::Waived => {
            let other = |note: &Note| matches!(note, Note::OtherReason(_));
            report.expectation.want != Want::Unreachable || report.notes.iter().any(other)
        }
    };
    let first = report.found.as_ref()?.reasons.first()?;
    blamed.then_some(first.cause.code)
}

fn rule(report: &ExpectationReport, language: Language) -> Rule {
    guilty_code(report)
        .map_or_else(|| outcome_rule(report.outcome, language), |code| Rule::of(code, language))
}

/// What stands for an outcome where no code does.
fn outcome_rule(outcome: Outcome, language: Language) -> Rule {
    let english = language == Language::English;
    let (summary, help) = match outcome {
        Outcome::Pass if english => ("An expectation holds", "Nothing is to be done."),
        Outcome::Pass => ("期望成立", "无需处理。"),
        Outcome::Fail | Outcome::Waived if english => (
            "An expectation does not hold",
            "The network lets through something else than the file promises. Change the network, or the expectation.",
        ),
        Outcome::Fail | Outcome::Waived => {
            ("期望不成立", "网络的互通情况与文件中的期望不符。请修改网络或修改期望。")
        }
        Outcome::Vacuous if english => (
            "An expectation speaks of nobody",
            "`from` and `to` make no pair of different endpoints, so nothing is proved. Name others.",
        ),
        Outcome::Vacuous => (
            "期望未涉及任何对象",
            "`from` 与 `to` 未构成任何一对不同的端点，什么也没有证明。请改用其他对象。",
        ),
        Outcome::Undetermined if english => (
            "An expectation cannot be decided",
            "The answer hangs on something that the file does not say, or the question is too large. It satisfies no expectation.",
        ),
        Outcome::Undetermined => {
            ("期望无法判定", "结论取决于文件未说明的内容，或问题过大。未决不满足任何期望。")
        }
        Outcome::Error if english => (
            "An expectation names what is gone",
            "A change removed what the expectation names, so it cannot be asked in this stage.",
        ),
        Outcome::Error => {
            ("期望引用的对象已不存在", "变更移除了期望所引用的对象，因此在该阶段无法提问。")
        }
    };
    Rule {
        id: format!("expectation-{}", outcome.name()),
        summary: summary.to_owned(),
        help: help.to_owned(),
    }
}

/// A text without colours, and without what terminals and XML do not take.
pub(super) fn plain(text: &str) -> String {
    let text = anstream::adapter::strip_str(text).to_string();
    let shown = |letter: char| match letter {
        '\n' | '\t' => letter,
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        letter => letter,
    };
    text.chars().map(shown).collect()
}

/// The same on one line.
pub(super) fn one_line(text: &str) -> String {
    let text = plain(text).replace(['\n', '\t'], " ");
    text.trim().to_owned()
}

/// `1 file`, `2 files`.
#[must_use]
pub fn counted(count: usize, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {word}{plural}", number(count))
}
