//! Everybody in networks that are compared: those together that nothing tells apart in any of them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::land::{Alike, Land, Meaning, Who};
use super::selection::Selection;
use crate::engine::Member;
use crate::id::Id;
use crate::model::Endpoint;
use crate::space::after;

/// The ends of all networks, by name, those together that mean the same class in each and that every selection means
/// all or none of. A selection comes with the position of its network.
pub(super) fn everyone(lands: &[&Land], selections: &[(usize, &Selection)]) -> Vec<Alike> {
    if let [first, others @ ..] = lands
        && selections.is_empty()
        && others.iter().all(|land| land.has_ends_of(first))
    {
        return first.everyone(lands.len());
    }
    let cuts = selections.iter();
    let cuts: Vec<IpAddr> =
        cuts.flat_map(|(at, selection)| super::intent::cuts(lands[*at], selection)).collect();
    let mut names: Vec<Who> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    let mut add = |who: Who| {
        if seen.insert(who.clone()) {
            names.push(who);
        }
    };
    for land in lands {
        for (index, resident) in land.fabric.hosts.iter() {
            match &resident.endpoint {
                Endpoint::GroupMember(id, _) => {
                    stretches(lands, &cuts, id).into_iter().for_each(&mut add);
                }
                endpoint => {
                    let known = land.classes.stretches(index);
                    debug_assert_eq!(known.len(), 1, "one address, one stretch");
                    add(Who::whole(endpoint.clone()));
                }
            }
        }
    }
    for land in lands {
        let sites = land.fabric.network.sites.keys();
        sites.for_each(|id| add(Who::whole(Endpoint::Site(id.clone()))));
    }
    add(Who::whole(Endpoint::Internet));
    let mut all: Vec<Alike> = Vec::new();
    let mut known: BTreeMap<(Vec<Option<Meaning>>, Vec<bool>), usize> = BTreeMap::new();
    for who in names {
        let means: Vec<_> = lands.iter().map(|land| land.meaning(&who)).collect();
        let meant = selections.iter();
        let meant = meant.map(|(at, selection)| lands[*at].is_meant(&who, selection));
        let next = all.len();
        let at = *known.entry((means.clone(), meant.collect())).or_insert(next);
        if at == next {
            all.push(Alike { who: Vec::new(), means, several: false });
        }
        let many = is_many(lands, &who);
        let alike = &mut all[at];
        alike.several |= many || !alike.who.is_empty();
        alike.who.push(who);
    }
    all
}

impl Land {
    /// Whether every name means the same class in both.
    pub(super) fn has_ends_of(&self, other: &Self) -> bool {
        self.fabric.shares_ways(&other.fabric) && Arc::ptr_eq(&self.classes, &other.classes)
    }

    /// What a member of a class is called: a part of its group where others of it are of other classes.
    pub(super) fn who(&self, member: &Member) -> Who {
        match &self.fabric.hosts.get(member.resident).endpoint {
            Endpoint::GroupMember(id, _) if self.classes.stretches(member.resident).len() > 1 => {
                Who {
                    endpoint: Endpoint::GroupMember(id.clone(), member.addresses.0),
                    part: Some(member.addresses.1),
                }
            }
            endpoint => Who::whole(endpoint.clone()),
        }
    }

    /// [`everyone`] of networks that have the same ends: class by class.
    fn everyone(&self, networks: usize) -> Vec<Alike> {
        let alike =
            |meaning, who| Alike { who, means: vec![Some(meaning); networks], several: false };
        let classes = self.classes.iter();
        let mut all: Vec<Alike> = classes
            .map(|(index, class)| Alike {
                several: class.len() > 1,
                ..alike(
                    Meaning::Class(index),
                    class.members.iter().map(|it| self.who(it)).collect(),
                )
            })
            .collect();
        let sites = (0..).zip(self.fabric.network.sites.keys());
        all.extend(sites.map(|(site, id)| {
            let who = Who::whole(Endpoint::Site(id.clone()));
            alike(Meaning::Site(site), vec![who])
        }));
        let internet = Who::whole(Endpoint::Internet);
        all.push(alike(Meaning::Internet, vec![internet]));
        all
    }
}

/// Whether a name stands for more than one endpoint.
pub(super) fn is_many(lands: &[&Land], who: &Who) -> bool {
    match who.part {
        Some(last) => !is_single(&who.endpoint, last),
        None => is_whole_group(lands, &who.endpoint),
    }
}

fn is_single(endpoint: &Endpoint, last: IpAddr) -> bool {
    matches!(endpoint, Endpoint::GroupMember(_, first) if *first == last)
}

/// Whether a whole group has more than one member.
fn is_whole_group(lands: &[&Land], endpoint: &Endpoint) -> bool {
    let Endpoint::GroupMember(id, _) = endpoint else {
        return false;
    };
    let mut groups = lands.iter().filter_map(|land| land.fabric.network.instance_groups.get(id));
    groups.any(|group| group.ips.0 != group.ips.1)
}

/// The stretches of a group that no network divides; without a part if it is the same whole group everywhere.
fn stretches(lands: &[&Land], cuts: &[IpAddr], id: &Id) -> Vec<Who> {
    let mut starts: Vec<IpAddr> = cuts.to_vec();
    let mut ranges = Vec::new();
    for land in lands {
        let Some(group) = land.fabric.network.instance_groups.get(id) else {
            continue;
        };
        let Some(resident) = land.fabric.hosts.of(id.as_str()) else {
            continue;
        };
        let known = land.classes.stretches(resident);
        starts.extend(known.iter().map(|(first, _)| *first));
        starts.extend(after(group.ips.1));
        ranges.push(group.ips);
    }
    starts.sort_unstable();
    starts.dedup();
    let inside = |address: IpAddr| {
        let mut ranges = ranges.iter();
        ranges.any(|(first, last)| *first <= address && address <= *last)
    };
    let mut parts = Vec::new();
    for (index, first) in starts.iter().enumerate() {
        if !inside(*first) {
            continue;
        }
        let next = starts.get(index + 1).and_then(|next| before(*next));
        parts.push(Who {
            endpoint: Endpoint::GroupMember(id.clone(), *first),
            part: Some(next.unwrap_or(*first)),
        });
    }
    if let [only] = parts.as_mut_slice() {
        only.part = None;
    }
    parts
}

pub(super) fn before(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => Some(Ipv4Addr::from_bits(v4.to_bits().checked_sub(1)?).into()),
        IpAddr::V6(v6) => Some(Ipv6Addr::from_bits(v6.to_bits().checked_sub(1)?).into()),
    }
}
