//! What lets a packet pass in one network and not in another: the rules, routes and links that decide on the way
//! of the one and are missing, or decide otherwise, on the way of the other.

use super::land::{Land, Who};
use crate::engine::trace;
use crate::model::{AclRule, Network, Place, Route, SecurityGroupRule};
use crate::query::{Direction, ListName, RuleRef, TraceStep};
use crate::space::{AddressSet, Packet};

/// A hop that decides.
#[derive(Clone, Debug)]
pub struct Decider {
    /// On the way there or back.
    pub direction: Direction,
    /// The hop.
    pub step: TraceStep,
}

/// What a hop says, as far as it can be compared between two networks: positions of rules shift.
#[derive(PartialEq)]
enum Content<'net> {
    Rule(&'net SecurityGroupRule),
    Acl(&'net AclRule),
    Route(&'net Route),
    Place(&'net Place),
    Nothing,
}

/// What lets a packet between two ends pass in the first network and not in the second.
pub(super) fn deciders(
    (working, blocking): (&Land, &Land),
    (from, to): (&Who, &Who),
    internet: &AddressSet,
    packet: Packet,
) -> Vec<Decider> {
    let passed = steps(working, from, to, internet, packet);
    let met = steps(blocking, from, to, internet, packet);
    let (here, there) = (&working.fabric.network, &blocking.fabric.network);
    let is_filter = |decider: &Decider| decider.step.stage.ends_with("gress");
    let same = |a: &Decider, b: &Decider| {
        a.direction == b.direction
            && a.step.stage == b.step.stage
            && a.step.at == b.step.at
            && content(here, &a.step) == content(there, &b.step)
    };
    let mut routed = false;
    let mut found: Vec<Decider> = Vec::new();
    for decider in passed {
        let counts = if is_filter(&decider) {
            let place = |other: &&Decider| {
                other.direction == decider.direction
                    && other.step.stage == decider.step.stage
                    && other.step.endpoint == decider.step.endpoint
            };
            let mut others = met.iter().filter(place);
            let known = met.iter().any(|other| other.step.passed && same(&decider, other));
            !known && others.any(|other| !other.step.passed || !same(&decider, other))
        } else {
            let first = !routed && !met.iter().any(|other| same(&decider, other));
            routed |= first;
            first
        };
        let told = |other: &Decider| {
            (&other.step.rule, &other.step.place, &other.step.at)
                == (&decider.step.rule, &decider.step.place, &decider.step.at)
        };
        let step = &decider.step;
        let named = step.rule.is_some() || step.place.is_some() || step.at.is_some();
        if counts && named && !found.iter().any(told) {
            found.push(decider);
        }
    }
    found
}

/// The hops of a packet, of all its ways.
fn steps(land: &Land, from: &Who, to: &Who, internet: &AddressSet, packet: Packet) -> Vec<Decider> {
    let ends = land.end(from, internet).zip(land.end(to, internet));
    let Some(((from, ..), (to, ..))) = ends else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    for path in trace(&land.fabric, from, to, packet).paths {
        let back = path.back.into_iter().flatten();
        let there = path.forward.into_iter();
        let there = there.map(|step| (Direction::Forward, step));
        let all = there.chain(back.map(|step| (Direction::Return, step)));
        steps.extend(all.map(|(direction, step)| Decider { direction, step }));
    }
    steps
}

fn content<'net>(network: &'net Network, step: &'net TraceStep) -> Content<'net> {
    if let Some(rule) = &step.rule {
        return rule_content(network, rule);
    }
    let Some(place) = &step.place else {
        return Content::Nothing;
    };
    let route = network.route_at(place).map(Content::Route);
    route.unwrap_or(Content::Place(place))
}

fn rule_content<'net>(network: &'net Network, rule: &RuleRef) -> Content<'net> {
    if let Some(group) = network.security_groups.get(&rule.owner) {
        let list = match rule.list {
            ListName::Ingress => &group.ingress,
            ListName::Egress => &group.egress,
        };
        return list.get(rule.index).map_or(Content::Nothing, Content::Rule);
    }
    let Some([ingress, egress]) = network.five_tuple_rules(&rule.owner) else {
        return Content::Nothing;
    };
    let list = match rule.list {
        ListName::Ingress => ingress,
        ListName::Egress => egress,
    };
    list.get(rule.index).map_or(Content::Nothing, Content::Acl)
}
