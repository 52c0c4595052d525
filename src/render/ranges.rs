//! Packets as ranges, for tables: one protocol, one range of source ports and one of ports at a time.

use crate::space::{AddressSet, Layer4, Protocol, Row};

/// First and last, inclusive.
pub type Ports = (u16, u16);

/// Some packets of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The protocol by name, or by number.
    pub protocol: String,
    /// Source addresses; none where they are left open: the ends' own.
    pub source: Option<String>,
    /// Destination addresses; none where they are left open.
    pub destination: Option<String>,
    /// Source ports; all of a protocol without any.
    pub source_ports: Ports,
    /// Ports; all of a protocol without any.
    pub ports: Ports,
}

/// A row as ranges that are disjoint and together all of it.
#[must_use]
pub fn ranges(row: &Row) -> Vec<Range> {
    let Layer4 { protocols, destination_ports, source_ports } = &row.traffic;
    let [source, destination] = [&row.source, &row.destination].map(addresses);
    let protocols = protocols.ranges();
    let protocols = protocols.flat_map(|(first, last)| first..=last);
    let mut all = Vec::new();
    for protocol in protocols.map(Protocol) {
        for sent_from in source_ports.ranges() {
            all.extend(destination_ports.ranges().map(|ports| Range {
                protocol: protocol.to_string(),
                source: source.clone(),
                destination: destination.clone(),
                source_ports: sent_from,
                ports,
            }));
        }
    }
    all
}

/// Addresses in words; nothing of those that are left open.
fn addresses(set: &AddressSet) -> Option<String> {
    let any = AddressSet::any();
    let v4 = set.v4.is_empty() || set.v4 == any.v4;
    let v6 = set.v6.is_empty() || set.v6 == any.v6;
    (!(v4 && v6)).then(|| set.to_string())
}
