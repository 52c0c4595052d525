//! What `reach` says of rewrites, against a voice that knows no sets: the trace of single packets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use pathproof::engine::{Reacher, trace};
use pathproof::fabric::{Fabric, Party};
use pathproof::generate::{Options, Shape, generate};
use pathproof::id::Id;
use pathproof::model::Network;
use pathproof::query::{Selector, Trace, Traffics, TranslatorKind};
use pathproof::scenario::Origins;
use pathproof::space::{AddressSet, Budget, Packet, Protocol, Row, Set, Space, Traffic};
use pathproof::verify::{
    Part, Reached, Rewritten, Side, Situation, base, endpoint_of, pairs, party_of, reach, select,
    situations,
};

use crate::random;
use crate::shipped::{loaded, scenarios};

/// A device if both voices name it, and the packet on both sides.
type Passed = (Option<Id>, Packet, Packet);

/// The devices that a trace passes on each way before anything blocks.
fn traced(trace: &Trace) -> BTreeSet<Vec<Passed>> {
    let named = ["nat-gateway", "load-balancer", "direct-connect-gateway"];
    let ways = trace.paths.iter().map(|path| {
        let mut passed: Vec<Passed> = Vec::new();
        let steps = path.forward.iter().take_while(|step| step.passed);
        for step in steps.filter(|step| step.packet_in != step.packet_out) {
            let at = step.at.clone().filter(|_| named.contains(&step.stage));
            match passed.last_mut() {
                // destination and source are two hops of one Direct Connect gateway
                Some(last) if last.0 == at && step.stage == "direct-connect-gateway" => {
                    last.2 = step.packet_out;
                }
                _ => passed.push((at, step.packet_in, step.packet_out)),
            }
        }
        passed
    });
    ways.collect()
}

/// The device where the trace names it, too.
fn named(rewritten: &Rewritten) -> Option<Id> {
    let named = matches!(
        rewritten.by.kind,
        TranslatorKind::NatGateway
            | TranslatorKind::LoadBalancer
            | TranslatorKind::DirectConnectGateway
    );
    named.then(|| rewritten.by.at.clone())
}

/// The ways of a part, none if it has no alternatives, each made by a function of its devices.
fn each_way(part: &Part, way: impl FnMut(&Vec<Rewritten>) -> Vec<Passed>) -> BTreeSet<Vec<Passed>> {
    if part.rewrites.is_empty() {
        return BTreeSet::from([Vec::new()]);
    }
    part.rewrites.iter().map(way).collect()
}

/// What a part says of its witness.
fn told(part: &Part) -> BTreeSet<Vec<Passed>> {
    each_way(part, |devices| {
        let devices = devices.iter().map(|rewritten| {
            let [before, after] = rewritten.witness.expect("a witness");
            (named(rewritten), before, after)
        });
        devices.collect()
    })
}

/// What a part says of any of its packets, by the fields that it says are rewritten.
fn replayed(part: &Part, packet: Packet) -> BTreeSet<Vec<Passed>> {
    each_way(part, |devices| {
        let mut now = packet;
        let devices = devices.iter().map(|rewritten| {
            let (before, after) = (&rewritten.before, &rewritten.after);
            let address = |one: &AddressSet, other: &AddressSet, kept| match other.first() {
                Some(new) if one != other => new,
                _ => kept,
            };
            let mut next = now;
            next.source = address(&before.source, &after.source, now.source);
            next.destination = address(&before.destination, &after.destination, now.destination);
            if before.source_ports != after.source_ports {
                next.source_port = after.source_ports.first().expect("a port");
            }
            if before.destination_ports != after.destination_ports {
                next.destination_port = after.destination_ports.first().expect("a port");
            }
            (named(rewritten), std::mem::replace(&mut now, next), next)
        });
        devices.collect()
    })
}

/// The first and the last packet of a row.
fn corners(row: &Row) -> [Packet; 2] {
    let protocols: Vec<_> = row.traffic.protocols.ranges().collect();
    let sources: Vec<_> = row.source.ranges().collect();
    let destinations: Vec<_> = row.destination.ranges().collect();
    let source_ports: Vec<_> = row.traffic.source_ports.ranges().collect();
    let destination_ports: Vec<_> = row.traffic.destination_ports.ranges().collect();
    let first = Packet::new(
        Protocol(protocols[0].0),
        (sources[0].0, source_ports[0].0),
        (destinations[0].0, destination_ports[0].0),
    );
    let last = Packet::new(
        Protocol(protocols[protocols.len() - 1].1),
        (sources[sources.len() - 1].1, source_ports[source_ports.len() - 1].1),
        (destinations[destinations.len() - 1].1, destination_ports[destination_ports.len() - 1].1),
    );
    [first, last]
}

/// The trace of a packet of a part; ends with several addresses are those that the packet names.
fn trace_of(fabric: &Fabric, part: &Part, packet: Packet) -> Trace {
    let named = |end, address| match party_of(fabric, end).expect("an end") {
        Party::Host(host, _) if fabric.hosts.get(host).owns(address) => Party::Host(host, address),
        party => party,
    };
    let from = named(&part.from, packet.source);
    if let Party::Host(host, _) = from {
        assert!(fabric.hosts.get(host).owns(packet.source), "{part:#?}");
    }
    let to = named(&part.to, packet.destination);
    trace(fabric, from, to, packet)
}

fn everything(situation: &Situation) -> Option<Reached> {
    let all = Selector::everybody();
    reach(situation, &all, &all, &Traffics::default(), Budget::NONE)
}

