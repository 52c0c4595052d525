//! Ports that somebody names: an example that uses one of them says more than the lowest port of a range.

use super::{Network, Protocols, Served, Service};
use crate::space::{IntervalSet, Protocol};

/// So many ports are named at most, those of what is served first.
const MOST: usize = 64;

/// What everybody knows, where nobody names anything.
const USUAL: [u16; 3] = [443, 80, 22];

/// The ports that listeners, databases, port forwardings and rules of a network name, in this order, and the usual ones.
#[must_use]
pub fn named_ports(network: &Network) -> Vec<(Protocol, u16)> {
    let mut ports = own_ports(network);
    let usual = USUAL.map(|port| (Protocol::TCP, port)).into_iter();
    let usual: Vec<_> = usual.filter(|one| !ports.contains(one)).collect();
    ports.extend(usual);
    ports
}

/// The same without the usual ones: the first of each range.
#[must_use]
pub fn own_ports(network: &Network) -> Vec<(Protocol, u16)> {
    let mut ports = Vec::new();
    let mut add = |protocol: Protocol, named: &IntervalSet<u16>| {
        for (first, _) in named.ranges() {
            let one = (protocol, first);
            if first > 0 && ports.len() < MOST && !ports.contains(&one) {
                ports.push(one);
            }
        }
    };
    let listeners = network.load_balancers.values().flat_map(|it| &it.listeners);
    let classic = network.classic_load_balancers.values();
    for listener in listeners.chain(classic.flat_map(|it| &it.listeners)) {
        add(listener.protocol.transport(), &listener.ports);
    }
    let databases = network.databases.values().map(|it| it.port);
    for port in databases.chain(network.classic_databases.values().map(|it| it.port)) {
        add(Protocol::TCP, &IntervalSet::single(port));
    }
    for service in services(network) {
        match service.protocols {
            Protocols::One(protocol) if protocol.has_ports() => add(protocol, &service.ports),
            Protocols::One(_) | Protocols::All => {}
        }
    }
    ports
}

/// Services that port forwardings, rules and templates name.
fn services(network: &Network) -> impl Iterator<Item = &Service> {
    let forwarded = network.nat_gateways.values().flat_map(|it| &it.dnat);
    let forwarded = forwarded.map(|entry| &entry.service);
    let groups = network.security_groups.values();
    let rules = groups.flat_map(|group| group.ingress.iter().chain(&group.egress));
    let rules = rules.filter_map(|rule| match &rule.service {
        Served::Service(service) => Some(service),
        Served::Template(_) | Served::TemplateGroup(_) => None,
    });
    let templates = network.service_templates.values();
    let templates = templates.flat_map(|template| &template.services);
    let acls = network.network_acls.values();
    let acls = acls.flat_map(|acl| acl.ingress.iter().chain(&acl.egress));
    let acls = acls.map(|rule| &rule.service);
    let firewalls = network.edge_firewalls.values();
    let firewalls = firewalls.flat_map(|it| it.ingress.iter().chain(&it.egress));
    let firewalls = firewalls.map(|rule| &rule.service);
    let listed = acls.chain(firewalls);
    forwarded.chain(rules).chain(templates).chain(listed)
}
