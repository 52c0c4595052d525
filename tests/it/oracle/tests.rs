//! The oracle on cases whose answer a person can give.

use std::collections::BTreeSet;

use pathproof::code::Code;
use pathproof::model::{
    Attachment, Dnat, Endpoint, Engine, Listener, ListenerProtocol, LoadBalancerNetwork, Network,
    NextHop, Peer, State, Target,
};
use pathproof::space::{Action, IntervalSet, Packet};

use super::{Direction, Judgement, judge};
use crate::sketch::{self, acl_rule, group_rule, id, ip, packet, service};

/// The endpoint that an id names.
fn endpoint(network: &Network, name: &str) -> Endpoint {
    let id = id(name);
    match () {
        () if name == "internet" => Endpoint::Internet,
        () if network.instances.contains_key(name) => Endpoint::Instance(id),
        () if network.havips.contains_key(name) => Endpoint::HaVip(id),
        () if network.databases.contains_key(name) => Endpoint::Database(id),
        () if network.load_balancers.contains_key(name) => Endpoint::LoadBalancer(id),
        () if network.endpoint_connections.contains_key(name) => Endpoint::EndpointConnection(id),
        () if network.classic_instances.contains_key(name) => Endpoint::ClassicInstance(id),
        () if network.classic_databases.contains_key(name) => Endpoint::ClassicDatabase(id),
        () if network.classic_load_balancers.contains_key(name) => {
            Endpoint::ClassicLoadBalancer(id)
        }
        () => Endpoint::Site(id),
    }
}

fn ask(network: &Network, from: &str, to: &str, text: &str) -> Judgement {
    judge(
        network,
        &endpoint(network, from),
        &endpoint(network, to),
        packet(text),
    )
}

fn works(network: &Network, from: &str, to: &str, text: &str) {
    let judgement = ask(network, from, to, text);
    assert!(
        judgement.always,
        "{from} → {to} {text}: {:?}",
        judgement.reasons
    );
}

fn fails(network: &Network, from: &str, to: &str, text: &str, codes: &[Code]) {
    let judgement = ask(network, from, to, text);
    assert!(!judgement.sometimes, "{from} → {to} {text} works");
    let expected: BTreeSet<_> = codes
        .iter()
        .map(|code| (*code, Direction::Forward))
        .collect();
    assert_eq!(judgement.codes(), expected, "{from} → {to} {text}");
}

/// `vpc-tom` with a web server and a database, a secondary CIDR, and two classic CVMs of which one is linked.
fn tom() -> Network {
    let mut network = Network::default();
    let n = &mut network;
    sketch::open_group(n);
    sketch::vpc(n, "vpc-tom", "10.1.0.0/16").secondary_cidrs = vec![sketch::net("172.16.0.0/16")];
    sketch::subnet(n, "subnet-web", "vpc-tom", "10.1.1.0/24");
    sketch::subnet(n, "subnet-db", "vpc-tom", "10.1.2.0/24");
    sketch::subnet(n, "subnet-new", "vpc-tom", "172.16.1.0/24");
    sketch::instance(n, "ins-web", "subnet-web", "10.1.1.10");
    sketch::instance(n, "ins-peer", "subnet-web", "10.1.1.11");
    sketch::instance(n, "ins-app", "subnet-db", "10.1.2.10");
    sketch::instance(n, "ins-new", "subnet-new", "172.16.1.10");
    sketch::database(n, "cdb-tom", "subnet-db", "10.1.2.20", Engine::MySql);
    sketch::classic_instance(n, "ins-tom", "10.60.3.4");
    sketch::classic_instance(n, "ins-other", "10.60.3.5");
    sketch::classic_database(n, "cdb-old", "10.66.1.20", Engine::MySql);
    sketch::link(n, "vpc-tom", "ins-tom");
    sketch::endpoint_connection(n, "ep-old", "vpc-tom", "10.1.2.30", "cdb-old");
    network
}

