//! How many of something the cloud allows: limits that it lifts on request are warnings
//! (`quota-warning`), the others errors (`quota-exceeded`).

use super::super::{Place, Violation};
use crate::code::Code;
use crate::diagnostic::Words;

/// A limit on how many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota {
    /// The rule that states it.
    pub(super) rule: &'static str,
    /// How many there may be.
    pub(super) limit: usize,
    /// Of what: "route tables", and in Chinese with its measure word.
    of: [&'static str; 2],
}

impl Quota {
    pub(super) const fn new(
        rule: &'static str,
        limit: usize,
        english: &'static str,
        chinese: &'static str,
    ) -> Self {
        let of = [english, chinese];
        Self { rule, limit, of }
    }

    /// A warning when there are more: an increase request lifts this quota.
    pub(super) fn soft(
        self,
        count: usize,
        whose: impl FnOnce() -> Words,
        place: impl FnOnce() -> Place,
    ) -> Option<Violation> {
        (count > self.limit).then(|| {
            let message = self.message(count, &whose());
            Violation::warning(Code::QuotaWarning, place(), message).with_help(Words::new(
                "ask the cloud for an increase, or use fewer",
                "请向云上申请提升配额，或减少用量",
            ))
        })
    }

    /// An error when there are more: nothing lifts this limit.
    pub(super) fn hard(
        self,
        count: usize,
        whose: impl FnOnce() -> Words,
        place: impl FnOnce() -> Place,
    ) -> Option<Violation> {
        (count > self.limit)
            .then(|| Violation::error(Code::QuotaExceeded, place(), self.message(count, &whose())))
    }

    fn message(self, count: usize, whose: &Words) -> Words {
        let Self { rule, limit, of } = self;
        let [english, chinese] = of;
        Words::new(
            format!("{whose} has {count} {english}, the limit is {limit} ({rule})"),
            format!(
                "{} 有 {count} {chinese}，上限为 {limit}（{rule}）",
                whose.chinese()
            ),
        )
    }
}
