//! Forgetting fields: which values of the kept fields occur in a set, and which occur with everything.
//!
//! Not here: projection onto one field as an `AddressSet`; read it off the rows.

use super::apply::Union;
use super::set::{
    DESTINATION, DESTINATION_LAST, DESTINATION_PORT, FAMILY, NodeId, PROTOCOL, SOURCE, SOURCE_LAST,
    SOURCE_PORT, Set, Space, TERMINAL,
};
use rustc_hash::FxHashMap;
use std::ops::BitOr;

/// Some of the five header fields.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fields(u8);

impl Fields {
    /// The source address.
    pub const SOURCE: Self = Self(1);
    /// The destination address.
    pub const DESTINATION: Self = Self(2);
    /// The protocol.
    pub const PROTOCOL: Self = Self(4);
    /// The destination port.
    pub const DESTINATION_PORT: Self = Self(8);
    /// The source port.
    pub const SOURCE_PORT: Self = Self(16);
    /// What a service is: protocol and destination port.
    pub const SERVICE: Self = Self(4 | 8);
    /// All five.
    pub const ALL: Self = Self(31);

    /// The fields of `self` that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all fields of `other` are among these.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the field of this level is among these. The family is a property of both addresses.
    fn keeps(self, level: u8) -> bool {
        match level {
            FAMILY => self.has(Self::SOURCE) || self.has(Self::DESTINATION),
            SOURCE..=SOURCE_LAST => self.has(Self::SOURCE),
            DESTINATION..=DESTINATION_LAST => self.has(Self::DESTINATION),
            PROTOCOL => self.has(Self::PROTOCOL),
            DESTINATION_PORT => self.has(Self::DESTINATION_PORT),
            SOURCE_PORT => self.has(Self::SOURCE_PORT),
            _ => true,
        }
    }
}

impl BitOr for Fields {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Space {
    /// The well-formed packets that agree in the kept fields with some packet of the set.
    pub fn project(&mut self, set: Set, keep: Fields) -> Set {
        let node = self.forget(set.0, keep, &mut FxHashMap::default());
        self.intersection(Set(node), self.all())
    }

    /// The packets of `within` whose kept fields are in the set together with *every* value that the other fields
    /// take in `within`: with `keep` all but the source port, the services for which every source port works.
    pub fn project_all(&mut self, set: Set, within: Set, keep: Fields) -> Set {
        let missing = self.difference(within, set);
        let missing = self.project(missing, keep);
        self.difference(within, missing)
    }

    fn forget(
        &mut self,
        node: NodeId,
        keep: Fields,
        done: &mut FxHashMap<NodeId, NodeId>,
    ) -> NodeId {
        let level = self.level(node);
        if level == TERMINAL {
            return node;
        }
        if let Some(&known) = done.get(&node) {
            return known;
        }
        let edges = self.edges(node).to_vec();
        let mut children: Vec<NodeId> = Vec::with_capacity(edges.len());
        for edge in &edges {
            children.push(self.forget(edge.child, keep, done));
        }
        let result = if keep.keeps(level) {
            let base = self.scratch.len();
            for (edge, child) in edges.iter().zip(children) {
                self.push(base, edge.bound, child);
            }
            self.finish(base, level)
        } else {
            children.sort_unstable();
            children.dedup();
            self.fold_pairs::<Union>(&mut children)
        };
        done.insert(node, result);
        result
    }
}
