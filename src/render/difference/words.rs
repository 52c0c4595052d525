//! The words of a difference, for every format that people read.

use std::fmt::Write as _;

use super::Scenes;
use crate::code::Language;
use crate::id::Id;
use crate::query::{Reason, Turn};
use crate::render::budget::exceeded_text;
use crate::render::number::{big, number};
use crate::render::rule::{place_name, place_text, rule_name, rule_text};
use crate::render::scene::Scene;
use crate::render::sentence::sentence;
use crate::render::several::several;
use crate::render::stage::stage_word;
use crate::space::{AddressSet, Row};
use crate::verify::{Causes, Crowd, Decider, Difference, Move, Piece, Shift};

/// So many ends of a piece are named; the rest is counted.
const NAMED: usize = 6;

/// One thing that is to be said of a piece, and the rule or line behind it.
pub(super) struct Why {
    pub(super) words: String,
    pub(super) right: String,
}

/// `GAINED`.
pub(super) fn title(turn: Turn, language: Language) -> &'static str {
    match (turn, language) {
        (Turn::Gained, Language::English) => "GAINED",
        (Turn::Gained, Language::Chinese) => "新增",
        (Turn::Lost, Language::English) => "LOST",
        (Turn::Lost, Language::Chinese) => "失去",
    }
}

pub(super) fn shift_title(language: Language) -> &'static str {
    match language {
        Language::English => "STILL BLOCKED, by something else",
        Language::Chinese => "仍被阻断，但原因不同",
    }
}

/// `vpc-shop (all 12), ins-a, ins-b`; of many sets and ends, the first ones and how many more there are.
pub(in crate::render) fn crowd_text(crowd: &Crowd, language: Language) -> String {
    let set = |name: &str, count: usize| {
        let all = number(count);
        let name = match language {
            Language::English => format!("{name} (all {all})"),
            Language::Chinese => format!("{name}（全部 {all} 个）"),
        };
        (name, count)
    };
    let everyone = match language {
        Language::English => "every endpoint",
        Language::Chinese => "所有端点",
    };
    let (sets, rest): (Vec<_>, _) = if let Some((count, rest)) = &crowd.everybody {
        (vec![set(everyone, *count)], rest)
    } else {
        let sets = crowd.sets.iter();
        let sets = sets.map(|(id, count)| set(id.as_str(), *count));
        (sets.collect(), &crowd.rest)
    };
    let rest = rest.iter().map(|(who, count)| (who.to_string(), *count));
    let all: Vec<(String, usize)> = sets.into_iter().chain(rest).collect();
    let (named, others) = all.split_at(all.len().min(NAMED));
    let mut names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
    let more = number(others.iter().map(|(_, count)| count).sum());
    let more = match language {
        Language::English => format!("… and {more} more"),
        Language::Chinese => format!("…… 另有 {more} 个"),
    };
    if !others.is_empty() {
        names.push(&more);
    }
    several(&names, language)
}

/// A row without the addresses that are the ends' own.
pub(in crate::render) fn row_text(row: &Row, language: Language) -> String {
    let mut text = in_words(row.traffic.to_string(), language);
    let [from, to] = match language {
        Language::English => ["from", "to"],
        Language::Chinese => ["来自", "发往"],
    };
    for (word, addresses) in [(from, &row.source), (to, &row.destination)] {
        if let Some(addresses) = told(addresses) {
            let _ = write!(text, " {word} {addresses}");
        }
    }
    text
}

/// Packets as the algebra writes them, with its words in a language.
pub(in crate::render) fn in_words(packets: String, language: Language) -> String {
    match (language, packets.split_once(" (source port ")) {
        (Language::Chinese, Some((before, ports))) => {
            format!("{before}（源端口 {}）", ports.trim_end_matches(')'))
        }
        (Language::English | Language::Chinese, _) => packets,
    }
}

/// Addresses, unless a pair's own address makes them a matter of course.
pub(super) fn told(addresses: &AddressSet) -> Option<String> {
    let open = [AddressSet::any(), AddressSet::any_v4(), AddressSet::any_v6()];
    (!open.contains(addresses)).then(|| addresses.to_string())
}

