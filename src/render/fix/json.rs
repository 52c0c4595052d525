//! Fixes for scripts: `pathproof.fix/1`.

use serde_json::{Value, json};

use super::FixScene;
use crate::render::budget::exceeded_json;
use crate::render::difference::json::{ends_json, rows_json};
use crate::render::json::{packet_json, reason_json};
use crate::render::remedy::counsel;
use crate::render::scene::Scene;
use crate::verify::{ExpectationReport, Fix, Goal, Piece, Stuck, Why};

/// For scripts.
#[must_use]
pub fn fix_json(all: FixScene<'_>) -> Value {
    let found = all.found;
    let reasons = found.reasons.iter();
    let stuck = found.stuck.iter();
    let refused = found.refused.iter().map(|refused| {
        json!({
            "change": (all.told)(&refused.change),
            "code": refused.code.name(),
            "message": refused.message.text(all.scene.language),
        })
    });
    let fixes = |fixes: &[Fix]| -> Vec<Value> {
        let fixes = fixes.iter();
        fixes.map(|fix| one(all, fix)).collect()
    };
    let [from, to, service] = all.asked;
    json!({
        "schema": "pathproof.fix/1",
        "goal": match all.goal {
            Goal::Open => "open",
            Goal::Close => "close",
        },
        "from": from,
        "to": to,
        "service": service,
        "verdict": found.verdict.name(),
        "done": found.done,
        "reasons": reasons.map(|reason| reason_json(all.scene, reason)).collect::<Vec<_>>(),
        "stuck": stuck.map(|stuck| stuck_json(stuck, all.scene)).collect::<Vec<_>>(),
        "fixes": fixes(&found.fixes),
        "rejected": fixes(&found.rejected),
        "refused": refused.collect::<Vec<_>>(),
        "tried": found.tried,
        "capped": found.capped,
        "exceeded": exceeded_json(found.exceeded, all.scene.language),
    })
}

/// A blocker that no change lifts, and what can be done instead.
fn stuck_json(stuck: &Stuck, scene: Scene<'_>) -> Value {
    let cause = &stuck.reason.cause;
    let (why, tried) = match stuck.why {
        Why::Platform => ("platform", 0),
        Why::Unknown => ("unknown", 0),
        Why::NothingThere => ("nothing-there", 0),
        Why::Refused => ("refused", 0),
        Why::InVain(count) => ("in-vain", count),
    };
    json!({
        "code": cause.code.name(),
        "class": cause.code.class().map(crate::code::Class::name),
        "at": cause.at.as_ref().map(crate::id::Id::as_str),
        "advice": counsel(scene.network, &stuck.reason, scene.language),
        "why": why,
        "tried": tried,
        "after": stuck.after,
    })
}

fn one(all: FixScene<'_>, fix: &Fix) -> Value {
    let changes = fix
        .changes
        .iter()
        .map(|change| json!({ "action": change.action(), "text": (all.told)(change) }));
    let count = |count: u128| u64::try_from(count).unwrap_or(u64::MAX);
    let broken = fix.broken.iter();
    json!({
        "changes": changes.collect::<Vec<_>>(),
        "stand_ins": fix.stand_ins.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "pieces": pieces(&fix.difference.pieces),
        "aside": pieces(&fix.aside),
        "pairs": { "gained": count(fix.pairs.gained), "lost": count(fix.pairs.lost) },
        "broken": broken.map(|report| broken_json(all, report)).collect::<Vec<_>>(),
    })
}

fn pieces(pieces: &[Piece]) -> Vec<Value> {
    let pieces = pieces.iter().map(|piece| {
        json!({
            "turn": piece.turn.name(),
            "from": ends_json(&piece.from),
            "to": ends_json(&piece.to),
            "packets": rows_json(&piece.packets),
            "witness": piece.witness.as_ref().map(packet_json),
        })
    });
    pieces.collect()
}

fn broken_json(all: FixScene<'_>, report: &ExpectationReport) -> Value {
    let place = all.scene.spot(report.span);
    let expectation = &report.expectation;
    json!({
        "file": place.map(|place| place.path),
        "line": place.map(|place| place.line),
        "from": expectation.from_text,
        "to": expectation.to_text,
        "service": expectation.service_text,
        "expected": expectation.want.verdict().name(),
        "verdict": report.found.as_ref().map(|found| found.verdict.name()),
        "outcome": report.outcome.name(),
    })
}
