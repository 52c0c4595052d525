//! Peerings, CCNs, NAT, sites, forwarders, load balancers.

use super::*;

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
    sketch::route_table(&mut n, "rtb-tom", "vpc-tom", vec![sketch::route("10.2.0.0/16", via())]);
    let one_way = ask(&n, "ins-web", "ins-b", text);
    assert_eq!(one_way.codes(), BTreeSet::from([(Code::NoRoute, Direction::Return)]));
    sketch::route_table(&mut n, "rtb-b", "vpc-b", vec![sketch::route("10.1.0.0/16", via())]);
    works(&n, "ins-web", "ins-b", text);
    fails(
        &n,
        "ins-new",
        "ins-b",
        "tcp 172.16.1.10:1024 10.2.1.10:80",
        &[Code::PeeringSecondaryCidr],
    );
    let linked = [Code::ClassicLinkNoTransit];
    fails(&n, "ins-tom", "ins-b", "tcp 10.60.3.4:1024 10.2.1.10:80", &linked);
    fails(&n, "ins-b", "ins-tom", "tcp 10.2.1.10:1024 10.60.3.4:80", &linked);
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
    fails(&n, "ins-b", "ins-tom", "tcp 10.2.1.10:1024 10.60.3.4:80", &[Code::ClassicLinkNoTransit]);
    fails(
        &n,
        "ins-b",
        "ep-old",
        "tcp 10.2.1.10:1024 10.1.2.30:3306",
        &[Code::EndpointConnectionNoTransit],
    );
    n.down.insert(id("vpc-b"));
    fails(&n, "ins-web", "ins-b", "tcp 10.1.1.10:1024 10.2.1.10:80", &[Code::AttachmentDown]);
}

#[test]
fn the_internet_is_reached_by_eip_or_nat_and_reaches_eips_and_dnat_entries() {
    let mut n = tom();
    let out = "tcp 10.1.1.10:1024 8.8.8.8:443";
    fails(&n, "ins-web", "internet", out, &[Code::NoPublicAddress]);
    n.instances["ins-web"].eip = Some(ip("1.2.3.4"));
    works(&n, "ins-web", "internet", out);
    works(&n, "internet", "ins-web", "tcp 8.8.8.8:1024 1.2.3.4:443");
    fails(&n, "ins-web", "internet", "tcp 10.1.1.10:1024 8.8.8.8:25", &[Code::OutboundSmtpBlocked]);
    let dnat =
        Dnat { service: service("tcp:443"), eip: ip("1.2.3.5"), to: ip("10.1.2.10"), port: 8443 };
    sketch::nat_gateway(&mut n, "nat-1", "vpc-tom", &["1.2.3.5"]).dnat.push(dnat);
    works(&n, "internet", "ins-app", "tcp 8.8.8.8:1024 1.2.3.5:443");
    fails(&n, "internet", "ins-app", "tcp 8.8.8.8:1024 1.2.3.5:80", &[Code::NatNoDnatEntry]);
    let default = sketch::route("0.0.0.0/0", NextHop::NatGateway(id("nat-1")));
    sketch::route_table(&mut n, "rtb-tom", "vpc-tom", vec![default]);
    works(&n, "ins-app", "internet", "udp 10.1.2.10:1024 8.8.8.8:53");
    fails(&n, "ins-app", "internet", "gre 10.1.2.10 8.8.8.8", &[Code::NatProtocolUnsupported]);
    sketch::site(&mut n, "idc", "192.168.0.0/16");
    let private = [Code::PrivateDestinationToInternet];
    fails(&n, "ins-app", "idc", "udp 10.1.2.10:1024 192.168.0.1:53", &private);
}

