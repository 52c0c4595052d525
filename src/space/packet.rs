//! One packet, as far as filters and routes can tell packets apart.
//!
//! Invariants: both addresses are of one family, and the ports are 0 when the protocol has none.
//! [`Packet::new`] keeps the second; whoever sets fields by hand keeps them himself.
//!
//! Not here: payload, TTL, flags, fragments; no rule of the cloud looks at them.

use std::fmt;
use std::net::IpAddr;

/// An IP protocol number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Protocol(pub u8);

impl Protocol {
    /// ICMP for IPv4.
    pub const ICMP: Self = Self(1);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
    /// Generic routing encapsulation.
    pub const GRE: Self = Self(47);
    /// ICMP for IPv6.
    pub const ICMPV6: Self = Self(58);

    /// Whether packets of this protocol have ports: TCP and UDP, as in the cloud's rules (SG-10, ACL-8).
    #[must_use]
    pub const fn has_ports(self) -> bool {
        matches!(self, Self::TCP | Self::UDP)
    }
}

/// The lower-case name, or the number of a protocol that no rule can name.
impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::ICMP => "icmp",
            Self::TCP => "tcp",
            Self::UDP => "udp",
            Self::GRE => "gre",
            Self::ICMPV6 => "icmpv6",
            Self(number) => return write!(f, "{number}"),
        })
    }
}

/// The header of one packet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Packet {
    /// Who sends it.
    pub source: IpAddr,
    /// Whom it is for; of the same family as `source`.
    pub destination: IpAddr,
    /// What it carries.
    pub protocol: Protocol,
    /// 0 when the protocol has no ports.
    pub destination_port: u16,
    /// 0 when the protocol has no ports.
    pub source_port: u16,
}

impl Packet {
    /// A packet; the ports are dropped when the protocol has none.
    #[must_use]
    pub fn new(
        protocol: Protocol,
        (source, source_port): (IpAddr, u16),
        (destination, destination_port): (IpAddr, u16),
    ) -> Self {
        let ports = if protocol.has_ports() { (source_port, destination_port) } else { (0, 0) };
        Self { source, destination, protocol, destination_port: ports.1, source_port: ports.0 }
    }

    /// The packet of all zeros, where an example means nothing.
    #[must_use]
    pub fn nothing() -> Self {
        let nobody = IpAddr::from([0, 0, 0, 0]);
        Self::new(Protocol(0), (nobody, 0), (nobody, 0))
    }

    /// The packet that answers this one: addresses and ports swapped.
    #[must_use]
    pub fn reply(&self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            protocol: self.protocol,
            destination_port: self.source_port,
            source_port: self.destination_port,
        }
    }
}

/// `tcp 10.60.3.4:1024 → 10.1.1.10:80`, or `icmp 1.2.3.4 → 5.6.7.8` without ports.
impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, destination, protocol, destination_port, source_port } = *self;
        if !protocol.has_ports() {
            return write!(f, "{protocol} {source} → {destination}");
        }
        let source = std::net::SocketAddr::new(source, source_port);
        let destination = std::net::SocketAddr::new(destination, destination_port);
        write!(f, "{protocol} {source} → {destination}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(protocol: Protocol, source: &str, destination: &str) -> Packet {
        let address = |text: &str| text.parse().expect("an address");
        Packet::new(protocol, (address(source), 1024), (address(destination), 80))
    }

    #[test]
    fn packets_read_from_left_to_right() {
        let show =
            |protocol, source, destination| packet(protocol, source, destination).to_string();
        assert_eq!(
            show(Protocol::TCP, "10.60.3.4", "10.1.1.10"),
            "tcp 10.60.3.4:1024 → 10.1.1.10:80"
        );
        assert_eq!(show(Protocol::ICMP, "1.2.3.4", "5.6.7.8"), "icmp 1.2.3.4 → 5.6.7.8");
        assert_eq!(show(Protocol::UDP, "fd00::1", "fd00::2"), "udp [fd00::1]:1024 → [fd00::2]:80");
        assert_eq!(show(Protocol(99), "fd00::1", "fd00::2"), "99 fd00::1 → fd00::2");
    }

    #[test]
    fn the_reply_of_the_reply_is_the_packet() {
        let request = packet(Protocol::TCP, "10.60.3.4", "10.1.1.10");
        assert_eq!(request.reply().to_string(), "tcp 10.1.1.10:80 → 10.60.3.4:1024");
        assert_eq!(request.reply().reply(), request);
    }

    #[test]
    fn a_protocol_without_ports_has_port_zero() {
        assert_eq!(packet(Protocol::GRE, "1.2.3.4", "5.6.7.8").destination_port, 0);
    }
}
