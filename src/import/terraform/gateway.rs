//! NAT gateways with their rules, and peerings.

use crate::diagnostic::{Words, words};
use std::net::IpAddr;

use super::ground::{SUBNET, VPC};
use super::machine::{EIP, INSTANCE, INTERFACE};
use super::{Import, Spots};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{Dnat, Kind, NatGateway, NatKind, Peering, PeeringState, Snat, SnatSource};

/// The type of a NAT gateway.
pub const NAT: &[&str] = &["tencentcloud_nat_gateway"];
/// The type of a peering.
pub const PEERING: &[&str] = &["tencentcloud_vpc_peer_connect_manager"];

impl Import<'_> {
    pub(super) fn nat_gateways(&mut self) {
        for index in self.of_kind(NAT[0]) {
            let id = self.id(index);
            let spots = Spots::entity(Kind::NatGateway, &id);
            let Some(vpc) = self.must(index, "vpc_id", VPC, &spots) else {
                continue;
            };
            let gateway = NatGateway {
                meta: self.plain_meta(index),
                vpc: self.id(vpc),
                kind: match self.input.known(index, "nat_product_version").as_u64() {
                    Some(2) => NatKind::Standard,
                    // the traditional one is what the provider takes where nothing is said
                    _ => NatKind::Traditional,
                },
                eips: self.address_list(index, "assigned_eip_set", EIP, &spots.there),
                strict_snat: false,
                snat: Vec::new(),
                dnat: Vec::new(),
            };
            self.network().nat_gateways.insert(id, gateway);
            self.place(index, Kind::NatGateway);
        }
        for index in self.of_kind(EIP[0]) {
            // what holds an EIP says its address; the EIP itself is no entity
            self.imported(index);
        }
        for index in self.of_kind("tencentcloud_nat_gateway_snat") {
            self.snat(index);
        }
        for index in self.of_kind("tencentcloud_dnat") {
            self.dnat(index);
        }
    }

    fn snat(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::NatGateway));
        let Some(gateway) = self.must(index, "nat_gateway_id", NAT, &spots) else {
            return;
        };
        let id = self.id(gateway);
        let spot = Spot::Entity(id.clone());
        let eips = self.address_list(index, "public_ip_addr", EIP, &spot);
        let spots = Spots::part(spot.clone());
        let resource = self.input.text(index, "resource_type").unwrap_or_default();
        let from = if resource.eq_ignore_ascii_case("subnet") {
            let subnet = self.must(index, "subnet_id", SUBNET, &spots);
            subnet.map(|subnet| SnatSource::Subnet(self.id(subnet)))
        } else {
            let kinds = [INSTANCE, INTERFACE].concat();
            let instance = self.must(index, "instance_id", &kinds, &spots);
            instance.map(|instance| SnatSource::Instance(self.id(instance)))
        };
        let (Some(from), false) = (from, eips.is_empty()) else {
            return;
        };
        if let Some(gateway) = self.network().nat_gateways.get_mut(&id) {
            gateway.snat.push(Snat { from, eips });
        }
        self.joins(index, &id);
    }

    fn dnat(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::NatGateway));
        let Some(gateway) = self.must(index, "nat_id", NAT, &spots) else {
            return;
        };
        let id = self.id(gateway);
        let spot = Spot::Entity(id.clone());
        let outside = self.address_list(index, "elastic_ip", EIP, &spot);
        let kinds = [INSTANCE, INTERFACE].concat();
        let inside = self.address_list(index, "private_ip", &kinds, &spot);
        let entry = self.dnat_entry(index, &outside, &inside);
        match entry {
            Ok(entry) => {
                if let Some(gateway) = self.network().nat_gateways.get_mut(&id) {
                    gateway.dnat.push(entry);
                }
                self.joins(index, &id);
            }
            Err(why) => self.left_out(index, "", &spot, Self::unreadable(why)),
        }
    }

    fn dnat_entry(
        &self,
        index: usize,
        outside: &[IpAddr],
        inside: &[IpAddr],
    ) -> Result<Dnat, Words> {
        let text = |name| self.input.text(index, name).unwrap_or_default();
        let unknown = |name: &str| words!("its `{name}` is not known", "其 `{name}` 未知");
        let protocol = text("protocol");
        let port = text("private_port");
        let port = port.parse().map_err(|_| words!("`{port}` is no port", "`{port}` 不是端口"))?;
        Ok(Dnat {
            service: notation::service(&protocol, &text("elastic_port"))?,
            eip: *outside.first().ok_or_else(|| unknown("elastic_ip"))?,
            to: *inside.first().ok_or_else(|| unknown("private_ip"))?,
            port,
        })
    }

    pub(super) fn peerings(&mut self) {
        for index in self.of_kind(PEERING[0]) {
            let id = self.id(index);
            let spots = Spots::entity(Kind::Peering, &id);
            let source = self.must(index, "source_vpc_id", VPC, &spots);
            let destination = self.must(index, "destination_vpc_id", VPC, &spots);
            let (Some(source), Some(destination)) = (source, destination) else {
                continue;
            };
            let peering = Peering {
                meta: self.meta(index, &["peering_connection_name"]),
                between: (self.id(source), self.id(destination)),
                state: PeeringState::Active,
            };
            let peering = Peering {
                meta: crate::model::Meta {
                    tags: std::collections::BTreeMap::new(),
                    ..peering.meta
                },
                ..peering
            };
            self.network().peerings.insert(id, peering);
            self.place(index, Kind::Peering);
        }
        for index in self.of_kind("tencentcloud_vpc_peer_connect_accept_operation") {
            if let Ok(Some(found)) = self.input.one(index, "peering_connection_id", PEERING) {
                self.belongs(index, &self.id(found.value));
            }
            self.imported(index);
        }
    }

    /// The entity of a gateway.
    pub(super) fn entity(&self, index: usize) -> Spot {
        let id: Id = self.id(index);
        Spot::Entity(id)
    }
}
