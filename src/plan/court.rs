//! Whether a network keeps what was promised.
//!
//! A promise hangs on few of the moves: on those of whom it is about, and on everything that is no move of a single machine or
//! database. As long as nothing of that has happened since, what was found before still holds, and nothing is compiled or
//! asked. Should a plan not hold when all of it is asked again, the promise that was wrong is not remembered any more.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::deed::{Deed, Work};
use super::numbers::Numbers;
use super::promise::{Promise, carriers};
use super::task::Task;
use crate::id::Id;
use crate::model::Network;
use crate::query::{During, Expectation, Selector, Want};
use crate::scenario::{Origins, Planned, Scenario};
use crate::verify::{Budget, ExpectationReport, Note, Outcome, Situation, judged};

/// How a network stands to a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Holds,
    /// Whom nobody should reach is not there any more.
    Gone,
    Broken,
}

/// What a judgement hangs on: the promise, what of it has happened, and who of it restarts.
type Case = (usize, Numbers, Numbers);

/// A network that is judged.
pub(super) struct Scene<'n> {
    pub(super) network: &'n Network,
    /// What has happened.
    pub(super) done: &'n Numbers,
}

/// Asks networks whether they keep promises.
pub(super) struct Court<'a> {
    promises: &'a [Promise],
    today: &'a str,
    budget: Budget,
    origins: Arc<Origins>,
    /// The machines that can move, by their numbers.
    machines: Vec<(usize, Id)>,
    /// What each promise hangs on.
    scope: Vec<Numbers>,
    /// The machines that each promise is about.
    about: Vec<Numbers>,
    memory: HashMap<Case, Kept>,
    /// How many networks were judged.
    pub(super) asked: usize,
}

