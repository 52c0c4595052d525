//! An order of steps that keeps every promise.
//!
//! From a network, the steps that can be taken are tried in a fixed order, and the first after which everything is kept is
//! taken; of machines, as many as possible at a time. What leads nowhere is remembered and not tried again. Classic CVMs are
//! only linked for a time if there is no way without.
//!
//! What stands in the way is found by leaving promises out one by one: those that are left when each is needed.

use std::collections::{BTreeMap, BTreeSet};

use super::deed::{Deed, Kind, Need, deeds, moving};
use super::finish::{finish, is_same};
use super::promise::{Court, Promise};
use super::task::Task;
use super::{Conflict, Outcome, Step};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::apply::MOST_AT_ONCE;
use crate::model::{Change, Network, apply};
use crate::query::During;
use crate::scenario::Scenario;
use crate::verify::Budget;

/// So many times a network is judged; then the search is given up.
const PATIENCE: usize = 4_000;

/// Why a step does not come before the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// It is the first.
    First,
    /// The cloud would refuse it.
    Refused(Words),
    /// A promise would break.
    Breaks(usize),
    /// It could.
    Free,
}

/// Finds steps that lead from one network to the other and keep all promises.
#[must_use]
pub fn plan(
    task: &Task,
    promises: &[Promise],
    scenario: &Scenario,
    (today, budget): (&str, Budget),
) -> Outcome {
    let mut court = Court::new(promises, scenario, today, budget);
    let kept: Vec<usize> = (0..promises.len()).collect();
    let lasting: Vec<usize> = kept
        .iter()
        .copied()
        .filter(|at| during(promises, *at) != During::AtEnd)
        .collect();
    if let Some(first) = court.broken(&task.from, &lasting).first() {
        return Outcome::Impossible(Conflict {
            promises: vec![*first],
            refused: None,
        });
    }
    let mut search = Search::new(task, promises, court);
    match search.find(&kept) {
        Found::Steps(steps) => Outcome::Found(search.explained(steps)),
        Found::Nothing => search.conflict(kept),
        Found::TooLong => Outcome::GivenUp(search.court.asked),
    }
}

fn during(promises: &[Promise], at: usize) -> During {
    promises[at].asked.value.during
}

enum Found {
    Steps(Vec<Step>),
    Nothing,
    TooLong,
}

/// How far a plan has come.
#[derive(Clone)]
struct State {
    network: Network,
    /// Which deeds are done.
    done: BTreeSet<usize>,
    /// Which machines have moved.
    moved: BTreeSet<Id>,
}

struct Search<'a> {
    task: &'a Task,
    promises: &'a [Promise],
    court: Court<'a>,
    deeds: Vec<Deed>,
    /// What is to be kept.
    kept: Vec<usize>,
    links: Links,
    /// From where there is no way.
    dead: BTreeSet<(BTreeSet<usize>, BTreeSet<Id>)>,
    /// Promises that some step would have broken.
    blamed: BTreeSet<usize>,
    /// The first refusal that was met.
    refused: Option<Words>,
    /// How many judgements this search may still ask for.
    limit: usize,
}

/// Whether classic CVMs may be linked for a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
    Never,
    IfNeeded,
}

impl<'a> Search<'a> {
    fn new(task: &'a Task, promises: &'a [Promise], court: Court<'a>) -> Self {
        Self {
            task,
            promises,
            court,
            deeds: deeds(task),
            kept: Vec::new(),
            links: Links::Never,
            dead: BTreeSet::new(),
            blamed: BTreeSet::new(),
            refused: None,
            limit: 0,
        }
    }

    /// A plan that keeps some promises: without links if that can be.
    fn find(&mut self, kept: &[usize]) -> Found {
        self.kept = kept.to_vec();
        self.limit = self.court.asked + PATIENCE;
        for links in [Links::Never, Links::IfNeeded] {
            self.links = links;
            self.dead.clear();
            let state = State {
                network: self.task.from.clone(),
                done: BTreeSet::new(),
                moved: BTreeSet::new(),
            };
            if let Some(steps) = self.from(&state) {
                return Found::Steps(steps);
            }
            if self.court.asked > self.limit {
                return Found::TooLong;
            }
        }
        Found::Nothing
    }

