//! Inside a VPC: route tables, Local, subnets (VPC-8, RT-1..17, ACL-5).

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use ipnet::IpNet;
use petgraph::graph::NodeIndex;
use rustc_hash::{FxHashMap, FxHashSet};

use super::ccn::{self, Propagated, no_line};
use super::hosts::position;
use super::resident::{Home, ResidentIx};
use super::stage::{Device, Hop, Rule, StageKind, Then, Translation, Way};
use super::{Builder, between, go, lost, placed, rule, stop, subnet_addresses, to};
use crate::code::Code;
use crate::id::Id;
use crate::model::{NextHop, Place, Route};
use crate::query::{Cause, Facts, ListName};
use crate::space::{AddressSet, Match, Rewrite};

/// Where a route lookup happens.
#[derive(Clone, Copy)]
pub(super) enum Lookup {
    /// For packets that leave a subnet.
    Subnet,
    /// For packets that a public gateway forwards from its subnet; it may send them to the Internet
    /// under its own public address (NAT-12, D20-11).
    PublicGateway(ResidentIx),
    /// For packets that an instance or HAVIP forwards, with their source or its own (RT-16, D20-36).
    Forwarder(ResidentIx),
}

/// A route of any origin, at one destination.
struct Candidate {
    via: Via,
    place: Place,
    /// Lower is tried first (D20-35).
    priority: u8,
}

/// The routes of a table by destination.
#[derive(Default)]
struct Candidates {
    /// Other VPCs' own ranges inside the VPC: before Local (D20-32).
    inner: BTreeMap<IpNet, Vec<Candidate>>,
    /// All others that count.
    enabled: BTreeMap<IpNet, Vec<Candidate>>,
    /// CCN routes that are off.
    disabled: Vec<(IpNet, Id, Place)>,
    /// CCN routes that no line is left for, each with its gateway (D20-34).
    gone: Vec<(IpNet, Id)>,
}

enum Via {
    Hop(NextHop),
    /// Propagated by a CCN.
    Ccn(Id),
}