/// Holds the trace against every witness and the corners of every row; how many parts have rewrites.
fn hold(situation: &Situation, told_of: &str) -> [usize; 2] {
    let fabric = Fabric::new(Arc::clone(&situation.network));
    let Some(found) = everything(situation) else {
        return [0, 0];
    };
    [&found.works, &found.blocked].map(|parts| {
        for part in parts {
            let witness = part.witness.expect("a witness");
            let seen = traced(&trace_of(&fabric, part, witness));
            assert_eq!(told(part), seen, "{told_of}: {part:#?}");
            for packet in part.packets.iter().flat_map(corners) {
                let seen = traced(&trace_of(&fabric, part, packet));
                assert_eq!(replayed(part, packet), seen, "{told_of}: {packet:?} of {part:#?}");
            }
        }
        parts.iter().filter(|it| !it.rewrites.is_empty()).count()
    })
}

#[test]
fn a_trace_tells_the_same_headers_as_every_part_in_every_shipped_scenario() {
    let (mut works, mut blocked) = (0, 0);
    for path in scenarios("scenarios") {
        let Some(scenario) = loaded(&path).scenario else {
            continue;
        };
        for (stage, situation) in situations(&scenario, &base(&scenario)).iter().enumerate() {
            let held = hold(situation, &format!("{path}, stage {stage}"));
            works += held[0];
            blocked += held[1];
        }
    }
    assert!(works > 100 && blocked > 100, "{works} {blocked}");
}

fn random_situation(seed: u64) -> Situation {
    Situation::new(Arc::new(random::network(seed)), Arc::new(Origins::default()))
}

#[test]
fn a_trace_tells_the_same_headers_as_every_part_in_random_networks() {
    let (mut works, mut blocked) = (0, 0);
    for seed in 0..40 {
        let held = hold(&random_situation(seed), &format!("seed {seed}"));
        works += held[0];
        blocked += held[1];
    }
    assert!(works > 100 && blocked > 100, "{works} {blocked}");
}

#[test]
fn a_trace_tells_the_same_headers_where_equal_machines_are_answered_together() {
    let options =
        Options { instances: 70, vpcs: 2, groups: 6, seed: 11, shape: Shape::Mixed, singles: 40 };
    let situation = Situation::new(
        Arc::new(generate(&options).expect("a network").network),
        Arc::new(Origins::default()),
    );
    let held = hold(&situation, "a generated network");
    assert!(held[0] > 20, "{held:?}");
}

/// Every IPv4 address of a small set.
fn each(addresses: &AddressSet) -> impl Iterator<Item = IpAddr> {
    let ranges: Vec<_> = addresses.ranges().collect();
    let bounds = ranges.into_iter().filter_map(|range| match range {
        (IpAddr::V4(first), IpAddr::V4(last)) => Some(first.to_bits()..=last.to_bits()),
        _ => None,
    });
    bounds.flatten().map(|bits| IpAddr::V4(bits.into()))
}

/// What works between two ends by the engine alone, as it is sent.
fn works_of(reacher: &mut Reacher<'_>, network: &Network) -> BTreeMap<(String, String), Set> {
    let fabric = Fabric::new(Arc::new(network.clone()));
    let all = Selector::everybody();
    let senders = select(&fabric, &all, Side::From);
    let receivers = select(&fabric, &all, Side::To);
    let mut works = BTreeMap::new();
    for from in senders.ends() {
        for to in receivers.ends() {
            let ends = [from.0, to.0].map(|party| endpoint_of(&fabric, party).to_string());
            for pair in pairs(reacher, &from, &to, &Traffics::default()) {
                let (set, view) = reacher.works(&pair);
                let mut sent = view.image(&mut reacher.space, set);
                // A member of a group never meets itself (D20-6).
                if from.0 == to.0 {
                    for own in each(&from.2) {
                        let own = AddressSet::single(own);
                        let itself = reacher.space.cube(&own, &own, &Traffic::all());
                        sent = reacher.space.difference(sent, itself);
                    }
                }
                let all = works.entry(ends.clone().into()).or_insert(Space::EMPTY);
                *all = reacher.space.union(*all, sent);
            }
        }
    }
    works.retain(|_, set| !reacher.space.is_empty(*set));
    works
}

#[test]
fn parts_that_work_are_disjoint_and_together_all_that_works() {
    let mut split = 0;
    for seed in 0..25 {
        let situation = random_situation(seed);
        let fabric = Fabric::new(Arc::clone(&situation.network));
        let mut reacher = Reacher::new(&fabric);
        let expected = works_of(&mut reacher, &situation.network);
        let space = &mut reacher.space;
        let mut seen: BTreeMap<(String, String), Set> = BTreeMap::new();
        for part in everything(&situation).expect("ends").works {
            let ends = (part.from.to_string(), part.to.to_string());
            for row in &part.packets {
                let traffic: Traffic = [row.traffic.clone()].into_iter().collect();
                let set = space.cube(&row.source, &row.destination, &traffic);
                let before = seen.get(&ends).copied().unwrap_or(Space::EMPTY);
                let both = space.intersection(before, set);
                assert!(space.is_empty(both), "seed {seed}: {part:#?}");
                split += usize::from(!space.is_empty(before));
                seen.insert(ends.clone(), space.union(before, set));
            }
        }
        assert_eq!(seen, expected, "seed {seed}");
    }
    assert!(split > 20, "{split} further rows");
}
