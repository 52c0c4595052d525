//! Who may meet whom at all: the platform's rules that no route and no filter can lift, and those
//! that hang on the kinds of the two ends rather than on the way between them.
//!
//! | from → to | classic CVM | classic database, CLB | VPC endpoint | site | Internet |
//! |---|---|---|---|---|---|
//! | classic CVM | tenant, region (CN-3) | tenant, region (CN-3) | its link (CL-2, 6, 18), transit (CL-11) | transit (CL-11) | own public address (CN-8, D20-25) |
//! | VPC endpoint | its link, transit (CL-12) | never (CL-5) | by route | by route | by route |
//! | site | by route, transit beside (CL-12) | by route: none (CN-4) | by route | by route; own line not modelled | not modelled (D20-18) |
//! | Internet | public address | public address | public address | not modelled (D20-18) | - |
//!
//! Databases and load balancers open nothing (D20-1); endpoint connections only serve their own VPC (EP-6); nobody opens
//! through an endpoint of `PrivateLink` towards its consumers (PL-3).

use std::net::IpAddr;

use super::Fabric;
use super::resident::{ResidentIx, Role};
use crate::code::Code;
use crate::id::Id;
use crate::model::{Attachment, CcnMember, Endpoint};
use crate::query::{Cause, Facts};

/// One end of a connection, as the engines name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// A resident at one of its private addresses.
    Host(ResidentIx, IpAddr),
    /// An EIP of a NAT gateway, by the gateway's position (D20-6).
    NatAddress(u32, IpAddr),
    /// Hosts of a site, by its position.
    Site(u32),
    /// Hosts of the Internet that nobody of the file owns.
    Internet,
    /// Whoever may have this private address one day: now nobody does.
    Nobody(IpAddr),
}

/// A network that gateways join.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Zone {
    Vpc(Id),
    Site(Id),
    Internet,
}

/// What the kinds of the two ends forbid; empty = the way decides. `public` = `to` is meant by its public address.
#[must_use]
pub fn meeting(fabric: &Fabric, from: Party, to: Party, destination: Option<IpAddr>) -> Vec<Cause> {
    let public = destination.is_none_or(|address| fabric.is_public(address));
    let mut causes = match from {
        Party::Host(resident, _) => opener(fabric, resident),
        Party::NatAddress(..) | Party::Site(_) | Party::Internet | Party::Nobody(_) => None,
    }
    .into_iter()
    .collect::<Vec<_>>();
    // What the opener may not is told beside what the two may not (D20-13).
    causes.extend(match (from, to) {
        (Party::Site(_), _) if public => {
            vec![Cause::plain(Code::OutboundToUnmodelled)]
        }
        (Party::Internet, Party::Site(_)) => {
            vec![Cause::plain(Code::OutboundToUnmodelled)]
        }
        (Party::Site(a), Party::Site(b)) if a == b => {
            vec![Cause::plain(Code::OutboundToUnmodelled)]
        }
        (Party::Host(a, own), Party::Host(b, _)) if !public => {
            private_pair(fabric, (a, own), b, destination)
        }
        (Party::Host(a, _), _) => classic_out(fabric, a, to, public),
        (Party::Internet, Party::Host(b, _)) if !public => from_internet(fabric, b),
        _ => Vec::new(),
    });
    causes
}

/// Who opens nothing (D20-1).
fn opener(fabric: &Fabric, from: ResidentIx) -> Option<Cause> {
    let resident = fabric.hosts.get(from);
    let id = resident.id()?;
    match resident.role {
        Role::Machine => None,
        Role::Database | Role::LoadBalancer => Some(Cause::at(Code::EndpointCannotInitiate, id)),
        Role::EndpointConnection => Some(Cause::at(Code::EndpointConnectionOneWay, id)),
        Role::VpcEndpoint => Some(Cause::at(Code::VpcEndpointOneWay, id)),
    }
}

fn private_pair(
    fabric: &Fabric,
    (from, own): (ResidentIx, IpAddr),
    to: ResidentIx,
    destination: Option<IpAddr>,
) -> Vec<Cause> {
    let vpc = |resident| {
        let index = fabric.vpc_of_resident(resident)?;
        fabric.network.vpcs.get_index(index as usize).map(|(id, _)| id)
    };
    match (vpc(from), vpc(to)) {
        (None, None) => classic_pair(fabric, from, to),
        (None, Some(vpc)) => classic_to_vpc(fabric, from, to, vpc, destination),
        (Some(vpc), None) => vpc_to_classic(fabric, (vpc, own), to),
        (Some(_), Some(_)) => Vec::new(),
    }
}

