//! VPCs, subnets, route tables without their routes, and network ACLs.

use crate::diagnostic::{Words, words};
use ipnet::IpNet;
use serde_json::Value;

use super::input::list;
use super::resolve::{Attribute, Unresolved};
use super::{Import, Spots};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{AclRule, CcnPublication, Kind, NetworkAcl, RouteTable, Service, Subnet, Vpc};
use crate::space::AddressSet;

/// The type of a VPC.
pub const VPC: &[&str] = &["tencentcloud_vpc"];
/// The type of a subnet.
pub const SUBNET: &[&str] = &["tencentcloud_subnet"];
/// What a `route_table_id` may lead to: a VPC there means its default table.
const TABLE: &[&str] = &["tencentcloud_route_table", "tencentcloud_vpc"];

impl Import<'_> {
    pub(super) fn vpcs(&mut self) {
        for index in self.of_kind(VPC[0]) {
            let id = self.id(index);
            let spot = Spot::Section(Kind::Vpc);
            let region = self.region_of_vpc(index);
            let Some(region) = region.or_else(|| self.said_region(index, &id)) else {
                let why = no_region();
                self.left_out(index, "region", &spot, why);
                continue;
            };
            let cidr = self.input.text(index, "cidr_block").unwrap_or_default();
            let cidr = match notation::cidr(&cidr) {
                Ok(cidr) => cidr,
                Err(why) => {
                    self.left_out(index, "cidr_block", &spot, Self::unreadable(why));
                    continue;
                }
            };
            let secondary_cidrs = self.cidrs(index, "assistant_cidrs", &Spot::Entity(id.clone()));
            let publishes = self.input.known(index, "enable_route_vpc_publish");
            let vpc = Vpc {
                meta: self.plain_meta(index),
                region,
                cidr,
                secondary_cidrs,
                ipv6_cidr: None,
                default_route_table: None,
                publish_to_ccn: if *publishes == Value::Bool(true) {
                    CcnPublication::Cidrs
                } else {
                    CcnPublication::Subnets
                },
            };
            self.network().vpcs.insert(id, vpc);
            self.place(index, Kind::Vpc);
            self.container_ranges(index);
        }
    }

    /// A list of CIDRs that is written in the resource itself.
    pub(super) fn cidrs(&mut self, resource: usize, name: &str, spot: &Spot) -> Vec<IpNet> {
        let values = match self.input.attribute(resource, name) {
            Attribute::Known(values) => list(values),
            Attribute::Unset => &[],
            Attribute::Unknown(_) | Attribute::Lost => {
                self.left_out(resource, name, spot, swallowed());
                &[]
            }
        };
        let mut cidrs = Vec::new();
        for value in values {
            match notation::cidr(value.as_str().unwrap_or_default()) {
                Ok(cidr) => cidrs.push(cidr),
                Err(why) => self.left_out(resource, name, spot, Self::unreadable(why)),
            }
        }
        cidrs
    }

    fn region_of_vpc(&self, vpc: usize) -> Option<String> {
        if let Some(region) = self.input.region(vpc) {
            return Some(region);
        }
        let mut subnets = self.input.of_kind(SUBNET[0]);
        let of_subnet = subnets.find_map(|subnet| {
            let of = self.input.one(subnet, "vpc_id", VPC).ok()??;
            (of.value == vpc).then(|| self.input.region(subnet))?
        });
        of_subnet.or_else(|| self.options.region.clone())
    }

    /// The one region that anything in the input speaks of.
    fn said_region(&mut self, vpc: usize, id: &Id) -> Option<String> {
        let mut regions = std::collections::BTreeSet::new();
        for index in 0..self.input.resources.len() {
            let text = |name| self.input.text(index, name);
            let zones = [text("availability_zone"), text("zone"), text("master_zone_id")];
            let zones = zones.into_iter().flatten();
            regions.extend(
                zones.filter_map(|zone| notation::region_of_zone(&zone).map(str::to_owned)),
            );
            regions.extend(["region", "instance_region"].into_iter().filter_map(text));
        }
        let (Some(region), true) = (regions.pop_first(), regions.is_empty()) else {
            return None;
        };
        let because = words!(
            "the input does not say it; {region} is the only one that it speaks of",
            "输入中没有说明；其中只提到 {region}"
        );
        self.assumed(vpc, "region", &Spot::Entity(id.clone()), Some(because));
        Some(region)
    }

    pub(super) fn route_tables(&mut self) {
        for index in self.of_kind(TABLE[0]) {
            let id = self.id(index);
            let spots = Spots::entity(Kind::RouteTable, &id);
            let Some(vpc) = self.must(index, "vpc_id", VPC, &spots) else {
                continue;
            };
            let table =
                RouteTable { meta: self.plain_meta(index), vpc: self.id(vpc), routes: Vec::new() };
            self.network().route_tables.insert(id, table);
            self.place(index, Kind::RouteTable);
        }
    }

    /// The table that an attribute means; a VPC's default table comes into being when something refers to it.
    pub(super) fn table(
        &mut self,
        resource: usize,
        attribute: &str,
        spots: &Spots,
    ) -> Result<Option<Id>, ()> {
        let Some(found) = self.may(resource, attribute, TABLE, spots)? else {
            return Ok(None);
        };
        let id = self.id(found);
        if self.placed.get(&found) != Some(&Kind::Vpc) {
            return Ok(Some(id));
        }
        let table = match self.input.text(found, "default_route_table_id") {
            Some(table) => notation::id(&table),
            None => Id::from(format!("{id}.default_route_table_id")),
        };
        let network = self.network();
        network.route_tables.entry(table.clone()).or_insert_with(|| RouteTable {
            meta: crate::model::Meta::default(),
            vpc: id.clone(),
            routes: Vec::new(),
        });
        if let Some(vpc) = network.vpcs.get_mut(&id) {
            vpc.default_route_table = Some(table.clone());
        }
        Ok(Some(table))
    }

    pub(super) fn network_acls(&mut self) {
        for index in self.of_kind("tencentcloud_vpc_acl") {
            let id = self.id(index);
            let spots = Spots::entity(Kind::NetworkAcl, &id);
            let Some(vpc) = self.must(index, "vpc_id", VPC, &spots) else {
                continue;
            };
            let acl = NetworkAcl {
                meta: self.plain_meta(index),
                vpc: self.id(vpc),
                ingress: self.acl_rules(index, &id, "ingress"),
                egress: self.acl_rules(index, &id, "egress"),
            };
            self.network().network_acls.insert(id, acl);
            self.place(index, Kind::NetworkAcl);
        }
    }

    fn acl_rules(&mut self, acl: usize, id: &Id, direction: &'static str) -> Vec<AclRule> {
        let values = match self.input.attribute(acl, direction) {
            Attribute::Known(values) => list(values),
            Attribute::Unset => &[],
            Attribute::Unknown(_) | Attribute::Lost => {
                let spot = Spot::Item(id.clone(), direction, 0);
                self.left_out(acl, direction, &spot, swallowed());
                &[]
            }
        };
        let mut rules = Vec::new();
        for (index, value) in values.iter().enumerate() {
            match acl_line(value.as_str().unwrap_or_default(), direction) {
                Ok(more) => rules.extend(more),
                Err(why) => {
                    let spot = Spot::Item(id.clone(), direction, rules.len());
                    let attribute = format!("{direction}[{index}]");
                    self.left_out(acl, &attribute, &spot, Self::unreadable(why));
                }
            }
        }
        rules
    }

    pub(super) fn subnets(&mut self) {
        for index in self.of_kind(SUBNET[0]) {
            let id = self.id(index);
            let spots = Spots::entity(Kind::Subnet, &id);
            let Some(vpc) = self.must(index, "vpc_id", VPC, &spots) else {
                continue;
            };
            let cidr = self.input.text(index, "cidr_block").unwrap_or_default();
            let cidr = match notation::cidr(&cidr) {
                Ok(cidr) => cidr,
                Err(why) => {
                    self.left_out(index, "cidr_block", &spots.missing, Self::unreadable(why));
                    continue;
                }
            };
            let subnet = Subnet {
                meta: self.plain_meta(index),
                vpc: self.id(vpc),
                zone: self.input.text(index, "availability_zone"),
                cidr,
                ipv6_cidr: None,
                route_table: None,
                network_acl: None,
            };
            self.network().subnets.insert(id, subnet);
            self.place(index, Kind::Subnet);
        }
        self.subnet_tables();
        for index in self.of_kind("tencentcloud_vpc_acl_attachment") {
            let spots = Spots::part(Spot::Section(Kind::NetworkAcl));
            let Some(acl) = self.must(index, "acl_id", &["tencentcloud_vpc_acl"], &spots) else {
                continue;
            };
            let spots = Spots::part(Spot::Entity(self.id(acl)));
            let Some(subnet) = self.must(index, "subnet_id", SUBNET, &spots) else {
                continue;
            };
            let (subnet, acl) = (self.id(subnet), self.id(acl));
            self.belongs(index, &acl);
            self.joins(index, &subnet);
            if let Some(subnet) = self.network().subnets.get_mut(&subnet) {
                subnet.network_acl = Some(acl);
            }
        }
    }

    /// An association wins over the attribute of the subnet, which may lag behind.
    fn subnet_tables(&mut self) {
        let mut associated = Vec::new();
        for index in self.of_kind("tencentcloud_route_table_association") {
            let spots = Spots::part(Spot::Section(Kind::RouteTable));
            let Some(subnet) = self.must(index, "subnet_id", SUBNET, &spots) else {
                continue;
            };
            associated.push(subnet);
            let id = self.id(subnet);
            let spots = Spots::part(Spot::Entity(id.clone()));
            if let Ok(Some(table)) = self.table(index, "route_table_id", &spots) {
                if let Some(subnet) = self.network().subnets.get_mut(&id) {
                    subnet.route_table = Some(table);
                }
                self.joins(index, &id);
            }
        }
        for index in self.of_kind(SUBNET[0]) {
            if associated.contains(&index) || !self.placed.contains_key(&index) {
                continue;
            }
            let id = self.id(index);
            let spots = Spots::part(Spot::Entity(id.clone()));
            // the default table is what is meant where none is written
            let own = self.input.one(index, "route_table_id", TABLE);
            let is_default = matches!(&own, Ok(Some(found))
                if self.placed.get(&found.value) == Some(&Kind::Vpc));
            if is_default {
                continue;
            }
            if let Ok(Some(table)) = self.table(index, "route_table_id", &spots)
                && let Some(subnet) = self.network().subnets.get_mut(&id)
            {
                subnet.route_table = Some(table);
            }
        }
    }
}

