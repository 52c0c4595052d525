//! Ways out of a VPC: peering (PCX-1..9), NAT (NAT-1..14), VPN (VPN-1..11), Direct Connect (DC-1..8), and
//! the customer networks behind the last two.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Meta, Service};
use crate::id::Id;

/// A peering connection between two VPCs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peering {
    /// Owner, name.
    pub meta: Meta,
    /// Its two ends.
    pub between: (Id, Id),
    /// Accepted or not.
    pub state: PeeringState,
}

impl Peering {
    /// The other end, seen from `vpc`; `None` if `vpc` is no end of it.
    #[must_use]
    pub fn other(&self, vpc: &Id) -> Option<&Id> {
        if self.between.0 == *vpc {
            Some(&self.between.1)
        } else if self.between.1 == *vpc {
            Some(&self.between.0)
        } else {
            None
        }
    }
}

/// State of a peering (PCX-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PeeringState {
    /// `ACTIVE`.
    #[default]
    Active,
    /// Not accepted yet.
    Pending,
}

/// A public NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatGateway {
    /// Owner, name.
    pub meta: Meta,
    /// The VPC it serves.
    pub vpc: Id,
    /// Whether its VPC may publish routes to it (D20-38).
    pub kind: NatKind,
    /// Its elastic IPs.
    pub eips: Vec<IpAddr>,
    /// Only sources named by an SNAT rule are forwarded (NAT-2).
    pub strict_snat: bool,
    /// SNAT rules.
    pub snat: Vec<Snat>,
    /// Port forwarding (NAT-3).
    pub dnat: Vec<Dnat>,
}

/// The kind of a NAT gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum NatKind {
    /// Serves its own VPC only (NAT-7).
    #[default]
    Traditional,
    /// Serves the members of a CCN, too, that get a published route to it (D20-38).
    Standard,
}

/// An SNAT rule: which sources leave with which EIPs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snat {
    /// The sources.
    pub from: SnatSource,
    /// Their EIPs.
    pub eips: Vec<IpAddr>,
}

/// Granularity of an SNAT rule (NAT-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnatSource {
    /// A CIDR of the user's own.
    Cidr(IpNet),
    /// A whole subnet.
    Subnet(Id),
    /// One instance or ENI.
    Instance(Id),
}

/// A port-forwarding entry: outside `eip:service`, inside `to:port` (NAT-3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dnat {
    /// Protocol and outside port; TCP or UDP, one port.
    pub service: Service,
    /// Outside address, one of the gateway's EIPs.
    pub eip: IpAddr,
    /// Inside address, of an instance or ENI of the VPC.
    pub to: IpAddr,
    /// Inside port.
    pub port: u16,
}

/// What a VPN or Direct Connect gateway is attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// One VPC.
    Vpc(Id),
    /// A CCN.
    Ccn(Id),
}

/// A VPN gateway and its tunnels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpnGateway {
    /// Owner, name.
    pub meta: Meta,
    /// VPC-type or CCN-type.
    pub attached_to: Attachment,
    /// Its tunnels.
    pub connections: Vec<VpnConnection>,
    /// Its own route table, for the route-based tunnels (VPN-5).
    pub routes: Vec<VpnRoute>,
}

/// A VPN tunnel to a site; route-based when it has no policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpnConnection {
    /// Its id.
    pub id: Id,
    /// The site it leads to.
    pub site: Id,
    /// Its security policy database (VPN-3).
    pub policies: Vec<VpnPolicy>,
    /// Whether the tunnel is up (VPN-7).
    pub up: bool,
    /// Whether the gateway notices that it is down, and does without it (VPN-12, D20-34).
    pub health_check: bool,
}

/// One SPD rule: a pair passes iff its cloud side is in `local` and its site side in one of `remote`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpnPolicy {
    /// Cloud side.
    pub local: IpNet,
    /// Site side.
    pub remote: Vec<IpNet>,
}

/// A route of a VPN gateway (VPN-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpnRoute {
    /// Destination.
    pub to: IpNet,
    /// The tunnel's id.
    pub connection: Id,
    /// Lower wins among equal destinations.
    pub priority: u32,
    /// A disabled route is ignored.
    pub enabled: bool,
}

/// A Direct Connect gateway and its tunnels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectConnectGateway {
    /// Owner, name.
    pub meta: Meta,
    /// `NetworkType`.
    pub attached_to: Attachment,
    /// `GatewayType`.
    pub kind: DirectConnectKind,
    /// Its tunnels.
    pub tunnels: Vec<DirectConnectTunnel>,
}

/// `NORMAL` or `NAT` (DC-6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DirectConnectKind {
    /// Addresses pass unchanged.
    #[default]
    Normal,
    /// Addresses are translated.
    Nat(DcNat),
}

/// Translations of a NAT-type Direct Connect gateway (DC-6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DcNat {
    /// 1:1, (VPC address, address the site sees).
    pub local_ips: Vec<(IpAddr, IpAddr)>,
    /// 1:1, (site address, address the VPC sees).
    pub peer_ips: Vec<(IpAddr, IpAddr)>,
    /// Source pools for connections opened in the VPC.
    pub snat: Vec<DcSnat>,
    /// Port forwarding for connections opened by the site.
    pub dnat: Vec<DcDnat>,
}

/// A source pool of a NAT-type Direct Connect gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DcSnat {
    /// VPC sources.
    pub from: IpNet,
    /// Addresses the site sees.
    pub pool: Vec<IpAddr>,
}

/// Port forwarding of a NAT-type Direct Connect gateway: site → `address:service`, VPC gets `to:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DcDnat {
    /// Protocol and port the site addresses.
    pub service: Service,
    /// Address the site addresses.
    pub address: IpAddr,
    /// VPC address.
    pub to: IpAddr,
    /// VPC port.
    pub port: u16,
}

/// A dedicated tunnel to a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectConnectTunnel {
    /// Its id.
    pub id: Id,
    /// The site it leads to.
    pub site: Id,
    /// What the site announces (DC-2).
    pub prefixes: Vec<IpNet>,
    /// Whether the tunnel is up.
    pub up: bool,
    /// Whether the gateway notices that it is down, and does without it (D20-34).
    pub health_check: bool,
}

/// A customer network (IDC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Owner, name, tags.
    pub meta: Meta,
    /// Its hosts' addresses.
    pub cidrs: Vec<IpNet>,
}
