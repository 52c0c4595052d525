//! What a change is meant to do against what it does: undeclared differences, and declared ones that do not happen.

use super::difference::{Changed, Piece, Two};
use super::land::{Alike, Land, Meaning};
use super::select::{Side, select};
use super::selection::Selection;
use crate::model::Endpoint;
use crate::query::Intention;
use crate::space::{AddressSet, Packet, Set, after};

/// A declaration against what happens.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The declaration.
    pub intention: Intention,
    /// Its outcome.
    pub outcome: DeclaredOutcome,
}

/// What came of a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeclaredOutcome {
    /// Every packet that it names turns, for every pair.
    Holds,
    /// Some do not: an example, as it is sent, with its ends.
    Misses {
        /// Who opens.
        from: String,
        /// Who is meant.
        to: String,
        /// The packet.
        packet: Packet,
    },
    /// It names nobody, or nobody who could meet.
    Vacuous,
}

/// What came of an intent.
#[derive(Clone, Debug, Default)]
pub struct IntentReport {
    /// Every declaration in order.
    pub declared: Vec<Declared>,
    /// Differences, or parts of them, that nobody declared.
    pub undeclared: Vec<Piece>,
}

impl IntentReport {
    /// Whether the change does what it is meant to do and nothing else.
    #[must_use]
    pub fn holds(&self) -> bool {
        let mut declared = self.declared.iter();
        self.undeclared.is_empty() && declared.all(|item| item.outcome == DeclaredOutcome::Holds)
    }
}

/// The ends that a declaration means in both networks, by position, each with the addresses of outside ends.
pub(super) struct Meant {
    from: Vec<Option<AddressSet>>,
    to: Vec<Option<AddressSet>>,
    /// Whether an end is meant by the public address at which the Internet finds it.
    in_public: Vec<bool>,
}

/// What a declaration selects in each of the two networks.
pub(super) struct Selected {
    from: [Selection; 2],
    to: [Selection; 2],
}

impl Selected {
    pub(super) fn of(intention: &Intention, lands: [&Land; 2]) -> Self {
        let both = |selector, side| lands.map(|land| select(&land.fabric, selector, side));
        Self { from: both(&intention.from, Side::From), to: both(&intention.to, Side::To) }
    }

    /// All selections, each with the network it is of.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, &Selection)> {
        self.from.iter().enumerate().chain(self.to.iter().enumerate())
    }

    /// Whether an end is meant, in either network, by all public addresses at which the Internet finds it there.
    fn is_public(&self, two: &Two<'_>, end: &Alike) -> bool {
        let mut lands = two.lands.iter().zip(&self.to);
        lands.any(|(land, selection)| land.is_meant_in_public(&end.who[0], selection))
    }

    /// The positions of what is meant among the ends.
    pub(super) fn meant(&self, two: &Two<'_>) -> Meant {
        Meant {
            from: members(two, &self.from),
            to: members(two, &self.to),
            in_public: two.ends.iter().map(|end| self.is_public(two, end)).collect(),
        }
    }
}

/// Which ends are meant in either network. The ends are divided so that all or none of each are.
fn members(two: &Two<'_>, selected: &[Selection; 2]) -> Vec<Option<AddressSet>> {
    let ends = two.ends.iter().map(|end| {
        let lands = two.lands.iter().zip(selected).zip(&end.means);
        let mut found: Option<AddressSet> = None;
        for ((land, selection), meaning) in lands {
            let own = match meaning {
                None => None,
                Some(Meaning::Internet) => Some(selection.internet.intersection(&two.internet))
                    .filter(|addresses| !addresses.is_empty()),
                Some(Meaning::Site(site)) => selection.sites.get(site).cloned(),
                Some(Meaning::Class(_)) => {
                    let meant = land.is_meant(&end.who[0], selection);
                    meant.then(AddressSet::any)
                }
            };
            if let Some(own) = own {
                found = Some(found.map_or_else(|| own.clone(), |found| found.union(&own)));
            }
        }
        found
    });
    ends.collect()
}

