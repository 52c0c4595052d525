//! Networks that others are joined with and that lie in 172.17.0.0/16, where a host with Docker has the bridge of its
//! containers: such a host sends what is for them to itself, and nothing of that is seen in the cloud.

use std::collections::BTreeSet;

use ipnet::{IpNet, Ipv4Net};

use super::overlaps::{cidrs, sites, unique};
use super::{Fact, Finding, Subject};
use crate::id::Id;
use crate::model::{Attachment, CcnMember, Place};

/// The bridge that Docker makes where nobody tells it otherwise.
const BRIDGE: Ipv4Net = Ipv4Net::new_assert(std::net::Ipv4Addr::new(172, 17, 0, 0), 16);

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let network = subject.network;
    let mut told = BTreeSet::new();
    for (through, joined) in joints(subject) {
        // Alone, it has nobody that could miss it.
        if joined.len() < 2 {
            continue;
        }
        for id in joined {
            let bridge = IpNet::V4(BRIDGE);
            let meets = |cidr: &IpNet| bridge.contains(cidr) || cidr.contains(&bridge);
            let Some(cidr) = cidrs(network, &id).into_iter().find(meets) else {
                continue;
            };
            if told.insert(id.clone()) {
                let related = Place::of(&through);
                let place = Place::of(&id);
                let fact =
                    Fact::ContainerBridgeOverlap { network: id, cidr, through: through.clone() };
                found.push(Finding::at(place, fact).with([related]));
            }
        }
    }
}

/// What joins networks, with those that it joins: CCNs, peering connections, gateways of a VPC.
fn joints(subject: &Subject<'_>) -> Vec<(Id, Vec<Id>)> {
    let network = subject.network;
    let mut all = Vec::new();
    for ccn in network.ccns.keys() {
        let members = network.ccn_members(ccn.as_str());
        let joined = members.iter().flat_map(|member| match member {
            CcnMember::Vpc(id) => vec![id.clone()],
            CcnMember::VpnGateway(id) | CcnMember::DirectConnectGateway(id) => sites(network, id),
        });
        all.push((ccn.clone(), unique(joined)));
    }
    for (id, peering) in &network.peerings {
        let (one, two) = peering.between.clone();
        all.push((id.clone(), vec![one, two]));
    }
    let vpn = network.vpn_gateways.iter();
    let vpn = vpn.map(|(id, gateway)| (id, &gateway.attached_to));
    let direct = network.direct_connect_gateways.iter();
    let direct = direct.map(|(id, gateway)| (id, &gateway.attached_to));
    for (id, attached) in vpn.chain(direct) {
        if let Attachment::Vpc(vpc) = attached {
            let joined = std::iter::once(vpc.clone()).chain(sites(network, id));
            all.push((id.clone(), unique(joined)));
        }
    }
    all
}
