//! Cloud Connect Networks 云联网 (CCN-1..13).

use super::Section;
use ipnet::IpNet;

use super::Meta;
use crate::id::Id;
use crate::space::Action;

/// A CCN: its members, and what was said about its routes. Most routes are computed (CCN-3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ccn {
    /// Owner, name.
    pub meta: Meta,
    /// Whether overlapping routes of gateways stay on together (`RouteOverlapFlag`, D20-34).
    pub route_overlap: bool,
    /// Bandwidth between regions; `None` = the file does not say (CCN-13).
    pub bandwidth: Option<CcnBandwidth>,
    /// Members in the order they joined (CCN-4).
    pub attachments: Vec<CcnMember>,
    /// States of computed routes, and routes added by hand (D20-24).
    pub routes: Vec<CcnRoute>,
    /// Custom route tables (CCN-8).
    pub route_tables: Section<CcnRouteTable>,
    /// Which table decides for which source, in order (CCN-6).
    pub selection: Vec<CcnSelection>,
}

/// Whether bandwidth between regions is configured (CCN-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CcnBandwidth {
    /// It is.
    Configured,
    /// It is not.
    Missing,
}

/// A member of a CCN.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CcnMember {
    /// A VPC.
    Vpc(Id),
    /// A CCN-type VPN gateway.
    VpnGateway(Id),
    /// A CCN-type Direct Connect gateway.
    DirectConnectGateway(Id),
}

impl CcnMember {
    /// The member's id.
    #[must_use]
    pub fn id(&self) -> &Id {
        match self {
            Self::Vpc(id) | Self::VpnGateway(id) | Self::DirectConnectGateway(id) => id,
        }
    }
}

/// A statement about one route of a CCN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CcnRoute {
    /// Destination.
    pub to: IpNet,
    /// The member it leads to.
    pub next: CcnMember,
    /// On or off.
    pub enabled: bool,
}

/// A custom route table of a CCN: accepts only what its policies say (CCN-8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CcnRouteTable {
    /// Owner, name.
    pub meta: Meta,
    /// Members bound to it.
    pub attachments: Vec<CcnMember>,
    /// Input policies in order; none matching = dropped.
    pub accept: Vec<CcnRoutePolicy>,
}

/// An input policy of a custom CCN route table; what is left out matches everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CcnRoutePolicy {
    /// The member that publishes the route.
    pub from: Option<CcnMember>,
    /// Matches routes equal to it or inside it (D20-24).
    pub cidr: Option<IpNet>,
    /// Accept or drop.
    pub action: Action,
}

/// A selection policy (CCN-6): packets of `attachment` from `source` use `route_table`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CcnSelection {
    /// The member the packet comes from.
    pub attachment: CcnMember,
    /// Its source addresses.
    pub source: IpNet,
    /// A custom table of the CCN.
    pub route_table: Id,
}
