//! Which of several changes a difference is due to, by the packets themselves.
//!
//! A packet is due to a change if the difference does not happen without it. Every change is left out once, all others are
//! applied in order, and the packets that then behave as before need it. Where no single change is needed, because
//! two of them do the same, each is tried alone.
//!
//! Leaving a change out may make the cloud refuse a later one that builds on it; then both are needed, and rightly so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::compare::connectivity;
use super::difference::{Changed, Deed, Two};
use super::land::{Land, Meaning};
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
    /// There are too many changes to leave each out: at this one it turned for the last time, and others may be needed, too.
    pub last: Option<usize>,
}

impl Causes {
    /// Whether a change has a part in it.
    #[must_use]
    pub fn names(&self, change: usize) -> bool {
        let one = self.needed.contains(&change) || self.enough.contains(&change);
        one || self.together || self.last == Some(change)
    }

    fn needs(changes: Vec<usize>) -> Self {
        Self { needed: changes, ..Self::default() }
    }
}

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

    /// The packets of each pair, split by what they are due to. Ends that a network on the way tells apart are divided.
    pub(super) fn split(&self, two: &mut Two<'_>, changed: Vec<Changed>) -> Vec<Changed> {
        let count = self.deeds.len();
        match count {
            _ if changed.is_empty() => changed,
            0 | 1 => {
                let due =
                    |changed| Changed { causes: Causes::needs((0..count).collect()), ..changed };
                changed.into_iter().map(due).collect()
            }
            _ if count > EACH_LEFT_OUT => self.by_turn(two, changed),
            _ => self.by_need(two, changed),
        }
    }

    /// Leaves each change out, then tries each alone for what needs none.
    fn by_need(&self, two: &mut Two<'_>, mut changed: Vec<Changed>) -> Vec<Changed> {
        for left_out in 0..self.deeds.len() {
            if two.desk.space.is_over() {
                return changed;
            }
            let network = self.network(|deed| deed != left_out);
            changed = refine(two, network, changed, |happens, needs| {
                let mut more = needs.clone();
                more.causes.needed.push(left_out);
                vec![happens, more]
            });
        }
        let (open, mut done): (Vec<_>, Vec<_>) =
            changed.into_iter().partition(|changed| changed.causes.needed.is_empty());
        let mut open = self.by_each_alone(two, open);
        for changed in &mut open {
            changed.causes.together = changed.causes.enough.is_empty();
        }
        done.extend(open);
        done
    }

    /// Tries each change alone.
    fn by_each_alone(&self, two: &mut Two<'_>, mut changed: Vec<Changed>) -> Vec<Changed> {
        for alone in 0..self.deeds.len() {
            if changed.is_empty() || two.desk.space.is_over() {
                break;
            }
            let network = self.network(|deed| deed == alone);
            changed = refine(two, network, changed, |happens, not| {
                let mut more = happens.clone();
                more.causes.enough.push(alone);
                vec![more, not]
            });
        }
        changed
    }

    /// The change at which each packet turned for the last time.
    fn by_turn(&self, two: &mut Two<'_>, mut rest: Vec<Changed>) -> Vec<Changed> {
        let mut done = Vec::new();
        for last in (0..self.deeds.len()).rev() {
            if rest.is_empty() || two.desk.space.is_over() {
                break;
            }
            let network = self.network(|deed| deed < last);
            let mut turned_here = Vec::new();
            rest = refine(two, network, rest, |happened, mut turned| {
                turned.causes.last = Some(last);
                turned_here.push(turned);
                vec![happened]
            });
            turned_here.retain(|turned| !two.desk.space.is_empty(turned.set));
            done.extend(turned_here);
        }
        done
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

/// Splits what changed by what happens of it in another network, too: the part that does and the part that does not come
/// out as they are told.
fn refine(
    two: &mut Two<'_>,
    network: Network,
    changed: Vec<Changed>,
    mut told: impl FnMut(Changed, Changed) -> Vec<Changed>,
) -> Vec<Changed> {
    let land = two.lands[0].after(Arc::new(network));
    let changed = divided(two, &land, changed);
    let pairs: Vec<_> = changed.iter().map(|it| (it.from, it.to)).collect();
    let ends: BTreeSet<usize> = pairs.iter().flat_map(|(from, to)| [*from, *to]).collect();
    let means: BTreeMap<usize, Meaning> = ends
        .into_iter()
        .filter_map(|end| Some((end, land.meaning(&two.ends[end].who[0])?)))
        .collect();
    let ends = (two.ends.as_slice(), &two.internet, &two.traffic);
    let works = two.desk.at(&land, |reacher| {
        connectivity(reacher, (&land, ends), &pairs, |end| means.get(&end).copied())
    });
    let space = &mut two.desk.space;
    let mut refined = Vec::new();
    for (changed, (works, doubtful)) in changed.into_iter().zip(works) {
        let (happens, not) = match changed.turn {
            Turn::Gained => halves(space, changed.set, works),
            Turn::Lost => {
                let either = space.union(works, doubtful);
                let (not, happens) = halves(space, changed.set, either);
                (happens, not)
            }
        };
        let part = |set| Changed { set, ..changed.clone() };
        refined.extend(told(part(happens), part(not)));
    }
    refined.retain(|changed| !space.is_empty(changed.set));
    refined
}

/// The part of a set inside of another, and the rest.
fn halves(space: &mut Space, set: Set, other: Set) -> (Set, Set) {
    (space.intersection(set, other), space.difference(set, other))
}

/// Divides the ends of what changed so that a network tells none apart that stay together.
fn divided(two: &mut Two<'_>, land: &Land, changed: Vec<Changed>) -> Vec<Changed> {
    let ends: BTreeSet<usize> = changed.iter().flat_map(|it| [it.from, it.to]).collect();
    let mut parts_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for end in ends {
        let mut parts = two.ends[end].divided_by(land, &two.lands).into_iter();
        let (Some(first), Some(second)) = (parts.next(), parts.next()) else {
            continue;
        };
        let ends = Arc::make_mut(&mut two.ends);
        ends[end] = first;
        let next = ends.len();
        ends.extend([second].into_iter().chain(parts));
        let all = [end].into_iter().chain(next..two.ends.len());
        parts_of.insert(end, all.collect());
    }
    if parts_of.is_empty() {
        return changed;
    }
    let mut all = Vec::new();
    for changed in changed {
        let parts = |end: usize| parts_of.get(&end).cloned().unwrap_or_else(|| vec![end]);
        let itself = changed.from == changed.to;
        for from in parts(changed.from) {
            for to in parts(changed.to) {
                // An endpoint and itself are no pair.
                if itself && from == to && !two.ends[from].meets_itself() {
                    continue;
                }
                all.push(Changed { from, to, ..changed.clone() });
            }
        }
    }
    all
}
