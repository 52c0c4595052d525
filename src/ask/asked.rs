//! One scenario file and one of its networks: what every question but `check` starts with.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value;

use super::difference::Two;
use super::wrong::{Unanswered, Wrong, warnings};
use crate::code::Language;
use crate::diagnostic::{Diagnostic, Sources, Words, visible};
use crate::scenario::{Files, Loaded, Names, Scenario, load_within};
use crate::verify::{Allowance, Budget, Read, Situation, base, situation, situations};

/// Reading may take this long, however little a question may: it comes before all of them.
const LEAST_TO_READ: Duration = Duration::from_secs(2);

/// How long reading a file may take: as long as a question.
#[must_use]
pub fn to_read(budget: Budget) -> Allowance {
    let time = budget.time.map(|time| time.max(LEAST_TO_READ));
    // What is read is kept, also for others than who asked first.
    let wanted = None;
    Budget { time, wanted, ..budget }.begin()
}

/// A scenario and the network that is asked.
#[derive(Clone)]
pub struct Asked {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Its texts.
    pub sources: Sources,
    /// The network that is asked.
    pub situation: Situation,
    /// Warnings of the file.
    pub diagnostics: Arc<[Diagnostic]>,
    /// The network of the file itself.
    base: Situation,
    names: Arc<OnceLock<Names>>,
}

impl Asked {
    /// The base network of a loaded file.
    ///
    /// # Errors
    ///
    /// With what is wrong in the file.
    pub fn of(loaded: Loaded) -> Result<Self, Unanswered> {
        Self::after(loaded, None).map_err(Unanswered::in_texts)
    }

    /// The same, of a file that was another one before: what its network still has in common is not compiled again.
    ///
    /// # Errors
    ///
    /// With the texts and what is wrong in them.
    pub fn after(
        loaded: Loaded,
        before: Option<&Self>,
    ) -> Result<Self, (Sources, Vec<Diagnostic>)> {
        let Loaded { sources, scenario, diagnostics } = loaded;
        let Some(mut scenario) = scenario else {
            return Err((sources, diagnostics));
        };
        if let Some(before) = before {
            scenario.network.share(&before.base.network);
        }
        let own = base(&scenario);
        let situation = match before {
            Some(before) => before.base.after(own.network, own.origins),
            None => own,
        };
        Ok(Self {
            base: situation.clone(),
            situation,
            scenario: Arc::new(scenario),
            sources,
            diagnostics: diagnostics.into(),
            names: Arc::default(),
        })
    }

    /// All of the file, for who runs it.
    #[must_use]
    pub fn read(&self) -> Read<'_> {
        let usable = (&*self.scenario, &self.base);
        let diagnostics = self.diagnostics.to_vec();
        (self.sources.clone(), diagnostics, Some(usable))
    }

    /// The network of the file itself, whichever is asked.
    #[must_use]
    pub fn base(&self) -> &Situation {
        &self.base
    }

    /// Loads a file.
    ///
    /// # Errors
    ///
    /// With what is wrong in the file.
    pub fn load(path: &str, files: &dyn Files, budget: Budget) -> Result<Self, Unanswered> {
        Self::of(load_within(path, files, to_read(budget)))
    }

    /// The same file after a step or in a what-if.
    ///
    /// # Errors
    ///
    /// If it has none of that name.
    pub fn at(&self, path: &str, step: &str) -> Result<Self, Unanswered> {
        match situation(&self.scenario, &self.base, step) {
            Some(situation) => Ok(self.in_network(situation)),
            None => Err(no_stage(&self.scenario, path, step).into()),
        }
    }

    /// The same file in the networks that it speaks of: its own, then after each step, then in each what-if.
    pub fn stages(&self) -> impl Iterator<Item = Self> {
        let all = situations(&self.scenario, &self.base);
        all.into_iter().map(|situation| self.in_network(situation))
    }

    /// The same file after changes, which come as texts with a name each.
    ///
    /// # Errors
    ///
    /// With what is wrong in them, or what the cloud refuses.
    pub fn changed(
        &self,
        texts: &[(String, String)],
        language: Language,
    ) -> Result<Self, Unanswered> {
        if texts.is_empty() {
            return Ok(self.clone());
        }
        let two = Two::by_changes(self, texts, language)?;
        let unlike = two.changes.iter().find(|change| !change.passed);
        if let Some((change, (code, why))) = unlike.and_then(|it| Some((it, it.refused.as_ref()?)))
        {
            let (action, code) = (change.action, code.name());
            return Err(Wrong::asked(Words::new(
                format!("the cloud refuses `{action}` ({code}): {why}"),
                format!("云平台拒绝 `{action}`（{code}）：{}", why.chinese()),
            ))
            .into());
        }
        let (situation, sources) = two.new;
        Ok(Self { sources, ..self.in_network(situation) })
    }

    fn in_network(&self, situation: Situation) -> Self {
        Self { situation, names: Arc::default(), ..self.clone() }
    }

    /// What words of selectors mean in the network: found once for all who ask.
    #[must_use]
    pub fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::of(&self.situation.network))
    }

    /// Warnings of the file, as the JSON of a result has them under `diagnostics`.
    #[must_use]
    pub fn warnings(&self, language: Language) -> Vec<Value> {
        warnings(&self.sources, &self.diagnostics, language)
    }
}

/// The file has no stage of that name.
pub(super) fn no_stage(scenario: &Scenario, path: &str, step: &str) -> Wrong {
    let path = visible(path);
    let stages = scenario.steps.iter().chain(&scenario.what_if);
    let names: Vec<_> = stages.map(|stage| format!("`{}`", stage.name)).collect();
    let known = if names.is_empty() {
        Words::new("it has no steps and no what-ifs", "文件中没有 steps，也没有 what_if")
    } else {
        Words::new(format!("it has {}", names.join(", ")), format!("文件中有 {}", names.join("、")))
    };
    Wrong::Asked {
        message: Words::new(
            format!("{path} has no step or what-if named `{step}`"),
            format!("{path} 中没有名为 `{step}` 的 step 或 what_if"),
        ),
        help: Some(known),
    }
}