/// `ACTION#cidr#port#PROTOCOL`, and a description that does not matter. Several ports are several rules.
fn acl_line(line: &str, direction: &str) -> Result<Vec<AclRule>, Words> {
    let parts: Vec<&str> = line.splitn(5, '#').collect();
    let [action, cidr, port, protocol, ..] = parts[..] else {
        return Err(words!(
            "`{line}` is not `ACTION#cidr#port#PROTOCOL`",
            "`{line}` 不是 `ACTION#cidr#port#PROTOCOL` 的形式"
        ));
    };
    let action = notation::action(action)?;
    let peer = AddressSet::from(notation::cidr(cidr)?);
    let services = notation::acl_services(protocol, port)?;
    let rule = |service: Service| AclRule {
        action,
        source: (direction == "ingress").then(|| peer.clone()),
        source_ports: None,
        destination: (direction == "egress").then(|| peer.clone()),
        service,
    };
    Ok(services.into_iter().map(rule).collect())
}

/// The region of something is not known.
pub fn no_region() -> Unresolved {
    Unresolved {
        lack: super::resolve::Lack::Meaning,
        why: Words::new("nothing in the input says its region", "输入中没有说明其地域"),
        help: Words::new("give it with `--region`", "请用 `--region` 指定"),
    }
}

/// A list that one unknown element made unknown as a whole.
pub fn swallowed() -> Unresolved {
    Unresolved {
        lack: super::resolve::Lack::Meaning,
        why: Words::new(
            "one part of the list is not known yet, and the plan then holds nothing of it",
            "列表中有一部分尚未知，计划因此不含其中任何内容",
        ),
        help: super::resolve::not_yet().help,
    }
}
