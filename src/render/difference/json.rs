//! A difference for scripts: `pathproof.difference/1`.

use serde_json::{Value, json};

use super::Scenes;
use super::words::{decider_text, told};
use crate::id::Id;
use crate::query::Reason;
use crate::render::budget::exceeded_json;
use crate::render::json::{packet_json, reason_json, rule_json};
use crate::render::scene::Scene;
use crate::space::Row;
use crate::verify::{ChangeReport, Crowd, Decider, Difference, Untold};

/// What else is known: what came of the changes, of the expectations, of the intent.
#[derive(Clone, Copy)]
pub struct Outcomes<'a> {
    /// The changes, applied or refused.
    pub changes: &'a [ChangeReport],
    /// The expectations that would break.
    pub broken: &'a [Value],
    /// What was declared against what is; null if nothing was.
    pub intent: &'a Value,
    /// Expectations that the budget was not enough to judge in both networks.
    pub unjudged: usize,
}

/// A difference for scripts.
#[must_use]
pub fn difference_json(
    difference: &Difference,
    outcomes: Outcomes<'_>,
    scenes: Scenes<'_>,
) -> Value {
    let deeds = scenes.deeds.iter().enumerate();
    let changes = outcomes.changes.iter().enumerate().map(|(index, change)| {
        json!({
            "action": change.action,
            "outcome": if change.refused.is_some() { "refused" } else { "applied" },
            "code": change.refused.as_ref().map(|(code, _)| code.name()),
            "message": change.refused.as_ref().map(|(_, message)| message.text(scenes.new.language)),
            "passed": change.passed,
            "effect": difference.effect(index),
        })
    });
    let pieces = difference.pieces.iter().map(|piece| {
        let blocking = scenes.blocking(piece.turn);
        let passing = scenes.passing(piece.turn);
        let passed_by = piece.passed_by.iter();
        let causes = &piece.causes;
        json!({
            "turn": piece.turn.name(),
            "from": ends_json(&piece.from),
            "to": ends_json(&piece.to),
            "from_sets": sets_json(&piece.from),
            "to_sets": sets_json(&piece.to),
            "packets": rows_json(&piece.packets),
            "witness": piece.witness.as_ref().map(packet_json),
            "reasons": reasons_json(blocking, &piece.reasons),
            "absent": { "from": piece.absent.from, "to": piece.absent.to },
            "passed_by": passed_by.map(|decider| decider_json(passing, decider)).collect::<Vec<_>>(),
            "causes": {
                "needed": causes.needed,
                "enough": causes.enough,
                "together": causes.together,
                "last": causes.last,
            },
        })
    });
    let shifts = difference.shifts.iter().map(|shift| {
        json!({
            "from": ends_json(&shift.from),
            "to": ends_json(&shift.to),
            "packets": rows_json(&shift.packets),
            "before": reasons_json(scenes.old, &shift.before),
            "after": reasons_json(scenes.new, &shift.after),
        })
    });
    let moves = difference.moves.iter().map(|moved| {
        json!({
            "at": moved.at.as_str(),
            "to": moved.to.to_string(),
            "before": ids_json(&moved.before),
            "after": ids_json(&moved.after),
        })
    });
    json!({
        "schema": "pathproof.difference/1",
        "determined": difference.is_determined(),
        "deeds": deeds.map(|(index, name)| json!({ "name": name, "effect": difference.effect(index) })).collect::<Vec<_>>(),
        "changes": changes.collect::<Vec<_>>(),
        "pieces": pieces.collect::<Vec<_>>(),
        "shifts": shifts.collect::<Vec<_>>(),
        "moves": moves.collect::<Vec<_>>(),
        "pairs": u64::try_from(difference.pairs).unwrap_or(u64::MAX),
        "doubtful": u64::try_from(difference.doubtful).unwrap_or(u64::MAX),
        "classes": difference.classes,
        "broken": outcomes.broken,
        "intent": outcomes.intent,
        "untold": difference.untold.iter().map(untold_json).collect::<Vec<_>>(),
        "exceeded": exceeded_json(difference.exceeded, scenes.new.language),
        "unjudged": outcomes.unjudged,
    })
}

fn untold_json(untold: &Untold) -> Value {
    json!({ "what": untold.what, "reason": untold.reason, "deed": untold.deed })
}

fn ids_json(ids: &[Id]) -> Vec<&str> {
    ids.iter().map(Id::as_str).collect()
}

/// Every end by its name.
pub(in crate::render) fn ends_json(crowd: &Crowd) -> Vec<String> {
    crowd.who.iter().map(ToString::to_string).collect()
}

/// Sets whose members are all among the ends.
fn sets_json(crowd: &Crowd) -> Vec<Value> {
    let sets = crowd.sets.iter();
    let sets = sets.map(|(id, count)| json!({ "id": id.as_str(), "members": count }));
    sets.collect()
}

pub(in crate::render) fn rows_json(rows: &[Row]) -> Vec<Value> {
    let rows = rows.iter().map(|row| {
        json!({
            "traffic": row.traffic.to_string(),
            "source": told(&row.source),
            "destination": told(&row.destination),
        })
    });
    rows.collect()
}

fn reasons_json(scene: Scene<'_>, reasons: &[Reason]) -> Vec<Value> {
    let reasons = reasons.iter();
    reasons.map(|reason| reason_json(scene, reason)).collect()
}

fn decider_json(scene: Scene<'_>, decider: &Decider) -> Value {
    let step = &decider.step;
    let place = scene.step(step);
    json!({
        "direction": decider.direction.name(),
        "stage": step.stage,
        "at": step.at.as_ref().map(crate::id::Id::as_str),
        "endpoint": step.endpoint.as_ref().map(ToString::to_string),
        "rule": step.rule.as_ref().map(rule_json),
        "file": place.map(|place| place.path),
        "line": place.map(|place| place.line),
        "message": decider_text(scene, decider),
    })
}
