//! Connections that get through and whose replies a network ACL drops: ACLs remember nothing (ACL-2).
//!
//! Not every lost reply is a mistake. An ACL that lets replies out to high ports lets packets to high ports out, too, and nobody
//! meant them to be answered. So three things are told of: connections to a few ports (somebody wrote those down)
//! that lose replies, services that one of the usual client ranges of ACL-15 gets answers from and the
//! other does not, and subnets whose ACL lets TCP in, to the ports of services too, and no reply out at all.
//!
//! Pairs are only judged at subnets whose ACL lets something in or out whose reply it drops.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::ends::{Somebody, answers};
use super::{Fact, Finding, Subject, short};
use crate::code::Code;
use crate::engine::{Host, Pair, PairAnswer, Reacher, Way};
use crate::fabric::{Fabric, FilterUse};
use crate::model::Place;
use crate::query::{Direction, ListName, Reason, Traffics};
use crate::space::{
    Action, AddressSet, Exceeded, Fields, IntervalSet, Match, Protocol, Row, Set, Space, Traffic,
    View,
};
use crate::verify::{endpoint_of, packets};

/// More pairs are not judged; the finding `lint-incomplete` says so.
const MOST_PAIRS: usize = 2_000_000;

/// So many openers are judged in one arena, side by side with others.
const TOGETHER: usize = 32;

/// The list that loses replies, and the rule of it.
type Key = (Place, Option<usize>);

/// What some openers lose, and what of the budget was not enough for the rest of their pairs.
type Lost = (Vec<(Key, Finding)>, Option<Exceeded>);

/// A service with fewer ports than this was written down by somebody.
const FEW_PORTS: u128 = 1024;

/// Services are expected below, clients from here on.
const FIRST_CLIENT: u16 = 1024;

/// The client ranges of Linux and of Windows (ACL-15).
const CLIENTS: [(u16, u16); 2] = [(32768, 61000), (49152, 65535)];

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let fabric = subject.fabric;
    let Some(acl) = subject.network.network_acls.keys().next().map(Place::of) else {
        return;
    };
    let mut space = Space::within(subject.budget.begin());
    let lossy = lossy(fabric, &mut space);
    if let Some(exceeded) = space.exceeded() {
        return found.push(short(Code::RepliesDropped, acl, exceeded));
    }
    if lossy.is_empty() {
        return;
    }
    let all = subject.ends();
    let mut openers: Vec<(usize, &Somebody)> = Vec::new();
    let (mut done, mut left) = (0, false);
    for (index, here) in all.iter().enumerate().filter(|(_, here)| here.opens) {
        let pairs = concerned(all, &lossy, (index, here)).count();
        left = done + pairs > MOST_PAIRS;
        if left {
            break;
        }
        done += pairs;
        openers.push((index, here));
    }
    let allowance = subject.budget.begin();
    let parts = openers.par_chunks(TOGETHER).map(|openers| {
        let reacher = &mut Reacher::within(fabric, Space::within(allowance));
        of_openers(reacher, all, &lossy, openers)
    });
    let parts: Vec<Lost> = parts.collect();
    let (mut told, mut short_of) = (BTreeSet::new(), None);
    for (lost, exceeded) in parts {
        let new = lost.into_iter().filter(|(key, _)| told.insert(key.clone()));
        found.extend(new.map(|(_, finding)| finding));
        short_of = short_of.or(exceeded);
    }
    found.extend(short_of.map(|it| short(Code::RepliesDropped, acl, it)));
    if left {
        found.extend(incomplete(subject, &lossy, done));
    }
}

/// What an opener's pairs are with: those of whom one is at a subnet that loses replies.
fn concerned<'a>(
    all: &'a [Somebody],
    lossy: &'a BTreeSet<u32>,
    (index, here): (usize, &'a Somebody),
) -> impl Iterator<Item = &'a Somebody> {
    let at_home = |end: &Somebody| end.subnet.is_some_and(|it| lossy.contains(&it));
    let home = at_home(here);
    let others = all.iter().enumerate();
    let others = others.filter(move |(other, there)| {
        *other != index && here.subnet != there.subnet && (home || at_home(there))
    });
    others.map(|(_, there)| there)
}

