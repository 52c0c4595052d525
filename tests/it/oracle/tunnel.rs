//! VPN connections and Direct Connect tunnels: which one takes a packet, and what it does to it.

use std::net::IpAddr;

use ipnet::IpNet;
use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{
    Attachment, CcnMember, DcNat, DirectConnectGateway, DirectConnectKind, Network, VpnConnection,
    VpnGateway,
};
use pathproof::space::Packet;

use super::filter::serves;

/// A tunnel to a site, with the gateway that ends it on the cloud's side.
#[derive(Clone, Debug)]
pub struct Tunnel<'n> {
    pub id: &'n Id,
    pub gateway: &'n Id,
    pub attached_to: &'n Attachment,
    pub site: &'n Id,
    pub up: bool,
    pub health_check: bool,
    pub kind: Kind<'n>,
}

/// What kind of tunnel it is.
#[derive(Clone, Debug)]
pub enum Kind<'n> {
    Vpn(&'n VpnConnection),
    DirectConnect,
    DirectConnectNat(&'n DcNat),
}

impl Tunnel<'_> {
    /// D20-34: its health is checked, and it is down, by itself or with its gateway.
    pub fn is_absent(&self, network: &Network) -> bool {
        let fails = |id: &Id| network.down.contains(id);
        self.health_check && (!self.up || fails(self.id) || fails(self.gateway))
    }

    /// Its gateway as a member of a CCN.
    pub fn member(&self) -> CcnMember {
        match self.kind {
            Kind::Vpn(_) => CcnMember::VpnGateway(self.gateway.clone()),
            Kind::DirectConnect | Kind::DirectConnectNat(_) => {
                CcnMember::DirectConnectGateway(self.gateway.clone())
            }
        }
    }
}

/// Every tunnel of the network.
pub fn all(network: &Network) -> Vec<Tunnel<'_>> {
    let vpn = network.vpn_gateways.iter().flat_map(|(id, gateway)| vpn_tunnels(id, gateway));
    let dc =
        network.direct_connect_gateways.iter().flat_map(|(id, gateway)| dc_tunnels(id, gateway));
    vpn.chain(dc).collect()
}

fn vpn_tunnels<'n>(id: &'n Id, gateway: &'n VpnGateway) -> Vec<Tunnel<'n>> {
    let tunnel = |connection: &'n VpnConnection| Tunnel {
        id: &connection.id,
        gateway: id,
        attached_to: &gateway.attached_to,
        site: &connection.site,
        up: connection.up,
        health_check: connection.health_check,
        kind: Kind::Vpn(connection),
    };
    gateway.connections.iter().map(tunnel).collect()
}

fn dc_tunnels<'n>(id: &'n Id, gateway: &'n DirectConnectGateway) -> Vec<Tunnel<'n>> {
    let kind = match &gateway.kind {
        DirectConnectKind::Normal => Kind::DirectConnect,
        DirectConnectKind::Nat(nat) => Kind::DirectConnectNat(nat),
    };
    let tunnels = gateway.tunnels.iter().map(|tunnel| Tunnel {
        id: &tunnel.id,
        gateway: id,
        attached_to: &gateway.attached_to,
        site: &tunnel.site,
        up: tunnel.up,
        health_check: tunnel.health_check,
        kind: kind.clone(),
    });
    tunnels.collect()
}

/// The VPN tunnel for a packet towards the site: the one with a policy for the pair (VPN-3), else
/// the one that the gateway's own route table names (VPN-5). Absent ones are not there; if only they would
/// carry it, it is lost at the gateway (D20-34).
pub fn vpn_towards_site<'n>(
    network: &'n Network,
    gateway: &Id,
    packet: &Packet,
) -> Result<Tunnel<'n>, Code> {
    let (id, gateway) = network.vpn_gateways.get_key_value(gateway).ok_or(Code::RouteBlackhole)?;
    let (absent, tunnels): (Vec<_>, Vec<_>) =
        vpn_tunnels(id, gateway).into_iter().partition(|tunnel| tunnel.is_absent(network));
    let would_carry = |tunnel: &&Tunnel<'_>| {
        let Kind::Vpn(connection) = &tunnel.kind else {
            return false;
        };
        let mut routes = gateway.routes.iter();
        policy_accepts(connection, packet.source, packet.destination)
            || connection.policies.is_empty()
                && routes.any(|route| {
                    let is_its = route.connection == *tunnel.id;
                    route.enabled && is_its && route.to.contains(&packet.destination)
                })
    };
    let only_absent = absent.iter().any(|tunnel| would_carry(&tunnel));
    let by_policy = tunnels.iter().find(|tunnel| {
        let Kind::Vpn(connection) = &tunnel.kind else {
            return false;
        };
        policy_accepts(connection, packet.source, packet.destination)
    });
    if let Some(tunnel) = by_policy {
        return Ok(tunnel.clone());
    }
    let mut routes: Vec<_> = gateway
        .routes
        .iter()
        .filter(|route| route.enabled && route.to.contains(&packet.destination))
        .filter(|route| absent.iter().all(|tunnel| *tunnel.id != route.connection))
        .collect();
    routes.sort_by_key(|route| (std::cmp::Reverse(route.to.prefix_len()), route.priority));
    let chosen = routes.first().map(|route| &route.connection);
    let by_route = tunnels.into_iter().find(|tunnel| {
        matches!(tunnel.kind, Kind::Vpn(connection) if connection.policies.is_empty())
            && Some(tunnel.id) == chosen
    });
    // Without any policy it is the gateway's own table that has nothing to say (VPN-5).
    let by_policy = gateway.connections.iter().any(|it| !it.policies.is_empty());
    by_route.ok_or(if only_absent {
        Code::AttachmentDown
    } else if by_policy {
        Code::VpnPolicyMismatch
    } else {
        Code::NoRoute
    })
}

