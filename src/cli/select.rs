//! Which of the expectations `check` runs: all of them, those on a line, those that say something, those that failed before.
//!
//! Steps before the last one that is asked stay, because they make the network that is asked.

use std::collections::HashSet;
use std::path::Path;

use serde_json::Value;

use super::baseline::Baseline;
use super::check::CheckArgs;
use super::files::Disk;
use crate::ask::says;
use crate::code::Language;
use crate::diagnostic::{Sources, Span, Words, chinese_of};
use crate::query::Expectation;
use crate::render::check_text::{expectation_line, listed_line};
use crate::scenario::{Files, Loaded, Planned, Stage};

/// What tells one expectation from another in the JSON of an earlier run, wherever it stands by now.
pub(super) type Key = [String; 6];

/// Which expectations of an earlier run are meant.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kept {
    /// Those that made it fail.
    Failed,
    /// Those that did not pass, waived ones too.
    NotGood,
}

/// What is to be run.
#[derive(Default)]
pub struct Selection {
    /// Files with a line each: `shop.ron:41`.
    lines: Vec<(String, usize)>,
    /// Words of which one must be said (`-k`).
    words: Vec<String>,
    /// What did not pass in an earlier run (`--failed`).
    failed: Option<HashSet<Key>>,
    /// What does not count because it failed before (`--baseline`, `--since`).
    pub(super) baseline: Option<Baseline>,
}

impl Selection {
    /// The selection of a command line, and the paths without their lines.
    ///
    /// # Errors
    ///
    /// With what cannot be read of it.
    pub fn of(args: &CheckArgs) -> Result<(Self, Vec<String>), Words> {
        let mut selection = Self {
            baseline: Baseline::of(args)?,
            words: args.only.iter().map(|word| word.to_lowercase()).collect(),
            ..Self::default()
        };
        let mut paths: Vec<String> = Vec::new();
        for path in &args.paths {
            let file = match on_line(path) {
                Some((file, line)) => {
                    selection.lines.push((file.to_owned(), line));
                    file
                }
                None => path,
            };
            if !paths.iter().any(|known| known == file) {
                paths.push(file.to_owned());
            }
        }
        if let Some(before) = &args.failed {
            selection.failed = Some(not_passed(before, Kept::Failed)?);
        }
        Ok((selection, paths))
    }

    /// The words of which one must be said.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether everything is run.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.lines.is_empty() && self.words.is_empty() && self.failed.is_none()
    }

    /// Leaves out of a file what is not to be run; how many expectations stay, of how many.
    pub fn narrow(&self, path: &str, loaded: &mut Loaded) -> (usize, usize) {
        let Loaded { scenario, sources, .. } = loaded;
        let Some(scenario) = scenario else {
            return (0, 0);
        };
        let mut count = Count::default();
        let mut keep = |kind: &str, stage: Option<&Stage>, all: &mut Vec<Planned<Expectation>>| {
            let before = all.len();
            all.retain(|one| self.takes(path, sources, kind, stage, one));
            count.all += before;
            count.kept += all.len();
        };
        keep("base", None, &mut scenario.base);
        for (kind, stages) in [("step", &mut scenario.steps), ("what_if", &mut scenario.what_if)] {
            for stage in stages {
                let mut expectations = std::mem::take(&mut stage.expectations);
                keep(kind, Some(stage), &mut expectations);
                stage.expectations = expectations;
            }
        }
        if !self.is_all() {
            let asks = |stage: &Stage| !stage.expectations.is_empty();
            let last = scenario.steps.iter().rposition(asks);
            scenario.steps.truncate(last.map_or(0, |last| last + 1));
            scenario.what_if.retain(asks);
        }
        (count.kept, count.all)
    }

    fn takes(
        &self,
        path: &str,
        sources: &Sources,
        kind: &str,
        stage: Option<&Stage>,
        one: &Planned<Expectation>,
    ) -> bool {
        let mut lines = self.lines.iter().filter(|(file, _)| file == path).peekable();
        if lines.peek().is_some() {
            let on = |line: usize| {
                covers(sources, one.span, line)
                    || stage.is_some_and(|it| covers(sources, it.span, line))
            };
            if !lines.any(|(_, line)| on(*line)) {
                return false;
            }
        }
        let name = stage.map(|stage| stage.name.as_str()).unwrap_or_default();
        let asked = &one.value;
        let failed = self.failed.as_ref();
        if failed.is_some_and(|failed| !failed.contains(&key(path, name, asked))) {
            return false;
        }
        says(&self.words, kind, name, asked)
    }
}

#[derive(Default)]
struct Count {
    kept: usize,
    all: usize,
}

/// `shop.ron:41`, if there is no file of that name and one of the other.
fn on_line(path: &str) -> Option<(&str, usize)> {
    let (file, line) = path.rsplit_once(':')?;
    let line = line.parse().ok()?;
    (!Path::new(path).exists() && Path::new(file).is_file()).then_some((file, line))
}

/// Whether a span is on a line.
fn covers(sources: &Sources, span: Span, line: usize) -> bool {
    let first = sources.place(span).map(|(_, first, _)| first);
    let lines = sources.text(span).map_or(1, |text| text.lines().count().max(1));
    first.is_some_and(|first| (first..first + lines).contains(&line))
}

/// What tells an expectation of a stage from others.
pub(super) fn key(path: &str, stage: &str, asked: &Expectation) -> Key {
    let wanted = asked.want.verdict().name();
    let parts = [path, stage, &asked.from_text, &asked.to_text, &asked.service_text, wanted];
    parts.map(str::to_owned)
}

/// The expectations that did not pass in a run of before, of which the JSON is kept.
pub(super) fn not_passed(path: &str, kept: Kept) -> Result<HashSet<Key>, Words> {
    let bytes = Disk::default().read(path).map_err(|error| {
        Words::new(
            format!("cannot read `{path}`: {error}"),
            format!("无法读取 `{path}`：{}", chinese_of(&error)),
        )
    })?;
    let run: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let Some(files) = run["files"].as_array().filter(|_| run["schema"] == "pathproof.check/1")
    else {
        return Err(Words::new(
            format!("`{path}` is no result of `pathproof check --format json`"),
            format!("`{path}` 不是 `pathproof check --format json` 的结果"),
        ));
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let each = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = HashSet::new();
    for file in files {
        for stage in each(&file["stages"]) {
            for one in each(&stage["expectations"]) {
                let passed =
                    one["outcome"] == "pass" || kept == Kept::Failed && one["outcome"] == "waived";
                if !passed {
                    let parts = [
                        &file["path"],
                        &stage["name"],
                        &one["from"],
                        &one["to"],
                        &one["service"],
                        &one["expected"],
                    ];
                    found.insert(parts.map(text));
                }
            }
        }
    }
    Ok(found)
}

/// The expectations of a file, a line each (`--list`).
#[must_use]
pub fn listed(path: &str, loaded: &Loaded, language: Language) -> String {
    let Some(scenario) = &loaded.scenario else {
        return String::new();
    };
    let mut text = String::new();
    let mut tell = |stage: Option<&Stage>, all: &[Planned<Expectation>]| {
        for one in all {
            let line = loaded.sources.place(one.span).map_or(0, |(_, line, _)| line);
            let asked = expectation_line(&one.value, language);
            let stage = stage.map(|stage| format!("  [{}]", stage.name)).unwrap_or_default();
            text += &listed_line(&format!("{path}:{line}"), &format!("{asked}{stage}"));
        }
    };
    tell(None, &scenario.base);
    for stage in scenario.steps.iter().chain(&scenario.what_if) {
        tell(Some(stage), &stage.expectations);
    }
    text
}
