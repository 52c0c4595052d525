//! What the members of a CCN publish to it (CCN-3, D20-5, D20-34, D20-37, D20-38).

use indexmap::IndexMap;
use ipnet::IpNet;

use super::{CcnMember, CcnPublication, NatKind, Network, NextHop, Place, Route};
use crate::id::Id;

/// What a route of a CCN is to the member that it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A subnet of a VPC, or one of its CIDRs where it publishes those.
    Range,
    /// A custom route of a VPC (D20-37).
    Custom,
    /// The custom route of a VPC for everything, by a NAT gateway (D20-38).
    Default,
    /// A prefix behind a gateway.
    Prefix,
    /// Nothing: it was added to the CCN by hand (D20-24).
    Hand,
}

/// A CIDR that a member publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The CIDR.
    pub to: IpNet,
    /// What it is to the member.
    pub origin: Origin,
    /// Whether a line behind it is there (D20-34).
    pub present: bool,
}

impl Network {
    /// The CIDRs that a member publishes to its CCNs, whatever the state of its lines. Each once.
    #[must_use]
    pub fn published(&self, member: &CcnMember) -> Vec<IpNet> {
        let publications = self.publications(member).into_iter();
        publications.map(|publication| publication.to).collect()
    }

    /// Whether two gateways of a CCN publish prefixes that overlap: then `route_overlap` decides (D20-34).
    #[must_use]
    pub fn gateways_overlap(&self, ccn: &Id) -> bool {
        let members = self.ccn_members(ccn.as_str()).into_iter();
        let gateways = members.filter(|member| match member {
            CcnMember::Vpc(_) => false,
            CcnMember::VpnGateway(_) | CcnMember::DirectConnectGateway(_) => true,
        });
        let told: Vec<Vec<IpNet>> = gateways.map(|it| self.published(&it)).collect();
        told.iter().enumerate().any(|(at, own)| {
            let others = told[at + 1..].iter().flatten();
            let mut pairs = others.flat_map(|other| own.iter().map(move |own| (own, other)));
            pairs.any(|(one, other)| one.contains(other) || other.contains(one))
        })
    }

    /// What a member publishes to its CCNs (CCN-3): a VPC its subnets or its CIDRs and the custom
    /// routes that say so, a VPN gateway the remote CIDRs of its policies and its enabled routes, a
    /// Direct Connect gateway its prefixes. Each CIDR once.
    #[must_use]
    pub fn publications(&self, member: &CcnMember) -> Vec<Publication> {
        let mut all: IndexMap<IpNet, Publication> = IndexMap::new();
        let mut add = |to: IpNet, origin: Origin, present: bool| {
            let entry = all.entry(to).or_insert(Publication { to, origin, present });
            entry.present |= present;
        };
        match member {
            CcnMember::Vpc(id) => {
                for to in self.plainly_published(id) {
                    add(to, Origin::Range, true);
                }
                for (_, route) in self.published_routes(id) {
                    let by_nat = matches!(route.via, NextHop::NatGateway(_));
                    let origin = match route.to.prefix_len() {
                        0 if by_nat => Origin::Default,
                        _ => Origin::Custom,
                    };
                    add(route.to, origin, true);
                }
            }
            CcnMember::VpnGateway(id) => {
                let gateway = self.vpn_gateways.get(id).into_iter();
                for gateway in gateway {
                    for connection in &gateway.connections {
                        let present = !self.is_absent(id, connection.into());
                        let remotes = connection.policies.iter().flat_map(|it| &it.remote);
                        for remote in remotes {
                            add(*remote, Origin::Prefix, present);
                        }
                    }
                    for route in gateway.routes.iter().filter(|route| route.enabled) {
                        let mut connections = gateway.connections.iter();
                        let by = connections.find(|it| it.id == route.connection);
                        let present = by.is_none_or(|by| !self.is_absent(id, by.into()));
                        add(route.to, Origin::Prefix, present);
                    }
                }
            }
            CcnMember::DirectConnectGateway(id) => {
                let gateway = self.direct_connect_gateways.get(id).into_iter();
                for tunnel in gateway.flat_map(|gateway| &gateway.tunnels) {
                    let present = !self.is_absent(id, tunnel.into());
                    for prefix in &tunnel.prefixes {
                        add(*prefix, Origin::Prefix, present);
                    }
                }
            }
        }
        all.into_values().collect()
    }

    /// What a VPC publishes without being told: its subnets, or its CIDRs.
    fn plainly_published(&self, id: &Id) -> Vec<IpNet> {
        match self.vpcs.get(id) {
            Some(vpc) if vpc.publish_to_ccn == CcnPublication::Cidrs => vpc.cidrs().collect(),
            _ => self.subnet_cidrs(id).collect(),
        }
    }

    /// The CIDRs of a VPC's subnets.
    pub(super) fn subnet_cidrs(&self, vpc: &Id) -> impl Iterator<Item = IpNet> + use<'_> {
        let vpc = vpc.clone();
        let subnets = self.subnets.values();
        let subnets = subnets.filter(move |subnet| subnet.vpc == vpc);
        subnets.flat_map(|subnet| std::iter::once(subnet.cidr).chain(subnet.ipv6_cidr))
    }

    /// The custom routes that a VPC publishes, with their places, in the order of its tables
    /// (D20-37, D20-38).
    pub fn published_routes(&self, vpc: &Id) -> impl Iterator<Item = (Place, &Route)> {
        let tables = self.route_tables.iter();
        let tables = tables.filter(move |(_, table)| table.vpc == *vpc);
        let routes = tables.flat_map(|(id, table)| {
            let routes = table.routes.iter().enumerate();
            routes.map(move |(index, route)| (Place::item(id, "routes", index), route))
        });
        routes.filter(|(_, route)| route.publish && route.enabled && self.is_publishable(route))
    }

    /// The routes by which a VPC takes what was sent to a destination that it publishes: of the first table that
    /// has it, those of the highest priority (CCN-9).
    #[must_use]
    pub fn taken_by(&self, vpc: &Id, to: IpNet) -> Vec<(Place, &Route)> {
        let all = self.published_routes(vpc);
        let mut all: Vec<_> = all.filter(|(_, route)| route.to == to).collect();
        if let Some(first) = all.first().map(|(place, _)| place.id.clone()) {
            all.retain(|(place, _)| place.id == first);
        }
        let highest = all.iter().map(|(_, route)| route.priority).min();
        all.retain(|(_, route)| Some(route.priority) == highest);
        all
    }

    /// Whether a route may be published: to an instance or a HAVIP, not for everything (D20-37), or to
    /// a standard NAT gateway (D20-38). One that is gone may have been one.
    #[must_use]
    pub fn is_publishable(&self, route: &Route) -> bool {
        match &route.via {
            NextHop::Instance(_) | NextHop::HaVip(_) => route.to.prefix_len() > 0,
            NextHop::NatGateway(id) => {
                let gateway = self.nat_gateways.get(id);
                gateway.is_none_or(|gateway| gateway.kind == NatKind::Standard)
            }
            NextHop::VpnGateway(_)
            | NextHop::DirectConnectGateway(_)
            | NextHop::PeeringConnection(_)
            | NextHop::Ccn(_)
            | NextHop::PublicGateway(_)
            | NextHop::Eip => false,
        }
    }
}
