//! Written routes: against the VPC's own CIDRs and subnets (RT-5, RT-15, VPC-11), against each other
//! (RT-10), and into peerings (RT-14).

use std::collections::{BTreeMap, HashMap, HashSet};

use ipnet::IpNet;

use super::super::{Key, Network, NextHop, Place, Route, RouteTable, Violation, Vpc};
use super::quota::Quota;
use crate::code::Code;
use crate::id::Id;

const ROUTES: Quota = Quota::new("RT-2", 50, "routes");
const EQUAL: Quota = Quota::new("RT-10", 8, "equal routes of one type");

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let mut subnets: HashMap<(&Id, IpNet), &Id> = HashMap::new();
    for (id, subnet) in &network.subnets {
        for cidr in std::iter::once(subnet.cidr).chain(subnet.ipv6_cidr) {
            subnets.entry((&subnet.vpc, cidr)).or_insert(id);
        }
    }
    for (id, table) in &network.route_tables {
        for (index, route) in table.routes.iter().enumerate() {
            let place = Place::item(id, "routes", index);
            if let Some(vpc) = network.vpcs.get(&table.vpc) {
                found.extend(own_cidr((&table.vpc, vpc), route, &place));
            }
            if let Some(subnet) = subnets.get(&(&table.vpc, route.to)) {
                found.extend(own_subnet(network, table, subnet, route, &place));
            }
            found.extend(outside_peer(network, table, route, &place));
            found.extend(no_public_gateway(network, route, place));
        }
        equal(network, id, table, found);
        let whose = format!("`{id}`");
        found.extend(ROUTES.soft(table.routes.len(), &whose, || Place::field(id, "routes")));
    }
}

/// RT-5, VPC-11: a destination inside the primary or the IPv6 CIDR would contradict Local; one
/// that overlaps a secondary CIDR may be written, unless it is exactly that CIDR. Covering the VPC
/// is fine: Local wins.
fn own_cidr((id, vpc): (&Id, &Vpc), route: &Route, place: &Place) -> Option<Violation> {
    let within =
        std::iter::once(("cidr", vpc.cidr)).chain(vpc.ipv6_cidr.map(|it| ("ipv6_cidr", it)));
    let mut within = within.filter(|(_, cidr)| cidr.contains(&route.to));
    let mut exactly = vpc.secondary_cidrs.iter().filter(|cidr| **cidr == route.to);
    let (field, cidr) = within
        .next()
        .or_else(|| exactly.next().map(|cidr| ("secondary_cidrs", *cidr)))?;
    let message = format!(
        "the route to {} lies in the CIDR {cidr} of `{id}` itself",
        route.to
    );
    let violation = Violation::error(Code::RouteConflict, place.clone(), message);
    let violation = violation.with_other(Place::field(id, field), format!("{cidr} is here"));
    Some(violation.with_help("Local carries it already (RT-3)"))
}

/// RT-15: a destination equal to a subnet. Inside the primary CIDR [`own_cidr`] has said it.
fn own_subnet(
    network: &Network,
    table: &RouteTable,
    subnet: &Id,
    route: &Route,
    place: &Place,
) -> Option<Violation> {
    let vpc = network.vpcs.get(&table.vpc)?;
    own_cidr((&table.vpc, vpc), route, place)
        .is_none()
        .then(|| {
            let message = format!("the route to {} is exactly the subnet `{subnet}`", route.to);
            let violation = Violation::error(Code::RouteConflict, place.clone(), message);
            violation.with_other(Place::field(subnet, "cidr"), format!("`{subnet}` is here"))
        })
}

/// RT-14, D20-15: a peering route leads into a CIDR of the peer. The peering of two other VPCs is a
/// black hole, not a conflict.
fn outside_peer(
    network: &Network,
    table: &RouteTable,
    route: &Route,
    place: &Place,
) -> Option<Violation> {
    let NextHop::PeeringConnection(id) = &route.via else {
        return None;
    };
    let peer = network.peerings.get(id)?.other(&table.vpc)?;
    let vpc = network.vpcs.get(peer)?;
    (!vpc.cidrs().any(|cidr| cidr.contains(&route.to))).then(|| {
        let message = format!(
            "the route to {} via `{id}` lies in no CIDR of `{peer}`",
            route.to
        );
        let violation = Violation::error(Code::PeeringRouteOutsidePeer, place.clone(), message);
        let cidr = vpc.cidr;
        violation.with_other(
            Place::field(peer, "cidr"),
            format!("`{peer}` has {cidr} here"),
        )
    })
}

