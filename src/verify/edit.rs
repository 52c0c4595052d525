//! An edit of rules: packets go where they went, only lists may permit something else. Which connections it can touch is told by
//! the lists that differ and the stages that lead to them, without a look at anybody else.

use rustc_hash::FxHashSet;

use super::land::{Alike, Land, Meaning};
use super::select::{Side, select};
use super::selection::Selection;
use crate::fabric::{
    Fabric, Home, HopIx, ListIx, Party, PublicOwner, ResidentIx, StageIx, leading_to,
};
use crate::query::Expectation;

/// The lists that differ between two fabrics that share their ways.
pub struct Edit<'f> {
    fabric: &'f Fabric,
    lists: FxHashSet<ListIx>,
    /// Per stage, whether it leads to a hop that a list of these is on.
    leads: Vec<bool>,
}

impl<'f> Edit<'f> {
    /// What differs; `None` where it may be more than lists.
    #[must_use]
    pub fn between(old: &Fabric, new: &'f Fabric) -> Option<Self> {
        if !new.shares_ways(old) {
            return None;
        }
        let mut edit = Self {
            fabric: new,
            lists: old.filters.differing(&new.filters).collect(),
            leads: Vec::new(),
        };
        edit.follow();
        Some(edit)
    }

    /// The lists that differ.
    pub(super) fn lists(&self) -> impl Iterator<Item = ListIx> + '_ {
        self.lists.iter().copied()
    }

    /// Leaves out lists that say the same in other words.
    pub(super) fn narrow(&mut self, differs: impl Fn(ListIx) -> bool) {
        let all = self.lists.len();
        self.lists.retain(|list| differs(*list));
        if self.lists.len() < all {
            self.follow();
        }
    }

    fn follow(&mut self) {
        let mut lists = self.lists.iter();
        if !lists.any(|list| self.fabric.is_on_the_way(*list)) {
            self.leads = Vec::new();
            return;
        }
        let edges = self.fabric.graph.edge_indices();
        let edges = edges.filter(|edge| self.is_on(*edge));
        let ends = edges.filter_map(|edge| self.fabric.graph.edge_endpoints(edge));
        let sources: FxHashSet<StageIx> = ends.map(|(from, _)| from).collect();
        self.leads = if sources.is_empty() {
            Vec::new()
        } else {
            leading_to(self.fabric, |stage| sources.contains(&stage))
        };
    }

    fn is_on(&self, edge: HopIx) -> bool {
        let hop = &self.fabric.graph[edge];
        let mut filters = hop.filters.iter().chain(&hop.behind);
        filters.any(|filter| self.lists.contains(&filter.list))
    }

    /// Whether no list that differs is asked on the way: only those of senders and receivers are.
    pub(super) fn is_of_ends_only(&self) -> bool {
        self.leads.is_empty()
    }

    /// Whether it can have touched the connections that an end opens, or those that it takes.
    pub(super) fn touches(&self, rests: &Rests, side: Side) -> bool {
        let mut stages = rests.stages.iter();
        let leads = |stage: &StageIx| self.leads.get(stage.index()).is_some_and(|leads| *leads);
        if stages.any(leads) || rests.edges.iter().any(|edge| self.is_on(*edge)) {
            return true;
        }
        // Replies pass the groups of who opened unasked (SG-1), so each list counts on one side only.
        let own = rests.resident.map(|own| self.fabric.hosts.get(own));
        let list = own.and_then(|own| match side {
            Side::From => own.egress,
            Side::To => own.ingress,
        });
        list.is_some_and(|filter| self.lists.contains(&filter.list))
    }

    /// Whether what was found of an expectation surely holds as it did, verdict and reasons.
    #[must_use]
    pub fn spares(&self, expectation: &Expectation) -> bool {
        let is_whole = self.fabric.network.unmodelled.is_empty();
        let spares = |selector, side| {
            let selection = select(self.fabric, selector, side);
            let mut rests = rests(self.fabric, &selection);
            // Who answers behind the address of a NAT gateway, or at one that nobody owns, is not looked for here.
            selection.nat_addresses.is_empty()
                && selection.nobody.is_empty()
                && !rests.any(|rests| self.touches(&rests, side))
        };
        is_whole && spares(&expectation.from, Side::From) && spares(&expectation.to, Side::To)
    }
}

/// What the connections of those who are meant rest on.
fn rests<'a>(fabric: &'a Fabric, selection: &'a Selection) -> impl Iterator<Item = Rests> + 'a {
    let hosts = selection.hosts.keys();
    let hosts = hosts.map(|(resident, _)| Rests::of_resident(fabric, *resident));
    let sites = selection.sites.keys();
    let sites = sites.map(|site| Rests::of_site(fabric, *site));
    let internet = (!selection.internet.is_empty()).then(|| Rests::of_internet(fabric));
    hosts.chain(sites).chain(internet)
}

/// What an end's connections rest on, beside what it is itself.
#[derive(Default)]
pub(super) struct Rests {
    /// Who it is, in the network.
    pub(super) resident: Option<ResidentIx>,
    /// Where its packets enter the graph, and replies to it.
    pub(super) stages: Vec<StageIx>,
    /// The ways from the Internet to its public addresses: no stage tells of them.
    pub(super) edges: Vec<HopIx>,
}

impl Rests {
    /// Of an end of a network; `None` = it is not there.
    pub(super) fn of(land: &Land, end: &Alike, at: usize) -> Option<Self> {
        let fabric = &land.fabric;
        Some(match end.means[at]? {
            Meaning::Internet => Self::of_internet(fabric),
            Meaning::Site(site) => Self::of_site(fabric, site),
            Meaning::Class(_) => {
                let Some(Party::Host(resident, _)) = land.party(&end.who[0]) else {
                    return None;
                };
                Self::of_resident(fabric, resident)
            }
        })
    }

    fn of_internet(fabric: &Fabric) -> Self {
        let mut rests = Self::default();
        rests.stages.push(fabric.internet());
        let gateways = (0..).zip(fabric.network.nat_gateways.values());
        for (index, _) in gateways {
            rests.public(fabric, PublicOwner::NatGateway(index));
        }
        rests
    }

    fn of_site(fabric: &Fabric, site: u32) -> Self {
        let entrances = fabric.entrances(site).iter();
        Self { stages: entrances.map(|(_, node)| *node).collect(), ..Self::default() }
    }

    fn of_resident(fabric: &Fabric, resident: ResidentIx) -> Self {
        let mut rests = Self { resident: Some(resident), ..Self::default() };
        if let Home::Subnet(subnet) = fabric.hosts.get(resident).home {
            rests.stages.extend(fabric.router(subnet));
        }
        rests.stages.extend(fabric.classic_out(resident));
        rests.stages.extend(fabric.classic_network(resident));
        rests.stages.extend(fabric.service(resident));
        rests.public(fabric, PublicOwner::Resident(resident));
        rests
    }

    fn public(&mut self, fabric: &Fabric, owner: PublicOwner) {
        let Some(edge) = fabric.public_in(owner) else {
            return;
        };
        self.edges.push(edge);
        let next = fabric.graph.edge_endpoints(edge);
        self.stages.extend(next.map(|(_, next)| next));
    }
}
