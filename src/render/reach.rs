//! What `reach` prints: packets that work and packets that do not, with their blockers.

use serde_json::{Value, json};

use super::budget::{exceeded_json, exceeded_text};
use super::check_text::verdict_word;
use super::difference::words::in_words;
use super::json::{packet_json, reason_json};
use super::rewritten::{LONG, rewrites_json, rewrites_text};
use super::scene::Scene;
use super::sentence::sentence;
use super::style::{BAD, DOUBT, GOOD, Line, paragraph};
use crate::code::{Code, CodeKind, Language};
use crate::space::{Protocol, Row};
use crate::verify::{Part, Reached};

/// For people.
#[must_use]
pub fn reach_text(reached: &Reached, scene: Scene<'_>) -> String {
    let verdict = verdict_word(reached.verdict, scene.language).to_uppercase();
    let mut text = paragraph(0, &verdict, "");
    if let Some(exceeded) = reached.exceeded {
        let why = exceeded_text(exceeded, scene.language);
        text += &paragraph(2, &format!("{}: {why}", Code::BudgetExceeded), "");
    }
    let (works, blocked, undecided) = match scene.language {
        Language::English => ("✓ works", "✗ blocked", "? undecided"),
        Language::Chinese => ("✓ 可通", "✗ 阻断", "? 未决"),
    };
    for part in &reached.works {
        text += &Line::indented(2).styled(GOOD, works).end();
        text += &part_text(part, scene.language);
    }
    for part in &reached.blocked {
        let mut reasons = part.reasons.iter();
        let is_open = reasons.any(|it| it.cause.code.kind() == CodeKind::Undetermined);
        let (style, words) = if is_open {
            (DOUBT, undecided)
        } else {
            (BAD, blocked)
        };
        text += &Line::indented(2).styled(style, words).end();
        text += &part_text(part, scene.language);
        for (index, reason) in part.reasons.iter().enumerate() {
            let said = sentence(reason, scene.language);
            let rule = reason.cause.code.rules().first().copied().unwrap_or("");
            let code = reason.cause.code;
            text += &paragraph(6, &format!("{}. {code}: {said}", index + 1), rule);
        }
    }
    text
}

fn part_text(part: &Part, language: Language) -> String {
    let mut text = paragraph(4, &format!("{} → {}", part.from, part.to), "");
    for row in &part.packets {
        let mut line = row.to_string();
        for (addresses, end) in [(&row.source, &part.from), (&row.destination, &part.to)] {
            let written = addresses.to_string();
            if written.len() > LONG {
                line = line.replace(&written, &end.to_string());
            }
        }
        text += &paragraph(6, &in_words(line, language), "");
    }
    text + &rewrites_text(part, language)
}

/// For scripts: `pathproof.reach/1`.
#[must_use]
pub fn reach_json(reached: &Reached, scene: Scene<'_>) -> Value {
    let part = |part: &Part| {
        let packets = part.packets.iter().map(row_json).collect::<Vec<_>>();
        json!({
            "from": part.from.to_string(),
            "to": part.to.to_string(),
            "packets": packets,
            "witness": part.witness.as_ref().map(packet_json),
            "rewrites": rewrites_json(part),
        })
    };
    let works: Vec<Value> = reached.works.iter().map(part).collect();
    let blocked = reached.blocked.iter().map(|blocked| {
        let reasons = blocked
            .reasons
            .iter()
            .map(|reason| reason_json(scene, reason));
        let mut value = part(blocked);
        value["reasons"] = reasons.collect();
        value
    });
    json!({
        "schema": "pathproof.reach/1",
        "verdict": reached.verdict.name(),
        "works": works,
        "blocked": blocked.collect::<Vec<_>>(),
        "exceeded": exceeded_json(reached.exceeded, scene.language),
    })
}

/// Ports are null for protocols that have none.
fn row_json(row: &Row) -> Value {
    let ports = [Protocol::TCP, Protocol::UDP];
    let has_ports = ports
        .iter()
        .any(|protocol| row.traffic.has_protocol(*protocol));
    let protocols = row.traffic.protocols.ranges().map(|(low, high)| {
        if low == high {
            Protocol(low).to_string()
        } else {
            format!("{low}-{high}")
        }
    });
    json!({
        "protocol": protocols.collect::<Vec<_>>().join(","),
        "src": row.source.to_string(),
        "dst": row.destination.to_string(),
        "source_port": has_ports.then(|| row.traffic.source_ports.to_string()),
        "destination_port": has_ports.then(|| row.traffic.destination_ports.to_string()),
    })
}
