//! VPCs and subnets, and who lives there; the classic network; sites.

use std::net::IpAddr;

use ipnet::IpNet;
use pathproof::id::Id;
use pathproof::model::{
    CcnPublication, Change, ClassicLoadBalancer, EndpointConnection, Engine, InstanceGroup,
    Listener, ListenerProtocol, Meta, Network, NetworkInterface, State, Target, apply,
};
use pathproof::space::IntervalSet;

use super::Draft;
use super::dice::Dice;
use crate::sketch::{self, id, ip, net};

const ENGINES: [Engine; 5] =
    [Engine::MySql, Engine::Redis, Engine::PostgreSql, Engine::Memcached, Engine::MongoDb];
/// Groups whose rules are drawn later; `sg-open` accepts everything.
pub const GROUPS: [&str; 4] = ["sg-a", "sg-b", "sg-c", "sg-d"];

/// The `n`-th address of a subnet.
pub fn host(network: &Network, subnet: &str, n: u32) -> IpAddr {
    match network.subnets[subnet].cidr.network() {
        IpAddr::V4(first) => IpAddr::V4((first.to_bits() + n).into()),
        IpAddr::V6(first) => IpAddr::V6((first.to_bits() + u128::from(n)).into()),
    }
}

/// A public address that nothing has yet.
pub fn public(network: &Network) -> IpAddr {
    let used = |n: &u32| {
        let address = IpAddr::V4((0x2b80_0100 + n).into());
        network.owned_addresses().iter().any(|owned| owned.has(address))
    };
    let n = (1..250).find(|n| !used(n)).unwrap_or(250);
    IpAddr::V4((0x2b80_0100 + n).into())
}

