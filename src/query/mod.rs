//! What is asked and what is answered. No file, no engine, no words for people.

pub mod question;

pub use question::{Expectation, Selector, Traffics, Verdict, Waiver, Want};
