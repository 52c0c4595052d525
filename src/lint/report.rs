//! What came of linting one file, as data for every format.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Finding, Level, Site};
use crate::diagnostic::{Diagnostic, Severity, Sources};
use crate::model::{Locate, Network};
use crate::scenario::Origins;

/// What came of one file.
pub struct Report {
    /// Path as the user gave it.
    pub path: String,
    /// Its texts, for drawing.
    pub sources: Sources,
    /// Mistakes and warnings of reading it, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// The network that was looked at; none if the file cannot be used.
    pub network: Option<Arc<Network>>,
    /// Where its parts stand.
    pub origins: Arc<Origins>,
    /// What was found, in the order of the file.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether the file could be used.
    #[must_use]
    pub fn usable(&self) -> bool {
        let mut diagnostics = self.diagnostics.iter();
        self.network.is_some() && diagnostics.all(|it| it.severity != Severity::Error)
    }

    /// Puts findings in the order of their places, errors first at one place.
    pub fn sort(&mut self) {
        let places = self.origins.remembering();
        let mut findings: Vec<_> = std::mem::take(&mut self.findings)
            .into_iter()
            .map(|finding| {
                let span = match &finding.at {
                    Site::Place(place) => places.nearest(place),
                    Site::Span(span) => Some(*span),
                };
                let key = (span.is_none(), span, std::cmp::Reverse(finding.level));
                (key, finding.code(), finding)
            })
            .collect();
        findings.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        self.findings = findings.into_iter().map(|(_, _, finding)| finding).collect();
    }

    /// Takes out what another file with the same included text has told already.
    pub fn tell_once(&mut self, told: &mut HashSet<String>) {
        let places = self.origins.remembering();
        self.findings.retain(|finding| {
            let span = match &finding.at {
                Site::Place(place) => places.nearest(place),
                Site::Span(span) => Some(*span),
            };
            let place = span.and_then(|span| self.sources.place(span));
            let Some((path, line, column)) = place else {
                return true;
            };
            told.insert(format!("{path}:{line}:{column} {:?}", finding.fact))
        });
    }

    /// Where the parts of the network stand, for somebody who will ask for many.
    #[must_use]
    pub fn places(&self) -> Box<dyn Locate + '_> {
        Box::new(self.origins.remembering())
    }

    /// How many findings there are of a level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        let found = self.findings.iter();
        found.filter(|finding| finding.level == level).count()
    }
}
