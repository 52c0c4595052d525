//! The parts that several JSON outputs share: packets, rules, reasons, diagnostics.

use serde_json::{Map, Value, json};

use super::rule::near_miss;
use super::scene::{Scene, spot};
use super::sentence::{packets, sentence};
use crate::code::{Class, Code, Language};
use crate::diagnostic::{Diagnostic, Sources};
use crate::query::{NearMiss, Reason, RuleRef, Waypoint};
use crate::space::{Action, Packet, Part};
use crate::verify::Sample;

/// A packet; ports only where its protocol has them.
pub(super) fn packet_json(packet: &Packet) -> Value {
    let mut fields = Map::new();
    fields.insert("src".into(), packet.source.to_string().into());
    fields.insert("dst".into(), packet.destination.to_string().into());
    fields.insert("protocol".into(), packet.protocol.to_string().into());
    if packet.protocol.has_ports() {
        fields.insert("source_port".into(), packet.source_port.into());
        fields.insert("destination_port".into(), packet.destination_port.into());
    }
    Value::Object(fields)
}

/// A packet with its ends; an empty object if there is none.
pub(super) fn witness_json(sample: Option<&Sample>) -> Value {
    sample.map_or(json!({}), |sample| {
        json!({
            "from": sample.from.to_string(),
            "to": sample.to.to_string(),
            "packet": packet_json(&sample.packet),
        })
    })
}

pub(super) fn rule_json(rule: &RuleRef) -> Value {
    let action = match rule.action {
        Action::Accept => "accept",
        Action::Drop => "drop",
    };
    json!({
        "owner": rule.owner.as_str(),
        "list": rule.list.name(),
        "index": rule.index,
        "action": action,
    })
}

/// A reason with everything that is known of it.
pub(super) fn reason_json(scene: Scene<'_>, reason: &Reason) -> Value {
    let cause = &reason.cause;
    let place = scene.blame(reason);
    let near = reason.near_miss.as_ref();
    json!({
        "code": cause.code.name(),
        "class": cause.code.class().map(Class::name),
        "direction": reason.direction.name(),
        "at": cause.at.as_ref().map(crate::id::Id::as_str),
        "endpoint": reason.endpoint.as_ref().map(ToString::to_string),
        "rule": reason.rule.as_ref().map(rule_json),
        "file": place.map(|place| place.path),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "near_miss": near.map(|near| near_json(scene, near, &reason.witness)),
        "packets": packets(reason),
        "semantics": cause.code.rules().first(),
        "message": sentence(reason, scene.language),
    })
}

fn near_json(scene: Scene<'_>, near: &NearMiss, packet: &Packet) -> Value {
    let failed: Vec<&str> = near.failed.iter().map(|part| part_name(*part)).collect();
    json!({
        "rule": rule_json(&near.rule),
        "failed": failed,
        "line": scene.nearest(near).map(|place| place.line),
        "message": near_miss(scene.network, near, packet, scene.language),
    })
}

fn part_name(part: Part) -> &'static str {
    match part {
        Part::Source => "source",
        Part::Destination => "destination",
        Part::Protocol => "protocol",
        Part::Port => "port",
        Part::SourcePort => "source_port",
    }
}

/// The id of a waypoint as `via` names it.
pub(super) fn waypoint_text(waypoint: &Waypoint) -> String {
    match waypoint {
        Waypoint::Id(id) => id.to_string(),
        Waypoint::ClassicLink(vpc) => format!("classic-link:{vpc}"),
    }
}

/// A mistake or warning of an input.
#[must_use]
pub fn diagnostic_json(sources: &Sources, diagnostic: &Diagnostic, language: Language) -> Value {
    let label = diagnostic.primary.as_ref();
    let place = label.and_then(|label| spot(sources, label.span));
    let others = diagnostic.others.iter().map(|label| {
        let place = spot(sources, label.span);
        json!({
            "file": place.map(|place| place.path),
            "line": place.map(|place| place.line),
            "column": place.map(|place| place.column),
            "message": label.text.text(language),
        })
    });
    let others: Vec<Value> = others.collect();
    json!({
        "code": diagnostic.code.name(),
        "severity": diagnostic.severity.name(),
        "message": diagnostic.message.text(language),
        "file": place.map(|place| place.path),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "label": label.map(|label| label.text.text(language)).filter(|text| !text.is_empty()),
        "help": diagnostic.help.as_ref().map(|help| help.text(language)),
        "others": others,
    })
}

/// The document that stands for a result when there is none: `pathproof.diagnostics/1`.
#[must_use]
pub fn diagnostics_json(diagnostics: &[Value]) -> Value {
    json!({ "schema": "pathproof.diagnostics/1", "diagnostics": diagnostics })
}

/// What is wrong with the command line, or with one of its arguments, as a diagnostic of no file.
#[must_use]
pub fn complaint_json(
    code: Code,
    message: &str,
    help: Option<&str>,
    argument: Option<&str>,
) -> Value {
    json!({
        "code": code.name(),
        "severity": "error",
        "message": message,
        "file": null,
        "line": null,
        "column": null,
        "label": null,
        "help": help,
        "others": [],
        "argument": argument,
    })
}
