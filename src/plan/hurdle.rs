//! Where a promise of a conflict breaks: the step that could not be taken when the most was done, and what `check` would say
//! of the promise there.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::numbers::Numbers;
use super::search::{Blocked, Search, State};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::Network;
use crate::verify::ExpectationReport;

/// Where a promise breaks.
#[derive(Clone, Debug)]
pub struct Hurdle {
    /// The promise, by its place among all.
    pub promise: usize,
    /// When.
    pub moment: Moment,
    /// The network that breaks it.
    pub network: Arc<Network>,
    /// What `check` would say of it there.
    pub report: ExpectationReport,
}

/// When a promise breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the first step.
    Start,
    /// In a step, or after it.
    Step {
        /// Its name.
        name: Words,
        /// Machines that restart in it, if the promise breaks meanwhile.
        restarts: Vec<Id>,
    },
    /// After the last step.
    End,
}

/// Steps that could not be taken, one for each promise that forbade some.
#[derive(Default)]
pub(super) struct Notes(BTreeMap<usize, Attempt>);

struct Attempt {
    state: State,
    deeds: Vec<usize>,
    machines: Numbers,
}

impl Attempt {
    /// What is told of: when the most was done, the least that broke it.
    fn rank(&self) -> (usize, std::cmp::Reverse<usize>) {
        let own = self.deeds.len() + self.machines.len();
        (self.state.done.len(), std::cmp::Reverse(own))
    }
}

impl Notes {
    pub(super) fn note(
        &mut self,
        blocked: &Blocked,
        state: &State,
        (deeds, machines): (&[usize], &Numbers),
    ) {
        let Blocked::Promises(broken) = blocked else {
            return;
        };
        for promise in broken {
            let new =
                Attempt { state: state.clone(), deeds: deeds.to_vec(), machines: machines.clone() };
            match self.0.get(promise) {
                Some(known) if known.rank() >= new.rank() => {}
                _ => {
                    self.0.insert(*promise, new);
                }
            }
        }
    }
}

impl Search<'_> {
    /// That a promise does not hold before the first step.
    pub(super) fn at_the_beginning(&self, promise: usize) -> Vec<Hurdle> {
        let none = Numbers::default();
        let found = self.hurdle(promise, Moment::Start, &self.task.from, &none);
        found.into_iter().collect()
    }

    /// Where each of some promises breaks that cannot be kept together.
    pub(super) fn hurdles(&mut self, kept: &[usize]) -> Vec<Hurdle> {
        self.notes = Some(Notes::default());
        self.find(kept);
        let notes = self.notes.take().unwrap_or_default();
        let all = kept.iter().filter_map(|promise| {
            if self.fails[*promise] {
                let none = Numbers::default();
                return self.hurdle(*promise, Moment::End, &self.task.goal, &none);
            }
            self.in_a_step(*promise, notes.0.get(promise)?)
        });
        all.collect()
    }

    fn in_a_step(&self, promise: usize, attempt: &Attempt) -> Option<Hurdle> {
        let (deeds, machines) = (&attempt.deeds, &attempt.machines);
        let (network, changes) = self.changes(&attempt.state.network, deeds, machines).ok()?;
        let taken = match deeds.first() {
            Some(first) if machines.is_empty() => {
                self.named(self.deeds[*first].kind, deeds.clone(), changes)
            }
            _ => self.moved(None, deeds.clone(), machines.clone(), changes),
        };
        let step = |restarts| Moment::Step { name: taken.name.clone(), restarts };
        let none = Numbers::default();
        let after = self.hurdle(promise, step(Vec::new()), &network, &none);
        after.or_else(|| {
            let restarts = machines.iter().map(|at| self.id(at).clone());
            self.hurdle(promise, step(restarts.collect()), &network, machines)
        })
    }

    /// The report of a promise that a network does not keep.
    fn hurdle(
        &self,
        promise: usize,
        moment: Moment,
        network: &Network,
        restarts: &Numbers,
    ) -> Option<Hurdle> {
        let (network, reports) = self.court.reports(network, &[promise], restarts);
        let report = reports.into_iter().next()?;
        let hurdle = Hurdle { promise, moment, network, report };
        (!hurdle.report.outcome.is_good()).then_some(hurdle)
    }
}
