//! Who owns an address: in a VPC, in the classic network, on the Internet.

use std::net::IpAddr;

use ipnet::IpNet;
use pathproof::id::Id;
use pathproof::model::{
    Database, Endpoint, Engine, LoadBalancerNetwork, Network, OldNetwork, OldVip, State,
};

/// Whether somebody is there to send and answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Life {
    /// Running.
    Up,
    /// Stopped, isolated or failed (D20-17).
    Down,
    /// A HAVIP that no instance carries (RT-16).
    Unbound,
}

/// An endpoint of a VPC that owns private addresses there: what routing and filters look at.
#[derive(Clone, Debug)]
pub struct Seat<'n> {
    pub endpoint: Endpoint,
    pub vpc: &'n Id,
    pub subnet: Option<&'n Id>,
    /// Bound groups; `None` = nothing filters here (CLB-6, DB-4, EP-7).
    pub groups: Option<&'n [Id]>,
    /// The machine it is on, for loops (D20-11) and targets that meet themselves (CLB-16).
    pub machine: Option<&'n Id>,
    /// Private and public side of its elastic IP (NAT-9).
    pub eip: Option<(IpAddr, IpAddr)>,
    pub life: Life,
    /// Its private addresses, the primary one first.
    pub addresses: Vec<IpAddr>,
}

/// Whoever answers at a public address.
#[derive(Clone, Debug)]
pub enum PublicOwner<'n> {
    /// An elastic IP in front of this private address of a VPC (NAT-9).
    Seat(&'n Id, IpAddr),
    /// A public load balancer (CLB-1).
    Balancer(&'n Id),
    /// A classic CVM (CN-8).
    Classic(&'n Id),
    /// A public classic load balancer (CN-6).
    ClassicBalancer(&'n Id),
    /// A NAT gateway (NAT-3).
    Nat(&'n Id),
}

/// D20-3: neither in a reserved range nor covered by a VPC or site of the network.
pub fn is_public(network: &Network, address: IpAddr) -> bool {
    const RESERVED: [&str; 10] = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
    ];
    let within = |text: &str| text.parse::<IpNet>().is_ok_and(|cidr| cidr.contains(&address));
    let reserved = match address {
        IpAddr::V4(_) => RESERVED.iter().any(|range| within(range)),
        IpAddr::V6(_) => !within("2000::/3"),
    };
    let covered = network.vpcs.values().any(|vpc| vpc.covers(address))
        || network.sites.values().any(|site| site.cidrs.iter().any(|cidr| cidr.contains(&address)));
    !reserved && !covered
}

/// Whether the id is among what has failed, or its state keeps it silent (D20-17).
fn life(network: &Network, id: &Id, state: State) -> Life {
    if state == State::Running && !network.down.contains(id) { Life::Up } else { Life::Down }
}

/// The seat of an endpoint that lives in a VPC and has a private address there.
pub fn seat<'n>(network: &'n Network, endpoint: &Endpoint) -> Option<Seat<'n>> {
    match endpoint {
        Endpoint::Instance(_)
        | Endpoint::NetworkInterface(_)
        | Endpoint::GroupMember(..)
        | Endpoint::HaVip(_) => machine_seat(network, endpoint),
        Endpoint::Database(_)
        | Endpoint::OldVip(..)
        | Endpoint::LoadBalancer(_)
        | Endpoint::EndpointConnection(_)
        | Endpoint::VpcEndpoint(_) => service_seat(network, endpoint),
        Endpoint::ClassicInstance(_)
        | Endpoint::ClassicDatabase(_)
        | Endpoint::ClassicLoadBalancer(_)
        | Endpoint::NatAddress(..)
        | Endpoint::Site(_)
        | Endpoint::Internet
        | Endpoint::Nobody(_) => None,
    }
}

/// A seat in a subnet without machine, public address or groups yet, running.
fn bare_seat<'n>(
    network: &'n Network,
    endpoint: &Endpoint,
    subnet: &'n Id,
    addresses: Vec<IpAddr>,
) -> Option<Seat<'n>> {
    Some(Seat {
        endpoint: endpoint.clone(),
        vpc: &network.subnets.get(subnet)?.vpc,
        subnet: Some(subnet),
        groups: None,
        machine: None,
        eip: None,
        life: Life::Up,
        addresses,
    })
}

