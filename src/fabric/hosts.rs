//! Residents: everything that owns an address, where it lives, and which filters guard it.
//!
//! An instance group is one resident with a range of addresses, so a million equal machines cost as
//! much as one. A host is a resident and one of its addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::filter::FilterUse;
use super::lists::FilterBuilder;
use super::resident::{Home, Resident, ResidentIx, Role};
use crate::code::Code;
use crate::id::Id;
use crate::model::{Endpoint, LoadBalancerNetwork, Network, OldNetwork, State};
use crate::query::{Cause, ListName};

/// Who owns a public address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PublicOwner {
    /// A resident, as its EIP, public IP or public VIP.
    Resident(ResidentIx),
    /// A NAT gateway, by its position in the network.
    NatGateway(u32),
}

/// All residents, and who owns which address.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    residents: Vec<Resident>,
    /// Per resident: the first one on its machine, or [`ALONE`].
    machines: Vec<u32>,
    /// Per subnet: its VPC.
    vpcs: Vec<Option<u32>>,
    by_id: FxHashMap<Id, ResidentIx>,
    /// Databases at addresses from before they moved (MIG-6).
    old: BTreeMap<(Id, IpAddr), ResidentIx>,
    /// Per VPC: ranges of private addresses, sorted and disjoint.
    private: Vec<Vec<(IpAddr, IpAddr, ResidentIx)>>,
    /// Per region: addresses of the classic network (CN-3).
    classic: BTreeMap<Id, BTreeMap<IpAddr, ResidentIx>>,
    public: BTreeMap<IpAddr, PublicOwner>,
    /// Per subnet: residents with a public address of their own.
    public_senders: FxHashMap<u32, Vec<ResidentIx>>,
    /// Machines that are public gateways.
    public_gateways: Vec<ResidentIx>,
}

impl Hosts {
    /// A resident.
    #[must_use]
    pub fn get(&self, resident: ResidentIx) -> &Resident {
        &self.residents[resident.0 as usize]
    }

    /// All residents in the order of the sections.
    pub fn iter(&self) -> impl Iterator<Item = (ResidentIx, &Resident)> {
        (0..).map(ResidentIx).zip(&self.residents)
    }

    /// The resident of an entity.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<ResidentIx> {
        self.by_id.get(id).copied()
    }

    /// The resident of a database at an address from before it moved.
    #[must_use]
    pub fn of_old(&self, id: &Id, address: IpAddr) -> Option<ResidentIx> {
        self.old.get(&(id.clone(), address)).copied()
    }

    /// The residents of a database at addresses from before it moved.
    pub fn all_old(&self, id: &Id) -> impl Iterator<Item = ResidentIx> + '_ {
        let first = (id.clone(), IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
        let id = id.clone();
        let all = self.old.range(first..);
        all.take_while(move |((own, _), _)| *own == id).map(|(_, resident)| *resident)
    }

    /// A cause at a resident.
    #[must_use]
    pub fn cause(&self, resident: ResidentIx, code: Code) -> Cause {
        let id = self.get(resident).id();
        id.map_or(Cause::plain(code), |id| Cause::at(code, id))
    }

    /// Whether two residents are on one machine (D20-6).
    #[must_use]
    pub fn share_a_machine(&self, a: ResidentIx, b: ResidentIx) -> bool {
        let machine = self.machines[a.0 as usize];
        machine != ALONE && machine == self.machines[b.0 as usize]
    }

    /// The VPC of a subnet, both by position.
    #[must_use]
    pub fn vpc_of(&self, subnet: u32) -> Option<u32> {
        self.vpcs.get(subnet as usize).copied().flatten()
    }

    /// Who owns a private address in a VPC.
    #[must_use]
    pub fn in_vpc(&self, vpc: u32, address: IpAddr) -> Option<ResidentIx> {
        let ranges = self.private.get(vpc as usize)?;
        let after = ranges.partition_point(|(first, _, _)| *first <= address);
        let (_, last, resident) = ranges.get(after.checked_sub(1)?)?;
        (address <= *last).then_some(*resident)
    }

    /// Who owns an address of the classic network of a region.
    #[must_use]
    pub fn in_classic(&self, region: &Id, address: IpAddr) -> Option<ResidentIx> {
        self.classic.get(region)?.get(&address).copied()
    }

    /// Who owns a public address.
    #[must_use]
    pub fn in_public(&self, address: IpAddr) -> Option<PublicOwner> {
        self.public.get(&address).copied()
    }

    /// Every public address that somebody owns.
    pub fn public_addresses(&self) -> impl Iterator<Item = (IpAddr, PublicOwner)> + '_ {
        self.public.iter().map(|(address, owner)| (*address, *owner))
    }

    /// The machines that are public gateways, in the order of the file.
    #[must_use]
    pub fn public_gateways(&self) -> &[ResidentIx] {
        &self.public_gateways
    }

    /// The residents of a subnet that have a public address.
    #[must_use]
    pub fn public_senders(&self, subnet: u32) -> &[ResidentIx] {
        self.public_senders.get(&subnet).map_or(&[], Vec::as_slice)
    }
}

