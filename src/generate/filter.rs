//! Templates, the rules of security groups, network ACLs.
//!
//! Two things hold for every list, so that expectations are true by construction: [`METRICS`] is open among all private
//! addresses, and no rule opens [`TELNET`] to anybody. And every rule decides something, so that no lint finds it.

use std::collections::{HashMap, HashSet};

use ipnet::IpNet;

use super::Builder;
use super::demand::{Demand, demands, members};
use super::dice::{Dice, count};
use super::machine::group_id;
use crate::id::Id;
use crate::model::{
    AclRule, AddressTemplate, Meta, NetworkAcl, Peer, Protocols, SecurityGroup, SecurityGroupRule,
    Served, Service, ServiceTemplate,
};
use crate::space::{Action, AddressSet, IntervalSet, Protocol};

/// The port that every group and ACL opens among private addresses: where monitoring collects its metrics.
pub const METRICS: u16 = 9100;
/// The port that no group opens.
pub const TELNET: u16 = 23;
/// What single rules open, one or two of these.
const PORTS: [u16; 12] = [22, 53, 389, 514, 2379, 3389, 5672, 8080, 8443, 9092, 9200, 11211];
/// Where the machines behind load balancers and forwarded ports listen.
const WEB: [u16; 2] = [8080, 8443];
/// The same and where load balancers do.
const FRONT: [u16; 4] = [80, 443, 8080, 8443];
/// The private addresses: those of VPCs, of sites and of the classic network.
const INSIDE: &str = "ipm-inside";
/// Web, databases, and what machines with restricted egress may still call inside.
const TEMPLATES: [(&str, &[u16]); 3] = [
    ("ppm-web", &[80, 443]),
    ("ppm-data", &[3306, 5432, 6379, 27017]),
    ("ppm-base", &[METRICS, 3306, 5432, 6379, 27017]),
];

/// TCP on these ports.
pub fn tcp(ports: &[u16]) -> Service {
    Service {
        protocols: Protocols::One(Protocol::TCP),
        ports: IntervalSet::from_ranges(ports.iter().map(|port| (*port, *port))),
    }
}

fn other(protocol: Protocol, ports: IntervalSet<u16>) -> Service {
    let protocols = Protocols::One(protocol);
    Service { protocols, ports }
}

impl Builder {
    /// The templates that rules name.
    pub fn templates(&mut self) {
        let spare = self.grounds.iter().flat_map(|ground| &ground.secondary);
        let spare = spare.filter(|cidr| cidr.network().octets()[0] == 172).count();
        // Of what nobody has, no rule speaks.
        let inside = [
            ("10.0.0.0/8", true),
            ("172.16.0.0/12", spare > 0),
            ("192.168.0.0/16", self.sites > 0),
            ("100.64.0.0/10", true),
        ];
        let inside = inside.iter().filter(|(_, owned)| *owned);
        let inside = inside.filter_map(|(cidr, _)| cidr.parse::<IpNet>().ok());
        let template = AddressTemplate {
            meta: Meta::default(),
            addresses: inside.map(AddressSet::from).collect(),
        };
        self.network.address_templates.insert(Id::from(INSIDE), template);
        for (id, ports) in TEMPLATES {
            let template = ServiceTemplate {
                meta: Meta::default(),
                services: ports.iter().map(|port| tcp(&[*port])).collect(),
            };
            self.network.service_templates.insert(Id::from(id), template);
        }
    }

