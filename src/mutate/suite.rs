//! The expectations of a file, stage by stage, judged again with a mutant in the place of its network.

use std::sync::Arc;

use crate::code::Code;
use crate::diagnostic::{Span, Words};
use crate::model::{Change, Network, apply};
use crate::query::Expectation;
use crate::scenario::{Planned, Scenario};
use crate::space::Budget;
use crate::verify::{Outcome, Situation, applied, base, judged};

/// A scenario whose expectations are to notice mistakes.
pub struct Suite<'s> {
    pub(super) scenario: &'s Scenario,
    /// Its network.
    pub(super) base: Situation,
    pub(super) today: &'s str,
    pub(super) budget: Budget,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turned {
    /// The expectations that do not pass, and the changes that do not come as the file says, in the order of the file.
    pub spans: Vec<Span>,
    /// Of how many the budget was not enough to tell.
    pub untold: usize,
}

impl<'s> Suite<'s> {
    /// The expectations of a scenario.
    #[must_use]
    pub fn new(scenario: &'s Scenario, today: &'s str, budget: Budget) -> Self {
        Self {
            scenario,
            base: base(scenario),
            today,
            budget,
        }
    }

    /// The network of the file, compiled at most once.
    #[must_use]
    pub fn situation(&self) -> Situation {
        self.base.clone()
    }

    /// Whether anything is expected at all.
    #[must_use]
    pub fn asks(&self) -> bool {
        let stages = self.scenario.steps.iter().chain(&self.scenario.what_if);
        let mut later = stages.map(|stage| (&stage.expectations, &stage.changes));
        !self.scenario.base.is_empty()
            || later.any(|(expectations, changes)| {
                !expectations.is_empty() || changes.iter().any(|change| change.refused.is_some())
            })
    }

    /// The network of the file as mutated, if the cloud lets that happen.
    ///
    /// # Errors
    ///
    /// With the refusal of the cloud.
    pub fn mutated(&self, changes: &[Change]) -> Result<Situation, (Code, Words)> {
        let mut network: Option<Network> = None;
        for change in changes {
            let now = network.as_ref().unwrap_or(&self.base.network);
            let next = apply(now, change).map_err(|refusal| (refusal.code, refusal.message))?;
            network = Some(next);
        }
        Ok(match network {
            Some(network) => Situation::new(Arc::new(network), Arc::clone(&self.base.origins)),
            None => self.base.clone(),
        })
    }

    /// The file as it stands: what of it does not hold.
    #[must_use]
    pub fn as_written(&self) -> Turned {
        self.turned(&self.base)
    }

    /// What does not hold with this network in the place of the file's.
    #[must_use]
    pub fn turned(&self, base: &Situation) -> Turned {
        let mut turned = Turned::default();
        self.stage(base, &self.scenario.base, &mut turned);
        let mut now = base.clone();
        for step in &self.scenario.steps {
            let (next, changes) = applied(&now, &step.changes);
            let missed = changes.iter().filter(|change| !change.passed);
            turned.spans.extend(missed.map(|change| change.span));
            self.stage(&next, &step.expectations, &mut turned);
            now = next;
        }
        for what_if in &self.scenario.what_if {
            let (then, changes) = applied(base, &what_if.changes);
            let missed = changes.iter().filter(|change| !change.passed);
            turned.spans.extend(missed.map(|change| change.span));
            self.stage(&then, &what_if.expectations, &mut turned);
        }
        turned
    }

    fn stage(
        &self,
        situation: &Situation,
        expectations: &[Planned<Expectation>],
        turned: &mut Turned,
    ) {
        let terms = (self.today, || self.budget.begin());
        for report in judged(situation, expectations, terms) {
            if report.outcome == Outcome::Undetermined && report.exceeded().is_some() {
                turned.untold += 1;
            } else if !report.outcome.is_good() {
                turned.spans.push(report.span);
            }
        }
    }
}
