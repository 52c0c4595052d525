//! Connections whose replies are delivered by other gateways or forwarders than the packets that they answer: what
//! watches one direction only sees half of them (D20-12). A forwarder has security groups, which keep state (SG-1), and is
//! told louder than a router.
//!
//! Only subnets are looked at that have a choice: two joints to the same other network, or a forwarding instance on the
//! way. Of every pair of networks with the same two ways, one working packet is told.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::ends::{Somebody, answers};
use super::routes::tables;
use super::{Fact, Finding, Subject, short};
use crate::code::Code;
use crate::engine::{Reacher, trace};
use crate::fabric::Party;
use crate::id::Id;
use crate::model::{Endpoint, Kind, NextHop, Place};
use crate::query::{Trace, TracePath, TraceStep, Waypoint};
use crate::space::{Packet, Protocol, Space};
use crate::verify::endpoint_of;

/// More pairs are not judged; the finding `lint-incomplete` says so.
const MOST_PAIRS: usize = 200_000;

/// What stops packets by their addresses alone.
const LOSING: [Code; 8] = [
    Code::NoRoute,
    Code::RouteBlackhole,
    Code::RouteLoop,
    Code::CcnNoRoute,
    Code::CcnRouteDisabled,
    Code::GatewayNoTransit,
    Code::PeeringSecondaryCidr,
    Code::PrivateDestinationToInternet,
];

/// A connection by which ways are compared before sets of packets are: routes do not look at ports.
const SAMPLE: (u16, u16) = (49152, 443);

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let choices = choices(subject);
    if choices.is_empty() {
        return;
    }
    // Ways are chosen by subnets, so fewer ends will do than where filters decide.
    let all = subject.ends().iter().filter(|end| end.leads);
    let all: Vec<&Somebody> = all.collect();
    let mut reacher = Reacher::within(subject.fabric, Space::within(subject.budget.begin()));
    let mut told = BTreeSet::new();
    let mut done: FxHashSet<(Option<u32>, Option<u32>, usize)> = FxHashSet::default();
    let mut judged = 0;
    // what is asked of both ends of every pair
    let chooses: Vec<bool> =
        all.iter().map(|end| end.subnet.is_some_and(|it| choices.contains(&it))).collect();
    let vpcs: Vec<Option<u32>> = all.iter().map(|end| subject.fabric.vpc_of(end.subnet?)).collect();
    for (index, from) in all.iter().copied().enumerate().filter(|(_, from)| from.opens) {
        for (other, to) in all.iter().copied().enumerate() {
            let concerned = chooses[index] || chooses[other];
            if index == other || !concerned {
                continue;
            }
            let apart = from.subnet.is_none() || to.subnet.is_none() || vpcs[index] != vpcs[other];
            // Sites and the Internet are told apart by their position among the ends.
            let outside = |end: &Somebody, at: usize| end.subnet.map_or(at, |_| usize::MAX);
            let key = (from.subnet, to.subnet, outside(from, index).min(outside(to, other)));
            if !apart || done.contains(&key) {
                continue;
            }
            if is_settled(subject, from, to) {
                done.insert(key);
                continue;
            }
            if judged >= MOST_PAIRS {
                let lint = Code::AsymmetricPath;
                let fact = Fact::LintIncomplete { lint, done: judged };
                let vpc = subject.network.vpcs.keys().next();
                found.extend(vpc.map(|vpc| Finding::at(Place::of(vpc), fact)));
                return;
            }
            judged += 1;
            let pairs = answers(&mut reacher, from, to);
            if reacher.space.is_over() {
                let exceeded = reacher.space.exceeded();
                let place = subject.network.vpcs.keys().next().map(Place::of);
                let both = place.zip(exceeded);
                found.extend(both.map(|(vpc, it)| short(Code::AsymmetricPath, vpc, it)));
                return;
            }
            for (pair, answer) in pairs {
                let Some(packet) = reacher.witness(answer.always, &answer.view) else {
                    continue;
                };
                done.insert(key);
                let traced = trace(subject.fabric, pair.from, pair.to, packet);
                let Some((there, back, places)) = differ(subject, &traced) else {
                    continue;
                };
                // The same two ways from the other end are the same finding.
                let ways = [there.clone(), back.clone()];
                let ways = (ways.iter().min().cloned(), ways.iter().max().cloned());
                if told.insert(ways) {
                    let ends = [pair.from, pair.to].map(|end| endpoint_of(subject.fabric, end));
                    let fact = fact(subject, ends, (there, back), packet);
                    let mut places = places.into_iter();
                    found.extend(places.next().map(|at| Finding::at(at, fact).with(places)));
                }
            }
        }
    }
}

/// Whether nothing is to be found between two ends, whatever filters say: a packet and its reply pass the same gateways, or
/// routes lose one of them. One packet tells it, for neither ports nor filters change where a packet goes; what stops for
/// another reason is left to sets of packets.
fn is_settled(subject: &Subject<'_>, from: &Somebody, to: &Somebody) -> bool {
    let (Party::Host(_, source), Party::Host(_, destination)) = (from.end.0, to.end.0) else {
        return false;
    };
    if source.is_ipv4() != destination.is_ipv4() {
        return false;
    }
    if from.is_lost(subject.fabric, to) {
        return true;
    }
    let (source_port, port) = SAMPLE;
    let packet = Packet::new(Protocol::TCP, (source, source_port), (destination, port));
    let traced = trace(subject.fabric, from.end.0, to.end.0, packet);
    let lost = |path: &TracePath| {
        let mut reasons = path.reasons.iter();
        reasons.any(|reason| LOSING.contains(&reason.cause.code))
    };
    let even = |path: &TracePath| {
        let there: BTreeSet<Waypoint> = gateways(subject, &path.waypoints).into_iter().collect();
        let mut back = path.waypoints_back.iter();
        !path.waypoints_back.is_empty()
            && back
                .all(|back| gateways(subject, back).into_iter().collect::<BTreeSet<_>>() == there)
    };
    let paths = &traced.paths;
    !paths.is_empty() && (paths.iter().any(lost) || paths.iter().all(even))
}

