//! A later packet as seen from the original one: where each of its fields comes from.
//!
//! Rewrites set constants, so along a path every field of the packet is a constant or a field of the original packet,
//! and so is every field of its reply. A rule further down the path can therefore be asked about original packets:
//! [`Match::seen_through`]. No set is ever mapped through a rewrite to decide anything.
//!
//! Invariant: `m.seen_through(v).is_some_and(|n| n.holds(p)) == m.holds(&v.apply(p))`.
//!
//! Not here: which rewrites happen (`fabric`).

use super::address::AddressSet;
use super::interval::IntervalSet;
use super::matcher::Match;
use super::packet::Packet;
use super::rewrite::Rewrite;
use super::set::{Set, Space};
use super::traffic::{Layer4, Traffic, port_protocols};
use std::net::IpAddr;
use std::sync::Arc;

/// One of the two ends of a packet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum End {
    /// Where it comes from.
    Source,
    /// Where it goes.
    Destination,
}

impl End {
    /// The other end.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Source => Self::Destination,
            Self::Destination => Self::Source,
        }
    }
}

/// Where a field of the later packet comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin<T> {
    /// The original packet's field of the same kind, at this end.
    Original(End),
    /// A rewrite.
    Const(T),
}

impl<T: Copy> Origin<T> {
    fn read(self, source: T, destination: T) -> T {
        match self {
            Self::Original(End::Source) => source,
            Self::Original(End::Destination) => destination,
            Self::Const(value) => value,
        }
    }

    fn then(self, rewritten: Option<T>) -> Self {
        rewritten.map_or(self, Self::Const)
    }
}

/// Where the fields of a later packet come from; the protocol is always the original one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct View {
    /// The later source address.
    pub source: Origin<IpAddr>,
    /// The later destination address.
    pub destination: Origin<IpAddr>,
    /// The later destination port, if the protocol has ports.
    pub destination_port: Origin<u16>,
    /// The later source port, if the protocol has ports.
    pub source_port: Origin<u16>,
}

impl View {
    /// The original packet itself.
    #[must_use]
    pub fn identity() -> Self {
        Self {
            source: Origin::Original(End::Source),
            destination: Origin::Original(End::Destination),
            destination_port: Origin::Original(End::Destination),
            source_port: Origin::Original(End::Source),
        }
    }

    /// The packet one rewrite later.
    #[must_use]
    pub fn then(&self, rewrite: &Rewrite) -> Self {
        Self {
            source: self.source.then(rewrite.source),
            destination: self.destination.then(rewrite.destination),
            destination_port: self.destination_port.then(rewrite.destination_port),
            source_port: self.source_port.then(rewrite.source_port),
        }
    }

    /// The reply to the later packet.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            destination_port: self.source_port,
            source_port: self.destination_port,
        }
    }

    /// The later packet of an original one.
    #[must_use]
    pub fn apply(&self, packet: &Packet) -> Packet {
        let address = |origin: Origin<IpAddr>| origin.read(packet.source, packet.destination);
        let port = |origin: Origin<u16>| origin.read(packet.source_port, packet.destination_port);
        Packet::new(
            packet.protocol,
            (address(self.source), port(self.source_port)),
            (address(self.destination), port(self.destination_port)),
        )
    }

    /// The later packets of a set of original ones, for people to read.
    ///
    /// Exact for views made of rewrites and reversals. If somebody gave both ends one origin, the ends vary apart.
    pub fn image(&self, space: &mut Space, set: Set) -> Set {
        let mut images = Vec::new();
        for row in space.rows(set) {
            let address = |origin| match origin {
                Origin::Original(End::Source) => row.source.clone(),
                Origin::Original(End::Destination) => row.destination.clone(),
                Origin::Const(address) => AddressSet::single(address),
            };
            let port = |origin| match origin {
                Origin::Original(End::Source) => row.traffic.source_ports.clone(),
                Origin::Original(End::Destination) => row.traffic.destination_ports.clone(),
                Origin::Const(port) => IntervalSet::single(port),
            };
            let with_ports = Layer4 {
                protocols: row.traffic.protocols.intersection(&port_protocols()),
                destination_ports: port(self.destination_port),
                source_ports: port(self.source_port),
            };
            let without_ports = Layer4 {
                protocols: row.traffic.protocols.difference(&port_protocols()),
                ..row.traffic.clone()
            };
            let traffic = [with_ports, without_ports].into_iter().collect();
            images.push(space.cube(&address(self.source), &address(self.destination), &traffic));
        }
        space.union_all(images)
    }
}

/// What is asked of the two original fields of one kind; `None` is nothing.
struct Asked<S> {
    source: Option<S>,
    destination: Option<S>,
}

impl<S> Asked<S> {
    /// Asks for `set` where the later field comes from; false if a constant fails.
    fn ask<T: Copy>(
        &mut self,
        origin: Origin<T>,
        set: S,
        contains: impl Fn(&S, T) -> bool,
        both: impl Fn(&S, &S) -> S,
    ) -> bool {
        let asked = match origin {
            Origin::Const(value) => return contains(&set, value),
            Origin::Original(End::Source) => &mut self.source,
            Origin::Original(End::Destination) => &mut self.destination,
        };
        *asked = Some(match asked {
            Some(already) => both(already, &set),
            None => set,
        });
        true
    }
}

impl Match {
    /// The condition on original packets whose later packets meet this one; `None` if none do.
    #[must_use]
    pub fn seen_through(&self, view: &View) -> Option<Match> {
        if *view == View::identity() {
            return Some(self.clone());
        }
        let mut asked: Asked<Arc<AddressSet>> = Asked { source: None, destination: None };
        for (origin, set) in [(view.source, &self.source), (view.destination, &self.destination)] {
            let Some(set) = set else { continue };
            let both = |a: &Arc<AddressSet>, b: &Arc<AddressSet>| Arc::new(a.intersection(b));
            if !asked.ask(origin, set.clone(), |set, address| set.contains(address), both) {
                return None;
            }
        }
        let same_ports = (view.source_port, view.destination_port)
            == (Origin::Original(End::Source), Origin::Original(End::Destination));
        let traffic = if same_ports {
            self.traffic.clone()
        } else {
            Arc::new(
                self.traffic
                    .boxes()
                    .iter()
                    .filter_map(|layer4| box_through(layer4, view))
                    .collect::<Traffic>(),
            )
        };
        (!traffic.is_none()).then_some(Match {
            source: asked.source,
            destination: asked.destination,
            traffic,
        })
    }
}

/// The box on original packets, or nothing if a constant port is outside.
fn box_through(layer4: &Layer4, view: &View) -> Option<Layer4> {
    let mut asked: Asked<IntervalSet<u16>> = Asked { source: None, destination: None };
    let ports = [
        (view.source_port, &layer4.source_ports),
        (view.destination_port, &layer4.destination_ports),
    ];
    for (origin, set) in ports {
        if !asked.ask(origin, set.clone(), IntervalSet::contains, IntervalSet::intersection) {
            return None;
        }
    }
    // a port constraint that a constant meets is gone, but what it said about protocols without ports stays
    let protocols = if layer4.any_port() {
        layer4.protocols.clone()
    } else {
        layer4.protocols.intersection(&port_protocols())
    };
    Some(Layer4 {
        protocols,
        destination_ports: asked.destination.unwrap_or_else(IntervalSet::full),
        source_ports: asked.source.unwrap_or_else(IntervalSet::full),
    })
}
