//! What is asked and what is answered. No file, no engine, no words for people.

pub mod intention;
pub mod question;
pub mod reason;
pub mod trace;
pub mod translator;

pub use intention::{Intention, Turn};
pub use question::{During, Expectation, Selector, Traffics, Verdict, Waiver, Want, Waypoint};
pub use reason::{Cause, Direction, Facts, ListName, NearMiss, Reason, RuleRef};
pub use trace::{Trace, TracePath, TraceStep};
pub use translator::{Translator, TranslatorKind};
