//! Who can open or accept a connection: the endpoints of a network (D20-1, D20-6, D20-7).

use std::fmt;
use std::net::IpAddr;

use crate::id::Id;

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// A CVM of a VPC, through its primary interface.
    Instance(Id),
    /// An extra ENI.
    NetworkInterface(Id),
    /// A member of an instance group, by its address.
    GroupMember(Id, IpAddr),
    /// A HAVIP.
    HaVip(Id),
    /// A database of a VPC.
    Database(Id),
    /// A database at an address from before it moved (MIG-6).
    OldVip(Id, IpAddr),
    /// A load balancer of a VPC.
    LoadBalancer(Id),
    /// An endpoint connection.
    EndpointConnection(Id),
    /// An endpoint of `PrivateLink`.
    VpcEndpoint(Id),
    /// A classic CVM.
    ClassicInstance(Id),
    /// A classic database.
    ClassicDatabase(Id),
    /// A classic load balancer.
    ClassicLoadBalancer(Id),
    /// An EIP of a NAT gateway, as `to` (D20-6).
    NatAddress(Id, IpAddr),
    /// Hosts of a site; which ones, the packet says.
    Site(Id),
    /// Internet hosts that the file does not own; which ones, the packet says.
    Internet,
    /// A private address that nobody owns, as `to`: a machine that is to come.
    Nobody(IpAddr),
}

impl Endpoint {
    /// The id of its entity; none for the Internet.
    #[must_use]
    pub fn id(&self) -> Option<&Id> {
        match self {
            Self::Instance(id)
            | Self::NetworkInterface(id)
            | Self::GroupMember(id, _)
            | Self::HaVip(id)
            | Self::Database(id)
            | Self::LoadBalancer(id)
            | Self::EndpointConnection(id)
            | Self::VpcEndpoint(id)
            | Self::ClassicInstance(id)
            | Self::ClassicDatabase(id)
            | Self::ClassicLoadBalancer(id)
            | Self::NatAddress(id, _)
            | Self::OldVip(id, _)
            | Self::Site(id) => Some(id),
            Self::Internet | Self::Nobody(_) => None,
        }
    }
}

impl fmt::Display for Endpoint {
    /// `ins-web`, `asg-web[10.1.2.11]`, `internet`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GroupMember(id, address)
            | Self::NatAddress(id, address)
            | Self::OldVip(id, address) => {
                write!(f, "{id}[{address}]")
            }
            Self::Internet => f.write_str("internet"),
            Self::Nobody(address) => write!(f, "{address}"),
            other => other.id().map_or(Ok(()), |id| write!(f, "{id}")),
        }
    }
}