/// Whatever can open connections (D20-1).
fn machine_seat<'n>(network: &'n Network, endpoint: &Endpoint) -> Option<Seat<'n>> {
    match endpoint {
        Endpoint::Instance(id) => {
            let (id, instance) = network.instances.get_key_value(id)?;
            let further = instance.secondary_ips.iter().copied().chain(instance.ipv6);
            let addresses = [instance.ip].into_iter().chain(further).collect();
            let bare = bare_seat(network, endpoint, &instance.subnet, addresses)?;
            Some(Seat {
                groups: Some(&instance.security_groups),
                machine: Some(id),
                eip: instance.eip.map(|eip| (instance.ip, eip)),
                life: life(network, id, instance.state),
                ..bare
            })
        }
        Endpoint::NetworkInterface(id) => {
            let interface = network.network_interfaces.get(id)?;
            let (machine, instance) = network.instances.get_key_value(&interface.instance)?;
            let further = interface.secondary_ips.iter().copied();
            let addresses = [interface.ip].into_iter().chain(further).collect();
            let bare = bare_seat(network, endpoint, &interface.subnet, addresses)?;
            Some(Seat {
                groups: Some(&interface.security_groups),
                machine: Some(machine),
                eip: interface.eip.map(|eip| (interface.ip, eip)),
                life: life(network, machine, instance.state),
                ..bare
            })
        }
        Endpoint::GroupMember(id, address) => {
            let group = network.instance_groups.get(id)?;
            let bare = bare_seat(network, endpoint, &group.subnet, vec![*address])?;
            Some(Seat { groups: Some(&group.security_groups), ..bare })
        }
        Endpoint::HaVip(id) => {
            let havip = network.havips.get(id)?;
            let carrier =
                havip.bound_to.as_ref().and_then(|id| network.instances.get_key_value(id));
            let bare = bare_seat(network, endpoint, &havip.subnet, vec![havip.ip])?;
            Some(Seat {
                // D20-11: a HAVIP uses its bound instance's groups.
                groups: carrier.map(|(_, instance)| instance.security_groups.as_slice()),
                machine: carrier.map(|(id, _)| id),
                eip: havip.eip.map(|eip| (havip.ip, eip)),
                life: carrier
                    .map_or(Life::Unbound, |(id, instance)| life(network, id, instance.state)),
                ..bare
            })
        }
        _ => None,
    }
}

/// A database and one of its addresses from before it moved (MIG-6).
pub fn old_vip<'n>(
    network: &'n Network,
    id: &Id,
    address: IpAddr,
) -> Option<(&'n Database, &'n OldVip)> {
    let database = network.databases.get(id)?;
    let mut old = database.old_vips.iter();
    Some((database, old.find(|old| old.ip == address)?))
}

/// A database of the classic network, or one that is still reached there (MIG-6).
pub fn classic_database(network: &Network, endpoint: &Endpoint) -> Option<(Engine, u16, IpAddr)> {
    match endpoint {
        Endpoint::ClassicDatabase(id) => {
            let it = network.classic_databases.get(id)?;
            Some((it.engine, it.port, it.ip))
        }
        Endpoint::OldVip(id, address) => {
            let (it, old) = old_vip(network, id, *address)?;
            (old.network == OldNetwork::Classic).then_some((it.engine, it.port, *address))
        }
        _ => None,
    }
}

/// Whatever only answers.
fn service_seat<'n>(network: &'n Network, endpoint: &Endpoint) -> Option<Seat<'n>> {
    match endpoint {
        Endpoint::Database(id) => {
            let database = network.databases.get(id)?;
            let bare = bare_seat(network, endpoint, &database.subnet, vec![database.ip])?;
            Some(Seat { groups: bound_or_open(&database.security_groups), ..bare })
        }
        Endpoint::OldVip(id, address) => {
            // MIG-6: at the old address of a VPC it stands as it did there.
            let (database, old) = old_vip(network, id, *address)?;
            let OldNetwork::Vpc(vpc) = &old.network else {
                return None;
            };
            Some(Seat {
                endpoint: endpoint.clone(),
                vpc,
                subnet: subnet_at(network, vpc, *address),
                groups: bound_or_open(&database.security_groups),
                machine: None,
                eip: None,
                life: Life::Up,
                addresses: vec![*address],
            })
        }
        Endpoint::LoadBalancer(id) => {
            let balancer = network.load_balancers.get(id)?;
            let LoadBalancerNetwork::Internal { subnet, vip, eip } = &balancer.network else {
                return None;
            };
            let bare = bare_seat(network, endpoint, subnet, vec![*vip])?;
            let groups = bound_or_open(&balancer.security_groups);
            Some(Seat { groups, eip: eip.map(|eip| (*vip, eip)), ..bare })
        }
        Endpoint::VpcEndpoint(id) => {
            let written = network.vpc_endpoints.get(id)?;
            let bare = bare_seat(network, endpoint, &written.subnet, vec![written.ip])?;
            Some(Seat {
                groups: bound_or_open(&written.security_groups),
                life: life(network, id, State::Running),
                ..bare
            })
        }
        Endpoint::EndpointConnection(id) => {
            let connection = network.endpoint_connections.get(id)?;
            Some(Seat {
                endpoint: endpoint.clone(),
                vpc: &connection.vpc,
                subnet: subnet_at(network, &connection.vpc, connection.vip),
                groups: None,
                machine: None,
                eip: None,
                life: Life::Up,
                addresses: vec![connection.vip],
            })
        }
        _ => None,
    }
}

