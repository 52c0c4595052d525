//! Security groups, network ACLs and templates: overlapping, ordered, with holes.

use std::net::IpAddr;

use ipnet::IpNet;
use pathproof::id::Id;
use pathproof::model::{
    AclRule, AddressTemplate, AddressTemplateGroup, EdgeFirewall, Meta, Network, NetworkAcl, Peer,
    SecurityGroupRule, Served, Service, ServiceTemplate, ServiceTemplateGroup,
};
use pathproof::space::{Action, AddressSet, IntervalSet, Protocol};

use super::Draft;
use super::dice::Dice;
use super::land::GROUPS;
use crate::sketch::{self, addresses, id};

/// Services that a group's rule may name; an ACL takes no `gre` (ACL-8).
const SERVICES: [&str; 18] = [
    "all",
    "all",
    "tcp",
    "udp",
    "icmp",
    "icmpv6",
    "tcp:80",
    "tcp:443",
    "tcp:80-443",
    "tcp:0",
    "tcp:65535",
    "tcp:0-1023",
    "tcp:1024-65535",
    "tcp:32768-61000",
    "udp:53",
    "tcp:3306",
    "tcp:22",
    "gre",
];

impl Draft {
    pub(super) fn rules(&mut self) {
        self.templates();
        for group in GROUPS {
            for ingress in [true, false] {
                self.group_rules(group, ingress);
            }
        }
        let vpcs: Vec<Id> = self.network.vpcs.keys().cloned().collect();
        for vpc in &vpcs {
            for _ in 0..self.dice.below(3) {
                self.acl(vpc);
            }
        }
    }

    fn templates(&mut self) {
        let sides = sides(&self.network);
        self.attempt(|network, dice| {
            let members = (0..=dice.below(3)).filter_map(|_| dice.any(&sides).cloned()).collect();
            network
                .address_templates
                .insert(id("ipm-1"), AddressTemplate { meta: Meta::default(), addresses: members });
            let range = AddressSet::range(sketch::ip("10.0.0.0"), sketch::ip("10.1.1.9"));
            let range = AddressTemplate { meta: Meta::default(), addresses: vec![range] };
            network.address_templates.insert(id("ipm-2"), range);
            let templates = vec![id("ipm-1"), id("ipm-2")];
            network
                .address_template_groups
                .insert(id("ipmg-1"), AddressTemplateGroup { meta: Meta::default(), templates });
            let services = vec![sketch::service("tcp:80"), sketch::service("udp:53")];
            network
                .service_templates
                .insert(id("ppm-1"), ServiceTemplate { meta: Meta::default(), services });
            let services = vec![sketch::service("icmp"), sketch::service("tcp:443")];
            network
                .service_templates
                .insert(id("ppm-2"), ServiceTemplate { meta: Meta::default(), services });
            let templates = vec![id("ppm-1"), id("ppm-2")];
            network
                .service_template_groups
                .insert(id("ppmg-1"), ServiceTemplateGroup { meta: Meta::default(), templates });
        });
    }

    fn group_rules(&mut self, group: &str, ingress: bool) {
        let sides = sides(&self.network);
        for _ in 0..=self.dice.below(5) {
            self.attempt(|network, dice| {
                let rule = group_rule(dice, &sides);
                let group = &mut network.security_groups[group];
                let list = if ingress { &mut group.ingress } else { &mut group.egress };
                list.push(rule);
            });
        }
        // A last word that lets most traffic through, or the verdicts would all be alike.
        if self.dice.chance(70) {
            let rule = sketch::group_rule(Action::Accept, "any", "all");
            let group = &mut self.network.security_groups[group];
            if ingress { &mut group.ingress } else { &mut group.egress }.push(rule);
        }
    }

