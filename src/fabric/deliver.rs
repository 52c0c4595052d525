//! Which destinations a stage could hand to anybody at all, whatever the source, the ports and the filters: more than
//! it does, never less. Whatever is not among them gets nowhere from there, and nothing has to be walked to know it.

use petgraph::graph::NodeIndex;

use super::{Fabric, Then, Way};
use crate::space::AddressSet;

/// The destinations that may be delivered from a stage on.
#[must_use]
pub fn deliverable(fabric: &Fabric, start: NodeIndex) -> AddressSet {
    let mut search = Search {
        fabric,
        under_way: Vec::new(),
        found: Vec::new(),
    };
    search.stage(start, AddressSet::any());
    AddressSet::union_all(search.found)
}

struct Search<'a> {
    fabric: &'a Fabric,
    under_way: Vec<NodeIndex>,
    found: Vec<AddressSet>,
}

impl Search<'_> {
    fn stage(&mut self, node: NodeIndex, mut rest: AddressSet) {
        // Coming by again brings nothing new: all that goes on from here is being searched already.
        if self.under_way.contains(&node) {
            return;
        }
        self.under_way.push(node);
        let fabric = self.fabric;
        let stage = &fabric.graph[node];
        for rule in &stage.rules {
            let hit = match &rule.when.destination {
                Some(destination) => rest.intersection(destination),
                None => rest.clone(),
            };
            let whole = rule.when.source.is_none() && rule.when.traffic.is_all();
            if whole {
                rest = rest.difference(&hit);
            }
            self.then(&rule.then, hit);
            if rest.is_empty() {
                break;
            }
        }
        self.then(&stage.otherwise, rest);
        self.under_way.pop();
    }

    fn then(&mut self, then: &Then, destinations: AddressSet) {
        if destinations.is_empty() {
            return;
        }
        match then {
            Then::Stop(_) => {}
            Then::Go(ways) => {
                for way in &**ways {
                    let Way::Hop(edge) = way else { continue };
                    let translates = self.fabric.graph[*edge].translation.is_some();
                    match self.fabric.graph.edge_endpoints(*edge) {
                        Some((_, next)) if !translates => self.stage(next, destinations.clone()),
                        _ => self.found.push(destinations.clone()),
                    }
                }
            }
            _ => self.found.push(destinations),
        }
    }
}
