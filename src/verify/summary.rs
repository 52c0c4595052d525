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
    /// Sets whose members are all among them, each with their number; together with `rest` they are everybody.
    pub sets: Vec<(Id, usize)>,
    /// Those that are in none of the sets.
    pub rest: Vec<Who>,
}

/// What the ends of a network are members of, and how many members each set has.
#[derive(Debug, Default)]
pub(super) struct Sets {
    names: Vec<Id>,
    members: BTreeMap<Endpoint, Vec<usize>>,
    /// Per set: those that open, those that are meant.
    counts: Vec<[usize; 2]>,
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

/// Ends with the largest sets that they are all the members of.
pub(super) fn crowd(land: &Land, who: &[Who], side: Side) -> Crowd {
    let sets = land.sets();
    let at = match side {
        Side::From => 0,
        Side::To => 1,
    };
    let mut hits: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (index, who) in who.iter().enumerate() {
        let own = sets
            .members
            .get(&who.endpoint)
            .filter(|_| who.part.is_none());
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
            named.push((sets.names[set].clone(), hits.len()));
            covered.extend(hits);
        }
    }
    let rest = who.iter().enumerate();
    let rest = rest.filter(|(index, _)| !covered.contains(index));
    Crowd {
        rest: rest.map(|(_, who)| who.clone()).collect(),
        sets: named,
        who: who.to_vec(),
    }
}
