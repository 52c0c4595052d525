//! Machines, interfaces, HAVIPs, EIPs, and the linked classic CVMs.

use std::net::IpAddr;

use super::dump::Object;
use super::{Import, name_file, no_region};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::{Bears, Touched, without_groups};
use crate::import::notation;
use crate::import::note::Outcome;
use crate::model::{
    ClassicInstance, HaVip, Instance, Kind, LoadBalancerNetwork, NetworkInterface, State,
};

impl<'d> Import<'d> {
    pub(super) fn instances(&mut self) {
        for object in self.dump.all("DescribeInstances", "InstanceSet") {
            let place = object.inner("VirtualPrivateCloud");
            let places = [place.words("VpcId"), place.words("SubnetId")];
            self.within(places.into_iter().chain(object.texts("SecurityGroupIds")));
            // nothing but the missing VPC tells a classic CVM (IMP-5)
            let is_classic = place.text("VpcId").is_none() && place.text("SubnetId").is_none();
            if is_classic {
                self.classic_instance(&object);
            } else {
                self.instance(&object, &place);
            }
        }
    }

    /// The groups that a list names, in order. A machine always has one (SG-17), so a list without any does not tell
    /// which: the default one, as a rule (D20-39), and nothing follows from it for certain.
    fn groups(&mut self, object: &Object<'d>, id: &str, name: &str, kind: Kind) -> Option<Vec<Id>> {
        let groups = object.texts(name);
        let listed = object.get(name).as_array().map_or(0, Vec::len);
        let is_told = !groups.is_empty() && groups.len() == listed;
        let groups = self.ids(id, name, &groups, (kind, Kind::SecurityGroup))?;
        if is_told {
            return Some(groups);
        }
        // before the stand-in: any of them may have it as a member
        let missing = self.network().security_groups.keys().cloned().collect();
        let default = self.default_group(object).unwrap_or_else(|| {
            let region = object.response.region.iter().map(|it| format!(".{it}"));
            let region: String = region.collect();
            let id = Id::from(format!("default-security-group{region}"));
            self.draft.stand_in_group(&id);
            id
        });
        let help = words!(
            "the default group {default} stands in for them: write its groups into the file",
            "以默认安全组 {default} 代之：请将其安全组写入文件"
        );
        let own = notation::id(id);
        let touched = Touched { on: vec![own.clone()], missing, ..Touched::default() };
        let say = Say::of(id, without_groups()).at(name).help(help);
        self.draft.leave_open(Spot::Entity(own), say, Bears::Of(touched));
        Some(if groups.is_empty() { vec![default] } else { groups })
    }

    /// The default group of the region and project of a machine, if the files tell which one it is.
    fn default_group(&self, machine: &Object<'d>) -> Option<Id> {
        let project = |object: &Object<'d>| object.text("ProjectId").unwrap_or("0");
        let own = project(&machine.inner("Placement"));
        let groups = self.dump.all("DescribeSecurityGroups", "SecurityGroupSet");
        let mut groups = groups.iter().filter(|group| {
            let is_here = group.response.region == machine.response.region;
            is_here && group.is("IsDefault") && project(group) == own
        });
        let only = groups.next().filter(|_| groups.next().is_none())?;
        only.text("SecurityGroupId").map(notation::id)
    }

    fn first_address(&mut self, object: &Object<'d>, id: &str, kind: Kind) -> Option<IpAddr> {
        let first = object.texts("PrivateIpAddresses").first().copied();
        let address = notation::address(first.unwrap_or_default());
        self.read(id, "PrivateIpAddresses", Spot::Section(kind), address)
    }

