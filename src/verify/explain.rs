//! One connection explained: the verdict over everything that was asked, and the way of one packet.

use std::sync::Arc;

use super::answer::{Witness, answer, endpoint_of};
use super::judge::found;
use super::report::TraceReport;
use super::run::{NODES, Situation};
use super::select::{Side, select};
use crate::diagnostic::Sources;
use crate::engine::{Reacher, trace};
use crate::fabric::Fabric;
use crate::model::{Locate, Network};
use crate::query::{Selector, Traffics};
use crate::space::Space;

/// What `trace` asks.
#[derive(Clone, Debug)]
pub struct TraceQuestion {
    /// Who opens, and as asked.
    pub from: (Selector, String),
    /// Who is meant, and as asked.
    pub to: (Selector, String),
    /// What is sent, and the service as asked.
    pub traffic: (Traffics, String),
}

/// Explains a connection; a lost packet is shown if there is one. `None` = one side means nobody.
#[must_use]
pub fn explain(
    situation: &Situation,
    sources: Sources,
    question: &TraceQuestion,
) -> Option<TraceReport> {
    let origins = Arc::clone(&situation.origins) as _;
    explained(&situation.network, origins, sources, question)
}

/// The same for a network whose origins are known by what they can do only.
pub(super) fn explained(
    network: &Arc<Network>,
    origins: Arc<dyn Locate + Send + Sync>,
    sources: Sources,
    question: &TraceQuestion,
) -> Option<TraceReport> {
    let fabric = Fabric::new(Arc::clone(network));
    let mut reacher = Reacher::within(&fabric, Space::with_budget(NODES));
    let from = select(&fabric, &question.from.0, Side::From);
    let to = select(&fabric, &question.to.0, Side::To);
    let mut answer = answer(&mut reacher, &from, &to, &question.traffic.0);
    let sides = [&question.from.0, &question.to.0];
    super::unmodelled::incomplete(&fabric.network, sides, &mut answer);
    if answer.vacuous {
        return None;
    }
    let shown = answer.lost.clone().or_else(|| answer.working.clone());
    let (ends, traced) = match shown {
        Some(Witness { from, to, packet }) => {
            let ends = (endpoint_of(&fabric, from), endpoint_of(&fabric, to));
            (Some(ends), Some(trace(&fabric, from, to, packet)))
        }
        None => (None, None),
    };
    Some(TraceReport {
        from: question.from.1.clone(),
        to: question.to.1.clone(),
        service: question.traffic.1.clone(),
        found: found(&reacher, answer),
        shown: ends,
        trace: traced,
        network: Arc::clone(network),
        origins,
        sources,
    })
}
