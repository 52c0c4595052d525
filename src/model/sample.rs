//! Networks for tests, written short: `TomVPC` and its linked classic CVM, and makers of parts.

use std::net::IpAddr;

use ipnet::IpNet;

use super::apply::apply;
use super::check::check;
use super::{
    Attachment, Ccn, CcnMember, CcnPublication, Change, ClassicDatabase, ClassicInstance,
    ClassicLink, DirectConnectGateway, DirectConnectKind, DirectConnectTunnel, EndpointConnection,
    Engine, HaVip, Instance, InstanceGroup, Listener, ListenerProtocol, LoadBalancer,
    LoadBalancerNetwork, Meta, NatGateway, NatKind, Network, NetworkInterface, NextHop, Peer,
    Peering, PeeringState, Protocols, Route, RouteTable, Section, SecurityGroup, SecurityGroupRule,
    Served, Service, Site, State, Subnet, Target, Vpc, VpnConnection, VpnGateway,
    broken_references,
};
use crate::code::Code;
use crate::diagnostic::Severity;
use crate::id::Id;
use crate::space::{Action, IntervalSet, Protocol};

pub(super) fn id(text: &str) -> Id {
    text.into()
}

pub(super) fn ids(texts: &[&str]) -> Vec<Id> {
    texts.iter().map(|text| id(text)).collect()
}

pub(super) fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

pub(super) fn cidr(text: &str) -> IpNet {
    text.parse().expect("a CIDR")
}

pub(super) fn cidrs(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().map(|text| cidr(text)).collect()
}

pub(super) const HERE: &str = "ap-guangzhou";
pub(super) const AWAY: &str = "ap-shanghai";

/// `vpc-tom` 10.1.0.0/16 and 172.16.0.0/16 with an instance in each, two classic CVMs of which
/// `ins-tom` is linked, a classic database, and `vpc-two` 10.2.0.0/16 with `ins-two`.
pub(super) fn tom() -> Network {
    let mut tom = Network::default();
    tom.vpcs.insert(id("vpc-tom"), vpc("10.1.0.0/16"));
    tom.vpcs[&id("vpc-tom")].secondary_cidrs = cidrs(&["172.16.0.0/16"]);
    tom.vpcs.insert(id("vpc-two"), vpc("10.2.0.0/16"));
    tom.subnets.insert(id("subnet-web"), subnet("vpc-tom", "10.1.1.0/24"));
    tom.subnets.insert(id("subnet-new"), subnet("vpc-tom", "172.16.1.0/24"));
    tom.subnets.insert(id("subnet-two"), subnet("vpc-two", "10.2.1.0/24"));
    tom.route_tables.insert(id("rtb-tom"), table("vpc-tom", vec![]));
    tom.security_groups.insert(id("sg-open"), open());
    tom.instances.insert(id("ins-web"), instance("subnet-web", "10.1.1.10"));
    tom.instances.insert(id("ins-new"), instance("subnet-new", "172.16.1.10"));
    tom.instances.insert(id("ins-two"), instance("subnet-two", "10.2.1.10"));
    tom.classic_instances.insert(id("ins-tom"), classic("10.60.3.4"));
    tom.classic_instances.insert(id("ins-free"), classic("10.60.3.9"));
    tom.classic_databases.insert(id("cdb-old"), classic_database("10.66.1.20"));
    tom.classic_links.insert(id("vpc-tom"), vec![link("ins-tom", "10.60.3.4")]);
    tom
}

/// What `check` says of `tom()` after an edit.
#[track_caller]
pub(super) fn breaks(edit: impl FnOnce(&mut Network), expected: &[Code]) {
    let mut network = tom();
    edit(&mut network);
    assert_eq!(broken_references(&network), [], "references hold");
    let found = check(&network);
    let codes: Vec<Code> = found.iter().map(|violation| violation.code).collect();
    assert_eq!(codes, expected, "{found:#?}");
    let is_warning = |code: Code| code.kind() == crate::code::CodeKind::Warning;
    for violation in found.iter().filter(|violation| is_warning(violation.code)) {
        assert_eq!(violation.severity, Severity::Warning);
    }
}

