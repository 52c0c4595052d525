//! Why there is no plan: promises that cannot be kept together, each of them needed for that, and rules of the cloud without
//! which they could.

use super::Rule;
use super::search::{Found, Search, Why};
use super::{Conflict, Outcome};

/// Of so many promises, every set that is smaller than what was found is tried.
const MANY: usize = 8;

impl Search<'_> {
    /// The promises that cannot be kept together.
    pub(super) fn conflict(mut self, why: &Why) -> Outcome {
        let all = self.kept.clone();
        let mut kept: Vec<usize> = why.promises.iter().copied().collect();
        if !self.is_hopeless(&kept) {
            kept = all;
        }
        let single = kept.iter().copied().find(|at| self.is_hopeless(&[*at]));
        if self.is_hopeless(&[]) {
            kept = Vec::new();
        } else if let Some(single) = single {
            kept = vec![single];
        } else {
            let named = kept.clone();
            for promise in kept.clone() {
                let without: Vec<usize> =
                    kept.iter().copied().filter(|at| *at != promise).collect();
                if self.is_hopeless(&without) {
                    kept = without;
                }
            }
            kept = self.smaller(&named, kept);
        }
        let rules: Vec<Rule> = if kept.is_empty() {
            Vec::new()
        } else {
            let all = [Rule::Restart, Rule::OneZone, Rule::Batch].into_iter();
            all.filter(|rule| self.is_due_to(*rule, &kept)).collect()
        };
        let hurdles = self.hurdles(&kept);
        let refused = if kept.is_empty() { self.refused } else { None };
        Outcome::Impossible(Conflict { promises: kept, hurdles, rules, refused })
    }

    /// The fewest of several that suffice, as far as they can be tried.
    fn smaller(&mut self, all: &[usize], kept: Vec<usize>) -> Vec<usize> {
        if all.len() > MANY {
            return kept;
        }
        for size in 2..kept.len() {
            for some in sets(all, size) {
                if self.is_hopeless(&some) {
                    return some;
                }
            }
        }
        kept
    }

    fn is_hopeless(&mut self, kept: &[usize]) -> bool {
        matches!(self.find(kept), Found::Nothing(_))
    }

    fn is_due_to(&mut self, rule: Rule, kept: &[usize]) -> bool {
        self.relaxed = Some(rule);
        let found = self.find(kept);
        self.relaxed = None;
        matches!(found, Found::Steps(_))
    }
}

/// All sets of so many.
fn sets(all: &[usize], size: usize) -> Vec<Vec<usize>> {
    match (size, all) {
        (0, _) => vec![Vec::new()],
        (_, []) => Vec::new(),
        (_, [first, rest @ ..]) => {
            let with = sets(rest, size - 1).into_iter();
            let with = with.map(|set| std::iter::once(*first).chain(set).collect());
            with.chain(sets(rest, size)).collect()
        }
    }
}
