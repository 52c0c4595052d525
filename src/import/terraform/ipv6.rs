//! IPv6: the CIDRs of VPCs and subnets, the addresses of machines and interfaces; and further addresses of interfaces,
//! of either family.
//!
//! Who has an address of IPv6 is not reachable from the Internet by it before bandwidth is bought for it; what does
//! that is not read, and leaves the packets of IPv6 open (`unread`).

use std::net::IpAddr;

use ipnet::IpNet;

use super::block::{Line, Order};
use super::ground::{SUBNET, VPC};
use super::input::list;
use super::machine::INTERFACE;
use super::resolve::{Attribute, Lack, Unresolved, text_of};
use super::{Import, Spots};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::Bears;
use crate::import::notation;
use crate::import::note::Outcome;
use crate::model::Kind;

/// The types that give an interface more addresses: type, block of the addresses, address in it, number of others.
const MORE: [(&str, &str, &str, &str); 3] = [
    (
        "tencentcloud_eni_ipv4_address",
        "private_ip_addresses",
        "private_ip_address",
        "secondary_private_ip_address_count",
    ),
    ("tencentcloud_eni_ipv6_address", "ipv6_addresses", "address", "ipv6_address_count"),
    ("tencentcloud_vpc_ipv6_eni_address", "ipv6_addresses", "address", "ipv6_address_count"),
];

impl<'j> Import<'j> {
    pub(super) fn ipv6_cidrs(&mut self) {
        for index in self.of_kind("tencentcloud_vpc_ipv6_cidr_block") {
            let spots = Spots::part(Spot::Section(Kind::Vpc));
            let Some(vpc) = self.must(index, "vpc_id", VPC, &spots) else {
                continue;
            };
            let id = self.id(vpc);
            let told = self.input.attribute(index, "ipv6_cidr_block");
            if let Some(cidr) = self.ipv6_cidr(index, "ipv6_cidr_block", told, &id)
                && let Some(vpc) = self.network().vpcs.get_mut(&id)
            {
                vpc.ipv6_cidr = Some(cidr);
            }
            let others = list(self.input.known(index, "ipv6_cidr_block_set")).len();
            if others > 1 {
                self.open_ipv6(index, "ipv6_cidr_block_set", &id, only_one());
            }
            self.joins(index, &id);
        }
        for index in self.of_kind("tencentcloud_vpc_ipv6_subnet_cidr_block") {
            let name = "ipv6_subnet_cidr_blocks";
            let lines = match self.input.lines(index, name, Order::Free) {
                Ok(lines) => lines,
                Err(why) => {
                    self.concerns = notation::cidr("::/0").into_iter().collect();
                    let bears = Bears::Everything;
                    self.leave_out((index, name), &Spot::Section(Kind::Subnet), why, bears);
                    self.concerns.clear();
                    continue;
                }
            };
            for line in lines {
                self.subnet_ipv6(index, &line);
            }
        }
    }

    fn subnet_ipv6(&mut self, index: usize, line: &Line<'j>) {
        let spots = Spots::part(Spot::Section(Kind::Subnet));
        let named = line.attribute("subnet_id");
        let found = self.input.one_of(index, named, SUBNET);
        self.concerns = notation::cidr("::/0").into_iter().collect();
        let found = self.settle(index, "subnet_id", found, &spots);
        self.concerns.clear();
        let Ok(Some(subnet)) = found else {
            return;
        };
        let id = self.id(subnet);
        let told = line.attribute("ipv6_cidr_block");
        if let Some(cidr) = self.ipv6_cidr(index, "ipv6_cidr_block", told, &id)
            && let Some(subnet) = self.network().subnets.get_mut(&id)
        {
            subnet.ipv6_cidr = Some(cidr);
        }
        self.joins(index, &id);
    }

