//! Changes of route tables (RT-9, RT-17, D20-4).
//!
//! Routes are named by their destination, and all written routes of one destination are meant unless a next hop is named, too.
//! `EnableRoutes` and `DisableRoutes` also reach a route that a CCN propagates: they write its state
//! into the table (D20-4). The state of every other propagated route stays a function of the network:
//! a new custom route may turn one off, and the end of a custom route may turn one on.

use super::super::reference::next_hop;
use super::super::{CcnMember, Kind, Network, NextHop, Place, Route, RouteName, RouteTable};
use super::{Performed, Refusal, Topic, need};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

/// Adds routes; their next hops must be there.
pub(super) fn create(network: &mut Network, table: &Id, routes: &[Route]) -> Performed {
    need(network, table, &[Kind::RouteTable])?;
    for route in routes {
        if let Some(hop) = route.via.id() {
            need(network, hop, next_hop(&route.via))?;
        }
    }
    network.route_tables[table].routes.extend_from_slice(routes);
    Ok(&[Topic::Routes])
}

/// Takes away every written route to the destinations.
pub(super) fn delete(network: &mut Network, table: &Id, names: &[RouteName]) -> Performed {
    need(network, table, &[Kind::RouteTable])?;
    let entity = &mut network.route_tables[table];
    for name in names {
        if !is_written(entity, name) {
            return Err(unknown(table, name));
        }
    }
    let is_meant = |route: &Route| names.iter().any(|name| name.means(route));
    entity.routes.retain(|route| !is_meant(route));
    Ok(&[])
}

/// Turns written routes on; where all are on already or none is written, the propagated one.
pub(super) fn enable(network: &mut Network, table: &Id, names: &[RouteName]) -> Performed {
    need(network, table, &[Kind::RouteTable])?;
    for name in names {
        let ccns = via_ccns(network, table);
        let propagated = propagated(network, table, name);
        let entity = &mut network.route_tables[table];
        let is_state = |route: &Route| ccns.contains(&route.via);
        if turn(entity, name, Switch::On, |route| !is_state(route))
            || turn(entity, name, Switch::On, is_state)
        {
            continue;
        }
        if propagated.is_empty() && !is_written(entity, name) {
            return Err(unknown(table, name));
        }
        let off = propagated.into_iter().filter(|route| !route.enabled);
        entity.routes.extend(off.map(|route| Route { enabled: true, ..route }));
    }
    Ok(&[Topic::Routes])
}

/// Turns written routes off; where none is on, the propagated one.
pub(super) fn disable(network: &mut Network, table: &Id, names: &[RouteName]) -> Performed {
    need(network, table, &[Kind::RouteTable])?;
    for name in names {
        let propagated = propagated(network, table, name);
        let entity = &mut network.route_tables[table];
        if turn(entity, name, Switch::Off, |_| true) {
            continue;
        }
        if propagated.is_empty() && !is_written(entity, name) {
            return Err(unknown(table, name));
        }
        let on = propagated.into_iter().filter(|route| route.enabled);
        entity.routes.extend(on.map(|route| Route { enabled: false, ..route }));
    }
    Ok(&[Topic::Routes])
}

/// Which way to turn a route.
#[derive(Clone, Copy)]
enum Switch {
    On,
    Off,
}

/// Turns the written routes of a name that are meant; whether any was turned.
fn turn(
    table: &mut RouteTable,
    name: &RouteName,
    switch: Switch,
    meant: impl Fn(&Route) -> bool,
) -> bool {
    let enabled = matches!(switch, Switch::On);
    let mut turned = false;
    for route in &mut table.routes {
        if name.means(route) && route.enabled != enabled && meant(route) {
            route.enabled = enabled;
            turned = true;
        }
    }
    turned
}

fn is_written(table: &RouteTable, name: &RouteName) -> bool {
    table.routes.iter().any(|route| name.means(route))
}

/// Binds a subnet to another table.
pub(super) fn associate(network: &mut Network, subnet: &Id, table: &Id) -> Performed {
    need(network, subnet, &[Kind::Subnet])?;
    need(network, table, &[Kind::RouteTable])?;
    network.subnets[subnet].route_table = Some(table.clone());
    Ok(&[Topic::Vpcs])
}

