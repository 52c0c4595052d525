//! The exact difference of connectivity between two networks: who gained what, who lost what.
//!
//! A connection counts as working if it works on all ways it may take, there and back, as everywhere. Ends are
//! matched by what they are called, outside ends (sites, the Internet) included; packets are compared as sets, so
//! `old + gained - lost = new` holds exactly for every pair.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::answer::endpoint_of;
use super::run::Situation;
use super::select::{Side, everybody};
use crate::engine::{PairAnswer, Reacher};
use crate::fabric::{Fabric, Party};
use crate::model::Endpoint;
use crate::query::{Reason, Traffics};
use crate::space::{Packet, Row, Set, Space, View};

/// What changed between two networks.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Gains and losses; equal ones of several ends stand in one piece.
    pub pieces: Vec<Piece>,
    /// Pairs of ends that were compared.
    pub pairs: usize,
}

/// What happened to the packets of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Turn {
    /// They did not work and do now.
    Gained,
    /// They worked and do not any more.
    Lost,
}

impl Turn {
    /// `gained` or `lost`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gained => "gained",
            Self::Lost => "lost",
        }
    }
}

/// The same difference for every pair of `from` × `to`; an end of both is not paired with itself.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Gained or lost.
    pub turn: Turn,
    /// Who opens.
    pub from: Vec<Endpoint>,
    /// Who is meant.
    pub to: Vec<Endpoint>,
    /// The packets, disjoint and exact; addresses that are constant for a pair are left open.
    pub packets: Vec<Row>,
    /// One of them.
    pub witness: Option<Packet>,
    /// What blocked the gained packets before, or blocks the lost ones now.
    pub reasons: Vec<Reason>,
}

/// What works for a pair, and why the rest does not.
struct Known {
    works: Set,
    view: View,
    blockers: Vec<(Set, Reason)>,
}

type Ends = (Endpoint, Endpoint);

/// A pair with a difference, one of its packets, and why the other network blocks it.
type Changed = (Ends, Option<Packet>, Vec<Reason>);

/// The difference between two networks.
#[must_use]
pub fn difference(old: &Situation, new: &Situation) -> Difference {
    let (before, space) = connectivity(old, Space::new());
    let (after, mut space) = connectivity(new, space);
    let mut found: BTreeMap<(Turn, Set), Vec<Changed>> = BTreeMap::new();
    let nothing = Known {
        works: Space::EMPTY,
        view: View::identity(),
        blockers: Vec::new(),
    };
    let mut ends: Vec<&Ends> = before.keys().chain(after.keys()).collect();
    ends.sort_unstable();
    ends.dedup();
    for pair in &ends {
        let was = before.get(*pair).unwrap_or(&nothing);
        let is = after.get(*pair).unwrap_or(&nothing);
        let gained = space.difference(is.works, was.works);
        let lost = space.difference(was.works, is.works);
        for (turn, set, view, blocked) in [
            (Turn::Gained, gained, is.view, was),
            (Turn::Lost, lost, was.view, is),
        ] {
            if space.is_empty(set) {
                continue;
            }
            let witness = space.witness(set).map(|packet| view.apply(&packet));
            let mut reasons = Vec::new();
            for (blocked, reason) in &blocked.blockers {
                let both = space.intersection(*blocked, set);
                if let Some(packet) = space.witness(both) {
                    reasons.push(seen_by(reason, view.apply(&packet)));
                }
            }
            let entry = ((*pair).clone(), witness, reasons);
            found.entry((turn, set)).or_default().push(entry);
        }
    }
    let mut difference = Difference {
        pieces: Vec::new(),
        pairs: ends.len(),
    };
    for ((turn, set), pairs) in found {
        let rows = space.rows(set);
        difference.pieces.extend(rectangles(turn, &rows, pairs));
    }
    difference.pieces.sort_by(|a, b| {
        let key = |piece: &'_ Piece| (piece.turn, piece.from.clone(), piece.to.clone());
        (key(a), &a.packets).cmp(&(key(b), &b.packets))
    });
    difference
}

