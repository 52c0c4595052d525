//! The routes that a CCN computes: what its members publish, which of them are on, and what arrives
//! in a VPC's tables (CCN-3..8, CCN-14, RT-17, D20-4, D20-5, D20-24, D20-32..34, D20-37, D20-38).
//!
//! A state is a function of the network alone: members join in their order, each publishes in the
//! order of the file, then the written states are set. What a gateway publishes by lines that are
//! all absent (D20-34) has its state, too, and is then left out: nothing that was off comes on by it.
//! Members that are down otherwise publish all the same; a packet towards them meets `attachment-down`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use rustc_hash::{FxHashMap, FxHashSet};

use super::publication::{Origin, Publication};
use super::{Ccn, CcnMember, CcnRoute, CcnRouteTable, Network, NextHop, Route, RouteTable};
use crate::id::Id;
use crate::space::Action;

/// Which table of a CCN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CcnTable<'n> {
    /// The default table: accepts everything (CCN-8).
    Default,
    /// A custom table by its id.
    Custom(&'n Id),
}

/// A route of a CCN's table, and how it came there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CcnEntry {
    /// The route with its state.
    pub route: CcnRoute,
    /// What it was to its member.
    pub origin: Origin,
    /// Whether a line behind it is there (D20-34).
    pub present: bool,
}

/// A copy of a CCN's route in a route table of a VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CcnCopy {
    /// The route, via the CCN, with its state in the table.
    pub route: Route,
    /// Other VPCs' own range inside a CIDR of the VPC: where it is on, it wins over Local (D20-32).
    pub inner: bool,
}

impl Network {
    /// The routes of a CCN table with their states, those aside that no line is left for (D20-34).
    #[must_use]
    pub fn ccn_routes(&self, ccn: &Id, table: CcnTable<'_>) -> Vec<CcnRoute> {
        let entries = self.ccn_entries(ccn, table).into_iter();
        let present = entries.filter(|entry| entry.present);
        present.map(|entry| entry.route).collect()
    }

    /// The routes of a CCN table with their states. A route that arrives is off when an enabled
    /// one equals, contains or is contained in it, except equal ones that all lead to Direct Connect
    /// gateways (CCN-4), those of gateways where the CCN lets them overlap (D20-34), and a published
    /// 0.0.0.0/0 (D20-38); then `ccns.routes` has the last word (D20-24).
    #[must_use]
    pub fn ccn_entries(&self, ccn: &Id, table: CcnTable<'_>) -> Vec<CcnEntry> {
        let Some(entity) = self.ccns.get(ccn) else {
            return Vec::new();
        };
        let policies = match table {
            CcnTable::Default => None,
            CcnTable::Custom(id) => match entity.route_tables.get(id) {
                Some(table) => Some(table),
                None => return Vec::new(),
            },
        };
        let mut arrivals = Arrivals { overlap: entity.route_overlap, ..Arrivals::default() };
        for member in self.ccn_members(ccn.as_str()) {
            for publication in self.publications(&member) {
                if policies.is_none_or(|policies| accepts(policies, &member, &publication.to)) {
                    arrivals.arrive(publication, &member);
                }
            }
        }
        let mut entries = arrivals.entries;
        set_states(entity, table, &mut entries);
        entries
    }

