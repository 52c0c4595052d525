//! Addresses: inside their subnet and not reserved (VPC-4), each with one owner (D20-20), public
//! ones public (D20-3), classic ones where the cloud hands them out (CN-7).

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::super::lookup::{is_public, with_article};
use super::super::{AddressSpace, Kind, Network, Owned, Place, Violation};
use crate::code::Code;
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
        let message = format!(
            "`{}` cannot have {address} as a public address",
            owned.owner
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
        let message = format!("{address} is an unusual address for the classic network");
        Violation::warning(Code::ClassicAddressUnusual, owned.place(), message)
            .with_help("classic addresses lie in 10.48.0.0-10.255.255.255 or 100.64.0.0/10 (CN-7)")
    })
}

/// The range of an instance group runs upwards within one family.
fn inverted(owned: &Owned<'_>) -> Option<Violation> {
    let (first, last) = owned.range;
    (first.is_ipv4() != last.is_ipv4() || first > last).then(|| {
        let message = format!("{first}-{last} is no range of addresses");
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
            format!("the subnet `{id}`"),
            Place::field(id, "cidr"),
            subnet.cidr,
        )
    } else {
        // the VIP of an endpoint connection may lie outside every subnet that the file shows
        let entity = network.vpcs.get(vpc)?;
        if entity.covers(first) {
            return None;
        }
        (format!("`{vpc}`"), Place::field(vpc, "cidr"), entity.cidr)
    };
    let addresses = span(first, last);
    let message = format!("{addresses} of `{}` lies outside {what}", owned.owner);
    let violation = Violation::error(Code::AddressOutsideSubnet, owned.place(), message);
    Some(violation.with_other(other, format!("it covers {cidr}")))
}

/// VPC-4: the first two addresses of an IPv4 subnet and the last one.
fn reserved(network: &Network, owned: &Owned<'_>, found: &mut Vec<Violation>) {
    let Some((id, subnet)) = owned
        .subnet
        .and_then(|id| network.subnets.get_key_value(id))
    else {
        return;
    };
    let IpNet::V4(cidr) = subnet.cidr else {
        return;
    };
    let second = cidr.network().to_bits().saturating_add(1).into();
    for address in [cidr.network(), second, cidr.broadcast()] {
        let address = IpAddr::V4(address);
        if owned.has(address) {
            let message = format!(
                "`{}` cannot have {address}: the cloud keeps it",
                owned.owner
            );
            let violation = Violation::error(Code::AddressReserved, owned.place(), message)
                .with_other(
                    Place::field(id, "cidr"),
                    format!("the subnet `{id}` is here"),
                );
            let help = "the first two addresses of a subnet and the last one are reserved (VPC-4)";
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
    found.extend(
        clashes
            .into_iter()
            .map(|(late, early)| clash(owned, late, &early)),
    );
}

fn clash(owned: &[Owned<'_>], late: usize, early: &[usize]) -> Violation {
    let culprit = &owned[late];
    let first = early
        .iter()
        .map(|&at| &owned[at])
        .min_by_key(|other| other.range);
    let other = first.unwrap_or(culprit);
    let shared = culprit.range.0.max(other.range.0);
    let message = if culprit.owner == other.owner {
        format!("`{}` has {shared} twice", culprit.owner)
    } else {
        let kind = with_article(other.kind.words());
        format!(
            "`{}` cannot have {shared}: it belongs to `{}`, {kind}",
            culprit.owner, other.owner
        )
    };
    let mut violation = Violation::error(Code::AddressInUse, culprit.place(), message);
    for at in early.iter().take(SHOWN) {
        let other = &owned[*at];
        violation = violation.with_other(other.place(), format!("`{}` has it here", other.owner));
    }
    if culprit.kind == Kind::HaVip || other.kind == Kind::HaVip {
        let help = "a HAVIP has an address of its own, beside those of the instance it is bound to";
        violation = violation.with_help(help);
    }
    violation
}

/// `10.1.1.10`, or `10.1.1.10-10.1.1.20`.
fn span(first: IpAddr, last: IpAddr) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}
