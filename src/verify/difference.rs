//! The exact difference of connectivity between two networks: who gained what, who lost what, and why.
//!
//! A connection counts as working if it works on all ways it may take, there and back, as everywhere. Ends are
//! matched by what they are called, outside ends (sites, the Internet) included; packets are compared as sets, so
//! `old + gained - lost = new` holds exactly for every pair. Ends that nothing tells apart, in neither network, are
//! compared once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::attribution::{Attribution, Causes};
use super::decision::{Decider, deciders};
use super::intent::{self, IntentReport, Selected};
use super::land::{Alike, Desk, Land, Meaning, Who, asked, everyone, works};
use super::run::{NODES, Situation};
use super::select::Side;
use super::summary::{Crowd, crowd};
use crate::engine::Blocker;
use crate::model::Change;
use crate::model::between::Part;
use crate::query::{Intention, Reason, Turn};
use crate::space::{AddressSet, Packet, Row, Set, Space, View};

/// What changed between two networks.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Gains and losses; equal ones of several ends stand in one piece.
    pub pieces: Vec<Piece>,
    /// What is blocked in both networks, by something else; empty unless asked for.
    pub shifts: Vec<Shift>,
    /// Pairs of ends that were compared.
    pub pairs: u128,
    /// Pairs of which something that the files do not model may decide: what they gain or lose cannot be told.
    pub doubtful: u128,
    /// Classes of ends that nothing tells apart: the pairs of these were computed.
    pub classes: usize,
    /// For each change, whether any piece is due to it.
    pub effective: Vec<bool>,
    /// What came of what was meant to happen, if that was said.
    pub intent: Option<IntentReport>,
    /// The node budget ran out: nothing of this is to be relied on.
    pub exhausted: bool,
}

/// The same difference for every pair of `from` × `to`; an end of both is not paired with itself.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Gained or lost.
    pub turn: Turn,
    /// Who opens.
    pub from: Crowd,
    /// Who is meant.
    pub to: Crowd,
    /// The packets, disjoint and exact; addresses that are constant for a pair are left open.
    pub packets: Vec<Row>,
    /// One of them.
    pub witness: Option<Packet>,
    /// What blocked the gained packets before, or blocks the lost ones now.
    pub reasons: Vec<Reason>,
    /// Which sides are not there in the network where nothing works.
    pub absent: Absent,
    /// What lets them pass on the side where they work, and is not there, or decides otherwise, on the other.
    pub passed_by: Vec<Decider>,
    /// The changes that it is due to.
    pub causes: Causes,
}

/// Ends that only one of the networks has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Absent {
    /// Those who open.
    pub from: bool,
    /// Those who are meant.
    pub to: bool,
}

/// Packets that are blocked in both networks, for different reasons.
#[derive(Clone, Debug)]
pub struct Shift {
    /// Who opens.
    pub from: Crowd,
    /// Who is meant.
    pub to: Crowd,
    /// The packets.
    pub packets: Vec<Row>,
    /// What blocked them.
    pub before: Vec<Reason>,
    /// What blocks them now.
    pub after: Vec<Reason>,
}

/// What is asked about two networks, beside what works in them.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What leads from the old to the new network: every piece then says which of these it is due to.
    pub deeds: Vec<Deed>,
    /// How deep to look.
    pub depth: Depth,
    /// What is meant to happen, and nothing else.
    pub intent: Option<Vec<Intention>>,
}

/// How much of a difference is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// What works.
    #[default]
    Connectivity,
    /// What blocks the rest, too.
    Reasons,
}

/// One thing that was done.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A change of the cloud; what it refuses does not happen.
    Change(Change),
    /// These parts became what they are in the new network, in whatever order.
    Parts(Vec<Part>),
}

/// A pair of ends with a difference.
#[derive(Clone, Copy)]
pub(super) struct Changed {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) turn: Turn,
    pub(super) set: Set,
}

/// The two networks and what is common to them.
pub(super) struct Two<'a> {
    pub(super) lands: [&'a Land; 2],
    pub(super) ends: Vec<Alike>,
    pub(super) internet: AddressSet,
    pub(super) desk: Desk,
}

/// What works between two meanings of one network, so far.
type Known = HashMap<(Meaning, Meaning), (Set, Set)>;

