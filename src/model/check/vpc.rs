//! VPCs and subnets: which CIDRs they may have (VPC-1..3, VPC-11), and that what is bound to a
//! subnet belongs to its VPC.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::super::{Kind, Network, Place, Subnet, Violation, Vpc};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    for (id, vpc) in &network.vpcs {
        found.extend(primary(id, vpc));
        secondary(id, vpc, found);
        ipv6(id, vpc, found);
        found.extend(default_table(network, id, vpc));
    }
    for (id, subnet) in &network.subnets {
        if let Some(vpc) = network.vpcs.get(&subnet.vpc) {
            inside(id, subnet, vpc, found);
        }
        bound(network, id, subnet, found);
    }
    overlaps(network, found);
    quotas(network, found);
}

/// VPC-1: inside one of the three private ranges, masks /12 (/16 in 192.168.0.0/16) to /28.
fn primary(id: &Id, vpc: &Vpc) -> Option<Violation> {
    let allowed = match vpc.cidr {
        IpNet::V4(cidr) => {
            let shortest = match cidr.network().octets() {
                [10, ..] | [172, 16..=31, ..] => Some(12),
                [192, 168, ..] => Some(16),
                _ => None,
            };
            shortest.is_some_and(|shortest| (shortest..=28).contains(&cidr.prefix_len()))
        }
        IpNet::V6(_) => false,
    };
    let cidr = vpc.cidr;
    (!allowed).then(|| {
        let message = Words::new(format!("`{id}` cannot have the primary CIDR {cidr}"), format!("`{id}` 不能使用主 CIDR {cidr}"));
        Violation::error(Code::VpcCidrInvalid, Place::field(id, "cidr"), message).with_help(
            Words::new("take it from 10.0.0.0/8 or 172.16.0.0/12 (/12 to /28), or from 192.168.0.0/16 (/16 to /28)", "请在 10.0.0.0/8、172.16.0.0/12（掩码 /12 到 /28）或 192.168.0.0/16（掩码 /16 到 /28）内选择"),
        )
    })
}

/// VPC-11: secondary CIDRs are IPv4 and overlap nothing of their VPC.
fn secondary(id: &Id, vpc: &Vpc, found: &mut Vec<Violation>) {
    let of = |index: usize| match index.checked_sub(1) {
        Some(index) => Place::item(id, "secondary_cidrs", index),
        None => Place::field(id, "cidr"),
    };
    let cidrs: Vec<_> = std::iter::once(&vpc.cidr).chain(&vpc.secondary_cidrs).collect();
    for (index, cidr) in cidrs.iter().enumerate().skip(1) {
        if matches!(cidr, IpNet::V6(_)) {
            let message = Words::new(
                format!("the secondary CIDR {cidr} of `{id}` is not IPv4"),
                format!("`{id}` 的辅助 CIDR {cidr} 不是 IPv4"),
            );
            found.push(Violation::error(Code::VpcCidrInvalid, of(index), message));
        }
        let before = cidrs.iter().take(index);
        if let Some((other, overlapped)) = before.enumerate().find(|(_, it)| overlap(it, cidr)) {
            let message = Words::new(
                format!("the secondary CIDR {cidr} of `{id}` overlaps its CIDR {overlapped}"),
                format!("`{id}` 的辅助 CIDR {cidr} 与其网段 {overlapped} 重叠"),
            );
            let violation = Violation::error(Code::VpcCidrInvalid, of(index), message);
            found.push(violation.with_other(
                of(other),
                Words::new(format!("{overlapped} is here"), format!("{overlapped} 在此处")),
            ));
        }
    }
    let whose = || Words::verbatim(format!("`{id}`"));
    let place = || Place::field(id, "secondary_cidrs");
    found.extend(limit::SECONDARY_CIDRS.soft(vpc.secondary_cidrs.len(), whose, place));
}

fn ipv6(id: &Id, vpc: &Vpc, found: &mut Vec<Violation>) {
    if let Some(cidr @ IpNet::V4(_)) = vpc.ipv6_cidr {
        let place = Place::field(id, "ipv6_cidr");
        let message = Words::new(
            format!("the IPv6 CIDR {cidr} of `{id}` is not IPv6"),
            format!("`{id}` 的 IPv6 CIDR {cidr} 不是 IPv6"),
        );
        found.push(Violation::error(Code::VpcCidrInvalid, place, message));
    }
}

