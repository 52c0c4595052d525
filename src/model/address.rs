//! Who owns which address: one list of everything that holds one, for the limits, for lookups by
//! address and for indexes that engines build.

use std::net::IpAddr;

use super::reference::{Step, place};
use super::{Endpoint, Kind, LoadBalancerNetwork, Network, OldNetwork, Place, Subnet};
use crate::id::Id;

/// Where an address is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressSpace<'n> {
    /// Private addresses of a VPC.
    Vpc(&'n Id),
    /// Private addresses of the classic network of a region.
    Classic(&'n str),
    /// The Internet.
    Public,
}

/// An address, or the range of an instance group, that an entity holds.
#[derive(Clone, Debug)]
pub struct Owned<'n> {
    /// The entity.
    pub owner: &'n Id,
    /// Its kind.
    pub kind: Kind,
    /// Where the address is unique.
    pub space: AddressSpace<'n>,
    /// The subnet it is taken from.
    pub subnet: Option<&'n Id>,
    /// First and last address, inclusive.
    pub range: (IpAddr, IpAddr),
    /// A database's address from before it moved.
    is_old: bool,
    path: [Option<Step<'n>>; 2],
}

impl Owned<'_> {
    /// Where the configuration says so.
    #[must_use]
    pub fn place(&self) -> Place {
        let path: Vec<_> = self.path.into_iter().flatten().collect();
        place(self.owner, &path)
    }

    /// Whether the address is among its own.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        let (first, last) = self.range;
        first.is_ipv4() == address.is_ipv4() && first <= address && address <= last
    }

    /// The endpoint that answers at the address.
    #[must_use]
    pub fn endpoint(&self, address: IpAddr) -> Endpoint {
        let id = self.owner.clone();
        match self.kind {
            Kind::NetworkInterface => Endpoint::NetworkInterface(id),
            Kind::InstanceGroup => Endpoint::GroupMember(id, address),
            Kind::HaVip => Endpoint::HaVip(id),
            Kind::Database if self.is_old => Endpoint::OldVip(id, address),
            Kind::Database => Endpoint::Database(id),
            Kind::LoadBalancer => Endpoint::LoadBalancer(id),
            Kind::EndpointConnection => Endpoint::EndpointConnection(id),
            Kind::VpcEndpoint => Endpoint::VpcEndpoint(id),
            Kind::ClassicInstance => Endpoint::ClassicInstance(id),
            Kind::ClassicDatabase => Endpoint::ClassicDatabase(id),
            Kind::ClassicLoadBalancer => Endpoint::ClassicLoadBalancer(id),
            Kind::NatGateway => Endpoint::NatAddress(id, address),
            Kind::Account
            | Kind::Vpc
            | Kind::Subnet
            | Kind::RouteTable
            | Kind::NetworkAcl
            | Kind::SecurityGroup
            | Kind::AddressTemplate
            | Kind::AddressTemplateGroup
            | Kind::ServiceTemplate
            | Kind::ServiceTemplateGroup
            | Kind::Instance
            | Kind::EndpointService
            | Kind::Peering
            | Kind::Ccn
            | Kind::VpnGateway
            | Kind::DirectConnectGateway
            | Kind::EdgeFirewall
            | Kind::Site
            | Kind::CcnRouteTable
            | Kind::VpnConnection
            | Kind::DirectConnectTunnel => Endpoint::Instance(id),
        }
    }
}

/// One entity at work: collects what it holds.
struct Holder<'n, 'l> {
    owner: &'n Id,
    kind: Kind,
    list: &'l mut Vec<Owned<'n>>,
}

