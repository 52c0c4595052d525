//! What members publish, what arrives, and in which state.

use super::super::sample::{
    ccn, cidr, direct_connect, id, route, site, subnet, table, tom, vpc, vpn,
};
use super::super::{Attachment, CcnPublication, CcnRoutePolicy, Meta};
use super::*;

/// `ccn-1` joins `vpc-tom`, `vpc-two` and `vpc-x`, whose one subnet is 10.1.1.0/24 like
/// `subnet-web`.
fn joined() -> Network {
    let mut network = tom();
    network.vpcs.insert(id("vpc-x"), vpc("10.1.0.0/16"));
    network.subnets.insert(id("subnet-x"), subnet("vpc-x", "10.1.1.0/24"));
    let members = ["vpc-tom", "vpc-two", "vpc-x"].map(|name| CcnMember::Vpc(id(name)));
    network.ccns.insert(id("ccn-1"), ccn(members.to_vec()));
    network
}

#[track_caller]
fn ccn_has(network: &Network, table: CcnTable<'_>, expected: &[(&str, &str, bool)]) {
    let routes = network.ccn_routes(&id("ccn-1"), table);
    let routes: Vec<_> =
        routes.iter().map(|it| (it.to.to_string(), it.next.id().as_str(), it.enabled)).collect();
    let routes: Vec<_> = routes.iter().map(|(to, next, on)| (to.as_str(), *next, *on)).collect();
    assert_eq!(routes, expected);
}

#[test]
fn the_later_of_two_overlapping_routes_arrives_disabled() {
    ccn_has(
        &joined(),
        CcnTable::Default,
        &[
            ("10.1.1.0/24", "vpc-tom", true),
            ("172.16.1.0/24", "vpc-tom", true),
            ("10.2.1.0/24", "vpc-two", true),
            ("10.1.1.0/24", "vpc-x", false),
        ],
    );
}

#[test]
fn a_vpc_may_publish_its_cidrs() {
    let mut network = joined();
    network.vpcs[&id("vpc-two")].publish_to_ccn = CcnPublication::Cidrs;
    let published = network.published(&CcnMember::Vpc(id("vpc-two")));
    assert_eq!(published, [cidr("10.2.0.0/16")]);
}

#[test]
fn written_states_change_only_the_route_they_name() {
    let mut network = joined();
    let off =
        CcnRoute { to: cidr("10.1.1.0/24"), next: CcnMember::Vpc(id("vpc-tom")), enabled: false };
    let added =
        CcnRoute { to: cidr("10.77.0.0/16"), next: CcnMember::Vpc(id("vpc-two")), enabled: true };
    network.ccns[&id("ccn-1")].routes = vec![off, added];
    ccn_has(
        &network,
        CcnTable::Default,
        &[
            ("10.1.1.0/24", "vpc-tom", false),
            ("172.16.1.0/24", "vpc-tom", true),
            ("10.2.1.0/24", "vpc-two", true),
            ("10.1.1.0/24", "vpc-x", false),
            ("10.77.0.0/16", "vpc-two", true),
        ],
    );
}

#[test]
fn a_custom_table_takes_what_its_policies_accept() {
    let mut network = joined();
    let policy = |from: Option<&str>, within: Option<&str>, action| CcnRoutePolicy {
        from: from.map(|name| CcnMember::Vpc(id(name))),
        cidr: within.map(cidr),
        action,
    };
    let table = CcnRouteTable {
        meta: Meta::default(),
        attachments: vec![CcnMember::Vpc(id("vpc-two"))],
        accept: vec![
            policy(Some("vpc-tom"), Some("10.0.0.0/8"), Action::Drop),
            policy(None, Some("10.1.0.0/16"), Action::Accept),
            policy(Some("vpc-tom"), None, Action::Accept),
        ],
    };
    network.ccns[&id("ccn-1")].route_tables.insert(id("ccnrtb-1"), table);
    ccn_has(
        &network,
        CcnTable::Custom(&id("ccnrtb-1")),
        &[("172.16.1.0/24", "vpc-tom", true), ("10.1.1.0/24", "vpc-x", true)],
    );
    let ccn = &network.ccns[&id("ccn-1")];
    let bound = network.ccn_table_of(ccn, &CcnMember::Vpc(id("vpc-two")));
    assert_eq!(bound, CcnTable::Custom(&id("ccnrtb-1")));
}

