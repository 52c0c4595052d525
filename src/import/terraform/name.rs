//! What a resource names of the network, wherever in it, under whatever name, as an id, an address or a reference.

use std::net::IpAddr;

use ipnet::IpNet;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::Import;
use super::input::{get, is_unset, list};
use super::scope::{Frame, Item};
use crate::id::Id;
use crate::import::notation;
use crate::model::{Kind, LoadBalancerNetwork, Network};

/// What is named.
#[derive(Debug, Default)]
pub struct Names {
    /// Entities of the network.
    pub ids: Vec<Id>,
    /// Something is named that is left out itself.
    pub elsewhere: bool,
    /// Something is named that nobody can tell: it might be anything.
    pub open: bool,
}

/// What an attribute of a certain name speaks of, where its value is not told.
const HINTS: [(&str, &[Kind]); 8] = [
    ("vpc", &[Kind::Vpc]),
    ("subnet", &[Kind::Subnet]),
    ("security", &[Kind::SecurityGroup]),
    ("route_table", &[Kind::RouteTable]),
    ("acl", &[Kind::NetworkAcl]),
    ("ccn", &[Kind::Ccn]),
    ("load_balancer", &[Kind::LoadBalancer]),
    ("nat", &[Kind::NatGateway]),
];

/// Whose names are asked for, and who owns the addresses among them.
#[derive(Clone, Copy)]
struct Asked<'a> {
    index: usize,
    owners: &'a Owners,
}

/// How deep data sources may hang on one another.
const DEEPEST: usize = 8;

/// The entities that own the addresses of the network.
pub struct Owners(FxHashMap<IpAddr, Vec<Id>>);

impl Owners {
    /// Every address that an entity has for itself.
    pub fn of(network: &Network) -> Self {
        let mut owners = Self(FxHashMap::default());
        for (id, it) in &network.instances {
            owners.add(id, it.secondary_ips.iter().chain([&it.ip]).chain(&it.eip));
            owners.add(id, it.ipv6.iter());
        }
        for (id, it) in &network.network_interfaces {
            owners.add(id, it.secondary_ips.iter().chain([&it.ip]).chain(&it.eip));
        }
        for (id, it) in &network.havips {
            owners.add(id, [&it.ip].into_iter().chain(&it.eip));
        }
        for (id, it) in &network.databases {
            owners.add(id, [&it.ip].into_iter());
        }
        for (id, it) in &network.vpc_endpoints {
            owners.add(id, [&it.ip].into_iter());
        }
        for (id, it) in &network.load_balancers {
            match &it.network {
                LoadBalancerNetwork::Public { vip, .. } => owners.add(id, [vip].into_iter()),
                LoadBalancerNetwork::Internal { vip, eip, .. } => {
                    owners.add(id, [vip].into_iter().chain(eip));
                }
            }
        }
        for (id, it) in &network.nat_gateways {
            owners.add(id, it.eips.iter());
        }
        for (id, it) in &network.classic_instances {
            owners.add(id, [&it.ip].into_iter().chain(&it.public_ip));
        }
        for (id, it) in &network.classic_databases {
            owners.add(id, [&it.ip].into_iter());
        }
        for (id, it) in &network.classic_load_balancers {
            owners.add(id, [&it.vip].into_iter());
        }
        owners
    }

    /// The same without public addresses.
    pub fn inside(network: &Network) -> Self {
        let mut owners = Self::of(network);
        owners.0.retain(|address, _| !network.is_public(*address));
        owners
    }

    fn add<'a>(&mut self, id: &Id, addresses: impl Iterator<Item = &'a IpAddr>) {
        for address in addresses {
            self.0.entry(*address).or_default().push(id.clone());
        }
    }
}

impl<'j> Import<'j> {
    /// Everything that a resource names.
    pub(super) fn names(&self, index: usize, owners: &Owners) -> Names {
        let mut names = Names::default();
        let asked = Asked { index, owners };
        let of = &self.input.resources[index];
        // its own id, too: that of a part is often the id of its whole
        self.in_value(of.values, asked, &mut names);
        let frame = self.input.frame(index);
        let expressions = get(of.block, "expressions");
        for (name, unknown) in of.unknown.as_object().into_iter().flatten() {
            if !holds_true(unknown) {
                continue;
            }
            let expression = get(expressions, name);
            if expression.is_null() {
                // of a `dynamic` block the plan has lines and no references; of what the cloud chooses, neither
                if list(get(of.values, name)).iter().any(|line| !is_unset(line)) {
                    self.untold(name, &mut names);
                }
                continue;
            }
            self.in_expression(&frame, expression, (name, asked), &mut names, 0);
        }
        names
    }

