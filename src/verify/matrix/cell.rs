//! The cells of a row under way: what is known of their pairs, and how many of them were looked at.

use super::{Head, Matrix};
use crate::query::Verdict;
use crate::space::{Exceeded, Set, Space};
use crate::verify::land::Meaning;

/// What is known of the pairs of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Bits {
    pub(super) works: bool,
    pub(super) fails: bool,
    pub(super) unsaid: bool,
}

impl Bits {
    /// What was asked, what of it works on all ways, and on some.
    pub(super) fn of(asked: Set, always: Set, sometimes: Set) -> Self {
        Self { works: sometimes != Space::EMPTY, fails: always != asked, unsaid: false }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.works |= other.works;
        self.fails |= other.fails;
        self.unsaid |= other.unsaid;
    }

    /// Whether no other pair can change the verdict.
    fn is_settled(self) -> bool {
        self.works && self.fails
    }

    pub(super) fn verdict(self) -> Option<Verdict> {
        match (self.works, self.fails, self.unsaid) {
            (false, false, false) => None,
            (true, true, _) => Some(Verdict::Partial),
            (_, _, true) => Some(Verdict::Undetermined),
            (true, false, false) => Some(Verdict::Reachable),
            (false, true, false) => Some(Verdict::Unreachable),
        }
    }
}

/// The cells of a row under way.
#[derive(Clone)]
pub(super) struct Cells<'a> {
    matrix: &'a Matrix,
    pub(super) row: &'a Head,
    bits: Vec<Bits>,
    /// How many pairs were looked at, per column.
    seen: Vec<usize>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(matrix: &'a Matrix, row: &'a Head) -> Self {
        Self {
            matrix,
            row,
            bits: vec![Bits::default(); matrix.columns.len()],
            seen: vec![0; matrix.columns.len()],
        }
    }

    /// Whether two ends are a pair that any column asks about.
    fn is_asked(&self, from: usize, to: usize) -> bool {
        let end = &self.matrix.ends[to];
        let several = || end.several || matches!(end.means[0], Some(Meaning::Site(_)));
        !self.matrix.columns_of[to].is_empty() && (from != to || several())
    }

    /// Whether two ends are a pair that may still change a verdict.
    pub(super) fn asks(&self, from: usize, to: usize) -> bool {
        let mut columns = self.matrix.columns_of[to].iter();
        self.is_asked(from, to) && columns.any(|column| !self.bits[*column].is_settled())
    }

    /// A row and a column of one and the same single endpoint have no pair.
    fn is_itself(&self, from: usize, to: usize, column: usize) -> bool {
        let column = &self.matrix.columns[column];
        from == to && self.row.alone && column.alone && self.row.name == column.name
    }

    pub(super) fn add(&mut self, from: usize, to: usize, bits: Bits) {
        for column in &self.matrix.columns_of[to] {
            if !self.is_itself(from, to, *column) {
                self.bits[*column].add(bits);
                self.seen[*column] += 1;
            }
        }
    }

    /// The verdicts; pairs that were not looked at fail, unless there was no room for looking.
    pub(super) fn verdicts(mut self, exceeded: Option<Exceeded>) -> Vec<Option<Verdict>> {
        let columns = self.matrix.columns.iter();
        let mut asked: Vec<usize> =
            columns.map(|column| column.ends.len() * self.row.ends.len()).collect();
        for end in &self.row.ends {
            for column in &self.matrix.columns_of[*end] {
                let none = !self.is_asked(*end, *end) || self.is_itself(*end, *end, *column);
                asked[*column] -= usize::from(none);
            }
        }
        if exceeded.is_some() {
            let cells = asked.into_iter();
            let cells = cells.map(|asked| (asked > 0).then_some(Verdict::Undetermined));
            return cells.collect();
        }
        for (bits, (seen, asked)) in self.bits.iter_mut().zip(self.seen.iter().zip(asked)) {
            bits.fails |= *seen < asked;
        }
        self.bits.into_iter().map(Bits::verdict).collect()
    }
}
