//! What `whatif` and `diff` print: gains and losses, each with its packets, what blocks them on one side and lets
//! them pass on the other, and the changes that they are due to.

mod intent;
pub(super) mod json;
mod markdown;
pub(super) mod words;

pub use intent::{intent_json, intent_markdown, intent_text};
pub use json::{Outcomes, difference_json};
pub use markdown::difference_markdown;
pub(super) use markdown::escaped;

use self::words::{
    Why, crowd_text, move_text, row_text, shift_title, summary, title, why, why_shift,
};
use super::scene::Scene;
use super::style::{BAD, DOUBT, FAINT, GOOD, Line, paragraph};
use crate::code::Language;
use crate::query::Turn;
use crate::verify::{Difference, Piece, Shift};

/// The two networks, for the words of their rules, and what was done.
#[derive(Clone, Copy)]
pub struct Scenes<'a> {
    /// Before: it explains what was blocked and is gained.
    pub old: Scene<'a>,
    /// After: it explains what is lost.
    pub new: Scene<'a>,
    /// What leads from one to the other, as people call it; none if only the two networks are known.
    pub deeds: &'a [String],
}

impl<'a> Scenes<'a> {
    /// The scene that explains why the packets of a piece do not work.
    fn blocking(self, turn: Turn) -> Scene<'a> {
        match turn {
            Turn::Gained => self.old,
            Turn::Lost => self.new,
        }
    }

    /// The scene that explains why they do.
    fn passing(self, turn: Turn) -> Scene<'a> {
        match turn {
            Turn::Gained => self.new,
            Turn::Lost => self.old,
        }
    }
}

/// A difference for people.
#[must_use]
pub fn difference_text(difference: &Difference, scenes: Scenes<'_>) -> String {
    let language = scenes.new.language;
    let mut text = String::new();
    for piece in &difference.pieces {
        text += &piece_text(piece, scenes);
    }
    for shift in &difference.shifts {
        text += &shift_text(shift, scenes);
    }
    for moved in &difference.moves {
        text += &paragraph(0, &format!("~ {}", move_text(moved, language)), "");
    }
    text += &paragraph(0, &summary(difference, language), "");
    text + &untold_text(difference, language)
}

/// What leads from one network to the other, numbered, for deeds that are not changes in the cloud's words; many are
/// only counted.
#[must_use]
pub fn deeds_text(difference: &Difference, scenes: Scenes<'_>) -> String {
    /// So many are told one by one.
    const MOST: usize = 40;
    let language = scenes.new.language;
    let count = scenes.deeds.len();
    let with = |wanted: Option<bool>| {
        let all = 0..difference.effective.len();
        all.filter(|deed| difference.effect(*deed) == wanted).count()
    };
    let (idle, open) = (with(Some(false)), with(None));
    if difference.exceeded.is_some() {
        return String::new();
    }
    if count > MOST {
        let known = match language {
            Language::English => format!("{count} changes, {idle} of them open and close nothing"),
            Language::Chinese => format!("共 {count} 项变更，其中 {idle} 项不影响任何互通"),
        };
        return match (open, language) {
            (0, _) => format!("{known}\n"),
            (_, Language::English) => format!("{known}, what {open} do is not known\n"),
            (_, Language::Chinese) => format!("{known}，{open} 项的影响不得而知\n"),
        };
    }
    let deeds = scenes.deeds.iter().zip(&difference.effective).enumerate();
    let deeds = deeds.map(|(index, (deed, _))| {
        let idle = match (difference.effect(index), language) {
            (Some(true), _) => "",
            (Some(false), Language::English) => ": opens and closes nothing",
            (Some(false), Language::Chinese) => "：不影响任何互通",
            (None, Language::English) => ": what it opens and closes is not known",
            (None, Language::Chinese) => "：它对互通的影响不得而知",
        };
        paragraph(0, &format!("{} {deed}{idle}", index + 1), "")
    });
    deeds.collect()
}

/// What was left out and may gain or lose something.
fn untold_text(difference: &Difference, language: Language) -> String {
    /// More than this are counted.
    const MOST: usize = 20;
    let mut text = String::new();
    for untold in difference.untold.iter().take(MOST) {
        let line = match language {
            Language::English => format!("not modelled: {}: {}", untold.what, untold.reason),
            Language::Chinese => format!("未建模：{}：{}", untold.what, untold.reason),
        };
        text += &paragraph(2, &line, "");
    }
    let more = difference.untold.len().saturating_sub(MOST);
    if more > 0 {
        text += &match language {
            Language::English => paragraph(2, &format!("…and {more} more"), ""),
            Language::Chinese => paragraph(2, &format!("……另有 {more} 项"), ""),
        };
    }
    text
}

fn piece_text(piece: &Piece, scenes: Scenes<'_>) -> String {
    let language = scenes.new.language;
    let (style, sign) = match piece.turn {
        Turn::Gained => (GOOD, "+"),
        Turn::Lost => (BAD, "-"),
    };
    let head = format!("{sign} {}", title(piece.turn, language));
    let mut text = Line::indented(0).styled(style, &head).end();
    let ends = [&piece.from, &piece.to].map(|crowd| crowd_text(crowd, language));
    text += &paragraph(4, &ends.join(" → "), "");
    for row in &piece.packets {
        text += &paragraph(6, &row_text(row, language), "");
    }
    text += &reasons_text(&why(piece, scenes));
    if let Some(witness) = &piece.witness {
        let word = match language {
            Language::English => "for example",
            Language::Chinese => "例如",
        };
        let line = Line::indented(4).styled(FAINT, &format!("{word} {witness}"));
        text += &line.end();
    }
    text
}

fn shift_text(shift: &Shift, scenes: Scenes<'_>) -> String {
    let language = scenes.new.language;
    let head = format!("~ {}", shift_title(language));
    let mut text = Line::indented(0).styled(DOUBT, &head).end();
    let ends = [&shift.from, &shift.to].map(|crowd| crowd_text(crowd, language));
    text += &paragraph(4, &ends.join(" → "), "");
    for row in &shift.packets {
        text += &paragraph(6, &row_text(row, language), "");
    }
    text + &reasons_text(&why_shift(shift, scenes))
}

fn reasons_text(reasons: &[Why]) -> String {
    let lines = reasons.iter().map(|why| paragraph(4, &why.words, &why.right));
    lines.collect()
}