/// On no machine that others could be on.
const ALONE: u32 = u32::MAX;

/// Position of an id in a section.
pub(super) fn position<T>(section: &crate::model::Section<T>, id: &Id) -> Option<u32> {
    section.get_index_of(id).and_then(|index| u32::try_from(index).ok())
}

/// Lists the residents of a network.
#[must_use]
pub fn residents(network: &Network, filters: &mut FilterBuilder<'_>) -> Hosts {
    let vpcs = network.subnets.values().map(|subnet| position(&network.vpcs, &subnet.vpc));
    let mut hosts = Hosts {
        private: vec![Vec::new(); network.vpcs.len()],
        vpcs: vpcs.collect(),
        ..Hosts::default()
    };
    machines(network, filters, &mut hosts);
    services(network, filters, &mut hosts);
    classic(network, filters, &mut hosts);
    let nats = (0..).zip(network.nat_gateways.values());
    for (index, gateway) in nats {
        for eip in &gateway.eips {
            hosts.public.insert(*eip, PublicOwner::NatGateway(index));
        }
    }
    for ranges in &mut hosts.private {
        ranges.sort_unstable();
    }
    hosts
}

impl Hosts {
    /// Machines come before what else is on them.
    fn add(&mut self, network: &Network, resident: Resident) -> ResidentIx {
        let index = ResidentIx(u32::try_from(self.residents.len()).unwrap_or(u32::MAX));
        match resident.home {
            Home::Subnet(subnet) => {
                let vpc = self.vpc_of(subnet);
                if let Some(ranges) = vpc.and_then(|vpc| self.private.get_mut(vpc as usize)) {
                    ranges.push((resident.addresses.0, resident.addresses.1, index));
                    let further = resident.further.iter();
                    ranges.extend(further.map(|address| (*address, *address, index)));
                }
            }
            Home::Classic if resident.public != Some(resident.addresses.0) => {
                let region = resident.id().and_then(|id| network.region_of(id.as_str()));
                let region = self.classic.entry(Id::from(region.unwrap_or_default()));
                region.or_default().insert(resident.addresses.0, index);
            }
            Home::Classic | Home::Public(_) => {}
        }
        let sends = resident.role == Role::Machine && resident.public.is_some();
        if let (Home::Subnet(subnet), true) = (resident.home, sends) {
            self.public_senders.entry(subnet).or_default().push(index);
        }
        if let Some(public) = resident.public {
            self.public.insert(public, PublicOwner::Resident(index));
        }
        if let Endpoint::OldVip(id, address) = &resident.endpoint {
            self.old.insert((id.clone(), *address), index);
        } else if let Some(id) = resident.id() {
            self.by_id.insert(id.clone(), index);
        }
        let first = resident.machine.as_ref().map(|id| self.by_id.get(id).unwrap_or(&index).0);
        self.machines.push(first.unwrap_or(ALONE));
        self.residents.push(resident);
        index
    }
}

