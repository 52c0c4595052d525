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
        }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: Code, place: Place, message: Words) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, place, message)
        }
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
}
