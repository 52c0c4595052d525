//! One expectation against its answer.

use super::answer::{Answer, answer, services};
use super::party::endpoint_of;
use super::report::{ExpectationReport, Found, Note, Outcome, Sample};
use super::select::{Side, select};
use crate::diagnostic::Span;
use crate::engine::Reacher;
use crate::id::Id;
use crate::model::Network;
use crate::query::{Expectation, Selector, Verdict, Want, Waypoint};

/// Judges one expectation. `today` is the date, `YYYY-MM-DD` in UTC, for waivers.
pub fn judge(
    reacher: &mut Reacher<'_>,
    expectation: &Expectation,
    span: Span,
    today: &str,
) -> ExpectationReport {
    let mut report = ExpectationReport {
        span,
        expectation: expectation.clone(),
        outcome: Outcome::Error,
        found: None,
        notes: Vec::new(),
    };
    let fabric = reacher.fabric();
    if let Some(id) = unknown(&fabric.network, expectation) {
        report.notes.push(Note::Unknown(id));
        return waived(report, today);
    }
    let from = select(fabric, &expectation.from, Side::From);
    let to = select(fabric, &expectation.to, Side::To);
    let nobody = [(from.is_empty(), Note::NobodyFrom), (to.is_empty(), Note::NobodyTo)];
    let nobody = nobody.into_iter().filter(|(nobody, _)| *nobody);
    report.notes.extend(nobody.map(|(_, note)| note));
    let mut answer = answer(reacher, &from, &to, &expectation.traffic);
    let sides = [&expectation.from, &expectation.to];
    super::unmodelled::incomplete(&fabric.network, sides, &mut answer);
    if answer.vacuous && report.notes.is_empty() {
        report.notes.push(Note::OnlyItself);
    }
    report.outcome = if answer.vacuous {
        Outcome::Vacuous
    } else {
        let notes = complaints(reacher, expectation, &answer);
        let outcome = outcome(&answer, &notes);
        report.notes.extend(notes);
        outcome
    };
    report.found = Some(found(reacher, answer));
    waived(report, today)
}

fn outcome(answer: &Answer, notes: &[Note]) -> Outcome {
    match (answer.verdict, notes.is_empty()) {
        (Verdict::Undetermined, _) => Outcome::Undetermined,
        (_, true) => Outcome::Pass,
        (_, false) => Outcome::Fail,
    }
}

/// An answer as data.
pub(super) fn found(reacher: &Reacher<'_>, answer: Answer) -> Found {
    let sample = |witness: super::answer::Witness| Sample {
        from: endpoint_of(reacher.fabric(), witness.from),
        to: endpoint_of(reacher.fabric(), witness.to),
        packet: witness.packet,
    };
    Found {
        verdict: answer.verdict,
        pairs: answer.pairs,
        reasons: answer.reasons,
        lost: answer.lost.map(sample),
        working: answer.working.map(sample),
        works: answer.works,
        routes: answer.routes,
    }
}

/// What is not as expected.
fn complaints(reacher: &mut Reacher<'_>, expectation: &Expectation, answer: &Answer) -> Vec<Note> {
    let mut notes = Vec::new();
    if answer.verdict != expectation.want.verdict() {
        notes.push(Note::OtherVerdict);
    }
    if answer.exceeded.is_some() {
        return notes;
    }
    if let Some(because) = expectation.because {
        let mut reasons = answer.reasons.iter();
        if !reasons.any(|reason| reason.cause.code.answers_to(because)) {
            notes.push(Note::OtherReason(because));
        }
    }
    if let Want::Partial { works: Some(works) } = &expectation.want {
        let wanted = services(&mut reacher.space, works);
        if wanted != answer.works_set {
            notes.push(Note::OtherServices);
        }
    }
    for waypoint in &expectation.via {
        if answer.routes.iter().any(|route| !route.contains(waypoint)) {
            notes.push(Note::NotVia(waypoint.clone()));
        }
    }
    for waypoint in &expectation.not_via {
        if answer.routes.iter().any(|route| route.contains(waypoint)) {
            notes.push(Note::Via(waypoint.clone()));
        }
    }
    notes
}

/// A waiver accepts what does not hold until its day has passed (UTC, that day included).
fn waived(mut report: ExpectationReport, today: &str) -> ExpectationReport {
    let Some(waiver) = &report.expectation.waive else {
        return report;
    };
    if today > waiver.until.as_str() {
        report.notes.push(Note::WaiverExpired(waiver.until.clone()));
    } else if report.outcome != Outcome::Pass {
        report.outcome = Outcome::Waived;
    }
    report
}

/// The first id of an expectation that this network does not have.
fn unknown(network: &Network, expectation: &Expectation) -> Option<Id> {
    let mut ids = Vec::new();
    ids_of(&expectation.from, &mut ids);
    ids_of(&expectation.to, &mut ids);
    for waypoint in expectation.via.iter().chain(&expectation.not_via) {
        let (Waypoint::Id(id) | Waypoint::ClassicLink(id)) = waypoint;
        ids.push(id);
    }
    let known = |id: &Id| {
        let id = network.meant_by(id);
        network.kind_of(id.as_str()).is_some()
            || network.group_member(id.as_str()).is_some()
            || id.as_str() == crate::model::lookup::DEFAULT_ACCOUNT
    };
    ids.into_iter().find(|id| !known(id)).cloned()
}

fn ids_of<'a>(selector: &'a Selector, ids: &mut Vec<&'a Id>) {
    match selector {
        Selector::Id(id) => ids.push(id),
        Selector::And(a, b) | Selector::Or(a, b) => {
            ids_of(a, ids);
            ids_of(b, ids);
        }
        Selector::Not(not) => ids_of(not, ids),
        Selector::Internet
        | Selector::Address(_)
        | Selector::Cidr(_)
        | Selector::Classic(..)
        | Selector::Tag(..) => {}
    }
}
