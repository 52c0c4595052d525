//! What holds between two ends whatever the packet did: classic links, and who lies beyond whose gateway.

use std::net::IpAddr;

use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{Attachment, Endpoint, LoadBalancerNetwork, Network};
use pathproof::space::Packet;

use super::carry::{Entry, Landing};
use super::private_link::goes_against_an_endpoint;
use super::{Direction, Reason, Stop, Walk, all_of, ccn, tunnel, who};

/// Whether a classic CVM is linked to a VPC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    Live,
    /// The CVM has another address than when it was linked (CL-18).
    Stale,
    None,
}

/// The link of a classic CVM to a VPC; a live one counts before a stale one (D20-19).
pub fn link(network: &Network, vpc: &Id, instance: &Id) -> Link {
    let Some(classic) = network.classic_instances.get(instance) else {
        return Link::None;
    };
    let links = network.classic_links.get(vpc).into_iter().flatten();
    let links: Vec<_> = links.filter(|link| link.instance == *instance).collect();
    if links.iter().any(|link| link.address == classic.ip) {
        Link::Live
    } else if links.is_empty() {
        Link::None
    } else {
        Link::Stale
    }
}

/// Account and region of anything in the classic network (CN-3, D20-16).
pub fn classic_home<'n>(network: &'n Network, id: &Id) -> Option<(&'n str, &'n str)> {
    let home = |account: &'n Option<Id>, region: &'n String| {
        (account.as_ref().map_or("default", Id::as_str), region.as_str())
    };
    if let Some(classic) = network.classic_instances.get(id) {
        return Some(home(&classic.meta.account, &classic.region));
    }
    if let Some(database) = network.classic_databases.get(id) {
        return Some(home(&database.meta.account, &database.region));
    }
    if let Some(database) = network.databases.get(id) {
        let vpc = &network.vpcs[&network.subnets.get(&database.subnet)?.vpc];
        let own = database.meta.account.as_ref().or(vpc.meta.account.as_ref());
        return Some((own.map_or("default", Id::as_str), vpc.region.as_str()));
    }
    let balancer = network.classic_load_balancers.get(id)?;
    Some(home(&balancer.meta.account, &balancer.region))
}

/// The VPC that an endpoint belongs to.
pub fn vpc_of<'n>(network: &'n Network, endpoint: &Endpoint) -> Option<&'n Id> {
    if let Endpoint::LoadBalancer(id) = endpoint
        && let LoadBalancerNetwork::Public { vpc, .. } = &network.load_balancers.get(id)?.network
    {
        return Some(vpc);
    }
    who::seat(network, endpoint).map(|seat| seat.vpc)
}

/// The gateways of a VPC behind which an endpoint lies, the Internet aside.
pub fn beyond(network: &Network, vpc: &Id, endpoint: &Endpoint) -> Vec<Id> {
    let mut gateways = Vec::new();
    let here = ccn::of_vpc(network, vpc);
    if let Some(other) = vpc_of(network, endpoint)
        && other != vpc
    {
        let peerings =
            network.peerings.iter().filter(|(_, peering)| peering.other(vpc) == Some(other));
        gateways.extend(peerings.map(|(id, _)| id.clone()));
        let there = ccn::of_vpc(network, other);
        let both = here.iter().filter(|ccn| there.contains(ccn));
        gateways.extend(both.map(|ccn| (*ccn).clone()));
    }
    if let Endpoint::Site(site) = endpoint {
        for tunnel in tunnel::all(network).iter().filter(|tunnel| tunnel.site == site) {
            match tunnel.attached_to {
                Attachment::Vpc(id) if id == vpc => gateways.push(tunnel.gateway.clone()),
                Attachment::Ccn(id) if here.contains(&id) => gateways.push(id.clone()),
                _ => {}
            }
        }
    }
    gateways
}

/// Whether some VPC other than their own has the one behind one gateway and the other behind another.
pub fn beyond_a_second_gateway(network: &Network, from: &Endpoint, to: &Endpoint) -> bool {
    let foreign =
        |vpc: &&Id| vpc_of(network, from) != Some(*vpc) && vpc_of(network, to) != Some(*vpc);
    network.vpcs.keys().filter(foreign).any(|vpc| {
        let (near, far) = (beyond(network, vpc, from), beyond(network, vpc, to));
        near.iter().any(|gateway| far.iter().any(|other| other != gateway))
    })
}

