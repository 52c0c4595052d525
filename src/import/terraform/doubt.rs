//! What may hang on an address that was made up.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Import;
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::model::Network;
use crate::space::AddressSet;

impl Import<'_> {
    /// Warns where a rule, route, policy or template holds some addresses of a subnet and not others, and an address
    /// of that subnet is a stand-in: the verdict may hang on it.
    pub(super) fn split_subnets(&mut self) {
        let splitters = splitters(&self.draft.document.fragment.network);
        let made_up = self.places.made_up.iter();
        let made_up = made_up.filter(|(index, _)| self.placed.contains_key(index));
        let made_up = made_up.map(|(index, address)| (*index, self.id(*index), *address));
        let grown = self.grown.iter();
        let grown = grown.map(|it| (it.resource, it.group.clone(), it.address));
        let made_up: Vec<(usize, Id, IpAddr)> = made_up.chain(grown).collect();
        for (index, id, address) in made_up {
            let network = &self.draft.document.fragment.network;
            let subnets = network.subnets.iter();
            let mut subnets = subnets.filter(|(_, subnet)| subnet.covers(address));
            let Some((subnet, cidr)) = subnets.next().map(|(id, it)| (id.clone(), it.cidr)) else {
                continue;
            };
            let all = AddressSet::from(cidr);
            for (splitter, set) in &splitters {
                let common = set.intersection(&all);
                if common.is_empty() || all.is_subset(set) {
                    continue;
                }
                let (english, chinese) = (splitter.english(), splitter.chinese());
                let why = words!(
                    "{english} holds only a part of {subnet}, so what it does may hang on the stand-in address {address}",
                    "{chinese} 只包含 {subnet} 的一部分，其作用可能取决于占位地址 {address}"
                );
                self.doubt(index, &Spot::Entity(id.clone()), why);
            }
        }
    }
}

/// Everything that tells addresses apart, with what it is.
fn splitters(network: &Network) -> Vec<(Words, AddressSet)> {
    let mut sets: Vec<(Words, AddressSet)> = Vec::new();
    let rule_of = |id: &Id| words!("a rule of {id}", "{id} 的规则");
    for (id, group) in &network.security_groups {
        for rule in group.ingress.iter().chain(&group.egress) {
            if let Some(set) = rule.peer.addresses() {
                sets.push((rule_of(id), set));
            }
        }
    }
    for (id, acl) in &network.network_acls {
        for rule in acl.ingress.iter().chain(&acl.egress) {
            let both = rule.source.iter().chain(&rule.destination);
            sets.extend(both.map(|set| (rule_of(id), set.clone())));
        }
    }
    for (id, template) in &network.address_templates {
        let all = AddressSet::union_all(template.addresses.iter().cloned());
        sets.push((words!("the template {id}", "模板 {id}"), all));
    }
    let mut cidr = |what: Words, cidr: IpNet| sets.push((what, AddressSet::from(cidr)));
    for (id, table) in &network.route_tables {
        for route in &table.routes {
            cidr(words!("a route of {id}", "{id} 的路由"), route.to);
        }
    }
    for (id, gateway) in &network.vpn_gateways {
        for policy in gateway.connections.iter().flat_map(|it| &it.policies) {
            cidr(words!("a policy of {id}", "{id} 的策略"), policy.local);
        }
    }
    sets
}
