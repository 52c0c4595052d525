//! The rim: the only place that touches arguments, files, clock and terminal. One file a subcommand.
//!
//! A subcommand takes its arguments and an [`output::Output`], and says how the program ends
//! ([`exit::Exit`]). Results go to standard output, everything else to standard error.

pub mod args;
pub mod completions;
pub mod exit;
pub mod explain;
pub mod output;
