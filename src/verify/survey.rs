//! A file with everything that a page tells of it: what came of its expectations, the ways of packets that are
//! drawn, who reaches whom.

use std::sync::Arc;

use super::explain::{TraceQuestion, explained};
use super::grid::{Grid, grid};
use super::report::{ExpectationReport, FileReport, Outcome, StageReport, TraceReport};
use crate::fabric::Fabric;
use crate::space::Budget;

/// A file, surveyed.
pub struct Survey {
    /// What came of it.
    pub file: FileReport,
    /// For each stage and each of its expectations the connection to draw, if it is wanted.
    pub drawn: Vec<Vec<Option<TraceReport>>>,
    /// How many more are wanted than were allowed.
    pub undrawn: usize,
    /// Who reaches whom in the file's own network; `None` if the file cannot be used.
    pub grid: Option<Grid>,
}

/// Which connections are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// Those of expectations that did not pass.
    Failed,
    /// All.
    All,
    /// None.
    Nothing,
}

impl Survey {
    /// How many connections are drawn.
    #[must_use]
    pub fn pictures(&self) -> usize {
        self.drawn.iter().flatten().flatten().count()
    }
}

/// Surveys a file that has been run; its grid has at most `limit` ends a side, and `most` connections are drawn. Each
/// picture has the whole budget, and so has the grid.
#[must_use]
pub fn survey(
    file: FileReport,
    (which, most): (Drawn, usize),
    limit: usize,
    budget: Budget,
) -> Survey {
    let (mut pictures, mut undrawn) = (0, 0);
    let mut picture = |stage: &StageReport, report: &ExpectationReport| {
        if !is_wanted(report, which) {
            return None;
        }
        if pictures == most {
            undrawn += 1;
            return None;
        }
        let drawn = connection(&file, stage, report, budget);
        pictures += usize::from(drawn.is_some());
        drawn
    };
    let mut drawn = Vec::new();
    for stage in &file.stages {
        let reports = stage.expectations.iter();
        drawn.push(reports.map(|report| picture(stage, report)).collect());
    }
    let grid = file
        .stages
        .first()
        .map(|base| grid(&base.network, limit, budget));
    Survey {
        file,
        drawn,
        undrawn,
        grid,
    }
}

fn is_wanted(report: &ExpectationReport, which: Drawn) -> bool {
    let wanted = match which {
        Drawn::Failed => !matches!(report.outcome, Outcome::Pass),
        Drawn::All => true,
        Drawn::Nothing => false,
    };
    wanted && report.outcome != Outcome::Error
}

fn connection(
    file: &FileReport,
    stage: &StageReport,
    report: &ExpectationReport,
    budget: Budget,
) -> Option<TraceReport> {
    let asked = &report.expectation;
    let question = TraceQuestion {
        from: (asked.from.clone(), asked.from_text.clone()),
        to: (asked.to.clone(), asked.to_text.clone()),
        traffic: (asked.traffic.clone(), asked.service_text.clone()),
        budget,
    };
    let origins = Arc::clone(&stage.origins);
    let fabric = Fabric::new(Arc::clone(&stage.network));
    explained(&fabric, origins, file.sources.clone(), &question)
}