    fn instance(&mut self, object: &Object<'d>, place: &Object<'d>) {
        let id = object.words("InstanceId");
        let spot = Spot::Section(Kind::Instance);
        let subnet = place.words("SubnetId");
        let Some(subnet) = self.must(id, "SubnetId", subnet, Kind::Subnet, spot) else {
            return;
        };
        let Some(ip) = self.first_address(object, id, Kind::Instance) else {
            return;
        };
        let Some(security_groups) = self.groups(object, id, "SecurityGroupIds", Kind::Instance)
        else {
            return;
        };
        let ipv6: Option<IpAddr> =
            object.texts("IPv6Addresses").iter().find_map(|text| text.parse().ok());
        let lies_in = self.network().subnets.get(&subnet);
        let ipv6 = ipv6.filter(|it| lies_in.is_some_and(|subnet| subnet.covers(*it)));
        let instance = Instance {
            meta: Self::meta(object, "InstanceName"),
            subnet,
            ip,
            secondary_ips: self.secondary_ips(object, ip),
            ipv6,
            eip: public(object),
            security_groups,
            state: state(object),
            public_gateway: place.is("AsVpcGateway"),
            masquerades: false,
        };
        self.strange_state(object, id);
        self.network().instances.insert(notation::id(id), instance);
        self.imported(id);
    }

    /// The other addresses of the primary interface: its own answer lists them, or else that of the machine.
    fn secondary_ips(&self, machine: &Object<'d>, primary: IpAddr) -> Vec<IpAddr> {
        let instance = machine.words("InstanceId");
        let interfaces = self.dump.all("DescribeNetworkInterfaces", "NetworkInterfaceSet");
        let own = interfaces
            .iter()
            .find(|it| it.is("Primary") && it.inner("Attachment").words("InstanceId") == instance);
        let told = machine.texts("PrivateIpAddresses").into_iter();
        let told = told.filter_map(|text| text.parse().ok());
        let of_others = interfaces.iter().filter(|it| !it.is("Primary"));
        let of_others: Vec<IpAddr> = of_others.flat_map(private_addresses).collect();
        let addresses = own.map(private_addresses).unwrap_or_default();
        let mut secondary = Vec::new();
        for address in addresses.into_iter().chain(told) {
            if address != primary && !secondary.contains(&address) && !of_others.contains(&address)
            {
                secondary.push(address);
            }
        }
        secondary
    }

    fn classic_instance(&mut self, object: &Object<'d>) {
        let id = object.words("InstanceId");
        let zone = object.inner("Placement").words("Zone");
        let Some(region) = self.region(object, zone) else {
            let why = no_region();
            let help = name_file("DescribeInstances.ap-guangzhou.json");
            let spot = Spot::Section(Kind::ClassicInstance);
            self.left_out(id, "region", spot, why, help);
            return;
        };
        let kind = Kind::ClassicInstance;
        let Some(ip) = self.first_address(object, id, kind) else {
            return;
        };
        let Some(security_groups) = self.groups(object, id, "SecurityGroupIds", kind) else {
            return;
        };
        let instance = ClassicInstance {
            meta: Self::meta(object, "InstanceName"),
            region,
            ip,
            public_ip: public(object),
            security_groups,
            state: state(object),
        };
        self.strange_state(object, id);
        let network = self.network();
        network.classic_instances.insert(notation::id(id), instance);
        self.imported(id);
    }

    /// Says that a state does not tell whether the machine answers.
    fn strange_state(&mut self, object: &Object<'d>, id: &str) {
        let state = object.words("InstanceState").to_ascii_uppercase();
        let why = if state.contains("RESCUE_MODE") {
            Words::new(
                "it is in rescue mode: another system runs on it, and what that one answers is not known",
                "处于救援模式：其上运行的是另一个系统，无法得知它响应什么",
            )
        } else if !STATES.contains(&state.as_str()) {
            words!("its state `{state}` is not known", "其状态 `{state}` 未知")
        } else {
            return;
        };
        self.open(id, Spot::Entity(notation::id(id)), why);
    }

