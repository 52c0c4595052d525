//! What joins networks: peerings, CCNs, gateways, load balancers, and the routes that lead there.

use std::net::IpAddr;

use pathproof::id::Id;
use pathproof::model::{
    Attachment, CcnMember, CcnRoute, CcnRoutePolicy, CcnRouteTable, CcnSelection, Dnat, Listener,
    ListenerProtocol, LoadBalancerNetwork, Meta, NatKind, Network, PeeringState, Snat, SnatSource,
    Target, references,
};
use pathproof::space::{Action, IntervalSet};

use super::land::{GROUPS, host, public};
use super::{Dice, Draft};
use crate::sketch::{self, id, net};

impl Draft {
    pub(super) fn wires(&mut self) {
        let vpcs: Vec<Id> = self.network.vpcs.keys().cloned().collect();
        for _ in 0..self.dice.below(3) {
            self.peering(&vpcs);
        }
        if self.dice.chance(55) {
            self.ccn(&vpcs);
            if self.dice.chance(30) {
                self.ccn(&vpcs);
            }
        }
        for vpc in &vpcs {
            for _ in 0..self.dice.pick(&[0, 0, 0, 1, 1, 2]) {
                self.nat_gateway(vpc);
            }
            let to_vpc = Attachment::Vpc(vpc.clone());
            if self.dice.chance(30) {
                self.vpn_gateway(&to_vpc);
            }
            if self.dice.chance(30) {
                self.direct_connect_gateway(&to_vpc);
            }
            if self.dice.chance(15) {
                self.direct_connect_nat(vpc);
            }
        }
        for _ in 0..self.dice.below(3) {
            self.load_balancer();
        }
        self.private_links();
        for vpc in &vpcs {
            self.route_tables(vpc);
        }
        if self.dice.chance(40) {
            self.ccn_statements();
        }
    }

    fn peering(&mut self, vpcs: &[Id]) {
        let name = self.name("pcx");
        let (Some(one), Some(other)) = (self.dice.any(vpcs).cloned(), self.dice.any(vpcs).cloned())
        else {
            return;
        };
        self.attempt(|network, dice| {
            if one != other {
                let peering = sketch::peering(network, &name, one.as_str(), other.as_str());
                if dice.chance(12) {
                    peering.state = PeeringState::Pending;
                }
            }
        });
    }

    fn ccn(&mut self, vpcs: &[Id]) {
        let name = self.name("ccn");
        self.attempt(|network, dice| {
            sketch::ccn(network, &name, &[]).route_overlap = dice.chance(40);
        });
        for vpc in vpcs {
            self.attempt(|network, dice| {
                if dice.chance(75) {
                    network.ccns[name.as_str()].attachments.push(CcnMember::Vpc(vpc.clone()));
                }
            });
        }
        let to_ccn = Attachment::Ccn(id(&name));
        if self.dice.chance(40) {
            self.vpn_gateway(&to_ccn);
        }
        for _ in 0..self.dice.below(3) {
            self.direct_connect_gateway(&to_ccn);
        }
        if self.dice.chance(40) {
            // Which of two overlapping members joined first decides (CCN-4).
            self.attempt(|network, _| network.ccns[name.as_str()].attachments.reverse());
        }
        if self.dice.chance(30) {
            self.ccn_table(&name);
        }
    }

    fn ccn_table(&mut self, ccn: &str) {
        let table = self.name("ccnrtb");
        let members = self.network.ccns[ccn].attachments.clone();
        let cidrs = destinations(&self.network);
        self.attempt(|network, dice| {
            let mut accept = Vec::new();
            for _ in 0..=dice.below(3) {
                let from = dice.any(&members).filter(|_| !cidrs.is_empty()).cloned();
                let from = from.filter(|_| dice.chance(60));
                let cidr = dice.any(&cidrs).copied().filter(|_| dice.chance(40));
                let action = if dice.chance(80) { Action::Accept } else { Action::Drop };
                accept.push(CcnRoutePolicy { from, cidr, action });
            }
            let attachments: Vec<_> = members.iter().filter(|_| dice.chance(40)).cloned().collect();
            let ccn = &mut network.ccns[ccn];
            ccn.route_tables
                .insert(id(&table), CcnRouteTable { meta: Meta::default(), attachments, accept });
        });
        self.attempt(|network, dice| {
            let (Some(attachment), Some(source)) =
                (dice.any(&members).cloned(), dice.any(&cidrs).copied())
            else {
                return;
            };
            if dice.chance(60) {
                let selection = CcnSelection { attachment, source, route_table: id(&table) };
                network.ccns[ccn].selection.push(selection);
            }
        });
    }

