//! The routes of a CCN (CCN-1..13, D20-4, D20-5, D20-24).

use ipnet::IpNet;
use pathproof::id::Id;
use pathproof::model::{Attachment, CcnMember, CcnPublication, Network};
use pathproof::space::Action;

/// A route of a CCN's table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    pub to: IpNet,
    pub next: CcnMember,
    pub enabled: bool,
    /// Added by `ccns.routes`, not published by the member itself.
    pub by_hand: bool,
}

/// Members in the order they joined; gateways that only say so themselves join last.
pub fn members(network: &Network, ccn: &Id) -> Vec<CcnMember> {
    let mut members = network
        .ccns
        .get(ccn)
        .map(|ccn| ccn.attachments.clone())
        .unwrap_or_default();
    let attached = Attachment::Ccn(ccn.clone());
    let vpn = network
        .vpn_gateways
        .iter()
        .filter(|(_, gateway)| gateway.attached_to == attached);
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

/// The CCN that a VPC is a member of.
pub fn of_vpc<'n>(network: &'n Network, vpc: &Id) -> Option<&'n Id> {
    let mut ccns = network.ccns.iter();
    ccns.find(|(_, ccn)| ccn.attachments.contains(&CcnMember::Vpc(vpc.clone())))
        .map(|(id, _)| id)
}

/// What a member publishes (CCN-3, D20-5).
fn publishes(network: &Network, member: &CcnMember) -> Vec<IpNet> {
    let mut prefixes: Vec<IpNet> = match member {
        CcnMember::Vpc(id) => {
            let vpc = &network.vpcs[id];
            let subnets = network.subnets.values().filter(|subnet| subnet.vpc == *id);
            match vpc.publish_to_ccn {
                CcnPublication::Cidrs => vpc.cidrs().collect(),
                CcnPublication::Subnets => subnets
                    .flat_map(|subnet| [subnet.cidr].into_iter().chain(subnet.ipv6_cidr))
                    .collect(),
            }
        }
        CcnMember::VpnGateway(id) => {
            let gateway = &network.vpn_gateways[id];
            let policies = gateway
                .connections
                .iter()
                .flat_map(|connection| &connection.policies);
            let remotes = policies.flat_map(|policy| policy.remote.iter().copied());
            let routes = gateway
                .routes
                .iter()
                .filter(|route| route.enabled)
                .map(|route| route.to);
            remotes.chain(routes).collect()
        }
        CcnMember::DirectConnectGateway(id) => {
            let tunnels = network.direct_connect_gateways[id].tunnels.iter();
            tunnels
                .flat_map(|tunnel| tunnel.prefixes.iter().copied())
                .collect()
        }
    };
    let mut seen = Vec::new();
    prefixes.retain(|prefix| {
        let new = !seen.contains(prefix);
        seen.push(*prefix);
        new
    });
    prefixes
}

/// Whether one of two CIDRs equals or contains the other.
pub fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

/// The routes of a table, the default one or a custom one: what members publish in the order they
/// joined and the table accepts (CCN-8), each disabled if an enabled one that arrived before
/// overlaps it (CCN-4; equal routes to Direct Connect gateways may stand together), then what
/// `ccns.routes` says; routes added there enter the default table only (D20-24).
fn table(network: &Network, ccn: &Id, custom: Option<&Id>) -> Vec<Published> {
    let Some(configured) = network.ccns.get(ccn) else {
        return Vec::new();
    };
    let policies = custom.map(|id| {
        configured
            .route_tables
            .get(id)
            .map(|table| table.accept.as_slice())
    });
    let accepts = |to: &IpNet, next: &CcnMember| match policies {
        None => true,
        Some(policies) => {
            let mut matching = policies.unwrap_or_default().iter().filter(|policy| {
                policy.from.as_ref().is_none_or(|from| from == next)
                    && policy.cidr.is_none_or(|cidr| cidr.contains(to))
            });
            matching
                .next()
                .is_some_and(|policy| policy.action == Action::Accept)
        }
    };
    let is_dc = |member: &CcnMember| matches!(member, CcnMember::DirectConnectGateway(_));
    let mut routes: Vec<Published> = Vec::new();
    for next in members(network, ccn) {
        for to in publishes(network, &next) {
            if !accepts(&to, &next) {
                continue;
            }
            let mut rivals = routes
                .iter()
                .filter(|route| route.enabled && overlap(&route.to, &to));
            let enabled = rivals.all(|route| route.to == to && is_dc(&route.next) && is_dc(&next));
            routes.push(Published {
                to,
                next: next.clone(),
                enabled,
                by_hand: false,
            });
        }
    }
    for stated in &configured.routes {
        let known = routes
            .iter_mut()
            .find(|route| route.to == stated.to && route.next == stated.next);
        if let Some(route) = known {
            route.enabled = stated.enabled;
        } else if custom.is_none() {
            let (to, next) = (stated.to, stated.next.clone());
            routes.push(Published {
                to,
                next,
                enabled: stated.enabled,
                by_hand: true,
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
    let mut policies = network
        .ccns
        .get(ccn)
        .into_iter()
        .flat_map(|ccn| &ccn.selection);
    let selected =
        policies.find(|policy| policy.attachment == *member && policy.source.contains(&source));
    match selected {
        Some(policy) => table(network, ccn, Some(&policy.route_table)),
        None => bound_table(network, ccn, member),
    }
}

/// What arrives in a member's own route tables (CCN-7): the enabled routes of its bound table that
/// do not point at itself; a destination once, however many gateways share it.
pub fn propagated(network: &Network, vpc: &Id) -> Vec<IpNet> {
    let Some(ccn) = of_vpc(network, vpc) else {
        return Vec::new();
    };
    let member = CcnMember::Vpc(vpc.clone());
    let mut destinations = Vec::new();
    for route in bound_table(network, ccn, &member) {
        if route.enabled && route.next != member && !destinations.contains(&route.to) {
            destinations.push(route.to);
        }
    }
    destinations
}
