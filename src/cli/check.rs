//! `pathproof check`: loads every file, runs it, tells what came of it as it is decided.

use std::collections::HashSet;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::args::{CheckArgs, Format, Global};
use super::exit::Exit;
use super::files::{Disk, Found, find};
use super::output::Output;
use crate::code::Language;
use crate::render::check_json::check_json;
use crate::render::check_text::{failures, file_lines, summary_line};
use crate::render::diagnostics::diagnostics_text;
use crate::scenario::{Loaded, load};
use crate::verify::{FileReport, Summary, run};

/// Shorter work is not worth a word of progress.
const BLINK: Duration = Duration::from_millis(300);

/// Runs the command.
pub fn check(args: &CheckArgs, global: &Global, output: &mut Output) -> Exit {
    let started = Instant::now();
    let found = match find(&args.paths) {
        Ok(found) => found,
        Err((path, error)) => {
            output.note(&format!("error[io]: cannot look into {path}: {error}\n"));
            return Exit::Unusable;
        }
    };
    let today = today();
    let mut reports = Vec::new();
    let mut summary = Summary::default();
    let progress = std::io::stderr().is_terminal() && !global.quiet;
    let loaded = runnable(found);
    let total = loaded.len();
    for (index, (path, loaded)) in loaded.into_iter().enumerate() {
        let report = run(&path, loaded, &today);
        summary.add(&report);
        if global.format == Format::Text {
            output.note(&diagnostics_text(&report.sources, &report.diagnostics));
            output.result(&file_lines(&report, global.verbosity(), global.language()));
        }
        if progress && started.elapsed() > BLINK {
            output.note(&format!("\r{}/{total}\u{1b}[K\r", index + 1));
        }
        reports.push(report);
        if output.is_closed() {
            break;
        }
    }
    match global.format {
        Format::Json => output.json(&check_json(&reports, &summary, global.language())),
        Format::Text => tell(&reports, &summary, started.elapsed(), global, output),
    }
    exit(&summary)
}

fn tell(
    reports: &[FileReport],
    summary: &Summary,
    elapsed: Duration,
    global: &Global,
    output: &mut Output,
) {
    for report in reports {
        let text = failures(report, global.verbosity(), global.language());
        if !text.is_empty() {
            output.result(&format!("\n{text}"));
        }
    }
    if summary.expectations + summary.refusals == 0 && summary.unusable == 0 {
        output.result(match global.language() {
            Language::English => "nothing is expected anywhere, so nothing is proved\n",
            Language::Chinese => "没有任何期望，因此什么也没有证明\n",
        });
    }
    output.result(&summary_line(summary, elapsed, global.language()));
}

pub(super) fn exit(summary: &Summary) -> Exit {
    if summary.unusable > 0 {
        Exit::Unusable
    } else if summary.is_good() {
        Exit::Good
    } else {
        Exit::Finding
    }
}

/// Loads the files; one that was only found in a folder, is included by another and expects nothing itself
/// falls away.
pub(super) fn runnable(found: Vec<Found>) -> Vec<(String, Loaded)> {
    let loaded: Vec<_> = found
        .into_iter()
        .map(|found| {
            let loaded = load(&found.path, &Disk);
            (found, loaded)
        })
        .collect();
    let included: HashSet<PathBuf> = loaded
        .iter()
        .flat_map(|(_, loaded)| loaded.sources.iter().skip(1))
        .filter_map(|source| std::fs::canonicalize(&source.path).ok())
        .collect();
    let runs = loaded.into_iter().filter(|(found, loaded)| {
        let own = std::fs::canonicalize(&found.path).ok();
        let asks = loaded.scenario.as_ref().is_none_or(|scenario| {
            !(scenario.base.is_empty() && scenario.steps.is_empty() && scenario.what_if.is_empty())
        });
        found.named || asks || own.is_none_or(|own| !included.contains(&own))
    });
    runs.map(|(found, loaded)| (found.path, loaded)).collect()
}

/// The date in UTC, for waivers.
#[must_use]
pub fn today() -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    now.date().to_string()
}
