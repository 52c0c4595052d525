//! What a rule says about protocol and ports: a union of boxes.
//!
//! Invariant: no box is empty. A box with a port constraint never matches a protocol without ports, and neither
//! [`Traffic::holds`] nor the set reading (`cube`) lets it.
//!
//! Not here: addresses and actions (`matcher`).

use super::interval::IntervalSet;
use super::packet::{Packet, Protocol};
use std::fmt;

/// A box of protocols, destination ports and source ports.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Layer4 {
    /// IP protocol numbers.
    pub protocols: IntervalSet<u8>,
    /// Destination ports; unless full, only protocols with ports match.
    pub destination_ports: IntervalSet<u16>,
    /// Source ports; unless full, only protocols with ports match.
    pub source_ports: IntervalSet<u16>,
}

impl Layer4 {
    /// Every protocol, every port.
    #[must_use]
    pub fn all() -> Self {
        Self {
            protocols: IntervalSet::full(),
            destination_ports: IntervalSet::full(),
            source_ports: IntervalSet::full(),
        }
    }

    /// Whether the box leaves the ports open, so that protocols without ports can match.
    #[must_use]
    pub fn any_port(&self) -> bool {
        self.destination_ports.is_full() && self.source_ports.is_full()
    }

    /// Whether the box matches some packet of the protocol.
    #[must_use]
    pub fn has_protocol(&self, protocol: Protocol) -> bool {
        self.protocols.contains(protocol.0) && (protocol.has_ports() || self.any_port())
    }

    /// Whether the packet is in the box.
    #[must_use]
    pub fn holds(&self, packet: &Packet) -> bool {
        self.has_protocol(packet.protocol)
            && self.destination_ports.contains(packet.destination_port)
            && self.source_ports.contains(packet.source_port)
    }

    /// Whether no packet is in the box.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.protocols.is_empty()
            || self.destination_ports.is_empty()
            || self.source_ports.is_empty()
            || !(self.any_port()
                || [Protocol::TCP, Protocol::UDP].iter().any(|port| self.has_protocol(*port)))
    }

    /// The union as one box, when the two differ in one field only.
    fn merged(&self, other: &Self) -> Option<Self> {
        let protocols = self.protocols == other.protocols;
        let destination = self.destination_ports == other.destination_ports;
        let source = self.source_ports == other.source_ports;
        // without ports, a union of port constraints could turn full and let in what neither box had
        let ports_only = || self.protocols.is_subset(&port_protocols());
        let one_field = match (protocols, destination, source) {
            (_, true, true) => true,
            (true, false, true) | (true, true, false) => ports_only(),
            _ => false,
        };
        one_field.then(|| Self {
            protocols: self.protocols.union(&other.protocols),
            destination_ports: self.destination_ports.union(&other.destination_ports),
            source_ports: self.source_ports.union(&other.source_ports),
        })
    }
}

/// The protocols that have ports.
pub(super) fn port_protocols() -> IntervalSet<u8> {
    IntervalSet::from_ranges(
        [Protocol::TCP, Protocol::UDP].map(|protocol| (protocol.0, protocol.0)),
    )
}

/// `all`, `tcp`, `tcp,udp:80,443`, `tcp:80 (source port 1024-65535)`.
impl fmt::Display for Layer4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Protocols(&self.protocols))?;
        if !self.destination_ports.is_full() {
            write!(f, ":{}", self.destination_ports)?;
        }
        if !self.source_ports.is_full() {
            write!(f, " (source port {})", self.source_ports)?;
        }
        Ok(())
    }
}

/// Protocol names, comma separated; `all` for all of them.
pub(super) struct Protocols<'set>(pub &'set IntervalSet<u8>);

impl fmt::Display for Protocols<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_full() {
            return f.write_str("all");
        }
        for (index, (lo, hi)) in self.0.ranges().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            if lo == hi {
                write!(f, "{comma}{}", Protocol(lo))?;
            } else {
                write!(f, "{comma}{lo}-{hi}")?;
            }
        }
        Ok(())
    }
}

/// A union of [`Layer4`] boxes: the service part of a rule.
///
/// Equality compares the boxes, not the packets: compare the sets of a `Space` for that.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Traffic {
    boxes: Vec<Layer4>,
}

impl Traffic {
    /// Every packet.
    #[must_use]
    pub fn all() -> Self {
        Self::from(Layer4::all())
    }

    /// No packet.
    #[must_use]
    pub fn none() -> Self {
        Self { boxes: Vec::new() }
    }

    /// Everything of several protocols.
    #[must_use]
    pub fn protocols(protocols: IntervalSet<u8>) -> Self {
        Self::from(Layer4 { protocols, ..Layer4::all() })
    }

    /// Every packet of one protocol.
    #[must_use]
    pub fn protocol(protocol: Protocol) -> Self {
        Self::from(Layer4 { protocols: IntervalSet::single(protocol.0), ..Layer4::all() })
    }