fn groups(dice: &mut Dice) -> Vec<Id> {
    if dice.chance(60) {
        return vec![id("sg-open")];
    }
    let count = 1 + dice.below(3);
    let mut groups: Vec<Id> = Vec::new();
    for _ in 0..count {
        let group = id(if dice.chance(20) { "sg-open" } else { dice.pick(&GROUPS) });
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    if dice.chance(3) {
        groups.clear(); // SG-17
    }
    groups
}

impl Draft {
    pub(super) fn land(&mut self) {
        for group in GROUPS {
            sketch::security_group(&mut self.network, group, Vec::new(), Vec::new());
        }
        sketch::open_group(&mut self.network);
        for _ in 0..2 + self.dice.below(3) {
            self.vpc();
        }
        self.sites();
        for _ in 0..5 + self.dice.below(5) {
            self.machine();
        }
        for _ in 0..self.dice.below(4) {
            self.service();
        }
        if self.dice.chance(65) {
            self.classic();
        }
        if self.dice.chance(10) {
            self.network.platform.outbound_smtp_blocked = false;
        }
        if self.dice.chance(15) {
            self.network.platform.endpoint_connection_transit = true;
        }
    }

    fn vpc(&mut self) {
        let name = self.name("vpc");
        let primary = [
            "10.0.0.0/16",
            "10.1.0.0/16",
            "10.2.0.0/16",
            "10.32.0.0/12",
            "172.16.0.0/16",
            "192.168.0.0/20",
        ];
        let secondary = ["172.20.0.0/16", "10.3.0.0/16", "10.200.0.0/16"];
        let cidr = self.dice.pick(&primary);
        let ipv6 = self.dice.chance(30).then(|| format!("2402:4e00:{:x}::/56", self.count));
        self.attempt(|network, dice| {
            let vpc = sketch::vpc(network, &name, cidr);
            if dice.chance(20) {
                vpc.region = "ap-beijing".into();
            }
            if dice.chance(25) {
                vpc.publish_to_ccn = CcnPublication::Cidrs;
            }
            vpc.ipv6_cidr = ipv6.as_deref().map(net);
        });
        if self.dice.chance(45) {
            let extra = self.dice.pick(&secondary);
            self.attempt(|network, _| network.vpcs[name.as_str()].secondary_cidrs.push(net(extra)));
        }
        let vpc = self.network.vpcs[name.as_str()].clone();
        // Subnets of VPCs that overlap may be apart (CCN-5).
        let shift = self.dice.pick(&[0, 0, 4]);
        for n in 0..=self.dice.below(3) {
            let cidr =
                vpc.secondary_cidrs.first().filter(|_| n == 1).map_or(vpc.cidr, |cidr| *cidr);
            let IpAddr::V4(first) = cidr.network() else {
                continue;
            };
            let third = u32::try_from(n + shift).unwrap_or(0) << 8;
            let subnet = self.name("subnet");
            let length = self.dice.pick(&[24, 24, 24, 26, 28]);
            let cidr = format!("{}/{length}", std::net::Ipv4Addr::from(first.to_bits() + third));
            self.attempt(|network, _| {
                sketch::subnet(network, &subnet, &name, &cidr);
            });
            if let Some(ipv6) = vpc.ipv6_cidr.and_then(|cidr| sixty_four(cidr, n))
                && self.dice.chance(80)
            {
                self.attempt(|network, _| network.subnets[subnet.as_str()].ipv6_cidr = Some(ipv6));
            }
        }
    }

    fn sites(&mut self) {
        let cidrs = ["172.30.0.0/16", "192.168.128.0/17", "10.250.0.0/16", "203.0.113.0/24"];
        for name in ["idc-a", "idc-b"].iter().take(1 + self.dice.below(2)) {
            let cidr = self.dice.pick(&cidrs);
            self.attempt(|network, _| sketch::site(network, name, cidr));
        }
    }

    fn some_subnet(&mut self) -> String {
        let subnets: Vec<_> = self.network.subnets.keys().cloned().collect();
        self.dice.any(&subnets).map(ToString::to_string).unwrap_or_default()
    }

    fn machine(&mut self) {
        let subnet = self.some_subnet();
        let at = u32::try_from(2 + self.dice.below(11)).unwrap_or(2);
        let address = host(&self.network, &subnet, at).to_string();
        let (name, further) = (self.name("ins"), self.name("eni"));
        let eip = public(&self.network);
        let made = self.attempt(|network, dice| {
            let groups = groups(dice);
            let ipv6 = network.subnets[subnet.as_str()].ipv6_cidr.map(|cidr| cidr.network());
            let instance = sketch::instance(network, &name, &subnet, &address);
            instance.security_groups = groups;
            instance.eip = dice.chance(25).then_some(eip);
            if dice.chance(6) {
                instance.state = dice.pick(&[State::Stopped, State::Isolated]);
            }
            instance.public_gateway = dice.chance(15);
            instance.masquerades = dice.chance(25);
            if let Some(IpAddr::V6(first)) = ipv6
                && dice.chance(70)
            {
                instance.ipv6 = Some(IpAddr::V6((first.to_bits() + 0x10 + u128::from(at)).into()));
            }
        });
        if !made {
            return;
        }
        if self.dice.chance(20) {
            let second = host(&self.network, &subnet, at + 1);
            self.attempt(|network, _| network.instances[name.as_str()].secondary_ips.push(second));
        }
        if self.dice.chance(15) {
            let other = self.some_subnet();
            let address = host(&self.network, &other, 13);
            let eip = public(&self.network);
            self.attempt(|network, dice| {
                let interface = NetworkInterface {
                    meta: Meta::default(),
                    instance: id(&name),
                    subnet: id(&other),
                    ip: address,
                    secondary_ips: Vec::new(),
                    eip: dice.chance(30).then_some(eip),
                    security_groups: groups(dice),
                };
                network.network_interfaces.insert(id(&further), interface);
            });
        }
        if self.dice.chance(15) {
            self.havip(&name, &subnet);
        }
        if self.dice.chance(10) {
            self.group();
        }
    }

    fn havip(&mut self, machine: &str, subnet: &str) {
        let name = self.name("havip");
        let address = host(&self.network, subnet, 14).to_string();
        let eip = public(&self.network);
        self.attempt(|network, dice| {
            let bound = dice.chance(75).then_some(machine);
            let havip = sketch::havip(network, &name, subnet, &address, bound);
            havip.eip = dice.chance(25).then_some(eip);
            havip.masquerades = dice.chance(25);
        });
    }

    fn group(&mut self) {
        let (name, subnet) = (self.name("asg"), self.some_subnet());
        let (first, last) = (host(&self.network, &subnet, 40), host(&self.network, &subnet, 44));
        self.attempt(|network, dice| {
            let security_groups = groups(dice);
            let group = InstanceGroup {
                meta: Meta::default(),
                subnet: id(&subnet),
                ips: (first, last),
                security_groups,
            };
            network.instance_groups.insert(id(&name), group);
        });
    }

    fn service(&mut self) {
        let (name, subnet) = (self.name("cdb"), self.some_subnet());
        let address = host(&self.network, &subnet, 12).to_string();
        self.attempt(|network, dice| {
            let engine = dice.pick(&ENGINES);
            let bound = dice.chance(60);
            let groups = groups(dice);
            let database = sketch::database(network, &name, &subnet, &address, engine);
            if bound {
                database.security_groups = groups;
            }
            if dice.chance(10) {
                database.port = 65535;
            }
        });
    }

    fn classic(&mut self) {
        let mut instances = Vec::new();
        for n in 0..2 + self.dice.below(3) {
            let (name, address) = (self.name("ins-classic"), format!("10.60.0.{}", 10 + n));
            let public = public(&self.network);
            self.attempt(|network, dice| {
                let classic = sketch::classic_instance(network, &name, &address);
                elsewhere(dice, &mut classic.region, &mut classic.meta);
                classic.public_ip = dice.chance(30).then_some(public);
                classic.security_groups = groups(dice);
                if dice.chance(10) {
                    classic.state = State::Isolated;
                }
            });
            instances.push(name);
        }
        for n in 0..self.dice.below(3) {
            let (name, address) = (self.name("cdb-classic"), format!("10.66.0.{}", 10 + n));
            self.attempt(|network, dice| {
                let engine = dice.pick(&ENGINES);
                let database = sketch::classic_database(network, &name, &address, engine);
                elsewhere(dice, &mut database.region, &mut database.meta);
            });
        }
        for n in 0..self.dice.below(2) {
            self.classic_balancer(n, &instances);
        }
        self.links(&instances);
        self.connections();
    }

    /// MIG-6: databases that have just moved, out of the classic network or from one subnet to another.
    pub(super) fn moves(&mut self) {
        if self.network.subnets.is_empty() {
            return;
        }
        let classic = self.network.classic_databases.keys();
        let databases: Vec<_> = classic.chain(self.network.databases.keys()).cloned().collect();
        for database in databases {
            let subnet = self.some_subnet();
            let vpc = self.network.subnets[subnet.as_str()].vpc.clone();
            if !self.dice.chance(40) {
                continue;
            }
            let change = Change::ModifyDBInstanceVipVport {
                database,
                vpc,
                subnet: id(&subnet),
                ip: None,
                keep_old_hours: None,
                security_groups: None,
            };
            if let Ok(after) = apply(&self.network, &change) {
                self.network = after;
            }
        }
    }

    fn classic_balancer(&mut self, n: usize, instances: &[String]) {
        let name = self.name("lb-classic");
        let public_vip = public(&self.network);
        self.attempt(|network, dice| {
            let public = dice.chance(35);
            let vip = if public { public_vip } else { ip(&format!("10.66.1.{}", 10 + n)) };
            let mut targets = Vec::new();
            for target in instances {
                if dice.chance(60) {
                    targets.push(Target {
                        instance: id(target),
                        port: dice.pick(&[80, 8080]),
                        weight: dice.pick(&[0, 10, 10]),
                    });
                }
            }
            let ports = IntervalSet::single(80);
            let listeners = vec![Listener {
                protocol: ListenerProtocol::Tcp,
                ports,
                targets,
                redirects_to: None,
            }];
            let region = "ap-guangzhou".into();
            let balancer =
                ClassicLoadBalancer { meta: Meta::default(), region, vip, public, listeners };
            network.classic_load_balancers.insert(id(&name), balancer);
        });
    }

    fn links(&mut self, instances: &[String]) {
        let vpcs: Vec<_> = self.network.vpcs.keys().map(ToString::to_string).collect();
        for name in instances {
            for _ in 0..3 {
                let Some(vpc) = self.dice.any(&vpcs).cloned() else {
                    return;
                };
                if self.dice.chance(60)
                    && self.attempt(|network, _| sketch::link(network, &vpc, name))
                {
                    break;
                }
            }
        }
        for (n, name) in instances.iter().enumerate() {
            // CL-18: the link keeps the old address; another link may follow it.
            if self.dice.chance(12) {
                let moved = ip(&format!("10.60.9.{}", 10 + n));
                self.attempt(|network, _| network.classic_instances[name.as_str()].ip = moved);
                if let Some(vpc) = self.dice.any(&vpcs).cloned() {
                    self.attempt(|network, dice| {
                        if dice.chance(30) {
                            sketch::link(network, &vpc, name);
                        }
                    });
                }
            }
        }
    }

    fn connections(&mut self) {
        let databases = self.network.classic_databases.keys();
        let balancers = self.network.classic_load_balancers.keys();
        let targets: Vec<_> = databases.chain(balancers).cloned().collect();
        for target in targets {
            let (name, subnet) = (self.name("epc"), self.some_subnet());
            let vip = host(&self.network, &subnet, 11);
            let vpc = self.network.subnets[subnet.as_str()].vpc.clone();
            self.attempt(|network, dice| {
                if dice.chance(70) {
                    let connection = EndpointConnection { meta: Meta::default(), vpc, vip, target };
                    network.endpoint_connections.insert(id(&name), connection);
                }
            });
        }
    }
}

/// Another region or another account, now and then.
fn elsewhere(dice: &mut Dice, region: &mut String, meta: &mut Meta) {
    if dice.chance(15) {
        *region = "ap-beijing".into();
    }
    if dice.chance(15) {
        meta.account = Some(id("bob"));
    }
}

/// The `n`-th /64 of an IPv6 CIDR of a VPC.
fn sixty_four(cidr: IpNet, n: usize) -> Option<IpNet> {
    let IpAddr::V6(first) = cidr.network() else {
        return None;
    };
    let nth = first.to_bits() + (u128::try_from(n).ok()? << 64);
    IpNet::new(IpAddr::V6(nth.into()), 64).ok()
}
