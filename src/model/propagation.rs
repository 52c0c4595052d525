//! The routes that a CCN computes: what its members publish, which of them are on, and what arrives
//! in a VPC's tables (CCN-3..8, RT-17, D20-4, D20-5, D20-24).
//!
//! A state is a function of the network alone: members join in their order, each publishes in the
//! order of the file, then the written states are set. Members that are down publish all the same;
//! a packet towards them meets `attachment-down`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::{
    Ccn, CcnMember, CcnPublication, CcnRoute, CcnRouteTable, Network, NextHop, Route, RouteTable,
};
use crate::id::Id;
use crate::space::Action;

/// Which table of a CCN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CcnTable<'n> {
    /// The default table: accepts everything (CCN-8).
    Default,
    /// A custom table by its id.
    Custom(&'n Id),
}

impl Network {
    /// What a member publishes to its CCN (CCN-3): a VPC its subnets or its CIDRs, a VPN gateway the
    /// remote CIDRs of its policies and its enabled routes, a Direct Connect gateway its prefixes.
    /// Each CIDR once.
    #[must_use]
    pub fn published(&self, member: &CcnMember) -> Vec<IpNet> {
        let mut cidrs: Vec<IpNet> = match member {
            CcnMember::Vpc(id) => match self.vpcs.get(id) {
                Some(vpc) if vpc.publish_to_ccn == CcnPublication::Cidrs => vpc.cidrs().collect(),
                _ => {
                    let subnets = self.subnets.values().filter(|subnet| subnet.vpc == *id);
                    subnets
                        .flat_map(|subnet| std::iter::once(subnet.cidr).chain(subnet.ipv6_cidr))
                        .collect()
                }
            },
            CcnMember::VpnGateway(id) => {
                let gateway = self.vpn_gateways.get(id).into_iter();
                gateway
                    .flat_map(|gateway| {
                        let policies = gateway.connections.iter().flat_map(|it| &it.policies);
                        let remotes = policies.flat_map(|policy| policy.remote.iter().copied());
                        let routes = gateway.routes.iter().filter(|route| route.enabled);
                        remotes.chain(routes.map(|route| route.to))
                    })
                    .collect()
            }
            CcnMember::DirectConnectGateway(id) => {
                let gateway = self.direct_connect_gateways.get(id).into_iter();
                let tunnels = gateway.flat_map(|gateway| &gateway.tunnels);
                tunnels.flat_map(|it| it.prefixes.iter().copied()).collect()
            }
        };
        let mut seen = HashSet::new();
        cidrs.retain(|cidr| seen.insert(*cidr));
        cidrs
    }

    /// The routes of a CCN table with their states. A route that arrives is off when an enabled
    /// one equals, contains or is contained in it, except equal ones that all lead to Direct Connect
    /// gateways (CCN-4); then `ccns.routes` has the last word (D20-24).
    #[must_use]
    pub fn ccn_routes(&self, ccn: &Id, table: CcnTable<'_>) -> Vec<CcnRoute> {
        let Some(entity) = self.ccns.get(ccn) else {
            return Vec::new();
        };
        let policies = match table {
            CcnTable::Default => None,
            CcnTable::Custom(id) => match entity.route_tables.get(id) {
                Some(table) => Some(table),
                None => return Vec::new(),
            },
        };
        let mut arrivals = Arrivals::default();
        for member in self.ccn_members(ccn.as_str()) {
            for to in self.published(&member) {
                if policies.is_none_or(|policies| accepts(policies, &member, &to)) {
                    arrivals.arrive(to, &member);
                }
            }
        }
        let mut routes = arrivals.routes;
        set_states(entity, table, &mut routes);
        routes
    }

