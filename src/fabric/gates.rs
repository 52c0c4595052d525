//! Gates: where ways between places begin and end, as far as they can tell places apart.
//!
//! A region has many subnets and few route tables. Two machines are of one gate when the same lookup and the same ACL take what
//! they send, the same ACL guards them, and every stage treats packets from the one and to it as it does packets from the
//! other and to that, but for the subnet that each is in. What then holds of the ways of one to a third place, if neither
//! shares a subnet with it, holds of the other.
//!
//! What a stage says of addresses is compared by what it says, not by where: that a CCN has a route to each subnet of a VPC
//! does not tell those subnets apart if all of them lead to the same.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use petgraph::graph::{EdgeIndex, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

use super::stage::{Hop, Rule, Stage, StageKind, Then, Translation, Way};
use super::{Fabric, FilterUse, Home, ResidentIx};
use crate::code::Code;
use crate::id::Id;
use crate::query::Waypoint;
use crate::space::{AddressSet, Cells, IntervalSet, Traffic, sweep};

/// A gate of a fabric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gate {
    /// Who takes what is sent, and guards.
    lookup: u32,
    /// How addresses are treated.
    cell: u32,
    is_down: bool,
}

/// The gates of a fabric.
#[derive(Debug)]
pub(super) struct Gates {
    /// Per subnet, the stage that looks up what its machines send: one of its own, unless only its own subnet tells it from
    /// others.
    lookups: Vec<NodeIndex>,
    /// What stages tell apart by address.
    cells: Cells,
    /// Per resident, whether it is a machine that others may stand for. That a service hands packets to it does not tell it
    /// apart from others, where that service is no end.
    of_many: Vec<bool>,
    /// Of each service, the subnets of those to whom it hands what it gets.
    behind: FxHashMap<ResidentIx, Box<[u32]>>,
}

impl Gates {
    fn of(fabric: &Fabric) -> Self {
        let routers = fabric.ways.nodes.routers.iter();
        let lookups = routers.map(|router| fabric.shared(*router).unwrap_or(*router));
        let services = fabric.ways.nodes.services.iter();
        let treated = treated(fabric);
        let mut sets: Vec<_> = treated.iter().collect();
        // In an order of their own, so that equal fabrics have equal gates.
        sets.sort_unstable();
        let behind = services.map(|(resident, stage)| (*resident, behind(fabric, *stage)));
        Self {
            lookups: lookups.collect(),
            cells: Cells::of(sets.into_iter()),
            behind: behind.collect(),
            of_many: of_many(fabric),
        }
    }
}

/// Machines like others that nothing on a way is.
fn of_many(fabric: &Fabric) -> Vec<bool> {
    let mut plain = fabric.plain_machines();
    for resident in fabric.on_ways() {
        plain[resident.0 as usize] = false;
    }
    plain
}

impl Fabric {
    /// The subnet and the gate of a machine at one of its addresses; `None` = something tells it from all others.
    #[must_use]
    pub fn gate(&self, machine: ResidentIx, address: Ipv4Addr) -> Option<(u32, Gate)> {
        let gates = self.gates();
        let resident = self.hosts.get(machine);
        let Home::Subnet(subnet) = resident.home else {
            return None;
        };
        if !gates.of_many[machine.0 as usize] {
            return None;
        }
        let lookup = gates.lookups[subnet as usize].index();
        let gate = Gate {
            lookup: u32::try_from(lookup).unwrap_or(u32::MAX),
            cell: gates.cells.at(address.to_bits()),
            is_down: resident.down,
        };
        Some((subnet, gate))
    }

    /// Whether what is sent to a resident may come to machines of a subnet.
    #[must_use]
    pub fn hands_into(&self, resident: ResidentIx, subnet: u32) -> bool {
        let behind = self.gates().behind.get(&resident);
        self.hosts.get(resident).home == Home::Subnet(subnet)
            || behind.is_some_and(|behind| behind.binary_search(&subnet).is_ok())
    }

    fn gates(&self) -> &Gates {
        self.ways.gates.get_or_init(|| Gates::of(self))
    }
}

/// The subnets of those to whom a service hands what it gets.
fn behind(fabric: &Fabric, service: NodeIndex) -> Box<[u32]> {
    let (mut next, mut seen) = (vec![service], FxHashSet::from_iter([service]));
    let mut subnets = BTreeSet::new();
    while let Some(stage) = next.pop() {
        if let Then::Target(resident) = fabric.graph[stage].otherwise
            && let Home::Subnet(subnet) = fabric.hosts.get(resident).home
        {
            subnets.insert(subnet);
        }
        if serves(fabric.graph[stage].kind) {
            let onward = fabric.graph.neighbors(stage);
            next.extend(onward.filter(|stage| seen.insert(*stage)));
        }
    }
    subnets.into_iter().collect()
}

/// Whether a stage is of what hands packets on by itself, not by a route.
fn serves(kind: StageKind) -> bool {
    matches!(kind, StageKind::LoadBalancer | StageKind::EndpointConnection | StageKind::VpcEndpoint)
}

/// The IPv4 sets that are treated alike by some stage, each once.
fn treated(fabric: &Fabric) -> FxHashSet<IntervalSet<u32>> {
    let mut sets = FxHashSet::default();
    for node in fabric.graph.node_indices() {
        let stage = &fabric.graph[node];
        // That its own subnet is one's own says nothing else, and Local hands each subnet what is for it.
        let is_own = matches!(stage.otherwise, Then::Shared(_)) || is_plain_local(fabric, node);
        if !is_own {
            alike(stage, &said(fabric, stage), &mut sets);
        }
    }
    let beside = fabric.sets_beside_stages().into_iter();
    sets.extend(beside.map(|set| set.v4));
    sets
}

