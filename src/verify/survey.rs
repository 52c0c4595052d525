//! A file with everything that a page tells of it: what came of its expectations, the ways of packets that are
//! drawn, who reaches whom.

use std::sync::Arc;

use super::difference::{Difference, Request, difference};
use super::explain::{TraceQuestion, explained};
use super::matrix::{Grid, grid};
use super::report::{ExpectationReport, FileReport, Outcome, StageKind, StageReport, TraceReport};
use crate::fabric::Fabric;
use crate::model::{Network, Protocols, Service, own_ports};
use crate::query::Traffics;
use crate::space::{Budget, IntervalSet};

/// So many services have a table beside the one of all.
const MOST_SERVICES: usize = 16;

/// A file, surveyed.
pub struct Survey {
    /// What came of it.
    pub file: FileReport,
    /// For each stage and each of its expectations the connection to draw, if it is wanted.
    pub drawn: Vec<Vec<Option<TraceReport>>>,
    /// How many more are wanted than were allowed.
    pub undrawn: usize,
    /// For each stage the number of the one that it changes, and what it lets through differently; `None` where it is
    /// the base or changes nothing.
    pub turned: Vec<Option<(usize, Difference)>>,
    /// The services of the grid's tables: all, then those that promises, listeners and rules name.
    pub services: Vec<String>,
    /// How many more they name.
    pub unasked: usize,
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

/// Surveys a file that has been run; its grid has reasons for at most `limit` ends a side, and `most` connections are
/// drawn. Each picture has the whole budget, and so has each table of the grid.
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
    let turned = (0..file.stages.len()).map(|at| turned(&file.stages, at, budget));
    let turned = turned.collect();
    let base = file.stages.first();
    let (names, sent, unasked) =
        base.map_or_else(Default::default, |base| services(&file.stages, &base.network));
    let grid = base.map(|base| grid(&base.alone(), &sent, limit, budget));
    Survey { file, drawn, undrawn, turned, services: names, unasked, grid }
}

/// What a stage lets through that the one before it does not, and the other way round.
fn turned(stages: &[StageReport], at: usize, budget: Budget) -> Option<(usize, Difference)> {
    let stage = &stages[at];
    let before = match stage.kind {
        StageKind::Base => return None,
        StageKind::Step => at - 1,
        StageKind::WhatIf => 0,
    };
    let old = &stages[before];
    if old.network == stage.network {
        return None;
    }
    let request = Request { budget, ..Request::default() };
    Some((before, difference(&old.alone(), &stage.alone(), &request)))
}

/// All, then what the promises ask, then what listeners and rules name; and how many more there are.
fn services(stages: &[StageReport], network: &Network) -> (Vec<String>, Vec<Traffics>, usize) {
    let promises = stages.iter().flat_map(|stage| &stage.expectations);
    let asked = promises.map(|report| report.expectation.traffic.service.clone());
    let named = own_ports(network).into_iter();
    let named = named.map(|(protocol, port)| Service {
        protocols: Protocols::One(protocol),
        ports: IntervalSet::single(port),
    });
    let (mut names, mut sent) = (Vec::new(), Vec::new());
    for service in std::iter::once(Service::all()).chain(asked).chain(named) {
        let name = service.to_string();
        if !names.contains(&name) {
            names.push(name);
            sent.push(Traffics { service, ..Traffics::default() });
        }
    }
    let unasked = names.len().saturating_sub(MOST_SERVICES + 1);
    names.truncate(MOST_SERVICES + 1);
    sent.truncate(MOST_SERVICES + 1);
    (names, sent, unasked)
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