fn default_table(network: &Network, id: &Id, vpc: &Vpc) -> Option<Violation> {
    let table = vpc.default_route_table.as_ref()?;
    let owner = &network.route_tables.get(table)?.vpc;
    let place = || Place::field(id, "default_route_table");
    (owner != id).then(|| foreign(place(), Kind::RouteTable, table, owner, id))
}

/// A thing of another VPC stands where one of `vpc` is needed.
fn foreign(place: Place, what: Kind, id: &Id, owner: &Id, vpc: &Id) -> Violation {
    let message = Words::new(
        format!("the {} `{id}` belongs to `{owner}`, not to `{vpc}`", what.words()),
        format!("{} `{id}` 属于 `{owner}`，不属于 `{vpc}`", what.chinese()),
    );
    Violation::error(Code::InvalidValue, place, message).with_other(
        Place::field(id, "vpc"),
        Words::new(
            format!("`{id}` belongs to `{owner}` here"),
            format!("`{id}` 在此属于 `{owner}`"),
        ),
    )
}

/// VPC-3: inside one CIDR of the VPC, masks /16 to /28.
fn inside(id: &Id, subnet: &Subnet, vpc: &Vpc, found: &mut Vec<Violation>) {
    let mut fields = vec![("cidr", subnet.cidr)];
    fields.extend(subnet.ipv6_cidr.map(|cidr| ("ipv6_cidr", cidr)));
    for (field, cidr) in fields {
        if !vpc.cidrs().any(|outer| outer.contains(&cidr)) {
            let message = Words::new(
                format!("the subnet {cidr} lies in no CIDR of `{}`", subnet.vpc),
                format!("子网 {cidr} 不在 `{}` 的任何网段内", subnet.vpc),
            );
            let place = Place::field(id, field);
            let violation = Violation::error(Code::SubnetOutsideVpc, place, message);
            let other = Place::field(&subnet.vpc, "cidr");
            found.push(
                violation
                    .with_other(other, Words::new("the primary CIDR is here", "主 CIDR 在此处")),
            );
        }
    }
    if let IpNet::V4(cidr) = subnet.cidr
        && !(16..=28).contains(&cidr.prefix_len())
    {
        let message = Words::new(
            format!("a subnet cannot be as large or as small as {cidr}"),
            format!("子网的大小不能是 {cidr}"),
        );
        let place = Place::field(id, "cidr");
        let violation = Violation::error(Code::InvalidValue, place, message);
        found.push(violation.with_help(Words::new(
            "use a mask from /16 to /28 (VPC-3)",
            "请使用 /16 到 /28 的掩码（VPC-3）",
        )));
    }
}

/// A subnet's table and ACL are of its own VPC (RT-2, ACL-1).
fn bound(network: &Network, id: &Id, subnet: &Subnet, found: &mut Vec<Violation>) {
    if let Some(table) = &subnet.route_table
        && let Some(owner) = network.route_tables.get(table).map(|table| &table.vpc)
        && *owner != subnet.vpc
    {
        let place = Place::field(id, "route_table");
        found.push(foreign(place, Kind::RouteTable, table, owner, &subnet.vpc));
    }
    if let Some(acl) = &subnet.network_acl
        && let Some(owner) = network.network_acls.get(acl).map(|acl| &acl.vpc)
        && *owner != subnet.vpc
    {
        let place = Place::field(id, "network_acl");
        found.push(foreign(place, Kind::NetworkAcl, acl, owner, &subnet.vpc));
    }
}

