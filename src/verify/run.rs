//! A scenario from top to bottom: base, steps in order, what-ifs each from the base.

use std::sync::{Arc, Mutex, OnceLock};

use super::judge::judge;
use super::kept::Kept;
use super::report::{ChangeReport, ExpectationReport, FileReport, StageKind, StageReport};
use super::summary::Sets;
use crate::diagnostic::{Diagnostic, Sources};
use crate::engine::{Classes, Reacher};
use crate::fabric::Fabric;
use crate::model::{Network, apply};
use crate::query::Expectation;
use crate::scenario::{Loaded, Origins, Planned, PlannedChange, Scenario, Stage};
use crate::space::{Allowance, Budget, Exceeded, Space};

/// The network of a stage and where its rules stand.
#[derive(Clone)]
pub struct Situation {
    /// The network.
    pub network: Arc<Network>,
    /// Places in files.
    pub origins: Arc<Origins>,
    compiled: Compiled,
    /// The network that a change made this one of, as far as it is compiled: most of it is not compiled again.
    before: Option<Compiled>,
}

/// A network compiled, once anybody has asked for it.
#[derive(Clone, Default)]
struct Compiled {
    fabric: Arc<OnceLock<Arc<Fabric>>>,
    classes: Arc<OnceLock<Arc<Classes>>>,
    /// What its ends are members of.
    sets: Arc<OnceLock<Sets>>,
    /// What comparisons with it have left for the next one.
    kept: Arc<Mutex<Vec<Kept>>>,
}

impl Situation {
    /// A network and where its rules stand.
    #[must_use]
    pub fn new(network: Arc<Network>, origins: Arc<Origins>) -> Self {
        Self { network, origins, compiled: Compiled::default(), before: None }
    }

    /// A network that a change made of this one.
    #[must_use]
    pub fn after(&self, network: Arc<Network>, origins: Arc<Origins>) -> Self {
        // Nobody will compile what lies between two changes.
        let passing = self.compiled.fabric.get().is_none();
        let before = self.before.as_ref().filter(|_| passing);
        Self {
            before: Some(before.unwrap_or(&self.compiled).clone()),
            ..Self::new(network, origins)
        }
    }

    /// The same network, where its rules are found elsewhere.
    #[must_use]
    pub fn placed(&self, origins: Arc<Origins>) -> Self {
        Self { origins, ..self.clone() }
    }

    /// The network compiled: once for all who ask.
    #[must_use]
    pub fn fabric(&self) -> Arc<Fabric> {
        let fabric = || {
            let before = self.before.as_ref();
            let before = before.and_then(|before| before.fabric.get());
            let network = Arc::clone(&self.network);
            Arc::new(match before {
                Some(before) => before.after(network),
                None => Fabric::new(network),
            })
        };
        Arc::clone(self.compiled.fabric.get_or_init(fabric))
    }

    /// What its ends are members of, once anybody has asked: rules of groups and ACLs decide nothing of that.
    pub(super) fn sets(&self) -> Arc<OnceLock<Sets>> {
        let before = self.before.as_ref();
        let before = before.filter(|it| {
            let fabric = it.fabric.get();
            fabric.is_some_and(|fabric| self.fabric().shares_ways(fabric))
        });
        Arc::clone(&before.unwrap_or(&self.compiled).sets)
    }

    /// What another comparison with it has left.
    pub(super) fn kept(&self) -> Kept {
        let mut kept = self.compiled.kept.lock();
        let kept = kept.as_mut().ok().and_then(|kept| kept.pop());
        kept.unwrap_or_default()
    }

    /// Keeps what a comparison has left for the next one.
    pub(super) fn keep(&self, kept: Kept) {
        if let Ok(mut all) = self.compiled.kept.lock()
            && all.len() < rayon::current_num_threads()
        {
            all.push(kept);
        }
    }

    /// Which of its endpoints nothing tells apart: found once for all who ask.
    #[must_use]
    pub fn classes(&self) -> Arc<Classes> {
        let classes = || {
            let fabric = self.fabric();
            let before = self.before.as_ref();
            let before = before.and_then(|it| it.classes.get().zip(it.fabric.get()));
            match before {
                Some((classes, old)) => classes.after(old, &fabric),
                None => Arc::new(Classes::of(&fabric)),
            }
        };
        Arc::clone(self.compiled.classes.get_or_init(classes))
    }
}

/// A file that was read: its texts, what is wrong in them, and the scenario with its network unless that is too much.
pub type Read<'a> = (Sources, Vec<Diagnostic>, Option<(&'a Scenario, &'a Situation)>);

/// Runs every expectation of a loaded file, each within the budget.
#[must_use]
pub fn run(path: &str, loaded: Loaded, today: &str, budget: Budget) -> FileReport {
    let Loaded { sources, scenario, diagnostics } = loaded;
    let base = scenario.as_ref().map(base);
    let usable = scenario.as_ref().zip(base.as_ref());
    run_read(path, (sources, diagnostics, usable), today, budget)
}

/// The same of a file whose network others ask, too: it is compiled once for all.
#[must_use]
pub fn run_read(
    path: &str,
    (sources, diagnostics, usable): Read<'_>,
    today: &str,
    budget: Budget,
) -> FileReport {
    FileReport {
        path: path.to_owned(),
        name: usable.and_then(|(scenario, _)| scenario.name.clone()),
        sources,
        diagnostics,
        stages: usable.map_or_else(Vec::new, |it| stages(it, (today, budget))),
    }
}

