//! How much a question may take: nodes of diagrams, steps of ways, rows of the answer, and time. Beyond it there is no answer, which is said.
//!
//! | what | counts |
//! |---|---|
//! | nodes | those of all sets of one [`Space`], or the room of as many with 16 edges each |
//! | steps | those of all ways of one pair of ends, as many as nodes: equal routes may make ways without end |
//! | rows | those that a question's answer lists, as many as nodes: a set may have far more rows than nodes |
//! | time | from [`Budget::begin`] on, for all spaces of a question together |
//!
//! All but time give the same answer every time, on every machine. Time does not: the clock is looked at now and then,
//! and an answer that is there before the next look counts.
//!
//! Whoever asks may go away before the answer is there ([`Wanted`]); that is seen where the clock is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::set::{Set, Space};

/// How much a question may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Nodes of the diagrams of its sets.
    pub nodes: usize,
    /// Time; `None` = as long as it takes.
    pub time: Option<Duration>,
    /// Whether the answer is wanted still; `None` = it always is.
    pub wanted: Option<Wanted>,
}

impl Budget {
    /// No limit but the memory of the machine and the width of a node's number.
    pub const NONE: Self = Self { nodes: usize::MAX, time: None, wanted: None };

    /// The time starts to run.
    #[must_use]
    pub fn begin(self) -> Allowance {
        let end = self.time.and_then(|time| {
            let end = Instant::now().checked_add(time)?;
            Some((end, time))
        });
        Allowance { nodes: self.nodes, end, wanted: self.wanted }
    }
}

/// About a gigabyte at most, and longer than anybody waits for an answer without asking why.
impl Default for Budget {
    fn default() -> Self {
        Self { nodes: 4_000_000, time: Some(Duration::from_mins(5)), wanted: None }
    }
}

/// A budget whose time runs. Several spaces may share one: each has all of the nodes, and all have the same end.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    pub(super) nodes: usize,
    end: Option<(Instant, Duration)>,
    wanted: Option<Wanted>,
}

impl Allowance {
    /// Whether somebody waits for the answer still.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !self.wanted.is_some_and(Wanted::is_over)
    }

    /// Whether the time is up, and how much there was.
    #[must_use]
    pub fn late(&self) -> Option<Exceeded> {
        // Nobody is there to read how much there was.
        if !self.is_wanted() {
            return Some(Exceeded::Time(Duration::ZERO));
        }
        let (end, time) = self.end?;
        (Instant::now() >= end).then_some(Exceeded::Time(time))
    }
}

/// Somebody who asks one question after the other, and may go away before the answer of one is there.
#[derive(Debug)]
pub struct Asker {
    /// The last question that is not wanted any more. It lives as long as the program, so that budgets can be copied: there
    /// are to be about as many askers as threads.
    over: &'static AtomicU64,
    asked: u64,
}

impl Asker {
    /// Nothing was asked so far.
    #[must_use]
    pub fn new() -> Self {
        Self { over: Box::leak(Box::new(AtomicU64::new(0))), asked: 0 }
    }

    /// The next question.
    pub fn ask(&mut self) -> Wanted {
        self.asked += 1;
        Wanted { over: self.over, question: self.asked }
    }
}

impl Default for Asker {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether the answer to a question is wanted still.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    over: &'static AtomicU64,
    question: u64,
}

impl Wanted {
    /// The answer is not wanted any more, nor that of any question of the same asker before. Later ones are.
    pub fn call_off(self) {
        self.over.fetch_max(self.question, Ordering::Relaxed);
    }

    /// Whether it was called off.
    #[must_use]
    pub fn is_over(self) -> bool {
        self.over.load(Ordering::Relaxed) >= self.question
    }
}

impl PartialEq for Wanted {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.over, other.over) && self.question == other.question
    }
}

impl Eq for Wanted {}

/// What a question would have taken more of, and how much of it there was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exceeded {
    /// Room for nodes of diagrams.
    Nodes(usize),
    /// Steps of the ways of one pair of ends.
    Steps(usize),
    /// Rows that the answer is told in.
    Rows(usize),
    /// Time.
    Time(Duration),
}

/// So much is done between two looks at the clock: well below a millisecond.
pub(super) const LOOK: u32 = 4096;

/// What a pair of ends, or a step of a way, weighs against a node: all of them look at the clock often enough.
const WEIGHT: u32 = 64;

impl Space {
    /// What the budget did not have enough of, if it was passed. From then on no result means anything.
    #[must_use]
    pub fn exceeded(&self) -> Option<Exceeded> {
        self.exceeded
    }

    /// Whether the budget was passed. Loops ask before each piece of work, so that they end soon after it was, even where
    /// no set is made: every so many calls look at the clock.
    pub fn is_over(&mut self) -> bool {
        self.work(WEIGHT);
        self.exceeded.is_some()
    }

    /// Counts work; looks at the clock now and then.
    #[inline]
    pub(super) fn work(&mut self, weight: u32) {
        self.unseen += weight;
        if self.unseen >= LOOK {
            self.look();
        }
    }

    #[cold]
    fn look(&mut self) {
        self.unseen = 0;
        if self.exceeded.is_none() {
            self.exceeded = self.allowance.late();
        }
    }

    /// The ways of another pair of ends begin.
    pub fn begin_ways(&mut self) {
        self.steps = 0;
    }

    /// A way of so many steps was found.
    pub fn keep_way(&mut self, steps: usize) {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > self.allowance.nodes {
            self.exceed(Exceeded::Steps(self.allowance.nodes));
        }
    }

    /// A set is about to be told in rows, so many times.
    pub fn keep_rows(&mut self, set: Set, times: usize) {
        let rows = self.count_rows(set).saturating_mul(times);
        self.rows = self.rows.saturating_add(rows);
        if self.rows > self.allowance.nodes {
            self.exceed(Exceeded::Rows(self.allowance.nodes));
        }
    }

    pub(super) fn exceed(&mut self, what: Exceeded) {
        self.exceeded.get_or_insert(what);
    }

    /// The next question begins, in the same arena: what it holds counts, the time runs anew.
    pub fn renew(&mut self, allowance: Allowance) {
        self.allowance = allowance;
        self.unseen = LOOK;
        self.rows = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_is_called_off_has_no_time_left_and_later_ones_have() {
        let mut asker = Asker::new();
        let (first, second) = (asker.ask(), asker.ask());
        let begun = |wanted| {
            let wanted = Some(wanted);
            Budget { wanted, ..Budget::NONE }.begin()
        };
        let (one, other) = (begun(first), begun(second));
        assert_eq!((one.late(), other.late()), (None, None));
        first.call_off();
        assert!(one.late().is_some() && other.late().is_none());
        second.call_off();
        let third = begun(asker.ask());
        assert!(other.late().is_some() && third.late().is_none());
    }
}
