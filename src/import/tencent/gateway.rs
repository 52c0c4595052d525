//! NAT gateways with their rules, and peerings.

use std::net::IpAddr;

use super::Import;
use super::dump::Object;
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{Dnat, Kind, NatGateway, NatKind, Peering, PeeringState, Snat, SnatSource};

impl<'d> Import<'d> {
    pub(super) fn nat_gateways(&mut self) {
        for object in self.dump.all("DescribeNatGateways", "NatGatewaySet") {
            let id = object.words("NatGatewayId");
            let spot = Spot::Section(Kind::NatGateway);
            let Some(vpc) = self.must(id, "VpcId", object.words("VpcId"), Kind::Vpc, spot) else {
                continue;
            };
            let here = Spot::Entity(notation::id(id));
            let mut eips = Vec::new();
            for address in object.list("PublicIpAddressSet") {
                let address = notation::address(address.words("PublicIpAddress"));
                eips.extend(self.read(id, "PublicIpAddressSet", here.clone(), address));
            }
            let has_groups = !object.texts("SecurityGroupSet").is_empty();
            if has_groups {
                let why = Words::new(
                    "its security groups are not imported (D-6)",
                    "未导入其安全组（D-6）",
                );
                self.open(id, here, why);
            }
            let gateway = NatGateway {
                meta: Self::plain_meta(&object, "NatGatewayName"),
                vpc,
                kind: match object.number("NatProductVersion") {
                    Some(2) => NatKind::Standard,
                    _ => NatKind::Traditional,
                },
                eips,
                strict_snat: object.is("StrictSnatMode"),
                snat: Vec::new(),
                dnat: Vec::new(),
            };
            self.network().nat_gateways.insert(notation::id(id), gateway);
            for rule in object.list("SourceIpTranslationNatRuleSet") {
                self.snat(id, &rule);
            }
            for rule in object.list("DestinationIpPortTranslationNatRuleSet") {
                self.dnat(id, &rule);
            }
            self.imported(id);
        }
        let rules = self
            .dump
            .all("DescribeNatGatewaySourceIpTranslationNatRules", "SourceIpTranslationNatRuleSet");
        for rule in rules {
            if let Some(gateway) = self.gateway_of(&rule) {
                self.snat(gateway, &rule);
            }
        }
        let rules = self.dump.all(
            "DescribeNatGatewayDestinationIpPortTranslationNatRules",
            "NatGatewayDestinationIpPortTranslationNatRuleSet",
        );
        for rule in rules {
            if let Some(gateway) = self.gateway_of(&rule) {
                self.dnat(gateway, &rule);
            }
        }
    }

    fn gateway_of(&mut self, rule: &Object<'d>) -> Option<&'d str> {
        let named =
            rule.text("NatGatewayId").or(rule.response.owner.as_deref()).unwrap_or_default();
        let file = rule.response.file.as_str();
        let spot = Spot::Section(Kind::NatGateway);
        self.must(file, "NatGatewayId", named, Kind::NatGateway, spot)?;
        Some(named)
    }

    fn snat(&mut self, gateway: &str, rule: &Object<'d>) {
        let id = notation::id(gateway);
        let spot = Spot::Entity(id.clone());
        let resource = rule.words("ResourceId");
        let is_subnet = rule.words("ResourceType").eq_ignore_ascii_case("subnet");
        let from = if is_subnet {
            self.must(gateway, "snat", resource, Kind::Subnet, spot.clone()).map(SnatSource::Subnet)
        } else {
            let machine = self.machine(resource);
            if machine.is_none() {
                let why = words!(
                    "no machine in the files has the id or interface `{resource}`",
                    "文件中没有 ID 或弹性网卡为 `{resource}` 的机器"
                );
                let help = Words::new(
                    "collect the instances and their interfaces",
                    "请采集云服务器及其弹性网卡",
                );
                self.left_out(gateway, "snat", spot.clone(), why, help);
            }
            machine.map(SnatSource::Instance)
        };
        let eips: Result<Vec<IpAddr>, _> =
            rule.texts("PublicIpAddresses").into_iter().map(notation::address).collect();
        let eips = self.read(gateway, "snat", spot, eips);
        if let (Some(from), Some(eips)) = (from, eips)
            && let Some(gateway) = self.network().nat_gateways.get_mut(&id)
        {
            let rule = Snat { from, eips };
            if !gateway.snat.contains(&rule) {
                gateway.snat.push(rule);
            }
        }
    }

    /// The machine that an id of it or of its primary interface means, or an interface of its own.
    fn machine(&mut self, id: &str) -> Option<Id> {
        let network = self.network();
        if network.has(Kind::Instance, id) || network.has(Kind::NetworkInterface, id) {
            return Some(Id::from(id));
        }
        let interfaces = self.dump.all("DescribeNetworkInterfaces", "NetworkInterfaceSet");
        let own = interfaces.iter().find(|it| it.text("NetworkInterfaceId") == Some(id))?;
        let instance = own.inner("Attachment").words("InstanceId");
        let is_there = self.network().has(Kind::Instance, instance);
        is_there.then(|| Id::from(instance))
    }

    fn dnat(&mut self, gateway: &str, rule: &Object<'d>) {
        let id = notation::id(gateway);
        let entry = dnat(rule);
        let entry = self.read(gateway, "dnat", Spot::Entity(id.clone()), entry);
        if let Some(entry) = entry
            && let Some(gateway) = self.network().nat_gateways.get_mut(&id)
            && !gateway.dnat.contains(&entry)
        {
            gateway.dnat.push(entry);
        }
    }

    pub(super) fn peerings(&mut self) {
        let peerings = self.dump.all("DescribeVpcPeeringConnections", "PeerConnectionSet");
        for object in peerings {
            let id = object.words("PeeringConnectionId");
            let spot = Spot::Section(Kind::Peering);
            let peer = object
                .text("PeerVpcId")
                .or_else(|| object.text("DestinationVpcId"))
                .unwrap_or_default();
            let source = object.words("SourceVpcId");
            let source = self.must(id, "SourceVpcId", source, Kind::Vpc, spot.clone());
            let peer = self.must(id, "PeerVpcId", peer, Kind::Vpc, spot);
            let (Some(source), Some(peer)) = (source, peer) else {
                continue;
            };
            let is_active = object.words("State").eq_ignore_ascii_case("active");
            let peering = Peering {
                meta: Self::plain_meta(&object, "PeeringConnectionName"),
                between: (source, peer),
                state: if is_active { PeeringState::Active } else { PeeringState::Pending },
            };
            self.network().peerings.insert(notation::id(id), peering);
            self.imported(id);
        }
    }
}

fn dnat(rule: &Object<'_>) -> Result<Dnat, Words> {
    let port = |name: &str| {
        rule.port(name).ok_or_else(|| {
            let told = rule.get(name);
            words!("{name} {told} is no port", "{name} {told} 不是端口")
        })
    };
    let outside = port("PublicPort")?.to_string();
    Ok(Dnat {
        service: notation::service(rule.words("IpProtocol"), &outside)?,
        eip: notation::address(rule.words("PublicIpAddress"))?,
        to: notation::address(rule.words("PrivateIpAddress"))?,
        port: port("PrivatePort")?,
    })
}
