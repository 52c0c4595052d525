//! Exactly which packets work between two sets of ends and which do not, pair by pair, split by what blocks them.

use std::sync::Arc;

use super::answer::{answer_each, endpoint_of};
use super::run::{NODES, Situation};
use super::select::{Side, select};
use crate::engine::{PairAnswer, Reacher};
use crate::fabric::Fabric;
use crate::model::Endpoint;
use crate::query::{Reason, Selector, Traffics, Verdict};
use crate::space::{AddressSet, Origin, Packet, Row, Set, Space, View};

/// What was found.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The verdict over all pairs.
    pub verdict: Verdict,
    /// What works there and back, on all ways.
    pub works: Vec<Part>,
    /// What does not, split by its blockers.
    pub blocked: Vec<Part>,
}

/// Packets of one pair with the same fate.
#[derive(Clone, Debug)]
pub struct Part {
    /// Who opens.
    pub from: Endpoint,
    /// Who is meant.
    pub to: Endpoint,
    /// The packets as they are sent: disjoint and exact.
    pub packets: Vec<Row>,
    /// One of them.
    pub witness: Option<Packet>,
    /// What blocks them; empty for what works.
    pub reasons: Vec<Reason>,
}

/// Answers for every pair; `None` = nobody is meant.
#[must_use]
pub fn reach(
    situation: &Situation,
    from: &Selector,
    to: &Selector,
    traffic: &Traffics,
) -> Option<Reached> {
    let fabric = Fabric::new(Arc::clone(&situation.network));
    let mut reacher = Reacher::within(&fabric, Space::with_budget(NODES));
    let sides = [from, to];
    let from = select(&fabric, from, Side::From);
    let to = select(&fabric, to, Side::To);
    let (mut works, mut blocked) = (Vec::new(), Vec::new());
    let mut whole = answer_each(
        &mut reacher,
        &from,
        &to,
        traffic,
        |reacher, pair, answer| {
            let ends = (
                endpoint_of(reacher.fabric(), pair.from),
                endpoint_of(reacher.fabric(), pair.to),
            );
            let space = &mut reacher.space;
            if !space.is_empty(answer.always) {
                works.push(part(space, &ends, answer.always, answer.view, Vec::new()));
            }
            let lost = space.difference(answer.asked, answer.always);
            for (set, reasons) in split(space, lost, answer) {
                blocked.push(part(space, &ends, set, answer.view, reasons));
            }
        },
    );
    super::unmodelled::incomplete(&fabric.network, sides, &mut whole);
    (!whole.vacuous).then_some(Reached {
        verdict: whole.verdict,
        works,
        blocked,
    })
}

/// A blocked set in parts that are blocked by the same.
fn split(space: &mut Space, blocked: Set, answer: &PairAnswer) -> Vec<(Set, Vec<Reason>)> {
    let mut parts = vec![(blocked, Vec::new())];
    for blocker in answer.ways.iter().flat_map(|way| &way.blockers) {
        let mut refined = Vec::new();
        for (set, reasons) in parts {
            let hit = space.intersection(set, blocker.set);
            let miss = space.difference(set, blocker.set);
            if !space.is_empty(hit) {
                let mut reasons: Vec<Reason> = reasons.clone();
                reasons.push(blocker.reason.clone());
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

fn part(
    space: &Space,
    (from, to): &(Endpoint, Endpoint),
    set: Set,
    view: View,
    reasons: Vec<Reason>,
) -> Part {
    let own = |origin: Origin<_>, row: AddressSet| match origin {
        Origin::Const(address) => AddressSet::single(address),
        Origin::Original(_) => row,
    };
    let rows = space.rows(set).into_iter().map(|row| Row {
        source: own(view.source, row.source),
        destination: own(view.destination, row.destination),
        traffic: row.traffic,
    });
    Part {
        from: from.clone(),
        to: to.clone(),
        packets: rows.collect(),
        witness: space.witness(set).map(|packet| view.apply(&packet)),
        reasons,
    }
}
