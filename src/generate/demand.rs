//! Whom security groups have, and what they have to let in: what the load balancers and forwarded ports in front of
//! their members bring.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use crate::id::Id;
use crate::model::{LoadBalancer, LoadBalancerNetwork, Network};
use crate::space::AddressSet;

/// Who has to get to the web ports of a group's members.
#[derive(Default)]
pub struct Demand {
    /// A VPC by its number, or everybody.
    pub clients: BTreeSet<Option<usize>>,
    /// Whether it guards a load balancer, too.
    pub is_front: bool,
}

/// The addresses of every group's members.
pub fn members(network: &Network) -> HashMap<Id, AddressSet> {
    let mut ranges: HashMap<Id, Vec<AddressSet>> = HashMap::new();
    for ((first, last), groups) in machines(network) {
        for group in groups {
            let range = AddressSet::range(first, last);
            ranges.entry(group.clone()).or_default().push(range);
        }
    }
    let sets = ranges.into_iter();
    sets.map(|(group, ranges)| (group, AddressSet::union_all(ranges))).collect()
}

/// The machines of VPCs: their addresses and their groups.
fn machines(network: &Network) -> impl Iterator<Item = ((IpAddr, IpAddr), &[Id])> {
    let single = network.instances.values();
    let single = single.map(|it| ((it.ip, it.ip), &it.security_groups[..]));
    let fleets = network.instance_groups.values();
    single.chain(fleets.map(|it| (it.ips, &it.security_groups[..])))
}

/// What groups have to let in.
pub fn demands(network: &Network) -> HashMap<Id, Demand> {
    let mut all: HashMap<Id, Demand> = HashMap::new();
    let mut demand = |group: Option<&Id>, clients: Option<usize>, is_front: bool| {
        let Some(group) = group else { return };
        let demand = all.entry(group.clone()).or_default();
        demand.clients.insert(clients);
        demand.is_front |= is_front;
    };
    let balancers = network.load_balancers.values();
    // What passes to its targets is not asked there (CLB-5).
    for balancer in balancers.filter(|it| !it.pass_to_target) {
        let clients = clients(network, balancer);
        for target in balancer.listeners.iter().flat_map(|it| &it.targets) {
            demand(group_of(network, &target.instance), clients, false);
        }
        demand(balancer.security_groups.first(), clients, true);
    }
    let by_address: BTreeMap<IpAddr, (IpAddr, &[Id])> =
        machines(network).map(|((first, last), groups)| (first, (last, groups))).collect();
    for entry in network.nat_gateways.values().flat_map(|it| &it.dnat) {
        let found = by_address.range(..=entry.to).next_back();
        let found = found.filter(|(_, (last, _))| entry.to <= *last);
        demand(found.and_then(|(_, (_, groups))| groups.first()), None, false);
    }
    all
}

/// Whose connections a load balancer takes: a VPC's by its number, or everybody's.
fn clients(network: &Network, balancer: &LoadBalancer) -> Option<usize> {
    match &balancer.network {
        LoadBalancerNetwork::Public { .. } => None,
        LoadBalancerNetwork::Internal { subnet, .. } => {
            let subnet = network.subnets.get(subnet)?;
            network.vpcs.get_index_of(&subnet.vpc)
        }
    }
}

/// The first group of a machine.
fn group_of<'n>(network: &'n Network, machine: &Id) -> Option<&'n Id> {
    let single = network.instances.get(machine);
    let single = single.map(|it| &it.security_groups);
    let fleet = || {
        let (group, _) = network.group_member(machine.as_str())?;
        let group = network.instance_groups.get(group)?;
        Some(&group.security_groups)
    };
    single.or_else(fleet)?.first()
}