/// VPC-3: subnets of one VPC never overlap. One sweep over the sorted CIDRs.
fn overlaps(network: &Network, found: &mut Vec<Violation>) {
    let mut ranges = Vec::with_capacity(network.subnets.len());
    for (order, (id, subnet)) in network.subnets.iter().enumerate() {
        let cidrs = [("cidr", Some(subnet.cidr)), ("ipv6_cidr", subnet.ipv6_cidr)];
        for (field, cidr) in cidrs {
            ranges.extend(cidr.map(|cidr| (&subnet.vpc, cidr.network(), order, id, field, cidr)));
        }
    }
    ranges.sort_unstable();
    let mut widest: Option<(&Id, IpAddr, usize)> = None;
    for (at, &(vpc, first, order, id, field, cidr)) in ranges.iter().enumerate() {
        if let Some((same, last, other)) = widest
            && same == vpc
            && first <= last
        {
            let (_, _, other_order, other_id, other_field, other_cidr) = ranges[other];
            let here = (order, id, field, cidr);
            let there = (other_order, other_id, other_field, other_cidr);
            // the later one in the file is the culprit
            let (early, late) = if order < other_order { (here, there) } else { (there, here) };
            let message = Words::new(
                format!("the subnet {} overlaps the subnet {} of `{vpc}`", late.3, early.3),
                format!("`{vpc}` 的子网 {} 与子网 {} 重叠", late.3, early.3),
            );
            let place = Place::field(late.1, late.2);
            let violation = Violation::error(Code::SubnetOverlap, place, message);
            let text = Words::here(early.1);
            found.push(violation.with_other(Place::field(early.1, early.2), text));
        }
        let last = cidr.broadcast();
        if widest.is_none_or(|(same, widest, _)| same != vpc || widest < last) {
            widest = Some((vpc, last, at));
        }
    }
}

fn quotas(network: &Network, found: &mut Vec<Violation>) {
    let (mut subnets, mut tables) = (BTreeMap::new(), BTreeMap::new());
    for subnet in network.subnets.values() {
        *subnets.entry(&subnet.vpc).or_insert(0) += 1;
    }
    for table in network.route_tables.values() {
        *tables.entry(&table.vpc).or_insert(0) += 1;
    }
    for (vpc, count) in subnets {
        found.extend(limit::SUBNETS.soft(
            count,
            || Words::verbatim(format!("`{vpc}`")),
            || Place::of(vpc),
        ));
    }
    for (vpc, count) in tables {
        found.extend(limit::ROUTE_TABLES.soft(
            count,
            || Words::verbatim(format!("`{vpc}`")),
            || Place::of(vpc),
        ));
    }
    let mut regions: BTreeMap<_, (usize, &Id)> = BTreeMap::new();
    for (id, vpc) in &network.vpcs {
        let account = network.account_of(id.as_str());
        let entry = regions.entry((account, vpc.region.as_str())).or_insert((0, id));
        *entry = (entry.0 + 1, id);
    }
    for ((account, region), (count, last)) in regions {
        let whose = || {
            Words::new(
                format!("the account `{account}` in {region}"),
                format!("账号 `{account}` 在 {region}"),
            )
        };
        found.extend(limit::VPCS.soft(count, whose, || Place::of(last)));
    }
}

