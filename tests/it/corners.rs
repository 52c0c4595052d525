//! Corners where a small slip would show in nothing else: two machines that look alike, an address that somebody else has,
//! what lies behind a stop, equal routes.

mod differences;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use pathproof::code::Code;
use pathproof::engine::{Classes, Member, Pair, Reacher, trace};
use pathproof::fabric::{Device, Fabric, Party, ResidentIx};
use pathproof::model::{Dnat, Network, NextHop, State};
use pathproof::query::{Selector, Traffics, Verdict};
use pathproof::scenario::{Origins, parse_service};
use pathproof::space::{Action, AddressSet, Budget};
use pathproof::verify::{By, Matrix, Side, Situation, answer, select};
use serde_json::json;

use crate::cli::run_on;
use crate::memory::everything;
use crate::sketch::{self, id, ip, packet};

/// Two peered VPCs with a machine each, whose routes lead to one another.
fn peered() -> Network {
    let mut n = Network::default();
    sketch::open_group(&mut n);
    for (vpc, net, far) in [("vpc-a", 1, 2), ("vpc-b", 2, 1)] {
        sketch::vpc(&mut n, vpc, &format!("10.{net}.0.0/16"));
        let letter = &vpc[4..];
        let (subnet, machine) = (format!("subnet-{letter}"), format!("ins-{letter}"));
        sketch::subnet(&mut n, &subnet, vpc, &format!("10.{net}.1.0/24"));
        sketch::instance(&mut n, &machine, &subnet, &format!("10.{net}.1.11"));
        let over =
            sketch::route(&format!("10.{far}.0.0/16"), NextHop::PeeringConnection(id("pcx-1")));
        sketch::route_table(&mut n, &format!("rtb-{letter}"), vpc, vec![over]);
    }
    sketch::peering(&mut n, "pcx-1", "vpc-a", "vpc-b");
    n
}

fn party(fabric: &Fabric, name: &str) -> Party {
    let resident = fabric.hosts.of(name).expect("a resident");
    Party::Host(resident, fabric.hosts.get(resident).addresses.0)
}

fn pair(reacher: &mut Reacher<'_>, from: &str, to: &str) -> Pair {
    let fabric = reacher.fabric();
    let [from, to] = [from, to].map(|name| party(fabric, name));
    let own = |party| match party {
        Party::Host(_, address) => AddressSet::single(address),
        _ => AddressSet::any(),
    };
    Pair {
        from,
        to,
        source: own(from),
        destination: own(to),
        traffic: everything(&mut reacher.space),
    }
}

#[test]
fn a_classic_machine_with_a_public_address_is_like_no_other() {
    let mut n = Network::default();
    sketch::open_group(&mut n);
    sketch::classic_instance(&mut n, "ins-plain", "10.60.0.4");
    sketch::classic_instance(&mut n, "ins-twin", "10.60.0.5");
    sketch::classic_instance(&mut n, "ins-seen", "10.60.0.6").public_ip = Some(ip("203.0.113.6"));
    let fabric = Fabric::new(Arc::new(n));
    let classes = Classes::of(&fabric);
    let class = |name: &str| {
        let resident = fabric.hosts.of(name).expect("a resident");
        classes.class_of(resident, fabric.hosts.get(resident).addresses.0)
    };
    assert_eq!(class("ins-plain"), class("ins-twin"));
    assert_ne!(class("ins-plain"), class("ins-seen"));
}

#[test]
fn an_address_that_the_own_vpc_has_too_does_not_lead_to_its_namesake_beyond_a_peering() {
    let mut n = peered();
    sketch::vpc(&mut n, "vpc-c", "10.1.9.0/24");
    sketch::subnet(&mut n, "subnet-c", "vpc-c", "10.1.9.0/24");
    sketch::subnet(&mut n, "subnet-own", "vpc-a", "10.1.9.0/24");
    sketch::instance(&mut n, "ins-own", "subnet-own", "10.1.9.12");
    sketch::instance(&mut n, "ins-c", "subnet-c", "10.1.9.12");
    sketch::peering(&mut n, "pcx-ac", "vpc-a", "vpc-c");
    let back = sketch::route("10.1.1.0/24", NextHop::PeeringConnection(id("pcx-ac")));
    sketch::route_table(&mut n, "rtb-c", "vpc-c", vec![back]);
    let fabric = Fabric::new(Arc::new(n));
    let mut reacher = Reacher::new(&fabric);
    let near = pair(&mut reacher, "ins-a", "ins-own");
    let (works, _) = reacher.works(&near);
    assert!(!reacher.space.is_empty(works), "Local leads to the own one");
    let far = pair(&mut reacher, "ins-a", "ins-c");
    let (works, _) = reacher.works(&far);
    assert!(reacher.space.is_empty(works), "and to no other (RT-1)");
}