/// Whether a stage is the Local of a VPC none of whose addresses are in another VPC, so that they tell where they are.
fn is_plain_local(fabric: &Fabric, node: NodeIndex) -> bool {
    let locals = &fabric.ways.nodes.locals;
    let Some(own) = locals.iter().position(|local| *local == node) else {
        return false;
    };
    let cidrs = |at: usize| fabric.network.vpcs.get_index(at).map(|(_, vpc)| vpc.cidrs());
    let own_cidrs: Vec<_> = cidrs(own).into_iter().flatten().collect();
    let others = (0..locals.len()).filter(|other| *other != own);
    let mut others = others.filter_map(cidrs).flatten();
    others.all(|other| {
        let mut own = own_cidrs.iter();
        !own.any(|own| own.contains(&other) || other.contains(own))
    })
}

/// The addresses that a stage treats alike, as destinations and as sources.
fn alike(stage: &Stage, says: &[u32], sets: &mut FxHashSet<IntervalSet<u32>>) {
    let any = IntervalSet::full();
    for side in
        [|rule: &Rule| rule.when.destination.clone(), |rule: &Rule| rule.when.source.clone()]
    {
        let meant: Vec<_> = stage.rules.iter().map(side).collect();
        if meant.iter().all(Option::is_none) {
            continue;
        }
        let meant = meant.iter();
        let meant = meant.map(|set| set.as_ref().map_or(&any, |set| &set.v4));
        // Of what is left for an address, the rules say the same in the same order.
        let mut same: FxHashMap<Box<[u32]>, Vec<(u32, u32)>> = FxHashMap::default();
        let mut last: Option<(u32, Box<[u32]>)> = None;
        let mut until = |last: Option<(u32, Box<[u32]>)>, end: u32| {
            if let Some((first, rules)) = last {
                same.entry(rules).or_default().push((first, end));
            }
        };
        sweep((0..).zip(meant), |first, inside| {
            let rules = inside.iter().map(|rule| says[*rule as usize]).collect();
            let before = last.replace((first, rules));
            until(before, first.wrapping_sub(1));
        });
        until(last, u32::MAX);
        sets.extend(same.into_values().map(IntervalSet::from_ranges));
    }
}

/// Numbers for what the rules of a stage say, but for the addresses that each speaks of.
fn said(fabric: &Fabric, stage: &Stage) -> Vec<u32> {
    let mut known: FxHashMap<(Asked<'_>, Vec<Said<'_>>), u32> = FxHashMap::default();
    let said = stage.rules.iter().map(|rule| {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        let key = (Asked::by(rule), Said::all(fabric, &rule.then));
        *known.entry(key).or_insert(next)
    });
    said.collect()
}

/// What a rule asks beside the addresses of one side: those of both where it speaks of both.
#[derive(PartialEq, Eq, Hash)]
struct Asked<'a> {
    traffic: &'a Traffic,
    from_outside: Option<bool>,
    sides: [bool; 2],
    both: Option<[&'a AddressSet; 2]>,
}

impl<'a> Asked<'a> {
    fn by(rule: &'a Rule) -> Self {
        let [source, destination] = [&rule.when.source, &rule.when.destination];
        Self {
            traffic: &rule.when.traffic,
            from_outside: rule.from_outside,
            sides: [source, destination].map(Option::is_some),
            both: source.as_deref().zip(destination.as_deref()).map(Into::into),
        }
    }
}

/// What happens to a packet; equal where the same does.
#[derive(PartialEq, Eq, Hash)]
enum Said<'a> {
    Hop {
        to: Option<NodeIndex>,
        filters: [&'a [FilterUse]; 2],
        translation: Option<&'a Translation>,
        forwarder: Option<ResidentIx>,
        /// What a forwarder refuses is only equal to itself.
        refused: Option<EdgeIndex>,
        tunnel: Option<&'a Id>,
        down: Option<(Code, Option<&'a Id>)>,
        marks: [bool; 2],
        waypoint: Option<&'a Waypoint>,
    },
    Lost(Code, Option<&'a Id>),
    /// Of these there are few.
    Other(String),
}

impl<'a> Said<'a> {
    fn all(fabric: &'a Fabric, then: &'a Then) -> Vec<Self> {
        match then {
            Then::Go(ways) => ways.iter().map(|way| Self::way(fabric, way)).collect(),
            Then::Stop(cause) => vec![Self::Lost(cause.code, cause.at.as_ref())],
            other => vec![Self::Other(format!("{other:?}"))],
        }
    }

    fn way(fabric: &'a Fabric, way: &'a Way) -> Self {
        let edge = match way {
            Way::Hop(edge) => *edge,
            Way::Lost(cause) => return Self::Lost(cause.code, cause.at.as_ref()),
        };
        // That no part of a hop is forgotten: which route led along it changes no set.
        let Hop {
            filters,
            behind,
            translation,
            place: _,
            waypoint,
            forwarder,
            refused,
            tunnel,
            down,
            absent,
            carried,
        } = &fabric.graph[edge];
        let down = down.as_ref();
        Self::Hop {
            to: fabric.graph.edge_endpoints(edge).map(|(_, next)| next),
            filters: [filters, behind],
            translation: translation.as_ref(),
            forwarder: *forwarder,
            refused: (!refused.is_empty()).then_some(edge),
            tunnel: tunnel.as_ref(),
            down: down.map(|cause| (cause.code, cause.at.as_ref())),
            marks: [*absent, *carried],
            waypoint: waypoint.as_ref(),
        }
    }
}
