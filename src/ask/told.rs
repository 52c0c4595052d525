//! What is told of a file without asking about connections: `links`, `lint`, `list`.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;

use super::asked::{Asked, no_stage};
use super::wrong::{Unanswered, Wrong, warnings};
use crate::code::{Code, Language};
use crate::diagnostic::{Words, visible};
use crate::lint::{Report, Switches, allow, lint};
use crate::query::Expectation;
use crate::render::links::{LinkFilter, links_json};
use crate::render::list::{Listed, list_file_json};
use crate::render::scene::Scene;
use crate::scenario::Planned;
use crate::verify::{Budget, Read, StageKind, situation, situations};

/// Which links are told, where the VPC is one of the network.
///
/// # Errors
///
/// If it is not.
pub fn link_filter<'a>(
    asked: &Asked,
    file: &str,
    vpc: Option<&'a str>,
    address: Option<IpAddr>,
) -> Result<LinkFilter<'a>, Unanswered> {
    let vpcs = &asked.situation.network.vpcs;
    match vpc.filter(|vpc| !vpcs.contains_key(*vpc)) {
        None => Ok(LinkFilter { vpc, address }),
        Some(vpc) => Err(Wrong::asked(Words::new(
            format!("there is no VPC `{vpc}` in {file}"),
            format!("{file} 中没有私有网络 `{vpc}`"),
        ))
        .into()),
    }
}

/// The linked classic CVMs, as JSON.
#[must_use]
pub fn links_document(asked: &Asked, filter: LinkFilter<'_>, language: Language) -> Value {
    let scene = Scene::of(&asked.situation, &asked.sources, language);
    let mut value = links_json(scene, filter);
    value["diagnostics"] = asked.warnings(language).into();
    value
}

/// The findings of one file, as loud as they are to be told. What cannot be used of it is told in the report.
///
/// # Errors
///
/// If it has no stage of that name.
pub fn lint_of(
    path: String,
    (sources, diagnostics, usable): Read<'_>,
    (at, budget): (Option<&str>, Budget),
    switches: &Switches,
) -> Result<Report, Unanswered> {
    let mut report = Report {
        path,
        sources,
        diagnostics,
        network: None,
        origins: Arc::default(),
        findings: Vec::new(),
    };
    let Some((scenario, base)) = usable else {
        return Ok(report);
    };
    // What is over a quota is a finding, told once.
    report.diagnostics.retain(|it| it.code != Code::QuotaWarning);
    let stages = situations(scenario, base);
    let asked = match at {
        None => stages.first().cloned(),
        Some(step) => situation(scenario, base, step),
    };
    let Some(asked) = asked else {
        return Err(no_stage(scenario, &report.path, at.unwrap_or_default()).into());
    };
    report.findings = lint(&asked, &stages, budget);
    // In another stage an `Allow` may well have nothing to do.
    let before = scenario.allowed.len();
    allow(&scenario.allowed, &mut report.findings);
    if at.is_some() && before > 0 {
        report.findings.retain(|it| it.code() != Code::LintAllowUnused);
    }
    switches.apply(&mut report.findings);
    report.network = Some(asked.network);
    report.origins = asked.origins;
    report.sort();
    Ok(report)
}

/// Whether an expectation says one of some words, in an end, its service, its name or its stage; without words, every
/// one does. The words are in small letters.
#[must_use]
pub fn says(words: &[String], kind: &str, stage: &str, asked: &Expectation) -> bool {
    if words.is_empty() {
        return true;
    }
    let title = asked.name.as_deref().unwrap_or_default();
    let said = [kind, stage, title, &asked.from_text, &asked.to_text, &asked.service_text];
    let said = said.join("\n").to_lowercase();
    words.iter().any(|word| said.contains(word))
}

/// What a file asks, and what is in its network: only what says one of the words, if there are any.
#[must_use]
pub fn list_document(
    path: &str,
    (sources, diagnostics, usable): Read<'_>,
    words: &[String],
    language: Language,
) -> Value {
    let mut stages = Vec::new();
    let mut add = |kind: StageKind, name: Option<&str>, all: &[Planned<Expectation>]| {
        let stage = name.unwrap_or_default();
        let asked = all.iter().filter(|one| says(words, kind.name(), stage, &one.value));
        let asked = asked.map(|one| {
            let line = sources.place(one.span).map(|(_, line, _)| line);
            (line, one.value.clone())
        });
        let expectations: Vec<_> = asked.collect();
        if words.is_empty() || !expectations.is_empty() {
            let name = name.map(str::to_owned);
            stages.push((kind, name, expectations));
        }
    };
    let scenario = usable.map(|(scenario, _)| scenario);
    if let Some(scenario) = scenario {
        add(StageKind::Base, None, &scenario.base);
        for (kind, all) in
            [(StageKind::Step, &scenario.steps), (StageKind::WhatIf, &scenario.what_if)]
        {
            for stage in all {
                add(kind, Some(&stage.name), &stage.expectations);
            }
        }
    }
    list_file_json(&Listed {
        path: &visible(path),
        name: scenario.and_then(|scenario| scenario.name.as_deref()),
        diagnostics: warnings(&sources, &diagnostics, language),
        stages,
        network: scenario.map(|scenario| &scenario.network),
        words,
    })
}
