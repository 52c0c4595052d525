//! Addresses: inside their subnet and not reserved (VPC-4), each with one owner (D20-20), public
//! ones public (D20-3), classic ones where the cloud hands them out (CN-7).

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::super::lookup::is_public;
use super::super::{AddressSpace, Kind, Network, Owned, Place, Violation};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

/// Clashes of one range that are spelled out; an instance group may clash with hundreds.
const SHOWN: usize = 5;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let owned = network.owned_addresses();
    for address in &owned {
        match address.space {
            AddressSpace::Public => found.extend(not_public(address)),
            AddressSpace::Classic(_) => found.extend(unusual(address)),
            AddressSpace::Vpc(vpc) => {
                found.extend(inverted(address));
                found.extend(outside(network, address, vpc));
                reserved(network, address, found);
            }
        }
    }
    in_use(&owned, found);
}

fn not_public(owned: &Owned<'_>) -> Option<Violation> {
    let (address, _) = owned.range;
    (!is_public(address)).then(|| {
        let message = Words::new(
            format!("`{}` cannot have {address} as a public address", owned.owner),
            format!("`{}` 不能以 {address} 作为公网 IP", owned.owner),
        );
        Violation::error(Code::InvalidValue, owned.place(), message)
    })
}

/// CN-7: 10.48.0.0 to 10.255.255.255 or 100.64.0.0/10.
fn unusual(owned: &Owned<'_>) -> Option<Violation> {
    let (address, _) = owned.range;
    let usual = match address {
        IpAddr::V4(address) => match address.octets() {
            [10, second, ..] => second >= 48,
            [100, second, ..] => second & 0xc0 == 64,
            _ => false,
        },
        IpAddr::V6(_) => false,
    };
    (!usual).then(|| {
        let message = Words::new(
            format!("{address} is an unusual address for the classic network"),
            format!("{address} 不是常见的基础网络地址"),
        );
        Violation::warning(Code::ClassicAddressUnusual, owned.place(), message).with_help(
            Words::new(
                "classic addresses lie in 10.48.0.0-10.255.255.255 or 100.64.0.0/10 (CN-7)",
                "基础网络地址位于 10.48.0.0-10.255.255.255 或 100.64.0.0/10（CN-7）",
            ),
        )
    })
}

/// The range of an instance group runs upwards within one family.
fn inverted(owned: &Owned<'_>) -> Option<Violation> {
    let (first, last) = owned.range;
    (first.is_ipv4() != last.is_ipv4() || first > last).then(|| {
        let message = Words::new(
            format!("{first}-{last} is no range of addresses"),
            format!("{first}-{last} 不是有效的地址范围"),
        );
        Violation::error(Code::InvalidValue, owned.place(), message)
    })
}

fn outside(network: &Network, owned: &Owned<'_>, vpc: &Id) -> Option<Violation> {
    let (first, last) = owned.range;
    let (what, other, cidr) = if let Some(id) = owned.subnet {
        let subnet = network.subnets.get(id)?;
        if subnet.covers(first) && subnet.covers(last) {
            return None;
        }
        (
            Words::new(format!("the subnet `{id}`"), format!("子网 `{id}`")),
            Place::field(id, "cidr"),
            subnet.cidr,
        )
    } else {
        // the VIP of an endpoint connection may lie outside every subnet that the file shows
        let entity = network.vpcs.get(vpc)?;
        if entity.covers(first) {
            return None;
        }
        (
            Words::new(format!("`{vpc}`"), format!("私有网络 `{vpc}`")),
            Place::field(vpc, "cidr"),
            entity.cidr,
        )
    };
    let addresses = span(first, last);
    let owner = owned.owner;
    let message = Words::new(
        format!("{addresses} of `{owner}` lies outside {what}"),
        format!("`{owner}` 的 {addresses} 不在{} 的范围内", what.chinese()),
    );
    let violation = Violation::error(Code::AddressOutsideSubnet, owned.place(), message);
    Some(
        violation
            .with_other(other, Words::new(format!("it covers {cidr}"), format!("其网段为 {cidr}"))),
    )
}

/// VPC-4: the first two addresses of an IPv4 subnet and the last one.
fn reserved(network: &Network, owned: &Owned<'_>, found: &mut Vec<Violation>) {
    let Some((id, subnet)) = owned.subnet.and_then(|id| network.subnets.get_key_value(id)) else {
        return;
    };
    let IpNet::V4(cidr) = subnet.cidr else {
        return;
    };
    let second = cidr.network().to_bits().saturating_add(1).into();
    for address in [cidr.network(), second, cidr.broadcast()] {
        let address = IpAddr::V4(address);
        if owned.has(address) {
            let message = Words::new(
                format!("`{}` cannot have {address}: the cloud keeps it", owned.owner),
                format!("`{}` 不能使用 {address}：该地址由云平台保留", owned.owner),
            );
            let violation = Violation::error(Code::AddressReserved, owned.place(), message)
                .with_other(
                    Place::field(id, "cidr"),
                    Words::new(format!("the subnet `{id}` is here"), format!("子网 `{id}` 在此处")),
                );
            let help = Words::new(
                "the first two addresses of a subnet and the last one are reserved (VPC-4)",
                "子网的前两个地址和最后一个地址为保留地址（VPC-4）",
            );
            found.push(violation.with_help(help));
        }
    }
}

