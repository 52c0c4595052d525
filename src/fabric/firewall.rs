//! The Cloud Firewall at the border of the Internet (EFW-1..4).

use petgraph::Direction;
use petgraph::visit::EdgeRef as _;

use super::Builder;
use crate::query::ListName;

impl Builder<'_> {
    /// Puts the edge firewalls before and behind the Internet: they see what leaves after its source was translated, and
    /// what arrives before its destination is (EFW-1). What goes from one public address to another passes both (EFW-4).
    pub(super) fn edge_firewalls(&mut self) {
        let network = self.network;
        let internet = self.nodes.internet;
        for (list, direction) in
            [(ListName::Egress, Direction::Incoming), (ListName::Ingress, Direction::Outgoing)]
        {
            let firewalls = network.edge_firewalls.keys();
            let filters: Vec<_> =
                firewalls.filter_map(|id| self.filters.edge_firewall(id, list)).collect();
            if filters.is_empty() {
                continue;
            }
            let edges = self.graph.edges_directed(internet, direction);
            let edges: Vec<_> = edges.map(|edge| edge.id()).collect();
            for edge in edges {
                let hop = &mut self.graph[edge];
                match list {
                    ListName::Egress => hop.behind.extend(&filters),
                    ListName::Ingress => {
                        hop.filters.splice(0..0, filters.iter().copied());
                    }
                }
            }
        }
    }
}
