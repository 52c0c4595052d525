//! Parts of `reach` with the same fate told together: many ends in few words, and what blocks by its reason.
//!
//! An end's own addresses are a matter of course and tell nothing apart; a part of them does.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::land::{Land, Who};
use super::reach::{Part, Reached};
use super::rewritten::Rewritten;
use super::run::Situation;
use super::select::Side;
use super::summary::{Crowd, crowd};
use crate::code::Code;
use crate::fabric::Party;
use crate::id::Id;
use crate::model::Endpoint;
use crate::query::{Direction, Reason};
use crate::space::{AddressSet, Layer4, Packet, Row};

/// What was found, told together.
#[derive(Debug)]
pub struct Overview<'a> {
    /// What works.
    pub works: Vec<Bundle<'a>>,
    /// What does not.
    pub blocked: Vec<Bundle<'a>>,
    /// What blocks, each reason once, those of most pairs first.
    pub stops: Vec<Stop<'a>>,
    /// How many pairs of ends work wholly, in part, and not at all.
    pub pairs: [u128; 3],
}

/// Pairs of ends with the same packets, which have the same fate.
#[derive(Debug)]
pub struct Bundle<'a> {
    /// Who opens.
    pub from: Crowd,
    /// Who is meant.
    pub to: Crowd,
    /// How many pairs they make.
    pub pairs: u128,
    /// The packets; [`AddressSet::any`] where they are all that an end has.
    pub packets: Vec<Row>,
    /// The part of the first pair.
    pub example: &'a Part,
}

/// A reason that blocks, wherever it does.
#[derive(Debug)]
pub struct Stop<'a> {
    /// The code.
    pub code: Code,
    /// The way that is blocked.
    pub direction: Direction,
    /// The objects that decide, in the order in which they are met.
    pub at: Vec<Id>,
    /// Who opens.
    pub from: Crowd,
    /// Who is meant.
    pub to: Crowd,
    /// How many pairs of ends it blocks something of.
    pub pairs: u128,
    /// The first one.
    pub example: &'a Reason,
}

/// What makes two parts one bundle: the same packets, rewritten alike and blocked by the same.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    packets: Vec<Row>,
    reasons: Vec<Reason>,
    rewrites: Vec<Vec<Rewritten>>,
}

/// The two ends of a pair and all addresses that were asked about.
struct Pair {
    who: [Who; 2],
    asked: [AddressSet; 2],
    /// Whether these are all that the end has, so that its name says them.
    own: [bool; 2],
    works: bool,
    fails: bool,
}

/// A pair by who it is, at any stretch of a group.
type Ends<'a> = (&'a Endpoint, &'a Endpoint);

/// Pairs that are one, and the first part of them.
struct Found<'a, Extra> {
    pairs: Vec<usize>,
    first: &'a Part,
    extra: Extra,
}

/// Tells what was found together.
#[must_use]
pub fn overview<'a>(situation: &Situation, reached: &'a Reached) -> Overview<'a> {
    let land = Land::of(situation);
    let (pairs, known) = pairs(&land, reached);
    let mut counts = [0; 3];
    for pair in &pairs {
        let at = match (pair.works, pair.fails) {
            (true, false) => 0,
            (true, true) => 1,
            (false, _) => 2,
        };
        counts[at] += size(&land, pair);
    }
    Overview {
        works: bundles(&land, &reached.works, &pairs, &known),
        blocked: bundles(&land, &reached.blocked, &pairs, &known),
        stops: stops(&land, &reached.blocked, &pairs, &known),
        pairs: counts,
    }
}

/// A reason without what is particular to a pair, so that equal ones of many ends go together.
pub(super) fn kind(reason: &Reason, ends: [Option<&Id>; 2]) -> Reason {
    let mut kind = reason.clone();
    kind.witness = Packet::nothing();
    kind.endpoint = None;
    kind.near_miss = None;
    kind.cause.facts.address = None;
    if kind.cause.at.is_some() && ends.contains(&kind.cause.at.as_ref()) {
        kind.cause.at = None;
        kind.cause.place = None;
    }
    kind
}

