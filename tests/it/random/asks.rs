//! Questions about a random network: who sends which packet to whom.

use std::net::IpAddr;

use pathproof::model::{DirectConnectKind, Endpoint, LoadBalancerNetwork, Network};
use pathproof::space::{Packet, Protocol};

use super::dice::Dice;
use super::rules::{bounds, interesting_ports};
use crate::sketch::ip;

/// Questions, biased towards packets that something decides. Pairs of one machine with itself and
/// of a site or the Internet with itself are left out.
pub fn questions(network: &Network, seed: u64, count: usize) -> Vec<(Endpoint, Endpoint, Packet)> {
    let mut dice = Dice::new(seed ^ 0x00c0_ffee).split();
    let everybody = everybody(network);
    let ports = interesting_ports(network);
    // Whoever is reached in several ways at once.
    let several = |to: &&Endpoint| {
        matches!(
            to,
            Endpoint::LoadBalancer(_)
                | Endpoint::ClassicLoadBalancer(_)
                | Endpoint::VpcEndpoint(_)
                | Endpoint::Site(_)
        )
    };
    let several: Vec<_> = everybody.iter().filter(several).cloned().collect();
    let mut asked = Vec::new();
    for _ in 0..count * 50 {
        if asked.len() == count {
            break;
        }
        let Some(from) = dice.any(&everybody) else {
            break;
        };
        let near = nearby(network, from, &everybody);
        let stock = match dice.below(100) {
            0..40 if !near.is_empty() => &near,
            40..55 if !several.is_empty() => &several,
            _ => &everybody,
        };
        let Some(to) = dice.any(stock) else { break };
        let opens = !matches!(
            from,
            Endpoint::Database(_)
                | Endpoint::OldVip(..)
                | Endpoint::LoadBalancer(_)
                | Endpoint::EndpointConnection(_)
                | Endpoint::VpcEndpoint(_)
                | Endpoint::ClassicDatabase(_)
                | Endpoint::ClassicLoadBalancer(_)
                | Endpoint::NatAddress(..)
        );
        let absent = match from {
            // D20-28; and as a client, a database is one
            Endpoint::NatAddress(..) | Endpoint::OldVip(..) => true,
            Endpoint::HaVip(id) => network.havips[id].bound_to.is_none(),
            _ => false,
        };
        if absent || !opens && !dice.chance(5) || same(network, from, to) {
            continue;
        }
        let (sources, destinations) =
            (private(network, from), destinations(network, &mut dice, from, to));
        let (Some(source), Some(destination)) = (dice.any(&sources), dice.any(&destinations))
        else {
            continue;
        };
        if source.is_ipv4() == destination.is_ipv4() {
            let packet = packet(network, &mut dice, &ports, (*source, *destination));
            asked.push((from.clone(), to.clone(), packet));
        }
    }
    asked
}

/// Whoever lives in the same VPC; outside VPCs whoever lives in none.
fn nearby(network: &Network, from: &Endpoint, everybody: &[Endpoint]) -> Vec<Endpoint> {
    let home = |endpoint: &Endpoint| endpoint.id().and_then(|id| network.vpc_of(id.as_str()));
    everybody.iter().filter(|to| home(from) == home(to)).cloned().collect()
}

/// Every endpoint of the network, of a group its first and last member.
fn everybody(network: &Network) -> Vec<Endpoint> {
    let mut all = vec![Endpoint::Internet];
    all.extend(network.instances.keys().cloned().map(Endpoint::Instance));
    all.extend(network.network_interfaces.keys().cloned().map(Endpoint::NetworkInterface));
    for (id, group) in &network.instance_groups {
        let (first, last) = group.ips;
        all.extend([first, last].map(|address| Endpoint::GroupMember(id.clone(), address)));
    }
    all.extend(network.havips.keys().cloned().map(Endpoint::HaVip));
    all.extend(network.databases.keys().cloned().map(Endpoint::Database));
    for (id, database) in &network.databases {
        let old = database.old_vips.iter();
        all.extend(old.map(|old| Endpoint::OldVip(id.clone(), old.ip)));
    }
    all.extend(network.load_balancers.keys().cloned().map(Endpoint::LoadBalancer));
    all.extend(network.endpoint_connections.keys().cloned().map(Endpoint::EndpointConnection));
    let endpoints = network.vpc_endpoints.keys().cloned();
    all.extend(endpoints.map(Endpoint::VpcEndpoint));
    all.extend(network.classic_instances.keys().cloned().map(Endpoint::ClassicInstance));
    all.extend(network.classic_databases.keys().cloned().map(Endpoint::ClassicDatabase));
    all.extend(network.classic_load_balancers.keys().cloned().map(Endpoint::ClassicLoadBalancer));
    for (id, nat) in &network.nat_gateways {
        all.extend(nat.eips.iter().map(|eip| Endpoint::NatAddress(id.clone(), *eip)));
    }
    all.extend(network.sites.keys().cloned().map(Endpoint::Site));
    all
}

