//! What a certificate claims of a box: the stages of a walk, the place of a cut.

use std::net::IpAddr;

use crate::code::Code;
use crate::id::Id;
use crate::query::Direction;

/// A field that a device rewrites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The source address.
    Source(IpAddr),
    /// The destination address.
    Destination(IpAddr),
    /// The destination port.
    DestinationPort(u16),
}

/// A stage of a walk that decides something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A rule list lets the box pass.
    Filter {
        /// Which kind of list.
        stage: &'static str,
        /// The endpoint whose groups decide, or the ACL.
        at: String,
        /// The rule that takes the box.
        rule: (Id, usize),
    },
    /// A written route decides.
    Route {
        /// The table.
        table: Id,
        /// Its position, from 0.
        index: usize,
    },
    /// A gateway or balancer passes the box on.
    Device {
        /// What it is.
        stage: &'static str,
        /// Which one.
        at: Id,
        /// What it rewrites.
        changes: Vec<Change>,
    },
}

/// Where a box is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// There or back.
    pub direction: Direction,
    /// The reason: the lemma.
    pub code: Code,
    /// The endpoint, list or object that says so.
    pub at: Option<String>,
    /// The rule that drops it; none for the implied deny and for what is no rule list.
    pub rule: Option<(Id, usize)>,
}

/// What becomes of a box on one of the ways that it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It comes home.
    Walk {
        /// The stages of the way there.
        there: Vec<Stage>,
        /// The stages of the way back.
        back: Vec<Stage>,
    },
    /// It is lost.
    Cut(Cut),
}

/// What becomes of a box: on every way that it may take it is home by one of the walks or lost by one of the cuts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// The walks.
    pub walks: Vec<(Vec<Stage>, Vec<Stage>)>,
    /// The cuts.
    pub cuts: Vec<Cut>,
}

impl Claim {
    pub(super) fn of(outcomes: Vec<Outcome>) -> Self {
        let mut claim = Self::default();
        for outcome in outcomes {
            match outcome {
                Outcome::Walk { there, back } => {
                    let walk = (there, back);
                    if !claim.walks.contains(&walk) {
                        claim.walks.push(walk);
                    }
                }
                Outcome::Cut(cut) if claim.cuts.contains(&cut) => {}
                Outcome::Cut(cut) => claim.cuts.push(cut),
            }
        }
        claim
    }
}