/// Every pair with its addresses and what became of it, and where each is.
fn pairs<'a>(land: &Land, reached: &'a Reached) -> (Vec<Pair>, FxHashMap<Ends<'a>, usize>) {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut known: FxHashMap<Ends<'a>, usize> = FxHashMap::default();
    let works = reached.works.iter().map(|part| (part, true));
    let blocked = reached.blocked.iter().map(|part| (part, false));
    for (part, works) in works.chain(blocked) {
        let at = *known.entry((&part.from, &part.to)).or_insert_with(|| {
            pairs.push(Pair {
                who: [&part.from, &part.to].map(|end| Who::whole(end.clone())),
                asked: [AddressSet::EMPTY, AddressSet::EMPTY],
                own: [false, false],
                works: false,
                fails: false,
            });
            pairs.len() - 1
        });
        let pair = &mut pairs[at];
        pair.works |= works;
        pair.fails |= !works;
        for row in &part.packets {
            for (asked, own) in pair.asked.iter_mut().zip([&row.source, &row.destination]) {
                if asked != own {
                    *asked = asked.union(own);
                }
            }
        }
    }
    let internet = land.internet();
    for pair in &mut pairs {
        for end in 0..2 {
            let (who, asked) = (&mut pair.who[end], &pair.asked[end]);
            pair.own[end] = is_own(land, who, asked, &internet);
            who.part = stretch(land, &who.endpoint, asked);
        }
    }
    (pairs, known)
}

/// Whether addresses are those that an end's name says: its own, not the public one that it was asked at, and all of them
/// where it is a site or the Internet.
fn is_own(land: &Land, who: &Who, asked: &AddressSet, internet: &AddressSet) -> bool {
    if matches!(who.endpoint, Endpoint::Nobody(_)) {
        return true;
    }
    match land.end(who, internet) {
        Some((Party::Host(resident, _), ..)) => {
            let (first, last) = land.fabric.hosts.get(resident).addresses;
            let mut ranges = asked.ranges();
            ranges.all(|(low, high)| first <= low && high <= last)
        }
        Some((_, _, all)) => *asked == all,
        None => false,
    }
}

/// The last address of a stretch of a group's members; none where it is the whole group.
fn stretch(land: &Land, endpoint: &Endpoint, asked: &AddressSet) -> Option<IpAddr> {
    let Endpoint::GroupMember(id, first) = endpoint else {
        return None;
    };
    let (_, last) = asked.ranges().last()?;
    let group = land.fabric.network.instance_groups.get(id)?;
    (group.ips != (*first, last)).then_some(last)
}

fn size(land: &Land, pair: &Pair) -> u128 {
    pair.who[0].len(land) * pair.who[1].len(land)
}

fn bundles<'a>(
    land: &Land,
    parts: &'a [Part],
    pairs: &[Pair],
    known: &FxHashMap<Ends<'a>, usize>,
) -> Vec<Bundle<'a>> {
    let mut found: Vec<Found<'a, Vec<Row>>> = Vec::new();
    let mut places: FxHashMap<Key, usize> = FxHashMap::default();
    for part in parts {
        let at = known[&(&part.from, &part.to)];
        let key = key(part, &pairs[at]);
        let packets = key.packets.clone();
        let place = *places.entry(key).or_insert_with(|| {
            found.push(Found { pairs: Vec::new(), first: part, extra: packets });
            found.len() - 1
        });
        found[place].pairs.push(at);
    }
    let bundles = found.into_iter().flat_map(|found| {
        let sides = rectangles(pairs, &found.pairs).into_iter();
        sides.map(move |(from, to, own)| {
            let first = own.iter().min().copied().unwrap_or_default();
            let packets = found.extra.clone();
            let own_part = |part: &&Part| known[&(&part.from, &part.to)] == first;
            let is_first =
                |part: &&Part| own_part(part) && key(part, &pairs[first]).packets == packets;
            let example = if own_part(&found.first) {
                found.first
            } else {
                parts.iter().find(is_first).unwrap_or(found.first)
            };
            Bundle {
                from: crowd(land, &from, Side::From),
                to: crowd(land, &to, Side::To),
                pairs: own.iter().map(|pair| size(land, &pairs[*pair])).sum(),
                packets,
                example,
            }
        })
    });
    bundles.collect()
}

fn key(part: &Part, pair: &Pair) -> Key {
    let whole = |own: &AddressSet, end: usize| {
        if pair.own[end] && *own == pair.asked[end] { AddressSet::any() } else { own.clone() }
    };
    let rows = match among_themselves(part, pair) {
        Some(rows) => rows,
        None => part
            .packets
            .iter()
            .map(|row| Row {
                source: whole(&row.source, 0),
                destination: whole(&row.destination, 1),
                traffic: row.traffic.clone(),
            })
            .collect(),
    };
    let ends = [part.from.id(), part.to.id()];
    let header = |device: &Rewritten| {
        let mut device = device.clone();
        device.witness = None;
        for header in [&mut device.before, &mut device.after] {
            for field in [&mut header.source, &mut header.destination] {
                if let Some(end) = pair.asked.iter().position(|asked| asked == field) {
                    // Which end's address it is has to be told, not whose.
                    let mark = [AddressSet::any_v4(), AddressSet::any_v6()];
                    *field = mark[end].clone();
                }
            }
        }
        device
    };
    let rewrites = part.rewrites.iter();
    Key {
        packets: rows,
        reasons: part.reasons.iter().map(|it| kind(it, ends)).collect(),
        rewrites: rewrites.map(|devices| devices.iter().map(header).collect()).collect(),
    }
}

