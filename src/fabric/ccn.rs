//! CCNs 云联网: which routes exist, which of them count, and the stages that look them up (CCN-1..11, RT-17).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use ipnet::IpNet;
use petgraph::graph::NodeIndex;

use super::hosts::position;
use super::stage::{Hop, Rule, StageKind};
use super::wan::local_cidrs;
use super::{Builder, go, lost, placed, rule, stop, to};
use crate::code::Code;
use crate::id::Id;
use crate::model::{Ccn, CcnMember, CcnPublication, CcnRoutePolicy, Network, NextHop, Place};
use crate::query::{Cause, Waypoint};
use crate::space::{Action, AddressSet, Match};

/// The computed routes of every CCN.
pub(super) struct Ccns(HashMap<Id, Computed>);

/// One CCN's members and tables.
struct Computed {
    members: Vec<CcnMember>,
    /// Table id (`None` = the default table) and its routes in the order they arrived.
    tables: Vec<(Option<Id>, Vec<ComputedRoute>)>,
}

/// A route of a CCN table.
#[derive(Clone)]
struct ComputedRoute {
    to: IpNet,
    next: CcnMember,
    enabled: bool,
    /// Added by hand: it may lead beyond the member's own CIDRs (CCN-3, CCN-9).
    published: bool,
}

/// A CCN's route in a route table of a member VPC (CCN-7).
pub(super) struct Propagated {
    pub(super) to: IpNet,
    pub(super) ccn: Id,
    pub(super) enabled: bool,
    pub(super) place: Place,
}

impl Ccns {
    /// Computes all tables.
    pub(super) fn compute(network: &Network) -> Self {
        let ccns = network.ccns.iter();
        Self(
            ccns.map(|(id, ccn)| (id.clone(), computed(network, id, ccn)))
                .collect(),
        )
    }

    /// What the CCNs of a VPC put into one of its route tables (`None` = the implied default table).
    pub(super) fn propagated(
        &self,
        network: &Network,
        vpc: &Id,
        table: Option<&Id>,
    ) -> Vec<Propagated> {
        let written = table.and_then(|id| Some((id, network.route_tables.get(id)?)));
        let mut copies = Vec::new();
        for ccn in network.ccns.keys() {
            let computed = &self.0[ccn];
            let member = CcnMember::Vpc(vpc.clone());
            if !computed.members.contains(&member) {
                continue;
            }
            let bound = computed.bound(&network.ccns[ccn], &member);
            let mut seen = BTreeSet::new();
            let mut off = Vec::new();
            for route in &computed.tables[bound].1 {
                if route.next == member {
                    continue;
                }
                if !route.enabled {
                    off.push(route.to);
                    continue;
                }
                if !seen.insert(route.to) {
                    continue;
                }
                let via = NextHop::Ccn(ccn.clone());
                let routes = written.iter().flat_map(|(id, table)| {
                    let routes = table.routes.iter().enumerate();
                    routes.map(|(index, route)| (Place::item(id, "routes", index), route))
                });
                let stated = routes
                    .clone()
                    .find(|(_, written)| written.via == via && written.to == route.to);
                // A USER route that overlaps makes it arrive disabled, the default route does not (D20-4).
                let mut user = routes.filter(|(_, user)| {
                    user.enabled && user.to.prefix_len() > 0 && user.via != via
                        || user.enabled
                            && user.via == via
                            && user.to != route.to
                            && user.to.prefix_len() > 0
                });
                let arrives = !user.any(|(_, user)| overlap(user.to, route.to));
                let enabled = stated.as_ref().map_or(arrives, |(_, route)| route.enabled);
                copies.push(Propagated {
                    to: route.to,
                    ccn: ccn.clone(),
                    enabled,
                    place: stated.map_or_else(|| Place::of(ccn), |(place, _)| place),
                });
            }
            // A route that is off in the CCN's own table is not propagated; it explains why (D20-24).
            off.retain(|to| !seen.contains(to));
            copies.extend(off.into_iter().map(|to| Propagated {
                to,
                ccn: ccn.clone(),
                enabled: false,
                place: Place::of(ccn),
            }));
        }
        copies
    }
}

impl Computed {
    /// The table bound to a member: a custom one that names it, else the default table (CCN-6).
    fn bound(&self, ccn: &Ccn, member: &CcnMember) -> usize {
        let tables = ccn.route_tables.values();
        let custom = tables
            .enumerate()
            .find(|(_, table)| table.attachments.contains(member));
        custom.map_or(0, |(index, _)| index + 1)
    }
}

/// Two CIDRs overlap iff one contains the other.
fn overlap(a: IpNet, b: IpNet) -> bool {
    a.contains(&b) || b.contains(&a)
}

fn computed(network: &Network, id: &Id, ccn: &Ccn) -> Computed {
    let members = network.ccn_members(id.as_str());
    let published: Vec<(CcnMember, IpNet)> = members
        .iter()
        .flat_map(|member| {
            let prefixes = published(network, member);
            prefixes.into_iter().map(|prefix| (member.clone(), prefix))
        })
        .collect();
    let mut tables = vec![(None, arrive(&published))];
    for (table, custom) in &ccn.route_tables {
        let accepted = published
            .iter()
            .filter(|(member, prefix)| accepts(&custom.accept, member, *prefix));
        let accepted: Vec<_> = accepted.cloned().collect();
        tables.push((Some(table.clone()), arrive(&accepted)));
    }
    for stated in &ccn.routes {
        let mut known = false;
        for (_, routes) in &mut tables {
            let same = routes
                .iter_mut()
                .find(|route| route.to == stated.to && route.next == stated.next);
            if let Some(route) = same {
                route.enabled = stated.enabled;
                known = true;
            }
        }
        if !known {
            // What is added by hand enters the default table only (D20-24).
            tables[0].1.push(ComputedRoute {
                to: stated.to,
                next: stated.next.clone(),
                enabled: stated.enabled,
                published: true,
            });
        }
    }
    Computed { members, tables }
}

