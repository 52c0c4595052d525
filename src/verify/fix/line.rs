//! Lines to sites: policies and routes of VPN gateways, prefixes of Direct Connect tunnels, mappings of gateways that
//! translate.

use std::net::IpAddr;

use ipnet::IpNet;

use super::FixQuestion;
use super::block::{Block, Flow};
use super::candidate::Candidate;
use super::filter::around;
use super::route::destinations;
use super::stated::replaced;
use crate::id::Id;
use crate::model::{
    DcNat, DcSnat, DirectConnectGateway, DirectConnectKind, Fragment, Network, VpnGateway,
    VpnPolicy, VpnRoute,
};
use crate::query::Direction;
use crate::space::{AddressSet, after};

/// So many CIDRs stand in one new policy.
const MOST_CIDRS: usize = 8;

/// What a VPN gateway does not carry: a policy of a tunnel to the site, or a route to the tunnel.
pub fn vpn(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some((id, gateway)) = block.reason.cause.at.as_ref().and_then(|at| {
        let gateway = network.vpn_gateways.get(at)?;
        Some((at, gateway))
    }) else {
        return Vec::new();
    };
    let (sources, destinations) = (senders(block), destinations(block));
    let mut found = Vec::new();
    for (index, line) in gateway.connections.iter().enumerate() {
        let Some(site) = network.sites.get(&line.site) else {
            continue;
        };
        let there = AddressSet::union_all(site.cidrs.iter().copied().map(AddressSet::from));
        // Which of the two sides is the cloud's.
        let outward = !destinations.intersection(&there).is_empty();
        let inward = !sources.intersection(&there).is_empty();
        let (cloud, far) = match (outward, inward) {
            (true, _) => (&sources, &destinations),
            (false, true) => (&destinations, &sources),
            (false, false) => continue,
        };
        let site: Vec<IpNet> = site.cidrs.clone();
        if line.policies.is_empty() {
            found.extend(routed(id, gateway, index, &covering(&site, far)));
            continue;
        }
        for local in locals(network, gateway, cloud) {
            found.extend(permitted(id, gateway, index, local, &covering(&site, far)));
        }
    }
    found
}

fn senders(block: &Block) -> AddressSet {
    let flows = block.flows.iter();
    AddressSet::union_all(flows.map(|flow: &Flow| flow.sources.clone()))
}

/// The CIDRs of a site that hold something of a set.
fn covering(cidrs: &[IpNet], set: &AddressSet) -> Vec<IpNet> {
    let holds = |cidr: &&IpNet| !AddressSet::from(**cidr).intersection(set).is_empty();
    cidrs.iter().filter(holds).copied().collect()
}

/// How the cloud's side of a policy may be told: the subnet, the VPC's CIDR, the very addresses.
fn locals(network: &Network, gateway: &VpnGateway, set: &AddressSet) -> Vec<IpNet> {
    let vpc = gateway.attached_to.vpc();
    let mut found: Vec<IpNet> = Vec::new();
    let inside = |cidr: &IpNet| set.is_subset(&AddressSet::from(*cidr));
    let subnets = network.subnets.values();
    let subnets = subnets.filter(|subnet| vpc.is_none_or(|vpc| subnet.vpc == *vpc));
    let vpcs = network.vpcs.iter();
    let vpcs = vpcs.filter(|(id, _)| vpc.is_none_or(|vpc| *id == vpc));
    let whole = vpcs.flat_map(|(_, vpc)| vpc.cidrs());
    let subnets = subnets.map(|subnet| subnet.cidr).filter(inside);
    for cidr in subnets.chain(around(set)).chain(whole.filter(inside)) {
        if !found.contains(&cidr) {
            found.push(cidr);
        }
    }
    found
}

fn permitted(
    id: &Id,
    gateway: &VpnGateway,
    index: usize,
    local: IpNet,
    remote: &[IpNet],
) -> Option<Candidate> {
    let mut gateway = gateway.clone();
    let line = gateway.connections.get_mut(index)?;
    let same = line.policies.iter_mut().find(|policy| policy.local == local);
    match same {
        Some(policy) => policy.remote.extend(remote),
        None => line.policies.push(VpnPolicy { local, remote: remote.to_vec() }),
    }
    let known = !remote.is_empty() && remote.len() <= MOST_CIDRS;
    known.then(|| restated(id, gateway))
}