/// A reason told of a packet of the difference, unless the packet looks different where it was blocked.
fn seen_by(reason: &Reason, packet: Packet) -> Reason {
    let ends = |packet: &Packet| (packet.source, packet.destination);
    if ends(&reason.witness) != ends(&packet) {
        return reason.clone();
    }
    Reason {
        witness: packet,
        near_miss: None,
        ..reason.clone()
    }
}

/// Pairs with one difference as few `from` × `to` rectangles: senders with the same receivers go together.
fn rectangles(turn: Turn, rows: &[Row], pairs: Vec<Changed>) -> Vec<Piece> {
    let mut by_sender: BTreeMap<Endpoint, Vec<Endpoint>> = BTreeMap::new();
    let mut told: BTreeMap<Endpoint, (Option<Packet>, Vec<Reason>)> = BTreeMap::new();
    for ((from, to), witness, reasons) in pairs {
        by_sender.entry(from.clone()).or_default().push(to);
        told.entry(from).or_insert((witness, reasons));
    }
    // Nobody is paired with itself: a sender that receives from the others belongs to its own receivers.
    let receivers: BTreeSet<Endpoint> = by_sender.values().flatten().cloned().collect();
    let mut by_receivers: BTreeMap<Vec<Endpoint>, Vec<Endpoint>> = BTreeMap::new();
    for (from, mut to) in by_sender {
        // Members of a group, hosts of a site do meet each other.
        let single = !matches!(
            from,
            Endpoint::GroupMember(..) | Endpoint::Site(_) | Endpoint::Internet
        );
        if single && receivers.contains(&from) && !to.contains(&from) {
            to.push(from.clone());
            to.sort_unstable();
        }
        by_receivers.entry(to).or_default().push(from);
    }
    let pieces = by_receivers.into_iter().map(|(to, from)| {
        let first = from.first().and_then(|first| told.remove(first));
        let (witness, reasons) = first.unwrap_or_default();
        Piece {
            turn,
            from,
            to,
            packets: rows.to_vec(),
            witness,
            reasons,
        }
    });
    pieces.collect()
}

/// What works between all ends of a network: every service from the usual source ports.
fn connectivity(situation: &Situation, space: Space) -> (BTreeMap<Ends, Known>, Space) {
    let fabric = Fabric::new(Arc::clone(&situation.network));
    let mut reacher = Reacher::within(&fabric, space);
    let mut from = everybody(&fabric, Side::From);
    let mut to = everybody(&fabric, Side::To);
    from.internet = super::select::unowned(&fabric, &fabric.public);
    to.internet.clone_from(&from.internet);
    let traffic = Traffics::default();
    let senders: Vec<_> = from.ends().collect();
    let receivers: Vec<_> = to.ends().collect();
    let mut known: BTreeMap<Ends, Known> = BTreeMap::new();
    for sender in &senders {
        for receiver in &receivers {
            for pair in super::answer::pairs(&mut reacher, sender, receiver, &traffic) {
                let ends = (group_of(&fabric, pair.from), group_of(&fabric, pair.to));
                let answer = reacher.pair(&pair);
                remember(&mut reacher, &mut known, ends, &answer);
            }
        }
    }
    (known, reacher.into_space())
}

/// Several public ways to one end are one pair: their packets add up.
fn remember(
    reacher: &mut Reacher<'_>,
    known: &mut BTreeMap<Ends, Known>,
    ends: Ends,
    answer: &PairAnswer,
) {
    let blockers = answer.ways.iter().flat_map(|way| &way.blockers);
    let blockers = blockers.map(|blocker| (blocker.set, blocker.reason.clone()));
    let entry = known.entry(ends).or_insert_with(|| Known {
        works: Space::EMPTY,
        view: answer.view,
        blockers: Vec::new(),
    });
    entry.works = reacher.space.union(entry.works, answer.always);
    entry.blockers.extend(blockers);
}

/// The end as it is called; the members of a group go by the group's id.
fn group_of(fabric: &Fabric, party: Party) -> Endpoint {
    match endpoint_of(fabric, party) {
        Endpoint::GroupMember(id, _) => {
            let first = fabric.network.instance_groups.get(&id);
            let first = first.map_or(std::net::IpAddr::from([0, 0, 0, 0]), |group| group.ips.0);
            Endpoint::GroupMember(id, first)
        }
        other => other,
    }
}
