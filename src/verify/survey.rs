//! A file with everything that a page tells of it: what came of its expectations, the ways of packets that are
//! drawn, who reaches whom.

use std::sync::Arc;

use super::explain::{TraceQuestion, explained};
use super::grid::{Grid, grid};
use super::report::{ExpectationReport, FileReport, Outcome, StageReport, TraceReport};
use crate::space::Budget;

/// A file, surveyed.
pub struct Survey {
    /// What came of it.
    pub file: FileReport,
    /// For each stage and each of its expectations the connection to draw, if it is wanted.
    pub drawn: Vec<Vec<Option<TraceReport>>>,
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

/// Surveys a file that has been run; its grid has at most `limit` ends a side. Each picture has the whole budget, and so has
/// the grid.
#[must_use]
pub fn survey(file: FileReport, which: Drawn, limit: usize, budget: Budget) -> Survey {
    let stages = file.stages.iter();
    let drawn = stages.map(|stage| {
        let reports = stage.expectations.iter();
        let drawn = reports.map(|report| connection(&file, stage, report, (which, budget)));
        drawn.collect()
    });
    let drawn = drawn.collect();
    let grid = file
        .stages
        .first()
        .map(|base| grid(&base.network, limit, budget));
    Survey { file, drawn, grid }
}

fn connection(
    file: &FileReport,
    stage: &StageReport,
    report: &ExpectationReport,
    (which, budget): (Drawn, Budget),
) -> Option<TraceReport> {
    let wanted = match which {
        Drawn::Failed => !matches!(report.outcome, Outcome::Pass),
        Drawn::All => true,
        Drawn::Nothing => false,
    };
    if !wanted || report.outcome == Outcome::Error {
        return None;
    }
    let asked = &report.expectation;
    let question = TraceQuestion {
        from: (asked.from.clone(), asked.from_text.clone()),
        to: (asked.to.clone(), asked.to_text.clone()),
        traffic: (asked.traffic.clone(), asked.service_text.clone()),
        budget,
    };
    let origins = Arc::clone(&stage.origins);
    explained(&stage.network, origins, file.sources.clone(), &question)
}
