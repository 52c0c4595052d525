//! `pathproof mutate`: small mistakes in the network, and whether the expectations notice them.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::Args;

use super::args::{Format, Global};
use super::budget::{BudgetOption, to_read};
use super::check::{runnable, today};
use super::exit::Exit;
use super::files::{Disk, find, tell_empty};
use super::one::{complain, tell};
use super::output::Output;
use super::progress::{Audience, Progress};
use super::save::write_all;
use super::shard::{Shard, ShardOption};
use crate::code::Language;
use crate::diagnostic::{Sources, visible};
use crate::import::write_change;
use crate::mutate::{Mutation, Suite, Tally, Thing, mutate, only_new, suggest, things};
use crate::render::diagnostics::diagnostics_text;
use crate::render::json::diagnostic_json;
use crate::render::mutate::{
    Detail, MutationScene, Named, mutate_json, mutate_text, suggested_file, suggested_text,
    tally_text,
};
use crate::render::scene::Scene;
use crate::scenario::{Scenario, load_within};
use crate::verify::{Budget, Situation};

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

/// A file with its mutants.
pub(super) struct Mutated {
    pub(super) path: String,
    pub(super) sources: Sources,
    pub(super) scenario: Scenario,
    pub(super) base: Situation,
    pub(super) things: Vec<Thing>,
    pub(super) mutation: Mutation,
}

impl Mutated {
    fn scene(&self, language: Language) -> MutationScene<'_> {
        MutationScene {
            path: &self.path,
            scene: Scene::of(&self.base, &self.sources, language),
            things: &self.things,
            mutation: &self.mutation,
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
        shard,
        jobs: args.jobs,
        budget: args.budget.budget,
        is_single: args.suggest.is_some(),
    };
    let run = match mutated(&options, global, output) {
        Ok(run) => run,
        Err(exit) => return exit,
    };
    let mut tally = Tally::default();
    for file in &run.files {
        let own = &file.mutation.mutants;
        own.iter().for_each(|fated| tally.add(&fated.fate));
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
            let detail = if global.verbose {
                Detail::All
            } else {
                Detail::Usual
            };
            for file in &run.files {
                let text = mutate_text(file.scene(global.language()), detail);
                if !text.is_empty() && !global.quiet {
                    output.result(&format!("{}\n{text}", file.path));
                }
            }
            output.result(&tally_text(&tally, global.language()));
        }
    }
    let written = match (&args.suggest, run.files.first()) {
        (Some(path), Some(file)) => deliver(path, file, &options, global, output),
        _ => Exit::Good,
    };
    let noticed = tally.survived == 0 && tally.undetermined == 0;
    let found = if noticed && run.failing.is_empty() {
        Exit::Good
    } else {
        Exit::Finding
    };
    run.exit.max(found).max(written)
}

/// Writes the expectations that notice what survived, if anything did.
fn deliver(
    path: &str,
    file: &Mutated,
    options: &Options<'_>,
    global: &Global,
    output: &mut Output,
) -> Exit {
    let today = today();
    let suite = Suite::new(&file.scenario, &today, options.budget);
    let suggestions = suggest(&suite, &file.things, &file.mutation);
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

/// The path of a file as another one beside it writes it, with `/`.
fn from_beside(from: &Path, to: &Path) -> String {
    let folder = |path: &Path| match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => PathBuf::from("."),
    };
    let real = |path: PathBuf| std::fs::canonicalize(&path).unwrap_or(path);
    let (here, there) = (real(folder(from)), real(folder(to)));
    let parts = |path: &Path| -> Vec<String> {
        let parts = path.components();
        parts
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect()
    };
    let (here, there) = (parts(&here), parts(&there));
    let common = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
    let up = here[common..].iter().map(|_| String::from(".."));
    let name = to
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let all = up.chain(there[common..].iter().cloned()).chain(name);
    all.collect::<Vec<_>>().join("/")
}

/// What is mutated, and how.
pub(super) struct Options<'a> {
    pub(super) paths: &'a [String],
    pub(super) in_diff: Option<&'a str>,
    pub(super) shard: Shard,
    pub(super) jobs: Option<u16>,
    pub(super) budget: Budget,
    /// Whether there may be only one file, on the disk.
    pub(super) is_single: bool,
}

/// What came of all files.
pub(super) struct Run {
    pub(super) files: Vec<Mutated>,
    /// Those whose expectations do not hold as they are.
    pub(super) failing: Vec<String>,
    /// Warnings of the files, for scripts.
    pub(super) diagnostics: Vec<serde_json::Value>,
    /// How the program ends for what could not be read.
    pub(super) exit: Exit,
}

