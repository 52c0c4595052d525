//! Lines of gateways that nothing stands behind, although somebody watches them (VPN-12, D20-34, D20-35), and CCNs between
//! regions without bandwidth (CCN-13).

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::{Fact, Finding, Subject};
use crate::id::Id;
use crate::model::{
    Attachment, CcnBandwidth, CcnMember, CcnTable, Network, NextHop, Origin, Place, Route,
};

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let network = subject.network;
    let vpn = network.vpn_gateways.iter();
    let vpn = vpn.map(|(id, gateway)| (id, &gateway.attached_to, "connections"));
    let dc = network.direct_connect_gateways.iter();
    let dc = dc.map(|(id, gateway)| (id, &gateway.attached_to, "tunnels"));
    for (gateway, attached_to, field) in vpn.chain(dc) {
        let taken_over = others(network, gateway, attached_to);
        for (index, line) in network.lines_of(gateway).into_iter().enumerate() {
            if !line.health_check {
                continue;
            }
            let mut cidrs = carried(network, gateway, |id| id == line.id);
            let beside = carried(network, gateway, |id| id != line.id);
            cidrs.retain(|cidr| {
                let mut behind = beside.iter().chain(&taken_over);
                !behind.any(|other| other.contains(cidr))
            });
            if !cidrs.is_empty() {
                let (line, gateway) = (line.id.clone(), gateway.clone());
                let place = Place::item(&gateway, field, index);
                let fact =
                    Fact::LineWithoutBackup { line, gateway, cidrs: cidrs.into_iter().collect() };
                found.push(Finding::at(place, fact));
            }
        }
    }
    found.extend(no_bandwidth(network));
}

/// What a gateway carries over the lines that are meant.
fn carried(network: &Network, gateway: &Id, is_meant: impl Fn(&Id) -> bool) -> BTreeSet<IpNet> {
    let mut cidrs = BTreeSet::new();
    if let Some(gateway) = network.vpn_gateways.get(gateway) {
        for connection in gateway.connections.iter().filter(|it| is_meant(&it.id)) {
            let remotes = connection.policies.iter().flat_map(|it| &it.remote);
            cidrs.extend(remotes.copied());
        }
        let routes = gateway.routes.iter();
        let routes = routes.filter(|route| route.enabled && is_meant(&route.connection));
        cidrs.extend(routes.map(|route| route.to));
    }
    if let Some(gateway) = network.direct_connect_gateways.get(gateway) {
        let tunnels = gateway.tunnels.iter().filter(|it| is_meant(&it.id));
        cidrs.extend(tunnels.flat_map(|tunnel| tunnel.prefixes.iter().copied()));
    }
    cidrs
}

/// What others carry once the gateway is absent: on a CCN whoever has an enabled route, in a VPC routes of other
/// priorities.
fn others(network: &Network, gateway: &Id, attached_to: &Attachment) -> Vec<IpNet> {
    match attached_to {
        Attachment::Ccn(ccn) => {
            let entries = network.ccn_entries(ccn, CcnTable::Default).into_iter();
            let others = entries.filter(|entry| {
                let is_behind = entry.origin == Origin::Prefix;
                is_behind && entry.route.enabled && entry.route.next.id() != gateway
            });
            others.map(|entry| entry.route.to).collect()
        }
        Attachment::Vpc(vpc) => {
            let tables = network.route_tables.values().filter(|it| it.vpc == *vpc);
            let routes: Vec<&Route> =
                tables.flat_map(|table| &table.routes).filter(|route| route.enabled).collect();
            let is_own = |route: &Route| match &route.via {
                NextHop::VpnGateway(id) | NextHop::DirectConnectGateway(id) => id == gateway,
                _ => false,
            };
            let behind = routes.iter().filter(|route| {
                let mut own = routes.iter().filter(|own| is_own(own));
                !is_own(route)
                    && own.any(|own| own.to == route.to && own.priority != route.priority)
            });
            behind.map(|route| route.to).collect()
        }
    }
}

/// CCN-13: the file says that nothing was configured, and VPCs of several regions are joined.
fn no_bandwidth(network: &Network) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, ccn) in &network.ccns {
        if ccn.bandwidth != Some(CcnBandwidth::Missing) {
            continue;
        }
        let members = ccn.attachments.iter();
        let vpcs = members.filter_map(|member| match member {
            CcnMember::Vpc(vpc) => network.vpcs.get(vpc),
            CcnMember::VpnGateway(_) | CcnMember::DirectConnectGateway(_) => None,
        });
        let regions: BTreeSet<String> = vpcs.map(|vpc| vpc.region.clone()).collect();
        if regions.len() > 1 {
            let fact =
                Fact::CcnNoBandwidth { ccn: id.clone(), regions: regions.into_iter().collect() };
            found.push(Finding::at(Place::field(id, "bandwidth"), fact));
        }
    }
    found
}