/// Whether two CIDRs share an address.
pub(super) fn overlap(left: &IpNet, right: &IpNet) -> bool {
    left.contains(right) || right.contains(left)
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{breaks, cidr, cidrs, id, subnet, table, tom, vpc};
    use super::*;

    #[track_caller]
    fn primary_is(range: &str, expected: &[Code]) {
        let add = |network: &mut Network| {
            network.vpcs.insert(id("vpc-x"), vpc(range));
        };
        breaks(add, expected);
    }

    #[track_caller]
    fn subnet_is(range: &str, expected: &[Code]) {
        let add = |network: &mut Network| {
            network.subnets.insert(id("subnet-x"), subnet("vpc-tom", range));
        };
        breaks(add, expected);
    }

    #[test]
    fn the_sample_breaks_nothing() {
        breaks(|_| {}, &[]);
    }

    #[test]
    fn a_primary_cidr_lies_in_a_private_range_with_a_mask_of_12_to_28() {
        for fine in
            ["10.0.0.0/12", "10.255.255.240/28", "172.31.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]
        {
            primary_is(fine, &[]);
        }
        for wrong in [
            "10.0.0.0/8",
            "10.1.0.0/29",
            "172.32.0.0/16",
            "192.168.0.0/15",
            "192.169.0.0/16",
            "11.0.0.0/16",
            "fd00::/56",
        ] {
            primary_is(wrong, &[Code::VpcCidrInvalid]);
        }
    }

    #[test]
    fn secondary_cidrs_overlap_nothing_of_their_vpc() {
        let secondary = |ranges: &'static [&str]| {
            move |network: &mut Network| {
                network.vpcs[&id("vpc-two")].secondary_cidrs = cidrs(ranges);
            }
        };
        breaks(secondary(&["10.3.0.0/16", "172.16.0.0/16"]), &[]);
        breaks(secondary(&["10.2.128.0/17"]), &[Code::VpcCidrInvalid]);
        breaks(secondary(&["10.3.0.0/16", "10.0.0.0/14"]), &[Code::VpcCidrInvalid]);
        breaks(secondary(&["fd00::/56"]), &[Code::VpcCidrInvalid]);
    }

    #[test]
    fn six_secondary_cidrs_need_an_increase() {
        let six = |network: &mut Network| {
            let ranges = (3..9).map(|second| cidr(&format!("10.{second}.0.0/16")));
            network.vpcs[&id("vpc-two")].secondary_cidrs = ranges.collect();
        };
        breaks(six, &[Code::QuotaWarning]);
    }

    #[test]
    fn a_subnet_lies_in_one_cidr_of_its_vpc_with_a_mask_of_16_to_28() {
        subnet_is("10.1.2.0/24", &[]);
        subnet_is("172.16.0.240/28", &[]);
        subnet_is("10.9.0.0/24", &[Code::SubnetOutsideVpc]);
        subnet_is("10.1.2.0/29", &[Code::InvalidValue]);
    }

    #[test]
    fn subnets_of_one_vpc_never_overlap() {
        subnet_is("10.1.1.128/25", &[Code::SubnetOverlap]);
        subnet_is("10.1.0.0/16", &[Code::SubnetOverlap]);
        subnet_is("10.1.1.0/24", &[Code::SubnetOverlap]);
    }

    #[test]
    fn the_later_of_two_overlapping_subnets_is_the_culprit() {
        let mut network = tom();
        network.subnets.insert(id("subnet-x"), subnet("vpc-tom", "10.1.0.0/16"));
        let found = super::super::check(&network);
        assert_eq!(found[0].place, Place::field(&id("subnet-x"), "cidr"));
        assert_eq!(found[0].others[0].0, Place::field(&id("subnet-web"), "cidr"));
    }

    #[test]
    fn subnets_of_two_vpcs_may_have_one_cidr() {
        let twin = |network: &mut Network| {
            network.vpcs.insert(id("vpc-twin"), vpc("10.1.0.0/16"));
            network.subnets.insert(id("subnet-x"), subnet("vpc-twin", "10.1.1.0/24"));
        };
        breaks(twin, &[]);
    }

    #[test]
    fn ipv6_subnets_lie_in_the_ipv6_cidr_and_do_not_overlap() {
        let with = |first: &'static str, second: &'static str| {
            move |network: &mut Network| {
                network.vpcs[&id("vpc-tom")].ipv6_cidr = Some(cidr("fd00:1::/56"));
                network.subnets[&id("subnet-web")].ipv6_cidr = Some(cidr(first));
                network.subnets[&id("subnet-new")].ipv6_cidr = Some(cidr(second));
            }
        };
        breaks(with("fd00:1::/64", "fd00:1:0:1::/64"), &[]);
        breaks(with("fd00:1::/64", "fd00:2::/64"), &[Code::SubnetOutsideVpc]);
        breaks(with("fd00:1::/64", "fd00:1::/64"), &[Code::SubnetOverlap]);
    }

    #[test]
    fn tables_and_acls_belong_to_the_vpc_of_the_subnet() {
        let own = |network: &mut Network| {
            network.subnets[&id("subnet-web")].route_table = Some(id("rtb-tom"));
            network.vpcs[&id("vpc-tom")].default_route_table = Some(id("rtb-tom"));
        };
        breaks(own, &[]);
        let foreign = |network: &mut Network| {
            network.route_tables.insert(id("rtb-two"), table("vpc-two", vec![]));
            network.subnets[&id("subnet-web")].route_table = Some(id("rtb-two"));
            network.vpcs[&id("vpc-tom")].default_route_table = Some(id("rtb-two"));
        };
        breaks(foreign, &[Code::InvalidValue, Code::InvalidValue]);
    }
}
