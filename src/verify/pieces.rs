//! The pieces of a difference: equal ones of several ends together, each with what blocks its packets on one side and
//! lets them pass on the other.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::answer::pairs;
use super::attribution::Causes;
use super::decision::{Decider, deciders};
use super::difference::{Absent, Changed, Piece, Two};
use super::land::{Land, Meaning, Who};
use super::select::Side;
use super::summary::crowd;
use crate::engine::{Blocker, Circumstances, Host, Pair, Reacher, trace};
use crate::query::{Reason, Turn};
use crate::space::{AddressSet, Packet, Set, View};

/// What is said of a part of a difference, beside its packets.
struct Told {
    witness: Option<Packet>,
    reasons: Vec<Reason>,
    passed_by: Vec<Decider>,
}

/// What makes two pairs one piece: the same packets, due to the same changes, blocked by the same.
type Key = (Turn, Set, Causes, Absent, Vec<Reason>);

/// Pairs of one piece, and what blocks the first of them where that was found.
type Together = (Option<Blocked>, Vec<(usize, usize)>);

/// The pieces that changed pairs make.
pub(super) fn pieces(two: &mut Two<'_>, changed: &[Changed]) -> Vec<Piece> {
    let mut found: BTreeMap<Key, Together> = BTreeMap::new();
    let mut known: FxHashMap<(Turn, Set, Circumstances), Vec<Reason>> = FxHashMap::default();
    for changed in changed {
        if two.desk.space.is_over() {
            return Vec::new();
        }
        if !two.asks_why {
            // Who is not there is all that tells pairs with the same packets apart.
            let key = (
                changed.turn,
                changed.set,
                changed.causes.clone(),
                absent(two, changed),
                Vec::new(),
            );
            let (_, pairs) = found.entry(key).or_default();
            pairs.push((changed.from, changed.to));
            continue;
        }
        let circumstances = circumstances(two, changed);
        let circumstances = circumstances.map(|it| (changed.turn, changed.set, it));
        let same = circumstances.as_ref().and_then(|it| known.get(it));
        let (absent, kinds, blocked) = if let Some(kinds) = same {
            (Absent::default(), kinds.clone(), None)
        } else {
            let blocked = blocked(two, changed);
            let kinds = blocked.reasons.iter();
            let kinds: Vec<Reason> = kinds.map(|reason| kind(two, changed, reason)).collect();
            if let Some(circumstances) = circumstances {
                known.insert(circumstances, kinds.clone());
            }
            (blocked.absent, kinds, Some(blocked))
        };
        let key = (changed.turn, changed.set, changed.causes.clone(), absent, kinds);
        let pair = (changed.from, changed.to);
        let (_, pairs) = found.entry(key).or_insert((blocked, Vec::new()));
        pairs.push(pair);
    }
    let mut pieces = Vec::new();
    for ((turn, set, causes, absent, _), (mut blocked, pairs)) in found {
        two.desk.space.keep_rows(set, 1);
        if two.desk.space.is_over() {
            return Vec::new();
        }
        let rows = two.desk.space.rows(set);
        let land = match turn {
            Turn::Gained => two.lands[1],
            Turn::Lost => two.lands[0],
        };
        for (from, to) in rectangles(two, &pairs) {
            let first = pairs.iter().find(|(a, b)| from.contains(a) && to.contains(b));
            let Some((first_from, first_to)) = first else {
                continue;
            };
            let known = blocked.take_if(|_| pairs.first() == first);
            let said = explain(
                two,
                &Changed { from: *first_from, to: *first_to, turn, set, causes: causes.clone() },
                known,
            );
            pieces.push(Piece {
                turn,
                from: crowd(land, &names(two, &from), Side::From),
                to: crowd(land, &names(two, &to), Side::To),
                packets: rows.clone(),
                witness: said.witness,
                reasons: said.reasons,
                absent,
                passed_by: said.passed_by,
                causes: causes.clone(),
            });
        }
    }
    pieces.sort_by(|a, b| {
        let key = |piece: &'_ Piece| (piece.turn, piece.from.who.clone(), piece.to.who.clone());
        (key(a), &a.packets).cmp(&(key(b), &b.packets))
    });
    pieces
}

pub(super) fn names(two: &Two<'_>, ends: &[usize]) -> Vec<Who> {
    let ends = ends.iter().flat_map(|end| &two.ends[*end].who);
    ends.cloned().collect()
}

/// A reason without what is particular to the pair.
fn kind(two: &Two<'_>, changed: &Changed, reason: &Reason) -> Reason {
    let ends = [changed.from, changed.to].map(|end| two.ends[end].who[0].endpoint.id());
    super::bundle::kind(reason, ends)
}

