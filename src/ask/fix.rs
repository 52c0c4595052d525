//! The smallest changes that open a connection, or close it: `fix`.

use std::sync::Arc;

use serde_json::Value;

use super::Terms;
use super::asked::Asked;
use super::connection::{Between, three};
use super::ends::{nobody, selector, traffic};
use super::wrong::{Unanswered, Wrong};
use crate::code::Language;
use crate::diagnostic::Words;
use crate::import::write_change;
use crate::query::Want;
use crate::render::fix::{FixScene, fix_json};
use crate::render::scene::Scene;
use crate::scenario::{Planned, Side, parse_changes};
use crate::verify::{
    ExpectationReport, Fix, FixQuestion, Fixes, Goal, Outcome, applied, fix, judged,
};

/// Finds changes, each of which reads back as it was found.
///
/// # Errors
///
/// With what is wrong with the question, or with a change that does not read back, which would be a bug.
pub fn fix_of(
    asked: &Asked,
    between: Between<'_>,
    (goal, limit): (Goal, usize),
    terms: &Terms,
) -> Result<Fixes, Unanswered> {
    let from = selector("--from", between.from, Side::From, asked);
    let to = selector("--to", between.to, Side::To, asked);
    let sent = traffic(between.service, between.source_port);
    let ((from, to), sent) = three(from, to, sent)?;
    let question = FixQuestion {
        from: (from, between.from.to_owned()),
        to: (to, between.to.to_owned()),
        traffic: (sent, between.service.to_owned()),
        goal,
        limit,
        budget: terms.budget,
    };
    let found = fix(&asked.situation, &asked.scenario, &question, &terms.today);
    let found = found.ok_or_else(|| nobody(between.from, between.to))?;
    if let Some(wrong) = found.fixes.iter().find(|fix| !reads_back(asked, fix)) {
        let text = change_list(wrong);
        return Err(Wrong::Bug(Words::new(
            format!("a fix does not read back as it was found:\n{text}"),
            format!("方案写出后无法按原样读回：\n{text}"),
        ))
        .into());
    }
    Ok(found)
}

/// So many changes are tried for a promise: some open or close it in another way than is expected.
const TRIED: usize = 10;

/// The changes that let a promise pass that fails in a network, best first, and whether they are to open or to close it;
/// nothing for a promise that a part works.
#[must_use]
pub fn mends_of(
    asked: &Asked,
    promise: &ExpectationReport,
    limit: usize,
    terms: &Terms,
) -> Option<(Goal, Fixes)> {
    let expectation = &promise.expectation;
    let goal = match expectation.want {
        Want::Reachable => Goal::Open,
        Want::Unreachable => Goal::Close,
        Want::Partial { .. } => return None,
    };
    let question = FixQuestion {
        from: (expectation.from.clone(), expectation.from_text.clone()),
        to: (expectation.to.clone(), expectation.to_text.clone()),
        traffic: (expectation.traffic.clone(), expectation.service_text.clone()),
        goal,
        limit: TRIED.max(limit),
        budget: terms.budget,
    };
    let mut found = fix(&asked.situation, &asked.scenario, &question, &terms.today)?;
    let planned = Planned { value: expectation.clone(), span: promise.span };
    // What opens or closes it may still not be why or where it should.
    found.fixes.retain(|fix| {
        let origins = Arc::clone(&asked.situation.origins);
        let after = asked.situation.after(Arc::clone(&fix.network), origins);
        let judged = judged(&after, [&planned], (&terms.today, || terms.budget.begin()));
        judged.iter().all(|one| one.outcome == Outcome::Pass)
    });
    found.fixes.truncate(limit);
    Some((goal, found))
}

/// What was found, with all that its words are made of.
#[must_use]
pub fn fix_scene<'a>(
    asked: &'a Asked,
    found: &'a Fixes,
    between: Between<'a>,
    goal: Goal,
    language: Language,
) -> FixScene<'a> {
    FixScene {
        found,
        goal,
        asked: [between.from, between.to, between.service],
        scene: Scene::of(&asked.situation, &asked.sources, language),
        told: &write_change,
    }
}

/// What was found, as JSON.
#[must_use]
pub fn fix_document(
    asked: &Asked,
    found: &Fixes,
    between: Between<'_>,
    goal: Goal,
    language: Language,
) -> Value {
    let mut value = fix_json(fix_scene(asked, found, between, goal, language));
    value["diagnostics"] = asked.warnings(language).into();
    value
}

/// The changes of a fix as a file of changes.
#[must_use]
pub fn change_list(fix: &Fix) -> String {
    let changes = fix.changes.iter().map(|change| {
        let text = write_change(change).replace('\n', "\n    ");
        format!("    {text},\n")
    });
    format!("[\n{}]\n", changes.collect::<String>())
}

/// Whether the text of a fix means the very network that was computed.
fn reads_back(asked: &Asked, fix: &Fix) -> bool {
    let mut sources = asked.sources.clone();
    let text = change_list(fix);
    let parsed = parse_changes(&[("fix", &text)], &asked.situation.network, &mut sources);
    let Some(changes) = parsed.changes else {
        return false;
    };
    let (new, _) = applied(&asked.situation, &changes);
    new.network == fix.network
}
