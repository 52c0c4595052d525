//! What lets packets through or not: security groups (SG-1..21), network ACLs (ACL-1..15) and the
//! templates they may name (SG-14).

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::{Meta, Service};
use crate::id::Id;
use crate::space::{Action, AddressSet, IntervalSet};

/// A stateful, ordered pair of rule lists bound to instances; nothing matching = denied (SG-3, SG-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Owner, name.
    pub meta: Meta,
    /// When given, members and references stay in this region (SG-2, SG-12).
    pub region: Option<String>,
    /// Rules for packets that arrive, top first.
    pub ingress: Vec<SecurityGroupRule>,
    /// Rules for packets that leave, top first.
    pub egress: Vec<SecurityGroupRule>,
}

/// One rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroupRule {
    /// Accept or drop.
    pub action: Action,
    /// The other side: source of ingress rules, destination of egress rules (SG-8).
    pub peer: Peer,
    /// Protocol and destination port.
    pub service: Served,
}

/// The other side of a security-group rule (SG-9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Left out: everybody, IPv4 and IPv6.
    Any,
    /// A CIDR or an address.
    Addresses(AddressSet),
    /// `0.0.0.0/n` with this n, which the cloud stores as `0.0.0.0/0`: every IPv4 address, whatever n is (SG-9, D20-30).
    ZeroPrefix(u8),
    /// The private addresses of a group's members (SG-12).
    SecurityGroup(Id),
    /// An `ipm-` template.
    AddressTemplate(Id),
    /// An `ipmg-` group of templates.
    AddressTemplateGroup(Id),
}

impl Peer {
    /// What a CIDR means in a rule of a security group (D20-30).
    #[must_use]
    pub fn cidr(cidr: IpNet) -> Self {
        let network = cidr.network();
        if cidr.prefix_len() > 0 && network == IpAddr::V4(Ipv4Addr::UNSPECIFIED) {
            return Self::ZeroPrefix(cidr.prefix_len());
        }
        Self::Addresses(AddressSet::from(cidr.trunc()))
    }

    /// What addresses mean when they are written into a rule: as a CIDR if they are one, a single one bare.
    #[must_use]
    pub fn written(addresses: AddressSet) -> Self {
        match addresses.cidrs()[..] {
            [cidr] if cidr.prefix_len() < cidr.max_prefix_len() => Self::cidr(cidr),
            _ => Self::Addresses(addresses),
        }
    }

    /// The addresses that are written out, as the cloud reads them; `None` = anybody, or whom a name stands for.
    #[must_use]
    pub fn addresses(&self) -> Option<AddressSet> {
        match self {
            Self::Addresses(addresses) => Some(addresses.clone()),
            Self::ZeroPrefix(_) => Some(AddressSet::any_v4()),
            Self::Any
            | Self::SecurityGroup(_)
            | Self::AddressTemplate(_)
            | Self::AddressTemplateGroup(_) => None,
        }
    }
}

/// The service of a security-group rule (SG-10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    /// Written out.
    Service(Service),
    /// A `ppm-` template.
    Template(Id),
    /// A `ppmg-` group of templates.
    TemplateGroup(Id),
}

/// A stateless, ordered pair of rule lists bound to subnets (ACL-1..4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkAcl {
    /// Owner, name.
    pub meta: Meta,
    /// The VPC whose subnets it may serve.
    pub vpc: Id,
    /// Rules for packets entering a subnet, top first.
    pub ingress: Vec<AclRule>,
    /// Rules for packets leaving a subnet, top first.
    pub egress: Vec<AclRule>,
}

/// Rules of the Cloud Firewall at the border of the Internet (EFW-1..4); they remember connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeFirewall {
    /// Owner, name.
    pub meta: Meta,
    /// The public addresses that it is switched on for; none = all.
    pub addresses: Vec<IpNet>,
    /// Rules for what the Internet opens, top first.
    pub ingress: Vec<AclRule>,
    /// Rules for what is opened to the Internet, top first.
    pub egress: Vec<AclRule>,
}

/// One rule of a network ACL or of an edge firewall. `None` = any, both address families.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclRule {
    /// Accept or drop.
    pub action: Action,
    /// Source of the packet.
    pub source: Option<AddressSet>,
    /// Source ports; makes the ACL a QUINTUPLE one (ACL-7).
    pub source_ports: Option<IntervalSet<u16>>,
    /// Destination of the packet.
    pub destination: Option<AddressSet>,
    /// Protocol and destination port, one range at most (ACL-8).
    pub service: Service,
}

/// `ipm-`: a named set of addresses, CIDRs and ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressTemplate {
    /// Owner, name.
    pub meta: Meta,
    /// One set per written member, in order.
    pub addresses: Vec<AddressSet>,
}

/// `ipmg-`: a named set of address templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressTemplateGroup {
    /// Owner, name.
    pub meta: Meta,
    /// Its templates.
    pub templates: Vec<Id>,
}

/// `ppm-`: a named set of services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTemplate {
    /// Owner, name.
    pub meta: Meta,
    /// Its services, in order.
    pub services: Vec<Service>,
}

/// `ppmg-`: a named set of service templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTemplateGroup {
    /// Owner, name.
    pub meta: Meta,
    /// Its templates.
    pub templates: Vec<Id>,
}