#[test]
fn what_works_for_several_addresses_is_said_of_all_of_them() {
    let fabric = Fabric::new(Arc::new(peered()));
    let mut reacher = Reacher::new(&fabric);
    let alone = pair(&mut reacher, "ins-a", "ins-b");
    let wide = Pair { destination: AddressSet::range(ip("10.2.1.11"), ip("10.2.1.12")), ..alone };
    let all = reacher.sets(&wide);
    assert_eq!(reacher.works(&wide), (all.always, all.view));
}

#[test]
fn what_lies_behind_a_stop_is_told_as_if_it_had_been_lifted() {
    let mut n = peered();
    sketch::subnet(&mut n, "subnet-f", "vpc-a", "10.1.2.0/24").route_table = Some(id("rtb-f"));
    sketch::instance(&mut n, "ins-f", "subnet-f", "10.1.2.11").state = State::Stopped;
    let onward = n.route_tables["rtb-a"].routes.clone();
    sketch::route_table(&mut n, "rtb-f", "vpc-a", onward);
    n.route_tables["rtb-a"].routes[0].via = NextHop::Instance(id("ins-f"));
    let fabric = Fabric::new(Arc::new(n));
    let ends = ["ins-a", "ins-b"].map(|name| party(&fabric, name));
    let told = trace(&fabric, ends[0], ends[1], packet("tcp 10.1.1.11:1024 10.2.1.11:443"));
    for path in &told.paths {
        let stop = path.forward.iter().position(|step| !step.passed);
        let (before, behind) = path.forward.split_at(stop.expect("a stop") + 1);
        assert!(!before.iter().any(|step| step.as_if), "{before:#?}");
        assert!(!behind.is_empty(), "the receiver's groups");
        assert!(behind.iter().all(|step| step.as_if), "{behind:#?}");
    }
}

#[test]
fn each_of_two_equal_routes_is_told_by_its_own_entry() {
    let mut n = peered();
    sketch::peering(&mut n, "pcx-2", "vpc-a", "vpc-b");
    let second = sketch::route("10.2.0.0/16", NextHop::PeeringConnection(id("pcx-2")));
    n.route_tables["rtb-a"].routes.push(second);
    let fabric = Fabric::new(Arc::new(n));
    let ends = ["ins-a", "ins-b"].map(|name| party(&fabric, name));
    let told = trace(&fabric, ends[0], ends[1], packet("tcp 10.1.1.11:1024 10.2.1.11:443"));
    let steps = told.paths.iter().flat_map(|path| &path.forward);
    let places = steps.filter_map(|step| step.place.as_ref());
    let entries: BTreeSet<String> = places
        .filter(|place| place.id == id("rtb-a"))
        .map(|place| format!("{:?}", place.path))
        .collect();
    assert_eq!(entries.len(), 2, "{entries:?}");
}

#[test]
fn the_internet_comes_by_the_forwarded_port_of_the_own_vpc() {
    let mut n = peered();
    for (gateway, vpc, eip) in
        [("nat-a", "vpc-a", "203.0.113.1"), ("nat-b", "vpc-b", "203.0.113.2")]
    {
        let out = sketch::route("0.0.0.0/0", NextHop::NatGateway(id(gateway)));
        let table = format!("rtb-{}", &vpc[4..]);
        n.route_tables[table.as_str()].routes.push(out);
        sketch::nat_gateway(&mut n, gateway, vpc, &[eip]);
    }
    n.nat_gateways["nat-a"].dnat.push(Dnat {
        service: sketch::service("tcp:443"),
        eip: ip("203.0.113.1"),
        to: ip("10.1.1.11"),
        port: 8443,
    });
    let fabric = Fabric::new(Arc::new(n));
    let mut reacher = Reacher::new(&fabric);
    let from = select(&fabric, &Selector::Internet, Side::From);
    for (name, service, expected) in [
        ("ins-a", "tcp:443", Verdict::Reachable),
        ("ins-a", "tcp:80", Verdict::Unreachable),
        ("ins-b", "tcp:443", Verdict::Unreachable),
    ] {
        let to = select(&fabric, &Selector::Id(id(name)), Side::To);
        let traffic =
            Traffics { service: parse_service(service).expect("a service"), ..Traffics::default() };
        let found = answer(&mut reacher, &from, &to, &traffic);
        assert_eq!(found.verdict, expected, "{name} {service}");
    }
}