    /// Edge firewalls, in a third of the networks; drawn beside the others, so that these are as without them.
    pub(super) fn firewalls(&mut self, seed: u64) {
        let dice = &mut Dice::new(seed).split();
        let public = self.network.owned_addresses().into_iter();
        let public = public.filter(|owned| self.network.is_public(owned.range.0));
        let public: Vec<IpAddr> = public.map(|owned| owned.range.0).collect();
        for name in ["cfw-1", "cfw-2"] {
            if !dice.chance(20) {
                continue;
            }
            let sides: Vec<AddressSet> = public.iter().copied().map(AddressSet::single).collect();
            let mut rules = || {
                let drawn = (0..dice.below(4)).map(|_| acl_rule(dice, &sides, true, true));
                drawn.collect::<Vec<_>>()
            };
            let (ingress, egress) = (rules(), rules());
            let guarded = public.iter().filter(|_| dice.chance(50));
            let firewall = EdgeFirewall {
                meta: Meta::default(),
                addresses: guarded.copied().map(IpNet::from).collect(),
                ingress,
                egress,
            };
            self.network.edge_firewalls.insert(id(name), firewall);
        }
    }

    fn acl(&mut self, vpc: &Id) {
        let name = self.name("acl");
        let sides = sides(&self.network);
        let acl = NetworkAcl {
            meta: Meta::default(),
            vpc: vpc.clone(),
            ingress: Vec::new(),
            egress: Vec::new(),
        };
        self.network.network_acls.insert(id(&name), acl);
        let quintuple = self.dice.chance(35);
        for ingress in [true, false] {
            for _ in 0..self.dice.below(4) {
                self.attempt(|network, dice| {
                    let rule = acl_rule(dice, &sides, ingress, quintuple);
                    let acl = &mut network.network_acls[name.as_str()];
                    if ingress { &mut acl.ingress } else { &mut acl.egress }.push(rule);
                });
            }
            if self.dice.chance(80) {
                let last = self.dice.pick(&[
                    "all",
                    "all",
                    "all",
                    "tcp:1024-65535",
                    "tcp:32768-61000",
                    "tcp",
                ]);
                let last = sketch::acl_rule(Action::Accept, "any", "any", last);
                let acl = &mut self.network.network_acls[name.as_str()];
                if ingress { &mut acl.ingress } else { &mut acl.egress }.push(last);
            }
        }
        let subnets: Vec<Id> = self
            .network
            .subnets
            .iter()
            .filter(|(_, subnet)| subnet.vpc == *vpc)
            .map(|(id, _)| id.clone())
            .collect();
        for subnet in subnets {
            if self.dice.chance(35) {
                self.network.subnets[&subnet].network_acl = Some(id(&name));
            }
        }
    }
}

/// Address sets worth a rule: everything that the network has, whole and single.
fn sides(network: &Network) -> Vec<AddressSet> {
    let owned = network.owned_addresses();
    let single = owned.iter().map(|owned| AddressSet::single(owned.range.0));
    let subnets = network.subnets.values().map(|subnet| AddressSet::from(subnet.cidr));
    let cidrs =
        network.vpcs.values().flat_map(|vpc| vpc.cidrs().collect::<Vec<_>>()).map(AddressSet::from);
    let sites = network.sites.values().flat_map(|site| site.cidrs.clone()).map(AddressSet::from);
    let wide = [
        "0.0.0.0/0",
        "::/0",
        "10.0.0.0/8",
        "8.8.8.8",
        "8.8.8.0/24",
        "43.128.1.0/24",
        "172.16.0.0/12",
    ];
    // What a provider sees of an endpoint's clients, whole and in parts (PL-4).
    let seen = ["11.163.0.0/16", "11.163.0.0/17", "11.163.7.0/24"];
    let seen = seen.map(addresses);
    let has_endpoints = !network.vpc_endpoints.is_empty();
    single
        .chain(seen.into_iter().filter(move |_| has_endpoints))
        .chain(subnets)
        .chain(cidrs)
        .chain(sites)
        .chain(wide.into_iter().map(addresses))
        .collect()
}

