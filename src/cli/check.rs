//! `pathproof check`: loads every file, runs it, tells what came of it as it is decided.

use std::collections::HashSet;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::args::Global;
use super::budget::BudgetOption;
use super::document::{Run, Target, deliver, document, ending};
use super::exit::Exit;
use super::files::{Disk, Found, find};
use super::format::FormatName;
use super::one::complain;
use super::output::Output;
use super::progress::{Audience, Progress};
use super::watch::watch;
use crate::code::{Code, Language};
use crate::diagnostic::{Diagnostic, Severity, Sources, Words, visible};
use crate::render::check_text::file_lines;
use crate::render::diagnostics::diagnostics_text;
use crate::render::matrix::effort_text;
use crate::scenario::{Files, Loaded, load};
use crate::verify::{Summary, effort, run};

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof check scenarios
  pathproof check --quiet shop.ron classic/*.ron
  pathproof check network --report junit=junit.xml --report sarif=network.sarif
  pathproof check --watch shop.ron")]
pub struct CheckArgs {
    /// Scenario files, folders with *.ron files in them, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Also write a report to a file, in any of the formats; repeatable. With - it goes to standard
    /// output, and what is for people to standard error
    #[arg(long, value_name = "FORMAT=FILE", value_parser = Target::read)]
    pub report: Vec<Target>,
    /// Run again whenever a file, an included file or a folder changes; ends with Ctrl-C
    #[arg(long)]
    pub watch: bool,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

impl CheckArgs {
    /// Whether a report takes standard output.
    fn takes_output(&self) -> bool {
        self.report.iter().any(|target| target.path == "-")
    }

    /// What cannot be done as it is asked.
    fn refusal(&self, global: &Global) -> Option<String> {
        let format = global.format_name;
        let mut targets = self.report.iter().enumerate();
        let twice = targets.find(|(index, target)| {
            let before = &self.report[..*index];
            before.iter().any(|other| other.path == target.path)
        });
        let english = global.language() == Language::English;
        if let Some((_, target)) = twice {
            let path = &target.path;
            return Some(if english {
                format!("two reports cannot both go to `{path}`")
            } else {
                format!("两份报告不能都写入 `{path}`")
            });
        }
        if self.takes_output() && format != FormatName::Text {
            let name = format.name();
            return Some(if english {
                format!("standard output cannot take both --format {name} and a report")
            } else {
                format!("标准输出不能同时用于 --format {name} 和报告")
            });
        }
        let reads_input = self.paths.iter().any(|path| path == "-");
        (self.watch && reads_input).then(|| {
            let words = if english {
                "standard input cannot be watched"
            } else {
                "无法监视标准输入"
            };
            words.to_owned()
        })
    }
}

/// Runs the command.
pub fn check(args: &CheckArgs, global: &Global, output: &mut Output) -> Exit {
    if let Some(refusal) = args.refusal(global) {
        complain(global, output, &refusal, None);
        return Exit::Unusable;
    }
    if args.watch {
        return watch(args, global, output);
    }
    once(args, global, &Disk::of(global), output)
}

/// One run over all files.
pub fn once(args: &CheckArgs, global: &Global, files: &dyn Files, output: &mut Output) -> Exit {
    let run = run_all(args, global, files, output);
    let written = deliver(&args.report, &run, global, output);
    let printed = if global.format_name == FormatName::Text {
        say(args, &ending(&run, global), output);
        Exit::Good
    } else {
        print(&run, global, output)
    };
    exit(&run.summary).max(written).max(printed)
}

/// Runs the files; for people, lines come as they are decided.
fn run_all(args: &CheckArgs, global: &Global, files: &dyn Files, output: &mut Output) -> Run {
    let started = Instant::now();
    let audience = if std::io::stderr().is_terminal() && !global.quiet {
        Audience::Somebody
    } else {
        Audience::Nobody
    };
    let mut progress = Progress::new(audience, started);
    let today = today();
    let mut reports = Vec::new();
    let mut summary = Summary::default();
    let loaded = runnable(find(&args.paths), files);
    let total = loaded.len();
    for (index, (path, loaded)) in loaded.into_iter().enumerate() {
        progress.tell(index, total, Instant::now(), output);
        let report = run(&path, loaded, &today, args.budget.budget);
        summary.add(&report);
        progress.clear(output);
        if global.format_name != FormatName::Json {
            output.note(&diagnostics_text(
                &report.sources,
                &report.diagnostics,
                global.language(),
            ));
        }
        if global.format_name == FormatName::Text {
            let lines = file_lines(&report, global.verbosity(), global.language());
            say(args, &lines, output);
            if let (true, Some(base)) = (global.verbose, report.stages.first()) {
                let told = effort_text(effort(&base.alone()), global.language());
                output.note(&format!("  {path}: {told}"));
            }
        }
        reports.push(report);
        if output.is_closed() {
            break;
        }
    }
    Run {
        reports,
        summary,
        elapsed: started.elapsed(),
    }
}

/// Tells people: on standard output, unless a report takes it.
fn say(args: &CheckArgs, text: &str, output: &mut Output) {
    if args.takes_output() {
        output.note(text);
    } else {
        output.result(text);
    }
}

/// Prints the whole run in a format for machines.
fn print(run: &Run, global: &Global, output: &mut Output) -> Exit {
    match document(global.format_name, run, global) {
        Ok(text) => {
            output.result(&text);
            Exit::Good
        }
        Err(error) => {
            let name = global.format_name.name();
            output.note(&format!("error: {name} cannot be printed: {error}\n"));
            Exit::Failed
        }
    }
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
pub(super) fn runnable(found: Vec<Found>, files: &dyn Files) -> Vec<(String, Loaded)> {
    let loaded: Vec<_> = found
        .into_iter()
        .map(|found| {
            let loaded = match &found.trouble {
                None => load(&found.path, files),
                Some(error) => unreadable(&found.path, error),
            };
            (found, loaded)
        })
        .collect();
    let included: HashSet<PathBuf> = loaded
        .iter()
        .flat_map(|(_, loaded)| loaded.sources.iter().skip(1))
        .filter_map(|source| std::fs::canonicalize(&source.file).ok())
        .collect();
    let runs = loaded.into_iter().filter(|(found, loaded)| {
        let own = std::fs::canonicalize(&found.path).ok();
        let asks = loaded.scenario.as_ref().is_none_or(|scenario| {
            !(scenario.base.is_empty() && scenario.steps.is_empty() && scenario.what_if.is_empty())
        });
        found.named || asks || own.is_none_or(|own| !included.contains(&own))
    });
    runs.map(|(found, loaded)| (visible(&found.path).into_owned(), loaded))
        .collect()
}

/// A folder that cannot be looked into counts as a file that cannot be read.
fn unreadable(path: &str, error: &std::io::Error) -> Loaded {
    let path = visible(path);
    Loaded {
        sources: Sources::default(),
        scenario: None,
        diagnostics: vec![Diagnostic {
            code: Code::Io,
            severity: Severity::Error,
            message: Words::new(
                format!("cannot look into `{path}`: {error}"),
                format!("无法读取 `{path}`：{error}"),
            ),
            primary: None,
            others: Vec::new(),
            help: None,
        }],
    }
}

/// The date in UTC, for waivers.
#[must_use]
pub fn today() -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    now.date().to_string()
}
