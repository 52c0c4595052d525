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

/// What counts of a database's addresses for a client: the best of them, and all where none works.
pub(super) fn chosen<'a>(
    reacher: &mut Reacher<'_>,
    senders: &Group,
    addresses: &'a [End],
    traffic: &Traffics,
) -> Vec<(&'a End, Pair, PairAnswer)> {
    let mut best = (Worth::Nothing, Vec::new());
    for at in addresses {
        let Some((sender, receiver)) = Group::example(senders, &Group::Alone(at.clone())) else {
            continue;
        };
        let mut worth = Worth::All;
        let mut answers = Vec::new();
        for pair in pairs(reacher, &sender, &receiver, traffic) {
            let answer = reacher.pair(&pair);
            let answer = super::unmodelled::doubted(reacher, &pair, answer);
            worth = worth.min(worth_of(reacher, &answer));
            answers.push((at, pair, answer));
        }
        if answers.is_empty() {
            continue;
        }
        if worth == Worth::Nothing && best.0 == Worth::Nothing {
            best.1.extend(answers);
        } else if worth > best.0 {
            best = (worth, answers);
        }
    }
    best.1
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
