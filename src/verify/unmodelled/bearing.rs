//! What surrounds a pair: its ends with their filters and places, what is on the way, and where its packets are routed.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::engine::{Pair, PairAnswer};
use crate::fabric::{Fabric, Party};
use crate::id::Id;
use crate::model::{
    Attachment, CcnMember, Destination, Endpoint, INTERNET, Kind, Listener, LoadBalancerNetwork,
    Network, Peer, Served, Unmodelled, Vpc, VpcEndpoint,
};
use crate::query::Waypoint;
use crate::space::AddressSet;
use crate::verify::party::endpoint_of;

/// How much of a pair hangs on something, from the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grip {
    /// Where replies go.
    Return,
    /// What happens once the opener has sent.
    Beyond,
    /// Everything.
    Whole,
}

/// How something holds a pair.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    /// How much of it.
    pub(super) grip: Grip,
    /// Only through rules: where packets go does not hang on it.
    pub(super) only_filters: bool,
    /// What it touches of the pair.
    pub(super) at: Option<Id>,
}

/// What bears on a pair.
pub(super) struct Bearing<'n> {
    network: &'n Network,
    /// The opener, its filters and its place.
    opener: BTreeSet<Id>,
    /// What receives, its filters and its place; what is on the way; the opener's routing.
    beyond: BTreeSet<Id>,
    /// The receiver's routing.
    back: BTreeSet<Id>,
    /// The VPCs whose routing counts, with how much hangs on it.
    routed: Vec<(Grip, Id)>,
    /// The addresses that packets may be sent to; `None` if something on the way translates.
    destinations: Option<AddressSet>,
}

impl<'n> Bearing<'n> {
    pub(super) fn of(fabric: &'n Fabric, pair: &Pair, answer: &PairAnswer) -> Self {
        let network = &*fabric.network;
        let (from, to) = (endpoint_of(fabric, pair.from), endpoint_of(fabric, pair.to));
        let (mut opener, mut receiver) = (Around::default(), Around::default());
        opener.end(network, &from);
        receiver.end(network, &to);
        let is_local = stays_in(network, &opener, &pair.destination)
            && stays_in(network, &receiver, &pair.source);
        let mut way = Around::default();
        let mut translates = false;
        for way_taken in &answer.ways {
            for waypoint in &way_taken.waypoints {
                let (Waypoint::Id(id) | Waypoint::ClassicLink(id)) = waypoint;
                translates |= way.pass(network, id);
            }
            for blocker in &way_taken.blockers {
                let reason = &blocker.reason;
                let rule = reason.rule.as_ref().map(|rule| &rule.owner);
                let at = [reason.cause.at.as_ref(), rule];
                for id in at.into_iter().flatten() {
                    way.near.insert(id.clone());
                }
                // what a route leads into may be more than the file knows of it
                let place = reason.cause.place.as_ref();
                let hop = place.and_then(|place| network.route_at(place)?.via.id());
                way.near.extend(hop.cloned());
            }
        }
        let mut beyond = receiver.near;
        beyond.extend(way.near);
        beyond.extend(way.far);
        let mut back = BTreeSet::new();
        let mut routed: Vec<(Grip, Id)> = Vec::new();
        routed.extend(way.vpc.map(|vpc| (Grip::Beyond, vpc.clone())));
        if !is_local {
            beyond.extend(opener.far);
            back = receiver.far;
            routed.extend(opener.vpc.map(|vpc| (Grip::Beyond, vpc.clone())));
            routed.extend(receiver.vpc.map(|vpc| (Grip::Return, vpc.clone())));
        }
        // who means a public address goes out to the Internet and comes back in
        let is_public = |set: &AddressSet| set.first().is_some_and(|it| network.is_public(it));
        if pair.to == Party::Internet || is_public(&pair.destination) {
            beyond.insert(Id::from(INTERNET));
        }
        if pair.from == Party::Internet {
            opener.near.insert(Id::from(INTERNET));
            // port forwarding leads in without being on any way that the model knows
            let gateways = network.nat_gateways.iter();
            let gateways = gateways.filter(|(_, gateway)| Some(&gateway.vpc) == receiver.vpc);
            beyond.extend(gateways.map(|(id, _)| id.clone()));
        }
        let internet = Id::from(INTERNET);
        if beyond.contains(&internet) || opener.near.contains(&internet) {
            // at the border they stand before every public address (EFW-1)
            beyond.extend(network.edge_firewalls.keys().cloned());
        }
        Self {
            network,
            opener: opener.near,
            beyond,
            back,
            routed,
            destinations: (!translates).then(|| destinations(fabric, pair)),
        }
    }

