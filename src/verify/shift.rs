//! What is blocked in two networks, but not by the same: a rule that would have saved the day is gone behind another
//! one that still does.

use std::collections::BTreeMap;

use super::difference::{Shift, Two};
use super::pieces::{blockers, example, names, rectangles};
use super::select::Side;
use super::split::split;
use super::summary::crowd;
use crate::engine::Blocker;
use crate::query::Reason;
use crate::space::{Packet, Set, Space};

/// What makes the shifts of two pairs one.
type Key = (Set, Vec<Reason>, Vec<Reason>);

/// Every pair's packets that both networks block, where what blocks them differs.
pub(super) fn shifts(two: &mut Two<'_>) -> Vec<Shift> {
    let mut found: BTreeMap<Key, Vec<(usize, usize)>> = BTreeMap::new();
    let mut told: BTreeMap<Key, (Vec<Reason>, Vec<Reason>)> = BTreeMap::new();
    for from in 0..two.ends.len() {
        for to in 0..two.ends.len() {
            if two.desk.space.is_over() {
                return Vec::new();
            }
            for (set, before, after) in shifted(two, from, to) {
                let kinds = |reasons: &[Reason]| reasons.iter().map(bare).collect::<Vec<_>>();
                let key = (set, kinds(&before), kinds(&after));
                found.entry(key.clone()).or_default().push((from, to));
                told.entry(key).or_insert((before, after));
            }
        }
    }
    let mut shifts = Vec::new();
    for (key, pairs) in found {
        let (before, after) = told.remove(&key).unwrap_or_default();
        two.desk.space.keep_rows(key.0, 1);
        if two.desk.space.is_over() {
            return Vec::new();
        }
        let packets = two.desk.space.rows(key.0);
        for (from, to) in rectangles(two, &pairs) {
            shifts.push(Shift {
                from: crowd(two.lands[1], &names(two, &from), Side::From),
                to: crowd(two.lands[1], &names(two, &to), Side::To),
                packets: packets.clone(),
                before: before.clone(),
                after: after.clone(),
            });
        }
    }
    shifts.sort_by(|a, b| (&a.from.who, &a.to.who).cmp(&(&b.from.who, &b.to.who)));
    shifts
}

/// The parts of a pair's packets that both networks block, with what blocks them in each.
fn shifted(two: &mut Two<'_>, from: usize, to: usize) -> Vec<(Set, Vec<Reason>, Vec<Reason>)> {
    let ends = [from, to].map(|end| &two.ends[end]);
    let opens = ends[0].takes_part(&two.lands, Side::From);
    let alone = from == to && !ends[0].several;
    let everywhere = ends.iter().all(|end| end.means.iter().all(Option::is_some));
    if !opens || alone || !everywhere {
        return Vec::new();
    }
    let (opener, meant) = example(two, from, to);
    let [old, new] = two.lands;
    let before = blockers(two, old, &opener, &meant);
    let after = blockers(two, new, &opener, &meant);
    let union = |space: &mut Space, blockers: &[Blocker]| {
        let sets: Vec<_> = blockers.iter().map(|blocker| blocker.set).collect();
        space.union_all(sets)
    };
    let space = &mut two.desk.space;
    let both = (union(space, &before), union(space, &after));
    let both = space.intersection(both.0, both.1);
    let parts = split(space, both, &before, add);
    let mut found = Vec::new();
    for (set, before) in parts {
        for (set, after) in split(space, set, &after, add) {
            let same = before.len() == after.len()
                && before.iter().zip(&after).all(|(a, b)| bare(a) == bare(b));
            if !same {
                found.push((set, before.clone(), after));
            }
        }
    }
    found
}

/// Puts a reason to others, unless it only differs by its example.
fn add(reasons: &mut Vec<Reason>, reason: &Reason) {
    if !reasons.iter().any(|other| bare(other) == bare(reason)) {
        reasons.push(reason.clone());
    }
}

/// A reason without its example.
fn bare(reason: &Reason) -> Reason {
    Reason { witness: Packet::nothing(), near_miss: None, ..reason.clone() }
}
