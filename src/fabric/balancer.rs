//! What serves connections at an address: load balancers, databases, endpoint connections (CLB, DB, EP rules).

use std::net::IpAddr;
use std::sync::Arc;

use petgraph::graph::NodeIndex;

use super::resident::{Home, ResidentIx};
use super::stage::{Device, Hop, Rule, StageKind, Then, Translation, Way};
use super::wan::local_cidrs;
use super::{Builder, carrying, go, lost, placed, rule, stop};
use crate::code::Code;
use crate::id::Id;
use crate::model::{Endpoint, Listener, LoadBalancerNetwork, Place, Target};
use crate::query::{Cause, Facts, ListName, Waypoint};
use crate::space::{AddressSet, IntervalSet, Match, Protocol, Rewrite, Traffic};

/// A target that may take connections.
struct Usable {
    resident: ResidentIx,
    address: IpAddr,
    port: u16,
}

impl Builder<'_> {
    /// The stages of everything that serves.
    pub(super) fn balancers(&mut self) {
        let services: Vec<_> =
            self.hosts.iter().map(|(index, resident)| (index, resident.endpoint.clone())).collect();
        for (index, endpoint) in services {
            let node = match &endpoint {
                Endpoint::Database(id) | Endpoint::OldVip(id, _) => {
                    self.database(id, self.network.databases[id].port)
                }
                Endpoint::ClassicDatabase(id) => {
                    self.database(id, self.network.classic_databases[id].port)
                }
                Endpoint::LoadBalancer(id) => self.load_balancer(index, id),
                Endpoint::ClassicLoadBalancer(id) => self.classic_load_balancer(index, id),
                Endpoint::EndpointConnection(id) => self.endpoint_connection(id),
                _ => continue,
            };
            self.nodes.services.insert(index, node);
        }
    }

    /// One TCP port, no ping (D20-8, D20-9).
    fn database(&mut self, id: &Id, port: u16) -> NodeIndex {
        let node = self.stage(StageKind::Database, Some(id), &["DB-1", "DB-6"]);
        let served = carrying(Traffic::ports(Protocol::TCP, IntervalSet::single(port)));
        let other = stop(not_served(id, Some(port)));
        self.decide(node, vec![rule(served, Then::Accept)], other);
        node
    }

    fn load_balancer(&mut self, index: ResidentIx, id: &Id) -> NodeIndex {
        let balancer = &self.network.load_balancers[id];
        let node =
            self.stage(StageKind::LoadBalancer, Some(id), &["CLB-1", "CLB-2", "CLB-4", "CLB-5"]);
        let pass = balancer.pass_to_target;
        let mut rules = self.listener_rules(node, index, id, &balancer.listeners, pass);
        let ping =
            carrying(Traffic::protocol(Protocol::ICMP).union(&Traffic::protocol(Protocol::ICMPV6)));
        let ping = match &balancer.network {
            // An internal VIP answers its own VPC only (CLB-13), a public one anybody (D20-9).
            LoadBalancerNetwork::Internal { subnet, .. } => {
                let vpc = &self.network.vpcs[&self.network.subnets[subnet].vpc];
                Match { source: Some(Arc::new(local_cidrs(vpc))), ..ping }
            }
            LoadBalancerNetwork::Public { .. } => ping,
        };
        let internal = matches!(balancer.network, LoadBalancerNetwork::Internal { .. });
        rules.push(Rule { from_outside: internal.then_some(false), ..rule(ping, Then::Accept) });
        self.decide(node, rules, stop(Cause::at(Code::PortNotServed, id)));
        node
    }

    fn classic_load_balancer(&mut self, index: ResidentIx, id: &Id) -> NodeIndex {
        let balancer = &self.network.classic_load_balancers[id];
        let node = self.stage(StageKind::LoadBalancer, Some(id), &["CN-6", "CLB-8"]);
        let mut rules = self.listener_rules(node, index, id, &balancer.listeners, false);
        // Who is not of its tenant and region does not get here at all (CN-3).
        rules.push(rule(carrying(Traffic::protocol(Protocol::ICMP)), Then::Accept));
        self.decide(node, rules, stop(Cause::at(Code::PortNotServed, id)));
        node
    }

    fn listener_rules(
        &mut self,
        node: NodeIndex,
        balancer: ResidentIx,
        id: &Id,
        listeners: &[Listener],
        pass: bool,
    ) -> Vec<Rule> {
        let mut rules = Vec::new();
        for (position, listener) in listeners.iter().enumerate() {
            let place = Place::item(id, "listeners", position);
            let traffic = Traffic::ports(listener.protocol.transport(), listener.ports.clone());
            if listener.redirects_to.is_some() {
                rules.push(placed(carrying(traffic), Then::Accept, place)); // CLB-18
                continue;
            }
            let usable: Vec<Usable> =
                listener.targets.iter().filter_map(|target| self.usable(target)).collect();
            if usable.is_empty() {
                let nobody = stop(Cause::at(Code::NoTarget, id).placed(place.clone()));
                rules.push(placed(carrying(traffic), nobody, place));
                continue;
            }
            let ways: Vec<Way> =
                usable.iter().map(|target| self.target(node, balancer, id, target, pass)).collect();
            // A group member that is the client itself (CLB-16, D20-21); machines are told apart on the way.
            let members = usable.iter().enumerate();
            let members =
                members.filter(|(_, target)| self.hosts.get(target.resident).machine.is_none());
            for (own, target) in members {
                let mut ways = ways.clone();
                ways[own] = lost(Cause::at(Code::LoadBalancerLoop, id).placed(place.clone()));
                let when = Match {
                    source: Some(Arc::new(AddressSet::single(target.address))),
                    ..carrying(traffic.clone())
                };
                rules.push(placed(when, go(ways), place.clone()));
            }
            rules.push(placed(carrying(traffic), go(ways), place));
        }
        rules
    }

    /// Weight above 0 and running (D20-10).
    fn usable(&self, target: &Target) -> Option<Usable> {
        let (resident, address) = self.member(&target.instance)?;
        let usable = target.weight > 0 && !self.hosts.get(resident).down;
        usable.then_some(Usable { resident, address, port: target.port })
    }

    /// An instance, ENI or group member by its id.
    pub(super) fn member(&self, id: &Id) -> Option<(ResidentIx, IpAddr)> {
        if let Some(resident) = self.hosts.of(id.as_str()) {
            return Some((resident, self.hosts.get(resident).addresses.0));
        }
        let (group, member) = id.as_str().strip_suffix(']')?.rsplit_once('[')?;
        let resident = self.hosts.of(group)?;
        let address = member.parse().ok()?;
        let owns = self.hosts.get(resident).owns(address);
        owns.then_some((resident, address))
    }

    /// From the load balancer to a target: the client's address stays (CLB-3), the target's subnet ACL sees
    /// client and target, its groups only without pass-through (CLB-4, CLB-5, D20-10).
    fn target(
        &mut self,
        node: NodeIndex,
        balancer: ResidentIx,
        id: &Id,
        target: &Usable,
        pass: bool,
    ) -> Way {
        let resident = self.hosts.get(target.resident).clone();
        let mut filters = Vec::new();
        if let Home::Subnet(subnet) = resident.home {
            let network = self.network;
            let own = network.subnets.get_index(subnet as usize);
            if let Some((subnet, written)) = own
                && let Some(acl) = &written.network_acl
            {
                let within = Arc::new(super::subnet_addresses(written));
                let within = Some((subnet, &within));
                filters.extend(self.filters.acl(acl, ListName::Ingress, within));
            }
        }
        if !pass {
            filters.extend(resident.ingress);
        }
        let hop = Hop {
            behind: filters,
            translation: Some(Translation {
                device: Device::LoadBalancer(balancer),
                rewrite: Rewrite {
                    destination: Some(target.address),
                    destination_port: Some(target.port),
                    ..Rewrite::default()
                },
            }),
            waypoint: Some(Waypoint::Id(id.clone())),
            ..Hop::default()
        };
        let end = self.stage(StageKind::LoadBalancer, resident.id(), &["CLB-3"]);
        self.decide(end, Vec::new(), Then::Target(target.resident));
        self.hop(node, end, hop)
    }

    /// Whatever its classic target serves (EP-1, EP-2); a load balancer needs a usable target, whose
    /// groups are not asked (D20-10).
    fn endpoint_connection(&mut self, id: &Id) -> NodeIndex {
        let node = self.stage(StageKind::EndpointConnection, Some(id), &["EP-1", "EP-7"]);
        let connection = &self.network.endpoint_connections[id];
        let mut rules = Vec::new();
        if !self.network.platform.endpoint_connection_transit {
            let vpc = &self.network.vpcs[&connection.vpc];
            let foreign =
                Match { source: Some(Arc::new(local_cidrs(vpc).complement())), ..Match::all() };
            let cause = Cause::at(Code::EndpointConnectionNoTransit, id);
            rules
                .push(Rule { from_outside: Some(true), ..rule(Match::all(), stop(cause.clone())) });
            rules.push(rule(foreign, stop(cause)));
        }
        let port = self.network.classic_port(&connection.target);
        if let Some(port) = port {
            let port = IntervalSet::single(port);
            let served = carrying(Traffic::ports(Protocol::TCP, port));
            rules.push(rule(served, Then::Accept));
        }
        if let Some(balancer) = self.network.classic_load_balancers.get(&connection.target) {
            for (position, listener) in balancer.listeners.iter().enumerate() {
                let place = Place::item(&connection.target, "listeners", position);
                let traffic = Traffic::ports(listener.protocol.transport(), listener.ports.clone());
                let mut targets = listener.targets.iter();
                let answers = listener.redirects_to.is_some(); // CLB-18
                let then = if answers || targets.any(|target| self.usable(target).is_some()) {
                    Then::Accept
                } else {
                    stop(Cause::at(Code::NoTarget, &connection.target).placed(place.clone()))
                };
                rules.push(placed(carrying(traffic), then, place));
            }
        }
        self.decide(node, rules, stop(not_served(id, port)));
        node
    }
}

/// That another port is asked for than the one that is served, where there is one only.
fn not_served(id: &Id, port: Option<u16>) -> Cause {
    Cause::at(Code::PortNotServed, id).with(Facts { port, ..Facts::default() })
}