/// What lets the packets of a piece pass, what blocks them, and what they are due to.
pub(super) fn why(piece: &Piece, scenes: Scenes<'_>) -> Vec<Why> {
    let language = scenes.new.language;
    let passing = scenes.passing(piece.turn);
    let mut all = Vec::new();
    for decider in &piece.passed_by {
        let words = decider_text(passing, decider);
        let when = match (piece.turn, language) {
            (Turn::Gained, Language::English) => "now let through by",
            (Turn::Gained, Language::Chinese) => "现由其放行：",
            (Turn::Lost, Language::English) => "was let through by",
            (Turn::Lost, Language::Chinese) => "此前由其放行：",
        };
        let place = passing.step(&decider.step);
        let blank = match language {
            Language::English => " ",
            Language::Chinese => "",
        };
        all.push(Why {
            words: format!("{when}{blank}{words}"),
            right: place.map_or(String::new(), |place| shown(passing.short(place))),
        });
    }
    all.extend(absent(piece, language));
    let when = match (piece.turn, language) {
        (Turn::Gained, Language::English) => "was blocked",
        (Turn::Gained, Language::Chinese) => "此前被阻断",
        (Turn::Lost, Language::English) => "now blocked",
        (Turn::Lost, Language::Chinese) => "现被阻断",
    };
    all.extend(blocked(&piece.reasons, scenes.blocking(piece.turn), when));
    let due = causes_text(&piece.causes, scenes.deeds, language);
    all.extend(due.map(|words| Why { words, right: String::new() }));
    all
}

/// What blocked a shift's packets, and what does now.
pub(super) fn why_shift(shift: &Shift, scenes: Scenes<'_>) -> Vec<Why> {
    let (was, now) = match scenes.new.language {
        Language::English => ("was blocked", "now blocked"),
        Language::Chinese => ("此前被阻断", "现被阻断"),
    };
    let mut all = blocked(&shift.before, scenes.old, was);
    all.extend(blocked(&shift.after, scenes.new, now));
    all
}

/// A place, unless it is in a text that nobody sees, such as a plan in our own words.
fn shown(place: String) -> String {
    if place.starts_with('<') {
        return String::new();
    }
    place
}

/// Ends that the other network does not have.
fn absent(piece: &Piece, language: Language) -> Option<Why> {
    let mut names = Vec::new();
    if piece.absent.from {
        names.push(crowd_text(&piece.from, language));
    }
    if piece.absent.to {
        names.push(crowd_text(&piece.to, language));
    }
    let names = several(&names, language);
    let words = match (piece.turn, language) {
        _ if names.is_empty() => return None,
        (Turn::Gained, Language::English) => format!("not there before: {names}"),
        (Turn::Gained, Language::Chinese) => format!("此前不存在：{names}"),
        (Turn::Lost, Language::English) => format!("not there any more: {names}"),
        (Turn::Lost, Language::Chinese) => format!("已不存在：{names}"),
    };
    Some(Why { words, right: String::new() })
}

fn blocked(reasons: &[Reason], scene: Scene<'_>, when: &str) -> Vec<Why> {
    let mut said = Vec::new();
    let mut all = Vec::new();
    for reason in reasons {
        let words = sentence(reason, scene.language);
        if said.contains(&words) {
            continue;
        }
        let code = reason.cause.code;
        let place = scene.blame(reason);
        let rule = code.rules().first().copied().unwrap_or("");
        let colon = match scene.language {
            Language::English => ": ",
            Language::Chinese => "：",
        };
        all.push(Why {
            words: format!("{when}{colon}{code}: {words} [{rule}]"),
            right: place.map_or(String::new(), |place| shown(scene.short(place))),
        });
        said.push(words);
    }
    all
}

