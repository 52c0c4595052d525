//! The packet sets of pathproof: an interval decision diagram, addresses first.

use super::engine::{Engine, Size, Written};
use pathproof::space::{List, Packet, Set, Space};

/// The engine.
pub struct Idd(Space);

impl Engine for Idd {
    type Rule = Written;
    type List = List;
    type Set = Set;

    const NAME: &'static str = "pathproof";
    const REMEMBERS: bool = true;

    fn new() -> Self {
        Self(Space::new())
    }

    fn forget(&mut self) {
        self.0.clear();
    }

    fn prepare(rule: &Written) -> Written {
        rule.clone()
    }

    fn rule(&mut self, (when, action): &Written) -> List {
        self.0.rule(when, *action)
    }

    fn join(&mut self, first: &List, second: &List) -> List {
        self.0.override_(*first, *second)
    }

    fn permitted(&mut self, first: &List, second: &List) -> Set {
        let list = self.0.override_(*first, *second);
        self.0.permitted(list)
    }

    fn intersection(&mut self, a: &Set, b: &Set) -> Set {
        self.0.intersection(*a, *b)
    }

    fn difference(&mut self, a: &Set, b: &Set) -> Set {
        self.0.difference(*a, *b)
    }

    fn witness(&self, set: &Set) -> Option<Packet> {
        self.0.witness(*set)
    }

    fn contains(&self, set: &Set, packet: &Packet) -> bool {
        self.0.contains(*set, packet)
    }

    fn count(&mut self, set: &Set) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "compared up to rounding")]
        let rounded = self.0.count(*set) as f64;
        rounded
    }

    fn size(&self, set: &Set) -> Size {
        let size = self.0.size(*set);
        Size { nodes: size.nodes, bytes: size.bytes() }
    }
}
