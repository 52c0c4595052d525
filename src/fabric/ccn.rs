//! CCNs 云联网 as stages: entrances by member, route tables, exits by member (CCN-6, CCN-9).
//!
//! Which routes exist and which of them count is the model's ([`crate::model::propagation`]).

use std::collections::HashMap;
use std::sync::Arc;

use ipnet::IpNet;
use petgraph::graph::NodeIndex;

use super::hosts::position;
use super::stage::{Hop, Rule, StageKind};
use super::wan::local_cidrs;
use super::{Builder, go, lost, placed, rule, stop, to};
use crate::code::Code;
use crate::id::Id;
use crate::model::{Ccn, CcnMember, CcnRoute, CcnTable, Network, Place, Route};
use crate::query::{Cause, Waypoint};
use crate::space::{AddressSet, Match};

/// What a VPC's CCN has to say in one of its route tables (CCN-7, RT-17).
pub(super) struct Propagated {
    /// The CCN.
    pub(super) ccn: Id,
    /// The copies, on or off.
    pub(super) routes: Vec<Route>,
    /// Routes that are off in the CCN's own table and therefore have no copy: they only explain
    /// what is missing (D20-24).
    pub(super) off: Vec<IpNet>,
}

/// What the CCN of a VPC puts into a route table (`None` = the implied default table).
pub(super) fn propagated(network: &Network, vpc: &Id, table: Option<&Id>) -> Option<Propagated> {
    let member = CcnMember::Vpc(vpc.clone());
    let ccn = network.ccn_of(&member)?;
    let table = table.and_then(|id| network.route_tables.get(id));
    let routes = network.propagated(vpc, table);
    let bound = network.ccn_table_of(&network.ccns[ccn], &member);
    let all = network.ccn_routes(ccn, bound).into_iter();
    let off = all.filter(|route| !route.enabled && route.next != member);
    let off = off.filter(|off| routes.iter().all(|route| route.to != off.to));
    Some(Propagated {
        ccn: ccn.clone(),
        off: off.map(|route| route.to).collect(),
        routes,
    })
}