/// What is to be told of two ways that differ: of forwarders, whose groups keep state, more than of routers.
fn fact(
    subject: &Subject<'_>,
    [from, to]: [Endpoint; 2],
    (there, back): (Vec<Waypoint>, Vec<Waypoint>),
    packet: Packet,
) -> Fact {
    let once = there.iter().filter(|it| !back.contains(it));
    let once = once.chain(back.iter().filter(|it| !there.contains(it)));
    let forwarders: Vec<Id> = once.filter_map(|it| forwarder(subject, it)).collect();
    if forwarders.is_empty() {
        return Fact::AsymmetricPath { from, to, there, back, packet };
    }
    Fact::AsymmetricForwarder { forwarders, from, to, there, back, packet }
}

/// The instance, interface or HAVIP that a waypoint is.
fn forwarder(subject: &Subject<'_>, waypoint: &Waypoint) -> Option<Id> {
    let Waypoint::Id(id) = waypoint else {
        return None;
    };
    let forwards = matches!(
        subject.network.kind_of(id.as_str()),
        Some(Kind::Instance | Kind::NetworkInterface | Kind::HaVip)
    );
    forwards.then(|| id.clone())
}

/// The subnets with a choice of ways: whose tables lead to forwarding instances, or whose VPC has two joints or more.
fn choices(subject: &Subject<'_>) -> BTreeSet<u32> {
    let network = subject.network;
    let mut joints: BTreeMap<&Id, usize> = BTreeMap::new();
    for peering in network.peerings.values() {
        *joints.entry(&peering.between.0).or_default() += 1;
        *joints.entry(&peering.between.1).or_default() += 1;
    }
    let attachments = network.vpn_gateways.values().map(|it| &it.attached_to);
    let direct = network.direct_connect_gateways.values();
    for attached in attachments.chain(direct.map(|it| &it.attached_to)) {
        if let Some(vpc) = attached.vpc() {
            *joints.entry(vpc).or_default() += 1;
        }
    }
    for ccn in network.ccns.values() {
        for member in &ccn.attachments {
            *joints.entry(member.id()).or_default() += 1;
        }
    }
    let mut subnets = BTreeSet::new();
    for (index, subnet) in (0..).zip(network.subnets.values()) {
        if joints.get(&subnet.vpc).is_some_and(|joints| *joints > 1) {
            subnets.insert(index);
        }
    }
    for (table, own) in tables(network) {
        let routes = network.route_tables.get(table).into_iter();
        let mut routes = routes.flat_map(|table| &table.routes);
        let forwards = |via: &NextHop| matches!(via, NextHop::Instance(_) | NextHop::HaVip(_));
        if routes.any(|route| route.enabled && forwards(&route.via)) {
            subnets.extend(own);
        }
    }
    subnets
}

/// What the packet passes, what the reply passes, where that is decided.
type Ways = (Vec<Waypoint>, Vec<Waypoint>, Vec<Place>);

/// The ways there and back of a packet, if they are not the same.
fn differ(subject: &Subject<'_>, traced: &Trace) -> Option<Ways> {
    for path in &traced.paths {
        let there = gateways(subject, &path.waypoints);
        for (waypoints, steps) in path.waypoints_back.iter().zip(&path.back) {
            let back = gateways(subject, waypoints);
            let sets = [&there, &back].map(|way| way.iter().cloned().collect::<BTreeSet<_>>());
            let delivered = steps.iter().all(|step| step.passed);
            if delivered && sets[0] != sets[1] {
                let places = route(&path.forward).into_iter().chain(route(steps));
                let places: Vec<Place> = places.collect();
                if !places.is_empty() {
                    return Some((there, back, places));
                }
            }
        }
    }
    None
}

/// The waypoints that routes choose. Devices that translate are passed by replies whatever the routes say.
fn gateways(subject: &Subject<'_>, waypoints: &[Waypoint]) -> Vec<Waypoint> {
    let network = subject.network;
    let chosen = waypoints.iter().filter(|waypoint| {
        let Waypoint::Id(id) = waypoint else {
            return false;
        };
        let translates = network.instances.get(id).is_some_and(|it| it.public_gateway);
        !translates
            && matches!(
                network.kind_of(id.as_str()),
                Some(
                    Kind::Peering
                        | Kind::Ccn
                        | Kind::VpnGateway
                        | Kind::DirectConnectGateway
                        | Kind::Instance
                        | Kind::NetworkInterface
                        | Kind::HaVip
                )
            )
    });
    chosen.cloned().collect()
}

/// The first written route that a way follows.
fn route(steps: &[TraceStep]) -> Option<Place> {
    let mut steps = steps.iter();
    steps.find_map(|step| step.place.clone().filter(|_| step.stage == "route"))
}