impl<'n> Holder<'n, '_> {
    fn push(
        &mut self,
        space: AddressSpace<'n>,
        subnet: Option<&'n Id>,
        range: (IpAddr, IpAddr),
        path: [Option<Step<'n>>; 2],
    ) {
        self.list.push(Owned {
            owner: self.owner,
            kind: self.kind,
            space,
            subnet,
            range,
            is_old: matches!(path, [Some(Step::Field("old_vips")), _]),
            path,
        });
    }

    fn public(&mut self, field: &'static str, address: Option<IpAddr>) {
        if let Some(address) = address {
            let path = [Some(Step::Field(field)), None];
            self.push(AddressSpace::Public, None, (address, address), path);
        }
    }

    fn classic(&mut self, region: &'n str, field: &'static str, address: IpAddr) {
        let path = [Some(Step::Field(field)), None];
        let space = AddressSpace::Classic(region);
        self.push(space, None, (address, address), path);
    }

    /// An address of a subnet; nothing when the subnet is unknown.
    fn private(
        &mut self,
        network: &'n Network,
        subnet: &'n Id,
        range: (IpAddr, IpAddr),
        path: [Option<Step<'n>>; 2],
    ) {
        if let Some(vpc) = network.vpc_of_subnet(subnet.as_str()) {
            self.push(AddressSpace::Vpc(vpc), Some(subnet), range, path);
        }
    }

    fn field(&mut self, network: &'n Network, subnet: &'n Id, field: &'static str, ip: IpAddr) {
        self.private(network, subnet, (ip, ip), [Some(Step::Field(field)), None]);
    }

    fn list(&mut self, network: &'n Network, subnet: &'n Id, ips: &[IpAddr]) {
        for (index, ip) in ips.iter().enumerate() {
            let path = [Some(Step::Field("secondary_ips")), Some(Step::Index(index))];
            self.private(network, subnet, (*ip, *ip), path);
        }
    }
}

impl Network {
    /// Every address that something holds, in the order of sections, of the file, and of the
    /// fields. Instance groups are ranges; nothing is expanded.
    #[must_use]
    pub fn owned_addresses(&self) -> Vec<Owned<'_>> {
        let machines = self.instances.len() + self.classic_instances.len();
        let mut list = Vec::with_capacity(machines);
        self.machine_addresses(&mut list);
        self.service_addresses(&mut list);
        self.classic_addresses(&mut list);
        for (owner, connection) in &self.endpoint_connections {
            let (space, vip) = (AddressSpace::Vpc(&connection.vpc), connection.vip);
            let subnet = self.subnet_around(&connection.vpc, vip);
            let path = [Some(Step::Field("vip")), None];
            let mut holder = holder(owner, Kind::EndpointConnection, &mut list);
            holder.push(space, subnet.map(|(id, _)| id), (vip, vip), path);
        }
        for (owner, nat) in &self.nat_gateways {
            for (index, eip) in nat.eips.iter().enumerate() {
                let path = [Some(Step::Field("eips")), Some(Step::Index(index))];
                let mut holder = holder(owner, Kind::NatGateway, &mut list);
                holder.push(AddressSpace::Public, None, (*eip, *eip), path);
            }
        }
        list
    }

    fn machine_addresses<'n>(&'n self, list: &mut Vec<Owned<'n>>) {
        for (owner, instance) in &self.instances {
            let mut holder = holder(owner, Kind::Instance, list);
            holder.field(self, &instance.subnet, "ip", instance.ip);
            holder.list(self, &instance.subnet, &instance.secondary_ips);
            if let Some(ipv6) = instance.ipv6 {
                holder.field(self, &instance.subnet, "ipv6", ipv6);
            }
            holder.public("eip", instance.eip);
        }
        for (owner, interface) in &self.network_interfaces {
            let mut holder = holder(owner, Kind::NetworkInterface, list);
            holder.field(self, &interface.subnet, "ip", interface.ip);
            holder.list(self, &interface.subnet, &interface.secondary_ips);
            holder.public("eip", interface.eip);
        }
        for (owner, group) in &self.instance_groups {
            let path = [Some(Step::Field("ips")), None];
            let mut holder = holder(owner, Kind::InstanceGroup, list);
            holder.private(self, &group.subnet, group.ips, path);
        }
        for (owner, havip) in &self.havips {
            let mut holder = holder(owner, Kind::HaVip, list);
            holder.field(self, &havip.subnet, "ip", havip.ip);
            holder.public("eip", havip.eip);
        }
    }

    fn service_addresses<'n>(&'n self, list: &mut Vec<Owned<'n>>) {
        for (owner, database) in &self.databases {
            let mut holder = holder(owner, Kind::Database, list);
            holder.field(self, &database.subnet, "ip", database.ip);
            for (index, old) in database.old_vips.iter().enumerate() {
                let path = [Some(Step::Field("old_vips")), Some(Step::Index(index))];
                let (space, subnet) = match &old.network {
                    OldNetwork::Vpc(vpc) => {
                        let subnet = self.subnet_around(vpc, old.ip);
                        (AddressSpace::Vpc(vpc), subnet.map(|(id, _)| id))
                    }
                    OldNetwork::Classic => {
                        let region = self.region_of(owner.as_str()).unwrap_or_default();
                        (AddressSpace::Classic(region), None)
                    }
                };
                holder.push(space, subnet, (old.ip, old.ip), path);
            }
        }
        for (owner, endpoint) in &self.vpc_endpoints {
            let mut holder = holder(owner, Kind::VpcEndpoint, list);
            holder.field(self, &endpoint.subnet, "ip", endpoint.ip);
        }
        for (owner, balancer) in &self.load_balancers {
            let mut holder = holder(owner, Kind::LoadBalancer, list);
            let path = |field| [Some(Step::Field("network")), Some(Step::Field(field))];
            let public = AddressSpace::Public;
            match &balancer.network {
                LoadBalancerNetwork::Internal { subnet, vip, eip } => {
                    holder.private(self, subnet, (*vip, *vip), path("vip"));
                    if let Some(eip) = *eip {
                        holder.push(public, None, (eip, eip), path("eip"));
                    }
                }
                LoadBalancerNetwork::Public { vip, .. } => {
                    holder.push(public, None, (*vip, *vip), path("vip"));
                }
            }
        }
    }

    fn classic_addresses<'n>(&'n self, list: &mut Vec<Owned<'n>>) {
        for (owner, instance) in &self.classic_instances {
            let mut holder = holder(owner, Kind::ClassicInstance, list);
            holder.classic(&instance.region, "ip", instance.ip);
            holder.public("public_ip", instance.public_ip);
        }
        for (owner, database) in &self.classic_databases {
            let mut holder = holder(owner, Kind::ClassicDatabase, list);
            holder.classic(&database.region, "ip", database.ip);
        }
        for (owner, balancer) in &self.classic_load_balancers {
            let mut holder = holder(owner, Kind::ClassicLoadBalancer, list);
            if balancer.public {
                holder.public("vip", Some(balancer.vip));
            } else {
                holder.classic(&balancer.region, "vip", balancer.vip);
            }
        }
    }

    /// The port that a database serves in the classic network, where it stands or stood until lately.
    #[must_use]
    pub fn classic_port(&self, database: &Id) -> Option<u16> {
        let classic = self.classic_databases.get(database).map(|it| it.port);
        let moved = self.databases.get(database);
        let moved = moved.filter(|it| it.is_still_classic()).map(|it| it.port);
        classic.or(moved)
    }

    /// The subnet of a VPC that an address lies in.
    #[must_use]
    pub fn subnet_around(&self, vpc: &Id, address: IpAddr) -> Option<(&Id, &Subnet)> {
        let mut subnets = self.subnets.iter();
        subnets.find(|(_, subnet)| subnet.vpc == *vpc && subnet.covers(address))
    }

    /// What owns a private address of a VPC. Scans every address: for many lookups, index
    /// [`Self::owned_addresses`].
    #[must_use]
    pub fn owner_in_vpc(&self, vpc: &Id, address: IpAddr) -> Option<Endpoint> {
        self.owned_addresses()
            .into_iter()
            .find(|owned| owned.space == AddressSpace::Vpc(vpc) && owned.has(address))
            .map(|owned| owned.endpoint(address))
    }
}

fn holder<'n, 'l>(owner: &'n Id, kind: Kind, list: &'l mut Vec<Owned<'n>>) -> Holder<'n, 'l> {
    Holder { owner, kind, list }
}