/// NAT-12: the next hop type `CVM` is an instance bought as public gateway.
fn no_public_gateway(network: &Network, route: &Route, place: Place) -> Option<Violation> {
    let NextHop::PublicGateway(id) = &route.via else {
        return None;
    };
    (!network.instances.get(id)?.public_gateway).then(|| {
        let message = format!("`{id}` was not bought as a public gateway");
        let place = place.then(Key::Field("via"));
        Violation::error(Code::InvalidValue, place, message)
            .with_other(Place::of(id), format!("`{id}` is here"))
            .with_help(format!(
                "write `public_gateway: true` there, or `Instance(\"{id}\")` here"
            ))
    })
}

/// RT-10: which enabled routes of one destination may stand side by side.
fn equal(network: &Network, id: &Id, table: &RouteTable, found: &mut Vec<Violation>) {
    let mut enabled: BTreeMap<IpNet, Vec<usize>> = BTreeMap::new();
    for (index, route) in table.routes.iter().enumerate() {
        if route.enabled {
            enabled.entry(route.to).or_default().push(index);
        }
    }
    for (to, indexes) in enabled {
        if indexes.len() < 2 {
            continue;
        }
        for (at, index) in indexes.iter().enumerate() {
            let route = &table.routes[*index];
            let mut before = indexes.iter().take(at);
            let clash = before.find(|other| {
                !may_both_be_enabled(network, &table.routes[**other].via, &route.via)
            });
            if let Some(other) = clash {
                let (one, two) = (table.routes[*other].via.word(), route.via.word());
                let message = format!(
                    "two enabled routes to {to} in `{id}`, via {one} and via {two}, exclude each other"
                );
                let place = Place::item(id, "routes", *index);
                let violation = Violation::error(Code::RouteConflict, place, message)
                    .with_other(Place::item(id, "routes", *other), "the other route is here");
                found.push(violation.with_help("disable one of them (RT-10)"));
            }
        }
        let types = [
            |via: &NextHop| matches!(via, NextHop::NatGateway(_)),
            |via: &NextHop| matches!(via, NextHop::Instance(_)),
        ];
        for is_type in types {
            let of_type = indexes
                .iter()
                .filter(|index| is_type(&table.routes[**index].via));
            let hops: HashSet<_> = of_type
                .filter_map(|it| table.routes[*it].via.id())
                .collect();
            let whose = format!("the destination {to} in `{id}`");
            found.extend(EQUAL.hard(hops.len(), &whose, || Place::field(id, "routes")));
        }
    }
}

/// RT-10, RT-11: whether two routes to one destination may both be enabled.
///
/// | type | with the same type | with others |
/// |---|---|---|
/// | NAT gateway | yes, 8 | EIP |
/// | instance | yes, 8 | EIP |
/// | public gateway | no | EIP (RT-11) |
/// | EIP | no | NAT gateway, instance, public gateway |
/// | CCN | no | Direct Connect, peering across regions |
/// | everything else | no | no |
///
/// Two routes to the very same next hop are one route twice: no.
pub(crate) fn may_both_be_enabled(network: &Network, left: &NextHop, right: &NextHop) -> bool {
    use NextHop::{
        Ccn, DirectConnectGateway, Eip, Instance, NatGateway, PeeringConnection, PublicGateway,
    };
    match (left, right) {
        (NatGateway(one), NatGateway(two)) | (Instance(one), Instance(two)) => one != two,
        (Eip, NatGateway(_) | Instance(_) | PublicGateway(_))
        | (NatGateway(_) | Instance(_) | PublicGateway(_), Eip)
        | (Ccn(_), DirectConnectGateway(_))
        | (DirectConnectGateway(_), Ccn(_)) => true,
        (Ccn(_), PeeringConnection(id)) | (PeeringConnection(id), Ccn(_)) => {
            network.is_cross_region(id)
        }
        _ => false,
    }
}
