//! One small reader for every kind of thing in a scenario.
//!
//! What a network is made of is read by its rows in the model (`record`), and their forms (`form`). A reader of anything else names
//! the fields it takes, in the order of the format's tables. References are only noted; they are checked when all ids are known.

pub mod action;
pub mod change;
pub mod filter;
pub mod form;
pub mod lint;
pub mod network;
pub mod outline;
pub mod question;
pub mod record;
