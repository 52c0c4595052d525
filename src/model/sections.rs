//! The sections of a network, described once.
//!
//! A row says what a section holds: its field in [`Network`], the kind and type of its entities, their words in English and in
//! Chinese, which field says where an entity lies, and which holds the addresses that others may mean
//! by its id. [`sections!`] hands the rows to a macro of whoever needs
//! them all: the kinds and what is asked of them here, the reader in `scenario`, the writer in `import`. A row that is added
//! does not compile before every one of them can do with it ([`Entity`] and the traits that build on it).
//!
//! A section `classic_x` is written `classic: (x: …)` in a file.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{
    Account, AddressTemplate, AddressTemplateGroup, Ccn, ClassicDatabase, ClassicInstance,
    ClassicLink, ClassicLoadBalancer, Database, DirectConnectGateway, EdgeFirewall,
    EndpointConnection, EndpointService, HaVip, Instance, InstanceGroup, LoadBalancer,
    LoadBalancerNetwork, Meta, NatGateway, NetworkAcl, NetworkInterface, Peering, Platform,
    RouteTable, Section, SecurityGroup, ServiceTemplate, ServiceTemplateGroup, Site, Subnet,
    Unmodelled, Vpc, VpcEndpoint, VpnGateway,
};
use crate::id::Id;

/// Hands the rows to a macro, which takes them as `$($section:ident: $kind:ident $row:tt)+`.
macro_rules! sections {
    ($then:ident) => {
        $then! {
            accounts: Account { "account" "账号" }
            vpcs: Vpc { "VPC" "私有网络" }
            subnets: Subnet { "subnet" "子网" lies vpc }
            route_tables: RouteTable { "route table" "路由表" lies vpc }
            network_acls: NetworkAcl { "network ACL" "网络 ACL" lies vpc }
            security_groups: SecurityGroup { "security group" "安全组" }
            address_templates: AddressTemplate { "address template" "IP 地址模板" }
            address_template_groups: AddressTemplateGroup { "address template group" "IP 地址组模板" }
            service_templates: ServiceTemplate { "service template" "协议端口模板" }
            service_template_groups: ServiceTemplateGroup { "service template group" "协议端口组模板" }
            instances: Instance { "instance" "云服务器" lies subnet at ip }
            network_interfaces: NetworkInterface { "network interface" "弹性网卡" lies subnet at ip }
            instance_groups: InstanceGroup { "instance group" "实例组" lies subnet at ips }
            havips: HaVip { "HAVIP" "HAVIP" lies subnet }
            databases: Database { "database" "数据库" lies subnet }
            load_balancers: LoadBalancer { "load balancer" "负载均衡" lies network }
            classic_instances: ClassicInstance { "classic instance" "基础网络云服务器" }
            classic_databases: ClassicDatabase { "classic database" "基础网络数据库" }
            classic_load_balancers: ClassicLoadBalancer { "classic load balancer" "基础网络负载均衡" }
            endpoint_connections: EndpointConnection { "endpoint connection" "终端连接" lies vpc }
            endpoint_services: EndpointService { "endpoint service" "终端节点服务" lies vpc }
            vpc_endpoints: VpcEndpoint { "VPC endpoint" "终端节点" lies subnet }
            peerings: Peering { "peering connection" "对等连接" }
            ccns: Ccn { "CCN" "云联网" }
            nat_gateways: NatGateway { "NAT gateway" "NAT 网关" lies vpc }
            vpn_gateways: VpnGateway { "VPN gateway" "VPN 网关" lies attached_to }
            direct_connect_gateways: DirectConnectGateway { "Direct Connect gateway" "专线网关" lies attached_to }
            edge_firewalls: EdgeFirewall { "edge firewall" "互联网边界防火墙" }
            sites: Site { "site" "站点" }
        }
    };
}

pub(crate) use sections;

/// An entity with a section of its own.
pub trait Entity: Clone + PartialEq + Sized {
    /// What it is.
    const KIND: Kind;
    /// What it carries beside its own fields.
    fn meta(&self) -> &Meta;
    /// Where it lies.
    fn lies(&self) -> Lies<'_>;
    /// The addresses that others may mean by its id, first and last.
    fn addresses(&self) -> Option<(IpAddr, IpAddr)>;
}

