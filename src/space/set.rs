//! Sets of packets, exactly: the arena of a hash-consed interval decision diagram.
//!
//! A level is a header field, a node a sorted run of `(inclusive upper bound, child)` edges that covers its whole
//! field. Levels come in the order family, source, destination, protocol, destination port, source port (addresses
//! first: protocol first was 5 to 50 times worse). An IPv6 address takes four 32-bit levels, an IPv4 address only the
//! last of the four, so every bound is a `u32`. There are three terminals: out (no match), in (permit), deny; the
//! third occurs in rule lists only.
//!
//! Invariants: a node is unique in the arena, has at least two different children, equal neighbours are merged, and
//! children are at later levels. So two sets of one space are equal exactly when their handles are. Every [`Set`] lies
//! within [`Space::all`], the well-formed packets: both addresses of one family, ports 0 where the protocol has none.
//!
//! Like every such diagram the worst case is exponential in the number of fields, hence the [`budget`](super::Budget): when
//! it is passed, [`Space::exhausted`] turns true for good, operations return quickly, and no answer counts any more.
//!
//! Not here: the operations (`apply`), building (`cube`), rule lists (`list`), reading sets out (`inspect`, `rows`) and
//! what may be taken (`budget`).

use super::apply::{Difference, Intersection, Union};
use super::budget::{Allowance, Budget, Exceeded, LOOK};
use super::matcher::Match;
use super::memo::Cache;
use super::packet::Protocol;
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;
use std::sync::Arc;

pub(super) const FAMILY: u8 = 0;
pub(super) const SOURCE: u8 = 1;
pub(super) const SOURCE_LAST: u8 = 4;
pub(super) const DESTINATION: u8 = 5;
pub(super) const DESTINATION_LAST: u8 = 8;
pub(super) const PROTOCOL: u8 = 9;
pub(super) const DESTINATION_PORT: u8 = 10;
pub(super) const SOURCE_PORT: u8 = 11;
/// Below all fields.
pub(super) const TERMINAL: u8 = 12;

/// The highest value of a level.
pub(super) const fn highest(level: u8) -> u32 {
    match level {
        FAMILY => 1,
        PROTOCOL => 0xff,
        DESTINATION_PORT | SOURCE_PORT => 0xffff,
        _ => u32::MAX,
    }
}

/// A node or a terminal.
pub(super) type NodeId = u32;
pub(super) const OUT: NodeId = 0;
pub(super) const IN: NodeId = 1;
pub(super) const DENY: NodeId = 2;

/// One edge: the values up to `bound`, after the previous edge's bound, lead to `child`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge {
    pub bound: u32,
    pub child: NodeId,
}

#[derive(Clone, Copy)]
struct Node {
    start: u32,
    len: u32,
    hash: u32,
    level: u8,
}

/// What a node takes without its edges.
pub(super) const NODE_BYTES: usize = size_of::<Node>();

/// A set of packets of one [`Space`]: equal handles are equal sets. The order means nothing but is stable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Set(pub(super) NodeId);

/// The arena that owns all sets, and the operations on them.
pub struct Space {
    nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// Open addressing over `nodes`; 0 is a free slot.
    unique: Vec<NodeId>,
    pub(super) cache: Cache,
    /// The unfinished nodes of the recursions under way, as a stack.
    pub(super) scratch: Vec<Edge>,
    pub(super) allowance: Allowance,
    pub(super) exceeded: Option<Exceeded>,
    /// Work since the last look at the clock.
    pub(super) unseen: u32,
    /// Steps of the ways of the pair of ends under way.
    pub(super) steps: usize,
    /// Rows that the answer under way is told in.
    pub(super) rows: usize,
    well_formed: NodeId,
    /// Ports that examples are to use.
    pub(super) wishes: Arc<[(Protocol, u16)]>,
    /// Conditions as sets, by where their parts are; each is kept, so that no others can come to lie there.
    pub(super) conditions: FxHashMap<[usize; 3], (Match, Set)>,
}

/// There are no more numbers of nodes and edges.
const MOST_NODES: usize = 1 << 30;
const MOST_EDGES: usize = 1 << 31;

