//! The routes of a CCN (CCN-1..14, D20-4, D20-5, D20-24, D20-33, D20-34, D20-37, D20-38).

use ipnet::IpNet;
use pathproof::id::Id;
use pathproof::model::{Attachment, CcnMember, CcnPublication, NatKind, Network, NextHop};
use pathproof::space::Action;

use super::tunnel;

/// What a route of a CCN is to the member it leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// A VPC's own range: a subnet, or a CIDR where it publishes those.
    Range,
    /// A custom route of the VPC (D20-37), to a standard NAT gateway or not.
    Custom,
    /// A VPC's route for everything, to its standard NAT gateway (D20-38).
    Everything,
    /// A prefix behind a gateway.
    Prefix,
    /// Added by `ccns.routes`, not published by the member itself.
    ByHand,
}

/// A route of a CCN's table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    pub to: IpNet,
    pub next: CcnMember,
    pub enabled: bool,
    pub what: What,
    /// Some line behind it is not absent (D20-34).
    pub present: bool,
}

/// Members in the order they joined; gateways that only say so themselves join last.
pub fn members(network: &Network, ccn: &Id) -> Vec<CcnMember> {
    let mut members = network.ccns.get(ccn).map(|ccn| ccn.attachments.clone()).unwrap_or_default();
    let attached = Attachment::Ccn(ccn.clone());
    let vpn = network.vpn_gateways.iter().filter(|(_, gateway)| gateway.attached_to == attached);
    let vpn = vpn.map(|(id, _)| CcnMember::VpnGateway(id.clone()));
    let dc = network
        .direct_connect_gateways
        .iter()
        .filter(|(_, gateway)| gateway.attached_to == attached);
    let dc = dc.map(|(id, _)| CcnMember::DirectConnectGateway(id.clone()));
    for member in vpn.chain(dc) {
        if !members.contains(&member) {
            members.push(member);
        }
    }
    members
}

/// The CCNs that a VPC is a member of (CCN-14).
pub fn of_vpc<'n>(network: &'n Network, vpc: &Id) -> Vec<&'n Id> {
    let ccns = network.ccns.iter();
    ccns.filter(|(_, ccn)| ccn.attachments.contains(&CcnMember::Vpc(vpc.clone())))
        .map(|(id, _)| id)
        .collect()
}

/// What a member publishes (CCN-3, D20-5, D20-37, D20-38), each prefix once, and whether a line for it is there.
fn publishes(network: &Network, member: &CcnMember) -> Vec<(IpNet, What, bool)> {
    let mut prefixes: Vec<(IpNet, What, bool)> = Vec::new();
    match member {
        CcnMember::Vpc(id) => {
            let vpc = &network.vpcs[id];
            let subnets = network.subnets.values().filter(|subnet| subnet.vpc == *id);
            let own: Vec<IpNet> = match vpc.publish_to_ccn {
                CcnPublication::Cidrs => vpc.cidrs().collect(),
                CcnPublication::Subnets => subnets
                    .flat_map(|subnet| [subnet.cidr].into_iter().chain(subnet.ipv6_cidr))
                    .collect(),
            };
            prefixes.extend(own.into_iter().map(|to| (to, What::Range, true)));
            for table in network.route_tables.values() {
                for route in table.routes.iter().filter(|route| route.publish) {
                    let by_nat = matches!(route.via, NextHop::NatGateway(_));
                    let what = if by_nat && route.to.prefix_len() == 0 {
                        What::Everything
                    } else {
                        What::Custom
                    };
                    if table.vpc == *id && route.enabled {
                        prefixes.push((route.to, what, true));
                    }
                }
            }
        }
        CcnMember::VpnGateway(id) => {
            let gateway = &network.vpn_gateways[id];
            let there = |name: &Id| {
                let tunnels = tunnel::all(network).into_iter();
                let mut named = tunnels.filter(|tunnel| tunnel.id == name);
                !named.any(|tunnel| tunnel.is_absent(network))
            };
            for connection in &gateway.connections {
                let remotes = connection.policies.iter().flat_map(|policy| &policy.remote);
                prefixes.extend(remotes.map(|to| (*to, What::Prefix, there(&connection.id))));
            }
            for route in gateway.routes.iter().filter(|route| route.enabled) {
                prefixes.push((route.to, What::Prefix, there(&route.connection)));
            }
        }
        CcnMember::DirectConnectGateway(id) => {
            let gateway = &network.direct_connect_gateways[id];
            for tunnel in tunnel::all(network).into_iter().filter(|it| it.gateway == id) {
                let mut own = gateway.tunnels.iter();
                let own = own.find(|own| own.id == *tunnel.id);
                let there = !tunnel.is_absent(network);
                let own = own.into_iter().flat_map(|own| &own.prefixes);
                prefixes.extend(own.map(|to| (*to, What::Prefix, there)));
            }
        }
    }
    let mut once: Vec<(IpNet, What, bool)> = Vec::new();
    for (to, what, there) in prefixes {
        match once.iter_mut().find(|(other, ..)| *other == to) {
            Some((.., known)) => *known |= there,
            None => once.push((to, what, there)),
        }
    }
    once
}

/// Whether one of two CIDRs equals or contains the other.
pub fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