impl<'a> Court<'a> {
    pub(super) fn new(
        (task, deeds, machines): (&Task, &[Deed], &[Id]),
        promises: &'a [Promise],
        scenario: &Scenario,
        (today, budget): (&'a str, Budget),
    ) -> Self {
        let numbered = machines.iter().enumerate();
        let machines = numbered.map(|(at, id)| (deeds.len() + at, id.clone()));
        let machines: Vec<(usize, Id)> = machines.collect();
        let always: BTreeSet<Id> =
            [&task.from, &task.goal].into_iter().flat_map(carriers).collect();
        let about = promises.iter().map(|promise| {
            let own = machines.iter();
            let own = own.filter(|(_, id)| promise.about.contains(id));
            own.map(|(at, _)| *at).collect::<Numbers>()
        });
        let about: Vec<Numbers> = about.collect();
        let scope = promises.iter().zip(&about).map(|(promise, about)| {
            let own = deeds.iter().enumerate().filter(|(_, deed)| match &deed.work {
                Work::Database(id) => promise.about.contains(id),
                Work::Name(name, _) => promise.names.contains(name),
                _ => true,
            });
            let mut scope: Numbers = own.map(|(at, _)| at).collect();
            scope.join(about);
            let carriers = machines.iter().filter(|(_, id)| always.contains(id));
            scope.join(&carriers.map(|(at, _)| *at).collect());
            scope
        });
        Self {
            scope: scope.collect(),
            promises,
            today,
            budget,
            origins: Arc::new(scenario.origins.clone()),
            machines,
            about,
            memory: HashMap::new(),
            asked: 0,
        }
    }

    /// What a promise hangs on.
    pub(super) fn scope(&self, promise: usize) -> &Numbers {
        &self.scope[promise]
    }

    /// The machines that a promise is about.
    pub(super) fn about(&self, promise: usize) -> &Numbers {
        &self.about[promise]
    }

    /// A promise hangs on more than it looked: it is always asked anew.
    pub(super) fn mistrust(&mut self, promise: usize, all: &Numbers) {
        self.scope[promise] = all.clone();
        self.memory.retain(|(at, ..), _| *at != promise);
    }

    /// Those of some promises that are known not to be kept when this has happened.
    pub(super) fn known_broken(
        &self,
        done: &Numbers,
        which: &[usize],
        restarts: &Numbers,
    ) -> Vec<usize> {
        let nobody = Numbers::default();
        let is_known = |at: usize, restarts: &Numbers| {
            self.memory.get(&self.case(at, done, restarts)) == Some(&Kept::Broken)
        };
        let broken = which.iter().copied().filter(|at| {
            is_known(*at, &nobody) || (self.is_hit(*at, restarts) && is_known(*at, restarts))
        });
        broken.collect()
    }

    /// Those of some promises that a network does not keep.
    pub(super) fn broken(&mut self, scene: &Scene<'_>, which: &[usize]) -> Vec<usize> {
        self.found(scene, which, &Numbers::default())
            .into_iter()
            .filter(|(_, kept)| *kept == Kept::Broken)
            .map(|(at, _)| at)
            .collect()
    }

    /// How a network stands to some promises while some machines restart, or to all that is due if none does.
    pub(super) fn found(
        &mut self,
        scene: &Scene<'_>,
        which: &[usize],
        restarts: &Numbers,
    ) -> Vec<(usize, Kept)> {
        let unknown = which.iter().copied();
        let unknown = unknown.filter(|at| {
            let case = self.case(*at, scene.done, restarts);
            !self.memory.contains_key(&case)
        });
        let unknown: Vec<usize> = unknown.collect();
        if !unknown.is_empty() {
            let found = self.judged(scene.network, &unknown, restarts);
            for (at, kept) in unknown.iter().zip(found) {
                let case = self.case(*at, scene.done, restarts);
                self.memory.insert(case, kept);
            }
        }
        let all = which.iter().copied();
        all.map(|at| (at, self.memory[&self.case(at, scene.done, restarts)])).collect()
    }

    /// Those that are broken while machines restart. What they open themselves is not asked meanwhile.
    pub(super) fn broken_meanwhile(
        &mut self,
        scene: &Scene<'_>,
        which: &[usize],
        restarts: &Numbers,
    ) -> Vec<usize> {
        let hit = which.iter().copied().filter(|at| {
            self.promises[*at].during() == During::Always && self.is_hit(*at, restarts)
        });
        let hit: Vec<usize> = hit.collect();
        let found = self.found(scene, &hit, restarts);
        let broken = found.into_iter().filter(|(_, kept)| *kept == Kept::Broken);
        broken.map(|(at, _)| at).collect()
    }

    /// Whether machines that restart have to do with an `always` promise.
    fn is_hit(&self, promise: usize, restarts: &Numbers) -> bool {
        self.scope[promise].meets(restarts)
    }

    fn case(&self, promise: usize, done: &Numbers, restarts: &Numbers) -> Case {
        let scope = &self.scope[promise];
        (promise, done.and(scope), restarts.and(scope))
    }

    /// Asks a network, whatever is known.
    pub(super) fn judged(
        &mut self,
        network: &Network,
        which: &[usize],
        restarts: &Numbers,
    ) -> Vec<Kept> {
        self.asked += 1;
        self.asked_of(network, which, restarts)
    }

    fn asked_of(&self, network: &Network, which: &[usize], restarts: &Numbers) -> Vec<Kept> {
        let meanwhile = !restarts.is_empty();
        let (_, reports) = self.reports(network, which, restarts);
        reports.iter().map(|it| kept(it, meanwhile)).collect()
    }

    /// What `check` would say of some promises in a network while some machines restart.
    pub(super) fn reports(
        &self,
        network: &Network,
        which: &[usize],
        restarts: &Numbers,
    ) -> (Arc<Network>, Vec<ExpectationReport>) {
        let mut network = network.clone();
        let down = self.machines.iter().filter(|(at, _)| restarts.contains(*at));
        let down: Vec<&(usize, Id)> = down.collect();
        network.down.extend(down.iter().map(|(_, id)| id.clone()));
        let asked = which.iter().map(|at| {
            let mut asked = self.promises[*at].asked.clone();
            for (number, id) in &down {
                if self.about[*at].contains(*number) {
                    let without = Selector::Not(Box::new(Selector::Id(id.clone())));
                    let from = std::mem::replace(&mut asked.value.from, Selector::Internet);
                    asked.value.from = Selector::And(Box::new(from), Box::new(without));
                }
            }
            asked
        });
        let asked: Vec<Planned<Expectation>> = asked.collect();
        let network = Arc::new(network);
        let situation = Situation::new(Arc::clone(&network), Arc::clone(&self.origins));
        let terms = (self.today, || self.budget.begin());
        (network, judged(&situation, &asked, terms))
    }

    /// What of a whole plan does not hold when everything is asked again, two networks at a time.
    pub(super) fn wrong(&self, scenes: &[(Network, Vec<usize>, Numbers)]) -> Vec<usize> {
        use rayon::prelude::*;
        let all = scenes.par_iter().map(|(network, which, restarts)| {
            let found = self.asked_of(network, which, restarts);
            let both = which.iter().zip(found);
            let broken = both.filter(|(_, kept)| *kept == Kept::Broken);
            broken.map(|(at, _)| *at).collect::<Vec<_>>()
        });
        let all: BTreeSet<usize> = all.flatten_iter().collect();
        all.into_iter().collect()
    }
}

/// Whom nobody should reach may be gone; while machines restart, nobody else may be left to ask.
fn kept(report: &ExpectationReport, meanwhile: bool) -> Kept {
    let unknown = report.notes.iter().any(|note| matches!(note, Note::Unknown(_)));
    let nobody = report.outcome == Outcome::Vacuous;
    let unwanted = report.expectation.want == Want::Unreachable;
    match report.outcome {
        outcome if outcome.is_good() => Kept::Holds,
        _ if nobody && meanwhile => Kept::Holds,
        _ if unwanted && (nobody || unknown) => Kept::Gone,
        _ => Kept::Broken,
    }
}