/// One owner an address, in each space: a sweep over the sorted ranges. The later one in the
/// file is the culprit.
fn in_use(owned: &[Owned<'_>], found: &mut Vec<Violation>) {
    let mut order: Vec<usize> = (0..owned.len()).collect();
    order.sort_unstable_by_key(|&at| (owned[at].space, owned[at].range.0, at));
    let mut clashes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut widest: Option<usize> = None;
    for at in order {
        if let Some(other) = widest
            && owned[other].space == owned[at].space
            && owned[at].range.0 <= owned[other].range.1
        {
            let (early, late) = (at.min(other), at.max(other));
            clashes.entry(late).or_default().push(early);
        }
        let reaches_further = |&other: &usize| {
            owned[other].space == owned[at].space && owned[at].range.1 <= owned[other].range.1
        };
        widest = widest.filter(reaches_further).or(Some(at));
    }
    found.extend(clashes.into_iter().map(|(late, early)| clash(owned, late, &early)));
}

fn clash(owned: &[Owned<'_>], late: usize, early: &[usize]) -> Violation {
    let culprit = &owned[late];
    let first = early.iter().map(|&at| &owned[at]).min_by_key(|other| other.range);
    let other = first.unwrap_or(culprit);
    let shared = culprit.range.0.max(other.range.0);
    let message = if culprit.owner == other.owner {
        Words::new(
            format!("`{}` has {shared} twice", culprit.owner),
            format!("`{}` 重复使用了 {shared}", culprit.owner),
        )
    } else {
        let (owner, has, kind) = (culprit.owner, other.owner, other.kind);
        Words::new(
            format!("`{owner}` cannot have {shared}: it belongs to `{has}`, {}", kind.one()),
            format!("`{owner}` 不能使用 {shared}：该地址属于{} `{has}`", kind.chinese()),
        )
    };
    let mut violation = Violation::error(Code::AddressInUse, culprit.place(), message);
    for at in early.iter().take(SHOWN) {
        let other = &owned[*at];
        violation = violation.with_other(
            other.place(),
            Words::new(
                format!("`{}` has it here", other.owner),
                format!("`{}` 在此使用", other.owner),
            ),
        );
    }
    if culprit.kind == Kind::HaVip || other.kind == Kind::HaVip {
        let help = Words::new(
            "a HAVIP has an address of its own, beside those of the instance it is bound to",
            "HAVIP 使用独立的地址，不同于所绑定云服务器的地址",
        );
        violation = violation.with_help(help);
    }
    violation
}

/// `10.1.1.10`, or `10.1.1.10-10.1.1.20`.
fn span(first: IpAddr, last: IpAddr) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{
        AWAY, balancer, breaks, cidr, classic, endpoint, havip, id, instance, instance_group,
        interface, ip, nat, tom,
    };
    use super::*;

    #[track_caller]
    fn instance_at(address: &str, expected: &[Code]) {
        let add = |network: &mut Network| {
            network.instances.insert(id("ins-x"), instance("subnet-web", address));
        };
        breaks(add, expected);
    }

    #[test]
    fn an_address_lies_in_its_subnet() {
        instance_at("10.1.1.20", &[]);
        instance_at("10.1.2.20", &[Code::AddressOutsideSubnet]);
        instance_at("fd00::20", &[Code::AddressOutsideSubnet]);
    }

    #[test]
    fn the_first_two_addresses_and_the_last_are_reserved() {
        for kept in ["10.1.1.0", "10.1.1.1", "10.1.1.255"] {
            instance_at(kept, &[Code::AddressReserved]);
        }
        instance_at("10.1.1.2", &[]);
        instance_at("10.1.1.254", &[]);
    }

    #[test]
    fn ipv6_addresses_are_not_reserved() {
        let first = |network: &mut Network| {
            network.vpcs[&id("vpc-tom")].ipv6_cidr = Some(cidr("fd00::/56"));
            network.subnets[&id("subnet-web")].ipv6_cidr = Some(cidr("fd00::/64"));
            network.instances[&id("ins-web")].ipv6 = Some(ip("fd00::1"));
        };
        breaks(first, &[]);
    }

    #[test]
    fn everything_in_a_vpc_shares_one_space_of_addresses() {
        let taken = "10.1.1.10";
        let secondary = |it: &mut Network| {
            it.instances[&id("ins-new")].subnet = id("subnet-web");
            it.instances[&id("ins-new")].ip = ip("10.1.1.11");
            it.instances[&id("ins-new")].secondary_ips = vec![ip(taken)];
        };
        breaks(secondary, &[Code::AddressInUse]);
        let eni = |it: &mut Network| {
            it.network_interfaces.insert(id("eni-x"), interface("ins-web", "subnet-web", taken));
        };
        breaks(eni, &[Code::AddressInUse]);
        let vip = |it: &mut Network| {
            it.havips.insert(id("havip-x"), havip("subnet-web", taken, None));
        };
        breaks(vip, &[Code::AddressInUse]);
        let clb = |it: &mut Network| {
            it.load_balancers.insert(id("lb-x"), balancer(taken, &[]));
        };
        breaks(clb, &[Code::AddressInUse]);
        let bridge = |it: &mut Network| {
            it.endpoint_connections.insert(id("ep-x"), endpoint(taken, "cdb-old"));
        };
        breaks(bridge, &[Code::AddressInUse]);
    }

    #[test]
    fn two_vpcs_may_use_one_address() {
        let twin = |network: &mut Network| {
            network.vpcs[&id("vpc-two")].cidr = cidr("10.1.0.0/16");
            network.subnets[&id("subnet-two")].cidr = cidr("10.1.1.0/24");
            network.instances[&id("ins-two")].ip = ip("10.1.1.10");
        };
        breaks(twin, &[]);
    }

    #[test]
    fn an_instance_has_each_address_once() {
        let twice = |network: &mut Network| {
            network.instances[&id("ins-web")].secondary_ips = vec![ip("10.1.1.10")];
        };
        breaks(twice, &[Code::AddressInUse]);
    }

    #[test]
    fn an_instance_group_clashes_once_with_all_it_covers() {
        let mut network = tom();
        network.instances.insert(id("ins-x"), instance("subnet-web", "10.1.1.12"));
        let group = instance_group("subnet-web", "10.1.1.9", "10.1.1.30");
        network.instance_groups.insert(id("asg-web"), group);
        let found = super::super::check(&network);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].code, Code::AddressInUse);
        assert_eq!(found[0].place, Place::field(&id("asg-web"), "ips"));
        assert_eq!(found[0].others.len(), 2);
    }

    #[test]
    fn an_instance_group_keeps_off_what_a_single_instance_must() {
        let group = |first: &'static str, last: &'static str| {
            move |network: &mut Network| {
                let group = instance_group("subnet-web", first, last);
                network.instance_groups.insert(id("asg-web"), group);
            }
        };
        breaks(group("10.1.1.11", "10.1.1.254"), &[]);
        breaks(group("10.1.1.11", "10.1.1.255"), &[Code::AddressReserved]);
        breaks(
            group("10.1.1.11", "10.1.2.9"),
            &[Code::AddressOutsideSubnet, Code::AddressReserved],
        );
        breaks(group("10.1.1.30", "10.1.1.20"), &[Code::InvalidValue]);
    }

    #[test]
    fn a_public_address_has_one_owner_and_is_public() {
        let eip = |one: &'static str, two: &'static str| {
            move |network: &mut Network| {
                network.instances[&id("ins-web")].eip = Some(ip(one));
                network.nat_gateways.insert(id("nat-x"), nat(&[two]));
            }
        };
        breaks(eip("203.0.113.1", "203.0.113.2"), &[]);
        breaks(eip("203.0.113.1", "203.0.113.1"), &[Code::AddressInUse]);
        breaks(eip("203.0.113.1", "10.9.9.9"), &[Code::InvalidValue]);
        breaks(eip("100.64.0.1", "203.0.113.1"), &[Code::InvalidValue]);
    }

    #[test]
    fn a_classic_address_has_one_owner_in_its_region() {
        let twin = |network: &mut Network| {
            network.classic_instances.insert(id("ins-x"), classic("10.66.1.20"));
        };
        breaks(twin, &[Code::AddressInUse]);
        let elsewhere = |network: &mut Network| {
            let mut far = classic("10.66.1.20");
            far.region = AWAY.to_owned();
            network.classic_instances.insert(id("ins-x"), far);
        };
        breaks(elsewhere, &[]);
    }

    #[test]
    fn an_odd_classic_address_is_worth_a_look() {
        let at = |address: &'static str| {
            move |network: &mut Network| {
                network.classic_instances.insert(id("ins-x"), classic(address));
            }
        };
        breaks(at("10.20.0.1"), &[Code::ClassicAddressUnusual]);
        breaks(at("192.168.1.1"), &[Code::ClassicAddressUnusual]);
        breaks(at("100.78.0.9"), &[]);
        breaks(at("10.48.0.1"), &[]);
    }

    #[test]
    fn an_endpoint_vip_lies_in_the_vpc_if_in_no_subnet() {
        let at = |vip: &'static str| {
            move |network: &mut Network| {
                network.endpoint_connections.insert(id("ep-x"), endpoint(vip, "cdb-old"));
            }
        };
        breaks(at("10.1.1.30"), &[]);
        breaks(at("10.1.200.1"), &[]);
        breaks(at("10.1.1.1"), &[Code::AddressReserved]);
        breaks(at("10.9.0.5"), &[Code::AddressOutsideSubnet]);
    }
}
