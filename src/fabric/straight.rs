//! Straight ways: where a stage leads one address pair, looked up instead of walked.
//!
//! Most packets of a region go router, Local, subnet, or router, peering, Local, subnet: nothing translates them, nothing
//! forks, no port decides. For these, the stages' own decisions are read once into a table per stage: the addresses in
//! order and the rules that may decide there. Whatever is more than that is `Unclear`, and has to be walked.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::{Fabric, FilterUse, Hop, ResidentIx, Rule, Stage, Then, Way};
use crate::code::CodeKind;
use crate::query::Cause;
use crate::space::{AddressSet, IntervalSet, sweep};

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

    /// Whether there was room for one more.
    fn add(&mut self, filter: FilterUse) -> bool {
        let free = self.filters.iter_mut().find(|slot| slot.is_none());
        free.map(|slot| *slot = Some(filter)).is_some()
    }

    fn add_all(&mut self, hop: &Hop) -> bool {
        let mut filters = hop.filters.iter().chain(&hop.behind);
        filters.all(|filter| self.add(*filter))
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
    /// What happens to the packets of each stretch.
    fates: Vec<Fate>,
    /// Conditions on sources, each with what happens if it holds: asked in order where a fate says so.
    asked: Vec<(Arc<AddressSet>, Fate)>,
}

/// What a stage does with packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Lost,
    /// On to the next stage, through a filter.
    On(NodeIndex, Option<FilterUse>),
    /// On along an edge with several filters.
    Along(EdgeIndex),
    /// To who owns the destination in a VPC.
    Deliver(u32),
    Hand(ResidentIx),
    /// The first of `asked`, from here, whose source it is; the last one holds for all.
    Ask(u32),
    Unclear,
}

impl Line {
    fn of(fabric: &Fabric, stage: &Stage) -> Self {
        let thens = stage.rules.iter().map(|rule| &rule.then);
        let fates = thens.chain([&stage.otherwise]).map(|then| fate(fabric, then));
        let fates: Vec<Fate> = fates.collect();
        let mut line = Self { starts: Vec::new(), fates: Vec::new(), asked: Vec::new() };
        let any = IntervalSet::full();
        let meant = stage.rules.iter().map(|rule| {
            let destination = rule.when.destination.as_ref();
            destination.map_or(&any, |destination| &destination.v4)
        });
        sweep((0..).zip(meant), |start, inside| {
            line.add(start, inside, &stage.rules, &fates);
        });
        line.starts.shrink_to_fit();
        line.fates.shrink_to_fit();
        line
    }

    fn add(&mut self, start: u32, inside: &[u32], rules: &[Rule], fates: &[Fate]) {
        let mut asked = Vec::new();
        let mut last = fates[rules.len()];
        for rule in inside {
            let (when, fate) = (&rules[*rule as usize].when, fates[*rule as usize]);
            let fate = if when.traffic.is_all() { fate } else { Fate::Unclear };
            let Some(source) = &when.source else {
                last = fate;
                break;
            };
            asked.push((Arc::clone(source), fate));
        }
        let fate = if asked.iter().all(|(_, fate)| *fate == last) {
            last
        } else {
            let first = u32::try_from(self.asked.len()).unwrap_or(u32::MAX);
            self.asked.extend(asked);
            self.asked.push((Arc::new(AddressSet::any()), last));
            Fate::Ask(first)
        };
        if self.fates.last() != Some(&fate) {
            self.starts.push(start);
            self.fates.push(fate);
        }
    }

    fn at(&self, source: IpAddr, destination: u32) -> Fate {
        let after = self.starts.partition_point(|start| *start <= destination);
        self.settled(self.fates[after - 1], source)
    }

    fn settled(&self, fate: Fate, source: IpAddr) -> Fate {
        let Fate::Ask(first) = fate else { return fate };
        let mut asked = self.asked[first as usize..].iter();
        let found = asked.find(|(sources, _)| sources.contains(source));
        found.map_or(Fate::Unclear, |(_, fate)| *fate)
    }
}

/// What a decision means for packets whose way it is, whatever they carry.
fn fate(fabric: &Fabric, then: &Then) -> Fate {
    match then {
        Then::Stop(cause) => lost(cause),
        Then::Go(ways) => match &**ways {
            [Way::Lost(cause)] => lost(cause),
            [Way::Hop(edge)] => along(fabric, *edge),
            _ => Fate::Unclear,
        },
        Then::Shared(edge) => along(fabric, *edge),
        Then::Deliver(vpc) => Fate::Deliver(*vpc),
        Then::Hand(resident) => Fate::Hand(*resident),
        Then::DeliverClassic(_)
        | Then::Public
        | Then::ArriveAtSite(_)
        | Then::Target(_)
        | Then::Accept => Fate::Unclear,
    }
}

