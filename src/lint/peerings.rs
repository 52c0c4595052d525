//! Peerings that one end has a route into and the other has not: no reply comes back through them (PCX-2); those across
//! regions, which the cloud is giving up in favour of CCN (PCX-9).

use super::routes::tables;
use super::{Fact, Finding, Subject};
use crate::id::Id;
use crate::model::{NextHop, PeeringState, Place};

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let network = subject.network;
    let in_use = tables(network);
    for (id, peering) in &network.peerings {
        let region = |vpc: &Id| network.vpcs.get(vpc).map(|vpc| vpc.region.clone());
        let (one, two) = &peering.between;
        if let (Some(one), Some(two)) = (region(one), region(two))
            && one != two
        {
            let regions = [one, two];
            let peering = id.clone();
            let fact = Fact::PeeringCrossRegion { peering, regions };
            found.push(Finding::at(Place::of(id), fact));
        }
        if peering.state != PeeringState::Active {
            continue;
        }
        let route = |vpc: &Id| {
            let mut tables = in_use.keys().filter_map(|table| {
                let written = network.route_tables.get(*table)?;
                (written.vpc == *vpc).then_some((*table, written))
            });
            tables.find_map(|(table, written)| {
                let mut routes = written.routes.iter();
                let leads =
                    |via: &NextHop| matches!(via, NextHop::PeeringConnection(to) if to == id);
                let index = routes.position(|route| route.enabled && leads(&route.via))?;
                Some(Place::item(table, "routes", index))
            })
        };
        let (left, right) = &peering.between;
        let (with, without, place) = match (route(left), route(right)) {
            (Some(place), None) => (left, right, place),
            (None, Some(place)) => (right, left, place),
            _ => continue,
        };
        let fact = Fact::PeeringOneSided {
            peering: id.clone(),
            with: with.clone(),
            without: without.clone(),
        };
        found.push(Finding::at(Place::of(id), fact).with([place]));
    }
}
