//! Questions to one set: is this packet in it, which packet is, how many are.
//!
//! Not here: the whole set in readable form (`rows`).

use super::packet::{Packet, Protocol};
use super::set::{
    DESTINATION, DESTINATION_LAST, DESTINATION_PORT, Edge, FAMILY, NODE_BYTES, NodeId, OUT,
    PROTOCOL, SOURCE, SOURCE_LAST, SOURCE_PORT, Set, Space, TERMINAL, highest,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// What one set takes in the arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Size {
    /// Its nodes, without the terminals.
    pub nodes: usize,
    /// Their edges.
    pub edges: usize,
}

impl Size {
    /// The bytes of its nodes and edges; the tables that find nodes again are not counted.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.nodes * NODE_BYTES + self.edges * size_of::<Edge>()
    }
}

impl Space {
    /// What a set takes. Sets of one space share nodes, so that several take less than the sum.
    #[must_use]
    pub fn size(&self, set: Set) -> Size {
        let mut size = Size::default();
        let (mut seen, mut next) = (FxHashSet::default(), vec![set.0]);
        while let Some(node) = next.pop() {
            if self.level(node) < TERMINAL && seen.insert(node) {
                let edges = self.edges(node);
                size.nodes += 1;
                size.edges += edges.len();
                next.extend(edges.iter().map(|edge| edge.child));
            }
        }
        size
    }

    /// Whether the packet is in the set.
    #[must_use]
    pub fn contains(&self, set: Set, packet: &Packet) -> bool {
        self.lookup(set.0, packet) != OUT
    }

