//! What the tables hold: `matrix`, a row for every pair; `failures`, a row for every promise that something breaks.

use serde_json::{Value, json};

use super::{Cell, Columns, Facts, Kind, Part, classes};
use crate::query::Verdict;
use crate::render::failures::FailuresTold;
use crate::verify::{Effort, MatrixRow};

/// The table of `matrix`.
pub const MATRIX: &str = "pathproof.matrix.parquet/1";

/// The table of `failures`.
pub const FAILURES: &str = "pathproof.failures.parquet/1";

const MATRIX_COLUMNS: Columns = &[
    ("by", Kind::Text),
    ("service", Kind::Text),
    ("source_port", Kind::Text),
    ("from", Kind::Text),
    ("to", Kind::Text),
    ("verdict", Kind::Optional),
];

const FAILURES_COLUMNS: Columns = &[
    ("down_number", Kind::Number),
    ("down", Kind::Text),
    ("kind", Kind::Text),
    ("and_number", Kind::Number),
    ("and_down", Kind::Optional),
    ("and_kind", Kind::Optional),
    ("only_ends", Kind::Flag),
    ("promise_number", Kind::Number),
    ("promise", Kind::Text),
    ("line", Kind::Number),
    ("from", Kind::Text),
    ("to", Kind::Text),
    ("service", Kind::Text),
    ("expected", Kind::Text),
    ("verdict", Kind::Optional),
    ("outcome", Kind::Text),
    ("reasons", Kind::Text),
];

/// The columns of a table beside those in common; none of one that nobody knows.
#[must_use]
pub fn columns(schema: &str) -> Columns {
    match schema {
        MATRIX => MATRIX_COLUMNS,
        FAILURES => FAILURES_COLUMNS,
        other => classes::columns(other),
    }
}

/// The tables beside a table, in files of their own: what their names add, and what they are.
#[must_use]
pub fn beside(schema: &str) -> &'static [(&'static str, &'static str)] {
    match schema {
        classes::CLASSES => &classes::BESIDE,
        _ => &[],
    }
}

/// A matrix, or a slice of its rows, with all that it is told with.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixTold {
    /// What a row stands for.
    pub by: String,
    /// What is sent, and from which ports unless the usual ones.
    pub service: String,
    /// Source ports as they were asked for.
    pub source_port: String,
    /// The columns.
    pub columns: Vec<String>,
    /// How much was computed.
    pub effort: Effort,
    /// Warnings of the file.
    pub warnings: Vec<Value>,
    /// The rows.
    pub rows: Vec<MatrixRow>,
}

impl MatrixTold {
    /// As a table.
    #[must_use]
    pub fn part(&self, facts: Facts) -> Part {
        let Effort { instances, classes, rules } = self.effort;
        let head = json!({
            "by": self.by,
            "service": self.service,
            "source_port": self.source_port,
            "columns": self.columns,
            "froms": self.rows.iter().map(|row| row.from.as_str()).collect::<Vec<_>>(),
            "instances": instances.to_string(),
            "classes": classes,
            "rules": rules,
            "diagnostics": self.warnings,
        });
        let mut part = Part::new(facts, head);
        for row in &self.rows {
            for (to, verdict) in self.columns.iter().zip(&row.cells) {
                let texts = [&self.by, &self.service, &self.source_port, &row.from, to];
                let [by, service, source_port, from, to] = texts.map(|text| Cell::Text(text));
                let verdict = Cell::optional(verdict.map(Verdict::name));
                let row = [by, service, source_port, from, to, verdict];
                part.table.push(&row);
            }
        }
        part
    }

    /// The matrix of a table; `None` = it is none.
    #[must_use]
    pub fn of(part: &Part) -> Option<Self> {
        let head = &part.head;
        let texts = |value: &Value| -> Option<Vec<String>> {
            let all = value.as_array()?.iter();
            all.map(|text| text.as_str().map(str::to_owned)).collect()
        };
        let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
        let columns = texts(&head["columns"])?;
        let froms = texts(&head["froms"])?;
        if froms.len() * columns.len() != part.table.rows() {
            return None;
        }
        let mut cells = (0..part.table.rows()).map(|row| part.table.last(row));
        let rows = froms.into_iter().map(|from| {
            let cells = columns.iter().map(|_| match cells.next()?? {
                Cell::Text(name) => verdict(name).map(Some),
                _ => Some(None),
            });
            let cells = cells.collect::<Option<_>>()?;
            Some(MatrixRow { from, cells })
        });
        let rows = rows.collect::<Option<_>>()?;
        Some(Self {
            by: head["by"].as_str()?.to_owned(),
            service: head["service"].as_str()?.to_owned(),
            source_port: head["source_port"].as_str()?.to_owned(),
            effort: Effort {
                instances: head["instances"].as_str()?.parse().ok()?,
                classes: number(&head["classes"])?,
                rules: number(&head["rules"])?,
            },
            warnings: head["diagnostics"].as_array()?.clone(),
            columns,
            rows,
        })
    }
}

/// `failures` as a table.
#[must_use]
pub fn failures_part(told: &FailuresTold, warnings: &[Value], facts: Facts) -> Part {
    let mut head = told.head();
    head["diagnostics"] = warnings.into();
    let number = |number: usize| Cell::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let mut part = Part::new(facts, head);
    for line in told.lines() {
        let [first, second] = [line.down.first(), line.down.get(1)];
        let about = &line.about;
        let (called, reasons) = (about.called(), line.reasons.join(" "));
        part.table.push(&[
            first.map_or(Cell::Number(-1), |down| number(down.0)),
            Cell::Text(first.map_or("", |down| &down.1)),
            Cell::Text(first.map_or("", |down| down.2)),
            second.map_or(Cell::Number(-1), |down| number(down.0)),
            Cell::optional(second.map(|down| down.1.as_str())),
            Cell::optional(second.map(|down| down.2)),
            Cell::Flag(line.is_end),
            number(line.promise),
            Cell::Text(&called),
            number(about.line),
            Cell::Text(&about.from),
            Cell::Text(&about.to),
            Cell::Text(&about.service),
            Cell::Text(about.expected),
            Cell::optional(line.verdict),
            Cell::Text(line.outcome),
            Cell::Text(&reasons),
        ]);
    }
    part
}

/// `failures` of a table, with the warnings of the file; `None` = it is none.
#[must_use]
pub fn failures_of(part: &Part) -> Option<(FailuresTold, Vec<Value>)> {
    let stage = &part.facts.stage;
    let at = (!stage.is_empty()).then_some(stage.as_str());
    let mut told = FailuresTold::of_head(&part.head, &part.facts.file, at)?;
    for row in 0..part.table.rows() {
        let row = part.table.row(row);
        let text = |at: usize| row.get(at)?.text();
        let number = |at: usize| usize::try_from(row.get(at)?.number()?).ok();
        let mut down = vec![(number(0)?, text(1)?.to_owned(), text(2)?.to_owned())];
        if let Some(second) = text(4) {
            down.push((number(3)?, second.to_owned(), text(5)?.to_owned()));
        }
        let broken = (number(7)?, text(14), text(15)?, text(16)?);
        told.add(&down, row.get(6)? == &Cell::Flag(true), broken)?;
    }
    told.sort();
    Some((told, part.head["diagnostics"].as_array()?.clone()))
}

fn verdict(name: &str) -> Option<Verdict> {
    let all = [Verdict::Reachable, Verdict::Unreachable, Verdict::Partial, Verdict::Undetermined];
    all.into_iter().find(|verdict| verdict.name() == name)
}