    /// Packets of one protocol to some destination ports. A protocol without ports matches only when `ports` is full.
    #[must_use]
    pub fn ports(protocol: Protocol, ports: IntervalSet<u16>) -> Self {
        Self::from(Layer4 {
            protocols: IntervalSet::single(protocol.0),
            destination_ports: ports,
            ..Layer4::all()
        })
    }

    /// The same, from these source ports only. Unless `ports` is full, protocols without ports no longer match.
    #[must_use]
    pub fn with_source_ports(self, ports: &IntervalSet<u16>) -> Self {
        let narrowed = |mut layer4: Layer4| {
            layer4.source_ports = layer4.source_ports.intersection(ports);
            layer4
        };
        self.boxes.into_iter().map(narrowed).collect()
    }

    /// Packets of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.boxes.iter().chain(&other.boxes).cloned().collect()
    }

    /// The boxes; they may overlap.
    #[must_use]
    pub fn boxes(&self) -> &[Layer4] {
        &self.boxes
    }

    /// Whether the packet is in one of the boxes.
    #[must_use]
    pub fn holds(&self, packet: &Packet) -> bool {
        self.boxes.iter().any(|layer4| layer4.holds(packet))
    }

    /// Whether one box is everything. Boxes that cover everything only together, other than by differing in one
    /// field, are not recognised.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.boxes.iter().any(|layer4| layer4.protocols.is_full() && layer4.any_port())
    }

    /// Whether no packet matches.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.boxes.is_empty()
    }
}

impl From<Layer4> for Traffic {
    fn from(layer4: Layer4) -> Self {
        [layer4].into_iter().collect()
    }
}

impl FromIterator<Layer4> for Traffic {
    /// Drops empty boxes and merges those that differ in one field.
    fn from_iter<I: IntoIterator<Item = Layer4>>(boxes: I) -> Self {
        let mut kept: Vec<Layer4> = Vec::new();
        for mut next in boxes.into_iter().filter(|layer4| !layer4.is_empty()) {
            while let Some((index, merged)) = kept
                .iter()
                .enumerate()
                .find_map(|(index, other)| Some((index, other.merged(&next)?)))
            {
                kept.remove(index);
                next = merged;
            }
            kept.push(next);
        }
        Self { boxes: kept }
    }
}

/// The boxes, separated by `; `.
impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, layer4) in self.boxes.iter().enumerate() {
            write!(f, "{}{layer4}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn packet(protocol: Protocol, source_port: u16, destination_port: u16) -> Packet {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Packet::new(protocol, (address, source_port), (address, destination_port))
    }

    #[test]
    fn a_port_constraint_excludes_protocols_without_ports() {
        let low = Traffic::all().with_source_ports(&IntervalSet::range(0, 1023));
        assert!(low.holds(&packet(Protocol::TCP, 0, 80)));
        assert!(!low.holds(&packet(Protocol::TCP, 1024, 80)));
        assert!(!low.holds(&packet(Protocol::ICMP, 0, 0)));
        assert!(Traffic::ports(Protocol::ICMP, IntervalSet::single(0)).is_none());
        assert!(Traffic::ports(Protocol::ICMP, IntervalSet::full()).holds(&packet(
            Protocol::ICMP,
            0,
            0
        )));
    }

    #[test]
    fn boxes_that_differ_in_one_field_become_one() {
        let web = Traffic::ports(Protocol::TCP, IntervalSet::single(80));
        let both = web.union(&Traffic::ports(Protocol::TCP, IntervalSet::single(443)));
        assert_eq!(both.to_string(), "tcp:80,443");
        let ping = both.union(&Traffic::protocol(Protocol::ICMP));
        assert_eq!(ping.to_string(), "tcp:80,443; icmp");
        assert!(web.union(&Traffic::all()).is_all());
        assert!(!ping.is_all());
    }

    #[test]
    fn halves_of_all_ports_do_not_merge_into_every_protocol() {
        let half =
            |lo, hi| Layer4 { destination_ports: IntervalSet::range(lo, hi), ..Layer4::all() };
        let halves: Traffic = [half(0, 1023), half(1024, 65535)].into_iter().collect();
        assert!(!halves.holds(&packet(Protocol::GRE, 0, 0)));
        assert!(halves.holds(&packet(Protocol::UDP, 0, 1024)));
        assert!(!halves.is_all());
    }

    #[test]
    fn a_box_without_a_protocol_or_a_port_is_empty() {
        let some = Layer4 { protocols: IntervalSet::single(Protocol::TCP.0), ..Layer4::all() };
        assert!(!some.is_empty());
        let without = [
            Layer4 { protocols: IntervalSet::empty(), ..Layer4::all() },
            Layer4 { destination_ports: IntervalSet::empty(), ..some.clone() },
            Layer4 { source_ports: IntervalSet::empty(), ..some },
        ];
        for none in without {
            assert!(none.is_empty(), "{none:?}");
            assert!(Traffic::from(none).is_none());
        }
    }
}
