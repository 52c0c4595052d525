//! What is to be done: which machines, databases and names move where, found by comparing with a goal or by selection.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::id::Id;
use crate::model::{AddressSpace, Network, Peer};
use crate::query::Selector;
use crate::space::AddressSet;

/// A plan to be found.
#[derive(Clone, Debug)]
pub struct Task {
    /// Where it begins.
    pub from: Network,
    /// Where it ends.
    pub goal: Network,
    /// Machines with their new subnets and addresses.
    pub machines: BTreeMap<Id, Place>,
    /// Databases with theirs.
    pub databases: BTreeMap<Id, Place>,
    /// Rules that name an address that goes.
    pub named: Vec<Id>,
    /// Who was chosen and cannot move.
    pub stays: Vec<Id>,
}

/// Where something will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The VPC.
    pub vpc: Id,
    /// The subnet.
    pub subnet: Id,
    /// The address.
    pub ip: IpAddr,
    /// The groups.
    pub security_groups: Vec<Id>,
    /// The zone of the subnet, if it is told.
    pub zone: Option<String>,
}

/// What `--move` says.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Who moves.
    pub who: Selector,
    /// The subnet.
    pub into: Id,
    /// Whether addresses are kept.
    pub keep: Keep,
}

/// Whether addresses are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The old ones.
    Addresses,
    /// New ones of the subnet.
    Nothing,
}

impl Choice {
    /// They get new addresses.
    #[must_use]
    pub fn new(who: Selector, into: &str) -> Self {
        let (into, keep) = (Id::from(into), Keep::Nothing);
        Self { who, into, keep }
    }

    /// They keep their addresses.
    #[must_use]
    pub fn keeping(who: Selector, into: &str) -> Self {
        let (into, keep) = (Id::from(into), Keep::Addresses);
        Self { who, into, keep }
    }
}

impl Task {
    /// What leads from one network to another, matched by id.
    #[must_use]
    pub fn between(from: Network, goal: Network) -> Self {
        let place = |subnet: &Id, ip: IpAddr, groups: &[Id]| {
            let it = goal.subnets.get(subnet)?;
            Some(Place {
                vpc: it.vpc.clone(),
                subnet: subnet.clone(),
                ip,
                security_groups: groups.to_vec(),
                zone: it.zone.clone(),
            })
        };
        let machines = goal.instances.iter().filter_map(|(id, it)| {
            let before = from.instances.get(id);
            let moves = match before {
                Some(before) => before.subnet != it.subnet || before.ip != it.ip,
                None => from.classic_instances.contains_key(id),
            };
            let place = moves.then(|| place(&it.subnet, it.ip, &it.security_groups));
            Some((id.clone(), place.flatten()?))
        });
        let machines = machines.collect();
        let databases = goal.databases.iter().filter_map(|(id, it)| {
            let before = from.databases.get(id);
            let moves = match before {
                Some(before) => before.subnet != it.subnet || before.ip != it.ip,
                None => from.classic_databases.contains_key(id),
            };
            let place = moves.then(|| place(&it.subnet, it.ip, &it.security_groups));
            Some((id.clone(), place.flatten()?))
        });
        let databases = databases.collect();
        let mut task =
            Self { from, goal, machines, databases, named: Vec::new(), stays: Vec::new() };
        task.named = task.rules_of_old_addresses();
        task
    }

    /// Whether a machine has yet to move.
    pub(super) fn is_waiting(&self, now: &Network, id: &Id) -> bool {
        let place = self.machines.get(id);
        place.is_some_and(|place| {
            let it = now.instances.get(id);
            it.is_none_or(|it| it.subnet != place.subnet || it.ip != place.ip)
        })
    }

    /// An address of a subnet that nobody has, neither at the beginning nor at the end; of several, another for each number.
    pub(super) fn free_address(&self, subnet: &Id, number: usize) -> Option<IpAddr> {
        let networks = [&self.from, &self.goal];
        let subnet = self.goal.subnets.get(subnet)?;
        free_addresses(&networks, &subnet.vpc, subnet.cidr).nth(number)
    }

    /// The groups, ACLs and templates that name an address that goes.
    fn rules_of_old_addresses(&self) -> Vec<Id> {
        let moved = self.machines.keys().chain(self.databases.keys());
        let stays = |id: &&Id| address_of(&self.from, id) != address_of(&self.goal, id);
        let moved = moved.filter(stays);
        let old: BTreeSet<IpAddr> = moved.filter_map(|id| address_of(&self.from, id)).collect();
        let is_old =
            |set: &AddressSet| set.first().is_some_and(|at| set.len() == 1 && old.contains(&at));
        let groups = self.from.security_groups.iter().filter(|(_, group)| {
            let mut rules = group.ingress.iter().chain(&group.egress);
            rules.any(|rule| matches!(&rule.peer, Peer::Addresses(set) if is_old(set)))
        });
        let acls = self.from.network_acls.iter().filter(|(_, acl)| {
            let mut rules = acl.ingress.iter().chain(&acl.egress);
            rules.any(|rule| rule.source.iter().chain(&rule.destination).any(is_old))
        });
        let templates = self.from.address_templates.iter();
        let templates = templates.filter(|(_, it)| it.addresses.iter().any(is_old));
        let ids = groups.map(|(id, _)| id).chain(acls.map(|(id, _)| id));
        ids.chain(templates.map(|(id, _)| id)).cloned().collect()
    }
}

/// The addresses of a CIDR that nobody of some networks has in a VPC, the first ones, which the cloud keeps, left out.
pub(super) fn free_addresses(
    networks: &[&Network],
    vpc: &Id,
    cidr: IpNet,
) -> impl Iterator<Item = IpAddr> + use<> {
    let owned = networks.iter().flat_map(|network| network.owned_addresses());
    let here = owned.filter(|one| one.space == AddressSpace::Vpc(vpc));
    let taken: Vec<(IpAddr, IpAddr)> = here.map(|one| one.range).collect();
    let taken = AddressSet::union_all(
        taken.into_iter().map(|(first, last)| AddressSet::range(first, last)),
    );
    // the network's own address, its gateway, and the broadcast address are the cloud's (VPC-4)
    let hosts = cidr.hosts().skip(1);
    hosts.filter(move |address| !taken.contains(*address))
}

/// The private address of whatever can move.
pub(super) fn address_of(network: &Network, id: &Id) -> Option<IpAddr> {
    let machine = network.instances.get(id).map(|it| it.ip);
    let machine = machine.or_else(|| network.classic_instances.get(id).map(|it| it.ip));
    let database = network.databases.get(id).map(|it| it.ip);
    let database = database.or_else(|| network.classic_databases.get(id).map(|it| it.ip));
    machine.or(database)
}