    /// How much of the pair hangs on something, and what it touches of it; `None` = nothing.
    pub(super) fn hold(&self, entry: &Unmodelled) -> Option<Hold> {
        if !entry.destinations.is_empty() && !entry.destinations.iter().any(|to| self.goes_to(*to))
        {
            return None;
        }
        if entry.touches_all() {
            return Some(Hold { grip: Grip::Whole, only_filters: false, at: None });
        }
        let held = entry.touches.iter().filter_map(|id| {
            let parts = [
                (Grip::Whole, &self.opener),
                (Grip::Beyond, &self.beyond),
                (Grip::Return, &self.back),
            ];
            let id = self.owner(id);
            let part = parts.iter().find(|(_, part)| part.contains(id));
            part.map(|(grip, _)| (*grip, id))
        });
        let routed = self.routed.iter();
        let routed = routed.filter(|(_, vpc)| entry.routing_of.contains(vpc));
        let held = held.chain(routed.map(|(grip, vpc)| (*grip, vpc)));
        let held: Vec<(Grip, &Id)> = held.collect();
        let (grip, id) = held.iter().max_by_key(|(grip, _)| *grip)?;
        Some(Hold {
            grip: *grip,
            only_filters: held.iter().all(|(_, id)| self.is_filter(id)),
            at: Some((*id).clone()),
        })
    }

    /// Whether packets of the pair or their replies may be sent to a destination.
    fn goes_to(&self, to: Destination) -> bool {
        match (to, &self.destinations) {
            (Destination::Internet, _) => {
                let internet = Id::from(INTERNET);
                self.opener.contains(&internet) || self.beyond.contains(&internet)
            }
            (Destination::Cidr(_), None) => true,
            (Destination::Cidr(cidr), Some(all)) => {
                !all.intersection(&AddressSet::from(cidr)).is_empty()
            }
        }
    }

    fn is_filter(&self, id: &Id) -> bool {
        let kind = self.network.kind_of(id.as_str());
        matches!(
            kind,
            Some(
                Kind::SecurityGroup
                    | Kind::NetworkAcl
                    | Kind::AddressTemplate
                    | Kind::AddressTemplateGroup
                    | Kind::ServiceTemplate
                    | Kind::ServiceTemplateGroup
                    | Kind::EdgeFirewall
            )
        )
    }

    /// A member of a group stands for its group.
    fn owner<'i>(&'i self, id: &'i Id) -> &'i Id {
        let member = self.network.group_member(id.as_str());
        member.map_or(id, |(group, _)| group)
    }
}

/// Whether all these addresses are local to the VPC that something lies in (RT-4); true of what lies in none.
fn stays_in(network: &Network, end: &Around<'_>, addresses: &AddressSet) -> bool {
    let Some(id) = end.vpc else {
        return !end.is_outside;
    };
    let Some(vpc) = network.vpcs.get(id) else {
        return false;
    };
    let links = network.classic_links.get(id).into_iter().flatten();
    let linked = links.map(|link| AddressSet::single(link.address));
    let local = AddressSet::union_all(cidrs(vpc).chain(linked));
    addresses.is_subset(&local)
}

fn cidrs(vpc: &Vpc) -> impl Iterator<Item = AddressSet> + '_ {
    let all = std::iter::once(&vpc.cidr).chain(&vpc.secondary_cidrs);
    all.chain(&vpc.ipv6_cidr).map(|cidr| AddressSet::from(*cidr))
}

