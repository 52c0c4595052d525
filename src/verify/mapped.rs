//! Mapped addresses of NAT-type Direct Connect gateways: which of their packets is meant for whom (D20-42).

use std::net::IpAddr;

use super::select::without_gateways;
use super::selection::Through;
use crate::engine::Reacher;
use crate::fabric::{Fabric, Party, ResidentIx};
use crate::model::{DirectConnectGateway, DirectConnectKind};
use crate::space::{AddressSet, Set, Space};

/// Whether somebody is meant by an address, asked from here: a mapped address means its targets for the sites of the gateway
/// that maps it, and for everybody else what it is without the gateway (D20-42). Who was asked for otherwise is meant.
pub(super) fn is_meant(
    fabric: &Fabric,
    from: Party,
    (to, through): (Party, Through),
    addresses: &AddressSet,
) -> bool {
    let alone = || addresses.first().filter(|_| addresses.len() == 1);
    let asked = match to {
        Party::Site(_) | Party::Internet => alone(),
        Party::Host(..) | Party::NatAddress(..) | Party::Nobody(_) => through,
    };
    let Some(asked) = asked else {
        return true;
    };
    let gateways = fabric.network.direct_connect_gateways.values();
    let mut maps = gateways.filter(|gateway| maps(gateway, asked)).peekable();
    if maps.peek().is_none() {
        return true;
    }
    let site = match from {
        Party::Site(site) => fabric.network.sites.get_index(site as usize),
        Party::Host(..) | Party::Internet | Party::NatAddress(..) | Party::Nobody(_) => None,
    };
    let mut tunnels = maps.flat_map(|gateway| &gateway.tunnels);
    let is_of_gateway = site.is_some_and(|(site, _)| tunnels.any(|tunnel| &tunnel.site == site));
    let is_target = matches!(to, Party::Host(host, _) if !fabric.hosts.get(host).owns(asked));
    if is_of_gateway {
        return is_target;
    }
    !is_target || without_gateways(fabric, asked).is_empty()
}

/// Whether a gateway gives an address inside to one outside.
fn maps(gateway: &DirectConnectGateway, address: IpAddr) -> bool {
    match &gateway.kind {
        DirectConnectKind::Normal => false,
        DirectConnectKind::Nat(nat) => {
            let mut local = nat.local_ips.iter().map(|(_, mapped)| *mapped);
            let mut forwarded = nat.dnat.iter().map(|entry| entry.address);
            local.any(|mapped| mapped == address) || forwarded.any(|mapped| mapped == address)
        }
    }
}

/// Of what a site sends to a mapped address of a NAT-type Direct Connect gateway, the packets that are meant for this host:
/// each has one target, the one that its port is mapped to; the rest is the host's of a 1:1 mapping, else the first one's
/// (D20-42).
pub(super) fn mapped_share(
    reacher: &mut Reacher<'_>,
    host: ResidentIx,
    through: IpAddr,
    asked: Set,
) -> Set {
    let fabric = reacher.fabric();
    let owns = |address: IpAddr| fabric.hosts.get(host).owns(address);
    let gateways = fabric.network.direct_connect_gateways.values();
    let kinds = gateways.filter_map(|gateway| match &gateway.kind {
        DirectConnectKind::Nat(nat) => Some(nat),
        DirectConnectKind::Normal => None,
    });
    let any = AddressSet::any();
    for nat in kinds {
        let entries = nat.dnat.iter().filter(|entry| entry.address == through);
        let entries: Vec<_> = entries.collect();
        let local = nat.local_ips.iter().find(|(_, mapped)| *mapped == through);
        let fallback = local.map(|(own, _)| *own).or(entries.first().map(|entry| entry.to));
        let Some(fallback) = fallback.filter(|_| !entries.is_empty()) else {
            continue;
        };
        let (mut rest, mut share) = (asked, Space::EMPTY);
        for entry in entries {
            let mapped = reacher.space.cube(&any, &any, &entry.service.traffic());
            let part = reacher.space.intersection(rest, mapped);
            rest = reacher.space.difference(rest, mapped);
            if owns(entry.to) {
                share = reacher.space.union(share, part);
            }
        }
        if owns(fallback) {
            share = reacher.space.union(share, rest);
        }
        return share;
    }
    asked
}