#[test]
fn a_matrix_says_how_many_rows_it_has() {
    let network = Arc::new(peered());
    let situation = Situation::new(Arc::clone(&network), Arc::new(Origins::default()));
    let matrix = Matrix::new(&situation, By::Endpoint, &Traffics::default(), Budget::NONE);
    let mut told = 0;
    matrix.each_row(|_| told += 1);
    assert!(told > 1);
    assert_eq!(matrix.rows(), told);
}

#[test]
fn a_stretch_is_as_many_endpoints_as_it_has_addresses() {
    let len = |first: &str, last: &str| {
        let addresses: (IpAddr, IpAddr) = (ip(first), ip(last));
        let resident = ResidentIx(0);
        Member { resident, addresses }.len()
    };
    assert_eq!(len("10.1.1.11", "10.1.1.20"), 10);
    assert_eq!(len("2001:db8::11", "2001:db8::20"), 16);
}

#[test]
fn a_device_on_a_machine_says_whose_it_is() {
    let machine = ResidentIx(7);
    for own in [
        Device::EipOut(machine),
        Device::EipIn(machine),
        Device::PublicGateway(machine),
        Device::Masquerade(machine),
        Device::LoadBalancer(machine),
        Device::VpcEndpoint(machine),
    ] {
        assert_eq!(own.resident(), Some(machine), "{own:?}");
    }
    for gateway in [Device::NatOut(7), Device::NatIn(7), Device::DirectConnect(7)] {
        assert_eq!(gateway.resident(), None, "{gateway:?}");
    }
}

/// A route that a change writes to another next hop says so itself; what moves is what had a choice and takes it.
#[test]
fn a_route_without_an_alternative_does_not_move() {
    let network = |hop: &str| {
        format!(
            r#"(network: (
    vpcs: {{ "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16", default_route_table: "rtb-a") }},
    subnets: {{ "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") }},
    route_tables: {{ "rtb-a": (vpc: "vpc-a", routes: [(to: "0.0.0.0/0", via: NatGateway("{hop}"))]) }},
    security_groups: {{ "sg-open": (egress: [Accept()]) }},
    instances: {{ "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-open"]) }},
    nat_gateways: {{
        "nat-1": (vpc: "vpc-a", eips: ["203.0.113.1"]),
        "nat-2": (vpc: "vpc-a", eips: ["203.0.113.2"]),
    }},
))"#
        )
    };
    let changes = [
        r#"DeleteRoutes(route_table: "rtb-a", to: ["0.0.0.0/0"])"#,
        r#"CreateRoutes(route_table: "rtb-a", routes: [(to: "0.0.0.0/0", via: NatGateway("nat-2"))])"#,
    ];
    let told = run_on(
        network("nat-1").as_str(),
        &["whatif", "-", "--format", "json", "--change", changes[0], "--change", changes[1]],
    );
    let told = told.json();
    assert_eq!(told["moves"], json!([]), "{told:#}");
}

/// D20-18: a site's own line is not modelled, and still what the sender's group drops never comes to it.
#[test]
fn what_a_group_drops_is_lost_also_where_the_model_ends() {
    let network = r#"(network: (
    vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16", default_route_table: "rtb-a") },
    subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") },
    route_tables: { "rtb-a": (vpc: "vpc-a", routes: [(to: "0.0.0.0/0", via: VpnGateway("vpngw-a"))]) },
    security_groups: { "sg-web": (egress: [Accept(service: "tcp:443")]) },
    instances: { "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-web"]) },
    sites: { "site-a": (cidrs: ["192.168.8.0/24"]) },
    vpn_gateways: {
        "vpngw-a": (
            attached_to: Vpc("vpc-a"),
            connections: [(id: "vpnx-a", site: "site-a")],
            routes: [(to: "0.0.0.0/0", connection: "vpnx-a")],
        ),
    },
))"#;
    for (service, verdict) in [("tcp:443", "undetermined"), ("tcp:80", "unreachable")] {
        let question = ["reach", "-", "--from", "ins-a", "--to", "internet", "-s", service];
        let told = run_on(network, &[&question[..], &["--format", "json"]].concat()).json();
        assert_eq!(told["verdict"], verdict, "{service}: {told:#}");
    }
}

