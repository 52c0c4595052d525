//! Which of several changes a difference is due to, by the packets themselves.
//!
//! A packet is due to a change if the difference does not happen without it. Every change is left out once, all others are
//! applied in order, and the packets that then behave as before need it. Where no single change is needed, because
//! two of them do the same, each is tried alone.
//!
//! Leaving a change out may make the cloud refuse a later one that builds on it; then both are needed, and rightly so.

use std::sync::Arc;

use super::difference::{Deed, Two};
use super::land::{Land, Who, asked};
use super::pieces::example;
use crate::model::between::half_way;
use crate::model::{Network, apply};
use crate::query::Turn;
use crate::space::{Set, Space};

/// With more changes than this, a packet is due to the change at which it turned for the last time.
const EACH_LEFT_OUT: usize = 24;

/// The changes that packets of a piece are due to, by their positions; none if only two networks are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Causes {
    /// Without any one of these it does not happen.
    pub needed: Vec<usize>,
    /// Each of these alone is enough; only where none is needed.
    pub enough: Vec<usize>,
    /// No single one is needed and none is enough: several of them together, in more than one way.
    pub together: bool,
}

impl Causes {
    /// Whether a change has a part in it.
    #[must_use]
    pub fn names(&self, change: usize) -> bool {
        self.together || self.needed.contains(&change) || self.enough.contains(&change)
    }

    fn needs(changes: Vec<usize>) -> Self {
        Self {
            needed: changes,
            ..Self::default()
        }
    }
}

/// A changed pair of ends: from, to, how, which packets.
pub(super) type Pair = (usize, usize, Turn, Set);

/// Attributes differences to the changes that lead from the old to the new network.
pub(super) struct Attribution<'a> {
    old: &'a Network,
    new: &'a Network,
    deeds: &'a [Deed],
}

