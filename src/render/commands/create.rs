//! Whole things that come and go.

use serde_json::{Value, json};

use super::parts::{addresses, services};
use super::{Commands, call_in, held, variable};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{
    CcnMember, Change, Kind, Listener, ListenerKey, ListenerProtocol, LoadBalancer,
    LoadBalancerNetwork, Network, Protocols,
};

impl Commands<'_> {
    /// What makes everything of a part of a network, in an order in which what is mentioned is there.
    pub(super) fn create(&self, now: &Network, part: &Network) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, it) in &part.vpcs {
            let values = [("VpcName", name(id)), ("CidrBlock", json!(it.cidr.to_string()))];
            lines.push(self.made(id, "vpc", "CreateVpc", &values, "Vpc.VpcId"));
            if !it.secondary_cidrs.is_empty() {
                let cidrs: Vec<String> =
                    it.secondary_cidrs.iter().map(ToString::to_string).collect();
                let values = [("VpcId", self.id(id)), ("CidrBlocks", json!(cidrs))];
                lines.push(self.vpc("CreateAssistantCidr", &values));
            }
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
            match &it.zone {
                Some(zone) => values.push(("Zone", json!(zone))),
                None => lines.push(self.told(&Words::new(
                    "with --Zone and the zone of the subnet",
                    "另加 --Zone 与子网的可用区",
                ))),
            }
            lines.push(self.made(id, "vpc", "CreateSubnet", &values, "Subnet.SubnetId"));
            lines.extend(it.route_table.as_ref().map(|table| {
                let values = [("SubnetId", self.id(id)), ("RouteTableId", self.id(table))];
                self.vpc("ReplaceRouteTableAssociation", &values)
            }));
            lines.extend(it.network_acl.as_ref().map(|acl| {
                let values = [("NetworkAclId", self.id(acl)), ("SubnetIds", self.ids([id]))];
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
        self.templates(part, &mut lines);
        self.gateways(now, part, &mut lines);
        self.interfaces(part, &mut lines);
        for (id, it) in &part.load_balancers {
            lines.extend(self.balancer(id, it));
        }
        for (id, table) in &part.route_tables {
            if !table.routes.is_empty() {
                let (route_table, routes) = (id.clone(), table.routes.clone());
                let routes = Change::CreateRoutes { route_table, routes };
                lines.extend(self.lines(now, &routes));
            }
        }
        lines.extend(self.connected(part));
        let mut rest = part.clone();
        rest.vpcs.clear();
        rest.route_tables.clear();
        rest.network_acls.clear();
        rest.subnets.clear();
        rest.security_groups.clear();
        rest.address_templates.clear();
        rest.service_templates.clear();
        rest.nat_gateways.clear();
        rest.network_interfaces.clear();
        rest.havips.clear();
        rest.peerings.clear();
        rest.ccns.clear();
        rest.load_balancers.clear();
        rest.endpoint_connections.clear();
        lines.extend(self.by_hand_all(rest, Change::Create));
        lines
    }

    fn templates(&self, part: &Network, lines: &mut Vec<String>) {
        for (id, it) in &part.address_templates {
            let values =
                [("AddressTemplateName", name(id)), ("Addresses", addresses(&it.addresses))];
            let path = "AddressTemplate.AddressTemplateId";
            lines.push(self.made(id, "vpc", "CreateAddressTemplate", &values, path));
        }
        for (id, it) in &part.service_templates {
            let values = [("ServiceTemplateName", name(id)), ("Services", services(&it.services))];
            let path = "ServiceTemplate.ServiceTemplateId";
            lines.push(self.made(id, "vpc", "CreateServiceTemplate", &values, path));
        }
    }

    /// No action makes an endpoint connection (EP-1).
    fn connected(&self, part: &Network) -> Vec<String> {
        let all = part.endpoint_connections.iter().map(|(id, it)| {
            let (vpc, vip, target) = (&it.vpc, it.vip, &it.target);
            self.told(&Words::new(
                format!("no action of the API makes an endpoint connection: in the VPC console, create {id} in {vpc} with {vip}, leading to {target}"),
                format!("终端连接没有 API：在私有网络控制台的 {vpc} 中创建 {id}，IP 为 {vip}，指向 {target}"),
            ))
        });
        all.collect()
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
            let region = self.region_of(&it.instance);
            let ends = [
                ("NetworkInterfaceId", held(&variable(id))),
                ("InstanceId", self.id(&it.instance)),
            ];
            lines.push(call_in(region, "vpc", "AttachNetworkInterface", &ends));
        }
    }

    fn gateways(&self, now: &Network, part: &Network, lines: &mut Vec<String>) {
        for (id, it) in &part.nat_gateways {
            let eips: Vec<String> = it.eips.iter().map(ToString::to_string).collect();
            let values = [
                ("NatGatewayName", name(id)),
                ("VpcId", self.id(&it.vpc)),
                ("PublicIpAddresses", json!(eips)),
            ];
            let path = "NatGatewaySet[0].NatGatewayId";
            lines.push(self.made(id, "vpc", "CreateNatGateway", &values, path));
            lines.extend(self.snat(now, id, &it.snat));
            lines.extend(self.dnat("Create", id, &it.dnat));
        }
        for (id, it) in &part.havips {
            let vpc = self.goal.vpc_of_subnet(it.subnet.as_str());
            let mut values = vec![("HaVipName", name(id))];
            values.extend(vpc.map(|vpc| ("VpcId", self.id(vpc))));
            values.push(("SubnetId", self.id(&it.subnet)));
            values.push(("Vip", json!(it.ip.to_string())));
            lines.push(self.made(id, "vpc", "CreateHaVip", &values, "HaVip.HaVipId"));
            lines.extend(it.eip.map(|eip| self.havip_eip("HaVipAssociateAddressIp", id, eip)));
            lines.extend(it.bound_to.as_ref().map(|to| self.bound(id, Some(to))));
        }
        for (id, it) in &part.peerings {
            let (own, other) = &it.between;
            lines.push(self.peer(other));
            let networks = [self.goal, self.from];
            let mut all = networks.into_iter();
            let region = all.find_map(|network| network.region_of(other.as_str()));
            let values = [
                ("SourceVpcId", self.id(own)),
                ("DestinationVpcId", self.id(other)),
                ("DestinationUin", held("uin")),
                ("DestinationRegion", json!(region.unwrap_or(self.region))),
                ("PeeringConnectionName", name(id)),
            ];
            let path = "PeeringConnectionId";
            lines.push(self.made(id, "vpc", "CreateVpcPeeringConnection", &values, path));
        }
        for (id, it) in &part.ccns {
            lines.push(self.made(id, "vpc", "CreateCcn", &[("CcnName", name(id))], "Ccn.CcnId"));
            if !it.attachments.is_empty() {
                lines.push(self.attachments("AttachCcnInstances", id, &it.attachments));
            }
        }
    }

    /// The account of the other end: that of the file if it is a number, else one's own.
    fn peer(&self, vpc: &Id) -> String {
        let networks = [self.goal, self.from];
        let mut all = networks.into_iter();
        let account = all.find_map(|network| network.vpcs.get(vpc)?.meta.account.clone());
        let digits = |id: &Id| id.as_str().bytes().all(|byte| byte.is_ascii_digit());
        match account.filter(digits) {
            Some(account) => format!("uin={account}"),
            None => self.asked("uin", ("cam", "GetUserAppId"), &[], "OwnerUin"),
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
        let path = "LoadBalancerIds[0]";
        let made = self.made(id, "clb", "CreateLoadBalancer", &values, path);
        let until =
            json!({ "expr": "LoadBalancerSet[0].Status", "to": 1, "timeout": 600, "interval": 5 });
        let values = [
            ("LoadBalancerIds", self.ids([id])),
            ("filter", json!("LoadBalancerSet[0].Status")),
            ("waiter", json!(until.to_string())),
        ];
        let mut lines = vec![made, self.call("clb", "DescribeLoadBalancers", &values)];
        if !it.security_groups.is_empty() {
            let values = [
                ("LoadBalancerId", self.id(id)),
                ("SecurityGroups", self.ids(&it.security_groups)),
            ];
            lines.push(self.call("clb", "SetLoadBalancerSecurityGroups", &values));
        }
        for listener in &it.listeners {
            lines.extend(self.listener_made(id, listener));
        }
        // A listener that sends clients on names the one that takes them: both are there by now.
        lines.extend(it.listeners.iter().filter_map(|one| self.redirect(id, one, &it.listeners)));
        lines
    }

    /// Layer 7 also needs a rule, whose domain is the name that leads there; where clients are sent on, there are no targets.
    fn listener_made(&self, id: &Id, listener: &Listener) -> Vec<String> {
        let is_web = listener.protocol.is_web();
        let word = listener.protocol.word().to_uppercase();
        let mut lines = Vec::new();
        if matches!(listener.protocol, ListenerProtocol::Https | ListenerProtocol::TcpSsl) {
            lines.push(self.told(&Words::new(
                "with --Certificate and the certificate of the old listener",
                "另加 --Certificate 与原监听器的证书",
            )));
        }
        for (first, last) in listener.ports.ranges() {
            let mut values = vec![
                ("LoadBalancerId", self.id(id)),
                ("Ports", json!([first])),
                ("Protocol", json!(word)),
            ];
            if last > first {
                values.push(("EndPort", json!(last)));
            }
            lines.push(self.call("clb", "CreateListener", &values));
        }
        let key = ListenerKey {
            protocols: Protocols::One(listener.protocol.transport()),
            ports: listener.ports.clone(),
        };
        if is_web {
            let mut names = self.goal.names.iter();
            let domain = names.find(|(_, to)| *to == id).map(|(name, _)| name.as_str());
            lines.push(self.rule(id, &key, domain));
        }
        if !listener.targets.is_empty() {
            lines.push(self.targets("RegisterTargets", id, &key, &listener.targets));
        }
        lines
    }

    /// What goes, what uses others first.
    pub(super) fn delete(&self, now: &Network, ids: &[Id]) -> Vec<String> {
        let kind = |id: &Id| {
            let own = now.kind_of(id.as_str());
            own.or_else(|| self.from.kind_of(id.as_str()))
        };
        let mut sorted: Vec<(Option<Kind>, &Id)> = ids.iter().map(|id| (kind(id), id)).collect();
        sorted.sort_by_key(|(kind, _)| rank(*kind));
        let lines = sorted.into_iter().flat_map(|(kind, id)| self.deleted(now, kind, id));
        lines.collect()
    }

    fn deleted(&self, now: &Network, kind: Option<Kind>, id: &Id) -> Vec<String> {
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
                let ccn = now.ccns.get(id);
                let members = ccn.map(|it| it.attachments.clone()).unwrap_or_default();
                let detached = self.attachments("DetachCcnInstances", id, &members);
                let some = (!members.is_empty()).then_some(detached);
                some.into_iter().chain(one("DeleteCcn", "CcnId")).collect()
            }
            Some(Kind::NatGateway) => one("DeleteNatGateway", "NatGatewayId"),
            Some(Kind::VpnGateway) => one("DeleteVpnGateway", "VpnGatewayId"),
            Some(Kind::NetworkInterface) => {
                let holder = now.network_interfaces.get(id);
                let detached = holder.map(|it| {
                    let interface = ("NetworkInterfaceId", self.id(id));
                    let values = [interface, ("InstanceId", self.id(&it.instance))];
                    self.vpc("DetachNetworkInterface", &values)
                });
                let deleted = one("DeleteNetworkInterface", "NetworkInterfaceId");
                detached.into_iter().chain(deleted).collect()
            }
            Some(Kind::EndpointConnection) => vec![self.told(&Words::new(
                format!("no action of the API deletes an endpoint connection: delete {id} in the VPC console"),
                format!("终端连接没有 API：在私有网络控制台删除 {id}"),
            ))],
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
