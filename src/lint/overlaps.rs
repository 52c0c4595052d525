//! Networks that something joins and whose CIDRs overlap: a packet to the overlap goes to one of them only.
//!
//! Looked at are the members of a CCN with the sites behind its gateways, and a VPC with the sites behind its own gateways.
//! Peered VPCs that overlap cannot exist (PCX-6), and two peers of one VPC that do are told when the file is read.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::{Fact, Finding, Subject};
use crate::id::Id;
use crate::model::{Attachment, CcnMember, Network, Place};

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let network = subject.network;
    for ccn in network.ccns.keys() {
        let members = network.ccn_members(ccn.as_str());
        let joined = members.iter().flat_map(|member| match member {
            CcnMember::Vpc(id) => vec![id.clone()],
            CcnMember::VpnGateway(id) | CcnMember::DirectConnectGateway(id) => sites(network, id),
        });
        among(network, ccn, &unique(joined), found);
    }
    for vpc in network.vpcs.keys() {
        let own = Attachment::Vpc(vpc.clone());
        let vpn = network.vpn_gateways.iter();
        let vpn = vpn.filter(|(_, gateway)| gateway.attached_to == own);
        let direct = network.direct_connect_gateways.iter();
        let direct = direct.filter(|(_, gateway)| gateway.attached_to == own);
        let gateways = vpn.map(|(id, _)| id).chain(direct.map(|(id, _)| id));
        let mut seen: Vec<Id> = vec![vpc.clone()];
        for gateway in gateways {
            for site in sites(network, gateway) {
                if !seen.contains(&site) {
                    for other in &seen {
                        found.extend(pair(network, gateway, [other, &site]));
                    }
                    seen.push(site);
                }
            }
        }
    }
}

/// The sites behind a gateway, each once.
pub(super) fn sites(network: &Network, gateway: &Id) -> Vec<Id> {
    let vpn = network.vpn_gateways.get(gateway).into_iter();
    let connections = vpn.flat_map(|gateway| &gateway.connections);
    let direct = network.direct_connect_gateways.get(gateway).into_iter();
    let tunnels = direct.flat_map(|gateway| &gateway.tunnels);
    let sites = connections.map(|it| it.site.clone());
    unique(sites.chain(tunnels.map(|it| it.site.clone())))
}

pub(super) fn unique(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    let mut seen = BTreeSet::new();
    ids.filter(|id| seen.insert(id.clone())).collect()
}

pub(super) fn cidrs(network: &Network, id: &Id) -> Vec<IpNet> {
    let vpc = network.vpcs.get(id).map(|vpc| vpc.cidrs().collect());
    let site = || network.sites.get(id).map(|site| site.cidrs.clone());
    vpc.or_else(site).unwrap_or_default()
}

/// The overlaps among several networks; a sweep, because a CCN may have hundreds of members.
fn among(network: &Network, through: &Id, joined: &[Id], found: &mut Vec<Finding>) {
    let mut all: Vec<(IpNet, usize)> = Vec::new();
    for (index, id) in joined.iter().enumerate() {
        all.extend(cidrs(network, id).into_iter().map(|cidr| (cidr, index)));
    }
    all.sort_unstable_by_key(|(cidr, index)| (cidr.network(), cidr.prefix_len(), *index));
    let mut told = BTreeSet::new();
    let mut open: Vec<(IpNet, usize)> = Vec::new();
    for (cidr, index) in all {
        // CIDRs are nested or disjoint: what is still open has this one inside.
        open.retain(|(outer, _)| outer.contains(&cidr));
        for (outer, other) in &open {
            let pair = (index.min(*other), index.max(*other));
            if index != *other && told.insert(pair) {
                let networks = [&joined[*other], &joined[index]];
                found.push(finding(through, networks, [*outer, cidr]));
            }
        }
        open.push((cidr, index));
    }
}

fn pair(network: &Network, through: &Id, networks: [&Id; 2]) -> Option<Finding> {
    let [left, right] = networks.map(|id| cidrs(network, id));
    let mut all = left.iter().flat_map(|one| right.iter().map(move |two| (one, two)));
    let (one, two) = all.find(|(one, two)| one.contains(*two) || two.contains(*one))?;
    Some(finding(through, networks, [*one, *two]))
}

fn finding(through: &Id, networks: [&Id; 2], cidrs: [IpNet; 2]) -> Finding {
    let places = networks.map(Place::of);
    let fact = Fact::OverlappingCidrs {
        networks: networks.map(Clone::clone),
        cidrs,
        through: through.clone(),
    };
    Finding::at(Place::of(through), fact).with(places)
}
