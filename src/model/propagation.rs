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

#[cfg(test)]
mod tests {
    use super::super::sample::{
        ccn, cidr, direct_connect, id, route, site, subnet, table, tom, vpc, vpn,
    };
    use super::super::{Attachment, CcnRoutePolicy, Meta};
    use super::*;

    /// `ccn-1` joins `vpc-tom`, `vpc-two` and `vpc-x`, whose one subnet is 10.1.1.0/24 like
    /// `subnet-web`.
    fn joined() -> Network {
        let mut network = tom();
        network.vpcs.insert(id("vpc-x"), vpc("10.1.0.0/16"));
        network
            .subnets
            .insert(id("subnet-x"), subnet("vpc-x", "10.1.1.0/24"));
        let members = ["vpc-tom", "vpc-two", "vpc-x"].map(|name| CcnMember::Vpc(id(name)));
        network.ccns.insert(id("ccn-1"), ccn(members.to_vec()));
        network
    }

    #[track_caller]
    fn ccn_has(network: &Network, table: CcnTable<'_>, expected: &[(&str, &str, bool)]) {
        let routes = network.ccn_routes(&id("ccn-1"), table);
        let routes: Vec<_> = routes
            .iter()
            .map(|it| (it.to.to_string(), it.next.id().as_str(), it.enabled))
            .collect();
        let routes: Vec<_> = routes
            .iter()
            .map(|(to, next, on)| (to.as_str(), *next, *on))
            .collect();
        assert_eq!(routes, expected);
    }

    #[test]
    fn the_later_of_two_overlapping_routes_arrives_disabled() {
        ccn_has(
            &joined(),
            CcnTable::Default,
            &[
                ("10.1.1.0/24", "vpc-tom", true),
                ("172.16.1.0/24", "vpc-tom", true),
                ("10.2.1.0/24", "vpc-two", true),
                ("10.1.1.0/24", "vpc-x", false),
            ],
        );
    }

    #[test]
    fn a_vpc_may_publish_its_cidrs() {
        let mut network = joined();
        network.vpcs[&id("vpc-two")].publish_to_ccn = CcnPublication::Cidrs;
        let published = network.published(&CcnMember::Vpc(id("vpc-two")));
        assert_eq!(published, [cidr("10.2.0.0/16")]);
    }

    #[test]
    fn written_states_change_only_the_route_they_name() {
        let mut network = joined();
        let off = CcnRoute {
            to: cidr("10.1.1.0/24"),
            next: CcnMember::Vpc(id("vpc-tom")),
            enabled: false,
        };
        let added = CcnRoute {
            to: cidr("10.77.0.0/16"),
            next: CcnMember::Vpc(id("vpc-two")),
            enabled: true,
        };
        network.ccns[&id("ccn-1")].routes = vec![off, added];
        ccn_has(
            &network,
            CcnTable::Default,
            &[
                ("10.1.1.0/24", "vpc-tom", false),
                ("172.16.1.0/24", "vpc-tom", true),
                ("10.2.1.0/24", "vpc-two", true),
                ("10.1.1.0/24", "vpc-x", false),
                ("10.77.0.0/16", "vpc-two", true),
            ],
        );
    }

    #[test]
    fn a_custom_table_takes_what_its_policies_accept() {
        let mut network = joined();
        let policy = |from: Option<&str>, within: Option<&str>, action| CcnRoutePolicy {
            from: from.map(|name| CcnMember::Vpc(id(name))),
            cidr: within.map(cidr),
            action,
        };
        let table = CcnRouteTable {
            meta: Meta::default(),
            attachments: vec![CcnMember::Vpc(id("vpc-two"))],
            accept: vec![
                policy(Some("vpc-tom"), Some("10.0.0.0/8"), Action::Drop),
                policy(None, Some("10.1.0.0/16"), Action::Accept),
                policy(Some("vpc-tom"), None, Action::Accept),
            ],
        };
        network.ccns[&id("ccn-1")]
            .route_tables
            .insert(id("ccnrtb-1"), table);
        ccn_has(
            &network,
            CcnTable::Custom(&id("ccnrtb-1")),
            &[
                ("172.16.1.0/24", "vpc-tom", true),
                ("10.1.1.0/24", "vpc-x", true),
            ],
        );
        let ccn = &network.ccns[&id("ccn-1")];
        let bound = network.ccn_table_of(ccn, &CcnMember::Vpc(id("vpc-two")));
        assert_eq!(bound, CcnTable::Custom(&id("ccnrtb-1")));
    }