#[test]
fn inside_a_vpc_everything_is_reachable_until_a_filter_says_no() {
    let n = tom();
    works(&n, "ins-web", "ins-app", "tcp 10.1.1.10:1024 10.1.2.10:80");
    works(&n, "ins-web", "ins-new", "icmp 10.1.1.10 172.16.1.10");
    works(&n, "ins-new", "ins-web", "gre 172.16.1.10 10.1.1.10");
    works(
        &n,
        "ins-web",
        "cdb-tom",
        "tcp 10.1.1.10:1024 10.1.2.20:3306",
    );
    fails(
        &n,
        "ins-web",
        "cdb-tom",
        "tcp 10.1.1.10:1024 10.1.2.20:22",
        &[Code::PortNotServed],
    );
    fails(
        &n,
        "cdb-tom",
        "ins-web",
        "tcp 10.1.2.20:1024 10.1.1.10:80",
        &[Code::EndpointCannotInitiate],
    );
}

#[test]
fn the_founding_document_holds() {
    let mut n = tom();
    works(&n, "ins-tom", "ins-web", "tcp 10.60.3.4:1024 10.1.1.10:22");
    works(&n, "ins-web", "ins-tom", "tcp 10.1.1.10:1024 10.60.3.4:22");
    works(
        &n,
        "ins-tom",
        "cdb-tom",
        "tcp 10.60.3.4:1024 10.1.2.20:3306",
    );
    works(
        &n,
        "ins-tom",
        "ins-other",
        "tcp 10.60.3.4:1024 10.60.3.5:22",
    );
    works(&n, "ins-web", "ep-old", "tcp 10.1.1.10:1024 10.1.2.30:3306");
    let secondary = [Code::ClassicLinkSecondaryCidr];
    fails(
        &n,
        "ins-tom",
        "ins-new",
        "tcp 10.60.3.4:1024 172.16.1.10:22",
        &secondary,
    );
    fails(
        &n,
        "ins-new",
        "ins-tom",
        "tcp 172.16.1.10:1024 10.60.3.4:22",
        &secondary,
    );
    fails(
        &n,
        "ins-web",
        "cdb-old",
        "tcp 10.1.1.10:1024 10.66.1.20:3306",
        &[Code::ClassicLinkCvmOnly],
    );
    fails(
        &n,
        "ins-web",
        "ins-other",
        "tcp 10.1.1.10:1024 10.60.3.5:22",
        &[Code::ClassicLinkNotLinked],
    );
    fails(
        &n,
        "ins-other",
        "ins-web",
        "tcp 10.60.3.5:1024 10.1.1.10:22",
        &[Code::ClassicLinkNotLinked],
    );
    fails(
        &n,
        "ins-tom",
        "ep-old",
        "tcp 10.60.3.4:1024 10.1.2.30:3306",
        &[Code::EndpointConnectionNoTransit],
    );
    n.classic_instances["ins-tom"].ip = ip("10.60.9.9");
    fails(
        &n,
        "ins-tom",
        "ins-web",
        "tcp 10.60.9.9:1024 10.1.1.10:22",
        &[Code::ClassicLinkStaleAddress],
    );
    fails(
        &n,
        "ins-web",
        "ins-tom",
        "tcp 10.1.1.10:1024 10.60.9.9:22",
        &[Code::ClassicLinkStaleAddress],
    );
}

#[test]
fn a_linked_classic_cvm_does_not_pass_the_gateways_of_the_vpc() {
    let mut n = tom();
    sketch::nat_gateway(&mut n, "nat-1", "vpc-tom", &["1.2.3.4"]);
    sketch::site(&mut n, "idc", "192.168.0.0/16");
    let gateway = sketch::vpn_gateway(&mut n, "vpngw-1", Attachment::Vpc(id("vpc-tom")));
    gateway
        .connections
        .push(sketch::vpn_connection("vpnx-1", "idc"));
    let out = [Code::NoPublicAddress, Code::ClassicLinkNoTransit];
    fails(
        &n,
        "ins-tom",
        "internet",
        "tcp 10.60.3.4:1024 8.8.8.8:443",
        &out,
    );
    fails(
        &n,
        "ins-tom",
        "idc",
        "tcp 10.60.3.4:1024 192.168.1.1:443",
        &[Code::ClassicLinkNoTransit],
    );
    fails(
        &n,
        "idc",
        "ins-tom",
        "tcp 192.168.1.1:1024 10.60.3.4:443",
        &[Code::ClassicLinkNoTransit],
    );
    fails(
        &n,
        "internet",
        "ins-tom",
        "tcp 8.8.8.8:1024 10.60.3.4:443",
        &[Code::NoPublicAddress],
    );
    n.classic_instances["ins-tom"].public_ip = Some(ip("1.2.3.5"));
    works(&n, "ins-tom", "internet", "tcp 10.60.3.4:1024 8.8.8.8:443");
    works(&n, "internet", "ins-tom", "tcp 8.8.8.8:1024 1.2.3.5:443");
}