impl<'a> Attribution<'a> {
    pub(super) fn new([old, new]: [&'a Network; 2], deeds: &'a [Deed]) -> Self {
        Self { old, new, deeds }
    }

    /// The packets of each pair, split by what they are due to.
    pub(super) fn split(
        &self,
        two: &mut Two<'_>,
        pairs: impl Iterator<Item = Pair>,
    ) -> Vec<Vec<(Set, Causes)>> {
        let pairs: Vec<Pair> = pairs.collect();
        let count = self.deeds.len();
        match count {
            _ if pairs.is_empty() => Vec::new(),
            0 | 1 => {
                let causes = Causes::needs((0..count).collect());
                let parts = pairs.iter().map(|pair| vec![(pair.3, causes.clone())]);
                parts.collect()
            }
            _ if count > EACH_LEFT_OUT => self.by_turn(two, &pairs),
            _ => self.by_need(two, &pairs),
        }
    }

    /// Leaves each change out, then tries each alone for what needs none.
    fn by_need(&self, two: &mut Two<'_>, pairs: &[Pair]) -> Vec<Vec<(Set, Causes)>> {
        let mut parts: Vec<Vec<(Set, Causes)>> = pairs
            .iter()
            .map(|pair| vec![(pair.3, Causes::default())])
            .collect();
        for left_out in 0..self.deeds.len() {
            if two.desk.space.is_over() {
                break;
            }
            let network = self.network(|deed| deed != left_out);
            let works = works(two, network, pairs);
            for ((pair, parts), works) in pairs.iter().zip(&mut parts).zip(works) {
                refine(&mut two.desk.space, parts, |space, set, causes| {
                    let (happens, needs) = happens(space, pair.2, set, works);
                    let mut more = causes.clone();
                    more.needed.push(left_out);
                    [(happens, causes), (needs, more)]
                });
            }
        }
        let is_open = |causes: &Causes| causes.needed.is_empty();
        if !parts.iter().flatten().any(|(_, causes)| is_open(causes)) {
            return parts;
        }
        for alone in 0..self.deeds.len() {
            if two.desk.space.is_over() {
                break;
            }
            let network = self.network(|deed| deed == alone);
            let works = works(two, network, pairs);
            for ((pair, parts), works) in pairs.iter().zip(&mut parts).zip(works) {
                refine(&mut two.desk.space, parts, |space, set, causes| {
                    if !is_open(&causes) {
                        return [(set, causes), (Space::EMPTY, Causes::default())];
                    }
                    let (happens, not) = happens(space, pair.2, set, works);
                    let mut more = causes.clone();
                    more.enough.push(alone);
                    [(happens, more), (not, causes)]
                });
            }
        }
        for (_, causes) in parts.iter_mut().flatten() {
            causes.together = causes.needed.is_empty() && causes.enough.is_empty();
        }
        parts
    }

    /// The change at which each packet turned for the last time.
    fn by_turn(&self, two: &mut Two<'_>, pairs: &[Pair]) -> Vec<Vec<(Set, Causes)>> {
        let mut rest: Vec<Set> = pairs.iter().map(|pair| pair.3).collect();
        let mut parts: Vec<Vec<(Set, Causes)>> = vec![Vec::new(); pairs.len()];
        for last in (0..self.deeds.len()).rev() {
            if two.desk.space.is_over() {
                break;
            }
            let network = self.network(|deed| deed < last);
            let works = works(two, network, pairs);
            for (((pair, parts), rest), works) in
                pairs.iter().zip(&mut parts).zip(&mut rest).zip(works)
            {
                let (happened, turned) = happens(&mut two.desk.space, pair.2, *rest, works);
                if !two.desk.space.is_empty(turned) {
                    parts.push((turned, Causes::needs(vec![last])));
                }
                *rest = happened;
            }
        }
        parts
    }

    /// The network after some of the changes; what the cloud then refuses does not happen.
    fn network(&self, taken: impl Fn(usize) -> bool) -> Network {
        let mut network = self.old.clone();
        let mut parts = Vec::new();
        let deeds = self.deeds.iter().enumerate();
        for (_, deed) in deeds.filter(|(index, _)| taken(*index)) {
            match deed {
                Deed::Change(change) => {
                    if let Ok(next) = apply(&network, change) {
                        network = next;
                    }
                }
                Deed::Parts(more) => parts.extend(more.iter().cloned()),
            }
        }
        if parts.is_empty() {
            return network;
        }
        half_way(&network, self.new, &parts)
    }
}

/// The part of a set for which the difference happens where `works` works, and the part for which it does not.
fn happens(space: &mut Space, turn: Turn, set: Set, works: Set) -> (Set, Set) {
    let working = space.intersection(set, works);
    let rest = space.difference(set, works);
    match turn {
        Turn::Gained => (working, rest),
        Turn::Lost => (rest, working),
    }
}

fn refine(
    space: &mut Space,
    parts: &mut Vec<(Set, Causes)>,
    mut split: impl FnMut(&mut Space, Set, Causes) -> [(Set, Causes); 2],
) {
    let mut refined = Vec::new();
    for (set, causes) in parts.drain(..) {
        let halves = split(space, set, causes);
        let halves = halves.into_iter();
        refined.extend(halves.filter(|(set, _)| !space.is_empty(*set)));
    }
    *parts = refined;
}

/// What works in another network for each of the pairs; nothing where an end is not there.
fn works(two: &mut Two<'_>, network: Network, pairs: &[Pair]) -> Vec<Set> {
    let land = Land::bare(Arc::new(network));
    let ends: Vec<(Who, Who)> = pairs
        .iter()
        .map(|(from, to, ..)| example(two, *from, *to))
        .collect();
    let internet = &two.internet;
    two.desk.over(&land.fabric, |reacher| {
        let works = ends.iter().map(|(from, to)| {
            if reacher.space.is_over() {
                return Space::EMPTY;
            }
            let ends = land.end(from, internet).zip(land.end(to, internet));
            let Some((from, to)) = ends else {
                return Space::EMPTY;
            };
            let mut set = Space::EMPTY;
            for pair in asked(reacher, &from, &to) {
                let (works, _) = reacher.works(&pair);
                set = reacher.space.union(set, works);
            }
            set
        });
        works.collect()
    })
}
