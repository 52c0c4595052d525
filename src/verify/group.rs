//! Ends of a question in groups that nothing tells apart, so that large sets are answered class by class.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::answer::End;
use super::selection::Selection;
use crate::engine::{ClassIx, Pair, Reacher};
use crate::fabric::Party;
use crate::space::AddressSet;

/// Ends that are answered together.
pub(super) enum Group {
    /// One end, as it was asked.
    Alone(End),
    /// Machines that nothing tells apart.
    Alike(Vec<End>),
}

/// A pair that was answered, and the ends that it stands for.
pub(super) struct Pairs<'a> {
    /// The pair.
    pub(super) pair: &'a Pair,
    /// Who opens.
    pub(super) senders: &'a [End],
    /// Who is meant.
    pub(super) receivers: &'a [End],
}

/// So many pairs are answered one by one; more of them class by class.
const ONE_BY_ONE: usize = 1024;

/// The ends of a selection in groups; `None` = they make so few pairs with the others that they go alone.
pub(super) fn groups(
    reacher: &mut Reacher<'_>,
    ends: &Selection,
    others: &Selection,
) -> Option<Vec<Group>> {
    let pairs = ends.ends().count() * others.ends().count();
    if pairs <= ONE_BY_ONE {
        return None;
    }
    let classes = reacher.classes();
    let mut alone = Vec::new();
    let mut alike: Vec<Vec<End>> = Vec::new();
    let mut known: BTreeMap<ClassIx, usize> = BTreeMap::new();
    for end in ends.ends() {
        let (Party::Host(resident, _), None, addresses) = &end else {
            alone.push(end);
            continue;
        };
        let mut left = addresses.clone();
        for (class, (first, last)) in classes.members_of(*resident) {
            let own = left.intersection(&AddressSet::range(first, last));
            let Some(first) = own.first().filter(|_| classes.get(class).location.is_some()) else {
                continue;
            };
            left = left.difference(&own);
            let next = alike.len();
            let at = *known.entry(class).or_insert(next);
            if at == next {
                alike.push(Vec::new());
            }
            alike[at].push((Party::Host(*resident, first), None, own));
        }
        if !left.is_empty() {
            alone.push((end.0, None, left));
        }
    }
    let alone = alone.into_iter().map(Group::Alone);
    Some(alone.chain(alike.into_iter().map(Group::Alike)).collect())
}

impl Group {
    /// Its ends.
    pub(super) fn ends(&self) -> &[End] {
        match self {
            Self::Alone(end) => std::slice::from_ref(end),
            Self::Alike(ends) => ends,
        }
    }

    /// Two ends that stand for all pairs of two groups: different ones, a single address each of those that are alike.
    pub(super) fn example(senders: &Self, receivers: &Self) -> Option<(End, End)> {
        let sender = senders.at(|end| end.2.first(), None)?;
        let both_alike = matches!((senders, receivers), (Self::Alike(_), Self::Alike(_)));
        let taken = both_alike.then_some(sender.0);
        let receiver = receivers
            .at(|end| end.2.first(), taken)
            .or_else(|| receivers.at(|end| Some(end.2.ranges().last()?.1), taken))?;
        Some((sender, receiver))
    }

    /// The end as it was asked, or the first of those that are alike at one of its addresses, but for a taken one.
    fn at(&self, address: impl Fn(&End) -> Option<IpAddr>, taken: Option<Party>) -> Option<End> {
        let ends = match self {
            Self::Alone(end) => return Some(end.clone()),
            Self::Alike(ends) => ends,
        };
        let mut found = ends.iter().filter_map(|end| {
            let Party::Host(resident, _) = end.0 else {
                return None;
            };
            let address = address(end)?;
            let party = Party::Host(resident, address);
            Some((party, end.1, AddressSet::single(address)))
        });
        found.find(|end| Some(end.0) != taken)
    }
}