/// Its members reach each other, whoever is answered with it; a machine is no pair with itself (D20-6).
#[test]
fn of_many_that_are_alike_only_a_group_is_told_to_reach_itself() {
    let machines: String = (12..48)
        .map(|number| {
            let groups = r#"security_groups: ["sg-open"]"#;
            format!(r#""ins-{number}": (subnet: "subnet-a", ip: "10.1.1.{number}", {groups}),"#)
        })
        .collect::<Vec<_>>()
        .concat();
    let network = format!(
        r#"(network: (
    vpcs: {{ "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") }},
    subnets: {{ "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") }},
    security_groups: {{ "sg-open": (ingress: [Accept()], egress: [Accept()]) }},
    instances: {{ {machines} }},
    instance_groups: {{
        "grp-web": (subnet: "subnet-a", ips: "10.1.1.100-10.1.1.119", security_groups: ["sg-open"]),
    }},
))"#
    );
    let question = ["reach", "-", "--from", "vpc-a", "--to", "vpc-a"];
    let told = run_on(network.as_str(), &[&question[..], &["--format", "json"]].concat()).json();
    let parts = told["works"].as_array().expect("works");
    let itself = parts.iter().filter(|part| part["from"] == part["to"]);
    let itself: Vec<&str> = itself.filter_map(|part| part["from"].as_str()).collect();
    assert!(itself.len() == 1 && itself[0].starts_with("grp-web"), "{itself:?}");
}

/// Groups judge who they guard, also where the machine that forwards is guarded by the same as the one that sends.
#[test]
fn what_a_forwarder_drops_is_dropped_for_all_whom_other_groups_guard_than_its_own() {
    let mut n = peered();
    let all = sketch::group_rule(Action::Accept, "any", "all");
    let tight = sketch::group_rule(Action::Accept, "any", "tcp:443");
    sketch::security_group(&mut n, "sg-tight", vec![all], vec![tight]);
    sketch::subnet(&mut n, "subnet-f", "vpc-a", "10.1.2.0/24").route_table = Some(id("rtb-f"));
    let tight = vec![id("sg-tight")];
    sketch::instance(&mut n, "ins-f", "subnet-f", "10.1.2.11").security_groups = tight.clone();
    sketch::instance(&mut n, "ins-like", "subnet-a", "10.1.1.12").security_groups = tight;
    let onward = n.route_tables["rtb-a"].routes.clone();
    sketch::route_table(&mut n, "rtb-f", "vpc-a", onward);
    n.route_tables["rtb-a"].routes[0].via = NextHop::Instance(id("ins-f"));
    let fabric = Fabric::new(Arc::new(n));
    let classes = Classes::of(&fabric);
    let class = |name: &str| {
        let resident = fabric.hosts.of(name).expect("a resident");
        classes.class_of(resident, fabric.hosts.get(resident).addresses.0)
    };
    let mut reacher = Reacher::new(&fabric);
    for opener in ["ins-like", "ins-a"] {
        let alone = pair(&mut reacher, opener, "ins-b");
        let (works, _) = reacher.works(&alone);
        let (from, to) = (class(opener), class("ins-b"));
        let alike = reacher.between(&classes, from, to, alone.traffic);
        assert_eq!(alike.expect("two machines").always, works, "{opener}");
    }
}

/// A peer behind so many machines, one after the other, each with a route of its own.
fn behind(forwarders: usize) -> Network {
    let mut n = peered();
    let onward = n.route_tables["rtb-a"].routes[0].via.clone();
    for number in 1..=forwarders {
        let (subnet, table) = (format!("subnet-{number}"), format!("rtb-{number}"));
        let net = format!("10.1.{}", number + 1);
        let own = sketch::subnet(&mut n, &subnet, "vpc-a", &format!("{net}.0/24"));
        own.route_table = Some(id(&table));
        sketch::instance(&mut n, &format!("ins-{number}"), &subnet, &format!("{net}.5"));
        let next = NextHop::Instance(id(&format!("ins-{}", number + 1)));
        let via = if number == forwarders { onward.clone() } else { next };
        let route = sketch::route("10.2.0.0/16", via);
        sketch::route_table(&mut n, &table, "vpc-a", vec![route]);
    }
    n.route_tables["rtb-a"].routes[0].via = NextHop::Instance(id("ins-1"));
    n
}

/// RT-16: a way of 256 stages is one, and what is longer goes in circles.
#[test]
fn a_long_way_is_no_loop_until_it_is_longer_than_any_may_be() {
    let loops = |forwarders: usize| {
        let fabric = Fabric::new(Arc::new(behind(forwarders)));
        let ends = ["ins-a", "ins-b"].map(|name| party(&fabric, name));
        let sent = packet("tcp 10.1.1.11:1024 10.2.1.11:443");
        let told = trace(&fabric, ends[0], ends[1], sent);
        let mut reasons = told.paths.iter().flat_map(|path| &path.reasons);
        reasons.any(|reason| reason.cause.code == Code::RouteLoop)
    };
    // Threads of tests have less of a stack than a way of that length takes without optimisation.
    let roomy = std::thread::Builder::new().stack_size(1 << 25);
    let found = roomy.spawn(move || [252, 253].map(loops));
    let found = found.expect("a thread").join().expect("an answer");
    assert_eq!(found, [false, true]);
}
