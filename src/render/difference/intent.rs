//! What a change was meant to do, against what it does.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::json::{ends_json, rows_json};
use super::markdown::escaped;
use super::words::{crowd_text, title as title_of};
use super::{Scenes, piece_text};
use crate::code::Language;
use crate::query::{Intention, Turn};
use crate::render::json::packet_json;
use crate::render::style::{BAD, GOOD, Line, paragraph};
use crate::verify::{Declared, DeclaredOutcome, IntentReport};

/// For people.
#[must_use]
pub fn intent_text(report: &IntentReport, scenes: Scenes<'_>) -> String {
    let language = scenes.new.language;
    let mut text = String::from("\n");
    for declared in &report.declared {
        text += &declared_text(declared, language);
    }
    if !report.undeclared.is_empty() {
        let title = match language {
            Language::English => "not declared:",
            Language::Chinese => "未声明的差异：",
        };
        text += &Line::indented(0).styled(BAD, title).end();
        for piece in &report.undeclared {
            text += &piece_text(piece, scenes);
        }
    }
    let words = match (report.holds(), language) {
        (true, Language::English) => "the changes do what they are meant to, and nothing else",
        (true, Language::Chinese) => "变更与意图完全一致",
        (false, Language::English) => "the changes do not do what they are meant to",
        (false, Language::Chinese) => "变更与意图不一致",
    };
    text + &paragraph(0, words, "")
}

/// As a part of a comment.
#[must_use]
pub fn intent_markdown(report: &IntentReport, scenes: Scenes<'_>) -> String {
    let language = scenes.new.language;
    let (title, undeclared) = match language {
        Language::English => ("Intent", "not declared"),
        Language::Chinese => ("意图", "未声明"),
    };
    let mut text = format!("\n**{title}**\n\n");
    for declared in &report.declared {
        let mark = match declared.outcome {
            DeclaredOutcome::Holds => "✓",
            DeclaredOutcome::Misses { .. } | DeclaredOutcome::Vacuous => "✗",
        };
        let _ = writeln!(text, "- {mark} `{}`", item(&declared.intention));
    }
    for piece in &report.undeclared {
        let ends = [&piece.from, &piece.to].map(|crowd| escaped(&crowd_text(crowd, language)));
        let word = title_of(piece.turn, language);
        let _ = writeln!(text, "- ✗ {undeclared}: {word} {}", ends.join(" → "));
    }
    text
}

fn declared_text(declared: &Declared, language: Language) -> String {
    let words = item(&declared.intention);
    let (style, mark) = match declared.outcome {
        DeclaredOutcome::Holds => (GOOD, "✓"),
        DeclaredOutcome::Misses { .. } | DeclaredOutcome::Vacuous => (BAD, "✗"),
    };
    let line = Line::indented(2).styled(style, mark).then(" ").then(&words);
    let mut text = line.end();
    let turn = declared.intention.turn;
    let more = match (&declared.outcome, turn, language) {
        (DeclaredOutcome::Holds, ..) => return text,
        (DeclaredOutcome::Misses { from, to, packet }, Turn::Gained, Language::English) => {
            format!("not gained, for example, {from} → {to}: {packet}")
        }
        (DeclaredOutcome::Misses { from, to, packet }, Turn::Lost, Language::English) => {
            format!("not lost, for example, {from} → {to}: {packet}")
        }
        (DeclaredOutcome::Misses { from, to, packet }, Turn::Gained, Language::Chinese) => {
            format!("例如，以下报文并未新增：{from} → {to}：{packet}")
        }
        (DeclaredOutcome::Misses { from, to, packet }, Turn::Lost, Language::Chinese) => {
            format!("例如，以下报文并未失去：{from} → {to}：{packet}")
        }
        (DeclaredOutcome::Vacuous, _, Language::English) => {
            "it speaks of nobody: no pair of ends is meant".to_owned()
        }
        (DeclaredOutcome::Vacuous, _, Language::Chinese) => "没有任何端点对与之相符".to_owned(),
    };
    text += &paragraph(6, &more, "");
    text
}

/// `Gains(ins-a → ins-b tcp:22)`, in the words of the file.
fn item(intention: &Intention) -> String {
    let word = match intention.turn {
        Turn::Gained => "Gains",
        Turn::Lost => "Loses",
    };
    let Intention { from_text, to_text, service_text, .. } = intention;
    format!("{word} {from_text} → {to_text} {service_text}")
}

/// For scripts.
#[must_use]
pub fn intent_json(report: &IntentReport) -> Value {
    let declared = report.declared.iter().map(|declared| {
        let intention = &declared.intention;
        let (outcome, example) = match &declared.outcome {
            DeclaredOutcome::Holds => ("holds", Value::Null),
            DeclaredOutcome::Vacuous => ("vacuous", Value::Null),
            DeclaredOutcome::Misses { from, to, packet } => {
                ("misses", json!({ "from": from, "to": to, "packet": packet_json(packet) }))
            }
        };
        json!({
            "turn": intention.turn.name(),
            "from": intention.from_text,
            "to": intention.to_text,
            "service": intention.service_text,
            "outcome": outcome,
            "example": example,
        })
    });
    let undeclared = report.undeclared.iter().map(|piece| {
        json!({
            "turn": piece.turn.name(),
            "from": ends_json(&piece.from),
            "to": ends_json(&piece.to),
            "packets": rows_json(&piece.packets),
            "witness": piece.witness.as_ref().map(packet_json),
        })
    });
    json!({
        "holds": report.holds(),
        "declared": declared.collect::<Vec<_>>(),
        "undeclared": undeclared.collect::<Vec<_>>(),
    })
}
