//! An order of steps that keeps every promise.
//!
//! From a network, the steps that can be taken are tried in a fixed order, and the first after which everything is kept is
//! taken. Where none is left, the promises that stood in the way say which steps have to do with it: those that have not
//! are not undone and tried in another order, and a network from where there is no way is not tried again.
//!
//! What is only for a time is used when there is no way without, or when it saves windows: first rules side by side, then
//! links, then endpoint connections.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Rule;
use super::act::Strict;
use super::court::{Court, Kept};
use super::deed::{Deed, Kind, Need, Work, deeds, prepared};
use super::hurdle::Notes;
use super::numbers::Numbers;
use super::promise::Promise;
use super::task::Task;
use super::wave::Waves;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit::MOVED_AT_ONCE;
use crate::model::{Change, Network};
use crate::scenario::Scenario;
use crate::verify::Budget;

/// So many networks are judged for one plan at most; then the search is given up.
const PATIENCE: usize = 6_000;

/// So many networks are looked at.
const REACH: usize = 100_000;

/// With so few machines, every way to divide them into waves is tried if it may save a window.
pub(super) const FEW: usize = 8;

/// How far a plan has come.
#[derive(Clone)]
pub(super) struct State {
    pub(super) network: Network,
    /// The deeds that are done and the machines that have moved.
    pub(super) done: Numbers,
}

/// A step that was taken.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) kind: Kind,
    pub(super) name: Words,
    pub(super) deeds: Vec<usize>,
    pub(super) machines: Numbers,
    pub(super) changes: Vec<Change>,
}

/// Why a step cannot be taken.
pub(super) enum Blocked {
    Promises(Vec<usize>),
    Refused(Words),
}

/// Why there is no way: the moves that have to do with it, and the promises that stood there.
#[derive(Clone, Default)]
pub(super) struct Why {
    pub(super) moves: Numbers,
    pub(super) promises: BTreeSet<usize>,
}

impl Why {
    pub(super) fn join(&mut self, other: &Self) {
        self.moves.join(&other.moves);
        self.promises.extend(&other.promises);
    }
}

pub(super) enum Found {
    Steps(Vec<Taken>),
    Nothing(Why),
    TooLong,
}

pub(super) struct Search<'a> {
    pub(super) task: &'a Task,
    pub(super) promises: &'a [Promise],
    pub(super) court: Court<'a>,
    pub(super) deeds: Vec<Deed>,
    pub(super) machines: Vec<Id>,
    /// What is to be kept.
    pub(super) kept: Vec<usize>,
    /// What may be used for a time.
    pub(super) stage: Need,
    /// What the cloud would allow if it did not forbid it: to find out whether that is why.
    pub(super) relaxed: Option<Rule>,
    /// Whether every way to divide machines into waves is tried.
    pub(super) exact: bool,
    /// Whether each promise is broken in the goal: then no way leads there.
    pub(super) fails: Vec<bool>,
    /// From where there is no way, with so many windows left.
    dead: HashMap<(Numbers, usize), Why>,
    /// The first refusal that was met.
    pub(super) refused: Option<Words>,
    /// How far each promise lets plans come, if that is to be told.
    pub(super) notes: Option<Notes>,
    /// How many judgements and networks this search may still take.
    limit: usize,
    visited: usize,
    told: &'a dyn Fn(usize, usize),
}

