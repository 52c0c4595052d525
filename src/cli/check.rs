//! `pathproof check`: loads every file, runs it, tells what came of it as it is decided.

mod file;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use rayon::prelude::*;

use self::file::{Aside, is_wanted, judged};
use super::args::{Format, Global};
use super::budget::BudgetOption;
use super::certify::tell;
use super::document::{Run, Target, deliver, document, ending};
use super::exit::Exit;
use super::files::{Disk, Found, find, tell_empty};
use super::format::FormatName;
use super::lines::Lines;
use super::one::complain;
use super::output::Output;
use super::progress::Phase;
use super::select::{Selection, listed};
use super::shard::{Shard, ShardOption};
use super::watch::watch;
use crate::ask::{list_document, to_read};
use crate::code::{Code, Language};
use crate::diagnostic::{Diagnostic, Severity, Sources, Words, chinese_of, visible};
use crate::render::diagnostics::diagnostics_text;
use crate::render::list::list_json;
use crate::scenario::{Files, Loaded, load_within};
use crate::verify::{Budget, FileReport, Summary, base};

/// Arguments of `check`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  pathproof check scenarios
  pathproof check shop.ron:41
  pathproof check scenarios -k cdb-shop --list
  pathproof check scenarios --failed last.json
  pathproof check --quiet shop.ron classic/*.ron
  pathproof check network --report junit=junit.xml --report sarif=network.sarif
  pathproof check network --baseline known.json
  pathproof check network --since origin/main
  pathproof check --watch shop.ron
  pathproof check network --shard 2/4

FILE:LINE runs the expectation on that line, or those of the step whose name stands there. --failed reads
what `check --format json`, or --report json=FILE, wrote before.")]
pub struct CheckArgs {
    /// What is run.
    #[arg(
        required = true,
        value_name = "PATH",
        help = "Scenario files, folders with *.ron files in them, FILE:LINE, or - for standard input"
    )]
    pub paths: Vec<String>,
    /// Run only the expectations that say this: in an end, service, name or stage; repeatable
    #[arg(short = 'k', long = "only", value_name = "TEXT")]
    pub only: Vec<String>,
    /// Run only what did not pass in an earlier run, of which this is the JSON
    #[arg(long, value_name = "FILE")]
    pub failed: Option<String>,
    /// Let only fail what did not fail in an earlier run, of which this is the JSON
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<String>,
    /// Let only fail what did not fail in the files as they were at this revision of git
    #[arg(long, value_name = "REV", conflicts_with = "baseline")]
    pub since: Option<String>,
    /// List the expectations and run none
    #[arg(long)]
    pub list: bool,
    /// Stop after the first file in which something does not hold
    #[arg(long)]
    pub fail_fast: bool,
    /// Also write a report to a file, in any of the formats; repeatable. With - it goes to standard
    /// output, and what is for people to standard error
    #[arg(long, value_name = "FORMAT=FILE", value_parser = Target::read)]
    pub report: Vec<Target>,
    /// Also write a certificate for every expectation that is run, into this folder: a file for each scenario,
    /// a document a line
    #[arg(long, value_name = "DIR")]
    pub certify: Option<String>,
    /// Run again whenever a file, an included file or a folder changes; ends with Ctrl-C
    #[arg(long)]
    pub watch: bool,
    /// Which files.
    #[command(flatten)]
    pub shard: ShardOption,
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
    let (selection, paths) = match Selection::of(args) {
        Ok(selected) => selected,
        Err(wrong) => {
            complain(global, output, wrong.text(global.language()), None);
            return Exit::Unusable;
        }
    };
    let shard = match args.shard.slice(global, output) {
        Ok(shard) => Some(shard),
        Err(exit) => return exit,
    };
    let args = &CheckArgs { paths, shard: ShardOption { shard }, ..args.clone() };
    if args.watch {
        return watch(args, &selection, global, output);
    }
    if args.list {
        return list(args, &selection, global, output);
    }
    once(args, &selection, global, &Disk::of(global), output)
}

/// Lists what would be run.
fn list(args: &CheckArgs, selection: &Selection, global: &Global, output: &mut Output) -> Exit {
    tell_empty(&args.paths, global, output);
    let mut exit = Exit::Good;
    let mut kept = 0;
    let all = runnable(find(&args.paths), &Disk::of(global), args.budget.budget);
    let (all, _) = sliced(all, args.shard.shard.unwrap_or_default(), global, output);
    let mut told = Vec::new();
    for (path, mut loaded) in all {
        if loaded.scenario.is_none() {
            exit = Exit::Unusable;
        }
        if global.format_name == FormatName::Json {
            kept += selection.narrow(&path, &mut loaded).0;
            let base = loaded.scenario.as_ref().map(base);
            let usable = loaded.scenario.as_ref().zip(base.as_ref());
            let read = (loaded.sources, loaded.diagnostics, usable);
            let words = selection.words();
            told.push(list_document(&path, read, words, global.language()));
            continue;
        }
        output.note(&diagnostics_text(&loaded.sources, &loaded.diagnostics, global.language()));
        kept += selection.narrow(&path, &mut loaded).0;
        output.result(&listed(&path, &loaded, global.language()));
    }
    if global.format_name == FormatName::Json {
        output.json(&list_json(&told));
        return exit;
    }
    exit.max(nothing_selected(kept, args, selection, global, output))
}

/// The files of a slice; and whether those of other slices ask for something.
fn sliced(
    all: Vec<(String, Loaded)>,
    shard: Shard,
    global: &Global,
    output: &mut Output,
) -> (Vec<(String, Loaded)>, bool) {
    let total = all.len();
    let (own, others): (Vec<_>, Vec<_>) =
        all.into_iter().enumerate().partition(|(index, _)| shard.has(*index));
    if !shard.is_whole() && !global.quiet {
        let count = own.len();
        output.note(&match global.language() {
            Language::English => format!("  slice {shard}: {count} of {total} files\n"),
            Language::Chinese => format!("  分片 {shard}：{total} 个文件中的 {count} 个\n"),
        });
    }
    let others_ask = others.iter().any(|(_, (_, loaded))| asked(loaded) > 0);
    let own = own.into_iter().map(|(_, file)| file);
    (own.collect(), others_ask)
}

/// Says so if something was to be selected and nothing was: that is a slip, not a success. In a slice it is neither.
fn nothing_selected(
    kept: usize,
    args: &CheckArgs,
    selection: &Selection,
    global: &Global,
    output: &mut Output,
) -> Exit {
    let is_slice = args.shard.shard.is_some_and(|shard| !shard.is_whole());
    if kept > 0 || selection.is_all() || is_slice {
        return Exit::Good;
    }
    let (message, help) = match global.language() {
        Language::English => {
            ("no expectation is selected", "`pathproof check PATH --list` lists them all")
        }
        Language::Chinese => ("没有选中任何期望", "`pathproof check PATH --list` 列出全部期望"),
    };
    complain(global, output, message, Some(help));
    Exit::Unusable
}

/// One run over all files.
pub fn once(
    args: &CheckArgs,
    selection: &Selection,
    global: &Global,
    files: &dyn Files,
    output: &mut Output,
) -> Exit {
    let (run, kept, certified) = run_all(args, selection, global, files, output);
    let mut nothing = || nothing_selected(kept, args, selection, global, output);
    if run.summary.unusable == 0 && nothing() != Exit::Good {
        return Exit::Unusable;
    }
    let written = deliver(&args.report, &run, global, output);
    let printed = if global.format_name == FormatName::Text {
        say(args, &ending(&run, global), output);
        Exit::Good
    } else {
        print(&run, global, output)
    };
    let own = if run.others_ask && run.summary.is_idle() { Exit::Good } else { exit(&run.summary) };
    own.max(written).max(certified).max(printed)
}

/// So many files are judged at a time, on all cores, before the next lines are told. No count of cores: with
/// `--fail-fast` it decides which certificates are written.
const AT_A_TIME: usize = 16;

/// Runs the files; for people, lines come as they are decided.
fn run_all(
    args: &CheckArgs,
    selection: &Selection,
    global: &Global,
    files: &dyn Files,
    output: &mut Output,
) -> (Run, usize, Exit) {
    let started = Instant::now();
    tell_empty(&args.paths, global, output);
    let today = today();
    let mut run = Run::default();
    output.phase(Phase::Reading);
    let loaded = runnable(find(&args.paths), files, args.budget.budget);
    let shard = args.shard.shard.unwrap_or_default();
    let (loaded, others_ask) = sliced(loaded, shard, global, output);
    let total = loaded.len();
    output.phase(Phase::Judging);
    let mut certified = Exit::Good;
    let mut selected = (0, 0);
    let mut lines = Lines::of(&loaded, global);
    let mut loaded = loaded.into_iter().enumerate().peekable();
    'all: while let Some((index, _)) = loaded.peek() {
        output.step(*index, total);
        let mut some = Vec::new();
        for (_, (path, mut loaded)) in loaded.by_ref().take(AT_A_TIME) {
            let whole = loaded.scenario.as_ref();
            let whole = whole.filter(|_| is_wanted(args, global)).cloned();
            let (kept, all) = selection.narrow(&path, &mut loaded);
            selected = (selected.0 + kept, selected.1 + all);
            if kept > 0 || selection.is_all() || loaded.scenario.is_none() {
                some.push((path, loaded, whole));
            }
        }
        let some = some.into_par_iter();
        let judged = some.map(|(path, loaded, whole)| {
            judged(args, (&path, loaded, whole), (&today, selection), global)
        });
        for (report, aside) in judged.collect::<Vec<_>>() {
            run.summary.add(&report);
            tell_report(args, (&report, &aside), &mut lines, global, output);
            if let Some(wrong) = aside.wrong {
                certified = certified.max(tell(wrong, global, output));
            }
            run.reports.push(report);
            if output.is_closed() || (args.fail_fast && exit(&run.summary) != Exit::Good) {
                break 'all;
            }
        }
    }
    say(args, &lines.end(), output);
    if !selection.is_all() && global.format == Format::Text && !global.quiet {
        let (kept, all) = selected;
        output.note(&match global.language() {
            Language::English => format!("  {kept} of {all} expectations are selected\n"),
            Language::Chinese => format!("  选中 {all} 条期望中的 {kept} 条\n"),
        });
    }
    run.elapsed = started.elapsed();
    run.others_ask = others_ask;
    (run, selected.0, certified)
}

/// Tells what came of a file.
fn tell_report(
    args: &CheckArgs,
    (report, aside): (&FileReport, &Aside),
    lines: &mut Lines,
    global: &Global,
    output: &mut Output,
) {
    if global.format_name != FormatName::Json {
        output.note(&diagnostics_text(&report.sources, &report.diagnostics, global.language()));
    }
    if global.format_name == FormatName::Text {
        say(args, &lines.tell(report), output);
        output.note(&aside.notes);
    }
}

/// How many expectations a file has.
pub(super) fn asked(loaded: &Loaded) -> usize {
    loaded.scenario.as_ref().map_or(0, |scenario| {
        let stages = scenario.steps.iter().chain(&scenario.what_if);
        let later: usize = stages.map(|stage| stage.expectations.len()).sum();
        scenario.base.len() + later
    })
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
pub(super) fn runnable(
    found: Vec<Found>,
    files: &dyn Files,
    budget: Budget,
) -> Vec<(String, Loaded)> {
    let loaded: Vec<_> = found
        .into_par_iter()
        .map(|found| {
            let loaded = match &found.trouble {
                None => load_within(&found.path, files, to_read(budget)),
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
    runs.map(|(found, loaded)| (visible(&found.path).into_owned(), loaded)).collect()
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
                format!("无法读取 `{path}`：{}", chinese_of(error)),
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