    pub(super) fn network_interfaces(&mut self) {
        let interfaces = self.dump.all("DescribeNetworkInterfaces", "NetworkInterfaceSet");
        for object in interfaces {
            let id = object.words("NetworkInterfaceId");
            let places = [object.words("VpcId"), object.words("SubnetId")];
            self.within(places.into_iter().chain(object.texts("GroupSet")));
            if object.is("Primary") {
                // it is the instance itself
                self.imported(id);
                continue;
            }
            let kind = Kind::NetworkInterface;
            let spot = Spot::Section(kind);
            let instance = object.inner("Attachment").words("InstanceId");
            if instance.is_empty() {
                let why = Words::new(
                    "it is attached to nothing, so it is no endpoint",
                    "它未绑定任何实例，因此不是端点",
                );
                let help = Words::new("attach it", "请先绑定");
                self.leave_out((id, ""), spot, why, help, Bears::Nothing);
                continue;
            }
            let instance = self.must(id, "InstanceId", instance, Kind::Instance, spot.clone());
            let subnet = object.words("SubnetId");
            let subnet = self.must(id, "SubnetId", subnet, Kind::Subnet, spot.clone());
            let (Some(instance), Some(subnet)) = (instance, subnet) else {
                continue;
            };
            let Some(security_groups) = self.groups(&object, id, "GroupSet", kind) else {
                continue;
            };
            let addresses = private_addresses(&object);
            let Some((ip, secondary)) = addresses.split_first() else {
                let why = Words::new("it has no address that can be read", "没有可读取的地址");
                let help = Words::new("collect it again", "请重新采集");
                self.left_out(id, "PrivateIpAddressSet", spot, why, help);
                continue;
            };
            let addresses = object.list("PrivateIpAddressSet");
            let eip = addresses.iter().find_map(|it| it.text("PublicIpAddress"));
            let interface = NetworkInterface {
                meta: Self::meta(&object, "NetworkInterfaceName"),
                instance,
                subnet,
                ip: *ip,
                secondary_ips: secondary.to_vec(),
                eip: eip.and_then(|eip| eip.parse().ok()),
                security_groups,
            };
            let network = self.network();
            network.network_interfaces.insert(notation::id(id), interface);
            self.imported(id);
        }
    }

    pub(super) fn havips(&mut self) {
        for object in self.dump.all("DescribeHaVips", "HaVipSet") {
            let id = object.words("HaVipId");
            self.within([object.words("VpcId"), object.words("SubnetId")]);
            let spot = Spot::Section(Kind::HaVip);
            let subnet = object.words("SubnetId");
            let subnet = self.must(id, "SubnetId", subnet, Kind::Subnet, spot.clone());
            let ip = self.read(id, "Vip", spot, notation::address(object.words("Vip")));
            let (Some(subnet), Some(ip)) = (subnet, ip) else {
                continue;
            };
            let here = Spot::Entity(notation::id(id));
            let bound_to = object
                .text("InstanceId")
                .and_then(|it| self.must(id, "InstanceId", it, Kind::Instance, here));
            let havip = HaVip {
                meta: Self::meta(&object, "HaVipName"),
                subnet,
                ip,
                eip: object.text("AddressIp").and_then(|it| it.parse().ok()),
                bound_to,
                masquerades: false,
            };
            self.network().havips.insert(notation::id(id), havip);
            self.imported(id);
        }
    }

    /// `DescribeAddresses` says by private address which part of a machine an EIP belongs to.
    pub(super) fn bind_addresses(&mut self) {
        for object in self.dump.all("DescribeAddresses", "AddressSet") {
            let id = object.words("AddressId");
            self.imported(id);
            let is_bound = object.words("AddressStatus").eq_ignore_ascii_case("bind");
            let Ok(address) = notation::address(object.words("AddressIp")) else {
                continue;
            };
            if !is_bound {
                continue;
            }
            let private: Option<IpAddr> = object.words("PrivateAddressIp").parse().ok();
            let interface = notation::id(object.words("NetworkInterfaceId"));
            let owner = notation::id(object.words("InstanceId"));
            let network = self.network();
            if let Some(interface) = network.network_interfaces.get_mut(&interface) {
                interface.eip = Some(address);
                // what an instance lists as its public addresses includes those of its interfaces
                if let Some(instance) = network.instances.get_mut(&owner)
                    && instance.eip == Some(address)
                {
                    instance.eip = None;
                }
            } else if let Some(instance) = network.instances.get_mut(&owner) {
                let is_primary = private.is_none_or(|private| private == instance.ip);
                if is_primary {
                    instance.eip = Some(address);
                } else if instance.eip.is_none() {
                    instance.eip = Some(address);
                    let ip = instance.ip;
                    let why = words!(
                        "{address} is bound to its secondary address, not to {ip}",
                        "{address} 绑定在辅助地址上，而不是 {ip}"
                    );
                    self.open(id, Spot::Entity(owner), why);
                }
            } else if let Some(instance) = network.classic_instances.get_mut(&owner) {
                instance.public_ip = Some(address);
            } else if let Some(havip) = network.havips.get_mut(&owner) {
                havip.eip = Some(address);
            } else if let Some(balancer) = network.load_balancers.get_mut(&owner) {
                if let LoadBalancerNetwork::Internal { eip, .. } = &mut balancer.network {
                    *eip = Some(address);
                }
            } else if !owner.as_str().starts_with("nat-") {
                let why = words!(
                    "nothing in the files has the id `{owner}` that it is bound to",
                    "文件中没有它绑定的 `{owner}`"
                );
                let help = Words::new("collect what it is bound to", "请采集它绑定的资源");
                self.leave_out((id, "InstanceId"), Spot::Head, why, help, Bears::Nothing);
            }
        }
    }

