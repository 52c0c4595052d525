//! A set in parts that are alike: blocked by the same, or rewritten in the same way.

use crate::engine::Blocker;
use crate::query::Reason;
use crate::space::{Set, Space};

/// The parts of a set, each with what blocks it; `add` puts one more reason to those of a part.
pub(super) fn split<'b>(
    space: &mut Space,
    set: Set,
    blockers: impl IntoIterator<Item = &'b Blocker>,
    add: impl Fn(&mut Vec<Reason>, &Reason),
) -> Vec<(Set, Vec<Reason>)> {
    let blockers = blockers.into_iter();
    let pieces = blockers.map(|blocker| (blocker.set, &blocker.reason));
    refine(space, set, pieces, add)
}

/// The parts of a set, each with what is true of all of it; `add` puts one more truth to those of a part.
pub(super) fn refine<T: Clone, P: Copy>(
    space: &mut Space,
    set: Set,
    pieces: impl IntoIterator<Item = (Set, P)>,
    add: impl Fn(&mut Vec<T>, P),
) -> Vec<(Set, Vec<T>)> {
    let mut parts = vec![(set, Vec::new())];
    for (piece, truth) in pieces {
        let mut refined = Vec::new();
        for (set, truths) in parts {
            let hit = space.intersection(set, piece);
            let miss = space.difference(set, piece);
            if !space.is_empty(hit) {
                let mut truths: Vec<T> = truths.clone();
                add(&mut truths, truth);
                refined.push((hit, truths));
            }
            if !space.is_empty(miss) {
                refined.push((miss, truths));
            }
        }
        parts = refined;
    }
    parts.retain(|(set, _)| !space.is_empty(*set));
    parts
}