    /// The security groups, with rules that speak of the VPC in which they are first bound.
    pub fn groups(&mut self) {
        let mut dice = Dice::new(self.options.seed, 6);
        let mut homes: Vec<Option<usize>> = vec![None; self.options.groups as usize];
        let mut bound: Vec<Vec<u32>> = Vec::with_capacity(self.grounds.len());
        for (vpc, ground) in self.grounds.iter().enumerate() {
            let fleets = ground.plots.iter().flat_map(|plot| &plot.fleets);
            let mut here: Vec<u32> = fleets.flat_map(|fleet| fleet.groups.clone()).collect();
            here.sort_unstable();
            here.dedup();
            for group in &here {
                homes[*group as usize].get_or_insert(vpc);
            }
            bound.push(here);
        }
        let members = members(&self.network);
        let demands = demands(&self.network);
        for (number, home) in (0..).zip(homes) {
            let home = home.unwrap_or(number as usize % self.grounds.len());
            let mut rules = Rules {
                builder: self,
                home,
                bound: &bound[home],
                members: &members,
                demand: demands.get(&group_id(number)),
                dice: &mut dice,
            };
            let group = SecurityGroup {
                meta: Meta::default(),
                region: None,
                ingress: rules.ingress(),
                egress: rules.egress(),
            };
            self.network.security_groups.insert(group_id(number), group);
        }
        let groups = self.network.security_groups.values();
        let rules = groups.flat_map(|group| group.ingress.iter().chain(&group.egress));
        let named = rules.filter_map(|rule| match &rule.service {
            Served::Template(id) => Some(id.clone()),
            Served::Service(_) | Served::TemplateGroup(_) => None,
        });
        let named: HashSet<Id> = named.collect();
        self.network.service_templates.retain(|id, _| named.contains(id));
    }

    /// In three VPCs of five an ACL that guards a third of the subnets, never the first.
    pub fn acls(&mut self) {
        let mut dice = Dice::new(self.options.seed, 7);
        for vpc in 0..self.grounds.len() {
            let ground = &self.grounds[vpc];
            if ground.plots.len() < 2 || !dice.chance(60) {
                continue;
            }
            let id = Id::from(format!("acl-{vpc}"));
            let acl = NetworkAcl {
                meta: Meta::default(),
                vpc: ground.id.clone(),
                ingress: vec![
                    acl_rule(Action::Drop, None, tcp(&[TELNET])),
                    acl_rule(Action::Accept, Some(ground.cidr.into()), Service::all()),
                    acl_rule(Action::Accept, None, tcp(&[443])),
                    acl_rule(Action::Accept, None, high(Protocol::TCP)),
                    acl_rule(Action::Accept, None, high(Protocol::UDP)),
                ],
                egress: vec![acl_rule(Action::Accept, None, Service::all())],
            };
            self.network.network_acls.insert(id.clone(), acl);
            let guarded = ground.plots.iter().skip(1).map(|_| dice.chance(33));
            let mut guarded: Vec<bool> = guarded.collect();
            // It guards at least one, or nothing would use it.
            let none = !guarded.contains(&true);
            if let Some(last) = guarded.last_mut() {
                *last |= none;
            }
            for (plot, guarded) in ground.plots.iter().skip(1).zip(guarded) {
                if guarded && let Some(subnet) = self.network.subnets.get_mut(&plot.id) {
                    subnet.network_acl = Some(id.clone());
                }
            }
        }
    }
}

/// The ports that clients use.
fn high(protocol: Protocol) -> Service {
    other(protocol, IntervalSet::range(1024, 65535))
}

/// A rule of an ACL: of a source, or of everybody.
fn acl_rule(action: Action, source: Option<IpNet>, service: Service) -> AclRule {
    AclRule {
        action,
        source: source.map(AddressSet::from),
        source_ports: None,
        destination: None,
        service,
    }
}

fn rule(action: Action, peer: Peer, service: Service) -> SecurityGroupRule {
    let service = Served::Service(service);
    SecurityGroupRule { action, peer, service }
}

fn accept(peer: Peer, service: Service) -> SecurityGroupRule {
    rule(Action::Accept, peer, service)
}

fn accept_template(peer: Peer, template: &str) -> SecurityGroupRule {
    SecurityGroupRule {
        action: Action::Accept,
        peer,
        service: Served::Template(Id::from(template)),
    }
}

/// Whether some packets are of both services.
fn meets(one: &Service, other: &Service) -> bool {
    let protocols = one.protocols == other.protocols
        || [one, other].iter().any(|it| it.protocols == Protocols::All);
    protocols && !one.ports.intersection(&other.ports).is_empty()
}

fn everybody() -> Peer {
    Peer::Addresses(AddressSet::any_v4())
}

fn inside() -> Peer {
    Peer::AddressTemplate(Id::from(INSIDE))
}

