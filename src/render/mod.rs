//! Telling: one file a format. Here the words are chosen, and nothing is decided.
//!
//! `sentence`, `advice` and `rule` hold the words, `scene` knows where the things that are spoken of stand;
//! the formats put both on lines. Texts may hold styles (ANSI): who prints them strips those that the
//! reader cannot see.

mod advice;
mod remedy;
#[cfg(test)]
mod sample;
mod snippet;
mod style;
mod wrap;

pub mod check_json;
pub mod check_text;
pub mod diagnostics;
pub mod difference;
pub mod explain;
pub mod json;
pub mod links;
pub mod page;
pub mod picture;
pub mod reach;
pub mod rule;
pub mod rules;
pub mod scene;
pub mod sentence;
pub mod trace_json;
pub mod trace_text;
