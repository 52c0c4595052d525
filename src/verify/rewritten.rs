//! The headers on both sides of every device that rewrites them, part by part.
//!
//! Packets of one part meet the same devices, which do the same to all of them. Where the cloud chooses (targets of a
//! balancer, EIPs of a NAT gateway, equal routes), a part has an alternative for each choice; the parts stay disjoint.

use super::example::{Ends, Example};
use super::split::refine;
use crate::code::Code;
use crate::engine::{Rewriting, Way};
use crate::query::Translator;
use crate::space::{AddressSet, End, IntervalSet, Origin, Packet, Protocol, Row, Set, Space, View};

/// What a device does to the packets of a part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rewritten {
    /// The device.
    pub by: Translator,
    /// What stands in the headers that come to it.
    pub before: Header,
    /// What stands in those that leave it; a field that is equal is kept.
    pub after: Header,
    /// The witness of the part on both sides.
    pub witness: Option<[Packet; 2]>,
}

/// Every value that a field has in some packet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// Source addresses.
    pub source: AddressSet,
    /// Destination addresses.
    pub destination: AddressSet,
    /// Source ports; none if no protocol has ports.
    pub source_ports: IntervalSet<u16>,
    /// Destination ports, in the same way.
    pub destination_ports: IntervalSet<u16>,
}

/// The packets that meet exactly these rewrites on some way.
pub(super) struct Passage<'a> {
    set: Set,
    rewritings: &'a [Rewriting],
}

/// Which rewrites the packets of a pair meet; nothing if there are none.
pub(super) fn passages<'a>(space: &mut Space, ways: &'a [Way]) -> Vec<Passage<'a>> {
    let mut passages: Vec<Passage<'a>> = Vec::new();
    if ways.iter().all(|way| way.rewritings.is_empty()) {
        return passages;
    }
    let mut add = |space: &mut Space, set: Set, rewritings: &'a [Rewriting]| {
        if space.is_empty(set) {
            return;
        }
        let mut known = passages.iter_mut();
        match known.find(|passage| are_same(passage.rewritings, rewritings)) {
            Some(passage) => passage.set = space.union(passage.set, set),
            None => passages.push(Passage { set, rewritings }),
        }
    };
    for way in ways.iter().filter(|way| is_taken(way)) {
        let mut left = way.set;
        for (index, rewriting) in way.rewritings.iter().enumerate() {
            let lost = space.difference(left, rewriting.passed);
            add(space, lost, &way.rewritings[..index]);
            left = space.intersection(left, rewriting.passed);
        }
        add(space, left, &way.rewritings);
    }
    passages
}

/// What stands for what is not modelled is no way that a packet takes.
fn is_taken(way: &Way) -> bool {
    let mut blockers = way.blockers.iter();
    blockers.all(|blocker| blocker.reason.cause.code != Code::NotModelled)
}

/// Whether two ways rewrite the same, whoever comes along.
fn are_same(one: &[Rewriting], other: &[Rewriting]) -> bool {
    let key = |it: &Rewriting| (it.before, it.after);
    one.len() == other.len()
        && (one.iter().zip(other)).all(|(one, other)| one.by == other.by && key(one) == key(other))
}

/// A set in parts whose packets meet the same rewrites, with those of each way; none if nothing is rewritten on any.
pub(super) fn divide<'a>(
    space: &mut Space,
    set: Set,
    passages: &[Passage<'a>],
) -> Vec<(Set, Vec<&'a [Rewriting]>)> {
    let pieces = passages.iter().map(|it| (it.set, it.rewritings));
    let mut parts = refine(space, set, pieces, |passed: &mut Vec<_>, it| {
        passed.push(it);
    });
    for (_, passed) in &mut parts {
        if passed.iter().all(|rewritings| rewritings.is_empty()) {
            passed.clear();
        }
    }
    parts
}

/// The rewrites of a way, as they are for two ends and the original packets of a part.
pub(super) fn rewritten(
    example: &Example,
    ends: &Ends,
    rewritings: &[Rewriting],
    (rows, witness): (&[Row], Option<Packet>),
) -> Vec<Rewritten> {
    let told = rewritings.iter().map(|rewriting| {
        let sides = [&rewriting.before, &rewriting.after];
        let both = |packet| sides.map(|at| example.looks(ends, at, &packet));
        Rewritten {
            by: rewriting.by.clone(),
            before: header(example, ends, &rewriting.before, rows),
            after: header(example, ends, &rewriting.after, rows),
            witness: witness.map(both),
        }
    });
    told.collect()
}

fn header(example: &Example, ends: &Ends, at: &View, rows: &[Row]) -> Header {
    let addresses = |end, origin| {
        let all = rows.iter();
        AddressSet::union_all(all.map(|row| example.addresses(ends, end, origin, row)))
    };
    let ports = |origin| {
        let with_ports = [Protocol::TCP, Protocol::UDP];
        let has_ports = |row: &&Row| with_ports.iter().any(|it| row.traffic.has_protocol(*it));
        let rows = rows.iter().filter(has_ports);
        let ports = rows.map(|row| match origin {
            Origin::Original(End::Source) => row.traffic.source_ports.clone(),
            Origin::Original(End::Destination) => row.traffic.destination_ports.clone(),
            Origin::Const(port) => IntervalSet::single(port),
        });
        ports.fold(IntervalSet::empty(), |all, ports| all.union(&ports))
    };
    Header {
        source: addresses(End::Source, at.source),
        destination: addresses(End::Destination, at.destination),
        source_ports: ports(at.source_port),
        destination_ports: ports(at.destination_port),
    }
}
