//! Routes over a forwarding instance, HAVIP or public gateway whose own groups let none of their packets through
//! (D20-11, NAT-12): a forwarder's groups see the addresses of the connection, not its own.
//!
//! A route is blocked when nothing that the machines of its subnets send to its destination passes the forwarder's groups
//! on the way in and on the way out. A route that leads replies back of what the groups do let through the other way is
//! not: they remember the connection.

use super::guards::Guards;
use super::routes::tables;
use super::{Fact, Finding, Subject, short};
use crate::code::Code;
use crate::fabric::{FilterUse, Home, ResidentIx, Role};
use crate::id::Id;
use crate::model::{Endpoint, NextHop, Place};
use crate::query::ListName;
use crate::space::{AddressSet, Set, Traffic};

/// A route over a forwarder.
struct Over<'a> {
    place: Place,
    to: ipnet::IpNet,
    forwarder: &'a Id,
    resident: ResidentIx,
    /// Who sends this way: one of them, and how many more.
    client: (Endpoint, usize),
    sources: AddressSet,
    destinations: AddressSet,
}

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let mut asked = Guards::of(subject);
    let all = over_forwarders(subject);
    for route in &all {
        let blocked = blocking(&mut asked, route).filter(|_| !answers(&mut asked, route, &all));
        if let Some(exceeded) = asked.space.exceeded() {
            let place = Place::of(route.forwarder);
            found.push(short(Code::ForwarderBlocked, place, exceeded));
            return;
        }
        let Some((filter, list)) = blocked else {
            continue;
        };
        let guard = asked.owner(filter);
        let related = Place::field(&guard, list.name());
        let fact = Fact::ForwarderBlocked {
            to: route.to,
            forwarder: route.forwarder.clone(),
            guard,
            list,
            client: route.client.clone(),
        };
        found.push(Finding::at(route.place.clone(), fact).with([related]));
    }
}

/// The routes in use whose next hop is a forwarder that could take packets.
fn over_forwarders<'a>(subject: &'a Subject<'_>) -> Vec<Over<'a>> {
    let network = subject.network;
    let hosts = &subject.fabric.hosts;
    let mut all = Vec::new();
    for (id, subnets) in tables(network) {
        let Some(table) = network.route_tables.get(id) else {
            continue;
        };
        let own = network.vpcs.get(&table.vpc).into_iter();
        let own =
            AddressSet::union_all(own.flat_map(crate::model::Vpc::cidrs).map(AddressSet::from));
        for (index, route) in table.routes.iter().enumerate() {
            let (NextHop::Instance(forwarder)
            | NextHop::HaVip(forwarder)
            | NextHop::PublicGateway(forwarder)) = &route.via
            else {
                continue;
            };
            let Some(resident) = hosts.of(forwarder.as_str()).filter(|_| route.enabled) else {
                continue;
            };
            let it = hosts.get(resident);
            if it.down || it.unbound {
                continue;
            }
            // A public gateway does not serve its own subnet (NAT-12).
            let served = |subnet: u32| {
                !matches!(route.via, NextHop::PublicGateway(_)) || it.home != Home::Subnet(subnet)
            };
            let subnets: Vec<u32> = subnets.iter().copied().filter(|it| served(*it)).collect();
            let Some((client, sources)) = clients(subject, &subnets, resident) else {
                continue;
            };
            all.push(Over {
                place: Place::item(id, "routes", index),
                to: route.to,
                forwarder,
                resident,
                client,
                sources,
                // Local carries the rest (RT-5).
                destinations: AddressSet::from(route.to).difference(&own),
            });
        }
    }
    all.retain(|route| !route.destinations.is_empty());
    all
}

/// The machines of subnets, but for the one of the forwarder.
fn clients(
    subject: &Subject<'_>,
    subnets: &[u32],
    forwarder: ResidentIx,
) -> Option<((Endpoint, usize), AddressSet)> {
    let hosts = &subject.fabric.hosts;
    let mut machines = hosts.iter().filter(|(index, resident)| {
        let inside = matches!(resident.home, Home::Subnet(subnet) if subnets.contains(&subnet));
        let itself = *index == forwarder || hosts.share_a_machine(*index, forwarder);
        inside && resident.role == Role::Machine && !resident.unbound && !itself
    });
    let addresses = |(first, last)| AddressSet::range(first, last);
    let (_, first) = machines.next()?;
    let mut sources = addresses(first.addresses);
    let mut more = 0;
    for (_, machine) in machines {
        more += 1;
        sources = sources.union(&addresses(machine.addresses));
    }
    Some(((first.endpoint_at(first.addresses.0), more), sources))
}

/// What the groups of a forwarder let through between addresses, and which of their lists is the first to drop all.
fn through(
    asked: &mut Guards<'_>,
    forwarder: ResidentIx,
    sources: &AddressSet,
    destinations: &AddressSet,
) -> Result<Set, (FilterUse, ListName)> {
    let resident = asked.subject.fabric.hosts.get(forwarder);
    let lists = [(resident.ingress, ListName::Ingress), (resident.egress, ListName::Egress)];
    let mut left = asked.space.cube(sources, destinations, &Traffic::all());
    for (filter, list) in lists {
        let Some(filter) = filter else { continue };
        let permitted = asked.permitted(filter);
        left = asked.space.intersection(left, permitted);
        if left == crate::space::Space::EMPTY {
            return Err((filter, list));
        }
    }
    Ok(left)
}

/// The list that drops all that a route brings to its forwarder.
fn blocking(asked: &mut Guards<'_>, route: &Over<'_>) -> Option<(FilterUse, ListName)> {
    let (sources, destinations) = (&route.sources, &route.destinations);
    through(asked, route.resident, sources, destinations).err()
}

/// Whether something comes by the same forwarder the other way, is let through and answered by this route.
fn answers(asked: &mut Guards<'_>, route: &Over<'_>, all: &[Over<'_>]) -> bool {
    let others = all.iter().filter(|other| other.resident == route.resident);
    for other in others {
        let sources = other.sources.intersection(&route.destinations);
        let destinations = other.destinations.intersection(&route.sources);
        let meets = !sources.is_empty() && !destinations.is_empty();
        if meets && through(asked, route.resident, &sources, &destinations).is_ok() {
            return true;
        }
    }
    false
}
