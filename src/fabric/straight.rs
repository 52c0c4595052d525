//! Straight ways: where a stage leads one address pair, looked up instead of walked.
//!
//! Most packets of a region go router, Local, subnet, or router, peering, Local, subnet: nothing translates them, nothing
//! forks, no port decides. For these, the stages' own decisions are read once into a table per stage: the addresses in
//! order and the rules that may decide there. Whatever is more than that is `Unclear`, and has to be walked.

use std::net::IpAddr;
use std::sync::OnceLock;

use petgraph::graph::NodeIndex;

use super::{Fabric, FilterUse, Hop, ResidentIx, Rule, Stage, Then, Way};
use crate::code::CodeKind;

/// So many filters are on a straight way at most: the ACLs out and in, and those of a network in between.
const MOST_FILTERS: usize = 4;

/// More stages than any straight way has.
const LONGEST: usize = 32;

/// The filters between two ends, in order; those of the ends themselves are not among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Between {
    filters: [Option<FilterUse>; MOST_FILTERS],
}

impl Between {
    /// The filters, in order.
    pub fn iter(&self) -> impl Iterator<Item = FilterUse> + '_ {
        self.filters.iter().flatten().copied()
    }

    /// `None` = there is no room for more.
    fn with(mut self, hop: &Hop) -> Option<Self> {
        let mut free = self.filters.iter_mut().skip_while(|slot| slot.is_some());
        for filter in hop.filters.iter().chain(&hop.behind) {
            *free.next()? = Some(*filter);
        }
        Some(self)
    }
}

/// What is known without walking of all packets from one address to another, whatever they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Straight {
    /// They are lost, for a reason that the model knows.
    Lost,
    /// They come to a resident on the one way that there is, through these filters.
    Arrives(ResidentIx, Between),
    /// Only a walk can tell.
    Unclear,
}

/// The decisions of a stage by destination.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Where each stretch begins, from 0.
    starts: Vec<u32>,
    /// Where the rules of each stretch begin in `rules`; they end where those of the next begin.
    first: Vec<u32>,
    /// Rules that may decide, by their position in the stage, top first; the last one surely does, or nothing does.
    rules: Vec<u32>,
}

impl Line {
    fn of(stage: &Stage) -> Self {
        let mut events: Vec<(u64, u32)> = Vec::new();
        for (index, rule) in (0u32..).zip(&stage.rules) {
            match &rule.when.destination {
                None => events.extend([(0, index), (1 << 32, index)]),
                Some(set) => {
                    for (first, last) in set.v4.ranges() {
                        events.push((u64::from(first), index));
                        events.push((u64::from(last) + 1, index));
                    }
                }
            }
        }
        events.sort_unstable();
        let mut line = Self {
            starts: vec![0],
            first: vec![0],
            rules: Vec::new(),
        };
        let mut inside: Vec<u32> = Vec::new();
        let mut events = events.into_iter().peekable();
        while let Some((at, rule)) = events.next() {
            match inside.binary_search(&rule) {
                Ok(position) => drop(inside.remove(position)),
                Err(position) => inside.insert(position, rule),
            }
            let Ok(start) = u32::try_from(at) else { break };
            if events.peek().is_none_or(|(next, _)| *next != at) {
                line.add(start, &inside, &stage.rules);
            }
        }
        line
    }

    fn add(&mut self, start: u32, inside: &[u32], rules: &[Rule]) {
        if self.starts.last() != Some(&start) {
            self.starts.push(start);
            let next = u32::try_from(self.rules.len()).unwrap_or(u32::MAX);
            self.first.push(next);
        }
        for rule in inside {
            self.rules.push(*rule);
            let when = &rules[*rule as usize].when;
            if when.source.is_none() && when.traffic.is_all() {
                break;
            }
        }
    }

    /// The rules that may decide about a destination.
    fn at(&self, destination: u32) -> &[u32] {
        let after = self.starts.partition_point(|start| *start <= destination);
        let first = self.first[after - 1] as usize;
        let end = self.first.get(after);
        &self.rules[first..end.map_or(self.rules.len(), |end| *end as usize)]
    }
}

/// One table a stage, made when it is first asked for.
pub(super) fn lines(stages: usize) -> Vec<OnceLock<Line>> {
    (0..stages).map(|_| OnceLock::new()).collect()
}

impl Fabric {
    /// Where packets from one address to another get from a stage on.
    #[must_use]
    pub fn straight(&self, start: NodeIndex, source: IpAddr, destination: IpAddr) -> Straight {
        let (IpAddr::V4(_), IpAddr::V4(to)) = (source, destination) else {
            return Straight::Unclear;
        };
        let mut between = Between::default();
        let mut node = start;
        for _ in 0..LONGEST {
            let stage = &self.graph[node];
            let line = self.lines[node.index()].get_or_init(|| Line::of(stage));
            let mut then = &stage.otherwise;
            for rule in line.at(to.to_bits()) {
                let rule = &stage.rules[*rule as usize];
                let sent = rule.when.source.as_ref();
                if sent.is_some_and(|sources| !sources.contains(source)) {
                    continue;
                }
                if !rule.when.traffic.is_all() {
                    return Straight::Unclear;
                }
                then = &rule.then;
                break;
            }
            let arrived = match then {
                Then::Stop(cause) => return lost(cause.code.kind()),
                Then::Go(ways) => {
                    let [way] = &**ways else {
                        return Straight::Unclear;
                    };
                    let edge = match way {
                        Way::Lost(cause) => return lost(cause.code.kind()),
                        Way::Hop(edge) => *edge,
                    };
                    let hop = &self.graph[edge];
                    let next = self.graph.edge_endpoints(edge);
                    let (true, Some(all), Some((_, next))) =
                        (is_plain(hop), between.with(hop), next)
                    else {
                        return Straight::Unclear;
                    };
                    (between, node) = (all, next);
                    continue;
                }
                Then::Deliver(vpc) => self.hosts.in_vpc(*vpc, destination),
                Then::DeliverClassic(region) => self.hosts.in_classic(region, destination),
                Then::Hand(resident) => Some(*resident),
                Then::Public | Then::ArriveAtSite(_) | Then::Target(_) | Then::Accept => {
                    return Straight::Unclear;
                }
            };
            return arrived.map_or(Straight::Lost, |resident| {
                Straight::Arrives(resident, between)
            });
        }
        Straight::Unclear
    }
}

/// A hop on which nothing but filters happens.
fn is_plain(hop: &Hop) -> bool {
    hop.translation.is_none()
        && hop.forwarder.is_none()
        && hop.refused.is_none()
        && hop.tunnel.is_none()
        && hop.down.is_none()
}

/// What the model does not say is not lost.
fn lost(kind: CodeKind) -> Straight {
    match kind {
        CodeKind::Undetermined => Straight::Unclear,
        _ => Straight::Lost,
    }
}
