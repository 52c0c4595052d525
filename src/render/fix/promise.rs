//! Promises that do not hold, each before what lets it pass: `fix --all`.

use serde_json::{Value, json};

use crate::code::Language;
use crate::diagnostic::Sources;
use crate::query::Want;
use crate::render::check_text::{expectation_line, listed_line};
use crate::render::style::paragraph;
use crate::verify::{ExpectationReport, Outcome};

/// A promise that does not hold.
#[derive(Clone, Copy)]
pub struct Promise<'a> {
    /// What came of it.
    pub report: &'a ExpectationReport,
    /// The step or what-if that it stands in; none for the base.
    pub stage: Option<&'a str>,
    /// The texts of the file.
    pub sources: &'a Sources,
}

/// Its line, for people: where it stands and what it expects.
#[must_use]
pub fn promise_text(promise: &Promise<'_>, language: Language) -> String {
    let place = promise.sources.place(promise.report.span);
    let place = place.map_or_else(String::new, |(file, line, _)| format!("{file}:{line}"));
    let asked = expectation_line(&promise.report.expectation, language);
    let asked = match (promise.stage, language) {
        (None, _) => asked,
        (Some(stage), Language::English) => format!("{asked} ({stage})"),
        (Some(stage), Language::Chinese) => format!("{asked}（{stage}）"),
    };
    listed_line(&place, &asked)
}

/// Why no change is looked for.
#[must_use]
pub fn no_search_text(report: &ExpectationReport, language: Language) -> String {
    let is_partial = matches!(report.expectation.want, Want::Partial { .. });
    let words = match (report.outcome, is_partial, language) {
        (Outcome::Fail, true, Language::English) => {
            "no change is looked for: a part is to work, and the file does not say how to reach that"
        }
        (Outcome::Fail, true, Language::Chinese) => "不搜索变更：期望部分可通，文件未说明如何达到",
        (Outcome::Fail, false, Language::English) => {
            "no change is looked for: the verdict is as expected, the reason or the way is not"
        }
        (Outcome::Fail, false, Language::Chinese) => "不搜索变更：结论符合预期，原因或路径不符",
        (Outcome::Undetermined, _, Language::English) => {
            "no change is looked for: it is not known what holds; `pathproof trace` tells on what it hangs"
        }
        (Outcome::Undetermined, _, Language::Chinese) => {
            "不搜索变更：尚无结论；`pathproof trace` 会说明取决于什么"
        }
        (_, _, Language::English) => "no change is looked for: it speaks of nobody who is there",
        (_, _, Language::Chinese) => "不搜索变更：期望所指的对象不存在",
    };
    paragraph(2, words, "")
}

/// The same as data, with the document of `fix` if changes were looked for.
#[must_use]
pub fn promise_json(promise: &Promise<'_>, fix: Option<&Value>) -> Value {
    let expected = &promise.report.expectation;
    let line = promise.sources.place(promise.report.span);
    json!({
        "line": line.map(|(_, line, _)| line),
        "stage": promise.stage,
        "from": expected.from_text,
        "to": expected.to_text,
        "service": expected.service_text,
        "expected": expected.want.verdict().name(),
        "outcome": promise.report.outcome.name(),
        "fix": fix,
    })
}

/// All of them: `pathproof.fixes/1`.
#[must_use]
pub fn promises_json(promises: &[Value]) -> Value {
    json!({ "schema": "pathproof.fixes/1", "promises": promises })
}
