//! What is only for a time, and links of the goal, which can be made before: rules side by side, links, endpoint connections.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::deed::{Deed, Kind, Need, Work, led};
use super::task::{Task, address_of};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit::MOVED_AT_ONCE;
use crate::model::{
    AclRule, Change, EndpointConnection, Fragment, Meta, Network, Peer, SecurityGroupRule,
};
use crate::space::{Action, AddressSet};

/// A rule that names that many new addresses is not repeated for the old ones.
const MANY: usize = 20;

/// Rules of both ends side by side, until the last step; in a second deed, that takes the place of the first where links are
/// made, also old addresses where the goal names new ones.
pub(super) fn rules(task: &Task) -> Vec<Deed> {
    let plain = widened(task, &Renamed::default());
    let renamed = widened(task, &Renamed::of(task));
    let more = (renamed != plain).then_some((renamed, Need::Linked));
    let all = std::iter::once((plain, Need::Beside)).chain(more);
    let some = all.filter(|(changes, _)| !changes.is_empty());
    let deeds = some.map(|(changes, need)| Deed {
        kind: Kind::Widen,
        name: Words::new("admit old and new addresses", "同时放通新旧地址"),
        work: Work::Do(changes),
        need,
    });
    deeds.collect()
}

/// The old addresses of what moves, by the new ones.
#[derive(Default)]
struct Renamed(BTreeMap<IpAddr, IpAddr>);

impl Renamed {
    fn of(task: &Task) -> Self {
        let ids = task.machines.keys().chain(task.databases.keys());
        let both =
            ids.filter_map(|id| Some((address_of(&task.goal, id)?, address_of(&task.from, id)?)));
        Self(both.filter(|(new, old)| new != old).collect())
    }

    /// The old addresses of those that a set names only by their new ones.
    fn missing(&self, set: &AddressSet) -> Vec<IpAddr> {
        let named = self.0.iter().filter(|(new, _)| set.contains(**new));
        let old = named.map(|(_, old)| *old).filter(|old| !set.contains(*old));
        let old: Vec<IpAddr> = old.take(MANY + 1).collect();
        if old.len() > MANY { Vec::new() } else { old }
    }

    fn group(&self, rules: &[SecurityGroupRule]) -> Vec<SecurityGroupRule> {
        let all = rules.iter().flat_map(|rule| {
            let old = match &rule.peer {
                Peer::Addresses(set) if rule.action == Action::Accept => self.missing(set),
                _ => Vec::new(),
            };
            let more = old.into_iter().map(|old| SecurityGroupRule {
                peer: Peer::Addresses(AddressSet::single(old)),
                ..rule.clone()
            });
            std::iter::once(rule.clone()).chain(more).collect::<Vec<_>>()
        });
        all.collect()
    }

    fn acl(&self, rules: &[AclRule]) -> Vec<AclRule> {
        let old =
            |set: &Option<AddressSet>| set.as_ref().map_or_else(Vec::new, |it| self.missing(it));
        let all = rules.iter().flat_map(|rule| {
            let accepts = rule.action == Action::Accept;
            let sources = old(&rule.source)
                .into_iter()
                .map(|old| AclRule { source: Some(AddressSet::single(old)), ..rule.clone() });
            let destinations = old(&rule.destination)
                .into_iter()
                .map(|old| AclRule { destination: Some(AddressSet::single(old)), ..rule.clone() });
            let more = sources.chain(destinations).filter(move |_| accepts);
            std::iter::once(rule.clone()).chain(more).collect::<Vec<_>>()
        });
        all.collect()
    }
}

fn widened(task: &Task, renamed: &Renamed) -> Vec<Change> {
    fn both<T: Clone + PartialEq>(new: Vec<T>, old: &[T]) -> Vec<T> {
        let more: Vec<T> = old.iter().filter(|rule| !new.contains(rule)).cloned().collect();
        new.into_iter().chain(more).collect()
    }
    let mut changes = Vec::new();
    for (id, new) in &task.goal.security_groups {
        let old = task.from.security_groups.get(id).unwrap_or(new);
        let ingress = both(renamed.group(&new.ingress), &old.ingress);
        let egress = both(renamed.group(&new.egress), &old.egress);
        if (&ingress, &egress) != (&old.ingress, &old.egress) {
            changes.push(Change::ModifySecurityGroupPolicies {
                security_group: id.clone(),
                ingress: Some(ingress),
                egress: Some(egress),
            });
        }
    }
    for (id, new) in &task.goal.network_acls {
        let old = task.from.network_acls.get(id).unwrap_or(new);
        let ingress = both(renamed.acl(&new.ingress), &old.ingress);
        let egress = both(renamed.acl(&new.egress), &old.egress);
        if (&ingress, &egress) != (&old.ingress, &old.egress) {
            changes.push(Change::ModifyNetworkAclEntries {
                network_acl: id.clone(),
                ingress: Some(ingress),
                egress: Some(egress),
            });
        }
    }
    let mut templates = Fragment::default();
    for (id, new) in &task.goal.address_templates {
        let old = task.from.address_templates.get(id);
        if let Some(old) = old.filter(|old| *old != new) {
            let mut it = new.clone();
            it.addresses = both(new.addresses.clone(), &old.addresses);
            let section = &mut templates.network.address_templates;
            section.insert(id.clone(), it);
        }
    }
    if templates.network != Network::default() {
        changes.push(Change::Replace(Box::new(templates)));
    }
    changes
}