/// `sg-web ingress #1 accept tcp:22`, `route rtb-1 #2 10.2.0.0/16 via pcx-1`, `classic link vpc-shop`.
pub(super) fn decider_text(scene: Scene<'_>, decider: &Decider) -> String {
    let step = &decider.step;
    if let Some(rule) = &step.rule {
        let words = rule_text(scene.network, rule, scene.language).unwrap_or_default();
        return format!("{} {words}", rule_name(rule)).trim_end().to_owned();
    }
    let stage = stage_word(step.stage, scene.language).unwrap_or(step.stage);
    let (name, words) = match (&step.place, &step.at) {
        (Some(place), _) => (
            place_name(place),
            place_text(scene.network, place, scene.language).unwrap_or_default(),
        ),
        (None, Some(id)) => (id.to_string(), String::new()),
        (None, None) => (String::new(), String::new()),
    };
    let parts = [stage, &name, &words].into_iter();
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// Which of several changes a piece is due to; with one alone there is nothing to say.
pub(super) fn causes_text(causes: &Causes, deeds: &[String], language: Language) -> Option<String> {
    if deeds.len() < 2 {
        return None;
    }
    let name = |index: &usize| match deeds.get(*index) {
        Some(deed) => format!("{} {deed}", index + 1),
        None => (index + 1).to_string(),
    };
    let names =
        |indexes: &[usize]| several(&indexes.iter().map(name).collect::<Vec<_>>(), language);
    if let Some(last) = &causes.last {
        let last = name(last);
        return Some(match language {
            Language::English => format!(
                "last turned by change {last}; other changes may be needed, too: of so many, none is left out to see"
            ),
            Language::Chinese => format!(
                "最后一次改变由变更 {last} 造成；可能还需要其他变更：变更过多，未逐一排除验证"
            ),
        });
    }
    let (needed, enough) = (names(&causes.needed), names(&causes.enough));
    Some(match (causes.needed.len(), causes.enough.len(), language) {
        (0, 0, Language::English) => "due to several of the changes together".to_owned(),
        (0, 0, Language::Chinese) => "由多项变更共同导致".to_owned(),
        (1, _, Language::English) => format!("due to change {needed}"),
        (1, _, Language::Chinese) => {
            let gap = if needed.ends_with('）') { "" } else { " " };
            format!("由变更 {needed}{gap}导致")
        }
        (0, _, Language::English) => format!("due to any one of changes {enough}"),
        (0, _, Language::Chinese) => format!("以下任一变更即可导致：{enough}"),
        (_, _, Language::English) => format!("due to changes {needed}, all of them needed"),
        (_, _, Language::Chinese) => {
            let gap = if needed.ends_with('）') { "" } else { " " };
            format!("由变更 {needed}{gap}共同导致，缺一不可")
        }
    })
}

/// Which line carries a destination now, and which did.
pub(super) fn move_text(moved: &Move, language: Language) -> String {
    let names = |ids: &[Id]| {
        let names: Vec<&str> = ids.iter().map(Id::as_str).collect();
        several(&names, language)
    };
    let Move { at, to, before, after } = moved;
    let (before, after) = (names(before), names(after));
    match language {
        Language::English => format!("{to} moves from {before} to {after}, at {at}"),
        Language::Chinese => format!("{to} 由 {before} 切换到 {after}（{at}）"),
    }
}

/// The last line: how much, of how much.
pub(super) fn summary(difference: &Difference, language: Language) -> String {
    let lost = difference.pieces.iter().filter(|piece| piece.turn == Turn::Lost);
    let lost = lost.count();
    let gained = difference.pieces.len() - lost;
    let pairs = difference.pairs;
    if let Some(exceeded) = difference.exceeded {
        let why = exceeded_text(exceeded, language);
        return match language {
            Language::English => {
                format!("UNDETERMINED: what opens and what closes is not known: {why}")
            }
            Language::Chinese => format!("无法确定：互通有何变化不得而知：{why}"),
        };
    }
    let count = difference.untold.len();
    if count > 0 {
        return match (difference.pieces.is_empty(), language) {
            (true, Language::English) => format!(
                "UNDETERMINED: nothing that is modelled opens or closes; what is not modelled may ({count})"
            ),
            (true, Language::Chinese) => {
                format!("无法确定：已建模的部分没有差异，但未建模的部分可能有（{count} 项）")
            }
            (false, Language::English) => format!(
                "UNDETERMINED: {gained} gained, {lost} lost among what is modelled; what is not modelled may open or close more ({count})"
            ),
            (false, Language::Chinese) => format!(
                "无法确定：已建模的部分新增 {gained} 项，失去 {lost} 项；未建模的部分可能带来更多变化（{count} 项）"
            ),
        };
    }
    let doubtful = match (difference.doubtful, language) {
        (0, _) => String::new(),
        (count, Language::English) => {
            format!("; {count} of them hang partly on what is not modelled: undetermined there")
        }
        (count, Language::Chinese) => format!("；其中 {count} 对部分取决于未建模的对象，无法确定"),
    };
    let pairs = big(pairs);
    let words = match (difference.pieces.is_empty(), language) {
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
    words + &doubtful
}