/// What a declaration says of a pair: the packets, or nothing if it does not mean the pair.
pub(super) fn packets(
    two: &mut Two<'_>,
    intention: &Intention,
    meant: &Meant,
    from: usize,
    to: usize,
) -> Option<Set> {
    let sources = meant.from[from].clone()?;
    let from_outside = two.ends[from].means.contains(&Some(Meaning::Internet));
    let by_public = (from_outside && meant.in_public[to]).then(AddressSet::any);
    let destinations = meant.to[to].clone().or(by_public)?;
    let v4 = super::answer::packets(&intention.traffic, false);
    let v6 = super::answer::packets(&intention.traffic, true);
    Some(two.desk.space.cube(&sources, &destinations, &v4.union(&v6)))
}

/// Where somebody is meant.
fn positions(meant: &[Option<AddressSet>]) -> impl Iterator<Item = usize> + '_ {
    let all = meant.iter().enumerate();
    all.filter(|(_, own)| own.is_some()).map(|(at, _)| at)
}

/// Declarations in order with what came of each, and the changes that nobody declared.
pub(super) fn judge(
    two: &mut Two<'_>,
    intentions: &[Intention],
    meant: &[Meant],
    changed: &[Changed],
) -> (Vec<Declared>, Vec<Changed>) {
    let mut undeclared = Vec::new();
    for change in changed {
        if two.desk.space.is_over() {
            break;
        }
        let mut rest = change.set;
        for (intention, meant) in intentions.iter().zip(meant) {
            if intention.turn == change.turn
                && let Some(set) = packets(two, intention, meant, change.from, change.to)
            {
                rest = two.desk.space.difference(rest, set);
            }
        }
        if !two.desk.space.is_empty(rest) {
            undeclared.push(Changed { set: rest, ..change.clone() });
        }
    }
    let declared = intentions.iter().zip(meant);
    let declared = declared.map(|(intention, meant)| Declared {
        intention: intention.clone(),
        outcome: outcome(two, intention, meant, changed),
    });
    (declared.collect(), undeclared)
}

fn outcome(
    two: &mut Two<'_>,
    intention: &Intention,
    meant: &Meant,
    changed: &[Changed],
) -> DeclaredOutcome {
    let mut some = false;
    let openers: Vec<usize> = positions(&meant.from).collect();
    let to_meant: Vec<usize> =
        (0..two.ends.len()).filter(|to| meant.to[*to].is_some() || meant.in_public[*to]).collect();
    for from in openers {
        for to in to_meant.iter().copied() {
            if two.desk.space.is_over() {
                return DeclaredOutcome::Vacuous;
            }
            let opens = two.ends[from].takes_part(&two.lands, Side::From);
            let alone = from == to && !two.ends[from].several;
            if alone || !opens {
                continue;
            }
            let Some(wanted) = packets(two, intention, meant, from, to) else {
                continue;
            };
            let Some((asked, view, names)) = super::pieces::asked_of(two, from, to) else {
                continue;
            };
            let wanted = two.desk.space.intersection(wanted, asked);
            if two.desk.space.is_empty(wanted) {
                continue;
            }
            some = true;
            let turned = changed.iter().filter(|change| {
                (change.from, change.to, change.turn) == (from, to, intention.turn)
            });
            let turned: Vec<Set> = turned.map(|change| change.set).collect();
            let turned = two.desk.space.union_all(turned);
            let missed = two.desk.space.difference(wanted, turned);
            if let Some(packet) = two.desk.space.witness(missed) {
                return DeclaredOutcome::Misses {
                    from: names.0.to_string(),
                    to: names.1.to_string(),
                    packet: view.apply(&packet),
                };
            }
        }
    }
    if some { DeclaredOutcome::Holds } else { DeclaredOutcome::Vacuous }
}

/// Where selections cut groups: the first address of every stretch that they tell apart.
pub(super) fn cuts(land: &Land, selection: &Selection) -> Vec<std::net::IpAddr> {
    let mut cuts = Vec::new();
    for ((resident, _), addresses) in &selection.hosts {
        let group = matches!(land.fabric.hosts.get(*resident).endpoint, Endpoint::GroupMember(..));
        if group {
            for (first, last) in addresses.ranges() {
                cuts.push(first);
                cuts.extend(after(last));
            }
        }
    }
    cuts
}
