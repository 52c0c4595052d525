//! What the ends of a block may open, under way: who answers whom, and which of them do the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use super::alone::asked_alone;
use super::block::{ClassAnswer, ClassMatrix};
use super::cell::Bits;
use crate::engine::{Crossing, Crossings, Reacher, SpotIx, Works};
use crate::space::{Set, Space};
use crate::verify::alike::alike;
use crate::verify::answer::pairs;

/// What some ends may open, under way.
pub(super) struct Opened<'m> {
    matrix: &'m ClassMatrix,
    /// What is asked, of IPv4.
    traffic: Set,
    /// The senders under way, in the order in which crossings are told.
    pub(super) senders: Vec<u32>,
    /// Pairs that have to be asked alone.
    pub(super) later: Vec<(u32, u32)>,
    /// Per sender: to whom, and which answer.
    pub(super) rows: BTreeMap<u32, Vec<(u32, u32)>>,
    known: FxHashMap<([Set; 3], Bits), u32>,
    pub(super) answers: Vec<Arc<ClassAnswer>>,
}

impl<'m> Opened<'m> {
    pub(super) fn new(matrix: &'m ClassMatrix, traffic: Set) -> Self {
        Self {
            matrix,
            traffic,
            senders: Vec::new(),
            later: Vec::new(),
            rows: BTreeMap::new(),
            known: FxHashMap::default(),
            answers: Vec::new(),
        }
    }

    /// Notes an answer, unless nothing works and that is certain: what works always, sometimes, and what is not said.
    fn add(&mut self, space: &mut Space, (from, to): (u32, u32), sets: [Set; 3], bits: Bits) {
        let [always, sometimes, unsaid] = sets;
        let Some(verdict) = bits.verdict().filter(|_| bits.works || bits.unsaid) else {
            return;
        };
        let next = u32::try_from(self.answers.len()).unwrap_or(u32::MAX);
        let at = *self.known.entry((sets, bits)).or_insert(next);
        if at == next {
            let partly = space.difference(sometimes, always);
            self.answers.push(Arc::new(ClassAnswer {
                verdict,
                works: space.rows(always),
                sometimes: space.rows(partly),
                undetermined: space.rows(unsaid),
            }));
        }
        self.rows.entry(from).or_default().push((to, at));
    }

    /// The same of machines, between which the model says everything.
    fn add_works(&mut self, space: &mut Space, pair: (u32, u32), works: Works) {
        let Works { asked, always, sometimes } = works;
        let bits = Bits::of(asked, always, sometimes);
        self.add(space, pair, [always, sometimes, Space::EMPTY], bits);
    }

    /// A pair by itself.
    pub(super) fn alone(&mut self, reacher: &mut Reacher<'_>, from: u32, to: u32) {
        let matrix = self.matrix;
        let (a, b) = (matrix.meaning(from), matrix.meaning(to));
        let asked = (&matrix.traffic, self.traffic, &matrix.internet);
        if matrix.is_plain()
            && let Some(works) = alike(reacher, &matrix.land, (a, b), asked)
        {
            self.add_works(&mut reacher.space, (from, to), works);
            return;
        }
        let Some((a, b)) = matrix.land.examples(a, b, &matrix.internet) else {
            return;
        };
        let mut sum = [Space::EMPTY; 3];
        let mut bits = Bits::default();
        for pair in pairs(reacher, &a, &b, &matrix.traffic) {
            let (answer, own) = asked_alone(reacher, &pair);
            bits.add(own);
            let own = [answer.always, answer.sometimes, answer.undetermined];
            for (sum, own) in sum.iter_mut().zip(own) {
                *sum = reacher.space.union(*sum, own);
            }
        }
        self.add(&mut reacher.space, (from, to), sum, bits);
    }
}

impl<'f> Crossings<'f> for Opened<'_> {
    fn asks(&self, _: SpotIx) -> bool {
        true
    }

    fn tell(&mut self, reacher: &mut Reacher<'f>, to: SpotIx, crossing: Crossing<'_>) {
        let matrix = self.matrix;
        let receivers = &matrix.spots.get(to).classes;
        let all = reacher.space.all();
        let asked = reacher.space.intersection(self.traffic, all);
        for row in 0..self.senders.len() {
            let from = self.senders[row];
            for (column, to) in receivers.iter().enumerate() {
                let pair = (from, to.0);
                if !matrix.is_pair(pair.0, pair.1) {
                    continue;
                }
                let index = row * receivers.len() + column;
                let works = match crossing {
                    Crossing::Sets(sets) => {
                        Works { asked, always: sets[index], sometimes: sets[index] }
                    }
                    Crossing::Works(works) => works[index],
                    Crossing::Unclear => {
                        self.later.push(pair);
                        continue;
                    }
                };
                self.add_works(&mut reacher.space, pair, works);
            }
        }
    }
}

/// Sets of ends: the number of a set, and an end of it.
pub(super) type Members = Vec<(u32, u32)>;

/// Rows that are equal as one, then columns that are equal as one; both in the order of their first ends.
pub(super) fn grouped(
    rows: BTreeMap<u32, Vec<(u32, u32)>>,
) -> (Members, Members, Vec<(u32, u32, u32)>) {
    let mut alike: IndexMap<Vec<(u32, u32)>, Vec<u32>> = IndexMap::new();
    for (from, mut row) in rows {
        row.sort_unstable();
        alike.entry(row).or_default().push(from);
    }
    let mut columns: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
    for (set, row) in (0..).zip(alike.keys()) {
        for (to, answer) in row {
            columns.entry(*to).or_default().push((set, *answer));
        }
    }
    let mut equal: IndexMap<Vec<(u32, u32)>, Vec<u32>> = IndexMap::new();
    for (to, column) in columns {
        equal.entry(column).or_default().push(to);
    }
    let numbered = |sets: Vec<&Vec<u32>>| -> Members {
        let sets = (0..).zip(sets);
        sets.flat_map(|(set, ends)| ends.iter().map(move |end| (set, *end))).collect()
    };
    let cells = (0..).zip(equal.keys());
    let mut cells: Vec<(u32, u32, u32)> = cells
        .flat_map(|(to, column)| column.iter().map(move |(from, answer)| (*from, to, *answer)))
        .collect();
    cells.sort_unstable();
    (numbered(alike.values().collect()), numbered(equal.values().collect()), cells)
}