/// Same tenant, same region (CN-2, CN-3).
fn classic_pair(fabric: &Fabric, from: ResidentIx, to: ResidentIx) -> Vec<Cause> {
    let (from, to) = (fabric.hosts.get(from), fabric.hosts.get(to));
    let (Some(a), Some(b)) = (from.id(), to.id()) else {
        return Vec::new();
    };
    let network = &fabric.network;
    let mut causes = Vec::new();
    if network.account_of(a.as_str()) != network.account_of(b.as_str()) {
        causes.push(Cause::at(Code::ClassicOtherTenant, b));
    }
    if network.region_of(a.as_str()) != network.region_of(b.as_str()) {
        causes.push(Cause::at(Code::ClassicOtherRegion, b));
    }
    causes
}

/// A classic CVM and an endpoint of a VPC (CL-2, CL-6, CL-11, CL-18, EP-6).
fn classic_to_vpc(
    fabric: &Fabric,
    from: ResidentIx,
    to: ResidentIx,
    vpc: &Id,
    destination: Option<IpAddr>,
) -> Vec<Cause> {
    let Some(from) = fabric.hosts.get(from).id() else {
        return Vec::new();
    };
    let network = &fabric.network;
    let mut causes = Vec::new();
    if network.live_link(from) != Some(vpc) {
        causes.extend(unlinked(fabric, from, vpc));
        causes.extend(no_transit(fabric, from, &Zone::Vpc(vpc.clone())));
    }
    let primary = network.vpcs[vpc].cidr;
    if let Some(address) = destination.filter(|address| !primary.contains(address)) {
        causes.push(secondary(vpc, address, primary));
    }
    causes.extend(endpoint_connection(fabric, to, false));
    causes
}

fn secondary(vpc: &Id, address: IpAddr, primary: ipnet::IpNet) -> Cause {
    Cause::at(Code::ClassicLinkSecondaryCidr, vpc).with(Facts {
        address: Some(address),
        cidr: Some(primary),
        ..Facts::default()
    })
}

/// An endpoint of a VPC and one of the classic network (CL-2, CL-5, CL-12, CL-18).
fn vpc_to_classic(fabric: &Fabric, (vpc, own): (&Id, IpAddr), to: ResidentIx) -> Vec<Cause> {
    let resident = fabric.hosts.get(to);
    let Some(id) = resident.id() else {
        return Vec::new();
    };
    if resident.role != Role::Machine {
        return vec![Cause::at(Code::ClassicLinkCvmOnly, id)];
    }
    if fabric.network.live_link(id) == Some(vpc) {
        // Secondary addresses are refused by Local itself (CL-6).
        return Vec::new();
    }
    let mut causes = unlinked(fabric, id, vpc);
    let primary = fabric.network.vpcs[vpc].cidr;
    if !primary.contains(&own) {
        causes.push(secondary(vpc, own, primary));
    }
    causes.extend(no_transit(fabric, id, &Zone::Vpc(vpc.clone())));
    causes
}

/// Why a classic CVM has no live link to a VPC.
fn unlinked(fabric: &Fabric, instance: &Id, vpc: &Id) -> Vec<Cause> {
    let code = if fabric.network.has_stale_link(instance, vpc) {
        Code::ClassicLinkStaleAddress
    } else {
        Code::ClassicLinkNotLinked
    };
    let facts = Facts { other: Some(vpc.clone()), ..Facts::default() };
    vec![Cause::at(code, instance).with(facts)]
}

/// A linked classic CVM never passes a gateway of its VPC, in neither direction (CL-11, CL-12): one
/// cause a gateway that leads there.
fn no_transit(fabric: &Fabric, instance: &Id, beyond: &Zone) -> Vec<Cause> {
    let Some(vpc) = fabric.network.live_link(instance) else {
        return Vec::new();
    };
    let gateways = neighbours(fabric, vpc).iter();
    let gateways = gateways.filter(|(_, zone)| zone == beyond);
    gateways
        .map(|(gateway, _)| {
            let facts = Facts { other: Some(instance.clone()), ..Facts::default() };
            Cause::at(Code::ClassicLinkNoTransit, gateway).with(facts)
        })
        .collect()
}

/// A classic CVM towards a site or the Internet (CL-11, CN-8, D20-25).
fn classic_out(fabric: &Fabric, from: ResidentIx, to: Party, public: bool) -> Vec<Cause> {
    let resident = fabric.hosts.get(from);
    let (Endpoint::ClassicInstance(id), network) = (&resident.endpoint, &fabric.network) else {
        return Vec::new();
    };
    if public {
        return Vec::new();
    }
    let Party::Site(site) = to else {
        return Vec::new();
    };
    let Some((site, _)) = network.sites.get_index(site as usize) else {
        return Vec::new();
    };
    let causes = no_transit(fabric, id, &Zone::Site(site.clone()));
    if causes.is_empty() {
        return vec![Cause::at(Code::NoRoute, id)];
    }
    causes
}