    /// The terminal that the packet leads to; out if its addresses are of two families.
    pub(super) fn lookup(&self, mut node: NodeId, packet: &Packet) -> NodeId {
        let (family, source, destination) = match (packet.source, packet.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                (0, source.to_bits().into(), destination.to_bits().into())
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                (1, source.to_bits(), destination.to_bits())
            }
            _ => return OUT,
        };
        loop {
            let value = match self.level(node) {
                FAMILY => family,
                level @ SOURCE..=SOURCE_LAST => slice(source, SOURCE_LAST - level),
                level @ DESTINATION..=DESTINATION_LAST => {
                    slice(destination, DESTINATION_LAST - level)
                }
                PROTOCOL => packet.protocol.0.into(),
                DESTINATION_PORT => packet.destination_port.into(),
                SOURCE_PORT => packet.source_port.into(),
                _ => return node,
            };
            let edges = self.edges(node);
            node = edges[edges.partition_point(|edge| edge.bound < value)].child;
        }
    }

    /// Ports that [witnesses](Self::witness) are to use where they can, the best first; what was wished before stays.
    pub fn wish(&mut self, ports: &Arc<[(Protocol, u16)]>) {
        if self.wishes.is_empty() {
            self.wishes = Arc::clone(ports);
        }
    }

    /// One packet of the set, the same for equal sets of any space with the same [wishes](Self::wish): IPv4 if there is
    /// one, the lowest addresses, TCP, UDP or ping before other protocols, a destination port that was wished or at
    /// least one above 0, and a source port above 1023 if possible.
    #[must_use]
    pub fn witness(&self, set: Set) -> Option<Packet> {
        let mut node = set.0;
        if node == OUT {
            return None;
        }
        let family = self.pick(&mut node, FAMILY, []);
        let source = self.pick_address(&mut node, SOURCE_LAST, family);
        let destination = self.pick_address(&mut node, DESTINATION_LAST, family);
        let ping = if family == 0 { Protocol::ICMP } else { Protocol::ICMPV6 };
        let usual = [Protocol::TCP, Protocol::UDP, ping]
            .map(|protocol| (u32::from(protocol.0), protocol.0.into()));
        let protocol = Protocol(narrow(self.pick(&mut node, PROTOCOL, usual)));
        let wishes = self.wishes.iter().filter(|(of, _)| *of == protocol);
        let wishes = wishes.map(|(_, port)| (u32::from(*port), u32::from(*port)));
        let wishes = wishes.chain([(1, 0xffff)]);
        let destination_port = narrow(self.pick(&mut node, DESTINATION_PORT, wishes));
        let source_port = narrow(self.pick(&mut node, SOURCE_PORT, [(1024, 0xffff)]));
        Some(Packet { source, destination, protocol, destination_port, source_port })
    }

    fn pick_address(&self, node: &mut NodeId, last: u8, family: u32) -> IpAddr {
        if family == 0 {
            return Ipv4Addr::from_bits(self.pick(node, last, [])).into();
        }
        let slices = (last - 3..=last).map(|level| u128::from(self.pick(node, level, [])));
        Ipv6Addr::from_bits(slices.fold(0, |bits, slice| bits << 32 | slice)).into()
    }

    /// The lowest value of the first wished range that stays in the set, else the lowest of all; steps down.
    fn pick(
        &self,
        node: &mut NodeId,
        level: u8,
        wishes: impl IntoIterator<Item = (u32, u32)>,
    ) -> u32 {
        let mut wishes = wishes.into_iter();
        if self.level(*node) != level {
            return wishes.next().map_or(0, |wish| wish.0);
        }
        for (from, to) in wishes.chain([(0, u32::MAX)]) {
            let found = self
                .branches(*node)
                .find(|&(lo, hi, child)| child != OUT && hi >= from && lo <= to);
            if let Some((lo, _, child)) = found {
                *node = child;
                return lo.max(from);
            }
        }
        0
    }

    /// How many packets the set has; `u128::MAX` when that does not fit.
    #[must_use]
    pub fn count(&self, set: Set) -> u128 {
        let mut counted = FxHashMap::default();
        if self.level(set.0) == FAMILY {
            let families = self
                .branches(set.0)
                .flat_map(|(lo, hi, child)| (lo..=hi).map(move |family| (family, child)));
            return families.fold(0, |sum: u128, (family, child)| {
                sum.saturating_add(self.count_below(FAMILY, child, family, &mut counted))
            });
        }
        let v4 = self.count_below(FAMILY, set.0, 0, &mut counted);
        v4.saturating_add(self.count_below(FAMILY, set.0, 1, &mut counted))
    }

    /// How many ways there are to choose the fields after `level` that lead from `node` into the set.
    fn count_below(
        &self,
        level: u8,
        node: NodeId,
        family: u32,
        counted: &mut FxHashMap<(NodeId, u32), u128>,
    ) -> u128 {
        let at = self.level(node);
        let skipped = (level + 1..at).filter(|&level| is_used(level, family));
        let ways = skipped
            .fold(1, |ways: u128, level| ways.saturating_mul(u128::from(highest(level)) + 1));
        if at == TERMINAL {
            return if node == OUT { 0 } else { ways };
        }
        if let Some(&below) = counted.get(&(node, family)) {
            return ways.saturating_mul(below);
        }
        let below = self.branches(node).fold(0, |sum: u128, (lo, hi, child)| {
            let width = u128::from(hi - lo) + 1;
            sum.saturating_add(width.saturating_mul(self.count_below(at, child, family, counted)))
        });
        counted.insert((node, family), below);
        ways.saturating_mul(below)
    }
}

/// Whether packets of the family have this level.
pub(super) fn is_used(level: u8, family: u32) -> bool {
    family == 1
        || !(SOURCE..SOURCE_LAST).contains(&level)
            && !(DESTINATION..DESTINATION_LAST).contains(&level)
}

/// The 32-bit slice that has `after` more slices behind it.
fn slice(bits: u128, after: u8) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the bits above these belong to earlier levels"
    )]
    let slice = (bits >> (32 * u32::from(after))) as u32;
    slice
}

/// A value of a small field; the bounds of its level keep it in range.
fn narrow<T: TryFrom<u32> + Default>(value: u32) -> T {
    T::try_from(value).unwrap_or_default()
}