/// The packets of members of one group to each other, where all of them send the same: none of them meets itself, which is
/// written member by member and says nothing.
fn among_themselves(part: &Part, pair: &Pair) -> Option<Vec<Row>> {
    if part.from != part.to || pair.asked[0] != pair.asked[1] {
        return None;
    }
    let members = pair.asked[0].len();
    let mut sent: BTreeMap<&Layer4, u128> = BTreeMap::new();
    for row in &part.packets {
        *sent.entry(&row.traffic).or_default() += row.source.len() * row.destination.len();
    }
    let all = members * members.saturating_sub(1);
    let rows = sent.into_iter().map(|(traffic, sent)| {
        (sent == all).then(|| Row {
            source: AddressSet::any(),
            destination: AddressSet::any(),
            traffic: traffic.clone(),
        })
    });
    rows.collect()
}

/// What blocks, by code and way.
fn stops<'a>(
    land: &Land,
    parts: &'a [Part],
    pairs: &[Pair],
    known: &FxHashMap<Ends<'a>, usize>,
) -> Vec<Stop<'a>> {
    struct Met<'a> {
        example: &'a Reason,
        at: Vec<Id>,
        seen: BTreeSet<Id>,
        pairs: BTreeSet<usize>,
    }
    let mut met: Vec<Met<'a>> = Vec::new();
    let mut places: BTreeMap<(Code, Direction), usize> = BTreeMap::new();
    for part in parts {
        let pair = known[&(&part.from, &part.to)];
        for reason in &part.reasons {
            let place = *places.entry((reason.cause.code, reason.direction)).or_insert_with(|| {
                met.push(Met {
                    example: reason,
                    at: Vec::new(),
                    seen: BTreeSet::new(),
                    pairs: BTreeSet::new(),
                });
                met.len() - 1
            });
            let met = &mut met[place];
            met.pairs.insert(pair);
            let own = reason.cause.at.as_ref();
            if let Some(id) = own.filter(|id| met.seen.insert((*id).clone())) {
                met.at.push(id.clone());
            }
        }
    }
    let stops = met.into_iter().map(|met| {
        let side = |end: usize| {
            let mut seen: BTreeSet<&Who> = BTreeSet::new();
            let own = met.pairs.iter().map(|pair| &pairs[*pair].who[end]);
            let own = own.filter(|who| seen.insert(who));
            own.cloned().collect::<Vec<_>>()
        };
        Stop {
            code: met.example.cause.code,
            direction: met.example.direction,
            at: met.at,
            from: crowd(land, &side(0), Side::From),
            to: crowd(land, &side(1), Side::To),
            pairs: met.pairs.iter().map(|pair| size(land, &pairs[*pair])).sum(),
            example: met.example,
        }
    });
    let mut stops: Vec<_> = stops.collect();
    stops.sort_by_key(|stop| std::cmp::Reverse(stop.pairs));
    stops
}

/// Pairs as few `from` × `to` rectangles, in the order in which they were found: senders with the same receivers go
/// together.
fn rectangles(pairs: &[Pair], own: &[usize]) -> Vec<(Vec<Who>, Vec<Who>, Vec<usize>)> {
    let mut order: FxHashMap<&Who, usize> = FxHashMap::default();
    let mut senders: BTreeMap<usize, (BTreeSet<usize>, Vec<usize>)> = BTreeMap::new();
    let mut who = Vec::new();
    let mut place = |end| {
        *order.entry(end).or_insert_with(|| {
            who.push(end);
            who.len() - 1
        })
    };
    for pair in own {
        let [from, to] = &pairs[*pair].who;
        let own = senders.entry(place(from)).or_default();
        own.0.insert(place(to));
        own.1.push(*pair);
    }
    // Nobody is paired with itself: a sender that receives from the others belongs to its own receivers.
    let receivers: BTreeSet<usize> = senders.values().flat_map(|own| own.0.clone()).collect();
    let mut together: BTreeMap<BTreeSet<usize>, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    let several = senders.len() > 1;
    for (from, (mut to, own)) in senders {
        if several && receivers.contains(&from) {
            to.insert(from);
        }
        let with = together.entry(to).or_default();
        with.0.push(from);
        with.1.extend(own);
    }
    let found = together.into_iter().map(|(mut to, (from, own))| {
        if let [only] = from.as_slice()
            && !own.iter().any(|pair| pairs[*pair].who[1] == *who[*only])
        {
            to.remove(only);
        }
        let named = |ends: &[usize]| ends.iter().map(|end| who[*end].clone()).collect::<Vec<_>>();
        let to: Vec<usize> = to.into_iter().collect();
        (named(&from), named(&to), own)
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|(_, _, own)| own.iter().min().copied());
    found
}
