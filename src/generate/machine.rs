//! What lies in the subnets: instance groups, single instances, databases, load balancers.

use std::net::{IpAddr, Ipv4Addr};

use super::Builder;
use super::dice::Dice;
use super::ground::Plot;
use crate::id::Id;
use crate::model::{
    Database, Engine, Instance, InstanceGroup, Listener, ListenerProtocol, LoadBalancer,
    LoadBalancerNetwork, Meta, State, Target,
};
use crate::space::IntervalSet;

/// How many machines of a subnet are remembered as targets.
const TARGETS: usize = 4;
/// How many databases and how many load balancers a VPC has at most.
const SERVICES: usize = 10;

/// A machine that others refer to.
#[derive(Clone, Debug)]
pub struct Face {
    /// Its id: `ins-0-3`, `asg-0-3[10.0.0.5]`.
    pub id: Id,
    /// Its address.
    pub ip: Ipv4Addr,
    /// The number of its subnet in the VPC.
    pub plot: usize,
}

/// The id of a group of the cloud's by its number.
pub fn group_id(number: u32) -> Id {
    Id::from(format!("sg-{number}"))
}

fn group_ids(numbers: &[u32]) -> Vec<Id> {
    numbers.iter().map(|number| group_id(*number)).collect()
}

impl Builder {
    /// Gives every fleet its addresses, as an instance group or one by one.
    pub fn machines(&mut self) {
        let mut dice = Dice::new(self.options.seed, 3);
        for vpc in 0..self.grounds.len() {
            let (mut fleet, mut single) = (0u32, 0u32);
            for plot in 0..self.grounds[vpc].plots.len() {
                let mut seen = 0;
                for at in 0..self.grounds[vpc].plots[plot].fleets.len() {
                    let here = &mut self.grounds[vpc].plots[plot];
                    let (size, subnet) = (here.fleets[at].size, here.id.clone());
                    let security_groups = group_ids(&here.fleets[at].groups);
                    let (first, last) = here.take(size);
                    let machines = Machines { subnet, first, last, security_groups };
                    let faces = TARGETS - seen;
                    let is_first = vpc == 0 && fleet == 0 && self.options.singles > 0;
                    let found = if dice.chance(self.options.singles) || is_first {
                        self.singles((vpc, plot), &machines, &mut single, &mut dice)
                    } else {
                        self.group(&format!("asg-{vpc}-{fleet}"), plot, machines)
                    };
                    let found = found.into_iter().take(faces);
                    let before = self.faces[vpc].len();
                    self.faces[vpc].extend(found);
                    seen += self.faces[vpc].len() - before;
                    fleet += 1;
                }
            }
        }
    }

    fn group(&mut self, name: &str, plot: usize, machines: Machines) -> Vec<Face> {
        let (first, last) = (machines.first, machines.last);
        let group = InstanceGroup {
            meta: Meta::default(),
            subnet: machines.subnet,
            ips: (first.into(), last.into()),
            security_groups: machines.security_groups,
        };
        self.network.instance_groups.insert(Id::from(name), group);
        let faces = (first.to_bits()..=last.to_bits()).take(TARGETS).map(|ip| {
            let ip = Ipv4Addr::from_bits(ip);
            let id = Id::from(format!("{name}[{ip}]"));
            Face { id, ip, plot }
        });
        faces.collect()
    }

    fn singles(
        &mut self,
        (vpc, plot): (usize, usize),
        machines: &Machines,
        number: &mut u32,
        dice: &mut Dice,
    ) -> Vec<Face> {
        let mut faces = Vec::new();
        for ip in machines.first.to_bits()..=machines.last.to_bits() {
            let ip = Ipv4Addr::from_bits(ip);
            let id = Id::from(format!("ins-{vpc}-{number}"));
            *number += 1;
            let eip = dice.chance(5).then(|| self.public());
            let instance = Instance {
                meta: Meta::default(),
                subnet: machines.subnet.clone(),
                ip: ip.into(),
                secondary_ips: Vec::new(),
                ipv6: None,
                eip,
                security_groups: machines.security_groups.clone(),
                state: State::Running,
                public_gateway: false,
                masquerades: false,
            };
            self.network.instances.insert(id.clone(), instance);
            if eip.is_none() && faces.len() < TARGETS {
                faces.push(Face { id, ip, plot });
            }
        }
        faces
    }

