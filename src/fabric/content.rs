//! What a stage says, in words that mean the same in every fabric: so that what was computed over one fabric can be
//! used over another in which nothing that it rests on has changed.
//!
//! Positions of residents, VPCs and stages become names; rule lists become the numbers that the caller gives to their
//! contents. Two stages with equal texts, whose hops lead to stages with equal texts, treat every packet alike.

use std::fmt::{self, Write as _};

use petgraph::Direction::Incoming;
use petgraph::graph::{EdgeIndex, NodeIndex};
use rustc_hash::FxHashMap;

use super::{Device, Fabric, FilterUse, ListIx, ResidentIx, Then, Translation, Way};

/// The text of every stage, by its position; `list` numbers the contents of rule lists.
pub fn stage_texts(fabric: &Fabric, mut list: impl FnMut(ListIx) -> u32) -> Vec<String> {
    let names = names(fabric);
    let mut told = Teller { fabric, names: &names, list: &mut list, text: String::new() };
    let nodes = fabric.graph.node_indices();
    nodes.map(|node| told.stage(node)).collect()
}

/// Per stage, whether it leads to one of these, or is one.
pub fn leading_to(fabric: &Fabric, is_one: impl Fn(NodeIndex) -> bool) -> Vec<bool> {
    let mut leads = vec![false; fabric.graph.node_count()];
    let nodes = fabric.graph.node_indices();
    let mut next: Vec<NodeIndex> = nodes.filter(|node| is_one(*node)).collect();
    while let Some(node) = next.pop() {
        if !std::mem::replace(&mut leads[node.index()], true) {
            next.extend(fabric.graph.neighbors_directed(node, Incoming));
        }
    }
    leads
}

/// A name for every stage: its kind, its object, and which of several it is.
fn names(fabric: &Fabric) -> Vec<String> {
    let mut seen: FxHashMap<String, usize> = FxHashMap::default();
    let stages = fabric.graph.node_weights();
    let names = stages.map(|stage| {
        let at = stage.at.as_ref().map_or("", |id| id.as_str());
        let mut name = format!("{}:{at}", stage.kind.name());
        let count = seen.entry(name.clone()).or_default();
        let _ = write!(name, "#{count}");
        *count += 1;
        name
    });
    names.collect()
}

struct Teller<'a, List> {
    fabric: &'a Fabric,
    names: &'a [String],
    list: &'a mut List,
    text: String,
}

impl<List: FnMut(ListIx) -> u32> Teller<'_, List> {
    fn stage(&mut self, node: NodeIndex) -> String {
        let fabric = self.fabric;
        let stage = &fabric.graph[node];
        self.text.clear();
        self.text += &self.names[node.index()];
        for rule in &stage.rules {
            self.say(format_args!("\n{:?} {:?}", rule.when, rule.from_outside));
            self.then(&rule.then);
        }
        self.add("\notherwise");
        self.then(&stage.otherwise);
        for (to, ccn) in fabric.off(node) {
            self.say(format_args!("\noff {to} {ccn}"));
        }
        if let Some(back) = fabric.nat_back(node) {
            self.say(format_args!("\nback {}", self.names[back.index()]));
        }
        self.text.clone()
    }

    fn add(&mut self, text: &str) {
        self.text += text;
    }

    fn say(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(text);
    }

    fn then(&mut self, then: &Then) {
        match then {
            Then::Go(ways) => {
                for way in &**ways {
                    match way {
                        Way::Hop(edge) => self.hop(*edge),
                        Way::Lost(cause) => self.say(format_args!(" lost {cause:?}")),
                    }
                }
            }
            Then::Stop(cause) => self.say(format_args!(" stop {cause:?}")),
            Then::Shared(edge) => self.hop(*edge),
            Then::Deliver(vpc) => {
                let vpc = self.fabric.network.vpcs.get_index(*vpc as usize);
                self.say(format_args!(" deliver {:?}", vpc.map(|(id, _)| id)));
            }
            Then::DeliverClassic(region) => self.say(format_args!(" deliver classic {region}")),
            Then::Hand(resident) => self.resident("hand", *resident),
            Then::Public => self.add(" public"),
            Then::ArriveAtSite(site) => {
                let site = self.fabric.network.sites.get_index(*site as usize);
                self.say(format_args!(" arrive {:?}", site.map(|(id, _)| id)));
            }
            Then::Target(resident) => self.resident("target", *resident),
            Then::Accept => self.add(" accept"),
        }
    }

    fn resident(&mut self, word: &str, resident: ResidentIx) {
        let resident = self.fabric.hosts.get(resident);
        let (who, down) = (&resident.endpoint, resident.down);
        self.say(format_args!(" {word} {who} {down} {:?}", resident.machine));
    }

    fn hop(&mut self, edge: EdgeIndex) {
        let fabric = self.fabric;
        let hop = &fabric.graph[edge];
        let next = fabric.graph.edge_endpoints(edge);
        let next = next.map_or("", |(_, next)| &self.names[next.index()]);
        self.say(format_args!(" to {next}"));
        self.filters(&hop.filters);
        self.filters(&hop.behind);
        if let Some(translation) = &hop.translation {
            self.translation(translation);
        }
        if let Some(forwarder) = hop.forwarder {
            self.resident("through", forwarder);
        }
        self.say(format_args!(
            " {:?} {:?} {:?} {:?} {} {}",
            hop.waypoint, hop.refused, hop.tunnel, hop.down, hop.absent, hop.carried
        ));
    }

    fn filters(&mut self, filters: &[FilterUse]) {
        for filter in filters {
            let list = (self.list)(filter.list);
            self.say(format_args!(" {}={list}", filter.kind.name()));
        }
    }

    fn translation(&mut self, translation: &Translation) {
        let network = &self.fabric.network;
        match &translation.device {
            Device::NatOut(at) | Device::NatIn(at) => {
                let gateway = network.nat_gateways.get_index(*at as usize);
                self.say(format_args!(" nat {:?}", gateway.map(|(id, _)| id)));
            }
            Device::DirectConnect(at) => {
                let gateway = network.direct_connect_gateways.get_index(*at as usize);
                self.say(format_args!(" dc {:?}", gateway.map(|(id, _)| id)));
            }
            Device::EipOut(resident)
            | Device::EipIn(resident)
            | Device::PublicGateway(resident)
            | Device::Masquerade(resident)
            | Device::LoadBalancer(resident)
            | Device::VpcEndpoint(resident) => self.resident("device", *resident),
        }
        let kind = std::mem::discriminant(&translation.device);
        self.say(format_args!(" {kind:?} {:?}", translation.rewrite));
    }
}
