//! The actions whose answers are understood, and what it bears on where an answer is not whole.

use crate::model::Kind;

/// An action of the API.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// Its name; those of databases with their service.
    pub name: &'static str,
    /// The member of its answer that holds what is asked for.
    pub list: &'static str,
    /// The member that holds the id of each thing in it; empty where things have none of their own, or share it.
    pub id: &'static str,
    /// What is not known while a part of the answer is missing.
    pub lacks: Lacks,
}

/// What a part that is missing from an answer takes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacks {
    /// Endpoints, which may be in any set.
    Endpoints,
    /// Where packets go that leave a VPC.
    Routing,
    /// What is said of entities of a kind: of the one that the file is named after, or of any.
    Of(Kind),
    /// What comes from the Internet and goes there.
    Internet,
    /// Entities that decide only where another one names them, and there they are missed anyway.
    Named,
    /// Nothing that decides about packets.
    Nothing,
}

const fn action(name: &'static str, list: &'static str, id: &'static str, lacks: Lacks) -> Action {
    Action { name, list, id, lacks }
}

use Kind::{
    Ccn, CcnRouteTable, Database, DirectConnectGateway, EndpointService, LoadBalancer, NatGateway,
    NetworkAcl, SecurityGroup, Vpc, VpnGateway,
};
use Lacks::{Endpoints, Internet, Named, Nothing, Of, Routing};

