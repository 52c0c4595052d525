//! What one step does to a network.

use std::collections::BTreeMap;

use super::task::{Place, Task};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::between::{Part, Turned, differences, half_way, put};
use crate::model::{
    AclRule, Change, Fragment, Listener, ListenerKey, Network, Protocols, SecurityGroupRule, Target,
};

/// What kind of step it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What the goal has beside is made.
    Prepare,
    /// Rules admit old and new addresses for a time.
    Widen,
    /// A database moves.
    Database,
    /// A name leads elsewhere.
    Name,
    /// Machines move and restart.
    Machines,
    /// Classic CVMs are linked for a time.
    Link,
    /// What is old or was only for a time ends.
    Finish,
}

/// A step that may be taken.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    /// What kind it is.
    pub(super) kind: Kind,
    /// Its name.
    pub(super) name: Words,
    /// What it does.
    pub(super) changes: Vec<Change>,
    /// Whether the plan is not complete without it.
    pub(super) need: Need,
}

/// Whether a plan needs a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Must,
    May,
}

/// Everything but machines and the last step: what can be done once.
pub(super) fn deeds(task: &Task) -> Vec<Deed> {
    let mut deeds = Vec::new();
    deeds.extend(prepare(task));
    deeds.extend(widen(task));
    deeds.extend(
        task.databases
            .iter()
            .map(|(id, place)| database(task, id, place)),
    );
    for (name, to) in &task.goal.names {
        if task.from.names.get(name).is_some_and(|now| now != to) {
            deeds.push(Deed {
                kind: Kind::Name,
                name: Words::new(
                    format!("{name} leads to {to}"),
                    format!("将 {name} 切换到 {to}"),
                ),
                changes: vec![Change::SwitchName {
                    name: name.clone(),
                    to: to.clone(),
                }],
                need: Need::Must,
            });
        }
    }
    deeds.extend(links(task));
    deeds
}

/// What only the goal has and what needs nothing that has yet to move.
fn prepare(task: &Task) -> Option<Deed> {
    let is_new = |(part, turned): &(Part, Turned)| match part {
        Part::Entity(_, id) => {
            *turned == Turned::Added
                && !task.machines.contains_key(id)
                && !task.databases.contains_key(id)
        }
        Part::Links(_) | Part::Failure(_) | Part::Name(_) | Part::Platform => false,
    };
    let mut goal = task.goal.clone();
    for balancer in goal.load_balancers.values_mut() {
        for listener in &mut balancer.listeners {
            listener
                .targets
                .retain(|target| task.from.instances.contains_key(&target.instance));
            listener
                .targets
                .retain(|target| !task.machines.contains_key(&target.instance));
        }
    }
    for havip in goal.havips.values_mut() {
        havip.bound_to = None;
    }
    let new: Vec<Part> = differences(&task.from, &goal)
        .into_iter()
        .filter(is_new)
        .map(|(part, _)| part)
        .collect();
    let with = half_way(&task.from, &goal, &new);
    let fragment = only_added(&task.from, &with);
    (fragment.network != Network::default()).then(|| Deed {
        kind: Kind::Prepare,
        name: Words::new("prepare the new network", "准备新网络"),
        changes: vec![Change::Create(Box::new(fragment))],
        need: Need::Must,
    })
}

/// The entities that only the second network has.
pub(super) fn only_added(old: &Network, new: &Network) -> Fragment {
    let added = differences(old, new).into_iter();
    let added =
        added.filter(|(part, turned)| *turned == Turned::Added && matches!(part, Part::Entity(..)));
    picked(new, added.map(|(part, _)| part))
}

/// Some entities of a network.
pub(super) fn picked(network: &Network, parts: impl IntoIterator<Item = Part>) -> Fragment {
    let mut fragment = Fragment::default();
    for part in parts {
        put(&mut fragment.network, network, &part);
    }
    fragment
}

/// Rules of both ends side by side, until the last step.
fn widen(task: &Task) -> Option<Deed> {
    let mut changes = Vec::new();
    for (id, new) in &task.goal.security_groups {
        let Some(old) = task.from.security_groups.get(id).filter(|old| *old != new) else {
            continue;
        };
        let both = |new: &[SecurityGroupRule], old: &[SecurityGroupRule]| {
            let more = old.iter().filter(|rule| !new.contains(rule));
            Some(new.iter().chain(more).cloned().collect())
        };
        changes.push(Change::ModifySecurityGroupPolicies {
            security_group: id.clone(),
            ingress: both(&new.ingress, &old.ingress),
            egress: both(&new.egress, &old.egress),
        });
    }
    for (id, new) in &task.goal.network_acls {
        let Some(old) = task.from.network_acls.get(id).filter(|old| *old != new) else {
            continue;
        };
        let both = |new: &[AclRule], old: &[AclRule]| {
            let more = old.iter().filter(|rule| !new.contains(rule));
            Some(new.iter().chain(more).cloned().collect())
        };
        changes.push(Change::ModifyNetworkAclEntries {
            network_acl: id.clone(),
            ingress: both(&new.ingress, &old.ingress),
            egress: both(&new.egress, &old.egress),
        });
    }
    (!changes.is_empty()).then(|| Deed {
        kind: Kind::Widen,
        name: Words::new("admit old and new addresses", "同时放通新旧地址"),
        changes,
        need: Need::May,
    })
}

