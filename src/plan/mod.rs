//! The way from one network to another, step by step, with every promise kept: `pathproof plan`.
//!
//! | module | what it does |
//! |---|---|
//! | `task` | what is to be done: the moves, from a goal or from a selection |
//! | `promise` | what is to be kept, in which steps, and whether a network keeps it |
//! | `deed` | what one step does to a network |
//! | `finish` | the last step: what makes the network the goal |
//! | `search` | an order of steps that keeps everything, or the promises that stand in the way |
//!
//! Nothing here is to be trusted: what is found is written as a scenario with `steps`, which `check` proves.
//!
//! Deliberately not here: words for people (`render::runbook`).

mod deed;
mod finish;
mod promise;
mod search;
mod task;

use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::Change;

pub use deed::Kind;
pub use promise::{Promise, followed};
pub use search::{Earlier, plan};
pub use task::{Choice, Keep, Place, Task};

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

/// Why there is no plan: all of this together cannot hold, and each of it is needed for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Promises, by their places among all.
    pub promises: Vec<usize>,
    /// What the cloud does not allow, if that is why.
    pub refused: Option<Words>,
}

/// A plan, or why there is none.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Steps in order.
    Found(Vec<Step>),
    /// What cannot hold together.
    Impossible(Conflict),
    /// The search was given up after so many judgements.
    GivenUp(usize),
}
