//! Questions about a network that more than one floor asks: whose an entity is, in which VPC and
//! region it lies.
//!
//! All of them answer by hash or from the entity itself, never by a scan over machines, unless
//! their documentation says so.

use std::net::IpAddr;

use super::{Kind, Network};
use crate::id::Id;

/// The account of whatever names none and inherits none (D20-16).
pub const DEFAULT_ACCOUNT: &str = "default";

/// The words with "a" or "an".
pub(crate) fn with_article(words: &str) -> String {
    let article = if words.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {words}")
}

impl Network {
    /// The instance group and the address that `asg-web[10.1.2.11]` names, if the group exists and
    /// has the address.
    #[must_use]
    pub fn group_member(&self, id: &str) -> Option<(&Id, IpAddr)> {
        let (group, address) = id.strip_suffix(']')?.rsplit_once('[')?;
        let (group, entity) = self.instance_groups.get_key_value(group)?;
        let address: IpAddr = address.parse().ok()?;
        let (first, last) = entity.ips;
        let is_member = first.is_ipv4() == address.is_ipv4() && first <= address && address <= last;
        is_member.then_some((group, address))
    }

    /// The entities that live inside another one, with their kind: CCN route tables, VPN
    /// connections and Direct Connect tunnels.
    pub fn parts(&self) -> impl Iterator<Item = (&Id, Kind)> {
        let tables = self.ccns.values().flat_map(|ccn| ccn.route_tables.keys());
        let connections = self
            .vpn_gateways
            .values()
            .flat_map(|gateway| gateway.connections.iter().map(|connection| &connection.id));
        let tunnels = self
            .direct_connect_gateways
            .values()
            .flat_map(|gateway| gateway.tunnels.iter().map(|tunnel| &tunnel.id));
        tables
            .map(|id| (id, Kind::CcnRouteTable))
            .chain(connections.map(|id| (id, Kind::VpnConnection)))
            .chain(tunnels.map(|id| (id, Kind::DirectConnectTunnel)))
    }

    /// Whether `id` names an entity of this kind. Parts ([`Self::parts`]) are scanned.
    #[must_use]
    pub fn has(&self, kind: Kind, id: &str) -> bool {
        match kind {
            Kind::Account => self.accounts.contains_key(id),
            Kind::Vpc => self.vpcs.contains_key(id),
            Kind::Subnet => self.subnets.contains_key(id),
            Kind::RouteTable => self.route_tables.contains_key(id),
            Kind::NetworkAcl => self.network_acls.contains_key(id),
            Kind::SecurityGroup => self.security_groups.contains_key(id),
            Kind::AddressTemplate => self.address_templates.contains_key(id),
            Kind::AddressTemplateGroup => self.address_template_groups.contains_key(id),
            Kind::ServiceTemplate => self.service_templates.contains_key(id),
            Kind::ServiceTemplateGroup => self.service_template_groups.contains_key(id),
            Kind::Instance => self.instances.contains_key(id),
            Kind::NetworkInterface => self.network_interfaces.contains_key(id),
            Kind::InstanceGroup => self.instance_groups.contains_key(id),
            Kind::HaVip => self.havips.contains_key(id),
            Kind::Database => self.databases.contains_key(id),
            Kind::LoadBalancer => self.load_balancers.contains_key(id),
            Kind::ClassicInstance => self.classic_instances.contains_key(id),
            Kind::ClassicDatabase => self.classic_databases.contains_key(id),
            Kind::ClassicLoadBalancer => self.classic_load_balancers.contains_key(id),
            Kind::EndpointConnection => self.endpoint_connections.contains_key(id),
            Kind::Peering => self.peerings.contains_key(id),
            Kind::Ccn => self.ccns.contains_key(id),
            Kind::NatGateway => self.nat_gateways.contains_key(id),
            Kind::VpnGateway => self.vpn_gateways.contains_key(id),
            Kind::DirectConnectGateway => self.direct_connect_gateways.contains_key(id),
            Kind::Site => self.sites.contains_key(id),
            Kind::CcnRouteTable | Kind::VpnConnection | Kind::DirectConnectTunnel => self
                .parts()
                .any(|(part, is)| is == kind && part.as_str() == id),
        }
    }
}
