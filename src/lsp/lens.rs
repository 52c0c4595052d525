//! What stands over a line: of an expectation what it came to, of a rule what it decides. The latter is found when the line
//! is looked at, and so is the way of an expectation when somebody wants to see it.

use lsp_types::{CodeLens, Command, ExecuteCommandParams, MessageType};
use serde_json::{Value, json};

use super::Session;
use super::known::Known;
use super::position::Places;
use super::protocol::RUN;
use crate::ask::{Asked, Between, trace_of};
use crate::code::Language;
use crate::id::Id;
use crate::model::{Locate, Place};
use crate::mutate::{Decided, Suite, decided, things};
use crate::render::case::told;
use crate::render::trace_text::trace_text;
use crate::verify::{Budget, StageKind};

/// Over each expectation what it came to; over each rule a place for what it decides.
pub fn lenses(known: &Known<'_>, language: Language) -> Vec<CodeLens> {
    let report = &known.report;
    let places = Places::of(&report.sources);
    let mut lenses = Vec::new();
    for one in told(report, language) {
        let Some(range) = places.range(one.span) else {
            continue;
        };
        if !places.is_in(one.span, &known.path) {
            continue;
        }
        let mark = if one.is_good { '✓' } else { '✗' };
        let (title, command) = if one.is_expectation {
            let run = match language {
                Language::English => "show its way",
                Language::Chinese => "查看路径",
            };
            (format!("{mark} {} | {run}", one.word), RUN)
        } else {
            (format!("{mark} {}", one.word), "")
        };
        let arguments = vec![json!(super::document::uri_of(&known.path)), json!(range.start)];
        lenses.push(CodeLens {
            range,
            command: Some(Command::new(title, command.to_owned(), Some(arguments))),
            data: None,
        });
    }
    if let Some(asked) = &known.asked {
        rules(known, asked, &places, &mut lenses);
    }
    lenses
}

fn rules(known: &Known<'_>, asked: &Asked, places: &Places<'_>, lenses: &mut Vec<CodeLens>) {
    let network = &asked.situation.network;
    let origins = asked.situation.origins.remembering();
    let groups = network.security_groups.iter();
    let groups = groups.map(|(id, it)| (id, it.ingress.len(), it.egress.len()));
    let acls = network.network_acls.iter();
    let acls = acls.map(|(id, it)| (id, it.ingress.len(), it.egress.len()));
    for (id, ingress, egress) in groups.chain(acls) {
        for (list, count) in [("ingress", ingress), ("egress", egress)] {
            for index in 0..count {
                let span = origins.locate(&Place::item(id, list, index));
                let span = span.filter(|span| places.is_in(*span, &known.path));
                let Some(range) = span.and_then(|span| places.range(span)) else {
                    continue;
                };
                let uri = super::document::uri_of(&known.path);
                lenses.push(CodeLens {
                    range,
                    command: None,
                    data: Some(
                        json!({ "uri": uri, "id": id.as_str(), "list": list, "index": index }),
                    ),
                });
            }
        }
    }
}

/// The rule that a lens is about.
fn place_of(data: &Value) -> Option<Place> {
    let list = ["ingress", "egress"].into_iter().find(|list| data["list"] == *list)?;
    let index = usize::try_from(data["index"].as_u64()?).ok()?;
    let id = Id::from(data["id"].as_str()?);
    Some(Place::item(&id, list, index))
}

/// A lens with what its rule decides.
pub fn resolved(
    known: &Known<'_>,
    lens: CodeLens,
    (session, budget): (&Session<'_>, Budget),
) -> CodeLens {
    let place = lens.data.as_ref().and_then(place_of);
    let found = known.asked.as_ref().zip(place).and_then(|(asked, place)| {
        let situation = asked.situation.clone();
        let suite = Suite::of(&asked.scenario, situation, &session.today, budget);
        let things = things(&asked.situation.network);
        let thing = things.iter().find(|thing| thing.place == place)?;
        decided(&suite, thing)
    });
    let title = title(found.as_ref(), session.language);
    CodeLens { command: Some(Command::new(title, String::new(), None)), ..lens }
}

fn title(found: Option<&Decided>, language: Language) -> String {
    let Some(found) = found else {
        return match language {
            Language::English => "not known what it decides",
            Language::Chinese => "无法得知它决定什么",
        }
        .to_owned();
    };
    let (by, ends) = (found.by.len(), found.ends);
    match (language, by, ends) {
        (Language::English, 0, 0) => "decides nothing: without it all is the same".to_owned(),
        (Language::Chinese, 0, 0) => "不决定任何互通：没有它结果相同".to_owned(),
        (Language::English, ..) => {
            let plural = if by == 1 { "" } else { "s" };
            format!("decides {by} expectation{plural}; reached by {ends}")
        }
        (Language::Chinese, ..) => format!("决定 {by} 条期望；{ends} 个源端经过"),
    }
}

/// What came of the expectation at a place, and the way of its packets, in words: `{ "kind", "title", "text" }`.
pub fn explained(
    known: &Known<'_>,
    asked: &ExecuteCommandParams,
    (session, budget): (&Session<'_>, Budget),
) -> Option<Value> {
    let language = session.language;
    let places = Places::of(&known.report.sources);
    let at = |span| json!(places.range(span).map(|range| range.start));
    let wanted = asked.arguments.get(1)?;
    let told = told(&known.report, language);
    let one = told.into_iter().find(|one| one.is_expectation && at(one.span) == *wanted)?;
    let mut stages = known.report.stages.iter();
    let (stage, found) = stages.find_map(|stage| {
        let mut all = stage.expectations.iter();
        let found = all.find(|it| it.span == one.span)?;
        Some((stage, found))
    })?;
    let expectation = &found.expectation;
    let title = format!(
        "{}: {} → {} {}",
        one.word, expectation.from_text, expectation.to_text, expectation.service_text
    );
    let base = known.asked.as_ref()?;
    let named = stage.name.as_ref().filter(|_| stage.kind != StageKind::Base);
    let asked = match named {
        Some(name) => base.at(&known.path, name).ok()?,
        None => base.clone(),
    };
    let between = Between {
        from: &expectation.from_text,
        to: &expectation.to_text,
        service: &expectation.service_text,
        source_port: None,
    };
    let way = trace_of(&asked, between, budget).ok();
    let way = way.map(|report| trace_text(&report, language));
    let way = anstream::adapter::strip_str(&way.unwrap_or_default()).to_string();
    let parts = [title.clone(), one.text, way];
    let text: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let kind = if one.is_good { MessageType::INFO } else { MessageType::ERROR };
    Some(json!({ "kind": kind, "title": title, "text": text.join("\n\n") }))
}
