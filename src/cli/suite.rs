//! What `mutate` and `coverage` have in common: files are loaded, their expectations judged as they are, and what holds is
//! measured on several cores while somebody may look on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use super::args::{Format, Global};
use super::check::{runnable, today};
use super::exit::Exit;
use super::files::{Disk, find, is_any_empty};
use super::one::{complain, tell};
use super::output::Output;
use super::progress::Phase;
use super::threads;
use crate::ask::to_read;
use crate::code::Language;
use crate::diagnostic::{Diagnostic, Sources};
use crate::mutate::{Suite, Thing, only_new, things};
use crate::render::diagnostics::diagnostics_text;
use crate::render::json::diagnostic_json;
use crate::scenario::{Scenario, load_within};
use crate::verify::{Budget, Situation};

/// What is measured, and how.
pub(super) struct Options<'a> {
    pub(super) paths: &'a [String],
    pub(super) in_diff: Option<&'a str>,
    pub(super) jobs: Option<u16>,
    pub(super) budget: Budget,
    /// Whether there may be only one file, on the disk.
    pub(super) is_single: bool,
}

/// What came of all files.
pub(super) struct Run<T> {
    pub(super) files: Vec<Measured<T>>,
    /// Those whose expectations do not hold as they are.
    pub(super) failing: Vec<String>,
    /// Warnings of the files, for scripts.
    pub(super) diagnostics: Vec<serde_json::Value>,
    /// How the program ends for what could not be read.
    pub(super) exit: Exit,
}

impl<T> Run<T> {
    /// Whether there is anything to count, or nothing was the matter.
    pub(super) fn has_read(&self) -> bool {
        !self.files.is_empty() || self.exit == Exit::Good
    }
}

/// A file with what was measured of it.
pub(super) struct Measured<T> {
    pub(super) path: String,
    pub(super) sources: Sources,
    pub(super) scenario: Scenario,
    pub(super) base: Situation,
    pub(super) things: Vec<Thing>,
    pub(super) found: T,
}

/// What is done with the things of each file: how much it is, and the work, which hears how many pieces of work came before
/// and tells when one is done.
pub(super) struct Work<N, M> {
    pub(super) total: N,
    pub(super) measure: M,
}

/// Loads the files, judges them as they are, and then measures each whose expectations hold.
///
/// # Errors
///
/// With the status to end with.
pub(super) fn measured<T: Send>(
    options: &Options<'_>,
    work: &Work<
        impl Fn(&[Thing]) -> usize + Sync,
        impl Fn(&Suite<'_>, &[Thing], usize, &(dyn Fn() + Sync)) -> T + Sync,
    >,
    global: &Global,
    output: &mut Output,
) -> Result<Run<T>, Exit> {
    if is_any_empty(options.paths, global, output) {
        return Err(Exit::Unusable);
    }
    let before = match options.in_diff {
        Some(path) => Some(before(path, options.budget, global, output)?),
        None => None,
    };
    let pool = threads().num_threads(options.jobs.map_or(0, usize::from));
    let pool = pool.build().map_err(|error| {
        complain(global, output, &error.to_string(), None);
        Exit::Failed
    })?;
    let mut run =
        Run { files: Vec::new(), failing: Vec::new(), diagnostics: Vec::new(), exit: Exit::Good };
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
        warn(&loaded.sources, &loaded.diagnostics, &mut run, global, output);
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
        let total = (work.total)(&things);
        let found = watched(total, output, |done| {
            pool.install(|| (work.measure)(&suite, &things, first, done))
        });
        first += total;
        let base = suite.situation();
        run.files.push(Measured { path, sources: loaded.sources, scenario, base, things, found });
    }
    Ok(run)
}

/// Tells warnings: at once to people, later to scripts.
fn warn<T>(
    sources: &Sources,
    diagnostics: &[Diagnostic],
    run: &mut Run<T>,
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
    output: &Output,
    work: impl FnOnce(&(dyn Fn() + Sync)) -> T + Send,
) -> T {
    /// How often the line is written over.
    const PAUSE: Duration = Duration::from_millis(100);
    output.phase(Phase::Judging);
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
            output.step(done.load(Ordering::Relaxed), total);
        }
        match worker.join() {
            Ok(result) => result,
            Err(bug) => std::panic::resume_unwind(bug),
        }
    })
}
