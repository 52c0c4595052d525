//! The classic network and `ClassicLink` 基础网络互通 (CN-1..9, CL-1..27).
//!
//! Who may meet whom at all is settled before any packet moves ([`super::meeting`]); these stages carry the packets of
//! those who may.

use std::collections::BTreeSet;
use std::sync::Arc;

use petgraph::graph::NodeIndex;

use super::hosts::position;
use super::resident::ResidentIx;
use super::stage::{Device, Hop, Rule, StageKind, Then, Translation};
use super::{Builder, between, go, rule, stop, to};
use crate::code::Code;
use crate::id::Id;
use crate::model::{Endpoint, Network};
use crate::query::{Cause, Facts, Waypoint};
use crate::space::{AddressSet, Match, Rewrite};

impl Builder<'_> {
    /// The classic network, the links into it, and each classic CVM's way out.
    pub(super) fn classic(&mut self) {
        let network = self.network;
        let machines = network.classic_instances.values().map(|it| &it.region);
        let databases = network.classic_databases.values().map(|it| &it.region);
        let balancers = network.classic_load_balancers.values();
        let regions = machines.chain(databases);
        let regions = regions.chain(balancers.map(|it| &it.region));
        let mut regions: BTreeSet<&str> = regions.map(String::as_str).collect();
        let old = network.databases.iter();
        let old = old.filter(|(_, it)| it.is_still_classic());
        regions.extend(old.filter_map(|(id, _)| network.region_of(id.as_str())));
        for region in regions {
            let region = Id::from(region);
            let stage = self.stage(StageKind::Classic, None, &["CN-1", "CN-2", "CN-3"]);
            self.decide(stage, Vec::new(), Then::DeliverClassic(region.clone()));
            self.nodes.classic.insert(region, stage);
        }
        for (vpc, written) in network.vpcs.values().enumerate() {
            let link = self.nodes.links[vpc];
            let region = Id::from(written.region.as_str());
            self.decide(link, Vec::new(), Then::DeliverClassic(region));
        }
        let machines: Vec<_> = self
            .hosts
            .iter()
            .filter(|(_, resident)| matches!(resident.endpoint, Endpoint::ClassicInstance(_)))
            .map(|(index, _)| index)
            .collect();
        for machine in machines {
            self.classic_out(machine);
        }
    }

    /// A classic CVM sends to the VPC it is linked to, to the classic network, and to the Internet
    /// under its own public address (CL-3, CN-2, CN-8).
    fn classic_out(&mut self, machine: ResidentIx) {
        let resident = self.hosts.get(machine).clone();
        let Some(id) = resident.id().cloned() else {
            return;
        };
        let node = self.stage(StageKind::Classic, Some(&id), &["CL-3", "CN-2", "CN-8"]);
        let mut rules = Vec::new();
        if let Some(vpc) = self.network.live_link(&id)
            && let Some(index) = position(&self.network.vpcs, vpc)
        {
            let hop = Hop { waypoint: Some(Waypoint::ClassicLink(vpc.clone())), ..Hop::default() };
            let way = self.hop(node, self.nodes.locals[index as usize], hop);
            let primary = self.network.vpcs[vpc].cidr;
            rules.push(rule(to(primary), go(vec![way])));
        }
        if let Some(public) = resident.public {
            let hop = Hop {
                translation: Some(Translation {
                    device: Device::EipOut(machine),
                    rewrite: Rewrite { source: Some(public), ..Rewrite::default() },
                }),
                ..Hop::default()
            };
            let way = self.hop(node, self.nodes.internet, hop);
            let public = Match { destination: Some(Arc::clone(&self.public)), ..Match::all() };
            rules.push(rule(public, go(vec![way])));
        } else {
            let public = Match { destination: Some(Arc::clone(&self.public)), ..Match::all() };
            rules.push(rule(public, stop(Cause::at(Code::NoPublicAddress, &id))));
        }
        let region = self.network.region_of(id.as_str());
        let classic = region.and_then(|region| self.nodes.classic.get(region).copied());
        let otherwise = match classic {
            Some(classic) => go(vec![self.hop(node, classic, Hop::default())]),
            None => stop(Cause::at(Code::NoRoute, &id)),
        };
        self.decide(node, rules, otherwise);
        self.nodes.classic_out.insert(machine, node);
    }

    /// Local of a VPC holds the linked classic addresses; only primary addresses meet them (CL-3, CL-6, RT-4).
    pub(super) fn link_rules(&mut self, router: NodeIndex, subnet: u32, vpc: u32) -> Vec<Rule> {
        let network = self.network;
        let Some((id, written)) = network.vpcs.get_index(vpc as usize) else {
            return Vec::new();
        };
        let links = network.classic_links.get(id).into_iter().flatten();
        let live = links.filter(|link| network.is_live(link));
        let linked = AddressSet::union_all(live.map(|link| AddressSet::single(link.address)));
        if linked.is_empty() {
            return Vec::new();
        }
        let hop = Hop { waypoint: Some(Waypoint::ClassicLink(id.clone())), ..Hop::default() };
        let link = self.nodes.links[vpc as usize];
        let way = self.leave(router, link, subnet, hop);
        let facts = Facts { cidr: Some(written.cidr), ..Facts::default() };
        let secondary = Cause::at(Code::ClassicLinkSecondaryCidr, id).with(facts);
        // What a forwarder of the VPC passes on for others (CL-12).
        let foreign = Cause::at(Code::ClassicLinkNoTransit, id);
        let primary = AddressSet::from(written.cidr);
        let secondaries = written.secondary_cidrs.iter().copied();
        let secondaries = AddressSet::union_all(secondaries.map(AddressSet::from));
        let mut rules = vec![rule(between(primary, linked.clone()), go(vec![way]))];
        if !secondaries.is_empty() {
            rules.push(rule(between(secondaries, linked.clone()), stop(secondary)));
        }
        rules.push(rule(to(linked), stop(foreign)));
        rules
    }
}

impl Network {
    /// The VPC that a classic CVM is linked to, if the link is live: its address is still the one
    /// that was linked (CL-8, CL-18).
    #[must_use]
    pub fn live_link(&self, instance: &crate::id::Id) -> Option<&crate::id::Id> {
        let mut links = self.classic_links.iter();
        let live = links.find(|(_, links)| {
            let mut links = links.iter();
            links.any(|link| link.instance == *instance && self.is_live(link))
        });
        live.map(|(vpc, _)| vpc)
    }

    /// Whether a classic CVM has a stale link to a VPC (CL-18).
    #[must_use]
    pub fn has_stale_link(&self, instance: &crate::id::Id, vpc: &crate::id::Id) -> bool {
        let mut links = self.classic_links.get(vpc).into_iter().flatten();
        links.any(|link| link.instance == *instance && !self.is_live(link))
    }
}
