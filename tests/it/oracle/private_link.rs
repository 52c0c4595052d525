//! Endpoints of `PrivateLink` as destinations (PL-3..6, PL-8).

use std::net::{IpAddr, Ipv4Addr};

use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{Endpoint, LoadBalancerNetwork, Network, Peer, VpcEndpointState};
use pathproof::space::{AddressSet, Packet, Protocol};

use super::balancer::listener;
use super::carry::Entry;
use super::who::{self, Life, Seat};
use super::{Stop, Walk, structure};

/// PL-4: the first and the last address that a provider may see.
const RANGE: [Ipv4Addr; 2] = [Ipv4Addr::new(11, 163, 0, 0), Ipv4Addr::new(11, 163, 255, 255)];

impl<'n> Walk<'n> {
    /// PL-6, PL-8: the ACL of its subnet and its groups see the client and the endpoint. Then PL-5, PL-3, and what is behind.
    pub(super) fn receive_at_endpoint(
        &mut self,
        id: &'n Id,
        seat: &Seat<'n>,
        from_subnet: Option<&'n Id>,
        entry: Entry,
        packet: Packet,
    ) -> Result<(), Stop> {
        if seat.subnet != from_subnet {
            self.acl_ingress(seat.subnet, &packet);
        }
        self.group_ingress(seat.groups, &packet);
        self.arrived = true;
        // D20-13: neither hides what is behind; nobody replies.
        if seat.life != Life::Up {
            self.block(Code::EndpointDown, Some(id.to_string()));
            self.silent = true;
        }
        if !is_accepted(self.network, id) {
            self.block(Code::VpcEndpointPending, Some(id.to_string()));
            self.silent = true;
        }
        self.blind = false;
        self.serve_from_behind(id, &packet)?;
        if self.unreached {
            return Ok(()); // D20-13: there only
        }
        // PL-8: the reply finds back by the translation, and goes on by the table of the endpoint's subnet.
        self.reply(seat, entry, packet.reply())
    }

    /// PL-3, PL-4: the load balancer and its targets see the port that was asked for, from an address of the range.
    fn serve_from_behind(&mut self, id: &Id, packet: &Packet) -> Result<(), Stop> {
        let network = self.network;
        let service = &network.endpoint_services[&network.vpc_endpoints[id].service];
        let behind = &service.load_balancer;
        let balancer = &network.load_balancers[behind];
        let LoadBalancerNetwork::Internal { vip, .. } = balancer.network else {
            return Err(Stop::at(Code::PortNotServed, id)); // PL-1
        };
        let carried =
            packet.source.is_ipv4() && matches!(packet.protocol, Protocol::TCP | Protocol::UDP);
        let listener = listener(&balancer.listeners, packet).filter(|_| carried);
        let listener = listener.ok_or(Stop::at(Code::PortNotServed, id))?;
        let source = self.choose(sources(network));
        let inside = Packet { source, destination: vip, ..*packet };
        if !balancer.security_groups.is_empty() {
            self.group_ingress(Some(&balancer.security_groups), &inside);
        }
        if listener.redirects_to.is_some() {
            return self.turn(); // CLB-18: it answers itself
        }
        if self.unreached {
            return self.usable(listener, behind).map(drop); // D20-26
        }
        let (target, port) = self.target(listener, behind, &inside)?;
        let at_target =
            Packet { destination: target.addresses[0], destination_port: port, ..inside };
        self.acl_ingress(target.subnet, &at_target);
        if !balancer.pass_to_target {
            self.group_ingress(target.groups, &at_target);
        }
        self.turn()?;
        self.acl_egress(target.subnet, &at_target.reply());
        Ok(())
    }
}

/// PL-5.
fn is_accepted(network: &Network, id: &Id) -> bool {
    let endpoint = &network.vpc_endpoints[id];
    let service = &network.endpoint_services[&endpoint.service];
    let owner = |vpc: &Id, own: &Option<Id>| {
        let inherited = network.vpcs[vpc].meta.account.as_ref();
        let account = own.as_ref().or(inherited);
        account.map_or("default".to_owned(), ToString::to_string)
    };
    let consumer = owner(&network.subnets[&endpoint.subnet].vpc, &endpoint.meta.account);
    let provider = owner(&service.vpc, &service.meta.account);
    let by_hand = endpoint.state == VpcEndpointState::Available;
    if consumer == provider {
        return by_hand;
    }
    let mut listed = service.allowed_accounts.iter();
    listed.any(|account| account.as_str() == consumer) && (by_hand || service.auto_accept)
}

/// Addresses of the range such that every list treats each other one like one of them: the first, and wherever
/// something that a list may ask about begins or has just ended.
fn sources(network: &Network) -> Vec<IpAddr> {
    let mut asked: Vec<&AddressSet> = Vec::new();
    for group in network.security_groups.values() {
        let peers = group.ingress.iter().chain(&group.egress);
        asked.extend(peers.filter_map(|rule| match &rule.peer {
            Peer::Addresses(set) => Some(set),
            _ => None,
        }));
    }
    let templates = network.address_templates.values();
    asked.extend(templates.flat_map(|template| &template.addresses));
    for acl in network.network_acls.values() {
        let rules = acl.ingress.iter().chain(&acl.egress);
        asked.extend(rules.flat_map(|rule| [&rule.source, &rule.destination]).flatten());
    }
    let [first, last] = RANGE.map(Ipv4Addr::to_bits);
    let mut starts = vec![first];
    for (from, to) in asked.into_iter().flat_map(|set| set.v4.ranges()) {
        starts.extend([Some(from), to.checked_add(1)].into_iter().flatten());
    }
    starts.retain(|start| (first..=last).contains(start));
    starts.sort_unstable();
    starts.dedup();
    starts.into_iter().map(|start| IpAddr::from(Ipv4Addr::from_bits(start))).collect()
}

/// PL-3: whether somebody of a provider's VPC means somebody of a VPC with an endpoint of the provider.
pub fn goes_against_an_endpoint(network: &Network, from: &Endpoint, to: &Endpoint) -> bool {
    let (provider, consumer) = (structure::vpc_of(network, from), structure::vpc_of(network, to));
    let mut endpoints = network.vpc_endpoints.keys();
    provider.is_some()
        && provider != consumer
        && endpoints.any(|id| {
            let seat = who::seat(network, &Endpoint::VpcEndpoint(id.clone()));
            let service = &network.endpoint_services[&network.vpc_endpoints[id].service];
            seat.map(|seat| seat.vpc) == consumer && Some(&service.vpc) == provider
        })
}
