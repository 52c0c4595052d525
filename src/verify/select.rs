//! Which endpoints a selector means in a network (section 4 of the scenario format, D20-6, D20-7, D20-27).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::fabric::{Fabric, Home, Party, PublicOwner, Resident, ResidentIx, Role};
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

/// How an endpoint is addressed: by its own address, or by another that leads to it (an EIP, a
/// mapped address of a Direct Connect gateway).
pub type Through = Option<IpAddr>;

/// The endpoints that a selector means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Residents with the addresses that are meant.
    pub hosts: BTreeMap<(ResidentIx, Through), AddressSet>,
    /// EIPs of NAT gateways.
    pub nat_addresses: BTreeSet<(u32, IpAddr)>,
    /// Hosts of sites.
    pub sites: BTreeMap<u32, AddressSet>,
    /// Hosts of the Internet.
    pub internet: AddressSet,
}

impl Selection {
    /// Whether it means nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
            && self.nat_addresses.is_empty()
            && self.sites.is_empty()
            && self.internet.is_empty()
    }

    /// The ends, with their addresses.
    pub fn ends(&self) -> impl Iterator<Item = (Party, Through, AddressSet)> + '_ {
        let hosts = self.hosts.iter().filter_map(|((resident, through), set)| {
            let party = Party::Host(*resident, set.first()?);
            Some((party, *through, set.clone()))
        });
        let nats = self.nat_addresses.iter().map(|(gateway, eip)| {
            let party = Party::NatAddress(*gateway, *eip);
            (party, None, AddressSet::single(*eip))
        });
        let sites = self.sites.iter();
        let sites = sites.map(|(site, set)| (Party::Site(*site), None, set.clone()));
        let internet =
            (!self.internet.is_empty()).then(|| (Party::Internet, None, self.internet.clone()));
        hosts.chain(nats).chain(sites).chain(internet)
    }

    fn add(&mut self, resident: ResidentIx, through: Through, addresses: &AddressSet) {
        let entry = self.hosts.entry((resident, through));
        let set = entry.or_default();
        *set = set.union(addresses);
    }

    fn union(mut self, other: Self) -> Self {
        for ((resident, through), set) in other.hosts {
            self.add(resident, through, &set);
        }
        self.nat_addresses.extend(other.nat_addresses);
        for (site, set) in other.sites {
            let own = self.sites.entry(site).or_default();
            *own = own.union(&set);
        }
        self.internet = self.internet.union(&other.internet);
        self
    }

    fn intersection(&self, other: &Self) -> Self {
        let mut both = Self::default();
        for (key, set) in &self.hosts {
            let set = other.hosts.get(key).map(|other| set.intersection(other));
            if let Some(set) = set.filter(|set| !set.is_empty()) {
                both.hosts.insert(*key, set);
            }
        }
        let nats = self.nat_addresses.iter().copied();
        let nats = nats.filter(|key| other.nat_addresses.contains(key));
        both.nat_addresses = nats.collect();
        for (site, set) in &self.sites {
            let set = other.sites.get(site).map(|other| set.intersection(other));
            if let Some(set) = set.filter(|set| !set.is_empty()) {
                both.sites.insert(*site, set);
            }
        }
        both.internet = self.internet.intersection(&other.internet);
        both
    }

    fn difference(&self, other: &Self) -> Self {
        let left = |set: &AddressSet, other: Option<&AddressSet>| {
            let set = other.map_or_else(|| set.clone(), |other| set.difference(other));
            (!set.is_empty()).then_some(set)
        };
        let hosts = self.hosts.iter();
        let hosts = hosts.filter_map(|(key, set)| Some((*key, left(set, other.hosts.get(key))?)));
        let nats = self.nat_addresses.iter().copied();
        let nats = nats.filter(|key| !other.nat_addresses.contains(key));
        let sites = self.sites.iter();
        let sites =
            sites.filter_map(|(site, set)| Some((*site, left(set, other.sites.get(site))?)));
        Self {
            hosts: hosts.collect(),
            nat_addresses: nats.collect(),
            sites: sites.collect(),
            internet: self.internet.difference(&other.internet),
        }
    }
}