/// The network after a change that must go through.
#[track_caller]
pub(super) fn after(network: &Network, change: &Change) -> Network {
    apply(network, change).unwrap_or_else(|refusal| panic!("{}: {refusal:?}", change.action()))
}

/// The code with which a change is refused; the network stays as it is, being borrowed.
#[track_caller]
pub(super) fn refused(network: &Network, change: &Change, expected: Code) {
    match apply(network, change) {
        Err(refusal) => {
            assert_eq!(refusal.code, expected, "{refusal:#?}");
            assert!(expected.can_refuse(), "{expected} is a refusal");
        }
        Ok(_) => panic!("{} went through", change.action()),
    }
}

pub(super) fn vpc(primary: &str) -> Vpc {
    Vpc {
        meta: Meta::default(),
        region: HERE.to_owned(),
        cidr: cidr(primary),
        secondary_cidrs: Vec::new(),
        ipv6_cidr: None,
        default_route_table: None,
        publish_to_ccn: CcnPublication::default(),
    }
}

pub(super) fn subnet(vpc: &str, range: &str) -> Subnet {
    Subnet {
        meta: Meta::default(),
        vpc: id(vpc),
        zone: None,
        cidr: cidr(range),
        ipv6_cidr: None,
        route_table: None,
        network_acl: None,
    }
}

pub(super) fn table(vpc: &str, routes: Vec<Route>) -> RouteTable {
    let (meta, vpc) = (Meta::default(), id(vpc));
    RouteTable { meta, vpc, routes }
}

pub(super) fn route(to: &str, via: NextHop) -> Route {
    Route { to: cidr(to), via, enabled: true, priority: 0, publish: false }
}

pub(super) fn group(ingress: Vec<SecurityGroupRule>) -> SecurityGroup {
    SecurityGroup { meta: Meta::default(), region: None, ingress, egress: vec![accept(Peer::Any)] }
}

pub(super) fn open() -> SecurityGroup {
    group(vec![accept(Peer::Any)])
}

pub(super) fn accept(peer: Peer) -> SecurityGroupRule {
    SecurityGroupRule { action: Action::Accept, peer, service: Served::Service(Service::all()) }
}

pub(super) fn tcp(port: u16) -> Service {
    Service { protocols: Protocols::One(Protocol::TCP), ports: IntervalSet::single(port) }
}

pub(super) fn instance(subnet: &str, address: &str) -> Instance {
    Instance {
        meta: Meta::default(),
        subnet: id(subnet),
        ip: ip(address),
        secondary_ips: Vec::new(),
        ipv6: None,
        eip: None,
        security_groups: ids(&["sg-open"]),
        state: State::Running,
        public_gateway: false,
        masquerades: false,
    }
}

pub(super) fn interface(instance: &str, subnet: &str, address: &str) -> NetworkInterface {
    NetworkInterface {
        meta: Meta::default(),
        instance: id(instance),
        subnet: id(subnet),
        ip: ip(address),
        secondary_ips: Vec::new(),
        eip: None,
        security_groups: ids(&["sg-open"]),
    }
}

pub(super) fn instance_group(subnet: &str, first: &str, last: &str) -> InstanceGroup {
    InstanceGroup {
        meta: Meta::default(),
        subnet: id(subnet),
        ips: (ip(first), ip(last)),
        security_groups: ids(&["sg-open"]),
    }
}

pub(super) fn havip(subnet: &str, address: &str, bound_to: Option<&str>) -> HaVip {
    HaVip {
        meta: Meta::default(),
        subnet: id(subnet),
        ip: ip(address),
        eip: None,
        bound_to: bound_to.map(id),
        masquerades: false,
    }
}

