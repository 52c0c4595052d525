//! From a packet that works to changes that may stop it: a rule above the one that lets it pass, that rule gone, a
//! route off, a classic link detached.

use std::sync::Arc;

use super::block::{Flow, Looked};
use super::candidate::Candidate;
use super::filter::{acl_rules, entry, exactly, group_rules, policy};
use super::route::written;
use crate::engine::trace;
use crate::fabric::Fabric;
use crate::model::{Change, Endpoint, Network, Protocols, Service};
use crate::query::{ListName, RuleRef, TracePath, TraceStep, Waypoint};
use crate::space::{Action, AddressSet, IntervalSet, Packet};
use crate::verify::answer::Witness;
use crate::verify::party::endpoint_of;

/// Changes that may stop the packet that still works.
pub fn candidates(network: &Arc<Network>, looked: &Looked) -> Vec<Candidate> {
    let Some(working) = &looked.working else {
        return Vec::new();
    };
    let fabric = Fabric::new(Arc::clone(network));
    let traced = trace(&fabric, working.from, working.to, working.packet);
    let Some(path) = traced.paths.iter().find(|path| path.sometimes) else {
        return Vec::new();
    };
    let mut found: Vec<Candidate> = Vec::new();
    for step in &path.forward {
        for change in changes(network, looked, working, step) {
            if !found.contains(&vec![change.clone()]) {
                found.push(vec![change]);
            }
        }
    }
    found.extend(detached(&fabric, path, working));
    found
}

fn changes(network: &Network, looked: &Looked, working: &Witness, step: &TraceStep) -> Vec<Change> {
    let flows = seen(looked, &working.packet, &step.packet_in);
    if let Some(rule) = &step.rule {
        return against(network, rule, &flows);
    }
    let place = step.place.as_ref();
    let route = place.and_then(|place| written(network, place));
    let off = route.and_then(|(table, route)| {
        Some(Change::DisableRoutes {
            route_table: table.clone(),
            to: vec![network.route_tables.get(table)?.name_of(route)],
        })
    });
    off.into_iter().collect()
}

/// What works, as it looks at a hop: what was rewritten on the way is as the packet has it.
fn seen(looked: &Looked, sent: &Packet, here: &Packet) -> Vec<Flow> {
    let flows = looked.works.iter().map(|flow| {
        let side = |sent, here, own: &AddressSet| {
            if sent == here { own.clone() } else { AddressSet::single(here) }
        };
        let services = if sent.destination_port == here.destination_port {
            flow.services.clone()
        } else {
            vec![Service {
                protocols: Protocols::One(here.protocol),
                ports: IntervalSet::single(here.destination_port),
            }]
        };
        Flow {
            services,
            sources: side(sent.source, here.source, &flow.sources),
            destinations: side(sent.destination, here.destination, &flow.destinations),
        }
    });
    flows.collect()
}

/// A rule above the one that accepts, and that one gone.
fn against(network: &Network, rule: &RuleRef, flows: &[Flow]) -> Vec<Change> {
    let mut found = Vec::new();
    if network.security_groups.contains_key(&rule.owner) {
        let rules = group_rules(Action::Drop, flows, rule.list, exactly);
        found.extend(rules.map(|rules| policy(&rule.owner, rule.list, rules, rule.index)));
        let (mut ingress, mut egress) = (Vec::new(), Vec::new());
        match rule.list {
            ListName::Ingress => ingress.push(rule.index),
            ListName::Egress => egress.push(rule.index),
        }
        found.push(Change::DeleteSecurityGroupPolicies {
            security_group: rule.owner.clone(),
            ingress,
            egress,
        });
    } else {
        let rules = acl_rules(Action::Drop, flows, rule.list, exactly);
        let rules =
            rules.and_then(|rules| entry(network, &rule.owner, rule.list, rules, rule.index));
        found.extend(rules);
    }
    found
}

/// The classic link that the packet crosses, taken away.
fn detached(fabric: &Fabric, path: &TracePath, working: &Witness) -> Vec<Candidate> {
    let ends = [working.from, working.to].map(|end| endpoint_of(fabric, end));
    let links = path.waypoints.iter().filter_map(|waypoint| match waypoint {
        Waypoint::ClassicLink(vpc) => Some(vpc),
        Waypoint::Id(_) => None,
    });
    let mut found = Vec::new();
    for vpc in links {
        for end in &ends {
            if let Endpoint::ClassicInstance(id) = end {
                found.push(vec![Change::DetachClassicLinkVpc {
                    vpc: vpc.clone(),
                    instances: vec![id.clone()],
                }]);
            }
        }
    }
    found
}