#[test]
fn gateways_publish_the_prefixes_behind_them() {
    let mut network = joined();
    network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
    let to_ccn = || Attachment::Ccn(id("ccn-1"));
    let mut gateway = vpn(to_ccn());
    gateway.routes.push(super::super::VpnRoute {
        to: cidr("192.168.1.0/24"),
        connection: id("vpnx-1"),
        priority: 0,
        enabled: true,
    });
    network.vpn_gateways.insert(id("vpngw-1"), gateway);
    for name in ["dcg-1", "dcg-2"] {
        let gateway = direct_connect(to_ccn(), &["192.168.2.0/24", "192.168.0.0/16"]);
        network.direct_connect_gateways.insert(id(name), gateway);
    }
    ccn_has(
        &network,
        CcnTable::Default,
        &[
            ("10.1.1.0/24", "vpc-tom", true),
            ("172.16.1.0/24", "vpc-tom", true),
            ("10.2.1.0/24", "vpc-two", true),
            ("10.1.1.0/24", "vpc-x", false),
            ("192.168.1.0/24", "vpngw-1", true),
            ("192.168.2.0/24", "dcg-1", true),
            ("192.168.0.0/16", "dcg-1", false),
            ("192.168.2.0/24", "dcg-2", true),
            ("192.168.0.0/16", "dcg-2", false),
        ],
    );
}

#[track_caller]
fn two_gets(written: Vec<Route>, expected: &[(&str, bool)]) {
    let network = joined();
    let table = table("vpc-two", written);
    let routes = network.propagated(&id("vpc-two"), Some(&table));
    let routes = routes.iter().map(|copy| &copy.route);
    let routes: Vec<_> = routes.map(|it| (it.to, it.enabled)).collect();
    let expected: Vec<_> = expected.iter().map(|(to, on)| (cidr(to), *on)).collect();
    assert_eq!(routes, expected);
}

#[test]
fn a_vpc_gets_the_enabled_routes_of_the_others() {
    two_gets(vec![], &[("10.1.1.0/24", true), ("172.16.1.0/24", true)]);
}

#[test]
fn a_custom_route_that_overlaps_makes_one_arrive_disabled() {
    let hop = || NextHop::Instance(id("ins-two"));
    for to in ["10.1.0.0/16", "10.1.1.0/24", "10.1.1.128/25", "10.0.0.0/8"] {
        let routes = vec![route(to, hop())];
        two_gets(routes, &[("10.1.1.0/24", false), ("172.16.1.0/24", true)]);
    }
}

#[test]
fn the_default_route_and_disabled_routes_disable_nothing() {
    let hop = || NextHop::Instance(id("ins-two"));
    let off = Route { enabled: false, ..route("10.1.1.0/24", hop()) };
    let routes = vec![route("0.0.0.0/0", hop()), off];
    two_gets(routes, &[("10.1.1.0/24", true), ("172.16.1.0/24", true)]);
}

#[test]
fn a_route_via_the_ccn_sets_the_state_of_its_equal() {
    let via = || NextHop::Ccn(id("ccn-1"));
    let off = Route { enabled: false, ..route("172.16.1.0/24", via()) };
    let cover = route("10.1.0.0/16", NextHop::Instance(id("ins-two")));
    let routes = vec![off, cover, route("10.1.1.0/24", via())];
    two_gets(routes, &[("10.1.1.0/24", true), ("172.16.1.0/24", false)]);
}

