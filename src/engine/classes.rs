//! Which endpoints nothing tells apart, so that all of them are answered at once.
//!
//! Two machines are of one class when they live in the same subnet, are guarded by the same lists, are both up or both
//! down, and lie in the same address sets of everything that decides: rules, routes, links, translations. Whoever a
//! stage names, who shares a machine, or who has a second or a public address makes classes of its own: something tells it
//! apart. Such a group is divided like all others: one of its members may be named, or a rule may mean one of them.
//! CVMs of the classic network are alike when, beside that, they are of one tenant and region and linked to the same VPC.
//!
//! The address line is swept once: between two bounds of any set, all addresses are equal. Stretches that lie in the same
//! sets are one *cell*, wherever they are.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::fabric::{Fabric, FilterUse, Home, Party, Resident, ResidentIx, Then};
use crate::id::Id;
use crate::model::Endpoint;
use crate::space::{AddressSet, Cells, Match};

/// A class, by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassIx(pub u32);

/// Where the routes of a class begin and end: classes of one location only differ in their filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocationIx(pub u32);

/// The residents of a fabric, those together that nothing tells apart.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    all: Vec<Class>,
    /// Per resident: its stretches of addresses, sorted, and their classes.
    of: Vec<Vec<(IpAddr, ClassIx)>>,
    /// Per location, its first class.
    firsts: Vec<ClassIx>,
    /// What rule lists ask about.
    asked: Vec<AddressSet>,
}

/// Endpoints that nothing tells apart.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its members, in the order of the file.
    pub members: Vec<Member>,
    /// Where it is, for those that are only machines.
    pub location: Option<LocationIx>,
}

/// A resident, or a stretch of the addresses of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Member {
    /// Who.
    pub resident: ResidentIx,
    /// First and last of the addresses, inclusive.
    pub addresses: (IpAddr, IpAddr),
}

impl Member {
    /// How many endpoints it is.
    #[must_use]
    pub fn len(&self) -> u128 {
        let between = match self.addresses {
            (IpAddr::V4(first), IpAddr::V4(last)) => u128::from(last.to_bits() - first.to_bits()),
            (IpAddr::V6(first), IpAddr::V6(last)) => last.to_bits() - first.to_bits(),
            _ => 0,
        };
        between + 1
    }

    /// Never: a member is at least one endpoint.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }
}

impl Class {
    /// How many endpoints it is.
    #[must_use]
    pub fn len(&self) -> u128 {
        self.members.iter().map(Member::len).sum()
    }

    /// Never: a class has at least one member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The first endpoint: what holds for it holds for all.
    #[must_use]
    pub fn first(&self) -> Party {
        let member = self.members[0];
        Party::Host(member.resident, member.addresses.0)
    }

    /// Another endpoint, if there is one.
    #[must_use]
    pub fn second(&self) -> Option<Party> {
        let member = self.members[0];
        if member.addresses.0 != member.addresses.1 {
            return Some(Party::Host(member.resident, member.addresses.1));
        }
        let member = self.members.get(1)?;
        Some(Party::Host(member.resident, member.addresses.0))
    }
}

/// What makes two stretches of addresses one class.
#[derive(PartialEq, Eq, Hash)]
struct Signature {
    location: LocationIx,
    egress: Option<FilterUse>,
    ingress: Option<FilterUse>,
    cell: u32,
}