impl Builder<'_> {
    /// The stages of subnets and VPCs, decisions aside.
    pub(super) fn vpc_stages(&mut self) {
        for (id, _) in &self.network.vpcs {
            let local = self.stage(StageKind::Local, Some(id), &["VPC-8", "RT-4", "RT-5"]);
            self.nodes.locals.push(local);
            let link = self.stage(StageKind::ClassicLink, Some(id), &["CL-3", "CL-6"]);
            self.nodes.links.push(link);
        }
        for (id, subnet) in &self.network.subnets {
            let vpc = position(&self.network.vpcs, &subnet.vpc).unwrap_or(0);
            let table = self.table_of(id);
            let router = self.stage(StageKind::Route, table.as_ref(), &["RT-1", "RT-5", "RT-6"]);
            let inside = self.stage(StageKind::Subnet, Some(id), &["ACL-5"]);
            self.decide(inside, Vec::new(), Then::Deliver(vpc));
            self.nodes.routers.push(router);
            self.nodes.subnets.push(inside);
        }
    }

    /// The route table of a subnet; `None` = the VPC's implied default table.
    fn table_of(&self, subnet: &Id) -> Option<Id> {
        let subnet = &self.network.subnets[subnet];
        let vpc = &self.network.vpcs[&subnet.vpc];
        let table = subnet.route_table.as_ref();
        table.or(vpc.default_route_table.as_ref()).cloned()
    }

    /// Local hands packets to the subnets, through their ACLs.
    pub(super) fn local(&mut self) {
        let network = self.network;
        let mut rules: Vec<Vec<Rule>> = network.vpcs.iter().map(|_| Vec::new()).collect();
        for (index, subnet) in (0u32..).zip(network.subnets.values()) {
            let Some(vpc) = position(&network.vpcs, &subnet.vpc) else {
                continue;
            };
            let filters = self.acl(index, ListName::Ingress).into_iter().collect();
            let local = self.nodes.locals[vpc as usize];
            let inside = self.nodes.subnets[index as usize];
            let hop = Hop { filters, ..Hop::default() };
            let way = self.hop(local, inside, hop);
            rules[vpc as usize].push(rule(to(subnet_addresses(subnet)), go(vec![way])));
        }
        for (vpc, rules) in rules.into_iter().enumerate() {
            let (id, _) = network.vpcs.get_index(vpc).expect("one list a VPC");
            let nobody = stop(Cause::at(Code::LocalWithoutOwner, id));
            self.decide(self.nodes.locals[vpc], rules, nobody);
        }
    }

    /// The route lookups of all subnets. Subnets whose packets nothing but their own subnet's rule tells apart share the
    /// rest: a region has many subnets and few tables.
    pub(super) fn routers(&mut self) {
        let network = self.network;
        let homes = self.homes_of_forwarders();
        let mut alike: IndexMap<_, Vec<u32>> = IndexMap::new();
        for (index, (id, subnet)) in (0u32..).zip(&network.subnets) {
            let alone = homes.contains(&index) || !self.hosts.public_senders(index).is_empty();
            let key = (&subnet.vpc, self.table_of(id), subnet.network_acl.as_ref());
            alike.entry((key, alone.then_some(index))).or_default().push(index);
        }
        for subnets in alike.into_values() {
            let [first, _, ..] = subnets[..] else {
                let router = self.nodes.routers[subnets[0] as usize];
                self.router(router, subnets[0], Lookup::Subnet);
                continue;
            };
            let at = self.graph[self.nodes.routers[first as usize]].at.clone();
            let shared = self.stage(StageKind::Route, at.as_ref(), &["RT-1", "RT-5", "RT-6"]);
            self.table(shared, first, Lookup::Subnet, Vec::new());
            for subnet in subnets {
                let router = self.nodes.routers[subnet as usize];
                let own = self.own_subnet(router, subnet);
                let edge = self.graph.add_edge(router, shared, Hop::default());
                self.decide(router, vec![own], Then::Shared(edge));
            }
        }
    }

    /// Where those live that routes lead to: what comes to them from their own subnet meets no ACL (ACL-5), and a public
    /// gateway refuses it (NAT-12).
    fn homes_of_forwarders(&self) -> FxHashSet<u32> {
        let routes = self.network.route_tables.values();
        let routes = routes.flat_map(|table| &table.routes);
        let residents = routes.filter_map(|route| self.hosts.of(route.via.id()?.as_str()));
        let homes = residents.filter_map(|resident| match self.hosts.get(resident).home {
            Home::Subnet(subnet) => Some(subnet),
            Home::Classic | Home::Public(_) => None,
        });
        homes.collect()
    }

    /// Within a subnet no ACL acts (ACL-5).
    fn own_subnet(&mut self, router: NodeIndex, subnet: u32) -> Rule {
        let (_, written) =
            self.network.subnets.get_index(subnet as usize).expect("a subnet of this network");
        let inside = self.nodes.subnets[subnet as usize];
        let way = self.hop(router, inside, Hop::default());
        rule(to(subnet_addresses(written)), go(vec![way]))
    }

    /// Fills a route lookup: own subnet, Local, links, routes by prefix length, own public address.
    ///
    /// | order | destination | rule |
    /// |---|---|---|
    /// | 1 | the own subnet: no ACL between its members | ACL-5 |
    /// | 2 | in the VPC's CIDRs and none of its subnets: another VPC's range that a CCN brings | D20-32 |
    /// | 3 | Local: primary, secondary, IPv6 CIDRs | RT-4, RT-5 |
    /// | 4 | Local: linked classic addresses, from primary addresses only | CL-3, CL-6 |
    /// | 5 | written and propagated routes, longest first; at one destination by priority; of one priority `Eip` for those that have one, then the others, all of them | RT-6, RT-10, RT-11, RT-17, D20-35 |
    /// | 6 | public, from an address with a public one of its own | RT-13 |
    /// | 7 | nothing | RT-1, D20-2 |
    pub(super) fn router(&mut self, router: NodeIndex, subnet: u32, lookup: Lookup) {
        let own = self.own_subnet(router, subnet);
        self.table(router, subnet, lookup, vec![own]);
    }

    /// The rules of a route lookup after those that are there, by the example of one subnet.
    fn table(&mut self, router: NodeIndex, subnet: u32, lookup: Lookup, mut rules: Vec<Rule>) {
        let network = self.network;
        let Some((subnet_id, written)) = network.subnets.get_index(subnet as usize) else {
            return;
        };
        let vpc_id = &written.vpc;
        let vpc_index = position(&network.vpcs, vpc_id).unwrap_or(0);
        let vpc = &network.vpcs[vpc_id];

        let table = self.table_of(subnet_id);
        let Candidates { inner, enabled, disabled, gone } = self.candidates(vpc_id, table.as_ref());
        for (cidr, candidates) in longest_first(inner) {
            self.route_rules(router, subnet, lookup, cidr, &candidates, &mut rules);
        }

        let local = self.nodes.locals[vpc_index as usize];
        let way = self.leave(router, local, subnet, Hop::default());
        let cidrs = AddressSet::union_all(vpc.cidrs().map(AddressSet::from));
        rules.push(rule(to(cidrs), go(vec![way])));

        rules.extend(self.link_rules(router, subnet, vpc_index));

        for (cidr, candidates) in longest_first(enabled) {
            self.route_rules(router, subnet, lookup, cidr, &candidates, &mut rules);
        }

        self.own_public_rules(router, subnet, lookup, None, &mut rules);
        match lookup {
            Lookup::Subnet | Lookup::PublicGateway(_) => rules.extend(self.without_an_eip(subnet)),
            Lookup::Forwarder(forwarder) => rules.push(self.not_translated(forwarder)),
        }
        let at = table.as_ref().unwrap_or(vpc_id);
        let public = Match { destination: Some(Arc::clone(&self.public)), ..Match::all() };
        rules.push(rule(public, stop(Cause::at(Code::NoPublicAddress, at))));
        self.nodes.swallowed(router, vpc, &disabled);
        rules.extend(unused(at, disabled, gone));
        let private = match lookup {
            Lookup::PublicGateway(gateway) => {
                let id = self.hosts.get(gateway).id().cloned();
                Cause::at(Code::PrivateDestinationToInternet, &id.unwrap_or_else(|| at.clone()))
            }
            Lookup::Subnet | Lookup::Forwarder(_) => Cause::at(Code::NoRoute, at),
        };
        self.decide(router, rules, stop(private));
    }

    /// An EIP belongs to one address: the others of the machine have none (D20-41).
    fn without_an_eip(&self, subnet: u32) -> Vec<Rule> {
        let senders = self.hosts.public_senders(subnet).iter();
        let further = senders.flat_map(|&sender| {
            let further = self.hosts.get(sender).further.iter();
            further.filter(|address| address.is_ipv4()).map(move |address| (sender, *address))
        });
        let rules = further.map(|(sender, address)| {
            let facts = Facts {
                address: Some(address),
                cidr: Some(self.hosts.get(sender).addresses.0.into()),
                ..Facts::default()
            };
            let cause = self.hosts.cause(sender, Code::NoPublicAddress).with(facts);
            let when = between(AddressSet::single(address), (*self.public).clone());
            rule(when, stop(cause))
        });
        rules.collect()
    }

    /// The Internet cannot answer private sources that a forwarder sends there as they are (D20-36).
    fn not_translated(&self, forwarder: ResidentIx) -> Rule {
        let own = AddressSet::single(self.hosts.get(forwarder).addresses.0);
        let foreign = AddressSet::any_v4().difference(&own);
        let cause = self.hosts.cause(forwarder, Code::ForwarderDoesNotTranslate);
        rule(between(foreign, (*self.public).clone()), stop(cause))
    }

    /// A hop out of a subnet, through its ACL.
    pub(super) fn leave(&mut self, from: NodeIndex, to: NodeIndex, subnet: u32, hop: Hop) -> Way {
        let acl = self.acl(subnet, ListName::Egress);
        let filters = acl.into_iter().chain(hop.filters).collect();
        self.hop(from, to, Hop { filters, ..hop })
    }

    /// Routes of a table by destination: those that count, and propagated ones that are missing.
    fn candidates(&mut self, vpc: &Id, table: Option<&Id>) -> Candidates {
        let mut found = Candidates::default();
        let network = self.network;
        let own = (vpc.clone(), table.cloned());
        let propagated = self.propagated.entry(own);
        let propagated =
            propagated.or_insert_with(|| Arc::new(ccn::propagated(network, vpc, table)));
        let propagated = Arc::clone(propagated);
        let copies = || propagated.iter().flat_map(|propagated| &propagated.routes);
        let copied: FxHashSet<(IpNet, Option<&Id>)> =
            copies().map(|copy| (copy.route.to, copy.route.via.id())).collect();
        let mut states = FxHashMap::default();
        let written = table.and_then(|id| Some((id, self.network.route_tables.get(id)?)));
        if let Some((id, written)) = written {
            for (index, route) in written.routes.iter().enumerate() {
                let place = Place::item(id, "routes", index);
                let NextHop::Ccn(ccn) = &route.via else {
                    found.add(route.to, Via::Hop(route.via.clone()), route, place);
                    continue;
                };
                // A written route for a propagated destination is the copy's state (D20-4).
                if copied.contains(&(route.to, Some(ccn))) {
                    states.insert((route.to, ccn), place);
                } else if route.enabled {
                    found.add(route.to, Via::Hop(route.via.clone()), route, place);
                } else if propagated.iter().any(|it| it.ccn == *ccn) {
                    found.disabled.push((route.to, ccn.clone(), place));
                }
            }
        }
        for Propagated { ccn, routes, off, gone } in &*propagated {
            for copy in routes {
                let place = states.remove(&(copy.route.to, ccn));
                let place = place.unwrap_or_else(|| Place::of(ccn));
                if !copy.route.enabled {
                    found.disabled.push((copy.route.to, ccn.clone(), place));
                    continue;
                }
                let via = Via::Ccn(ccn.clone());
                let candidate = Candidate { via, place, priority: copy.route.priority };
                let of_kind = if copy.inner { &mut found.inner } else { &mut found.enabled };
                of_kind.entry(copy.route.to).or_default().push(candidate);
            }
            let off = off.iter().map(|to| (*to, ccn.clone(), Place::of(ccn)));
            found.disabled.extend(off);
            found.gone.extend(gone.iter().cloned());
        }
        found
    }

    fn route_rules(
        &mut self,
        router: NodeIndex,
        subnet: u32,
        lookup: Lookup,
        cidr: IpNet,
        candidates: &[Candidate],
        rules: &mut Vec<Rule>,
    ) {
        let mut levels: BTreeMap<u8, Vec<&Candidate>> = BTreeMap::new();
        for candidate in candidates {
            levels.entry(candidate.priority).or_default().push(candidate);
        }
        // Of several priorities the highest with a next hop that is there; if none is, the first (D20-35).
        let mut absent = None;
        for level in levels.into_values() {
            let (own, hops): (Vec<_>, Vec<_>) = level
                .into_iter()
                .partition(|candidate| matches!(candidate.via, Via::Hop(NextHop::Eip)));
            if let Some(own) = own.first() {
                self.own_public_rules(router, subnet, lookup, Some((cidr, &own.place)), rules);
            }
            if hops.is_empty() {
                continue;
            }
            if hops.iter().all(|candidate| self.is_absent(candidate)) {
                absent.get_or_insert(hops);
                continue;
            }
            return self.hop_rules(router, subnet, cidr, &hops, rules);
        }
        if let Some(hops) = absent {
            self.hop_rules(router, subnet, cidr, &hops, rules);
        }
    }

    fn is_absent(&self, candidate: &Candidate) -> bool {
        match &candidate.via {
            Via::Hop(via) => self.network.is_hop_absent(via),
            Via::Ccn(_) => false,
        }
    }

    /// Equal routes of one priority: any of their next hops (RT-10).
    fn hop_rules(
        &mut self,
        router: NodeIndex,
        subnet: u32,
        cidr: IpNet,
        candidates: &[&Candidate],
        rules: &mut Vec<Rule>,
    ) {
        let mut ways = Vec::new();
        for candidate in candidates {
            let via = match &candidate.via {
                Via::Hop(via) => via.clone(),
                Via::Ccn(ccn) => NextHop::Ccn(ccn.clone()),
            };
            ways.push(self.next_hop(router, subnet, (&via, cidr), &candidate.place));
        }
        if let Some(first) = candidates.first() {
            let place = first.place.clone();
            rules.push(placed(to(cidr), go(ways), place));
        }
    }

    /// One next hop of a route (RT-7); what cannot take packets is a black hole (RT-16).
    fn next_hop(
        &mut self,
        router: NodeIndex,
        subnet: u32,
        (via, cidr): (&NextHop, IpNet),
        place: &Place,
    ) -> Way {
        let network = self.network;
        let vpc = network.subnets[subnet as usize].vpc.clone();
        let node = match via {
            NextHop::NatGateway(id) => network
                .nat_gateways
                .get_full(id)
                .filter(|(_, _, gateway)| gateway.vpc == vpc)
                .map(|_| self.nat_out(id)),
            NextHop::VpnGateway(id) => self.vpn_out(id, &vpc),
            NextHop::DirectConnectGateway(id) => self.direct_connect_out(id, &vpc),
            NextHop::PeeringConnection(id) => self.peering_out(id, &vpc),
            NextHop::Ccn(id) => self.ccn_in(id, &vpc),
            NextHop::HaVip(id) | NextHop::Instance(id) | NextHop::PublicGateway(id) => {
                return self
                    .forward(router, Some(subnet), &vpc, (via, cidr, place), id)
                    .unwrap_or_else(|| blackhole(Some(id), place));
            }
            NextHop::Eip => None,
        };
        match node {
            Some(node) => {
                let hop = Hop { place: Some(place.clone()), ..Hop::default() };
                self.leave(router, node, subnet, hop)
            }
            None => blackhole(via.id(), place),
        }
    }

    /// A hop to a forwarding resident: its ACL and groups in, its groups out, then its own table (D20-11).
    ///
    /// Without a subnet the packet comes from outside the VPC.
    pub(super) fn forward(
        &mut self,
        router: NodeIndex,
        subnet: Option<u32>,
        vpc: &Id,
        (via, cidr, place): (&NextHop, IpNet, &Place),
        id: &Id,
    ) -> Option<Way> {
        let forwarder = self.hosts.of(id.as_str())?;
        let resident = self.hosts.get(forwarder).clone();
        let Home::Subnet(home) = resident.home else {
            return None;
        };
        if resident.unbound || self.network.subnets[home as usize].vpc != *vpc {
            return None;
        }
        let mut filters = Vec::new();
        if subnet != Some(home) {
            filters.extend(self.acl(home, ListName::Ingress));
        }
        filters.extend(resident.ingress);
        filters.extend(resident.egress);
        let public_gateway = matches!(via, NextHop::PublicGateway(_));
        let instance = self.network.instances.get(id);
        if public_gateway && !instance.is_some_and(|instance| instance.public_gateway) {
            return None;
        }
        let lookup = if public_gateway {
            Lookup::PublicGateway(forwarder)
        } else {
            Lookup::Forwarder(forwarder)
        };
        let next = self.forwarder(forwarder, home, lookup);
        let own = resident.addresses.0;
        let masquerades = self.masquerades(id) && own.is_ipv4() == cidr.addr().is_ipv4();
        let translation = (masquerades && !public_gateway).then(|| Translation {
            device: Device::Masquerade(forwarder),
            rewrite: Rewrite { source: Some(own), ..Rewrite::default() },
        });
        // A public gateway does not serve clients of its own subnet, whichever way they come (NAT-12).
        let clients = subnet_addresses(&self.network.subnets[home as usize]);
        let clients = match subnet {
            Some(subnet) if subnet == home => Match::all(),
            _ => Match { source: Some(Arc::new(clients)), ..Match::all() },
        };
        // Nor does it send private destinations to the Internet (D20-2).
        let private = to(AddressSet::from(cidr).difference(&self.public));
        let to_private = Cause::at(Code::PrivateDestinationToInternet, id).placed(place.clone());
        let same_subnet = Cause::at(Code::PublicGatewaySameSubnet, id);
        let refused = [(private, to_private), (clients, same_subnet)];
        let refused = refused.into_iter().filter(|_| public_gateway);
        let refused = refused.map(|(whom, cause)| (whom, Arc::new(cause))).collect();
        let hop = Hop {
            filters,
            place: Some(place.clone()),
            waypoint: Some(crate::query::Waypoint::Id(id.clone())),
            forwarder: Some(forwarder),
            refused,
            translation,
            ..Hop::default()
        };
        Some(match subnet {
            Some(subnet) if home != subnet => self.leave(router, next, subnet, hop),
            Some(_) | None => self.hop(router, next, hop),
        })
    }

    /// Whether what a next hop forwards leaves it with its own address (D20-36).
    fn masquerades(&self, id: &Id) -> bool {
        let instance = self.network.instances.get(id);
        let havip = self.network.havips.get(id);
        instance.is_some_and(|instance| instance.masquerades)
            || havip.is_some_and(|havip| havip.masquerades)
    }

    /// Fills the lookup for packets that a CCN brought for a published custom route: the VPC's default table is used
    /// once, with what CCNs propagate into it, and leads on to forwarders only (CCN-9, RT-17, PCX-4, NAT-7).
    pub(super) fn transit(&mut self, router: NodeIndex, vpc: &Id) {
        let table = self.network.vpcs[vpc].default_route_table.clone();
        let found = self.candidates(vpc, table.as_ref());
        let mut rules = Vec::new();
        for (cidr, mut candidates) in longest_first(found.enabled) {
            // The Internet has no address of the VPC's for who comes by the CCN (RT-11).
            candidates.retain(|it| !matches!(it.via, Via::Hop(NextHop::Eip)));
            candidates.sort_by_key(|it| it.priority);
            let there = candidates.iter().find(|it| !self.is_absent(it));
            let Some(first) = there.or(candidates.first()) else {
                continue;
            };
            let highest = candidates.iter().filter(|it| it.priority == first.priority);
            let ways = highest.map(|it| self.further(router, vpc, cidr, it));
            rules.push(placed(to(cidr), go(ways.collect()), first.place.clone()));
        }
        rules.extend(unused(vpc, found.disabled, found.gone));
        self.decide(router, rules, stop(Cause::at(Code::NoRoute, vpc)));
    }

    /// Where a route leads that is used for a packet which a CCN brought.
    fn further(&mut self, router: NodeIndex, vpc: &Id, to: IpNet, candidate: &Candidate) -> Way {
        let place = &candidate.place;
        let at = match &candidate.via {
            Via::Hop(via @ (NextHop::Instance(id) | NextHop::HaVip(id))) => {
                let way = self.forward(router, None, vpc, (via, to, place), id);
                return way.unwrap_or_else(|| blackhole(Some(id), place));
            }
            Via::Hop(via) => via.id().unwrap_or(vpc),
            Via::Ccn(ccn) => ccn,
        };
        lost(Cause::at(Code::GatewayNoTransit, at).placed(place.clone()))
    }

    /// Rules 4 (for an `Eip` route) and 5 (implied): out under the sender's own public address.
    fn own_public_rules(
        &mut self,
        router: NodeIndex,
        subnet: u32,
        lookup: Lookup,
        route: Option<(IpNet, &Place)>,
        rules: &mut Vec<Rule>,
    ) {
        let has_one = |sender: &ResidentIx| self.hosts.get(*sender).public.is_some();
        let own = match lookup {
            Lookup::Forwarder(forwarder) => Some(forwarder).filter(has_one),
            Lookup::Subnet | Lookup::PublicGateway(_) => None,
        };
        let residents = match lookup {
            Lookup::Forwarder(_) => own.as_slice(),
            Lookup::Subnet | Lookup::PublicGateway(_) => self.hosts.public_senders(subnet),
        };
        let mut senders: Vec<(ResidentIx, AddressSet)> = residents
            .iter()
            .map(|&sender| {
                let own = self.hosts.get(sender).addresses.0;
                (sender, AddressSet::single(own))
            })
            .collect();
        if let Lookup::PublicGateway(gateway) = lookup {
            // An Eip route is for those that have one (RT-11).
            if route.is_none() || self.hosts.get(gateway).public.is_some() {
                senders.push((gateway, AddressSet::any()));
            }
        }
        for (sender, source) in senders {
            let own = (*self.public).clone();
            let destination = match route {
                Some((cidr, _)) => own.intersection(&AddressSet::from(cidr)),
                None => own,
            };
            let way = self.own_public_way(router, subnet, sender, source.is_any());
            let when = between(source.clone(), destination.clone());
            let Some((cidr, place)) = route else {
                rules.push(rule(when, go(vec![way])));
                continue;
            };
            rules.push(placed(when, go(vec![way]), place.clone()));
            // What the route catches beside that is dropped: it leads to the Internet only (D20-2). Addresses that
            // have no EIP do not take it and go on to the next route (D20-41).
            let resident = self.hosts.get(sender);
            let id = resident.id().cloned().unwrap_or_else(|| place.id.clone());
            let all = between(source, AddressSet::from(cidr));
            let private = Cause::at(Code::PrivateDestinationToInternet, &id).placed(place.clone());
            rules.push(placed(all, stop(private), place.clone()));
        }
    }
}