    /// What is said by hand of a CCN's routes: known ones switched, foreign ones added.
    fn ccn_statements(&mut self) {
        let ccns: Vec<Id> = self.network.ccns.keys().cloned().collect();
        for ccn in ccns {
            let cidrs = destinations(&self.network);
            for _ in 0..=self.dice.below(3) {
                self.attempt(|network, dice| {
                    let members = network.ccns[&ccn].attachments.clone();
                    let Some(next) = dice.any(&members).cloned() else {
                        return;
                    };
                    let own = network.published(&next);
                    let own = dice.any(&own).copied().filter(|_| dice.chance(60));
                    let Some(to) = own.or_else(|| dice.any(&cidrs).copied()) else {
                        return;
                    };
                    let enabled = dice.chance(60);
                    if to.prefix_len() > 0 {
                        network.ccns[&ccn].routes.push(CcnRoute { to, next, enabled });
                    }
                });
            }
        }
    }

    fn nat_gateway(&mut self, vpc: &Id) {
        let name = self.name("nat");
        let first = public(&self.network).to_string();
        self.attempt(|network, dice| {
            let nat = sketch::nat_gateway(network, &name, vpc.as_str(), &[&first]);
            if dice.chance(40) {
                nat.kind = NatKind::Standard;
            }
        });
        let second = public(&self.network);
        let insiders: Vec<_> = machines(&self.network, vpc);
        let subnets: Vec<Id> = self
            .network
            .subnets
            .iter()
            .filter(|(_, subnet)| subnet.vpc == *vpc)
            .map(|(id, _)| id.clone())
            .collect();
        self.attempt(|network, dice| {
            let nat = &mut network.nat_gateways[name.as_str()];
            if dice.chance(35) {
                nat.eips.push(second);
            }
            nat.strict_snat = dice.chance(35);
            let eips = vec![dice.pick(&nat.eips)];
            if dice.chance(50)
                && let Some(subnet) = dice.any(&subnets)
            {
                nat.snat
                    .push(Snat { from: SnatSource::Subnet(subnet.clone()), eips: eips.clone() });
            }
            if dice.chance(30)
                && let Some((machine, address)) = dice.any(&insiders)
            {
                let one = SnatSource::Instance(machine.clone());
                let from = if dice.chance(50) { one } else { SnatSource::Cidr((*address).into()) };
                nat.snat.push(Snat { from, eips: eips.clone() });
            }
            if nat.strict_snat && dice.chance(10) {
                nat.eips.clear(); // and its rules go with them
                nat.snat.clear();
                nat.strict_snat = false;
            }
        });
        for _ in 0..self.dice.below(3) {
            self.attempt(|network, dice| {
                let eips = &network.nat_gateways[name.as_str()].eips;
                let (Some(eip), Some((_, to))) = (dice.any(eips), dice.any(&insiders)) else {
                    return;
                };
                let service =
                    sketch::service(dice.pick(&["tcp:443", "tcp:80", "udp:53", "tcp:65535"]));
                let dnat =
                    Dnat { service, eip: *eip, to: *to, port: dice.pick(&[80, 443, 8443, 22]) };
                network.nat_gateways[name.as_str()].dnat.push(dnat);
            });
        }
    }

    fn load_balancer(&mut self) {
        let name = self.name("lb");
        let subnets: Vec<Id> = self.network.subnets.keys().cloned().collect();
        let Some(subnet) = self.dice.any(&subnets).cloned() else {
            return;
        };
        let vpc = self.network.subnets[&subnet].vpc.clone();
        let vip = host(&self.network, subnet.as_str(), 10);
        let outside = public(&self.network);
        let stock = targets(&self.network, &vpc);
        self.attempt(|network, dice| {
            let lives = if dice.chance(70) {
                LoadBalancerNetwork::Internal {
                    subnet,
                    vip,
                    eip: dice.chance(25).then_some(outside),
                }
            } else {
                LoadBalancerNetwork::Public { vpc, vip: outside }
            };
            let mut groups = Vec::new();
            if dice.chance(40) {
                groups.push(id(dice.pick(&GROUPS)));
            }
            let balancer = sketch::load_balancer(network, &name, lives);
            balancer.security_groups = groups;
            balancer.pass_to_target = dice.chance(30);
            let ways = [
                (ListenerProtocol::Tcp, 80),
                (ListenerProtocol::Udp, 53),
                (ListenerProtocol::Https, 443),
            ];
            for (protocol, port) in ways.into_iter().take(1 + dice.below(3)) {
                let mut targets = Vec::new();
                for instance in &stock {
                    if dice.chance(50) {
                        let (port, weight) =
                            (dice.pick(&[80, 443, 8080, 65535]), dice.pick(&[0, 1, 10, 10, 100]));
                        targets.push(Target { instance: instance.clone(), port, weight });
                    }
                }
                let ports = IntervalSet::single(port);
                balancer.listeners.push(Listener { protocol, ports, targets, redirects_to: None });
            }
        });
    }