pub(super) fn classic(address: &str) -> ClassicInstance {
    ClassicInstance {
        meta: Meta::default(),
        region: HERE.to_owned(),
        ip: ip(address),
        public_ip: None,
        security_groups: ids(&["sg-open"]),
        state: State::Running,
    }
}

pub(super) fn classic_database(address: &str) -> ClassicDatabase {
    ClassicDatabase {
        meta: Meta::default(),
        region: HERE.to_owned(),
        ip: ip(address),
        engine: Engine::MySql,
        port: 3306,
    }
}

pub(super) fn link(instance: &str, address: &str) -> ClassicLink {
    ClassicLink { instance: id(instance), address: ip(address) }
}

pub(super) fn endpoint(vip: &str, target: &str) -> EndpointConnection {
    EndpointConnection {
        meta: Meta::default(),
        vpc: id("vpc-tom"),
        vip: ip(vip),
        target: id(target),
    }
}

/// A load balancer in `subnet-web` with one listener `tcp:80` and these targets.
pub(super) fn balancer(vip: &str, targets: &[&str]) -> LoadBalancer {
    LoadBalancer {
        meta: Meta::default(),
        network: LoadBalancerNetwork::Internal {
            subnet: id("subnet-web"),
            vip: ip(vip),
            eip: None,
        },
        security_groups: Vec::new(),
        pass_to_target: false,
        listeners: vec![listener(80, targets)],
    }
}

pub(super) fn listener(port: u16, targets: &[&str]) -> Listener {
    Listener {
        protocol: ListenerProtocol::Tcp,
        ports: IntervalSet::single(port),
        targets: targets.iter().map(|name| target(name)).collect(),
        redirects_to: None,
    }
}

pub(super) fn target(name: &str) -> Target {
    Target { instance: id(name), port: 8080, weight: 10 }
}

pub(super) fn peering(left: &str, right: &str) -> Peering {
    Peering { meta: Meta::default(), between: (id(left), id(right)), state: PeeringState::Active }
}

pub(super) fn ccn(members: Vec<CcnMember>) -> Ccn {
    Ccn {
        meta: Meta::default(),
        route_overlap: false,
        bandwidth: None,
        attachments: members,
        routes: Vec::new(),
        route_tables: Section::default(),
        selection: Vec::new(),
    }
}

pub(super) fn nat(eips: &[&str]) -> NatGateway {
    NatGateway {
        meta: Meta::default(),
        vpc: id("vpc-tom"),
        kind: NatKind::Traditional,
        eips: eips.iter().map(|eip| ip(eip)).collect(),
        strict_snat: false,
        snat: Vec::new(),
        dnat: Vec::new(),
    }
}

/// A gateway with one route-based tunnel `vpnx-1` to `idc`.
pub(super) fn vpn(attached_to: Attachment) -> VpnGateway {
    let tunnel = VpnConnection {
        id: id("vpnx-1"),
        site: id("idc"),
        policies: Vec::new(),
        up: true,
        health_check: false,
    };
    VpnGateway { meta: Meta::default(), attached_to, connections: vec![tunnel], routes: Vec::new() }
}

/// A gateway with one tunnel `dcx-1` to `idc`.
pub(super) fn direct_connect(attached_to: Attachment, prefixes: &[&str]) -> DirectConnectGateway {
    let tunnel = DirectConnectTunnel {
        id: id("dcx-1"),
        site: id("idc"),
        prefixes: cidrs(prefixes),
        up: true,
        health_check: false,
    };
    DirectConnectGateway {
        meta: Meta::default(),
        attached_to,
        kind: DirectConnectKind::Normal,
        tunnels: vec![tunnel],
    }
}

pub(super) fn site(ranges: &[&str]) -> Site {
    let (meta, cidrs) = (Meta::default(), cidrs(ranges));
    Site { meta, cidrs }
}