    /// The API lists linked CVMs without their addresses (CL-21); those are in `DescribeInstances`.
    pub(super) fn classic_links(&mut self) {
        let links = self.dump.all("DescribeClassicLinkInstances", "ClassicLinkInstanceSet");
        for link in links {
            let instance = link.words("InstanceId");
            self.within([]);
            let spot = Spot::Section(Kind::ClassicInstance);
            let vpc = self.must(instance, "VpcId", link.words("VpcId"), Kind::Vpc, spot.clone());
            let kind = Kind::ClassicInstance;
            let instance = self.must(instance, "InstanceId", instance, kind, spot);
            let (Some(vpc), Some(instance)) = (vpc, instance) else {
                continue;
            };
            let links = &mut self.draft.document.fragment.classic_links;
            let links = links.entry(vpc.clone()).or_default();
            if links.contains(&instance) {
                continue;
            }
            let spot = Spot::Item(vpc, "classic_links", links.len());
            links.push(instance.clone());
            let address = self.network().classic_instances.get(&instance);
            let address = address.map(|it| it.ip.to_string()).unwrap_or_default();
            let why = words!(
                "the API does not tell the address of a link: {address} is that of the CVM now",
                "API 不返回互通的地址：{address} 是云服务器当前的地址"
            );
            let say = Say::of(instance.as_str(), why);
            self.draft.say(Outcome::Assumed, spot, say);
        }
    }
}

fn public(object: &Object<'_>) -> Option<IpAddr> {
    let texts = object.texts("PublicIpAddresses");
    texts.iter().find_map(|text| text.parse().ok())
}

/// The private addresses of an interface, the primary one first.
fn private_addresses(interface: &Object<'_>) -> Vec<IpAddr> {
    let mut addresses = interface.list("PrivateIpAddressSet");
    addresses.sort_by_key(|it| !it.is("Primary"));
    let addresses = addresses.iter();
    addresses.filter_map(|it| it.words("PrivateIpAddress").parse().ok()).collect()
}

/// The states whose meaning is known; none is told of a machine that runs.
const STATES: [&str; 13] = [
    "",
    "PENDING",
    "LAUNCH_FAILED",
    "RUNNING",
    "STOPPED",
    "STARTING",
    "STOPPING",
    "REBOOTING",
    "SHUTDOWN",
    "TERMINATING",
    "ENTER_SERVICE_LIVE_MIGRATE",
    "SERVICE_LIVE_MIGRATE",
    "EXIT_SERVICE_LIVE_MIGRATE",
];

fn state(object: &Object<'_>) -> State {
    let restricted = object.words("RestrictState");
    let is_free = restricted.is_empty() || restricted.eq_ignore_ascii_case("normal");
    match object.words("InstanceState").to_ascii_uppercase().as_str() {
        _ if !is_free => State::Isolated,
        "SHUTDOWN" | "TERMINATING" => State::Isolated,
        "STOPPED" | "STOPPING" | "LAUNCH_FAILED" | "PENDING" => State::Stopped,
        _ => State::Running,
    }
}
