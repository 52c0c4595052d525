//! The lookup in a subnet's route table (RT-1..17), one destination at a time.

use std::net::IpAddr;

use ipnet::IpNet;
use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{CcnMember, Network, NextHop, Route};

use super::ccn;
use super::who::is_public;

/// What a lookup says.
#[derive(Debug)]
pub enum Lookup<'n> {
    /// An address of the VPC's own CIDRs (RT-4).
    Local,
    /// The address of a live classic link (CL-3).
    Linked(&'n Id),
    /// The best routes: several only where equal ones may stand together (RT-10).
    Hops(Vec<NextHop>),
    /// No route, a public destination, and an own public address to leave by (RT-13).
    OwnAddress,
    /// Nothing carries it.
    Nothing(Code),
}

/// RT-1, RT-5, RT-6, RT-11, RT-13. `subnet: None` asks the VPC's default table.
/// `has_public`: whether the sender has a public address of the packet's family.
pub fn lookup<'n>(
    network: &'n Network,
    vpc: &Id,
    subnet: Option<&Id>,
    destination: IpAddr,
    has_public: bool,
) -> Lookup<'n> {
    // RT-4, RT-5: Local wins over everything.
    if network.vpcs[vpc].covers(destination) {
        return Lookup::Local;
    }
    if let Some(instance) = linked_at(network, vpc, destination) {
        return Lookup::Linked(instance);
    }
    let (mut candidates, disabled) = routes(network, vpc, subnet);
    // RT-11: who has no public address skips EIP routes.
    candidates.retain(|route| {
        route.to.contains(&destination) && (has_public || route.via != NextHop::Eip)
    });
    // RT-6: longest prefix.
    if let Some(longest) = candidates.iter().map(|route| route.to.prefix_len()).max() {
        candidates.retain(|route| route.to.prefix_len() == longest);
        let eip = candidates.iter().any(|route| route.via == NextHop::Eip);
        candidates.retain(|route| !eip || route.via == NextHop::Eip);
        return Lookup::Hops(candidates.into_iter().map(|route| route.via).collect());
    }
    if is_public(network, destination) {
        return if has_public {
            Lookup::OwnAddress
        } else {
            Lookup::Nothing(Code::NoPublicAddress)
        };
    }
    let only_disabled = disabled.iter().any(|to| to.contains(&destination));
    Lookup::Nothing(if only_disabled {
        Code::CcnRouteDisabled
    } else {
        Code::NoRoute
    })
}

/// The classic CVM whose live link has this address (CL-18).
pub fn linked_at<'n>(network: &'n Network, vpc: &Id, address: IpAddr) -> Option<&'n Id> {
    let links = network.classic_links.get(vpc)?;
    let mut live = links.iter().filter(|link| {
        network
            .classic_instances
            .get(&link.instance)
            .is_some_and(|classic| classic.ip == link.address)
    });
    live.find(|link| link.address == address)
        .map(|link| &link.instance)
}

/// The enabled routes of a table, propagated ones included, and the destinations of the CCN routes
/// that are disabled there or in the CCN's own table (RT-9, RT-17, D20-4, D20-5, D20-24).
fn routes(network: &Network, vpc: &Id, subnet: Option<&Id>) -> (Vec<Route>, Vec<IpNet>) {
    let table = subnet
        .and_then(|id| network.subnets.get(id))
        .and_then(|subnet| subnet.route_table.as_ref());
    let table = table.or(network.vpcs[vpc].default_route_table.as_ref());
    let written = table
        .and_then(|id| network.route_tables.get(id))
        .map(|table| table.routes.as_slice());
    let written = written.unwrap_or_default();
    let Some(ccn) = ccn::of_vpc(network, vpc) else {
        let enabled = written
            .iter()
            .filter(|route| route.enabled)
            .cloned()
            .collect();
        return (enabled, Vec::new());
    };
    let via_ccn = NextHop::Ccn(ccn.clone());
    let propagated = ccn::propagated(network, vpc);
    // D20-4: a written route of exactly a propagated destination speaks of that copy.
    let is_state = |route: &Route| route.via == via_ccn && propagated.contains(&route.to);
    let users: Vec<&Route> = written.iter().filter(|route| !is_state(route)).collect();
    let mut enabled: Vec<Route> = users
        .iter()
        .filter(|route| route.enabled)
        .copied()
        .cloned()
        .collect();
    let mut disabled: Vec<IpNet> = Vec::new();
    for to in &propagated {
        let stated = written
            .iter()
            .find(|route| is_state(route) && route.to == *to)
            .map(|route| route.enabled);
        // RT-17, D20-4: it arrives disabled beside an overlapping USER route that is on and no default.
        let arrives = || {
            let rivals = users
                .iter()
                .filter(|route| route.enabled && route.to.prefix_len() > 0);
            !rivals.into_iter().any(|route| ccn::overlap(&route.to, to))
        };
        if stated.unwrap_or_else(arrives) {
            enabled.push(Route {
                to: *to,
                via: via_ccn.clone(),
                enabled: true,
            });
        } else {
            disabled.push(*to);
        }
    }
    let off = users
        .iter()
        .filter(|route| !route.enabled && route.via == via_ccn);
    disabled.extend(off.map(|route| route.to));
    let member = CcnMember::Vpc(vpc.clone());
    let off = ccn::bound_table(network, ccn, &member)
        .into_iter()
        .filter(|route| !route.enabled);
    disabled.extend(
        off.filter(|route| route.next != member)
            .map(|route| route.to),
    );
    (enabled, disabled)
}
