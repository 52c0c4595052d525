//! Who reaches whom, as JSON: ends, and a cell for each pair.

use serde_json::{Value, json};

use super::book::{Book, joined};
use super::data::reason;
use crate::query::Verdict;
use crate::render::check_text::works_text;
use crate::render::json::waypoint_text;
use crate::render::scene::Scene;
use crate::render::trace_json::shown_first;
use crate::render::trace_text::{ends, plain_way};
use crate::verify::{Grid, GridCell, GridEnd};

/// A matrix; cells stand row by row, `null` where both ends are one and the same.
pub(super) fn matrix(book: &mut Book, scene: Scene<'_>, matrix: &Grid) -> Value {
    let named = |ends: &[GridEnd]| ends.iter().map(end).collect::<Vec<_>>();
    let cells = matrix.cells.iter();
    let cells: Vec<Value> = cells
        .map(|found| match found {
            Some(found) => cell(book, scene, found),
            None => Value::Null,
        })
        .collect();
    json!({
        "from": named(&matrix.from),
        "to": named(&matrix.to),
        "cells": cells,
        "left_out": [matrix.left_out.0, matrix.left_out.1],
    })
}

/// A row or a column: its name, and how many endpoints it stands for.
fn end(end: &GridEnd) -> Value {
    let count = end.members.len();
    let name = match &end.members[..] {
        [] => String::new(),
        [only] => only.to_string(),
        [first, .., last] => format!("{first} … {last} ({count})"),
    };
    let members = (count > 1).then(|| joined(&end.members));
    json!({ "name": name, "count": count, "members": members })
}

fn cell(book: &mut Book, scene: Scene<'_>, cell: &GridCell) -> Value {
    let found = &cell.found;
    let reasons = found.reasons.iter();
    let reasons: Vec<usize> = reasons.map(|it| reason(book, scene, it)).collect();
    let shown = cell.shown.as_ref().map(|(from, to, trace)| {
        let way = shown_first(&trace.paths);
        json!({
            "ends": ends(from, to, &trace.packet),
            "ways": trace.paths.len(),
            "lines": way.map(|way| book.lines(scene, |scene| plain_way(scene, way))),
        })
    });
    let works = (found.verdict == Verdict::Partial)
        .then(|| book.text(|language| works_text(found, language)));
    let mut via: Vec<String> = Vec::new();
    for waypoint in found.routes.iter().flatten().map(waypoint_text) {
        if !via.contains(&waypoint) {
            via.push(waypoint);
        }
    }
    json!({
        "verdict": found.verdict.name(),
        "pairs": found.pairs,
        "works": works,
        "via": joined(&via),
        "reasons": reasons,
        "shown": shown,
    })
}
