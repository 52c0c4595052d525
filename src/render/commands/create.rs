//! Whole things that come and go.

use serde_json::{Value, json};

use super::{Commands, variable};
use crate::id::Id;
use crate::model::{CcnMember, Change, Fragment, Kind, LoadBalancer, LoadBalancerNetwork, Network};

impl Commands<'_> {
    /// What makes everything of a part of a network, in an order in which what is mentioned is there.
    pub(super) fn create(&self, part: &Network) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, it) in &part.vpcs {
            let values = [
                ("VpcName", name(id)),
                ("CidrBlock", json!(it.cidr.to_string())),
            ];
            lines.push(self.made(id, "vpc", "CreateVpc", &values, "Vpc.VpcId"));
        }
        for (id, it) in &part.route_tables {
            let values = [("VpcId", self.id(&it.vpc)), ("RouteTableName", name(id))];
            let path = "RouteTable.RouteTableId";
            lines.push(self.made(id, "vpc", "CreateRouteTable", &values, path));
        }
        for (id, it) in &part.network_acls {
            let values = [("VpcId", self.id(&it.vpc)), ("NetworkAclName", name(id))];
            let path = "NetworkAcl.NetworkAclId";
            lines.push(self.made(id, "vpc", "CreateNetworkAcl", &values, path));
            lines.extend(self.set_entries(id, [Some(&it.ingress), Some(&it.egress)]));
        }
        for (id, it) in &part.subnets {
            let mut values = vec![
                ("VpcId", self.id(&it.vpc)),
                ("SubnetName", name(id)),
                ("CidrBlock", json!(it.cidr.to_string())),
            ];
            values.extend(it.zone.as_ref().map(|zone| ("Zone", json!(zone))));
            lines.push(self.made(id, "vpc", "CreateSubnet", &values, "Subnet.SubnetId"));
            lines.extend(it.route_table.as_ref().map(|table| {
                let values = [("SubnetId", self.id(id)), ("RouteTableId", self.id(table))];
                self.vpc("ReplaceRouteTableAssociation", &values)
            }));
            lines.extend(it.network_acl.as_ref().map(|acl| {
                let values = [
                    ("NetworkAclId", self.id(acl)),
                    ("SubnetIds", self.ids([id])),
                ];
                self.vpc("AssociateNetworkAclSubnets", &values)
            }));
        }
        for id in part.security_groups.keys() {
            let values = [("GroupName", name(id)), ("GroupDescription", name(id))];
            let path = "SecurityGroup.SecurityGroupId";
            lines.push(self.made(id, "vpc", "CreateSecurityGroup", &values, path));
        }
        for (id, it) in &part.security_groups {
            lines.push(self.set_rules(id, [Some(&it.ingress), Some(&it.egress)]));
        }
        self.gateways(part, &mut lines);
        self.interfaces(part, &mut lines);
        for (id, it) in &part.load_balancers {
            lines.extend(self.balancer(id, it));
        }
        for (id, table) in &part.route_tables {
            if !table.routes.is_empty() {
                let (route_table, routes) = (id.clone(), table.routes.clone());
                lines.extend(self.lines(&Change::CreateRoutes {
                    route_table,
                    routes,
                }));
            }
        }
        let mut left = Fragment {
            network: part.clone(),
            ..Fragment::default()
        };
        let rest = &mut left.network;
        rest.vpcs.clear();
        rest.route_tables.clear();
        rest.network_acls.clear();
        rest.subnets.clear();
        rest.security_groups.clear();
        rest.nat_gateways.clear();
        rest.network_interfaces.clear();
        rest.peerings.clear();
        rest.ccns.clear();
        rest.load_balancers.clear();
        if *rest != Network::default() {
            lines.extend(self.by_hand(&Change::Create(Box::new(left))));
        }
        lines
    }

    fn interfaces(&self, part: &Network, lines: &mut Vec<String>) {
        for (id, it) in &part.network_interfaces {
            let vpc = self.goal.vpc_of_subnet(it.subnet.as_str());
            let addresses = std::iter::once(&it.ip).chain(&it.secondary_ips);
            let addresses = addresses
                .enumerate()
                .map(|(at, ip)| json!({ "PrivateIpAddress": ip.to_string(), "Primary": at == 0 }));
            let mut values = vec![("NetworkInterfaceName", name(id))];
            values.extend(vpc.map(|vpc| ("VpcId", self.id(vpc))));
            values.push(("SubnetId", self.id(&it.subnet)));
            values.push(("SecurityGroupIds", self.ids(&it.security_groups)));
            values.push(("PrivateIpAddresses", Value::Array(addresses.collect())));
            let path = "NetworkInterface.NetworkInterfaceId";
            lines.push(self.made(id, "vpc", "CreateNetworkInterface", &values, path));
            lines.push(format!(
                "tccli vpc AttachNetworkInterface --region {} --NetworkInterfaceId \"${}\" --InstanceId {}",
                self.region,
                variable(id),
                super::arg(&self.id(&it.instance))
            ));
        }
    }

    fn gateways(&self, part: &Network, lines: &mut Vec<String>) {
        for (id, it) in &part.nat_gateways {
            let eips: Vec<String> = it.eips.iter().map(ToString::to_string).collect();
            let values = [
                ("NatGatewayName", name(id)),
                ("VpcId", self.id(&it.vpc)),
                ("PublicIpAddresses", json!(eips)),
            ];
            let path = "NatGatewaySet[0].NatGatewayId";
            lines.push(self.made(id, "vpc", "CreateNatGateway", &values, path));
        }
        for (id, it) in &part.peerings {
            let (own, other) = &it.between;
            let values = [
                ("SourceVpcId", self.id(own)),
                ("PeerVpcId", self.id(other)),
                ("PeeringConnectionName", name(id)),
            ];
            let path = "PeeringConnectionId";
            lines.push(self.made(id, "vpc", "CreateVpcPeeringConnection", &values, path));
        }
        for (id, it) in &part.ccns {
            lines.push(self.made(
                id,
                "vpc",
                "CreateCcn",
                &[("CcnName", name(id))],
                "Ccn.CcnId",
            ));
            if !it.attachments.is_empty() {
                lines.push(self.attachments("AttachCcnInstances", id, &it.attachments));
            }
        }
    }

    /// A line that keeps the id that the cloud gives.
    fn made(
        &self,
        id: &Id,
        product: &str,
        action: &str,
        values: &[(&str, Value)],
        path: &str,
    ) -> String {
        let call = self.call(product, action, values);
        format!("{}=$({call} --filter '{path}' | tr -d '\"')", variable(id))
    }

    fn attachments(&self, action: &str, ccn: &Id, members: &[CcnMember]) -> String {
        let networks = [self.goal, self.from];
        let members = members.iter().map(|member| {
            let kind = match member {
                CcnMember::Vpc(_) => "VPC",
                CcnMember::VpnGateway(_) => "VPNGW",
                CcnMember::DirectConnectGateway(_) => "DIRECTCONNECT",
            };
            let id = member.id();
            let mut all = networks.into_iter();
            let region = all.find_map(|network| network.region_of(id.as_str()));
            json!({
                "InstanceId": self.id(id), "InstanceType": kind,
                "InstanceRegion": region.unwrap_or(self.region),
            })
        });
        let members = Value::Array(members.collect());
        self.vpc(action, &[("CcnId", self.id(ccn)), ("Instances", members)])
    }

    fn balancer(&self, id: &Id, it: &LoadBalancer) -> Vec<String> {
        let mut values = vec![("LoadBalancerName", name(id)), ("Forward", json!(1))];
        match &it.network {
            LoadBalancerNetwork::Public { vpc, .. } => {
                values.push(("LoadBalancerType", json!("OPEN")));
                values.push(("VpcId", self.id(vpc)));
            }
            LoadBalancerNetwork::Internal { subnet, vip, .. } => {
                values.push(("LoadBalancerType", json!("INTERNAL")));
                let networks = [self.goal, self.from];
                let mut all = networks.into_iter();
                let vpc = all.find_map(|network| network.vpc_of_subnet(subnet.as_str()));
                values.extend(vpc.map(|vpc| ("VpcId", self.id(vpc))));
                values.push(("SubnetId", self.id(subnet)));
                values.push(("Vip", json!(vip.to_string())));
            }
        }
        if it.pass_to_target {
            values.push(("LoadBalancerPassToTarget", json!(true)));
        }
        let mut lines = vec![self.made(
            id,
            "clb",
            "CreateLoadBalancer",
            &values,
            "LoadBalancerIds[0]",
        )];
        if !it.security_groups.is_empty() {
            let values = [
                ("LoadBalancerId", self.id(id)),
                ("SecurityGroups", self.ids(&it.security_groups)),
            ];
            lines.push(self.call("clb", "SetLoadBalancerSecurityGroups", &values));
        }
        for listener in &it.listeners {
            let ports: Vec<u16> = listener.ports.ranges().map(|(first, _)| first).collect();
            let values = [
                ("LoadBalancerId", self.id(id)),
                ("Ports", json!(ports)),
                ("Protocol", json!(listener.protocol.word().to_uppercase())),
            ];
            lines.push(self.call("clb", "CreateListener", &values));
            if !listener.targets.is_empty() {
                let key = crate::model::ListenerKey {
                    protocols: crate::model::Protocols::One(listener.protocol.transport()),
                    ports: listener.ports.clone(),
                };
                lines.push(self.targets("RegisterTargets", id, &key, &listener.targets));
            }
        }
        lines
    }

    /// Entities that become others: each by the actions that there are for it.
    pub(super) fn replace(&self, part: &Network, whole: &Change) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, it) in &part.address_templates {
            let sets = it
                .addresses
                .iter()
                .flat_map(crate::space::AddressSet::cidrs);
            let sets: Vec<String> = sets.map(|cidr| cidr.to_string()).collect();
            let values = [
                ("AddressTemplateId", self.id(id)),
                ("Addresses", json!(sets)),
            ];
            lines.push(self.vpc("ModifyAddressTemplateAttribute", &values));
        }
        let mut rest = part.clone();
        rest.address_templates.clear();
        if rest == Network::default() {
            return lines;
        }
        lines.extend(self.by_hand(whole));
        lines
    }

    /// What goes, what uses others first.
    pub(super) fn delete(&self, ids: &[Id]) -> Vec<String> {
        let kind = |id: &Id| {
            let own = self.from.kind_of(id.as_str());
            own.or_else(|| self.goal.kind_of(id.as_str()))
        };
        let mut sorted: Vec<(Option<Kind>, &Id)> = ids.iter().map(|id| (kind(id), id)).collect();
        sorted.sort_by_key(|(kind, _)| rank(*kind));
        let lines = sorted
            .into_iter()
            .flat_map(|(kind, id)| self.deleted(kind, id));
        lines.collect()
    }

    fn deleted(&self, kind: Option<Kind>, id: &Id) -> Vec<String> {
        let one = |action: &str, field: &str| vec![self.vpc(action, &[(field, self.id(id))])];
        match kind {
            Some(Kind::LoadBalancer | Kind::ClassicLoadBalancer) => {
                let values = [("LoadBalancerIds", self.ids([id]))];
                vec![self.call("clb", "DeleteLoadBalancer", &values)]
            }
            Some(Kind::Instance | Kind::ClassicInstance) => {
                let values = [("InstanceIds", self.ids([id]))];
                vec![self.call("cvm", "TerminateInstances", &values)]
            }
            Some(Kind::Peering) => one("DeleteVpcPeeringConnection", "PeeringConnectionId"),
            Some(Kind::Ccn) => {
                let ccn = self.from.ccns.get(id);
                let members = ccn.map(|it| it.attachments.clone()).unwrap_or_default();
                let detached = self.attachments("DetachCcnInstances", id, &members);
                let some = (!members.is_empty()).then_some(detached);
                some.into_iter().chain(one("DeleteCcn", "CcnId")).collect()
            }
            Some(Kind::NatGateway) => one("DeleteNatGateway", "NatGatewayId"),
            Some(Kind::VpnGateway) => one("DeleteVpnGateway", "VpnGatewayId"),
            Some(Kind::NetworkInterface) => {
                let holder = self.from.network_interfaces.get(id);
                let detached = holder.map(|it| {
                    let interface = ("NetworkInterfaceId", self.id(id));
                    let values = [interface, ("InstanceId", self.id(&it.instance))];
                    self.vpc("DetachNetworkInterface", &values)
                });
                let deleted = one("DeleteNetworkInterface", "NetworkInterfaceId");
                detached.into_iter().chain(deleted).collect()
            }
            Some(Kind::HaVip) => one("DeleteHaVip", "HaVipId"),
            Some(Kind::VpcEndpoint) => one("DeleteVpcEndPoint", "EndPointId"),
            Some(Kind::EndpointService) => one("DeleteVpcEndPointService", "EndPointServiceId"),
            Some(Kind::Subnet) => one("DeleteSubnet", "SubnetId"),
            Some(Kind::RouteTable) => one("DeleteRouteTable", "RouteTableId"),
            Some(Kind::NetworkAcl) => one("DeleteNetworkAcl", "NetworkAclId"),
            Some(Kind::SecurityGroup) => one("DeleteSecurityGroup", "SecurityGroupId"),
            Some(Kind::AddressTemplate) => one("DeleteAddressTemplate", "AddressTemplateId"),
            Some(Kind::ServiceTemplate) => one("DeleteServiceTemplate", "ServiceTemplateId"),
            Some(Kind::Vpc) => one("DeleteVpc", "VpcId"),
            _ => self.by_hand(&Change::Delete(vec![id.clone()])),
        }
    }
}

fn name(id: &Id) -> Value {
    json!(id.as_str())
}

/// What is used by others goes after them.
fn rank(kind: Option<Kind>) -> u8 {
    match kind {
        Some(Kind::Vpc) => 3,
        Some(Kind::SecurityGroup | Kind::NetworkAcl | Kind::RouteTable) => 2,
        Some(Kind::Subnet) => 1,
        _ => 0,
    }
}
