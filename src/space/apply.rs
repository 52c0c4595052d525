//! The operations on diagrams: one recursion, several tables for the terminals.
//!
//! Invariant: an operation works point by point, so its result depends on nothing but the two children at each value.
//!
//! Not here: what sets and lists are (`set`, `list`), and how results are remembered (`memo`).

use super::set::{DENY, Edge, IN, NodeId, OUT, Space, append};

/// A binary operation, point by point.
pub(super) trait Operation {
    /// Tells operations apart in the memo table.
    const TAG: u32;
    /// Whether the operands may be swapped.
    const COMMUTATIVE: bool;

    /// The result where it is known without looking inside the operands; always known for two terminals.
    fn shortcut(a: NodeId, b: NodeId) -> Option<NodeId>;
}

/// In either set.
pub(super) struct Union;

impl Operation for Union {
    const TAG: u32 = 0;
    const COMMUTATIVE: bool = true;

    fn shortcut(a: NodeId, b: NodeId) -> Option<NodeId> {
        match (a, b) {
            (OUT, x) | (x, OUT) => Some(x),
            (IN, _) | (_, IN) => Some(IN),
            _ => (a == b).then_some(a),
        }
    }
}

/// In both sets.
pub(super) struct Intersection;

impl Operation for Intersection {
    const TAG: u32 = 1;
    const COMMUTATIVE: bool = true;

    fn shortcut(a: NodeId, b: NodeId) -> Option<NodeId> {
        match (a, b) {
            (OUT, _) | (_, OUT) => Some(OUT),
            (IN, x) | (x, IN) => Some(x),
            _ => (a == b).then_some(a),
        }
    }
}

/// In the first set and not in the second.
pub(super) struct Difference;

impl Operation for Difference {
    const TAG: u32 = 2;
    const COMMUTATIVE: bool = false;

    fn shortcut(a: NodeId, b: NodeId) -> Option<NodeId> {
        match (a, b) {
            (OUT, _) | (_, IN) => Some(OUT),
            (_, OUT) => Some(a),
            _ => (a == b).then_some(OUT),
        }
    }
}

/// The first list where it decides, else the second.
pub(super) struct Override;

impl Operation for Override {
    const TAG: u32 = 3;
    const COMMUTATIVE: bool = false;

    fn shortcut(a: NodeId, b: NodeId) -> Option<NodeId> {
        match (a, b) {
            (OUT, x) | (x, OUT) => Some(x),
            (IN | DENY, _) => Some(a),
            _ => (a == b).then_some(a),
        }
    }
}

/// Where the list permits, as a set. The second operand says nothing.
pub(super) struct Permitted;

impl Operation for Permitted {
    const TAG: u32 = 4;
    const COMMUTATIVE: bool = false;

    fn shortcut(a: NodeId, _: NodeId) -> Option<NodeId> {
        match a {
            OUT | DENY => Some(OUT),
            IN => Some(IN),
            _ => None,
        }
    }
}

/// Where the list denies, as a set. The second operand says nothing.
pub(super) struct Denied;

impl Operation for Denied {
    const TAG: u32 = 5;
    const COMMUTATIVE: bool = false;

    fn shortcut(a: NodeId, _: NodeId) -> Option<NodeId> {
        match a {
            OUT | IN => Some(OUT),
            DENY => Some(IN),
            _ => None,
        }
    }
}

/// Added to a tag when only the emptiness of the result was worked out.
const EMPTINESS: u32 = 8;