    /// Listeners that send clients to another one, by dice of their own.
    pub(super) fn redirections(&mut self, seed: u64) {
        let mut dice = Dice::new(seed ^ 0x5e2d).split();
        let network = &mut self.network;
        // an endpoint service offers layer 4 only (PL-1)
        let offered = network.endpoint_services.values();
        let offered: Vec<Id> = offered.map(|it| it.load_balancer.clone()).collect();
        let own = network.load_balancers.iter_mut();
        let own = own.filter(|(id, _)| !offered.contains(id));
        let own = own.map(|(_, it)| &mut it.listeners);
        let classic = network.classic_load_balancers.iter_mut();
        for listeners in own.chain(classic.map(|(_, it)| &mut it.listeners)) {
            if dice.chance(20) {
                sketch::redirect(listeners);
            }
        }
    }

    /// What fails, and what was deleted while routes still lead to it.
    pub(super) fn failures(&mut self) {
        let network = &mut self.network;
        let dice = &mut self.dice;
        let peerings = network.peerings.keys();
        let members =
            network.ccns.values().flat_map(|ccn| ccn.attachments.iter().map(CcnMember::id));
        let lines = network.vpn_gateways.keys();
        let lines = lines.chain(network.direct_connect_gateways.keys());
        let parts = peerings.chain(network.nat_gateways.keys()).chain(members);
        let parts = parts.chain(lines);
        let mut failed: Vec<Id> = parts.filter(|_| dice.chance(5)).cloned().collect();
        failed.extend(network.instances.keys().filter(|_| dice.chance(2)).cloned());
        network.down.extend(failed);
        let held: Vec<Id> =
            references(network).into_iter().filter(|it| !it.may_dangle).map(|it| it.id).collect();
        let is_free = |id: &Id| !held.contains(id);
        network.nat_gateways.retain(|id, _| !(is_free(id) && dice.chance(4)));
        network.havips.retain(|id, _| !(is_free(id) && dice.chance(6)));
        network.instances.retain(|id, _| !(is_free(id) && dice.chance(3)));
        let left = network.clone();
        network.down.retain(|id| left.kind_of(id.as_str()).is_some());
    }
}

/// One half of a CIDR.
pub fn half(cidr: ipnet::IpNet, which: usize) -> ipnet::IpNet {
    let mut halves = cidr.subnets(cidr.prefix_len() + 1).into_iter().flatten();
    halves.nth(which).unwrap_or(cidr)
}

/// Machines of a VPC with an IPv4 address each.
pub fn machines(network: &Network, vpc: &Id) -> Vec<(Id, IpAddr)> {
    let inside = |subnet: &Id| network.subnets.get(subnet).is_some_and(|subnet| subnet.vpc == *vpc);
    let instances = network.instances.iter().filter(|(_, instance)| inside(&instance.subnet));
    let interfaces =
        network.network_interfaces.iter().filter(|(_, interface)| inside(&interface.subnet));
    let instances = instances.map(|(id, instance)| (id.clone(), instance.ip));
    instances.chain(interfaces.map(|(id, interface)| (id.clone(), interface.ip))).collect()
}

/// What can be a load balancer's target in a VPC.
pub fn targets(network: &Network, vpc: &Id) -> Vec<Id> {
    let mut stock: Vec<Id> = machines(network, vpc).into_iter().map(|(id, _)| id).collect();
    for (group, members) in &network.instance_groups {
        if network.subnets.get(&members.subnet).is_some_and(|subnet| subnet.vpc == *vpc) {
            stock.push(Id::from(format!("{group}[{}]", members.ips.0)));
        }
    }
    stock
}

/// CIDRs worth a route or a policy.
pub fn destinations(network: &Network) -> Vec<ipnet::IpNet> {
    let vpcs = network.vpcs.values().flat_map(|vpc| vpc.cidrs().collect::<Vec<_>>());
    let subnets = network.subnets.values().map(|subnet| subnet.cidr);
    let sites = network.sites.values().flat_map(|site| site.cidrs.iter().copied());
    let mut all: Vec<_> =
        vpcs.chain(subnets).chain(sites).filter(|cidr| cidr.addr().is_ipv4()).collect();
    all.push(net("10.0.0.0/8"));
    all.push(net("10.60.0.10/32")); // a classic CVM
    all
}
