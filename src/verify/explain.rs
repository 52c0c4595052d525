//! One connection explained: the verdict over everything that was asked, and the way of one packet.

use std::sync::Arc;

use super::answer::{Witness, answer};
use super::budget::given_up;
use super::judge::found;
use super::party::endpoint_of;
use super::report::TraceReport;
use super::run::Situation;
use super::select::{Side, select_asked};
use crate::diagnostic::Sources;
use crate::engine::{Reacher, trace_within};
use crate::fabric::Fabric;
use crate::model::Locate;
use crate::query::{Selector, Traffics};
use crate::space::{Budget, Exceeded, Space};

/// What `trace` asks.
#[derive(Clone, Debug)]
pub struct TraceQuestion {
    /// Who opens, and as asked.
    pub from: (Selector, String),
    /// Who is meant, and as asked.
    pub to: (Selector, String),
    /// What is sent, and the service as asked.
    pub traffic: (Traffics, String),
    /// How much the answer may take.
    pub budget: Budget,
}

/// Explains a connection; a lost packet is shown if there is one. `None` = one side means nobody.
#[must_use]
pub fn explain(
    situation: &Situation,
    sources: Sources,
    question: &TraceQuestion,
) -> Option<TraceReport> {
    let origins = Arc::clone(&situation.origins) as _;
    explained(&situation.fabric(), origins, sources, question)
}

/// The same for a network whose origins are known by what they can do only.
pub(super) fn explained(
    fabric: &Fabric,
    origins: Arc<dyn Locate + Send + Sync>,
    sources: Sources,
    question: &TraceQuestion,
) -> Option<TraceReport> {
    let allowance = question.budget.begin();
    let mut reacher = Reacher::within(fabric, Space::within(allowance));
    let from = select_asked(fabric, &question.from.0, Side::From);
    let to = select_asked(fabric, &question.to.0, Side::To);
    let mut answer = answer(&mut reacher, &from, &to, &question.traffic.0);
    let sides = [&question.from.0, &question.to.0];
    super::unmodelled::incomplete(&fabric.network, sides, &mut answer);
    if answer.vacuous {
        return None;
    }
    let shown = answer.lost.clone().or_else(|| answer.working.clone());
    let (mut ends, mut traced) = (None, None);
    if let Some(Witness { from, to, packet }) = shown {
        traced = trace_within(fabric, allowance, (from, to), packet);
        if traced.is_some() {
            ends = Some((endpoint_of(fabric, from), endpoint_of(fabric, to)));
        } else {
            // Its ways are some of those that were judged, so that only time can be short.
            let time = question.budget.time.unwrap_or_default();
            given_up(&mut answer, Exceeded::Time(time));
        }
    }
    Some(TraceReport {
        from: question.from.1.clone(),
        to: question.to.1.clone(),
        service: question.traffic.1.clone(),
        found: found(&reacher, answer),
        shown: ends,
        trace: traced,
        network: Arc::clone(&fabric.network),
        origins,
        sources,
    })
}
