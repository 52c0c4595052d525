//! Why there is no plan: promises that cannot be kept together, each of them needed for that, and rules of the cloud without
//! which they could.

use super::Rule;
use super::search::{Found, Search, Why};
use super::{Conflict, Outcome};

/// So many promises are taken out and put back in every way.
const MANY: usize = 6;

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
            for promise in kept.clone() {
                let without: Vec<usize> =
                    kept.iter().copied().filter(|at| *at != promise).collect();
                if self.is_hopeless(&without) {
                    kept = without;
                }
            }
            kept = self.smaller(kept);
        }
        let rules: Vec<Rule> = if kept.is_empty() {
            Vec::new()
        } else {
            let all = [Rule::Restart, Rule::OneZone, Rule::Batch].into_iter();
            all.filter(|rule| self.is_due_to(*rule, &kept)).collect()
        };
        let refused = if kept.is_empty() { self.refused } else { None };
        Outcome::Impossible(Conflict {
            promises: kept,
            rules,
            refused,
        })
    }

    /// Two of several that suffice, if there are such.
    fn smaller(&mut self, kept: Vec<usize>) -> Vec<usize> {
        if kept.len() < 3 || kept.len() > MANY {
            return kept;
        }
        for (at, first) in kept.iter().enumerate() {
            for second in &kept[at + 1..] {
                if self.is_hopeless(&[*first, *second]) {
                    return vec![*first, *second];
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
