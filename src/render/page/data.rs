//! `pathproof.report/1`: what came of a run, for the page.

use serde_json::{Value, json};

use super::book::Book;
use super::{cells, escape};
use crate::code::{Class, Language};
use crate::diagnostic::visible;
use crate::query::{Reason, Want};
use crate::render::check_json::{check_json, telling};
use crate::render::check_text::{subject, why_change, why_expectation};
use crate::render::json::waypoint_text;
use crate::render::picture::{View, inline, picture};
use crate::render::remedy::remedy;
use crate::render::rule::near_miss;
use crate::render::scene::{Scene, Spot, spot};
use crate::render::sentence::{packets, sentence};
use crate::space::Allowance;
use crate::verify::{
    ChangeReport, ExpectationReport, FileReport, StageReport, Summary, Survey, TraceReport,
};

const SCHEMA: &str = "pathproof.report/1";

/// Longer source lines are cut: a page is no editor.
const LONGEST: usize = 160;

/// All of the data.
pub(super) fn data(
    surveys: &[Survey],
    summary: &Summary,
    language: Language,
    time: Allowance,
) -> Value {
    let mut book = Book::new(time);
    let files: Vec<Value> = surveys
        .iter()
        .map(|survey| file(&mut book, survey))
        .collect();
    let language = match language {
        Language::English => "en",
        Language::Chinese => "zh",
    };
    let mut value = json!({
        "schema": SCHEMA,
        "language": language,
        "summary": check_json(&[], summary, Language::English)["summary"],
        "files": files,
    });
    if let (Value::Object(fields), Value::Object(said)) = (&mut value, book.close()) {
        fields.extend(said);
    }
    value
}

fn file(book: &mut Book, survey: &Survey) -> Value {
    let report = &survey.file;
    let diagnostics = report.diagnostics.iter().map(|diagnostic| {
        let label = diagnostic.primary.as_ref();
        let place = label.and_then(|label| spot(&report.sources, label.span));
        json!({
            "code": diagnostic.code.name(),
            "severity": diagnostic.severity.name(),
            "message": diagnostic.message,
            "file": place.map(|place| place.path),
            "line": place.map(|place| place.line),
        })
    });
    let diagnostics: Vec<Value> = diagnostics.collect();
    let stages = report.stages.iter().zip(&survey.drawn);
    let stages: Vec<Value> = stages
        .map(|(told, drawn)| stage(book, report, told, drawn))
        .collect();
    let base = report.stages.first();
    let matrix = base.zip(survey.grid.as_ref());
    let matrix = matrix.map(|(base, matrix)| {
        let scene = Scene::of_stage(report, base, Language::English);
        cells::matrix(book, scene, matrix)
    });
    json!({
        "path": report.path,
        "name": report.name,
        "diagnostics": diagnostics,
        "stages": stages,
        "matrix": matrix,
    })
}

fn stage(
    book: &mut Book,
    file: &FileReport,
    stage: &StageReport,
    drawn: &[Option<TraceReport>],
) -> Value {
    let scene = Scene::of_stage(file, stage, Language::English);
    let changes = stage.changes.iter();
    let changes: Vec<Value> = changes.map(|report| change(book, scene, report)).collect();
    let expectations = stage.expectations.iter().zip(drawn);
    let expectations: Vec<Value> = expectations
        .map(|(report, drawn)| expectation(book, scene, report, drawn.as_ref()))
        .collect();
    json!({
        "kind": stage.kind.name(),
        "name": stage.name,
        "changes": changes,
        "expectations": expectations,
    })
}

fn change(book: &mut Book, scene: Scene<'_>, report: &ChangeReport) -> Value {
    let place = spot(scene.sources, report.span);
    json!({
        "action": report.action,
        "passed": report.passed,
        "why": book.text(|language| why_change(report, language)),
        "place": place.map(|place| place_json(scene, place)),
    })
}