    /// The steps that are left from here.
    fn from(&mut self, state: &State) -> Option<Vec<Step>> {
        let key = (state.done.clone(), state.moved.clone());
        if self.dead.contains(&key) || self.court.asked > self.limit {
            return None;
        }
        if self.is_complete(state)
            && let Some(last) = self.last(state)
        {
            return Some(vec![last]);
        }
        for kind in [
            Kind::Prepare,
            Kind::Widen,
            Kind::Link,
            Kind::Database,
            Kind::Name,
            Kind::Machines,
        ] {
            let taken = match kind {
                Kind::Machines => self.waves(state),
                _ => self.ways(state, kind),
            };
            for (next, step) in taken {
                if let Some(rest) = self.from(&next) {
                    let mut steps = vec![step];
                    steps.extend(rest);
                    return Some(steps);
                }
            }
        }
        self.dead.insert(key);
        None
    }

    fn is_complete(&self, state: &State) -> bool {
        let deeds = self.deeds.iter().enumerate();
        let mut left =
            deeds.filter(|(at, deed)| deed.need == Need::Must && !state.done.contains(at));
        left.next().is_none() && state.moved.len() == self.task.machines.len()
    }

    /// The deeds of a kind that can be done now.
    fn ways(&mut self, state: &State, kind: Kind) -> Vec<(State, Step)> {
        let mut ways = Vec::new();
        if kind == Kind::Link && self.links == Links::Never {
            return ways;
        }
        for at in 0..self.deeds.len() {
            if self.deeds[at].kind != kind || state.done.contains(&at) {
                continue;
            }
            let deed = self.deeds[at].clone();
            let changes = if kind == Kind::Link {
                still(&state.moved, &deed.changes)
            } else {
                deed.changes
            };
            let Some(network) = self.tried(&state.network, &changes, &[]) else {
                continue;
            };
            let mut next = State {
                network,
                ..state.clone()
            };
            next.done.insert(at);
            let step = self.step(deed.name, kind, changes, Vec::new());
            ways.push((next, step));
        }
        ways
    }

    /// For each zone, as many machines as can move together.
    fn waves(&mut self, state: &State) -> Vec<(State, Step)> {
        let mut by_zone: BTreeMap<Option<&String>, Vec<Id>> = BTreeMap::new();
        for (id, place) in &self.task.machines {
            if !state.moved.contains(id) {
                by_zone
                    .entry(place.zone.as_ref())
                    .or_default()
                    .push(id.clone());
            }
        }
        let mut ways = Vec::new();
        for (zone, mut ids) in by_zone {
            ids.truncate(MOST_AT_ONCE);
            let mut chosen = Vec::new();
            let mut after = None;
            self.grow(state, &mut chosen, &ids, &mut after);
            let Some((network, changes)) = after else {
                continue;
            };
            let mut next = State {
                network,
                ..state.clone()
            };
            next.moved.extend(chosen.iter().cloned());
            let names: Vec<_> = chosen.iter().map(Id::as_str).collect();
            let (english, chinese) = match names.as_slice() {
                [one] => ((*one).to_owned(), (*one).to_owned()),
                [one, two] => (format!("{one} and {two}"), format!("{one} 和 {two}")),
                [one, ..] => {
                    let more = names.len() - 1;
                    (
                        format!("{one} and {more} more"),
                        format!("{one} 等 {} 台", names.len()),
                    )
                }
                [] => continue,
            };
            let zone = zone.map_or_else(String::new, |zone| format!(" ({zone})"));
            let name = Words::new(
                format!("move {english}{zone}"),
                format!("迁移 {chinese}{zone}"),
            );
            let step = self.step(name, Kind::Machines, changes, chosen);
            ways.push((next, step));
        }
        ways
    }

    /// Adds machines to those that move together, in halves, as long as everything is kept.
    fn grow(
        &mut self,
        state: &State,
        chosen: &mut Vec<Id>,
        part: &[Id],
        after: &mut Option<(Network, Vec<Change>)>,
    ) {
        if part.is_empty() || self.court.asked > self.limit {
            return;
        }
        let mut together = chosen.clone();
        together.extend(part.iter().cloned());
        let changes = moving(self.task, &state.network, &together);
        if let Some(network) = self.tried(&state.network, &changes, &together) {
            *chosen = together;
            *after = Some((network, changes));
            return;
        }
        if part.len() > 1 {
            let (left, right) = part.split_at(part.len() / 2);
            self.grow(state, chosen, left, after);
            self.grow(state, chosen, right, after);
        }
    }

