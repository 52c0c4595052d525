//! Networks that break a rule about routes, and some that just do not.

use super::super::super::sample::{
    AWAY, breaks, ccn, cidrs, id, nat, peering, route, table, tom, vpc,
};
use super::*;
use crate::diagnostic::Severity;
use crate::model::{CcnMember, NatKind};

/// The errors of `vpc-tom` with these routes, nine NAT gateways, a CCN, a peering in the region
/// and one to another.
#[track_caller]
fn routes_are(routes: &[(&str, NextHop)], expected: &[Code]) {
    let mut network = tom();
    for number in 1..=9 {
        network.nat_gateways.insert(id(&format!("nat-{number}")), nat(&[]));
    }
    network.vpcs.insert(id("vpc-far"), vpc("10.3.0.0/16"));
    network.vpcs[&id("vpc-far")].region = AWAY.to_owned();
    network.vpcs[&id("vpc-two")].secondary_cidrs = cidrs(&["172.20.0.0/16"]);
    network.peerings.insert(id("pcx-near"), peering("vpc-tom", "vpc-two"));
    network.peerings.insert(id("pcx-far"), peering("vpc-tom", "vpc-far"));
    network.peerings.insert(id("pcx-other"), peering("vpc-two", "vpc-far"));
    network.ccns.insert(id("ccn-1"), ccn(vec![CcnMember::Vpc(id("vpc-tom"))]));
    let routes = routes.iter().map(|(to, via)| route(to, via.clone()));
    network.route_tables[&id("rtb-tom")].routes = routes.collect();
    let found = super::super::check(&network);
    let errors = found.iter().filter(|it| it.severity == Severity::Error);
    let codes: Vec<_> = errors.map(|it| it.code).collect();
    assert_eq!(codes, expected, "{found:#?}");
}

fn gateway(number: u8) -> NextHop {
    NextHop::NatGateway(id(&format!("nat-{number}")))
}

fn machine(name: &str) -> NextHop {
    NextHop::Instance(id(name))
}

fn peer(name: &str) -> NextHop {
    NextHop::PeeringConnection(id(name))
}

#[test]
fn a_destination_inside_the_vpc_conflicts_and_one_that_covers_it_does_not() {
    routes_are(&[("0.0.0.0/0", gateway(1))], &[]);
    routes_are(&[("10.0.0.0/8", gateway(1))], &[]);
    routes_are(&[("10.1.9.0/24", gateway(1))], &[Code::RouteConflict]);
    routes_are(&[("10.1.0.0/16", gateway(1))], &[Code::RouteConflict]);
    routes_are(&[("10.1.1.0/24", gateway(1))], &[Code::RouteConflict]);
}

#[test]
fn a_secondary_cidr_or_a_subnet_of_it_conflicts_only_when_equal() {
    routes_are(&[("172.16.9.0/24", machine("ins-web"))], &[]);
    routes_are(&[("172.16.0.0/16", machine("ins-web"))], &[Code::RouteConflict]);
    routes_are(&[("172.16.1.0/24", machine("ins-web"))], &[Code::RouteConflict]);
}

#[test]
fn a_peering_route_leads_into_any_cidr_of_the_peer() {
    routes_are(&[("10.2.1.0/24", peer("pcx-near"))], &[]);
    routes_are(&[("172.20.0.0/16", peer("pcx-near"))], &[]);
    routes_are(&[("10.0.0.0/8", peer("pcx-near"))], &[Code::PeeringRouteOutsidePeer]);
    routes_are(&[("10.3.0.0/16", peer("pcx-near"))], &[Code::PeeringRouteOutsidePeer]);
}

#[test]
fn a_route_into_the_peering_of_others_is_a_black_hole_and_no_conflict() {
    routes_are(&[("10.99.0.0/16", peer("pcx-other"))], &[]);
}

#[test]
fn a_public_gateway_was_bought_as_one() {
    let via = NextHop::PublicGateway(id("ins-web"));
    routes_are(&[("0.0.0.0/0", via)], &[Code::InvalidValue]);
}

