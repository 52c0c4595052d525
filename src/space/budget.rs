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

use std::time::{Duration, Instant};

use super::set::{Set, Space};

/// How much a question may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Nodes of the diagrams of its sets.
    pub nodes: usize,
    /// Time; `None` = as long as it takes.
    pub time: Option<Duration>,
}

impl Budget {
    /// No limit but the memory of the machine and the width of a node's number.
    pub const NONE: Self = Self {
        nodes: usize::MAX,
        time: None,
    };

    /// The time starts to run.
    #[must_use]
    pub fn begin(self) -> Allowance {
        let end = self.time.and_then(|time| {
            let end = Instant::now().checked_add(time)?;
            Some((end, time))
        });
        Allowance {
            nodes: self.nodes,
            end,
        }
    }
}

/// About a gigabyte at most, and longer than anybody waits for an answer without asking why.
impl Default for Budget {
    fn default() -> Self {
        Self {
            nodes: 4_000_000,
            time: Some(Duration::from_mins(5)),
        }
    }
}

/// A budget whose time runs. Several spaces may share one: each has all of the nodes, and all have the same end.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    pub(super) nodes: usize,
    end: Option<(Instant, Duration)>,
}

impl Allowance {
    /// Whether the time is up, and how much there was.
    #[must_use]
    pub fn late(&self) -> Option<Exceeded> {
        let (end, time) = self.end?;
        (Instant::now() >= end).then_some(Exceeded::Time(time))
    }
}

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