impl Classes {
    /// Sorts the residents of a fabric into classes.
    #[must_use]
    pub fn of(fabric: &Fabric) -> Self {
        let named = named(fabric);
        let plain = fabric.plain_machines();
        let routed = stage_sets(fabric);
        let routed = Cells::of(routed.iter().map(|set| &set.v4));
        let asked = list_sets(fabric);
        let filtered = Cells::of(asked.iter().map(|set| &set.v4));
        let mut locations: FxHashMap<(Home, bool, u32), LocationIx> = FxHashMap::default();
        let mut known: FxHashMap<Signature, ClassIx> = FxHashMap::default();
        let links = Links::of(fabric);
        let mut classic: FxHashMap<Classic<'_>, ClassIx> = FxHashMap::default();
        let mut all = Self { asked, ..Self::default() };
        for (index, resident) in fabric.hosts.iter() {
            let mut stretches = Vec::new();
            let is_plain = plain[index.0 as usize] && !named.contains(&index);
            let tenant = links.classic(fabric, resident);
            let tenant = tenant.filter(|_| !named.contains(&index));
            // Of those that something tells apart from all others, the members of one group may still differ.
            let mut own: FxHashMap<(u32, u32), ClassIx> = FxHashMap::default();
            for (first, last, routed) in routed.split(resident.addresses) {
                for (first, last, cell) in filtered.split((first, last)) {
                    if let Some(tenant) = &tenant {
                        let class = classic.entry((tenant.clone(), routed, cell));
                        let class = *class.or_insert_with(|| all.add(None));
                        all.join(class, index, (first, last));
                        stretches.push((first, class));
                        continue;
                    }
                    if !is_plain {
                        let class = own.entry((routed, cell));
                        let class = *class.or_insert_with(|| all.add(None));
                        all.join(class, index, (first, last));
                        stretches.push((first, class));
                        continue;
                    }
                    let next = LocationIx(u32::try_from(locations.len()).unwrap_or(u32::MAX));
                    let place = (resident.home, resident.down, routed);
                    let location = *locations.entry(place).or_insert(next);
                    if location == next {
                        let class = u32::try_from(all.all.len()).unwrap_or(u32::MAX);
                        all.firsts.push(ClassIx(class));
                    }
                    let signature = Signature {
                        location,
                        egress: resident.egress,
                        ingress: resident.ingress,
                        cell,
                    };
                    let class = *known.entry(signature).or_insert_with(|| all.add(Some(location)));
                    all.join(class, index, (first, last));
                    stretches.push((first, class));
                }
            }
            all.of.push(stretches);
        }
        all
    }

    /// The classes of a fabric that was made of another, whose these are.
    #[must_use]
    pub fn after(self: &Arc<Self>, old: &Fabric, fabric: &Fabric) -> Arc<Self> {
        // All else that tells residents apart, they share.
        if fabric.shares_ways(old) && self.asked == list_sets(fabric) {
            return Arc::clone(self);
        }
        Arc::new(Self::of(fabric))
    }

    /// Whether they also are classes of a fabric that shares the ways of theirs, though it may not tell all of them apart:
    /// no rule of a list that differs divides one.
    #[must_use]
    pub fn serve(&self, own: &Fabric, other: &Fabric) -> bool {
        let lists = own.filters.differing(&other.filters);
        let rules = lists.flat_map(|list| &other.filters.get(list).rules);
        let sets = rules.flat_map(|rule| [&rule.when.source, &rule.when.destination]);
        let mut seen = FxHashSet::default();
        let mut sets = sets.flatten().filter(|set| seen.insert(Arc::as_ptr(set)));
        sets.all(|set| self.asked.binary_search(set).is_ok() || !self.divides(set))
    }

    /// Whether some members of a class are in a set and others are not. Those of IPv6 are classes of their own.
    fn divides(&self, set: &AddressSet) -> bool {
        self.all.iter().any(|class| {
            let members = class.members.iter();
            let mut inside = members.map(|member| match member.addresses {
                (IpAddr::V4(first), IpAddr::V4(last)) => {
                    set.v4.holds(first.to_bits(), last.to_bits())
                }
                (first, _) => Some(set.contains(first)),
            });
            let first = inside.next().flatten();
            first.is_none() || inside.any(|other| other != first)
        })
    }

    fn add(&mut self, location: Option<LocationIx>) -> ClassIx {
        self.all.push(Class { members: Vec::new(), location });
        ClassIx(u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX))
    }

    fn join(&mut self, class: ClassIx, resident: ResidentIx, addresses: (IpAddr, IpAddr)) {
        let member = Member { resident, addresses };
        self.all[class.0 as usize].members.push(member);
    }

    /// A class.
    #[must_use]
    pub fn get(&self, class: ClassIx) -> &Class {
        &self.all[class.0 as usize]
    }

    /// All classes in the order of their first members.
    pub fn iter(&self) -> impl Iterator<Item = (ClassIx, &Class)> {
        (0..).map(ClassIx).zip(&self.all)
    }

    /// The first endpoint of a location.
    #[must_use]
    pub fn first_at(&self, location: LocationIx) -> Party {
        self.get(self.firsts[location.0 as usize]).first()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether nobody lives in the network.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The stretches of a resident's addresses: where each begins, and its class.
    #[must_use]
    pub fn stretches(&self, resident: ResidentIx) -> &[(IpAddr, ClassIx)] {
        &self.of[resident.0 as usize]
    }

    /// The stretches of a resident's addresses with their classes: first and last address of each.
    pub fn members_of(
        &self,
        resident: ResidentIx,
    ) -> impl Iterator<Item = (ClassIx, (IpAddr, IpAddr))> {
        self.stretches(resident).iter().flat_map(move |(first, class)| {
            let members = self.get(*class).members.iter();
            let own = members
                .filter(move |member| member.resident == resident && member.addresses.0 == *first);
            own.map(|member| (*class, member.addresses))
        })
    }

    /// The class of a resident's address.
    #[must_use]
    pub fn class_of(&self, resident: ResidentIx, address: IpAddr) -> ClassIx {
        let stretches = self.stretches(resident);
        let after = stretches.partition_point(|(first, _)| *first <= address);
        stretches[after.saturating_sub(1)].1
    }
}