impl Builder<'_> {
    /// The way from a member into its CCN; `None` = not a member.
    pub(super) fn ccn_in(&mut self, ccn: &Id, member: &Id) -> Option<NodeIndex> {
        self.nodes
            .ccn_in
            .get(&(ccn.clone(), member.clone()))
            .copied()
    }

    /// All stages of all CCNs: entrances by member, tables, exits by member.
    pub(super) fn ccn_stages(&mut self) {
        for (id, ccn) in &self.network.ccns {
            let members = self.network.ccn_members(id.as_str());
            let exits: HashMap<CcnMember, NodeIndex> = members
                .iter()
                .filter_map(|member| Some((member.clone(), self.ccn_exit(id, member)?)))
                .collect();
            let default = self.ccn_table(id, CcnTable::Default, &exits);
            let custom = ccn.route_tables.keys();
            let custom: HashMap<&Id, NodeIndex> = custom
                .map(|table| (table, self.ccn_table(id, CcnTable::Custom(table), &exits)))
                .collect();
            let tables = (default, custom);
            for member in &members {
                let node = self.stage(StageKind::Ccn, Some(id), &["CCN-6"]);
                self.nodes
                    .ccn_in
                    .insert((id.clone(), member.id().clone()), node);
                self.ccn_entrance(node, id, ccn, member, &tables);
            }
        }
    }

    fn ccn_entrance(
        &mut self,
        node: NodeIndex,
        id: &Id,
        ccn: &Ccn,
        member: &CcnMember,
        (default, custom): &(NodeIndex, HashMap<&Id, NodeIndex>),
    ) {
        let down = self.network.down.contains(member.id());
        let cause = || Cause::at(Code::AttachmentDown, id);
        if down && matches!(member, CcnMember::Vpc(_)) {
            return self.decide(node, Vec::new(), stop(cause()));
        }
        // A site's packet is lost here only if its gateway would carry it at all (D20-12).
        let hop = || Hop {
            down: down.then(|| Arc::new(cause())),
            ..Hop::default()
        };
        let mut rules: Vec<Rule> = Vec::new();
        for (index, policy) in ccn.selection.iter().enumerate() {
            let table = custom.get(&policy.route_table);
            let Some(table) = table.filter(|_| policy.attachment == *member) else {
                continue;
            };
            let way = self.hop(node, *table, hop());
            let when = Match {
                source: Some(Arc::new(AddressSet::from(policy.source))),
                ..Match::all()
            };
            rules.push(placed(
                when,
                go(vec![way]),
                Place::item(id, "selection", index),
            ));
        }
        let bound = match self.network.ccn_table_of(ccn, member) {
            CcnTable::Default => *default,
            CcnTable::Custom(table) => custom.get(table).copied().unwrap_or(*default),
        };
        let way = self.hop(node, bound, hop());
        self.decide(node, rules, go(vec![way]));
    }

    /// A route table of a CCN: longest prefix among enabled routes (CCN-6).
    fn ccn_table(
        &mut self,
        id: &Id,
        table: CcnTable<'_>,
        exits: &HashMap<CcnMember, NodeIndex>,
    ) -> NodeIndex {
        let routes = self.network.ccn_routes(id, table);
        let at = match table {
            CcnTable::Default => id,
            CcnTable::Custom(table) => table,
        };
        let node = self.stage(StageKind::Ccn, Some(at), &["CCN-4", "CCN-6", "CCN-8"]);
        let place = |route: &CcnRoute| {
            let stated = self.network.ccns[id].routes.iter();
            let mut stated = stated.enumerate();
            let stated = stated.find(|(_, s)| s.to == route.to && s.next == route.next);
            stated.map_or_else(
                || Place::of(at),
                |(index, _)| Place::item(id, "routes", index),
            )
        };
        let (mut on, mut off): (Vec<_>, Vec<_>) = routes
            .into_iter()
            .map(|route| (place(&route), route))
            .partition(|(_, route)| route.enabled);
        let longest =
            |(_, route): &(Place, CcnRoute)| (std::cmp::Reverse(route.to.prefix_len()), route.to);
        on.sort_by_key(longest);
        off.sort_by_key(longest);
        let mut rules = Vec::new();
        for same in on.chunk_by(|a, b| a.1.to == b.1.to) {
            let ways = same.iter().filter_map(|(_, route)| {
                if self.network.down.contains(route.next.id()) {
                    return Some(lost(Cause::at(Code::AttachmentDown, id)));
                }
                let exit = *exits.get(&route.next)?;
                let hop = Hop {
                    waypoint: Some(Waypoint::Id(id.clone())),
                    carried: true,
                    ..Hop::default()
                };
                Some(self.hop(node, exit, hop))
            });
            let ways = ways.collect();
            rules.push(placed(to(same[0].1.to), go(ways), same[0].0.clone()));
        }
        for (place, route) in off {
            let cause = Cause::at(Code::CcnRouteDisabled, id).placed(place);
            rules.push(rule(to(route.to), stop(cause)));
        }
        self.decide(node, rules, stop(Cause::at(Code::CcnNoRoute, at)));
        node
    }

    /// The way from a CCN to one of its members (CCN-9).
    fn ccn_exit(&mut self, id: &Id, member: &CcnMember) -> Option<NodeIndex> {
        let network = self.network;
        match member {
            CcnMember::Vpc(vpc_id) => {
                let index = position(&network.vpcs, vpc_id)?;
                let vpc = &network.vpcs[vpc_id];
                let node = self.stage(StageKind::Ccn, Some(id), &["CCN-9", "CCN-10"]);
                let way = self.hop(node, self.nodes.locals[index as usize], Hop::default());
                let mut rules = vec![rule(to(local_cidrs(vpc)), go(vec![way]))];
                // Added by hand: they may lead beyond the VPC's own CIDRs, once (CCN-3, CCN-9).
                let own = network.published(member);
                let written = network.ccns[id].routes.iter();
                let published = written.filter(|r| r.next == *member && !own.contains(&r.to));
                let published: Vec<IpNet> = published.map(|route| route.to).collect();
                if !published.is_empty() {
                    let cites = &["CCN-9"];
                    let router = self.stage(StageKind::Route, Some(vpc_id), cites);
                    self.transit(router, vpc_id);
                    let way = self.hop(node, router, Hop::default());
                    let to_them =
                        AddressSet::union_all(published.into_iter().map(AddressSet::from));
                    rules.push(rule(to(to_them), go(vec![way])));
                }
                let beyond = stop(Cause::at(Code::GatewayNoTransit, id));
                self.decide(node, rules, beyond);
                Some(node)
            }
            CcnMember::VpnGateway(gateway) => {
                let index = position(&network.vpn_gateways, gateway)?;
                Some(self.nodes.vpn_out[index as usize])
            }
            CcnMember::DirectConnectGateway(gateway) => {
                let index = position(&network.direct_connect_gateways, gateway)?;
                Some(self.nodes.direct_connect_out[index as usize])
            }
        }
    }
}