    #[test]
    fn gateways_publish_the_prefixes_behind_them() {
        let mut network = joined();
        network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
        let to_ccn = || Attachment::Ccn(id("ccn-1"));
        let mut gateway = vpn(to_ccn());
        gateway.routes.push(super::super::VpnRoute {
            to: cidr("192.168.1.0/24"),
            connection: id("vpnx-1"),
            priority: 0,
            enabled: true,
        });
        network.vpn_gateways.insert(id("vpngw-1"), gateway);
        for name in ["dcg-1", "dcg-2"] {
            let gateway = direct_connect(to_ccn(), &["192.168.2.0/24", "192.168.0.0/16"]);
            network.direct_connect_gateways.insert(id(name), gateway);
        }
        ccn_has(
            &network,
            CcnTable::Default,
            &[
                ("10.1.1.0/24", "vpc-tom", true),
                ("172.16.1.0/24", "vpc-tom", true),
                ("10.2.1.0/24", "vpc-two", true),
                ("10.1.1.0/24", "vpc-x", false),
                ("192.168.1.0/24", "vpngw-1", true),
                ("192.168.2.0/24", "dcg-1", true),
                ("192.168.0.0/16", "dcg-1", false),
                ("192.168.2.0/24", "dcg-2", true),
                ("192.168.0.0/16", "dcg-2", false),
            ],
        );
    }

    #[track_caller]
    fn two_gets(written: Vec<Route>, expected: &[(&str, bool)]) {
        let network = joined();
        let table = table("vpc-two", written);
        let routes = network.propagated(&id("vpc-two"), Some(&table));
        let routes: Vec<_> = routes.iter().map(|it| (it.to, it.enabled)).collect();
        let expected: Vec<_> = expected.iter().map(|(to, on)| (cidr(to), *on)).collect();
        assert_eq!(routes, expected);
    }

    #[test]
    fn a_vpc_gets_the_enabled_routes_of_the_others() {
        two_gets(vec![], &[("10.1.1.0/24", true), ("172.16.1.0/24", true)]);
    }

    #[test]
    fn a_custom_route_that_overlaps_makes_one_arrive_disabled() {
        let hop = || NextHop::Instance(id("ins-two"));
        for to in ["10.1.0.0/16", "10.1.1.0/24", "10.1.1.128/25", "10.0.0.0/8"] {
            let routes = vec![route(to, hop())];
            two_gets(routes, &[("10.1.1.0/24", false), ("172.16.1.0/24", true)]);
        }
    }

    #[test]
    fn the_default_route_and_disabled_routes_disable_nothing() {
        let hop = || NextHop::Instance(id("ins-two"));
        let off = Route {
            enabled: false,
            ..route("10.1.1.0/24", hop())
        };
        let routes = vec![route("0.0.0.0/0", hop()), off];
        two_gets(routes, &[("10.1.1.0/24", true), ("172.16.1.0/24", true)]);
    }

    #[test]
    fn a_route_via_the_ccn_sets_the_state_of_its_equal() {
        let via = || NextHop::Ccn(id("ccn-1"));
        let off = Route {
            enabled: false,
            ..route("172.16.1.0/24", via())
        };
        let cover = route("10.1.0.0/16", NextHop::Instance(id("ins-two")));
        let routes = vec![off, cover, route("10.1.1.0/24", via())];
        two_gets(routes, &[("10.1.1.0/24", true), ("172.16.1.0/24", false)]);
    }
}
