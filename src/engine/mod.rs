//! Engines: they walk the fabric and judge what they meet. They return plain data and add no meaning of their own.
//!
//! | module | what it does |
//! |---|---|
//! | `flow` | one packet, or a set of packets with a view: what travels |
//! | `classes` | which endpoints nothing tells apart |
//! | `walk` | the way there: which stages, hops and devices |
//! | `session` | the way back: devices undone, routes looked up again |
//! | `judge` | the filters along a way, for one packet or for a set |
//! | `straight` | pairs that only filters stand between |
//! | `spot` | everybody to everybody, spot by spot |
//! | `skeleton` | the ways between two places, filters left open |
//! | `memory` | what holds over the next fabric, too |
//! | `nearby` | which pairs an edit of groups can have touched |
//! | `cell` | the stretches of addresses that a list cannot tell apart |
//! | `permit` | what a rule list permits, once for all that it cannot tell apart |
//! | `verdict` | one packet, yes or no |
//! | `trace` | one packet, every hop, every blocker |
//! | `reach` | all packets of a pair, exactly |
//! | `trail` | the ways of a pair as a proof tells them |
//! | `rewriting` | the headers on both sides of every device that translates |

mod cell;
mod classes;
mod flow;
mod judge;
mod memory;
mod nearby;
mod permit;
mod reach;
mod rewriting;
mod session;
mod skeleton;
mod spot;
mod straight;
mod trace;
mod trail;
mod verdict;
mod walk;

pub use classes::{Class, ClassIx, Classes, LocationIx, Member};
pub use flow::{Batch, Flow};
pub use memory::{Known, Memory};
pub use nearby::Nearby;
pub use reach::{Blocker, Pair, PairAnswer, Reacher, Way};
pub use rewriting::Rewriting;
pub use skeleton::{Skeleton, Works};
pub use spot::{Crossing, Crossings, Spot, SpotIx, Spots};
pub use straight::{Circumstances, Host, Standing};
pub use trace::{trace, trace_within};
pub use trail::{Leg, Trail};
pub use verdict::Crosses;
pub use walk::{Ending, Path, Step, What};