/// A node has fewer edges on average; more of them take the room of more nodes.
const EDGES: usize = 16;

impl Space {
    /// No packet.
    pub const EMPTY: Set = Set(OUT);

    /// A space whose only limit is the 32-bit node number.
    #[must_use]
    pub fn new() -> Self {
        Self::within(Budget::NONE.begin())
    }

    /// A space that is [`exhausted`](Self::exhausted) when it would need more than it is allowed.
    #[must_use]
    pub fn within(allowance: Allowance) -> Self {
        let terminal = Node { start: 0, len: 0, hash: 0, level: TERMINAL };
        let mut space = Self {
            nodes: vec![terminal; 3],
            edges: Vec::new(),
            unique: vec![0; 1 << 8],
            cache: Cache::new(),
            scratch: Vec::new(),
            allowance,
            exceeded: None,
            // Whose time is up is not to start at all.
            unseen: LOOK,
            steps: 0,
            rows: 0,
            well_formed: OUT,
            wishes: Arc::from([]),
            conditions: FxHashMap::default(),
        };
        space.well_formed = space.universe();
        space
    }

    /// What stands where a space was that is lent to somebody: nothing can be made in it.
    #[must_use]
    pub fn vacant() -> Self {
        Self {
            nodes: Vec::new(),
            edges: Vec::new(),
            unique: Vec::new(),
            cache: Cache::vacant(),
            scratch: Vec::new(),
            allowance: Budget::NONE.begin(),
            exceeded: None,
            unseen: 0,
            steps: 0,
            rows: 0,
            well_formed: OUT,
            wishes: Arc::from([]),
            conditions: FxHashMap::default(),
        }
    }

    /// Starts again with no sets, in the same memory and with the same budget. Handles from before mean nothing.
    pub fn clear(&mut self) {
        self.nodes.truncate(3);
        self.edges.clear();
        self.scratch.clear();
        self.unique.fill(0);
        self.cache.clear();
        self.conditions.clear();
        self.exceeded = None;
        self.unseen = LOOK;
        self.rows = 0;
        self.well_formed = self.universe();
    }

    /// Whether the budget was passed. From then on no result means anything.
    #[must_use]
    pub fn exhausted(&self) -> bool {
        self.exceeded.is_some()
    }

