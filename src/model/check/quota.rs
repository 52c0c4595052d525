//! How many of something the cloud allows: limits that it lifts on request are warnings
//! (`quota-warning`), the others errors (`quota-exceeded`).

use super::super::{Place, Violation};
use crate::code::Code;

/// A limit on how many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota {
    /// The rule that states it.
    pub(super) rule: &'static str,
    /// How many there may be.
    pub(super) limit: usize,
    /// Of what, in the plural: "route tables".
    pub(super) of: &'static str,
}

impl Quota {
    pub(super) const fn new(rule: &'static str, limit: usize, of: &'static str) -> Self {
        Self { rule, limit, of }
    }

    /// A warning when there are more: an increase request lifts this quota.
    pub(super) fn soft(
        self,
        count: usize,
        whose: &str,
        place: impl FnOnce() -> Place,
    ) -> Option<Violation> {
        (count > self.limit).then(|| {
            let message = self.message(count, whose);
            Violation::warning(Code::QuotaWarning, place(), message)
                .with_help("ask the cloud for an increase, or use fewer")
        })
    }

    /// An error when there are more: nothing lifts this limit.
    pub(super) fn hard(
        self,
        count: usize,
        whose: &str,
        place: impl FnOnce() -> Place,
    ) -> Option<Violation> {
        (count > self.limit)
            .then(|| Violation::error(Code::QuotaExceeded, place(), self.message(count, whose)))
    }

    fn message(self, count: usize, whose: &str) -> String {
        let Self { rule, limit, of } = self;
        format!("{whose} has {count} {of}, the limit is {limit} ({rule})")
    }
}