fn expectation(
    book: &mut Book,
    scene: Scene<'_>,
    report: &ExpectationReport,
    drawn: Option<&TraceReport>,
) -> Value {
    let asked = &report.expectation;
    let found = report.found.as_ref();
    let reasons = found.map_or(&[][..], |found| &found.reasons);
    let numbers: Vec<usize> = reasons.iter().map(|it| reason(book, scene, it)).collect();
    // Where a block was wanted, nothing is to be lifted.
    let wanted = matches!(asked.want, Want::Unreachable);
    let remedies = reasons.iter().zip(1..).filter(|_| !wanted);
    let remedies: Vec<usize> = remedies
        .map(|(it, number)| {
            book.text(|language| remedy(scene.network, &format!("{number}"), it, language))
        })
        .collect();
    let place = spot(scene.sources, report.span);
    let witness = found.and_then(|found| telling(found, &asked.want));
    let via: Vec<String> = found
        .into_iter()
        .flat_map(|found| &found.routes)
        .map(|route| {
            route
                .iter()
                .map(waypoint_text)
                .collect::<Vec<_>>()
                .join(" → ")
        })
        .filter(|route| !route.is_empty())
        .collect();
    let picture = drawn.map(|drawn| drawing(book, drawn));
    json!({
        "from": asked.from_text,
        "to": asked.to_text,
        "service": asked.service_text,
        "expected": asked.want.verdict().name(),
        "verdict": found.map(|found| found.verdict.name()),
        "outcome": report.outcome.name(),
        "subject": book.text(|language| subject(report, language)),
        "why": book.told(scene, |scene| why_expectation(scene, report)),
        "pairs": found.map(|found| found.pairs),
        "reasons": numbers,
        "remedies": remedies,
        "witness": witness.map(|witness| witness.packet.to_string()),
        "via": via,
        "place": place.map(|place| place_json(scene, place)),
        "picture": picture,
    })
}

/// The connection drawn, in both languages.
fn drawing(book: &mut Book, drawn: &TraceReport) -> usize {
    let time = book.time;
    book.text(|language| {
        let scene = Scene::of_trace(drawn, language);
        let title = format!("{} → {} {}", drawn.from, drawn.to, drawn.service);
        inline(&picture(scene, &title, Some(drawn), &View::Fitting).0, time)
    })
}

/// The number of a reason.
pub(super) fn reason(book: &mut Book, scene: Scene<'_>, reason: &Reason) -> usize {
    let cause = &reason.cause;
    let rule = cause.code.rules().first().copied();
    if let Some(rule) = rule {
        book.rule(rule);
    }
    let near = reason.near_miss.as_ref();
    let told = near.map(|near| {
        let tell =
            |scene: Scene<'_>| near_miss(scene.network, near, &reason.witness, scene.language);
        book.told(scene, tell)
    });
    let nearest = near.and_then(|near| scene.nearest(near));
    let value = json!({
        "code": cause.code.name(),
        "class": cause.code.class().map(Class::name),
        "meaning": book.text(|language| cause.code.meaning(language).to_owned()),
        "rule": rule,
        "direction": reason.direction.name(),
        "at": cause.at.as_ref().map(crate::id::Id::as_str),
        "message": book.told(scene, |scene| sentence(reason, scene.language)),
        "packets": packets(reason),
        "near": told,
        "place": scene.blame(reason).map(|place| place_json(scene, place)),
        "near_place": nearest.map(|place| place_json(scene, place)),
    });
    book.reason(&value)
}

/// A place with its line.
fn place_json(scene: Scene<'_>, place: Spot<'_>) -> Value {
    let source = scene.sources.get(place.span.file);
    let text = source.and_then(|source| source.text.lines().nth(place.line - 1));
    let text = text.map(|text| {
        let text = visible(text.trim());
        let cut: String = text.chars().take(LONGEST).collect();
        if cut.len() < text.len() {
            cut + "…"
        } else {
            cut
        }
    });
    json!({ "file": place.path, "line": place.line, "text": text })
}

/// What a reader without scripts sees: the numbers, and what does not hold.
pub(super) fn plain(surveys: &[Survey], summary: &Summary) -> String {
    let mut text = format!(
        "<p>{} expectations: {} passed, {} failed, {} vacuous, {} undetermined, {} waived, {} errors</p>\n<ul>\n",
        summary.expectations,
        summary.passed,
        summary.failed,
        summary.vacuous,
        summary.undetermined,
        summary.waived,
        summary.errors,
    );
    for survey in surveys {
        for (stage, report) in survey.file.expectations() {
            if report.outcome.is_good() {
                continue;
            }
            let scene = Scene::of_stage(&survey.file, stage, Language::English);
            let place = spot(scene.sources, report.span).map(|place| place.short());
            let line = format!(
                "{}: {} — {}: {}",
                place.unwrap_or_default(),
                subject(report, Language::English),
                report.outcome.name(),
                why_expectation(scene, report)
            );
            text.push_str(&format_item(&line));
        }
    }
    text + "</ul>\n"
}

fn format_item(line: &str) -> String {
    format!("<li>{}</li>\n", escape(line))
}
