//! What is to be kept, and whether a network keeps it.
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
use crate::model::{Endpoint, Network};
use crate::query::{During, Expectation, Selector, Waypoint};
use crate::scenario::{Origins, Planned, Scenario};
use crate::verify::{Budget, Outcome, Side, Situation, endpoint_of, judged, select};

/// An expectation that is followed through the plan.
#[derive(Clone, Debug)]
pub struct Promise {
    /// What is asked in every step: by id or name, without how it is kept.
    pub asked: Planned<Expectation>,
    /// The machines and databases that it is about, which excuse it while they restart.
    pub about: BTreeSet<Id>,
}

impl Promise {
    /// Follows an expectation: addresses of what moves become ids; why and by which way it holds is not asked.
    fn following(written: &Planned<Expectation>, task: &Task, fabric: &Fabric) -> Self {
        let mut asked = written.clone();
        let it = &mut asked.value;
        for (selector, text) in [
            (&mut it.from, &mut it.from_text),
            (&mut it.to, &mut it.to_text),
        ] {
            if let Selector::Address(address) = selector {
                let moved = task.machines.keys().chain(task.databases.keys());
                let mut moved = moved.filter(|id| address_of(&task.from, id) == Some(*address));
                if let Some(id) = moved.next() {
                    *text = id.to_string();
                    *selector = Selector::Id(id.clone());
                }
            }
        }
        it.because = None;
        let gone = |way: &Waypoint| match way {
            Waypoint::ClassicLink(_) => true,
            Waypoint::Id(id) => task.goal.kind_of(id.as_str()).is_none(),
        };
        it.via.retain(|way| !gone(way));
        it.not_via.retain(|way| !gone(way));
        let sides = [(Side::From, &asked.value.from), (Side::To, &asked.value.to)];
        let mut about = BTreeSet::new();
        for (side, selector) in sides {
            for (party, ..) in select(fabric, selector, side).ends() {
                about.extend(parts_of(&fabric.network, &endpoint_of(fabric, party)));
            }
        }
        Self { asked, about }
    }
}

/// Expectations, followed through a plan.
#[must_use]
pub fn followed(task: &Task, written: &[Planned<Expectation>]) -> Vec<Promise> {
    let fabric = Fabric::new(Arc::new(task.from.clone()));
    let all = written.iter();
    all.map(|one| Promise::following(one, task, &fabric))
        .collect()
}

/// An endpoint, and the targets of a load balancer.
fn parts_of(network: &Network, endpoint: &Endpoint) -> Vec<Id> {
    let Some(id) = endpoint.id() else {
        return Vec::new();
    };
    let own = network.load_balancers.get(id).map(|it| &it.listeners);
    let classic = network
        .classic_load_balancers
        .get(id)
        .map(|it| &it.listeners);
    let listeners = own.or(classic).into_iter().flatten();
    let targets = listeners.flat_map(|it| it.targets.iter().map(|target| target.instance.clone()));
    std::iter::once(id.clone()).chain(targets).collect()
}

/// Asks networks whether they keep promises.
pub(super) struct Court<'a> {
    promises: &'a [Promise],
    today: &'a str,
    budget: Budget,
    origins: Arc<Origins>,
    /// How many times it was asked.
    pub(super) asked: usize,
}

impl<'a> Court<'a> {
    pub(super) fn new(
        promises: &'a [Promise],
        scenario: &Scenario,
        today: &'a str,
        budget: Budget,
    ) -> Self {
        Self {
            promises,
            today,
            budget,
            origins: Arc::new(scenario.origins.clone()),
            asked: 0,
        }
    }

    /// Those of some promises that a network does not keep.
    pub(super) fn broken(&mut self, network: &Network, which: &[usize]) -> Vec<usize> {
        let promises = self.promises;
        let asked = which.iter().map(|at| &promises[*at].asked);
        let outcomes = self.outcomes(network.clone(), asked);
        let both = which.iter().zip(outcomes);
        both.filter(|(_, outcome)| !outcome.is_good())
            .map(|(at, _)| *at)
            .collect()
    }

    /// Those that are broken while machines restart. What they open themselves is not asked meanwhile.
    pub(super) fn broken_meanwhile(&mut self, network: &Network, restarts: &[Id]) -> Vec<usize> {
        let mut down = network.clone();
        down.down.extend(restarts.iter().cloned());
        let always = (0..self.promises.len()).filter(|at| {
            let promise = &self.promises[*at];
            promise.asked.value.during == During::Always
        });
        let which: Vec<usize> = always.collect();
        let asked = which.iter().map(|at| {
            let mut asked = self.promises[*at].asked.clone();
            for id in restarts {
                let without = Selector::Not(Box::new(Selector::Id(id.clone())));
                let from = std::mem::replace(&mut asked.value.from, Selector::Internet);
                asked.value.from = Selector::And(Box::new(from), Box::new(without));
            }
            asked
        });
        let asked: Vec<_> = asked.collect();
        let outcomes = self.outcomes(down, &asked);
        let both = which.iter().zip(outcomes);
        let bad = both.filter(|(_, it)| !it.is_good() && *it != Outcome::Vacuous);
        bad.map(|(at, _)| *at).collect()
    }

    fn outcomes<'e>(
        &mut self,
        network: Network,
        asked: impl IntoIterator<Item = &'e Planned<Expectation>>,
    ) -> Vec<Outcome> {
        self.asked += 1;
        let situation = Situation::new(Arc::new(network), Arc::clone(&self.origins));
        let terms = (self.today, || self.budget.begin());
        let reports = judged(&situation, asked, terms);
        reports.iter().map(|report| report.outcome).collect()
    }
}

impl Promise {
    /// What it is called: its name, or what it says.
    #[must_use]
    pub fn name(&self) -> String {
        let it = &self.asked.value;
        let said = || format!("{} → {} {}", it.from_text, it.to_text, it.service_text);
        it.name.clone().unwrap_or_else(said)
    }
}
