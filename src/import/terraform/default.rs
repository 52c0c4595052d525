//! What the cloud takes where nothing is said: the default VPC with its subnets, the default group (D20-39).
//!
//! Their rules and routes are not in the input unless they are resources themselves. So a stand-in takes their place,
//! and what has to do with it has no verdict. The classic network is meant only where the input shows that the account
//! has one: a classic link.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};
use serde_json::Value;

use super::ground::{SUBNET, VPC};
use super::place::ENDPOINTS;
use super::resolve::{Attribute, Lack, Unresolved};
use super::{Import, Spots};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::{Bears, Touched, no_rules, without_groups};
use crate::import::notation;
use crate::model::{CcnPublication, Kind, Meta, Subnet, Vpc};

/// The CIDR with which the cloud makes a default VPC.
const VPC_CIDR: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 16);
/// The length of the prefixes of its subnets, one a zone.
const SUBNET_PREFIX: u8 = 20;

/// Where something lies that names neither a VPC nor a subnet.
#[derive(Clone, Debug)]
pub struct DefaultPlace {
    /// The default VPC.
    pub vpc: Id,
    /// The default subnet.
    pub subnet: Id,
}

impl Import<'_> {
    /// Whether an endpoint names neither a VPC nor a subnet, and may.
    fn names_no_place(&self, index: usize) -> bool {
        let unset = |name| matches!(self.input.attribute(index, name), Attribute::Unset);
        let may_be =
            !matches!(self.input.resources[index].kind, "tencentcloud_eni" | "tencentcloud_ha_vip");
        may_be && unset("vpc_id") && unset("subnet_id")
    }

    /// Whether an endpoint lies in the classic network.
    pub(super) fn is_classic(&self, index: usize) -> bool {
        self.has_classic && self.names_no_place(index)
    }

    /// Whether an endpoint lies in the default VPC.
    fn takes_default(&self, index: usize) -> bool {
        !self.has_classic && self.names_no_place(index)
    }

    /// Finds the default VPC and subnet of everything that names none, or puts stand-ins there.
    pub(super) fn default_places(&mut self) {
        let links = self.of_kind("tencentcloud_vpc_classic_link_attachment");
        self.has_classic = !links.is_empty();
        for (kind, _) in ENDPOINTS {
            for index in self.of_kind(kind) {
                if !self.takes_default(index) {
                    continue;
                }
                let Some(region) = self.region_of(index, &Spot::Head) else {
                    continue;
                };
                if let Some(place) = self.own_default(index, &region) {
                    self.defaults.insert(index, place);
                }
            }
        }
    }

    /// The default VPC of the input, or a stand-in.
    fn own_default(&mut self, index: usize, region: &str) -> Option<DefaultPlace> {
        let is_default = |it: usize| *self.input.known(it, "is_default") == Value::Bool(true);
        let vpcs = self.of_kind(VPC[0]).into_iter();
        let vpc = vpcs.filter(|it| self.placed.contains_key(it) && is_default(*it));
        let vpc = vpc.map(|it| (it, self.id(it))).find(|(_, id)| {
            let network = &self.draft.document.fragment.network;
            network.vpcs.get(id).is_some_and(|vpc| vpc.region == region)
        });
        let Some((vpc, id)) = vpc else {
            return self.stand_in(index, region);
        };
        let zone = self.zone(index);
        let subnets = self.of_kind(SUBNET[0]).into_iter();
        let mut subnets = subnets.filter(|it| {
            let of = self.input.one(*it, "vpc_id", VPC);
            let is_own = matches!(of, Ok(Some(found)) if found.value == vpc);
            let own_zone = self.input.text(*it, "availability_zone");
            is_own && is_default(*it) && zone.is_some() && own_zone == zone
        });
        if let Some(subnet) = subnets.next() {
            let subnet = self.id(subnet);
            return Some(DefaultPlace { vpc: id, subnet });
        }
        let why = Unresolved {
            lack: Lack::Meaning,
            why: words!(
                "no subnet is named: the cloud takes the default one of {id}, which is not in the input",
                "未指定子网：云上采用 {id} 的默认子网，而它不在输入中"
            ),
            help: named_help(),
        };
        let bears = Bears::Missing(vec![id]);
        self.leave_out((index, "subnet_id"), &Spot::Head, why, bears);
        None
    }

    fn zone(&self, index: usize) -> Option<String> {
        let mut names = ["availability_zone", "zone", "available_zone"].into_iter();
        names.find_map(|name| self.input.text(index, name))
    }

    /// The default VPC of a region, which nobody describes, and a subnet of it.
    fn stand_in(&mut self, index: usize, region: &str) -> Option<DefaultPlace> {
        let zone = self.zone(index).unwrap_or_else(|| region.to_owned());
        let vpc = Id::from(format!("default-vpc.{region}"));
        let subnet = Id::from(format!("default-subnet.{zone}"));
        if !self.network().vpcs.contains_key(&vpc) {
            let made = Vpc {
                meta: Meta::default(),
                region: region.to_owned(),
                cidr: IpNet::V4(VPC_CIDR),
                secondary_cidrs: Vec::new(),
                ipv6_cidr: None,
                default_route_table: None,
                publish_to_ccn: CcnPublication::Subnets,
            };
            self.network().vpcs.insert(vpc.clone(), made);
            let why = words!(
                "a stand-in for the default VPC of {region}: its addresses, routes and ACLs are not in the input",
                "{region} 的默认私有网络的占位：其地址、路由与网络 ACL 不在输入中"
            );
            let say = Say::of(vpc.as_str(), why).help(named_help());
            let bears = Bears::Of(Touched {
                on: vec![vpc.clone()],
                missing: vec![vpc.clone()],
                ..Touched::default()
            });
            let spot = Spot::Entity(vpc.clone());
            self.draft.leave_out(spot, say, bears, Vec::new());
        }
        if !self.network().subnets.contains_key(&subnet) {
            let network = &self.draft.document.fragment.network;
            let own = network.subnets.values().filter(|it| it.vpc == vpc);
            let taken: Vec<IpNet> = own.map(|it| it.cidr).collect();
            let mut cidrs = VPC_CIDR.subnets(SUBNET_PREFIX).ok()?.map(IpNet::V4);
            let cidr = cidrs.find(|cidr| !taken.contains(cidr))?;
            let made = Subnet {
                meta: Meta::default(),
                vpc: vpc.clone(),
                zone: (zone != region).then_some(zone),
                cidr,
                ipv6_cidr: None,
                route_table: None,
                network_acl: None,
            };
            self.network().subnets.insert(subnet.clone(), made);
        }
        Some(DefaultPlace { vpc, subnet })
    }

    /// Says that something lies in the default VPC because it names none.
    fn say_default(&mut self, index: usize, spot: &Spot) {
        let why = Words::new(
            "no VPC is named: the cloud takes the default one (D20-39)",
            "未指定私有网络：云上采用默认私有网络（D20-39）",
        );
        self.assumed(index, "vpc_id", spot, Some(why));
    }

    /// The subnet of an endpoint, the default one if it names none; `None`: what is missing was said.
    pub(super) fn subnet_of(&mut self, index: usize, spots: &Spots) -> Option<Id> {
        if self.takes_default(index) {
            let subnet = self.defaults.get(&index)?.subnet.clone();
            self.say_default(index, &spots.there);
            return Some(subnet);
        }
        let subnet = self.must(index, "subnet_id", SUBNET, spots)?;
        Some(self.id(subnet))
    }

    /// The same for what lies in a VPC only.
    pub(super) fn own_vpc(&mut self, index: usize, spots: &Spots) -> Option<Id> {
        if self.takes_default(index) {
            let vpc = self.defaults.get(&index)?.vpc.clone();
            self.say_default(index, &spots.there);
            return Some(vpc);
        }
        let vpc = self.must(index, "vpc_id", VPC, spots)?;
        Some(self.id(vpc))
    }

    /// The group that the cloud gives to what names none: a stand-in, for nobody describes its rules.
    pub(super) fn default_group(&mut self, index: usize) -> Id {
        let project = self.input.known(index, "project_id").as_u64().unwrap_or(0);
        let mut name = "default-security-group".to_owned();
        if let Some(region) = self.input.region(index) {
            name = format!("{name}.{region}");
        }
        if project != 0 {
            name = format!("{name}.project-{project}");
        }
        let id = Id::from(name);
        self.draft.stand_in_group(&id);
        let why = Words::new(
            "no group is named: the cloud takes the default group of the project (D20-39)",
            "未指定安全组：云上采用项目的默认安全组（D20-39）",
        );
        let spot = Spot::Entity(self.id(index));
        self.assumed(index, "orderly_security_groups", &spot, Some(why));
        id
    }

    /// A stand-in for the groups of a list of which nothing is in the input.
    pub(super) fn unknown_group(&mut self, told: Option<&str>, name: &str, of: &Id) -> Id {
        let id = match told {
            Some(id) => notation::id(id),
            None => Id::from(format!("{of}.{name}")),
        };
        if !self.network().security_groups.contains_key(&id) {
            let made = no_rules();
            self.network().security_groups.insert(id.clone(), made);
            let why = Words::new(
                "a stand-in for a group that is not in the input: its rules are not known",
                "不在输入中的安全组的占位：其规则未知",
            );
            let say = Say::of(id.as_str(), why);
            let bears = Bears::Of(Touched {
                on: vec![id.clone()],
                missing: vec![id.clone()],
                ..Touched::default()
            });
            self.draft.leave_open(Spot::Entity(id.clone()), say, bears);
        }
        id
    }

    /// What exists always has a group (SG-17): where none is told, or a list is empty, which one is not known (D20-39). The
    /// default one stands in for it, and any other may have it as a member.
    pub(super) fn untold_groups(&mut self, index: usize) {
        // what does not exist yet gets the default group
        if self.input.text(index, "id").is_none() {
            return;
        }
        let id = self.id(index);
        let touched = Touched {
            on: vec![id.clone()],
            missing: self.network().security_groups.keys().cloned().collect(),
            ..Touched::default()
        };
        let name = "orderly_security_groups";
        let say = Say::of(self.address(index), without_groups()).at(name).help(Words::new(
            "the default group stands in for them: write its groups into the file",
            "以默认安全组代之：请将其安全组写入文件",
        ));
        self.draft.leave_open(Spot::Entity(id), say, Bears::Of(touched));
    }

    /// Whether something of this kind gets the default group when it names none. Databases and load balancers without
    /// groups admit everything (DB-4, CLB-6).
    pub(super) fn gets_default_group(kind: Kind) -> bool {
        matches!(kind, Kind::Instance | Kind::NetworkInterface | Kind::ClassicInstance)
    }
}

fn named_help() -> Words {
    Words::new(
        "name the VPC and the subnet in the configuration, or import the state together with them",
        "在配置中写明私有网络与子网，或将其一并导入",
    )
}
