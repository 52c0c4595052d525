//! The expectations of a file that hold in one network and not in another: what a change would break.

use serde_json::{Value, json};

use super::check::today;
use super::one::Asked;
use super::whatif::Two;
use crate::code::Language;
use crate::diagnostic::{Sources, Span};
use crate::render::budget::exceeded_text;
use crate::verify::{Budget, Exceeded, ExpectationReport, StageReport, rerun};

pub(super) fn broken_title(broken: &StageReport, path: &str, language: Language) -> String {
    match (broken.expectations.len(), language) {
        (1, Language::English) => format!("\n1 expectation of {path} would break:\n\n"),
        (count, Language::English) => {
            format!("\n{count} expectations of {path} would break:\n\n")
        }
        (count, Language::Chinese) => format!("\n{path} 中有 {count} 条期望将不再成立：\n\n"),
    }
}

/// The expectations of the file that hold in the old network and not in the new one, and of each that may what the budget
/// was not enough of.
pub(super) fn broken(asked: &Asked, two: &Two, budget: Budget) -> (StageReport, Vec<Exceeded>) {
    let today = today();
    let before = rerun(&two.old.0, &asked.scenario, &today, budget);
    let mut after = rerun(&two.new.0, &asked.scenario, &today, budget);
    let is_open = |report: &ExpectationReport| report.exceeded().is_some();
    let reports = before.expectations.iter().zip(&after.expectations);
    let unjudged = reports.filter_map(|(old, new)| {
        let held = old.outcome.is_good() || is_open(old);
        let open = held && !new.outcome.is_good();
        old.exceeded().or(new.exceeded()).filter(|_| open)
    });
    let unjudged = unjudged.collect();
    let held: Vec<Span> = before
        .expectations
        .iter()
        .filter(|report| report.outcome.is_good())
        .map(|report| report.span)
        .collect();
    after
        .expectations
        .retain(|report| !report.outcome.is_good() && !is_open(report));
    after
        .expectations
        .retain(|report| held.contains(&report.span));
    (after, unjudged)
}

/// That expectations may break.
pub(super) fn unjudged_text(unjudged: &[Exceeded], path: &str, language: Language) -> String {
    let Some(first) = unjudged.first() else {
        return String::new();
    };
    let (count, why) = (unjudged.len(), exceeded_text(*first, language));
    match language {
        Language::English => {
            format!("expectations of {path} that may break, which is not known: {count}: {why}\n")
        }
        Language::Chinese => format!("{path} 中无法判断是否仍成立的期望：{count} 条：{why}\n"),
    }
}

pub(super) fn broken_json(broken: &StageReport, sources: &Sources) -> Vec<Value> {
    let list = broken.expectations.iter().map(|report| {
        let line = sources.place(report.span).map(|(_, line, _)| line);
        let verdict = report.found.as_ref().map(|found| found.verdict.name());
        json!({
            "line": line,
            "from": report.expectation.from_text,
            "to": report.expectation.to_text,
            "service": report.expectation.service_text,
            "expected": report.expectation.want.verdict().name(),
            "verdict": verdict,
            "outcome": report.outcome.name(),
        })
    });
    list.collect()
}

/// The expectations that break, as a list.
pub(super) fn broken_markdown(broken: &StageReport, sources: &Sources) -> String {
    let list = broken.expectations.iter().map(|report| {
        let expectation = &report.expectation;
        let line = sources.place(report.span).map_or(0, |(_, line, _)| line);
        let verdict = report
            .found
            .as_ref()
            .map_or("?", |found| found.verdict.name());
        let wanted = expectation.want.verdict().name();
        let wanted = match expectation.because {
            Some(code) => format!("{wanted} because of {code}"),
            None => wanted.to_owned(),
        };
        format!(
            "- line {line}: `{} → {} {}` should be {wanted}; is {verdict}\n",
            expectation.from_text, expectation.to_text, expectation.service_text,
        )
    });
    list.collect()
}