#[test]
fn equal_destinations_follow_the_matrix() {
    let to = "9.0.0.0/8";
    let dc = || NextHop::DirectConnectGateway(id("nat-1"));
    let fine = [
        (gateway(1), gateway(2)),
        (gateway(1), NextHop::Eip),
        (machine("ins-web"), machine("ins-new")),
        (machine("ins-web"), NextHop::Eip),
    ];
    for (one, two) in fine {
        routes_are(&[(to, one), (to, two)], &[]);
    }
    let wrong = [
        (gateway(1), gateway(1)),
        (gateway(1), machine("ins-web")),
        (NextHop::Eip, NextHop::Eip),
        (NextHop::Ccn(id("ccn-1")), NextHop::Ccn(id("ccn-1"))),
        (NextHop::Ccn(id("ccn-1")), gateway(1)),
    ];
    for (one, two) in wrong {
        routes_are(&[(to, one), (to, two)], &[Code::RouteConflict]);
    }
    let network = tom();
    let is_fine = |one: &NextHop, two: &NextHop| may_both_be_enabled(&network, one, two);
    assert!(is_fine(&NextHop::Ccn(id("ccn-1")), &dc()));
    assert!(!is_fine(&dc(), &dc()));
    assert!(!is_fine(&dc(), &NextHop::Eip));
}

#[test]
fn ccn_stands_beside_a_peering_only_across_regions() {
    let ccn = || NextHop::Ccn(id("ccn-1"));
    routes_are(&[("10.3.0.0/16", ccn()), ("10.3.0.0/16", peer("pcx-far"))], &[]);
    let near = [("10.2.0.0/16", ccn()), ("10.2.0.0/16", peer("pcx-near"))];
    routes_are(&near, &[Code::RouteConflict]);
}

#[test]
fn nine_equal_nat_routes_are_too_many() {
    let routes = |count: u8| (1..=count).map(|number| ("9.0.0.0/8", gateway(number)));
    routes_are(&routes(8).collect::<Vec<_>>(), &[]);
    routes_are(&routes(9).collect::<Vec<_>>(), &[Code::QuotaExceeded]);
}

#[test]
fn a_disabled_route_stands_beside_an_equal_one() {
    let edit = |network: &mut Network| {
        network.nat_gateways.insert(id("nat-1"), nat(&[]));
        let off = Route { enabled: false, ..route("9.0.0.0/8", machine("ins-web")) };
        let on = route("9.0.0.0/8", gateway(1));
        network.route_tables[&id("rtb-tom")].routes = vec![on, off];
    };
    breaks(edit, &[]);
}

#[test]
fn two_tables_do_not_conflict() {
    let edit = |network: &mut Network| {
        let route = || vec![route("9.0.0.0/8", machine("ins-web"))];
        network.route_tables[&id("rtb-tom")].routes = route();
        let second = table("vpc-tom", route());
        network.route_tables.insert(id("rtb-2"), second);
    };
    breaks(edit, &[]);
}

/// D20-35.
#[test]
fn equal_destinations_with_two_priorities_do_not_conflict() {
    let edit = |priority: u8| {
        move |network: &mut Network| {
            network.nat_gateways.insert(id("nat-1"), nat(&[]));
            let behind = Route { priority, ..route("9.0.0.0/8", machine("ins-web")) };
            let first = route("9.0.0.0/8", gateway(1));
            network.route_tables[&id("rtb-tom")].routes = vec![first, behind];
        }
    };
    breaks(edit(1), &[]);
    breaks(edit(0), &[Code::RouteConflict]);
}

/// D20-37, D20-38, RT-9.
#[test]
fn a_vpc_publishes_routes_to_machines_and_standard_nat_gateways_only() {
    let publish = |to: &'static str, via: NextHop, enabled: bool| {
        move |network: &mut Network| {
            for (name, kind) in [("nat-1", NatKind::Standard), ("nat-2", NatKind::Traditional)] {
                network.nat_gateways.insert(id(name), nat(&[]));
                network.nat_gateways[&id(name)].kind = kind;
            }
            let published = Route { publish: true, enabled, ..route(to, via.clone()) };
            network.route_tables[&id("rtb-tom")].routes = vec![published];
        }
    };
    let refused = [Code::RouteNotPublishable];
    breaks(publish("9.0.0.0/8", machine("ins-web"), true), &[]);
    breaks(publish("9.0.0.0/8", machine("ins-web"), false), &refused);
    breaks(publish("0.0.0.0/0", machine("ins-web"), true), &refused);
    breaks(publish("0.0.0.0/0", gateway(1), true), &[]);
    breaks(publish("8.8.8.0/24", gateway(2), true), &refused);
    breaks(publish("9.0.0.0/8", NextHop::Eip, true), &refused);
}