/// Databases, load balancers and endpoints without groups admit everything (DB-4, CLB-6, PL-6).
fn bound_or_open(groups: &[Id]) -> Option<&[Id]> {
    (!groups.is_empty()).then_some(groups)
}

/// Every seat of the network; of instance groups only the member at `address`.
fn seats(network: &Network, address: IpAddr) -> impl Iterator<Item = Seat<'_>> {
    let members = network.instance_groups.iter().filter(move |(_, group)| {
        let (first, last) = group.ips;
        first.is_ipv4() == address.is_ipv4() && first <= address && address <= last
    });
    let instances = network.instances.keys().cloned().map(Endpoint::Instance);
    let interfaces = network.network_interfaces.keys().cloned().map(Endpoint::NetworkInterface);
    let havips = network.havips.keys().cloned().map(Endpoint::HaVip);
    let databases = network.databases.keys().cloned().map(Endpoint::Database);
    let old = network.databases.iter().flat_map(|(id, it)| {
        let old = it.old_vips.iter();
        old.map(|old| Endpoint::OldVip(id.clone(), old.ip))
    });
    let databases = databases.chain(old);
    let balancers = network.load_balancers.keys().cloned().map(Endpoint::LoadBalancer);
    let connections =
        network.endpoint_connections.keys().cloned().map(Endpoint::EndpointConnection);
    let endpoints = network.vpc_endpoints.keys().cloned().map(Endpoint::VpcEndpoint);
    instances
        .chain(interfaces)
        .chain(members.map(move |(id, _)| Endpoint::GroupMember(id.clone(), address)))
        .chain(havips)
        .chain(databases)
        .chain(balancers)
        .chain(connections)
        .chain(endpoints)
        .filter_map(|endpoint| seat(network, &endpoint))
}

/// The owner of a private address of a VPC.
pub fn owner<'n>(network: &'n Network, vpc: &Id, address: IpAddr) -> Option<Seat<'n>> {
    seats(network, address).find(|seat| seat.vpc == vpc && seat.addresses.contains(&address))
}

/// The owner of a public address; `None` = an Internet host that the network does not know.
pub fn public_owner(network: &Network, address: IpAddr) -> Option<PublicOwner<'_>> {
    let seat = seats(network, address).find_map(|seat| {
        let (private, _) = seat.eip.filter(|(_, public)| *public == address)?;
        Some(PublicOwner::Seat(seat.vpc, private))
    });
    let balancer = network.load_balancers.iter().find(|(_, balancer)| {
        matches!(balancer.network, LoadBalancerNetwork::Public { vip, .. } if vip == address)
    });
    let classic =
        network.classic_instances.iter().find(|(_, classic)| classic.public_ip == Some(address));
    let mut balancers = network.classic_load_balancers.iter();
    let classic_balancer =
        balancers.find(|(_, balancer)| balancer.public && balancer.vip == address);
    let nat = network.nat_gateways.iter().find(|(_, nat)| nat.eips.contains(&address));
    seat.or_else(|| balancer.map(|(id, _)| PublicOwner::Balancer(id)))
        .or_else(|| classic.map(|(id, _)| PublicOwner::Classic(id)))
        .or_else(|| classic_balancer.map(|(id, _)| PublicOwner::ClassicBalancer(id)))
        .or_else(|| nat.map(|(id, _)| PublicOwner::Nat(id)))
}

/// The subnet of a VPC that an address lies in.
pub fn subnet_at<'n>(network: &'n Network, vpc: &Id, address: IpAddr) -> Option<&'n Id> {
    let mut subnets = network.subnets.iter();
    subnets.find(|(_, subnet)| subnet.vpc == *vpc && subnet.covers(address)).map(|(id, _)| id)
}

/// What an id in a target list means: an instance, an ENI, a classic CVM or a group member
/// written `asg-web[10.1.2.11]`.
pub fn target(network: &Network, id: &Id) -> Option<Endpoint> {
    if network.instances.contains_key(id) {
        return Some(Endpoint::Instance(id.clone()));
    }
    if network.network_interfaces.contains_key(id) {
        return Some(Endpoint::NetworkInterface(id.clone()));
    }
    if network.classic_instances.contains_key(id) {
        return Some(Endpoint::ClassicInstance(id.clone()));
    }
    let (group, address) = id.as_str().strip_suffix(']')?.rsplit_once('[')?;
    let (group, _) = network.instance_groups.get_key_value(group)?;
    Some(Endpoint::GroupMember(group.clone(), address.parse().ok()?))
}

/// Whether a classic CVM runs (D20-17).
pub fn classic_is_up(network: &Network, id: &Id) -> bool {
    network
        .classic_instances
        .get(id)
        .is_some_and(|classic| life(network, id, classic.state) == Life::Up)
}
