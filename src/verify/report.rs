//! What came of a scenario file, as data for every output format.

use std::sync::Arc;

use super::run::Situation;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Severity, Sources, Span, Words};
use crate::id::Id;
use crate::model::{Endpoint, Locate, Network};
use crate::query::{Expectation, Reason, Trace, Verdict, Waypoint};
use crate::space::{Packet, Row};

/// What came of one file.
pub struct FileReport {
    /// Path as the user gave it.
    pub path: String,
    /// The scenario's name.
    pub name: Option<String>,
    /// Its texts, for drawing.
    pub sources: Sources,
    /// Mistakes and warnings, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// Base, steps, what-ifs; empty if the file cannot be used.
    pub stages: Vec<StageReport>,
}

impl FileReport {
    /// Whether the file could be used.
    #[must_use]
    pub fn usable(&self) -> bool {
        let mut diagnostics = self.diagnostics.iter();
        diagnostics.all(|diagnostic| diagnostic.severity != Severity::Error)
    }

    /// Every expectation with its stage.
    pub fn expectations(&self) -> impl Iterator<Item = (&StageReport, &ExpectationReport)> {
        let stages = self.stages.iter();
        stages.flat_map(|stage| stage.expectations.iter().map(move |report| (stage, report)))
    }
}

/// Which part of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageKind {
    /// The network of the file.
    Base,
    /// After a step.
    Step,
    /// In a what-if.
    WhatIf,
}

impl StageKind {
    /// The word of the output contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Step => "step",
            Self::WhatIf => "what_if",
        }
    }
}

/// What came of one stage.
pub struct StageReport {
    /// Base, step or what-if.
    pub kind: StageKind,
    /// Its name; none for the base.
    pub name: Option<String>,
    /// Its changes in order.
    pub changes: Vec<ChangeReport>,
    /// Its expectations in order.
    pub expectations: Vec<ExpectationReport>,
    /// This stage's network, so that its rules can be told in words.
    pub network: Arc<Network>,
    /// Where the rules of this stage's network stand.
    pub origins: Arc<dyn Locate + Send + Sync>,
}

impl StageReport {
    /// The network of this stage, where its places do not matter.
    #[must_use]
    pub fn alone(&self) -> Situation {
        Situation::new(Arc::clone(&self.network), Arc::default())
    }
}

/// What came of a change.
#[derive(Clone, Debug)]
pub struct ChangeReport {
    /// Where it stands.
    pub span: Span,
    /// The API action.
    pub action: &'static str,
    /// The code and words of a refusal; `None` = applied.
    pub refused: Option<(Code, Words)>,
    /// The code that `Refused(…)` wanted.
    pub wanted: Option<Code>,
    /// Whether it came as the file says.
    pub passed: bool,
}

/// How an expectation fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// It speaks of nobody, which fails.
    Vacuous,
    /// The answer is not known, which satisfies nothing.
    Undetermined,
    /// It does not hold, and that is accepted for now.
    Waived,
    /// It names what a change has removed.
    Error,
}

impl Outcome {
    /// The word of the output contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Vacuous => "vacuous",
            Self::Undetermined => "undetermined",
            Self::Waived => "waived",
            Self::Error => "error",
        }
    }

    /// Whether a run with this outcome may end with 0.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, Self::Pass | Self::Waived)
    }
}

/// What came of an expectation.
#[derive(Clone, Debug)]
pub struct ExpectationReport {
    /// Where it stands.
    pub span: Span,
    /// What was expected.
    pub expectation: Expectation,
    /// How it fared.
    pub outcome: Outcome,
    /// What was found; `None` for `Error`.
    pub found: Option<Found>,
    /// Why it fared so, beyond the verdict.
    pub notes: Vec<Note>,
}

/// An answer, as data.
#[derive(Clone, Debug)]
pub struct Found {
    /// How much works.
    pub verdict: Verdict,
    /// Pairs of endpoints that were judged.
    pub pairs: usize,
    /// All blockers in path order.
    pub reasons: Vec<Reason>,
    /// A packet that is lost.
    pub lost: Option<Sample>,
    /// A packet that works.
    pub working: Option<Sample>,
    /// Services that work for every pair from every source port.
    pub works: Vec<Row>,
    /// What each way that carries something passes, for `via` and `not_via`.
    pub routes: Vec<Vec<Waypoint>>,
}

/// A packet with the ends it belongs to.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Who sent it.
    pub from: Endpoint,
    /// Who was meant.
    pub to: Endpoint,
    /// As it was sent.
    pub packet: Packet,
}

