//! A set of packets in parts that are blocked by the same.

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
    let mut parts = vec![(set, Vec::new())];
    for blocker in blockers {
        let mut refined = Vec::new();
        for (set, reasons) in parts {
            let hit = space.intersection(set, blocker.set);
            let miss = space.difference(set, blocker.set);
            if !space.is_empty(hit) {
                let mut reasons: Vec<Reason> = reasons.clone();
                add(&mut reasons, &blocker.reason);
                refined.push((hit, reasons));
            }
            if !space.is_empty(miss) {
                refined.push((miss, reasons));
            }
        }
        parts = refined;
    }
    parts.retain(|(set, _)| !space.is_empty(*set));
    parts
}
