//! What is to be done: which machines, databases and names move where, found by comparing with a goal or by selection.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::diagnostic::Words;
use crate::fabric::Fabric;
use crate::id::Id;
use crate::model::{Change, Network, NetworkAcl, Peer, SecurityGroup, apply};
use crate::query::Selector;
use crate::space::AddressSet;
use crate::verify::{Side, endpoint_of, select};

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
        let mut task = Self {
            from,
            goal,
            machines,
            databases,
            named: Vec::new(),
        };
        task.named = task.rules_of_old_addresses();
        task
    }

    /// What leads whoever is chosen into a subnet: everything else stays, and rules that name old addresses name the new ones.
    ///
    /// # Errors
    ///
    /// With what the cloud does not allow.
    pub fn moving(from: Network, choice: &Choice) -> Result<Self, Words> {
        let fabric = Fabric::new(std::sync::Arc::new(from.clone()));
        let chosen = select(&fabric, &choice.who, Side::To);
        let ids: BTreeSet<Id> = chosen
            .ends()
            .filter_map(|(party, ..)| endpoint_of(&fabric, party).id().cloned())
            .collect();
        let vpc = from.vpc_of_subnet(choice.into.as_str()).cloned();
        let Some(vpc) = vpc else {
            return Err(Words::new(
                format!("there is no subnet `{}`", choice.into),
                format!("没有子网 `{}`", choice.into),
            ));
        };
        let mut goal = from.clone();
        let mut renamed = BTreeMap::new();
        for id in &ids {
            let Some(old) = address_of(&from, id) else {
                continue;
            };
            let ip = (choice.keep == Keep::Addresses).then_some(old);
            let (vpc, subnet) = (vpc.clone(), choice.into.clone());
            let is_database =
                from.databases.contains_key(id) || from.classic_databases.contains_key(id);
            let change = if is_database {
                Change::ModifyDBInstanceVipVport {
                    database: id.clone(),
                    vpc,
                    subnet,
                    ip,
                    keep_old_hours: None,
                    security_groups: None,
                }
            } else {
                Change::ModifyInstancesVpcAttribute {
                    instances: vec![id.clone()],
                    vpc,
                    subnet,
                    ips: ip.map(|ip| vec![ip]),
                    security_groups: None,
                }
            };
            goal = apply(&goal, &change).map_err(|refusal| refusal.message)?;
            if let Some(database) = goal.databases.get_mut(id) {
                database.old_vips.clear();
            }
            if let Some(new) = address_of(&goal, id) {
                renamed.insert(old, new);
            }
        }
        let moved = goal.databases.clone();
        let ended = |target: &Id| moved.get(target).is_some_and(|it| !it.is_still_classic());
        goal.endpoint_connections.retain(|_, it| !ended(&it.target));
        let groups = goal.security_groups.values_mut();
        groups.for_each(|group| rewritten(group, &renamed));
        let acls = goal.network_acls.values_mut();
        acls.for_each(|acl| rewritten_acl(acl, &renamed));
        Ok(Self::between(from, goal))
    }

    /// The groups and ACLs that name an address that goes.
    fn rules_of_old_addresses(&self) -> Vec<Id> {
        let moved = self.machines.keys().chain(self.databases.keys());
        let old: BTreeSet<IpAddr> = moved.filter_map(|id| address_of(&self.from, id)).collect();
        let is_old = |set: &AddressSet| {
            set.first()
                .is_some_and(|at| set.len() == 1 && old.contains(&at))
        };
        let groups = self.from.security_groups.iter().filter(|(_, group)| {
            let mut rules = group.ingress.iter().chain(&group.egress);
            rules.any(|rule| matches!(&rule.peer, Peer::Addresses(set) if is_old(set)))
        });
        let acls = self.from.network_acls.iter().filter(|(_, acl)| {
            let mut rules = acl.ingress.iter().chain(&acl.egress);
            rules.any(|rule| rule.source.iter().chain(&rule.destination).any(is_old))
        });
        let acls = acls.map(|(id, _)| id);
        groups.map(|(id, _)| id).chain(acls).cloned().collect()
    }
}

/// Rules of a group name the new addresses.
fn rewritten(group: &mut SecurityGroup, renamed: &BTreeMap<IpAddr, IpAddr>) {
    for rule in group.ingress.iter_mut().chain(&mut group.egress) {
        if let Peer::Addresses(set) = &mut rule.peer {
            swap(set, renamed);
        }
    }
}

/// Rules of an ACL name the new addresses.
fn rewritten_acl(acl: &mut NetworkAcl, renamed: &BTreeMap<IpAddr, IpAddr>) {
    for rule in acl.ingress.iter_mut().chain(&mut acl.egress) {
        for set in rule.source.iter_mut().chain(&mut rule.destination) {
            swap(set, renamed);
        }
    }
}

/// A set that is one old address becomes the new one.
fn swap(set: &mut AddressSet, renamed: &BTreeMap<IpAddr, IpAddr>) {
    if set.len() == 1
        && let Some(new) = set.first().and_then(|old| renamed.get(&old))
    {
        *set = AddressSet::single(*new);
    }
}

/// The private address of whatever can move.
pub(super) fn address_of(network: &Network, id: &Id) -> Option<IpAddr> {
    let machine = network.instances.get(id).map(|it| it.ip);
    let machine = machine.or_else(|| network.classic_instances.get(id).map(|it| it.ip));
    let database = network.databases.get(id).map(|it| it.ip);
    let database = database.or_else(|| network.classic_databases.get(id).map(|it| it.ip));
    machine.or(database)
}
