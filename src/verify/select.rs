//! Which endpoints a selector means in a network (section 4 of the scenario format, D20-6, D20-7, D20-27).

use std::net::IpAddr;

use ipnet::IpNet;

use super::selection::Selection;
use crate::fabric::{Fabric, Home, PublicOwner, Resident, ResidentIx, Role};
use crate::id::Id;
use crate::model::{DirectConnectKind, Endpoint, Kind, Network};
use crate::query::Selector;
use crate::space::AddressSet;

/// Which end of a connection a selector stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `from`: sets mean those that can open connections.
    From,
    /// `to`: sets mean everybody inside.
    To,
}

/// The endpoints that a selector means.
///
/// `A & B` is whoever is meant by one of them and belongs to the other, `A & !B` is A without B: both ask of what is there
/// whether it belongs, so that nothing is left out that they do not name (D20-31). `!B` alone is everybody without B.
#[must_use]
pub fn select(fabric: &Fabric, selector: &Selector, side: Side) -> Selection {
    match selector {
        Selector::Id(id) => by_id(fabric, id, Some(side)),
        Selector::Tag(key, value) => by_tag(fabric, (key, value), Some(side)),
        Selector::Classic(region, account) => {
            by_classic(fabric, (region, account.as_deref()), Some(side))
        }
        Selector::Internet => {
            Selection { internet: unowned(fabric, &fabric.public), ..Selection::default() }
        }
        Selector::Address(address) => by_address(fabric, *address, side),
        Selector::Cidr(cidr) => by_cidr(fabric, *cidr, side),
        Selector::Or(a, b) => select(fabric, a, side).union(select(fabric, b, side)),
        Selector::And(a, b) => match (&**a, &**b) {
            (_, Selector::Not(_)) => belonging(fabric, &select(fabric, a, side), b, side),
            (Selector::Not(_), _) => belonging(fabric, &select(fabric, b, side), a, side),
            _ => {
                let own = belonging(fabric, &select(fabric, a, side), b, side);
                own.union(belonging(fabric, &select(fabric, b, side), a, side))
            }
        },
        Selector::Not(not) => match &**not {
            Selector::Not(twice) => select(fabric, twice, side),
            _ => belonging(fabric, &everybody(fabric, side), selector, side),
        },
    }
}

/// The same where a private address that nobody owns may be asked about: a machine that is to come (D20-32).
#[must_use]
pub fn select_asked(fabric: &Fabric, selector: &Selector, side: Side) -> Selection {
    let mut selection = select(fabric, selector, side);
    if side == Side::To {
        let mut named = Vec::new();
        addresses_of(selector, &mut named);
        named.retain(|address| {
            is_named(selector, *address)
                && !fabric.is_public(*address)
                && by_address(fabric, *address, side).is_empty()
        });
        selection.nobody.extend(named);
    }
    selection
}

fn addresses_of(selector: &Selector, addresses: &mut Vec<IpAddr>) {
    match selector {
        Selector::Address(address) => addresses.push(*address),
        Selector::And(a, b) | Selector::Or(a, b) => {
            addresses_of(a, addresses);
            addresses_of(b, addresses);
        }
        Selector::Not(_)
        | Selector::Id(_)
        | Selector::Internet
        | Selector::Cidr(_)
        | Selector::Classic(..)
        | Selector::Tag(..) => {}
    }
}

/// Whether an address that nobody owns is in a set.
fn is_named(selector: &Selector, address: IpAddr) -> bool {
    match selector {
        Selector::Address(own) => *own == address,
        Selector::Cidr(cidr) => cidr.contains(&address),
        Selector::And(a, b) => is_named(a, address) && is_named(b, address),
        Selector::Or(a, b) => is_named(a, address) || is_named(b, address),
        Selector::Not(not) => !is_named(not, address),
        Selector::Id(_) | Selector::Internet | Selector::Classic(..) | Selector::Tag(..) => false,
    }
}

