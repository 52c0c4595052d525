//! The stages of a file, and a certificate for every expectation of theirs.

use super::{Gap, Proof, certify, prove};
use crate::engine::Reacher;
use crate::query::{Expectation, Selector, Traffics};
use crate::scenario::{Planned, PlannedChange, Scenario};
use crate::space::{Budget, Space};
use crate::verify::{ChangeReport, Situation, StageKind, applied};

/// A stage as its certificates tell it.
pub struct Setting<'a> {
    /// Base, step or what-if.
    pub kind: StageKind,
    /// Its name; none for the base.
    pub name: Option<&'a str>,
    /// Its changes, and whether they were applied.
    pub changes: Vec<(&'static str, bool)>,
    /// What is expected of it.
    pub expectations: &'a [Planned<Expectation>],
    situation: Situation,
    /// Every change so far came as the file says: the checker takes the file's word for what is refused.
    sound: bool,
}

/// The base of a scenario, or its step or what-if of that name.
#[must_use]
pub fn setting<'s>(
    scenario: &'s Scenario,
    base: &Situation,
    at: Option<&str>,
) -> Option<Setting<'s>> {
    match at {
        None => Some(own(scenario, base)),
        Some(_) => settings_of(scenario, base).into_iter().find(|it| it.name == at),
    }
}

fn own<'s>(scenario: &'s Scenario, base: &Situation) -> Setting<'s> {
    Setting {
        kind: StageKind::Base,
        name: None,
        changes: Vec::new(),
        expectations: &scenario.base,
        situation: base.clone(),
        sound: true,
    }
}

/// The stages of a scenario: its base, one a step, one a what-if. Others may ask its network, too: it is compiled once for
/// all.
#[must_use]
pub fn settings_of<'s>(scenario: &'s Scenario, base: &Situation) -> Vec<Setting<'s>> {
    let mut now = (base.clone(), true);
    let mut all = vec![own(scenario, base)];
    let steps = scenario.steps.iter().map(|step| (StageKind::Step, step));
    let what_ifs = scenario.what_if.iter();
    let what_ifs = what_ifs.map(|what_if| (StageKind::WhatIf, what_if));
    for (kind, stage) in steps.chain(what_ifs) {
        let from = match kind {
            StageKind::WhatIf => (base, true),
            StageKind::Base | StageKind::Step => (&now.0, now.1),
        };
        let (situation, changes, sound) = changed(from, &stage.changes);
        if kind == StageKind::Step {
            now = (situation.clone(), sound);
        }
        all.push(Setting {
            kind,
            name: Some(&stage.name),
            changes,
            expectations: &stage.expectations,
            situation,
            sound,
        });
    }
    all
}

fn changed(
    (from, sound): (&Situation, bool),
    changes: &[PlannedChange],
) -> (Situation, Vec<(&'static str, bool)>, bool) {
    let (situation, reports) = applied(from, changes);
    let told = |report: &ChangeReport| (report.action, report.refused.is_none());
    let sound = sound && reports.iter().all(|report| report.passed);
    (situation, reports.iter().map(told).collect(), sound)
}

impl Setting<'_> {
    /// Certifies the expectations of the stage, each within the budget.
    #[must_use]
    pub fn certificates(&self, budget: Budget) -> Vec<Result<Proof, Gap>> {
        if self.expectations.is_empty() {
            return Vec::new();
        }
        let fabric = self.situation.fabric();
        let mut reacher = Reacher::within(&fabric, Space::within(budget.begin()));
        let expectations = self.expectations.iter().map(|planned| {
            reacher.renew(budget.begin());
            self.certified(certify(&mut reacher, &planned.value))
        });
        expectations.collect()
    }

    /// Certifies what becomes of the connections between two sets.
    ///
    /// # Errors
    ///
    /// With why there is no certificate.
    pub fn answer(
        &self,
        ends: [&Selector; 2],
        traffic: &Traffics,
        budget: Budget,
    ) -> Result<Proof, Gap> {
        let fabric = self.situation.fabric();
        let mut reacher = Reacher::within(&fabric, Space::within(budget.begin()));
        self.certified(prove(&mut reacher, ends, traffic))
    }

    fn certified(&self, proof: Result<Proof, Gap>) -> Result<Proof, Gap> {
        if self.sound { proof } else { Err(Gap::Stage) }
    }
}