/// What a member publishes (CCN-3, D20-5).
fn published(network: &Network, member: &CcnMember) -> Vec<IpNet> {
    let mut prefixes = match member {
        CcnMember::Vpc(id) => {
            network
                .vpcs
                .get(id)
                .map_or_else(Vec::new, |vpc| match vpc.publish_to_ccn {
                    CcnPublication::Cidrs => vpc.cidrs().collect(),
                    CcnPublication::Subnets => {
                        let subnets = network.subnets.values().filter(|subnet| subnet.vpc == *id);
                        let cidrs = subnets.flat_map(|subnet| {
                            std::iter::once(subnet.cidr).chain(subnet.ipv6_cidr)
                        });
                        cidrs.collect()
                    }
                })
        }
        CcnMember::VpnGateway(id) => {
            let gateway = network.vpn_gateways.get(id).into_iter();
            let prefixes = gateway.flat_map(|gateway| {
                let policies = gateway.connections.iter().flat_map(|c| &c.policies);
                let remote = policies.flat_map(|policy| policy.remote.iter().copied());
                let routes = gateway.routes.iter().filter(|route| route.enabled);
                remote.chain(routes.map(|route| route.to))
            });
            prefixes.collect()
        }
        CcnMember::DirectConnectGateway(id) => {
            let gateway = network.direct_connect_gateways.get(id).into_iter();
            let tunnels = gateway.flat_map(|gateway| &gateway.tunnels);
            tunnels
                .flat_map(|tunnel| tunnel.prefixes.iter().copied())
                .collect()
        }
    };
    let mut seen = BTreeSet::new();
    prefixes.retain(|prefix| seen.insert(*prefix));
    prefixes
}

/// Routes arrive one by one: one that overlaps an enabled one is disabled, except equal ones that all
/// lead to Direct Connect gateways (CCN-4, D20-5).
fn arrive(published: &[(CcnMember, IpNet)]) -> Vec<ComputedRoute> {
    let is_direct = |member: &CcnMember| matches!(member, CcnMember::DirectConnectGateway(_));
    let mut routes: Vec<ComputedRoute> = Vec::new();
    for (next, to) in published {
        let clashes = routes.iter().any(|route| {
            let balanced = route.to == *to && is_direct(&route.next) && is_direct(next);
            route.enabled && overlap(route.to, *to) && !balanced
        });
        routes.push(ComputedRoute {
            to: *to,
            next: next.clone(),
            enabled: !clashes,
            published: false,
        });
    }
    routes
}

/// Input policies in order, none matching = dropped (CCN-8).
fn accepts(policies: &[CcnRoutePolicy], member: &CcnMember, prefix: IpNet) -> bool {
    let mut matching = policies.iter().filter(|policy| {
        policy.from.as_ref().is_none_or(|from| from == member)
            && policy.cidr.is_none_or(|cidr| cidr.contains(&prefix))
    });
    matching
        .next()
        .is_some_and(|policy| policy.action == Action::Accept)
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
            let tables: Vec<NodeIndex> = (0..self.ccns.0[id].tables.len())
                .map(|index| self.ccn_table(id, index, &exits))
                .collect();
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
        tables: &[NodeIndex],
    ) {
        if self.network.down.contains(member.id()) {
            let down = stop(Cause::at(Code::AttachmentDown, id));
            return self.decide(node, Vec::new(), down);
        }
        let mut rules: Vec<Rule> = Vec::new();
        for (index, policy) in ccn.selection.iter().enumerate() {
            let table = ccn.route_tables.get_index_of(&policy.route_table);
            let Some(table) = table.filter(|_| policy.attachment == *member) else {
                continue;
            };
            let way = self.hop(node, tables[table + 1], Hop::default());
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
        let bound = self.ccns.0[id].bound(ccn, member);
        let way = self.hop(node, tables[bound], Hop::default());
        self.decide(node, rules, go(vec![way]));
    }

    /// A route table of a CCN: longest prefix among enabled routes (CCN-6).
    fn ccn_table(
        &mut self,
        id: &Id,
        index: usize,
        exits: &HashMap<CcnMember, NodeIndex>,
    ) -> NodeIndex {
        let (table, routes) = self.ccns.0[id].tables[index].clone();
        let at = table.as_ref().unwrap_or(id);
        let node = self.stage(StageKind::Ccn, Some(at), &["CCN-4", "CCN-6", "CCN-8"]);
        let place = |route: &ComputedRoute| {
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
        let longest = |(_, route): &(Place, ComputedRoute)| {
            (std::cmp::Reverse(route.to.prefix_len()), route.to)
        };
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
                let default = &self.ccns.0[id].tables[0].1;
                let published = default.iter().filter(|r| r.published && r.next == *member);
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
