//! What `mutate` prints: the mutants that nobody noticed, each with what it opens and closes and the expectation that would
//! have noticed, and the count of all.

mod json;
mod suggest;

use super::case::counted;
use super::difference::words::{crowd_text, row_text};
use super::rule::place_name;
use super::scene::{Scene, Spot};
use super::style::{BAD, DOUBT, FAINT, GOOD, Line, STRONG, paragraph};
use crate::code::Language;
use crate::model::Change;
use crate::mutate::{Fate, Fated, Mutation, Tally, Thing};
use crate::query::Turn;
use crate::verify::Piece;

pub(super) use json::rounded;
pub use json::{Named, mutate_json};
pub use suggest::{suggested_file, suggested_text};

/// So many pieces of what a mutant opens and closes are listed; the rest is counted, and stands in the JSON.
const LISTED: usize = 4;

/// The mutants of a file, and what is needed to speak of them.
#[derive(Clone, Copy)]
pub struct MutationScene<'a> {
    /// The file that was asked for.
    pub path: &'a str,
    /// Its network without any change.
    pub scene: Scene<'a>,
    /// What is mutated.
    pub things: &'a [Thing],
    /// What became of the mutants.
    pub mutation: &'a Mutation,
    /// A change in the words of scenario files.
    pub told: &'a dyn Fn(&Change) -> String,
}

impl<'a> MutationScene<'a> {
    fn thing(&self, fated: &Fated) -> &'a Thing {
        &self.things[fated.thing]
    }

    /// Where the thing stands that was mutated.
    fn spot(&self, fated: &Fated) -> Option<Spot<'a>> {
        self.scene.find(&self.thing(fated).place)
    }

    /// What was done as one text that `whatif --change` takes.
    fn change(&self, fated: &Fated) -> String {
        let changes: Vec<String> = fated.mutant.changes.iter().map(self.told).collect();
        match changes.as_slice() {
            [one] => one.clone(),
            several => {
                let lines =
                    several.iter().map(|one| format!("    {},\n", one.replace('\n', "\n    ")));
                format!("[\n{}]", lines.collect::<String>())
            }
        }
    }

    /// `sg-web ingress #1`.
    fn name(&self, fated: &Fated) -> String {
        place_name(&self.thing(fated).place)
    }
}

/// How much is said beside the survivors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Survivors, and what is redundant.
    Usual,
    /// Every mutant.
    All,
}

/// The mutants of a file for people.
#[must_use]
pub fn mutate_text(all: MutationScene<'_>, detail: Detail) -> String {
    let mut text = String::new();
    for fated in &all.mutation.mutants {
        let is_told = match &fated.fate {
            Fate::Survived { .. } | Fate::Undetermined(_) => true,
            Fate::Killed(_) | Fate::Equivalent | Fate::Refused(..) => detail == Detail::All,
        };
        if is_told {
            text += &mutant(all, fated);
        }
    }
    text
}

