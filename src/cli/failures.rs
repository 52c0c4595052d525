//! `pathproof failures`: which promises break when something fails.

use clap::Args;

use super::args::{At, Format, Global};
use super::budget::BudgetOption;
use super::check::today;
use super::exit::Exit;
use super::one::open;
use super::output::Output;
use super::parts::told::{FAILURES, failures_part};
use super::parts::{facts, possible, write};
use super::progress::Phase;
use super::shard::{Shard, ShardOption};
use crate::ask::Asked;
use crate::diagnostic::visible;
use crate::query::Expectation;
use crate::render::check_text::nothing_expected;
use crate::render::failures::{FailuresTold, failures_json, failures_text};
use crate::scenario::Planned;
use crate::verify::{AtOnce, Sweep, sweep};

/// Arguments of `failures`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof failures shop.ron
  pathproof failures shop.ron -k 2 --format json
  pathproof failures migration.ron --at \"the last CVM has moved\"

Every gateway, VPN connection, Direct Connect tunnel, peering, CCN attachment, classic link and machine goes
down in turn, as Down in a scenario. With -k 2 a pair is told only where neither alone breaks the promise.
The status is 1 if anything breaks, or fails with nothing down.")]
pub struct FailuresArgs {
    /// The scenario file, or - for standard input
    pub file: String,
    /// How many things fail at once at most
    #[arg(short = 'k', value_name = "COUNT", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=2))]
    pub at_once: u8,
    /// Write what breaks to this Parquet file, instead of printing it
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// Which failures.
    #[command(flatten)]
    pub shard: ShardOption,
    /// Which network to ask.
    #[command(flatten)]
    pub at: At,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Runs the command.
pub fn run(args: &FailuresArgs, global: &Global, output: &mut Output) -> Exit {
    let shard = match args.shard.slice(global, output) {
        Ok(shard) => shard,
        Err(exit) => return exit,
    };
    if let Err(exit) = possible(args.output.as_deref(), global, output) {
        return exit;
    }
    let asked = match open(&args.file, &args.at, args.budget.budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let warnings = asked.warnings(global.language());
    let told = swept(args, &asked, shard, output);
    // A slice says nothing about the pieces of the others.
    let exit = if told.is_good() { Exit::Good } else { Exit::Finding };
    if let Some(path) = &args.output {
        let facts = facts(FAILURES, (&args.file, &args.at), &asked, shard);
        let part = failures_part(&told, &warnings, facts);
        return exit.max(write(path, &part, told.open.is_empty(), global, output));
    }
    match global.format {
        Format::Json => {
            output.json(&failures_json(&told, &warnings, global.language()));
        }
        Format::Text if told.promises.is_empty() => {
            output.result(&format!("{}\n", nothing_expected(global.language())));
        }
        Format::Text => output.result(&failures_text(&told, global.language())),
    }
    exit
}

/// Makes everything fail, and tells people how far it is.
fn swept(args: &FailuresArgs, asked: &Asked, shard: Shard, output: &Output) -> FailuresTold {
    let base = asked.scenario.base.iter();
    let (count, own) = (asked.scenario.base.len(), own(args, asked));
    let today = today();
    let request = Sweep {
        situation: &asked.situation,
        expectations: base.chain(own).collect(),
        today: &today,
        budget: args.budget.budget,
        at_once: if args.at_once > 1 { AtOnce::Two } else { AtOnce::One },
        has: &|piece| shard.has(piece),
    };
    output.phase(Phase::Failing);
    let found = sweep(&request, |done, total| {
        output.step(done, total);
    });
    let path = visible(&args.file);
    let step = args.at.step.as_deref();
    let mut told = FailuresTold::of(&found, (&path, step), count, &asked.sources);
    told.at_once = usize::from(args.at_once);
    told.shard = (!shard.is_whole()).then(|| shard.to_string());
    told
}

/// What is expected of the very network that is asked, where it is not the base network.
fn own<'a>(args: &FailuresArgs, asked: &'a Asked) -> &'a [Planned<Expectation>] {
    let Some(step) = &args.at.step else {
        return &[];
    };
    let stages = asked.scenario.steps.iter().chain(&asked.scenario.what_if);
    let mut named = stages.filter(|stage| stage.name == *step);
    named.next().map_or(&[], |stage| stage.expectations.as_slice())
}
