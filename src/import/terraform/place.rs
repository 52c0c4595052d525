//! Addresses: what is known, and a stand-in for what is not.
//!
//! A stand-in is the lowest free address of the subnet, endpoints taken in the byte order of their Terraform
//! addresses. There is one a resource, whoever refers to it.

use crate::diagnostic::{Words, words};
use std::net::IpAddr;

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::ground::SUBNET;
use super::input::{get, list};
use super::resolve::{Attribute, text_of};
use super::{Import, Spots};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::note::Outcome;
use crate::import::spare::Spare;
use crate::model::Kind;

/// Where every endpoint is.
#[derive(Debug, Default)]
pub struct Places {
    /// The private or classic addresses of a resource, the first one first.
    private: FxHashMap<usize, Vec<IpAddr>>,
    /// The public address of a resource.
    public: FxHashMap<usize, IpAddr>,
    /// The resources whose addresses are stand-ins.
    pub made_up: Vec<(usize, IpAddr)>,
    /// What is taken.
    pub spare: Spare,
}

/// The attributes that hold the private address of a resource type.
pub const ENDPOINTS: [(&str, &str); 15] = [
    ("tencentcloud_instance", "private_ip"),
    ("tencentcloud_eni", "ipv4s"),
    ("tencentcloud_ha_vip", "vip"),
    ("tencentcloud_clb_instance", "clb_vips"),
    ("tencentcloud_mysql_instance", "intranet_ip"),
    ("tencentcloud_mysql_readonly_instance", "intranet_ip"),
    ("tencentcloud_redis_instance", "ip"),
    ("tencentcloud_postgresql_instance", "private_access_ip"),
    ("tencentcloud_sqlserver_instance", "vip"),
    ("tencentcloud_mongodb_instance", "vip"),
    ("tencentcloud_mariadb_instance", "vip"),
    ("tencentcloud_dcdb_db_instance", "vip"),
    ("tencentcloud_dcdb_hourdb_instance", "vip"),
    ("tencentcloud_cynosdb_cluster", "rw_group_addr"),
    ("tencentcloud_vpc_end_point", "end_point_vip"),
];

/// What kind of address an endpoint needs.
#[derive(Clone, Debug)]
enum Home {
    /// One of a subnet.
    Subnet(Id),
    /// One of the classic network.
    Classic,
    /// A public one.
    Public,
}