/// What some openers lose, each rule or list once, and what of the budget was not enough for the rest.
fn of_openers(
    reacher: &mut Reacher<'_>,
    all: &[Somebody],
    lossy: &BTreeSet<u32>,
    openers: &[(usize, &Somebody)],
) -> Lost {
    let (mut told, mut found) = (BTreeSet::new(), Vec::new());
    let usual = Traffics::default();
    let asked = reacher.asked_anywhere((&usual, false), || packets(&usual, false));
    let host = |end: &Somebody| Host::of(end.end.0);
    for (index, here) in openers {
        for there in concerned(all, lossy, (*index, here)) {
            // Nothing arrives, so nothing is answered.
            if here.is_lost(reacher.fabric(), there) {
                continue;
            }
            let hosts = host(here).zip(host(there));
            if hosts.is_some_and(|(from, to)| reacher.keeps_replies(from, to, asked)) {
                continue;
            }
            let mut lost = Vec::new();
            for (pair, answer) in answers(reacher, here, there) {
                lost.extend(losses(reacher, &pair, &answer, &mut told));
            }
            if reacher.space.is_over() {
                return (found, reacher.space.exceeded());
            }
            found.extend(lost);
        }
    }
    (found, None)
}

fn incomplete(subject: &Subject<'_>, lossy: &BTreeSet<u32>, done: usize) -> Option<Finding> {
    let first = usize::try_from(*lossy.first()?).ok()?;
    let (_, subnet) = subject.network.subnets.get_index(first)?;
    let lint = Code::RepliesDropped;
    let place = Place::of(subnet.network_acl.as_ref()?);
    Some(Finding::at(place, Fact::LintIncomplete { lint, done }))
}

/// The subnets whose ACL drops replies to what it lets through in the other direction.
fn lossy(fabric: &Fabric, space: &mut Space) -> BTreeSet<u32> {
    let mut known: Vec<(FilterUse, FilterUse, bool)> = Vec::new();
    let subnets = 0..u32::try_from(fabric.network.subnets.len()).unwrap_or(u32::MAX);
    let lossy = subnets.filter(|subnet| {
        let (Some(out), Some(into)) = (fabric.acl_out(*subnet), fabric.acl_in(*subnet)) else {
            return false;
        };
        let same = known.iter().find(|(a, b, _)| (*a, *b) == (out, into));
        if let Some((_, _, lossy)) = same {
            return *lossy;
        }
        let lossy = loses(fabric, space, out, into) || loses(fabric, space, into, out);
        known.push((out, into, lossy));
        lossy
    });
    lossy.collect()
}

/// Whether the second list drops the reply to something that the first one lets through.
fn loses(fabric: &Fabric, space: &mut Space, first: FilterUse, second: FilterUse) -> bool {
    let view = View::identity();
    let through = permitted(fabric, space, first, &view);
    let answered = permitted(fabric, space, second, &view.reversed());
    !space.is_subset(through, answered)
}

fn permitted(fabric: &Fabric, space: &mut Space, filter: FilterUse, view: &View) -> Set {
    let rules = fabric.filters.get(filter.list).rules.iter();
    let seen = rules.filter_map(|rule| Some((rule.when.seen_through(view)?, rule.action)));
    let rules: Vec<(Match, Action)> = seen.collect();
    let list = space.list(&rules);
    space.permitted(list)
}

/// What is lost of a pair, once for each rule or list that loses it.
fn losses(
    reacher: &mut Reacher<'_>,
    pair: &Pair,
    answer: &PairAnswer,
    told: &mut BTreeSet<Key>,
) -> Vec<(Key, Finding)> {
    let mut found = Vec::new();
    for way in &answer.ways {
        let there = arriving(&mut reacher.space, way);
        for blocker in &way.blockers {
            let reason = &blocker.reason;
            let Some(list) = list_of(reason) else {
                continue;
            };
            let lost = reacher.space.intersection(there, blocker.set);
            let Some(acl) = reason.cause.at.clone().filter(|_| lost != Space::EMPTY) else {
                continue;
            };
            let rule = reason.rule.clone();
            let list_place = Place::field(&acl, list.name());
            let key = (list_place.clone(), rule.as_ref().map(|rule| rule.index));
            if told.contains(&key) {
                continue;
            }
            let Some(meant) = meant(&mut reacher.space, answer, lost, list) else {
                continue;
            };
            let Some(packet) = reacher.witness(meant, &answer.view) else {
                continue;
            };
            told.insert(key.clone());
            let fabric = reacher.fabric();
            let services = reacher.space.project(meant, Fields::SERVICE);
            let fact = Fact::RepliesDropped {
                acl,
                list,
                from: endpoint_of(fabric, pair.from),
                to: endpoint_of(fabric, pair.to),
                services: reacher.space.rows(services),
                ports: source_ports(&reacher.space.rows(meant)),
                reply: packet.reply(),
                rule: rule.clone(),
            };
            let place = rule.map_or(list_place, |rule| rule.place());
            found.push((key, Finding::at(place, fact)));
        }
    }
    found
}

