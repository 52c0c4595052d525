//! The entries of route tables.

use crate::diagnostic::{Words, words};
use ipnet::IpNet;

use super::gateway::{NAT, PEERING};
use super::machine::INSTANCE;
use super::resolve::Attribute;
use super::wan::{CCN, DIRECT, VPN};
use super::{Import, Spots};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{Kind, NextHop, Route};

/// The words of the old resource, and what they mean in the new one.
const OLD_WORDS: [(&str, &str); 8] = [
    ("public_gateway", "CVM"),
    ("vpn_gateway", "VPN"),
    ("dc_gateway", "DIRECTCONNECT"),
    ("peering_connection", "PEERCONNECTION"),
    ("nat_gateway", "NAT"),
    ("havip", "HAVIP"),
    ("instance", "NORMAL_CVM"),
    ("eip", "EIP"),
];

/// The attribute of a destination, and what it says.
type Destination<'a> = (&'a str, Result<IpNet, Words>);

impl Import<'_> {
    pub(super) fn routes(&mut self) {
        for index in self.of_kind("tencentcloud_route_table_entry") {
            self.route(index, "destination_cidr_block");
        }
        for index in self.of_kind("tencentcloud_route_entry") {
            self.route(index, "cidr_block");
        }
    }

    fn route(&mut self, index: usize, destination: &str) {
        let spots = Spots::part(Spot::Section(Kind::RouteTable));
        let to = self
            .input
            .text(index, destination)
            .or_else(|| self.input.text(index, "destination_ipv6_cidr_block"));
        let to = notation::cidr(&to.unwrap_or_default());
        self.concerns = to.iter().copied().collect();
        self.route_to(index, (destination, to), &spots);
        self.concerns.clear();
    }

    fn route_to(&mut self, index: usize, (destination, to): Destination<'_>, spots: &Spots) {
        let table = match self.table(index, "route_table_id", spots) {
            Ok(Some(table)) => table,
            Ok(None) => {
                let why = Self::unreadable(Words::new("it names no route table", "未指定路由表"));
                self.left_out(index, "route_table_id", &spots.missing, why);
                return;
            }
            Err(()) => return,
        };
        let count = self.network().route_tables.get(&table);
        let count = count.map_or(0, |table| table.routes.len());
        let spot = Spot::Item(table.clone(), "routes", count);
        let to = match to {
            Ok(to) => to,
            Err(why) => {
                self.left_out(index, destination, &spot, Self::unreadable(why));
                return;
            }
        };
        let Some(via) = self.next_hop(index, &spot) else {
            return;
        };
        let disabled = self.input.known(index, "disabled").as_bool();
        let route = Route { to, via, enabled: disabled != Some(true), priority: 0, publish: false };
        if let Some(table) = self.network().route_tables.get_mut(&table) {
            table.routes.push(route);
        }
        self.entries.insert(index, (table.clone(), count));
        self.joins(index, &table);
    }

    fn next_hop(&mut self, index: usize, spot: &Spot) -> Option<NextHop> {
        let word = self.input.text(index, "next_type").unwrap_or_default();
        let mut old = OLD_WORDS.iter();
        let word = old
            .find(|(old, _)| word.eq_ignore_ascii_case(old))
            .map_or(word.to_ascii_uppercase(), |(_, new)| (*new).to_owned());
        let (kinds, make): (&[&str], fn(Id) -> NextHop) = match word.as_str() {
            "EIP" => return Some(NextHop::Eip),
            "NORMAL_CVM" => return self.forwarder(index, spot),
            "CVM" => (INSTANCE, NextHop::PublicGateway),
            "VPN" => (VPN, NextHop::VpnGateway),
            "DIRECTCONNECT" => (DIRECT, NextHop::DirectConnectGateway),
            "PEERCONNECTION" => (PEERING, NextHop::PeeringConnection),
            "HAVIP" => (&["tencentcloud_ha_vip"], NextHop::HaVip),
            "NAT" => (NAT, NextHop::NatGateway),
            "USER_CCN" | "CCN" => (CCN, NextHop::Ccn),
            other => {
                let why = Self::unreadable(words!(
                    "a next hop of type `{other}` is not modelled",
                    "模型不支持类型为 `{other}` 的下一跳"
                ));
                self.left_out(index, "next_type", spot, why);
                return None;
            }
        };
        let spots = Spots::part(spot.clone());
        let hop = self.must(index, "next_hub", kinds, &spots)?;
        let id = self.id(hop);
        if word == "CVM"
            && let Some(instance) = self.network().instances.get_mut(&id)
        {
            instance.public_gateway = true;
        }
        Some(make(id))
    }

    /// `NORMAL_CVM` names the private address of a machine.
    fn forwarder(&mut self, index: usize, spot: &Spot) -> Option<NextHop> {
        if let Attribute::Unknown(_) = self.input.attribute(index, "next_hub") {
            let spots = Spots::part(spot.clone());
            let hop = self.must(index, "next_hub", INSTANCE, &spots)?;
            return Some(NextHop::Instance(self.id(hop)));
        }
        let address = self.input.text(index, "next_hub").unwrap_or_default();
        let parsed = address.parse().ok();
        let table = match spot {
            Spot::Item(table, ..) => table.clone(),
            _ => return None,
        };
        let network = self.network();
        let vpc = network.route_tables.get(&table).map(|table| table.vpc.clone());
        let mut inside = network.instances.iter().filter(|(_, instance)| {
            let subnet = network.subnets.get(&instance.subnet);
            Some(instance.ip) == parsed && subnet.map(|subnet| &subnet.vpc) == vpc.as_ref()
        });
        if let Some((id, _)) = inside.next() {
            return Some(NextHop::Instance(id.clone()));
        }
        let why = words!(
            "no instance of the VPC in the input has the address `{address}`",
            "输入的私有网络中没有地址为 `{address}` 的云服务器"
        );
        self.left_out(index, "next_hub", spot, Self::unreadable(why));
        None
    }
}
