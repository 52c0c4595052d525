//! CCNs 云联网 as stages: entrances by member, route tables, exits by member (CCN-6, CCN-9).
//!
//! Which routes exist and which of them count is the model's ([`crate::model::propagation`]).

use std::sync::Arc;

use ipnet::IpNet;
use petgraph::graph::NodeIndex;
use rustc_hash::{FxHashMap, FxHashSet};

use super::hosts::position;
use super::stage::{Hop, Rule, StageKind, Way};
use super::vpc::blackhole;
use super::wan::local_cidrs;
use super::{Builder, go, lost, placed, rule, stop, to};
use crate::code::Code;
use crate::id::Id;
use crate::model::{
    Ccn, CcnCopy, CcnEntry, CcnMember, CcnRoute, CcnTable, Network, NextHop, Origin, Place,
};
use crate::query::{Cause, Facts, Waypoint};
use crate::space::{AddressSet, Match};

/// What one CCN of a VPC has to say in one of its route tables (CCN-7, RT-17).
pub(super) struct Propagated {
    /// The CCN.
    pub(super) ccn: Id,
    /// The copies, on or off.
    pub(super) routes: Vec<CcnCopy>,
    /// Routes that are off in the CCN's own table and therefore have no copy: they only explain
    /// what is missing (D20-24).
    pub(super) off: Vec<IpNet>,
    /// Routes that are missing since no line is left behind them, each with its gateway (D20-34).
    pub(super) gone: Vec<(IpNet, Id)>,
}

/// What the CCNs of a VPC put into a route table (`None` = the implied default table).
pub(super) fn propagated(network: &Network, vpc: &Id, table: Option<&Id>) -> Vec<Propagated> {
    let member = CcnMember::Vpc(vpc.clone());
    let table = table.and_then(|id| network.route_tables.get(id));
    let ccns = network.ccns_of(&member);
    let propagated = ccns.map(|ccn| {
        let routes = network.propagated_by(ccn, vpc, table);
        let copied: FxHashSet<IpNet> = routes.iter().map(|copy| copy.route.to).collect();
        let bound = network.ccn_table_of(&network.ccns[ccn], &member);
        let mut missing = network.ccn_entries(ccn, bound);
        missing.retain(|entry| entry.route.next != member && !copied.contains(&entry.route.to));
        let off = missing.iter().filter(|entry| !entry.route.enabled);
        Propagated {
            ccn: ccn.clone(),
            off: off.map(|entry| entry.route.to).collect(),
            gone: gone(&missing).collect(),
            routes,
        }
    });
    propagated.collect()
}

/// Routes that would be on, did their lines not count as absent.
fn gone(entries: &[CcnEntry]) -> impl Iterator<Item = (IpNet, Id)> {
    let gone = entries.iter().filter(|it| it.route.enabled && !it.present);
    gone.map(|entry| (entry.route.to, entry.route.next.id().clone()))
}

/// Where the packets of a CCN's routes leave it.
struct Exits {
    /// To each member.
    members: FxHashMap<CcnMember, NodeIndex>,
    /// By each custom route that a VPC publishes (D20-37, D20-38).
    published: FxHashMap<(Id, IpNet), NodeIndex>,
}

