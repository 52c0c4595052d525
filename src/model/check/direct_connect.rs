//! Direct Connect gateways: kinds (DC-1), secondary CIDRs (DC-3), announcements (DC-5), mappings (DC-6).

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use rustc_hash::FxHashMap;

use super::super::{
    Attachment, DcNat, DirectConnectGateway, DirectConnectKind, Key, Network, Place, Violation, Vpc,
};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let mut kinds: BTreeMap<(&Id, [&str; 2]), &Id> = BTreeMap::new();
    for (id, gateway) in &network.direct_connect_gateways {
        announcements(id, gateway, found);
        match &gateway.attached_to {
            Attachment::Vpc(vpc) => {
                let kind = match gateway.kind {
                    DirectConnectKind::Normal => ["normal", "标准型"],
                    DirectConnectKind::Nat(_) => ["NAT", "NAT 型"],
                };
                let first = kinds.entry((vpc, kind)).or_insert(id);
                found.extend((*first != id).then(|| second(id, first, vpc, kind)));
                if let Some(entity) = network.vpcs.get(vpc) {
                    in_vpc(id, gateway, (vpc, entity), found);
                }
            }
            Attachment::Ccn(ccn) => found.extend(nat_in_ccn(id, gateway, ccn)),
        }
    }
}

/// What no Direct Connect takes as an announcement (DC-5): loopback, multicast, reserved and link-local addresses, but for a
/// part of the last. The whole blocks that only version 1 refuses are not judged: no file says which version it is.
const REFUSED: [&str; 5] =
    ["127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32", "169.254.0.0/16"];
const TAKEN: &str = "169.254.64.0/23";

fn announcements(id: &Id, gateway: &DirectConnectGateway, found: &mut Vec<Violation>) {
    let lies_in = |prefix: &IpNet, block: &str| {
        let block: Option<IpNet> = block.parse().ok();
        block.is_some_and(|block| block.contains(prefix))
    };
    for (tunnel, index) in gateway.tunnels.iter().zip(0..) {
        for (prefix, item) in tunnel.prefixes.iter().zip(0..) {
            let block = REFUSED.iter().find(|block| lies_in(prefix, block));
            let Some(block) = block.filter(|_| !lies_in(prefix, TAKEN)) else {
                continue;
            };
            let message = Words::new(
                format!("`{}` cannot announce {prefix}, which lies in {block}", tunnel.id),
                format!("`{}` 不能通告 {prefix}，它位于 {block}", tunnel.id),
            );
            let place = Place::item(id, "tunnels", index)
                .then(Key::Field("prefixes"))
                .then(Key::Index(item));
            let help = Words::new(
                "Direct Connect refuses loopback, link-local, multicast and reserved addresses (DC-5)",
                "专线拒绝环回、链路本地、组播和保留地址（DC-5）",
            );
            found.push(Violation::error(Code::InvalidValue, place, message).with_help(help));
        }
    }
}

/// DC-1: one gateway of each kind a VPC.
fn second(id: &Id, first: &Id, vpc: &Id, [english, chinese]: [&str; 2]) -> Violation {
    let message = Words::new(
        format!("`{vpc}` has two Direct Connect gateways of the {english} kind, `{id}` too"),
        format!("`{vpc}` 有两个{chinese}专线网关，包括 `{id}`"),
    );
    Violation::error(Code::QuotaExceeded, Place::of(id), message)
        .with_other(Place::of(first), Words::new("the first is here", "第一个在此处"))
        .with_help(Words::new(
            "a VPC has one normal and one NAT gateway at most (DC-1)",
            "一个私有网络最多有一个标准型和一个 NAT 型专线网关（DC-1）",
        ))
}

/// DC-1: a CCN takes normal gateways only.
fn nat_in_ccn(id: &Id, gateway: &DirectConnectGateway, ccn: &Id) -> Option<Violation> {
    matches!(gateway.kind, DirectConnectKind::Nat(_)).then(|| {
        let message = Words::new(
            format!("`{id}` of the NAT kind cannot be attached to `{ccn}`"),
            format!("NAT 型专线网关 `{id}` 不能关联到 `{ccn}`"),
        );
        let violation = Violation::error(Code::InvalidValue, Place::field(id, "kind"), message);
        violation.with_help(Words::new(
            "a CCN takes Direct Connect gateways of the normal kind (DC-1)",
            "云联网只支持标准型专线网关（DC-1）",
        ))
    })
}