/// The endpoints that a selector means.
#[must_use]
pub fn select(fabric: &Fabric, selector: &Selector, side: Side) -> Selection {
    match selector {
        Selector::Id(id) => by_id(fabric, id, side),
        Selector::Internet => Selection {
            internet: unowned(fabric, &fabric.public),
            ..Selection::default()
        },
        Selector::Address(address) => by_address(fabric, *address, side),
        Selector::Cidr(cidr) => by_cidr(fabric, *cidr, side),
        Selector::Tag(key, value) => matching(fabric, side, |resident| {
            let id = resident.id();
            let meta = id.and_then(|id| fabric.network.meta_of(id.as_str()));
            meta.and_then(|meta| meta.tags.get(key)) == Some(value)
        }),
        Selector::And(a, b) => select(fabric, a, side).intersection(&select(fabric, b, side)),
        Selector::Or(a, b) => select(fabric, a, side).union(select(fabric, b, side)),
        Selector::Not(not) => everybody(fabric, side).difference(&select(fabric, not, side)),
    }
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

fn matching(fabric: &Fabric, side: Side, holds: impl Fn(&Resident) -> bool) -> Selection {
    let mut selection = Selection::default();
    for (index, resident) in fabric.hosts.iter() {
        if takes_part(resident, side) && holds(resident) {
            selection.add(index, None, &own(resident));
        }
    }
    selection
}

/// Every endpoint and site of the file; the Internet is nobody's complement.
pub(super) fn everybody(fabric: &Fabric, side: Side) -> Selection {
    let mut all = matching(fabric, side, |_| true);
    for (index, site) in (0..).zip(fabric.network.sites.values()) {
        all.sites.insert(index, site_addresses(site));
    }
    all
}

fn site_addresses(site: &crate::model::Site) -> AddressSet {
    AddressSet::union_all(site.cidrs.iter().copied().map(AddressSet::from))
}

fn by_id(fabric: &Fabric, id: &Id, side: Side) -> Selection {
    let network = &fabric.network;
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
            is_bound(fabric, resident, id, side)
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
            Selection {
                sites: hosts.into_iter().collect(),
                ..Selection::default()
            }
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

/// Members of a group; as `to` also the databases and load balancers bound to it (D20-27).
fn is_bound(fabric: &Fabric, resident: &Resident, group: &Id, side: Side) -> bool {
    groups_of(&fabric.network, &resident.endpoint, side).contains(group)
}

/// The groups that an endpoint is a member of; those of databases and load balancers only as `to` (D20-27).
pub(super) fn groups_of<'net>(
    network: &'net Network,
    endpoint: &Endpoint,
    side: Side,
) -> &'net [Id] {
    let groups = match endpoint {
        Endpoint::Instance(id) => network.instances.get(id).map(|i| &i.security_groups),
        Endpoint::NetworkInterface(id) => network
            .network_interfaces
            .get(id)
            .map(|i| &i.security_groups),
        Endpoint::GroupMember(id, _) => network.instance_groups.get(id).map(|g| &g.security_groups),
        Endpoint::ClassicInstance(id) => network
            .classic_instances
            .get(id)
            .map(|i| &i.security_groups),
        Endpoint::Database(id) if side == Side::To => {
            network.databases.get(id).map(|d| &d.security_groups)
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
    let mut selection = owners(fabric, &AddressSet::single(address));
    selection = selection.union(mapped(fabric, address, side));
    if selection.is_empty() {
        selection = outside(fabric, &AddressSet::single(address));
    }
    selection
}

/// The endpoints inside a CIDR, the part of it that sites cover, and its Internet hosts.
fn by_cidr(fabric: &Fabric, cidr: IpNet, side: Side) -> Selection {
    let addresses = AddressSet::from(cidr);
    let mut inside = owners(fabric, &addresses);
    inside
        .hosts
        .retain(|(resident, _), _| takes_part(fabric.hosts.get(*resident), side));
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
        let local = nat
            .local_ips
            .iter()
            .filter(|(_, mapped)| *mapped == address);
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
                selection.sites.insert(site, AddressSet::single(meant));
            }
        }
    }
    selection
}