/// Loads the files, judges them as they are, and then with every mutant.
///
/// # Errors
///
/// With the status to end with.
pub(super) fn mutated(
    options: &Options<'_>,
    global: &Global,
    output: &mut Output,
) -> Result<Run, Exit> {
    tell_empty(options.paths, global, output);
    let before = match options.in_diff {
        Some(path) => Some(before(path, options.budget, global, output)?),
        None => None,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.map_or(0, usize::from));
    let pool = pool.build().map_err(|error| {
        complain(global, output, &error.to_string(), None);
        Exit::Failed
    })?;
    let mut run = Run {
        files: Vec::new(),
        failing: Vec::new(),
        diagnostics: Vec::new(),
        exit: Exit::Good,
    };
    let mut first = 0;
    let loaded = runnable(find(options.paths), &Disk::of(global), options.budget);
    if options.is_single && (loaded.len() > 1 || options.paths.iter().any(|path| path == "-")) {
        let message = match global.language() {
            Language::English => {
                "--suggest needs one scenario file: what it writes includes that file"
            }
            Language::Chinese => "--suggest 只适用于单个场景文件：写出的文件会包含它",
        };
        complain(global, output, message, None);
        return Err(Exit::Unusable);
    }
    for (path, loaded) in loaded {
        let Some(scenario) = loaded.scenario else {
            tell(&loaded.sources, &loaded.diagnostics, global, output);
            run.exit = Exit::Unusable;
            continue;
        };
        warn(
            &loaded.sources,
            &loaded.diagnostics,
            &mut run,
            global,
            output,
        );
        let today = today();
        let suite = Suite::new(&scenario, &today, options.budget);
        let is_named = options.paths.contains(&path);
        if !suite.asks() && !is_named {
            continue;
        }
        if !holds(&suite, &path, global, output) {
            run.failing.push(path);
            continue;
        }
        let mut things = things(&scenario.network);
        if let Some(before) = &before {
            only_new(&mut things, &before.network);
        }
        let total = things.iter().map(|thing| thing.mutants.len()).sum();
        let takes = |number: usize| options.shard.has(first + number);
        let mutation = watched(total, global, output, |done| {
            pool.install(|| mutate(&suite, &things, takes, done))
        });
        first += total;
        let base = suite.situation();
        run.files.push(Mutated {
            path,
            sources: loaded.sources,
            scenario,
            base,
            things,
            mutation,
        });
    }
    Ok(run)
}

/// Tells warnings: at once to people, later to scripts.
fn warn(
    sources: &Sources,
    diagnostics: &[crate::diagnostic::Diagnostic],
    run: &mut Run,
    global: &Global,
    output: &mut Output,
) {
    if global.format == Format::Json {
        let all = diagnostics.iter();
        let all = all.map(|one| diagnostic_json(sources, one, global.language()));
        run.diagnostics.extend(all);
    } else {
        output.note(&diagnostics_text(sources, diagnostics, global.language()));
    }
}

/// The scenario that is not to be mutated.
fn before(
    path: &str,
    budget: Budget,
    global: &Global,
    output: &mut Output,
) -> Result<Scenario, Exit> {
    let loaded = load_within(path, &Disk::of(global), to_read(budget));
    loaded.scenario.ok_or_else(|| {
        tell(&loaded.sources, &loaded.diagnostics, global, output);
        Exit::Unusable
    })
}

/// Whether everything holds without any mutation; says so if not.
fn holds(suite: &Suite<'_>, path: &str, global: &Global, output: &mut Output) -> bool {
    let turned = suite.as_written();
    let bad = turned.spans.len() + turned.untold;
    if bad == 0 {
        return true;
    }
    let (message, help) = match global.language() {
        Language::English => (
            format!("{path} fails before any mutation: {bad} of what it expects does not hold"),
            format!("mend it first; `pathproof check {path}` tells what and why"),
        ),
        Language::Chinese => (
            format!("{path} 在任何变异之前就不成立：有 {bad} 项不符合预期"),
            format!("请先修正；`pathproof check {path}` 给出内容和原因"),
        ),
    };
    // In JSON it stands under `failing`.
    if global.format == Format::Text {
        complain(global, output, &message, Some(&help));
    }
    false
}

/// Does long work on another thread and tells how far it is.
pub(super) fn watched<T: Send>(
    total: usize,
    global: &Global,
    output: &mut Output,
    work: impl FnOnce(&(dyn Fn() + Sync)) -> T + Send,
) -> T {
    /// How often the line is written over.
    const PAUSE: Duration = Duration::from_millis(100);
    let audience = if std::io::stderr().is_terminal() && !global.quiet {
        Audience::Somebody
    } else {
        Audience::Nobody
    };
    let mut progress = Progress::new(audience, Instant::now());
    let done = AtomicUsize::new(0);
    let (told, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            // Dropped at the end, also of a panic: then the waiting ends.
            let _told = told;
            work(&|| {
                done.fetch_add(1, Ordering::Relaxed);
            })
        });
        while let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(PAUSE) {
            progress.tell(done.load(Ordering::Relaxed), total, Instant::now(), output);
        }
        progress.clear(output);
        match worker.join() {
            Ok(result) => result,
            Err(bug) => std::panic::resume_unwind(bug),
        }
    })
}