    /// The CCN table that decides for a member when no selection policy does: the custom table it
    /// is bound to, else the default one (CCN-6).
    #[must_use]
    pub fn ccn_table_of<'n>(&self, ccn: &'n Ccn, member: &CcnMember) -> CcnTable<'n> {
        let mut tables = ccn.route_tables.iter();
        let bound = tables.find(|(_, table)| table.attachments.contains(member));
        bound.map_or(CcnTable::Default, |(id, _)| CcnTable::Custom(id))
    }

    /// The routes that the VPC's CCNs put into one of its route tables (`None` = the implied
    /// default table), with their states there (CCN-7, RT-17, D20-4, D20-33): off when an enabled
    /// custom route equals, contains or lies in it, 0.0.0.0/0 aside, unless the table itself says
    /// otherwise with a route via the CCN.
    #[must_use]
    pub fn propagated(&self, vpc: &Id, table: Option<&RouteTable>) -> Vec<CcnCopy> {
        let member = CcnMember::Vpc(vpc.clone());
        let ccns = self.ccns_of(&member);
        ccns.flat_map(|ccn| self.propagated_by(ccn, vpc, table)).collect()
    }

    /// What one CCN puts into a route table of a VPC, each destination once.
    #[must_use]
    pub fn propagated_by(&self, ccn: &Id, vpc: &Id, table: Option<&RouteTable>) -> Vec<CcnCopy> {
        let member = CcnMember::Vpc(vpc.clone());
        let Some((ccn, entity)) = self.ccns.get_key_value(ccn) else {
            return Vec::new();
        };
        let entries = self.arriving(ccn, entity, &member);
        let via = NextHop::Ccn(ccn.clone());
        let written = table.map_or(&[][..], |table| &table.routes);
        let is_own: FxHashSet<IpNet> = entries.iter().map(|entry| entry.route.to).collect();
        // What states a copy of another CCN is no custom route either (D20-33).
        let states_another = self.stated_by_others(ccn, &member, written);
        let (states, custom): (Vec<_>, Vec<_>) = written
            .iter()
            .filter(|route| !states_another.contains(&(route.to, &route.via)))
            .partition(|route| route.via == via && is_own.contains(&route.to));
        let states: FxHashMap<IpNet, &Route> = states.iter().map(|it| (it.to, *it)).collect();
        let (defaults, custom): (Vec<&Route>, Vec<&Route>) =
            custom.into_iter().filter(|it| it.enabled).partition(|it| it.to.prefix_len() == 0);
        let custom = Ranges::of(custom.into_iter().map(|it| it.to));
        let rivals = Rivals { defaults, custom };
        let own = self.own_ranges(vpc);
        entries
            .into_iter()
            .map(|entry| {
                let to = entry.route.to;
                let state = states.get(&to);
                let inner = entry.is_of_a_vpc() && own.cidrs.iter().any(|own| own.contains(&to));
                let on = state.map_or_else(|| !rivals.disable(&entry), |state| state.enabled);
                let route = Route {
                    to,
                    via: via.clone(),
                    enabled: on && !(inner && own.subnets.overlaps(&to)),
                    priority: state.map_or(0, |state| state.priority),
                    publish: false,
                };
                CcnCopy { route, inner }
            })
            .collect()
    }

    /// What one CCN tells a member, each destination once (CCN-7).
    fn arriving(&self, ccn: &Id, entity: &Ccn, member: &CcnMember) -> Vec<CcnEntry> {
        let mut seen = FxHashSet::default();
        let mut entries = self.ccn_entries(ccn, self.ccn_table_of(entity, member));
        entries.retain(|CcnEntry { route, present, .. }| {
            *present && route.enabled && route.next != *member && seen.insert(route.to)
        });
        entries
    }

    /// The written routes that state copies of the member's other CCNs.
    fn stated_by_others<'r>(
        &self,
        ccn: &Id,
        member: &CcnMember,
        written: &'r [Route],
    ) -> FxHashSet<(IpNet, &'r NextHop)> {
        let mut stated = FxHashSet::default();
        for other in self.ccns_of(member).filter(|other| *other != ccn) {
            let via = NextHop::Ccn(other.clone());
            let mut routes = written.iter().filter(|route| route.via == via).peekable();
            if routes.peek().is_none() {
                continue;
            }
            let entries = self.arriving(other, &self.ccns[other], member);
            let told: FxHashSet<IpNet> = entries.iter().map(|entry| entry.route.to).collect();
            let known = routes.filter(|route| told.contains(&route.to));
            stated.extend(known.map(|route| (route.to, &route.via)));
        }
        stated
    }

    /// The CIDRs and the subnets of a VPC.
    fn own_ranges(&self, vpc: &Id) -> Own {
        let cidrs = self.vpcs.get(vpc).into_iter().flat_map(super::vpc::Vpc::cidrs);
        Own { cidrs: cidrs.collect(), subnets: Ranges::of(self.subnet_cidrs(vpc)) }
    }
}

impl CcnEntry {
    /// Whether it is a VPC's own range: a subnet, or a CIDR where the VPC publishes those.
    fn is_of_a_vpc(&self) -> bool {
        self.origin == Origin::Range
    }
}

/// What lies in a VPC itself.
struct Own {
    cidrs: Vec<IpNet>,
    subnets: Ranges,
}

/// The enabled custom routes of a table.
struct Rivals<'r> {
    defaults: Vec<&'r Route>,
    custom: Ranges,
}

impl Rivals<'_> {
    /// RT-17, D20-4; a published 0.0.0.0/0 yields to an own one only (D20-38).
    fn disable(&self, entry: &CcnEntry) -> bool {
        let to = &entry.route.to;
        match entry.origin {
            Origin::Default => self.defaults.iter().any(|own| own.to == *to),
            Origin::Range | Origin::Custom | Origin::Prefix | Origin::Hand => {
                self.custom.overlaps(to)
            }
        }
    }
}

/// CCN-8: the first policy that matches decides; none = dropped.
fn accepts(table: &CcnRouteTable, member: &CcnMember, to: &IpNet) -> bool {
    let mut policies = table.accept.iter();
    let decides = policies.find(|policy| {
        policy.from.as_ref().is_none_or(|from| from == member)
            && policy.cidr.as_ref().is_none_or(|cidr| cidr.contains(to))
    });
    decides.is_some_and(|policy| policy.action == Action::Accept)
}

