//! Networks written down in a few lines, for the tests and for the generator of random ones.
//!
//! Each function adds one entity with plain defaults and lends it for changes.

use std::net::IpAddr;

use ipnet::IpNet;
use pathproof::id::Id;
use pathproof::model::{
    AclRule, Attachment, Ccn, CcnMember, CcnPublication, ClassicDatabase, ClassicInstance,
    ClassicLink, Database, DirectConnectGateway, DirectConnectKind, DirectConnectTunnel,
    EndpointConnection, Engine, HaVip, Instance, Listener, ListenerProtocol, LoadBalancer,
    LoadBalancerNetwork, Meta, NatGateway, NatKind, Network, NetworkAcl, NextHop, Peer, Peering,
    PeeringState, Protocols, Route, RouteTable, Section, SecurityGroup, SecurityGroupRule, Served,
    Service, Site, State, Subnet, Vpc, VpnConnection, VpnGateway,
};
use pathproof::space::{Action, AddressSet, IntervalSet, Packet, Protocol};

/// An id.
pub fn id(text: &str) -> Id {
    Id::from(text)
}

/// An address.
pub fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// A CIDR.
pub fn net(text: &str) -> IpNet {
    text.parse().expect("a CIDR")
}

/// The addresses of a CIDR or of one address.
pub fn addresses(text: &str) -> AddressSet {
    if text.contains('/') { AddressSet::from(net(text)) } else { AddressSet::single(ip(text)) }
}

/// `tcp:80`, `tcp:1024-65535`, `udp`, `icmp`, `all`.
pub fn service(text: &str) -> Service {
    let (protocol, ports) = text.split_once(':').unwrap_or((text, "0-65535"));
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let port = |text: &str| text.parse::<u16>().expect("a port");
    let protocols = match protocol {
        "all" => Protocols::All,
        name => Protocols::One(protocol_named(name)),
    };
    Service { protocols, ports: IntervalSet::range(port(first), port(last)) }
}

fn protocol_named(name: &str) -> Protocol {
    match name {
        "tcp" => Protocol::TCP,
        "udp" => Protocol::UDP,
        "icmp" => Protocol::ICMP,
        "icmpv6" => Protocol::ICMPV6,
        "gre" => Protocol::GRE,
        other => unreachable!("no protocol {other}"),
    }
}

/// A packet such as `tcp 10.0.0.1:1024 10.0.0.2:80` or `icmp 10.0.0.1 10.0.0.2`.
pub fn packet(text: &str) -> Packet {
    let mut words = text.split_whitespace();
    let protocol = protocol_named(words.next().expect("a protocol"));
    let mut end = || {
        let word = words.next().expect("an end");
        match word.rsplit_once(':') {
            Some((address, port)) if protocol.has_ports() => {
                (ip(address), port.parse().expect("a port"))
            }
            _ => (ip(word), 0),
        }
    };
    Packet::new(protocol, end(), end())
}

/// A rule of a security group; `peer` is `any`, an address, a CIDR or a group.
pub fn group_rule(action: Action, peer: &str, text: &str) -> SecurityGroupRule {
    let peer = match peer {
        "any" => Peer::Any,
        group if group.starts_with("sg-") => Peer::SecurityGroup(id(group)),
        other => Peer::Addresses(addresses(other)),
    };
    SecurityGroupRule { action, peer, service: Served::Service(service(text)) }
}

/// A rule of a network ACL from `source` to `destination`, each `any`, an address or a CIDR.
pub fn acl_rule(action: Action, source: &str, destination: &str, text: &str) -> AclRule {
    let side = |text: &str| (text != "any").then(|| addresses(text));
    let (source, destination) = (side(source), side(destination));
    AclRule { action, source, source_ports: None, destination, service: service(text) }
}

/// An enabled route.
pub fn route(to: &str, via: NextHop) -> Route {
    Route { to: net(to), via, enabled: true, priority: 0, publish: false }
}

/// A VPC in `ap-guangzhou`.
pub fn vpc<'n>(network: &'n mut Network, name: &str, cidr: &str) -> &'n mut Vpc {
    let vpc = Vpc {
        meta: Meta::default(),
        region: "ap-guangzhou".into(),
        cidr: net(cidr),
        secondary_cidrs: Vec::new(),
        ipv6_cidr: None,
        default_route_table: None,
        publish_to_ccn: CcnPublication::Subnets,
    };
    network.vpcs.entry(id(name)).or_insert(vpc)
}

/// A subnet with the VPC's default route table and no ACL.
pub fn subnet<'n>(network: &'n mut Network, name: &str, vpc: &str, cidr: &str) -> &'n mut Subnet {
    let subnet = Subnet {
        meta: Meta::default(),
        vpc: id(vpc),
        zone: None,
        cidr: net(cidr),
        ipv6_cidr: None,
        route_table: None,
        network_acl: None,
    };
    network.subnets.entry(id(name)).or_insert(subnet)
}

