//! Joining networks that nothing joins: a CCN that is there takes one more of them, a new CCN, a new peering connection
//! with its route.

use super::FixQuestion;
use super::block::{Block, Flow};
use super::candidate::Candidate;
use super::fresh;
use super::route::{self, Asker, destinations};
use super::stated::replaced;
use crate::id::Id;
use crate::model::{
    Ccn, CcnMember, Change, Fragment, Meta, Network, NextHop, Peering, PeeringState, Route, Vpc,
};
use crate::query::Direction;
use crate::space::AddressSet;

/// So many networks are tried for one side.
const MOST_SIDES: usize = 4;

/// Joins of the network of the packets and the one that they are for.
pub fn joins(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let mut found = Vec::new();
    // A route that leads elsewhere keeps the one of a CCN off (RT-17).
    let cleared = route::cleared(network, block);
    for here in homes(network, block) {
        for there in aims(network, block, &here) {
            for join in by_ccn(network, &here, &there) {
                let both = cleared.iter().chain(&join).cloned().collect();
                found.extend((!cleared.is_empty()).then_some(both));
                found.push(join);
            }
            if let CcnMember::Vpc(there) = &there {
                found.extend(by_peering(network, block, &here, there));
            }
        }
    }
    found
}

/// The VPCs that the packets are sent from: the one of the table that loses them, or those that have the senders.
fn homes(network: &Network, block: &Block) -> Vec<Id> {
    let at = block.reason.cause.at.as_ref();
    let table = at.and_then(|at| network.route_tables.get(at));
    let vpc = at.filter(|at| network.vpcs.contains_key(*at));
    if let Some(vpc) = table.map(|table| &table.vpc).or(vpc) {
        return vec![vpc.clone()];
    }
    let flows = block.flows.iter().map(|flow: &Flow| flow.sources.clone());
    having(network, &AddressSet::union_all(flows))
}

/// The VPCs with an end that has one of the addresses.
fn having(network: &Network, addresses: &AddressSet) -> Vec<Id> {
    let first = addresses.first();
    let mut found: Vec<Id> = Vec::new();
    for (id, vpc) in &network.vpcs {
        let covers =
            vpc.cidrs().any(|cidr| !AddressSet::from(cidr).intersection(addresses).is_empty());
        let owned = first.is_some_and(|first| network.owner_in_vpc(id, first).is_some());
        if covers && owned {
            found.push(id.clone());
        }
    }
    found.truncate(MOST_SIDES);
    found
}

/// What the packets are for, if it is another network than the one they come from.
fn aims(network: &Network, block: &Block, here: &Id) -> Vec<CcnMember> {
    let wanted = destinations(block);
    let vpcs = having(network, &wanted).into_iter();
    let mut aims: Vec<CcnMember> = vpcs.map(CcnMember::Vpc).collect();
    let sites = network.sites.iter().filter(|(_, site)| {
        let mut cidrs = site.cidrs.iter();
        cidrs.any(|cidr| !AddressSet::from(*cidr).intersection(&wanted).is_empty())
    });
    for (site, _) in sites {
        for (id, gateway) in &network.vpn_gateways {
            if gateway.connections.iter().any(|line| &line.site == site) {
                aims.push(CcnMember::VpnGateway(id.clone()));
            }
        }
        for (id, gateway) in &network.direct_connect_gateways {
            if gateway.tunnels.iter().any(|line| &line.site == site) {
                aims.push(CcnMember::DirectConnectGateway(id.clone()));
            }
        }
    }
    aims.retain(|aim| *aim != CcnMember::Vpc(here.clone()));
    aims.truncate(MOST_SIDES);
    aims
}

/// CCNs that have one of two networks take the other; without any, one is made. A gateway's CCN is its own, so that it
/// is never moved.
fn by_ccn(network: &Network, here: &Id, there: &CcnMember) -> Vec<Candidate> {
    let here = CcnMember::Vpc(here.clone());
    let mut found = Vec::new();
    for (id, ccn) in &network.ccns {
        let members = network.ccn_members(id.as_str());
        let missing: Vec<&CcnMember> =
            [&here, there].into_iter().filter(|one| !members.contains(one)).collect();
        let movable = missing.iter().all(|one| matches!(one, CcnMember::Vpc(_)));
        if !movable || missing.len() != 1 {
            continue;
        }
        let mut ccn = ccn.clone();
        // Gateways that say themselves that they are attached join last: those who are listed come before them.
        ccn.attachments.extend(missing.into_iter().cloned());
        let mut fragment = Fragment::default();
        fragment.network.ccns.insert(id.clone(), ccn);
        found.push(replaced(fragment));
    }
    if let (CcnMember::Vpc(_), Some(id)) = (there, fresh::id(network, "ccn-new")) {
        let ccn = Ccn { attachments: vec![here, there.clone()], ..Ccn::default() };
        let mut fragment = Fragment::default();
        fragment.network.ccns.insert(id, ccn);
        found.push(vec![Change::Create(Box::new(fragment))]);
    }
    found
}

/// A new peering connection, with the routes that lead into it at both ends.
fn by_peering(network: &Network, block: &Block, here: &Id, there: &Id) -> Vec<Candidate> {
    let joined = |peering: &Peering| peering.other(here) == Some(there);
    let far = network.vpcs.get(there).map(|vpc| vpc.cidr);
    let (Some(id), Some(far)) = (fresh::id(network, "pcx-new"), far) else {
        return Vec::new();
    };
    if network.peerings.values().any(joined) {
        return Vec::new();
    }
    let mut fragment = Fragment::default();
    let peering = Peering {
        meta: Meta::default(),
        between: (here.clone(), there.clone()),
        state: PeeringState::Active,
    };
    fragment.network.peerings.insert(id.clone(), peering);
    let mut changes = vec![Change::Create(Box::new(fragment))];
    let via = NextHop::PeeringConnection(id);
    let Some(own) = Asker::of(network, block) else {
        return Vec::new();
    };
    let Some(routes) = own.take(network, route::routes_to(&[far], &via)) else {
        return Vec::new();
    };
    changes.extend(routes);
    if block.reason.direction == Direction::Forward {
        changes.extend(way_back(network, block, here, there, &via));
    }
    vec![changes]
}

/// The route back, in the tables of the subnets that the packets are for.
fn way_back(network: &Network, block: &Block, here: &Id, there: &Id, via: &NextHop) -> Vec<Change> {
    let Some(near) = network.vpcs.get(here).map(|vpc: &Vpc| vpc.cidr) else {
        return Vec::new();
    };
    let wanted = destinations(block);
    let subnets = network.subnets.iter().filter(|(_, subnet)| {
        &subnet.vpc == there && !AddressSet::from(subnet.cidr).intersection(&wanted).is_empty()
    });
    let mut tables: Vec<Id> = Vec::new();
    for (_, subnet) in subnets {
        let default = || network.vpcs.get(there)?.default_route_table.as_ref();
        let table = subnet.route_table.as_ref().or_else(default);
        if let Some(table) = table.filter(|table| !tables.contains(table)) {
            tables.push(table.clone());
        }
    }
    let routes: Vec<Route> = route::routes_to(&[near], via);
    let changes = tables
        .into_iter()
        .map(|route_table| Change::CreateRoutes { route_table, routes: routes.clone() });
    changes.collect()
}