    /// The network after some changes, if the cloud lets them through and everything is kept.
    fn tried(&mut self, now: &Network, changes: &[Change], restarts: &[Id]) -> Option<Network> {
        match self.judged(now, changes, restarts) {
            Ok(network) => Some(network),
            Err(Earlier::Breaks(promise)) => {
                self.blamed.insert(promise);
                None
            }
            Err(Earlier::Refused(words)) => {
                self.refused.get_or_insert(words);
                None
            }
            Err(Earlier::First | Earlier::Free) => None,
        }
    }

    fn judged(
        &mut self,
        now: &Network,
        changes: &[Change],
        restarts: &[Id],
    ) -> Result<Network, Earlier> {
        let mut network = now.clone();
        for change in changes {
            network =
                apply(&network, change).map_err(|refusal| Earlier::Refused(refusal.message))?;
        }
        let due = self.due(restarts);
        if let Some(first) = self.court.broken(&network, &due).first() {
            return Err(Earlier::Breaks(*first));
        }
        if !restarts.is_empty() {
            let broken = self.court.broken_meanwhile(&network, restarts);
            if let Some(first) = broken.into_iter().find(|at| self.kept.contains(at)) {
                return Err(Earlier::Breaks(first));
            }
        }
        Ok(network)
    }

    /// The promises that are due after a step in which these machines restart.
    fn due(&self, restarts: &[Id]) -> Vec<usize> {
        let kept = self.kept.iter().copied();
        kept.filter(|at| match during(self.promises, *at) {
            During::Always => true,
            During::ExceptWhileRestarting => !restarts
                .iter()
                .any(|id| self.promises[*at].about.contains(id)),
            During::AtEnd => false,
        })
        .collect()
    }

    fn step(&self, name: Words, kind: Kind, changes: Vec<Change>, restarts: Vec<Id>) -> Step {
        Step {
            kept: self.due(&restarts),
            name,
            kind,
            changes,
            restarts,
            earlier: Earlier::First,
        }
    }

    /// The last step, if the network is the goal after it and everything is kept.
    fn last(&mut self, state: &State) -> Option<Step> {
        let (changes, network) = match finish(&state.network, &self.task.goal) {
            Ok(found) => found,
            Err(refusal) => {
                self.refused.get_or_insert(refusal.message);
                return None;
            }
        };
        if !is_same(&network, &self.task.goal) {
            self.refused.get_or_insert(Words::new(
                "the goal differs in something that no step changes",
                "目标与当前网络的某些差异无法由任何步骤完成",
            ));
            return None;
        }
        let kept = self.kept.clone();
        let broken = self.court.broken(&network, &kept);
        if !broken.is_empty() {
            self.blamed.extend(broken);
            return None;
        }
        let name = Words::new("end what is old", "清理旧资源");
        let step = self.step(name, Kind::Finish, changes, Vec::new());
        Some(Step { kept, ..step })
    }

    /// Why each step does not come before the one before it.
    fn explained(&mut self, mut steps: Vec<Step>) -> Vec<Step> {
        let mut before = vec![self.task.from.clone()];
        for step in &steps {
            let mut now = before.last().cloned().unwrap_or_default();
            for change in &step.changes {
                now = apply(&now, change).unwrap_or(now);
            }
            before.push(now);
        }
        for at in 1..steps.len() {
            let (changes, restarts) = (steps[at].changes.clone(), steps[at].restarts.clone());
            steps[at].earlier = match self.judged(&before[at - 1], &changes, &restarts) {
                Ok(_) => Earlier::Free,
                Err(why) => why,
            };
        }
        steps
    }

    /// The promises that cannot be kept together, each of them needed for that.
    fn conflict(mut self, all: Vec<usize>) -> Outcome {
        let mut kept: Vec<usize> = self.blamed.iter().copied().collect();
        if !matches!(self.find(&kept), Found::Nothing) {
            kept = all;
        }
        for promise in kept.clone() {
            let without: Vec<usize> = kept.iter().copied().filter(|at| *at != promise).collect();
            if matches!(self.find(&without), Found::Nothing) {
                kept = without;
            }
        }
        let refused = if kept.is_empty() { self.refused } else { None };
        Outcome::Impossible(Conflict {
            promises: kept,
            refused,
        })
    }
}

/// Links only of those that have not moved.
fn still(moved: &BTreeSet<Id>, changes: &[Change]) -> Vec<Change> {
    let left = changes.iter().map(|change| match change {
        Change::AttachClassicLinkVpc { vpc, instances } => Change::AttachClassicLinkVpc {
            vpc: vpc.clone(),
            instances: instances
                .iter()
                .filter(|id| !moved.contains(*id))
                .cloned()
                .collect(),
        },
        other => other.clone(),
    });
    left.collect()
}