#[test]
fn tenants_and_regions_of_the_classic_network_are_kept_apart() {
    let mut n = tom();
    n.classic_instances["ins-other"].meta.account = Some(id("bob"));
    fails(
        &n,
        "ins-tom",
        "ins-other",
        "tcp 10.60.3.4:1024 10.60.3.5:22",
        &[Code::ClassicOtherTenant],
    );
    n.classic_instances["ins-other"].meta.account = None;
    n.classic_instances["ins-other"].region = "ap-beijing".into();
    fails(
        &n,
        "ins-tom",
        "ins-other",
        "tcp 10.60.3.4:1024 10.60.3.5:22",
        &[Code::ClassicOtherRegion],
    );
}

#[test]
fn groups_of_a_classic_cvm_leave_its_mysql_alone_and_nothing_else() {
    let mut n = tom();
    sketch::classic_database(&mut n, "pg-old", "10.66.1.21", Engine::PostgreSql);
    sketch::security_group(&mut n, "sg-shut", vec![], vec![]);
    n.classic_instances["ins-tom"].security_groups = vec![id("sg-shut")];
    works(
        &n,
        "ins-tom",
        "cdb-old",
        "tcp 10.60.3.4:1024 10.66.1.20:3306",
    );
    let shut = [Code::SecurityGroupEgressDenied];
    fails(
        &n,
        "ins-tom",
        "pg-old",
        "tcp 10.60.3.4:1024 10.66.1.21:5432",
        &shut,
    );
}

#[test]
fn a_flow_log_of_the_documents_is_told_in_the_same_way() {
    // LOG-2: groups let ICMP in and nothing out, the ACL lets ICMP in and denies what leaves.
    let mut n = tom();
    let icmp = |action| vec![acl_rule(action, "any", "any", "icmp")];
    sketch::security_group(
        &mut n,
        "sg-ping",
        vec![group_rule(Action::Accept, "any", "icmp")],
        vec![],
    );
    sketch::network_acl(
        &mut n,
        "acl-ping",
        "vpc-tom",
        icmp(Action::Accept),
        icmp(Action::Drop),
    );
    n.instances["ins-app"].security_groups = vec![id("sg-ping")];
    n.subnets["subnet-db"].network_acl = Some(id("acl-ping"));
    let ping = "icmp 10.1.1.10 10.1.2.10";
    let refused = ask(&n, "ins-web", "ins-app", ping);
    assert!(!refused.sometimes);
    assert_eq!(
        refused.codes(),
        BTreeSet::from([(Code::NetworkAclEgressDenied, Direction::Return)])
    );
    n.network_acls["acl-ping"].egress = icmp(Action::Accept);
    works(&n, "ins-web", "ins-app", ping);
    n.security_groups["sg-ping"].ingress.clear();
    fails(
        &n,
        "ins-web",
        "ins-app",
        ping,
        &[Code::SecurityGroupIngressDenied],
    );
}

#[test]
fn replies_to_ephemeral_ports_need_their_own_acl_rule() {
    // ACL-15: the egress rule covers the ports of Linux clients only.
    let mut n = tom();
    let ingress = vec![acl_rule(Action::Accept, "any", "any", "tcp:80")];
    let egress = vec![acl_rule(Action::Accept, "any", "any", "tcp:32768-61000")];
    sketch::network_acl(&mut n, "acl-web", "vpc-tom", ingress, egress);
    n.subnets["subnet-db"].network_acl = Some(id("acl-web"));
    works(&n, "ins-web", "ins-app", "tcp 10.1.1.10:32768 10.1.2.10:80");
    works(&n, "ins-web", "ins-app", "tcp 10.1.1.10:61000 10.1.2.10:80");
    let windows = ask(&n, "ins-web", "ins-app", "tcp 10.1.1.10:61001 10.1.2.10:80");
    assert_eq!(
        windows.codes(),
        BTreeSet::from([(Code::NetworkAclEgressDenied, Direction::Return)])
    );
}