impl<'a> Search<'a> {
    pub(super) fn new(
        task: &'a Task,
        promises: &'a [Promise],
        scenario: &Scenario,
        terms: (&'a str, Budget),
        told: &'a dyn Fn(usize, usize),
    ) -> Self {
        let deeds = deeds(task);
        let machines: Vec<Id> = task.machines.keys().cloned().collect();
        let mut court = Court::new((task, &deeds, &machines), promises, scenario, terms);
        let all: Vec<usize> = (0..promises.len()).collect();
        let ends = court.judged(&task.goal, &all, &Numbers::default());
        Self {
            fails: ends.into_iter().map(|it| it == Kept::Broken).collect(),
            task,
            promises,
            court,
            deeds,
            machines,
            kept: Vec::new(),
            stage: Need::Early,
            relaxed: None,
            exact: false,
            dead: HashMap::new(),
            refused: None,
            notes: None,
            limit: 0,
            visited: 0,
            told,
        }
    }

    pub(super) fn start(&self) -> State {
        State { network: self.task.from.clone(), done: Numbers::default() }
    }

    /// Everything that may happen.
    pub(super) fn all(&self) -> Numbers {
        Numbers::below(self.deeds.len() + self.machines.len())
    }

    /// A plan that keeps some promises, with as little for a time as there has to be.
    pub(super) fn find(&mut self, kept: &[usize]) -> Found {
        self.kept = kept.to_vec();
        let broken: Vec<usize> = kept.iter().copied().filter(|at| self.fails[*at]).collect();
        if !broken.is_empty() {
            return Found::Nothing(self.blamed(&Blocked::Promises(broken)));
        }
        let mut why = Why::default();
        for stage in [Need::Early, Need::Beside, Need::Linked, Need::Connected] {
            let more = self.deeds.iter().any(|deed| deed.need == stage);
            if stage > Need::Early && !more {
                continue;
            }
            match self.within(stage, usize::MAX) {
                Found::Nothing(stood) => why.join(&stood),
                found => return found,
            }
        }
        Found::Nothing(why)
    }

    /// A plan of at most so many windows that uses no more for a time than this.
    pub(super) fn within(&mut self, stage: Need, windows: usize) -> Found {
        self.stage = stage;
        self.limit = self.court.asked + PATIENCE;
        self.visited = 0;
        self.dead.clear();
        match self.from(&self.start(), windows) {
            Ok(steps) => Found::Steps(steps),
            Err(_) if self.is_over() => Found::TooLong,
            Err(why) => Found::Nothing(why),
        }
    }

    fn is_over(&self) -> bool {
        self.court.asked > self.limit || self.visited > REACH
    }

    /// The steps that are left from here.
    fn from(&mut self, state: &State, windows: usize) -> Result<Vec<Taken>, Why> {
        let key = (state.done.clone(), windows);
        if let Some(why) = self.dead.get(&key) {
            return Err(why.clone());
        }
        self.visited += 1;
        (self.told)(state.done.len(), self.deeds.len() + self.machines.len());
        if self.is_over() {
            return Err(self.everything());
        }
        let mut why = Why::default();
        if self.is_complete(state) {
            match self.last(state) {
                Ok(last) => return Ok(vec![last]),
                Err(stood) => why.join(&stood),
            }
        }
        for kind in [
            Kind::Prepare,
            Kind::Widen,
            Kind::Link,
            Kind::Connect,
            Kind::Change,
            Kind::Database,
            Kind::Name,
        ] {
            for together in self.ways(state, kind) {
                let none = Numbers::default();
                match self.tried(state, &together, &none, Strict::Yes) {
                    Err(blocked) => why.join(&self.blamed(&blocked)),
                    Ok((next, changes)) => {
                        let step = self.named(kind, together, changes);
                        if let Some(found) = self.after(state, (&next, windows), step, &mut why) {
                            return found;
                        }
                    }
                }
            }
        }
        let zones = self.zones(state);
        if zones.len() > windows {
            why = self.everything();
        } else {
            for (zone, candidates) in zones {
                let mut waves = Waves::of(candidates);
                while let Some(wave) = waves.next(self, state, &mut why) {
                    let step = self.moved(zone.as_deref(), wave.deeds, wave.machines, wave.changes);
                    let next = (&wave.next, windows.saturating_sub(1));
                    let next = if windows == usize::MAX { (next.0, windows) } else { next };
                    if let Some(found) = self.after(state, next, step, &mut why) {
                        return found;
                    }
                }
            }
        }
        self.dead.insert(key, why.clone());
        Err(why)
    }

    /// What comes of a step: a way to the end, or none that another order of the steps before could open. `None` = something
    /// else may be tried here.
    fn after(
        &mut self,
        state: &State,
        (next, windows): (&State, usize),
        step: Taken,
        why: &mut Why,
    ) -> Option<Result<Vec<Taken>, Why>> {
        let own = next.done.without(&state.done);
        match self.from(next, windows) {
            Ok(rest) => {
                let mut steps = vec![step];
                steps.extend(rest);
                Some(Ok(steps))
            }
            // it stands in the way of nothing
            Err(stood) if !stood.moves.meets(&own) => Some(Err(stood)),
            Err(stood) => {
                why.join(&stood);
                None
            }
        }
    }

    fn is_complete(&self, state: &State) -> bool {
        let deeds = self.deeds.iter().enumerate();
        let mut left =
            deeds.filter(|(at, deed)| deed.need == Need::Must && !state.done.contains(*at));
        left.next().is_none() && self.waiting(state).is_empty()
    }

    /// The machines that have yet to move, by their numbers.
    pub(super) fn waiting(&self, state: &State) -> Numbers {
        let machines = self.deeds.len()..self.deeds.len() + self.machines.len();
        machines.filter(|at| !state.done.contains(*at)).collect()
    }

    /// The deeds of a kind that may be done now: together what can be, else one by one.
    fn ways(&self, state: &State, kind: Kind) -> Vec<Vec<usize>> {
        let all = 0..self.deeds.len();
        let left = all.filter(|at| self.deeds[*at].kind == kind && self.may(state, *at));
        let left: Vec<usize> = left.collect();
        let single = left.iter().map(|at| vec![*at]);
        if matches!(kind, Kind::Prepare | Kind::Connect) && left.len() > 1 {
            return std::iter::once(left.clone()).chain(single).collect();
        }
        single.collect()
    }

    /// Whether a deed makes sense now.
    pub(super) fn may(&self, state: &State, at: usize) -> bool {
        let deed = &self.deeds[at];
        if deed.need > self.stage || state.done.contains(at) {
            return false;
        }
        let now = &state.network;
        let is_classic = |id: &Id| {
            now.classic_databases.contains_key(id) || now.classic_load_balancers.contains_key(id)
        };
        match &deed.work {
            // where links are made, rules that also name old addresses take the place of those that do not
            Work::Do(_) if deed.kind == Kind::Widen && deed.need < self.stage => {
                let mut others = self.deeds.iter();
                !others.any(|it| {
                    it.kind == Kind::Widen && it.need > deed.need && it.need <= self.stage
                })
            }
            Work::Link(_, instances) => {
                let mut all = instances.iter();
                all.any(|id| now.classic_instances.contains_key(id))
            }
            Work::Name(name, to) if deed.need == Need::Connected => {
                let connection = now.endpoint_connections.get(to);
                let goal = self.deeds.iter().position(|other| {
                    matches!(&other.work, Work::Name(own, _) if own == name)
                        && other.need == Need::Must
                });
                connection.is_some_and(|it| is_classic(&it.target))
                    && goal.is_none_or(|goal| !state.done.contains(goal))
            }
            Work::Do(changes) if deed.kind == Kind::Connect => changes.iter().all(|it| {
                let Change::Create(part) = it else { return true };
                let mut all = part.network.endpoint_connections.values();
                all.all(|it| is_classic(&it.target))
            }),
            _ => true,
        }
    }

    /// The machines that wait, zone by zone.
    fn zones(&self, state: &State) -> BTreeMap<Option<String>, Vec<usize>> {
        let mut zones: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
        for at in self.waiting(state).iter() {
            let place = &self.task.machines[&self.machines[at - self.deeds.len()]];
            // where no zone is told, subnets may lie in different ones
            let zone = place.zone.clone();
            let zone = zone.unwrap_or_else(|| place.subnet.to_string());
            let zone = (self.relaxed != Some(Rule::OneZone)).then_some(zone);
            zones.entry(zone).or_default().push(at);
        }
        zones
    }

    /// The fewest windows that the rules of the cloud leave.
    pub(super) fn least(&self) -> usize {
        let zones = self.zones(&self.start());
        let sizes = zones.values().map(Vec::len);
        sizes.map(|size| size.div_ceil(MOVED_AT_ONCE.most)).sum()
    }

    /// What has to do with a step that cannot be taken.
    pub(super) fn blamed(&mut self, blocked: &Blocked) -> Why {
        match blocked {
            Blocked::Promises(broken) => {
                let mut moves = Numbers::default();
                let scopes = broken.iter().map(|at| self.court.scope(*at));
                scopes.for_each(|scope| moves.join(scope));
                let promises = broken.iter().copied().collect();
                Why { moves, promises }
            }
            Blocked::Refused(words) => {
                self.refused.get_or_insert_with(|| words.clone());
                self.everything()
            }
        }
    }

    fn everything(&self) -> Why {
        Why { moves: self.all(), promises: BTreeSet::new() }
    }

    pub(super) fn named(&self, kind: Kind, deeds: Vec<usize>, changes: Vec<Change>) -> Taken {
        let name = match deeds[..] {
            [one] => self.deeds[one].name.clone(),
            _ if kind == Kind::Connect => Words::new(
                "connect the VPC to what is classic for a time",
                "临时建立到基础网络的终端连接",
            ),
            _ => prepared(),
        };
        Taken { kind, name, deeds, machines: Numbers::default(), changes }
    }

    pub(super) fn moved(
        &self,
        zone: Option<&str>,
        deeds: Vec<usize>,
        machines: Numbers,
        changes: Vec<Change>,
    ) -> Taken {
        let ids: Vec<&str> = machines.iter().map(|at| self.id(at).as_str()).collect();
        let (english, chinese) = match ids[..] {
            [] => (String::new(), String::new()),
            [one] => (one.to_owned(), one.to_owned()),
            [one, two] => (format!("{one} and {two}"), format!("{one} 和 {two}")),
            [one, ..] => {
                (format!("{one} and {} more", ids.len() - 1), format!("{one} 等 {} 台", ids.len()))
            }
        };
        let place = machines.iter().next().and_then(|at| {
            let place = self.task.machines.get(self.id(at))?;
            place.zone.as_deref()
        });
        let zone = zone.and(place).map_or_else(String::new, |zone| format!(" ({zone})"));
        Taken {
            kind: Kind::Machines,
            name: Words::new(format!("move {english}{zone}"), format!("迁移 {chinese}{zone}")),
            deeds,
            machines,
            changes,
        }
    }
}
