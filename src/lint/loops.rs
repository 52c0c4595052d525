//! Routes whose every packet comes back to a forwarder that it has passed (RT-16, D20-11).
//!
//! Only destinations decide here: where a stage looks at a source or a port, the packets are not followed further and
//! the route is not told of. Only forwarding instances can send packets back into a VPC's own tables.

use std::collections::BTreeSet;

use super::{Fact, Finding, Subject};
use crate::fabric::{Fabric, ResidentIx, Rule, Then, Way};
use crate::id::Id;
use crate::model::{Key, Place};
use crate::space::AddressSet;

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let fabric = subject.fabric;
    let subnets = 0..u32::try_from(subject.network.subnets.len()).unwrap_or(u32::MAX);
    let mut known: BTreeSet<&Place> = BTreeSet::new();
    for router in subnets.filter_map(|subnet| fabric.router(subnet)) {
        let mut rest = AddressSet::any();
        for rule in fabric.rules(router) {
            let Some(destination) = by_destination(rule) else {
                continue;
            };
            let part = rest.intersection(&destination);
            rest = rest.difference(&destination);
            let Some(place) = &rule.place else { continue };
            let mut passed = Vec::new();
            if !part.is_empty()
                && circles(fabric, &rule.then, &part, &mut passed)
                && known.insert(place)
            {
                found.extend(finding(subject, place, &passed));
            }
        }
    }
}

fn finding(subject: &Subject<'_>, place: &Place, passed: &[ResidentIx]) -> Option<Finding> {
    let [Key::Field("routes"), Key::Index(index)] = place.path[..] else {
        return None;
    };
    let table = subject.network.route_tables.get(&place.id)?;
    let to = table.routes.get(index)?.to;
    let ids = passed.iter().filter_map(|index| subject.fabric.hosts.get(*index).id());
    let through: Vec<Id> = ids.cloned().collect();
    let others: Vec<Place> = through.iter().map(Place::of).collect();
    let fact = Fact::LoopingRoute { to, through };
    Some(Finding::at(place.clone(), fact).with(others))
}

/// The destinations of a rule that asks for nothing else.
fn by_destination(rule: &Rule) -> Option<AddressSet> {
    let only = rule.when.source.is_none() && rule.when.traffic.is_all();
    let any = || AddressSet::any();
    only.then(|| rule.when.destination.as_deref().map_or_else(any, Clone::clone))
}

/// Whether all packets to these destinations come back, with the forwarders that they pass before.
fn circles(
    fabric: &Fabric,
    then: &Then,
    destinations: &AddressSet,
    passed: &mut Vec<ResidentIx>,
) -> bool {
    let Then::Go(ways) = then else { return false };
    let before = passed.len();
    let mut longest = Vec::new();
    let all = ways.iter().all(|way| {
        passed.truncate(before);
        let Way::Hop(edge) = way else { return false };
        let hop = &fabric.graph[*edge];
        let Some(forwarder) = hop.forwarder else {
            return false;
        };
        if hop.translation.is_some() || fabric.hosts.get(forwarder).down {
            return false;
        }
        if passed.iter().any(|other| same_machine(fabric, *other, forwarder)) {
            longest.clone_from(passed);
            return true;
        }
        passed.push(forwarder);
        let next = fabric.graph.edge_endpoints(*edge).map(|(_, next)| next);
        let comes_back = next
            .is_some_and(|next| looked_up(fabric, &fabric.graph[next].rules, destinations, passed));
        longest.clone_from(passed);
        comes_back
    });
    *passed = longest;
    all && !ways.is_empty()
}

/// The same of packets that are looked up at a stage with these rules.
fn looked_up(
    fabric: &Fabric,
    rules: &[Rule],
    destinations: &AddressSet,
    passed: &mut Vec<ResidentIx>,
) -> bool {
    let before = passed.clone();
    let mut rest = destinations.clone();
    for rule in rules {
        let Some(destination) = by_destination(rule) else {
            let anywhere = rule.when.destination.as_deref();
            if anywhere.is_none_or(|set| !rest.intersection(set).is_empty()) {
                return false;
            }
            continue;
        };
        let part = rest.intersection(&destination);
        if part.is_empty() {
            continue;
        }
        passed.clone_from(&before);
        if !circles(fabric, &rule.then, &part, passed) {
            return false;
        }
        rest = rest.difference(&destination);
        if rest.is_empty() {
            return true;
        }
    }
    false
}

fn same_machine(fabric: &Fabric, one: ResidentIx, other: ResidentIx) -> bool {
    let (one, other) = (fabric.hosts.get(one), fabric.hosts.get(other));
    one.id() == other.id() || one.machine.is_some() && one.machine == other.machine
}
