//! `pathproof mutate`: small mistakes in the network, and whether the expectations notice them.

use std::path::Path;

use clap::Args;

use super::args::{Format, Global};
use super::budget::BudgetOption;
use super::check::today;
use super::exit::Exit;
use super::files::from_beside;
use super::output::Output;
use super::save::write_all;
use super::shard::ShardOption;
use super::suite::{Measured, Options, Work, measured};
use crate::code::Language;
use crate::diagnostic::visible;
use crate::import::write_change;
use crate::mutate::{Mutation, Suite, Tally, Thing, mutate, suggest};
use crate::render::mutate::{
    Detail, MutationScene, Named, mutate_json, mutate_text, suggested_file, suggested_text,
    tally_text,
};
use crate::render::scene::Scene;

/// Arguments of `mutate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof mutate shop.ron
  pathproof mutate shop.ron --suggest more.ron
  pathproof mutate network --in-diff before.ron --shard 2/3

docs/suite.md lists what is done to the network. The status is 1 if a mutant survives or cannot be
judged, or if the expectations do not hold without any mutation.")]
pub struct MutateArgs {
    /// Scenario files, folders with *.ron files in them, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Mutate only what this scenario does not have
    #[arg(long, value_name = "BASE.ron")]
    pub in_diff: Option<String>,
    /// Also write a scenario with few expectations that notice every survivor
    #[arg(long, value_name = "MORE.ron")]
    pub suggest: Option<String>,
    /// Which part of the mutants is made.
    #[command(flatten)]
    pub shard: ShardOption,
    /// So many at a time [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

impl Measured<Mutation> {
    fn scene(&self, language: Language) -> MutationScene<'_> {
        MutationScene {
            path: &self.path,
            scene: Scene::of(&self.base, &self.sources, language),
            things: &self.things,
            mutation: &self.found,
            told: &write_change,
        }
    }
}

/// Runs the command.
pub fn run(args: &MutateArgs, global: &Global, output: &mut Output) -> Exit {
    let shard = match args.shard.slice(global, output) {
        Ok(shard) => shard,
        Err(exit) => return exit,
    };
    let options = Options {
        paths: &args.paths,
        in_diff: args.in_diff.as_deref(),
        jobs: args.jobs,
        budget: args.budget.budget,
        is_single: args.suggest.is_some(),
    };
    let work = Work {
        total: |things: &[Thing]| things.iter().map(|thing| thing.mutants.len()).sum(),
        measure: |suite: &Suite<'_>, things: &[Thing], first: usize, done: &(dyn Fn() + Sync)| {
            mutate(suite, things, |number| shard.has(first + number), done)
        },
    };
    let run = match measured(&options, &work, global, output) {
        Ok(run) => run,
        Err(exit) => return exit,
    };
    let mut tally = Tally::default();
    for file in &run.files {
        for fated in &file.found.mutants {
            tally.add(&fated.fate);
        }
    }
    match global.format {
        Format::Json => {
            let scenes = run.files.iter().map(|file| file.scene(global.language()));
            let shard = (!shard.is_whole()).then(|| shard.to_string());
            let named = Named {
                failing: &run.failing,
                shard: shard.as_deref(),
                diagnostics: &run.diagnostics,
            };
            output.json(&mutate_json(&scenes.collect::<Vec<_>>(), named));
        }
        Format::Text => {
            let detail = if global.verbose { Detail::All } else { Detail::Usual };
            for file in &run.files {
                let text = mutate_text(file.scene(global.language()), detail);
                if !text.is_empty() && !global.quiet {
                    output.result(&format!("{}\n{text}", file.path));
                }
            }
            // Where nothing could be read there is nothing to count, and why was told.
            if run.has_read() {
                output.result(&tally_text(&tally, global.language()));
            }
        }
    }
    let written = match (&args.suggest, run.files.first()) {
        (Some(path), Some(file)) => deliver(path, file, &options, global, output),
        _ => Exit::Good,
    };
    let noticed = tally.survived == 0 && tally.undetermined == 0;
    let found = if noticed && run.failing.is_empty() { Exit::Good } else { Exit::Finding };
    run.exit.max(found).max(written)
}

/// Writes the expectations that notice what survived, if anything did.
fn deliver(
    path: &str,
    file: &Measured<Mutation>,
    options: &Options<'_>,
    global: &Global,
    output: &mut Output,
) -> Exit {
    let today = today();
    let suite = Suite::new(&file.scenario, &today, options.budget);
    let suggestions = suggest(&suite, &file.things, &file.found);
    let shown = visible(path);
    if suggestions.is_empty() {
        output.note(&match global.language() {
            Language::English => format!("{shown} is not written: there is nothing to suggest\n"),
            Language::Chinese => format!("未写入 {shown}：没有可建议的期望\n"),
        });
        return Exit::Good;
    }
    let include = from_beside(Path::new(path), Path::new(&file.path));
    let text = suggested_file(file.scene(global.language()), &include, &suggestions);
    if let Err(exit) = write_all(&[(path.into(), &text)], global, output) {
        return exit;
    }
    if !global.quiet {
        output.note(&suggested_text(&shown, &suggestions, global.language()));
    }
    Exit::Good
}
