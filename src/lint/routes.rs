//! Written routes that no packet takes: Local or more specific routes carry all of it (RT-5, RT-6), or they are for
//! public addresses that none of their subnets has (RT-11); and routes that are off in every stage.
//!
//! Tables without a subnet are told as a whole by `unused`. A written route that only sets the state of a propagated one
//! (D20-4) is no route of its own.

use std::collections::{BTreeMap, HashSet};

use super::{Fact, Finding, NotTaken, Site, Subject};
use crate::code::Code;
use crate::id::Id;
use crate::model::{Network, NextHop, Place, Route, RouteTable};
use crate::space::AddressSet;

/// The subnets of each route table, by position, in the order of the file.
pub(super) fn tables(network: &Network) -> BTreeMap<&Id, Vec<u32>> {
    let mut tables: BTreeMap<&Id, Vec<u32>> = BTreeMap::new();
    for (index, subnet) in (0..).zip(network.subnets.values()) {
        let default = || network.vpcs.get(&subnet.vpc)?.default_route_table.as_ref();
        if let Some(table) = subnet.route_table.as_ref().or_else(default) {
            tables.entry(table).or_default().push(index);
        }
    }
    tables
}

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let network = subject.network;
    for (id, subnets) in tables(network) {
        let Some(table) = network.route_tables.get(id) else {
            continue;
        };
        let propagated = network.propagated(&table.vpc, Some(table)).into_iter();
        let propagated: Vec<Route> = propagated.map(|copy| copy.route).collect();
        let is_state = |route: &Route| {
            let mut copies = propagated.iter();
            copies.any(|copy| copy.to == route.to && copy.via == route.via)
        };
        for (index, route) in table.routes.iter().enumerate() {
            if is_state(route) {
                continue;
            }
            let place = Place::item(id, "routes", index);
            let to = route.to;
            if !route.enabled {
                if !enabled_elsewhere(subject, id, route) {
                    found.push(Finding::at(place, Fact::RouteDisabled { to }));
                }
            } else if let Some((why, by)) = never_taken(subject, (id, table), route, &propagated) {
                found.push(Finding::at(place, Fact::RouteNeverTaken { to, why }).with(by));
            } else if route.via == NextHop::Eip && nobody_sends(subject, &subnets) {
                let why = NotTaken::NoPublicAddress;
                found.push(Finding::at(place, Fact::RouteNeverTaken { to, why }));
            }
        }
    }
}

fn enabled_elsewhere(subject: &Subject<'_>, table: &Id, route: &Route) -> bool {
    let mut tables = subject.networks().filter_map(|network| network.route_tables.get(table));
    tables.any(|table| {
        let mut routes = table.routes.iter();
        routes.any(|other| other.enabled && other.to == route.to && other.via == route.via)
    })
}

/// Whether none of the subnets has an endpoint with a public address of its own, in no stage.
fn nobody_sends(subject: &Subject<'_>, subnets: &[u32]) -> bool {
    let mut own = subnets.iter();
    let mut names = subnets
        .iter()
        .filter_map(|index| subject.network.subnets.get_index(*index as usize))
        .map(|(id, _)| id);
    own.all(|subnet| subject.fabric.hosts.public_senders(*subnet).is_empty())
        && names.all(|subnet| !subject.networks().any(|network| has_public(network, subnet)))
}

fn has_public(network: &Network, subnet: &Id) -> bool {
    let instances = network.instances.values();
    let interfaces = network.network_interfaces.values();
    let havips = network.havips.values();
    instances
        .map(|it| (&it.subnet, it.eip))
        .chain(interfaces.map(|it| (&it.subnet, it.eip)))
        .chain(havips.map(|it| (&it.subnet, it.eip)))
        .any(|(home, eip)| home == subnet && eip.is_some())
}

/// What carries all packets that a route is for, with the written routes among it.
fn never_taken(
    subject: &Subject<'_>,
    (id, table): (&Id, &RouteTable),
    route: &Route,
    propagated: &[Route],
) -> Option<(NotTaken, Vec<Place>)> {
    let vpc = subject.network.vpcs.get(&table.vpc)?;
    let local = AddressSet::union_all(vpc.cidrs().map(AddressSet::from));
    let rest = AddressSet::from(route.to).difference(&local);
    if rest.is_empty() {
        return Some((NotTaken::Local, Vec::new()));
    }
    // An `Eip` route takes some senders' packets only, so it covers nothing.
    let covers = |other: &Route| {
        other.enabled
            && other.via != NextHop::Eip
            && other.to.prefix_len() > route.to.prefix_len()
            && route.to.contains(&other.to)
    };
    let written = table.routes.iter().enumerate();
    let written: Vec<(usize, &Route)> = written.filter(|(_, other)| covers(other)).collect();
    let others = written.iter().map(|(_, other)| *other);
    let others = others.chain(propagated.iter().filter(|other| covers(other)));
    let carried = AddressSet::union_all(others.map(|other| other.to.into()));
    rest.is_subset(&carried).then(|| {
        let by = written.iter().map(|(index, _)| Place::item(id, "routes", *index));
        (NotTaken::MoreSpecific, by.collect())
    })
}

/// Of a route that no packet takes, nothing else is worth a word.
pub(super) fn without_those_never_taken(found: &mut Vec<Finding>) {
    let never = |finding: &Finding| match &finding.at {
        Site::Place(place) if finding.code() == Code::RouteNeverTaken => Some(place.clone()),
        _ => None,
    };
    let never: HashSet<Place> = found.iter().filter_map(never).collect();
    found.retain(|finding| match &finding.at {
        Site::Place(place) => finding.code() == Code::RouteNeverTaken || !never.contains(place),
        Site::Span(_) => true,
    });
}
