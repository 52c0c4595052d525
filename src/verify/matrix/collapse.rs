//! Equal rows and columns of a matrix as one. What somebody does with itself is no cell, so it keeps no two apart: machines
//! are equal if they do the same with all others and with each other.

use std::collections::BTreeMap;

use super::head::{Head, name_of};
use super::{Matrix, MatrixRow};
use crate::query::Verdict;
use crate::verify::Who;
use crate::verify::select::Side;
use crate::verify::summary::by_sets;

type Cell = Option<Verdict>;

/// What may stand where a row meets itself: it is taken for what it does with its equals.
const FILLINGS: [Cell; 5] = [
    None,
    Some(Verdict::Reachable),
    Some(Verdict::Partial),
    Some(Verdict::Unreachable),
    Some(Verdict::Undetermined),
];

impl Matrix {
    /// All rows of the matrix with equal columns and equal rows as one; each goes by a set that can be asked for, `vpc-a | ins-b`.
    #[must_use]
    pub fn collapsed(&self, rows: &[MatrixRow]) -> (Vec<String>, Vec<MatrixRow>) {
        let itself = |row: usize, column: usize| {
            let (row, column) = (&self.rows[row], &self.columns[column]);
            row.alone && column.alone && row.name == column.name
        };
        let cell = |row: usize, column: usize| rows[row].cells[column];
        let row_groups = groups(rows.len(), self.columns.len(), cell, itself);
        let column_groups = groups(
            self.columns.len(),
            rows.len(),
            |column, row| cell(row, column),
            |column, row| itself(row, column),
        );
        let told = row_groups.iter().map(|own| {
            let cells = column_groups.iter().map(|others| {
                let mut cells =
                    own.iter().flat_map(|row| others.iter().map(|column| cell(*row, *column)));
                cells.find_map(|cell| cell)
            });
            MatrixRow { from: self.label(&self.rows, own, Side::From), cells: cells.collect() }
        });
        let told = told.collect();
        let columns = column_groups.iter();
        let columns = columns.map(|own| self.label(&self.columns, own, Side::To));
        (columns.collect(), told)
    }

    /// Several rows or columns as one set: the sets that they are all members of, and the others by name.
    fn label(&self, heads: &[Head], own: &[usize], side: Side) -> String {
        let all = own.iter().flat_map(|head| &heads[*head].who);
        let all: Vec<Who> = all.cloned().collect();
        let crowd = by_sets(&self.land, &all, side);
        let sets = crowd.sets.iter().map(|(id, _)| id.to_string());
        let rest = crowd.rest.iter();
        let rest = rest.map(|(who, _)| name_of(&self.land, who));
        let named = own.iter().map(|head| &heads[*head]);
        let named = named.filter(|head| head.who.is_empty());
        let named = named.map(|head| head.name.clone());
        let mut names: Vec<String> = Vec::new();
        for name in named.chain(sets).chain(rest) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(" | ")
    }
}

/// Lines of a matrix that are equal, each line in the largest group that takes it, in the order of their first lines.
fn groups(
    lines: usize,
    cells: usize,
    cell: impl Fn(usize, usize) -> Cell,
    itself: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<usize>> {
    let mut found: BTreeMap<Vec<Option<&str>>, Vec<usize>> = BTreeMap::new();
    for line in 0..lines {
        let own = (0..cells).find(|other| itself(line, *other));
        let mut key: Vec<_> =
            (0..cells).map(|other| cell(line, other).map(Verdict::name)).collect();
        let Some(own) = own else {
            found.entry(key).or_default().push(line);
            continue;
        };
        for filling in FILLINGS {
            key[own] = filling.map(Verdict::name);
            found.entry(key.clone()).or_default().push(line);
        }
    }
    let mut candidates: Vec<Vec<usize>> = found.into_values().collect();
    candidates.sort_by_key(|own| (std::cmp::Reverse(own.len()), own[0]));
    let mut taken = vec![false; lines];
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for mut own in candidates {
        own.retain(|line| !std::mem::replace(&mut taken[*line], true));
        if !own.is_empty() {
            groups.push(own);
        }
    }
    groups.sort();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The groups of a square matrix whose lines meet themselves on the diagonal.
    fn grouped(rows: &[&str]) -> Vec<Vec<usize>> {
        let cell = |row: usize, column: usize| match rows[row].as_bytes()[column] {
            b'+' => Some(Verdict::Reachable),
            b'-' => Some(Verdict::Unreachable),
            _ => None,
        };
        groups(rows.len(), rows.len(), cell, |row, column| row == column)
    }

    #[test]
    fn what_somebody_does_with_itself_keeps_nobody_apart() {
        assert_eq!(grouped(&[".++-", "+.+-", "++.-", "---."]), [vec![0, 1, 2], vec![3]]);
        // The last one opens what the others do; that it is not reached as they are is for columns to tell.
        assert_eq!(grouped(&[".++-", "+.+-", "++.-", "+++."]), [vec![0, 1, 2, 3]]);
    }

    #[test]
    fn equals_do_the_same_with_each_other() {
        assert_eq!(grouped(&[".-+", "-.+", "++."]), [vec![0, 1], vec![2]]);
        assert_eq!(grouped(&[".+-", "-.+", "+-."]), [vec![0], vec![1], vec![2]]);
    }
}