#[test]
fn a_load_balancer_works_if_all_its_usable_targets_do() {
    let mut n = tom();
    sketch::security_group(&mut n, "sg-shut", vec![], vec![]);
    let lives =
        LoadBalancerNetwork::Internal { subnet: id("subnet-db"), vip: ip("10.1.2.40"), eip: None };
    let target = |name: &str, weight| Target { instance: id(name), port: 8080, weight };
    let targets = vec![target("ins-app", 10), target("ins-peer", 10)];
    let (protocol, ports) = (ListenerProtocol::Tcp, IntervalSet::single(80));
    sketch::load_balancer(&mut n, "lb-1", lives).listeners =
        vec![Listener { protocol, ports, targets, redirects_to: None }];
    let text = "tcp 10.1.1.10:1024 10.1.2.40:80";
    works(&n, "ins-web", "lb-1", text);
    works(&n, "ins-web", "lb-1", "icmp 10.1.1.10 10.1.2.40");
    fails(&n, "ins-web", "lb-1", "tcp 10.1.1.10:1024 10.1.2.40:81", &[Code::PortNotServed]);
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
    gateway.tunnels.push(sketch::direct_connect_tunnel("dcx-1", "idc", &["192.168.0.0/17"]));
    let via = NextHop::DirectConnectGateway(id("dcg-1"));
    sketch::route_table(&mut n, "rtb-tom", "vpc-tom", vec![sketch::route("192.168.0.0/16", via)]);
    works(&n, "idc", "ins-web", "tcp 192.168.1.1:1024 10.1.1.10:80");
    works(&n, "ins-new", "idc", "tcp 172.16.1.10:1024 192.168.1.1:80");
    fails(
        &n,
        "ins-web",
        "idc",
        "tcp 10.1.1.10:1024 192.168.200.1:80",
        &[Code::DirectConnectNoPrefix],
    );
    fails(&n, "idc", "ins-b", "tcp 192.168.1.1:1024 10.2.1.10:80", &[Code::GatewayNoTransit]);
    let own_line = judge(
        &n,
        &endpoint(&n, "idc"),
        &Endpoint::Internet,
        packet("tcp 192.168.1.1:1024 8.8.8.8:80"),
    );
    assert!(own_line.undetermined);
}

#[test]
fn a_public_gateway_serves_other_subnets_and_sees_them_twice() {
    let mut n = tom();
    let gateway = sketch::instance(&mut n, "ins-gw", "subnet-db", "10.1.2.5");
    gateway.public_gateway = true;
    gateway.eip = Some(ip("1.2.3.4"));
    let route = sketch::route("0.0.0.0/0", NextHop::PublicGateway(id("ins-gw")));
    sketch::route_table(&mut n, "rtb-out", "vpc-tom", vec![route]);
    let out = "tcp 10.1.1.10:1024 8.8.8.8:443";
    // the gateway's own subnet has the same table (D20-22)
    let both = [Code::RouteLoop, Code::PublicGatewaySameSubnet];
    fails(&n, "ins-web", "internet", out, &both);
    let same = "tcp 10.1.2.10:1024 8.8.8.8:443";
    fails(&n, "ins-app", "internet", same, &[Code::PublicGatewaySameSubnet]);
    n.vpcs["vpc-tom"].default_route_table = None;
    n.subnets["subnet-web"].route_table = Some(id("rtb-out"));
    works(&n, "ins-web", "internet", out);
    // replies pass the ACL of the gateway's subnet in and out, on the original addresses
    let egress = vec![
        acl_rule(Action::Drop, "any", "10.1.1.10", "all"),
        acl_rule(Action::Accept, "any", "any", "all"),
    ];
    let ingress = vec![acl_rule(Action::Accept, "any", "any", "all")];
    sketch::network_acl(&mut n, "acl-gw", "vpc-tom", ingress, egress);
    n.subnets["subnet-db"].network_acl = Some(id("acl-gw"));
    let reply = ask(&n, "ins-web", "internet", out);
    assert_eq!(reply.codes(), BTreeSet::from([(Code::NetworkAclEgressDenied, Direction::Return)]));
}