/// The routes of a table, the default one or a custom one: what members publish in the order they
/// joined and the table accepts (CCN-8), each disabled if an enabled one that arrived before
/// overlaps it (CCN-4; equal routes to Direct Connect gateways may stand together, D20-34: those of
/// gateways may overlap each other where the CCN says so, D20-38: one for everything clashes with none),
/// then what `ccns.routes` says; routes added there enter the default table only (D20-24).
fn table(network: &Network, ccn: &Id, custom: Option<&Id>) -> Vec<Published> {
    let Some(configured) = network.ccns.get(ccn) else {
        return Vec::new();
    };
    let policies =
        custom.map(|id| configured.route_tables.get(id).map(|table| table.accept.as_slice()));
    let accepts = |to: &IpNet, next: &CcnMember| match policies {
        None => true,
        Some(policies) => {
            let mut matching = policies.unwrap_or_default().iter().filter(|policy| {
                policy.from.as_ref().is_none_or(|from| from == next)
                    && policy.cidr.is_none_or(|cidr| cidr.contains(to))
            });
            matching.next().is_some_and(|policy| policy.action == Action::Accept)
        }
    };
    let is_dc = |member: &CcnMember| matches!(member, CcnMember::DirectConnectGateway(_));
    let mut routes: Vec<Published> = Vec::new();
    for next in members(network, ccn) {
        for (to, what, present) in publishes(network, &next) {
            if !accepts(&to, &next) {
                continue;
            }
            let may_overlap = |route: &Published| {
                let behind_gateways = what == What::Prefix && route.what == What::Prefix;
                configured.route_overlap && behind_gateways
                    || [what, route.what].contains(&What::Everything)
                    || route.to == to && is_dc(&route.next) && is_dc(&next)
            };
            let mut rivals = routes.iter().filter(|route| route.enabled && overlap(&route.to, &to));
            let enabled = rivals.all(may_overlap);
            routes.push(Published { to, next: next.clone(), enabled, what, present });
        }
    }
    for stated in &configured.routes {
        let known =
            routes.iter_mut().find(|route| route.to == stated.to && route.next == stated.next);
        if let Some(route) = known {
            route.enabled = stated.enabled;
        } else if custom.is_none() {
            let (to, next) = (stated.to, stated.next.clone());
            routes.push(Published {
                to,
                next,
                enabled: stated.enabled,
                what: What::ByHand,
                present: true,
            });
        }
    }
    routes
}

/// The table that a member is bound to.
pub fn bound_table(network: &Network, ccn: &Id, member: &CcnMember) -> Vec<Published> {
    let tables = network.ccns.get(ccn).map(|ccn| &ccn.route_tables);
    let mut tables = tables.into_iter().flatten();
    match tables.find(|(_, table)| table.attachments.contains(member)) {
        Some((id, _)) => table(network, ccn, Some(id)),
        None => table(network, ccn, None),
    }
}

/// The table that decides for a packet of a member: the first selection policy that names it, else
/// the bound one (CCN-6).
pub fn deciding_table(
    network: &Network,
    ccn: &Id,
    member: &CcnMember,
    source: std::net::IpAddr,
) -> Vec<Published> {
    let mut policies = network.ccns.get(ccn).into_iter().flat_map(|ccn| &ccn.selection);
    let selected =
        policies.find(|policy| policy.attachment == *member && policy.source.contains(&source));
    match selected {
        Some(policy) => table(network, ccn, Some(&policy.route_table)),
        None => bound_table(network, ccn, member),
    }
}

/// What arrives in a member's own route tables from one CCN (CCN-7): the enabled routes of its bound table that
/// do not point at itself, and that a line is left for; a destination once, however many gateways share it.
pub fn propagated(network: &Network, ccn: &Id, vpc: &Id) -> Vec<Published> {
    let member = CcnMember::Vpc(vpc.clone());
    let mut arriving: Vec<Published> = Vec::new();
    for route in bound_table(network, ccn, &member) {
        let known = arriving.iter().any(|other| other.to == route.to);
        if route.enabled && route.present && route.next != member && !known {
            arriving.push(route);
        }
    }
    arriving
}

/// The next hops of the custom route that a VPC publishes for a destination: of the first of its tables that has
/// one, the highest priority (CCN-9, D20-35).
pub fn own_next_hops(network: &Network, vpc: &Id, to: IpNet) -> Vec<NextHop> {
    let mut tables = network.route_tables.values().filter(|it| it.vpc == *vpc);
    let of_table = tables.find_map(|table| {
        let routes = table.routes.iter();
        let routes: Vec<_> =
            routes.filter(|route| route.publish && route.enabled && route.to == to).collect();
        (!routes.is_empty()).then_some(routes)
    });
    let routes = of_table.unwrap_or_default();
    let highest = routes.iter().map(|route| route.priority).min();
    let routes = routes.into_iter();
    let routes = routes.filter(|route| Some(route.priority) == highest);
    routes.map(|route| route.via.clone()).collect()
}

/// Whether a NAT gateway may be published to a CCN (D20-38).
pub fn is_standard(network: &Network, gateway: &Id) -> bool {
    let gateway = network.nat_gateways.get(gateway);
    gateway.is_some_and(|gateway| gateway.kind == NatKind::Standard)
}
