//! Databases with several addresses: whoever asks for one finds it at any of them (MIG-11).
//!
//! | of the addresses, for a client | verdict |
//! |---|---|
//! | one works | reachable |
//! | none does at all | unreachable |
//! | otherwise | as the best of them |

use std::collections::BTreeMap;

use super::answer::{End, pairs};
use super::group::Group;
use super::selection::Selection;
use crate::engine::{Pair, PairAnswer, Reacher};
use crate::fabric::{Fabric, Role};
use crate::id::Id;
use crate::query::Traffics;

/// How much works at an address, for one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    Nothing,
    Some,
    Unsaid,
    All,
}

/// A selection without the databases that it means at several addresses, and these, each with its addresses.
pub(super) fn apart(fabric: &Fabric, to: &Selection) -> (Selection, Vec<Vec<End>>) {
    let mut databases: BTreeMap<Id, Selection> = BTreeMap::new();
    for ((resident, through), addresses) in &to.hosts {
        let host = fabric.hosts.get(*resident);
        if let (Role::Database, Some(id), None) = (host.role, host.id(), through) {
            let own = databases.entry(id.clone()).or_default();
            own.add(*resident, None, addresses);
        }
    }
    let mut left = to.clone();
    let mut choices = Vec::new();
    for several in databases.into_values().filter(|own| own.hosts.len() > 1) {
        left = left.difference(&several);
        choices.push(several.ends().collect());
    }
    (left, choices)
}

/// An address of a database as one client finds it.
pub(super) struct Found<'a> {
    pub(super) at: &'a End,
    pub(super) pair: Pair,
    pub(super) answer: PairAnswer,
    /// Whether the verdict hangs on it; of the others only what works is told.
    pub(super) counts: bool,
}

/// A database's addresses for a client: the best of them counts, and all where none works.
pub(super) fn chosen<'a>(
    reacher: &mut Reacher<'_>,
    senders: &Group,
    addresses: &'a [End],
    traffic: &Traffics,
) -> Vec<Found<'a>> {
    let mut all: Vec<(Worth, Vec<Found<'a>>)> = Vec::new();
    for at in addresses {
        let Some((sender, receiver)) = Group::example(senders, &Group::Alone(at.clone())) else {
            continue;
        };
        let mut worth = Worth::All;
        let mut found = Vec::new();
        for pair in pairs(reacher, &sender, &receiver, traffic) {
            let answer = reacher.pair(&pair);
            let answer = super::unmodelled::doubted(reacher, &pair, answer);
            worth = worth.min(worth_of(reacher, &answer));
            found.push(Found { at, pair, answer, counts: false });
        }
        if !found.is_empty() {
            all.push((worth, found));
        }
    }
    let best = all.iter().map(|(worth, _)| *worth).max();
    let first = all.iter().position(|(worth, _)| Some(*worth) == best);
    for (index, (worth, found)) in all.iter_mut().enumerate() {
        let counts =
            *worth == Worth::Nothing && best == Some(Worth::Nothing) || Some(index) == first;
        for one in found {
            one.counts = counts;
            if !counts {
                let space = &mut reacher.space;
                one.answer.asked = space.union(one.answer.always, one.answer.sometimes);
            }
        }
    }
    let told = all.into_iter().flat_map(|(_, found)| found);
    told.filter(|one| one.counts || !reacher.space.is_empty(one.answer.asked)).collect()
}

fn worth_of(reacher: &mut Reacher<'_>, answer: &PairAnswer) -> Worth {
    let space = &mut reacher.space;
    let blocked = space.difference(answer.asked, answer.always);
    if space.is_empty(blocked) {
        Worth::All
    } else if !space.is_empty(answer.undetermined) {
        Worth::Unsaid
    } else if !space.is_empty(answer.sometimes) {
        Worth::Some
    } else {
        Worth::Nothing
    }
}
