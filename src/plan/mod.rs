//! The way from one network to another, step by step, with every promise kept: `pathproof plan`.
//!
//! | module | what it does |
//! |---|---|
//! | `task`, `goal` | what is to be done: the moves, from a goal or from a selection |
//! | `promise`, `court` | what is to be kept, in which steps, and whether a network keeps it |
//! | `deed`, `beside`, `bound`, `entity`, `finish` | what one step does to a network, with the actions of the API |
//! | `act`, `search`, `wave` | a step, and an order of steps that keeps everything |
//! | `way` | the plan: fewest windows, asked again, explained |
//! | `conflict`, `hurdle` | the promises that stand in the way, and where each breaks |
//!
//! Nothing here is to be trusted: what is found is written as a scenario with `steps`, which `check` proves.
//!
//! Deliberately not here: words for people (`render::runbook`).

mod act;
mod beside;
mod bound;
mod conflict;
mod court;
mod deed;
mod entity;
mod finish;
mod goal;
mod hurdle;
mod numbers;
mod promise;
mod search;
mod task;
mod wave;
mod way;

use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::Change;

pub use deed::Kind;
pub use hurdle::{Hurdle, Moment};
pub use promise::{Promise, followed};
pub use task::{Choice, Keep, Place, Task};
pub use way::{Terms, plan};

/// A step of a plan.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name, unique in the plan.
    pub name: Words,
    /// What kind of step it is.
    pub kind: Kind,
    /// What is done, in order.
    pub changes: Vec<Change>,
    /// Machines that restart in it.
    pub restarts: Vec<Id>,
    /// The promises that hold after it, by their places among all.
    pub kept: Vec<usize>,
    /// Why it does not come earlier.
    pub earlier: Earlier,
}

/// Why a step does not come earlier. The places are those of steps, from 0: it cannot stand before that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// It is the first.
    First,
    /// The cloud would refuse it.
    Refused {
        /// Before which step.
        before: usize,
        /// Why.
        words: Words,
    },
    /// A promise would break.
    Breaks {
        /// Before which step.
        before: usize,
        /// The promise, by its place among all.
        promise: usize,
    },
    /// It could.
    Free,
}

/// A rule of the cloud without which there would be a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A machine that moves restarts (MIG-2).
    Restart,
    /// Machines move into one zone at a time (MIG-4).
    OneZone,
    /// At most a hundred machines move at a time (MIG-4).
    Batch,
}

/// Why there is no plan: all of this together cannot hold, and each of it is needed for that.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// Promises, by their places among all.
    pub promises: Vec<usize>,
    /// Where each of them breaks.
    pub hurdles: Vec<Hurdle>,
    /// Rules of the cloud: without one of them there would be a plan.
    pub rules: Vec<Rule>,
    /// What the cloud does not allow, or why the promise cannot hold, if that is known.
    pub refused: Option<Words>,
}

impl Conflict {
    /// What the cloud does not allow, whatever is promised.
    #[must_use]
    pub fn refused(words: Words) -> Self {
        Self { promises: Vec::new(), hurdles: Vec::new(), rules: Vec::new(), refused: Some(words) }
    }
}

/// A plan, or why there is none.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Steps in order, and how many windows there have to be: with fewer, there is no plan.
    Found(Vec<Step>, usize),
    /// What cannot hold together.
    Impossible(Conflict),
    /// The search was given up after so many judgements.
    GivenUp(usize),
}
