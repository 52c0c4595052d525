//! What a translating stage (NAT, EIP, load balancer) does to a packet: it sets fields to constants.
//!
//! Not here: seeing a later rule from before the rewrite, and the way back (`view`).

use super::packet::Packet;
use std::net::IpAddr;

/// New values for some fields; `None` leaves a field alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Rewrite {
    /// The new source address, of the packet's family.
    pub source: Option<IpAddr>,
    /// The new destination address, of the packet's family.
    pub destination: Option<IpAddr>,
    /// The new destination port; protocols without ports keep none.
    pub destination_port: Option<u16>,
    /// The new source port; protocols without ports keep none.
    pub source_port: Option<u16>,
}

impl Rewrite {
    /// The packet after the stage.
    #[must_use]
    pub fn apply(&self, packet: &Packet) -> Packet {
        let destination_port = self.destination_port.unwrap_or(packet.destination_port);
        let source_port = self.source_port.unwrap_or(packet.source_port);
        Packet::new(
            packet.protocol,
            (self.source.unwrap_or(packet.source), source_port),
            (self.destination.unwrap_or(packet.destination), destination_port),
        )
    }
}