    /// What a value names, however deep.
    fn in_value(&self, value: &Value, asked: Asked<'_>, names: &mut Names) {
        match value {
            Value::String(text) => self.in_text(text, asked, names),
            Value::Array(items) => items.iter().for_each(|it| self.in_value(it, asked, names)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.in_text(key, asked, names);
                    self.in_value(value, asked, names);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// What a text names: as a whole, or in its parts, as in `ins-a#sg-b`.
    fn in_text(&self, text: &str, asked: Asked<'_>, names: &mut Names) {
        self.in_word(text, asked, names);
        let is_part = |letter: char| !letter.is_alphanumeric() && !"-_./:".contains(letter);
        let words = text.split(is_part).filter(|word| word.len() < text.len());
        for word in words {
            self.in_word(word, asked, names);
        }
        let is_part = |letter: char| !letter.is_alphanumeric() && !"-_.".contains(letter);
        for word in text.split(is_part).filter(|word| word.len() < text.len()) {
            self.in_word(word, asked, names);
        }
    }

    fn in_word(&self, word: &str, asked: Asked<'_>, names: &mut Names) {
        if word.len() < 4 {
            return;
        }
        if let Some(index) = self.input.with_id(word).filter(|it| *it != asked.index) {
            self.of_resource(index, names);
        }
        let network = &self.draft.document.fragment.network;
        if network.kind_of(word).is_some() {
            add(names, Id::from(word));
        }
        if let Ok(address) = word.parse::<IpAddr>() {
            let own = asked.owners.0.get(&address).into_iter().flatten();
            own.for_each(|id| add(names, id.clone()));
        } else if let Ok(cidr) = notation::cidr(word)
            && cidr.prefix_len() > 0
        {
            within(network, cidr, names);
        }
    }

    /// What a resource is in the network, or whose part it is.
    fn of_resource(&self, index: usize, names: &mut Names) {
        let network = &self.draft.document.fragment.network;
        let id = self.id(index);
        let before = names.ids.len();
        if self.placed.contains_key(&index) && network.kind_of(id.as_str()).is_some() {
            add(names, id);
        } else {
            for owner in self.parts.get(&index).into_iter().flatten() {
                add(names, owner.clone());
            }
        }
        names.elsewhere |= names.ids.len() == before;
    }

    /// What an expression refers to, in nested blocks, too.
    fn in_expression(
        &self,
        frame: &Frame<'j>,
        expression: &'j Value,
        (name, asked): (&str, Asked<'_>),
        names: &mut Names,
        depth: usize,
    ) {
        match expression {
            Value::Array(blocks) => {
                for block in blocks {
                    self.in_expression(frame, block, (name, asked), names, depth);
                }
            }
            Value::Object(fields) => {
                let is_leaf =
                    fields.contains_key("references") || fields.contains_key("constant_value");
                if is_leaf {
                    for item in self.input.items(frame, expression, 0) {
                        self.in_item(frame, &item, (name, asked), names, depth);
                    }
                    return;
                }
                for (name, inner) in fields {
                    self.in_expression(frame, inner, (name, asked), names, depth);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn in_item(
        &self,
        frame: &Frame<'j>,
        item: &Item,
        (name, asked): (&str, Asked<'_>),
        names: &mut Names,
        depth: usize,
    ) {
        match item {
            Item::Resource(index, _) => self.of_resource(*index, names),
            Item::Several(all, _) => all.iter().for_each(|(_, it)| self.of_resource(*it, names)),
            Item::Value(value) => self.in_value(value, asked, names),
            Item::Own(..) | Item::Foreign => {}
            Item::Untold(reference, module) => {
                let source = reference.strip_prefix("data.");
                let source = source.and_then(|rest| self.input.data_block(module, rest));
                if let Some(block) = source
                    && depth < DEEPEST
                {
                    // what a data source finds is among what it is asked about
                    let query = get(block, "expressions");
                    self.in_expression(frame, query, ("", asked), names, depth + 1);
                } else if reference.starts_with("each.") && depth < DEEPEST {
                    let each = self.input.items(frame, frame.for_each(), 0);
                    for item in each {
                        self.in_item(frame, &item, (name, asked), names, DEEPEST);
                    }
                } else if !reference.starts_with("data.") {
                    self.untold(name, names);
                }
            }
        }
    }

    /// An attribute whose value nobody tells: all that it may mean.
    fn untold(&self, name: &str, names: &mut Names) {
        let mut hints = HINTS.iter();
        let Some((_, kinds)) = hints.find(|(word, _)| name.contains(word)) else {
            names.open = true;
            return;
        };
        let network = &self.draft.document.fragment.network;
        let all: Vec<&Id> = match kinds {
            [Kind::Vpc] => network.vpcs.keys().collect(),
            [Kind::Subnet] => network.subnets.keys().collect(),
            [Kind::SecurityGroup] => network.security_groups.keys().collect(),
            [Kind::RouteTable] => network.route_tables.keys().collect(),
            [Kind::NetworkAcl] => network.network_acls.keys().collect(),
            [Kind::Ccn] => network.ccns.keys().collect(),
            [Kind::LoadBalancer] => network.load_balancers.keys().collect(),
            _ => network.nat_gateways.keys().collect(),
        };
        for id in all {
            add(names, id.clone());
        }
    }
}

fn add(names: &mut Names, id: Id) {
    if !names.ids.contains(&id) {
        names.ids.push(id);
    }
}

/// The VPCs and subnets that a CIDR holds; if it holds none, the smallest that holds it.
fn within(network: &Network, cidr: IpNet, names: &mut Names) {
    let before = names.ids.len();
    let vpcs = network.vpcs.iter().filter(|(_, it)| cidr.contains(&it.cidr));
    vpcs.for_each(|(id, _)| add(names, id.clone()));
    let subnets = network.subnets.iter();
    let subnets = subnets.filter(|(_, it)| cidr.contains(&it.cidr) || it.cidr.contains(&cidr));
    subnets.for_each(|(id, _)| add(names, id.clone()));
    if names.ids.len() == before {
        let vpcs = network.vpcs.iter().filter(|(_, it)| it.cidr.contains(&cidr));
        vpcs.for_each(|(id, _)| add(names, id.clone()));
    }
}

/// Whether a mark of what is not known says so anywhere.
fn holds_true(mark: &Value) -> bool {
    match mark {
        Value::Bool(is) => *is,
        Value::Array(items) => items.iter().any(holds_true),
        Value::Object(fields) => fields.values().any(holds_true),
        Value::Null | Value::Number(_) | Value::String(_) => false,
    }
}