/// A database keeps its old address as long as its product can.
fn database(task: &Task, id: &Id, place: &Place) -> Deed {
    let moved = task.goal.databases.get(id);
    let keeping = moved.and_then(|it| it.engine.keeping());
    let change = Change::ModifyDBInstanceVipVport {
        database: id.clone(),
        vpc: place.vpc.clone(),
        subnet: place.subnet.clone(),
        ip: Some(place.ip),
        keep_old_hours: keeping.map(|it| it.allowed.most()),
        security_groups: Some(place.security_groups.clone()),
    };
    Deed {
        kind: Kind::Database,
        name: Words::new(
            format!("move {id} into {}", place.subnet),
            format!("将 {id} 迁入 {}", place.subnet),
        ),
        changes: vec![change],
        need: Need::Must,
    }
}

/// The classic CVMs that move are linked to the VPC that they move into (CL-8, CL-9); the cloud says if that cannot be.
fn links(task: &Task) -> Vec<Deed> {
    let mut by_vpc: BTreeMap<&Id, Vec<Id>> = BTreeMap::new();
    let classic = task
        .machines
        .iter()
        .filter(|(id, _)| task.from.classic_instances.contains_key(*id));
    for (id, place) in classic.filter(|(id, _)| task.from.live_link(id).is_none()) {
        by_vpc.entry(&place.vpc).or_default().push(id.clone());
    }
    let deeds = by_vpc.into_iter().map(|(vpc, instances)| Deed {
        kind: Kind::Link,
        name: Words::new(
            format!("link classic CVMs to {vpc} for a time"),
            format!("临时将基础网络云服务器与 {vpc} 互通"),
        ),
        changes: vec![Change::AttachClassicLinkVpc {
            vpc: vpc.clone(),
            instances,
        }],
        need: Need::May,
    });
    deeds.collect()
}

/// The changes that move some machines: taken off their load balancers before, put behind those of the goal after.
pub(super) fn moving(task: &Task, now: &Network, ids: &[Id]) -> Vec<Change> {
    let mut changes = Vec::new();
    let old = now
        .load_balancers
        .iter()
        .map(|(id, it)| (id, &it.listeners));
    let classic = now.classic_load_balancers.iter();
    let old = old.chain(classic.map(|(id, it)| (id, &it.listeners)));
    for (id, listeners) in old {
        each(
            id,
            listeners,
            ids,
            &mut |load_balancer, listener, targets| {
                changes.push(Change::DeregisterTargets {
                    load_balancer,
                    listener,
                    targets,
                });
            },
        );
    }
    let mut by_subnet: BTreeMap<(&Id, &Id), Vec<&Id>> = BTreeMap::new();
    for id in ids {
        if let Some(place) = task.machines.get(id) {
            by_subnet
                .entry((&place.vpc, &place.subnet))
                .or_default()
                .push(id);
        }
    }
    for ((vpc, subnet), ids) in by_subnet {
        // what is bound otherwise than before makes a group of its own
        let mut by_groups: BTreeMap<&[Id], Vec<&Id>> = BTreeMap::new();
        for id in ids {
            by_groups
                .entry(&task.machines[id].security_groups)
                .or_default()
                .push(id);
        }
        for (groups, ids) in by_groups {
            changes.push(Change::ModifyInstancesVpcAttribute {
                instances: ids.iter().map(|id| (*id).clone()).collect(),
                vpc: vpc.clone(),
                subnet: subnet.clone(),
                ips: Some(ids.iter().map(|id| task.machines[*id].ip).collect()),
                security_groups: Some(groups.to_vec()),
            });
        }
    }
    for (id, balancer) in &task.goal.load_balancers {
        if now.load_balancers.contains_key(id) {
            each(
                id,
                &balancer.listeners,
                ids,
                &mut |load_balancer, listener, targets| {
                    changes.push(Change::RegisterTargets {
                        load_balancer,
                        listener,
                        targets,
                    });
                },
            );
        }
    }
    changes
}

/// The targets of some machines, listener by listener.
fn each(
    id: &Id,
    listeners: &[Listener],
    ids: &[Id],
    see: &mut dyn FnMut(Id, ListenerKey, Vec<Target>),
) {
    for listener in listeners {
        let own = listener
            .targets
            .iter()
            .filter(|target| ids.contains(&target.instance));
        let own: Vec<Target> = own.cloned().collect();
        if !own.is_empty() {
            let key = ListenerKey {
                protocols: Protocols::One(listener.protocol.transport()),
                ports: listener.ports.clone(),
            };
            see(id.clone(), key, own);
        }
    }
}
