//! Which findings are told, and how loudly: by themselves, by the command line, by the file.

use super::fact::{Fact, Finding, Site};
use crate::code::Code;
use crate::id::Id;
use crate::scenario::{Allow, Planned};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// To be known: it could be tidied up.
    Note,
    /// Somebody should look.
    Warning,
    /// It is surely broken.
    Error,
}

impl Level {
    /// The lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level that a lint has by itself: an error only where packets are surely lost.
    #[must_use]
    pub fn of(code: Code) -> Self {
        match code {
            Code::NextHopGone
            | Code::LoopingRoute
            | Code::TargetBlocked
            | Code::DnatTargetBlocked
            | Code::PrivateLinkSourceBlocked
            | Code::ClassicLinkStale => Self::Error,
            Code::RedundantRule
            | Code::UnownedAddress
            | Code::UnusedObject
            | Code::RouteDisabled
            | Code::AsymmetricPath
            | Code::ContainerBridgeOverlap
            | Code::LineWithoutBackup
            | Code::ClassicLinkIdle
            | Code::QuotaNear
            | Code::LintAllowUnused
            | Code::LintIncomplete => Self::Note,
            _ => Self::Warning,
        }
    }
}

/// What is to be done with the findings of a lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// They are errors.
    Deny,
    /// They are warnings.
    Warn,
    /// They are not told.
    Allow,
}

/// A choice for one lint, or for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// What.
    pub choice: Choice,
    /// Of which lint; `None` = of all.
    pub code: Option<Code>,
}

/// The choices of the command line, in order; a later one wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches(pub Vec<Switch>);

impl Switches {
    /// Sets the levels of findings, and takes out those that are not to be told.
    pub fn apply(&self, findings: &mut Vec<Finding>) {
        findings.retain_mut(|finding| {
            let code = finding.code();
            let mut switches = self.0.iter().rev();
            let switch = switches.find(|switch| switch.code.is_none_or(|other| other == code));
            match switch.map(|switch| switch.choice) {
                Some(Choice::Deny) => finding.level = Level::Error,
                Some(Choice::Warn) => finding.level = Level::Warning,
                Some(Choice::Allow) => return false,
                None => {}
            }
            true
        });
    }
}

/// Takes out what the file allows; an `Allow` that matches nothing is a finding itself.
pub fn allow(allowed: &[Planned<Allow>], findings: &mut Vec<Finding>) {
    let mut matched = vec![false; allowed.len()];
    findings.retain(|finding| {
        let mut told = true;
        for (allow, matched) in allowed.iter().zip(&mut matched) {
            if is_meant(&allow.value, finding) {
                *matched = true;
                told = false;
            }
        }
        told
    });
    let incomplete = |allow: &Allow| {
        let mut facts = findings.iter().map(|finding| &finding.fact);
        facts.any(|fact| fact.incomplete() == Some(allow.code))
    };
    // What a lint has not seen may be what is allowed.
    let open: Vec<bool> = allowed.iter().map(|it| incomplete(&it.value)).collect();
    for ((allow, matched), open) in allowed.iter().zip(matched).zip(open) {
        if !matched && !open {
            let fact = Fact::LintAllowUnused { code: allow.value.code, at: allow.value.at.clone() };
            findings.push(Finding {
                level: Level::of(fact.code()),
                fact,
                at: Site::Span(allow.span),
                related: Vec::new(),
            });
        }
    }
}

fn is_meant(allow: &Allow, finding: &Finding) -> bool {
    let stands_at = |id: &Id| match &finding.at {
        Site::Place(place) => place.id == *id || finding.related.iter().any(|at| at.id == *id),
        Site::Span(_) => false,
    };
    allow.code == finding.code() && allow.at.as_ref().is_none_or(stands_at)
}