    /// The CCN table that decides for a member when no selection policy does: the custom table it
    /// is bound to, else the default one (CCN-6).
    #[must_use]
    pub fn ccn_table_of<'n>(&self, ccn: &'n Ccn, member: &CcnMember) -> CcnTable<'n> {
        let mut tables = ccn.route_tables.iter();
        let bound = tables.find(|(_, table)| table.attachments.contains(member));
        bound.map_or(CcnTable::Default, |(id, _)| CcnTable::Custom(id))
    }

    /// The routes that the VPC's CCN puts into one of its route tables (`None` = the implied
    /// default table), each destination once, with their states there (CCN-7, RT-17, D20-4):
    /// off when an enabled custom route equals, contains or lies in it, 0.0.0.0/0 aside, unless the
    /// table itself says otherwise with a route via the CCN.
    #[must_use]
    pub fn propagated(&self, vpc: &Id, table: Option<&RouteTable>) -> Vec<Route> {
        let member = CcnMember::Vpc(vpc.clone());
        let Some((ccn, entity)) = self
            .ccn_of(&member)
            .and_then(|id| self.ccns.get_key_value(id))
        else {
            return Vec::new();
        };
        let mut seen = HashSet::new();
        let mut entries = self.ccn_routes(ccn, self.ccn_table_of(entity, &member));
        entries.retain(|entry| entry.enabled && entry.next != member && seen.insert(entry.to));
        let via = NextHop::Ccn(ccn.clone());
        let written = table.map_or(&[][..], |table| &table.routes);
        let (states, custom): (Vec<_>, Vec<_>) = written
            .iter()
            .partition(|route| route.via == via && seen.contains(&route.to));
        let states: HashMap<IpNet, bool> = states.iter().map(|it| (it.to, it.enabled)).collect();
        let custom = custom
            .into_iter()
            .filter(|it| it.enabled && it.to.prefix_len() > 0);
        let custom = Ranges::of(custom);
        entries
            .into_iter()
            .map(|CcnRoute { to, .. }| {
                let state = states.get(&to).copied();
                let enabled = state.unwrap_or_else(|| !custom.overlaps(&to));
                let via = via.clone();
                Route { to, via, enabled }
            })
            .collect()
    }
}

/// CCN-8: the first policy that matches decides; none = dropped.
fn accepts(table: &CcnRouteTable, member: &CcnMember, to: &IpNet) -> bool {
    let mut policies = table.accept.iter();
    let decides = policies.find(|policy| {
        policy.from.as_ref().is_none_or(|from| from == member)
            && policy.cidr.as_ref().is_none_or(|cidr| cidr.contains(to))
    });
    decides.is_some_and(|policy| policy.action == Action::Accept)
}

/// D20-24: each written route sets the state of the one it names, or enters the default table.
fn set_states(ccn: &Ccn, table: CcnTable<'_>, routes: &mut Vec<CcnRoute>) {
    for written in &ccn.routes {
        let named = routes
            .iter_mut()
            .find(|route| route.to == written.to && route.next == written.next);
        match named {
            Some(route) => route.enabled = written.enabled,
            None if table == CcnTable::Default => routes.push(written.clone()),
            None => {}
        }
    }
}

/// Routes as they arrive in a table, and the enabled ones by their first address.
#[derive(Default)]
struct Arrivals {
    routes: Vec<CcnRoute>,
    /// Enabled ranges; they are disjoint, equal Direct Connect ones share an entry.
    enabled: BTreeMap<IpAddr, (IpAddr, bool)>,
}

impl Arrivals {
    fn arrive(&mut self, to: IpNet, next: &CcnMember) {
        let (first, last) = (to.network(), to.broadcast());
        let is_dc = matches!(next, CcnMember::DirectConnectGateway(_));
        let below = self.enabled.range(..=first).next_back();
        let below = below.filter(|(_, (end, _))| *end >= first);
        let inside = self.enabled.range(first..=last).next();
        let enabled = match below.or(inside) {
            None => true,
            Some((start, (end, all_dc))) => is_dc && *all_dc && (*start, *end) == (first, last),
        };
        if enabled {
            self.enabled.insert(first, (last, is_dc));
        }
        let next = next.clone();
        self.routes.push(CcnRoute { to, next, enabled });
    }
}

/// Destinations sorted by their first address. CIDRs nest or are disjoint, so the longest reach
/// of those that begin before an address tells whether one covers it.
struct Ranges {
    /// First address, and the furthest last address so far.
    ranges: Vec<(IpAddr, IpAddr)>,
}

impl Ranges {
    fn of<'r>(routes: impl Iterator<Item = &'r Route>) -> Self {
        let mut ranges: Vec<_> = routes
            .map(|it| (it.to.network(), it.to.broadcast()))
            .collect();
        ranges.sort_unstable();
        for at in 1..ranges.len() {
            let reach = ranges[at - 1].1;
            // a reach never crosses from IPv4 into IPv6
            if reach.is_ipv4() == ranges[at].1.is_ipv4() {
                ranges[at].1 = ranges[at].1.max(reach);
            }
        }
        Self { ranges }
    }

    fn overlaps(&self, cidr: &IpNet) -> bool {
        let before = self
            .ranges
            .partition_point(|(first, _)| *first <= cidr.broadcast());
        let last = before.checked_sub(1).and_then(|at| self.ranges.get(at));
        last.is_some_and(|(_, reach)| {
            reach.is_ipv4() == cidr.network().is_ipv4() && *reach >= cidr.network()
        })
    }
}