/// What holds beside whatever else blocks: a linked classic CVM is never reached through a gateway of its
/// VPC (CL-12), an endpoint connection never from outside its VPC (EP-6).
#[must_use]
pub fn beside_the_way(fabric: &Fabric, from: Party, to: Party, public: bool) -> Vec<Cause> {
    if let Party::Host(from, _) = from
        && let Endpoint::ClassicInstance(id) = &fabric.hosts.get(from).endpoint
        && public
    {
        // Its VPC's way to the Internet is not its own (CL-11, D20-25).
        let own = fabric.hosts.get(from).public;
        return match own {
            Some(_) => Vec::new(),
            None => no_transit(fabric, id, &Zone::Internet),
        };
    }
    let Party::Host(to, _) = to else {
        return Vec::new();
    };
    let target = fabric.hosts.get(to);
    let vpc = fabric.vpc_of_resident(to);
    match from {
        Party::Site(site) if vpc.is_none() => {
            let site = fabric.network.sites.get_index(site as usize);
            let (Some((site, _)), Some(id)) = (site, target.id()) else {
                return Vec::new();
            };
            no_transit(fabric, id, &Zone::Site(site.clone()))
        }
        Party::Site(_) => endpoint_connection(fabric, to, false),
        Party::Host(from, _) if vpc.is_some() => {
            endpoint_connection(fabric, to, fabric.vpc_of_resident(from) == vpc)
        }
        _ => Vec::new(),
    }
}

/// From the Internet only public addresses are reached (NAT-9, D20-6, D20-25).
fn from_internet(fabric: &Fabric, to: ResidentIx) -> Vec<Cause> {
    let id = fabric.hosts.get(to).id();
    let mut causes: Vec<Cause> =
        id.map(|id| Cause::at(Code::NoPublicAddress, id)).into_iter().collect();
    causes.extend(endpoint_connection(fabric, to, false));
    causes
}

/// Only clients of its own VPC use an endpoint connection (EP-6).
fn endpoint_connection(fabric: &Fabric, to: ResidentIx, same_vpc: bool) -> Vec<Cause> {
    let resident = fabric.hosts.get(to);
    let foreign = !same_vpc && !fabric.network.platform.endpoint_connection_transit;
    match (resident.role, resident.id()) {
        (Role::EndpointConnection, Some(id)) if foreign => {
            vec![Cause::at(Code::EndpointConnectionNoTransit, id)]
        }
        _ => Vec::new(),
    }
}

/// What lies beyond each gateway of a VPC: (gateway, network). Found once, asked for every pair.
fn neighbours<'a>(fabric: &'a Fabric, vpc: &Id) -> &'a [(Id, Zone)] {
    let known = fabric.position_of_vpc(vpc);
    let known = known.and_then(|vpc| fabric.ways.beyond.get(vpc as usize));
    known.map_or(&[], |known| known.get_or_init(|| gateways_of(fabric, vpc)))
}

fn gateways_of(fabric: &Fabric, vpc: &Id) -> Vec<(Id, Zone)> {
    let network = &fabric.network;
    let mut beyond = Vec::new();
    for (id, peering) in &network.peerings {
        beyond.extend(peering.other(vpc).map(|other| (id.clone(), Zone::Vpc(other.clone()))));
    }
    let own = Attachment::Vpc(vpc.clone());
    for (id, gateway) in &network.vpn_gateways {
        if gateway.attached_to == own {
            beyond.extend(sites_of_vpn(fabric, id).map(|site| (id.clone(), Zone::Site(site))));
        }
    }
    for (id, gateway) in &network.direct_connect_gateways {
        if gateway.attached_to == own {
            let sites = gateway.tunnels.iter().map(|tunnel| tunnel.site.clone());
            beyond.extend(sites.map(|site| (id.clone(), Zone::Site(site))));
        }
    }
    for ccn in network.ccns.keys() {
        let members = network.ccn_members(ccn.as_str());
        let own = CcnMember::Vpc(vpc.clone());
        if !members.contains(&own) {
            continue;
        }
        for member in members.iter().filter(|member| **member != own) {
            beyond.extend(zones_of(fabric, member).into_iter().map(|zone| (ccn.clone(), zone)));
        }
    }
    let nats = network.nat_gateways.iter().filter(|(_, gateway)| gateway.vpc == *vpc);
    beyond.extend(nats.map(|(id, _)| (id.clone(), Zone::Internet)));
    let position = fabric.position_of_vpc(vpc);
    let public = fabric.hosts.public_gateways().iter();
    let public = public.filter(|gateway| fabric.vpc_of_resident(**gateway) == position);
    let public = public.filter_map(|gateway| fabric.hosts.get(*gateway).id());
    beyond.extend(public.map(|id| (id.clone(), Zone::Internet)));
    let mut seen = rustc_hash::FxHashSet::default();
    beyond.retain(|pair| seen.insert(pair.clone()));
    beyond
}