/// The rules of one group while they are being drawn.
struct Rules<'b> {
    builder: &'b Builder,
    home: usize,
    /// The groups of the home.
    bound: &'b [u32],
    /// The addresses of every group's members.
    members: &'b HashMap<Id, AddressSet>,
    /// Who has to get to the web ports of its members.
    demand: Option<&'b Demand>,
    dice: &'b mut Dice,
}

impl Rules<'_> {
    fn ingress(&mut self) -> Vec<SecurityGroupRule> {
        let mut list = vec![accept(inside(), tcp(&[METRICS]))];
        let is_front = self.demand.is_some_and(|demand| demand.is_front);
        let web = if is_front { &FRONT } else { &WEB[..] };
        let doors = self.demand.into_iter().flat_map(|demand| &demand.clients);
        let blocks = doors.map(|clients| {
            let ground = clients.map(|vpc| &self.builder.grounds[vpc])?;
            Some(std::iter::once(&ground.cidr).chain(&ground.secondary))
        });
        let blocks: Option<Vec<_>> = blocks.collect();
        let peers = blocks.map_or_else(
            || vec![everybody()],
            |blocks| {
                let blocks = blocks.into_iter().flatten();
                blocks.map(|block| Peer::cidr(IpNet::V4(*block))).collect()
            },
        );
        for peer in peers {
            self.add(&mut list, accept(peer, tcp(web)));
        }
        let mut drawn = Vec::new();
        match self.dice.below(6) {
            0 => {
                drawn.push(accept_template(everybody(), "ppm-web"));
                drawn.push(accept(self.vpc(), tcp(&WEB)));
            }
            1 => {
                for _ in 0..self.dice.between(2, 4) {
                    drawn.push(accept(self.subnet(), tcp(&WEB)));
                }
            }
            2 => {
                for _ in 0..self.dice.between(1, 3) {
                    drawn.push(accept_template(self.group(), "ppm-data"));
                }
                drawn.push(accept_template(self.subnet(), "ppm-data"));
            }
            3 => {
                if self.builder.sites > 0 {
                    let office = IpNet::V4(super::wire::OFFICES);
                    drawn.push(accept(Peer::cidr(office), tcp(&[22, 3389])));
                }
                drawn.push(accept(self.bastion(), tcp(&[22, 3389])));
            }
            4 => {
                drawn.push(accept(self.group(), tcp(&[6379])));
                drawn.push(accept(self.subnet(), tcp(&[6379, 11211])));
            }
            _ => {
                let ports = IntervalSet::range(30000, 32767);
                drawn.push(accept(self.vpc(), other(Protocol::TCP, ports.clone())));
                drawn.push(accept(self.subnet(), other(Protocol::UDP, ports)));
            }
        }
        if self.dice.chance(60) {
            drawn.push(accept(self.vpc(), other(Protocol::ICMP, IntervalSet::full())));
        }
        for rule in drawn {
            self.add(&mut list, rule);
        }
        for _ in 0..self.dice.below(5) {
            self.any(&mut list);
        }
        if self.dice.chance(10) {
            // A subnet of a block that gets in is kept out.
            let drop = rule(Action::Drop, self.subnet(), tcp(&[22, 3389]));
            self.add(&mut list, accept(self.vpc(), tcp(&[22, 3389])));
            list.insert(0, drop);
            if !self.is_lasting(&list) || !self.is_met(&list) {
                list.remove(0);
            }
        }
        list
    }

    fn egress(&mut self) -> Vec<SecurityGroupRule> {
        if self.dice.chance(55) {
            return vec![accept(Peer::Any, Service::all())];
        }
        let mut list = vec![
            accept_template(inside(), "ppm-base"),
            accept(everybody(), tcp(&[443])),
            accept(everybody(), other(Protocol::UDP, IntervalSet::single(53))),
        ];
        for _ in 0..self.dice.between(1, 4) {
            self.any(&mut list);
        }
        list
    }

    /// A rule from a subnet, for ports that are not yet open to it.
    fn any(&mut self, list: &mut Vec<SecurityGroupRule>) {
        /// So many are drawn before there is none.
        const TRIES: usize = 5;
        for _ in 0..TRIES {
            let ports = self.ports();
            let drawn = accept(self.subnet(), ports);
            if self.add(list, drawn) {
                return;
            }
        }
    }

    /// Adds a rule, if it decides something and leaves something to decide to all others.
    fn add(&self, list: &mut Vec<SecurityGroupRule>, rule: SecurityGroupRule) -> bool {
        list.push(rule);
        let lasts = self.is_lasting(list);
        if !lasts {
            list.pop();
        }
        lasts
    }

    /// Whether every rule that accepts has addresses that no other rule opens or closes any of its ports for.
    fn is_lasting(&self, list: &[SecurityGroupRule]) -> bool {
        let rules: Vec<(AddressSet, Service)> = list.iter().map(|it| self.meaning(it)).collect();
        let mut accepting = (0..list.len()).filter(|at| list[*at].action == Action::Accept);
        accepting.all(|at| {
            let (addresses, service) = &rules[at];
            let others = rules.iter().enumerate().filter(|(other, _)| *other != at);
            let others = others.filter(|(_, (_, other))| meets(service, other));
            let others = others.map(|(_, (addresses, _))| addresses.clone());
            !addresses.is_subset(&AddressSet::union_all(others))
        })
    }

    /// Whether a rule below the first is for some of its packets.
    fn is_met(&self, list: &[SecurityGroupRule]) -> bool {
        let mut rules = list.iter().map(|rule| self.meaning(rule));
        let Some((addresses, service)) = rules.next() else {
            return false;
        };
        rules.any(|(others, other)| {
            meets(&service, &other) && !addresses.intersection(&others).is_empty()
        })
    }

    /// Who and what a rule is for.
    fn meaning(&self, rule: &SecurityGroupRule) -> (AddressSet, Service) {
        let network = &self.builder.network;
        let addresses = match &rule.peer {
            Peer::Addresses(addresses) => addresses.clone(),
            Peer::SecurityGroup(id) => {
                let members = self.members.get(id);
                members.map_or_else(AddressSet::empty, AddressSet::clone)
            }
            Peer::AddressTemplate(id) => {
                let template = network.address_templates.get(id);
                let addresses = template.into_iter().flat_map(|it| &it.addresses);
                AddressSet::union_all(addresses.cloned())
            }
            Peer::Any | Peer::ZeroPrefix(_) | Peer::AddressTemplateGroup(_) => AddressSet::any(),
        };
        let service = match &rule.service {
            Served::Service(service) => service.clone(),
            Served::Template(id) | Served::TemplateGroup(id) => {
                let template = TEMPLATES.iter().find(|(name, _)| *name == id.as_str());
                template.map_or_else(Service::all, |(_, ports)| tcp(ports))
            }
        };
        (addresses, service)
    }

    fn ports(&mut self) -> Service {
        let (one, two) = (self.dice.pick(PORTS), self.dice.pick(PORTS));
        if self.dice.chance(70) { tcp(&[one]) } else { tcp(&[one, two]) }
    }

    fn vpc(&self) -> Peer {
        let cidr = IpNet::V4(self.builder.grounds[self.home].cidr);
        Peer::cidr(cidr)
    }

    /// A subnet of the home, or in one case of ten of any VPC.
    fn subnet(&mut self) -> Peer {
        let grounds = &self.builder.grounds;
        let far = self.dice.chance(10);
        let any = self.dice.below(count(grounds.len())) as usize;
        let plots = &grounds[if far { any } else { self.home }].plots;
        let plot = &plots[self.dice.below(count(plots.len())) as usize];
        Peer::cidr(IpNet::V4(plot.cidr))
    }

    /// The first sixteen addresses of a subnet: a row of bastions.
    fn bastion(&mut self) -> Peer {
        let plots = &self.builder.grounds[self.home].plots;
        let plot = &plots[self.dice.below(count(plots.len())) as usize];
        let first = plot.cidr.network().to_bits();
        let last = (first + 15).into();
        Peer::Addresses(AddressSet::range(plot.cidr.network().into(), std::net::IpAddr::V4(last)))
    }

    /// Another group of the home, if it has one.
    fn group(&mut self) -> Peer {
        match self.dice.below(count(self.bound.len())) as usize {
            at if at < self.bound.len() => Peer::SecurityGroup(group_id(self.bound[at])),
            _ => self.vpc(),
        }
    }
}