/// The difference between two networks.
#[must_use]
pub fn difference(old: &Situation, new: &Situation, request: &Request) -> Difference {
    let before = Land::of(Arc::clone(&old.network));
    let after = Land::of(Arc::clone(&new.network));
    let lands = [&before, &after];
    let intentions = request.intent.as_deref().unwrap_or_default();
    let selected = intentions.iter().map(|item| Selected::of(item, lands));
    let selected: Vec<Selected> = selected.collect();
    let selections: Vec<_> = selected.iter().flat_map(Selected::all).collect();
    let mut two = Two {
        ends: everyone(&lands, &selections),
        internet: before.internet().intersection(&after.internet()),
        lands,
        desk: Desk::with_budget(NODES),
    };
    let Compared {
        changed,
        pairs,
        doubtful,
    } = compare(&mut two);
    let attribution = Attribution::new([&old.network, &new.network], &request.deeds);
    let intent = request.intent.is_some().then(|| {
        let meant: Vec<_> = selected.iter().map(|one| one.meant(&two)).collect();
        let (declared, undeclared) = intent::judge(&mut two, intentions, &meant, &changed);
        IntentReport {
            declared,
            undeclared: pieces(&mut two, &undeclared, &attribution),
        }
    });
    let pieces = pieces(&mut two, &changed, &attribution);
    let shifts = match request.depth {
        Depth::Connectivity => Vec::new(),
        Depth::Reasons => super::shift::shifts(&mut two),
    };
    let effective = (0..request.deeds.len()).map(|deed| {
        let mut pieces = pieces.iter();
        pieces.any(|piece| piece.causes.names(deed))
    });
    Difference {
        effective: effective.collect(),
        pieces,
        shifts,
        pairs,
        doubtful,
        classes: before.classes.len().max(after.classes.len()),
        intent,
        exhausted: two.desk.space.exhausted(),
    }
}

/// What came of comparing every pair of ends.
#[derive(Default)]
struct Compared {
    /// Those that work differently.
    changed: Vec<Changed>,
    /// How many there are.
    pairs: u128,
    /// Of how many something that is not modelled decides.
    doubtful: u128,
}

/// Every pair of ends that works differently.
fn compare(two: &mut Two<'_>) -> Compared {
    let mut works: [Vec<Vec<(Set, Set)>>; 2] = [Vec::new(), Vec::new()];
    for (at, works) in works.iter_mut().enumerate() {
        *works = connectivity(two, at);
    }
    let mut compared = Compared::default();
    let [before, after] = works;
    for (from, (was, is)) in before.iter().zip(&after).enumerate() {
        for (to, (was, is)) in was.iter().zip(is).enumerate() {
            let pairs = counted(two, from, to);
            compared.pairs += pairs;
            let space = &mut two.desk.space;
            if !(space.is_empty(was.1) && space.is_empty(is.1)) {
                compared.doubtful += pairs;
            }
            if was == is {
                continue;
            }
            for (turn, more, less) in [(Turn::Gained, is, was), (Turn::Lost, was, is)] {
                // What may work on the other side is neither gained nor lost for sure.
                let set = two.desk.space.difference(more.0, less.0);
                let set = two.desk.space.difference(set, less.1);
                if !two.desk.space.is_empty(set) {
                    compared.changed.push(Changed {
                        from,
                        to,
                        turn,
                        set,
                    });
                }
            }
        }
    }
    compared
}

/// How many pairs of endpoints two groups of alike ends make.
fn counted(two: &Two<'_>, from: usize, to: usize) -> u128 {
    let size = |at: usize| two.ends[at].len(&two.lands);
    let opens = two.ends[from].takes_part(&two.lands, Side::From);
    let meant = two.ends[to].takes_part(&two.lands, Side::To);
    match opens && meant {
        true if from == to => size(from) * size(from).saturating_sub(1),
        true => size(from) * size(to),
        false => 0,
    }
}

/// What works between all ends in one of the networks: every service from the usual source ports.
fn connectivity(two: &mut Two<'_>, at: usize) -> Vec<Vec<(Set, Set)>> {
    /// Nothing works, and nothing is in doubt.
    const NOTHING: (Set, Set) = (Space::EMPTY, Space::EMPTY);
    let land = two.lands[at];
    let (ends, internet) = (&two.ends, &two.internet);
    two.desk.over(&land.fabric, |reacher| {
        let mut known = Known::new();
        let rows = ends.iter().map(|from| {
            let row = ends.iter().map(|to| {
                let alone = std::ptr::eq(from, to) && !from.several;
                let (Some(from), Some(to)) = (from.means[at], to.means[at]) else {
                    return NOTHING;
                };
                let skipped = !land.takes_part(from, Side::From) || !land.takes_part(to, Side::To);
                if skipped || alone && matches!(from, Meaning::Class(_)) {
                    return NOTHING;
                }
                if let Some(set) = known.get(&(from, to)) {
                    return *set;
                }
                let set = works(reacher, land, (from, to), internet);
                known.insert((from, to), set);
                set
            });
            row.collect()
        });
        rows.collect()
    })
}

/// What is said of a part of a difference, beside its packets.
struct Told {
    witness: Option<Packet>,
    reasons: Vec<Reason>,
    absent: Absent,
    passed_by: Vec<Decider>,
}

/// What makes two pairs one piece: the same packets, due to the same changes, blocked by the same.
type Key = (Turn, Set, Causes, Absent, Vec<Reason>);

