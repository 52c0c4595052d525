//! A set of packets of a pair as boxes: ranges of addresses and ports, one protocol each.

use std::net::IpAddr;

use crate::engine::{Pair, Reacher};
use crate::space::{AddressSet, Protocol, Row, Set};

/// Packets of one protocol with fields in these ranges.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PacketBox {
    /// The protocol.
    pub protocol: Protocol,
    /// Source addresses, first and last.
    pub source: (IpAddr, IpAddr),
    /// Destination addresses.
    pub destination: (IpAddr, IpAddr),
    /// Source ports; 0 for protocols that have none.
    pub source_port: (u16, u16),
    /// Destination ports.
    pub destination_port: (u16, u16),
}

/// A set as boxes, in order. Addresses of which a pair has one are not part of its sets.
pub(super) fn boxes(reacher: &Reacher<'_>, pair: &Pair, set: Set) -> Vec<PacketBox> {
    let rows = reacher.space.rows(set).into_iter();
    let mut boxes: Vec<PacketBox> = rows.flat_map(|row| of_row(pair, &row)).collect();
    boxes.sort_unstable();
    boxes
}

fn of_row(pair: &Pair, row: &Row) -> Vec<PacketBox> {
    let sources = own(&pair.source, &row.source);
    let destinations = own(&pair.destination, &row.destination);
    let mut boxes = Vec::new();
    for protocol in row.traffic.protocols.ranges().flat_map(|(a, b)| a..=b) {
        let protocol = Protocol(protocol);
        let ports = |ports: &crate::space::IntervalSet<u16>| -> Vec<(u16, u16)> {
            if protocol.has_ports() { ports.ranges().collect() } else { vec![(0, 0)] }
        };
        let from = ports(&row.traffic.source_ports);
        let to = ports(&row.traffic.destination_ports);
        for source in sources.ranges() {
            for destination in destinations.ranges() {
                for source_port in &from {
                    boxes.extend(to.iter().map(|destination_port| PacketBox {
                        protocol,
                        source,
                        destination,
                        source_port: *source_port,
                        destination_port: *destination_port,
                    }));
                }
            }
        }
    }
    boxes
}

fn own(of_pair: &AddressSet, of_row: &AddressSet) -> AddressSet {
    if of_pair.len() == 1 { of_pair.clone() } else { of_row.clone() }
}
