//! What can be said of a match without building its set: boxes around it, and packets at its corners.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::space::{AddressSet, IntervalSet, Layer4, Match, Packet, Protocol};

/// A box around the packets of a match, one a family; none if it matches none of the family.
pub(super) struct Hulls([Option<Hull>; 2]);

/// Bounds of the addresses: of IPv4 all bits, of IPv6 the first 64.
#[derive(Clone, Copy)]
struct Hull {
    source: (u64, u64),
    destination: (u64, u64),
    ports: (u16, u16),
}

impl Hulls {
    pub(super) fn of(when: &Match) -> Self {
        let boxes = when.traffic.boxes();
        let lowest = boxes.iter().filter_map(|it| it.destination_ports.first());
        let highest = boxes.iter().filter_map(|it| it.destination_ports.ranges().last());
        let ports = lowest.min().zip(highest.map(|(_, high)| high).max());
        let hull = |v6: bool| {
            Some(Hull {
                source: bounds(when.source.as_deref(), v6)?,
                destination: bounds(when.destination.as_deref(), v6)?,
                ports: ports?,
            })
        };
        Self([hull(false), hull(true)])
    }

    /// Whether no packet is inside.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// Whether a packet is inside.
    pub(super) fn has(&self, packet: &Packet) -> bool {
        let within = |(low, high): (u64, u64), value| low <= value && value <= high;
        let hull = &self.0[usize::from(packet.source.is_ipv6())];
        hull.is_some_and(|hull| {
            within(hull.source, upper(packet.source))
                && within(hull.destination, upper(packet.destination))
                && (!packet.protocol.has_ports()
                    || hull.ports.0 <= packet.destination_port
                        && packet.destination_port <= hull.ports.1)
        })
    }

    /// Whether a packet could be inside both.
    pub(super) fn meet(&self, other: &Self) -> bool {
        let touch = |a: (u64, u64), b: (u64, u64)| a.0 <= b.1 && b.0 <= a.1;
        self.0.iter().zip(&other.0).any(|pair| match pair {
            (Some(a), Some(b)) => {
                touch(a.source, b.source)
                    && touch(a.destination, b.destination)
                    && a.ports.0 <= b.ports.1
                    && b.ports.0 <= a.ports.1
            }
            _ => false,
        })
    }
}

fn upper(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            [a, b, c, d].iter().fold(0, |bits, part| bits << 16 | u64::from(*part))
        }
    }
}

fn bounds(addresses: Option<&AddressSet>, v6: bool) -> Option<(u64, u64)> {
    ends(addresses, v6).map(|(low, high)| (upper(low), upper(high)))
}

/// The lowest and the highest address of a family.
fn ends(addresses: Option<&AddressSet>, v6: bool) -> Option<(IpAddr, IpAddr)> {
    let any = if v6 {
        (Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::from_bits(u128::MAX).into())
    } else {
        (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::BROADCAST.into())
    };
    let Some(set) = addresses else {
        return Some(any);
    };
    let mut own = set.ranges().filter(|(low, _)| low.is_ipv6() == v6);
    let first = own.next()?;
    let last = own.last().unwrap_or(first);
    Some((first.0, last.1))
}

/// Some packets of a match, at the corners of what it matches.
pub(super) fn corners(when: &Match) -> Vec<Packet> {
    let boxes = when.traffic.boxes();
    let boxes = boxes.first().into_iter().chain(boxes.get(1..).unwrap_or_default().last());
    let services: Vec<_> = boxes.flat_map(ports).collect();
    let mut packets = Vec::new();
    for v6 in [false, true] {
        let ends = [&when.source, &when.destination].map(|set| ends(set.as_deref(), v6));
        let [Some(source), Some(destination)] = ends else {
            continue;
        };
        for (protocol, low, high) in &services {
            packets.push(Packet::new(*protocol, (source.0, low.0), (destination.0, low.1)));
            packets.push(Packet::new(*protocol, (source.1, high.0), (destination.1, high.1)));
        }
    }
    packets
}

/// A source and a destination port.
type Ports = (u16, u16);

/// A protocol of a box with its lowest and highest (source, destination) ports.
fn ports(layer4: &Layer4) -> Vec<(Protocol, Ports, Ports)> {
    let first = layer4.protocols.first().map(Protocol);
    let last = layer4.protocols.ranges().last().map(|(_, last)| Protocol(last));
    let usual = [Protocol::TCP, Protocol::UDP].into_iter();
    let mut protocols: Vec<_> = usual.chain(first).chain(last).collect();
    protocols.retain(|protocol| layer4.has_protocol(*protocol));
    protocols.truncate(3);
    let bounds = |ports: &IntervalSet<u16>| {
        let high = ports.ranges().last().map(|(_, high)| high);
        ports.first().zip(high).unwrap_or_default()
    };
    let (source, destination) = (bounds(&layer4.source_ports), bounds(&layer4.destination_ports));
    let corners = protocols.into_iter().map(|protocol| {
        if protocol.has_ports() {
            (protocol, (source.0, destination.0), (source.1, destination.1))
        } else {
            (protocol, (0, 0), (0, 0))
        }
    });
    corners.collect()
}
