//! A set in readable form: few disjoint rows of address sets and ports.
//!
//! Invariant: the rows are disjoint, their union is the set, and equal sets give equal rows in equal order.
//!
//! Not here: choosing words for a report (`render`). The number of rows can be exponential in the number of fields
//! for a hostile set; realistic ones have about as many rows as rules.

use super::address::AddressSet;
use super::interval::{IntervalSet, Point};
use super::set::{
    DESTINATION, DESTINATION_PORT, FAMILY, NodeId, OUT, PROTOCOL, SOURCE, SOURCE_PORT, Set, Space,
    highest,
};
use super::traffic::{Layer4, Protocols, port_protocols};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

/// The packets from `source` to `destination`, family by family, with this traffic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Row {
    /// Source addresses.
    pub source: AddressSet,
    /// Destination addresses.
    pub destination: AddressSet,
    /// Protocols and ports.
    pub traffic: Layer4,
}

impl Space {
    /// The set as disjoint rows, sorted.
    #[must_use]
    pub fn rows(&self, set: Set) -> Vec<Row> {
        let mut boxes = FxHashMap::default();
        let mut families = [OUT, OUT];
        for (family, node) in (0..).zip(&mut families) {
            *node = self.child(set.0, FAMILY, family);
        }
        let v4 = self.family_rows(families[0], Family::V4, &mut boxes);
        let v6 = self.family_rows(families[1], Family::V6, &mut boxes);
        let mut rows = pair_families(merged(v4, &ROW_FIELDS), merged(v6, &ROW_FIELDS));
        rows.sort_unstable();
        rows
    }

    /// How many rows the set has before those are merged that can be: so many are made on the way.
    pub(super) fn count_rows(&self, set: Set) -> usize {
        let mut boxes: FxHashMap<NodeId, usize> = FxHashMap::default();
        let mut rows = 0_usize;
        for (value, family) in [(0, Family::V4), (1, Family::V6)] {
            let mut known: FxHashMap<NodeId, usize> = FxHashMap::default();
            let node = self.child(set.0, FAMILY, value);
            for (_, below) in self.addresses(node, SOURCE, family) {
                let own = *known.entry(below).or_insert_with(|| {
                    let mut own = 0_usize;
                    for (_, below) in self.addresses(below, DESTINATION, family) {
                        let boxes = boxes.entry(below);
                        own += *boxes.or_insert_with(|| self.boxes(below).len());
                    }
                    own
                });
                rows = rows.saturating_add(own);
            }
        }
        rows
    }

    /// The child at a value of a level that the node may skip.
    fn child(&self, node: NodeId, level: u8, value: u32) -> NodeId {
        if self.level(node) != level {
            return node;
        }
        let edges = self.edges(node);
        edges[edges.partition_point(|edge| edge.bound < value)].child
    }