/// Both filters of a machine, which denies everything if it has no groups (SG-17).
fn guarded(
    filters: &mut FilterBuilder<'_>,
    id: &Id,
    groups: &[Id],
) -> (Option<FilterUse>, Option<FilterUse>) {
    let mut filter = |list| {
        let written = filters.groups(groups, list);
        written.or_else(|| Some(filters.deny_all(id, list)))
    };
    (filter(ListName::Egress), filter(ListName::Ingress))
}

fn home(network: &Network, subnet: &Id) -> Home {
    Home::Subnet(position(&network.subnets, subnet).unwrap_or(u32::MAX))
}

fn is_down(network: &Network, id: &Id, state: State) -> bool {
    state != State::Running || network.down.contains(id)
}

fn machines(network: &Network, filters: &mut FilterBuilder<'_>, hosts: &mut Hosts) {
    for (id, instance) in &network.instances {
        let (egress, ingress) = guarded(filters, id, &instance.security_groups);
        let further = instance.secondary_ips.iter().copied();
        let resident = Resident {
            endpoint: Endpoint::Instance(id.clone()),
            role: Role::Machine,
            home: home(network, &instance.subnet),
            addresses: (instance.ip, instance.ip),
            further: further.chain(instance.ipv6).collect(),
            public: instance.eip,
            machine: Some(id.clone()),
            egress,
            ingress,
            down: is_down(network, id, instance.state),
            unbound: false,
        };
        let added = hosts.add(network, resident);
        if instance.public_gateway {
            hosts.public_gateways.push(added);
        }
    }
    for (id, interface) in &network.network_interfaces {
        let (egress, ingress) = guarded(filters, id, &interface.security_groups);
        let machine = network.instances.get(&interface.instance);
        let down = machine
            .is_none_or(|machine| is_down(network, &interface.instance, machine.state))
            || network.down.contains(id);
        let resident = Resident {
            endpoint: Endpoint::NetworkInterface(id.clone()),
            role: Role::Machine,
            home: home(network, &interface.subnet),
            addresses: (interface.ip, interface.ip),
            further: interface.secondary_ips.clone(),
            public: interface.eip,
            machine: Some(interface.instance.clone()),
            egress,
            ingress,
            down,
            unbound: false,
        };
        hosts.add(network, resident);
    }
    for (id, group) in &network.instance_groups {
        let (egress, ingress) = guarded(filters, id, &group.security_groups);
        let resident = Resident {
            endpoint: Endpoint::GroupMember(id.clone(), group.ips.0),
            role: Role::Machine,
            home: home(network, &group.subnet),
            addresses: group.ips,
            further: Vec::new(),
            public: None,
            machine: None,
            egress,
            ingress,
            down: network.down.contains(id),
            unbound: false,
        };
        hosts.add(network, resident);
    }
    for (id, havip) in &network.havips {
        let carrier = havip.bound_to.as_ref();
        let carrier = carrier.and_then(|id| network.instances.get_key_value(id));
        let groups = carrier.map_or(&[][..], |(_, instance)| &instance.security_groups);
        let (egress, ingress) = guarded(filters, id, groups);
        let resident = Resident {
            endpoint: Endpoint::HaVip(id.clone()),
            role: Role::Machine,
            home: home(network, &havip.subnet),
            addresses: (havip.ip, havip.ip),
            further: Vec::new(),
            public: havip.eip,
            machine: havip.bound_to.clone(),
            egress,
            ingress,
            down: carrier.is_some_and(|(id, instance)| is_down(network, id, instance.state)),
            unbound: carrier.is_none(),
        };
        hosts.add(network, resident);
    }
}

