//! Engines: they walk the fabric and judge what they meet. They return plain data and add no meaning of their own.
//!
//! | module | what it does |
//! |---|---|
//! | `flow` | one packet, or a set of packets with a view: what travels |
//! | `walk` | the way there: which stages, hops and devices |
//! | `session` | the way back: devices undone, routes looked up again |
//! | `judge` | the filters along a way, for one packet or for a set |
//! | `trace` | one packet, every hop, every blocker |
//! | `reach` | all packets of a pair, exactly |

mod flow;
mod judge;
mod reach;
mod session;
mod trace;
mod walk;

pub use flow::{Batch, Flow};
pub use reach::{Blocker, Pair, PairAnswer, Reacher, Way};
pub use trace::trace;
pub use walk::{Ending, Path, Step, What};
