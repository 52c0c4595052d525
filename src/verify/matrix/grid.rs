//! Who reaches whom in one network, for a page that is sent around: the verdict of every pair for each of some services,
//! and for the first pairs why.
//!
//! In a large network those ends stand together that nothing tells apart, so a verdict holds for every one of their
//! pairs and the reasons of one pair are those of all. What the limits leave out is counted.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use rayon::prelude::*;

use super::head::{Head, name_of};
use super::{By, Matrix};
use crate::engine::{Reacher, trace};
use crate::fabric::Party;
use crate::model::Endpoint;
use crate::query::{Trace, Traffics, Verdict};
use crate::space::{Budget, Exceeded, Space};
use crate::verify::answer::{End, Witness, answer};
use crate::verify::judge::found;
use crate::verify::land::{Land, Who};
use crate::verify::party::endpoint_of;
use crate::verify::report::Found;
use crate::verify::run::Situation;
use crate::verify::selection::Selection;

/// So many rows and columns has a table at most.
const MOST: usize = 3000;

/// Who reaches whom.
pub struct Grid {
    /// Everybody who opens or is meant.
    pub ends: Vec<GridEnd>,
    /// Who opens, row by row: numbers of ends.
    pub from: Vec<usize>,
    /// Who is meant, column by column: numbers of ends.
    pub to: Vec<usize>,
    /// A table for each service, in the order in which they were given.
    pub tables: Vec<GridTable>,
    /// For the first rows and columns, why.
    pub cells: BTreeMap<(usize, usize), GridCell>,
    /// Ends that no table has: openers, and all.
    pub left_out: (usize, usize),
}

/// Who stands in a row or a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridEnd {
    /// By name, in the order of the file.
    pub members: Vec<String>,
    /// How many endpoints that are; a site and the Internet count as one.
    pub count: u128,
}

/// The verdicts of a service.
pub struct GridTable {
    /// Row by row; `None` where both are one and the same endpoint.
    pub rows: Vec<Vec<Option<Verdict>>>,
    /// What of the budget was not enough for some of them, which are undetermined.
    pub exceeded: Option<Exceeded>,
}

/// Why a pair of ends reaches each other or does not, asked for every service.
pub struct GridCell {
    /// What was found for one pair of them, which stands for all.
    pub found: Found,
    /// The ends of the packet that is shown, and its way: a lost one if there is any.
    pub shown: Option<(Endpoint, Endpoint, Trace)>,
}

/// Judges all pairs of ends for each of some services, and says why for at most `limit` rows and columns: in a network of
/// more ends, those stand together that nothing tells apart. Each service has the budget, and so have the reasons.
#[must_use]
pub fn grid(situation: &Situation, services: &[Traffics], limit: usize, budget: Budget) -> Grid {
    let all = Traffics::default();
    let mut matrix = Matrix::new(situation, By::Endpoint, &all, budget);
    if matrix.rows.len().max(matrix.columns.len()) > limit {
        matrix = Matrix::new(situation, By::Alike, &all, budget);
    }
    let left_out = (left(&matrix, &matrix.rows), left(&matrix, &matrix.columns));
    let rows = matrix.rows.len().min(MOST);
    let columns = matrix.columns.len().min(MOST);
    let tables = tables(&mut matrix, services, (rows, columns), budget);
    let mut ends: IndexMap<Vec<Who>, GridEnd> = IndexMap::new();
    let mut numbers = |heads: &[Head]| {
        let numbers = heads.iter().map(|head| {
            let entry = ends.entry(head.who.clone());
            let at = entry.index();
            entry.or_insert_with(|| end(&matrix.land, head));
            at
        });
        numbers.collect::<Vec<_>>()
    };
    let from = numbers(&matrix.rows[..rows]);
    let to = numbers(&matrix.columns[..columns]);
    matrix.allowance = budget.begin();
    let cells = matrix.reasons(limit);
    Grid { ends: ends.into_values().collect(), from, to, tables, cells, left_out }
}

