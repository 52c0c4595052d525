//! The last section: what would have to change for each blocker. Only what is certain: the platform's word
//! where nothing lifts it and what else can be done, the nearest rule where a rule is missing.

use super::super::advice::advice;
use super::super::rule::{part_word, rule_name, service_of};
use super::super::scene::Scene;
use super::super::style::{Line, STRONG, WIDTH, paragraph};
use super::super::wrap::columns;
use super::Blocker;
use crate::code::{Class, Language};
use crate::query::{NearMiss, Reason};
use crate::space::{Packet, Part};

/// The section; empty if nothing is blocked.
pub(super) fn section(scene: Scene<'_>, blockers: &[Blocker<'_>]) -> String {
    let groups = merged(blockers);
    if groups.is_empty() {
        return String::new();
    }
    let title = match scene.language {
        Language::English => "to make it work",
        Language::Chinese => "如何放通",
    };
    let mut text = format!("\n{}", Line::indented(2).styled(STRONG, title).end());
    for (letter, (numbers, reason)) in ('A'..).zip(&groups) {
        let words = remedy(scene, &numbers.join(", "), reason);
        let place = scene
            .blame(reason)
            .map_or(String::new(), |place| place.short());
        text += &lettered(letter, &words, &place);
    }
    text
}

/// Blockers that are one and the same thing to change, with the numbers of their hops.
fn merged<'a>(blockers: &[Blocker<'a>]) -> Vec<(Vec<String>, &'a Reason)> {
    let mut groups: Vec<(Vec<String>, &Reason)> = Vec::new();
    for Blocker { number, reason } in blockers {
        let known = groups.iter_mut().find(|(_, other)| same(other, reason));
        match known {
            Some((numbers, _)) => numbers.push(number.clone()),
            None => groups.push((vec![number.clone()], reason)),
        }
    }
    groups
}

/// Whether two reasons are the same blocker.
pub(super) fn same(a: &Reason, b: &Reason) -> bool {
    (a.direction, a.cause.code, &a.cause.at, &a.rule, &a.endpoint)
        == (b.direction, b.cause.code, &b.cause.at, &b.rule, &b.endpoint)
}

fn lettered(letter: char, words: &str, place: &str) -> String {
    let room = WIDTH - 5;
    let text = paragraph(5, words, if columns(place) < room { place } else { "" });
    // The letter stands where the paragraph is indented.
    format!("  {letter}  {}", text.trim_start())
}

fn remedy(scene: Scene<'_>, number: &str, reason: &Reason) -> String {
    let language = scene.language;
    let code = reason.cause.code;
    let english = language == Language::English;
    let advice = advice(code, language).unwrap_or_default();
    if code.class() == Some(Class::Platform) {
        return if english {
            format!("no rule lifts {number}, which is the platform's: {advice}")
        } else {
            format!("{number} 为平台限制，任何规则都无法放开：{advice}")
        };
    }
    let packet = &reason.witness;
    let service = service_of(packet);
    if let Some(rule) = &reason.rule {
        let name = rule_name(rule);
        return if english {
            format!(
                "{number}: accept {service} {} → {} above {name}",
                packet.source, packet.destination
            )
        } else {
            format!(
                "{number}：在 {name} 之上放通 {} → {} 的 {service}",
                packet.source, packet.destination
            )
        };
    }
    if let Some(near) = &reason.near_miss {
        let name = rule_name(&near.rule);
        let missing = missing(near, packet, language);
        return if english {
            format!("{number}: {name} is nearest; it, or a new rule, has to accept {missing}")
        } else {
            format!("{number}：最接近的是 {name}；它或新规则须放通 {missing}")
        };
    }
    let at = reason.cause.at.as_ref();
    match (at, english) {
        (Some(at), true) => format!("{number}, {at}: {advice}"),
        (Some(at), false) => format!("{number}，{at}：{advice}"),
        (None, true) => format!("{number}: {advice}"),
        (None, false) => format!("{number}：{advice}"),
    }
}

/// The parts that a rule would have to cover: `source 10.60.5.7, port 3306`.
fn missing(near: &NearMiss, packet: &Packet, language: Language) -> String {
    let parts = near.failed.iter().map(|part| {
        let value = match part {
            Part::Source => packet.source.to_string(),
            Part::Destination => packet.destination.to_string(),
            Part::Protocol => service_of(packet),
            Part::Port => packet.destination_port.to_string(),
            Part::SourcePort => packet.source_port.to_string(),
        };
        format!("{} {value}", part_word(*part, language))
    });
    let parts: Vec<String> = parts.collect();
    parts.join(match language {
        Language::English => ", ",
        Language::Chinese => "、",
    })
}