fn in_vpc(
    id: &Id,
    gateway: &DirectConnectGateway,
    (vpc, entity): (&Id, &Vpc),
    found: &mut Vec<Violation>,
) {
    match &gateway.kind {
        DirectConnectKind::Normal => {
            let place = || Place::field(id, "attached_to");
            let count = entity.secondary_cidrs.len();
            found.extend(limit::DIRECT_CONNECT_CIDRS.hard(
                count,
                || Words::verbatim(format!("`{vpc}`")),
                place,
            ));
        }
        DirectConnectKind::Nat(nat) => mappings(id, nat, (vpc, entity), found),
    }
}

/// Which side of the VPC's CIDRs an address of a mapping must be on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Inside,
    Outside,
}

/// DC-6: addresses of the VPC lie inside its CIDRs, addresses that stand for others outside. The
/// site's own addresses may overlap the VPC: that is what the peer mapping is for.
fn mappings(id: &Id, nat: &DcNat, (vpc, entity): (&Id, &Vpc), found: &mut Vec<Violation>) {
    let place =
        |field, index| Place::field(id, "kind").then(Key::Field(field)).then(Key::Index(index));
    let mut side = |address: IpAddr, side: Side, place: Place| {
        if entity.covers(address) != (side == Side::Inside) {
            let (inside, outside) = (["inside", "之内"], ["outside", "之外"]);
            let ([is, is_chinese], [must, must_chinese]) = match side {
                Side::Inside => (outside, inside),
                Side::Outside => (inside, outside),
            };
            let message = Words::new(
                format!(
                    "the address {address} in a mapping of `{id}` lies {is} the CIDRs of `{vpc}`"
                ),
                format!("`{id}` 的映射中的地址 {address} 在 `{vpc}` 的网段{is_chinese}"),
            );
            let help = Words::new(
                format!("it must lie {must} (DC-6)"),
                format!("该地址必须在其{must_chinese}（DC-6）"),
            );
            let violation = Violation::error(Code::DirectConnectMappingInvalid, place, message)
                .with_other(Place::field(vpc, "cidr"), Words::here(vpc));
            found.push(violation.with_help(help));
        }
    };
    for (index, (own, mapped)) in nat.local_ips.iter().enumerate() {
        side(*own, Side::Inside, place("local_ips", index));
        side(*mapped, Side::Outside, place("local_ips", index));
    }
    for (index, (_, mapped)) in nat.peer_ips.iter().enumerate() {
        side(*mapped, Side::Outside, place("peer_ips", index));
    }
    for (index, pool) in nat.snat.iter().enumerate() {
        side(pool.from.network(), Side::Inside, place("snat", index));
        if pool.from.prefix_len() < pool.from.max_prefix_len() {
            side(pool.from.broadcast(), Side::Inside, place("snat", index));
        }
        for address in &pool.pool {
            side(*address, Side::Outside, place("snat", index));
        }
    }
    for (index, entry) in nat.dnat.iter().enumerate() {
        side(entry.address, Side::Outside, place("dnat", index));
        side(entry.to, Side::Inside, place("dnat", index));
    }
    twice(id, "local_ips", &nat.local_ips, found);
    twice(id, "peer_ips", &nat.peer_ips, found);
}

