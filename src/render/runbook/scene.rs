//! Who stands where after a wave: places with what is in them, and where names lead.

use std::collections::BTreeSet;

use crate::code::Language;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{LoadBalancerNetwork, Network};

/// So many of a place are named.
const MOST: usize = 10;

/// A place with what is in it.
pub(super) struct Place {
    pub(super) title: String,
    /// Each with whether it has just come.
    pub(super) things: Vec<(String, bool)>,
}

/// The places of a network; those who have just moved come first.
pub(super) fn places(network: &Network, moved: &[Id], language: Language) -> Vec<Place> {
    let moved: BTreeSet<&Id> = moved.iter().collect();
    let mut places = Vec::new();
    let classic = network
        .classic_load_balancers
        .keys()
        .chain(network.classic_databases.keys())
        .chain(network.classic_instances.keys());
    let title = Words::new("classic network", "基础网络").text(language).to_owned();
    places.extend(place(title, classic, &moved, language));
    for (vpc, _) in &network.vpcs {
        let public = network.load_balancers.iter();
        let public = public.filter(
            |(_, it)| matches!(&it.network, LoadBalancerNetwork::Public { vpc: own, .. } if own == vpc),
        );
        let connections = network.endpoint_connections.iter();
        let connections = connections.filter(|(_, it)| it.vpc == *vpc);
        let own = public.map(|(id, _)| id).chain(connections.map(|(id, _)| id));
        places.extend(place(vpc.to_string(), own, &moved, language));
    }
    for subnet in network.subnets.keys() {
        let internal = network.load_balancers.iter();
        let internal = internal.filter(
            |(_, it)| matches!(&it.network, LoadBalancerNetwork::Internal { subnet: own, .. } if own == subnet),
        );
        let databases = network.databases.iter();
        let databases = databases.filter(|(_, it)| it.subnet == *subnet);
        let instances = network.instances.iter();
        let instances = instances.filter(|(_, it)| it.subnet == *subnet);
        let own = internal
            .map(|(id, _)| id)
            .chain(databases.map(|(id, _)| id))
            .chain(instances.map(|(id, _)| id));
        places.extend(place(subnet.to_string(), own, &moved, language));
    }
    if !network.names.is_empty() {
        let names = network.names.iter();
        let things = names.map(|(name, to)| (format!("{name} → {to}"), false));
        places.push(Place {
            title: Words::new("names", "名称").text(language).to_owned(),
            things: cut(things.collect(), language),
        });
    }
    places
}

fn place<'a>(
    title: String,
    ids: impl Iterator<Item = &'a Id>,
    moved: &BTreeSet<&Id>,
    language: Language,
) -> Option<Place> {
    let mut things: Vec<(String, bool)> =
        ids.map(|id| (id.to_string(), moved.contains(id))).collect();
    things.sort_by_key(|(_, moved)| !moved);
    let things = cut(things, language);
    (!things.is_empty()).then_some(Place { title, things })
}

fn cut(mut things: Vec<(String, bool)>, language: Language) -> Vec<(String, bool)> {
    let more = things.len().saturating_sub(MOST);
    if more > 1 {
        let moved = things[MOST].1;
        things.truncate(MOST);
        let words = Words::new(format!("… and {more} more"), format!("……另有 {more} 个"));
        things.push((words.text(language).to_owned(), moved));
    }
    things
}