/// What happens along a hop, if nothing but filters is on it.
fn along(fabric: &Fabric, edge: EdgeIndex) -> Fate {
    let hop = &fabric.graph[edge];
    let is_plain = hop.translation.is_none()
        && hop.forwarder.is_none()
        && hop.refused.is_empty()
        && hop.tunnel.is_none()
        && hop.down.is_none();
    let Some((_, next)) = fabric.graph.edge_endpoints(edge).filter(|_| is_plain) else {
        return Fate::Unclear;
    };
    let mut filters = hop.filters.iter().chain(&hop.behind);
    match (filters.next(), filters.next()) {
        (first, None) => Fate::On(next, first.copied()),
        _ => Fate::Along(edge),
    }
}

/// What the model does not say is not lost.
fn lost(cause: &Cause) -> Fate {
    match cause.code.kind() {
        CodeKind::Undetermined => Fate::Unclear,
        _ => Fate::Lost,
    }
}

/// One table a stage, made when it is first asked for.
pub(super) fn lines(stages: usize) -> Vec<OnceLock<Line>> {
    (0..stages).map(|_| OnceLock::new()).collect()
}

impl Fabric {
    fn line(&self, stage: NodeIndex) -> &Line {
        self.ways.lines[stage.index()].get_or_init(|| Line::of(self, &self.graph[stage]))
    }

    /// Where packets from one address to another get from a stage on.
    #[must_use]
    pub fn straight(&self, start: NodeIndex, source: IpAddr, destination: IpAddr) -> Straight {
        let (IpAddr::V4(_), IpAddr::V4(to)) = (source, destination) else {
            return Straight::Unclear;
        };
        let mut between = Between::default();
        let mut node = start;
        for _ in 0..LONGEST {
            let arrived = match self.line(node).at(source, to.to_bits()) {
                Fate::On(next, None) => {
                    node = next;
                    continue;
                }
                Fate::On(next, Some(filter)) if between.add(filter) => {
                    node = next;
                    continue;
                }
                Fate::Along(edge) if between.add_all(&self.graph[edge]) => {
                    let Some((_, next)) = self.graph.edge_endpoints(edge) else {
                        return Straight::Unclear;
                    };
                    node = next;
                    continue;
                }
                Fate::Lost => return Straight::Lost,
                Fate::Deliver(vpc) => self.hosts.in_vpc(vpc, destination),
                Fate::Hand(resident) => Some(resident),
                Fate::On(..) | Fate::Along(_) | Fate::Ask(_) | Fate::Unclear => {
                    return Straight::Unclear;
                }
            };
            return arrived.map_or(Straight::Lost, |resident| Straight::Arrives(resident, between));
        }
        Straight::Unclear
    }

    /// The IPv4 destinations that a stage does not surely lose, whatever they carry, as disjoint ranges in order.
    #[must_use]
    pub fn ahead(&self, start: NodeIndex, source: IpAddr) -> Vec<(u32, u32)> {
        let shared = self.shared(start);
        let mut ahead = self.kept(start, source, shared);
        if let Some(shared) = shared {
            ahead.extend(self.kept(shared, source, None));
            ahead.sort_unstable();
        }
        let mut joined: Vec<(u32, u32)> = Vec::new();
        for (first, last) in ahead {
            match joined.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => joined.push((first, last)),
            }
        }
        joined
    }

    /// The destinations that a stage does not lose itself, nor leaves to the one that it shares.
    fn kept(&self, stage: NodeIndex, source: IpAddr, shared: Option<NodeIndex>) -> Vec<(u32, u32)> {
        let line = self.line(stage);
        let mut kept = Vec::new();
        for (index, (first, fate)) in line.starts.iter().zip(&line.fates).enumerate() {
            let fate = line.settled(*fate, source);
            let is_shared = shared.is_some_and(|shared| fate == Fate::On(shared, None));
            if fate != Fate::Lost && !is_shared {
                let next = line.starts.get(index + 1);
                kept.push((*first, next.map_or(u32::MAX, |next| next - 1)));
            }
        }
        kept
    }
}
