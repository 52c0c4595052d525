//! What kind of thing an id names.

use super::Network;
use super::lookup::with_article;
use crate::diagnostic::Words;
use crate::id::Id;

/// The kinds of entity of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named after the sections")]
pub enum Kind {
    Account,
    Vpc,
    Subnet,
    RouteTable,
    NetworkAcl,
    SecurityGroup,
    AddressTemplate,
    AddressTemplateGroup,
    ServiceTemplate,
    ServiceTemplateGroup,
    Instance,
    NetworkInterface,
    InstanceGroup,
    HaVip,
    Database,
    LoadBalancer,
    ClassicInstance,
    ClassicDatabase,
    ClassicLoadBalancer,
    EndpointConnection,
    EndpointService,
    VpcEndpoint,
    Peering,
    Ccn,
    CcnRouteTable,
    NatGateway,
    VpnGateway,
    VpnConnection,
    DirectConnectGateway,
    DirectConnectTunnel,
    EdgeFirewall,
    Site,
}

impl Kind {
    /// What a name may lead to: what answers at an address of its own (MIG-10).
    pub const NAMED: &[Self] = &[
        Self::Instance,
        Self::NetworkInterface,
        Self::HaVip,
        Self::Database,
        Self::LoadBalancer,
        Self::ClassicInstance,
        Self::ClassicDatabase,
        Self::ClassicLoadBalancer,
        Self::EndpointConnection,
        Self::VpcEndpoint,
    ];

    /// The kinds that have a section of their own, in the order of the sections.
    pub const SECTIONS: [Kind; 29] = [
        Kind::Account,
        Kind::Vpc,
        Kind::Subnet,
        Kind::RouteTable,
        Kind::NetworkAcl,
        Kind::SecurityGroup,
        Kind::AddressTemplate,
        Kind::AddressTemplateGroup,
        Kind::ServiceTemplate,
        Kind::ServiceTemplateGroup,
        Kind::Instance,
        Kind::NetworkInterface,
        Kind::InstanceGroup,
        Kind::HaVip,
        Kind::Database,
        Kind::LoadBalancer,
        Kind::ClassicInstance,
        Kind::ClassicDatabase,
        Kind::ClassicLoadBalancer,
        Kind::EndpointConnection,
        Kind::EndpointService,
        Kind::VpcEndpoint,
        Kind::Peering,
        Kind::Ccn,
        Kind::NatGateway,
        Kind::VpnGateway,
        Kind::DirectConnectGateway,
        Kind::EdgeFirewall,
        Kind::Site,
    ];

    /// The kind in words, without an article: "NAT gateway".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Vpc => "VPC",
            Self::Subnet => "subnet",
            Self::RouteTable => "route table",
            Self::NetworkAcl => "network ACL",
            Self::SecurityGroup => "security group",
            Self::AddressTemplate => "address template",
            Self::AddressTemplateGroup => "address template group",
            Self::ServiceTemplate => "service template",
            Self::ServiceTemplateGroup => "service template group",
            Self::Instance => "instance",
            Self::NetworkInterface => "network interface",
            Self::InstanceGroup => "instance group",
            Self::HaVip => "HAVIP",
            Self::Database => "database",
            Self::LoadBalancer => "load balancer",
            Self::ClassicInstance => "classic instance",
            Self::ClassicDatabase => "classic database",
            Self::ClassicLoadBalancer => "classic load balancer",
            Self::EndpointConnection => "endpoint connection",
            Self::EndpointService => "endpoint service",
            Self::VpcEndpoint => "VPC endpoint",
            Self::Peering => "peering connection",
            Self::Ccn => "CCN",
            Self::CcnRouteTable => "CCN route table",
            Self::NatGateway => "NAT gateway",
            Self::VpnGateway => "VPN gateway",
            Self::VpnConnection => "VPN connection",
            Self::DirectConnectGateway => "Direct Connect gateway",
            Self::DirectConnectTunnel => "Direct Connect tunnel",
            Self::EdgeFirewall => "edge firewall",
            Self::Site => "site",
        }
    }
}

