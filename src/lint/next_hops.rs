//! Routes in use whose packets are all lost at the next hop: it is gone, carried by nobody or another network's, as the
//! fabric says (RT-16), or it is there and down.

use std::collections::BTreeSet;

use super::routes::tables;
use super::{Fact, Finding, Gone, Subject};
use crate::code::Code;
use crate::fabric::{Then, Way};
use crate::id::Id;
use crate::model::{Key, Network, NextHop, PeeringState, Place, Route, State};

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let network = subject.network;
    let gone = black_holes(subject);
    for table in tables(network).into_keys() {
        let Some(written) = network.route_tables.get(table) else {
            continue;
        };
        for (index, route) in written.routes.iter().enumerate() {
            let place = Place::item(table, "routes", index);
            let (to, via) = (route.to, route.via.clone());
            if is_half_known(network, &via) {
                continue;
            }
            if gone.contains(&place) {
                let why = why(network, &via);
                found.push(Finding::at(place, Fact::NextHopGone { to, via, why }));
            } else if route.enabled
                && let Some(other) = down(network, &written.vpc, route)
            {
                found.push(Finding::at(place, Fact::NextHopDown { to, via }).with([other]));
            }
        }
    }
}

/// Whether the file names what a route leads into as not fully modelled: then nobody knows what it carries.
fn is_half_known(network: &Network, via: &NextHop) -> bool {
    let mut unmodelled = network.unmodelled.iter();
    via.id().is_some_and(|id| unmodelled.any(|entry| entry.touches.contains(id)))
}

/// The routes that the fabric compiles to black holes.
fn black_holes(subject: &Subject<'_>) -> BTreeSet<Place> {
    let fabric = subject.fabric;
    let subnets = 0..u32::try_from(subject.network.subnets.len()).unwrap_or(u32::MAX);
    let routers = subnets.filter_map(|subnet| fabric.router(subnet));
    let mut places = BTreeSet::new();
    for rule in routers.flat_map(|router| fabric.rules(router)) {
        let Then::Go(ways) = &rule.then else { continue };
        let causes = ways.iter().filter_map(|way| match way {
            Way::Lost(cause) if cause.code == Code::RouteBlackhole => cause.place.clone(),
            Way::Lost(_) | Way::Hop(_) => None,
        });
        places.extend(causes);
    }
    places
}

fn why(network: &Network, via: &NextHop) -> Gone {
    let Some(id) = via.id() else {
        return Gone::Elsewhere;
    };
    let havip = network.havips.get(id);
    if network.kind_of(id.as_str()).is_none() {
        Gone::Missing
    } else if havip.is_some_and(|havip| havip.bound_to.is_none()) {
        Gone::Unbound
    } else {
        Gone::Elsewhere
    }
}

/// What says that the next hop of a route is down.
fn down(network: &Network, vpc: &Id, route: &Route) -> Option<Place> {
    let id = route.via.id()?;
    let failed = |id: &Id| network.down.contains(id).then(|| Place::of(id));
    match &route.via {
        NextHop::NatGateway(_) => failed(id),
        NextHop::PeeringConnection(_) => {
            let peering = network.peerings.get(id)?;
            let pending = peering.state == PeeringState::Pending;
            failed(id).or_else(|| pending.then(|| Place::field(id, "state")))
        }
        NextHop::VpnGateway(_) => {
            let connections = &network.vpn_gateways.get(id)?.connections;
            let all = !connections.is_empty() && connections.iter().all(|it| !it.up);
            all.then(|| Place::item(id, "connections", 0).then(Key::Field("up")))
        }
        NextHop::DirectConnectGateway(_) => {
            let tunnels = &network.direct_connect_gateways.get(id)?.tunnels;
            let all = !tunnels.is_empty() && tunnels.iter().all(|it| !it.up);
            all.then(|| Place::item(id, "tunnels", 0).then(Key::Field("up")))
        }
        NextHop::Ccn(_) => failed(vpc),
        NextHop::Instance(_) | NextHop::PublicGateway(_) => machine(network, id),
        NextHop::HaVip(_) => machine(network, network.havips.get(id)?.bound_to.as_ref()?),
        NextHop::Eip => None,
    }
}

/// What says that a machine does not run; an interface is its machine.
fn machine(network: &Network, id: &Id) -> Option<Place> {
    let interface = network.network_interfaces.get(id);
    let id = interface.map_or(id, |interface| &interface.instance);
    let instance = network.instances.get(id)?;
    let stopped = instance.state != State::Running;
    let failed = network.down.contains(id);
    if stopped {
        return Some(Place::field(id, "state"));
    }
    failed.then(|| Place::of(id))
}
