//! Which ends a change can have touched at all: of two others, nothing needs to be computed.
//!
//! What works between two ends rests on what each of them is (its place, its lists, its state, its links) and on the stages
//! that packets from the one and replies from the other can come by. Where all of that says the same in both networks, so
//! does the answer. Whatever cannot be compared counts as touched.

use std::fmt::Write as _;

use rustc_hash::{FxHashMap, FxHashSet};

use super::desk::Desk;
use super::difference::Two;
use super::edit::{Edit, Rests};
use super::kept::Resting;
use super::land::{Alike, Land, Meaning};
use super::select::Side;
use crate::engine::{ClassIx, Reacher};
use crate::fabric::{Fabric, FilterUse, HopIx, ListIx, ResidentIx, StageIx, leading_to};
use crate::model::{Endpoint, Network};
use crate::space::End;

/// What one network says of its stages.
struct Stages {
    /// The number of each stage's text, by position.
    numbers: Vec<u32>,
    /// Whether a stage leads to one that the other network does not have.
    leads_to_change: Vec<bool>,
}

/// What of an end differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Touched {
    /// Anything that the connections that it opens rest on.
    pub(super) opens: bool,
    /// Anything that the connections that it takes rest on.
    pub(super) takes: bool,
}

impl Touched {
    /// All that there is.
    pub(super) const ALL: Self = Self { opens: true, takes: true };

    /// Whether anything does.
    pub(super) fn any(self) -> bool {
        self.opens || self.takes
    }
}