/// A CVM of the classic network in an address cell of the stages and of the lists.
type Classic<'a> = (Tenant<'a>, u32, u32);

/// What decides about a CVM of the classic network, addresses aside (CN-3, CL-8, CL-18).
#[derive(Clone, PartialEq, Eq, Hash)]
struct Tenant<'a> {
    account: &'a str,
    region: Option<&'a str>,
    /// The VPC that it is linked to.
    live: Option<&'a Id>,
    /// The VPCs that it was linked to with another address.
    stale: Vec<&'a Id>,
    down: bool,
    egress: Option<FilterUse>,
    ingress: Option<FilterUse>,
}

/// The links of every classic CVM that has one.
struct Links<'a>(FxHashMap<&'a Id, (Option<&'a Id>, Vec<&'a Id>)>);

impl<'a> Links<'a> {
    fn of(fabric: &'a Fabric) -> Self {
        let network = &fabric.network;
        let mut all: FxHashMap<&Id, (Option<&Id>, Vec<&Id>)> = FxHashMap::default();
        for (vpc, links) in &network.classic_links {
            for link in links {
                let (live, stale) = all.entry(&link.instance).or_default();
                if network.is_live(link) {
                    live.get_or_insert(vpc);
                } else {
                    stale.push(vpc);
                }
            }
        }
        Self(all)
    }

    /// What decides about a classic CVM like others: one without a public address.
    fn classic(&self, fabric: &'a Fabric, resident: &'a Resident) -> Option<Tenant<'a>> {
        let Endpoint::ClassicInstance(id) = &resident.endpoint else {
            return None;
        };
        let alone = resident.public.is_some() || !resident.further.is_empty();
        if alone || !resident.addresses.0.is_ipv4() {
            return None;
        }
        let (live, stale) = self.0.get(id).cloned().unwrap_or_default();
        Some(Tenant {
            account: fabric.network.account_of(id.as_str()),
            region: fabric.network.region_of(id.as_str()),
            live,
            stale,
            down: resident.down,
            egress: resident.egress,
            ingress: resident.ingress,
        })
    }
}

/// Residents that a stage or a hop names.
fn named(fabric: &Fabric) -> FxHashSet<ResidentIx> {
    let stages = fabric.graph.node_weights();
    let thens = stages.flat_map(|stage| {
        let rules = stage.rules.iter().map(|rule| &rule.then);
        rules.chain([&stage.otherwise])
    });
    let handed = thens.filter_map(|then| match then {
        Then::Hand(resident) | Then::Target(resident) => Some(*resident),
        _ => None,
    });
    handed.chain(fabric.on_ways()).collect()
}

/// The address sets that decide where packets go.
fn stage_sets(fabric: &Fabric) -> Vec<AddressSet> {
    let mut sets = BTreeSet::new();
    let mut add = |when: &Match| {
        let both = [&when.source, &when.destination];
        sets.extend(both.into_iter().flatten().map(|set| (**set).clone()));
    };
    for stage in fabric.graph.node_weights() {
        stage.rules.iter().for_each(|rule| add(&rule.when));
    }
    sets.extend(fabric.sets_beside_stages());
    sets.into_iter().collect()
}

/// The address sets that rule lists ask about.
fn list_sets(fabric: &Fabric) -> Vec<AddressSet> {
    let rules = fabric.filters.iter().flat_map(|list| &list.rules);
    let sets = rules.flat_map(|rule| [&rule.when.source, &rule.when.destination]);
    // Most rules share their sets: the same pointer needs no look at its ranges.
    let mut seen = FxHashSet::default();
    let sets = sets.flatten().filter(|set| seen.insert(Arc::as_ptr(set)));
    let distinct: FxHashSet<&AddressSet> = sets.map(|set| &**set).collect();
    let mut distinct: Vec<AddressSet> = distinct.into_iter().cloned().collect();
    distinct.sort_unstable();
    distinct
}