    /// How many nodes there are, of all sets made so far.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len() - 3
    }

    /// How many edges there are, of all sets made so far.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// Every well-formed packet.
    #[must_use]
    pub fn all(&self) -> Set {
        Set(self.well_formed)
    }

    /// Packets in `a`, in `b`, or in both.
    pub fn union(&mut self, a: Set, b: Set) -> Set {
        Set(self.apply::<Union>(a.0, b.0))
    }

    /// Packets in both sets.
    pub fn intersection(&mut self, a: Set, b: Set) -> Set {
        Set(self.apply::<Intersection>(a.0, b.0))
    }

    /// Packets of `a` that are not in `b`.
    pub fn difference(&mut self, a: Set, b: Set) -> Set {
        Set(self.apply::<Difference>(a.0, b.0))
    }

    /// Well-formed packets that are not in the set.
    pub fn complement(&mut self, set: Set) -> Set {
        self.difference(self.all(), set)
    }

    /// The union of all sets, merged in pairs, which keeps the intermediate sets small.
    pub fn union_all(&mut self, sets: impl IntoIterator<Item = Set>) -> Set {
        let mut nodes: Vec<NodeId> = sets.into_iter().map(|set| set.0).collect();
        Set(self.fold_pairs::<Union>(&mut nodes))
    }

    /// Whether there is no packet in the set.
    #[must_use]
    pub fn is_empty(&self, set: Set) -> bool {
        set == Self::EMPTY
    }

    /// Whether every packet of `a` is in `b`.
    pub fn is_subset(&mut self, a: Set, b: Set) -> bool {
        !self.meets::<Difference>(a.0, b.0)
    }

    /// Whether the sets have a packet in common.
    pub fn overlaps(&mut self, a: Set, b: Set) -> bool {
        self.meets::<Intersection>(a.0, b.0)
    }

    pub(super) fn level(&self, node: NodeId) -> u8 {
        self.nodes[node as usize].level
    }

    pub(super) fn edges(&self, node: NodeId) -> &[Edge] {
        let Node { start, len, .. } = self.nodes[node as usize];
        &self.edges[start as usize..][..len as usize]
    }

    pub(super) fn edge_range(&self, node: NodeId) -> (usize, usize) {
        let Node { start, len, .. } = self.nodes[node as usize];
        (start as usize, (start + len) as usize)
    }

    /// The inclusive ranges of a node with their children, in order.
    pub(super) fn branches(&self, node: NodeId) -> impl Iterator<Item = (u32, u32, NodeId)> + '_ {
        let mut lo = 0;
        self.edges(node).iter().map(move |edge| {
            let branch = (lo, edge.bound, edge.child);
            lo = edge.bound.wrapping_add(1);
            branch
        })
    }

    /// Adds an edge to the unfinished node that began at `base`.
    pub(super) fn push(&mut self, base: usize, bound: u32, child: NodeId) {
        append(&mut self.scratch, base, bound, child);
    }

    /// Turns the unfinished node that began at `base` into a node of the arena.
    pub(super) fn finish(&mut self, base: usize, level: u8) -> NodeId {
        let node = match &self.scratch[base..] {
            [] => OUT,
            [only] => only.child,
            _ => self.intern(base, level),
        };
        self.scratch.truncate(base);
        node
    }

    fn intern(&mut self, base: usize, level: u8) -> NodeId {
        self.work(1);
        let fresh = &self.scratch[base..];
        let hash = hash(level, fresh);
        let mask = self.unique.len() - 1;
        let mut slot = hash as usize & mask;
        while self.unique[slot] != 0 {
            let id = self.unique[slot];
            let node = self.nodes[id as usize];
            if node.hash == hash && node.level == level && self.edges(id) == fresh {
                return id;
            }
            slot = (slot + 1) & mask;
        }
        let (Ok(id), Ok(start), Ok(len)) = (
            u32::try_from(self.nodes.len()),
            u32::try_from(self.edges.len()),
            u32::try_from(fresh.len()),
        ) else {
            return self.exhaust();
        };
        let most = self.most_nodes();
        let edges = self.edges.len() + fresh.len();
        if self.node_count() >= most || edges > most.saturating_mul(EDGES).min(MOST_EDGES) {
            return self.exhaust();
        }
        self.nodes.push(Node { start, len, hash, level });
        self.edges.extend_from_slice(&self.scratch[base..]);
        self.unique[slot] = id;
        if self.nodes.len() * 2 > self.unique.len() {
            self.grow();
        }
        id
    }

    fn exhaust(&mut self) -> NodeId {
        self.exceed(Exceeded::Nodes(self.most_nodes()));
        OUT
    }

    fn most_nodes(&self) -> usize {
        self.allowance.nodes.min(MOST_NODES)
    }

    fn grow(&mut self) {
        let mask = self.unique.len() * 2 - 1;
        self.unique.clear();
        self.unique.resize(mask + 1, 0);
        for (id, node) in (0..).zip(&self.nodes).skip(3) {
            let mut slot = node.hash as usize & mask;
            while self.unique[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.unique[slot] = id;
        }
        self.cache.grow(mask + 1);
    }
}

impl Default for Space {
    fn default() -> Self {
        Self::new()
    }
}

/// Adds an edge to a node under way, merging equal neighbours.
#[inline]
pub(super) fn append(scratch: &mut Vec<Edge>, base: usize, bound: u32, child: NodeId) {
    match scratch[base..].last_mut() {
        Some(last) if last.child == child => last.bound = bound,
        _ => scratch.push(Edge { bound, child }),
    }
}

fn hash(level: u8, edges: &[Edge]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write_u8(level);
    for edge in edges {
        hasher.write_u64(u64::from(edge.bound) << 32 | u64::from(edge.child));
    }
    let hash = hasher.finish();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "half of the bits are enough for a table of 2^31 slots"
    )]
    let short = hash as u32;
    short
}