/// Those of `all` who belong to a set. Whoever is named by an id or a tag belongs to it however it is addressed; an
/// address is only itself.
fn belonging(fabric: &Fabric, all: &Selection, selector: &Selector, side: Side) -> Selection {
    match selector {
        Selector::Id(id) => all.owned_by(&by_id(fabric, id, None), own_of(fabric)),
        Selector::Tag(key, value) => {
            all.owned_by(&by_tag(fabric, (key, value), None), own_of(fabric))
        }
        Selector::Classic(region, account) => {
            let classic = by_classic(fabric, (region, account.as_deref()), None);
            all.owned_by(&classic, own_of(fabric))
        }
        Selector::Internet => Selection { internet: all.internet.clone(), ..Selection::default() },
        Selector::Address(address) => all.intersection(&by_address(fabric, *address, side)),
        Selector::Cidr(cidr) => all.within(&AddressSet::from(*cidr)),
        Selector::Or(a, b) => {
            let own = belonging(fabric, all, a, side);
            own.union(belonging(fabric, all, b, side))
        }
        Selector::And(a, b) => {
            let own = belonging(fabric, all, a, side);
            belonging(fabric, &own, b, side)
        }
        Selector::Not(not) => all.difference(&belonging(fabric, all, not, side)),
    }
}

fn own_of(fabric: &Fabric) -> impl Fn(ResidentIx) -> AddressSet + '_ {
    |resident| own(fabric.hosts.get(resident))
}

/// What a set means: openers on the side of `from`, everybody but unbound HAVIPs on the side of `to`.
pub(super) fn takes_part(resident: &Resident, side: Side) -> bool {
    match side {
        Side::From => resident.role == Role::Machine && !resident.unbound,
        Side::To => !resident.unbound,
    }
}

fn own(resident: &Resident) -> AddressSet {
    AddressSet::range(resident.addresses.0, resident.addresses.1)
}

/// Whoever takes part on a side (`None` = everybody, whether it takes part or not) and something holds for.
fn matching(fabric: &Fabric, side: Option<Side>, holds: impl Fn(&Resident) -> bool) -> Selection {
    let mut selection = Selection::default();
    for (index, resident) in fabric.hosts.iter() {
        if side.is_none_or(|side| takes_part(resident, side)) && holds(resident) {
            selection.add(index, None, &own(resident));
        }
    }
    selection
}

fn by_tag(fabric: &Fabric, (key, value): (&str, &String), side: Option<Side>) -> Selection {
    matching(fabric, side, |resident| {
        let id = resident.id();
        let meta = id.and_then(|id| fabric.network.meta_of(id.as_str()));
        meta.and_then(|meta| meta.tags.get(key)) == Some(value)
    })
}

/// What of the classic network lies in a region, of one account or of all.
fn by_classic(
    fabric: &Fabric,
    (region, account): (&str, Option<&str>),
    side: Option<Side>,
) -> Selection {
    let network = &fabric.network;
    matching(fabric, side, |resident| {
        let id = resident.id().filter(|_| resident.home == Home::Classic);
        id.is_some_and(|id| {
            network.region_of(id.as_str()) == Some(region)
                && account.is_none_or(|account| network.account_of(id.as_str()) == account)
        })
    })
}

/// Every endpoint and site of the file, and the Internet.
pub(super) fn everybody(fabric: &Fabric, side: Side) -> Selection {
    let mut all = matching(fabric, Some(side), |_| true);
    all.internet = unowned(fabric, &fabric.public);
    for (index, site) in (0..).zip(fabric.network.sites.values()) {
        all.sites.insert(index, site_addresses(site));
    }
    all
}

fn site_addresses(site: &crate::model::Site) -> AddressSet {
    AddressSet::union_all(site.cidrs.iter().copied().map(AddressSet::from))
}

