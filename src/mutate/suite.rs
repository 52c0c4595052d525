//! The expectations of a file, stage by stage, judged again with a mutant in the place of its network.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use crate::code::Code;
use crate::diagnostic::{Span, Words};
use crate::model::{Change, Network, apply};
use crate::query::{Expectation, Selector};
use crate::scenario::{Planned, Scenario, Side, resolve_selector};
use crate::space::Budget;
use crate::verify::{Edit, Outcome, Situation, applied, base, judged};

/// A scenario whose expectations are to notice mistakes.
pub struct Suite<'s> {
    pub(super) scenario: &'s Scenario,
    /// Its network.
    pub(super) base: Situation,
    pub(super) today: &'s str,
    pub(super) budget: Budget,
    /// How the expectations of the file's own network stand as it is written, once anybody has asked.
    written: OnceLock<Vec<Stand>>,
    /// What texts mean as ends, from first or to: most mutants are told by the same few.
    means: Mutex<FxHashMap<(String, bool), Option<Selector>>>,
}

/// What came of one expectation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    Holds,
    Turned,
    /// The budget was not enough to tell.
    Untold,
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
        Self::of(scenario, base(scenario), today, budget)
    }

    /// The same, where the network of the file is compiled already.
    #[must_use]
    pub fn of(scenario: &'s Scenario, base: Situation, today: &'s str, budget: Budget) -> Self {
        Self { scenario, base, today, budget, written: OnceLock::new(), means: Mutex::default() }
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
            Some(network) => {
                let origins = Arc::clone(&self.base.origins);
                self.base.after(Arc::new(network), origins)
            }
            None => self.base.clone(),
        })
    }

    /// What a text means as an end of an expectation of the file; `None` = nothing.
    pub(super) fn read(&self, text: &str, side: Side) -> Option<Selector> {
        let key = (text.to_owned(), matches!(side, Side::From));
        let lock = || self.means.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            return known.clone();
        }
        let read = resolve_selector(text, side, &self.base.network).ok();
        lock().insert(key, read.clone());
        read
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
        turned.note(&self.scenario.base, &self.own(base));
        let mut now = base.clone();
        for step in &self.scenario.steps {
            let (next, changes) = applied(&now, &step.changes);
            let missed = changes.iter().filter(|change| !change.passed);
            turned.spans.extend(missed.map(|change| change.span));
            turned.note(&step.expectations, &self.stands(&next, &step.expectations));
            now = next;
        }
        for what_if in &self.scenario.what_if {
            let (then, changes) = applied(base, &what_if.changes);
            let missed = changes.iter().filter(|change| !change.passed);
            turned.spans.extend(missed.map(|change| change.span));
            turned.note(&what_if.expectations, &self.stands(&then, &what_if.expectations));
        }
        turned
    }

    /// How the expectations of the file's own network stand with another in its place. Those that an edit of rules surely
    /// leaves as they are, are not judged again.
    fn own(&self, base: &Situation) -> Vec<Stand> {
        let all = &self.scenario.base;
        let written = || self.stands(&self.base, all);
        if Arc::ptr_eq(&base.network, &self.base.network) {
            return self.written.get_or_init(written).clone();
        }
        let (old, new) = (self.base.fabric(), base.fabric());
        let Some(edit) = Edit::between(&old, &new) else {
            return self.stands(base, all);
        };
        let spared: Vec<bool> = all.iter().map(|one| edit.spares(&one.value)).collect();
        let asked = all.iter().zip(&spared).filter(|(_, spared)| !**spared);
        let mut again = self.stands(base, asked.map(|(one, _)| one)).into_iter();
        let written = self.written.get_or_init(written).iter().zip(spared);
        let stands =
            written.map(
                |(written, spared)| {
                    if spared { *written } else { again.next().unwrap_or(Stand::Untold) }
                },
            );
        stands.collect()
    }

    fn stands<'e>(
        &self,
        situation: &Situation,
        expectations: impl IntoIterator<Item = &'e Planned<Expectation>>,
    ) -> Vec<Stand> {
        let terms = (self.today, || self.budget.begin());
        let reports = judged(situation, expectations, terms).into_iter();
        let stands = reports.map(|report| {
            if report.outcome == Outcome::Undetermined && report.exceeded().is_some() {
                Stand::Untold
            } else if report.outcome.is_good() {
                Stand::Holds
            } else {
                Stand::Turned
            }
        });
        stands.collect()
    }
}

impl Turned {
    fn note(&mut self, expectations: &[Planned<Expectation>], stands: &[Stand]) {
        for (planned, stand) in expectations.iter().zip(stands) {
            match stand {
                Stand::Holds => {}
                Stand::Turned => self.spans.push(planned.span),
                Stand::Untold => self.untold += 1,
            }
        }
    }
}
