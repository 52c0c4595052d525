//! Telling: one file a format. Here the words are chosen, and nothing is decided.
pub mod explain;
pub mod rules;