/// DC-6: a 1:1 mapping gives each address one other.
fn twice(id: &Id, field: &'static str, mappings: &[(IpAddr, IpAddr)], found: &mut Vec<Violation>) {
    let (mut originals, mut images) = (FxHashMap::default(), FxHashMap::default());
    for (index, (original, image)) in mappings.iter().enumerate() {
        let repeated =
            [(*original, originals.insert(original, index)), (*image, images.insert(image, index))];
        for (address, first) in repeated {
            let Some(first) = first else {
                continue;
            };
            let place = |index| {
                let list = Place::field(id, "kind").then(Key::Field(field));
                list.then(Key::Index(index))
            };
            let message = Words::new(
                format!("`{id}` maps {address} twice"),
                format!("`{id}` 重复映射了 {address}"),
            );
            let code = Code::DirectConnectMappingInvalid;
            let violation = Violation::error(code, place(index), message);
            found.push(violation.with_other(
                place(first),
                Words::new("the first mapping is here", "第一条映射在此处"),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{breaks, cidr, direct_connect, id, ip, site};
    use super::*;
    use crate::model::{DcDnat, DcSnat};

    fn add(network: &mut Network, name: &str, kind: DirectConnectKind) {
        network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
        let mut gateway = direct_connect(Attachment::Vpc(id("vpc-tom")), &["192.168.0.0/16"]);
        gateway.kind = kind;
        gateway.tunnels[0].id = id(&format!("{name}-tunnel"));
        network.direct_connect_gateways.insert(id(name), gateway);
    }

    #[test]
    fn a_vpc_has_one_gateway_of_each_kind() {
        let nat = || DirectConnectKind::Nat(DcNat::default());
        let two = |network: &mut Network| {
            add(network, "dcg-1", DirectConnectKind::Normal);
            add(network, "dcg-2", nat());
        };
        breaks(two, &[]);
        let three = |network: &mut Network| {
            two(network);
            add(network, "dcg-3", nat());
        };
        breaks(three, &[Code::QuotaExceeded]);
    }

    #[test]
    fn a_normal_gateway_carries_10_secondary_cidrs() {
        let secondary = |count: u8| {
            move |network: &mut Network| {
                add(network, "dcg-1", DirectConnectKind::Normal);
                let cidrs = (0..count).map(|number| cidr(&format!("10.{}.0.0/16", number + 20)));
                network.vpcs[&id("vpc-tom")].secondary_cidrs = cidrs.collect();
                network.subnets.swap_remove(&id("subnet-new"));
                network.instances.swap_remove(&id("ins-new"));
            }
        };
        breaks(secondary(10), &[Code::QuotaWarning]);
        breaks(secondary(11), &[Code::QuotaWarning, Code::QuotaExceeded]);
    }

    #[track_caller]
    fn nat_is(nat: DcNat, expected: &[Code]) {
        let add = |network: &mut Network| add(network, "dcg-1", DirectConnectKind::Nat(nat));
        breaks(add, expected);
    }

    #[test]
    fn originals_lie_in_the_vpc_and_mapped_addresses_outside() {
        let local = |own: &str, mapped: &str| DcNat {
            local_ips: vec![(ip(own), ip(mapped))],
            ..DcNat::default()
        };
        let invalid = [Code::DirectConnectMappingInvalid];
        nat_is(local("10.1.1.10", "10.99.0.10"), &[]);
        nat_is(local("10.2.1.10", "10.99.0.10"), &invalid);
        nat_is(local("10.1.1.10", "10.1.9.9"), &invalid);
        let peer = |own: &str, mapped: &str| DcNat {
            peer_ips: vec![(ip(own), ip(mapped))],
            ..DcNat::default()
        };
        nat_is(peer("10.1.1.10", "10.98.0.10"), &[]);
        nat_is(peer("192.168.0.10", "10.1.9.9"), &invalid);
    }

    #[test]
    fn pools_and_forwards_have_their_sides_too() {
        let ports = |from: &str, to: &str| DcNat {
            snat: vec![DcSnat { from: cidr(from), pool: vec![ip("10.99.0.1")] }],
            dnat: vec![DcDnat {
                service: super::super::super::sample::tcp(80),
                address: ip("10.99.0.2"),
                to: ip(to),
                port: 80,
            }],
            ..DcNat::default()
        };
        nat_is(ports("10.1.0.0/16", "10.1.1.10"), &[]);
        let invalid = Code::DirectConnectMappingInvalid;
        nat_is(ports("10.2.0.0/16", "10.2.1.10"), &[invalid; 3]);
    }

    #[test]
    fn an_address_is_mapped_once() {
        let twice = DcNat {
            local_ips: vec![
                (ip("10.1.1.10"), ip("10.99.0.10")),
                (ip("10.1.1.11"), ip("10.99.0.10")),
            ],
            ..DcNat::default()
        };
        nat_is(twice, &[Code::DirectConnectMappingInvalid]);
    }
}