/// A mutant, with what became of it.
pub(super) fn mutant(all: MutationScene<'_>, fated: &Fated) -> String {
    let language = all.scene.language;
    let (style, word) = match (&fated.fate, language) {
        (Fate::Killed(_), Language::English) => (GOOD, "killed"),
        (Fate::Killed(_), Language::Chinese) => (GOOD, "已发现"),
        (Fate::Survived { .. }, Language::English) => (BAD, "SURVIVED"),
        (Fate::Survived { .. }, Language::Chinese) => (BAD, "未发现"),
        (Fate::Equivalent, Language::English) => (FAINT, "redundant"),
        (Fate::Equivalent, Language::Chinese) => (FAINT, "冗余"),
        (Fate::Refused(..), Language::English) => (FAINT, "refused"),
        (Fate::Refused(..), Language::Chinese) => (FAINT, "被拒绝"),
        (Fate::Undetermined(_), Language::English) => (DOUBT, "undetermined"),
        (Fate::Undetermined(_), Language::Chinese) => (DOUBT, "无法判断"),
    };
    let spot = all.spot(fated).map_or(String::new(), |spot| all.scene.short(spot));
    let turned = fated.mutant.turned.as_ref();
    let turned = turned.map_or(String::new(), |(was, is)| format!("  {was} → {is}"));
    let name = all.name(fated);
    let mut text = Line::indented(2)
        .styled(style, word)
        .then(&format!("  {}  {name}{turned}", fated.mutant.operator.name()))
        .right(&spot)
        .end();
    match &fated.fate {
        Fate::Killed(spans) => {
            let lines = spans.iter().filter_map(|span| all.scene.spot(*span));
            let lines: Vec<String> = lines.map(|spot| spot.line.to_string()).collect();
            text += &match language {
                Language::English => paragraph(6, &format!("by line {}", lines.join(", ")), ""),
                Language::Chinese => {
                    paragraph(6, &format!("发现者：第 {} 行", lines.join("、")), "")
                }
            };
        }
        Fate::Survived { pieces, killer } => {
            text += &effects(pieces, language);
            text += &labelled(language, ("change", "变更"), &all.change(fated));
            match (killer, language) {
                (Some(killer), _) => {
                    text += &labelled(language, ("add", "添加"), &killer.to_string());
                }
                (None, Language::English) => {
                    text += &paragraph(6, "no single expectation tells it", "");
                }
                (None, Language::Chinese) => {
                    text += &paragraph(6, "没有单条期望能够发现它", "");
                }
            }
        }
        Fate::Refused(code, message) => {
            text += &paragraph(6, &format!("{code}: {}", message.text(language)), "");
        }
        Fate::Equivalent | Fate::Undetermined(_) => {}
    }
    text
}

/// A text on lines of its own that is to be taken as it is: it is not wrapped.
fn labelled(language: Language, (english, chinese): (&str, &str), text: &str) -> String {
    let label = match language {
        Language::English => english,
        Language::Chinese => chinese,
    };
    let text = text.replace('\n', "\n              ");
    let line = Line::indented(6).styled(STRONG, label).gap_to(14);
    line.then(&text).end()
}

/// What a mutant opens and closes.
fn effects(pieces: &[Piece], language: Language) -> String {
    let mut text = String::new();
    for piece in pieces.iter().take(LISTED) {
        let word = match (piece.turn, language) {
            (Turn::Gained, Language::English) => "opens",
            (Turn::Gained, Language::Chinese) => "放通",
            (Turn::Lost, Language::English) => "closes",
            (Turn::Lost, Language::Chinese) => "阻断",
        };
        let (from, to) = (crowd_text(&piece.from, language), crowd_text(&piece.to, language));
        let rows: Vec<String> = piece.packets.iter().map(|row| row_text(row, language)).collect();
        let witness = piece.witness.map_or(String::new(), |packet| match language {
            Language::English => format!("e.g. {packet}"),
            Language::Chinese => format!("例如 {packet}"),
        });
        let words = format!("{word} {from} → {to}: {}", rows.join("; "));
        text += &paragraph(6, &words, "");
        text += &paragraph(14, &witness, "");
    }
    if pieces.len() > LISTED {
        let more = pieces.len() - LISTED;
        text += &match language {
            Language::English => paragraph(6, &format!("… and {more} more"), ""),
            Language::Chinese => paragraph(6, &format!("…… 另有 {more} 处"), ""),
        };
    }
    text
}

/// The last line: how many there were, and what became of them.
#[must_use]
pub fn tally_text(tally: &Tally, language: Language) -> String {
    let Tally { mutants, killed, survived, equivalent, refused, undetermined } = tally;
    let score = tally.score();
    let mut text = match language {
        Language::English => format!(
            "{}: {killed} killed, {survived} survived, {equivalent} redundant, {refused} refused",
            counted(*mutants, "mutant")
        ),
        Language::Chinese => format!(
            "{mutants} 个变异：{killed} 个被发现，{survived} 个未被发现，{equivalent} 个冗余，{refused} 个被拒绝"
        ),
    };
    if *undetermined > 0 {
        let told = match language {
            Language::English => format!(", {undetermined} undetermined"),
            Language::Chinese => format!("，{undetermined} 个无法判断"),
        };
        text.push_str(&told);
    }
    if let Some(score) = score {
        let told = match language {
            Language::English => format!("; {score:.1} % of those that matter were noticed"),
            Language::Chinese => format!("；有影响的变异中 {score:.1}% 被发现"),
        };
        text.push_str(&told);
    }
    paragraph(0, &text, "")
}
