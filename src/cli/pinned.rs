//! How much of a file its expectations pin: a line of `check -v`, as `coverage` says it, and what a page shows of it.

use super::args::Global;
use crate::code::Language;
use crate::import::write_change;
use crate::mutate::{Suite, Thing, ThingKind, cover, mutate, pairs_asserted, things};
use crate::render::coverage::{Total, headline};
use crate::render::page::Measure;
use crate::scenario::Scenario;
use crate::verify::{Budget, Situation};

/// Files with more rules, routes, entries, links and targets are left to `coverage`: each of them is taken away in turn.
const MOST: usize = 500;

/// More mutants than these are left to `mutate`: a page is made in a moment.
const MOST_MUTANTS: usize = 1000;

/// The line, if all that the file expects holds.
pub(super) fn pinned(
    path: &str,
    scenario: &Scenario,
    today: &str,
    budget: Budget,
    global: &Global,
) -> Option<String> {
    let suite = Suite::new(scenario, today, budget);
    if !holds(&suite) {
        return None;
    }
    let things = things(&scenario.network);
    if is_too_much(&things) {
        return Some(match global.language() {
            Language::English => format!(
                "  {path}: too large to say here what is pinned; `pathproof coverage {path}` does\n"
            ),
            Language::Chinese => {
                format!("  {path}：文件过大，此处不计算覆盖率；请用 `pathproof coverage {path}`\n")
            }
        });
    }
    let mut total = Total::none();
    total.add(&cover(&suite, &things, || ()), pairs_asserted(&suite));
    Some(format!("  {path}: {}", headline(&total)))
}

/// Whether something is expected, and all of it holds.
fn holds(suite: &Suite<'_>) -> bool {
    let written = suite.as_written();
    suite.asks() && written.spans.is_empty() && written.untold == 0
}

fn is_too_much(things: &[Thing]) -> bool {
    let counted = |thing: &&Thing| ThingKind::COUNTED.contains(&thing.kind);
    things.iter().filter(counted).count() > MOST
}

/// The whole of it for a page, if all that the file expects holds and it is not too much.
pub(super) fn measure(
    scenario: &Scenario,
    base: &Situation,
    today: &str,
    budget: Budget,
) -> Option<Measure> {
    let suite = Suite::of(scenario, base.clone(), today, budget);
    if !holds(&suite) {
        return None;
    }
    let things = things(&scenario.network);
    let mutants: usize = things.iter().map(|thing| thing.mutants.len()).sum();
    if is_too_much(&things) || mutants > MOST_MUTANTS {
        return None;
    }
    let covered = cover(&suite, &things, || ());
    let pairs = pairs_asserted(&suite);
    let mutation = mutate(&suite, &things, |_| true, || ());
    Some(Measure { things, covered, pairs, mutation, told: write_change })
}
