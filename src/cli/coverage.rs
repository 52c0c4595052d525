//! `pathproof coverage`: which parts of a network the expectations pin.

use clap::Args;

use super::args::Global;
use super::budget::BudgetOption;
use super::chinese::Wrong;
use super::exit::Exit;
use super::format::FormatName;
use super::output::Output;
use super::suite::{Measured, Options, Work, measured};
use crate::code::Language;
use crate::diagnostic::Words;
use crate::mutate::{Covered, PairsAsserted, Suite, Thing, ThingKind, cover, pairs_asserted};
use crate::render::coverage::{
    CoverageScene, Total, cobertura, counts_text, coverage_github, coverage_html, coverage_json,
    coverage_text, headline, lcov,
};
use crate::render::scene::Scene;

/// Arguments of `coverage`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof coverage shop.ron
  pathproof coverage network --fail-under 90
  pathproof coverage network --format lcov > network.info
  pathproof coverage network --format html > coverage.html

The last line reads: rules pinned 83.3 %, pairs asserted 41.0 %
The status is 1 if fewer rules are pinned than --fail-under wants, or if the expectations do not hold.")]
pub struct CoverageArgs {
    /// Scenario files, folders with *.ron files in them, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// End with 1 if fewer rules in a hundred are pinned
    #[arg(long, value_name = "N", value_parser = percent)]
    pub fail_under: Option<f64>,
    /// Measure only what this scenario does not have
    #[arg(long, value_name = "BASE.ron")]
    pub in_diff: Option<String>,
    /// So many at a time [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Reads `90` or `83.3`.
fn percent(text: &str) -> Result<f64, Wrong> {
    let number = text.trim_end_matches('%').trim_end().parse::<f64>().ok();
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| {
        Wrong(Words::new(
            format!("`{text}` is no share of a hundred, such as 90 or 83.3"),
            format!("`{text}` 不是 0 到 100 之间的百分数，例如 90 或 83.3"),
        ))
    })
}

/// Where the program was started.
fn here() -> String {
    let here = std::env::current_dir().unwrap_or_default();
    here.to_string_lossy().into_owned()
}

/// What is measured of a file.
type Found = (Vec<Covered>, Option<PairsAsserted>);

fn scene(file: &Measured<Found>, language: Language) -> CoverageScene<'_> {
    CoverageScene {
        path: &file.path,
        scene: Scene::of(&file.base, &file.sources, language),
        covered: &file.found.0,
        pairs: file.found.1,
    }
}

/// Runs the command.
pub fn run(args: &CoverageArgs, global: &Global, output: &mut Output) -> Exit {
    let options = Options {
        paths: &args.paths,
        in_diff: args.in_diff.as_deref(),
        jobs: args.jobs,
        budget: args.budget.budget,
        is_single: false,
    };
    let counted = |thing: &&Thing| ThingKind::COUNTED.contains(&thing.kind);
    let work = Work {
        total: |things: &[Thing]| things.iter().filter(counted).count(),
        measure: |suite: &Suite<'_>, things: &[Thing], _: usize, done: &(dyn Fn() + Sync)| {
            (cover(suite, things, done), pairs_asserted(suite))
        },
    };
    let run = match measured(&options, &work, global, output) {
        Ok(run) => run,
        Err(exit) => return exit,
    };
    let language = global.language();
    let scenes = run.files.iter().map(|file| scene(file, language));
    let scenes: Vec<CoverageScene<'_>> = scenes.collect();
    let total = Total::of(&scenes);
    match global.format_name {
        FormatName::Json => {
            output.json(&coverage_json(&scenes, &run.failing, &run.diagnostics));
        }
        FormatName::Lcov => output.result(&lcov(&scenes, &here())),
        FormatName::Cobertura => output.result(&cobertura(&scenes, &here())),
        FormatName::Html => output.result(&coverage_html(&scenes)),
        FormatName::Github => output.result(&coverage_github(&scenes)),
        _ => {
            for file in scenes.iter().filter(|_| !global.quiet) {
                let text = coverage_text(*file, global.verbose);
                if !text.is_empty() {
                    output.result(&format!("{}\n{text}", file.path));
                }
            }
            // Where nothing could be read there is nothing to count, and why was told.
            if run.has_read() {
                if !global.quiet {
                    output.result(&counts_text(&scenes, language));
                }
                output.result(&headline(&total));
            }
        }
    }
    // What nobody could pin is pinned well enough.
    let pinned = total.rules.share().unwrap_or(100.0);
    let is_enough = args.fail_under.is_none_or(|least| pinned >= least);
    if is_enough && run.failing.is_empty() { run.exit } else { run.exit.max(Exit::Finding) }
}
