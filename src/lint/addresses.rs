//! Rules and members of templates that are for private addresses which nobody has, in no stage of the file.
//!
//! Somebody is whoever holds an address, a host of a site, and what tunnels announce. A set that has a whole subnet or a
//! whole VPC in it is for that network, whoever lives there by now. Public addresses are never spoken of, and neither are those
//! that the cloud keeps for itself (100.64.0.0/10, link-local).

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Fact, Finding, Subject};
use crate::model::{DirectConnectKind, Network, Place};
use crate::space::AddressSet;

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let known = Known::new(subject);
    let network = subject.network;
    let mut look = |place: Place, addresses: &AddressSet| {
        if known.is_nobodys(addresses) {
            let addresses = addresses.clone();
            found.push(Finding::at(place, Fact::UnownedAddress { addresses }));
        }
    };
    for (id, group) in &network.security_groups {
        for (field, rules) in [("ingress", &group.ingress), ("egress", &group.egress)] {
            for (index, rule) in rules.iter().enumerate() {
                if let Some(addresses) = rule.peer.addresses() {
                    look(Place::item(id, field, index), &addresses);
                }
            }
        }
    }
    for (id, acl) in &network.network_acls {
        for (field, rules) in [("ingress", &acl.ingress), ("egress", &acl.egress)] {
            for (index, rule) in rules.iter().enumerate() {
                let ends = [&rule.source, &rule.destination].into_iter().flatten();
                if let Some(end) = ends.into_iter().find(|end| known.is_nobodys(end)) {
                    look(Place::item(id, field, index), end);
                }
            }
        }
    }
    for (id, template) in &network.address_templates {
        for (index, addresses) in template.addresses.iter().enumerate() {
            look(Place::item(id, "addresses", index), addresses);
        }
    }
}

/// The addresses of all stages, as sorted ranges.
struct Known {
    private: AddressSet,
    owned: Vec<(IpAddr, IpAddr)>,
    networks: Vec<(IpAddr, IpAddr)>,
}

impl Known {
    fn new(subject: &Subject<'_>) -> Self {
        let mut owned: Vec<AddressSet> = Vec::new();
        let mut networks: Vec<(IpAddr, IpAddr)> = Vec::new();
        let ends = |cidr: IpNet| (cidr.network(), cidr.broadcast());
        for network in subject.networks() {
            let held = network.owned_addresses().into_iter();
            owned.extend(held.map(|held| AddressSet::range(held.range.0, held.range.1)));
            owned.extend(beyond(network));
            networks.extend(network.vpcs.values().flat_map(|vpc| vpc.cidrs().map(ends)));
            let subnets = network.subnets.values();
            networks.extend(subnets.flat_map(|it| {
                let cidrs = std::iter::once(it.cidr).chain(it.ipv6_cidr);
                cidrs.map(ends)
            }));
        }
        networks.sort_unstable();
        networks.dedup();
        let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
        let private = private.into_iter().filter_map(|cidr| cidr.parse().ok());
        Self {
            private: AddressSet::union_all(private.map(|cidr: IpNet| cidr.into())),
            owned: AddressSet::union_all(owned).ranges().collect(),
            networks,
        }
    }

    fn is_nobodys(&self, addresses: &AddressSet) -> bool {
        let owned = |(low, high): (IpAddr, IpAddr)| {
            let after = self.owned.partition_point(|(_, last)| *last < low);
            self.owned.get(after).is_some_and(|(first, _)| *first <= high)
        };
        let whole = |(low, high): (IpAddr, IpAddr)| {
            let after = self.networks.partition_point(|(first, _)| *first < low);
            let inside = self.networks[after..].iter();
            let mut inside = inside.take_while(|(first, _)| *first <= high);
            inside.any(|(_, last)| *last <= high)
        };
        !addresses.is_empty()
            && addresses.is_subset(&self.private)
            && !addresses.ranges().any(|range| owned(range) || whole(range))
    }
}

/// Addresses beyond the gateways: sites, what tunnels announce, what they are mapped to.
fn beyond(network: &Network) -> Vec<AddressSet> {
    let mut sets: Vec<AddressSet> = Vec::new();
    let sites = network.sites.values().flat_map(|site| &site.cidrs);
    let vpn = network.vpn_gateways.values();
    let policies = vpn.clone().flat_map(|gateway| &gateway.connections);
    let remotes = policies.flat_map(|connection| &connection.policies);
    let remotes = remotes.flat_map(|policy| &policy.remote);
    let routes = vpn.flat_map(|gateway| &gateway.routes).map(|route| &route.to);
    let gateways = network.direct_connect_gateways.values();
    let tunnels = gateways.clone().flat_map(|gateway| &gateway.tunnels);
    let prefixes = tunnels.flat_map(|tunnel| &tunnel.prefixes);
    let all = sites.chain(remotes).chain(routes).chain(prefixes);
    sets.extend(all.copied().map(AddressSet::from));
    for gateway in gateways {
        if let DirectConnectKind::Nat(nat) = &gateway.kind {
            let pairs = nat.local_ips.iter().chain(&nat.peer_ips);
            let pools = nat.snat.iter().flat_map(|entry| &entry.pool);
            let mapped = pairs.map(|(_, mapped)| mapped).chain(pools);
            let mapped = mapped.chain(nat.dnat.iter().map(|entry| &entry.address));
            sets.extend(mapped.copied().map(AddressSet::single));
        }
    }
    sets
}
