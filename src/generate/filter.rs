//! Templates, the rules of security groups, network ACLs.
//!
//! Two things hold for every list, so that expectations are true by construction: [`METRICS`] is open among all private
//! addresses, and no rule opens [`TELNET`] to anybody.

use ipnet::IpNet;

use super::Builder;
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
const PORTS: [u16; 12] = [
    22, 53, 389, 514, 2379, 3389, 5672, 8080, 8443, 9092, 9200, 11211,
];
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
        let inside = [
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
        ];
        let inside = inside.iter().filter_map(|cidr| cidr.parse::<IpNet>().ok());
        let template = AddressTemplate {
            meta: Meta::default(),
            addresses: inside.map(AddressSet::from).collect(),
        };
        self.network
            .address_templates
            .insert(Id::from(INSIDE), template);
        for (id, ports) in TEMPLATES {
            let template = ServiceTemplate {
                meta: Meta::default(),
                services: ports.iter().map(|port| tcp(&[*port])).collect(),
            };
            self.network
                .service_templates
                .insert(Id::from(id), template);
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
        for (number, home) in (0..).zip(homes) {
            let home = home.unwrap_or(number as usize % self.grounds.len());
            let mut rules = Rules {
                builder: self,
                home,
                bound: &bound[home],
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
                    acl_rule(Action::Accept, None, tcp(&[METRICS])),
                    acl_rule(Action::Accept, None, high(Protocol::TCP)),
                    acl_rule(Action::Accept, None, high(Protocol::UDP)),
                ],
                egress: vec![acl_rule(Action::Accept, None, Service::all())],
            };
            self.network.network_acls.insert(id.clone(), acl);
            for plot in ground.plots.iter().skip(1) {
                if dice.chance(33)
                    && let Some(subnet) = self.network.subnets.get_mut(&plot.id)
                {
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
    SecurityGroupRule {
        action,
        peer,
        service,
    }
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
    dice: &'b mut Dice,
}

impl Rules<'_> {
    fn ingress(&mut self) -> Vec<SecurityGroupRule> {
        let mut rules = Vec::new();
        if self.dice.chance(10) {
            rules.push(rule(Action::Drop, self.subnet(), tcp(&[22, 3389])));
        }
        rules.push(accept(inside(), tcp(&[METRICS])));
        match self.dice.below(6) {
            0 => {
                rules.push(accept_template(everybody(), "ppm-web"));
                rules.push(accept(self.vpc(), tcp(&[8080, 8443])));
            }
            1 => {
                for _ in 0..self.dice.between(2, 4) {
                    rules.push(accept(self.subnet(), tcp(&[8080, 8443])));
                }
            }
            2 => {
                for _ in 0..self.dice.between(1, 3) {
                    rules.push(accept_template(self.group(), "ppm-data"));
                }
                rules.push(accept_template(self.subnet(), "ppm-data"));
            }
            3 => {
                let office = IpNet::V4(super::wire::OFFICES);
                rules.push(accept(Peer::cidr(office), tcp(&[22, 3389])));
                rules.push(accept(self.bastion(), tcp(&[22, 3389])));
            }
            4 => {
                rules.push(accept(self.group(), tcp(&[6379])));
                rules.push(accept(self.subnet(), tcp(&[6379, 11211])));
            }
            _ => {
                let ports = IntervalSet::range(30000, 32767);
                rules.push(accept(self.vpc(), other(Protocol::TCP, ports.clone())));
                rules.push(accept(self.subnet(), other(Protocol::UDP, ports)));
            }
        }
        if self.dice.chance(60) {
            rules.push(accept(
                self.vpc(),
                other(Protocol::ICMP, IntervalSet::full()),
            ));
        }
        for _ in 0..self.dice.below(5) {
            let ports = self.ports();
            rules.push(accept(self.subnet(), ports));
        }
        rules
    }

    fn egress(&mut self) -> Vec<SecurityGroupRule> {
        if self.dice.chance(55) {
            return vec![accept(Peer::Any, Service::all())];
        }
        let mut rules = vec![
            accept_template(inside(), "ppm-base"),
            accept(everybody(), tcp(&[443])),
            accept(everybody(), other(Protocol::UDP, IntervalSet::single(53))),
        ];
        for _ in 0..self.dice.between(1, 4) {
            let ports = self.ports();
            rules.push(accept(self.subnet(), ports));
        }
        rules
    }

    fn ports(&mut self) -> Service {
        let (one, two) = (self.dice.pick(PORTS), self.dice.pick(PORTS));
        if self.dice.chance(70) {
            tcp(&[one])
        } else {
            tcp(&[one, two])
        }
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
        Peer::Addresses(AddressSet::range(
            plot.cidr.network().into(),
            std::net::IpAddr::V4(last),
        ))
    }

    /// Another group of the home, if it has one.
    fn group(&mut self) -> Peer {
        match self.dice.below(count(self.bound.len())) as usize {
            at if at < self.bound.len() => Peer::SecurityGroup(group_id(self.bound[at])),
            _ => self.vpc(),
        }
    }
}
