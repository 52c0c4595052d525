//! Questions about a network that more than one floor asks: whose an entity is, in which VPC and
//! region it lies.
//!
//! All of them answer by hash or from the entity itself, never by a scan over machines, unless
//! their documentation says so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{
    AclRule, Attachment, CcnMember, Entity, Key, Kind, Lies, LoadBalancer, Meta, Network, Place,
    Route, Vpc, sections,
};
use crate::id::Id;

/// The account of whatever names none and inherits none (D20-16).
pub const DEFAULT_ACCOUNT: &str = "default";

/// The words with "a" or "an".
pub(crate) fn with_article(words: &str) -> String {
    let article = if words.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
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

    /// The entities that live inside another one: that one, the part and its kind. CCN route tables, VPN connections and
    /// Direct Connect tunnels.
    pub fn held(&self) -> impl Iterator<Item = (&Id, &Id, Kind)> {
        let tables = self.ccns.iter().flat_map(|(holder, ccn)| {
            let tables = ccn.route_tables.keys();
            tables.map(move |id| (holder, id, Kind::CcnRouteTable))
        });
        let connections = self.vpn_gateways.iter().flat_map(|(holder, gateway)| {
            let connections = gateway.connections.iter();
            connections.map(move |it| (holder, &it.id, Kind::VpnConnection))
        });
        let tunnels = self.direct_connect_gateways.iter();
        let tunnels = tunnels.flat_map(|(holder, gateway)| {
            let tunnels = gateway.tunnels.iter();
            tunnels.map(move |it| (holder, &it.id, Kind::DirectConnectTunnel))
        });
        tables.chain(connections).chain(tunnels)
    }

    /// The same without the entities that they live in.
    pub fn parts(&self) -> impl Iterator<Item = (&Id, Kind)> {
        self.held().map(|(_, part, kind)| (part, kind))
    }

    /// The entity that a part lives in.
    #[must_use]
    pub fn holder_of(&self, part: &str) -> Option<&Id> {
        let mut held = self.held().filter(|(_, id, _)| id.as_str() == part);
        held.next().map(|(holder, ..)| holder)
    }

    /// Whether `id` names an entity of this kind. Parts ([`Self::parts`]) are scanned.
    #[must_use]
    pub fn has(&self, kind: Kind, id: &str) -> bool {
        macro_rules! has {
            ($($section:ident: $kind:ident $row:tt)+) => {
                match kind {
                    $(Kind::$kind => self.$section.contains_key(id),)+
                    Kind::CcnRouteTable | Kind::VpnConnection | Kind::DirectConnectTunnel => self
                        .parts()
                        .any(|(part, is)| is == kind && part.as_str() == id),
                }
            };
        }
        sections!(has)
    }

    /// The position of an entity in its section.
    #[must_use]
    pub fn index_of(&self, kind: Kind, id: &str) -> Option<usize> {
        macro_rules! index {
            ($($section:ident: $kind:ident $row:tt)+) => {
                match kind {
                    $(Kind::$kind => self.$section.get_index_of(id),)+
                    Kind::CcnRouteTable | Kind::VpnConnection | Kind::DirectConnectTunnel => None,
                }
            };
        }
        sections!(index)
    }

    /// Takes an entity out of its section; whether it was there. What refers to it stays.
    pub fn remove(&mut self, kind: Kind, id: &str) -> bool {
        macro_rules! remove {
            ($($section:ident: $kind:ident $row:tt)+) => {
                match kind {
                    $(Kind::$kind => self.$section.shift_remove(id).is_some(),)+
                    Kind::CcnRouteTable | Kind::VpnConnection | Kind::DirectConnectTunnel => false,
                }
            };
        }
        sections!(remove)
    }

    /// What the entity carries beside its own fields; nothing for tunnels, which carry none.
    #[must_use]
    pub fn meta_of(&self, id: &str) -> Option<&Meta> {
        macro_rules! meta {
            ($($section:ident: $kind:ident $row:tt)+) => {
                $(if let Some(entity) = self.$section.get(id) {
                    return Some(&entity.meta);
                })+
            };
        }
        sections!(meta);
        let mut tables = self.ccns.values().map(|ccn| &ccn.route_tables);
        Some(&tables.find_map(|tables| tables.get(id))?.meta)
    }

    /// What every entity carries beside its own fields, to be changed.
    pub fn metas_mut(&mut self) -> Vec<(&Id, &mut Meta)> {
        let mut metas: Vec<(&Id, &mut Meta)> = Vec::new();
        macro_rules! extend {
            ($($section:ident: $kind:ident $row:tt)+) => {
                $(metas.extend(self.$section.iter_mut().map(|(id, it)| (id, &mut it.meta)));)+
            };
        }
        sections!(extend);
        metas
    }

    /// Where an entity lies: a part like the one that it lives in, a member like its group.
    #[must_use]
    pub fn place_of(&self, id: &str) -> Option<Lies<'_>> {
        macro_rules! lies {
            ($($section:ident: $kind:ident $row:tt)+) => {
                $(if let Some(entity) = self.$section.get(id) {
                    return Some(entity.lies());
                })+
            };
        }
        sections!(lies);
        let member = self.group_member(id).map(|(group, _)| group);
        self.place_of(member.or_else(|| self.holder_of(id))?.as_str())
    }

    /// The VPC in which the entity lies, or whose gateway it is; a VPC lies in itself. `None` for
    /// what is in no VPC: groups, templates, classic resources, peerings, CCNs and their gateways,
    /// sites.
    #[must_use]
    pub fn vpc_of(&self, id: &str) -> Option<&Id> {
        if let Some((vpc, _)) = self.vpcs.get_key_value(id) {
            return Some(vpc);
        }
        self.vpc_at(self.place_of(id)?)
    }

    /// The VPC of a place.
    #[must_use]
    pub fn vpc_at<'n>(&'n self, place: Lies<'n>) -> Option<&'n Id> {
        match place {
            Lies::Nowhere => None,
            Lies::InVpc(vpc) => Some(vpc),
            Lies::InSubnet(subnet) => self.vpc_of_subnet(subnet.as_str()),
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
        self.vpc_at(balancer.lies())
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