fn stages(
    (scenario, base): (&Scenario, &Situation),
    (today, budget): (&str, Budget),
) -> Vec<StageReport> {
    let terms = (today, || budget.begin());
    let mut reports = vec![stage(base, StageKind::Base, None, Vec::new(), &scenario.base, terms)];
    let mut now = base.clone();
    for step in &scenario.steps {
        let (next, changes) = applied(&now, &step.changes);
        let name = Some(step.name.clone());
        reports.push(stage(&next, StageKind::Step, name, changes, &step.expectations, terms));
        now = next;
    }
    for what_if in &scenario.what_if {
        let (then, changes) = applied(base, &what_if.changes);
        let name = Some(what_if.name.clone());
        reports.push(stage(&then, StageKind::WhatIf, name, changes, &what_if.expectations, terms));
    }
    reports
}

/// The network of the file.
#[must_use]
pub fn base(scenario: &Scenario) -> Situation {
    Situation::new(Arc::new(scenario.network.clone()), Arc::new(scenario.origins.clone()))
}

/// The network after a step or in a what-if, by its name, made of that of the file; `None` = no stage has that name.
#[must_use]
pub fn situation(scenario: &Scenario, base: &Situation, at: &str) -> Option<Situation> {
    let mut now = base.clone();
    for step in &scenario.steps {
        now = applied(&now, &step.changes).0;
        if step.name == at {
            return Some(now);
        }
    }
    let mut what_ifs = scenario.what_if.iter();
    let what_if: &Stage = what_ifs.find(|what_if| what_if.name == at)?;
    Some(applied(base, &what_if.changes).0)
}

/// The networks of a file: its own, which is given, then one after each step, then one a what-if.
#[must_use]
pub fn situations(scenario: &Scenario, base: &Situation) -> Vec<Situation> {
    let mut now = base.clone();
    let mut all = vec![base.clone()];
    for step in &scenario.steps {
        now = applied(&now, &step.changes).0;
        all.push(now.clone());
    }
    let what_ifs = scenario.what_if.iter();
    all.extend(what_ifs.map(|what_if| applied(base, &what_if.changes).0));
    all
}

/// Applies changes in order; a refused one leaves the network as it was.
#[must_use]
pub fn applied(from: &Situation, changes: &[PlannedChange]) -> (Situation, Vec<ChangeReport>) {
    let mut now = from.clone();
    let mut reports = Vec::new();
    for planned in changes {
        let refused = match apply(&now.network, &planned.change) {
            Ok(network) => {
                let origins = now.origins.after(&planned.change, planned.origin);
                now = now.after(Arc::new(network), Arc::new(origins));
                None
            }
            Err(refusal) => Some((refusal.code, refusal.message)),
        };
        let code = refused.as_ref().map(|(code, _)| *code);
        reports.push(ChangeReport {
            span: planned.span,
            action: planned.change.action(),
            passed: code == planned.refused,
            refused,
            wanted: planned.refused,
        });
    }
    (now, reports)
}

/// Runs the expectations of a file in another network than they were written for: what a change would break. Each has the
/// whole budget.
#[must_use]
pub fn rerun(
    situation: &Situation,
    scenario: &Scenario,
    today: &str,
    budget: Budget,
) -> StageReport {
    asked_again(situation, scenario, (today, || budget.begin()))
}

/// The same, each with what `begin` allows it.
pub(super) fn asked_again(
    situation: &Situation,
    scenario: &Scenario,
    terms: (&str, impl Fn() -> Allowance + Copy),
) -> StageReport {
    let (kind, changes) = (StageKind::Base, Vec::new());
    stage(situation, kind, None, changes, &scenario.base, terms)
}

fn stage(
    situation: &Situation,
    kind: StageKind,
    name: Option<String>,
    changes: Vec<ChangeReport>,
    expectations: &[Planned<Expectation>],
    terms: (&str, impl Fn() -> Allowance),
) -> StageReport {
    StageReport {
        kind,
        name,
        changes,
        expectations: judged(situation, expectations, terms),
        network: Arc::clone(&situation.network),
        origins: Arc::clone(&situation.origins) as _,
    }
}

/// Judges expectations in a network, one after the other over one arena, each with what `begin` allows it.
pub fn judged<'e>(
    situation: &Situation,
    expectations: impl IntoIterator<Item = &'e Planned<Expectation>>,
    (today, begin): (&str, impl Fn() -> Allowance),
) -> Vec<ExpectationReport> {
    let mut expectations = expectations.into_iter().peekable();
    if expectations.peek().is_none() {
        return Vec::new();
    }
    let fabric = situation.fabric();
    let mut reacher = Reacher::within(&fabric, Space::within(begin()));
    let empty = reacher.space.node_count();
    let expectations = expectations.map(|planned| {
        let allowance = begin();
        reacher.renew(allowance);
        let alone = reacher.space.node_count() <= empty;
        let report = judge(&mut reacher, &planned.value, planned.span, today);
        match report.exceeded() {
            // What those before it have left in the arena is not to be its trouble.
            Some(Exceeded::Nodes(_)) if !alone => {
                reacher.renew(allowance);
                judge(&mut reacher, &planned.value, planned.span, today)
            }
            _ => report,
        }
    });
    expectations.collect()
}