/// Where packets of a pair and their replies may be sent to, translations at the ends included: none of them makes one
/// family of the other.
fn destinations(fabric: &Fabric, pair: &Pair) -> AddressSet {
    let asked = pair.source.union(&pair.destination);
    let v4 = AddressSet::any_v4();
    let families = [!asked.intersection(&v4).is_empty(), !asked.difference(&v4).is_empty()];
    let is_asked = |address: &IpAddr| families[usize::from(address.is_ipv6())];
    let mut all = asked.clone();
    for party in [pair.from, pair.to] {
        if let Party::Host(host, _) = party {
            let resident = fabric.hosts.get(host);
            let (first, last) = resident.addresses;
            if is_asked(&first) {
                all = all.union(&AddressSet::range(first, last));
            }
            let others = resident.further.iter().chain(&resident.public);
            for address in others.copied().filter(is_asked) {
                all = all.union(&single(address));
            }
        }
    }
    all
}

fn single(address: IpAddr) -> AddressSet {
    AddressSet::single(address)
}

/// What surrounds an end.
#[derive(Default)]
struct Around<'n> {
    /// Itself, its filters, its place.
    near: BTreeSet<Id>,
    /// Where its packets go when they leave the VPC.
    far: BTreeSet<Id>,
    /// The VPC that it lies in.
    vpc: Option<&'n Id>,
    /// It is no part of the cloud.
    is_outside: bool,
}

impl<'n> Around<'n> {
    fn end(&mut self, network: &'n Network, end: &Endpoint) {
        match end {
            Endpoint::Internet => self.is_outside = true,
            Endpoint::Site(id) => {
                self.is_outside = true;
                self.near.insert(id.clone());
                self.site(network, id);
            }
            other => {
                if let Some(id) = other.id() {
                    self.host(network, id);
                }
            }
        }
    }

    /// What leads to a site.
    fn site(&mut self, network: &'n Network, site: &Id) {
        for (id, gateway) in &network.vpn_gateways {
            for connection in gateway.connections.iter().filter(|it| it.site == *site) {
                self.near.extend([id.clone(), connection.id.clone()]);
                self.attached(&gateway.attached_to);
            }
        }
        for (id, gateway) in &network.direct_connect_gateways {
            for tunnel in gateway.tunnels.iter().filter(|it| it.site == *site) {
                self.near.extend([id.clone(), tunnel.id.clone()]);
                self.attached(&gateway.attached_to);
            }
        }
    }

    fn attached(&mut self, to: &Attachment) {
        let (Attachment::Vpc(id) | Attachment::Ccn(id)) = to;
        self.far.insert(id.clone());
    }

    /// What a way passes; whether it may translate addresses.
    fn pass(&mut self, network: &'n Network, id: &Id) -> bool {
        match network.kind_of(id.as_str()) {
            Some(Kind::Instance | Kind::NetworkInterface | Kind::HaVip) => {
                self.host(network, id);
                false
            }
            Some(
                Kind::LoadBalancer
                | Kind::ClassicLoadBalancer
                | Kind::EndpointConnection
                | Kind::VpcEndpoint,
            ) => {
                self.host(network, id);
                true
            }
            kind => {
                self.near.insert(id.clone());
                matches!(kind, Some(Kind::NatGateway | Kind::DirectConnectGateway))
            }
        }
    }