/// Links of the goal that can be made before, and links for a time of the classic CVMs that move into the VPC (CL-8, CL-9);
/// the cloud says if that cannot be.
pub(super) fn links(task: &Task) -> Vec<Deed> {
    let mut deeds = Vec::new();
    for (vpc, links) in &task.goal.classic_links {
        let before = task.from.classic_links.get(vpc).into_iter().flatten();
        let before: BTreeSet<&Id> = before.map(|link| &link.instance).collect();
        let new = links.iter().map(|link| &link.instance);
        let new: Vec<Id> = new.filter(|id| !before.contains(id)).cloned().collect();
        if !new.is_empty() {
            deeds.push(Deed {
                kind: Kind::Link,
                name: Words::new(
                    format!("link classic CVMs to {vpc}"),
                    format!("将基础网络云服务器与 {vpc} 互通"),
                ),
                work: Work::Link(vpc.clone(), new),
                need: Need::Early,
            });
        }
    }
    let mut by_vpc: BTreeMap<&Id, Vec<Id>> = BTreeMap::new();
    let classic =
        task.machines.iter().filter(|(id, _)| task.from.classic_instances.contains_key(*id));
    for (id, place) in classic.filter(|(id, _)| task.from.live_link(id).is_none()) {
        by_vpc.entry(&place.vpc).or_default().push(id.clone());
    }
    for (vpc, instances) in by_vpc {
        let several = instances.len() > MOVED_AT_ONCE.most;
        for (at, some) in instances.chunks(MOVED_AT_ONCE.most).enumerate() {
            let part = if several { format!(" ({})", at + 1) } else { String::new() };
            deeds.push(Deed {
                kind: Kind::Link,
                name: Words::new(
                    format!("link classic CVMs to {vpc} for a time{part}"),
                    format!("临时将基础网络云服务器与 {vpc} 互通{part}"),
                ),
                work: Work::Link(vpc.clone(), some.to_vec()),
                need: Need::Linked,
            });
        }
    }
    deeds
}

/// For each name of a classic database or load balancer, an address in the VPC that its clients move into: those that have
/// moved reach it there (EP-1).
pub(super) fn connections(task: &Task) -> Vec<Deed> {
    let mut deeds = Vec::new();
    let vpcs: BTreeSet<(&Id, &Id)> =
        task.machines.values().map(|place| (&place.vpc, &place.subnet)).collect();
    for (name, to) in &task.from.names {
        let is_classic = task.from.classic_databases.contains_key(to)
            || task.from.classic_load_balancers.contains_key(to);
        if !is_classic {
            continue;
        }
        let mut seen = BTreeSet::new();
        for (vpc, subnet) in vpcs.iter().filter(|(vpc, _)| seen.insert(*vpc)) {
            let id = Id::from(format!("epc-{to}-{vpc}"));
            let taken = |network: &Network| network.kind_of(id.as_str()).is_some();
            let vip = task.free_address(subnet, deeds.len());
            let Some(vip) = vip.filter(|_| !taken(&task.from) && !taken(&task.goal)) else {
                continue;
            };
            let mut fragment = Fragment::default();
            let connection = EndpointConnection {
                meta: Meta::default(),
                vpc: (*vpc).clone(),
                vip,
                target: to.clone(),
            };
            let section = &mut fragment.network.endpoint_connections;
            section.insert(id.clone(), connection);
            deeds.push(Deed {
                kind: Kind::Connect,
                name: Words::new(
                    format!("connect {vpc} to {to} for a time"),
                    format!("临时建立 {vpc} 到 {to} 的终端连接"),
                ),
                work: Work::Do(vec![Change::Create(Box::new(fragment))]),
                need: Need::Connected,
            });
            deeds.push(led(name, &id, Need::Connected));
        }
    }
    deeds
}