fn action(dice: &mut Dice) -> Action {
    if dice.chance(60) { Action::Accept } else { Action::Drop }
}

fn ports(dice: &mut Dice) -> IntervalSet<u16> {
    let bounds = [0, 22, 25, 53, 80, 443, 1023, 1024, 3306, 32768, 61000, 65535];
    let (one, other) = (dice.pick(&bounds), dice.pick(&bounds));
    IntervalSet::range(one.min(other), one.max(other))
}

fn group_rule(dice: &mut Dice, sides: &[AddressSet]) -> SecurityGroupRule {
    let peer = match dice.below(10) {
        0 => Peer::Any,
        1 | 2 => {
            Peer::SecurityGroup(id(if dice.chance(30) { "sg-open" } else { dice.pick(&GROUPS) }))
        }
        3 => Peer::AddressTemplate(id(dice.pick(&["ipm-1", "ipm-2"]))),
        4 => Peer::AddressTemplateGroup(id("ipmg-1")),
        5 if dice.chance(10) => Peer::ZeroPrefix(dice.pick(&[1, 8, 31, 32])),
        _ => Peer::Addresses(dice.any(sides).cloned().unwrap_or_else(AddressSet::any_v4)),
    };
    let service = match dice.below(10) {
        0 => Served::Template(id(dice.pick(&["ppm-1", "ppm-2"]))),
        1 => Served::TemplateGroup(id("ppmg-1")),
        2 => {
            let ports = ports(dice).union(&ports(dice));
            let protocol = dice.pick(&[Protocol::TCP, Protocol::UDP]);
            Served::Service(Service {
                protocols: pathproof::model::Protocols::One(protocol),
                ports,
            })
        }
        _ => Served::Service(sketch::service(dice.pick(&SERVICES))),
    };
    SecurityGroupRule { action: action(dice), peer, service }
}

fn acl_rule(dice: &mut Dice, sides: &[AddressSet], ingress: bool, quintuple: bool) -> AclRule {
    let mut side =
        |percent: usize| dice.chance(percent).then(|| dice.any(sides).cloned()).flatten();
    let (remote, local) = (side(60), side(if quintuple { 30 } else { 0 }));
    let (source, destination) = if ingress { (remote, local) } else { (local, remote) };
    let service = if dice.chance(25) {
        let protocol = dice.pick(&[Protocol::TCP, Protocol::UDP]);
        Service { protocols: pathproof::model::Protocols::One(protocol), ports: ports(dice) }
    } else {
        sketch::service(dice.pick(&SERVICES[..17]))
    };
    let has_ports = matches!(service.protocols, pathproof::model::Protocols::One(protocol) if protocol.has_ports());
    let source_ports = (quintuple && has_ports && dice.chance(40)).then(|| ports(dice));
    AclRule { action: action(dice), source, source_ports, destination, service }
}

/// Ports at the bounds of the network's rules, and just outside them.
pub fn interesting_ports(network: &Network) -> Vec<u16> {
    let mut ports = vec![0, 22, 25, 53, 80, 443, 1023, 1024, 3306, 5432, 6379, 9101, 27017, 65535];
    let mut note = |set: &IntervalSet<u16>| {
        for (first, last) in set.ranges() {
            ports.extend([first, last, first.saturating_sub(1), last.saturating_add(1)]);
        }
    };
    for acl in network.network_acls.values() {
        for rule in acl.ingress.iter().chain(&acl.egress) {
            note(&rule.service.ports);
            rule.source_ports.iter().for_each(&mut note);
        }
    }
    for group in network.security_groups.values() {
        for rule in group.ingress.iter().chain(&group.egress) {
            if let Served::Service(service) = &rule.service {
                note(&service.ports);
            }
        }
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Addresses at the bounds of a CIDR.
pub fn bounds(cidr: ipnet::IpNet) -> [IpAddr; 2] {
    [cidr.network(), cidr.broadcast()]
}
