//! The edge to the Internet: NAT gateways, EIPs, public gateways (NAT-1..14, RT-11..13).

use std::net::IpAddr;
use std::sync::Arc;

use petgraph::graph::NodeIndex;

use super::hosts::{PublicOwner, position};
use super::resident::{Home, ResidentIx};
use super::stage::{Device, Hop, Rule, StageKind, Then, Translation, Way};
use super::vpc::Lookup;
use super::{Builder, carrying, go, lost, placed, rule, stop, subnet_addresses};
use crate::code::Code;
use crate::id::Id;
use crate::model::{NatGateway, Place, SnatSource};
use crate::query::{Cause, Facts, ListName, Waypoint};
use crate::space::{AddressSet, IntervalSet, Match, Protocol, Rewrite, Traffic};

impl Builder<'_> {
    /// The Internet, the classic network, and the way out of each NAT gateway.
    pub(super) fn edge_stages(&mut self) {
        self.nodes.internet = self.stage(StageKind::Internet, None, &["D20-3", "D20-6"]);
        let internet = self.nodes.internet;
        self.decide(internet, Vec::new(), Then::Public);
        for (index, (id, gateway)) in (0..).zip(&self.network.nat_gateways) {
            let out = self.stage(StageKind::NatGateway, Some(id), &["NAT-1", "NAT-2", "NAT-7"]);
            self.nodes.nat_out.push(out);
            let vpc = &self.network.vpcs[&gateway.vpc];
            let own = AddressSet::union_all(vpc.cidrs().map(AddressSet::from));
            self.nat_out_rules(out, index, id, gateway, &own);
        }
    }

    /// The way out of a standard NAT gateway for packets that a CCN brings to its VPC; `None` = gone, or
    /// another VPC's. What it translates is anybody's (D20-38).
    pub(super) fn nat_out_by_ccn(&mut self, ccn: &Id, vpc: &Id, id: &Id) -> Option<NodeIndex> {
        let (index, _, gateway) = self.network.nat_gateways.get_full(id)?;
        if gateway.vpc != *vpc {
            return None;
        }
        let out = self.stage(StageKind::NatGateway, Some(id), &["NAT-1", "NAT-2", "D20-38"]);
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        self.nat_out_rules(out, index, id, gateway, &AddressSet::any());
        // The reply enters the CCN at the gateway's VPC.
        if let Some(entrance) = self.ccn_in(ccn, vpc) {
            self.nodes.nat_back.insert(out, entrance);
        }
        Some(out)
    }

    /// The way out of a NAT gateway.
    pub(super) fn nat_out(&self, id: &Id) -> NodeIndex {
        let index = position(&self.network.nat_gateways, id).unwrap_or(0);
        self.nodes.nat_out[index as usize]
    }

    fn nat_out_rules(
        &mut self,
        out: NodeIndex,
        index: u32,
        id: &Id,
        gateway: &NatGateway,
        served: &AddressSet,
    ) {
        let foreign = Match { source: Some(Arc::new(served.complement())), ..Match::all() };
        // Which VPC it serves: what helps is another than at other gateways.
        let facts = Facts {
            cidr: self.network.vpcs.get(&gateway.vpc).map(|vpc| vpc.cidr),
            ..Facts::default()
        };
        let no_transit = Cause::at(Code::GatewayNoTransit, id).with(facts);
        let private =
            Match { destination: Some(Arc::new(self.public.complement())), ..Match::all() };
        let translated = [Protocol::TCP, Protocol::UDP, Protocol::ICMP];
        let translated = IntervalSet::from_ranges(translated.map(|p| (p.0, p.0)));
        let mut rules =
            vec![rule(private, stop(Cause::at(Code::PrivateDestinationToInternet, id)))];
        if self.network.down.contains(id) {
            let down = stop(Cause::at(Code::AttachmentDown, id));
            rules.push(rule(Match::all(), down));
        }
        rules.push(rule(foreign, stop(no_transit)));
        rules.push(rule(
            carrying(Traffic::protocols(translated.complement())),
            stop(Cause::at(Code::NatProtocolUnsupported, id)),
        ));
        for (position, snat) in gateway.snat.iter().enumerate() {
            let source = match &snat.from {
                SnatSource::Cidr(cidr) => AddressSet::from(*cidr),
                SnatSource::Subnet(subnet) => {
                    let subnet = self.network.subnets.get(subnet);
                    subnet.map_or(AddressSet::empty(), subnet_addresses)
                }
                SnatSource::Instance(instance) => self.addresses_of(instance),
            };
            let when = Match { source: Some(Arc::new(source)), ..Match::all() };
            let then = self.nat_ways(out, index, id, &snat.eips);
            rules.push(placed(when, then, Place::item(id, "snat", position)));
        }
        if gateway.strict_snat {
            let uncovered = stop(Cause::at(Code::NatSourceNotCovered, id));
            rules.push(rule(Match::all(), uncovered));
        }
        let otherwise = self.nat_ways(out, index, id, &gateway.eips);
        self.decide(out, rules, otherwise);
    }

    /// Every private address of an instance or ENI.
    fn addresses_of(&self, id: &Id) -> AddressSet {
        let resident = self.hosts.of(id.as_str()).map(|resident| self.hosts.get(resident));
        let addresses = resident.into_iter().flat_map(|resident| {
            let (first, last) = resident.addresses;
            let further = resident.further.iter().copied().map(AddressSet::single);
            std::iter::once(AddressSet::range(first, last)).chain(further)
        });
        AddressSet::union_all(addresses)
    }

    /// Out with any of these EIPs (NAT-2).
    fn nat_ways(&mut self, out: NodeIndex, index: u32, id: &Id, eips: &[IpAddr]) -> Then {
        if eips.is_empty() {
            return stop(Cause::at(Code::NatNoAddress, id));
        }
        let internet = self.nodes.internet;
        let ways = eips.iter().map(|eip| {
            let hop = Hop {
                translation: Some(Translation {
                    device: Device::NatOut(index),
                    rewrite: Rewrite { source: Some(*eip), ..Rewrite::default() },
                }),
                waypoint: Some(Waypoint::Id(id.clone())),
                ..Hop::default()
            };
            self.hop(out, internet, hop)
        });
        let ways = ways.collect();
        go(ways)
    }

    /// Ways in from the Internet: to EIPs, public VIPs, public addresses of classic CVMs, NAT gateways.
    pub(super) fn public_ways(&mut self) {
        for (index, (id, gateway)) in (0..).zip(&self.network.nat_gateways) {
            let into = self.stage(StageKind::NatGateway, Some(id), &["NAT-3", "NAT-5", "NAT-8"]);
            self.nat_in_rules(into, index, id, gateway);
            self.public_way(PublicOwner::NatGateway(index), into, Hop::default());
        }
        let owners: Vec<_> = self
            .hosts
            .iter()
            .filter_map(|(index, resident)| Some((index, resident.clone(), resident.public?)))
            .collect();
        for (index, resident, public) in owners {
            let private = resident.addresses.0;
            let translation = (private != public).then(|| Translation {
                device: Device::EipIn(index),
                rewrite: Rewrite { destination: Some(private), ..Rewrite::default() },
            });
            let (node, filters) = match resident.home {
                Home::Subnet(subnet) => {
                    let acl = self.acl(subnet, ListName::Ingress);
                    (self.nodes.subnets[subnet as usize], acl)
                }
                Home::Classic | Home::Public(_) => {
                    let node = self.stage(StageKind::Internet, resident.id(), &["CN-8", "CLB-1"]);
                    self.decide(node, Vec::new(), Then::Hand(index));
                    (node, None)
                }
            };
            let hop = Hop { behind: filters.into_iter().collect(), translation, ..Hop::default() };
            self.public_way(PublicOwner::Resident(index), node, hop);
        }
    }

    fn public_way(&mut self, owner: PublicOwner, node: NodeIndex, hop: Hop) {
        let edge = self.graph.add_edge(self.nodes.internet, node, hop);
        self.nodes.public_in.insert(owner, edge);
    }

    fn nat_in_rules(&mut self, into: NodeIndex, index: u32, id: &Id, gateway: &NatGateway) {
        let vpc = position(&self.network.vpcs, &gateway.vpc).unwrap_or(0);
        let local = self.nodes.locals[vpc as usize];
        let mut rules = Vec::<Rule>::new();
        if self.network.down.contains(id) {
            let down = stop(Cause::at(Code::AttachmentDown, id));
            rules.push(rule(Match::all(), down));
        }
        for (position, entry) in gateway.dnat.iter().enumerate() {
            let hop = Hop {
                translation: Some(Translation {
                    device: Device::NatIn(index),
                    rewrite: Rewrite {
                        destination: Some(entry.to),
                        destination_port: Some(entry.port),
                        ..Rewrite::default()
                    },
                }),
                waypoint: Some(Waypoint::Id(id.clone())),
                ..Hop::default()
            };
            let way = self.hop(into, local, hop);
            let when = Match {
                destination: Some(Arc::new(AddressSet::single(entry.eip))),
                ..carrying(entry.service.traffic())
            };
            rules.push(placed(when, go(vec![way]), Place::item(id, "dnat", position)));
        }
        // The gateway answers pings to its EIPs itself (NAT-8).
        let ping = carrying(Traffic::protocol(Protocol::ICMP));
        rules.push(rule(ping, Then::Accept));
        self.decide(into, rules, stop(Cause::at(Code::NatNoDnatEntry, id)));
    }

    /// Out of a subnet under the own public address, or under the one of the public gateway that
    /// forwards.
    pub(super) fn own_public_way(
        &mut self,
        router: NodeIndex,
        subnet: u32,
        sender: ResidentIx,
        forwarded: bool,
    ) -> Way {
        let resident = self.hosts.get(sender);
        let id = resident.id().cloned();
        let Some(public) = resident.public else {
            let cause = id.map_or(Cause::plain(Code::NoPublicAddress), |id| {
                Cause::at(Code::NoPublicAddress, &id)
            });
            return lost(cause);
        };
        let device = if forwarded { Device::PublicGateway(sender) } else { Device::EipOut(sender) };
        let hop = Hop {
            translation: Some(Translation {
                device,
                rewrite: Rewrite { source: Some(public), ..Rewrite::default() },
            }),
            ..Hop::default()
        };
        let internet = self.nodes.internet;
        self.leave(router, internet, subnet, hop)
    }

    /// The route lookup of a forwarder for what it forwards (NAT-12, D20-11, D20-36).
    pub(super) fn forwarder(
        &mut self,
        forwarder: ResidentIx,
        home: u32,
        lookup: Lookup,
    ) -> NodeIndex {
        let public_gateway = matches!(lookup, Lookup::PublicGateway(_));
        let key = (forwarder, public_gateway);
        if let Some(node) = self.nodes.forwarders.get(&key) {
            return *node;
        }
        let id = self.hosts.get(forwarder).id().cloned();
        let kind = if public_gateway { StageKind::PublicGateway } else { StageKind::Forwarder };
        let node = self.stage(kind, id.as_ref(), &["NAT-12", "RT-16", "D20-11", "D20-36"]);
        // Known before it is filled: its own table may lead back to it (D20-22).
        self.nodes.forwarders.insert(key, node);
        self.router(node, home, lookup);
        node
    }
}
