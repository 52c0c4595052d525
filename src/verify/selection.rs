//! The endpoints that a question means, as a set: united, cut and taken from each other without losing a part.
//!
//! Deliberately not here: what the words of a question mean (`select`).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::fabric::{Party, ResidentIx};
use crate::space::AddressSet;

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
    /// Private addresses that nobody owns: only where somebody asks about a machine that is to come.
    pub nobody: BTreeSet<IpAddr>,
}

impl Selection {
    /// Whether it means nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
            && self.nat_addresses.is_empty()
            && self.sites.is_empty()
            && self.internet.is_empty()
            && self.nobody.is_empty()
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
        let nobody = self.nobody.iter();
        let nobody =
            nobody.map(|address| (Party::Nobody(*address), None, AddressSet::single(*address)));
        hosts.chain(nats).chain(sites).chain(internet).chain(nobody)
    }

    pub(super) fn add(&mut self, resident: ResidentIx, through: Through, addresses: &AddressSet) {
        let entry = self.hosts.entry((resident, through));
        let set = entry.or_default();
        *set = set.union(addresses);
    }

    pub(super) fn union(mut self, other: Self) -> Self {
        for ((resident, through), set) in other.hosts {
            self.add(resident, through, &set);
        }
        self.nat_addresses.extend(other.nat_addresses);
        for (site, set) in other.sites {
            let own = self.sites.entry(site).or_default();
            *own = own.union(&set);
        }
        self.internet = self.internet.union(&other.internet);
        self.nobody.extend(other.nobody);
        self
    }

    /// The same ends at the same addresses.
    pub(super) fn intersection(&self, other: &Self) -> Self {
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
        both.nobody = self.nobody.intersection(&other.nobody).copied().collect();
        both
    }

    /// What is left without the same ends at the same addresses.
    pub(super) fn difference(&self, other: &Self) -> Self {
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
            nobody: self.nobody.difference(&other.nobody).copied().collect(),
        }
    }

    /// The part whose addresses, as they are meant, are in a set.
    pub(super) fn within(&self, addresses: &AddressSet) -> Self {
        let cut = |set: &AddressSet| {
            let set = set.intersection(addresses);
            (!set.is_empty()).then_some(set)
        };
        let hosts = self.hosts.iter().filter_map(|(key, set)| {
            let left = match key.1 {
                Some(through) => addresses.contains(through).then(|| set.clone()),
                None => cut(set),
            };
            Some((*key, left?))
        });
        let nats = self.nat_addresses.iter().copied();
        let sites = self.sites.iter();
        Self {
            hosts: hosts.collect(),
            nat_addresses: nats.filter(|(_, eip)| addresses.contains(*eip)).collect(),
            sites: sites.filter_map(|(site, set)| Some((*site, cut(set)?))).collect(),
            internet: self.internet.intersection(addresses),
            nobody: self.nobody.iter().copied().filter(|at| addresses.contains(*at)).collect(),
        }
    }

    /// The part that belongs to these endpoints and sites, by whatever address it is meant. `own` tells the addresses of
    /// a resident that are its own: of a group only the members that are named.
    pub(super) fn owned_by(&self, owners: &Self, own: impl Fn(ResidentIx) -> AddressSet) -> Self {
        let mut part = Self::default();
        for ((resident, _), named) in &owners.hosts {
            let own = own(*resident);
            let ends = self.hosts.range((*resident, None)..);
            for (key, set) in ends.take_while(|((other, _), _)| other == resident) {
                let members = set.intersection(&own);
                let further = set.difference(&own);
                let left = members.intersection(named).union(&further);
                if !left.is_empty() {
                    part.hosts.insert(*key, left);
                }
            }
        }
        let sites = self.sites.iter();
        let sites = sites.filter(|(site, _)| owners.sites.contains_key(site));
        part.sites = sites.map(|(site, set)| (*site, set.clone())).collect();
        part
    }
}
