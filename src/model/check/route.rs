//! Written routes: against the VPC's own CIDRs and subnets (RT-5, RT-15, VPC-11), against each other
//! (RT-10), and into peerings (RT-14).

use std::collections::{BTreeMap, HashMap, HashSet};

use ipnet::IpNet;

use super::super::{Key, Network, NextHop, Place, Route, RouteTable, Violation, Vpc};
use super::quota::Quota;
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

const ROUTES: Quota = Quota::new("RT-2", 50, "routes", "条路由");
const EQUAL: Quota = Quota::new("RT-10", 8, "equal routes of one type", "条同类型等价路由");

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
        let whose = || Words::verbatim(format!("`{id}`"));
        found.extend(ROUTES.soft(table.routes.len(), whose, || Place::field(id, "routes")));
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
    let message = Words::new(
        format!(
            "the route to {} lies in the CIDR {cidr} of `{id}` itself",
            route.to
        ),
        format!("到 {} 的路由位于 `{id}` 自身的网段 {cidr} 内", route.to),
    );
    let violation = Violation::error(Code::RouteConflict, place.clone(), message);
    let violation = violation.with_other(
        Place::field(id, field),
        Words::new(format!("{cidr} is here"), format!("{cidr} 在此处")),
    );
    Some(violation.with_help(Words::new(
        "Local carries it already (RT-3)",
        "Local 路由已覆盖该网段（RT-3）",
    )))
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
            let message = Words::new(
                format!("the route to {} is exactly the subnet `{subnet}`", route.to),
                format!("到 {} 的路由与子网 `{subnet}` 完全相同", route.to),
            );
            let violation = Violation::error(Code::RouteConflict, place.clone(), message);
            violation.with_other(Place::field(subnet, "cidr"), Words::here(subnet))
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
        let message = Words::new(
            format!(
                "the route to {} via `{id}` lies in no CIDR of `{peer}`",
                route.to
            ),
            format!(
                "经 `{id}` 到 {} 的路由不在对端 `{peer}` 的任何网段内",
                route.to
            ),
        );
        let violation = Violation::error(Code::PeeringRouteOutsidePeer, place.clone(), message);
        let cidr = vpc.cidr;
        violation.with_other(
            Place::field(peer, "cidr"),
            Words::new(
                format!("`{peer}` has {cidr} here"),
                format!("`{peer}` 的网段 {cidr} 在此处"),
            ),
        )
    })
}

/// NAT-12: the next hop type `CVM` is an instance bought as public gateway.
fn no_public_gateway(network: &Network, route: &Route, place: Place) -> Option<Violation> {
    let NextHop::PublicGateway(id) = &route.via else {
        return None;
    };
    (!network.instances.get(id)?.public_gateway).then(|| {
        let message = Words::new(
            format!("`{id}` was not bought as a public gateway"),
            format!("`{id}` 不是公网网关"),
        );
        let place = place.then(Key::Field("via"));
        Violation::error(Code::InvalidValue, place, message)
            .with_other(Place::of(id), Words::here(id))
            .with_help(Words::new(
                format!("write `public_gateway: true` there, or `Instance(\"{id}\")` here"),
                format!("请在该处写 `public_gateway: true`，或在此处写 `Instance(\"{id}\")`"),
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
                let message = Words::new(
                    format!(
                        "two enabled routes to {to} in `{id}`, via {one} and via {two}, exclude each other"
                    ),
                    format!("`{id}` 中两条启用的到 {to} 的路由（经 {one} 和经 {two}）互相冲突"),
                );
                let place = Place::item(id, "routes", *index);
                let violation = Violation::error(Code::RouteConflict, place, message).with_other(
                    Place::item(id, "routes", *other),
                    Words::new("the other route is here", "另一条路由在此处"),
                );
                found.push(violation.with_help(Words::new(
                    "disable one of them (RT-10)",
                    "请禁用其中一条（RT-10）",
                )));
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
            let whose = || {
                Words::new(
                    format!("the destination {to} in `{id}`"),
                    format!("`{id}` 中的目的端 {to}"),
                )
            };
            found.extend(EQUAL.hard(hops.len(), whose, || Place::field(id, "routes")));
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
fn may_both_be_enabled(network: &Network, left: &NextHop, right: &NextHop) -> bool {
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

#[cfg(test)]
mod tests {
    use super::super::super::sample::{
        AWAY, breaks, ccn, cidrs, id, nat, peering, route, table, tom, vpc,
    };
    use super::*;
    use crate::diagnostic::Severity;
    use crate::model::CcnMember;

    /// The errors of `vpc-tom` with these routes, nine NAT gateways, a CCN, a peering in the region
    /// and one to another.
    #[track_caller]
    fn routes_are(routes: &[(&str, NextHop)], expected: &[Code]) {
        let mut network = tom();
        for number in 1..=9 {
            network
                .nat_gateways
                .insert(id(&format!("nat-{number}")), nat(&[]));
        }
        network.vpcs.insert(id("vpc-far"), vpc("10.3.0.0/16"));
        network.vpcs[&id("vpc-far")].region = AWAY.to_owned();
        network.vpcs[&id("vpc-two")].secondary_cidrs = cidrs(&["172.20.0.0/16"]);
        network
            .peerings
            .insert(id("pcx-near"), peering("vpc-tom", "vpc-two"));
        network
            .peerings
            .insert(id("pcx-far"), peering("vpc-tom", "vpc-far"));
        network
            .peerings
            .insert(id("pcx-other"), peering("vpc-two", "vpc-far"));
        network
            .ccns
            .insert(id("ccn-1"), ccn(vec![CcnMember::Vpc(id("vpc-tom"))]));
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
        routes_are(
            &[("172.16.0.0/16", machine("ins-web"))],
            &[Code::RouteConflict],
        );
        routes_are(
            &[("172.16.1.0/24", machine("ins-web"))],
            &[Code::RouteConflict],
        );
    }

    #[test]
    fn a_peering_route_leads_into_any_cidr_of_the_peer() {
        routes_are(&[("10.2.1.0/24", peer("pcx-near"))], &[]);
        routes_are(&[("172.20.0.0/16", peer("pcx-near"))], &[]);
        routes_are(
            &[("10.0.0.0/8", peer("pcx-near"))],
            &[Code::PeeringRouteOutsidePeer],
        );
        routes_are(
            &[("10.3.0.0/16", peer("pcx-near"))],
            &[Code::PeeringRouteOutsidePeer],
        );
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
        routes_are(
            &[("10.3.0.0/16", ccn()), ("10.3.0.0/16", peer("pcx-far"))],
            &[],
        );
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
            let off = Route {
                enabled: false,
                ..route("9.0.0.0/8", machine("ins-web"))
            };
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
}
