//! Routes of a CCN: custom tables that accept more, members that use the default table instead, routes added by hand,
//! and those that stand in the way of one that is off.

use ipnet::IpNet;

use super::FixQuestion;
use super::block::Block;
use super::candidate::Candidate;
use super::route::destinations;
use super::stated::replaced;
use crate::id::Id;
use crate::model::{Ccn, CcnMember, CcnRoute, CcnRoutePolicy, CcnTable, Fragment, Network, Vpc};
use crate::space::{Action, AddressSet};

/// The CCN that a blocker is at, or whose table it is at.
fn at<'n>(network: &'n Network, block: &Block) -> Option<(&'n Id, &'n Ccn)> {
    let at = block.reason.cause.at.as_ref()?;
    let mut ccns = network.ccns.iter();
    ccns.find(|(id, ccn)| *id == at || ccn.route_tables.contains_key(at))
}

/// Routes where a CCN has none for the packets.
pub fn routes(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some((id, ccn)) = at(network, block) else {
        return Vec::new();
    };
    let wanted = destinations(block);
    let mut found = Vec::new();
    let table = table(network, id, ccn, block);
    for (member, cidr) in owners(network, id, &wanted) {
        if let Some(table) = table {
            found.extend(accepted(id, ccn, table, &member));
            continue;
        }
        let mut ccn = ccn.clone();
        ccn.routes.push(CcnRoute { to: cidr, next: member, enabled: true });
        found.push(restated(id, ccn));
    }
    if let Some(table) = table {
        found.extend(unbound(id, ccn, table));
    }
    found
}

/// The custom table that the packets are looked up in, if it is one: the one that a blocker is at, or the one that the
/// network of the senders is bound to.
fn table<'n>(network: &'n Network, id: &Id, ccn: &'n Ccn, block: &Block) -> Option<&'n Id> {
    let at = block.reason.cause.at.as_ref();
    let named = at.and_then(|at| ccn.route_tables.get_key_value(at));
    if let Some((table, _)) = named {
        return Some(table);
    }
    let sources = block.flows.iter().map(|flow| flow.sources.clone());
    let senders = owners(network, id, &AddressSet::union_all(sources));
    let mut bound = ccn.route_tables.iter().filter(|(_, table)| {
        let mut senders = senders.iter();
        senders.any(|(member, _)| table.attachments.contains(member))
    });
    bound.next().map(|(table, _)| table)
}

/// Members that have the destination, with the CIDR of theirs that it lies in.
fn owners(network: &Network, ccn: &Id, wanted: &AddressSet) -> Vec<(CcnMember, IpNet)> {
    let holds = |cidr: &IpNet| !AddressSet::from(*cidr).intersection(wanted).is_empty();
    let mut found = Vec::new();
    for member in network.ccn_members(ccn.as_str()) {
        let cidrs: Vec<IpNet> = match &member {
            CcnMember::Vpc(id) => {
                let subnets = network.subnets.values();
                let subnets = subnets.filter(|subnet| &subnet.vpc == id).map(|it| it.cidr);
                let whole = network.vpcs.get(id).into_iter().flat_map(Vpc::cidrs);
                subnets.chain(whole).collect()
            }
            CcnMember::VpnGateway(id) => {
                let gateway = network.vpn_gateways.get(id).into_iter();
                let lines = gateway.flat_map(|gateway| &gateway.connections);
                site_cidrs(network, lines.map(|line| &line.site))
            }
            CcnMember::DirectConnectGateway(id) => {
                let gateway = network.direct_connect_gateways.get(id).into_iter();
                let lines = gateway.flat_map(|gateway| &gateway.tunnels);
                site_cidrs(network, lines.map(|line| &line.site))
            }
        };
        if let Some(cidr) = cidrs.into_iter().find(holds) {
            found.push((member, cidr));
        }
    }
    found
}

fn site_cidrs<'n>(network: &Network, sites: impl Iterator<Item = &'n Id>) -> Vec<IpNet> {
    let sites = sites.filter_map(|site| network.sites.get(site));
    sites.flat_map(|site| site.cidrs.clone()).collect()
}

/// A policy that accepts the routes of a member, above all others (CCN-8).
fn accepted(id: &Id, ccn: &Ccn, table: &Id, member: &CcnMember) -> Option<Candidate> {
    let mut ccn = ccn.clone();
    let table = ccn.route_tables.get_mut(table)?;
    let policy = CcnRoutePolicy { from: Some(member.clone()), cidr: None, action: Action::Accept };
    table.accept.insert(0, policy);
    Some(restated(id, ccn))
}

/// The members of a table, back in the default one.
fn unbound(id: &Id, ccn: &Ccn, table: &Id) -> Vec<Candidate> {
    let bound = ccn.route_tables.get(table).into_iter();
    let bound = bound.flat_map(|table| table.attachments.clone());
    let each = bound.filter_map(|member| {
        let mut ccn = ccn.clone();
        let table = ccn.route_tables.get_mut(table)?;
        table.attachments.retain(|other| *other != member);
        Some(restated(id, ccn))
    });
    each.collect()
}

/// A route of a CCN that is off, on, and those off that cannot be on beside it (CCN-4).
pub fn instead(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some((id, ccn)) = at(network, block) else {
        return Vec::new();
    };
    let wanted = destinations(block);
    let routes = network.ccn_routes(id, CcnTable::Default);
    let leads = |route: &&CcnRoute| !AddressSet::from(route.to).intersection(&wanted).is_empty();
    let off = routes.iter().filter(|route| !route.enabled).filter(leads);
    let each = off.map(|off| {
        let mut ccn = ccn.clone();
        let near = |other: &&CcnRoute| {
            let overlap = other.to.contains(&off.to) || off.to.contains(&other.to);
            other.enabled && overlap && other.next != off.next
        };
        for other in routes.iter().filter(near) {
            state(&mut ccn, other, false);
        }
        state(&mut ccn, off, true);
        restated(id, ccn)
    });
    each.collect()
}

fn state(ccn: &mut Ccn, route: &CcnRoute, enabled: bool) {
    let mut routes = ccn.routes.iter_mut();
    let stated = routes.find(|old| old.to == route.to && old.next == route.next);
    match stated {
        Some(old) => old.enabled = enabled,
        None => ccn.routes.push(CcnRoute { enabled, ..route.clone() }),
    }
}

fn restated(id: &Id, ccn: Ccn) -> Candidate {
    let mut fragment = Fragment::default();
    fragment.network.ccns.insert(id.clone(), ccn);
    replaced(fragment)
}
