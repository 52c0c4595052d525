//! Entities that become others: each by the actions that there are for what differs.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::parts::{addresses, services};
use super::{Commands, call_in, held, kept, variable};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{Change, Dnat, HaVip, Instance, NatGateway, Network, Snat, SnatSource};

/// The line that keeps the id of an elastic address: nothing in it says the region.
fn asked_eip(region: &str, eip: IpAddr) -> String {
    let filters = json!([{ "Name": "address-ip", "Values": [eip.to_string()] }]);
    let call = call_in(region, "vpc", "DescribeAddresses", &[("Filters", filters)]);
    kept("eip", &call, "AddressSet[0].AddressId")
}

impl Commands<'_> {
    /// The lines that make entities of a network those of a part; what no action does is told.
    pub(super) fn replace(&self, now: &Network, part: &Network) -> Vec<String> {
        let mut lines = Vec::new();
        let mut rest = part.clone();
        rest.address_templates.clear();
        rest.service_templates.clear();
        for (id, it) in &part.address_templates {
            let values =
                [("AddressTemplateId", self.id(id)), ("Addresses", addresses(&it.addresses))];
            lines.push(self.vpc("ModifyAddressTemplateAttribute", &values));
        }
        for (id, it) in &part.service_templates {
            let values = [("ServiceTemplateId", self.id(id)), ("Services", services(&it.services))];
            lines.push(self.vpc("ModifyServiceTemplateAttribute", &values));
        }
        for (id, new) in &part.instances {
            let old = now.instances.get(id);
            if let Some(own) = old.and_then(|old| self.instance(id, old, new)) {
                lines.extend(own);
                rest.instances.shift_remove(id);
            }
        }
        for (id, new) in &part.havips {
            let old = now.havips.get(id);
            if let Some(own) = old.and_then(|old| self.havip(id, old, new)) {
                lines.extend(own);
                rest.havips.shift_remove(id);
            }
        }
        for (id, new) in &part.nat_gateways {
            let old = now.nat_gateways.get(id);
            if let Some(own) = old.and_then(|old| self.nat(now, id, old, new)) {
                lines.extend(own);
                rest.nat_gateways.shift_remove(id);
            }
        }
        lines.extend(self.by_hand_all(rest, Change::Replace));
        lines
    }

    /// Addresses and groups of a machine; `None` if it differs in more.
    fn instance(&self, id: &Id, old: &Instance, new: &Instance) -> Option<Vec<String>> {
        let alike = Instance {
            secondary_ips: new.secondary_ips.clone(),
            ipv6: new.ipv6,
            eip: new.eip,
            security_groups: new.security_groups.clone(),
            ..old.clone()
        };
        if alike != *new {
            return None;
        }
        let mut lines = Vec::new();
        let interface = format!("eni_{}", variable(id));
        let holder = held(&interface);
        let gone = missing(&old.secondary_ips, &new.secondary_ips);
        let come = missing(&new.secondary_ips, &old.secondary_ips);
        if !gone.is_empty() || !come.is_empty() || old.ipv6 != new.ipv6 {
            lines.push(self.primary(&interface, id));
        }
        for (action, some) in
            [("UnassignPrivateIpAddresses", gone), ("AssignPrivateIpAddresses", come)]
        {
            if !some.is_empty() {
                let some = some.iter().map(|ip| json!({ "PrivateIpAddress": ip.to_string() }));
                let some = Value::Array(some.collect());
                let values = [("NetworkInterfaceId", holder.clone()), ("PrivateIpAddresses", some)];
                lines.push(self.vpc(action, &values));
            }
        }
        if old.ipv6 != new.ipv6 {
            for (action, ip) in
                [("UnassignIpv6Addresses", old.ipv6), ("AssignIpv6Addresses", new.ipv6)]
            {
                lines.extend(ip.map(|ip| {
                    let one = json!([{ "Address": ip.to_string() }]);
                    let values = [("NetworkInterfaceId", holder.clone()), ("Ipv6Addresses", one)];
                    self.vpc(action, &values)
                }));
            }
        }
        if old.eip != new.eip {
            let region = self.region_of(id);
            let address = held("eip");
            if let Some(eip) = old.eip {
                let gone = [("AddressId", address.clone())];
                lines.push(asked_eip(region, eip));
                lines.push(call_in(region, "vpc", "DisassociateAddress", &gone));
            }
            if let Some(eip) = new.eip {
                let come = [("AddressId", address), ("InstanceId", self.id(id))];
                lines.push(asked_eip(region, eip));
                lines.push(call_in(region, "vpc", "AssociateAddress", &come));
            }
        }
        if old.security_groups != new.security_groups {
            let values = [
                ("InstanceIds", self.ids([id])),
                ("SecurityGroups", self.ids(&new.security_groups)),
            ];
            lines.push(self.call("cvm", "ModifyInstancesAttribute", &values));
        }
        Some(lines)
    }

    /// The line that asks for the primary interface of a machine.
    fn primary(&self, variable: &str, instance: &Id) -> String {
        let filters = json!([{ "Name": "attachment.instance-id", "Values": [self.id(instance)] }]);
        self.asked(
            variable,
            ("vpc", "DescribeNetworkInterfaces"),
            &[("Filters", filters)],
            "NetworkInterfaceSet[?Primary].NetworkInterfaceId | [0]",
        )
    }

    fn havip(&self, id: &Id, old: &HaVip, new: &HaVip) -> Option<Vec<String>> {
        let alike = HaVip { eip: new.eip, bound_to: new.bound_to.clone(), ..old.clone() };
        if alike != *new {
            return None;
        }
        let mut lines = Vec::new();
        if old.eip != new.eip {
            let gone = old.eip.map(|eip| self.havip_eip("HaVipDisassociateAddressIp", id, eip));
            let come = new.eip.map(|eip| self.havip_eip("HaVipAssociateAddressIp", id, eip));
            lines.extend(gone.into_iter().chain(come));
        }
        if old.bound_to != new.bound_to {
            lines.push(self.bound(id, new.bound_to.as_ref()));
        }
        Some(lines)
    }

    pub(super) fn havip_eip(&self, action: &str, id: &Id, eip: IpAddr) -> String {
        let mut values = vec![("HaVipId", self.id(id))];
        if action == "HaVipAssociateAddressIp" {
            values.push(("AddressIp", json!(eip.to_string())));
        }
        self.vpc(action, &values)
    }

    /// Whoever announces a HAVIP has it: no action gives it to a machine.
    pub(super) fn bound(&self, id: &Id, to: Option<&Id>) -> String {
        let words = match to {
            Some(to) => Words::new(
                format!("no action of the API: on {to}, start what announces {id} (keepalived)"),
                format!("没有 API：在 {to} 上启动宣告 {id} 的程序（keepalived）"),
            ),
            None => Words::new(
                format!(
                    "no action of the API: on its machine, stop what announces {id} (keepalived)"
                ),
                format!("没有 API：在所绑定的云服务器上停止宣告 {id} 的程序（keepalived）"),
            ),
        };
        self.told(&words)
    }

    fn nat(
        &self,
        now: &Network,
        id: &Id,
        old: &NatGateway,
        new: &NatGateway,
    ) -> Option<Vec<String>> {
        let alike = NatGateway {
            eips: new.eips.clone(),
            snat: new.snat.clone(),
            dnat: new.dnat.clone(),
            ..old.clone()
        };
        if alike != *new {
            return None;
        }
        let mut lines = Vec::new();
        let addresses = |action: &str, some: &[IpAddr]| {
            let some: Vec<String> = some.iter().map(ToString::to_string).collect();
            let values = [("NatGatewayId", self.id(id)), ("PublicIpAddresses", json!(some))];
            self.vpc(action, &values)
        };
        let come = missing(&new.eips, &old.eips);
        let gone = missing(&old.eips, &new.eips);
        if !come.is_empty() {
            lines.push(addresses("AssociateNatGatewayAddress", &come));
        }
        for rule in missing(&old.snat, &new.snat) {
            lines.extend(self.snat_gone(now, id, &rule));
        }
        lines.extend(self.snat(now, id, &missing(&new.snat, &old.snat)));
        lines.extend(self.dnat("Delete", id, &missing(&old.dnat, &new.dnat)));
        lines.extend(self.dnat("Create", id, &missing(&new.dnat, &old.dnat)));
        if !gone.is_empty() {
            lines.push(addresses("DisassociateNatGatewayAddress", &gone));
        }
        Some(lines)
    }

    /// SNAT rules that come.
    pub(super) fn snat(&self, now: &Network, id: &Id, rules: &[Snat]) -> Vec<String> {
        let mut lines = Vec::new();
        for rule in rules {
            let eips: Vec<String> = rule.eips.iter().map(ToString::to_string).collect();
            let source = self.source(now, rule);
            let (resource, kind) = match &rule.from {
                SnatSource::Cidr(_) => (json!(""), "USERDEFINED"),
                SnatSource::Subnet(subnet) => (self.id(subnet), "SUBNET"),
                SnatSource::Instance(instance) if self.is_interface(now, instance) => {
                    (self.id(instance), "NETWORKINTERFACE")
                }
                SnatSource::Instance(instance) => {
                    let interface = format!("eni_{}", variable(instance));
                    lines.push(self.primary(&interface, instance));
                    (held(&interface), "NETWORKINTERFACE")
                }
            };
            let rules = json!([{
                "ResourceId": resource, "ResourceType": kind, "PrivateIpAddress": source,
                "PublicIpAddresses": eips, "Description": source,
            }]);
            let values = [("NatGatewayId", self.id(id)), ("SourceIpTranslationNatRules", rules)];
            lines.push(self.vpc("CreateNatGatewaySourceIpTranslationNatRule", &values));
        }
        lines
    }

    fn snat_gone(&self, now: &Network, id: &Id, rule: &Snat) -> [String; 2] {
        let source = self.source(now, rule);
        let asked = self.asked(
            "snat",
            ("vpc", "DescribeNatGatewaySourceIpTranslationNatRules"),
            &[("NatGatewayId", self.id(id)), ("Limit", json!(100))],
            &format!(
                "SourceIpTranslationNatRuleSet[?PrivateIpAddress=='{source}'].NatGatewaySnatId | [0]"
            ),
        );
        let values = [("NatGatewayId", self.id(id)), ("NatGatewaySnatIds", json!([held("snat")]))];
        [asked, self.vpc("DeleteNatGatewaySourceIpTranslationNatRule", &values)]
    }

    fn is_interface(&self, now: &Network, id: &Id) -> bool {
        let networks = [now, self.goal];
        let mut all = networks.into_iter();
        all.any(|it| it.network_interfaces.contains_key(id))
    }

    /// The addresses that an SNAT rule is for.
    fn source(&self, now: &Network, rule: &Snat) -> String {
        let networks = [now, self.goal];
        let found = networks.into_iter().find_map(|network| match &rule.from {
            SnatSource::Cidr(cidr) => Some(cidr.to_string()),
            SnatSource::Subnet(id) => network.subnets.get(id).map(|it| it.cidr.to_string()),
            SnatSource::Instance(id) => {
                let own = network.instances.get(id).map(|it| it.ip);
                let own = own.or_else(|| network.network_interfaces.get(id).map(|it| it.ip));
                own.map(|ip| ip.to_string())
            }
        });
        found.unwrap_or_default()
    }

    /// Port forwarding that comes or goes.
    pub(super) fn dnat(&self, verb: &str, id: &Id, rules: &[Dnat]) -> Option<String> {
        if rules.is_empty() {
            return None;
        }
        let rules = rules.iter().map(|rule| {
            let port = rule.service.ports.ranges().next().map_or(0, |(first, _)| first);
            let protocol = match rule.service.protocols {
                crate::model::Protocols::One(protocol) => protocol.to_string().to_uppercase(),
                crate::model::Protocols::All => String::from("TCP"),
            };
            json!({
                "IpProtocol": protocol, "PublicIpAddress": rule.eip.to_string(), "PublicPort": port,
                "PrivateIpAddress": rule.to.to_string(), "PrivatePort": rule.port,
            })
        });
        let rules = Value::Array(rules.collect());
        let field = "DestinationIpPortTranslationNatRules";
        let values = [("NatGatewayId", self.id(id)), (field, rules)];
        Some(self.vpc(&format!("{verb}NatGatewayDestinationIpPortTranslationNatRule"), &values))
    }
}

/// Those of some that others do not have.
fn missing<T: Clone + PartialEq>(some: &[T], others: &[T]) -> Vec<T> {
    let some = some.iter().filter(|it| !others.contains(it));
    some.cloned().collect()
}
