//! The rim: the only place that touches arguments, files, clock and terminal, but for the time of a budget, which runs
//! out in [`crate::space`]. One file a subcommand.
//!
//! A subcommand takes its arguments and an [`output::Output`], and says how the program ends
//! ([`exit::Exit`]). Results go to standard output, everything else to standard error.

pub mod args;
pub mod broken;
pub mod budget;
pub mod check;
pub mod completions;
pub mod document;
pub mod exit;
pub mod explain;
pub mod files;
pub mod fix;
pub mod format;
pub mod generate;
pub mod graph;
mod hint;
pub mod import;
pub mod links;
pub mod lint;
pub mod man;
pub mod matrix;
pub mod one;
pub mod output;
pub mod plan;
pub mod progress;
pub mod reach;
pub mod report;
pub mod save;
pub mod schema;
pub mod trace;
pub mod watch;
pub mod whatif;

use args::{Cli, Command};
use exit::Exit;
use output::Output;

/// Runs the program.
#[must_use]
pub fn run() -> Exit {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    let mut output = Output::new(cli.global.color);
    let exit = match &cli.command {
        Command::Check(args) => check::check(args, &cli.global, &mut output),
        Command::Trace(args) => trace::trace(args, &cli.global, &mut output),
        Command::Reach(args) => reach::run(args, &cli.global, &mut output),
        Command::Report(args) => report::report(args, &cli.global, &mut output),
        Command::Graph(args) => graph::run(args, &cli.global, &mut output),
        Command::Matrix(args) => matrix::run(args, &cli.global, &mut output),
        Command::Whatif(args) => whatif::whatif(args, &cli.global, &mut output),
        Command::Diff(args) => whatif::diff(args, &cli.global, &mut output),
        Command::Lint(args) => lint::run(args, &cli.global, &mut output),
        Command::Fix(args) => fix::run(args, &cli.global, &mut output),
        Command::Links(args) => links::links(args, &cli.global, &mut output),
        Command::Import(args) => import::import(args, &cli.global, &mut output),
        Command::Generate(args) => generate::run(args, &cli.global, &mut output),
        Command::Explain(args) => explain::run(args, &cli.global, &mut output),
        Command::Schema(args) => schema::run(args, &cli.global, &mut output),
        Command::Completions(args) => completions::run(args, &mut output),
        Command::Man(args) => man::run(args, &cli.global, &mut output),
    };
    output.end(exit)
}