#[test]
fn an_acl_does_not_act_inside_its_subnet() {
    let mut n = tom();
    sketch::network_acl(&mut n, "acl-shut", "vpc-tom", vec![], vec![]);
    n.subnets["subnet-web"].network_acl = Some(id("acl-shut"));
    works(&n, "ins-web", "ins-peer", "tcp 10.1.1.10:1024 10.1.1.11:80");
    let all = ask(&n, "ins-web", "ins-app", "tcp 10.1.1.10:1024 10.1.2.10:80");
    let expected = [
        (Code::NetworkAclEgressDenied, Direction::Forward),
        (Code::NetworkAclIngressDenied, Direction::Return),
    ];
    assert_eq!(all.codes(), BTreeSet::from(expected));
}

#[test]
fn members_of_a_group_reach_each_other_only_by_a_rule_that_names_it() {
    let mut n = tom();
    let out = || vec![group_rule(Action::Accept, "any", "all")];
    sketch::security_group(&mut n, "sg-app", vec![], out());
    for name in ["ins-web", "ins-app"] {
        n.instances[name].security_groups = vec![id("sg-app")];
    }
    let text = "tcp 10.1.1.10:1024 10.1.2.10:80";
    fails(
        &n,
        "ins-web",
        "ins-app",
        text,
        &[Code::SecurityGroupIngressDenied],
    );
    n.security_groups["sg-app"].ingress = vec![group_rule(Action::Accept, "sg-app", "tcp:80")];
    works(&n, "ins-web", "ins-app", text);
    assert_eq!(
        n.security_groups["sg-app"].ingress[0].peer,
        Peer::SecurityGroup(id("sg-app"))
    );
}

#[test]
fn peering_needs_routes_both_ways_and_carries_no_secondary_cidr() {
    let mut n = tom();
    sketch::vpc(&mut n, "vpc-b", "10.2.0.0/16");
    sketch::subnet(&mut n, "subnet-b", "vpc-b", "10.2.1.0/24");
    sketch::instance(&mut n, "ins-b", "subnet-b", "10.2.1.10");
    sketch::peering(&mut n, "pcx-1", "vpc-tom", "vpc-b");
    let via = || NextHop::PeeringConnection(id("pcx-1"));
    let text = "tcp 10.1.1.10:1024 10.2.1.10:80";
    fails(&n, "ins-web", "ins-b", text, &[Code::NoRoute]);
    sketch::route_table(
        &mut n,
        "rtb-tom",
        "vpc-tom",
        vec![sketch::route("10.2.0.0/16", via())],
    );
    let one_way = ask(&n, "ins-web", "ins-b", text);
    assert_eq!(
        one_way.codes(),
        BTreeSet::from([(Code::NoRoute, Direction::Return)])
    );
    sketch::route_table(
        &mut n,
        "rtb-b",
        "vpc-b",
        vec![sketch::route("10.1.0.0/16", via())],
    );
    works(&n, "ins-web", "ins-b", text);
    fails(
        &n,
        "ins-new",
        "ins-b",
        "tcp 172.16.1.10:1024 10.2.1.10:80",
        &[Code::PeeringSecondaryCidr],
    );
    let linked = [Code::ClassicLinkNoTransit];
    fails(
        &n,
        "ins-tom",
        "ins-b",
        "tcp 10.60.3.4:1024 10.2.1.10:80",
        &linked,
    );
    fails(
        &n,
        "ins-b",
        "ins-tom",
        "tcp 10.2.1.10:1024 10.60.3.4:80",
        &linked,
    );
    assert!(
        ask(&n, "ins-b", "ep-old", "tcp 10.2.1.10:1024 10.1.2.30:3306")
            .codes()
            .contains(&(Code::EndpointConnectionNoTransit, Direction::Forward))
    );
}