/// The tables of some services: those that are parts of all that is sent are found together.
fn tables(
    matrix: &mut Matrix,
    services: &[Traffics],
    (rows, columns): (usize, usize),
    budget: Budget,
) -> Vec<GridTable> {
    let numbers = 0..services.len();
    let (together, alone): (Vec<usize>, Vec<usize>) =
        numbers.partition(|at| matrix.is_part_of_all(&services[*at]));
    let passes = alone.into_iter().map(|at| vec![at]);
    let mut tables: Vec<Option<GridTable>> = services.iter().map(|_| None).collect();
    for pass in passes.chain([together]).filter(|pass| !pass.is_empty()) {
        let asked: Vec<Traffics> = pass.iter().map(|at| services[*at].clone()).collect();
        matrix.ask(&asked, budget);
        let all = matrix.columns.len();
        let mut told = vec![Vec::new(); pass.len()];
        let exceeded = matrix.each_row_of(0..rows, |row| {
            for (at, told) in told.iter_mut().enumerate() {
                told.push(row.cells[at * all..][..columns].to_vec());
            }
        });
        for (at, rows) in pass.into_iter().zip(told) {
            tables[at] = Some(GridTable { rows, exceeded });
        }
    }
    tables.into_iter().flatten().collect()
}

/// How many endpoints have no row or column.
fn left(matrix: &Matrix, heads: &[Head]) -> usize {
    let heads = heads.iter().skip(MOST);
    let sizes = heads.flat_map(|head| head.who.iter().map(|who| who.len(&matrix.land)));
    usize::try_from(sizes.sum::<u128>()).unwrap_or(usize::MAX)
}

fn end(land: &Land, head: &Head) -> GridEnd {
    GridEnd {
        members: head.who.iter().map(|who| name_of(land, who)).collect(),
        count: head.who.iter().map(|who| who.len(land)).sum(),
    }
}

impl Matrix {
    /// Why, for the first rows and columns.
    fn reasons(&self, limit: usize) -> BTreeMap<(usize, usize), GridCell> {
        let rows = &self.rows[..self.rows.len().min(limit)];
        let columns = &self.columns[..self.columns.len().min(limit)];
        let cells = rows.par_iter().enumerate().flat_map_iter(|(at, row)| {
            // A row that is too large does not take the others with it.
            let mut reacher = Reacher::within(&self.land.fabric, Space::within(self.allowance));
            let cells = columns.iter().enumerate();
            let cells = cells.filter_map(|(column, to)| {
                Some(((at, column), self.reason(&mut reacher, row, to)?))
            });
            cells.collect::<Vec<_>>()
        });
        cells.collect()
    }

    fn reason(&self, reacher: &mut Reacher<'_>, row: &Head, column: &Head) -> Option<GridCell> {
        let (from, to) = self.example(row, column)?;
        let (from, to) = (selection(from), selection(to));
        let answer = answer(reacher, &from, &to, &Traffics::default());
        if answer.vacuous {
            return None;
        }
        let fabric = &self.land.fabric;
        let shown = answer.lost.clone().or_else(|| answer.working.clone());
        let shown = shown.map(|Witness { from, to, packet }| {
            let way = trace(fabric, from, to, packet);
            (endpoint_of(fabric, from), endpoint_of(fabric, to), way)
        });
        let found = found(reacher, answer);
        Some(GridCell { found, shown })
    }

    /// A pair of a row and a column; `None` where both are one and the same endpoint.
    fn example(&self, row: &Head, column: &Head) -> Option<(End, End)> {
        let first = row.who.first()?;
        if let Some(other) = column.who.iter().find(|who| *who != first) {
            let from = self.land.end(first, &self.internet)?;
            return Some((from, self.land.end(other, &self.internet)?));
        }
        if row.alone && column.alone {
            return None;
        }
        let meaning = |head: &Head| self.ends[*head.ends.first()?].means[0];
        self.land.examples(meaning(row)?, meaning(column)?, &self.internet)
    }
}

/// One end as a selection.
fn selection((party, through, addresses): End) -> Selection {
    let mut selection = Selection::default();
    match party {
        Party::Host(resident, _) => {
            selection.hosts.insert((resident, through), addresses);
        }
        Party::Site(site) => {
            selection.sites.insert(site, addresses);
        }
        Party::Internet => selection.internet = addresses,
        Party::NatAddress(gateway, eip) => {
            selection.nat_addresses.insert((gateway, eip));
        }
        Party::Nobody(address) => {
            selection.nobody.insert(address);
        }
    }
    selection
}
