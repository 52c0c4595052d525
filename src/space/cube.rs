//! Building sets: products of addresses and traffic, linear in the number of ranges.
//!
//! Not here: combining sets (`apply`) and lists of rules (`list`).

use super::address::AddressSet;
use super::apply::Override;
use super::interval::IntervalSet;
use super::packet::{Packet, Protocol};
use super::set::{
    DESTINATION, DESTINATION_LAST, DESTINATION_PORT, FAMILY, IN, NodeId, OUT, PROTOCOL, SOURCE,
    SOURCE_LAST, SOURCE_PORT, Set, Space, highest,
};
use super::traffic::{Layer4, Traffic};

impl Space {
    /// The packets from `source` to `destination` with this traffic; families pair up, v4 with v4 and v6 with v6.
    pub fn cube(
        &mut self,
        source: &AddressSet,
        destination: &AddressSet,
        traffic: &Traffic,
    ) -> Set {
        self.product(Some(source), Some(destination), traffic)
    }

    /// The same, where `None` is any address.
    pub(super) fn product(
        &mut self,
        source: Option<&AddressSet>,
        destination: Option<&AddressSet>,
        traffic: &Traffic,
    ) -> Set {
        Set(self.product_node(source, destination, traffic, IN))
    }

    /// The set of one packet; empty if the packet is not well-formed.
    pub fn singleton(&mut self, packet: &Packet) -> Set {
        let ports = |port| {
            if packet.protocol.has_ports() {
                IntervalSet::single(port)
            } else {
                IntervalSet::full()
            }
        };
        if !packet.protocol.has_ports() && (packet.source_port, packet.destination_port) != (0, 0) {
            return Self::EMPTY;
        }
        let traffic = Traffic::from(Layer4 {
            protocols: IntervalSet::single(packet.protocol.0),
            destination_ports: ports(packet.destination_port),
            source_ports: ports(packet.source_port),
        });
        self.cube(
            &AddressSet::single(packet.source),
            &AddressSet::single(packet.destination),
            &traffic,
        )
    }

    /// Every well-formed packet, built once at the start.
    pub(super) fn universe(&mut self) -> NodeId {
        self.layer4_node(&Layer4::all(), IN)
    }

    /// A product that ends in `terminal`.
    pub(super) fn product_node(
        &mut self,
        source: Option<&AddressSet>,
        destination: Option<&AddressSet>,
        traffic: &Traffic,
        terminal: NodeId,
    ) -> NodeId {
        let layer4 = self.traffic_node(traffic, terminal);
        if source.is_none() && destination.is_none() {
            return layer4;
        }
        let v4 = self.v4_node(DESTINATION_LAST, destination, layer4);
        let v4 = self.v4_node(SOURCE_LAST, source, v4);
        let v6 = self.v6_node(DESTINATION, destination, layer4);
        let v6 = self.v6_node(SOURCE, source, v6);
        self.runs_node(FAMILY, [(0, 0, v4), (1, 1, v6)])
    }

    fn traffic_node(&mut self, traffic: &Traffic, terminal: NodeId) -> NodeId {
        // Most routes ask nothing of what is carried.
        if terminal == IN && traffic.is_all() {
            return self.all().0;
        }
        let mut node = OUT;
        for layer4 in traffic.boxes() {
            let next = self.layer4_node(layer4, terminal);
            node = self.apply::<Override>(node, next);
        }
        node
    }

    fn layer4_node(&mut self, layer4: &Layer4, terminal: NodeId) -> NodeId {
        let source_ports = self.ports_node(SOURCE_PORT, &layer4.source_ports, terminal);
        let with_ports = self.ports_node(DESTINATION_PORT, &layer4.destination_ports, source_ports);
        let without_ports = if layer4.any_port() { self.port_zero(terminal) } else { OUT };
        let protocols = layer4.protocols.ranges();
        let runs = STRETCHES.iter().flat_map(|&(lo, hi)| {
            let child = if Protocol(lo).has_ports() { with_ports } else { without_ports };
            protocols.clone().filter_map(move |(from, to)| {
                let (lo, hi) = (lo.max(from), hi.min(to));
                (lo <= hi).then(|| (u32::from(lo), u32::from(hi), child))
            })
        });
        self.runs_node(PROTOCOL, runs)
    }