/// VPN-3: cloud side in `local`, site side in one of `remote`.
fn policy_accepts(connection: &VpnConnection, cloud: IpAddr, site: IpAddr) -> bool {
    connection.policies.iter().any(|policy| {
        policy.local.contains(&cloud) && policy.remote.iter().any(|remote| remote.contains(&site))
    })
}

/// Whether a VPN tunnel takes a packet from the site: a policy for the pair, or none at all (VPN-5).
pub fn vpn_takes_from_site(connection: &VpnConnection, packet: &Packet) -> bool {
    connection.policies.is_empty() || policy_accepts(connection, packet.destination, packet.source)
}

/// The Direct Connect tunnels for a site address: those that announce it with the longest prefix
/// (DC-2); several are alternatives. Absent ones are not there; if only they announce it, it is lost at the
/// gateway (D20-34).
pub fn dc_towards_site<'n>(
    network: &'n Network,
    gateway: &Id,
    site_side: IpAddr,
) -> Result<Vec<Tunnel<'n>>, Code> {
    let Some((id, gateway)) = network.direct_connect_gateways.get_key_value(gateway) else {
        return Err(Code::DirectConnectNoPrefix);
    };
    let (absent, tunnels): (Vec<_>, Vec<_>) =
        dc_tunnels(id, gateway).into_iter().partition(|tunnel| tunnel.is_absent(network));
    let length = |tunnel: &Id| {
        let tunnel = gateway.tunnels.iter().find(|other| other.id == *tunnel)?;
        let prefixes = tunnel.prefixes.iter().filter(|prefix| prefix.contains(&site_side));
        prefixes.map(IpNet::prefix_len).max()
    };
    let longest = tunnels.iter().filter_map(|tunnel| length(tunnel.id)).max();
    if longest.is_none() {
        let announced = absent.iter().any(|tunnel| length(tunnel.id).is_some());
        return Err(if announced { Code::AttachmentDown } else { Code::DirectConnectNoPrefix });
    }
    let best = tunnels.into_iter();
    Ok(best.filter(|tunnel| length(tunnel.id) == longest).collect())
}

/// A gateway all of whose lines are absent (D20-35).
pub fn is_gateway_absent(network: &Network, gateway: &Id) -> bool {
    let mut tunnels = all(network);
    tunnels.retain(|tunnel| tunnel.gateway == gateway);
    !tunnels.is_empty() && tunnels.iter().all(|tunnel| tunnel.is_absent(network))
}

/// DC-6, DC-7: how a packet that the VPC opens looks to the site; 1:1 beats the pool.
pub fn nat_towards_site(nat: &DcNat, packet: &Packet) -> Option<Packet> {
    let one_to_one = nat
        .local_ips
        .iter()
        .find(|(inside, _)| *inside == packet.source)
        .map(|(_, mapped)| *mapped);
    let pool = || {
        let rule = nat.snat.iter().find(|rule| rule.from.contains(&packet.source))?;
        rule.pool.first().copied()
    };
    let peer =
        nat.peer_ips.iter().find(|(_, seen)| *seen == packet.destination).map(|(site, _)| *site);
    Some(Packet {
        source: one_to_one.or_else(pool)?,
        destination: peer.unwrap_or(packet.destination),
        ..*packet
    })
}

/// DC-6, DC-7: how a packet that the site opens looks to the VPC; the port map of its port beats 1:1 (D20-42).
pub fn nat_from_site(nat: &DcNat, packet: &Packet) -> Option<Packet> {
    let one_to_one = nat.local_ips.iter().find(|(_, mapped)| *mapped == packet.destination);
    let one_to_one = one_to_one.map(|(inside, _)| (*inside, packet.destination_port));
    let mut entries = nat.dnat.iter();
    let entry =
        entries.find(|entry| entry.address == packet.destination && serves(&entry.service, packet));
    // D20-42: the port map of the packet's port first.
    let forwarded = entry.map(|entry| (entry.to, entry.port));
    let (destination, destination_port) = forwarded.or(one_to_one)?;
    let peer = nat.peer_ips.iter().find(|(site, _)| *site == packet.source).map(|(_, seen)| *seen);
    Some(Packet { source: peer.unwrap_or(packet.source), destination, destination_port, ..*packet })
}
