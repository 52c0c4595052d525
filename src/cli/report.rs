//! `pathproof report`: one page with everything that came of a run, for a mail or a folder.

use std::collections::HashSet;

use clap::{Args, ValueEnum};

use super::args::Global;
use super::budget::BudgetOption;
use super::check::{exit, runnable, today};
use super::exit::Exit;
use super::files::{Disk, find, tell_empty};
use super::one::refuse;
use super::output::Output;
use super::pinned::measure;
use super::progress::Phase;
use super::save::save;
use crate::ask::lint_of;
use crate::code::Language;
use crate::lint::Switches;
use crate::query::Verdict;
use crate::render::diagnostics::diagnostics_text;
use crate::render::page::{Sheet, page};
use crate::verify::{Drawn, Summary, Survey, base, run_read, survey};

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
    /// For so many rows and columns of who reaches whom the page says why; in a larger network equal machines stand
    /// together, and every pair has its verdicts
    #[arg(long, value_name = "ENDS", default_value_t = 30)]
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
    let mut sheets: Vec<Sheet> = Vec::new();
    let mut told = HashSet::new();
    tell_empty(&args.paths, global, output);
    output.phase(Phase::Judging);
    for (path, loaded) in runnable(find(&args.paths), &Disk::of(global), budget) {
        let base = loaded.scenario.as_ref().map(base);
        let usable = loaded.scenario.as_ref().zip(base.as_ref());
        let read = || (loaded.sources.clone(), loaded.diagnostics.clone(), usable);
        let mut lint = match lint_of(path.clone(), read(), (None, budget), &Switches::default()) {
            Ok(lint) => lint,
            Err(wrong) => return refuse(&wrong, global, output),
        };
        lint.tell_once(&mut told);
        let report = run_read(&path, read(), &today, budget);
        summary.add(&report);
        output.note(&diagnostics_text(&report.sources, &report.diagnostics, global.language()));
        let pictures = sheets.iter().map(pictures).sum::<usize>();
        let survey = survey(
            report,
            (args.pictures.drawn(), MOST_PICTURES.saturating_sub(pictures)),
            usize::from(args.limit),
            budget,
        );
        let free = pictures + survey.pictures() < MOST_PICTURES;
        let measure = usable.and_then(|(scenario, base)| measure(scenario, base, &today, budget));
        sheets.push(Sheet {
            measure,
            drawn: free && args.pictures != Pictures::None && survey.grid.is_some(),
            survey,
            lint,
        });
    }
    output.phase(Phase::Drawing);
    let undrawn: usize = sheets.iter().map(|sheet| sheet.survey.undrawn).sum();
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
    let missing: usize = sheets.iter().map(|sheet| open_cells(&sheet.survey)).sum();
    if missing > 0 {
        output.note(&match global.language() {
            Language::English => {
                format!("pairs of the table that the budget was not enough for: {missing}\n")
            }
            Language::Chinese => format!("因超出限额而未决的表格单元：{missing} 个\n"),
        });
    }
    let text = page(&sheets, &summary, global.language(), budget);
    let written = if let Some(path) = &args.output {
        save(path, &text, global, output)
    } else {
        output.result(&text);
        Exit::Good
    };
    written.max(exit(&summary))
}

/// How many pictures a file has on the page.
fn pictures(sheet: &Sheet) -> usize {
    sheet.survey.pictures() + usize::from(sheet.drawn)
}

/// How many pairs of ends of a page have no verdict for the budget.
fn open_cells(survey: &Survey) -> usize {
    let tables = survey.grid.iter().flat_map(|grid| &grid.tables);
    let tables = tables.filter(|table| table.exceeded.is_some());
    let cells = tables.flat_map(|table| table.rows.iter().flatten());
    let open = cells.filter(|cell| **cell == Some(Verdict::Undetermined));
    open.count()
}