    /// A public address that nobody has yet.
    pub fn public(&mut self) -> IpAddr {
        self.publics += 1;
        IpAddr::V4(Ipv4Addr::from_bits(self.publics))
    }

    /// A database in every other subnet, most of them guarded by the groups of a fleet beside it.
    pub fn databases(&mut self) {
        let mut dice = Dice::new(self.options.seed, 4);
        for vpc in 0..self.grounds.len() {
            let plots = self.grounds[vpc].plots.iter_mut().step_by(2).take(SERVICES);
            for (number, plot) in plots.enumerate() {
                let engine = dice.pick([
                    Engine::MySql,
                    Engine::MySql,
                    Engine::Redis,
                    Engine::PostgreSql,
                    Engine::MongoDb,
                ]);
                let is_guarded = dice.chance(60);
                let Some(ip) = plot.keep() else { continue };
                let database = Database {
                    meta: Meta::default(),
                    subnet: plot.id.clone(),
                    ip: ip.into(),
                    engine,
                    port: engine.default_port(),
                    security_groups: guards(plot, is_guarded),
                    old_vips: Vec::new(),
                };
                let id = Id::from(format!("cdb-{vpc}-{number}"));
                if !is_guarded && number == 0 {
                    self.facts.databases.push((vpc, id.clone(), database.port));
                }
                self.network.databases.insert(id, database);
            }
        }
    }

    /// A load balancer in every third subnet, a third of them public.
    pub fn balancers(&mut self) {
        let mut dice = Dice::new(self.options.seed, 5);
        for vpc in 0..self.grounds.len() {
            let plots = (0..self.grounds[vpc].plots.len()).step_by(3).take(SERVICES);
            for (number, plot) in plots.enumerate() {
                let (is_public, passes) = (dice.chance(33), dice.chance(50));
                let is_guarded = !is_public && dice.chance(50);
                let targets = self.faces[vpc].iter().filter(|face| face.plot == plot);
                let targets: Vec<Id> = targets.map(|face| face.id.clone()).collect();
                if targets.is_empty() {
                    continue;
                }
                let network = if is_public {
                    let vpc = self.grounds[vpc].id.clone();
                    let vip = self.public();
                    LoadBalancerNetwork::Public { vpc, vip }
                } else {
                    let here = &mut self.grounds[vpc].plots[plot];
                    let Some(vip) = here.keep() else { continue };
                    let (subnet, vip) = (here.id.clone(), vip.into());
                    LoadBalancerNetwork::Internal { subnet, vip, eip: None }
                };
                let balancer = LoadBalancer {
                    meta: Meta::default(),
                    network,
                    security_groups: guards(&self.grounds[vpc].plots[plot], is_guarded),
                    pass_to_target: passes,
                    listeners: vec![
                        listener(ListenerProtocol::Https, 443, 8443, &targets),
                        listener(ListenerProtocol::Tcp, 80, 8080, &targets),
                    ],
                };
                let id = Id::from(format!("lb-{vpc}-{number}"));
                if is_public && passes && plot == 0 {
                    self.facts.doors.push(id.clone());
                }
                self.network.load_balancers.insert(id, balancer);
            }
        }
    }
}

/// A row of addresses for equal machines.
struct Machines {
    subnet: Id,
    first: Ipv4Addr,
    last: Ipv4Addr,
    security_groups: Vec<Id>,
}

/// The groups of the first fleet of a subnet, for a service beside it.
fn guards(plot: &Plot, is_guarded: bool) -> Vec<Id> {
    let fleet = plot.fleets.first().filter(|_| is_guarded);
    fleet.map_or_else(Vec::new, |fleet| group_ids(&fleet.groups))
}

fn listener(protocol: ListenerProtocol, port: u16, inside: u16, targets: &[Id]) -> Listener {
    let targets =
        targets.iter().map(|id| Target { instance: id.clone(), port: inside, weight: 10 });
    Listener {
        protocol,
        ports: IntervalSet::single(port),
        targets: targets.collect(),
        redirects_to: None,
    }
}
