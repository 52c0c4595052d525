//! Services in the cloud's own syntax: `tcp:80,443`, `udp:3306-20000`, `icmp`, `all` (SG-10, SG-11).

use std::fmt;

use crate::space::{IntervalSet, Protocol, Traffic};

/// Which protocols a [`Service`] speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocols {
    /// `all`.
    All,
    /// One protocol.
    One(Protocol),
}

/// Protocols and destination ports. The ports are full unless the protocol is TCP or UDP.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Service {
    /// The protocols.
    pub protocols: Protocols,
    /// Destination ports, 0 to 65535.
    pub ports: IntervalSet<u16>,
}

impl Service {
    /// Every protocol and every port.
    #[must_use]
    pub fn all() -> Self {
        Self { protocols: Protocols::All, ports: IntervalSet::full() }
    }

    /// The packets it describes, source ports left open.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        match self.protocols {
            Protocols::All => Traffic::all(),
            Protocols::One(protocol) if protocol.has_ports() => {
                Traffic::ports(protocol, self.ports.clone())
            }
            Protocols::One(protocol) => Traffic::protocol(protocol),
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocols {
            Protocols::All => f.write_str("all"),
            Protocols::One(protocol) if !protocol.has_ports() => write!(f, "{protocol}"),
            Protocols::One(protocol) if self.ports.is_full() => write!(f, "{protocol}:all"),
            Protocols::One(protocol) => write!(f, "{protocol}:{}", self.ports),
        }
    }
}
