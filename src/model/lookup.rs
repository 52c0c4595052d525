//! Questions about a network that more than one floor asks: whose an entity is, in which VPC and
//! region it lies.
//!
//! All of them answer by hash or from the entity itself, never by a scan over machines, unless
//! their documentation says so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{
    AclRule, Attachment, CcnMember, Key, Kind, LoadBalancer, LoadBalancerNetwork, Meta, Network,
    Place, Route, Vpc,
};
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
    /// The written route at a place.
    #[must_use]
    pub fn route_at(&self, place: &Place) -> Option<&Route> {
        let table = self.route_tables.get(&place.id)?;
        match place.path.as_slice() {
            [Key::Field("routes"), Key::Index(index)] => table.routes.get(*index),
            _ => None,
        }
    }

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
            Kind::EndpointService => self.endpoint_services.contains_key(id),
            Kind::VpcEndpoint => self.vpc_endpoints.contains_key(id),
            Kind::Peering => self.peerings.contains_key(id),
            Kind::Ccn => self.ccns.contains_key(id),
            Kind::NatGateway => self.nat_gateways.contains_key(id),
            Kind::VpnGateway => self.vpn_gateways.contains_key(id),
            Kind::DirectConnectGateway => self.direct_connect_gateways.contains_key(id),
            Kind::EdgeFirewall => self.edge_firewalls.contains_key(id),
            Kind::Site => self.sites.contains_key(id),
            Kind::CcnRouteTable | Kind::VpnConnection | Kind::DirectConnectTunnel => self
                .parts()
                .any(|(part, is)| is == kind && part.as_str() == id),
        }
    }

    /// What the entity carries beside its own fields; nothing for tunnels, which carry none.
    #[must_use]
    pub fn meta_of(&self, id: &str) -> Option<&Meta> {
        Some(match self.kind_of(id)? {
            Kind::Account => &self.accounts.get(id)?.meta,
            Kind::Vpc => &self.vpcs.get(id)?.meta,
            Kind::Subnet => &self.subnets.get(id)?.meta,
            Kind::RouteTable => &self.route_tables.get(id)?.meta,
            Kind::NetworkAcl => &self.network_acls.get(id)?.meta,
            Kind::SecurityGroup => &self.security_groups.get(id)?.meta,
            Kind::AddressTemplate => &self.address_templates.get(id)?.meta,
            Kind::AddressTemplateGroup => &self.address_template_groups.get(id)?.meta,
            Kind::ServiceTemplate => &self.service_templates.get(id)?.meta,
            Kind::ServiceTemplateGroup => &self.service_template_groups.get(id)?.meta,
            Kind::Instance => &self.instances.get(id)?.meta,
            Kind::NetworkInterface => &self.network_interfaces.get(id)?.meta,
            Kind::InstanceGroup => &self.instance_groups.get(id)?.meta,
            Kind::HaVip => &self.havips.get(id)?.meta,
            Kind::Database => &self.databases.get(id)?.meta,
            Kind::LoadBalancer => &self.load_balancers.get(id)?.meta,
            Kind::ClassicInstance => &self.classic_instances.get(id)?.meta,
            Kind::ClassicDatabase => &self.classic_databases.get(id)?.meta,
            Kind::ClassicLoadBalancer => &self.classic_load_balancers.get(id)?.meta,
            Kind::EndpointConnection => &self.endpoint_connections.get(id)?.meta,
            Kind::EndpointService => &self.endpoint_services.get(id)?.meta,
            Kind::VpcEndpoint => &self.vpc_endpoints.get(id)?.meta,
            Kind::Peering => &self.peerings.get(id)?.meta,
            Kind::Ccn => &self.ccns.get(id)?.meta,
            Kind::NatGateway => &self.nat_gateways.get(id)?.meta,
            Kind::VpnGateway => &self.vpn_gateways.get(id)?.meta,
            Kind::DirectConnectGateway => &self.direct_connect_gateways.get(id)?.meta,
            Kind::EdgeFirewall => &self.edge_firewalls.get(id)?.meta,
            Kind::Site => &self.sites.get(id)?.meta,
            Kind::CcnRouteTable => {
                let mut tables = self.ccns.values().map(|ccn| &ccn.route_tables);
                &tables.find_map(|tables| tables.get(id))?.meta
            }
            Kind::VpnConnection | Kind::DirectConnectTunnel => return None,
        })
    }

    /// What every entity carries beside its own fields, to be changed.
    pub fn metas_mut(&mut self) -> Vec<(&Id, &mut Meta)> {
        let mut metas: Vec<(&Id, &mut Meta)> = Vec::new();
        macro_rules! sections {
            ($($section:ident)+) => {
                $(metas.extend(self.$section.iter_mut().map(|(id, it)| (id, &mut it.meta)));)+
            };
        }
        sections! {
            accounts vpcs subnets route_tables network_acls security_groups address_templates address_template_groups
            service_templates service_template_groups instances network_interfaces instance_groups havips databases
            load_balancers classic_instances classic_databases classic_load_balancers endpoint_connections
            endpoint_services vpc_endpoints peerings ccns nat_gateways vpn_gateways direct_connect_gateways edge_firewalls
            sites
        }
        metas
    }

    /// The VPC in which the entity lies, or whose gateway it is; a VPC lies in itself. `None` for
    /// what is in no VPC: groups, templates, classic resources, peerings, CCNs and their gateways,
    /// sites.
    #[must_use]
    pub fn vpc_of(&self, id: &str) -> Option<&Id> {
        let kind = self.kind_of(id);
        match kind.or_else(|| self.group_member(id).map(|_| Kind::InstanceGroup))? {
            Kind::Vpc => self.vpcs.get_key_value(id).map(|(id, _)| id),
            Kind::Subnet => self.vpc_of_subnet(id),
            Kind::RouteTable => self.route_tables.get(id).map(|it| &it.vpc),
            Kind::NetworkAcl => self.network_acls.get(id).map(|it| &it.vpc),
            Kind::Instance => self.vpc_of_subnet(self.instances.get(id)?.subnet.as_str()),
            Kind::NetworkInterface => {
                self.vpc_of_subnet(self.network_interfaces.get(id)?.subnet.as_str())
            }
            Kind::InstanceGroup => {
                let group = self
                    .group_member(id)
                    .map_or(id, |(group, _)| group.as_str());
                self.vpc_of_subnet(self.instance_groups.get(group)?.subnet.as_str())
            }
            Kind::HaVip => self.vpc_of_subnet(self.havips.get(id)?.subnet.as_str()),
            Kind::Database => self.vpc_of_subnet(self.databases.get(id)?.subnet.as_str()),
            Kind::LoadBalancer => self.vpc_of_balancer(self.load_balancers.get(id)?),
            Kind::EndpointConnection => self.endpoint_connections.get(id).map(|it| &it.vpc),
            Kind::EndpointService => self.endpoint_services.get(id).map(|it| &it.vpc),
            Kind::VpcEndpoint => self.vpc_of_subnet(self.vpc_endpoints.get(id)?.subnet.as_str()),
            Kind::NatGateway => self.nat_gateways.get(id).map(|it| &it.vpc),
            Kind::VpnGateway => self.vpn_gateways.get(id)?.attached_to.vpc(),
            Kind::DirectConnectGateway => self.direct_connect_gateways.get(id)?.attached_to.vpc(),
            Kind::VpnConnection => {
                let mut gateways = self.vpn_gateways.values();
                let gateway = gateways.find(|gateway| {
                    let mut parts = gateway.connections.iter();
                    parts.any(|part| part.id.as_str() == id)
                })?;
                gateway.attached_to.vpc()
            }
            Kind::DirectConnectTunnel => {
                let mut gateways = self.direct_connect_gateways.values();
                let gateway = gateways
                    .find(|gateway| gateway.tunnels.iter().any(|part| part.id.as_str() == id))?;
                gateway.attached_to.vpc()
            }
            _ => None,
        }
    }

    /// The rules of a network ACL or of an edge firewall: those for what enters, those for what leaves.
    #[must_use]
    pub fn five_tuple_rules(&self, id: &Id) -> Option<[&[AclRule]; 2]> {
        let acl = self.network_acls.get(id);
        let firewall = || self.edge_firewalls.get(id);
        acl.map(|it| [&*it.ingress, &*it.egress])
            .or_else(|| firewall().map(|it| [&*it.ingress, &*it.egress]))
    }

    /// The VPC of a subnet.
    #[must_use]
    pub fn vpc_of_subnet(&self, subnet: &str) -> Option<&Id> {
        self.subnets.get(subnet).map(|subnet| &subnet.vpc)
    }

    /// The VPC of a load balancer: that of its VIP, or of its targets.
    #[must_use]
    pub fn vpc_of_balancer<'n>(&'n self, balancer: &'n LoadBalancer) -> Option<&'n Id> {
        match &balancer.network {
            LoadBalancerNetwork::Internal { subnet, .. } => self.vpc_of_subnet(subnet.as_str()),
            LoadBalancerNetwork::Public { vpc, .. } => Some(vpc),
        }
    }

    /// The account that owns the entity: the one it names, else that of its VPC, else
    /// [`DEFAULT_ACCOUNT`] (D20-16).
    #[must_use]
    pub fn account_of(&self, id: &str) -> &str {
        let written = |id: &str| Some(self.meta_of(id)?.account.as_ref()?.as_str());
        let inherited = || written(self.vpc_of(id)?.as_str());
        written(id).or_else(inherited).unwrap_or(DEFAULT_ACCOUNT)
    }

    /// The region of the entity: its own (classic resources, groups that name one) or that of its
    /// VPC. `None` for what spans regions or names none.
    #[must_use]
    pub fn region_of(&self, id: &str) -> Option<&str> {
        let region = match self.kind_of(id) {
            Some(Kind::SecurityGroup) => self.security_groups.get(id)?.region.as_ref()?,
            Some(Kind::ClassicInstance) => &self.classic_instances.get(id)?.region,
            Some(Kind::ClassicDatabase) => &self.classic_databases.get(id)?.region,
            Some(Kind::ClassicLoadBalancer) => &self.classic_load_balancers.get(id)?.region,
            _ => &self.vpcs.get(self.vpc_of(id)?)?.region,
        };
        Some(region)
    }

    /// Whom a name leads to; an id means itself (MIG-10).
    #[must_use]
    pub fn meant_by<'n>(&'n self, word: &'n Id) -> &'n Id {
        self.names.get(word).unwrap_or(word)
    }

    /// The VPCs at the two ends of a peering, if both are there.
    #[must_use]
    pub fn ends_of(&self, peering: &super::Peering) -> Option<(&Vpc, &Vpc)> {
        let (left, right) = &peering.between;
        Some((self.vpcs.get(left)?, self.vpcs.get(right)?))
    }

    /// The members of a CCN in the order they joined: those it lists, then the VPN and Direct
    /// Connect gateways that only say so themselves.
    #[must_use]
    pub fn ccn_members(&self, ccn: &str) -> Vec<CcnMember> {
        let Some((ccn, entity)) = self.ccns.get_key_value(ccn) else {
            return Vec::new();
        };
        let joins = |attachment: &Attachment| *attachment == Attachment::Ccn(ccn.clone());
        let vpn = self.vpn_gateways.iter();
        let vpn = vpn.filter(|(_, gateway)| joins(&gateway.attached_to));
        let dc = self.direct_connect_gateways.iter();
        let dc = dc.filter(|(_, gateway)| joins(&gateway.attached_to));
        let mut members = entity.attachments.clone();
        let late = vpn
            .map(|(id, _)| CcnMember::VpnGateway(id.clone()))
            .chain(dc.map(|(id, _)| CcnMember::DirectConnectGateway(id.clone())));
        for member in late {
            if !members.contains(&member) {
                members.push(member);
            }
        }
        members
    }

    /// The CCNs that have the entity as a member, by either side's word: several only of a VPC (CCN-14).
    pub fn ccns_of(&self, member: &CcnMember) -> impl Iterator<Item = &Id> {
        let attached_to = match member {
            CcnMember::Vpc(_) => None,
            CcnMember::VpnGateway(id) => self.vpn_gateways.get(id).map(|it| &it.attached_to),
            CcnMember::DirectConnectGateway(id) => {
                let gateway = self.direct_connect_gateways.get(id);
                gateway.map(|it| &it.attached_to)
            }
        };
        let own = attached_to.and_then(Attachment::ccn);
        let ccns = self.ccns.iter();
        let ccns =
            ccns.filter(move |(id, ccn)| ccn.attachments.contains(member) || own == Some(id));
        ccns.map(|(id, _)| id)
    }

    /// Whether hosts of the Internet can have this address: it is public ([`is_public`]) and no VPC
    /// or site of the network covers it (D20-3).
    #[must_use]
    pub fn is_public(&self, address: IpAddr) -> bool {
        let mut sites = self.sites.values().flat_map(|site| &site.cidrs);
        is_public(address)
            && !self.vpcs.values().any(|vpc| vpc.covers(address))
            && !sites.any(|cidr| cidr.contains(&address))
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

/// Never public, whatever a file says (D20-3).
pub const RESERVED: [Ipv4Net; 10] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// The public space of IPv6 (D20-3).
pub const PUBLIC_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Whether a CIDR holds a public address, by the numbers alone.
#[must_use]
pub fn has_public(cidr: IpNet) -> bool {
    match cidr {
        IpNet::V4(cidr) => !RESERVED.iter().any(|reserved| reserved.contains(&cidr)),
        IpNet::V6(cidr) => PUBLIC_V6.contains(&cidr) || cidr.contains(&PUBLIC_V6),
    }
}

/// Whether all addresses of a CIDR are public, by the numbers alone.
#[must_use]
pub fn is_all_public(cidr: IpNet) -> bool {
    match cidr {
        IpNet::V4(v4) => has_public(cidr) && !RESERVED.iter().any(|it| v4.contains(it)),
        IpNet::V6(cidr) => PUBLIC_V6.contains(&cidr),
    }
}

/// Whether the address is public by its number alone (D20-3).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let shared = first == 100 && second & 0xc0 == 64;
            let benchmark = first == 198 && second & 0xfe == 18;
            let special = matches!(first, 0 | 127) || first >= 224;
            !(special || shared || benchmark || address.is_private() || address.is_link_local())
        }
        IpAddr::V6(address) => address.segments()[0] & 0xe000 == 0x2000,
    }
}

impl Attachment {
    /// The VPC, if it is one.
    #[must_use]
    pub fn vpc(&self) -> Option<&Id> {
        match self {
            Self::Vpc(id) => Some(id),
            Self::Ccn(_) => None,
        }
    }

    /// The CCN, if it is one.
    #[must_use]
    pub fn ccn(&self) -> Option<&Id> {
        match self {
            Self::Ccn(id) => Some(id),
            Self::Vpc(_) => None,
        }
    }
}