/// A route table, made the default of its VPC if that has none.
pub fn route_table<'n>(
    network: &'n mut Network,
    name: &str,
    vpc: &str,
    routes: Vec<Route>,
) -> &'n mut RouteTable {
    network.vpcs[vpc].default_route_table.get_or_insert(id(name));
    network.route_tables.entry(id(name)).or_insert(RouteTable {
        meta: Meta::default(),
        vpc: id(vpc),
        routes,
    })
}

/// A network ACL, bound to no subnet yet.
pub fn network_acl<'n>(
    network: &'n mut Network,
    name: &str,
    vpc: &str,
    ingress: Vec<AclRule>,
    egress: Vec<AclRule>,
) -> &'n mut NetworkAcl {
    let acl = NetworkAcl { meta: Meta::default(), vpc: id(vpc), ingress, egress };
    network.network_acls.entry(id(name)).or_insert(acl)
}

/// A security group.
pub fn security_group<'n>(
    network: &'n mut Network,
    name: &str,
    ingress: Vec<SecurityGroupRule>,
    egress: Vec<SecurityGroupRule>,
) -> &'n mut SecurityGroup {
    let group = SecurityGroup { meta: Meta::default(), region: None, ingress, egress };
    network.security_groups.entry(id(name)).or_insert(group)
}

/// The group `sg-open`, which accepts everything both ways.
pub fn open_group(network: &mut Network) {
    let all = || vec![group_rule(Action::Accept, "any", "all")];
    security_group(network, "sg-open", all(), all());
}

/// A running instance in `sg-open`.
pub fn instance<'n>(
    network: &'n mut Network,
    name: &str,
    subnet: &str,
    address: &str,
) -> &'n mut Instance {
    let instance = Instance {
        meta: Meta::default(),
        subnet: id(subnet),
        ip: ip(address),
        secondary_ips: Vec::new(),
        ipv6: None,
        eip: None,
        security_groups: vec![id("sg-open")],
        state: State::Running,
        public_gateway: false,
        masquerades: false,
    };
    network.instances.entry(id(name)).or_insert(instance)
}

/// A HAVIP.
pub fn havip<'n>(
    network: &'n mut Network,
    name: &str,
    subnet: &str,
    address: &str,
    bound_to: Option<&str>,
) -> &'n mut HaVip {
    let (subnet, bound_to) = (id(subnet), bound_to.map(id));
    let havip = HaVip {
        meta: Meta::default(),
        subnet,
        ip: ip(address),
        eip: None,
        bound_to,
        masquerades: false,
    };
    network.havips.entry(id(name)).or_insert(havip)
}

/// A database without groups, on its engine's port.
pub fn database<'n>(
    network: &'n mut Network,
    name: &str,
    subnet: &str,
    address: &str,
    engine: Engine,
) -> &'n mut Database {
    let (subnet, ip, port) = (id(subnet), ip(address), engine.default_port());
    let database = Database {
        meta: Meta::default(),
        subnet,
        ip,
        engine,
        port,
        security_groups: Vec::new(),
        old_vips: Vec::new(),
    };
    network.databases.entry(id(name)).or_insert(database)
}

/// A load balancer without groups and listeners.
pub fn load_balancer<'n>(
    network: &'n mut Network,
    name: &str,
    lives: LoadBalancerNetwork,
) -> &'n mut LoadBalancer {
    let balancer = LoadBalancer {
        meta: Meta::default(),
        network: lives,
        security_groups: Vec::new(),
        pass_to_target: false,
        listeners: Vec::new(),
    };
    network.load_balancers.entry(id(name)).or_insert(balancer)
}

/// The first listener answers itself and sends clients to another one (CLB-18).
pub fn redirect(listeners: &mut Vec<Listener>) {
    let Some(first) = listeners.first_mut() else {
        return;
    };
    let targets = std::mem::take(&mut first.targets);
    first.protocol = ListenerProtocol::Http;
    first.redirects_to = Some(443);
    let is_there = listeners.iter().any(|it| it.protocol == ListenerProtocol::Https);
    if !is_there {
        listeners.push(Listener {
            protocol: ListenerProtocol::Https,
            ports: IntervalSet::single(443),
            targets,
            redirects_to: None,
        });
    }
}