    /// Something that owns an address.
    fn host(&mut self, network: &'n Network, id: &Id) {
        self.near.insert(id.clone());
        let id = id.as_str();
        self.near.extend(owned_by(network, id));
        let own = if let Some(it) = network.instances.get(id) {
            Some((&it.subnet, &it.security_groups[..]))
        } else if let Some(it) = network.network_interfaces.get(id) {
            self.near.insert(it.instance.clone());
            Some((&it.subnet, &it.security_groups[..]))
        } else if let Some(it) = network.instance_groups.get(id) {
            Some((&it.subnet, &it.security_groups[..]))
        } else if let Some(it) = network.databases.get(id) {
            Some((&it.subnet, &it.security_groups[..]))
        } else if let Some(it) = network.havips.get(id) {
            if let Some(carrier) = &it.bound_to {
                self.host(network, carrier);
            }
            Some((&it.subnet, &[][..]))
        } else if let Some(it) = network.vpc_endpoints.get(id) {
            self.offered(network, it);
            Some((&it.subnet, &it.security_groups[..]))
        } else if let Some(it) = network.load_balancers.get(id) {
            self.targets(network, &it.listeners);
            match &it.network {
                LoadBalancerNetwork::Internal { subnet, .. } => {
                    Some((subnet, &it.security_groups[..]))
                }
                LoadBalancerNetwork::Public { vpc, .. } => {
                    self.groups(network, &it.security_groups);
                    self.within(network, vpc);
                    None
                }
            }
        } else {
            self.other(network, id);
            None
        };
        if let Some((subnet, groups)) = own {
            self.groups(network, groups);
            self.subnet(network, subnet);
        }
    }

    /// The classic network, endpoint connections, NAT gateways.
    fn other(&mut self, network: &'n Network, id: &str) {
        if let Some(it) = network.classic_instances.get(id) {
            self.groups(network, &it.security_groups);
        } else if let Some(it) = network.classic_load_balancers.get(id) {
            self.targets(network, &it.listeners);
        } else if let Some(it) = network.endpoint_connections.get(id) {
            self.within(network, &it.vpc);
            self.host(network, &it.target);
        } else if let Some(it) = network.nat_gateways.get(id) {
            self.within(network, &it.vpc);
        }
    }

    /// The service of an endpoint and what stands behind it.
    fn offered(&mut self, network: &'n Network, endpoint: &'n VpcEndpoint) {
        self.near.insert(endpoint.service.clone());
        if let Some(service) = network.endpoint_services.get(&endpoint.service) {
            self.host(network, &service.load_balancer);
        }
    }

    fn targets(&mut self, network: &'n Network, listeners: &'n [Listener]) {
        for target in listeners.iter().flat_map(|listener| &listener.targets) {
            self.host(network, &target.instance);
        }
    }

    fn groups(&mut self, network: &'n Network, groups: &'n [Id]) {
        for id in groups {
            self.near.insert(id.clone());
            let Some(group) = network.security_groups.get(id) else {
                continue;
            };
            for rule in group.ingress.iter().chain(&group.egress) {
                if let Peer::AddressTemplate(id) | Peer::AddressTemplateGroup(id) = &rule.peer {
                    self.near.insert(id.clone());
                    let members = network.address_template_groups.get(id);
                    let members = members.into_iter().flat_map(|it| &it.templates);
                    self.near.extend(members.cloned());
                }
                if let Served::Template(id) | Served::TemplateGroup(id) = &rule.service {
                    self.near.insert(id.clone());
                    let members = network.service_template_groups.get(id);
                    let members = members.into_iter().flat_map(|it| &it.templates);
                    self.near.extend(members.cloned());
                }
            }
        }
    }

    fn subnet(&mut self, network: &'n Network, id: &'n Id) {
        self.near.insert(id.clone());
        let Some(subnet) = network.subnets.get(id) else {
            return;
        };
        self.near.extend(subnet.network_acl.clone());
        let vpc = network.vpcs.get(&subnet.vpc);
        let default = vpc.and_then(|vpc| vpc.default_route_table.as_ref());
        let table = subnet.route_table.as_ref().or(default);
        self.far.extend(table.cloned());
        self.within(network, &subnet.vpc);
    }

    fn within(&mut self, network: &'n Network, vpc: &'n Id) {
        self.vpc = Some(vpc);
        self.near.insert(vpc.clone());
        let member = CcnMember::Vpc(vpc.clone());
        self.far.extend(network.ccns_of(&member).cloned());
        self.near.extend(owned_by(network, vpc.as_str()));
    }
}

/// The account of an entity, if one is named.
fn owned_by(network: &Network, id: &str) -> Option<Id> {
    network.meta_of(id)?.account.clone()
}
