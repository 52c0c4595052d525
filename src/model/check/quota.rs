//! How many of something the cloud allows: limits that it lifts on request are warnings
//! (`quota-warning`), the others errors (`quota-exceeded`). What comes near a limit is noted beside (`quota-near`);
//! [`super::check()`] leaves that out, [`super::quotas()`] gives it.

use super::super::{Place, Usage, Violation};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::limit::Limit;

impl Limit {
    /// A warning when there are more: an increase request lifts this quota.
    pub(super) fn soft(
        self,
        count: usize,
        whose: impl FnOnce() -> Words,
        place: impl FnOnce() -> Place,
    ) -> Option<Violation> {
        if count <= self.most {
            return self.near(count, place);
        }
        let message = self.message(count, &whose());
        let help = Words::new(
            "ask the cloud for an increase, or use fewer",
            "请向云上申请提升配额，或减少用量",
        );
        let violation = Violation::warning(Code::QuotaWarning, place(), message).with_help(help);
        Some(violation.with_usage(self.usage(count)))
    }

    /// An error when there are more: nothing lifts this limit.
    pub(super) fn hard(
        self,
        count: usize,
        whose: impl FnOnce() -> Words,
        place: impl FnOnce() -> Place,
    ) -> Option<Violation> {
        if count <= self.most {
            return self.near(count, place);
        }
        let message = self.message(count, &whose());
        Some(Violation::error(Code::QuotaExceeded, place(), message))
    }

    /// A note when nine tenths are used.
    pub(super) fn near(self, count: usize, place: impl FnOnce() -> Place) -> Option<Violation> {
        let near = count <= self.most && count.saturating_mul(10) >= self.most.saturating_mul(9);
        near.then(|| {
            Violation::warning(Code::QuotaNear, place(), Words::new("", ""))
                .with_usage(self.usage(count))
        })
    }

    fn usage(self, count: usize) -> Usage {
        let Self { name: _, rule, most: limit, of } = self;
        Usage { rule, of, limit, count }
    }

    fn message(self, count: usize, whose: &Words) -> Words {
        let Self { name: _, rule, most: limit, of } = self;
        let [english, chinese] = of;
        Words::new(
            format!("{whose} has {count} {english}, the limit is {limit} ({rule})"),
            format!("{} 有 {count} {chinese}，上限为 {limit}（{rule}）", whose.chinese()),
        )
    }
}