impl Kind {
    /// The kind in the words of the cloud's Chinese documentation.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Account => "账号",
            Self::Vpc => "私有网络",
            Self::Subnet => "子网",
            Self::RouteTable => "路由表",
            Self::NetworkAcl => "网络 ACL",
            Self::SecurityGroup => "安全组",
            Self::AddressTemplate => "IP 地址模板",
            Self::AddressTemplateGroup => "IP 地址组模板",
            Self::ServiceTemplate => "协议端口模板",
            Self::ServiceTemplateGroup => "协议端口组模板",
            Self::Instance => "云服务器",
            Self::NetworkInterface => "弹性网卡",
            Self::InstanceGroup => "实例组",
            Self::HaVip => "HAVIP",
            Self::Database => "数据库",
            Self::LoadBalancer => "负载均衡",
            Self::ClassicInstance => "基础网络云服务器",
            Self::ClassicDatabase => "基础网络数据库",
            Self::ClassicLoadBalancer => "基础网络负载均衡",
            Self::EndpointConnection => "终端连接",
            Self::EndpointService => "终端节点服务",
            Self::VpcEndpoint => "终端节点",
            Self::Peering => "对等连接",
            Self::Ccn => "云联网",
            Self::CcnRouteTable => "云联网路由表",
            Self::NatGateway => "NAT 网关",
            Self::VpnGateway => "VPN 网关",
            Self::VpnConnection => "VPN 通道",
            Self::DirectConnectGateway => "专线网关",
            Self::DirectConnectTunnel => "专用通道",
            Self::EdgeFirewall => "互联网边界防火墙",
            Self::Site => "站点",
        }
    }

    /// The kind as one thing: "a NAT gateway".
    #[must_use]
    pub fn one(self) -> Words {
        Words::new(with_article(self.words()), self.chinese())
    }
}

impl Network {
    /// Every entity with its kind, in the order of the sections and of the file.
    pub fn ids(&self) -> impl Iterator<Item = (&Id, Kind)> {
        fn of<T>(section: &super::Section<T>, kind: Kind) -> impl Iterator<Item = (&Id, Kind)> {
            section.keys().map(move |id| (id, kind))
        }
        of(&self.accounts, Kind::Account)
            .chain(of(&self.vpcs, Kind::Vpc))
            .chain(of(&self.subnets, Kind::Subnet))
            .chain(of(&self.route_tables, Kind::RouteTable))
            .chain(of(&self.network_acls, Kind::NetworkAcl))
            .chain(of(&self.security_groups, Kind::SecurityGroup))
            .chain(of(&self.address_templates, Kind::AddressTemplate))
            .chain(of(
                &self.address_template_groups,
                Kind::AddressTemplateGroup,
            ))
            .chain(of(&self.service_templates, Kind::ServiceTemplate))
            .chain(of(
                &self.service_template_groups,
                Kind::ServiceTemplateGroup,
            ))
            .chain(of(&self.instances, Kind::Instance))
            .chain(of(&self.network_interfaces, Kind::NetworkInterface))
            .chain(of(&self.instance_groups, Kind::InstanceGroup))
            .chain(of(&self.havips, Kind::HaVip))
            .chain(of(&self.databases, Kind::Database))
            .chain(of(&self.load_balancers, Kind::LoadBalancer))
            .chain(of(&self.classic_instances, Kind::ClassicInstance))
            .chain(of(&self.classic_databases, Kind::ClassicDatabase))
            .chain(of(&self.classic_load_balancers, Kind::ClassicLoadBalancer))
            .chain(of(&self.endpoint_connections, Kind::EndpointConnection))
            .chain(of(&self.endpoint_services, Kind::EndpointService))
            .chain(of(&self.vpc_endpoints, Kind::VpcEndpoint))
            .chain(of(&self.peerings, Kind::Peering))
            .chain(of(&self.ccns, Kind::Ccn))
            .chain(of(&self.nat_gateways, Kind::NatGateway))
            .chain(of(&self.vpn_gateways, Kind::VpnGateway))
            .chain(of(
                &self.direct_connect_gateways,
                Kind::DirectConnectGateway,
            ))
            .chain(of(&self.edge_firewalls, Kind::EdgeFirewall))
            .chain(of(&self.sites, Kind::Site))
            .chain(self.parts())
    }

    /// What kind of thing `id` names, if anything.
    #[must_use]
    pub fn kind_of(&self, id: &str) -> Option<Kind> {
        // Sections first: they answer by hash. Parts of other entities are few and scanned.
        section_of(self, id).or_else(|| {
            let mut parts = self.parts().filter(|(part, _)| part.as_str() == id);
            parts.next().map(|(_, kind)| kind)
        })
    }
}

/// The kind of the section that holds `id`.
fn section_of(network: &Network, id: &str) -> Option<Kind> {
    let mut kinds = Kind::SECTIONS.into_iter();
    kinds.find(|kind| network.has(*kind, id))
}
