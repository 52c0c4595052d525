//! What `failures` tells: as data without a network behind it, from which text, JSON and tables are made, in whatever
//! place and language, also of slices that were put together.

mod json;
mod stored;
mod text;

pub use json::failures_json;
pub use stored::FailureLine;
pub use text::failures_text;

use super::scene::spot;
use crate::diagnostic::Sources;
use crate::model::{Failing, Kind};
use crate::space::Exceeded;
use crate::verify::{Broken, ExpectationReport, Failures, Outcome};

/// All that `failures` tells of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailuresTold {
    /// The file, as it was named.
    pub file: String,
    /// After which step, or in which what-if.
    pub at: Option<String>,
    /// How many things fail at once at most.
    pub at_once: usize,
    /// Which slice of the work, as `K/N`, unless it is all.
    pub shard: Option<String>,
    /// The promises, in their order.
    pub promises: Vec<PromiseTold>,
    /// How many things can fail.
    pub failures: usize,
    /// How many of them were tried here, alone and two at once.
    pub tried: (usize, usize),
    /// How many things had failed before.
    pub failed: usize,
    /// How many instance groups there are, whose members cannot fail one by one.
    pub groups: usize,
    /// What breaks something, in the order to be told.
    pub entries: Vec<EntryTold>,
    /// What may break something.
    pub open: Vec<OpenTold>,
}

/// A promise of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseTold {
    /// Its name.
    pub name: Option<String>,
    /// The file that it stands in.
    pub file: String,
    /// The line.
    pub line: usize,
    /// Who opens.
    pub from: String,
    /// Who is meant.
    pub to: String,
    /// What is asked for.
    pub service: String,
    /// The verdict that is expected.
    pub expected: &'static str,
    /// How it fares with nothing down.
    pub outcome: Outcome,
    /// Whether it is of the network that is asked, not of one before.
    pub is_own: bool,
}

/// Something that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownTold {
    /// Its place among all that can fail.
    pub number: usize,
    /// What it goes by.
    pub id: String,
    /// What it is.
    pub kind: Failing,
}

/// A failure, or two at once, and what it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryTold {
    /// What fails.
    pub down: Vec<DownTold>,
    /// Whether it only breaks promises about the very machines that fail.
    pub is_end: bool,
    /// What breaks.
    pub breaks: Vec<BreakTold>,
}

/// A promise that breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakTold {
    /// By position.
    pub promise: usize,
    /// What is so instead.
    pub verdict: Option<&'static str>,
    /// How it fares then.
    pub outcome: Outcome,
    /// Why, by code.
    pub reasons: Vec<&'static str>,
}

/// A promise that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTold {
    /// What fails.
    pub down: Vec<DownTold>,
    /// The promise, by position.
    pub promise: usize,
    /// What the budget was not enough of.
    pub exceeded: Exceeded,
}

impl FailuresTold {
    /// What came of a sweep; the first `base` promises are those of the base network, of which only some hold in another.
    #[must_use]
    pub fn of(
        found: &Failures,
        (file, at): (&str, Option<&str>),
        base: usize,
        sources: &Sources,
    ) -> Self {
        let promises = found.before.iter().enumerate();
        let promises = promises.map(|(index, report)| {
            let is_own = at.is_none() || index >= base;
            promise(report, is_own, sources)
        });
        let down = |down: &[usize]| -> Vec<DownTold> {
            let numbers = down.iter();
            let down = numbers.map(|number| DownTold {
                number: *number,
                id: found.failures[*number].name.to_string(),
                kind: found.failures[*number].kind,
            });
            down.collect()
        };
        let entries = found.broken.iter().map(|broken| EntryTold {
            down: down(&broken.down),
            is_end: broken.is_end,
            breaks: breaks(broken),
        });
        let open = found.open.iter().map(|open| OpenTold {
            down: down(&open.down),
            promise: open.promise,
            exceeded: open.exceeded,
        });
        Self {
            file: file.to_owned(),
            at: at.map(str::to_owned),
            at_once: 1,
            shard: None,
            promises: promises.collect(),
            failures: found.failures.len(),
            tried: found.tried,
            failed: found.failed,
            groups: found.groups,
            entries: entries.collect(),
            open: open.collect(),
        }
    }

    /// The promises that hold with nothing down: those that can break.
    pub fn held(&self) -> impl Iterator<Item = &PromiseTold> {
        let promises = self.promises.iter();
        promises.filter(|promise| promise.outcome == Outcome::Pass)
    }

    /// The promises that are amiss with nothing down.
    pub fn amiss(&self) -> impl Iterator<Item = &PromiseTold> {
        let promises = self.promises.iter();
        promises.filter(|promise| promise.is_own && !promise.outcome.is_good())
    }

    /// Whether nothing breaks, as far as there is anything to break.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let nothing = self.entries.is_empty() && self.open.is_empty();
        nothing && self.held().next().is_some() && self.amiss().next().is_none()
    }
}

fn promise(report: &ExpectationReport, is_own: bool, sources: &Sources) -> PromiseTold {
    let place = spot(sources, report.span);
    let asked = &report.expectation;
    PromiseTold {
        name: asked.name.clone(),
        file: place.map_or(String::new(), |place| place.path.to_owned()),
        line: place.map_or(0, |place| place.line),
        from: asked.from_text.clone(),
        to: asked.to_text.clone(),
        service: asked.service_text.clone(),
        expected: asked.want.verdict().name(),
        outcome: report.outcome,
        is_own,
    }
}

fn breaks(broken: &Broken) -> Vec<BreakTold> {
    let breaks = broken.breaks.iter().map(|(promise, report)| {
        let found = report.found.as_ref();
        let mut reasons = Vec::new();
        for reason in found.map_or(&[][..], |found| &found.reasons) {
            let code = reason.cause.code.name();
            if !reasons.contains(&code) {
                reasons.push(code);
            }
        }
        BreakTold {
            promise: *promise,
            verdict: found.map(|found| found.verdict.name()),
            outcome: report.outcome,
            reasons,
        }
    });
    breaks.collect()
}

/// The word for what fails, for scripts.
pub(super) fn kind_name(kind: Failing) -> &'static str {
    match kind {
        Failing::Attachment => "CCN attachment",
        Failing::Link => "classic link",
        Failing::Entity(kind) => Kind::words(kind),
    }
}