#[test]
fn a_ccn_carries_secondary_cidrs_and_no_classic_link() {
    let mut n = tom();
    sketch::vpc(&mut n, "vpc-b", "10.2.0.0/16");
    sketch::subnet(&mut n, "subnet-b", "vpc-b", "10.2.1.0/24");
    sketch::instance(&mut n, "ins-b", "subnet-b", "10.2.1.10");
    sketch::ccn(&mut n, "ccn-1", &["vpc-tom", "vpc-b"]);
    works(&n, "ins-web", "ins-b", "tcp 10.1.1.10:1024 10.2.1.10:80");
    works(&n, "ins-b", "ins-new", "tcp 10.2.1.10:1024 172.16.1.10:80");
    fails(
        &n,
        "ins-b",
        "ins-tom",
        "tcp 10.2.1.10:1024 10.60.3.4:80",
        &[Code::ClassicLinkNoTransit],
    );
    fails(
        &n,
        "ins-b",
        "ep-old",
        "tcp 10.2.1.10:1024 10.1.2.30:3306",
        &[Code::EndpointConnectionNoTransit],
    );
    n.down.insert(id("vpc-b"));
    fails(
        &n,
        "ins-web",
        "ins-b",
        "tcp 10.1.1.10:1024 10.2.1.10:80",
        &[Code::AttachmentDown],
    );
}

#[test]
fn the_internet_is_reached_by_eip_or_nat_and_reaches_eips_and_dnat_entries() {
    let mut n = tom();
    let out = "tcp 10.1.1.10:1024 8.8.8.8:443";
    fails(&n, "ins-web", "internet", out, &[Code::NoPublicAddress]);
    n.instances["ins-web"].eip = Some(ip("1.2.3.4"));
    works(&n, "ins-web", "internet", out);
    works(&n, "internet", "ins-web", "tcp 8.8.8.8:1024 1.2.3.4:443");
    fails(
        &n,
        "ins-web",
        "internet",
        "tcp 10.1.1.10:1024 8.8.8.8:25",
        &[Code::OutboundSmtpBlocked],
    );
    let dnat = Dnat {
        service: service("tcp:443"),
        eip: ip("1.2.3.5"),
        to: ip("10.1.2.10"),
        port: 8443,
    };
    sketch::nat_gateway(&mut n, "nat-1", "vpc-tom", &["1.2.3.5"])
        .dnat
        .push(dnat);
    works(&n, "internet", "ins-app", "tcp 8.8.8.8:1024 1.2.3.5:443");
    fails(
        &n,
        "internet",
        "ins-app",
        "tcp 8.8.8.8:1024 1.2.3.5:80",
        &[Code::NatNoDnatEntry],
    );
    let default = sketch::route("0.0.0.0/0", NextHop::NatGateway(id("nat-1")));
    sketch::route_table(&mut n, "rtb-tom", "vpc-tom", vec![default]);
    works(&n, "ins-app", "internet", "udp 10.1.2.10:1024 8.8.8.8:53");
    fails(
        &n,
        "ins-app",
        "internet",
        "gre 10.1.2.10 8.8.8.8",
        &[Code::NatProtocolUnsupported],
    );
    sketch::site(&mut n, "idc", "192.168.0.0/16");
    let private = [Code::PrivateDestinationToInternet];
    fails(
        &n,
        "ins-app",
        "idc",
        "udp 10.1.2.10:1024 192.168.0.1:53",
        &private,
    );
}

#[test]
fn a_load_balancer_works_if_all_its_usable_targets_do() {
    let mut n = tom();
    sketch::security_group(&mut n, "sg-shut", vec![], vec![]);
    let lives = LoadBalancerNetwork::Internal {
        subnet: id("subnet-db"),
        vip: ip("10.1.2.40"),
        eip: None,
    };
    let target = |name: &str, weight| Target {
        instance: id(name),
        port: 8080,
        weight,
    };
    let targets = vec![target("ins-app", 10), target("ins-peer", 10)];
    let (protocol, ports) = (ListenerProtocol::Tcp, IntervalSet::single(80));
    sketch::load_balancer(&mut n, "lb-1", lives).listeners = vec![Listener {
        protocol,
        ports,
        targets,
    }];
    let text = "tcp 10.1.1.10:1024 10.1.2.40:80";
    works(&n, "ins-web", "lb-1", text);
    works(&n, "ins-web", "lb-1", "icmp 10.1.1.10 10.1.2.40");
    fails(
        &n,
        "ins-web",
        "lb-1",
        "tcp 10.1.1.10:1024 10.1.2.40:81",
        &[Code::PortNotServed],
    );
    let itself = ask(&n, "ins-peer", "lb-1", "tcp 10.1.1.11:1024 10.1.2.40:80");
    assert!(itself.sometimes && !itself.always);
    n.instances["ins-peer"].security_groups = vec![id("sg-shut")];
    let partial = ask(&n, "ins-web", "lb-1", text);
    assert!(partial.sometimes && !partial.always);
    n.load_balancers["lb-1"].pass_to_target = true;
    works(&n, "ins-web", "lb-1", text);
    n.load_balancers["lb-1"].pass_to_target = false;
    n.instances["ins-peer"].state = State::Stopped;
    works(&n, "ins-web", "lb-1", text);
    n.instances["ins-app"].state = State::Stopped;
    fails(&n, "ins-web", "lb-1", text, &[Code::NoTarget]);
}

