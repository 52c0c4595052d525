//! What `whatif` and `diff` print: gains and losses, each with its packets and the reason on the side where they
//! do not work.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::json::{packet_json, reason_json};
use super::scene::Scene;
use super::sentence::sentence;
use super::style::{BAD, FAINT, GOOD, Line, paragraph};
use crate::code::Language;
use crate::model::Endpoint;
use crate::space::{AddressSet, Row};
use crate::verify::{ChangeReport, Difference, Piece, Turn};

/// So many ends of a piece are named; the rest is counted.
const NAMED: usize = 6;

/// The two networks, for the words of their rules.
#[derive(Clone, Copy)]
pub struct Scenes<'a> {
    /// Before: it explains what was blocked and is gained.
    pub old: Scene<'a>,
    /// After: it explains what is lost.
    pub new: Scene<'a>,
}

impl<'a> Scenes<'a> {
    /// The scene that explains the reasons of a piece.
    fn of(self, turn: Turn) -> Scene<'a> {
        match turn {
            Turn::Gained => self.old,
            Turn::Lost => self.new,
        }
    }
}

/// A difference for people.
#[must_use]
pub fn difference_text(difference: &Difference, scenes: Scenes<'_>) -> String {
    let language = scenes.new.language;
    let mut text = String::new();
    for piece in &difference.pieces {
        text += &piece_text(piece, scenes.of(piece.turn));
    }
    let lost = difference
        .pieces
        .iter()
        .filter(|piece| piece.turn == Turn::Lost);
    let lost = lost.count();
    let gained = difference.pieces.len() - lost;
    let pairs = difference.pairs;
    let summary = match (difference.pieces.is_empty(), language) {
        (true, Language::English) => {
            format!("no difference: {pairs} pairs of ends can do exactly what they could")
        }
        (true, Language::Chinese) => format!("没有差异：{pairs} 对端点的互通与之前完全相同"),
        (false, Language::English) => {
            format!("{gained} gained, {lost} lost; {pairs} pairs of ends compared, exactly")
        }
        (false, Language::Chinese) => {
            format!("新增 {gained} 项，失去 {lost} 项；精确比较了 {pairs} 对端点")
        }
    };
    text + &paragraph(0, &summary, "")
}

fn piece_text(piece: &Piece, scene: Scene<'_>) -> String {
    let (style, word) = match (piece.turn, scene.language) {
        (Turn::Gained, Language::English) => (GOOD, "+ GAINED"),
        (Turn::Gained, Language::Chinese) => (GOOD, "+ 新增"),
        (Turn::Lost, Language::English) => (BAD, "- LOST"),
        (Turn::Lost, Language::Chinese) => (BAD, "- 失去"),
    };
    let mut text = Line::indented(0).styled(style, word).end();
    text += &paragraph(
        4,
        &format!("{} → {}", names(&piece.from), names(&piece.to)),
        "",
    );
    for row in &piece.packets {
        text += &paragraph(6, &row_text(row), "");
    }
    let mut already = Vec::new();
    for reason in &piece.reasons {
        let said = sentence(reason, scene.language);
        if already.contains(&said) {
            continue;
        }
        let (when, rule) = (
            match (piece.turn, scene.language) {
                (Turn::Gained, Language::English) => "was blocked",
                (Turn::Gained, Language::Chinese) => "此前被阻断",
                (Turn::Lost, Language::English) => "now blocked",
                (Turn::Lost, Language::Chinese) => "现被阻断",
            },
            reason.cause.code.rules().first().copied().unwrap_or(""),
        );
        let code = reason.cause.code;
        text += &paragraph(4, &format!("{when}: {code}: {said}"), rule);
        already.push(said);
    }
    if let Some(witness) = &piece.witness {
        let word = match scene.language {
            Language::English => "for example",
            Language::Chinese => "例如",
        };
        let line = Line::indented(4).styled(FAINT, &format!("{word} {witness}"));
        text += &line.end();
    }
    text
}

fn names(ends: &[Endpoint]) -> String {
    let mut names: Vec<String> = ends.iter().take(NAMED).map(name).collect();
    if ends.len() > NAMED {
        names.push(format!("… ({})", ends.len()));
    }
    names.join(", ")
}

/// A group by its id: its packets say which members.
fn name(end: &Endpoint) -> String {
    match end {
        Endpoint::GroupMember(id, _) => id.to_string(),
        other => other.to_string(),
    }
}

/// A row without the addresses that are the ends' own.
fn row_text(row: &Row) -> String {
    let mut text = row.traffic.to_string();
    for (word, addresses) in [("from", &row.source), ("to", &row.destination)] {
        if let Some(addresses) = told(addresses) {
            let _ = write!(text, " {word} {addresses}");
        }
    }
    text
}

/// Addresses, unless a pair's own address makes them a matter of course.
fn told(addresses: &AddressSet) -> Option<String> {
    let open = [
        AddressSet::any(),
        AddressSet::any_v4(),
        AddressSet::any_v6(),
    ];
    (!open.contains(addresses)).then(|| addresses.to_string())
}

/// A difference for scripts: `pathproof.difference/1`.
#[must_use]
pub fn difference_json(
    difference: &Difference,
    changes: &[ChangeReport],
    broken: &[Value],
    scenes: Scenes<'_>,
) -> Value {
    let changes = changes.iter().map(|change| {
        json!({
            "action": change.action,
            "outcome": if change.refused.is_some() { "refused" } else { "applied" },
            "code": change.refused.as_ref().map(|(code, _)| code.name()),
            "message": change.refused.as_ref().map(|(_, message)| message),
            "passed": change.passed,
        })
    });
    let pieces = difference.pieces.iter().map(|piece| {
        let scene = scenes.of(piece.turn);
        let rows = piece.packets.iter().map(|row| {
            json!({
                "traffic": row.traffic.to_string(),
                "source": told(&row.source),
                "destination": told(&row.destination),
            })
        });
        let ends = |ends: &[Endpoint]| ends.iter().map(name).collect::<Vec<_>>();
        let reasons = piece
            .reasons
            .iter()
            .map(|reason| reason_json(scene, reason));
        json!({
            "turn": piece.turn.name(),
            "from": ends(&piece.from),
            "to": ends(&piece.to),
            "packets": rows.collect::<Vec<_>>(),
            "witness": piece.witness.as_ref().map(packet_json),
            "reasons": reasons.collect::<Vec<_>>(),
        })
    });
    json!({
        "schema": "pathproof.difference/1",
        "changes": changes.collect::<Vec<_>>(),
        "pieces": pieces.collect::<Vec<_>>(),
        "pairs": difference.pairs,
        "broken": broken,
    })
}
