//! How much of a file its expectations pin: a line of `check -v`, as `coverage` says it.

use super::args::Global;
use crate::code::Language;
use crate::mutate::{Suite, Thing, ThingKind, cover, pairs_asserted, things};
use crate::render::coverage::{Total, headline};
use crate::scenario::Scenario;
use crate::verify::Budget;

/// Files with more rules, routes, entries, links and targets are left to `coverage`: each of them is taken away in turn.
const MOST: usize = 500;

/// The line, if all that the file expects holds.
pub(super) fn pinned(
    path: &str,
    scenario: &Scenario,
    today: &str,
    budget: Budget,
    global: &Global,
) -> Option<String> {
    let suite = Suite::new(scenario, today, budget);
    let written = suite.as_written();
    if !suite.asks() || !written.spans.is_empty() || written.untold > 0 {
        return None;
    }
    let things = things(&scenario.network);
    let counted = |thing: &&Thing| ThingKind::COUNTED.contains(&thing.kind);
    let many = things.iter().filter(counted).count();
    if many > MOST {
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