#[test]
fn a_site_reaches_the_vpc_of_its_gateway_and_nothing_beyond() {
    let mut n = tom();
    sketch::vpc(&mut n, "vpc-b", "10.2.0.0/16");
    sketch::subnet(&mut n, "subnet-b", "vpc-b", "10.2.1.0/24");
    sketch::instance(&mut n, "ins-b", "subnet-b", "10.2.1.10");
    sketch::peering(&mut n, "pcx-1", "vpc-tom", "vpc-b");
    sketch::site(&mut n, "idc", "192.168.0.0/16");
    let gateway = sketch::direct_connect_gateway(&mut n, "dcg-1", Attachment::Vpc(id("vpc-tom")));
    gateway.tunnels.push(sketch::direct_connect_tunnel(
        "dcx-1",
        "idc",
        &["192.168.0.0/17"],
    ));
    let via = NextHop::DirectConnectGateway(id("dcg-1"));
    sketch::route_table(
        &mut n,
        "rtb-tom",
        "vpc-tom",
        vec![sketch::route("192.168.0.0/16", via)],
    );
    works(&n, "idc", "ins-web", "tcp 192.168.1.1:1024 10.1.1.10:80");
    works(&n, "ins-new", "idc", "tcp 172.16.1.10:1024 192.168.1.1:80");
    fails(
        &n,
        "ins-web",
        "idc",
        "tcp 10.1.1.10:1024 192.168.200.1:80",
        &[Code::DirectConnectNoPrefix],
    );
    fails(
        &n,
        "idc",
        "ins-b",
        "tcp 192.168.1.1:1024 10.2.1.10:80",
        &[Code::GatewayNoTransit],
    );
    let own_line = judge(
        &n,
        &endpoint(&n, "idc"),
        &Endpoint::Internet,
        packet("tcp 192.168.1.1:1024 8.8.8.8:80"),
    );
    assert!(own_line.undetermined);
}

#[test]
fn filters_are_judged_on_both_sides_of_a_stop_and_the_way_back_is_not() {
    let mut n = tom();
    sketch::security_group(&mut n, "sg-shut", vec![], vec![]);
    sketch::network_acl(&mut n, "acl-shut", "vpc-tom", vec![], vec![]);
    n.subnets["subnet-new"].network_acl = Some(id("acl-shut"));
    n.instances["ins-new"].security_groups = vec![id("sg-shut")];
    let codes = [
        Code::ClassicLinkSecondaryCidr,
        Code::NetworkAclIngressDenied,
        Code::SecurityGroupIngressDenied,
    ];
    fails(
        &n,
        "ins-tom",
        "ins-new",
        "tcp 10.60.3.4:1024 172.16.1.10:22",
        &codes,
    );
}

#[test]
fn a_stopped_opener_is_judged_on_the_way_there_only() {
    let mut n = tom();
    n.instances["ins-web"].state = State::Stopped;
    sketch::network_acl(
        &mut n,
        "acl-in",
        "vpc-tom",
        vec![acl_rule(Action::Accept, "any", "any", "all")],
        vec![],
    );
    n.subnets["subnet-db"].network_acl = Some(id("acl-in"));
    let text = "tcp 10.1.1.10:1024 10.1.2.10:80";
    fails(&n, "ins-web", "ins-app", text, &[Code::EndpointDown]);
    let packet: Packet = packet(text);
    assert_eq!(packet.reply().reply(), packet);
}
