//! What one step does to a network: each deed is done once, and what it comes to depends on what is there by then.

use std::collections::{BTreeMap, BTreeSet};

use super::beside;
use super::entity::{due, key, picked, turned};
use super::task::Task;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::between::{Part, Turned, differences, half_way};
use crate::model::{Change, Fragment, Kind as Sort, Listener, ListenerKey, Network, Target};

/// What kind of step it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What the goal has beside is made.
    Prepare,
    /// Rules admit old and new addresses for a time.
    Widen,
    /// Something that stays where it is becomes what it is in the goal.
    Change,
    /// Classic CVMs are linked, for a time or for good.
    Link,
    /// A VPC gets an address for something classic, for a time.
    Connect,
    /// A database moves.
    Database,
    /// A name leads elsewhere.
    Name,
    /// Machines move and restart.
    Machines,
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
    pub(super) work: Work,
    /// Whether the plan is not complete without it.
    pub(super) need: Need,
}

/// What a deed does.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// Makes entities of the goal.
    Create(Vec<Part>),
    /// Does this, whatever is there.
    Do(Vec<Change>),
    /// Makes an entity what it is in the goal.
    Turn(Sort, Id),
    /// Links those that are classic yet.
    Link(Id, Vec<Id>),
    /// Moves a database.
    Database(Id),
    /// Lets a name lead to somebody.
    Name(Id, Id),
}

/// Whether a plan needs a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// It is a part of the way.
    Must,
    /// It is done as soon as it can be; what is left is done at the end.
    Early,
    /// It is for a time: rules side by side.
    Beside,
    /// It is for a time: links.
    Linked,
    /// It is for a time: endpoint connections, and names that lead there.
    Connected,
}

/// Everything but machines and the last step.
pub(super) fn deeds(task: &Task) -> Vec<Deed> {
    let mut deeds = prepare(task);
    deeds.extend(beside::rules(task));
    deeds.extend(changes(task));
    deeds.extend(beside::links(task));
    deeds.extend(beside::connections(task));
    deeds.extend(task.databases.keys().map(|id| Deed {
        kind: Kind::Database,
        name: Words::new(
            format!("move {id} into {}", task.databases[id].subnet),
            format!("将 {id} 迁入 {}", task.databases[id].subnet),
        ),
        work: Work::Database(id.clone()),
        need: Need::Must,
    }));
    for (name, to) in &task.goal.names {
        if task.from.names.get(name).is_some_and(|now| now != to) {
            deeds.push(led(name, to, Need::Must));
        }
    }
    deeds
}

/// A name leads to somebody.
pub(super) fn led(name: &Id, to: &Id, need: Need) -> Deed {
    Deed {
        kind: Kind::Name,
        name: Words::new(format!("{name} leads to {to}"), format!("将 {name} 切换到 {to}")),
        work: Work::Name(name.clone(), to.clone()),
        need,
    }
}

/// What a deed comes to in a network.
pub(super) fn done(task: &Task, now: &Network, work: &Work) -> Vec<Change> {
    match work {
        Work::Create(parts) => created(task, now, parts),
        Work::Do(changes) => changes.clone(),
        Work::Turn(sort, id) => turned(task, now, *sort, id),
        Work::Link(vpc, instances) => {
            let linked = now.classic_links.get(vpc).into_iter().flatten();
            let linked: BTreeSet<&Id> = linked.map(|link| &link.instance).collect();
            let classic = instances
                .iter()
                .filter(|id| now.classic_instances.contains_key(*id) && !linked.contains(id));
            let instances: Vec<Id> = classic.cloned().collect();
            let vpc = vpc.clone();
            let change = Change::AttachClassicLinkVpc { vpc, instances };
            vec![change]
        }
        Work::Database(id) => database(task, now, id),
        Work::Name(name, to) => vec![Change::SwitchName { name: name.clone(), to: to.clone() }],
    }
}

/// What only the goal has: what carries packets by itself can come one by one if not all together.
fn prepare(task: &Task) -> Vec<Deed> {
    let is_new = |(part, turned): &(Part, Turned)| match part {
        Part::Entity(_, id) => {
            *turned == Turned::Added
                && !task.machines.contains_key(id)
                && !task.databases.contains_key(id)
        }
        Part::Links(_) | Part::Failure(_) | Part::Name(_) | Part::Platform => false,
    };
    let mut ground = Vec::new();
    let mut alone = Vec::new();
    for (part, _) in differences(&task.from, &task.goal).into_iter().filter(is_new) {
        match part {
            Part::Entity(
                Sort::Peering
                | Sort::Ccn
                | Sort::NatGateway
                | Sort::VpnGateway
                | Sort::DirectConnectGateway
                | Sort::EndpointConnection
                | Sort::EndpointService
                | Sort::VpcEndpoint
                | Sort::EdgeFirewall
                | Sort::Instance
                | Sort::InstanceGroup
                | Sort::Database,
                _,
            ) => alone.push(part),
            _ => ground.push(part),
        }
    }
    let deed = |name: Words, parts: Vec<Part>| Deed {
        kind: Kind::Prepare,
        name,
        work: Work::Create(parts),
        need: Need::Must,
    };
    let first = (!ground.is_empty()).then(|| deed(prepared(), ground));
    let rest = alone.into_iter().map(|part| {
        let id = match &part {
            Part::Entity(_, id) => id.to_string(),
            _ => String::new(),
        };
        deed(Words::new(format!("create {id}"), format!("创建 {id}")), vec![part])
    });
    first.into_iter().chain(rest).collect()
}

/// What the step is called in which everything new is made.
pub(super) fn prepared() -> Words {
    Words::new("prepare the new network", "准备新网络")
}