/// The packets of a way that nothing blocks on the way there.
fn arriving(space: &mut Space, way: &Way) -> Set {
    let forward = way.blockers.iter();
    let forward = forward.filter(|blocker| blocker.reason.direction == Direction::Forward);
    let blocked: Vec<Set> = forward.map(|blocker| blocker.set).collect();
    let blocked = space.union_all(blocked);
    space.difference(way.set, blocked)
}

fn list_of(reason: &Reason) -> Option<ListName> {
    match (reason.direction, reason.cause.code) {
        (Direction::Return, Code::NetworkAclEgressDenied) => Some(ListName::Egress),
        (Direction::Return, Code::NetworkAclIngressDenied) => Some(ListName::Ingress),
        _ => None,
    }
}

/// The part of what is lost that somebody will miss.
fn meant(space: &mut Space, answer: &PairAnswer, lost: Set, list: ListName) -> Option<Set> {
    let few = few_ports(space, lost);
    let by_client = by_client(space, answer, lost);
    let all = match list {
        ListName::Egress => all_of_tcp(space, answer, lost),
        ListName::Ingress => Space::EMPTY,
    };
    let meant = space.union_all([few, by_client, all]);
    let meant = space.intersection(meant, lost);
    (meant != Space::EMPTY).then_some(meant)
}

/// The services of a set that are a few ports of a protocol.
fn few_ports(space: &mut Space, lost: Set) -> Set {
    let services = space.project(lost, Fields::SERVICE);
    let any = AddressSet::any();
    let mut few = Vec::new();
    for protocol in [Protocol::TCP, Protocol::UDP] {
        let all = space.cube(&any, &any, &Traffic::protocol(protocol));
        let own = space.intersection(services, all);
        let ports = ports_of(&space.rows(own), |row| &row.traffic.destination_ports);
        if ports.len() < FEW_PORTS {
            few.push(own);
        }
    }
    space.union_all(few)
}

/// All TCP that is lost, if no client gets an answer to any of it, and it is not only what lets replies in.
fn all_of_tcp(space: &mut Space, answer: &PairAnswer, lost: Set) -> Set {
    let any = AddressSet::any();
    let tcp = space.cube(&any, &any, &Traffic::protocol(Protocol::TCP));
    let lost = space.intersection(lost, tcp);
    let clients = IntervalSet::from_ranges(CLIENTS);
    let clients = Traffic::protocol(Protocol::TCP).with_source_ports(&clients);
    let clients = space.cube(&any, &any, &clients);
    if space.overlaps(answer.sometimes, clients) || !space.overlaps(lost, clients) {
        return Space::EMPTY;
    }
    let services = IntervalSet::range(0, FIRST_CLIENT - 1);
    let services = space.cube(&any, &any, &Traffic::ports(Protocol::TCP, services));
    if space.overlaps(lost, services) { lost } else { Space::EMPTY }
}

/// The services that clients of one system get all answers from, and clients of the other do not.
fn by_client(space: &mut Space, answer: &PairAnswer, lost: Set) -> Set {
    let any = AddressSet::any();
    let mut ranges = Vec::new();
    for (low, high) in CLIENTS {
        let ports = IntervalSet::range(low, high);
        let from = space.cube(&any, &any, &Traffic::all().with_source_ports(&ports));
        let asked = space.intersection(answer.asked, from);
        let works = space.intersection(answer.always, from);
        let all = space.project_all(works, asked, Fields::SERVICE);
        let lost = space.intersection(lost, from);
        let all = space.project(all, Fields::SERVICE);
        ranges.push((all, lost));
    }
    let [(linux, linux_lost), (windows, windows_lost)] = ranges[..] else {
        return Space::EMPTY;
    };
    let one = space.intersection(linux, windows_lost);
    let other = space.intersection(windows, linux_lost);
    let one = services_of(space, one);
    let other = services_of(space, other);
    space.union(one, other)
}

fn services_of(space: &mut Space, set: Set) -> Set {
    space.project(set, Fields::SERVICE)
}

fn source_ports(rows: &[Row]) -> IntervalSet<u16> {
    ports_of(rows, |row| &row.traffic.source_ports)
}

fn ports_of(rows: &[Row], of: impl Fn(&Row) -> &IntervalSet<u16>) -> IntervalSet<u16> {
    let ranges = rows.iter().flat_map(|row| of(row).ranges());
    IntervalSet::from_ranges(ranges.collect::<Vec<_>>())
}