/// D20-34: two equal routes of gateways stay on together where the CCN says so, and what an absent line
/// publishes is left out; without the word the second one stays off.
#[test]
fn an_absent_line_takes_its_route_away_and_turns_none_on() {
    let with = |route_overlap: bool| {
        let mut network = joined();
        network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
        network.ccns[&id("ccn-1")].route_overlap = route_overlap;
        for name in ["dcg-1", "dcg-2"] {
            let prefix = ["192.168.2.0/24"];
            let mut gateway = direct_connect(Attachment::Ccn(id("ccn-1")), &prefix);
            gateway.tunnels[0].health_check = true;
            network.direct_connect_gateways.insert(id(name), gateway);
        }
        let line = &mut network.direct_connect_gateways[&id("dcg-1")].tunnels[0];
        line.up = false;
        line.prefixes.push(cidr("192.168.0.0/16"));
        let routes = network.ccn_routes(&id("ccn-1"), CcnTable::Default).into_iter();
        let routes =
            routes.filter(|route| matches!(route.next, CcnMember::DirectConnectGateway(_)));
        let routes = routes.map(|it| format!("{} {} {}", it.to, it.next.id(), it.enabled));
        routes.collect::<Vec<_>>()
    };
    assert_eq!(with(false), ["192.168.2.0/24 dcg-2 true"]);
    assert_eq!(with(true), ["192.168.2.0/24 dcg-2 true"]);
}

/// D20-37, D20-38.
#[test]
fn a_vpc_publishes_the_custom_routes_that_say_so() {
    let mut network = joined();
    network.nat_gateways.insert(id("nat-1"), super::super::sample::nat(&[]));
    network.nat_gateways[&id("nat-1")].kind = super::super::NatKind::Standard;
    let published = |to: &str, via: NextHop| Route { publish: true, ..route(to, via) };
    network.route_tables[&id("rtb-tom")].routes = vec![
        published("10.96.0.0/12", NextHop::Instance(id("ins-web"))),
        route("10.80.0.0/12", NextHop::Instance(id("ins-web"))),
        published("0.0.0.0/0", NextHop::NatGateway(id("nat-1"))),
    ];
    ccn_has(
        &network,
        CcnTable::Default,
        &[
            ("10.1.1.0/24", "vpc-tom", true),
            ("172.16.1.0/24", "vpc-tom", true),
            ("10.96.0.0/12", "vpc-tom", true),
            ("0.0.0.0/0", "vpc-tom", true),
            ("10.2.1.0/24", "vpc-two", true),
            ("10.1.1.0/24", "vpc-x", false),
        ],
    );
    let table = table("vpc-two", vec![route("0.0.0.0/0", NextHop::Eip)]);
    let copies = network.propagated(&id("vpc-two"), Some(&table));
    let everything = copies.iter().find(|copy| copy.route.to.prefix_len() == 0);
    assert!(everything.is_some_and(|copy| !copy.route.enabled), "its own wins");
}

/// D20-32: `vpc-x` has the range of `vpc-tom`.
#[test]
fn another_range_inside_the_own_one_is_on_where_it_overlaps_no_own_subnet() {
    let mut network = joined();
    network.subnets.insert(id("subnet-y"), subnet("vpc-x", "10.1.77.0/24"));
    let inner = |network: &Network, vpc: &str| {
        let copies = network.propagated(&id(vpc), None).into_iter();
        let inner = copies.filter(|copy| copy.inner);
        let inner = inner.map(|copy| format!("{} {}", copy.route.to, copy.route.enabled));
        inner.collect::<Vec<_>>()
    };
    assert_eq!(inner(&network, "vpc-tom"), ["10.1.77.0/24 true"]);
    assert_eq!(inner(&network, "vpc-x"), ["10.1.1.0/24 false"]);
    assert_eq!(inner(&network, "vpc-two"), [""; 0]);
}
