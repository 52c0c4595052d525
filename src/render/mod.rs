//! Telling: one file a format. Here the words are chosen, and nothing is decided.
//!
//! `sentence`, `advice` and `rule` hold the words, `scene` knows where the things that are spoken of stand;
//! the formats put both on lines. Texts may hold styles (ANSI): who prints them strips those that the
//! reader cannot see.

mod advice;
mod at_hand;
pub mod case;
mod number;
mod rewritten;
#[cfg(test)]
mod sample;
mod several;
mod snippet;
mod style;
pub mod wrap;

pub mod budget;
pub mod certificate;
pub mod check_github;
pub mod check_json;
pub mod check_junit;
pub mod check_markdown;
pub mod check_sarif;
pub mod check_tap;
pub mod check_text;
mod commands;
pub mod conflict;
pub mod coverage;
pub mod csv;
pub mod diagnostics;
pub mod difference;
pub mod digest;
pub mod explain;
pub mod failures;
pub mod fix;
pub mod format;
pub mod json;
pub mod links;
pub mod lint;
pub mod list;
pub mod matrix;
pub mod mutate;
pub mod page;
pub mod picture;
pub mod plan;
pub mod ranges;
pub mod reach;
pub mod remedy;
pub mod rule;
pub mod rules;
pub mod runbook;
pub mod sarif;
pub mod scene;
pub mod schema;
pub mod screen;
pub mod sentence;
pub mod stage;
pub mod trace_json;
pub mod trace_text;