    fn family_rows(
        &self,
        node: NodeId,
        family: Family,
        boxes: &mut FxHashMap<NodeId, Rc<[Layer4]>>,
    ) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut destinations: FxHashMap<NodeId, Rc<[(AddressSet, NodeId)]>> = FxHashMap::default();
        for (source, below) in self.addresses(node, SOURCE, family) {
            let destinations = destinations
                .entry(below)
                .or_insert_with(|| self.addresses(below, DESTINATION, family).into());
            for (destination, below) in destinations.iter() {
                let boxes = boxes.entry(*below).or_insert_with(|| self.boxes(*below).into());
                rows.extend(boxes.iter().map(|traffic| Row {
                    source: source.clone(),
                    destination: destination.clone(),
                    traffic: traffic.clone(),
                }));
            }
        }
        rows
    }

    /// The children below an address field, each with the addresses that lead there.
    fn addresses(&self, node: NodeId, first: u8, family: Family) -> Vec<(AddressSet, NodeId)> {
        match family {
            Family::V4 => self
                .groups(node, first + 3)
                .into_iter()
                .map(|(v4, child)| (AddressSet { v4, ..AddressSet::EMPTY }, child))
                .collect(),
            Family::V6 => {
                let mut found = Groups::default();
                self.gather_v6(node, first, first + 3, 0, &mut found);
                found
                    .in_order
                    .into_iter()
                    .map(|(child, ranges)| {
                        (
                            AddressSet {
                                v6: IntervalSet::from_ranges(ranges),
                                ..AddressSet::EMPTY
                            },
                            child,
                        )
                    })
                    .collect()
            }
        }
    }

    fn gather_v6(&self, node: NodeId, level: u8, last: u8, prefix: u128, found: &mut Groups) {
        if node == OUT {
            return;
        }
        let bits_left = 32 * u32::from(last + 1 - level);
        if self.level(node) > last {
            let span = u128::MAX >> (128 - bits_left);
            let lo = prefix.checked_shl(bits_left).unwrap_or(0);
            found.add(node, (lo, lo | span));
            return;
        }
        // a run of several values over further slices is as many ranges; sets are made from ranges, so they are few
        let whole = [(0, highest(level), node)];
        let here = self.level(node) == level;
        let branches: Vec<_> = if here { self.branches(node).collect() } else { whole.to_vec() };
        for (lo, hi, child) in branches {
            if here && self.level(child) > last && child != OUT {
                let rest = bits_left - 32;
                let span = (1u128 << rest) - 1;
                let (lo, hi) = (prefix << 32 | u128::from(lo), prefix << 32 | u128::from(hi));
                found.add(child, (lo << rest, hi << rest | span));
            } else if child != OUT {
                for value in lo..=hi {
                    self.gather_v6(child, level + 1, last, prefix << 32 | u128::from(value), found);
                }
            }
        }
    }

    /// The children of a node at a level that it may skip, each with the values that lead there.
    fn groups(&self, node: NodeId, level: u8) -> Vec<(IntervalSet<u32>, NodeId)> {
        if node == OUT {
            return Vec::new();
        }
        if self.level(node) != level {
            return vec![(IntervalSet::range(0, highest(level)), node)];
        }
        let mut found = Groups::default();
        for (lo, hi, child) in self.branches(node).filter(|branch| branch.2 != OUT) {
            found.add(child, (lo.into(), hi.into()));
        }
        let narrow = |(lo, hi): (u128, u128)| {
            (u32::try_from(lo).unwrap_or(0), u32::try_from(hi).unwrap_or(0))
        };
        found
            .in_order
            .into_iter()
            .map(|(child, ranges)| {
                (IntervalSet::from_ranges(ranges.into_iter().map(narrow)), child)
            })
            .collect()
    }

    /// A layer-4 node as disjoint boxes.
    fn boxes(&self, node: NodeId) -> Vec<Layer4> {
        let with_ports = port_protocols();
        let mut boxes = Vec::new();
        for (protocols, child) in self.groups(node, PROTOCOL) {
            let protocols = small::<u8>(&protocols);
            // all that a protocol without ports can say is both ports 0
            let without = protocols.difference(&with_ports);
            if !without.is_empty() {
                boxes.push(Layer4 { protocols: without, ..Layer4::all() });
            }
            let with = protocols.intersection(&with_ports);
            if with.is_empty() {
                continue;
            }
            for (destination, child) in self.groups(child, DESTINATION_PORT) {
                for (source, _) in self.groups(child, SOURCE_PORT) {
                    boxes.push(Layer4 {
                        protocols: with.clone(),
                        destination_ports: small(&destination),
                        source_ports: small(&source),
                    });
                }
            }
        }
        merged(boxes, &BOX_FIELDS)
    }
}

/// Which family a part of the diagram is about.
#[derive(Clone, Copy)]
enum Family {
    V4,
    V6,
}

/// Ranges by child, in the order of the first range.
#[derive(Default)]
struct Groups {
    index: FxHashMap<NodeId, usize>,
    in_order: Vec<(NodeId, Vec<(u128, u128)>)>,
}

impl Groups {
    fn add(&mut self, child: NodeId, range: (u128, u128)) {
        let at = *self.index.entry(child).or_insert(self.in_order.len());
        if at == self.in_order.len() {
            self.in_order.push((child, Vec::new()));
        }
        self.in_order[at].1.push(range);
    }
}

/// A set of values of a small field.
fn small<T: Point + TryFrom<u32>>(values: &IntervalSet<u32>) -> IntervalSet<T> {
    let bound = |value| T::try_from(value).unwrap_or(T::MAX);
    IntervalSet::from_ranges(values.ranges().map(|(lo, hi)| (bound(lo), bound(hi))))
}

/// One field of a row: how to compare all the others, and how to take in another row's values.
struct Field<R> {
    others: fn(&R, &R) -> Ordering,
    join: fn(&mut R, &R),
}