fn pieces(two: &mut Two<'_>, changed: &[Changed], attribution: &Attribution<'_>) -> Vec<Piece> {
    let mut found: BTreeMap<Key, Vec<(usize, usize)>> = BTreeMap::new();
    let mut told: HashMap<(Turn, Set, usize, usize), Told> = HashMap::new();
    let parts = attribution.split(two, changed.iter().map(|c| (c.from, c.to, c.turn, c.set)));
    for (changed, parts) in changed.iter().zip(parts) {
        for (set, causes) in parts {
            let said = explain(two, changed, set);
            let kinds = said.reasons.iter().map(|reason| kind(two, changed, reason));
            let key = (changed.turn, set, causes, said.absent, kinds.collect());
            found
                .entry(key)
                .or_default()
                .push((changed.from, changed.to));
            told.insert((changed.turn, set, changed.from, changed.to), said);
        }
    }
    let mut pieces = Vec::new();
    for ((turn, set, causes, absent, _), pairs) in found {
        let rows = two.desk.space.rows(set);
        let land = match turn {
            Turn::Gained => two.lands[1],
            Turn::Lost => two.lands[0],
        };
        for (from, to) in rectangles(two, &pairs) {
            let first = pairs
                .iter()
                .find(|(a, b)| from.contains(a) && to.contains(b));
            let said = first.and_then(|(a, b)| told.remove(&(turn, set, *a, *b)));
            let Some(said) = said else { continue };
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

/// A reason without what is particular to the pair, so that equal ones of many ends go together.
fn kind(two: &Two<'_>, changed: &Changed, reason: &Reason) -> Reason {
    let mut kind = reason.clone();
    kind.witness = Packet::nothing();
    kind.endpoint = None;
    kind.near_miss = None;
    kind.cause.facts.address = None;
    let ends = [changed.from, changed.to].map(|end| two.ends[end].who[0].endpoint.id().cloned());
    if kind.cause.at.is_some() && ends.contains(&kind.cause.at) {
        kind.cause.at = None;
        kind.cause.place = None;
    }
    kind
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
fn explain(two: &mut Two<'_>, changed: &Changed, set: Set) -> Told {
    let (working, blocking) = match changed.turn {
        Turn::Gained => (two.lands[1], two.lands[0]),
        Turn::Lost => (two.lands[0], two.lands[1]),
    };
    let (from, to) = example(two, changed.from, changed.to);
    let (view, _) = answers(two, working, &from, &to);
    let (_, blockers) = answers(two, blocking, &from, &to);
    let absent = Absent {
        from: blocking.end(&from, &two.internet).is_none(),
        to: blocking.end(&to, &two.internet).is_none(),
    };
    let witness = two
        .desk
        .space
        .witness(set)
        .map(|packet| view.apply(&packet));
    let mut reasons: Vec<Reason> = Vec::new();
    for blocker in &blockers {
        let both = two.desk.space.intersection(blocker.set, set);
        if let Some(packet) = two.desk.space.witness(both) {
            let reason = seen_by(&blocker.reason, view.apply(&packet));
            let same = |other: &Reason| {
                (&other.cause, other.direction, &other.rule)
                    == (&reason.cause, reason.direction, &reason.rule)
            };
            if !reasons.iter().any(same) {
                reasons.push(reason);
            }
        }
    }
    let passed_by = match witness {
        Some(witness) => deciders((working, blocking), (&from, &to), &two.internet, witness),
        None => Vec::new(),
    };
    Told {
        witness,
        reasons,
        absent,
        passed_by,
    }
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
        let ends = land
            .end(&names.0, &two.internet)
            .zip(land.end(&names.1, &two.internet));
        let Some((from, to)) = ends else { continue };
        let found = two.desk.over(&land.fabric, |reacher| {
            let pairs = asked(reacher, &from, &to);
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

/// What a pair's packets look like in a network, and all that blocks them there.
pub(super) fn answers(
    two: &mut Two<'_>,
    land: &Land,
    from: &Who,
    to: &Who,
) -> (View, Vec<Blocker>) {
    let ends = land
        .end(from, &two.internet)
        .zip(land.end(to, &two.internet));
    let Some((from, to)) = ends else {
        return (View::identity(), Vec::new());
    };
    two.desk.over(&land.fabric, |reacher| {
        let mut view = None;
        let mut blockers = Vec::new();
        for pair in asked(reacher, &from, &to) {
            let answer = reacher.pair(&pair);
            view.get_or_insert(answer.view);
            blockers.extend(answer.ways.into_iter().flat_map(|way| way.blockers));
        }
        (view.unwrap_or(View::identity()), blockers)
    })
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
        let single = !end.several && !is_outside(end);
        if single && receivers.contains(&from) {
            to.insert(from);
        }
        by_receivers.entry(to).or_default().push(from);
    }
    let found = by_receivers.into_iter().map(|(mut to, from)| {
        if let [only] = from.as_slice()
            && !two.ends[*only].several
            && !is_outside(&two.ends[*only])
        {
            to.remove(only);
        }
        (from, to.into_iter().collect::<Vec<_>>())
    });
    let mut found: Vec<_> = found.collect();
    found.sort();
    found
}

/// Hosts of a site, of the Internet do meet each other.
fn is_outside(end: &Alike) -> bool {
    let mut means = end.means.iter().flatten();
    means.any(|meaning| !matches!(meaning, Meaning::Class(_)))
}
