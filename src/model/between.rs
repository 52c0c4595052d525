//! Two networks, entity by entity: what differs, and networks half way between them.
//!
//! A network half way takes some of the differences and leaves the others. What would then refer to something that is not
//! there, or be a second thing of one id, is not taken either, as the cloud would refuse it.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::reference::dangling;
use super::{Key, Kind, Network, Place, Reference, Section};
use crate::id::Id;

/// Something that may differ between two networks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// An entity.
    Entity(Kind, Id),
    /// The classic links of a VPC.
    Links(Id),
    /// Whether something has failed.
    Failure(Id),
    /// Whom a name leads to.
    Name(Id),
    /// The switches for what the documents leave open.
    Platform,
}

/// How a part differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turned {
    /// Only the new network has it.
    Added,
    /// Both have it, not equal.
    Changed,
    /// Only the old network has it.
    Removed,
}

/// Everything that differs, in the order of the sections, the new network's entities first.
#[must_use]
pub fn differences(old: &Network, new: &Network) -> Vec<(Part, Turned)> {
    let mut parts: Vec<Part> = Vec::new();
    for network in [new, old] {
        let ids = network.ids().filter(|(_, kind)| is_section(*kind));
        parts.extend(ids.map(|(id, kind)| Part::Entity(kind, id.clone())));
        parts.extend(network.classic_links.keys().cloned().map(Part::Links));
        parts.extend(network.down.iter().cloned().map(Part::Failure));
        parts.extend(network.names.keys().cloned().map(Part::Name));
    }
    parts.push(Part::Platform);
    let mut seen = BTreeSet::new();
    parts.retain(|part| seen.insert(part.clone()));
    let turned = parts.into_iter().filter_map(|part| {
        let (was, is) = (has(old, &part), has(new, &part));
        let turned = match (was, is) {
            (false, true) => Turned::Added,
            (true, false) => Turned::Removed,
            _ if same(old, new, &part) => return None,
            _ => Turned::Changed,
        };
        Some((part, turned))
    });
    turned.collect()
}

/// The old network with these parts as they are in the new one, as far as everything refers to something and every id names
/// one thing.
///
/// Both networks are sound, so what does not hold between them is due to parts that were taken: all of these are left,
/// until everything holds. A part that is left never makes another fit to be taken, so the order does not count.
#[must_use]
pub fn half_way(old: &Network, new: &Network, taken: &[Part]) -> Network {
    let mut taken: BTreeSet<&Part> = taken.iter().collect();
    loop {
        let mut network = old.clone();
        for part in &taken {
            put(&mut network, new, part);
        }
        let wrong = Wrong::in_network(&network);
        if wrong.is_nothing() {
            let down = std::mem::take(&mut network.down).into_iter();
            network.down = down
                .filter(|id| network.kind_of(id.as_str()).is_some())
                .collect();
            return network;
        }
        let culprits = wrong.culprits([old, new], &taken);
        if culprits.is_empty() {
            return old.clone();
        }
        taken.retain(|part| !culprits.contains(*part));
    }
}

/// What does not hold in a network half way.
struct Wrong {
    dangling: Vec<Reference>,
    /// Ids that several things have.
    doubled: Vec<Id>,
}

impl Wrong {
    fn in_network(network: &Network) -> Self {
        let mut seen = FxHashSet::default();
        let doubled = network.ids().map(|(id, _)| id);
        let doubled = doubled.filter(|id| !seen.insert(*id)).cloned();
        Self {
            dangling: dangling(network),
            doubled: doubled.collect(),
        }
    }

    fn is_nothing(&self) -> bool {
        self.dangling.is_empty() && self.doubled.is_empty()
    }

    /// The taken parts that it is due to.
    fn culprits(&self, [old, new]: [&Network; 2], taken: &BTreeSet<&Part>) -> BTreeSet<Part> {
        let mut culprits = BTreeSet::new();
        let mut blame = |is_culprit: &dyn Fn(&Part) -> bool| {
            let found = taken.iter().filter(|part| is_culprit(part));
            let found: Vec<Part> = found.map(|part| (*part).clone()).collect();
            let any = !found.is_empty();
            culprits.extend(found);
            any
        };
        for reference in &self.dangling {
            // Who refers was taken, or else what it refers to was taken away.
            if !blame(&|part| refers(part, reference)) {
                let holder = holder(old, &reference.id);
                blame(&|part| held(part, reference, &holder));
            }
        }
        for id in &self.doubled {
            let holder = holder(new, id);
            blame(&|part| matches!(part, Part::Entity(_, id) if *id == holder));
        }
        culprits
    }
}

/// Whether a part is where a reference stands.
fn refers(part: &Part, reference: &Reference) -> bool {
    let Place { id: owner, path } = &reference.place;
    let is_link = matches!(path.first(), None | Some(Key::Field("classic_links")));
    match part {
        Part::Entity(_, id) => id == owner && !is_link,
        Part::Links(id) => id == owner && is_link,
        Part::Name(name) => name == owner,
        Part::Failure(_) | Part::Platform => false,
    }
}

/// Whether a part is what a reference led to, or what ended that accounts are there without being declared.
fn held(part: &Part, reference: &Reference, holder: &Id) -> bool {
    match part {
        Part::Entity(Kind::Account, _) => reference.wanted == [Kind::Account],
        Part::Entity(_, id) => id == holder,
        Part::Links(_) | Part::Failure(_) | Part::Name(_) | Part::Platform => false,
    }
}

