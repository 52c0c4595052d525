//! Machines: instances in VPCs and in the classic network, and interfaces.

use crate::diagnostic::Words;
use std::net::IpAddr;

use serde_json::Value;

use super::ground::{SUBNET, VPC};
use super::{Import, Spots};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{ClassicInstance, Instance, Kind, NetworkInterface, State};

/// The type of a machine.
pub const INSTANCE: &[&str] = &["tencentcloud_instance"];
/// The type of an interface.
pub const INTERFACE: &[&str] = &["tencentcloud_eni"];
/// The type of an EIP.
pub const EIP: &[&str] = &["tencentcloud_eip"];
impl Import<'_> {
    pub(super) fn instances(&mut self) {
        for index in self.of_kind(INSTANCE[0]) {
            if self.is_classic(index) {
                self.classic_instance(index);
                continue;
            }
            let spots = self.spots(index, Kind::Instance);
            let Some(subnet) = self.subnet_of(index, &spots) else {
                continue;
            };
            let security_groups = self.groups(index, Kind::Instance);
            let Some(ip) = self.addresses(index, &spots).first().copied() else {
                continue;
            };
            let instance = Instance {
                meta: self.meta(index, &["instance_name"]),
                subnet,
                ip,
                secondary_ips: Vec::new(),
                ipv6: None,
                eip: self.own_public(index, &spots.there),
                security_groups,
                state: self.state(index),
                public_gateway: false,
                masquerades: false,
            };
            let id = self.id(index);
            self.network().instances.insert(id, instance);
            self.place(index, Kind::Instance);
            self.second_family(index);
        }
    }

    fn classic_instance(&mut self, index: usize) {
        let spots = self.spots(index, Kind::ClassicInstance);
        let Some(region) = self.region_of(index, &spots.missing) else {
            return;
        };
        let security_groups = self.groups(index, Kind::ClassicInstance);
        let Some(ip) = self.addresses(index, &spots).first().copied() else {
            return;
        };
        let instance = ClassicInstance {
            meta: self.meta(index, &["instance_name"]),
            region,
            ip,
            public_ip: self.own_public(index, &spots.there),
            security_groups,
            state: self.state(index),
        };
        let id = self.id(index);
        self.network().classic_instances.insert(id, instance);
        self.place(index, Kind::ClassicInstance);
    }

    /// The region of something in the classic network.
    pub(super) fn region_of(&mut self, index: usize, spot: &Spot) -> Option<String> {
        let zone = self.input.text(index, "availability_zone");
        let of_zone = zone.as_deref().and_then(notation::region_of_zone);
        let region = of_zone
            .map(str::to_owned)
            .or_else(|| self.input.region(index))
            .or_else(|| self.options.region.clone());
        if region.is_none() {
            let why = super::ground::no_region();
            self.left_out(index, "region", spot, why);
        }
        region
    }

    fn own_public(&mut self, index: usize, spot: &Spot) -> Option<IpAddr> {
        let address = self.public_address(index)?;
        self.say_made_up(index, address, spot);
        Some(address)
    }

    fn state(&self, index: usize) -> State {
        let status = self.input.text(index, "instance_status");
        let runs = *self.input.known(index, "running_flag") != Value::Bool(false);
        match status.as_deref() {
            Some("STOPPED") => State::Stopped,
            Some("SHUTDOWN" | "TERMINATING") => State::Isolated,
            _ if runs => State::Running,
            _ => State::Stopped,
        }
    }

    pub(super) fn network_interfaces(&mut self) {
        let (attached, is_whole) = self.attachments();
        for index in self.of_kind(INTERFACE[0]) {
            let spots = self.spots(index, Kind::NetworkInterface);
            let instance = attached.iter().find(|(interface, _)| *interface == index);
            let instance = match instance {
                Some((_, Some(instance))) => *instance,
                Some((_, None)) => {
                    let why = Self::unreadable(Words::new(
                        "what it is attached to is left out",
                        "它绑定的资源未导入",
                    ));
                    self.left_out(index, "", &spots.missing, why);
                    continue;
                }
                None => {
                    let why = super::Unresolved {
                        lack: super::resolve::Lack::Meaning,
                        why: Words::new(
                            "it is attached to nothing, so it is no endpoint",
                            "它未绑定任何实例，因此不是端点",
                        ),
                        help: Words::new("attach it", "请先绑定"),
                    };
                    let bears =
                        if is_whole { Bears::Nothing } else { Bears::Missing(self.sets_of(index)) };
                    let spot = &spots.missing;
                    self.leave_out((index, ""), spot, why, bears);
                    continue;
                }
            };
            let Some(subnet) = self.must(index, "subnet_id", SUBNET, &spots) else {
                continue;
            };
            let security_groups = self.interface_groups(index);
            let addresses = self.addresses(index, &spots);
            let Some((ip, secondary)) = addresses.split_first() else {
                continue;
            };
            let interface = NetworkInterface {
                meta: self.meta(index, &["name"]),
                instance: self.id(instance),
                subnet: self.id(subnet),
                ip: *ip,
                secondary_ips: secondary.to_vec(),
                eip: None,
                security_groups,
            };
            let id = self.id(index);
            self.network().network_interfaces.insert(id, interface);
            self.place(index, Kind::NetworkInterface);
        }
    }

    /// Which interface is attached to which instance, `None` = one that is left out; and whether that is all.
    fn attachments(&mut self) -> (Vec<(usize, Option<usize>)>, bool) {
        let mut attached = Vec::new();
        let mut is_whole = true;
        for index in self.of_kind("tencentcloud_eni_attachment") {
            let spots = Spots::part(Spot::Section(Kind::NetworkInterface));
            let interface = match self.input.one(index, "eni_id", INTERFACE) {
                Ok(Some(found)) => found.value,
                Ok(None) => continue,
                Err(why) => {
                    is_whole &= why.lack == super::resolve::Lack::Presence;
                    // the interfaces that it may mean say so themselves
                    let spot = &spots.missing;
                    self.leave_out((index, "eni_id"), spot, why, Bears::Nothing);
                    continue;
                }
            };
            let found = self.input.one(index, "instance_id", INSTANCE);
            let instance = match found {
                Err(why) => {
                    // the interface says itself what it is missing from
                    let spot = &spots.missing;
                    let attribute = (index, "instance_id");
                    self.leave_out(attribute, spot, why, Bears::Nothing);
                    None
                }
                Ok(found) => self.settle(index, "instance_id", Ok(found), &spots).ok().flatten(),
            };
            attached.push((interface, instance));
            if instance.is_some() {
                self.joins(index, &self.id(interface));
            }
        }
        (attached, is_whole)
    }

    /// The groups of an interface, or those that an attachment gives it.
    fn interface_groups(&mut self, interface: usize) -> Vec<Id> {
        for index in self.of_kind("tencentcloud_eni_sg_attachment") {
            let of = self.input.many(index, "network_interface_ids", INTERFACE);
            if of.is_some_and(|many| many.found.contains(&interface)) {
                self.joins(index, &self.id(interface));
                return self.listed_groups((index, "security_group_ids"), interface);
            }
        }
        self.groups(interface, Kind::NetworkInterface)
    }

    pub(super) fn classic_links(&mut self) {
        for index in self.of_kind("tencentcloud_vpc_classic_link_attachment") {
            let spots = Spots::part(Spot::Section(Kind::ClassicInstance));
            let Some(vpc) = self.must(index, "vpc_id", VPC, &spots) else {
                continue;
            };
            let Some(many) = self.input.many(index, "instance_ids", INSTANCE) else {
                continue;
            };
            let spot = Spot::Entity(self.id(vpc));
            self.assumed(index, "instance_ids", &spot, many.because);
            for why in many.lost {
                let bears = match why.lack {
                    super::resolve::Lack::Meaning => Bears::On(vec![self.id(vpc)]),
                    super::resolve::Lack::Presence => Bears::Nothing,
                };
                self.leave_out((index, "instance_ids"), &spot, why, bears);
            }
            let vpc = self.id(vpc);
            self.joins(index, &vpc);
            for instance in many.found {
                if self.placed.contains_key(&instance) {
                    let instance = self.id(instance);
                    self.belongs(index, &instance);
                    let links = &mut self.draft.document.fragment.classic_links;
                    links.entry(vpc.clone()).or_default().push(instance);
                } else {
                    let why = Self::hangs_on(self.address(instance));
                    let part = (index, "instance_ids");
                    self.leave_out(part, &spot, why, Bears::Nothing);
                }
            }
        }
    }
}