fn services(network: &Network, filters: &mut FilterBuilder<'_>, hosts: &mut Hosts) {
    for (id, database) in &network.databases {
        let resident = Resident {
            endpoint: Endpoint::Database(id.clone()),
            role: Role::Database,
            home: home(network, &database.subnet),
            ingress: filters.groups(&database.security_groups, ListName::Ingress),
            ..service(database.ip)
        };
        hosts.add(network, resident);
        for old in &database.old_vips {
            let (home, guards) = match &old.network {
                OldNetwork::Classic => (Home::Classic, &[][..]),
                OldNetwork::Vpc(vpc) => {
                    let subnet = network.subnet_around(vpc, old.ip);
                    let home = subnet.map_or(Home::Subnet(u32::MAX), |(id, _)| home(network, id));
                    (home, database.security_groups.as_slice())
                }
            };
            let resident = Resident {
                endpoint: Endpoint::OldVip(id.clone(), old.ip),
                role: Role::Database,
                home,
                ingress: filters.groups(guards, ListName::Ingress),
                ..service(old.ip)
            };
            hosts.add(network, resident);
        }
    }
    for (id, balancer) in &network.load_balancers {
        let (home, vip, public) = match &balancer.network {
            LoadBalancerNetwork::Internal { subnet, vip, eip } => {
                (home(network, subnet), *vip, *eip)
            }
            LoadBalancerNetwork::Public { vpc, vip } => {
                let vpc = position(&network.vpcs, vpc).unwrap_or(u32::MAX);
                (Home::Public(vpc), *vip, Some(*vip))
            }
        };
        let resident = Resident {
            endpoint: Endpoint::LoadBalancer(id.clone()),
            role: Role::LoadBalancer,
            home,
            public,
            ingress: filters.groups(&balancer.security_groups, ListName::Ingress),
            ..service(vip)
        };
        hosts.add(network, resident);
    }
    for (id, endpoint) in &network.vpc_endpoints {
        let resident = Resident {
            endpoint: Endpoint::VpcEndpoint(id.clone()),
            role: Role::VpcEndpoint,
            home: home(network, &endpoint.subnet),
            ingress: filters.groups(&endpoint.security_groups, ListName::Ingress),
            down: network.down.contains(id),
            ..service(endpoint.ip)
        };
        hosts.add(network, resident);
    }
    for (id, connection) in &network.endpoint_connections {
        let subnet = network.subnet_around(&connection.vpc, connection.vip);
        let resident = Resident {
            endpoint: Endpoint::EndpointConnection(id.clone()),
            role: Role::EndpointConnection,
            home: subnet.map_or(Home::Subnet(u32::MAX), |(id, _)| home(network, id)),
            ..service(connection.vip)
        };
        hosts.add(network, resident);
    }
}

fn classic(network: &Network, filters: &mut FilterBuilder<'_>, hosts: &mut Hosts) {
    for (id, instance) in &network.classic_instances {
        let (egress, ingress) = guarded(filters, id, &instance.security_groups);
        let resident = Resident {
            endpoint: Endpoint::ClassicInstance(id.clone()),
            role: Role::Machine,
            public: instance.public_ip,
            machine: Some(id.clone()),
            egress,
            ingress,
            down: is_down(network, id, instance.state),
            ..service(instance.ip)
        };
        hosts.add(network, resident);
    }
    for (id, database) in &network.classic_databases {
        let resident = Resident {
            endpoint: Endpoint::ClassicDatabase(id.clone()),
            role: Role::Database,
            ..service(database.ip)
        };
        hosts.add(network, resident);
    }
    for (id, balancer) in &network.classic_load_balancers {
        let resident = Resident {
            endpoint: Endpoint::ClassicLoadBalancer(id.clone()),
            role: Role::LoadBalancer,
            public: balancer.public.then_some(balancer.vip),
            ..service(balancer.vip)
        };
        hosts.add(network, resident);
    }
}

/// A resident of the classic network that serves one address, guarded by nothing.
fn service(address: IpAddr) -> Resident {
    Resident {
        endpoint: Endpoint::Internet,
        role: Role::Database,
        home: Home::Classic,
        addresses: (address, address),
        further: Vec::new(),
        public: None,
        machine: None,
        egress: None,
        ingress: None,
        down: false,
        unbound: false,
    }
}