/// D20-24: each written route sets the state of the one it names, or enters the default table.
fn set_states(ccn: &Ccn, table: CcnTable<'_>, entries: &mut Vec<CcnEntry>) {
    for written in &ccn.routes {
        let named = entries
            .iter_mut()
            .find(|entry| entry.route.to == written.to && entry.route.next == written.next);
        match named {
            Some(entry) => entry.route.enabled = written.enabled,
            None if table == CcnTable::Default => entries.push(CcnEntry {
                route: written.clone(),
                origin: Origin::Hand,
                present: true,
            }),
            None => {}
        }
    }
}

/// Routes as they arrive in a table.
#[derive(Default)]
struct Arrivals {
    entries: Vec<CcnEntry>,
    /// Whether those of gateways may overlap each other (D20-34).
    overlap: bool,
    /// Enabled ranges that a later route may not overlap.
    enabled: Spans,
    /// Those of gateways, where they may overlap each other.
    gateways: Spans,
}

impl Arrivals {
    fn arrive(&mut self, publication: Publication, next: &CcnMember) {
        let Publication { to, origin, present } = publication;
        let is_dc = matches!(next, CcnMember::DirectConnectGateway(_));
        let is_free = self.overlap && origin == Origin::Prefix;
        let clash = match (self.enabled.meeting(&to), is_free) {
            (Some(span), _) => Some(span),
            (None, true) => None,
            (None, false) => self.gateways.meeting(&to),
        };
        let enabled = origin == Origin::Default
            || clash.is_none_or(|span| is_dc && span.is_dc && span.is(&to));
        if enabled && origin != Origin::Default {
            let spans = if is_free { &mut self.gateways } else { &mut self.enabled };
            spans.add(&to, is_dc);
        }
        let next = next.clone();
        let route = CcnRoute { to, next, enabled };
        self.entries.push(CcnEntry { route, origin, present });
    }
}

/// Disjoint ranges by their first address. CIDRs nest or are disjoint: the outermost stand for those in them.
#[derive(Default)]
struct Spans(BTreeMap<IpAddr, Span>);

#[derive(Clone, Copy)]
struct Span {
    first: IpAddr,
    last: IpAddr,
    /// Of Direct Connect gateways only.
    is_dc: bool,
}

impl Span {
    fn is(&self, cidr: &IpNet) -> bool {
        (self.first, self.last) == (cidr.network(), cidr.broadcast())
    }
}

impl Spans {
    /// One that overlaps the CIDR.
    fn meeting(&self, cidr: &IpNet) -> Option<Span> {
        let (first, last) = (cidr.network(), cidr.broadcast());
        let below = self.0.range(..=first).next_back();
        let below = below.filter(|(_, span)| span.last >= first);
        let inside = || self.0.range(first..=last).next();
        below.or_else(inside).map(|(_, span)| *span)
    }

    fn add(&mut self, cidr: &IpNet, is_dc: bool) {
        let (first, last) = (cidr.network(), cidr.broadcast());
        if self.meeting(cidr).is_some_and(|span| span.first <= first && span.last >= last) {
            return;
        }
        let inside: Vec<IpAddr> = self.0.range(first..=last).map(|(at, _)| *at).collect();
        for at in inside {
            self.0.remove(&at);
        }
        self.0.insert(first, Span { first, last, is_dc });
    }
}

/// Destinations sorted by their first address. CIDRs nest or are disjoint, so the longest reach
/// of those that begin before an address tells whether one covers it.
struct Ranges {
    /// First address, and the furthest last address so far.
    ranges: Vec<(IpAddr, IpAddr)>,
}

impl Ranges {
    fn of(cidrs: impl IntoIterator<Item = IpNet>) -> Self {
        let mut ranges: Vec<_> =
            cidrs.into_iter().map(|it| (it.network(), it.broadcast())).collect();
        ranges.sort_unstable();
        for at in 1..ranges.len() {
            let reach = ranges[at - 1].1;
            // a reach never crosses from IPv4 into IPv6
            if reach.is_ipv4() == ranges[at].1.is_ipv4() {
                ranges[at].1 = ranges[at].1.max(reach);
            }
        }
        Self { ranges }
    }

    fn overlaps(&self, cidr: &IpNet) -> bool {
        let before = self.ranges.partition_point(|(first, _)| *first <= cidr.broadcast());
        let last = before.checked_sub(1).and_then(|at| self.ranges.get(at));
        last.is_some_and(|(_, reach)| {
            reach.is_ipv4() == cidr.network().is_ipv4() && *reach >= cidr.network()
        })
    }
}

#[cfg(test)]
mod tests;
