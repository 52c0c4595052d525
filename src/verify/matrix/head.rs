//! The rows and columns of a matrix: ends, alone or by set.

use std::collections::{BTreeMap, BTreeSet};

use super::By;
use crate::fabric::{Home, Party};
use crate::id::Id;
use crate::model::{Endpoint, Network};
use crate::verify::land::{Alike, Land, Who};
use crate::verify::select::{Side, groups_of};

/// A row or a column, and the ends in it.
pub(super) struct Head {
    pub(super) name: String,
    /// Who it is, unless it is a set with a name of its own.
    pub(super) who: Vec<Who>,
    pub(super) ends: Vec<usize>,
    /// Whether it is one single endpoint, so that it has no pair with itself.
    pub(super) alone: bool,
}

/// The regions of the classic network in which more than one account has something.
pub(super) fn shared_regions(network: &Network) -> BTreeSet<&str> {
    let instances = network.classic_instances.keys();
    let ids = instances
        .chain(network.classic_databases.keys())
        .chain(network.classic_load_balancers.keys());
    let mut accounts: BTreeMap<&str, &str> = BTreeMap::new();
    let places = ids.filter_map(|id| {
        let region = network.region_of(id.as_str())?;
        Some((region, network.account_of(id.as_str())))
    });
    let shared = places.filter(|(region, account)| {
        let first = accounts.entry(region).or_insert(account);
        first != account
    });
    shared.map(|(region, _)| region).collect()
}

/// Rows or columns: the ends that take part on a side, alone or by set, in the order of the file.
pub(super) fn heads(land: &Land, ends: &[Alike], by: By, side: Side) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    let shared = shared_regions(&land.fabric.network);
    let mut sets: BTreeMap<Id, usize> = BTreeMap::new();
    for (index, end) in ends.iter().enumerate() {
        let takes_part = end.means[0].is_some_and(|meaning| land.takes_part(meaning, side));
        if !takes_part {
            continue;
        }
        if by == By::Alike {
            heads.push(alike_head(land, index, end));
            continue;
        }
        for who in &end.who {
            let ids = sets_of(land, who, (by, &shared), side);
            for id in &ids {
                let next = heads.len();
                let at = *sets.entry(id.clone()).or_insert(next);
                if at == next {
                    heads.push(Head {
                        name: id.to_string(),
                        who: Vec::new(),
                        ends: Vec::new(),
                        alone: false,
                    });
                }
                if heads[at].ends.last() != Some(&index) {
                    heads[at].ends.push(index);
                }
            }
            if ids.is_empty() {
                let many = matches!(who.endpoint, Endpoint::Site(_) | Endpoint::Internet)
                    || who.len(land) > 1;
                heads.push(Head {
                    name: name_of(land, who),
                    who: vec![who.clone()],
                    ends: vec![index],
                    alone: !many,
                });
            }
        }
    }
    heads
}

/// A row or column of ends that nothing tells apart.
fn alike_head(land: &Land, index: usize, end: &Alike) -> Head {
    let names: Vec<String> = end.who.iter().map(|who| name_of(land, who)).collect();
    Head {
        name: names.join(" | "),
        who: end.who.clone(),
        ends: vec![index],
        alone: !end.meets_itself(),
    }
}

/// The name of one end. A database that has old addresses yet is asked for at any of them by its id (MIG-11); here each is
/// an end of its own, so each is told with its address.
pub(super) fn name_of(land: &Land, who: &Who) -> String {
    if let Endpoint::Database(id) = &who.endpoint
        && let Some(database) = land.fabric.network.databases.get(id)
        && !database.old_vips.is_empty()
    {
        return format!("{id}[{}]", database.ip);
    }
    who.to_string()
}

/// The sets that an end belongs to, by which a matrix is asked; none = it stands for itself.
pub(super) fn sets_of(
    land: &Land,
    who: &Who,
    (by, shared): (By, &BTreeSet<&str>),
    side: Side,
) -> Vec<Id> {
    let network = &land.fabric.network;
    let Some(Party::Host(resident, _)) = land.party(who) else {
        return Vec::new();
    };
    let resident_home = land.fabric.hosts.get(resident).home;
    match (by, resident_home) {
        (By::Group, _) => groups_of(network, &who.endpoint, side).to_vec(),
        (By::Subnet, Home::Subnet(subnet)) => {
            let subnet = network.subnets.get_index(subnet as usize);
            subnet.map(|(id, _)| id.clone()).into_iter().collect()
        }
        (By::Endpoint | By::Alike | By::Subnet, _) => Vec::new(),
        (By::Vpc, Home::Classic) => {
            let id = who.endpoint.id().map(Id::as_str);
            let place = id.and_then(|id| Some((network.region_of(id)?, network.account_of(id))));
            let set = place.map(|(region, account)| {
                // As selectors write it.
                Id::from(if shared.contains(region) {
                    format!("classic:{region}/{account}")
                } else {
                    format!("classic:{region}")
                })
            });
            set.into_iter().collect()
        }
        (By::Vpc, _) => {
            let vpc = land.fabric.vpc_of_resident(resident);
            let vpc = vpc.and_then(|vpc| network.vpcs.get_index(vpc as usize));
            vpc.map(|(id, _)| id.clone()).into_iter().collect()
        }
    }
}