/// Whether two endpoints are one machine, or one place that the network does not look into.
fn same(network: &Network, from: &Endpoint, to: &Endpoint) -> bool {
    let machine = |endpoint: &Endpoint| match endpoint {
        Endpoint::Instance(id) => Some(id.clone()),
        Endpoint::NetworkInterface(id) => {
            network.network_interfaces.get(id).map(|it| it.instance.clone())
        }
        Endpoint::HaVip(id) => network.havips.get(id).and_then(|it| it.bound_to.clone()),
        _ => None,
    };
    from == to || machine(from).is_some() && machine(from) == machine(to)
}

/// The addresses an endpoint sends from, and by which its neighbours mean it.
fn private(network: &Network, endpoint: &Endpoint) -> Vec<IpAddr> {
    match endpoint {
        Endpoint::Site(id) => {
            let cidrs = &network.sites[id].cidrs;
            let tunnels =
                network.direct_connect_gateways.values().flat_map(|gateway| &gateway.tunnels);
            let prefixes =
                tunnels.filter(|tunnel| tunnel.site == *id).flat_map(|tunnel| &tunnel.prefixes);
            let mut hosts: Vec<IpAddr> =
                cidrs.iter().chain(prefixes).flat_map(|cidr| bounds(*cidr)).collect();
            if id.as_str() == "idc-nat" {
                hosts.push(ip("172.31.0.7"));
            }
            hosts
        }
        Endpoint::Internet => ["8.8.8.8", "8.8.4.4", "1.1.1.1", "2001:db8::1"].map(ip).to_vec(),
        Endpoint::NatAddress(_, address)
        | Endpoint::GroupMember(_, address)
        | Endpoint::OldVip(_, address) => vec![*address],
        Endpoint::Database(id) => vec![network.databases[id].ip],
        _ => {
            let id = endpoint.id().cloned();
            let instance = id.as_ref().and_then(|id| network.instances.get(id));
            let classic_vips =
                network.classic_load_balancers.values().filter(|it| it.public).map(|it| it.vip);
            let balancer_vips = network.load_balancers.values().filter_map(|it| match it.network {
                LoadBalancerNetwork::Public { vip, .. } => Some(vip),
                LoadBalancerNetwork::Internal { .. } => None,
            });
            let vips: Vec<IpAddr> = classic_vips.chain(balancer_vips).collect();
            let owned = network.owned_addresses();
            let mine = owned
                .iter()
                .filter(|owned| id.as_ref() == Some(owned.owner))
                .map(|owned| owned.range.0);
            let mine = mine.filter(|address| vips.contains(address) || !is_elastic(*address));
            mine.chain(instance.and_then(|instance| instance.ipv6)).collect()
        }
    }
}

/// All public addresses of the generator lie together.
fn is_elastic(address: IpAddr) -> bool {
    ipnet::IpNet::contains(&crate::sketch::net("43.128.1.0/24"), &address)
}

/// The addresses by which `from` may mean `to` (D20-6), and some by which it should not.
fn destinations(network: &Network, dice: &mut Dice, from: &Endpoint, to: &Endpoint) -> Vec<IpAddr> {
    let public = public(network, to);
    let by_public = *from == Endpoint::Internet || dice.chance(20);
    if by_public && !public.is_empty() {
        return public;
    }
    let mut addresses = private(network, to);
    for gateway in network.direct_connect_gateways.values() {
        let DirectConnectKind::Nat(nat) = &gateway.kind else {
            continue;
        };
        if matches!(from, Endpoint::Site(_)) {
            // The addresses by which a site knows machines behind a translation.
            let own: Vec<_> =
                nat.local_ips.iter().filter(|(own, _)| addresses.contains(own)).collect();
            let mapped: Vec<_> = own.iter().map(|(_, mapped)| *mapped).collect();
            let ports = nat
                .dnat
                .iter()
                .filter(|entry| addresses.contains(&entry.to))
                .map(|entry| entry.address);
            let ports: Vec<_> = ports.collect();
            addresses.extend(mapped);
            addresses.extend(ports);
        } else if matches!(to, Endpoint::Site(id) if id.as_str() == "idc-nat") {
            addresses.extend(nat.peer_ips.iter().map(|(_, seen)| *seen));
        }
    }
    addresses
}