/// The fields of a box, ports before protocols.
const BOX_FIELDS: [Field<Layer4>; 3] = [
    Field {
        others: |a, b| {
            (&a.protocols, &a.destination_ports).cmp(&(&b.protocols, &b.destination_ports))
        },
        join: |kept, next| kept.source_ports = kept.source_ports.union(&next.source_ports),
    },
    Field {
        others: |a, b| (&a.protocols, &a.source_ports).cmp(&(&b.protocols, &b.source_ports)),
        join: |kept, next| {
            kept.destination_ports = kept.destination_ports.union(&next.destination_ports);
        },
    },
    Field {
        others: |a, b| {
            (&a.destination_ports, &a.source_ports).cmp(&(&b.destination_ports, &b.source_ports))
        },
        join: |kept, next| kept.protocols = kept.protocols.union(&next.protocols),
    },
];

/// The fields of a row: those of its box, then the addresses.
const ROW_FIELDS: [Field<Row>; 5] = [
    Field {
        others: |a, b| {
            addresses(a)
                .cmp(&addresses(b))
                .then_with(|| (BOX_FIELDS[0].others)(&a.traffic, &b.traffic))
        },
        join: |kept, next| (BOX_FIELDS[0].join)(&mut kept.traffic, &next.traffic),
    },
    Field {
        others: |a, b| {
            addresses(a)
                .cmp(&addresses(b))
                .then_with(|| (BOX_FIELDS[1].others)(&a.traffic, &b.traffic))
        },
        join: |kept, next| (BOX_FIELDS[1].join)(&mut kept.traffic, &next.traffic),
    },
    Field {
        others: |a, b| {
            addresses(a)
                .cmp(&addresses(b))
                .then_with(|| (BOX_FIELDS[2].others)(&a.traffic, &b.traffic))
        },
        join: |kept, next| (BOX_FIELDS[2].join)(&mut kept.traffic, &next.traffic),
    },
    Field {
        others: |a, b| (&a.source, &a.traffic).cmp(&(&b.source, &b.traffic)),
        join: |kept, next| kept.destination = kept.destination.union(&next.destination),
    },
    Field {
        others: |a, b| (&a.destination, &a.traffic).cmp(&(&b.destination, &b.traffic)),
        join: |kept, next| kept.source = kept.source.union(&next.source),
    },
];

fn addresses(row: &Row) -> (&AddressSet, &AddressSet) {
    (&row.source, &row.destination)
}

/// Merges disjoint rows that differ in one field, until none do.
fn merged<R: Ord>(mut rows: Vec<R>, fields: &[Field<R>]) -> Vec<R> {
    loop {
        let before = rows.len();
        for Field { others, join } in fields {
            rows.sort_unstable_by(|a, b| others(a, b).then_with(|| a.cmp(b)));
            rows.dedup_by(|next, kept| {
                let same = others(next, kept).is_eq();
                if same {
                    join(kept, next);
                }
                same
            });
        }
        if rows.len() == before {
            return rows;
        }
    }
}

/// Puts an IPv4 and an IPv6 row together where that adds no reading effort: same traffic, and one end is any address.
fn pair_families(v4: Vec<Row>, mut v6: Vec<Row>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(v4.len() + v6.len());
    for mut row in v4 {
        let partner = v6.iter().position(|other| {
            row.traffic == other.traffic
                && (row.source.v4.is_full() && other.source.v6.is_full()
                    || row.destination.v4.is_full() && other.destination.v6.is_full())
        });
        if let Some(other) = partner.map(|index| v6.swap_remove(index)) {
            row.source.v6 = other.source.v6;
            row.destination.v6 = other.destination.v6;
        }
        rows.push(row);
    }
    rows.append(&mut v6);
    rows
}

/// `tcp 10.1.1.10 → 10.1.1.20:80,443 (source port 1024-65535)`. Before ports, several destinations or an IPv6
/// address stand in brackets.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Layer4 { protocols, destination_ports, source_ports } = &self.traffic;
        write!(f, "{} {} → ", Protocols(protocols), self.source)?;
        let destination = self.destination.to_string();
        if destination_ports.is_full() {
            f.write_str(&destination)?;
        } else if destination.contains([',', ':']) {
            write!(f, "[{destination}]:{destination_ports}")?;
        } else {
            write!(f, "{destination}:{destination_ports}")?;
        }
        if !source_ports.is_full() {
            write!(f, " (source port {source_ports})")?;
        }
        Ok(())
    }
}