/// Whoever an id means on a side; without one, whoever belongs to it.
fn by_id(fabric: &Fabric, id: &Id, side: Option<Side>) -> Selection {
    let network = &fabric.network;
    let id = network.meant_by(id);
    match network.kind_of(id.as_str()) {
        Some(Kind::Vpc) => {
            let vpc = fabric.position_of_vpc(id);
            matching(fabric, side, |resident| vpc_of(fabric, resident) == vpc)
        }
        Some(Kind::Subnet) => {
            let index = network.subnets.get_index_of(id);
            let index = index.and_then(|index| u32::try_from(index).ok());
            matching(
                fabric,
                side,
                |resident| matches!(resident.home, Home::Subnet(subnet) if Some(subnet) == index),
            )
        }
        Some(Kind::SecurityGroup) => matching(fabric, side, |resident| {
            is_bound(fabric, resident, id, side.unwrap_or(Side::To))
        }),
        Some(Kind::Account) => matching(fabric, side, |resident| {
            let owner = resident.id().map(|id| network.account_of(id.as_str()));
            owner == Some(id.as_str())
        }),
        Some(Kind::Site) => {
            let site = network.sites.get_full(id);
            let hosts = site.and_then(|(index, _, site)| {
                Some((u32::try_from(index).ok()?, site_addresses(site)))
            });
            Selection { sites: hosts.into_iter().collect(), ..Selection::default() }
        }
        None if network.group_member(id.as_str()).is_none() => {
            // An account that is only named as an owner (D20-16).
            matching(fabric, side, |resident| {
                let owner = resident.id().map(|id| network.account_of(id.as_str()));
                owner == Some(id.as_str())
            })
        }
        _ => {
            let mut selection = Selection::default();
            if let Some(resident) = fabric.hosts.of(id.as_str()) {
                selection.add(resident, None, &own(fabric.hosts.get(resident)));
                // Whoever asks for a database finds it at any of its addresses (MIG-11).
                for old in fabric.hosts.all_old(id).filter(|_| side != Some(Side::From)) {
                    selection.add(old, None, &own(fabric.hosts.get(old)));
                }
            } else if let Some((group, address)) = network.group_member(id.as_str())
                && let Some(resident) = fabric.hosts.of(group.as_str())
            {
                selection.add(resident, None, &AddressSet::single(address));
            }
            selection
        }
    }
}

fn vpc_of(fabric: &Fabric, resident: &Resident) -> Option<u32> {
    match resident.home {
        Home::Subnet(subnet) => fabric.vpc_of(subnet),
        Home::Public(vpc) => Some(vpc),
        Home::Classic => None,
    }
}

/// Members of a group; as `to` also the databases, load balancers and endpoints bound to it (D20-27).
fn is_bound(fabric: &Fabric, resident: &Resident, group: &Id, side: Side) -> bool {
    groups_of(&fabric.network, &resident.endpoint, side).contains(group)
}

/// The groups that an endpoint is a member of; those of databases, load balancers and endpoints only as `to` (D20-27).
pub(super) fn groups_of<'net>(
    network: &'net Network,
    endpoint: &Endpoint,
    side: Side,
) -> &'net [Id] {
    let groups = match endpoint {
        Endpoint::Instance(id) => network.instances.get(id).map(|i| &i.security_groups),
        Endpoint::NetworkInterface(id) => {
            network.network_interfaces.get(id).map(|i| &i.security_groups)
        }
        Endpoint::GroupMember(id, _) => network.instance_groups.get(id).map(|g| &g.security_groups),
        Endpoint::ClassicInstance(id) => {
            network.classic_instances.get(id).map(|i| &i.security_groups)
        }
        Endpoint::Database(id) | Endpoint::OldVip(id, _) if side == Side::To => {
            network.databases.get(id).map(|d| &d.security_groups)
        }
        Endpoint::VpcEndpoint(id) if side == Side::To => {
            network.vpc_endpoints.get(id).map(|it| &it.security_groups)
        }
        Endpoint::LoadBalancer(id) if side == Side::To => {
            network.load_balancers.get(id).map(|b| &b.security_groups)
        }
        _ => None,
    };
    groups.map_or(&[], Vec::as_slice)
}

/// Public addresses that nobody of the file owns.
pub(super) fn unowned(fabric: &Fabric, addresses: &AddressSet) -> AddressSet {
    let owned = fabric.hosts.public_addresses();
    let owned = AddressSet::union_all(owned.map(|(address, _)| AddressSet::single(address)));
    addresses.intersection(&fabric.public).difference(&owned)
}

/// An owner's very address, a site's host, or an Internet host.
fn by_address(fabric: &Fabric, address: IpAddr, side: Side) -> Selection {
    let mapped = mapped(fabric, address, side);
    let means_two = side == Side::To && !mapped.hosts.is_empty();
    let mut selection = if mapped.is_empty() || means_two {
        without_gateways(fabric, address)
    } else {
        owners(fabric, &AddressSet::single(address))
    };
    if means_two {
        // Whoever has the address, too, is meant by the address: not by the sites that find somebody else there.
        let hosts = std::mem::take(&mut selection.hosts).into_iter();
        let named = hosts.map(|((host, through), own)| ((host, through.or(Some(address))), own));
        selection.hosts = named.collect();
    }
    selection.union(mapped)
}

