//! A plan as text and as JSON.

use serde_json::{Value, json};

use super::runbook::{Runbook, earlier};
use crate::code::Language;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::plan::{Kind, Step};

/// The name of the JSON's form.
pub(super) const SCHEMA: &str = "pathproof.plan/1";

/// So many machines that restart are named in a line; the runbook names all.
const MOST: usize = 8;

/// The steps as a list.
#[must_use]
pub fn plan_text(book: &Runbook<'_>, language: Language) -> String {
    let mut text = String::new();
    for (at, step) in book.steps.iter().enumerate() {
        let some = step.restarts.iter().take(MOST).map(Id::as_str);
        let some: Vec<&str> = some.collect();
        let more = step.restarts.len() - some.len();
        let down = match (some.is_empty(), more, language) {
            (true, ..) => String::new(),
            (false, 0, Language::English) => format!("  (restarts: {})", some.join(", ")),
            (false, 0, Language::Chinese) => format!("（重启：{}）", some.join("、")),
            (false, _, Language::English) => {
                format!("  (restarts: {} and {more} more)", some.join(", "))
            }
            (false, _, Language::Chinese) => {
                format!("（重启：{} 等 {} 台）", some.join("、"), step.restarts.len())
            }
        };
        text.extend([format!("{:>3}. {}{down}\n", at + 1, step.name.text(language))]);
    }
    if let Some(few) = book.few() {
        let windows = book.windows();
        let words = Words::new(
            format!("{windows} windows in which machines restart: {}", few.english()),
            format!("{windows} 个窗口会重启云服务器：{}", few.chinese()),
        );
        text.extend([words.text(language), "\n"]);
    }
    text
}

/// Why a step stands where it does.
#[must_use]
pub fn explained_text(book: &Runbook<'_>, step: &Step, language: Language) -> String {
    format!("{}: {}\n", step.name.text(language), earlier(book, step).text(language))
}

/// A plan as JSON.
#[must_use]
pub fn plan_json(book: &Runbook<'_>, language: Language) -> Value {
    let steps = book.steps.iter().map(|step| {
        let changes: Vec<String> =
            step.changes.iter().map(|change| (book.written)(change)).collect();
        let restarts: Vec<&str> = step.restarts.iter().map(Id::as_str).collect();
        json!({
            "name": step.name.text(language),
            "kind": kind(step.kind),
            "restarts": restarts,
            "changes": changes,
            "promises": step.kept.len(),
            "not_earlier": earlier(book, step).text(language),
        })
    });
    let steps: Vec<Value> = steps.collect();
    json!({ "schema": SCHEMA, "file": book.file, "possible": true, "steps": steps, "windows": book.windows(),
        "windows_at_least": book.least, "conflict": [], "why": [], "rules": [] })
}

/// That the search was given up.
#[must_use]
pub fn given_up(judged: usize) -> Words {
    Words::new(
        format!("no plan was found within {judged} judgements; move fewer at a time with --move"),
        format!("在 {judged} 次判断内未找到计划；可用 --move 分批迁移"),
    )
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Prepare => "prepare",
        Kind::Widen => "widen",
        Kind::Database => "database",
        Kind::Name => "name",
        Kind::Machines => "machines",
        Kind::Change => "change",
        Kind::Link => "link",
        Kind::Connect => "connect",
        Kind::Finish => "finish",
    }
}