/// Something that decided an outcome beside the verdict, or that should be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The verdict is another than the expected one.
    OtherVerdict,
    /// `because` names a code that is not among the reasons.
    OtherReason(Code),
    /// A way misses a waypoint that `via` names.
    NotVia(Waypoint),
    /// A way passes a waypoint that `not_via` names.
    Via(Waypoint),
    /// `works` names other services than those that work.
    OtherServices,
    /// It failed before already: in the run or at the revision of this name.
    Known(String),
    /// The waiver ran out on that day and counts as absent.
    WaiverExpired(String),
    /// `from` means nobody.
    NobodyFrom,
    /// `to` means nobody.
    NobodyTo,
    /// Both sides mean the same endpoint only.
    OnlyItself,
    /// An id does not exist (any more) in this stage.
    Unknown(Id),
}

/// Numbers for the last line and for the exit status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the output contract")]
pub struct Summary {
    pub files: usize,
    pub expectations: usize,
    pub passed: usize,
    pub failed: usize,
    pub vacuous: usize,
    pub undetermined: usize,
    pub waived: usize,
    pub errors: usize,
    pub changes_failed: usize,
    /// Files that could not be used.
    pub unusable: usize,
    /// `Refused` changes, which count as expectations that there are any.
    pub refusals: usize,
}

impl Summary {
    /// Counts one file in.
    pub fn add(&mut self, file: &FileReport) {
        self.files += 1;
        self.unusable += usize::from(!file.usable());
        for (_, report) in file.expectations() {
            self.expectations += 1;
            let count = match report.outcome {
                Outcome::Pass => &mut self.passed,
                Outcome::Fail => &mut self.failed,
                Outcome::Vacuous => &mut self.vacuous,
                Outcome::Undetermined => &mut self.undetermined,
                Outcome::Waived => &mut self.waived,
                Outcome::Error => &mut self.errors,
            };
            *count += 1;
        }
        let changes = file.stages.iter().flat_map(|stage| &stage.changes);
        for change in changes {
            self.changes_failed += usize::from(!change.passed);
            self.refusals += usize::from(change.wanted.is_some());
        }
    }

    /// Counts the files of another run in.
    pub fn count(&mut self, other: &Self) {
        self.files += other.files;
        self.expectations += other.expectations;
        self.passed += other.passed;
        self.failed += other.failed;
        self.vacuous += other.vacuous;
        self.undetermined += other.undetermined;
        self.waived += other.waived;
        self.errors += other.errors;
        self.changes_failed += other.changes_failed;
        self.unusable += other.unusable;
        self.refusals += other.refusals;
    }

    /// Whether everything asked holds.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let bad =
            self.failed + self.vacuous + self.undetermined + self.errors + self.changes_failed;
        bad == 0 && self.expectations + self.refusals > 0
    }

    /// Whether nothing was asked, and nothing went wrong.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.expectations + self.refusals + self.changes_failed + self.unusable == 0
    }
}

/// A connection explained.
pub struct TraceReport {
    /// `from` as asked.
    pub from: String,
    /// `to` as asked.
    pub to: String,
    /// The service as asked.
    pub service: String,
    /// The verdict over all pairs, packets and ways.
    pub found: Found,
    /// The ends of the packet that is shown.
    pub shown: Option<(Endpoint, Endpoint)>,
    /// That packet's way: a lost one if there is any.
    pub trace: Option<Trace>,
    /// The network it was traced in.
    pub network: Arc<Network>,
    /// Where the rules stand.
    pub origins: Arc<dyn Locate + Send + Sync>,
    /// The texts.
    pub sources: Sources,
}

impl TraceReport {
    /// Whether it is about an address that nobody owns: there is nothing to be mended yet.
    #[must_use]
    pub fn is_about_nobody(&self) -> bool {
        matches!(&self.shown, Some((_, Endpoint::Nobody(_))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_good_if_something_was_asked_and_nothing_of_it_is_amiss() {
        let asked =
            Summary { files: 1, expectations: 3, passed: 2, waived: 1, ..Summary::default() };
        assert!(asked.is_good());
        assert!(!Summary::default().is_good(), "nothing proves nothing");
        let refused = Summary { refusals: 1, ..Summary::default() };
        assert!(refused.is_good(), "a refusal that was expected counts");
        let amiss: [fn(&mut Summary); 5] = [
            |it| it.failed = 1,
            |it| it.vacuous = 1,
            |it| it.undetermined = 1,
            |it| it.errors = 1,
            |it| it.changes_failed = 1,
        ];
        for (index, spoil) in amiss.iter().enumerate() {
            let mut summary = asked;
            spoil(&mut summary);
            assert!(!summary.is_good(), "{index}");
        }
    }
}