/// A running classic CVM in `ap-guangzhou` and `sg-open`.
pub fn classic_instance<'n>(
    network: &'n mut Network,
    name: &str,
    address: &str,
) -> &'n mut ClassicInstance {
    let instance = ClassicInstance {
        meta: Meta::default(),
        region: "ap-guangzhou".into(),
        ip: ip(address),
        public_ip: None,
        security_groups: vec![id("sg-open")],
        state: State::Running,
    };
    network.classic_instances.entry(id(name)).or_insert(instance)
}

/// A classic database in `ap-guangzhou`.
pub fn classic_database<'n>(
    network: &'n mut Network,
    name: &str,
    address: &str,
    engine: Engine,
) -> &'n mut ClassicDatabase {
    let (region, ip, port) = ("ap-guangzhou".into(), ip(address), engine.default_port());
    let database = ClassicDatabase { meta: Meta::default(), region, ip, engine, port };
    network.classic_databases.entry(id(name)).or_insert(database)
}

/// Links a classic CVM with the address it has now.
pub fn link(network: &mut Network, vpc: &str, instance: &str) {
    let address = network.classic_instances[instance].ip;
    network
        .classic_links
        .entry(id(vpc))
        .or_default()
        .push(ClassicLink { instance: id(instance), address });
}

/// An endpoint connection.
pub fn endpoint_connection(network: &mut Network, name: &str, vpc: &str, vip: &str, target: &str) {
    let connection = EndpointConnection {
        meta: Meta::default(),
        vpc: id(vpc),
        vip: ip(vip),
        target: id(target),
    };
    network.endpoint_connections.insert(id(name), connection);
}

/// An active peering.
pub fn peering<'n>(
    network: &'n mut Network,
    name: &str,
    one: &str,
    other: &str,
) -> &'n mut Peering {
    let peering = Peering {
        meta: Meta::default(),
        between: (id(one), id(other)),
        state: PeeringState::Active,
    };
    network.peerings.entry(id(name)).or_insert(peering)
}

/// A CCN of these VPCs, in this order.
pub fn ccn<'n>(network: &'n mut Network, name: &str, vpcs: &[&str]) -> &'n mut Ccn {
    let attachments = vpcs.iter().map(|vpc| CcnMember::Vpc(id(vpc))).collect();
    let (route_tables, selection) = (Section::default(), Vec::new());
    let ccn = Ccn {
        meta: Meta::default(),
        route_overlap: false,
        bandwidth: None,
        attachments,
        routes: Vec::new(),
        route_tables,
        selection,
    };
    network.ccns.entry(id(name)).or_insert(ccn)
}

/// A NAT gateway.
pub fn nat_gateway<'n>(
    network: &'n mut Network,
    name: &str,
    vpc: &str,
    eips: &[&str],
) -> &'n mut NatGateway {
    let gateway = NatGateway {
        meta: Meta::default(),
        vpc: id(vpc),
        kind: NatKind::Traditional,
        eips: eips.iter().map(|eip| ip(eip)).collect(),
        strict_snat: false,
        snat: Vec::new(),
        dnat: Vec::new(),
    };
    network.nat_gateways.entry(id(name)).or_insert(gateway)
}

/// A VPN gateway without tunnels.
pub fn vpn_gateway<'n>(
    network: &'n mut Network,
    name: &str,
    attached_to: Attachment,
) -> &'n mut VpnGateway {
    let gateway = VpnGateway {
        meta: Meta::default(),
        attached_to,
        connections: Vec::new(),
        routes: Vec::new(),
    };
    network.vpn_gateways.entry(id(name)).or_insert(gateway)
}

/// A route-based VPN connection that is up.
pub fn vpn_connection(name: &str, site: &str) -> VpnConnection {
    VpnConnection {
        id: id(name),
        site: id(site),
        policies: Vec::new(),
        up: true,
        health_check: false,
    }
}

/// A normal Direct Connect gateway without tunnels.
pub fn direct_connect_gateway<'n>(
    network: &'n mut Network,
    name: &str,
    attached_to: Attachment,
) -> &'n mut DirectConnectGateway {
    let (kind, tunnels) = (DirectConnectKind::Normal, Vec::new());
    let gateway = DirectConnectGateway { meta: Meta::default(), attached_to, kind, tunnels };
    network.direct_connect_gateways.entry(id(name)).or_insert(gateway)
}

/// A Direct Connect tunnel that is up.
pub fn direct_connect_tunnel(name: &str, site: &str, prefixes: &[&str]) -> DirectConnectTunnel {
    let prefixes = prefixes.iter().map(|prefix| net(prefix)).collect();
    DirectConnectTunnel { id: id(name), site: id(site), prefixes, up: true, health_check: false }
}

/// A site.
pub fn site(network: &mut Network, name: &str, cidr: &str) {
    network.sites.insert(id(name), Site { meta: Meta::default(), cidrs: vec![net(cidr)] });
}
