//! Two networks, entity by entity: what differs, and networks half way between them.
//!
//! A network half way takes some of the differences and leaves the others. What would then refer to something that is not
//! there, or be a second thing of one id, is not taken either, as the cloud would refuse it.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::reference::dangling;
use super::{Key, Kind, Network, Place, Reference, Section, sections};
use crate::id::Id;

/// Something that may differ between two networks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// An entity.
    Entity(Kind, Id),
    /// The classic links of a VPC.
    Links(Id),
    /// Whether something has failed.
    Failure(Id),
    /// Whom a name leads to.
    Name(Id),
    /// The switches for what the documents leave open.
    Platform,
}

/// How a part differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turned {
    /// Only the new network has it.
    Added,
    /// Both have it, not equal.
    Changed,
    /// Only the old network has it.
    Removed,
}

/// Everything that differs, in the order of the sections, the new network's entities first.
#[must_use]
pub fn differences(old: &Network, new: &Network) -> Vec<(Part, Turned)> {
    let mut parts: Vec<Part> = Vec::new();
    for network in [new, old] {
        let ids = network.ids().filter(|(_, kind)| !kind.is_part());
        parts.extend(ids.map(|(id, kind)| Part::Entity(kind, id.clone())));
        parts.extend(network.classic_links.keys().cloned().map(Part::Links));
        parts.extend(network.down.iter().cloned().map(Part::Failure));
        parts.extend(network.names.keys().cloned().map(Part::Name));
    }
    parts.push(Part::Platform);
    let mut seen = BTreeSet::new();
    parts.retain(|part| seen.insert(part.clone()));
    let turned = parts.into_iter().filter_map(|part| {
        let (was, is) = (has(old, &part), has(new, &part));
        let turned = match (was, is) {
            (false, true) => Turned::Added,
            (true, false) => Turned::Removed,
            _ if same(old, new, &part) => return None,
            _ => Turned::Changed,
        };
        Some((part, turned))
    });
    turned.collect()
}

/// The old network with these parts as they are in the new one, as far as everything refers to something and every id names
/// one thing.
///
/// Both networks are sound, so what does not hold between them is due to parts that were taken: all of these are left,
/// until everything holds. A part that is left never makes another fit to be taken, so the order does not count.
#[must_use]
pub fn half_way(old: &Network, new: &Network, taken: &[Part]) -> Network {
    let mut taken: BTreeSet<&Part> = taken.iter().collect();
    loop {
        let mut network = old.clone();
        for part in &taken {
            put(&mut network, new, part);
        }
        let wrong = Wrong::in_network(&network);
        if wrong.is_nothing() {
            let down = std::mem::take(&mut network.down).into_iter();
            network.down = down.filter(|id| network.kind_of(id.as_str()).is_some()).collect();
            return network;
        }
        let culprits = wrong.culprits([old, new], &taken);
        if culprits.is_empty() {
            return old.clone();
        }
        taken.retain(|part| !culprits.contains(*part));
    }
}

/// What does not hold in a network half way.
struct Wrong {
    dangling: Vec<Reference>,
    /// Ids that several things have.
    doubled: Vec<Id>,
}

impl Wrong {
    fn in_network(network: &Network) -> Self {
        let mut seen = FxHashSet::default();
        let doubled = network.ids().map(|(id, _)| id);
        let doubled = doubled.filter(|id| !seen.insert(*id)).cloned();
        Self { dangling: dangling(network), doubled: doubled.collect() }
    }

    fn is_nothing(&self) -> bool {
        self.dangling.is_empty() && self.doubled.is_empty()
    }

    /// The taken parts that it is due to.
    fn culprits(&self, [old, new]: [&Network; 2], taken: &BTreeSet<&Part>) -> BTreeSet<Part> {
        let mut culprits = BTreeSet::new();
        let mut blame = |is_culprit: &dyn Fn(&Part) -> bool| {
            let found = taken.iter().filter(|part| is_culprit(part));
            let found: Vec<Part> = found.map(|part| (*part).clone()).collect();
            let any = !found.is_empty();
            culprits.extend(found);
            any
        };
        for reference in &self.dangling {
            // Who refers was taken, or else what it refers to was taken away.
            if !blame(&|part| refers(part, reference)) {
                let holder = holder(old, &reference.id);
                blame(&|part| held(part, reference, &holder));
            }
        }
        for id in &self.doubled {
            let holder = holder(new, id);
            blame(&|part| matches!(part, Part::Entity(_, id) if *id == holder));
        }
        culprits
    }
}

/// Whether a part is where a reference stands.
fn refers(part: &Part, reference: &Reference) -> bool {
    let Place { id: owner, path } = &reference.place;
    let is_link = matches!(path.first(), None | Some(Key::Field("classic_links")));
    match part {
        Part::Entity(_, id) => id == owner && !is_link,
        Part::Links(id) => id == owner && is_link,
        Part::Name(name) => name == owner,
        Part::Failure(_) | Part::Platform => false,
    }
}

/// Whether a part is what a reference led to, or what ended that accounts are there without being declared.
fn held(part: &Part, reference: &Reference, holder: &Id) -> bool {
    match part {
        Part::Entity(Kind::Account, _) => reference.wanted == [Kind::Account],
        Part::Entity(_, id) => id == holder,
        Part::Links(_) | Part::Failure(_) | Part::Name(_) | Part::Platform => false,
    }
}

/// The entity with a section of its own that an id belongs to: the group of a member, the gateway of a tunnel.
fn holder(network: &Network, id: &Id) -> Id {
    if let Some((group, _)) = network.group_member(id.as_str()) {
        return group.clone();
    }
    network.holder_of(id.as_str()).unwrap_or(id).clone()
}

fn has(network: &Network, part: &Part) -> bool {
    match part {
        Part::Entity(kind, id) => network.has(*kind, id.as_str()),
        Part::Links(vpc) => network.classic_links.contains_key(vpc),
        Part::Failure(id) => network.down.contains(id),
        Part::Name(name) => network.names.contains_key(name),
        Part::Platform => true,
    }
}

/// Whether both networks have the part, and have it equal.
fn same(a: &Network, b: &Network, part: &Part) -> bool {
    let [a, b] = [a, b].map(|network| {
        let mut only = Network::default();
        put(&mut only, network, part);
        only
    });
    a == b
}

/// Makes a part what it is in another network: copies it, or takes it away.
pub fn put(into: &mut Network, from: &Network, part: &Part) {
    match part {
        Part::Entity(kind, id) => put_entity(into, from, *kind, id),
        Part::Links(vpc) => copy(&mut into.classic_links, &from.classic_links, vpc),
        Part::Name(name) => copy(&mut into.names, &from.names, name),
        Part::Failure(id) if from.down.contains(id) => {
            into.down.insert(id.clone());
        }
        Part::Failure(id) => {
            into.down.remove(id);
        }
        Part::Platform => into.platform = from.platform,
    }
}

fn copy<T: Clone>(into: &mut Section<T>, from: &Section<T>, id: &Id) {
    match from.get(id) {
        Some(entity) => drop(into.insert(id.clone(), entity.clone())),
        None => drop(into.shift_remove(id)),
    }
}

fn put_entity(into: &mut Network, from: &Network, kind: Kind, id: &Id) {
    macro_rules! put {
        ($($section:ident: $kind:ident $row:tt)+) => {
            match kind {
                $(Kind::$kind => copy(&mut into.$section, &from.$section, id),)+
                // they come and go with what they are parts of
                Kind::CcnRouteTable | Kind::VpnConnection | Kind::DirectConnectTunnel => {}
            }
        };
    }
    sections!(put);
}