/// The first pair of two groups of alike ends, by name.
pub(super) fn example(two: &Two<'_>, from: usize, to: usize) -> (Who, Who) {
    let opener = two.ends[from].who[0].clone();
    if from != to {
        return (opener, two.ends[to].who[0].clone());
    }
    // Another one of the same kind: the last of the stretch, or the first of the next.
    let who = &two.ends[to].who;
    let other = match (&opener.endpoint, opener.part, who.get(1)) {
        (_, _, Some(next)) => next.clone(),
        (crate::model::Endpoint::GroupMember(id, _), _, None) => {
            let last = opener.part.or_else(|| two.last_of(id));
            Who::whole(match last {
                Some(last) => crate::model::Endpoint::GroupMember(id.clone(), last),
                None => opener.endpoint.clone(),
            })
        }
        _ => opener.clone(),
    };
    (opener, other)
}

impl Two<'_> {
    fn last_of(&self, group: &crate::id::Id) -> Option<std::net::IpAddr> {
        let mut lands = self.lands.iter();
        lands.find_map(|land| {
            let group = land.fabric.network.instance_groups.get(group)?;
            Some(group.ips.1)
        })
    }
}

/// One packet of a part, what blocks the part in the network where it does not work, and what lets it pass in
/// the other.
fn explain(two: &mut Two<'_>, changed: &Changed, known: Option<Blocked>) -> Told {
    let Blocked { absent, views, reasons } = known.unwrap_or_else(|| blocked(two, changed));
    let witness = example_of(two, &views, changed.set);
    let passed_by = match witness {
        // Where an end is not there at all, nothing else needs to be said.
        _ if absent.from || absent.to || !two.asks_why => Vec::new(),
        Some(witness) => {
            let (from, to) = example(two, changed.from, changed.to);
            let lands = lands(two, changed.turn);
            deciders(lands, (&from, &to), &two.internet, witness)
        }
        None => Vec::new(),
    };
    Told { witness, reasons, passed_by }
}

/// The network where the packets of a turn work, and the one where they do not.
fn lands<'a>(two: &Two<'a>, turn: Turn) -> (&'a Land, &'a Land) {
    match turn {
        Turn::Gained => (two.lands[1], two.lands[0]),
        Turn::Lost => (two.lands[0], two.lands[1]),
    }
}

/// What decides about a pair where its packets do not work; `None` = more than the lists on the way may.
fn circumstances(two: &mut Two<'_>, changed: &Changed) -> Option<Circumstances> {
    // Machines in subnets, and nothing else, have a location: they are met at one address of their own.
    let is_plain = |end: usize| {
        let mut lands = two.lands.iter().zip(&two.ends[end].means);
        lands.all(|(land, means)| match means {
            Some(Meaning::Class(class)) => land.class(*class).location.is_some(),
            _ => false,
        })
    };
    if !(is_plain(changed.from) && is_plain(changed.to)) {
        return None;
    }
    let (_, blocking) = lands(two, changed.turn);
    let (from, to) = example(two, changed.from, changed.to);
    let host = |who| blocking.party(who).and_then(Host::of);
    let (from, to) = (host(&from)?, host(&to)?);
    let desk = &mut two.desk;
    desk.at(blocking, |reacher| reacher.circumstances(from, to, changed.set))
}

/// Who is not there where a part does not work.
fn absent(two: &Two<'_>, changed: &Changed) -> Absent {
    let blocking = match changed.turn {
        Turn::Gained => 0,
        Turn::Lost => 1,
    };
    let is_absent = |end: usize| two.ends[end].means[blocking].is_none();
    Absent { from: is_absent(changed.from), to: is_absent(changed.to) }
}

/// Who is not there where a part does not work, what its packets look like where they do, and what blocks them.
struct Blocked {
    absent: Absent,
    views: Vec<(Set, View)>,
    reasons: Vec<Reason>,
}

fn blocked(two: &mut Two<'_>, changed: &Changed) -> Blocked {
    let set = changed.set;
    let (working, blocking) = lands(two, changed.turn);
    let (from, to) = example(two, changed.from, changed.to);
    let views = asked_at(two, working, &from, &to);
    let blockers = if two.asks_why { blockers(two, blocking, &from, &to) } else { Vec::new() };
    let absent = Absent {
        from: blocking.end(&from, &two.internet).is_none(),
        to: blocking.end(&to, &two.internet).is_none(),
    };
    let mut reasons: Vec<Reason> = Vec::new();
    for blocker in &blockers {
        let both = two.desk.space.intersection(blocker.set, set);
        if let Some(packet) = example_of(two, &views, both) {
            let ends = (blocking, (&from, &to), &two.internet);
            let reason = seen_by(&blocker.reason, packet, ends);
            let same = |other: &Reason| {
                (&other.cause, other.direction, &other.rule)
                    == (&reason.cause, reason.direction, &reason.rule)
            };
            if !reasons.iter().any(same) {
                reasons.push(reason);
            }
        }
    }
    Blocked { absent, views, reasons }
}

/// A packet of a set as it is sent. An end may be met at several public addresses, each with packets of its own.
fn example_of(two: &mut Two<'_>, views: &[(Set, View)], set: Set) -> Option<Packet> {
    let space = &mut two.desk.space;
    let seen = views.iter().find_map(|(asked, view)| {
        let own = space.intersection(*asked, set);
        let packet = space.witness(own)?;
        Some(view.apply(&packet))
    });
    seen.or_else(|| space.witness(set))
}

