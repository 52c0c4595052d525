//! `failures --format json`: `pathproof.failures/1`.

use serde_json::{Value, json};

use super::{BreakTold, DownTold, FailuresTold, PromiseTold, kind_name};
use crate::code::Language;
use crate::render::budget::exceeded_json;

/// The document.
#[must_use]
pub fn failures_json(told: &FailuresTold, warnings: &[Value], language: Language) -> Value {
    let entries = told.entries.iter().map(|entry| {
        let breaks = entry.breaks.iter();
        json!({
            "down": ids(&entry.down),
            "kinds": entry.down.iter().map(|down| kind_name(down.kind)).collect::<Vec<_>>(),
            "only_ends": entry.is_end,
            "breaks": breaks.map(|one| break_json(told, one)).collect::<Vec<_>>(),
        })
    });
    let open = told.open.iter().map(|open| {
        json!({
            "down": ids(&open.down),
            "promise": promise_json(&told.promises[open.promise]),
            "exceeded": exceeded_json(Some(open.exceeded), language),
        })
    });
    let amiss = told.amiss().map(|promise| {
        let mut value = promise_json(promise);
        value["outcome"] = promise.outcome.name().into();
        value
    });
    let (alone, two) = told.tried;
    json!({
        "schema": "pathproof.failures/1",
        "file": told.file,
        "at": told.at,
        "k": told.at_once,
        "shard": told.shard,
        "failures": told.failures,
        "promises": told.promises.len(),
        "holding": told.held().count(),
        "failing": amiss.collect::<Vec<_>>(),
        "tried": { "alone": alone, "two": two },
        "not_tried": { "down_before": told.failed, "instance_groups": told.groups },
        "entries": entries.collect::<Vec<_>>(),
        "undecided": open.collect::<Vec<_>>(),
        "diagnostics": warnings,
    })
}

fn ids(down: &[DownTold]) -> Vec<&str> {
    down.iter().map(|down| down.id.as_str()).collect()
}

/// A promise by its name, or by where it stands if it has none.
fn promise_json(promise: &PromiseTold) -> Value {
    json!({
        "promise": promise.called(),
        "file": promise.file,
        "line": promise.line,
        "from": promise.from,
        "to": promise.to,
        "service": promise.service,
        "expected": promise.expected,
    })
}

fn break_json(told: &FailuresTold, broken: &BreakTold) -> Value {
    let mut value = promise_json(&told.promises[broken.promise]);
    value["verdict"] = broken.verdict.into();
    value["outcome"] = broken.outcome.name().into();
    value["reasons"] = broken.reasons.clone().into();
    value
}

impl PromiseTold {
    /// `the shop sells`, or `shop.ron:41`.
    #[must_use]
    pub fn called(&self) -> String {
        let place = || format!("{}:{}", self.file, self.line);
        self.name.clone().unwrap_or_else(place)
    }
}