/// What an end's connections rest on, in words that mean the same in both networks.
#[derive(PartialEq, Eq)]
struct Content {
    text: String,
    /// Replies pass the groups of who opened unasked (SG-1), so each list counts on one side only.
    egress: Option<(&'static str, u32)>,
    ingress: Option<(&'static str, u32)>,
}

/// The lists that differ between two networks whose packets go the same ways, each with the numbers of its contents.
pub(super) type Edited = FxHashMap<ListIx, (u32, u32)>;

/// What is left to compare.
pub(super) enum Rest {
    /// For each end, whether anything that its connections rest on differs. Where nothing does but lists of ends, these lists.
    Ends(Vec<Touched>, Option<Edited>),
    /// These pairs and no others, and of how many ends a list differs.
    Pairs(Vec<(usize, usize)>, usize),
}

/// Whether everything that decides is modelled, and nothing is asked that machines send between other addresses than those
/// that stand for them.
pub(super) fn is_plain(two: &Two<'_>) -> bool {
    let mut lands = two.lands.iter();
    lands.all(|land| land.is_plain(&two.traffic))
}

/// What a change can have touched.
pub(super) fn touched(two: &mut Two<'_>) -> Rest {
    let [old, new] = two.lands;
    let networks = [&old.fabric.network, &new.fabric.network];
    if networks[0].platform != networks[1].platform || !is_plain(two) {
        return Rest::Ends(vec![Touched::ALL; two.ends.len()], None);
    }
    if let Some(edit) = Edit::between(&old.fabric, &new.fabric) {
        return by_lists(two, edit);
    }
    let numbers =
        two.lands.map(|land| two.desk.at(land, |reacher| Vec::from(reacher.stage_numbers())));
    let [known_old, known_new]: [FxHashSet<u32>; 2] =
        [0, 1].map(|at| numbers[at].iter().copied().collect());
    let [numbers_old, numbers_new] = numbers;
    let stages = [
        Stages::of(&old.fabric, numbers_old, &known_new),
        Stages::of(&new.fabric, numbers_new, &known_old),
    ];
    let mut told: [Vec<Option<Content>>; 2] = [Vec::new(), Vec::new()];
    for at in 0..2 {
        let land = two.lands[at];
        let ends = &two.ends;
        let stages = &stages[at];
        told[at] = two.desk.at(land, |reacher| {
            let ends = ends.iter();
            ends.map(|end| content(reacher, land, stages, end, at)).collect()
        });
    }
    let [old, new] = told;
    let both = old.iter().zip(&new);
    let touched = both.map(|both| match both {
        (Some(old), Some(new)) if old.text == new.text => {
            Touched { opens: old.egress != new.egress, takes: old.ingress != new.ingress }
        }
        _ => Touched::ALL,
    });
    Rest::Ends(touched.collect(), None)
}

/// The same where packets go the same ways in both networks, so that nothing but lists can differ.
fn by_lists(two: &mut Two<'_>, mut edit: Edit<'_>) -> Rest {
    let differing: Vec<ListIx> = edit.lists().collect();
    let [before, after] = two.lands.map(|land| {
        two.desk.at(land, |reacher| {
            let lists = differing.iter();
            lists.map(|list| reacher.list_number(*list)).collect::<Vec<_>>()
        })
    });
    let lists = differing.into_iter().zip(before.into_iter().zip(after));
    let changed: Edited = lists.filter(|(_, (before, after))| before != after).collect();
    edit.narrow(|list| changed.contains_key(&list));
    let land = two.lands[1];
    let resting = two.resting.as_mut().filter(|it| it.is_of(land));
    if let Some(resting) = resting.filter(|_| edit.is_of_ends_only()) {
        return by_ends(&mut two.desk, land, resting, &changed);
    }
    let touched = two.ends.iter().map(|end| {
        let rests = Rests::of(two.lands[1], end, 1);
        rests.map_or(Touched::ALL, |rests| Touched {
            opens: edit.touches(&rests, Side::From),
            takes: edit.touches(&rests, Side::To),
        })
    });
    let touched = touched.collect();
    Rest::Ends(touched, edit.is_of_ends_only().then_some(changed))
}

/// The same where nothing but lists of ends differs: the pairs are found from those that they guard.
fn by_ends(desk: &mut Desk, land: &Land, resting: &mut Resting, changed: &Edited) -> Rest {
    let outside = land.classes.len()..resting.ends();
    let nearby = resting.nearby();
    let touched = desk.at(land, |reacher| reacher.touched_by((&land.classes, nearby), changed));
    let at = |class: ClassIx| class.0 as usize;
    let mut pairs: Vec<_> = touched.into_iter().map(|(a, b)| (at(a), at(b))).collect();
    let mut own = FxHashSet::default();
    for list in changed.keys() {
        for side in [End::Source, End::Destination] {
            for class in nearby.guarded(*list, side) {
                own.insert(*class);
                pairs.extend(outside.clone().map(|other| match side {
                    End::Source => (at(*class), other),
                    End::Destination => (other, at(*class)),
                }));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    Rest::Pairs(pairs, own.len())
}

impl Stages {
    fn of(fabric: &Fabric, numbers: Vec<u32>, others: &FxHashSet<u32>) -> Self {
        let changed = |stage: StageIx| !others.contains(&numbers[stage.index()]);
        Self { leads_to_change: leading_to(fabric, changed), numbers }
    }

    /// A stage's number; `None` = it leads to a change.
    fn unchanged(&self, node: StageIx) -> Option<u32> {
        let changed = self.leads_to_change[node.index()];
        (!changed).then(|| self.numbers[node.index()])
    }
}

/// What an end is; `None` = it is not there, or what it leads to has changed.
fn content(
    reacher: &mut Reacher<'_>,
    land: &Land,
    stages: &Stages,
    end: &Alike,
    at: usize,
) -> Option<Content> {
    let fabric = &land.fabric;
    let mut text = String::new();
    let mut lists = [None, None];
    let rests = Rests::of(land, end, at)?;
    if let Some(Meaning::Site(site)) = end.means[at] {
        let site = fabric.network.sites.get_index(site as usize);
        let _ = write!(text, "{site:?}");
    }
    if let Some(resident) = rests.resident {
        let own = fabric.hosts.get(resident);
        lists = [own.egress, own.ingress].map(|own| own.map(|own| filter(reacher, own)));
        resident_text(fabric, resident, &mut text);
    }
    for edge in &rests.edges {
        edge_text(reacher, fabric, *edge, &mut text);
    }
    for stage in rests.stages {
        let number = stages.unchanged(stage)?;
        let _ = write!(text, " {number}");
    }
    let [egress, ingress] = lists;
    Some(Content { text, egress, ingress })
}

fn resident_text(fabric: &Fabric, index: ResidentIx, text: &mut String) {
    let network = &fabric.network;
    let resident = fabric.hosts.get(index);
    configured(network, &resident.endpoint, text);
    let _ = write!(
        text,
        " {} {} {:?} {:?} {:?}",
        resident.down, resident.unbound, resident.machine, resident.public, resident.further
    );
    if let Some(id) = resident.id() {
        let region = network.region_of(id.as_str());
        let account = network.account_of(id.as_str());
        let _ = write!(text, " {region:?} {account} {:?}", network.live_link(id));
    }
    if let Some(vpc) = fabric.vpc_of_resident(index) {
        let vpc = network.vpcs.get_index(vpc as usize);
        let _ = write!(text, " {vpc:?}");
    }
}

/// What is written about an endpoint.
fn configured(network: &Network, endpoint: &Endpoint, text: &mut String) {
    let Some(id) = endpoint.id() else { return };
    let _ = match endpoint {
        Endpoint::Instance(_) => write!(text, "{:?}", network.instances.get(id)),
        Endpoint::NetworkInterface(_) => write!(text, "{:?}", network.network_interfaces.get(id)),
        Endpoint::GroupMember(..) => write!(text, "{:?}", network.instance_groups.get(id)),
        Endpoint::HaVip(_) => write!(text, "{:?}", network.havips.get(id)),
        Endpoint::Database(_) | Endpoint::OldVip(..) => {
            write!(text, "{:?}", network.databases.get(id))
        }
        Endpoint::LoadBalancer(_) => write!(text, "{:?}", network.load_balancers.get(id)),
        Endpoint::EndpointConnection(_) => {
            write!(text, "{:?}", network.endpoint_connections.get(id))
        }
        Endpoint::VpcEndpoint(_) => write!(text, "{:?}", network.vpc_endpoints.get(id)),
        Endpoint::ClassicInstance(_) => write!(text, "{:?}", network.classic_instances.get(id)),
        Endpoint::ClassicDatabase(_) => write!(text, "{:?}", network.classic_databases.get(id)),
        Endpoint::ClassicLoadBalancer(_) => {
            write!(text, "{:?}", network.classic_load_balancers.get(id))
        }
        Endpoint::NatAddress(..) | Endpoint::Site(_) | Endpoint::Internet | Endpoint::Nobody(_) => {
            Ok(())
        }
    };
}

/// The way from the Internet to a public address.
fn edge_text(reacher: &mut Reacher<'_>, fabric: &Fabric, edge: HopIx, text: &mut String) {
    let hop = &fabric.graph[edge];
    let filters = hop.filters.iter().chain(&hop.behind);
    let filters: Vec<_> = filters.map(|list| filter(reacher, *list)).collect();
    let rewrite = hop.translation.as_ref().map(|translation| translation.rewrite);
    let _ = write!(text, " {filters:?} {rewrite:?} {:?} {:?}", hop.refused, hop.down);
}

fn filter(reacher: &mut Reacher<'_>, filter: FilterUse) -> (&'static str, u32) {
    (filter.kind.name(), reacher.list_number(filter.list))
}