/// The propagated routes of exactly this name, with their states in the table: one a CCN.
fn propagated(network: &Network, table: &Id, name: &RouteName) -> Vec<Route> {
    let Some(entity) = network.route_tables.get(table) else {
        return Vec::new();
    };
    let copies = network.propagated(&entity.vpc, Some(entity)).into_iter();
    let routes = copies.map(|copy| copy.route);
    routes.filter(|route| name.means(route)).collect()
}

/// The next hops that stand for the CCNs of the table's VPC.
fn via_ccns(network: &Network, table: &Id) -> Vec<NextHop> {
    let Some(table) = network.route_tables.get(table) else {
        return Vec::new();
    };
    let member = CcnMember::Vpc(table.vpc.clone());
    let ccns = network.ccns_of(&member).cloned();
    ccns.map(NextHop::Ccn).collect()
}

fn unknown(table: &Id, name: &RouteName) -> Refusal {
    let to = name.to;
    let via = name.via.as_ref();
    let hop = via.map(|via| via.id().map_or_else(|| via.word().to_owned(), Id::to_string));
    let message = match hop {
        None => Words::new(
            format!("`{table}` has no route to {to}"),
            format!("`{table}` 中没有到 {to} 的路由"),
        ),
        Some(hop) => Words::new(
            format!("`{table}` has no route to {to} via `{hop}`"),
            format!("`{table}` 中没有经 `{hop}` 到 {to} 的路由"),
        ),
    };
    Refusal::new(Code::UnknownId, message).with_other(
        Place::field(table, "routes"),
        Words::new("its routes are here", "其路由在此处"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::Change;
    use super::super::super::sample::{
        after, ccn, cidr, cidrs, id, nat, refused, route, table, tom,
    };
    use super::*;

    const TO: &str = "9.0.0.0/8";

    /// `tom()` with NAT gateways, and `ccn-1` that joins both VPCs.
    fn joined() -> Network {
        let mut network = tom();
        for name in ["nat-1", "nat-2"] {
            network.nat_gateways.insert(id(name), nat(&[]));
        }
        let members = ["vpc-tom", "vpc-two"].map(|name| CcnMember::Vpc(id(name)));
        network.ccns.insert(id("ccn-1"), ccn(members.to_vec()));
        network
    }

    fn creating(routes: Vec<Route>) -> Change {
        let route_table = id("rtb-tom");
        Change::CreateRoutes { route_table, routes }
    }

    fn enabling(to: &[&str]) -> Change {
        let (route_table, to) = (id("rtb-tom"), names(to));
        Change::EnableRoutes { route_table, to }
    }

    fn disabling(to: &[&str]) -> Change {
        let (route_table, to) = (id("rtb-tom"), names(to));
        Change::DisableRoutes { route_table, to }
    }

    fn deleting(to: &[&str]) -> Change {
        let (route_table, to) = (id("rtb-tom"), names(to));
        Change::DeleteRoutes { route_table, to }
    }

    fn names(to: &[&str]) -> Vec<RouteName> {
        cidrs(to).into_iter().map(RouteName::from).collect()
    }

    #[test]
    fn one_of_two_equal_routes_is_named_by_its_next_hop() {
        let both = ["nat-1", "nat-2"].map(|name| route(TO, gateway(name)));
        let network = after(&joined(), &creating(both.to_vec()));
        let named =
            |name: &str| RouteName { via: Some(gateway(name)), ..RouteName::from(cidr(TO)) };
        let change = |to: Vec<RouteName>| Change::DeleteRoutes { route_table: id("rtb-tom"), to };
        let left = after(&network, &change(vec![named("nat-1")]));
        assert_eq!(left.route_tables[&id("rtb-tom")].routes, [both[1].clone()]);
        refused(&left, &change(vec![named("nat-1")]), Code::UnknownId);
        assert_eq!(left.route_tables[&id("rtb-tom")].name_of(&both[1]), cidr(TO).into());
        let off = Change::DisableRoutes { route_table: id("rtb-tom"), to: vec![named("nat-2")] };
        let off = after(&network, &off);
        let states = off.route_tables[&id("rtb-tom")].routes.iter().map(|it| it.enabled);
        assert_eq!(states.collect::<Vec<_>>(), [true, false]);
    }

    fn gateway(name: &str) -> NextHop {
        NextHop::NatGateway(id(name))
    }

    fn machine() -> NextHop {
        NextHop::Instance(id("ins-web"))
    }

    #[track_caller]
    fn has(network: &Network, expected: &[(&str, bool)]) {
        let routes = network.route_tables[&id("rtb-tom")].routes.iter();
        let routes: Vec<_> = routes.map(|route| (route.to, route.enabled)).collect();
        let expected: Vec<_> = expected.iter().map(|(to, on)| (cidr(to), *on)).collect();
        assert_eq!(routes, expected);
    }

    #[test]
    fn routes_are_added_unless_they_conflict() {
        let one = after(&joined(), &creating(vec![route(TO, gateway("nat-1"))]));
        let two = after(&one, &creating(vec![route(TO, gateway("nat-2"))]));
        has(&two, &[(TO, true), (TO, true)]);
        refused(&one, &creating(vec![route(TO, machine())]), Code::RouteConflict);
        let inside = vec![route("9.9.0.0/16", machine()), route("10.1.9.0/24", machine())];
        refused(&one, &creating(inside), Code::RouteConflict);
        let nowhere = NextHop::Instance(id("ins-none"));
        refused(&one, &creating(vec![route(TO, nowhere)]), Code::UnknownId);
    }

    #[test]
    fn deleting_takes_every_route_of_a_destination_all_or_none() {
        let routes = vec![route(TO, gateway("nat-1")), route(TO, gateway("nat-2"))];
        let network = after(&joined(), &creating(routes));
        has(&after(&network, &deleting(&[TO])), &[]);
        refused(&network, &deleting(&[TO, "8.0.0.0/8"]), Code::UnknownId);
    }

    #[test]
    fn a_route_is_turned_off_and_on() {
        let on = after(&joined(), &creating(vec![route(TO, machine())]));
        let off = after(&on, &disabling(&[TO]));
        has(&off, &[(TO, false)]);
        assert_eq!(after(&off, &disabling(&[TO])), off);
        assert_eq!(after(&off, &enabling(&[TO])), on);
        refused(&on, &enabling(&["8.0.0.0/8"]), Code::UnknownId);
        refused(&on, &disabling(&["8.0.0.0/8"]), Code::UnknownId);
    }

    #[test]
    fn a_route_that_conflicts_cannot_be_turned_on() {
        let off = Route { enabled: false, ..route(TO, machine()) };
        let network = after(&joined(), &creating(vec![off, route(TO, gateway("nat-1"))]));
        refused(&network, &enabling(&[TO]), Code::RouteConflict);
    }

    #[test]
    fn a_propagated_route_is_turned_by_its_state_in_the_table() {
        let two = "10.2.1.0/24";
        let off = after(&joined(), &disabling(&[two]));
        has(&off, &[(two, false)]);
        let on = after(&off, &enabling(&[two]));
        has(&on, &[(two, true)]);
        assert_eq!(after(&joined(), &enabling(&[two])), joined());
    }

    #[test]
    fn a_propagated_route_under_a_covering_one_can_be_turned_on() {
        let cover = after(&joined(), &creating(vec![route("10.2.0.0/16", machine())]));
        let propagated = |network: &Network| {
            let table = &network.route_tables[&id("rtb-tom")];
            network.propagated(&id("vpc-tom"), Some(table))[0].route.enabled
        };
        assert!(!propagated(&cover));
        assert!(propagated(&after(&cover, &enabling(&["10.2.1.0/24"]))));
    }

    #[test]
    fn a_propagated_route_equal_to_a_custom_one_cannot_be_turned_on() {
        let two = "10.2.1.0/24";
        let custom = after(&joined(), &creating(vec![route(two, machine())]));
        refused(&custom, &enabling(&[two]), Code::RouteConflict);
        let free = after(&custom, &deleting(&[two]));
        assert_eq!(after(&free, &enabling(&[two])), joined());
    }

    #[test]
    fn a_subnet_is_bound_to_a_table_of_its_vpc() {
        let mut network = joined();
        network.route_tables.insert(id("rtb-two"), table("vpc-two", vec![]));
        let binding = |name: &str| {
            let (subnet, route_table) = (id("subnet-web"), id(name));
            Change::ReplaceRouteTableAssociation { subnet, route_table }
        };
        let bound = after(&network, &binding("rtb-tom"));
        assert_eq!(bound.subnets[&id("subnet-web")].route_table, Some(id("rtb-tom")));
        refused(&network, &binding("rtb-two"), Code::InvalidValue);
        refused(&network, &binding("sg-open"), Code::WrongKind);
    }
}