impl Candidates {
    fn add(&mut self, to: IpNet, via: Via, route: &Route, place: Place) {
        if route.enabled {
            let priority = route.priority;
            let candidate = Candidate { via, place, priority };
            self.enabled.entry(to).or_default().push(candidate);
        }
    }
}

fn longest_first(routes: BTreeMap<IpNet, Vec<Candidate>>) -> Vec<(IpNet, Vec<Candidate>)> {
    let mut routes: Vec<_> = routes.into_iter().collect();
    routes.sort_by_key(|(cidr, _)| std::cmp::Reverse(cidr.prefix_len()));
    routes
}

/// What stops packets at CCN routes that are off, and at those that no line is left for (D20-34).
fn unused(
    at: &Id,
    disabled: Vec<(IpNet, Id, Place)>,
    gone: Vec<(IpNet, Id)>,
) -> impl Iterator<Item = Rule> {
    let disabled = disabled.into_iter().map(|(cidr, ccn, place)| {
        let off = Cause::at(Code::CcnRouteDisabled, &ccn).placed(place);
        rule(to(cidr), stop(off))
    });
    let gone = gone.into_iter().map(move |(cidr, gateway)| {
        let lost = no_line(Cause::at(Code::NoRoute, at), gateway);
        rule(to(cidr), stop(lost))
    });
    disabled.chain(gone)
}

/// A route whose next hop cannot take packets (RT-16).
pub(super) fn blackhole(next_hop: Option<&Id>, route: &Place) -> Way {
    let facts = Facts { other: next_hop.cloned(), ..Facts::default() };
    lost(Cause::at(Code::RouteBlackhole, &route.id).placed(route.clone()).with(facts))
}
