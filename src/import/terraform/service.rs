//! Databases and load balancers.

use crate::diagnostic::{Words, words};
use std::net::IpAddr;

use serde_json::Value;

use super::block::Order;
use super::filter::GROUP;
use super::ground::VPC;
use super::input::get;
use super::machine::{INSTANCE, INTERFACE};
use super::resolve::Attribute;
use super::{Import, Spots};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{
    ClassicDatabase, ClassicLoadBalancer, Database, Engine, Kind, Listener, LoadBalancer,
    LoadBalancerNetwork, Target,
};
use crate::space::IntervalSet;

/// Databases: type, engine, attribute of the port.
const DATABASES: [(&str, Engine, &str); 10] = [
    ("tencentcloud_mysql_instance", Engine::MySql, "intranet_port"),
    ("tencentcloud_mysql_readonly_instance", Engine::MySql, "intranet_port"),
    ("tencentcloud_redis_instance", Engine::Redis, "port"),
    ("tencentcloud_postgresql_instance", Engine::PostgreSql, "private_access_port"),
    ("tencentcloud_sqlserver_instance", Engine::SqlServer, "vport"),
    ("tencentcloud_mongodb_instance", Engine::MongoDb, "vport"),
    ("tencentcloud_mariadb_instance", Engine::MariaDb, "vport"),
    ("tencentcloud_dcdb_db_instance", Engine::TdSql, "vport"),
    ("tencentcloud_dcdb_hourdb_instance", Engine::TdSql, "vport"),
    ("tencentcloud_cynosdb_cluster", Engine::MySql, "port"),
];
/// Load balancers; one of the old kind may be named and is never in the file.
pub const BALANCER: &[&str] = &["tencentcloud_clb_instance", "tencentcloud_lb"];
pub const LISTENER: &[&str] = &["tencentcloud_clb_listener"];