/// Entities of the goal as far as what they mention is there.
fn created(task: &Task, now: &Network, parts: &[Part]) -> Vec<Change> {
    let mut goal = due(task, now);
    goal.havips.change(
        |it| {
            let bound = it.bound_to.as_ref();
            bound.is_some_and(|id| task.is_waiting(now, id))
        },
        |it| it.bound_to = None,
    );
    let with = half_way(now, &goal, parts);
    let fragment = only_added(now, &with);
    if fragment.network == Network::default() {
        return Vec::new();
    }
    vec![Change::Create(Box::new(fragment))]
}

/// The entities that only the second network has.
pub(super) fn only_added(old: &Network, new: &Network) -> Fragment {
    let added = differences(old, new).into_iter();
    let added =
        added.filter(|(part, turned)| *turned == Turned::Added && matches!(part, Part::Entity(..)));
    picked(new, added.map(|(part, _)| part))
}

/// What stays where it is and differs: rules wait for the last step, since what they name is still on its way.
fn changes(task: &Task) -> Vec<Deed> {
    let differing = differences(&task.from, &task.goal).into_iter();
    let changed = differing.filter(|(_, turned)| *turned == Turned::Changed);
    let changed = changed.filter_map(|(part, _)| match part {
        Part::Entity(sort, id) => Some((sort, id)),
        Part::Links(_) | Part::Failure(_) | Part::Name(_) | Part::Platform => None,
    });
    let is_rule = |sort: &Sort| {
        matches!(sort, Sort::SecurityGroup | Sort::NetworkAcl | Sort::AddressTemplate)
    };
    let changed = changed.filter(|(sort, _)| !is_rule(sort));
    let stays = changed
        .filter(|(_, id)| !task.machines.contains_key(id) && !task.databases.contains_key(id));
    let stays = stays.filter(|(sort, id)| !turned(task, &task.from, *sort, id).is_empty());
    let deeds = stays.map(|(sort, id)| Deed {
        kind: Kind::Change,
        name: Words::new(format!("change {id}"), format!("修改 {id}")),
        work: Work::Turn(sort, id),
        need: Need::Early,
    });
    deeds.collect()
}

/// A database keeps its old address as long as its product can. A name that leads to an endpoint connection which ends with
/// the old address leads to the database from then on.
fn database(task: &Task, now: &Network, id: &Id) -> Vec<Change> {
    let place = &task.databases[id];
    let moved = task.goal.databases.get(id);
    let keeping = moved.and_then(|it| it.engine.keeping());
    let hours = keeping.map(|it| it.allowed.most());
    let mut changes = vec![Change::ModifyDBInstanceVipVport {
        database: id.clone(),
        vpc: place.vpc.clone(),
        subnet: place.subnet.clone(),
        ip: Some(place.ip),
        keep_old_hours: hours,
        security_groups: Some(place.security_groups.clone()),
    }];
    let ends = hours.unwrap_or(0) == 0;
    for (name, to) in now.names.iter().filter(|_| ends) {
        let connection = now.endpoint_connections.get(to);
        let goal = task.goal.names.get(name);
        if connection.is_some_and(|it| it.target == *id)
            && let Some(goal) = goal.filter(|goal| *goal != to)
        {
            changes.push(Change::SwitchName { name: name.clone(), to: goal.clone() });
        }
    }
    changes
}

/// The changes that move some machines: what binds them is taken off before, and put on again after as the goal has it.
pub(super) fn moving(task: &Task, now: &Network, ids: &[Id]) -> Vec<Change> {
    let mut changes = Vec::new();
    let own: BTreeSet<&Id> = ids.iter().collect();
    let old = now.load_balancers.iter().map(|(id, it)| (id, &it.listeners));
    let classic = now.classic_load_balancers.iter();
    let old = old.chain(classic.map(|(id, it)| (id, &it.listeners)));
    for (id, listeners) in old {
        each(id, listeners, &own, &mut |load_balancer, listener, targets| {
            changes.push(Change::DeregisterTargets { load_balancer, listener, targets });
        });
    }
    changes.extend(super::bound::taken_off(task, now, &own));
    let mut by_place: BTreeMap<(&Id, &Id, &[Id]), Vec<&Id>> = BTreeMap::new();
    for id in ids {
        if let Some(place) = task.machines.get(id) {
            // what is bound otherwise than before makes a request of its own
            let key = (&place.vpc, &place.subnet, &*place.security_groups);
            by_place.entry(key).or_default().push(id);
        }
    }
    for ((vpc, subnet, groups), ids) in by_place {
        changes.push(Change::ModifyInstancesVpcAttribute {
            instances: ids.iter().map(|id| (*id).clone()).collect(),
            vpc: vpc.clone(),
            subnet: subnet.clone(),
            ips: Some(ids.iter().map(|id| task.machines[*id].ip).collect()),
            security_groups: Some(groups.to_vec()),
        });
    }
    changes.extend(super::bound::put_on(task, now, &own));
    for (id, balancer) in &task.goal.load_balancers {
        if now.load_balancers.contains_key(id) {
            let listeners = &balancer.listeners;
            each(id, listeners, &own, &mut |load_balancer, listener, targets| {
                changes.push(Change::RegisterTargets { load_balancer, listener, targets });
            });
        }
    }
    changes
}

/// The targets of some machines, listener by listener.
fn each(
    id: &Id,
    listeners: &[Listener],
    ids: &BTreeSet<&Id>,
    see: &mut dyn FnMut(Id, ListenerKey, Vec<Target>),
) {
    for listener in listeners {
        let own = listener.targets.iter().filter(|target| ids.contains(&target.instance));
        let own: Vec<Target> = own.cloned().collect();
        if !own.is_empty() {
            see(id.clone(), key(listener), own);
        }
    }
}
