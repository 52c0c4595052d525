//! What is to be kept, followed by id or name while addresses change.
//!
//! | `during` | kept |
//! |---|---|
//! | `always` | before, in and after every step; a machine that restarts asks nothing meanwhile |
//! | `except_while_restarting` | the same, but not in the step in which a machine of it moves |
//! | `at_end` | after the last step |

use std::collections::BTreeSet;
use std::sync::Arc;

use super::task::{Task, address_of};
use crate::fabric::Fabric;
use crate::id::Id;
use crate::model::{Endpoint, Network, NextHop};
use crate::query::{During, Expectation, Selector, Waypoint};
use crate::scenario::Planned;
use crate::verify::{Side, endpoint_of, select};

/// An expectation that is followed through the plan.
#[derive(Clone, Debug)]
pub struct Promise {
    /// What is asked in every step: by id or name, without how it is kept.
    pub asked: Planned<Expectation>,
    /// The machines and databases that it is about, which excuse it while they restart.
    pub about: BTreeSet<Id>,
    /// Names that it asks for.
    pub names: BTreeSet<Id>,
}

impl Promise {
    /// Follows an expectation: addresses of what moves become ids; why and by which way it holds is not asked.
    fn following(written: &Planned<Expectation>, task: &Task, fabrics: &[Fabric]) -> Self {
        let mut asked = written.clone();
        let it = &mut asked.value;
        for (selector, text) in [(&mut it.from, &mut it.from_text), (&mut it.to, &mut it.to_text)] {
            if renamed(selector, task) {
                *text = said(selector);
            }
        }
        it.because = None;
        let gone = |way: &Waypoint| match way {
            Waypoint::ClassicLink(_) => true,
            Waypoint::Id(id) => task.goal.kind_of(id.as_str()).is_none(),
        };
        it.via.retain(|way| !gone(way));
        it.not_via.retain(|way| !gone(way));
        let mut names = BTreeSet::new();
        let sides = [(Side::From, &asked.value.from), (Side::To, &asked.value.to)];
        let mut about = BTreeSet::new();
        for (side, selector) in sides {
            names_in(selector, &task.from, &mut names);
            for fabric in fabrics {
                for (party, ..) in select(fabric, selector, side).ends() {
                    about.extend(parts_of(&fabric.network, &endpoint_of(fabric, party)));
                }
            }
        }
        Self { asked, about, names }
    }

    /// What it is called: its name, or what it says.
    #[must_use]
    pub fn name(&self) -> String {
        let it = &self.asked.value;
        let said = || format!("{} → {} {}", it.from_text, it.to_text, it.service_text);
        it.name.clone().unwrap_or_else(said)
    }

    /// When it is to be kept.
    #[must_use]
    pub fn during(&self) -> During {
        self.asked.value.during
    }
}

/// Expectations, followed through a plan.
#[must_use]
pub fn followed(task: &Task, written: &[Planned<Expectation>]) -> Vec<Promise> {
    let networks = [&task.from, &task.goal];
    let fabrics = networks.map(|network| Fabric::new(Arc::new(network.clone())));
    let all = written.iter();
    all.map(|one| Promise::following(one, task, &fabrics)).collect()
}

/// Machines that carry what others send: whatever is asked, they may be on the way.
pub(super) fn carriers(network: &Network) -> BTreeSet<Id> {
    let routes = network.route_tables.values().flat_map(|it| &it.routes);
    let hops = routes.filter_map(|route| match &route.via {
        NextHop::Instance(id) | NextHop::PublicGateway(id) => Some(id.clone()),
        NextHop::HaVip(id) => network.havips.get(id)?.bound_to.clone(),
        _ => None,
    });
    let bound = network.havips.values().filter_map(|it| it.bound_to.clone());
    hops.chain(bound).collect()
}

/// Puts ids in the place of addresses of what moves. Whether there was any.
fn renamed(selector: &mut Selector, task: &Task) -> bool {
    match selector {
        Selector::Address(address) => {
            let moved = task.machines.keys().chain(task.databases.keys());
            let mut moved = moved.filter(|id| address_of(&task.from, id) == Some(*address));
            let Some(id) = moved.next() else { return false };
            *selector = Selector::Id(id.clone());
            true
        }
        Selector::And(a, b) | Selector::Or(a, b) => {
            let first = renamed(a, task);
            renamed(b, task) || first
        }
        Selector::Not(not) => renamed(not, task),
        Selector::Id(_)
        | Selector::Internet
        | Selector::Cidr(_)
        | Selector::Tag(..)
        | Selector::Classic(..) => false,
    }
}

/// A selector in the words of scenario files.
fn said(selector: &Selector) -> String {
    match selector {
        Selector::Id(id) => id.to_string(),
        Selector::Internet => String::from("internet"),
        Selector::Address(address) => address.to_string(),
        Selector::Cidr(cidr) => cidr.to_string(),
        Selector::Tag(key, value) => format!("tag:{key}={value}"),
        Selector::Classic(region, None) => format!("classic:{region}"),
        Selector::Classic(region, Some(account)) => format!("classic:{region}/{account}"),
        Selector::And(a, b) => format!("({} & {})", said(a), said(b)),
        Selector::Or(a, b) => format!("({} | {})", said(a), said(b)),
        Selector::Not(not) => format!("!{}", said(not)),
    }
}

fn names_in(selector: &Selector, network: &Network, names: &mut BTreeSet<Id>) {
    match selector {
        Selector::Id(id) if network.names.contains_key(id) => {
            names.insert(id.clone());
        }
        Selector::And(a, b) | Selector::Or(a, b) => {
            names_in(a, network, names);
            names_in(b, network, names);
        }
        Selector::Not(not) => names_in(not, network, names),
        Selector::Id(_)
        | Selector::Internet
        | Selector::Address(_)
        | Selector::Cidr(_)
        | Selector::Tag(..)
        | Selector::Classic(..) => {}
    }
}

/// An endpoint, the targets of a load balancer, and what an endpoint connection leads to.
fn parts_of(network: &Network, endpoint: &Endpoint) -> Vec<Id> {
    let Some(id) = endpoint.id() else {
        return Vec::new();
    };
    let connection = network.endpoint_connections.get(id);
    let behind = connection.map(|it| it.target.clone());
    let mut own = vec![id.clone()];
    own.extend(behind);
    let interface = network.network_interfaces.get(id);
    own.extend(interface.map(|it| it.instance.clone()));
    for id in own.clone() {
        let balancer = network.load_balancers.get(&id).map(|it| &it.listeners);
        let classic = network.classic_load_balancers.get(&id);
        let classic = classic.map(|it| &it.listeners);
        let listeners = balancer.or(classic).into_iter().flatten();
        own.extend(
            listeners.flat_map(|it| it.targets.iter().map(|target| target.instance.clone())),
        );
    }
    own
}
