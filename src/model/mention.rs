//! What an id may name at the places where one is written, in entities and in changes.

use super::Kind;

/// What may stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mention {
    /// An entity of one of these kinds; none = anything that has an id, and a rule of the cloud judges which.
    Entity(&'static [Kind]),
    /// A name of `names`.
    Name,
}

impl Mention {
    /// The kinds that are meant.
    #[must_use]
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Entity(kinds) => kinds,
            Self::Name => &[],
        }
    }
}

/// Any entity.
pub const ANY: Mention = Mention::Entity(&[]);
/// A name of `names`.
pub const NAME: Mention = Mention::Name;
/// An account.
pub const ACCOUNT: Mention = Mention::Entity(&[Kind::Account]);
/// A VPC.
pub const VPC: Mention = Mention::Entity(&[Kind::Vpc]);
/// A subnet.
pub const SUBNET: Mention = Mention::Entity(&[Kind::Subnet]);
/// A route table.
pub const TABLE: Mention = Mention::Entity(&[Kind::RouteTable]);
/// A network ACL.
pub const ACL: Mention = Mention::Entity(&[Kind::NetworkAcl]);
/// A security group.
pub const GROUP: Mention = Mention::Entity(&[Kind::SecurityGroup]);
/// An address template.
pub const ADDRESSES: Mention = Mention::Entity(&[Kind::AddressTemplate]);
/// A service template.
pub const SERVICES: Mention = Mention::Entity(&[Kind::ServiceTemplate]);
/// The other side of a security-group rule (SG-9).
pub const PEER: Mention =
    Mention::Entity(&[Kind::SecurityGroup, Kind::AddressTemplate, Kind::AddressTemplateGroup]);
/// The service of a security-group rule (SG-10).
pub const SERVED: Mention = Mention::Entity(&[Kind::ServiceTemplate, Kind::ServiceTemplateGroup]);
/// An instance.
pub const INSTANCE: Mention = Mention::Entity(&[Kind::Instance]);
/// A machine, in a VPC or classic.
pub const MACHINE: Mention = Mention::Entity(&[Kind::Instance, Kind::ClassicInstance]);
/// What has a private address that can be changed.
pub const ADDRESSED: Mention =
    Mention::Entity(&[Kind::Instance, Kind::NetworkInterface, Kind::ClassicInstance]);
/// A load balancer, in a VPC or classic.
pub const BALANCER: Mention = Mention::Entity(&[Kind::LoadBalancer, Kind::ClassicLoadBalancer]);
/// Targets of load balancers of both networks: CL-10 and CLB-17 tell which of them are allowed.
pub const TARGET: Mention = Mention::Entity(&[
    Kind::Instance,
    Kind::NetworkInterface,
    Kind::InstanceGroup,
    Kind::ClassicInstance,
]);
/// What security groups can be bound to (SG-16).
pub const GUARDED: Mention = Mention::Entity(&[
    Kind::Instance,
    Kind::ClassicInstance,
    Kind::NetworkInterface,
    Kind::InstanceGroup,
    Kind::Database,
    Kind::LoadBalancer,
    Kind::VpcEndpoint,
]);
/// A service of `PrivateLink`.
pub const SERVICE: Mention = Mention::Entity(&[Kind::EndpointService]);
/// A customer network.
pub const SITE: Mention = Mention::Entity(&[Kind::Site]);
/// A CCN.
pub const CCN: Mention = Mention::Entity(&[Kind::Ccn]);
/// A table of a CCN.
pub const CCN_TABLE: Mention = Mention::Entity(&[Kind::CcnRouteTable]);
/// A tunnel of a VPN gateway.
pub const CONNECTION: Mention = Mention::Entity(&[Kind::VpnConnection]);
/// What an SNAT rule may name beside a CIDR (NAT-2).
pub const SNAT: Mention = Mention::Entity(&[Kind::Subnet, Kind::Instance, Kind::NetworkInterface]);
/// Sets of which an import may have left out members.
pub const SETS: Mention = Mention::Entity(&[
    Kind::Account,
    Kind::Vpc,
    Kind::Subnet,
    Kind::SecurityGroup,
    Kind::InstanceGroup,
    Kind::Site,
]);
/// What can fail: tunnels, peerings, VPCs and gateways as attachments, NAT gateways, endpoints, machines.
pub const FALLIBLE: Mention = Mention::Entity(&[
    Kind::Instance,
    Kind::ClassicInstance,
    Kind::VpnConnection,
    Kind::DirectConnectTunnel,
    Kind::Peering,
    Kind::NatGateway,
    Kind::VpcEndpoint,
    Kind::VpnGateway,
    Kind::DirectConnectGateway,
    Kind::Vpc,
]);
