//! VPCs and subnets (VPC-1..13).

use std::net::IpAddr;

use ipnet::IpNet;

use super::Meta;
use crate::id::Id;

/// A virtual private cloud: regional, isolated, with one immutable primary CIDR (VPC-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    /// Owner, name.
    pub meta: Meta,
    /// Region such as `ap-guangzhou` (VPC-5).
    pub region: String,
    /// Primary CIDR.
    pub cidr: IpNet,
    /// Secondary (assistant) CIDRs.
    pub secondary_cidrs: Vec<IpNet>,
    /// IPv6 CIDR of a dual-stack VPC (VPC-12).
    pub ipv6_cidr: Option<IpNet>,
    /// The default route table; `None` = one that holds only Local.
    pub default_route_table: Option<Id>,
    /// What it publishes to a CCN (CCN-3).
    pub publish_to_ccn: CcnPublication,
}

/// `EnableRouteVpcPublish` (CCN-3, D-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CcnPublication {
    /// Its subnets' CIDRs.
    #[default]
    Subnets,
    /// Its own CIDRs.
    Cidrs,
}

impl Vpc {
    /// Primary, secondary and IPv6 CIDRs: what Local covers, links aside (RT-4).
    pub fn cidrs(&self) -> impl Iterator<Item = IpNet> + '_ {
        std::iter::once(self.cidr).chain(self.secondary_cidrs.iter().copied()).chain(self.ipv6_cidr)
    }

    /// Whether an address lies in one of [`Self::cidrs`].
    #[must_use]
    pub fn covers(&self, address: IpAddr) -> bool {
        self.cidrs().any(|cidr| cidr.contains(&address))
    }

    /// Whether an address lies in a secondary CIDR, which neither classic links (CL-6) nor
    /// peerings (PCX-7) carry.
    #[must_use]
    pub fn is_secondary(&self, address: IpAddr) -> bool {
        self.secondary_cidrs.iter().any(|cidr| cidr.contains(&address))
    }
}

/// A subnet of a VPC, in one zone, bound to one route table and at most one ACL (VPC-3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Owner, name.
    pub meta: Meta,
    /// The VPC it lies in.
    pub vpc: Id,
    /// Availability zone.
    pub zone: Option<String>,
    /// IPv4 CIDR.
    pub cidr: IpNet,
    /// IPv6 CIDR.
    pub ipv6_cidr: Option<IpNet>,
    /// Its route table; `None` = the VPC's default.
    pub route_table: Option<Id>,
    /// Its network ACL.
    pub network_acl: Option<Id>,
}

impl Subnet {
    /// Whether an address lies in it.
    #[must_use]
    pub fn covers(&self, address: IpAddr) -> bool {
        self.cidr.contains(&address) || self.ipv6_cidr.is_some_and(|cidr| cidr.contains(&address))
    }
}
