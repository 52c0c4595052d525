//! Many ends in few words: those that are all members of a VPC, a subnet or a security group go by its id.

use std::collections::{BTreeMap, BTreeSet};

use super::land::{Land, Who};
use super::select::{Side, groups_of, takes_part};
use crate::fabric::Home;
use crate::id::Id;
use crate::model::Endpoint;

/// Ends, and how to speak of them.
#[derive(Clone, Debug, Default)]
pub struct Crowd {
    /// Every end.
    pub who: Vec<Who>,
    /// Where all endpoints that take part on this side are among them: how many, and who is there beside.
    pub everybody: Option<(usize, Vec<(Who, usize)>)>,
    /// Sets whose members are all among them, each with their number; together with `rest` they are everybody.
    pub sets: Vec<(Id, usize)>,
    /// Those that are in none of the sets, each with the number of its members.
    pub rest: Vec<(Who, usize)>,
}

/// What the ends of a network are members of, and how many members each set has.
#[derive(Debug, Default)]
pub(super) struct Sets {
    names: Vec<Id>,
    members: BTreeMap<Endpoint, Vec<usize>>,
    /// Per set: those that open, those that are meant.
    counts: Vec<[usize; 2]>,
    /// All that open, all that are meant.
    all: [usize; 2],
}

impl Sets {
    pub(super) fn of(land: &Land) -> Self {
        let fabric = &land.fabric;
        let network = &fabric.network;
        let mut sets = Self::default();
        let mut known: BTreeMap<Id, usize> = BTreeMap::new();
        for (index, resident) in fabric.hosts.iter() {
            let vpc = fabric.vpc_of_resident(index);
            let vpc = vpc.and_then(|vpc| network.vpcs.get_index(vpc as usize));
            let subnet = match resident.home {
                Home::Subnet(subnet) => network.subnets.get_index(subnet as usize),
                Home::Classic | Home::Public(_) => None,
            };
            let all = vpc.map(|(id, _)| id).into_iter();
            let all = all.chain(subnet.map(|(id, _)| id));
            let all = all.chain(groups_of(network, &resident.endpoint, Side::To));
            let openers = groups_of(network, &resident.endpoint, Side::From);
            for (count, side) in sets.all.iter_mut().zip([Side::From, Side::To]) {
                *count += usize::from(takes_part(resident, side));
            }
            let mut own = Vec::new();
            for id in all {
                let next = known.len();
                let set = *known.entry(id.clone()).or_insert(next);
                if set == next {
                    sets.names.push(id.clone());
                    sets.counts.push([0, 0]);
                }
                let is_group = network.security_groups.contains_key(id);
                let opens = takes_part(resident, Side::From) && (!is_group || openers.contains(id));
                sets.counts[set][0] += usize::from(opens);
                sets.counts[set][1] += usize::from(takes_part(resident, Side::To));
                own.push(set);
            }
            sets.members.insert(resident.endpoint.clone(), own);
        }
        sets
    }
}

/// Ends with the largest sets that they are all the members of; all endpoints that there are go by one word.
pub(super) fn crowd(land: &Land, who: &[Who], side: Side) -> Crowd {
    let sets = land.sets();
    let known = |who: &&Who| who.part.is_none() && sets.members.contains_key(&who.endpoint);
    let all = sets.all[at(side)];
    let mut told = by_sets(land, who, side);
    let one_set = told.sets.len() == 1 && told.rest.len() + all == who.len();
    if all > 1 && !one_set && who.iter().filter(known).count() == all {
        let (own, rest): (Vec<_>, Vec<_>) = who.iter().partition(|who| known(who));
        let count = own.into_iter().map(|who| size(land, who)).sum();
        let rest = rest.into_iter();
        let rest = rest.map(|who| (who.clone(), size(land, who)));
        told.everybody = Some((count, rest.collect()));
    }
    told
}

fn at(side: Side) -> usize {
    match side {
        Side::From => 0,
        Side::To => 1,
    }
}

fn size(land: &Land, who: &Who) -> usize {
    usize::try_from(who.len(land)).unwrap_or(usize::MAX)
}

/// The same by sets that can be asked for.
pub(super) fn by_sets(land: &Land, who: &[Who], side: Side) -> Crowd {
    let sets = land.sets();
    let at = at(side);
    let mut hits: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (index, who) in who.iter().enumerate() {
        let own = sets.members.get(&who.endpoint).filter(|_| who.part.is_none());
        for set in own.into_iter().flatten() {
            hits.entry(*set).or_default().insert(index);
        }
    }
    let mut whole: Vec<_> = hits
        .into_iter()
        .filter(|(set, hits)| hits.len() > 1 && hits.len() == sets.counts[*set][at])
        .collect();
    whole.sort_by_key(|(set, hits)| (std::cmp::Reverse(hits.len()), *set));
    let mut covered: BTreeSet<usize> = BTreeSet::new();
    let mut named = Vec::new();
    for (set, hits) in whole {
        if hits.is_disjoint(&covered) {
            let count = hits.iter().map(|hit| size(land, &who[*hit])).sum();
            named.push((sets.names[set].clone(), count));
            covered.extend(hits);
        }
    }
    let rest = who.iter().enumerate();
    let rest = rest.filter(|(index, _)| !covered.contains(index));
    named.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Crowd {
        everybody: None,
        rest: rest.map(|(_, who)| (who.clone(), size(land, who))).collect(),
        sets: named,
        who: who.to_vec(),
    }
}
