//! `pathproof report`: one page with everything that came of a run, for a mail or a folder.

use clap::{Args, ValueEnum};

use super::args::Global;
use super::budget::BudgetOption;
use super::check::{exit, runnable, today};
use super::exit::Exit;
use super::files::{Disk, find, tell_empty};
use super::output::Output;
use super::progress::Phase;
use super::save::save;
use crate::code::Language;
use crate::render::diagnostics::diagnostics_text;
use crate::render::page::page;
use crate::verify::{Drawn, Summary, Survey, exceeded, run, survey};

/// Arguments of `report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof report network -o report.html
  pathproof report shop.ron --pictures all --limit 120 -o shop.html

The page needs nothing from outside and no network. It ends like `check`: 1 if an expectation does not hold.")]
pub struct ReportArgs {
    /// Scenario files, folders with *.ron files in them, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// Which expectations are drawn as pictures
    #[arg(long, value_enum, default_value_t, value_name = "WHICH")]
    pub pictures: Pictures,
    /// So many rows and columns may a who-reaches-whom matrix have; beyond it equal machines stand together,
    /// and what is left out is counted in the page
    #[arg(long, value_name = "ENDS", default_value_t = 60)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Which expectations are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Pictures {
    /// Those that did not pass.
    #[default]
    Failed,
    /// All of them: the page becomes large.
    All,
    /// None.
    None,
}

impl Pictures {
    fn drawn(self) -> Drawn {
        match self {
            Self::Failed => Drawn::Failed,
            Self::All => Drawn::All,
            Self::None => Drawn::Nothing,
        }
    }
}

/// So many connections are drawn in a page: more make it slow to write and slower to read.
const MOST_PICTURES: usize = 50;

/// Runs the command.
pub fn report(args: &ReportArgs, global: &Global, output: &mut Output) -> Exit {
    let (today, budget) = (today(), args.budget.budget);
    let mut summary = Summary::default();
    let mut surveys = Vec::new();
    tell_empty(&args.paths, global, output);
    output.phase(Phase::Judging);
    for (path, loaded) in runnable(find(&args.paths), &Disk::of(global), budget) {
        let report = run(&path, loaded, &today, budget);
        summary.add(&report);
        output.note(&diagnostics_text(
            &report.sources,
            &report.diagnostics,
            global.language(),
        ));
        let pictures: usize = surveys.iter().map(Survey::pictures).sum();
        surveys.push(survey(
            report,
            (args.pictures.drawn(), MOST_PICTURES - pictures),
            usize::from(args.limit),
            budget,
        ));
    }
    output.phase(Phase::Drawing);
    let undrawn: usize = surveys.iter().map(|survey| survey.undrawn).sum();
    if undrawn > 0 {
        output.note(&match global.language() {
            Language::English => format!(
                "connections that are not drawn: {undrawn}; a page has at most {MOST_PICTURES} pictures\n"
            ),
            Language::Chinese => {
                format!("未画出的连接：{undrawn} 个；一页最多有 {MOST_PICTURES} 幅图\n")
            }
        });
    }
    let missing: usize = surveys.iter().map(open_cells).sum();
    if missing > 0 {
        output.note(&match global.language() {
            Language::English => {
                format!("pairs of the table that the budget was not enough for: {missing}\n")
            }
            Language::Chinese => format!("因超出限额而未决的表格单元：{missing} 个\n"),
        });
    }
    let text = page(&surveys, &summary, global.language(), budget);
    let written = if let Some(path) = &args.output {
        save(path, &text, global, output)
    } else {
        output.result(&text);
        Exit::Good
    };
    written.max(exit(&summary))
}

/// How many pairs of ends of a page have no verdict for the budget.
fn open_cells(survey: &Survey) -> usize {
    let cells = survey.grid.iter().flat_map(|grid| &grid.cells).flatten();
    let open = cells.filter(|cell| exceeded(&cell.found.reasons).is_some());
    open.count()
}
