//! `pathproof whatif` and `pathproof diff`: the exact difference between two networks, and the expectations that
//! it breaks.

use serde_json::{Value, json};

use super::args::{At, DiffArgs, Format, Global, WhatifArgs};
use super::check::today;
use super::exit::Exit;
use super::files::Disk;
use super::one::{Asked, complain, open, tell};
use super::output::Output;
use crate::code::Language;
use crate::diagnostic::{Sources, Span};
use crate::render::check_text::failures;
use crate::render::difference::{Scenes, difference_json, difference_text};
use crate::render::scene::Scene;
use crate::scenario::{Files, PlannedChange, parse_changes};
use crate::verify::{ChangeReport, FileReport, Situation, StageReport, applied, difference, rerun};

/// Runs `whatif`.
pub fn whatif(args: &WhatifArgs, global: &Global, output: &mut Output) -> Exit {
    let asked = match open(&args.file, &args.at, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let mut sources = asked.sources.clone();
    let Some(changes) = changes(args, &asked, &mut sources, global, output) else {
        return Exit::Unusable;
    };
    let old = asked.situation.clone();
    let start = Situation {
        network: old.network.clone(),
        origins: old.origins.with_sources(sources.clone()).into(),
    };
    let (new, reports) = applied(&start, &changes);
    let two = Two {
        old: (&old, &asked.sources),
        new: (&new, &sources),
    };
    answer(&args.file, &asked, &two, &reports, global, output)
}

/// Runs `diff`.
pub fn diff(args: &DiffArgs, global: &Global, output: &mut Output) -> Exit {
    let at = At { step: None };
    let old = match open(&args.old, &at, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let new = match open(&args.new, &at, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let two = Two {
        old: (&old.situation, &old.sources),
        new: (&new.situation, &new.sources),
    };
    answer(&args.old, &old, &two, &[], global, output)
}

/// Two networks and the texts that they stand in.
struct Two<'a> {
    old: (&'a Situation, &'a Sources),
    new: (&'a Situation, &'a Sources),
}

/// The changes of `--change` and `--change-file`, in the order they are given.
fn changes(
    args: &WhatifArgs,
    asked: &Asked,
    sources: &mut Sources,
    global: &Global,
    output: &mut Output,
) -> Option<Vec<PlannedChange>> {
    let mut texts = Vec::new();
    for (index, change) in args.change.iter().enumerate() {
        texts.push((format!("--change #{}", index + 1), change.clone()));
    }
    for path in &args.change_file {
        let read = Disk.read(path).map_err(|error| error.to_string());
        let read = read.and_then(|bytes| String::from_utf8(bytes).map_err(|e| e.to_string()));
        match read {
            Ok(text) => texts.push((path.clone(), text)),
            Err(error) => {
                complain(
                    global,
                    output,
                    &format!("cannot read {path}: {error}"),
                    None,
                );
                return None;
            }
        }
    }
    if texts.is_empty() {
        let help =
            "for example --change 'DetachClassicLinkVpc(vpc: \"vpc-1\", instances: [\"ins-1\"])'";
        complain(global, output, "no change is given", Some(help));
        return None;
    }
    let named: Vec<_> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let parsed = parse_changes(&named, &asked.situation.network, sources);
    if parsed.changes.is_none() {
        tell(sources, &parsed.diagnostics, global, output);
    }
    parsed.changes
}

fn answer(
    path: &str,
    asked: &Asked,
    two: &Two<'_>,
    changes: &[ChangeReport],
    global: &Global,
    output: &mut Output,
) -> Exit {
    let found = difference(two.old.0, two.new.0);
    let broken = broken(asked, two);
    let language = global.language();
    let scene = |(situation, sources): (&'_ Situation, _)| (situation.clone(), sources);
    let (old, new) = (scene(two.old), scene(two.new));
    let scenes = Scenes {
        old: Scene {
            network: &old.0.network,
            origins: &*old.0.origins,
            sources: old.1,
            language,
        },
        new: Scene {
            network: &new.0.network,
            origins: &*new.0.origins,
            sources: new.1,
            language,
        },
    };
    let refused = changes.iter().any(|change| !change.passed);
    let is_broken = !broken.expectations.is_empty();
    match global.format {
        Format::Json => {
            let list = broken_json(&broken, two.new.1);
            output.json(&difference_json(&found, changes, &list, scenes));
        }
        Format::Text => {
            for change in changes {
                output.result(&change_line(change, language));
            }
            output.result(&difference_text(&found, scenes));
            if is_broken {
                let count = broken.expectations.len();
                output.result(&match language {
                    Language::English => {
                        format!("\n{count} expectation(s) of {path} would break:\n\n")
                    }
                    Language::Chinese => format!("\n{path} 中有 {count} 条期望将不再成立：\n\n"),
                });
                let report = FileReport {
                    path: path.to_owned(),
                    name: None,
                    sources: two.new.1.clone(),
                    diagnostics: Vec::new(),
                    stages: vec![broken],
                };
                output.result(&failures(&report, global.verbosity(), language));
            }
        }
    }
    if refused || is_broken {
        Exit::Finding
    } else {
        Exit::Good
    }
}

/// The expectations of the file that hold in the old network and not in the new one.
fn broken(asked: &Asked, two: &Two<'_>) -> StageReport {
    let today = today();
    let before = rerun(two.old.0, &asked.scenario, &today);
    let mut after = rerun(two.new.0, &asked.scenario, &today);
    let held: Vec<Span> = before
        .expectations
        .iter()
        .filter(|report| report.outcome.is_good())
        .map(|report| report.span)
        .collect();
    after
        .expectations
        .retain(|report| !report.outcome.is_good() && held.contains(&report.span));
    after
}

fn broken_json(broken: &StageReport, sources: &Sources) -> Vec<Value> {
    let list = broken.expectations.iter().map(|report| {
        let line = sources.place(report.span).map(|(_, line, _)| line);
        let verdict = report.found.as_ref().map(|found| found.verdict.name());
        json!({
            "line": line,
            "from": report.expectation.from_text,
            "to": report.expectation.to_text,
            "service": report.expectation.service_text,
            "expected": report.expectation.want.verdict().name(),
            "verdict": verdict,
            "outcome": report.outcome.name(),
        })
    });
    list.collect()
}

fn change_line(change: &ChangeReport, language: Language) -> String {
    let action = change.action;
    match (&change.refused, language) {
        (None, Language::English) => format!("{action}: applied\n"),
        (None, Language::Chinese) => format!("{action}：已应用\n"),
        (Some((code, message)), Language::English) => {
            format!("{action}: REFUSED {code}: {message}\n")
        }
        (Some((code, message)), Language::Chinese) => {
            format!("{action}：被拒绝 {code}：{message}\n")
        }
    }
}
