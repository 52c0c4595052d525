//! Who reaches whom, as JSON: ends, verdicts in few letters, and for some pairs why.

use std::fmt::Write;

use indexmap::IndexSet;
use serde_json::{Value, json};

use super::book::{Book, joined};
use super::data::reason;
use crate::query::Verdict;
use crate::render::check_text::works_text;
use crate::render::json::waypoint_text;
use crate::render::scene::Scene;
use crate::render::several::several;
use crate::render::trace_json::shown_first;
use crate::render::trace_text::{ends, plain_way};
use crate::verify::{Grid, GridCell, GridEnd, GridTable, Survey};

/// The matrix of a file. Rows and columns are numbers of `ends`; a table has for each of its rows the number of a
/// line of verdicts, for equal lines are many; of `cells` each is `[row, column, …]`.
pub(super) fn matrix(book: &mut Book, scene: Scene<'_>, survey: &Survey, grid: &Grid) -> Value {
    let mut lines: IndexSet<String> = IndexSet::new();
    let tables = grid.tables.iter();
    let tables: Vec<Vec<usize>> = tables.map(|it| table(&mut lines, it)).collect();
    let cells = grid.cells.iter();
    let cells: Vec<Value> =
        cells.map(|((row, column), found)| cell(book, scene, (*row, *column), found)).collect();
    json!({
        "ends": grid.ends.iter().map(end).collect::<Vec<_>>(),
        "from": grid.from,
        "to": grid.to,
        "services": survey.services,
        "unasked": survey.unasked,
        "lines": lines,
        "tables": tables,
        "cells": cells,
        "left_out": [grid.left_out.0, grid.left_out.1],
    })
}

/// The names of an end, and how many endpoints they are.
fn end(end: &GridEnd) -> Value {
    let count = u64::try_from(end.count).unwrap_or(u64::MAX);
    if count == 1 { json!([joined(&end.members)]) } else { json!([joined(&end.members), count]) }
}

fn table(lines: &mut IndexSet<String>, table: &GridTable) -> Vec<usize> {
    let rows = table.rows.iter();
    rows.map(|row| lines.insert_full(line(row)).0).collect()
}

/// `u12r-p3`: twelve unreachable, one reachable, one and the same endpoint, three partial; `x` is undetermined.
fn line(row: &[Option<Verdict>]) -> String {
    let mut text = String::new();
    for same in row.chunk_by(|a, b| a == b) {
        text.push(match same[0] {
            Some(Verdict::Reachable) => 'r',
            Some(Verdict::Unreachable) => 'u',
            Some(Verdict::Partial) => 'p',
            Some(Verdict::Undetermined) => 'x',
            None => '-',
        });
        if same.len() > 1 {
            let _ = write!(text, "{}", same.len());
        }
    }
    text
}

/// `[row, column, which services work, ways pass, reasons, the packet shown, how many ways it has, the lines of one]`.
fn cell(
    book: &mut Book,
    scene: Scene<'_>,
    (row, column): (usize, usize),
    cell: &GridCell,
) -> Value {
    let found = &cell.found;
    let reasons = found.reasons.iter();
    let reasons: Vec<usize> = reasons.map(|it| reason(book, scene, it)).collect();
    let works = (found.verdict == Verdict::Partial)
        .then(|| book.text(|language| works_text(found, language)));
    let mut via: Vec<String> = Vec::new();
    for waypoint in found.routes.iter().flatten().map(waypoint_text) {
        if !via.contains(&waypoint) {
            via.push(waypoint);
        }
    }
    let via = (!via.is_empty()).then(|| book.text(|language| several(&via, language)));
    let mut told = vec![json!(row), json!(column), json!(works), json!(via), json!(reasons)];
    if let Some((from, to, trace)) = &cell.shown {
        told.push(json!(ends(from, to, &trace.packet)));
        told.push(json!(trace.paths.len()));
        let way = shown_first(&trace.paths);
        told.extend(way.map(|way| book.lines(scene, |scene| plain_way(scene, way))));
    }
    Value::Array(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_verdicts_in_a_row_are_told_once() {
        let [r, u, p] = [Verdict::Reachable, Verdict::Unreachable, Verdict::Partial].map(Some);
        let row = [r, u, u, None, p, p, p, Some(Verdict::Undetermined)];
        assert_eq!(line(&row), "ru2-p3x");
        assert_eq!(line(&[]), "");
    }
}