/// Every action that is understood.
#[rustfmt::skip]
pub const ACTIONS: [Action; 62] = [
    action("DescribeVpcs", "VpcSet", "VpcId", Named),
    action("DescribeAssistantCidr", "AssistantCidrSet", "", Of(Vpc)),
    action("DescribeSubnets", "SubnetSet", "SubnetId", Named),
    action("DescribeRouteTables", "RouteTableSet", "RouteTableId", Named),
    action("DescribeNetworkAcls", "NetworkAclSet", "NetworkAclId", Named),
    action("DescribeNetworkAclQuintupleEntries", "NetworkAclQuintupleSet", "", Of(NetworkAcl)),
    action("DescribeSecurityGroups", "SecurityGroupSet", "SecurityGroupId", Named),
    action("DescribeSecurityGroupPolicies", "SecurityGroupPolicySet", "", Of(SecurityGroup)),
    action("DescribeNetworkInterfaces", "NetworkInterfaceSet", "NetworkInterfaceId", Endpoints),
    action("DescribeInstances", "InstanceSet", "InstanceId", Endpoints),
    action("DescribeLoadBalancers", "LoadBalancerSet", "LoadBalancerId", Endpoints),
    action("DescribeListeners", "Listeners", "ListenerId", Of(LoadBalancer)),
    action("DescribeTargets", "Listeners", "ListenerId", Of(LoadBalancer)),
    action("DescribeClassicalLBListeners", "Listeners", "", Of(LoadBalancer)),
    action("DescribeClassicalLBTargets", "Targets", "", Of(LoadBalancer)),
    action("DescribeNatGateways", "NatGatewaySet", "NatGatewayId", Named),
    action("DescribeNatGatewaySourceIpTranslationNatRules", "SourceIpTranslationNatRuleSet", "", Of(NatGateway)),
    action("DescribeNatGatewayDestinationIpPortTranslationNatRules", "NatGatewayDestinationIpPortTranslationNatRuleSet", "", Of(NatGateway)),
    action("DescribeVpnGateways", "VpnGatewaySet", "VpnGatewayId", Named),
    action("DescribeVpnConnections", "VpnConnectionSet", "VpnConnectionId", Of(VpnGateway)),
    action("DescribeVpnGatewayRoutes", "Routes", "", Of(VpnGateway)),
    action("DescribeVpnGatewayCcnRoutes", "RouteSet", "", Of(VpnGateway)),
    action("DescribeCustomerGateways", "CustomerGatewaySet", "CustomerGatewayId", Nothing),
    action("DescribeVpcPeeringConnections", "PeerConnectionSet", "PeeringConnectionId", Named),
    action("DescribeCcns", "CcnSet", "CcnId", Named),
    action("DescribeCcnAttachedInstances", "InstanceSet", "", Routing),
    action("DescribeCcnRoutes", "RouteSet", "", Of(Ccn)),
    action("DescribeCcnRouteTables", "CcnRouteTableSet", "CcnRouteTableId", Of(Ccn)),
    action("DescribeRouteTableSelectionPolicies", "RouteSelectionPolicySet", "", Of(Ccn)),
    action("DescribeCcnRouteTableInputPolicys", "PolicySet", "", Of(CcnRouteTable)),
    action("DescribeDirectConnectGateways", "DirectConnectGatewaySet", "DirectConnectGatewayId", Named),
    action("DescribeDirectConnectGatewayCcnRoutes", "RouteSet", "", Of(DirectConnectGateway)),
    action("DescribeDirectConnectTunnels", "DirectConnectTunnelSet", "DirectConnectTunnelId", Of(DirectConnectGateway)),
    action("DescribeClassicLinkInstances", "ClassicLinkInstanceSet", "", Of(Vpc)),
    action("DescribeAddresses", "AddressSet", "AddressId", Endpoints),
    action("DescribeAddressTemplates", "AddressTemplateSet", "AddressTemplateId", Named),
    action("DescribeAddressTemplateGroups", "AddressTemplateGroupSet", "AddressTemplateGroupId", Named),
    action("DescribeServiceTemplates", "ServiceTemplateSet", "ServiceTemplateId", Named),
    action("DescribeServiceTemplateGroups", "ServiceTemplateGroupSet", "ServiceTemplateGroupId", Named),
    action("DescribeHaVips", "HaVipSet", "HaVipId", Endpoints),
    action("DescribeVpcEndPointService", "EndPointServiceSet", "EndPointServiceId", Named),
    action("DescribeVpcEndPointServiceWhiteList", "VpcEndpointServiceUserSet", "", Of(EndpointService)),
    action("DescribeVpcEndPoint", "EndPointSet", "EndPointId", Endpoints),
    action("cfw.DescribeAclRule", "Data", "Uuid", Internet),
    action("cfw.DescribeFwEdgeIps", "Data", "PublicIp", Internet),
    action("DescribeFlowLogs", "FlowLog", "", Nothing),
    action("DescribeRegions", "RegionSet", "", Nothing),
    action("DescribeZones", "ZoneSet", "", Nothing),
    action("cdb.DescribeDBInstances", "Items", "InstanceId", Endpoints),
    action("cdb.DescribeDBSecurityGroups", "Groups", "", Of(Database)),
    action("redis.DescribeInstances", "InstanceSet", "InstanceId", Endpoints),
    action("redis.DescribeDBSecurityGroups", "Groups", "", Of(Database)),
    action("mongodb.DescribeDBInstances", "InstanceDetails", "InstanceId", Endpoints),
    action("mongodb.DescribeSecurityGroup", "Groups", "", Of(Database)),
    action("postgres.DescribeDBInstances", "DBInstanceSet", "DBInstanceId", Endpoints),
    action("postgres.DescribeDBInstanceSecurityGroups", "Groups", "", Of(Database)),
    action("sqlserver.DescribeDBInstances", "DBInstances", "InstanceId", Endpoints),
    action("sqlserver.DescribeDBSecurityGroups", "Groups", "", Of(Database)),
    action("mariadb.DescribeDBInstances", "Instances", "InstanceId", Endpoints),
    action("mariadb.DescribeDBSecurityGroups", "Groups", "", Of(Database)),
    action("dcdb.DescribeDCDBInstances", "Instances", "InstanceId", Endpoints),
    action("dcdb.DescribeDBSecurityGroups", "Groups", "", Of(Database)),
];

/// The action of a name, if it is understood.
#[must_use]
pub fn understood(name: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.name == name)
}

/// Whether actions of a service go by its name in front of theirs.
#[must_use]
pub fn is_service(name: &str) -> bool {
    let mut services = ACTIONS.iter().filter_map(|it| it.name.split_once('.'));
    services.any(|(service, _)| service == name)
}
