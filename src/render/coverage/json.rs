//! Coverage for scripts: `pathproof.coverage/1`.

use serde_json::{Value, json};

use super::{CoverageScene, Total};
use crate::mutate::{Holds, PairsAsserted, ThingKind};
use crate::render::mutate::rounded;
use crate::render::rule::place_name;

/// The coverage of all files for scripts.
#[must_use]
pub fn coverage_json(
    files: &[CoverageScene<'_>],
    failing: &[String],
    diagnostics: &[Value],
) -> Value {
    let total = Total::of(files);
    let things = files.iter().flat_map(|file| {
        file.covered.iter().map(|covered| {
            let spot = file.spot(covered);
            let by = covered.by.iter().filter_map(|span| file.scene.spot(*span));
            json!({
                "scenario": file.path,
                "file": spot.map(|spot| spot.path),
                "line": spot.map(|spot| spot.line),
                "at": place_name(&covered.place),
                "kind": covered.kind.name(),
                "state": covered.hold.name(),
                "touched": covered.hold.counts() && covered.hold.name() != "untouched",
                "pinned": covered.hold.name() == "pinned",
                "pinned_by": by.map(|spot| spot.line).collect::<Vec<_>>(),
                "extent": { "pinned": covered.pinned, "open": covered.open },
            })
        })
    });
    let kinds = ThingKind::COUNTED.iter().map(|kind| {
        let mut holds = Holds::default();
        let own = files.iter().flat_map(|file| file.covered);
        own.filter(|it| it.kind == *kind).for_each(|it| holds.add(it.hold));
        (kind.name().to_owned(), counts(&holds))
    });
    json!({
        "schema": "pathproof.coverage/1",
        "things": things.collect::<Vec<_>>(),
        "summary": {
            "kinds": kinds.collect::<serde_json::Map<_, _>>(),
            "rules_pinned": total.rules.share().map(rounded),
            "all_pinned": total.all.share().map(rounded),
            "pairs_asserted": total.pairs.and_then(|pairs| pairs.share()).map(rounded),
            "pairs": total.pairs.map(pairs),
        },
        "failing": failing,
        "diagnostics": diagnostics,
    })
}

fn counts(holds: &Holds) -> Value {
    json!({
        "pinned": holds.pinned,
        "touched": holds.touched,
        "untouched": holds.untouched,
        "dead": holds.dead,
        "unknown": holds.unknown,
    })
}

fn pairs(pairs: PairsAsserted) -> Value {
    let one = |(asserted, all): (usize, usize)| json!({ "asserted": asserted, "cells": all });
    json!({ "works": one(pairs.works), "blocked": one(pairs.blocked) })
}