impl Import<'_> {
    pub(super) fn databases(&mut self) {
        for (kind, engine, port) in DATABASES {
            for index in self.of_kind(kind) {
                let is_postgres =
                    self.input.text(index, "db_type").as_deref() == Some("POSTGRESQL");
                let engine = if is_postgres { Engine::PostgreSql } else { engine };
                let port = self.input.known(index, port).as_u64();
                let port = port.and_then(|port| u16::try_from(port).ok());
                let port = port.filter(|port| *port != 0);
                self.database(index, engine, port.unwrap_or(engine.default_port()));
            }
        }
    }

    fn database(&mut self, index: usize, engine: Engine, port: u16) {
        let id = self.id(index);
        if self.is_classic(index) {
            let spots = self.spots(index, Kind::ClassicDatabase);
            let Some(region) = self.region_of(index, &spots.missing) else {
                return;
            };
            let Some(ip) = self.addresses(index, &spots).first().copied() else {
                return;
            };
            let database = ClassicDatabase {
                meta: self.meta(index, &["instance_name", "name"]),
                region,
                ip,
                engine,
                port,
            };
            self.network().classic_databases.insert(id, database);
            self.place(index, Kind::ClassicDatabase);
            return;
        }
        let spots = self.spots(index, Kind::Database);
        let Some(subnet) = self.subnet_of(index, &spots) else {
            return;
        };
        let security_groups = self.groups(index, Kind::Database);
        let Some(ip) = self.addresses(index, &spots).first().copied() else {
            return;
        };
        let database = Database {
            meta: self.meta(index, &["instance_name", "name", "cluster_name"]),
            subnet,
            ip,
            engine,
            port,
            security_groups,
            old_vips: Vec::new(),
        };
        self.network().databases.insert(id, database);
        self.place(index, Kind::Database);
    }

    pub(super) fn load_balancers(&mut self) {
        for index in self.of_kind(BALANCER[0]) {
            if self.is_classic(index) {
                self.classic_load_balancer(index);
            } else {
                self.load_balancer(index);
            }
        }
        self.listeners();
        self.targets();
        self.target_groups();
        self.redirections();
        for index in self.of_kind("tencentcloud_clb_security_group_attachment") {
            self.balancer_groups(index);
        }
        for index in self.of_kind("tencentcloud_clb_snat_ip") {
            self.snat_addresses(index);
        }
    }

    /// What a load balancer with `snat_pro` sends from to targets beyond its VPC (CLB-14). They decide about nothing
    /// else, and because of `snat_pro` it is open already; without that it is not known what they do.
    fn snat_addresses(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::LoadBalancer));
        let Some(balancer) = self.must(index, "clb_id", BALANCER, &spots) else {
            return;
        };
        let id = self.id(balancer);
        if *self.input.known(balancer, "snat_pro") == Value::Bool(true) {
            self.joins(index, &id);
            return;
        }
        let why = Words::new(
            "SNAT addresses, and the load balancer is not known to have `snat_pro`",
            "有 SNAT 地址，而未知该负载均衡是否开启 `snat_pro`",
        );
        let spot = Spot::Entity(id);
        self.left_out(index, "ips", &spot, Self::unreadable(why));
    }

    fn load_balancer(&mut self, index: usize) {
        let spots = self.spots(index, Kind::LoadBalancer);
        let is_public = self.input.text(index, "network_type").as_deref() == Some("OPEN");
        let place =
            if is_public { self.own_vpc(index, &spots) } else { self.subnet_of(index, &spots) };
        let Some(place) = place else {
            return;
        };
        let security_groups = self.groups(index, Kind::LoadBalancer);
        let Some(vip) = self.addresses(index, &spots).first().copied() else {
            return;
        };
        let passes = self.input.known(index, "load_balancer_pass_to_target");
        let balancer = LoadBalancer {
            meta: self.meta(index, &["clb_name"]),
            network: if is_public {
                LoadBalancerNetwork::Public { vpc: place, vip }
            } else {
                LoadBalancerNetwork::Internal { subnet: place, vip, eip: None }
            },
            security_groups,
            pass_to_target: *passes == Value::Bool(true),
            listeners: Vec::new(),
        };
        let id = self.id(index);
        let is_pro = *self.input.known(index, "snat_pro") == Value::Bool(true);
        let beyond = self.input.text(index, "target_region_info_vpc_id");
        let beyond = beyond.filter(|vpc| *vpc != "0");
        if is_pro {
            let why = Words::new(
                "`snat_pro`: its targets may lie beyond its VPC, which is not modelled",
                "`snat_pro`：其后端可能在本私有网络之外，模型不支持",
            );
            self.open(index, &id, why);
        } else if let Some(vpc) = beyond {
            let own = self.input.one(index, "vpc_id", VPC);
            let is_own = matches!(own, Ok(Some(found)) if self.id(found.value).as_str() == vpc);
            if !is_own {
                let why = words!(
                    "its targets lie in {vpc}, in another region perhaps: not modelled",
                    "其后端在 {vpc} 中，可能在其他地域：模型不支持"
                );
                self.open(index, &id, why);
            }
        }
        self.balancer_ipv6(index, &id);
        self.network().load_balancers.insert(id, balancer);
        self.place(index, Kind::LoadBalancer);
    }

    fn classic_load_balancer(&mut self, index: usize) {
        let spots = self.spots(index, Kind::ClassicLoadBalancer);
        let Some(region) = self.region_of(index, &spots.missing) else {
            return;
        };
        let Some(vip) = self.addresses(index, &spots).first().copied() else {
            return;
        };
        let balancer = ClassicLoadBalancer {
            meta: self.meta(index, &["clb_name"]),
            region,
            vip,
            public: self.input.text(index, "network_type").as_deref() == Some("OPEN"),
            listeners: Vec::new(),
        };
        let id = self.id(index);
        self.network().classic_load_balancers.insert(id, balancer);
        self.place(index, Kind::ClassicLoadBalancer);
    }

    pub(super) fn listeners_of(&mut self, balancer: &Id) -> Option<&mut Vec<Listener>> {
        let network = self.network();
        if let Some(balancer) = network.load_balancers.get_mut(balancer) {
            return Some(&mut balancer.listeners);
        }
        let balancer = network.classic_load_balancers.get_mut(balancer)?;
        Some(&mut balancer.listeners)
    }

    /// The ports of a listener.
    pub(super) fn listener(&self, index: usize) -> Result<Listener, Words> {
        let protocol = self.input.text(index, "protocol").unwrap_or_default();
        let port = |name| self.input.known(index, name).as_u64();
        let first = port("port").and_then(|port| u16::try_from(port).ok());
        let first = first.ok_or_else(|| Words::new("its port is not known", "其端口未知"))?;
        let last = port("end_port").and_then(|port| u16::try_from(port).ok());
        let last = last.filter(|last| *last > first).unwrap_or(first);
        Ok(Listener {
            protocol: notation::listener_protocol(&protocol)?,
            ports: IntervalSet::range(first, last),
            targets: Vec::new(),
            redirects_to: None,
        })
    }

    fn listeners(&mut self) {
        for index in self.of_kind(LISTENER[0]) {
            let spots = Spots::part(Spot::Section(Kind::LoadBalancer));
            let Some(balancer) = self.must(index, "clb_id", BALANCER, &spots) else {
                continue;
            };
            let id = self.id(balancer);
            let kind = self.placed.get(&balancer).copied();
            match self.listener(index) {
                Ok(listener) => {
                    if let Some(listeners) = self.listeners_of(&id) {
                        listeners.push(listener);
                    }
                    self.belongs(index, &id);
                    self.place(index, kind.unwrap_or(Kind::LoadBalancer));
                }
                Err(why) => {
                    let spot = Spot::Entity(id);
                    self.left_out(index, "", &spot, Self::unreadable(why));
                }
            }
        }
        for index in self.of_kind("tencentcloud_clb_listener_rule") {
            let balancer = self.input.one(index, "clb_id", BALANCER);
            if let Ok(Some(found)) = balancer {
                self.belongs(index, &self.id(found.value));
            }
            self.imported(index);
        }
    }

    /// The targets of all attachments of a listener together.
    fn targets(&mut self) {
        for index in self.of_kind("tencentcloud_clb_attachment") {
            let spots = Spots::part(Spot::Section(Kind::LoadBalancer));
            let Some(listener) = self.must(index, "listener_id", LISTENER, &spots) else {
                continue;
            };
            let balancer = match self.input.one(listener, "clb_id", BALANCER) {
                Ok(Some(found)) => self.id(found.value),
                _ => continue,
            };
            let spot = Spot::Entity(balancer.clone());
            let lines = match self.input.lines(index, "targets", Order::Free) {
                Ok(lines) => lines,
                Err(why) => {
                    self.left_out(index, "targets", &spot, why);
                    continue;
                }
            };
            for (number, line) in lines.iter().enumerate() {
                let place = format!("targets[{number}]");
                let kinds = [INSTANCE, INTERFACE].concat();
                let spots = Spots::part(spot.clone());
                let resolved = self.input.one_of(index, line.attribute("instance_id"), &kinds);
                let found = match self.settle(index, &place, resolved, &spots) {
                    Ok(Some(found)) => Some(self.id(found)),
                    Ok(None) => {
                        self.target_by_address(index, line.attribute("eni_ip"), &place, &spot)
                    }
                    Err(()) => None,
                };
                let number = |name| get(line.values, name).as_u64();
                let port = number("port").and_then(|port| u16::try_from(port).ok());
                let weight = number("weight").and_then(|weight| u8::try_from(weight).ok());
                if let (Some(instance), Some(port)) = (found, port) {
                    let target = Target { instance, port, weight: weight.unwrap_or(10) };
                    self.add_target(&balancer, listener, target);
                }
            }
            self.joins(index, &balancer);
        }
    }

    fn target_by_address(
        &mut self,
        index: usize,
        address: Attribute<'_>,
        place: &str,
        spot: &Spot,
    ) -> Option<Id> {
        let Attribute::Known(value) = address else {
            let why = Self::unreadable(Words::new(
                "neither `instance_id` nor `eni_ip` is known",
                "`instance_id` 和 `eni_ip` 均未知",
            ));
            self.left_out(index, place, spot, why);
            return None;
        };
        let address: Option<IpAddr> = value.as_str().and_then(|it| it.parse().ok());
        let found = address.and_then(|address| self.owner_of(address));
        if found.is_none() {
            let why = Self::unreadable(words!(
                "nothing in the input has the address {value}",
                "输入中没有地址 {value}"
            ));
            self.left_out(index, place, spot, why);
        }
        found
    }

    /// The machine or interface with a private address, if there is exactly one.
    pub(super) fn owner_of(&mut self, address: IpAddr) -> Option<Id> {
        let network = self.network();
        let instances =
            network.instances.iter().filter(|(_, it)| it.ip == address).map(|(id, _)| id);
        let interfaces = network
            .network_interfaces
            .iter()
            .filter(|(_, it)| it.ip == address || it.secondary_ips.contains(&address))
            .map(|(id, _)| id);
        let mut owners = instances.chain(interfaces);
        let one = owners.next().cloned();
        one.filter(|_| owners.next().is_none())
    }

    pub(super) fn add_target(&mut self, balancer: &Id, listener: usize, target: Target) {
        let Ok(own) = self.listener(listener) else {
            return;
        };
        let listeners = self.listeners_of(balancer);
        let listener = listeners.and_then(|listeners| {
            listeners.iter_mut().find(|it| it.protocol == own.protocol && it.ports == own.ports)
        });
        if let Some(listener) = listener
            && !listener.targets.contains(&target)
        {
            listener.targets.push(target);
        }
    }

    fn balancer_groups(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::LoadBalancer));
        let many = self.input.many(index, "load_balancer_ids", BALANCER);
        let many = many.unwrap_or_default();
        let group = match self.input.one(index, "security_group", GROUP) {
            Err(why) => {
                let balancers = many.found.iter().map(|balancer| self.id(*balancer));
                let bears = Bears::On(balancers.collect());
                let part = (index, "security_group");
                self.leave_out(part, &spots.missing, why, bears);
                return;
            }
            found => self.settle(index, "security_group", found, &spots),
        };
        let Ok(Some(group)) = group else {
            return;
        };
        let group = self.id(group);
        for why in many.lost {
            self.left_out(index, "load_balancer_ids", &spots.missing, why);
        }
        for balancer in many.found {
            let id = self.id(balancer);
            self.belongs(index, &id);
            if let Some(balancer) = self.network().load_balancers.get_mut(&id)
                && !balancer.security_groups.contains(&group)
            {
                balancer.security_groups.push(group.clone());
            }
        }
        self.imported(index);
    }
}