/// The public addresses that lead to an endpoint: EIP, VIP, DNAT entries.
fn public(network: &Network, to: &Endpoint) -> Vec<IpAddr> {
    let own = network.owned_addresses();
    let own = own.iter().filter(|owned| to.id() == Some(owned.owner) && is_elastic(owned.range.0));
    let mut addresses: Vec<IpAddr> = match to {
        Endpoint::NatAddress(_, address) => vec![*address],
        Endpoint::GroupMember(..) => Vec::new(),
        _ => own.map(|owned| owned.range.0).collect(),
    };
    if matches!(to, Endpoint::Instance(_) | Endpoint::NetworkInterface(_)) {
        let inside = private(network, to);
        for nat in network.nat_gateways.values() {
            let vpc = to.id().and_then(|id| network.vpc_of(id.as_str()));
            let entries =
                nat.dnat.iter().filter(|entry| vpc == Some(&nat.vpc) && inside.contains(&entry.to));
            addresses.extend(entries.map(|entry| entry.eip));
        }
    }
    addresses
}

fn packet(
    network: &Network,
    dice: &mut Dice,
    ports: &[u16],
    (source, destination): (IpAddr, IpAddr),
) -> Packet {
    let ping = if source.is_ipv4() { Protocol::ICMP } else { Protocol::ICMPV6 };
    let protocol = dice.pick(&[
        Protocol::TCP,
        Protocol::TCP,
        Protocol::TCP,
        Protocol::TCP,
        Protocol::TCP,
        Protocol::TCP,
        Protocol::UDP,
        ping,
        ping,
        Protocol::GRE,
    ]);
    let served: Vec<u16> = served(network, destination);
    let destination_port = match dice.any(&served) {
        Some(port) if dice.chance(75) => *port,
        _ if dice.chance(80) => dice.pick(ports),
        _ => dice.pick(&[80, 443]),
    };
    let source_port = if dice.chance(50) {
        dice.pick(ports)
    } else {
        dice.pick(&[1024, 32768, 40000, 61000, 65535])
    };
    Packet::new(protocol, (source, source_port), (destination, destination_port))
}

/// Ports that whoever owns an address is likely to serve.
fn served(network: &Network, address: IpAddr) -> Vec<u16> {
    let databases = network
        .databases
        .values()
        .filter(|it| it.ip == address || it.old_vips.iter().any(|old| old.ip == address))
        .map(|it| it.port);
    let classic =
        network.classic_databases.values().filter(|it| it.ip == address).map(|it| it.port);
    let entries = network
        .nat_gateways
        .values()
        .flat_map(|nat| &nat.dnat)
        .filter(|entry| entry.eip == address);
    let entries = entries.flat_map(|entry| entry.service.ports.ranges().map(|(first, _)| first));
    let balancers = network.load_balancers.values().filter(|balancer| match balancer.network {
        LoadBalancerNetwork::Internal { vip, eip, .. } => vip == address || eip == Some(address),
        LoadBalancerNetwork::Public { vip, .. } => vip == address,
    });
    let endpoints = network.vpc_endpoints.values().filter(|it| it.ip == address);
    let offered = endpoints.filter_map(|it| network.offered(it));
    let balancers = balancers.chain(offered.map(|(_, _, balancer)| balancer));
    let balancers = balancers.flat_map(|balancer| &balancer.listeners);
    let classic_balancers = network.classic_load_balancers.values().filter(|it| it.vip == address);
    let connections = network.endpoint_connections.values().filter(|it| it.vip == address);
    let behind: Vec<u16> = connections
        .filter_map(|it| network.classic_databases.get(&it.target).map(|it| it.port).or(Some(80)))
        .collect();
    let listeners = balancers.chain(classic_balancers.flat_map(|it| &it.listeners));
    let listeners = listeners.flat_map(|listener| listener.ports.ranges().map(|(first, _)| first));
    databases.chain(classic).chain(entries).chain(listeners).chain(behind).collect()
}