fn sites_of_vpn<'net>(fabric: &'net Fabric, gateway: &Id) -> impl Iterator<Item = Id> + 'net {
    let gateway = fabric.network.vpn_gateways.get(gateway).into_iter();
    gateway.flat_map(|gateway| gateway.connections.iter().map(|c| c.site.clone()))
}

fn zones_of(fabric: &Fabric, member: &CcnMember) -> Vec<Zone> {
    match member {
        CcnMember::Vpc(id) => vec![Zone::Vpc(id.clone())],
        CcnMember::VpnGateway(id) => sites_of_vpn(fabric, id).map(Zone::Site).collect(),
        CcnMember::DirectConnectGateway(id) => {
            let gateway = fabric.network.direct_connect_gateways.get(id).into_iter();
            let tunnels = gateway.flat_map(|gateway| &gateway.tunnels);
            tunnels.map(|tunnel| Zone::Site(tunnel.site.clone())).collect()
        }
    }
}

/// Why two networks that are each joined to a third one do not meet through it: one cause a first
/// gateway that leads to a VPC with a second gateway that leads there (PCX-4, VPN-8, DC-4).
#[must_use]
pub fn beyond_a_second_gateway(fabric: &Fabric, from: Party, to: Party) -> Vec<Cause> {
    let (Some(from), Some(to)) = (zone(fabric, from), zone(fabric, to)) else {
        return Vec::new();
    };
    if from == to {
        return Vec::new();
    }
    let mut causes = Vec::new();
    for vpc in fabric.network.vpcs.keys() {
        let middle = Zone::Vpc(vpc.clone());
        if middle == from || middle == to {
            continue;
        }
        let around = neighbours(fabric, vpc);
        let first = around.iter().filter(|(_, zone)| *zone == from);
        for (gateway, _) in first {
            let mut second = around.iter();
            let second = second.find(|(other, zone)| *zone == to && other != gateway);
            if let Some((second, _)) = second {
                let facts = Facts { other: Some(second.clone()), ..Facts::default() };
                causes.push(Cause::at(Code::GatewayNoTransit, gateway).with(facts));
            }
        }
    }
    causes
}

fn zone(fabric: &Fabric, party: Party) -> Option<Zone> {
    match party {
        Party::Host(resident, _) => {
            let vpc = fabric.vpc_of_resident(resident)?;
            let (id, _) = fabric.network.vpcs.get_index(vpc as usize)?;
            Some(Zone::Vpc(id.clone()))
        }
        Party::Site(site) => {
            let (id, _) = fabric.network.sites.get_index(site as usize)?;
            Some(Zone::Site(id.clone()))
        }
        Party::NatAddress(..) | Party::Internet | Party::Nobody(_) => None,
    }
}

/// The endpoints by which the receiver's side reaches the sender's: nothing opens through them the other way (PL-3).
#[must_use]
pub fn against_an_endpoint(fabric: &Fabric, from: Party, to: Party) -> Vec<Cause> {
    let (Some(Zone::Vpc(provider)), Some(Zone::Vpc(consumer))) =
        (zone(fabric, from), zone(fabric, to))
    else {
        return Vec::new();
    };
    if provider == consumer {
        return Vec::new();
    }
    let network = &fabric.network;
    let endpoints = network.vpc_endpoints.iter().filter(|(id, endpoint)| {
        let service = network.endpoint_services.get(&endpoint.service);
        network.vpc_of(id.as_str()) == Some(&consumer)
            && service.is_some_and(|service| service.vpc == provider)
    });
    endpoints.map(|(id, _)| Cause::at(Code::VpcEndpointOneWay, id)).collect()
}

/// The CCNs that both ends are joined to.
#[must_use]
pub fn shared_ccns(fabric: &Fabric, from: Party, to: Party) -> Vec<Id> {
    let (Some(from), Some(to)) = (zone(fabric, from), zone(fabric, to)) else {
        return Vec::new();
    };
    let network = &fabric.network;
    let joined = |ccn: &&Id| {
        let members = network.ccn_members(ccn.as_str());
        let zones: Vec<Zone> = members.iter().flat_map(|m| zones_of(fabric, m)).collect();
        zones.contains(&from) && zones.contains(&to)
    };
    network.ccns.keys().filter(joined).cloned().collect()
}