impl Space {
    /// Works out an operation.
    pub(super) fn apply<O: Operation>(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if let Some(known) = O::shortcut(a, b) {
            return known;
        }
        let (a, b) = if O::COMMUTATIVE && a > b { (b, a) } else { (a, b) };
        if let Some(known) = self.cache.get(O::TAG, a, b) {
            return known;
        }
        if self.exhausted() {
            return OUT;
        }
        let level = self.level(a).min(self.level(b));
        let base = self.scratch.len();
        let mut last = Pair::default();
        let mut steps = Steps::new(self, a, b, level);
        loop {
            // nothing moves in the arena until a pair needs a recursion
            let (edges, scratch) = (&self.edges[..], &mut self.scratch);
            let open = loop {
                let Some((bound, pair)) = steps.next(edges) else {
                    break None;
                };
                match O::shortcut(pair.a, pair.b) {
                    Some(known) => append(scratch, base, bound, known),
                    None if (last.a, last.b) == (pair.a, pair.b) => {
                        append(scratch, base, bound, last.result);
                    }
                    None => break Some((bound, pair)),
                }
            };
            let Some((bound, pair)) = open else { break };
            let result = self.apply::<O>(pair.a, pair.b);
            last = Pair { result, ..pair };
            self.push(base, bound, result);
        }
        let result = self.finish(base, level);
        self.cache.put(O::TAG, a, b, result);
        result
    }

    /// Whether the result of an operation is more than nothing, without building it.
    pub(super) fn meets<O: Operation>(&mut self, a: NodeId, b: NodeId) -> bool {
        if let Some(known) = O::shortcut(a, b) {
            return known != OUT;
        }
        let (a, b) = if O::COMMUTATIVE && a > b { (b, a) } else { (a, b) };
        if let Some(known) =
            self.cache.get(O::TAG + EMPTINESS, a, b).or_else(|| self.cache.get(O::TAG, a, b))
        {
            return known != OUT;
        }
        self.work(1);
        if self.exhausted() {
            return false;
        }
        let level = self.level(a).min(self.level(b));
        let mut steps = Steps::new(self, a, b, level);
        let mut met = false;
        while !met && let Some((_, pair)) = steps.next(&self.edges) {
            met = self.meets::<O>(pair.a, pair.b);
        }
        self.cache.put(O::TAG + EMPTINESS, a, b, if met { IN } else { OUT });
        met
    }

    /// Folds an associative operation over the nodes in order, as a balanced tree.
    pub(super) fn fold_pairs<O: Operation>(&mut self, nodes: &mut [NodeId]) -> NodeId {
        let mut len = nodes.len();
        while len > 1 {
            for pair in 0..len / 2 {
                nodes[pair] = self.apply::<O>(nodes[2 * pair], nodes[2 * pair + 1]);
            }
            if len % 2 == 1 {
                nodes[len / 2] = nodes[len - 1];
            }
            len = len.div_ceil(2);
        }
        nodes.first().copied().unwrap_or(OUT)
    }
}

/// The children of two nodes at one value, and what came of them.
#[derive(Clone, Copy, Default)]
struct Pair {
    a: NodeId,
    b: NodeId,
    result: NodeId,
}

/// Walks the edges of two nodes side by side; a node of a later level stands still.
struct Steps {
    a: (usize, usize),
    b: (usize, usize),
    fixed: Pair,
}

impl Steps {
    fn new(space: &Space, a: NodeId, b: NodeId, level: u8) -> Self {
        let run = |node| {
            if space.level(node) == level { space.edge_range(node) } else { (0, 0) }
        };
        Self { a: run(a), b: run(b), fixed: Pair { a, b, result: OUT } }
    }

    #[inline]
    fn next(&mut self, edges: &[Edge]) -> Option<(u32, Pair)> {
        let next = |run: (usize, usize)| (run.0 < run.1).then(|| edges[run.0]);
        match (next(self.a), next(self.b)) {
            (Some(a), Some(b)) => {
                // both runs end at the highest value of the level, hence together
                let bound = a.bound.min(b.bound);
                self.a.0 += usize::from(a.bound == bound);
                self.b.0 += usize::from(b.bound == bound);
                Some((bound, Pair { a: a.child, b: b.child, result: OUT }))
            }
            (Some(Edge { bound, child }), None) => {
                self.a.0 += 1;
                Some((bound, Pair { a: child, ..self.fixed }))
            }
            (None, Some(Edge { bound, child })) => {
                self.b.0 += 1;
                Some((bound, Pair { b: child, ..self.fixed }))
            }
            (None, None) => None,
        }
    }
}
