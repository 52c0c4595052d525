//! Mapped addresses of NAT-type Direct Connect gateways: which of their packets is meant for whom (D20-42).

use std::net::IpAddr;

use crate::engine::Reacher;
use crate::fabric::ResidentIx;
use crate::model::DirectConnectKind;
use crate::space::{AddressSet, Set, Space};

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
        let fallback = local
            .map(|(own, _)| *own)
            .or(entries.first().map(|entry| entry.to));
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
