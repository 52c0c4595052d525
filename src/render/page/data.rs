//! `pathproof.report/1`: what came of a run, for the page.

use std::cell::Cell;

use serde_json::{Value, json};

use super::book::Book;
use super::{Sheet, cells, escape, suite};
use crate::code::{Class, Language};
use crate::diagnostic::visible;
use crate::query::{Reason, Want};
use crate::render::check_json::{check_json, telling};
use crate::render::check_text::{distinct, subject, why_change, why_expectation};
use crate::render::difference::{Scenes, difference_text};
use crate::render::json::waypoint_text;
use crate::render::lint::findings;
use crate::render::picture::{View, inline, picture};
use crate::render::remedy::remedy;
use crate::render::rule::near_miss;
use crate::render::scene::{Scene, Spot, spot};
use crate::render::sentence::sentence;
use crate::space::Allowance;
use crate::verify::{
    ChangeReport, Difference, ExpectationReport, FileReport, StageReport, Summary, TraceReport,
};

const SCHEMA: &str = "pathproof.report/1";

/// Longer source lines are cut: a page is no editor.
const LONGEST: usize = 160;

/// So many lines of what a step changes are told.
const LINES: usize = 120;

/// All of the data.
pub(super) fn data(
    sheets: &[Sheet],
    summary: &Summary,
    language: Language,
    time: Allowance,
) -> Value {
    let mut book = Book::new(time);
    let files: Vec<Value> = sheets.iter().map(|sheet| file(&mut book, sheet)).collect();
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

fn file(book: &mut Book, sheet: &Sheet) -> Value {
    let survey = &sheet.survey;
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
    let stages = stages.zip(&survey.turned);
    let stages: Vec<Value> = stages
        .map(|((told, drawn), turned)| {
            let mut value = stage(book, report, told, drawn);
            let turned = turned.as_ref();
            value["difference"] =
                turned.map_or(Value::Null, |it| difference(book, report, told, it));
            value
        })
        .collect();
    let base = report.stages.first();
    let base = base.map(|base| Scene::of_stage(report, base, Language::English));
    let matrix = base.zip(survey.grid.as_ref());
    let matrix = matrix.map(|(scene, grid)| cells::matrix(book, scene, survey, grid));
    let network = base.filter(|_| sheet.drawn);
    let network = network.map(|scene| {
        let title = report.name.as_deref().unwrap_or(&report.path);
        let (time, folded) = (book.time, Cell::new(None));
        let drawn = book.told(scene, |scene| {
            let (picture, more) = picture(scene, title, None, &View::Fitting);
            folded.set(more.map(|it| [it.blocks, it.drawn]));
            inline(&picture, time)
        });
        json!({ "picture": drawn, "folded": folded.get() })
    });
    json!({
        "path": report.path,
        "name": report.name,
        "diagnostics": diagnostics,
        "stages": stages,
        "matrix": matrix,
        "network": network,
        "lint": lint(book, sheet),
        "suite": base.zip(sheet.measure.as_ref()).map(|(scene, measure)| suite::suite(book, scene, &report.path, measure)),
    })
}

/// What looks wrong in a file, in both languages.
fn lint(book: &mut Book, sheet: &Sheet) -> Vec<Value> {
    let both = [Language::English, Language::Chinese].map(|it| findings(&sheet.lint, it));
    let [english, chinese] = &both;
    let told = english.iter().zip(chinese).map(|(english, chinese)| {
        let mut text = |field: &str| {
            book.text(|language| {
                let words = match language {
                    Language::English => &english[field],
                    Language::Chinese => &chinese[field],
                };
                words.as_str().unwrap_or_default().to_owned()
            })
        };
        let (message, help) = (text("message"), text("help"));
        let place = english["file"].as_str().zip(english["line"].as_u64());
        let place = place.map(|(file, line)| {
            let mut sources = sheet.lint.sources.iter();
            let source = sources.find(|source| source.path == file && !source.veiled);
            let text = source.zip(usize::try_from(line).ok());
            let text = text.and_then(|(source, line)| source.text.lines().nth(line - 1));
            book.place(&json!({ "file": file, "line": line, "text": text.map(cut) }))
        });
        json!({
            "code": english["code"],
            "level": english["level"],
            "at": english["at"],
            "message": message,
            "help": help,
            "place": place,
        })
    });
    told.collect()
}

/// What a stage lets through differently, in lines; the first of many.
fn difference(
    book: &mut Book,
    file: &FileReport,
    stage: &StageReport,
    (before, found): &(usize, Difference),
) -> Value {
    let new = Scene::of_stage(file, stage, Language::English);
    let told = book.lines(new, |new| {
        let old = Scene::of_stage(file, &file.stages[*before], new.language);
        let deeds = &[];
        let text = difference_text(found, Scenes { old, new, deeds });
        let text = anstream::adapter::strip_str(&text).to_string();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let more = lines.len().saturating_sub(LINES);
        if more > 0 {
            lines.truncate(LINES);
            lines.push(match new.language {
                Language::English => format!("… and {more} more lines: pathproof whatif tells all"),
                Language::Chinese => format!("……另有 {more} 行：pathproof whatif 列出全部"),
            });
        }
        lines
    });
    json!({ "pieces": found.pieces.len() + found.shifts.len() + found.moves.len(), "lines": told })
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
        "place": place.map(|place| book.place(&place_json(scene, place))),
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
    let remedies = distinct(reasons);
    let remedies = remedies.iter().zip(1..).filter(|_| !wanted);
    let remedies: Vec<usize> = remedies
        .map(|(it, number)| {
            book.text(|language| remedy(scene.network, &format!("{number}"), it.reason, language))
        })
        .collect();
    let place = spot(scene.sources, report.span);
    let witness = found.and_then(|found| telling(found, &asked.want));
    let via: Vec<String> = found
        .into_iter()
        .flat_map(|found| &found.routes)
        .map(|route| route.iter().map(waypoint_text).collect::<Vec<_>>().join(" → "))
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
        "place": place.map(|place| book.place(&place_json(scene, place))),
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
        "near": told,
        "place": scene.blame(reason).map(|place| book.place(&place_json(scene, place))),
        "near_place": nearest.map(|place| book.place(&place_json(scene, place))),
    });
    book.reason(&value)
}

/// A place with its line.
pub(super) fn place_json(scene: Scene<'_>, place: Spot<'_>) -> Value {
    let source = scene.sources.get(place.span.file);
    let text = source.and_then(|source| source.text.lines().nth(place.line - 1));
    json!({ "file": place.path, "line": place.line, "text": text.map(cut) })
}

/// A line of a file as a page shows it.
pub(super) fn cut(line: &str) -> String {
    let text = visible(line.trim());
    let cut: String = text.chars().take(LONGEST).collect();
    if cut.len() < text.len() { cut + "…" } else { cut }
}

/// What a reader without scripts sees: the numbers, and what does not hold.
pub(super) fn plain(sheets: &[Sheet], summary: &Summary) -> String {
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
    for survey in sheets.iter().map(|sheet| &sheet.survey) {
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
