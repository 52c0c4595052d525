//! `check --baseline` and `--since`: what failed before does not fail a run, only what is new does.
//!
//! What was known is what an earlier run wrote, or what fails in the files as they were at a revision of git. It counts as
//! waived, with a word where it is known from.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::process::Command;

use super::check::CheckArgs;
use super::select::{Kept, Key, key, not_passed};
use crate::diagnostic::Words;
use crate::scenario::{Files, is_outside, load_within};
use crate::verify::{Budget, FileReport, Note, Outcome, run};

/// What failed before.
pub(super) enum Baseline {
    /// In a run of which the JSON is kept in a file.
    Run(String, HashSet<Key>),
    /// At a revision.
    Revision(String),
}

impl Baseline {
    /// What the command line asks for.
    ///
    /// # Errors
    ///
    /// With what cannot be read of it.
    pub(super) fn of(args: &CheckArgs) -> Result<Option<Self>, Words> {
        if let Some(path) = &args.baseline {
            let failed = not_passed(path, Kept::NotGood)?;
            return Ok(Some(Self::Run(path.clone(), failed)));
        }
        let Some(revision) = &args.since else {
            return Ok(None);
        };
        let place = args.paths.first().map_or(".", String::as_str);
        let folder = folder_of(place.rsplit_once(':').map_or(place, |(file, _)| file));
        // A revision never begins so, and git would take it for an option.
        let is_option = revision.starts_with('-');
        let asked = format!("{revision}^{{commit}}");
        let found = git(folder, &["rev-parse", "--verify", "--quiet", &asked]);
        match found {
            Ok(_) if !is_option => Ok(Some(Self::Revision(revision.clone()))),
            _ => Err(Words::new(
                format!("git has no revision `{revision}` where the files are"),
                format!("这些文件所在的 git 仓库中没有版本 `{revision}`"),
            )),
        }
    }

    /// Waives what failed before.
    pub(super) fn forgive(&self, report: &mut FileReport, today: &str, budget: Budget) {
        let is_new =
            |report: &FileReport| report.expectations().any(|(_, it)| !it.outcome.is_good());
        if !is_new(report) {
            return;
        }
        let (known, from) = match self {
            Self::Run(path, known) => (known.clone(), path.clone()),
            Self::Revision(revision) => {
                (failed_at(revision, &report.path, today, budget), revision.clone())
            }
        };
        let path = report.path.clone();
        for stage in &mut report.stages {
            let name = stage.name.clone().unwrap_or_default();
            for one in &mut stage.expectations {
                let is_known = known.contains(&key(&path, &name, &one.expectation));
                if !one.outcome.is_good() && is_known {
                    one.outcome = Outcome::Waived;
                    one.notes.push(Note::Known(from.clone()));
                }
            }
        }
    }
}

/// What failed of a file as it was at a revision; nothing if it was not there or could not be used.
fn failed_at(revision: &str, path: &str, today: &str, budget: Budget) -> HashSet<Key> {
    let files = Revision(revision);
    let loaded = load_within(path, &files, budget.begin());
    let before = run(path, loaded, today, budget);
    let mut failed = HashSet::new();
    for stage in &before.stages {
        let name = stage.name.as_deref().unwrap_or_default();
        let own = stage.expectations.iter();
        let own = own.filter(|one| !one.outcome.is_good());
        failed.extend(own.map(|one| key(path, name, &one.expectation)));
    }
    failed
}

/// Files as they were at a revision.
struct Revision<'a>(&'a str);

impl Files for Revision<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let name = Path::new(path).file_name().unwrap_or_default();
        let object = format!("{}:./{}", self.0, name.to_string_lossy());
        git(folder_of(path), &["show", &object])
    }

    fn is_outside(&self, scenario: &str, path: &str) -> bool {
        is_outside(scenario, path)
    }
}

/// The folder that a file is in, or the folder itself.
fn folder_of(path: &str) -> &Path {
    let path = Path::new(path);
    if path.is_dir() {
        return path;
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// What git says in a folder.
fn git(folder: &Path, words: &[&str]) -> io::Result<Vec<u8>> {
    let ended = Command::new("git").arg("-C").arg(folder).args(words).output()?;
    if !ended.status.success() {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(ended.stdout)
}
