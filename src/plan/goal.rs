//! Where `--move` ends: whoever is chosen is in the subnet, what was bound is bound again, and everything else stays.
//!
//! A load balancer that cannot follow its targets is made anew in the VPC, and names lead there (MIG-9).

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::task::{Choice, Keep, Task, address_of, free_addresses};
use crate::diagnostic::Words;
use crate::fabric::Fabric;
use crate::id::Id;
use crate::limit::MOVED_AT_ONCE;
use crate::model::{
    Change, Kind, Listener, LoadBalancer, LoadBalancerNetwork, Network, NextHop, Peer, SnatSource,
    apply,
};
use crate::space::AddressSet;
use crate::verify::{Side, endpoint_of, select};

impl Task {
    /// What leads whoever is chosen into a subnet: everything else stays, and rules that name old addresses name the new ones.
    ///
    /// # Errors
    ///
    /// With what the cloud does not allow.
    pub fn moving(from: Network, choice: &Choice) -> Result<Self, Words> {
        let into = &choice.into;
        let Some(vpc) = from.vpc_of_subnet(into.as_str()).cloned() else {
            return Err(Words::new(
                format!("there is no subnet `{into}`"),
                format!("没有子网 `{into}`"),
            ));
        };
        let chosen = Chosen::of(&from, choice);
        let end = End {
            from: &from,
            goal: from.clone(),
            chosen: &chosen,
            vpc,
            into: into.clone(),
            keep: choice.keep,
        };
        let goal = end.reached()?;
        let stays = chosen.others.into_iter().collect();
        Ok(Self { stays, ..Self::between(from, goal) })
    }
}

/// Who moves.
struct Chosen {
    machines: BTreeSet<Id>,
    databases: BTreeSet<Id>,
    balancers: BTreeSet<Id>,
    /// What has no action to move it.
    others: BTreeSet<Id>,
}

impl Chosen {
    fn of(from: &Network, choice: &Choice) -> Self {
        let fabric = Fabric::new(Arc::new(from.clone()));
        let chosen = select(&fabric, &choice.who, Side::To);
        let ids = chosen.ends().filter_map(|(party, ..)| endpoint_of(&fabric, party).id().cloned());
        let ids: BTreeSet<Id> = ids.collect();
        let some =
            |is_one: &dyn Fn(&Id) -> bool| ids.iter().filter(|id| is_one(id)).cloned().collect();
        let is_movable = |id: &Id| {
            matches!(
                from.kind_of(id.as_str()),
                Some(
                    Kind::Instance
                        | Kind::ClassicInstance
                        | Kind::Database
                        | Kind::ClassicDatabase
                        | Kind::LoadBalancer
                        | Kind::ClassicLoadBalancer
                        // goes with its machine
                        | Kind::NetworkInterface
                )
            )
        };
        Self {
            others: some(&|id| !is_movable(id)),
            machines: some(&|id| {
                from.instances.contains_key(id) || from.classic_instances.contains_key(id)
            }),
            databases: some(&|id| {
                from.databases.contains_key(id) || from.classic_databases.contains_key(id)
            }),
            balancers: some(&|id| {
                from.load_balancers.contains_key(id) || from.classic_load_balancers.contains_key(id)
            }),
        }
    }
}

/// The goal while it is made.
struct End<'a> {
    from: &'a Network,
    goal: Network,
    chosen: &'a Chosen,
    vpc: Id,
    into: Id,
    keep: Keep,
}

