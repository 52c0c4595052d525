//! A row under way: spot by spot, and then the pairs that are walked alone, as far as they still matter.

use super::cell::Cells;
use super::{Known, Matrix};
use crate::engine::{ClassIx, Crossing, Crossings, Reacher, SpotIx, Works};
use crate::space::Set;

/// A row under way.
pub(super) struct Row<'a> {
    pub(super) matrix: &'a Matrix,
    /// One for each service.
    pub(super) cells: Vec<Cells<'a>>,
    pub(super) known: &'a mut Known,
    /// Pairs that have to be walked alone: most of their cells are settled before.
    pub(super) later: Vec<(usize, usize)>,
}

/// Some classes of one spot, and their row.
struct Senders<'r, 'a> {
    row: &'r mut Row<'a>,
    /// Their ends, in the order in which crossings are told.
    ends: Vec<Option<usize>>,
    asked: Set,
}

impl Row<'_> {
    /// What some classes of one spot may open. What is not told crosses nowhere.
    pub(super) fn spot(
        &mut self,
        reacher: &mut Reacher<'_>,
        (spot, senders): (SpotIx, &[ClassIx]),
    ) {
        let (matrix, traffic) = (self.matrix, self.known.traffic);
        let all = reacher.space.all();
        let asked = reacher.space.intersection(traffic, all);
        let own = matrix.spots.get(spot).classes.iter();
        let own = own.filter(|class| senders.contains(class));
        let ends: Vec<_> = own.map(|class| matrix.end_of(*class)).collect();
        let outside = ends.iter().flatten();
        let outside = outside.flat_map(|from| matrix.outside.iter().map(move |to| (*from, *to)));
        self.later.extend(outside);
        let mut told = Senders { row: self, ends, asked };
        reacher.crossings(&matrix.spots, (spot, senders), traffic, &mut told);
    }

    /// Whether two ends are a pair that may still change a verdict.
    fn asks(&self, from: usize, to: usize) -> bool {
        self.cells.iter().any(|cells| cells.asks(from, to))
    }

    /// The pairs that are walked alone: those that were left, and others.
    pub(super) fn pairs(
        &mut self,
        reacher: &mut Reacher<'_>,
        others: impl Iterator<Item = (usize, usize)>,
    ) {
        let later = std::mem::take(&mut self.later);
        for (from, to) in later.into_iter().chain(others) {
            if reacher.space.is_over() {
                return;
            }
            if self.asks(from, to) {
                self.matrix.pair(reacher, (from, to), self.known, &mut self.cells);
            }
        }
    }
}

impl<'f> Crossings<'f> for Senders<'_, '_> {
    fn asks(&self, to: SpotIx) -> bool {
        let matrix = self.row.matrix;
        let mut receivers = matrix.spots.get(to).classes.iter();
        receivers.any(|class| {
            let to = matrix.end_of(*class);
            let mut senders = self.ends.iter().flatten();
            to.is_some_and(|to| senders.any(|from| self.row.asks(*from, to)))
        })
    }

    fn tell(&mut self, reacher: &mut Reacher<'f>, to: SpotIx, crossing: Crossing<'_>) {
        let (matrix, row) = (self.row.matrix, &mut *self.row);
        let receivers = &matrix.spots.get(to).classes;
        let receivers = receivers.iter().map(|class| matrix.end_of(*class));
        let pairs = self.ends.iter();
        let pairs = pairs.flat_map(|from| receivers.clone().map(move |to| (*from, to)));
        for (index, pair) in pairs.enumerate() {
            let (Some(from), Some(to)) = pair else {
                continue;
            };
            if !row.asks(from, to) {
                continue;
            }
            let works = match crossing {
                Crossing::Sets(sets) => {
                    Works { asked: self.asked, always: sets[index], sometimes: sets[index] }
                }
                Crossing::Works(works) => works[index],
                Crossing::Unclear => {
                    row.later.push((from, to));
                    continue;
                }
            };
            for (service, cells) in row.cells.iter_mut().enumerate() {
                if cells.asks(from, to) {
                    cells.add(from, to, row.known.bits(&mut reacher.space, service, works));
                }
            }
        }
    }
}