fn routed(id: &Id, gateway: &VpnGateway, index: usize, to: &[IpNet]) -> Option<Candidate> {
    let mut gateway = gateway.clone();
    let connection = gateway.connections.get(index)?.id.clone();
    let mut changed = false;
    for to in to {
        let mut routes = gateway.routes.iter_mut();
        let old = routes.find(|route| route.to == *to && route.connection == connection);
        match old {
            Some(route) if route.enabled => {}
            Some(route) => (route.enabled, changed) = (true, true),
            None => {
                changed = true;
                gateway.routes.push(VpnRoute {
                    to: *to,
                    connection: connection.clone(),
                    priority: 0,
                    enabled: true,
                });
            }
        }
    }
    changed.then(|| restated(id, gateway))
}

fn restated(id: &Id, gateway: VpnGateway) -> Candidate {
    let mut fragment = Fragment::default();
    fragment.network.vpn_gateways.insert(id.clone(), gateway);
    replaced(fragment)
}

/// What no tunnel of a Direct Connect gateway announces: the site's CIDR, on a tunnel to it.
pub fn prefixes(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some((id, gateway)) = direct_connect(network, block) else {
        return Vec::new();
    };
    let (sources, wanted) = (senders(block), destinations(block));
    let mut found = Vec::new();
    for (index, tunnel) in gateway.tunnels.iter().enumerate() {
        let Some(site) = network.sites.get(&tunnel.site) else {
            continue;
        };
        let mut new = covering(&site.cidrs, &wanted);
        new.extend(covering(&site.cidrs, &sources));
        new.retain(|cidr| !tunnel.prefixes.contains(cidr));
        let mut gateway = gateway.clone();
        let own = gateway.tunnels.get_mut(index).filter(|_| !new.is_empty());
        if let Some(own) = own {
            own.prefixes.extend(new);
            found.push(told(id, gateway));
        }
    }
    found
}

/// What a gateway that translates has no mapping for gets one: in a source pool that the gateway has, or, where it maps
/// addresses one to one, with the next address after those that it uses.
pub fn mappings(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some((id, gateway)) = direct_connect(network, block) else {
        return Vec::new();
    };
    let DirectConnectKind::Nat(nat) = &gateway.kind else {
        return Vec::new();
    };
    if block.reason.direction != Direction::Forward {
        return Vec::new();
    }
    let senders = senders(block);
    let pool = nat.snat.iter().flat_map(|rule| &rule.pool).next().copied();
    let mut mapped = nat.clone();
    if let Some((from, address)) = around(&senders).zip(pool) {
        mapped.snat.push(DcSnat { from, pool: vec![address] });
    } else if let Some((own, address)) = only(&senders).zip(next_address(network, nat)) {
        mapped.local_ips.push((own, address));
    } else {
        return Vec::new();
    }
    let mut gateway = gateway.clone();
    gateway.kind = DirectConnectKind::Nat(mapped);
    vec![told(id, gateway)]
}

/// The one address of a set that has no more.
fn only(set: &AddressSet) -> Option<IpAddr> {
    set.first().filter(|_| set.len() == 1)
}

/// The address after those that a gateway maps to, if nobody has it.
fn next_address(network: &Network, nat: &DcNat) -> Option<IpAddr> {
    let used = nat.local_ips.iter().map(|(_, mapped)| *mapped);
    let used = used.chain(nat.dnat.iter().map(|entry| entry.address));
    let next = after(used.max()?)?;
    let owned = network.owned_addresses().into_iter();
    let mut owned = owned.map(|owned| owned.range);
    let free = !owned.any(|(first, last)| first <= next && next <= last);
    free.then_some(next)
}

fn direct_connect<'n>(
    network: &'n Network,
    block: &'n Block,
) -> Option<(&'n Id, &'n DirectConnectGateway)> {
    let at = block.reason.cause.at.as_ref()?;
    Some((at, network.direct_connect_gateways.get(at)?))
}

fn told(id: &Id, gateway: DirectConnectGateway) -> Candidate {
    let mut fragment = Fragment::default();
    let gateways = &mut fragment.network.direct_connect_gateways;
    gateways.insert(id.clone(), gateway);
    replaced(fragment)
}