impl End<'_> {
    fn reached(mut self) -> Result<Network, Words> {
        let machines: Vec<Id> = self.chosen.machines.iter().cloned().collect();
        self.unbind();
        for ids in machines.chunks(MOVED_AT_ONCE.most) {
            let ips = ids.iter().map(|id| address_of(self.from, id));
            let ips: Option<Vec<IpAddr>> = ips.collect();
            self.does(&Change::ModifyInstancesVpcAttribute {
                instances: ids.to_vec(),
                vpc: self.vpc.clone(),
                subnet: self.into.clone(),
                ips: ips.filter(|_| self.keep == Keep::Addresses),
                security_groups: None,
            })?;
        }
        for id in &self.chosen.databases {
            let ip = address_of(self.from, id).filter(|_| self.keep == Keep::Addresses);
            self.does(&Change::ModifyDBInstanceVipVport {
                database: id.clone(),
                vpc: self.vpc.clone(),
                subnet: self.into.clone(),
                ip,
                keep_old_hours: None,
                security_groups: None,
            })?;
            if let Some(database) = self.goal.databases.get_mut(id) {
                database.old_vips.clear();
            }
        }
        self.bind_again();
        self.balance();
        self.end_connections();
        self.rename_rules();
        Ok(self.goal)
    }

    fn does(&mut self, change: &Change) -> Result<(), Words> {
        self.goal = apply(&self.goal, change).map_err(|refusal| refusal.message)?;
        Ok(())
    }

    fn leaves(&self, id: &Id) -> bool {
        self.from.vpc_of(id.as_str()) != Some(&self.vpc)
    }

    /// MIG-5: nothing binds the machines that move.
    fn unbind(&mut self) {
        let ids = &self.chosen.machines;
        let goal = &mut self.goal;
        let drop = |listeners: &mut Vec<Listener>| {
            let all = listeners.iter_mut();
            all.for_each(|it| it.targets.retain(|target| !ids.contains(&target.instance)));
        };
        goal.load_balancers.values_mut().for_each(|it| drop(&mut it.listeners));
        goal.classic_load_balancers.values_mut().for_each(|it| drop(&mut it.listeners));
        for id in ids {
            if let Some(it) = goal.instances.get_mut(id) {
                it.secondary_ips.clear();
                it.ipv6 = None;
            }
        }
        goal.network_interfaces.retain(|_, it| !ids.contains(&it.instance));
        for havip in goal.havips.values_mut() {
            havip.bound_to.take_if(|id| ids.contains(id));
        }
        let from = self.from;
        let vpc = &self.vpc;
        let leaves = |id: &Id| ids.contains(id) && from.vpc_of(id.as_str()) != Some(vpc);
        for table in goal.route_tables.values_mut() {
            table.routes.retain(|route| {
                !matches!(&route.via, NextHop::Instance(id) | NextHop::PublicGateway(id) if leaves(id))
            });
        }
        for nat in goal.nat_gateways.values_mut() {
            nat.snat.retain(|rule| !matches!(&rule.from, SnatSource::Instance(id) if leaves(id)));
        }
    }

    /// Interfaces, further addresses and HAVIPs as before; where the VPC is another, with addresses of the subnet.
    fn bind_again(&mut self) {
        for (id, old) in &self.from.instances {
            if !self.chosen.machines.contains(id) || old.secondary_ips.is_empty() {
                continue;
            }
            let same = old.subnet == self.into;
            let free = self.free(old.secondary_ips.len());
            if let Some(it) = self.goal.instances.get_mut(id) {
                it.secondary_ips = if same { old.secondary_ips.clone() } else { free };
            }
        }
        for (id, old) in &self.from.network_interfaces {
            if !self.chosen.machines.contains(&old.instance) {
                continue;
            }
            let mut it = old.clone();
            if self.leaves(&old.instance) {
                let mut free = self.free(1 + old.secondary_ips.len()).into_iter();
                let Some(ip) = free.next() else { continue };
                (it.subnet, it.ip, it.secondary_ips) = (self.into.clone(), ip, free.collect());
            }
            self.goal.network_interfaces.insert(id.clone(), it);
        }
        for (id, old) in &self.from.havips {
            let bound = old.bound_to.as_ref();
            if let Some(to) = bound.filter(|to| self.chosen.machines.contains(*to))
                && !self.leaves(to)
                && let Some(it) = self.goal.havips.get_mut(id)
            {
                it.bound_to = Some(to.clone());
            }
        }
    }

    fn free(&self, count: usize) -> Vec<IpAddr> {
        let cidr = self.from.subnets.get(&self.into).map(|it| it.cidr);
        let free = cidr.map(|cidr| free_addresses(&[&self.goal, self.from], &self.vpc, cidr));
        free.into_iter().flatten().take(count).collect()
    }

    /// MIG-9: targets go behind the load balancer where they were, or behind a new one if it stays in another network.
    fn balance(&mut self) {
        let own: Vec<(Id, LoadBalancer)> =
            (self.from.load_balancers.iter()).map(|(id, it)| (id.clone(), it.clone())).collect();
        for (id, old) in own {
            let chosen = self.chosen.balancers.contains(&id);
            let here = self.from.vpc_of_balancer(&old) == Some(&self.vpc);
            if here && !chosen {
                self.goal.load_balancers.insert(id, old);
                continue;
            }
            let network = match old.network {
                LoadBalancerNetwork::Internal { .. } => self.internal(),
                LoadBalancerNetwork::Public { .. } => self.public(),
            };
            if let Some(network) = network.filter(|_| chosen || self.follows(&old.listeners)) {
                self.replace(&id, LoadBalancer { network, ..old });
            }
        }
        let classic: Vec<_> = (self.from.classic_load_balancers.iter())
            .map(|(id, it)| (id.clone(), it.clone()))
            .collect();
        for (id, old) in classic {
            let network = if old.public { self.public() } else { self.internal() };
            let follows = self.chosen.balancers.contains(&id) || self.follows(&old.listeners);
            if let Some(network) = network.filter(|_| follows) {
                let new = LoadBalancer {
                    meta: old.meta,
                    network,
                    security_groups: Vec::new(),
                    pass_to_target: false,
                    listeners: old.listeners,
                };
                self.replace(&id, new);
            }
        }
    }

    /// Whether every target of a load balancer moves, and there is one.
    fn follows(&self, listeners: &[Listener]) -> bool {
        let targets: Vec<_> = listeners.iter().flat_map(|it| &it.targets).collect();
        let mut all = targets.iter();
        !targets.is_empty() && all.all(|it| self.chosen.machines.contains(&it.instance))
    }

    fn internal(&self) -> Option<LoadBalancerNetwork> {
        Some(LoadBalancerNetwork::Internal {
            subnet: self.into.clone(),
            vip: *self.free(1).first()?,
            eip: None,
        })
    }

    /// Which public address the cloud gives is not known before: one of those that documents may use stands for it.
    fn public(&self) -> Option<LoadBalancerNetwork> {
        let owned = self.goal.owned_addresses();
        let blocks = [[203, 0, 113], [198, 51, 100], [192, 0, 2]];
        let mut all = blocks
            .into_iter()
            .flat_map(|[a, b, c]| (1..=254).map(move |d| IpAddr::V4(Ipv4Addr::new(a, b, c, d))));
        let vip = all.find(|at| !owned.iter().any(|one| one.has(*at)))?;
        let vpc = self.vpc.clone();
        Some(LoadBalancerNetwork::Public { vpc, vip })
    }

    /// A new load balancer stands for an old one, and names lead there.
    fn replace(&mut self, id: &Id, new: LoadBalancer) {
        let mut new_id = Id::from(format!("{id}-new"));
        while self.goal.kind_of(new_id.as_str()).is_some() {
            new_id = Id::from(format!("{new_id}-new"));
        }
        let moved = |target: &Id| {
            let it = self.goal.instances.get(target)?;
            self.goal.vpc_of_subnet(it.subnet.as_str())
        };
        let mut new = new;
        for listener in &mut new.listeners {
            let stays = |target: &Id| moved(target) == Some(&self.vpc);
            listener.targets.retain(|it| stays(&it.instance));
        }
        self.goal.load_balancers.insert(new_id.clone(), new);
        for to in self.goal.names.values_mut() {
            if to == id {
                *to = new_id.clone();
            }
        }
        self.goal.load_balancers.shift_remove(id);
        self.goal.classic_load_balancers.shift_remove(id);
        let gone = |target: &Id| target == id;
        self.goal.endpoint_connections.forget(|_, it| gone(&it.target));
    }

    /// MIG-8: endpoint connections end with what they lead to; names that led there lead to it itself.
    fn end_connections(&mut self) {
        let ended: BTreeMap<Id, Id> = (self.goal.endpoint_connections.iter())
            .filter(|(_, it)| self.chosen.databases.contains(&it.target))
            .map(|(id, it)| (id.clone(), it.target.clone()))
            .collect();
        self.goal.endpoint_connections.forget(|id, _| ended.contains_key(id));
        for (name, to) in &self.from.names {
            let target = ended.get(to).cloned().or_else(|| self.replaced(to));
            if let Some(target) = target {
                self.goal.names.insert(name.clone(), target);
            }
        }
    }

    /// What stands for the target of an endpoint connection that went with its load balancer.
    fn replaced(&self, connection: &Id) -> Option<Id> {
        let it = self.from.endpoint_connections.get(connection)?;
        let gone = !self.goal.endpoint_connections.contains_key(connection);
        let new = Id::from(format!("{}-new", it.target));
        (gone && self.goal.load_balancers.contains_key(&new)).then_some(new)
    }

    /// Rules and templates name the new addresses.
    fn rename_rules(&mut self) {
        let ids = self.chosen.machines.iter().chain(&self.chosen.databases);
        let both =
            ids.filter_map(|id| Some((address_of(self.from, id)?, address_of(&self.goal, id)?)));
        let renamed: BTreeMap<IpAddr, IpAddr> = both.filter(|(old, new)| old != new).collect();
        let swap = |set: &mut AddressSet| {
            let old = set.first().filter(|_| set.len() == 1);
            if let Some(new) = old.and_then(|old| renamed.get(&old)) {
                *set = AddressSet::single(*new);
            }
        };
        for group in self.goal.security_groups.values_mut() {
            for rule in group.ingress.iter_mut().chain(&mut group.egress) {
                if let Peer::Addresses(set) = &mut rule.peer {
                    swap(set);
                }
            }
        }
        for acl in self.goal.network_acls.values_mut() {
            for rule in acl.ingress.iter_mut().chain(&mut acl.egress) {
                rule.source.iter_mut().chain(&mut rule.destination).for_each(swap);
            }
        }
        let templates = self.goal.address_templates.values_mut();
        templates.for_each(|it| it.addresses.iter_mut().for_each(swap));
    }
}
