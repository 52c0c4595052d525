//! Route tables (RT-1..19).

use ipnet::IpNet;

use super::Meta;
use crate::id::Id;

/// A route table; Local is implied and never listed (RT-3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable {
    /// Owner, name.
    pub meta: Meta,
    /// The VPC it belongs to.
    pub vpc: Id,
    /// Written routes in the order of the file; order does not decide, prefix length does (RT-6).
    pub routes: Vec<Route>,
}

/// One written route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Destination.
    pub to: IpNet,
    /// Where it leads.
    pub via: NextHop,
    /// A disabled route is ignored (RT-9).
    pub enabled: bool,
    /// Which of several routes to one destination is used first; 0 is the highest (D20-35).
    pub priority: u8,
    /// Whether the VPC's CCNs get it (D20-37, D20-38).
    pub publish: bool,
}

/// Which written routes of a table a change means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteName {
    /// Their destination.
    pub to: IpNet,
    /// Only those with this next hop; `None` = all to the destination.
    pub via: Option<NextHop>,
}

impl From<IpNet> for RouteName {
    fn from(to: IpNet) -> Self {
        Self { to, via: None }
    }
}

impl RouteName {
    /// Whether it means a route.
    #[must_use]
    pub fn means(&self, route: &Route) -> bool {
        self.to == route.to && self.via.as_ref().is_none_or(|via| *via == route.via)
    }
}

impl RouteTable {
    /// The shortest name that means a route and no other.
    #[must_use]
    pub fn name_of(&self, route: &Route) -> RouteName {
        let mut others = self.routes.iter();
        let is_other = |other: &Route| other.to == route.to && other.via != route.via;
        RouteName { to: route.to, via: others.any(is_other).then(|| route.via.clone()) }
    }
}

/// The next hop of a route (`GatewayType`, RT-7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NextHop {
    /// `NAT`.
    NatGateway(Id),
    /// `VPN`.
    VpnGateway(Id),
    /// `DIRECTCONNECT`.
    DirectConnectGateway(Id),
    /// `PEERCONNECTION`.
    PeeringConnection(Id),
    /// `USER_CCN`, or the state of a propagated route (D20-4).
    Ccn(Id),
    /// `HAVIP`.
    HaVip(Id),
    /// `NORMAL_CVM`: a forwarding instance.
    Instance(Id),
    /// `CVM`: an instance bought as public gateway (NAT-12).
    PublicGateway(Id),
    /// `EIP`: the sender's own public address (RT-11).
    Eip,
}

impl NextHop {
    /// The id of the next hop; none for `Eip`.
    #[must_use]
    pub fn id(&self) -> Option<&Id> {
        match self {
            Self::NatGateway(id)
            | Self::VpnGateway(id)
            | Self::DirectConnectGateway(id)
            | Self::PeeringConnection(id)
            | Self::Ccn(id)
            | Self::HaVip(id)
            | Self::Instance(id)
            | Self::PublicGateway(id) => Some(id),
            Self::Eip => None,
        }
    }

    /// The word of the scenario format.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NatGateway(_) => "NatGateway",
            Self::VpnGateway(_) => "VpnGateway",
            Self::DirectConnectGateway(_) => "DirectConnectGateway",
            Self::PeeringConnection(_) => "PeeringConnection",
            Self::Ccn(_) => "Ccn",
            Self::HaVip(_) => "HaVip",
            Self::Instance(_) => "Instance",
            Self::PublicGateway(_) => "PublicGateway",
            Self::Eip => "Eip",
        }
    }
}