    /// A CIDR of IPv6; one that is not known leaves the packets of IPv6 open.
    fn ipv6_cidr(
        &mut self,
        index: usize,
        name: &str,
        told: Attribute<'_>,
        of: &Id,
    ) -> Option<IpNet> {
        let text = match told {
            Attribute::Known(value) => text_of(value).unwrap_or_default(),
            Attribute::Unset | Attribute::Unknown(_) | Attribute::Lost => {
                let why = Words::new("it is not known yet", "其值尚未知");
                self.open_ipv6(index, name, of, why);
                return None;
            }
        };
        if let Ok(cidr @ IpNet::V6(_)) = notation::cidr(&text) {
            return Some(cidr);
        }
        let why = words!("`{text}` is no CIDR of IPv6", "`{text}` 不是 IPv6 网段");
        self.open_ipv6(index, name, of, why);
        None
    }

    /// Leaves the packets of IPv6 open that have to do with something.
    fn open_ipv6(&mut self, index: usize, name: &str, of: &Id, why: Words) {
        self.concerns = notation::cidr("::/0").into_iter().collect();
        let bears = Bears::On(vec![of.clone()]);
        let spot = Spot::Entity(of.clone());
        self.leave_out((index, name), &spot, Self::unreadable(why), bears);
        self.concerns.clear();
    }

    /// The addresses of IPv6 of a machine.
    pub(super) fn second_family(&mut self, index: usize) {
        let id = self.id(index);
        let told = list(self.input.known(index, "ipv6_addresses")).iter();
        let told: Vec<IpAddr> = told.filter_map(|it| text_of(it)?.parse().ok()).collect();
        let count = self.input.known(index, "ipv6_address_count").as_u64();
        let is_open = told.is_empty() && count.is_some_and(|count| count > 0);
        if is_open {
            let why = Words::new("its address is not known yet", "其地址尚未知");
            self.open_ipv6(index, "ipv6_address_count", &id, why);
        }
        let network = &self.draft.document.fragment.network;
        let subnet = network.instances.get(&id).map(|it| &it.subnet);
        let subnet = subnet.and_then(|subnet| network.subnets.get(subnet));
        let is_covered = |address: &&IpAddr| subnet.is_some_and(|it| it.covers(**address));
        let (own, strange): (Vec<&IpAddr>, Vec<&IpAddr>) = told.iter().partition(is_covered);
        let own: Vec<IpAddr> = own.into_iter().copied().collect();
        let is_strange = !strange.is_empty();
        if let (Some(instance), Some((first, others))) =
            (self.network().instances.get_mut(&id), own.split_first())
        {
            instance.ipv6 = Some(*first);
            instance.secondary_ips.extend(others);
        }
        if is_strange {
            let why = Words::new(
                "the CIDR of IPv6 of its subnet is not in the input",
                "输入中没有其子网的 IPv6 网段",
            );
            self.open_ipv6(index, "ipv6_addresses", &id, why);
        }
        if self.input.text(index, "ipv6_address_type").is_some() {
            let why = Words::new(
                "an address of IPv6 that the Internet reaches: not modelled",
                "可从公网访问的 IPv6 地址：模型不支持",
            );
            self.open_ipv6(index, "ipv6_address_type", &id, why);
        }
    }

    /// Further addresses of interfaces, which a resource of their own gives them.
    pub(super) fn more_addresses(&mut self) {
        for (kind, block, address, count) in MORE {
            for index in self.of_kind(kind) {
                let found = self.input.one(index, "network_interface_id", INTERFACE);
                let Ok(Some(interface)) = found else {
                    // perhaps the first interface of a machine: what it names is open
                    continue;
                };
                self.whole.insert(index);
                let spots = Spots::part(Spot::Section(Kind::NetworkInterface));
                let Ok(Some(_)) =
                    self.settle(index, "network_interface_id", Ok(Some(interface.clone())), &spots)
                else {
                    continue;
                };
                let id = self.id(interface.value);
                match self.input.lines(index, block, Order::Free) {
                    Ok(lines) => self.written_addresses(index, &id, (&lines, address)),
                    Err(why) => self.left_out(index, block, &Spot::Entity(id.clone()), why),
                }
                let wanted = self.input.known(index, count).as_u64().unwrap_or(0);
                let told = list(self.input.known(index, block)).len();
                let told = u64::try_from(told).unwrap_or(u64::MAX);
                if kind == MORE[0].0 {
                    self.other_addresses(index, &id, wanted.saturating_sub(told));
                } else if wanted > told {
                    let why = Words::new("its address is not known yet", "其地址尚未知");
                    self.open_ipv6(index, count, &id, why);
                }
                self.joins(index, &id);
            }
        }
    }

