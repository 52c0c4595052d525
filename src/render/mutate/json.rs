//! Mutants for scripts: `pathproof.mutate/1`.

use serde_json::{Value, json};

use super::MutationScene;
use crate::mutate::{Fate, Fated, Operator, Tally};
use crate::query::Turn;
use crate::render::budget::exceeded_json;
use crate::render::difference::json::{ends_json, rows_json};
use crate::render::json::packet_json;
use crate::verify::Piece;

/// What else a run has to say.
#[derive(Clone, Copy)]
pub struct Named<'a> {
    /// Files whose expectations do not hold as they are: nothing of them was mutated.
    pub failing: &'a [String],
    /// Which part of the mutants was taken: `2/3`.
    pub shard: Option<&'a str>,
    /// Warnings of the files.
    pub diagnostics: &'a [Value],
}

/// The mutants of all files for scripts.
#[must_use]
pub fn mutate_json(files: &[MutationScene<'_>], named: Named<'_>) -> Value {
    let mut tally = Tally::default();
    let mut mutants = Vec::new();
    for file in files {
        for fated in &file.mutation.mutants {
            tally.add(&fated.fate);
            mutants.push(mutant(*file, fated));
        }
    }
    let language = files.first().map(|file| file.scene.language).unwrap_or_default();
    let operators = Operator::all()
        .map(|operator| json!({ "name": operator.name(), "does": operator.words(language) }));
    json!({
        "schema": "pathproof.mutate/1",
        "mutants": mutants,
        "summary": {
            "mutants": tally.mutants,
            "killed": tally.killed,
            "survived": tally.survived,
            "equivalent": tally.equivalent,
            "refused": tally.refused,
            "undetermined": tally.undetermined,
            "score": tally.score().map(rounded),
        },
        "operators": operators.collect::<Vec<_>>(),
        "failing": named.failing,
        "shard": named.shard,
        "diagnostics": named.diagnostics,
    })
}

/// A share with one digit after the point.
pub(in crate::render) fn rounded(share: f64) -> f64 {
    (share * 10.0).round() / 10.0
}

fn mutant(all: MutationScene<'_>, fated: &Fated) -> Value {
    let spot = all.spot(fated);
    let lines = |spans: &[crate::diagnostic::Span]| {
        let spots = spans.iter().filter_map(|span| all.scene.spot(*span));
        spots.map(|spot| spot.line).collect::<Vec<_>>()
    };
    let (pieces, killer) = match &fated.fate {
        Fate::Survived { pieces, killer } => (pieces.as_slice(), killer.as_ref()),
        _ => (&[][..], None),
    };
    let turned = |turn: Turn| {
        let pieces = pieces.iter().filter(|piece| piece.turn == turn);
        pieces.map(piece_json).collect::<Vec<_>>()
    };
    let (code, message) = match &fated.fate {
        Fate::Refused(code, message) => (Some(code.name()), Some(message.text(all.scene.language))),
        _ => (None, None),
    };
    let exceeded = match &fated.fate {
        Fate::Undetermined(exceeded) => *exceeded,
        _ => None,
    };
    json!({
        "scenario": all.path,
        "file": spot.map(|spot| spot.path),
        "line": spot.map(|spot| spot.line),
        "at": all.name(fated),
        "kind": all.thing(fated).kind.name(),
        "operator": fated.mutant.operator.name(),
        "was": fated.mutant.turned.as_ref().map(|(was, _)| was),
        "is": fated.mutant.turned.as_ref().map(|(_, is)| is),
        "change": all.change(fated),
        "outcome": fated.fate.name(),
        "killed_by": match &fated.fate {
            Fate::Killed(spans) => lines(spans),
            _ => Vec::new(),
        },
        "opens": turned(Turn::Gained),
        "closes": turned(Turn::Lost),
        "kill_with": killer.map(ToString::to_string),
        "code": code,
        "message": message,
        "exceeded": exceeded_json(exceeded, all.scene.language),
    })
}

fn piece_json(piece: &Piece) -> Value {
    json!({
        "from": ends_json(&piece.from),
        "to": ends_json(&piece.to),
        "packets": rows_json(&piece.packets),
        "witness": piece.witness.as_ref().map(packet_json),
    })
}
