//! Lines: the VPN connections and Direct Connect tunnels by which gateways reach sites, and which of them count
//! (VPN-12, D20-34, D20-35).

use super::{DirectConnectTunnel, Network, NextHop, VpnConnection};
use crate::id::Id;

/// A line of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'n> {
    /// Its id.
    pub id: &'n Id,
    /// The site it leads to.
    pub site: &'n Id,
    /// Whether it is up.
    pub up: bool,
    /// Whether its gateway notices that it is not.
    pub health_check: bool,
}

impl<'n> From<&'n VpnConnection> for Line<'n> {
    fn from(connection: &'n VpnConnection) -> Self {
        Self {
            id: &connection.id,
            site: &connection.site,
            up: connection.up,
            health_check: connection.health_check,
        }
    }
}

impl<'n> From<&'n DirectConnectTunnel> for Line<'n> {
    fn from(tunnel: &'n DirectConnectTunnel) -> Self {
        Self {
            id: &tunnel.id,
            site: &tunnel.site,
            up: tunnel.up,
            health_check: tunnel.health_check,
        }
    }
}

impl Network {
    /// The lines of a VPN or Direct Connect gateway.
    #[must_use]
    pub fn lines_of(&self, gateway: &Id) -> Vec<Line<'_>> {
        let vpn = self.vpn_gateways.get(gateway).into_iter();
        let vpn = vpn.flat_map(|gateway| gateway.connections.iter().map(Line::from));
        let dc = self.direct_connect_gateways.get(gateway).into_iter();
        let dc = dc.flat_map(|gateway| gateway.tunnels.iter().map(Line::from));
        vpn.chain(dc).collect()
    }

    /// Whether a line of a gateway is down: itself, or with the whole gateway.
    #[must_use]
    pub fn is_down(&self, gateway: &Id, line: Line<'_>) -> bool {
        !line.up || self.down.contains(line.id) || self.down.contains(gateway)
    }

    /// Whether a line counts as absent: its health is checked, and it is down (D20-34).
    #[must_use]
    pub fn is_absent(&self, gateway: &Id, line: Line<'_>) -> bool {
        line.health_check && self.is_down(gateway, line)
    }

    /// Whether a gateway counts as absent: it has lines, and all of them do (D20-35).
    #[must_use]
    pub fn is_gateway_absent(&self, gateway: &Id) -> bool {
        let lines = self.lines_of(gateway);
        !lines.is_empty() && lines.iter().all(|line| self.is_absent(gateway, *line))
    }

    /// Whether a next hop is a gateway that counts as absent (D20-35).
    #[must_use]
    pub fn is_hop_absent(&self, via: &NextHop) -> bool {
        match via {
            NextHop::VpnGateway(id) | NextHop::DirectConnectGateway(id) => {
                self.is_gateway_absent(id)
            }
            NextHop::NatGateway(_)
            | NextHop::PeeringConnection(_)
            | NextHop::Ccn(_)
            | NextHop::HaVip(_)
            | NextHop::Instance(_)
            | NextHop::PublicGateway(_)
            | NextHop::Eip => false,
        }
    }
}