    fn written_addresses(&mut self, index: usize, id: &Id, (lines, name): (&[Line<'j>], &str)) {
        for line in lines {
            let text = line.text(name);
            let network = &self.draft.document.fragment.network;
            let Some(interface) = network.network_interfaces.get(id) else {
                return;
            };
            let subnet = network.subnets.get(&interface.subnet);
            let address = text.parse::<IpAddr>().ok();
            let address = address.filter(|it| subnet.is_some_and(|subnet| subnet.covers(*it)));
            let Some(address) = address else {
                let why = Unresolved {
                    lack: Lack::Meaning,
                    why: words!(
                        "the subnet of the interface does not hold `{text}`",
                        "网卡所在子网不包含 `{text}`"
                    ),
                    help: Words::new(
                        "import the state after `terraform apply`, with the CIDRs of IPv6",
                        "请在 `terraform apply` 之后导入状态，并包含 IPv6 网段",
                    ),
                };
                self.left_out(index, name, &Spot::Entity(id.clone()), why);
                continue;
            };
            let is_new = interface.ip != address && !interface.secondary_ips.contains(&address);
            if is_new && let Some(it) = self.network().network_interfaces.get_mut(id) {
                it.secondary_ips.push(address);
            }
            let has_public = ["address_id", "public_ip_address"];
            let has_public = has_public.iter().any(|name| !line.text(name).is_empty());
            if has_public {
                let why = Words::new(
                    "a further address with an EIP of its own, which is not modelled",
                    "辅助地址绑定了 EIP，模型不支持",
                );
                self.open(index, id, why);
            }
        }
    }

    /// Addresses that the cloud chooses.
    fn other_addresses(&mut self, index: usize, id: &Id, count: u64) {
        for _ in 0..count {
            let network = &self.draft.document.fragment.network;
            let subnet = network.network_interfaces.get(id).map(|it| &it.subnet);
            let subnet = subnet.and_then(|subnet| network.subnets.get(subnet));
            let Some((vpc, cidr)) = subnet.map(|it| (it.vpc.clone(), it.cidr)) else {
                return;
            };
            let Some(address) = self.places.spare.private(vpc.as_str(), cidr) else {
                return;
            };
            if let Some(it) = self.network().network_interfaces.get_mut(id) {
                it.secondary_ips.push(address);
            }
            let why = words!(
                "{address} is a stand-in: the further addresses of {id} are not known yet",
                "{address} 是占位地址：{id} 的辅助地址尚未知"
            );
            let say = Say::of(self.address(index), why);
            self.draft.say(Outcome::StoodIn, Spot::Entity(id.clone()), say);
        }
    }

    /// Load balancers of IPv6 have an address that the model gives none.
    pub(super) fn balancer_ipv6(&mut self, index: usize, id: &Id) {
        let version = self.input.text(index, "address_ip_version").unwrap_or_default();
        if version.to_ascii_lowercase().starts_with("ipv6") {
            let why = words!("an address of {version}: not modelled", "{version} 地址：模型不支持");
            self.open(index, id, why);
        }
    }
}

fn only_one() -> Words {
    Words::new("several CIDRs of IPv6: the model knows one", "有多个 IPv6 网段：模型只支持一个")
}
