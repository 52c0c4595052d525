//! What a rule matches and does, with its two readings side by side: one packet, and a set of packets.
//!
//! Invariant: `m.set(space)` contains a packet exactly when `m.holds(packet)`.
//!
//! Not here: the order of rules (`list`), and where packets change on their way (`rewrite`, `view`).

use super::address::AddressSet;
use super::packet::Packet;
use super::set::{Set, Space};
use super::traffic::{Layer4, Traffic};
use std::sync::Arc;

/// What a matching rule does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// The packet passes.
    Accept,
    /// The packet is lost, silently (PIPE-4).
    Drop,
}

/// A part of a [`Match`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// The source address.
    Source,
    /// The destination address.
    Destination,
    /// The protocol.
    Protocol,
    /// The destination port.
    Port,
    /// The source port.
    SourcePort,
}

/// The condition of one rule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Match {
    /// Source addresses; `None` is any, of both families.
    pub source: Option<Arc<AddressSet>>,
    /// Destination addresses; `None` is any, of both families.
    pub destination: Option<Arc<AddressSet>>,
    /// Protocols and ports.
    pub traffic: Arc<Traffic>,
}

impl Match {
    /// The condition that every packet meets.
    #[must_use]
    pub fn all() -> Self {
        Self { source: None, destination: None, traffic: Arc::new(Traffic::all()) }
    }

    /// Whether the packet meets the condition.
    #[must_use]
    pub fn holds(&self, packet: &Packet) -> bool {
        self.source.as_ref().is_none_or(|set| set.contains(packet.source))
            && self.destination.as_ref().is_none_or(|set| set.contains(packet.destination))
            && self.traffic.holds(packet)
    }

    /// The packets that meet the condition.
    ///
    /// Of every pair of ends the same is asked by the rules of a network: it is made once.
    pub fn set(&self, space: &mut Space) -> Set {
        /// More are not kept.
        const MOST: usize = 1 << 12;
        let place =
            |set: &Option<Arc<AddressSet>>| set.as_ref().map_or(0, |it| Arc::as_ptr(it).addr());
        let at = [place(&self.source), place(&self.destination), Arc::as_ptr(&self.traffic).addr()];
        if let Some((_, set)) = space.conditions.get(&at) {
            return *set;
        }
        let (source, destination) = (self.source.as_deref(), self.destination.as_deref());
        let set = space.product(source, destination, &self.traffic);
        let addresses = [&self.source, &self.destination];
        let mut addresses = addresses.into_iter().flatten();
        // What nobody else has was made for this question, and is not asked again.
        let is_shared =
            Arc::strong_count(&self.traffic) > 1 && addresses.all(|it| Arc::strong_count(it) > 1);
        if is_shared && space.exceeded.is_none() {
            if space.conditions.len() >= MOST {
                space.conditions.clear();
            }
            space.conditions.insert(at, (self.clone(), set));
        }
        set
    }

    /// Which parts of the condition the packet fails, in field order; none exactly when it holds.
    ///
    /// Ports are judged only if the protocol matches, and by the box of the traffic that fails least.
    #[must_use]
    pub fn misses(&self, packet: &Packet) -> Vec<Part> {
        let mut parts = Vec::new();
        if self.source.as_ref().is_some_and(|set| !set.contains(packet.source)) {
            parts.push(Part::Source);
        }
        if self.destination.as_ref().is_some_and(|set| !set.contains(packet.destination)) {
            parts.push(Part::Destination);
        }
        let boxes =
            self.traffic.boxes().iter().filter(|layer4| layer4.has_protocol(packet.protocol));
        match boxes.map(|layer4| port_misses(layer4, packet)).min_by_key(Vec::len) {
            Some(misses) => parts.extend(misses),
            None => parts.push(Part::Protocol),
        }
        parts
    }
}

/// Which ports of the packet are outside the box.
fn port_misses(layer4: &Layer4, packet: &Packet) -> Vec<Part> {
    let destination = !layer4.destination_ports.contains(packet.destination_port);
    let source = !layer4.source_ports.contains(packet.source_port);
    let misses = [(destination, Part::Port), (source, Part::SourcePort)];
    misses.into_iter().filter_map(|(missed, part)| missed.then_some(part)).collect()
}
