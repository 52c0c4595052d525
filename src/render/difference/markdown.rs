//! A difference as a comment on a pull request: a line that says it all, a table, and the reasons to unfold.

use std::fmt::Write as _;

use super::Scenes;
use super::words::{causes_text, crowd_text, move_text, row_text, summary, title, why};
use crate::code::Language;
use crate::query::Turn;
use crate::verify::{Difference, Piece};

/// More pieces than this are counted, not told: a comment has an end.
const MOST: usize = 100;

/// A difference as Markdown.
#[must_use]
pub fn difference_markdown(difference: &Difference, scenes: Scenes<'_>) -> String {
    let language = scenes.new.language;
    let mut text = format!("**{}**\n", summary(difference, language));
    for moved in &difference.moves {
        let _ = writeln!(text, "\n- {}", escaped(&move_text(moved, language)));
    }
    if !difference.untold.is_empty() {
        text.push('\n');
    }
    for untold in difference.untold.iter().take(MOST) {
        let _ =
            writeln!(text, "- `{}`: {}", untold.what.replace('`', "'"), escaped(&untold.reason));
    }
    if difference.pieces.is_empty() {
        return text;
    }
    let head = match language {
        Language::English => ["", "from", "to", "packets", "due to"],
        Language::Chinese => ["", "来源", "目标", "报文", "由何变更导致"],
    };
    let due = scenes.deeds.len() > 1;
    let columns = if due { 5 } else { 4 };
    let _ = write!(text, "\n| {} |\n|{}\n", head[..columns].join(" | "), " --- |".repeat(columns));
    for piece in difference.pieces.iter().take(MOST) {
        let _ = writeln!(text, "| {} |", cells(piece, scenes, columns).join(" | "));
    }
    let more = difference.pieces.len().saturating_sub(MOST);
    if more > 0 {
        let _ = match language {
            Language::English => writeln!(text, "\n…and {more} more"),
            Language::Chinese => writeln!(text, "\n……另有 {more} 项"),
        };
    }
    let word = match language {
        Language::English => "Why",
        Language::Chinese => "原因",
    };
    let _ = write!(text, "\n<details><summary>{word}</summary>\n\n");
    for piece in difference.pieces.iter().take(MOST) {
        let ends = [&piece.from, &piece.to].map(|crowd| escaped(&crowd_text(crowd, language)));
        let _ = writeln!(text, "- {} {}", sign(piece.turn), ends.join(" → "));
        for why in why(piece, scenes) {
            let place = match why.right.as_str() {
                "" => String::new(),
                place => format!(" (`{place}`)"),
            };
            let _ = writeln!(text, "  - {}{place}", escaped(&why.words));
        }
        if let Some(witness) = &piece.witness {
            let _ = writeln!(text, "  - `{witness}`");
        }
    }
    text + "\n</details>\n"
}

fn cells(piece: &Piece, scenes: Scenes<'_>, columns: usize) -> Vec<String> {
    let language = scenes.new.language;
    let packets: Vec<String> =
        piece.packets.iter().map(|row| code(&row_text(row, language))).collect();
    let due = causes_text(&piece.causes, scenes.deeds, language).unwrap_or_default();
    let mut cells = vec![
        format!("{} {}", sign(piece.turn), title(piece.turn, language)),
        escaped(&crowd_text(&piece.from, language)),
        escaped(&crowd_text(&piece.to, language)),
        packets.join("<br>"),
        escaped(&due),
    ];
    cells.truncate(columns);
    cells
}

/// A sign beside the word, so that a long table can be scanned.
fn sign(turn: Turn) -> &'static str {
    match turn {
        Turn::Gained => "🟢",
        Turn::Lost => "🔴",
    }
}

/// Names are the user's: nothing in them is to become Markdown or HTML.
pub(in super::super) fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' => {
                safe.push('\\');
                safe.push(letter);
            }
            '\n' | '\r' => safe.push(' '),
            _ => safe.push(letter),
        }
    }
    safe
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}
