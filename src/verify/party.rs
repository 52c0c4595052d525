//! Who the engines' parties are: endpoints, and back.

use crate::fabric::{Fabric, Party};
use crate::id::Id;
use crate::model::Endpoint;

/// The endpoint that a party is, for people.
#[must_use]
pub fn endpoint_of(fabric: &Fabric, party: Party) -> Endpoint {
    let id = |found: Option<&Id>| found.cloned().unwrap_or_else(|| Id::from("?"));
    match party {
        Party::Host(host, address) => fabric.hosts.get(host).endpoint_at(address),
        Party::NatAddress(gateway, eip) => {
            let gateways = &fabric.network.nat_gateways;
            Endpoint::NatAddress(id(gateways.get_index(gateway as usize).map(|g| g.0)), eip)
        }
        Party::Site(site) => {
            Endpoint::Site(id(fabric.network.sites.get_index(site as usize).map(|s| s.0)))
        }
        Party::Internet => Endpoint::Internet,
        Party::Nobody(address) => Endpoint::Nobody(address),
    }
}

/// The party that an endpoint is.
#[must_use]
pub fn party_of(fabric: &Fabric, endpoint: &Endpoint) -> Option<Party> {
    match endpoint {
        Endpoint::Internet => Some(Party::Internet),
        Endpoint::Nobody(address) => Some(Party::Nobody(*address)),
        Endpoint::Site(id) => {
            let index = fabric.network.sites.get_index_of(id)?;
            Some(Party::Site(u32::try_from(index).ok()?))
        }
        Endpoint::NatAddress(id, eip) => {
            let index = fabric.network.nat_gateways.get_index_of(id)?;
            Some(Party::NatAddress(u32::try_from(index).ok()?, *eip))
        }
        Endpoint::OldVip(id, address) => {
            Some(Party::Host(fabric.hosts.of_old(id, *address)?, *address))
        }
        Endpoint::GroupMember(id, address) => {
            Some(Party::Host(fabric.hosts.of(id.as_str())?, *address))
        }
        other => {
            let resident = fabric.hosts.of(other.id()?.as_str())?;
            Some(Party::Host(resident, fabric.hosts.get(resident).addresses.0))
        }
    }
}
