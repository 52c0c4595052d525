//! What kind of thing an id names.

use super::Network;
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
    Peering,
    Ccn,
    CcnRouteTable,
    NatGateway,
    VpnGateway,
    VpnConnection,
    DirectConnectGateway,
    DirectConnectTunnel,
    Site,
}

impl Kind {
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
            Self::Peering => "peering connection",
            Self::Ccn => "CCN",
            Self::CcnRouteTable => "CCN route table",
            Self::NatGateway => "NAT gateway",
            Self::VpnGateway => "VPN gateway",
            Self::VpnConnection => "VPN connection",
            Self::DirectConnectGateway => "Direct Connect gateway",
            Self::DirectConnectTunnel => "Direct Connect tunnel",
            Self::Site => "site",
        }
    }
}

impl Network {
    /// Every entity with its kind, in the order of the sections and of the file.
    pub fn ids(&self) -> impl Iterator<Item = (&Id, Kind)> {
        fn of<T>(section: &super::Section<T>, kind: Kind) -> impl Iterator<Item = (&Id, Kind)> {
            section.keys().map(move |id| (id, kind))
        }
        let parts = self
            .ccns
            .values()
            .flat_map(|ccn| of(&ccn.route_tables, Kind::CcnRouteTable))
            .chain(self.vpn_gateways.values().flat_map(|gateway| {
                let connections = gateway.connections.iter();
                connections.map(|connection| (&connection.id, Kind::VpnConnection))
            }))
            .chain(self.direct_connect_gateways.values().flat_map(|gateway| {
                let tunnels = gateway.tunnels.iter();
                tunnels.map(|tunnel| (&tunnel.id, Kind::DirectConnectTunnel))
            }));
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
            .chain(of(&self.peerings, Kind::Peering))
            .chain(of(&self.ccns, Kind::Ccn))
            .chain(of(&self.nat_gateways, Kind::NatGateway))
            .chain(of(&self.vpn_gateways, Kind::VpnGateway))
            .chain(of(
                &self.direct_connect_gateways,
                Kind::DirectConnectGateway,
            ))
            .chain(of(&self.sites, Kind::Site))
            .chain(parts)
    }

    /// What kind of thing `id` names, if anything.
    #[must_use]
    pub fn kind_of(&self, id: &str) -> Option<Kind> {
        // Sections first: they answer by hash. Parts of other entities are few and scanned.
        section_of(self, id).or_else(|| {
            let parts = self.ids().filter(|(_, kind)| {
                matches!(
                    kind,
                    Kind::CcnRouteTable | Kind::VpnConnection | Kind::DirectConnectTunnel
                )
            });
            let mut parts = parts.filter(|(part, _)| part.as_str() == id);
            parts.next().map(|(_, kind)| kind)
        })
    }
}

fn section_of(network: &Network, id: &str) -> Option<Kind> {
    let found = [
        (network.accounts.contains_key(id), Kind::Account),
        (network.vpcs.contains_key(id), Kind::Vpc),
        (network.subnets.contains_key(id), Kind::Subnet),
        (network.route_tables.contains_key(id), Kind::RouteTable),
        (network.network_acls.contains_key(id), Kind::NetworkAcl),
        (
            network.security_groups.contains_key(id),
            Kind::SecurityGroup,
        ),
        (
            network.address_templates.contains_key(id),
            Kind::AddressTemplate,
        ),
        (
            network.address_template_groups.contains_key(id),
            Kind::AddressTemplateGroup,
        ),
        (
            network.service_templates.contains_key(id),
            Kind::ServiceTemplate,
        ),
        (
            network.service_template_groups.contains_key(id),
            Kind::ServiceTemplateGroup,
        ),
        (network.instances.contains_key(id), Kind::Instance),
        (
            network.network_interfaces.contains_key(id),
            Kind::NetworkInterface,
        ),
        (
            network.instance_groups.contains_key(id),
            Kind::InstanceGroup,
        ),
        (network.havips.contains_key(id), Kind::HaVip),
        (network.databases.contains_key(id), Kind::Database),
        (network.load_balancers.contains_key(id), Kind::LoadBalancer),
        (
            network.classic_instances.contains_key(id),
            Kind::ClassicInstance,
        ),
        (
            network.classic_databases.contains_key(id),
            Kind::ClassicDatabase,
        ),
        (
            network.classic_load_balancers.contains_key(id),
            Kind::ClassicLoadBalancer,
        ),
        (
            network.endpoint_connections.contains_key(id),
            Kind::EndpointConnection,
        ),
        (network.peerings.contains_key(id), Kind::Peering),
        (network.ccns.contains_key(id), Kind::Ccn),
        (network.nat_gateways.contains_key(id), Kind::NatGateway),
        (network.vpn_gateways.contains_key(id), Kind::VpnGateway),
        (
            network.direct_connect_gateways.contains_key(id),
            Kind::DirectConnectGateway,
        ),
        (network.sites.contains_key(id), Kind::Site),
    ];
    found.into_iter().find(|(is, _)| *is).map(|(_, kind)| kind)
}
