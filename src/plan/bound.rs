//! What binds a machine beside load balancers (MIG-5): network interfaces, further addresses, HAVIPs, routes and SNAT rules.

use std::collections::BTreeSet;

use super::task::Task;
use crate::id::Id;
use crate::model::{
    Change, Fragment, HaVip, Instance, NatGateway, Network, NextHop, RouteName, RouteTable,
    SnatSource,
};

/// What takes off whatever binds some machines: routes and SNAT rules only stand in the way of leaving the VPC.
pub(super) fn taken_off(task: &Task, now: &Network, ids: &BTreeSet<&Id>) -> Vec<Change> {
    let leaves = |id: &Id| {
        let place = task.machines.get(id).filter(|_| ids.contains(id));
        place.is_some_and(|it| now.vpc_of(id.as_str()) != Some(&it.vpc))
    };
    let mut bare = Fragment::default();
    for id in ids {
        if let Some(it) = now.instances.get(*id)
            && (!it.secondary_ips.is_empty() || it.ipv6.is_some())
        {
            let (secondary_ips, ipv6) = (Vec::new(), None);
            let it = it.clone();
            let it = Instance { secondary_ips, ipv6, ..it };
            bare.network.instances.insert((*id).clone(), it);
        }
    }
    for (id, it) in &now.havips {
        if it.bound_to.as_ref().is_some_and(|to| ids.contains(to)) {
            let bound_to = None;
            let it = HaVip { bound_to, ..it.clone() };
            bare.network.havips.insert(id.clone(), it);
        }
    }
    let is_own = |from: &SnatSource| matches!(from, SnatSource::Instance(id) if leaves(id));
    for (id, it) in &now.nat_gateways {
        if it.snat.iter().any(|rule| is_own(&rule.from)) {
            let rules = it.snat.iter().filter(|rule| !is_own(&rule.from));
            let snat = rules.cloned().collect();
            let it = NatGateway { snat, ..it.clone() };
            bare.network.nat_gateways.insert(id.clone(), it);
        }
    }
    let mut changes = Vec::new();
    if bare.network != Network::default() {
        changes.push(Change::Replace(Box::new(bare)));
    }
    for (id, table) in &now.route_tables {
        let leads = |via: &NextHop| matches!(via, NextHop::Instance(hop) | NextHop::PublicGateway(hop) if leaves(hop));
        let own = table.routes.iter().filter(|route| leads(&route.via));
        let to: Vec<RouteName> = own.map(|route| RouteTable::name_of(table, route)).collect();
        if !to.is_empty() {
            changes.push(Change::DeleteRoutes { route_table: id.clone(), to });
        }
    }
    let interfaces = now.network_interfaces.iter();
    let own = interfaces.filter(|(_, it)| ids.contains(&it.instance));
    let own: Vec<Id> = own.map(|(id, _)| id.clone()).collect();
    if !own.is_empty() {
        changes.push(Change::Delete(own));
    }
    changes
}

/// What puts on again what the goal has; routes and SNAT rules come when their table and gateway do.
pub(super) fn put_on(task: &Task, now: &Network, ids: &BTreeSet<&Id>) -> Vec<Change> {
    let mut new = Fragment::default();
    let goal = &task.goal;
    for (id, it) in &goal.network_interfaces {
        if ids.contains(&it.instance) {
            new.network.network_interfaces.insert(id.clone(), it.clone());
        }
    }
    let mut whole = Fragment::default();
    for id in ids {
        if let Some(it) = goal.instances.get(*id)
            && (!it.secondary_ips.is_empty() || it.ipv6.is_some())
        {
            whole.network.instances.insert((*id).clone(), it.clone());
        }
    }
    for (id, it) in &goal.havips {
        let is_own = it.bound_to.as_ref().is_some_and(|to| ids.contains(to));
        if is_own && now.havips.contains_key(id) {
            whole.network.havips.insert(id.clone(), it.clone());
        }
    }
    let is_some = |fragment: &Fragment| fragment.network != Network::default();
    let made = is_some(&new).then(|| Change::Create(Box::new(new)));
    let replaced = is_some(&whole).then(|| Change::Replace(Box::new(whole)));
    made.into_iter().chain(replaced).collect()
}