impl Builder<'_> {
    /// The way from a member into its CCN; `None` = not a member.
    pub(super) fn ccn_in(&mut self, ccn: &Id, member: &Id) -> Option<NodeIndex> {
        self.nodes.ccn_in.get(&(ccn.clone(), member.clone())).copied()
    }

    /// All stages of all CCNs: entrances by member, tables, exits by member. A forwarder behind an exit may lead into
    /// any CCN: the entrances are there first.
    pub(super) fn ccn_stages(&mut self) {
        for id in self.network.ccns.keys() {
            for member in self.network.ccn_members(id.as_str()) {
                let node = self.stage(StageKind::Ccn, Some(id), &["CCN-6"]);
                let entrance = (id.clone(), member.id().clone());
                self.nodes.ccn_in.insert(entrance, node);
            }
        }
        for (id, ccn) in &self.network.ccns {
            let members = self.network.ccn_members(id.as_str());
            let exits = self.ccn_exits(id, &members);
            let default = self.ccn_table(id, CcnTable::Default, &exits);
            let custom = ccn.route_tables.keys();
            let custom: FxHashMap<&Id, NodeIndex> = custom
                .map(|table| (table, self.ccn_table(id, CcnTable::Custom(table), &exits)))
                .collect();
            let tables = (default, custom);
            for member in &members {
                if let Some(node) = self.ccn_in(id, member.id()) {
                    self.ccn_entrance(node, id, ccn, member, &tables);
                }
            }
        }
    }

    fn ccn_entrance(
        &mut self,
        node: NodeIndex,
        id: &Id,
        ccn: &Ccn,
        member: &CcnMember,
        (default, custom): &(NodeIndex, FxHashMap<&Id, NodeIndex>),
    ) {
        let down = self.network.down.contains(member.id());
        let cause = || Cause::at(Code::AttachmentDown, id);
        if down && matches!(member, CcnMember::Vpc(_)) {
            return self.decide(node, Vec::new(), stop(cause()));
        }
        // A site's packet is lost here only if its gateway would carry it at all (D20-12).
        let hop = || Hop { down: down.then(|| Arc::new(cause())), ..Hop::default() };
        let mut rules: Vec<Rule> = Vec::new();
        for (index, policy) in ccn.selection.iter().enumerate() {
            let table = custom.get(&policy.route_table);
            let Some(table) = table.filter(|_| policy.attachment == *member) else {
                continue;
            };
            let way = self.hop(node, *table, hop());
            let when =
                Match { source: Some(Arc::new(AddressSet::from(policy.source))), ..Match::all() };
            rules.push(placed(when, go(vec![way]), Place::item(id, "selection", index)));
        }
        let bound = match self.network.ccn_table_of(ccn, member) {
            CcnTable::Default => *default,
            CcnTable::Custom(table) => custom.get(table).copied().unwrap_or(*default),
        };
        let way = self.hop(node, bound, hop());
        self.decide(node, rules, go(vec![way]));
    }

    /// A route table of a CCN: longest prefix among enabled routes (CCN-6).
    fn ccn_table(&mut self, id: &Id, table: CcnTable<'_>, exits: &Exits) -> NodeIndex {
        let entries = self.network.ccn_entries(id, table);
        let at = match table {
            CcnTable::Default => id,
            CcnTable::Custom(table) => table,
        };
        let node = self.stage(StageKind::Ccn, Some(at), &["CCN-4", "CCN-6", "CCN-8"]);
        let place = |route: &CcnRoute| {
            let stated = self.network.ccns[id].routes.iter();
            let mut stated = stated.enumerate();
            let stated = stated.find(|(_, s)| s.to == route.to && s.next == route.next);
            stated.map_or_else(|| Place::of(at), |(index, _)| Place::item(id, "routes", index))
        };
        let gone: Vec<_> = gone(&entries).collect();
        let there = |entry: &CcnEntry| entry.present || !entry.route.enabled;
        let entries = entries.into_iter().filter(there);
        let (mut on, mut off): (Vec<_>, Vec<_>) = entries
            .map(|entry| (place(&entry.route), entry))
            .partition(|(_, entry)| entry.route.enabled);
        let longest = |(_, entry): &(Place, CcnEntry)| {
            let to = entry.route.to;
            (std::cmp::Reverse(to.prefix_len()), to)
        };
        on.sort_by_key(longest);
        off.sort_by_key(longest);
        let mut rules = Vec::new();
        for same in on.chunk_by(|a, b| a.1.route.to == b.1.route.to) {
            let taken = self.of_equal_ones(id, same);
            let ways = taken.filter_map(|entry| self.ccn_way(node, id, entry, exits));
            let ways = ways.collect();
            rules.push(placed(to(same[0].1.route.to), go(ways), same[0].0.clone()));
        }
        for (place, entry) in off {
            let cause = Cause::at(Code::CcnRouteDisabled, id).placed(place);
            rules.push(rule(to(entry.route.to), stop(cause)));
        }
        for (lost, gateway) in gone {
            rules.push(rule(to(lost), stop(no_line(Cause::at(Code::CcnNoRoute, at), gateway))));
        }
        self.decide(node, rules, stop(Cause::at(Code::CcnNoRoute, at)));
        node
    }

    /// Which of equal routes carry: all of them (D20-29), but of gateways' ones where the CCN lets routes overlap the
    /// first whose line is there (D20-34).
    fn of_equal_ones<'e>(
        &self,
        id: &Id,
        same: &'e [(Place, CcnEntry)],
    ) -> impl Iterator<Item = &'e CcnEntry> + use<'e> {
        let network = self.network;
        let is_behind = |entry: &CcnEntry| !matches!(entry.route.next, CcnMember::Vpc(_));
        let behind = || same.iter().filter(|(_, entry)| is_behind(entry));
        let there =
            |(_, entry): &&(Place, CcnEntry)| !network.is_gateway_absent(entry.route.next.id());
        let first = behind().find(there).or_else(|| behind().next());
        let first = first.filter(|_| network.ccns[id].route_overlap);
        let taken = same.iter().filter(move |one| match first {
            Some(first) => !is_behind(&one.1) || std::ptr::eq(*one, first),
            None => true,
        });
        taken.map(|(_, entry)| entry)
    }

    /// The way of one route out of a CCN's table.
    fn ccn_way(
        &mut self,
        node: NodeIndex,
        id: &Id,
        entry: &CcnEntry,
        exits: &Exits,
    ) -> Option<Way> {
        let next = &entry.route.next;
        if self.network.down.contains(next.id()) {
            return Some(lost(Cause::at(Code::AttachmentDown, id)));
        }
        let exit = match entry.origin {
            Origin::Custom | Origin::Default => {
                let by = (next.id().clone(), entry.route.to);
                *exits.published.get(&by)?
            }
            Origin::Range | Origin::Prefix | Origin::Hand => *exits.members.get(next)?,
        };
        let hop = Hop { waypoint: Some(Waypoint::Id(id.clone())), carried: true, ..Hop::default() };
        Some(self.hop(node, exit, hop))
    }

    /// The ways out of a CCN, decisions included.
    fn ccn_exits(&mut self, id: &Id, members: &[CcnMember]) -> Exits {
        let mut exits = Exits { members: FxHashMap::default(), published: FxHashMap::default() };
        for member in members {
            if let Some(exit) = self.ccn_exit(id, member) {
                exits.members.insert(member.clone(), exit);
            }
            let CcnMember::Vpc(vpc) = member else {
                continue;
            };
            for publication in self.network.publications(member) {
                if matches!(publication.origin, Origin::Custom | Origin::Default) {
                    let exit = self.published_exit(id, vpc, publication.to);
                    exits.published.extend(exit.map(|exit| ((vpc.clone(), publication.to), exit)));
                }
            }
        }
        exits
    }

    /// Into a VPC by a custom route that it publishes: to its own addresses, else by that route's next hop (CCN-9,
    /// D20-37, D20-38).
    fn published_exit(&mut self, id: &Id, vpc_id: &Id, destination: IpNet) -> Option<NodeIndex> {
        let network = self.network;
        let index = position(&network.vpcs, vpc_id)?;
        let node = self.stage(StageKind::Route, Some(vpc_id), &["CCN-9", "D20-37", "D20-38"]);
        let local = self.hop(node, self.nodes.locals[index as usize], Hop::default());
        let rules = vec![rule(to(local_cidrs(&network.vpcs[vpc_id])), go(vec![local]))];
        let taken = network.taken_by(vpc_id, destination);
        let place = taken.first().map(|(place, _)| place.clone());
        let ways: Vec<Way> = taken
            .into_iter()
            .map(|(place, route)| {
                let way = match &route.via {
                    NextHop::NatGateway(gateway) => {
                        let nat = self.nat_out_by_ccn(id, vpc_id, gateway);
                        let hop = Hop { place: Some(place.clone()), ..Hop::default() };
                        nat.map(|nat| self.hop(node, nat, hop))
                    }
                    via => via.id().and_then(|hop| {
                        self.forward(node, None, vpc_id, (via, route.to, &place), hop)
                    }),
                };
                way.unwrap_or_else(|| blackhole(route.via.id(), &place))
            })
            .collect();
        let mut rules = rules;
        if let Some(place) = place {
            rules.push(placed(Match::all(), go(ways), place));
        }
        self.decide(node, rules, stop(Cause::at(Code::NoRoute, vpc_id)));
        Some(node)
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

/// The same, since no line of this gateway is left (D20-34): that is told beside it.
pub(super) fn no_line(cause: Cause, gateway: Id) -> Cause {
    cause.with(Facts { other: Some(gateway), ..Facts::default() })
}
