//! HAVIPs, and what public addresses are bound to.

use crate::diagnostic::{Words, words};
use std::net::IpAddr;

use super::ground::SUBNET;
use super::machine::{EIP, INSTANCE, INTERFACE};
use super::{Import, Spots};
use crate::import::document::Spot;
use crate::model::{HaVip, Kind, LoadBalancerNetwork};

/// The type of a HAVIP.
pub const HAVIP: &[&str] = &["tencentcloud_ha_vip"];
/// The type of what binds a HAVIP to a machine.
const CARRIED: &str = "tencentcloud_ha_vip_instance_attachment";
/// What an EIP may be bound to.
const BOUND: &[&str] = &[
    "tencentcloud_instance",
    "tencentcloud_eni",
    "tencentcloud_ha_vip",
    "tencentcloud_clb_instance",
    "tencentcloud_nat_gateway",
];

impl Import<'_> {
    pub(super) fn havips(&mut self) {
        for index in self.of_kind(HAVIP[0]) {
            let spots = self.spots(index, Kind::HaVip);
            let Some(subnet) = self.must(index, "subnet_id", SUBNET, &spots) else {
                continue;
            };
            let Some(ip) = self.addresses(index, &spots).first().copied() else {
                continue;
            };
            // which machine announces it is found out by the machines, not by Terraform
            let known = self.input.text(index, "instance_id");
            let bound_to = known.as_ref().and_then(|id| self.input.with_id(id));
            let bound_to = bound_to.filter(|it| self.placed.get(it) == Some(&Kind::Instance));
            let bound_to = bound_to.or_else(|| self.carrier(index));
            let id = self.id(index);
            let havip = HaVip {
                meta: self.meta(index, &["name"]),
                subnet: self.id(subnet),
                ip,
                eip: None,
                bound_to: bound_to.map(|it| self.id(it)),
                masquerades: false,
            };
            if havip.bound_to.is_none() {
                let why = Words::new(
                    "which instance announces it is not in the input: here it leads nowhere",
                    "输入中没有宣告它的实例：此处它不通向任何实例",
                );
                if known.is_some() || self.input.is_plan {
                    self.open(index, &id, why);
                } else {
                    self.doubt(index, &spots.there, why);
                }
            }
            self.network().havips.insert(id, havip);
            self.place(index, Kind::HaVip);
        }
        for index in self.of_kind(CARRIED) {
            if let Ok(Some(havip)) = self.input.one(index, "ha_vip_id", HAVIP)
                && self.placed.contains_key(&havip.value)
            {
                self.joins(index, &self.id(havip.value));
            }
        }
    }

    /// The instance that an attachment binds a HAVIP to, by its interface or by itself.
    fn carrier(&self, havip: usize) -> Option<usize> {
        let mut attachments = self.input.of_kind(CARRIED);
        let own = attachments.find(|attachment| {
            let of = self.input.one(*attachment, "ha_vip_id", HAVIP);
            matches!(of, Ok(Some(found)) if found.value == havip)
        })?;
        let kinds = [INSTANCE, INTERFACE].concat();
        let carrier = self.input.one(own, "instance_id", &kinds).ok()??;
        (self.placed.get(&carrier.value) == Some(&Kind::Instance)).then_some(carrier.value)
    }

    /// `tencentcloud_eip_association`. What an instance says of its own public address may be stale.
    pub(super) fn bind_eips(&mut self) {
        for index in self.of_kind("tencentcloud_eip_association") {
            let spots = Spots::part(Spot::Head);
            let mut attribute = "instance_id";
            let mut owner = self.input.one(index, attribute, BOUND);
            if matches!(owner, Ok(None)) {
                attribute = "network_interface_id";
                owner = self.input.one(index, attribute, BOUND);
            }
            let eip = match self.input.one(index, "eip_id", EIP) {
                Ok(Some(found)) => found.value,
                Ok(None) => continue,
                Err(why) => {
                    let bears = self.getting(&owner);
                    self.leave_out((index, "eip_id"), &spots.missing, why, bears);
                    continue;
                }
            };
            let Some(address) = self.public_address(eip) else {
                continue;
            };
            if let Some(owner) = self.must(index, attribute, BOUND, &spots) {
                self.bind(owner, address);
                let private = self.input.text(index, "private_ip");
                let private = private.and_then(|it| it.parse::<IpAddr>().ok());
                let own = self.private_address(owner);
                let owner = self.id(owner);
                if private.is_some() && private != own {
                    let why = words!(
                        "{address} is bound to a secondary address of {owner}",
                        "{address} 绑定在 {owner} 的辅助地址上"
                    );
                    self.open(index, &owner, why);
                }
                self.joins(index, &owner);
                self.joins(eip, &owner);
                self.say_made_up(eip, address, &Spot::Entity(owner));
            }
        }
    }

    /// `tencentcloud_ha_vip_eip_attachment` names the address, not the EIP.
    pub(super) fn bind_havips(&mut self) {
        for index in self.of_kind("tencentcloud_ha_vip_eip_attachment") {
            let spots = Spots::part(Spot::Section(Kind::HaVip));
            let Some(havip) = self.must(index, "havip_id", HAVIP, &spots) else {
                continue;
            };
            let id = self.id(havip);
            let spot = Spot::Entity(id.clone());
            let address = self.address_list(index, "address_ip", EIP, &spot);
            if let Some(address) = address.first() {
                self.bind(havip, *address);
                self.joins(index, &id);
            }
        }
    }

    fn bind(&mut self, owner: usize, address: IpAddr) {
        let id = self.id(owner);
        let network = self.network();
        if let Some(instance) = network.instances.get_mut(&id) {
            instance.eip = Some(address);
        } else if let Some(interface) = network.network_interfaces.get_mut(&id) {
            interface.eip = Some(address);
        } else if let Some(havip) = network.havips.get_mut(&id) {
            havip.eip = Some(address);
        } else if let Some(instance) = network.classic_instances.get_mut(&id) {
            instance.public_ip = Some(address);
        } else if let Some(balancer) = network.load_balancers.get_mut(&id)
            && let LoadBalancerNetwork::Internal { eip, .. } = &mut balancer.network
        {
            *eip = Some(address);
        }
    }
}