/// The entity with a section of its own that an id belongs to: the group of a member, the gateway of a tunnel.
fn holder(network: &Network, id: &Id) -> Id {
    if let Some((group, _)) = network.group_member(id.as_str()) {
        return group.clone();
    }
    let ccns = network.ccns.iter();
    let ccns = ccns.filter(|(_, ccn)| ccn.route_tables.contains_key(id));
    let vpns = network.vpn_gateways.iter();
    let vpns = vpns.filter(|(_, it)| it.connections.iter().any(|one| one.id == *id));
    let lines = network.direct_connect_gateways.iter();
    let lines = lines.filter(|(_, it)| it.tunnels.iter().any(|one| one.id == *id));
    let mut holders = (ccns.map(|(id, _)| id))
        .chain(vpns.map(|(id, _)| id))
        .chain(lines.map(|(id, _)| id));
    holders.next().unwrap_or(id).clone()
}

/// Parts of other entities come and go with them.
fn is_section(kind: Kind) -> bool {
    Kind::SECTIONS.contains(&kind)
}

fn has(network: &Network, part: &Part) -> bool {
    match part {
        Part::Entity(kind, id) => network.has(*kind, id.as_str()),
        Part::Links(vpc) => network.classic_links.contains_key(vpc),
        Part::Failure(id) => network.down.contains(id),
        Part::Name(name) => network.names.contains_key(name),
        Part::Platform => true,
    }
}

/// Whether both networks have the part, and have it equal.
fn same(a: &Network, b: &Network, part: &Part) -> bool {
    let [a, b] = [a, b].map(|network| {
        let mut only = Network::default();
        put(&mut only, network, part);
        only
    });
    a == b
}

/// Makes a part what it is in another network: copies it, or takes it away.
pub fn put(into: &mut Network, from: &Network, part: &Part) {
    match part {
        Part::Entity(kind, id) => put_entity(into, from, *kind, id),
        Part::Links(vpc) => copy(&mut into.classic_links, &from.classic_links, vpc),
        Part::Name(name) => copy(&mut into.names, &from.names, name),
        Part::Failure(id) if from.down.contains(id) => {
            into.down.insert(id.clone());
        }
        Part::Failure(id) => {
            into.down.remove(id);
        }
        Part::Platform => into.platform = from.platform,
    }
}

fn copy<T: Clone>(into: &mut Section<T>, from: &Section<T>, id: &Id) {
    match from.get(id) {
        Some(entity) => drop(into.insert(id.clone(), entity.clone())),
        None => drop(into.shift_remove(id)),
    }
}

fn put_entity(into: &mut Network, from: &Network, kind: Kind, id: &Id) {
    match kind {
        Kind::Account => copy(&mut into.accounts, &from.accounts, id),
        Kind::Vpc => copy(&mut into.vpcs, &from.vpcs, id),
        Kind::Subnet => copy(&mut into.subnets, &from.subnets, id),
        Kind::RouteTable => copy(&mut into.route_tables, &from.route_tables, id),
        Kind::NetworkAcl => copy(&mut into.network_acls, &from.network_acls, id),
        Kind::SecurityGroup => copy(&mut into.security_groups, &from.security_groups, id),
        Kind::AddressTemplate => copy(&mut into.address_templates, &from.address_templates, id),
        Kind::AddressTemplateGroup => {
            let section = &from.address_template_groups;
            copy(&mut into.address_template_groups, section, id);
        }
        Kind::ServiceTemplate => copy(&mut into.service_templates, &from.service_templates, id),
        Kind::ServiceTemplateGroup => {
            let section = &from.service_template_groups;
            copy(&mut into.service_template_groups, section, id);
        }
        Kind::Instance => copy(&mut into.instances, &from.instances, id),
        Kind::NetworkInterface => {
            copy(&mut into.network_interfaces, &from.network_interfaces, id);
        }
        Kind::InstanceGroup => copy(&mut into.instance_groups, &from.instance_groups, id),
        Kind::HaVip => copy(&mut into.havips, &from.havips, id),
        Kind::Database => copy(&mut into.databases, &from.databases, id),
        Kind::LoadBalancer => copy(&mut into.load_balancers, &from.load_balancers, id),
        Kind::ClassicInstance => copy(&mut into.classic_instances, &from.classic_instances, id),
        Kind::ClassicDatabase => copy(&mut into.classic_databases, &from.classic_databases, id),
        Kind::ClassicLoadBalancer => {
            let section = &from.classic_load_balancers;
            copy(&mut into.classic_load_balancers, section, id);
        }
        Kind::EndpointConnection => {
            let section = &from.endpoint_connections;
            copy(&mut into.endpoint_connections, section, id);
        }
        Kind::EndpointService => copy(&mut into.endpoint_services, &from.endpoint_services, id),
        Kind::VpcEndpoint => copy(&mut into.vpc_endpoints, &from.vpc_endpoints, id),
        Kind::Peering => copy(&mut into.peerings, &from.peerings, id),
        Kind::Ccn => copy(&mut into.ccns, &from.ccns, id),
        Kind::NatGateway => copy(&mut into.nat_gateways, &from.nat_gateways, id),
        Kind::VpnGateway => copy(&mut into.vpn_gateways, &from.vpn_gateways, id),
        Kind::DirectConnectGateway => {
            let section = &from.direct_connect_gateways;
            copy(&mut into.direct_connect_gateways, section, id);
        }
        Kind::EdgeFirewall => copy(&mut into.edge_firewalls, &from.edge_firewalls, id),
        Kind::Site => copy(&mut into.sites, &from.sites, id),
        Kind::CcnRouteTable | Kind::VpnConnection | Kind::DirectConnectTunnel => {}
    }
}
