//! A plan as text and as JSON, and why there is none.

use serde_json::{Value, json};

use super::runbook::{Runbook, earlier};
use crate::code::Language;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::plan::{Conflict, Kind, Rule, Step};

/// The name of the JSON's form.
const SCHEMA: &str = "pathproof.plan/1";

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
                format!(
                    "（重启：{} 等 {} 台）",
                    some.join("、"),
                    step.restarts.len()
                )
            }
        };
        text.extend([format!(
            "{:>3}. {}{down}\n",
            at + 1,
            step.name.text(language)
        )]);
    }
    text
}

/// Why a step stands where it does.
#[must_use]
pub fn explained_text(book: &Runbook<'_>, step: &Step, language: Language) -> String {
    format!(
        "{}: {}\n",
        step.name.text(language),
        earlier(book, step).text(language)
    )
}

/// What cannot hold together, as a list.
#[must_use]
pub fn conflict_text(told: &[String], rules: &[String], language: Language) -> String {
    let head = match language {
        Language::English => "there is no plan: this cannot hold together",
        Language::Chinese => "没有可行的计划：以下各项不能同时成立",
    };
    let mut text = format!("{head}\n");
    for one in told.iter().chain(rules) {
        text.extend([format!("  - {one}\n")]);
    }
    text
}

/// The members of a conflict in words: promises by their names or places, and what the cloud refuses.
#[must_use]
pub fn members(conflict: &Conflict, names: &[String], language: Language) -> Vec<String> {
    let promises = conflict
        .promises
        .iter()
        .filter_map(|at| names.get(*at).cloned());
    let refused = conflict.refused.iter();
    let refused = refused.filter(|_| conflict.promises.is_empty());
    let refused = refused.map(|words| words.text(language).to_owned());
    promises.chain(refused).collect()
}

/// The rules of the cloud without which there would be a plan, in words, and what else is known of why a promise cannot hold.
#[must_use]
pub fn rules(conflict: &Conflict, language: Language) -> Vec<String> {
    let told = conflict.rules.iter().map(|rule| {
        let words = match rule {
            Rule::Restart => Words::new(
                "a machine that moves restarts (MIG-2)",
                "云服务器迁移时会重启（MIG-2）",
            ),
            Rule::OneZone => Words::new(
                "machines move into one zone at a time (MIG-4)",
                "一次只能迁入一个可用区（MIG-4）",
            ),
            Rule::Batch => Words::new(
                "at most 100 machines move at a time (MIG-4)",
                "一次最多迁移 100 台（MIG-4）",
            ),
        };
        words.text(language).to_owned()
    });
    let known = conflict.refused.iter();
    let known = known.filter(|_| !conflict.promises.is_empty());
    told.chain(known.map(|words| words.text(language).to_owned()))
        .collect()
}

/// A plan as JSON.
#[must_use]
pub fn plan_json(book: &Runbook<'_>, language: Language) -> Value {
    let steps = book.steps.iter().map(|step| {
        let changes: Vec<String> = step
            .changes
            .iter()
            .map(|change| (book.written)(change))
            .collect();
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
    json!({ "schema": SCHEMA, "file": book.file, "possible": true, "steps": steps, "conflict": [], "rules": [] })
}

/// Why there is no plan, as JSON.
#[must_use]
pub fn conflict_json(file: &str, told: &[String], rules: &[String]) -> Value {
    json!({
        "schema": SCHEMA, "file": file, "possible": false, "steps": [], "conflict": told, "rules": rules,
    })
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