/// Where an entity lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lies<'n> {
    /// In no VPC, or in several.
    Nowhere,
    /// In a VPC, or at its rim.
    InVpc(&'n Id),
    /// In a subnet.
    InSubnet(&'n Id),
}

/// Where an entity lies, by the field that says it.
macro_rules! lies {
    ($it:ident) => {
        Lies::Nowhere
    };
    ($it:ident vpc) => {
        Lies::InVpc(&$it.vpc)
    };
    ($it:ident subnet) => {
        Lies::InSubnet(&$it.subnet)
    };
    ($it:ident attached_to) => {
        $it.attached_to.vpc().map_or(Lies::Nowhere, Lies::InVpc)
    };
    ($it:ident network) => {
        match &$it.network {
            LoadBalancerNetwork::Internal { subnet, .. } => Lies::InSubnet(subnet),
            LoadBalancerNetwork::Public { vpc, .. } => Lies::InVpc(vpc),
        }
    };
}

/// Its addresses, by the field that holds them.
macro_rules! addresses {
    ($it:ident) => {
        None
    };
    ($it:ident ip) => {
        Some(($it.ip, $it.ip))
    };
    ($it:ident ips) => {
        Some($it.ips)
    };
}

macro_rules! kinds {
    ($($section:ident: $kind:ident { $english:literal $chinese:literal $(lies $by:ident)? $(at $at:ident)? })+) => {
        /// The kinds of entity of a scenario: those that have a section, in its order, and the parts of others.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "named after the sections")]
        pub enum Kind {
            $($kind,)+
            CcnRouteTable,
            VpnConnection,
            DirectConnectTunnel,
        }

        impl Kind {
            /// The kinds that have a section of their own, in the order of the sections.
            pub const SECTIONS: &[Self] = &[$(Self::$kind,)+];

            /// All kinds.
            pub const ALL: &[Self] = &[
                $(Self::$kind,)+
                Self::CcnRouteTable,
                Self::VpnConnection,
                Self::DirectConnectTunnel,
            ];

            /// The field of its section, if it has one: parts stand inside other entities.
            #[must_use]
            pub fn section(self) -> Option<&'static str> {
                match self {
                    $(Self::$kind => Some(stringify!($section)),)+
                    Self::CcnRouteTable | Self::VpnConnection | Self::DirectConnectTunnel => None,
                }
            }

            /// The kind in words, without an article: "NAT gateway", and in those of the cloud's Chinese documentation.
            pub(super) const fn both(self) -> [&'static str; 2] {
                match self {
                    $(Self::$kind => [$english, $chinese],)+
                    Self::CcnRouteTable => ["CCN route table", "云联网路由表"],
                    Self::VpnConnection => ["VPN connection", "VPN 通道"],
                    Self::DirectConnectTunnel => ["Direct Connect tunnel", "专用通道"],
                }
            }
        }

        /// Everything that is configured.
        #[derive(Clone, Debug, Default, PartialEq)]
        #[expect(missing_docs, reason = "each section is documented at its entity")]
        pub struct Network {
            $(pub $section: Section<$kind>,)+
            /// VPC id → its links, in the order they were made.
            pub classic_links: Section<Vec<ClassicLink>>,
            /// What clients ask for by name, and whom they find there now (MIG-10).
            pub names: Section<Id>,
            pub platform: Platform,
            /// What the cloud has beside, in the order of the file.
            pub unmodelled: Vec<Unmodelled>,
            /// What has failed (`Down(id)`): instances, peerings, NAT gateways, and VPCs or gateways as
            /// attachments of a CCN. Tunnels carry their own `up`.
            pub down: BTreeSet<Id>,
        }

        $(impl Entity for $kind {
            const KIND: Kind = Kind::$kind;

            fn meta(&self) -> &Meta {
                &self.meta
            }

            fn lies(&self) -> Lies<'_> {
                lies!(self $($by)?)
            }

            fn addresses(&self) -> Option<(IpAddr, IpAddr)> {
                addresses!(self $($at)?)
            }
        })+
    };
}
sections!(kinds);
