//! What moves from one line to another between two networks: connectivity may stay, and still another line carries it
//! (VPN-12, D20-34, D20-35).
//!
//! Looked at is what gateways, CCNs and route tables choose for each destination that both networks have a choice for.

use std::collections::BTreeMap;

use ipnet::IpNet;

use crate::id::Id;
use crate::model::{CcnMember, CcnTable, Network, NextHop, Route};

/// A destination that another line, gateway or next hop carries than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Who chooses: a gateway, a CCN or a route table.
    pub at: Id,
    /// The destination.
    pub to: IpNet,
    /// What carried it.
    pub before: Vec<Id>,
    /// What carries it now.
    pub after: Vec<Id>,
}

/// Everything that moves, by who chooses and the destination.
#[must_use]
pub fn moves(old: &Network, new: &Network) -> Vec<Move> {
    let (before, mut after) = (choices(old), choices(new));
    let moved = before.into_iter().filter_map(|((at, to), before)| {
        let after = after.remove(&(at.clone(), to))?;
        (after != before).then_some(Move { at, to, before, after })
    });
    moved.collect()
}

type Choices = BTreeMap<(Id, IpNet), Vec<Id>>;

fn choices(network: &Network) -> Choices {
    let mut choices = Choices::new();
    for (id, gateway) in &network.vpn_gateways {
        let mut routes: Vec<_> = gateway.routes.iter().filter(|it| it.enabled).collect();
        routes.sort_by_key(|route| route.priority);
        for route in routes {
            let mut connections = gateway.connections.iter();
            let line = connections.find(|it| it.id == route.connection);
            if line.is_some_and(|line| !network.is_absent(id, line.into())) {
                let chosen = choices.entry((id.clone(), route.to));
                chosen.or_insert_with(|| vec![route.connection.clone()]);
            }
        }
    }
    for (id, gateway) in &network.direct_connect_gateways {
        for tunnel in &gateway.tunnels {
            if network.is_absent(id, tunnel.into()) {
                continue;
            }
            for prefix in &tunnel.prefixes {
                let chosen = choices.entry((id.clone(), *prefix)).or_default();
                chosen.push(tunnel.id.clone());
            }
        }
    }
    of_ccns(network, &mut choices);
    of_tables(network, &mut choices);
    choices
}

/// Of the gateways behind a CCN: all with equal routes, or the first where routes may overlap.
fn of_ccns(network: &Network, choices: &mut Choices) {
    for (id, ccn) in &network.ccns {
        for route in network.ccn_routes(id, CcnTable::Default) {
            if !route.enabled || matches!(route.next, CcnMember::Vpc(_)) {
                continue;
            }
            let chosen = choices.entry((id.clone(), route.to)).or_default();
            if chosen.is_empty() || !ccn.route_overlap {
                chosen.push(route.next.id().clone());
            }
        }
    }
}

/// Of routes with several priorities in a table the highest whose next hop is there.
fn of_tables(network: &Network, choices: &mut Choices) {
    for (id, table) in &network.route_tables {
        let mut routes: Vec<&Route> = table.routes.iter().filter(|it| it.enabled).collect();
        routes.sort_by_key(|route| (route.to, route.priority));
        for same in routes.chunk_by(|a, b| a.to == b.to) {
            let there = same.iter().find(|route| !network.is_hop_absent(&route.via));
            let Some(first) = there.or(same.first()) else {
                continue;
            };
            let several = same.iter().any(|route| route.priority != first.priority);
            let equal = same.iter().filter(|it| it.priority == first.priority);
            let hops = equal.filter_map(|route| hop(&route.via));
            if several {
                choices.insert((id.clone(), first.to), hops.collect());
            }
        }
    }
}

fn hop(via: &NextHop) -> Option<Id> {
    via.id().cloned()
}