#[test]
fn a_havip_forwards_by_its_instance_or_is_a_black_hole() {
    let mut n = tom();
    sketch::havip(&mut n, "havip-1", "subnet-db", "10.1.2.50", Some("ins-app"));
    sketch::site(&mut n, "idc", "192.168.0.0/16");
    let gateway = sketch::vpn_gateway(&mut n, "vpngw-1", Attachment::Vpc(id("vpc-tom")));
    gateway.connections.push(sketch::vpn_connection("vpnx-1", "idc"));
    let connection = id("vpnx-1");
    gateway.routes.push(VpnRoute {
        to: sketch::net("192.168.0.0/16"),
        connection,
        priority: 0,
        enabled: true,
    });
    let via = |hop| vec![sketch::route("192.168.0.0/16", hop)];
    sketch::route_table(&mut n, "rtb-web", "vpc-tom", via(NextHop::HaVip(id("havip-1"))));
    n.vpcs["vpc-tom"].default_route_table = None;
    sketch::route_table(&mut n, "rtb-db", "vpc-tom", via(NextHop::VpnGateway(id("vpngw-1"))));
    n.subnets["subnet-web"].route_table = Some(id("rtb-web"));
    let text = "tcp 10.1.1.10:1024 192.168.1.1:80";
    works(&n, "ins-web", "idc", text);
    sketch::security_group(&mut n, "sg-shut", vec![], vec![]);
    n.instances["ins-app"].security_groups = vec![id("sg-shut")];
    let shut = [Code::SecurityGroupIngressDenied, Code::SecurityGroupEgressDenied];
    fails(&n, "ins-web", "idc", text, &shut);
    n.havips["havip-1"].bound_to = None;
    fails(&n, "ins-web", "idc", text, &[Code::RouteBlackhole]);
}

#[test]
fn overlapping_ccn_routes_arrive_disabled_and_can_be_switched_on() {
    let mut n = tom();
    for (vpc, subnet, name) in [("vpc-b", "subnet-b", "ins-b"), ("vpc-c", "subnet-c", "ins-c")] {
        sketch::vpc(&mut n, vpc, "10.2.0.0/16");
        sketch::subnet(&mut n, subnet, vpc, "10.2.1.0/24");
        sketch::instance(
            &mut n,
            name,
            subnet,
            if vpc == "vpc-b" { "10.2.1.10" } else { "10.2.1.11" },
        );
    }
    n.subnets["subnet-c"].cidr = sketch::net("10.2.1.0/25");
    sketch::ccn(&mut n, "ccn-1", &["vpc-tom", "vpc-b", "vpc-c"]);
    works(&n, "ins-web", "ins-b", "tcp 10.1.1.10:1024 10.2.1.10:80");
    fails(&n, "ins-web", "ins-c", "tcp 10.1.1.10:1024 10.2.1.11:80", &[Code::LocalWithoutOwner]);
    let to = sketch::net("10.2.1.0/25");
    let next = CcnMember::Vpc(id("vpc-c"));
    n.ccns["ccn-1"].routes.push(CcnRoute { to, next, enabled: true });
    works(&n, "ins-web", "ins-c", "tcp 10.1.1.10:1024 10.2.1.11:80");
    // a USER route in the VPC's own table makes the copy arrive disabled, unless it is the default (RT-17, D20-4)
    sketch::nat_gateway(&mut n, "nat-1", "vpc-tom", &["1.2.3.4"]);
    let nat = || NextHop::NatGateway(id("nat-1"));
    sketch::route_table(&mut n, "rtb-tom", "vpc-tom", vec![sketch::route("0.0.0.0/0", nat())]);
    works(&n, "ins-web", "ins-c", "tcp 10.1.1.10:1024 10.2.1.11:80");
    n.route_tables["rtb-tom"].routes = vec![sketch::route("10.0.0.0/8", nat())];
    let private = [Code::PrivateDestinationToInternet];
    fails(&n, "ins-web", "ins-c", "tcp 10.1.1.10:1024 10.2.1.11:80", &private);
}
