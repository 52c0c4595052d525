//! One file of a run: its report, and what comes beside it.

use std::collections::HashSet;

use super::CheckArgs;
use crate::cli::args::Global;
use crate::cli::certify::Job;
use crate::cli::exit::Exit;
use crate::cli::format::FormatName;
use crate::cli::pinned::pinned;
use crate::cli::select::Selection;
use crate::diagnostic::{Span, Words};
use crate::render::matrix::effort_text;
use crate::scenario::{Loaded, Scenario};
use crate::verify::{FileReport, base, effort, run_read};

/// Whether the whole file is needed, not only what is selected of it.
pub(super) fn is_wanted(args: &CheckArgs, global: &Global) -> bool {
    args.certify.is_some() || tells_why(global)
}

/// Whether people want to know more about a file.
fn tells_why(global: &Global) -> bool {
    global.verbose && global.format_name == FormatName::Text
}

/// What comes of a file beside its report.
#[derive(Default)]
pub(super) struct Aside {
    /// What `-v` tells of it.
    pub(super) notes: String,
    /// Why its certificates could not be written.
    pub(super) wrong: Option<(Words, Exit)>,
}

/// Judges a file, and certifies what was judged if that is wanted.
pub(super) fn judged(
    args: &CheckArgs,
    (path, loaded, whole): (&str, Loaded, Option<Scenario>),
    (today, selection): (&str, &Selection),
    global: &Global,
) -> (FileReport, Aside) {
    let budget = args.budget.budget;
    let base = loaded.scenario.as_ref().map(base);
    let usable = loaded.scenario.as_ref().zip(base.as_ref());
    let whole = whole.as_ref();
    let folder = args.certify.as_deref();
    let certify = || {
        let folder = folder?;
        let job = Job {
            path,
            scenario: whole?,
            base: base.as_ref()?,
            sources: &loaded.sources,
            ran: &spans(&loaded),
        };
        job.write(folder, budget, global).err()
    };
    let judge = || {
        let read = (loaded.sources.clone(), loaded.diagnostics.clone(), usable);
        run_read(path, read, today, budget)
    };
    let (mut report, wrong) = rayon::join(judge, certify);
    if let Some(baseline) = &selection.baseline {
        baseline.forgive(&mut report, today, budget);
    }
    let mut notes = String::new();
    if let (true, Some(base)) = (tells_why(global), report.stages.first()) {
        let told = effort_text(effort(&base.alone()), global.language());
        notes = format!("  {path}: {told}");
        let line = whole.and_then(|whole| pinned(path, whole, today, budget, global));
        notes.extend(line);
    }
    (report, Aside { notes, wrong })
}

/// Where the expectations of a file stand.
fn spans(loaded: &Loaded) -> HashSet<Span> {
    let scenario = loaded.scenario.iter();
    let all = scenario.flat_map(|scenario| {
        let stages = scenario.steps.iter().chain(&scenario.what_if);
        let later = stages.flat_map(|stage| &stage.expectations);
        scenario.base.iter().chain(later)
    });
    all.map(|planned| planned.span).collect()
}