/// What an address means where no Direct Connect gateway gives it another meaning.
pub(super) fn without_gateways(fabric: &Fabric, address: IpAddr) -> Selection {
    let address = AddressSet::single(address);
    let selection = owners(fabric, &address);
    if selection.is_empty() {
        return outside(fabric, &address);
    }
    selection
}

/// The endpoints inside a CIDR, the part of it that sites cover, and its Internet hosts.
fn by_cidr(fabric: &Fabric, cidr: IpNet, side: Side) -> Selection {
    let addresses = AddressSet::from(cidr);
    let mut inside = owners(fabric, &addresses);
    inside.hosts.retain(|(resident, _), _| takes_part(fabric.hosts.get(*resident), side));
    if side == Side::From {
        // An EIP opens nothing itself (D20-28).
        inside.hosts.retain(|(_, through), _| through.is_none());
        inside.nat_addresses.clear();
    }
    inside.union(outside(fabric, &addresses))
}

fn owners(fabric: &Fabric, addresses: &AddressSet) -> Selection {
    let mut selection = Selection::default();
    for (index, resident) in fabric.hosts.iter() {
        if !matches!(resident.home, Home::Public(_)) {
            let own = own(resident).intersection(addresses);
            if !own.is_empty() {
                selection.add(index, None, &own);
            }
        }
        for further in &resident.further {
            if addresses.contains(*further) {
                selection.add(index, Some(*further), &AddressSet::single(*further));
            }
        }
    }
    for (address, owner) in fabric.hosts.public_addresses() {
        if !addresses.contains(address) {
            continue;
        }
        match owner {
            PublicOwner::Resident(index) => {
                let resident = fabric.hosts.get(index);
                if resident.addresses.0 == address {
                    selection.add(index, None, &own(resident));
                } else {
                    selection.add(index, Some(address), &own(resident));
                }
            }
            PublicOwner::NatGateway(gateway) => {
                selection.nat_addresses.insert((gateway, address));
            }
        }
    }
    selection
}

fn outside(fabric: &Fabric, addresses: &AddressSet) -> Selection {
    let mut selection = Selection::default();
    for (index, site) in (0..).zip(fabric.network.sites.values()) {
        let own = site_addresses(site).intersection(addresses);
        if !own.is_empty() {
            selection.sites.insert(index, own);
        }
    }
    selection.internet = unowned(fabric, addresses);
    selection
}

/// Addresses that a NAT-type Direct Connect gateway maps to somebody (DC-6).
fn mapped(fabric: &Fabric, address: IpAddr, side: Side) -> Selection {
    let mut selection = Selection::default();
    let network = &fabric.network;
    for gateway in network.direct_connect_gateways.values() {
        let DirectConnectKind::Nat(nat) = &gateway.kind else {
            continue;
        };
        let vpc = gateway.attached_to.vpc();
        let vpc = vpc.and_then(|vpc| fabric.position_of_vpc(vpc));
        let local = nat.local_ips.iter().filter(|(_, mapped)| *mapped == address);
        let local = local.map(|(own, _)| *own);
        let forwarded = nat.dnat.iter().filter(|entry| entry.address == address);
        for own in local.chain(forwarded.map(|entry| entry.to)) {
            let owner = vpc.and_then(|vpc| fabric.hosts.in_vpc(vpc, own));
            if let Some(owner) = owner {
                selection.add(owner, Some(address), &AddressSet::single(own));
            }
        }
        for (own, mapped) in &nat.peer_ips {
            if *mapped != address {
                continue;
            }
            let hosts = outside(fabric, &AddressSet::single(*own));
            for site in hosts.sites.into_keys() {
                let meant = match side {
                    Side::From => *own,
                    Side::To => address,
                };
                let addresses = selection.sites.entry(site).or_default();
                *addresses = addresses.union(&AddressSet::single(meant));
            }
        }
    }
    selection
}