/// What is sent between two groups of alike ends in the new network, or in the old one if they are not there any
/// more; what it looks like; and the names of one pair of them.
pub(super) fn asked_of(
    two: &mut Two<'_>,
    from: usize,
    to: usize,
) -> Option<(Set, View, (Who, Who))> {
    let names = example(two, from, to);
    for land in [two.lands[1], two.lands[0]] {
        let ends = land.end(&names.0, &two.internet).zip(land.end(&names.1, &two.internet));
        let Some((from, to)) = ends else { continue };
        let traffic = &two.traffic;
        let found = two.desk.at(land, |reacher| {
            let pairs = pairs(reacher, &from, &to, traffic);
            let answers: Vec<_> = pairs.iter().map(|pair| reacher.asked(pair)).collect();
            let view = answers.first().map(|(_, view)| *view)?;
            let sets: Vec<Set> = answers.iter().map(|(set, _)| *set).collect();
            Some((reacher.space.union_all(sets), view))
        });
        if let Some((set, view)) = found {
            return Some((set, view, names));
        }
    }
    None
}

/// What a pair's packets are in a network and what they look like, address by address.
fn asked_at(two: &mut Two<'_>, land: &Land, from: &Who, to: &Who) -> Vec<(Set, View)> {
    let all = |reacher: &mut Reacher<'_>, pair: &Pair| vec![reacher.asked(pair)];
    each_pair(two, land, (from, to), all)
}

/// All that blocks a pair's packets in a network.
pub(super) fn blockers(two: &mut Two<'_>, land: &Land, from: &Who, to: &Who) -> Vec<Blocker> {
    let all = |reacher: &mut Reacher<'_>, pair: &Pair| {
        let ways = reacher.pair(pair).ways.into_iter();
        ways.flat_map(|way| way.blockers).collect()
    };
    each_pair(two, land, (from, to), all)
}

/// What is found for each pair of addresses that two ends have in a network; nothing where they are not there.
fn each_pair<T>(
    two: &mut Two<'_>,
    land: &Land,
    (from, to): (&Who, &Who),
    mut find: impl FnMut(&mut Reacher<'_>, &Pair) -> Vec<T>,
) -> Vec<T> {
    let ends = land.end(from, &two.internet).zip(land.end(to, &two.internet));
    let Some((from, to)) = ends else {
        return Vec::new();
    };
    let traffic = &two.traffic;
    two.desk.at(land, |reacher| {
        let mut found = Vec::new();
        for pair in pairs(reacher, &from, &to, traffic) {
            found.extend(find(reacher, &pair));
        }
        found
    })
}

/// A reason told of a packet of the difference, as it looks where it is blocked.
fn seen_by(
    reason: &Reason,
    packet: Packet,
    (land, (from, to), internet): (&Land, (&Who, &Who), &AddressSet),
) -> Reason {
    let ends = |packet: &Packet| (packet.source, packet.destination);
    if ends(&reason.witness) == ends(&packet) {
        return Reason { witness: packet, near_miss: None, ..reason.clone() };
    }
    // Something rewrote it before, or it is the reply: only its way tells.
    let parties = land.end(from, internet).zip(land.end(to, internet));
    let traced = parties.and_then(|((from, ..), (to, ..))| {
        let paths = trace(&land.fabric, from, to, packet).paths.into_iter();
        let mut reasons = paths.flat_map(|path| path.reasons);
        reasons.find(|other| {
            (other.cause.code, &other.cause.at, other.direction, &other.rule)
                == (reason.cause.code, &reason.cause.at, reason.direction, &reason.rule)
        })
    });
    traced.unwrap_or_else(|| reason.clone())
}

/// Pairs with one difference as few `from` × `to` rectangles: senders with the same receivers go together.
pub(super) fn rectangles(two: &Two<'_>, pairs: &[(usize, usize)]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut by_sender: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (from, to) in pairs {
        by_sender.entry(*from).or_default().insert(*to);
    }
    // Nobody is paired with itself: a sender that receives from the others belongs to its own receivers.
    let receivers: BTreeSet<usize> = by_sender.values().flatten().copied().collect();
    let mut by_receivers: BTreeMap<BTreeSet<usize>, Vec<usize>> = BTreeMap::new();
    for (from, mut to) in by_sender {
        let end = &two.ends[from];
        if !end.meets_itself() && receivers.contains(&from) {
            to.insert(from);
        }
        by_receivers.entry(to).or_default().push(from);
    }
    let found = by_receivers.into_iter().map(|(mut to, from)| {
        if let [only] = from.as_slice()
            && !two.ends[*only].meets_itself()
        {
            to.remove(only);
        }
        (from, to.into_iter().collect::<Vec<_>>())
    });
    let mut found: Vec<_> = found.collect();
    found.sort();
    found
}
