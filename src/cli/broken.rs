//! The expectations of a file that hold in one network and not in another: what a change would break.

use crate::code::Language;
use crate::diagnostic::Sources;
use crate::render::budget::exceeded_text;
use crate::verify::{Exceeded, StageReport};

pub(super) fn broken_title(broken: &StageReport, path: &str, language: Language) -> String {
    match (broken.expectations.len(), language) {
        (1, Language::English) => format!("\n1 expectation of {path} would break:\n\n"),
        (count, Language::English) => {
            format!("\n{count} expectations of {path} would break:\n\n")
        }
        (count, Language::Chinese) => format!("\n{path} 中有 {count} 条期望将不再成立：\n\n"),
    }
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

/// The expectations that break, as a list.
pub(super) fn broken_markdown(broken: &StageReport, sources: &Sources) -> String {
    let list = broken.expectations.iter().map(|report| {
        let expectation = &report.expectation;
        let line = sources.place(report.span).map_or(0, |(_, line, _)| line);
        let verdict = report.found.as_ref().map_or("?", |found| found.verdict.name());
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
