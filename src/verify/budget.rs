//! What is said where the budget was not enough: nothing but that, and why.

use super::answer::Answer;
use super::report::ExpectationReport;
use crate::code::Code;
use crate::query::{Cause, Direction, Facts, Reason, Verdict};
use crate::space::{Exceeded, Packet, Space};

/// Takes back everything but why there is nothing to tell: the last sets are wrong. That nobody is meant is known without
/// any.
pub(super) fn given_up(answer: &mut Answer, exceeded: Exceeded) {
    *answer = Answer {
        verdict: Verdict::Undetermined,
        pairs: answer.pairs,
        reasons: vec![budget_reason(exceeded)],
        lost: None,
        working: None,
        works: Vec::new(),
        works_set: Space::EMPTY,
        routes: Vec::new(),
        vacuous: answer.vacuous,
        exceeded: Some(exceeded),
    };
}

/// Why there is no verdict.
pub(super) fn budget_reason(exceeded: Exceeded) -> Reason {
    let facts = Facts { exceeded: Some(exceeded), ..Facts::default() };
    Reason {
        direction: Direction::Forward,
        cause: Cause::plain(Code::BudgetExceeded).with(facts),
        endpoint: None,
        rule: None,
        near_miss: None,
        witness: Packet::nothing(),
    }
}

/// What of the budget was not enough for what these reasons are of.
#[must_use]
pub fn exceeded(reasons: &[Reason]) -> Option<Exceeded> {
    let mut reasons = reasons.iter();
    reasons.find_map(|reason| reason.cause.facts.exceeded)
}

impl ExpectationReport {
    /// What of the budget was not enough to judge it.
    #[must_use]
    pub fn exceeded(&self) -> Option<Exceeded> {
        exceeded(&self.found.as_ref()?.reasons)
    }
}