impl Import<'_> {
    /// Finds or makes up every address, before anything that has one is built.
    pub(super) fn find_places(&mut self) {
        let mut spare = Spare::default();
        let mut open = Vec::new();
        for index in 0..self.input.resources.len() {
            self.known_public(index, &mut spare);
            let Some(home) = self.home(index) else {
                continue;
            };
            let written = self.written(index);
            let count = written.len().max(1);
            let mut addresses: Vec<Option<IpAddr>> = written;
            addresses.resize(count, None);
            for (slot, address) in addresses.iter_mut().enumerate() {
                *address = address.filter(|address| self.fits(&home, *address));
                match address {
                    Some(address) => self.take(&home, *address, &mut spare),
                    None => open.push((index, slot)),
                }
            }
            self.places.private.insert(
                index,
                addresses.iter().map(|it| it.unwrap_or(IpAddr::from([0, 0, 0, 0]))).collect(),
            );
        }
        for (index, slot) in open {
            let Some(home) = self.home(index) else {
                continue;
            };
            let address = match &home {
                Home::Subnet(id) => self.free(id, &mut spare),
                Home::Classic => spare.classic(),
                // with the other public ones, in their order
                Home::Public => continue,
            };
            self.make_up(index, slot, address);
        }
        for index in 0..self.input.resources.len() {
            let unknown = Some(IpAddr::from([0, 0, 0, 0]));
            if matches!(self.home(index), Some(Home::Public))
                && self.private_address(index) == unknown
            {
                let address = spare.public();
                self.make_up(index, 0, address);
            }
            if self.needs_public(index)
                && !self.places.public.contains_key(&index)
                && let Some(address) = spare.public()
            {
                self.places.public.insert(index, address);
                self.places.made_up.push((index, address));
            }
        }
        self.places.spare = spare;
    }

    fn make_up(&mut self, index: usize, slot: usize, address: Option<IpAddr>) {
        let Some(address) = address else {
            self.places.private.remove(&index);
            return;
        };
        let addresses = self.places.private.get_mut(&index);
        if let Some(place) = addresses.and_then(|addresses| addresses.get_mut(slot)) {
            *place = address;
            self.places.made_up.push((index, address));
        }
    }

    fn needs_public(&self, index: usize) -> bool {
        match self.input.resources[index].kind {
            "tencentcloud_eip" => true,
            "tencentcloud_instance" => {
                *self.input.known(index, "allocate_public_ip") == Value::Bool(true)
            }
            _ => false,
        }
    }

    fn known_public(&mut self, index: usize, spare: &mut Spare) {
        let known = self.input.text(index, "public_ip");
        let Some(address) = known.and_then(|it| it.parse::<IpAddr>().ok()) else {
            return;
        };
        if self.needs_public(index) {
            self.places.public.insert(index, address);
            spare.take_public(address);
        }
    }

    /// Where an endpoint lives; none if it is no endpoint, or its subnet is not in the input.
    fn home(&self, index: usize) -> Option<Home> {
        let kind = self.input.resources[index].kind;
        ENDPOINTS.iter().find(|(endpoint, _)| *endpoint == kind)?;
        let is_open = self.input.text(index, "network_type").as_deref() == Some("OPEN");
        if kind == "tencentcloud_clb_instance" && is_open {
            return Some(Home::Public);
        }
        if let Some(place) = self.defaults.get(&index) {
            return Some(Home::Subnet(place.subnet.clone()));
        }
        match self.input.one(index, "subnet_id", SUBNET) {
            Ok(Some(subnet)) if self.placed.contains_key(&subnet.value) => {
                Some(Home::Subnet(self.id(subnet.value)))
            }
            Ok(None) if self.is_classic(index) => Some(Home::Classic),
            _ => None,
        }
    }

    /// The addresses that the values of a resource tell, `None` for one that is not known yet.
    fn written(&self, index: usize) -> Vec<Option<IpAddr>> {
        let resource = &self.input.resources[index];
        let endpoint = ENDPOINTS.iter().find(|(kind, _)| *kind == resource.kind);
        let Some((_, name)) = endpoint else {
            return Vec::new();
        };
        let value = get(resource.values, name);
        let parse = |value: &Value| text_of(value)?.parse::<IpAddr>().ok();
        match *name {
            "ipv4s" => {
                // what is asked for by number, a state tells under another name
                let asked = list(value).iter();
                let told = list(get(resource.values, "ipv4_info")).iter();
                let mut lines: Vec<&Value> = asked.collect();
                if lines.is_empty() {
                    lines = told.collect();
                }
                lines.sort_by_key(|line| *get(line, "primary") != Value::Bool(true));
                let mut told: Vec<_> = lines.iter().map(|it| parse(get(it, "ip"))).collect();
                let count = get(resource.values, "ipv4_count").as_u64();
                let count = count.and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
                told.resize(told.len().max(count), None);
                told
            }
            "clb_vips" => {
                let first = list(value).iter().find_map(parse);
                vec![first.or_else(|| parse(get(resource.values, "vip")))]
            }
            "rw_group_addr" => {
                vec![list(value).iter().find_map(|line| parse(get(line, "ip")))]
            }
            _ => vec![parse(value)],
        }
    }

    /// Whether a known address can still be right: one outside the planned subnet is stale.
    fn fits(&mut self, home: &Home, address: IpAddr) -> bool {
        match home {
            Home::Subnet(id) => {
                let subnet = self.network().subnets.get(id);
                subnet.is_some_and(|subnet| subnet.covers(address))
            }
            Home::Classic | Home::Public => true,
        }
    }

    fn take(&mut self, home: &Home, address: IpAddr, spare: &mut Spare) {
        match home {
            Home::Subnet(id) => {
                if let Some(subnet) = self.network().subnets.get(id) {
                    spare.take_private(subnet.vpc.as_str(), address);
                }
            }
            Home::Classic => spare.take_classic(address),
            Home::Public => spare.take_public(address),
        }
    }

    fn free(&mut self, id: &Id, spare: &mut Spare) -> Option<IpAddr> {
        let subnet = self.network().subnets.get(id)?;
        spare.private(subnet.vpc.as_str(), subnet.cidr)
    }

    /// The addresses of an endpoint, the first one first; empty if it has no place, which is said.
    pub(super) fn addresses(&mut self, index: usize, spots: &Spots) -> Vec<IpAddr> {
        let Some(addresses) = self.places.private.get(&index).cloned() else {
            let why = Self::unreadable(Words::new(
                "its subnet has no free address left",
                "其子网已无空闲地址",
            ));
            self.left_out(index, "", &spots.missing, why);
            return Vec::new();
        };
        for address in &addresses {
            self.say_made_up(index, *address, &spots.there);
        }
        addresses
    }

    /// Says at a place that an address is a stand-in, if it is one.
    pub(super) fn say_made_up(&mut self, index: usize, address: IpAddr, spot: &Spot) {
        if self.places.made_up.contains(&(index, address)) {
            let of = self.address(index);
            let why = words!(
                "{address} is a stand-in: the address of {of} is not known yet",
                "{address} 是占位地址：{of} 的地址尚未知"
            );
            self.draft.say(Outcome::StoodIn, spot.clone(), Say::of(of, why));
        }
    }

    /// The public address of an EIP, or of an instance that has one of its own.
    pub(super) fn public_address(&self, index: usize) -> Option<IpAddr> {
        self.places.public.get(&index).copied()
    }

    /// The private address of a resource.
    pub(super) fn private_address(&self, index: usize) -> Option<IpAddr> {
        self.places.private.get(&index)?.first().copied()
    }

    /// The EIP that an address is.
    fn eip_with(&self, address: IpAddr) -> Option<usize> {
        let mut eips = self.input.of_kind("tencentcloud_eip");
        eips.find(|index| self.public_address(*index) == Some(address))
    }

    /// An EIP is no entity, but a part of the one that holds it.
    fn holds(&mut self, eip: Option<usize>, holder: &Spot) {
        if let (Some(eip), Spot::Entity(holder)) = (eip, holder) {
            self.belongs(eip, holder);
        }
    }

    /// The addresses that an attribute of addresses means: texts, or references to what has them.
    pub(super) fn address_list(
        &mut self,
        resource: usize,
        name: &str,
        kinds: &[&str],
        spot: &Spot,
    ) -> Vec<IpAddr> {
        match self.input.attribute(resource, name) {
            Attribute::Unset => Vec::new(),
            Attribute::Known(value) => {
                let one = [value.clone()];
                let values = value.as_array().map_or(&one[..], Vec::as_slice);
                let mut addresses = Vec::new();
                for value in values {
                    if let Ok(address) = text_of(value).unwrap_or_default().parse() {
                        let eip = self.eip_with(address);
                        self.holds(eip, spot);
                        addresses.push(address);
                    } else {
                        let why = Self::unreadable(words!(
                            "{value} is no address",
                            "{value} 不是 IP 地址"
                        ));
                        self.left_out(resource, name, spot, why);
                    }
                }
                addresses
            }
            Attribute::Unknown(_) | Attribute::Lost => {
                let many = self.input.many(resource, name, kinds).unwrap_or_default();
                self.assumed(resource, name, spot, many.because);
                for why in many.lost {
                    self.left_out(resource, name, spot, why);
                }
                let mut addresses = Vec::new();
                for index in many.found {
                    let address = if self.input.resources[index].kind == "tencentcloud_eip" {
                        self.public_address(index)
                    } else {
                        self.private_address(index)
                    };
                    if let Some(address) = address {
                        self.holds(self.eip_with(address), spot);
                        self.say_made_up(index, address, spot);
                        addresses.push(address);
                    } else {
                        let why = Self::hangs_on(self.address(index));
                        self.left_out(resource, name, spot, why);
                    }
                }
                addresses
            }
        }
    }

    /// The spots of an endpoint's kind.
    pub(super) fn spots(&self, index: usize, kind: Kind) -> Spots {
        Spots::entity(kind, &self.id(index))
    }
}
