//! The things of a network that are mutated, each with its mutants: where it stands, what it is, what may go wrong with it.

use rustc_hash::FxHashMap;

use super::operator::Operator;
use super::{bound, gateway, link, route, rule};
use crate::model::{Change, Network, Place};

/// What kind of thing it is: the words that coverage counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ThingKind {
    /// A rule of a security group or a network ACL.
    Rule,
    /// A route of a route table or of a VPN gateway.
    Route,
    /// An entry of a NAT, VPN or Direct Connect gateway.
    GatewayEntry,
    /// A classic link, a peering, a member of a CCN, a tunnel.
    Link,
    /// A target of a load balancer.
    Target,
    /// A group or ACL that is bound, a listener, a computed route: mutated, but no row of its own in the coverage.
    Other,
}

impl ThingKind {
    /// The kinds that coverage counts, in its order.
    pub const COUNTED: [Self; 5] =
        [Self::Rule, Self::Route, Self::GatewayEntry, Self::Link, Self::Target];

    /// The word of the JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Route => "route",
            Self::GatewayEntry => "gateway_entry",
            Self::Link => "link",
            Self::Target => "target",
            Self::Other => "other",
        }
    }
}

/// A part of the configuration with all that may go wrong with it.
#[derive(Clone, Debug)]
pub struct Thing {
    /// Where it is in the network.
    pub place: Place,
    /// What it is.
    pub kind: ThingKind,
    /// What it says, to tell whether another network has the same.
    content: String,
    /// Its mutants; of what coverage counts the first one takes it away.
    pub mutants: Vec<Mutant>,
}

/// A network that differs in one small thing, as the changes that make it.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// What was done.
    pub operator: Operator,
    /// What it was and what it became, where that is not all: `tcp:443`, `tcp:444`.
    pub turned: Option<(String, String)>,
    /// What to apply, in order.
    pub changes: Vec<Change>,
}

/// The things of a network while they are collected.
#[derive(Default)]
pub(super) struct Sheet {
    things: Vec<Thing>,
}

impl Sheet {
    /// Begins a thing: the mutants that follow are its own.
    pub(super) fn thing(&mut self, kind: ThingKind, place: Place, content: &impl std::fmt::Debug) {
        self.things.push(Thing {
            place,
            kind,
            content: format!("{content:?}"),
            mutants: Vec::new(),
        });
    }

    /// A mutant of the thing that was begun last.
    pub(super) fn mutant(&mut self, operator: Operator, changes: Vec<Change>) {
        self.put(Mutant { operator, turned: None, changes });
    }

    /// The same with what was turned into what.
    pub(super) fn turned(
        &mut self,
        operator: Operator,
        turned: (String, String),
        changes: Vec<Change>,
    ) {
        self.put(Mutant { operator, turned: Some(turned), changes });
    }

    fn put(&mut self, mutant: Mutant) {
        if let Some(thing) = self.things.last_mut() {
            thing.mutants.push(mutant);
        }
    }
}

/// Everything of a network that may be mutated, in the order of its sections. What the platform does by itself is not.
#[must_use]
pub fn things(network: &Network) -> Vec<Thing> {
    let mut sheet = Sheet::default();
    rule::groups(network, &mut sheet);
    rule::acls(network, &mut sheet);
    bound::groups(network, &mut sheet);
    bound::acls(network, &mut sheet);
    route::tables(network, &mut sheet);
    link::classic(network, &mut sheet);
    link::peerings(network, &mut sheet);
    link::ccns(network, &mut sheet);
    gateway::nats(network, &mut sheet);
    gateway::vpns(network, &mut sheet);
    gateway::direct_connects(network, &mut sheet);
    gateway::balancers(network, &mut sheet);
    sheet.things
}

/// Leaves of the things those that an older network does not have, wherever they stand in their lists.
pub fn only_new(things: &mut Vec<Thing>, before: &Network) {
    let mut old: FxHashMap<_, usize> = FxHashMap::default();
    for thing in self::things(before) {
        *old.entry(key(&thing)).or_default() += 1;
    }
    things.retain(|thing| match old.get_mut(&key(thing)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    });
}

/// Whose thing it is, of which list, and what it says.
fn key(thing: &Thing) -> (String, String, String) {
    let list: Vec<String> = thing
        .place
        .path
        .iter()
        .filter_map(|key| match key {
            crate::model::Key::Field(name) => Some((*name).to_owned()),
            crate::model::Key::Entry(id) => Some(id.to_string()),
            crate::model::Key::Index(_) => None,
        })
        .collect();
    (thing.place.id.to_string(), list.join("."), thing.content.clone())
}