    /// Both ports 0: how protocols without ports look.
    fn port_zero(&mut self, terminal: NodeId) -> NodeId {
        let source_port = self.runs_node(SOURCE_PORT, [(0, 0, terminal)]);
        self.runs_node(DESTINATION_PORT, [(0, 0, source_port)])
    }

    fn ports_node(&mut self, level: u8, ports: &IntervalSet<u16>, child: NodeId) -> NodeId {
        self.runs_node(level, ports.ranges().map(|(lo, hi)| (u32::from(lo), u32::from(hi), child)))
    }

    fn v4_node(&mut self, level: u8, addresses: Option<&AddressSet>, child: NodeId) -> NodeId {
        match addresses {
            Some(set) => self.runs_node(level, set.v4.ranges().map(|(lo, hi)| (lo, hi, child))),
            None => child,
        }
    }

    fn v6_node(&mut self, level: u8, addresses: Option<&AddressSet>, child: NodeId) -> NodeId {
        match addresses {
            Some(set) if set.v6.is_empty() => OUT,
            Some(set) => {
                let ranges: Vec<_> = set.v6.ranges().collect();
                self.slices_node(level, 96, &ranges, child)
            }
            None => child,
        }
    }

    /// Slices ranges of `shift + 32` bits: a node over the upper 32 bits, with nodes over the rest below it.
    fn slices_node(
        &mut self,
        level: u8,
        shift: u32,
        ranges: &[(u128, u128)],
        child: NodeId,
    ) -> NodeId {
        if shift == 0 {
            return self.runs_node(
                level,
                ranges.iter().map(|&(lo, hi)| (slice(lo, 0), slice(hi, 0), child)),
            );
        }
        let low = (1u128 << shift) - 1;
        // upper values from, to, and the range that each of them has below
        let mut pieces: Vec<(u32, u32, (u128, u128))> = Vec::with_capacity(ranges.len());
        for &(lo, hi) in ranges {
            let (first, last) = (slice(lo, shift), slice(hi, shift));
            if first == last {
                pieces.push((first, last, (lo & low, hi & low)));
                continue;
            }
            pieces.push((first, first, (lo & low, low)));
            if last - first > 1 {
                pieces.push((first + 1, last - 1, (0, low)));
            }
            pieces.push((last, last, (0, hi & low)));
        }
        let mut runs = Vec::with_capacity(pieces.len());
        for group in pieces.chunk_by(|a, b| a.0 == b.0) {
            let below: Vec<_> = group.iter().map(|piece| piece.2).collect();
            runs.push((
                group[0].0,
                group[0].1,
                self.slices_node(level + 1, shift - 32, &below, child),
            ));
        }
        self.runs_node(level, runs)
    }

    /// A node from sorted, disjoint ranges with their children; everything else is out.
    fn runs_node(
        &mut self,
        level: u8,
        runs: impl IntoIterator<Item = (u32, u32, NodeId)>,
    ) -> NodeId {
        let base = self.scratch.len();
        let mut next = Some(0);
        for (lo, hi, child) in runs {
            if next.is_some_and(|next| next < lo) {
                self.push(base, lo - 1, OUT);
            }
            self.push(base, hi, child);
            next = hi.checked_add(1);
        }
        if next.is_some_and(|next| next <= highest(level)) {
            self.push(base, highest(level), OUT);
        }
        self.finish(base, level)
    }
}

/// The protocol numbers, cut where having ports begins and ends.
const STRETCHES: [(u8, u8); 5] = {
    let (tcp, udp) = (Protocol::TCP.0, Protocol::UDP.0);
    [(0, tcp - 1), (tcp, tcp), (tcp + 1, udp - 1), (udp, udp), (udp + 1, u8::MAX)]
};

/// The 32 bits above `shift`.
fn slice(bits: u128, shift: u32) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the bits above these belong to earlier levels"
    )]
    let slice = (bits >> shift) as u32;
    slice
}
