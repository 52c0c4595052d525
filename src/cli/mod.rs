//! The rim: the only place that touches arguments, files, clock and terminal, but for the time of a budget, which runs
//! out in [`crate::space`]. One file a subcommand.
//!
//! A subcommand takes its arguments and an [`output::Output`], and says how the program ends
//! ([`exit::Exit`]). Results go to standard output, everything else to standard error.

pub mod args;
mod baseline;
pub mod broken;
pub mod budget;
pub mod bug;
pub mod certify;
pub mod check;
pub mod chinese;
mod complete;
pub mod completions;
mod config;
pub mod coverage;
pub mod document;
pub mod exit;
pub mod explain;
pub mod failures;
pub mod files;
pub mod fix;
mod flow;
pub mod fmt;
pub mod format;
pub mod generate;
pub mod graph;
mod hint;
pub mod import;
pub mod init;
mod keep;
pub mod language;
mod lines;
pub mod links;
pub mod lint;
pub mod lsp;
pub mod man;
pub mod matrix;
#[cfg(feature = "mcp")]
pub mod mcp;
pub mod merge;
pub mod migrate;
pub mod mutate;
pub mod one;
pub mod output;
pub mod parts;
mod pinned;
pub mod plan;
pub mod progress;
pub mod reach;
pub mod report;
pub mod save;
pub mod schema;
mod screen;
pub mod select;
#[cfg(feature = "serve")]
pub mod serve;
pub mod shard;
pub mod streams;
mod suite;
pub mod trace;
pub mod unread;
pub mod watch;
pub mod whatif;

use args::{Cli, Command};
use exit::Exit;
use format::FormatName;
use output::Output;

/// Runs the program.
#[must_use]
pub fn run() -> Exit {
    bug::listen();
    complete::answer();
    screen::look();
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    // Whoever has threads already keeps them.
    let _ = threads().build_global();
    let for_people = cli.global.format_name == FormatName::Text;
    let mut output = Output::new(cli.global.color, for_people, cli.global.language());
    if !cli.global.quiet {
        output = output.watched();
    }
    let exit = bug::guarded(&cli.global, &mut output, |output| command(&cli, output));
    output.end(exit)
}

/// Threads for all cores. Networks are walked by calls within calls, so that they are as deep as the main thread.
fn threads() -> rayon::ThreadPoolBuilder {
    rayon::ThreadPoolBuilder::new().stack_size(8 << 20)
}

fn command(cli: &Cli, output: &mut Output) -> Exit {
    let global = &cli.global;
    match &cli.command {
        Command::Check(args) => check::check(args, global, output),
        Command::Certify(args) => certify::run(args, global, output),
        Command::Trace(args) => trace::trace(args, global, output),
        Command::Reach(args) => reach::run(args, global, output),
        Command::Report(args) => report::report(args, global, output),
        Command::Graph(args) => graph::run(args, global, output),
        Command::Coverage(args) => coverage::run(args, global, output),
        Command::Mutate(args) => mutate::run(args, global, output),
        Command::Matrix(args) => matrix::run(args, global, output),
        Command::Merge(args) => merge::run(args, global, output),
        Command::Whatif(args) => whatif::whatif(args, global, output),
        Command::Diff(args) => whatif::diff(args, global, output),
        Command::Lint(args) => lint::run(args, global, output),
        Command::Failures(args) => failures::run(args, global, output),
        Command::Fix(args) => fix::run(args, global, output),
        Command::Plan(args) => migrate::run(args, global, output),
        Command::Init(args) => init::run(args, global, output),
        Command::Fmt(args) => fmt::run(args, global, output),
        Command::Lsp(args) => lsp::run(args, global, output),
        #[cfg(feature = "mcp")]
        Command::Mcp(args) => mcp::run(args, global, output),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(args, global, output),
        Command::Links(args) => links::links(args, global, output),
        Command::Import(args) => import::import(args, global, output),
        Command::Generate(args) => generate::run(args, global, output),
        Command::Explain(args) => explain::run(args, global, output),
        Command::Schema(args) => schema::run(args, global, output),
        Command::Completions(args) => completions::run(args, output),
        Command::Man(args) => man::run(args, global, output),
    }
}