impl<'n> Walk<'n> {
    /// A classic CVM sends into a VPC over its link (CL-2, CL-4, CL-6, CL-18).
    pub(super) fn over_link_into_vpc(
        &mut self,
        classic: &'n Id,
        packet: Packet,
    ) -> Result<Landing<'n>, Stop> {
        let vpc = vpc_of(self.network, self.link_peer()).ok_or(Stop::anywhere(Code::NoRoute))?;
        let link = link(self.network, vpc, classic);
        let configured = &self.network.vpcs[vpc];
        let secondary = configured.is_secondary(packet.destination);
        all_of(
            vpc,
            &[
                (link == Link::Stale, Code::ClassicLinkStaleAddress),
                (link == Link::None, Code::ClassicLinkNotLinked),
                (secondary, Code::ClassicLinkSecondaryCidr),
            ],
        )?;
        if !configured.covers(packet.destination) {
            return Err(Stop::at(Code::NoRoute, vpc));
        }
        Ok(Landing::Vpc { vpc, from_subnet: None, entry: Entry::Link, off: false, packet })
    }

    /// Whoever is at the VPC's end of a connection with a classic CVM.
    fn link_peer(&self) -> &'n Endpoint {
        match self.direction {
            Direction::Forward => self.to,
            Direction::Return => self.from,
        }
    }

    /// What is reported of a connection that fails, beside whatever stopped it (CL-11, CL-12, D20-25).
    pub(super) fn structural_reasons(&mut self) {
        let public = who::is_public(self.network, self.opening.destination);
        if let Endpoint::ClassicInstance(id) = self.from {
            self.no_transit(id, self.to, public);
        } else if let Endpoint::ClassicInstance(id) = self.to
            && !public
            && *self.from != Endpoint::Internet
        {
            self.no_transit(id, self.from, false);
        }
        if ccn_of_both(self.network, self.from, self.to) {
            self.doubt(&[Code::CcnNoRoute]);
        }
        if beyond_a_second_gateway(self.network, self.from, self.to) {
            self.doubt(&[Code::GatewayNoTransit]);
        }
        if matches!(self.to, Endpoint::EndpointConnection(_)) {
            self.doubt(&[Code::EndpointConnectionNoTransit]);
        }
        if goes_against_an_endpoint(self.network, self.from, self.to) {
            self.doubt(&[Code::VpcEndpointOneWay]);
        }
    }

    /// D20-1.
    fn can_open(&self) -> bool {
        let opener = who::seat(self.network, self.from);
        let site = matches!(self.from, Endpoint::Site(_));
        site || opener.is_some_and(|seat| {
            matches!(
                seat.endpoint,
                Endpoint::Instance(_)
                    | Endpoint::NetworkInterface(_)
                    | Endpoint::GroupMember(..)
                    | Endpoint::HaVip(_)
            )
        })
    }

    fn no_transit(&mut self, classic: &Id, other: &Endpoint, public: bool) {
        let linked =
            self.network.vpcs.keys().find(|vpc| link(self.network, vpc, classic) == Link::Live);
        let Some(vpc) = linked else { return };
        let gateways = if public {
            let has_public = self
                .network
                .classic_instances
                .get(classic)
                .is_some_and(|classic| classic.public_ip.is_some());
            if has_public { Vec::new() } else { internet_gateways(self.network, vpc) }
        } else {
            beyond(self.network, vpc, other)
        };
        if !matches!(self.from, Endpoint::ClassicInstance(_)) && !self.can_open() {
            self.doubt(&[Code::ClassicLinkNoTransit]);
            return;
        }
        for gateway in &gateways {
            self.reasons.insert(Reason {
                code: Code::ClassicLinkNoTransit,
                direction: Direction::Forward,
                at: Some(gateway.to_string()),
            });
        }
        if !gateways.is_empty() {
            // Whether the packet is said to have entered the link at all is a matter of words.
            let words = [
                Code::ClassicLinkNotLinked,
                Code::NoRoute,
                Code::CcnRouteDisabled,
                Code::CcnNoRoute,
            ];
            for code in words {
                if let Some(reason) = self
                    .reasons
                    .iter()
                    .find(|reason| reason.code == code && reason.direction == Direction::Forward)
                    .cloned()
                {
                    self.reasons.remove(&reason);
                }
            }
            self.doubt(&words);
        }
    }
}

/// NAT gateways and public gateways of a VPC (D20-25).
fn internet_gateways(network: &Network, vpc: &Id) -> Vec<Id> {
    let nat = network.nat_gateways.iter().filter(|(_, nat)| nat.vpc == *vpc).map(|(id, _)| id);
    let public = network.instances.iter().filter(|(_, instance)| {
        instance.public_gateway
            && network.subnets.get(&instance.subnet).is_some_and(|subnet| subnet.vpc == *vpc)
    });
    nat.chain(public.map(|(id, _)| id)).cloned().collect()
}

/// Whether an endpoint owns this private address.
pub fn owns(network: &Network, endpoint: &Endpoint, address: IpAddr) -> bool {
    match endpoint {
        Endpoint::ClassicInstance(id) => {
            network.classic_instances.get(id).is_some_and(|classic| classic.ip == address)
        }
        Endpoint::ClassicDatabase(_) => {
            who::classic_database(network, endpoint).is_some_and(|(_, _, own)| own == address)
        }
        Endpoint::OldVip(_, own) if who::classic_database(network, endpoint).is_some() => {
            *own == address
        }
        Endpoint::ClassicLoadBalancer(id) => {
            network.classic_load_balancers.get(id).is_some_and(|balancer| balancer.vip == address)
        }
        other => who::seat(network, other).is_some_and(|seat| seat.addresses.contains(&address)),
    }
}

/// Whether both ends are joined to one CCN: a missing route between them is its too.
fn ccn_of_both(network: &Network, from: &Endpoint, to: &Endpoint) -> bool {
    let joined = |end: &Endpoint| -> Vec<Id> {
        let own = vpc_of(network, end).map(|vpc| ccn::of_vpc(network, vpc));
        let own = own.into_iter().flatten();
        let tunnels = tunnel::all(network).into_iter();
        let tunnels = tunnels.filter(|tunnel| Endpoint::Site(tunnel.site.clone()) == *end);
        let sites = tunnels.filter_map(|tunnel| match tunnel.attached_to {
            Attachment::Ccn(id) => Some(id.clone()),
            Attachment::Vpc(_) => None,
        });
        own.cloned().chain(sites).collect()
    };
    let (from, to) = (joined(from), joined(to));
    from.iter().any(|ccn| to.contains(ccn))
}
