//! A rule of the cloud that a network breaks: what, where, and what to do about it.

use super::Place;
use crate::code::Code;
use crate::diagnostic::{Severity, Words};

/// A broken rule, or something legal that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its public code.
    pub code: Code,
    /// Errors make the network impossible in the cloud; warnings do not.
    pub severity: Severity,
    /// The culprit.
    pub place: Place,
    /// Other places that belong to it, each with what is to be said of it.
    pub others: Vec<(Place, Words)>,
    /// One sentence without a full stop. It names entities and values but no list positions, so
    /// the same violation reads the same after an unrelated change.
    pub message: Words,
    /// What to do.
    pub help: Option<Words>,
    /// How much of a quota is used, where that is what it is about.
    pub usage: Option<Usage>,
}

/// How much of a quota is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The rule that states it.
    pub rule: &'static str,
    /// Of what: "route tables", and in Chinese with its measure word.
    pub of: [&'static str; 2],
    /// How many there may be.
    pub limit: usize,
    /// How many there are.
    pub count: usize,
}

impl Violation {
    /// An error at a place.
    #[must_use]
    pub fn error(code: Code, place: Place, message: Words) -> Self {
        Self {
            code,
            severity: Severity::Error,
            place,
            others: Vec::new(),
            message,
            help: None,
            usage: None,
        }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: Code, place: Place, message: Words) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// With another place.
    #[must_use]
    pub fn with_other(mut self, place: Place, text: Words) -> Self {
        self.others.push((place, text));
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: Words) -> Self {
        self.help = Some(help);
        self
    }

    /// With the quota that it is about.
    #[must_use]
    pub(super) fn with_usage(mut self, usage: Usage) -> Self {
        self.usage = Some(usage);
        self
    }
}
