//! What `fix` prints: what blocks, the changes that open or close, each with all that it does beside.

mod json;
mod promise;

use super::budget::exceeded_text;
use super::check_text::verdict_word;
use super::difference::words::{crowd_text, row_text};
use super::remedy::remedy;
use super::scene::Scene;
use super::sentence::sentence;
use super::style::{BAD, DOUBT, GOOD, Line, STRONG, paragraph};
use crate::code::Language;
use crate::query::{Reason, Turn, Verdict};
use crate::verify::{ExpectationReport, Fix, FixPairs, Fixes, Goal, Piece, Stuck, Why, pairs_of};

pub use json::fix_json;
pub use promise::{Promise, no_search_text, promise_json, promise_text, promises_json};

/// So many pieces of a side effect are listed; the rest is counted, and stands in the JSON.
const LISTED: usize = 8;

/// What was found, and what people call it.
#[derive(Clone, Copy)]
pub struct FixScene<'a> {
    /// What was found.
    pub found: &'a Fixes,
    /// To open or to close.
    pub goal: Goal,
    /// Who, whom, what, as asked.
    pub asked: [&'a str; 3],
    /// The network without the changes.
    pub scene: Scene<'a>,
    /// A change in the words of scenario files.
    pub told: &'a dyn Fn(&crate::model::Change) -> String,
}

/// For people.
#[must_use]
pub fn fix_text(all: FixScene<'_>) -> String {
    let FixScene { found, scene, .. } = all;
    let mut text = headline(all);
    if found.done {
        return text;
    }
    if all.goal == Goal::Open {
        text += &blockers(found, scene);
    }
    for (letter, fix) in ('A'..).zip(&found.fixes) {
        text += &fix_of(all, &letter.to_string(), fix);
    }
    for fix in &found.rejected {
        text += &rejected(all, fix);
    }
    text += &refused(all);
    text + &last(all)
}

/// The verdict as it is.
fn headline(all: FixScene<'_>) -> String {
    let verdict = all.found.verdict;
    let style = match verdict {
        Verdict::Reachable => GOOD,
        Verdict::Unreachable => BAD,
        Verdict::Partial | Verdict::Undetermined => DOUBT,
    };
    let word = verdict_word(verdict, all.scene.language).to_uppercase();
    let [from, to, service] = all.asked;
    let line = Line::default().styled(style, &word).then("  ");
    let mut text = line.styled(STRONG, &format!("{from} → {to} {service}")).end();
    if all.found.done {
        let words = match (all.goal, all.scene.language) {
            (Goal::Open, Language::English) => "it works already: nothing has to change",
            (Goal::Open, Language::Chinese) => "已经可达，无须变更",
            (Goal::Close, Language::English) => "it is closed already: nothing has to change",
            (Goal::Close, Language::Chinese) => "已经不可达，无须变更",
        };
        text += &paragraph(2, words, "");
    }
    text
}

/// Everything that blocks now, and what no change lifts.
fn blockers(found: &Fixes, scene: Scene<'_>) -> String {
    let (now, stuck) = match scene.language {
        Language::English => ("what blocks", "not to be lifted by a change that is known here"),
        Language::Chinese => ("阻断原因", "无法通过此处已知的变更解除"),
    };
    let mut text = title(now);
    for (number, reason) in (1..).zip(&found.reasons) {
        let words = sentence(reason, scene.language);
        let place = scene.blame(reason);
        let words = format!("{number}. {}: {words}", reason.cause.code);
        text += &paragraph(2, &words, &place.map_or(String::new(), |place| scene.short(place)));
    }
    if !found.stuck.is_empty() {
        text += &title(stuck);
    }
    for stuck in found.stuck.iter().take(LISTED) {
        let name = name_of(found, &stuck.reason);
        text += &paragraph(2, &remedy(scene.network, &name, &stuck.reason, scene.language), "");
        if let Some(words) = why(stuck, scene.language) {
            text += &paragraph(4, &words, "");
        }
    }
    text
}

/// The number under which a blocker is listed.
/// A blocker's number, or its code if it is met on the way only.
fn name_of(found: &Fixes, reason: &Reason) -> String {
    let at = found.reasons.iter().position(|other| other == reason);
    at.map_or_else(|| reason.cause.code.to_string(), |at| (at + 1).to_string())
}

/// Why a blocker stays, beside what its remedy says.
fn why(stuck: &Stuck, language: Language) -> Option<String> {
    let words = match (stuck.why, language) {
        // The remedy says it.
        (Why::Platform, _) => String::new(),
        _ if stuck.reason.cause.facts.port.is_some() => String::new(),
        (Why::Unknown, Language::English) => "no change of the network does that".to_owned(),
        (Why::Unknown, Language::Chinese) => "无法通过变更网络配置实现".to_owned(),
        (Why::NothingThere, Language::English) => {
            "there is nothing in the file that a change could use for it".to_owned()
        }
        (Why::NothingThere, Language::Chinese) => "文件中没有可供变更使用的对象".to_owned(),
        (Why::Refused, Language::English) => {
            "the cloud refuses every change that could lift it".to_owned()
        }
        (Why::Refused, Language::Chinese) => "可能解除它的变更均被平台拒绝".to_owned(),
        (Why::InVain(1), Language::English) => "1 change was tried, and it stays".to_owned(),
        (Why::InVain(count), Language::English) => {
            format!("{count} changes were tried, and it stays")
        }
        (Why::InVain(count), Language::Chinese) => format!("尝试了 {count} 项变更，仍被阻断"),
    };
    let after = match (stuck.after, language) {
        (0, _) => String::new(),
        (1, Language::English) => "met after 1 change".to_owned(),
        (count, Language::English) => format!("met after {count} changes"),
        (count, Language::Chinese) => format!("在 {count} 项变更之后出现"),
    };
    let parts: Vec<&str> =
        [after.as_str(), words.as_str()].into_iter().filter(|words| !words.is_empty()).collect();
    let told = parts.join(match language {
        Language::English => "; ",
        Language::Chinese => "；",
    });
    (!told.is_empty()).then_some(told)
}

fn title(words: &str) -> String {
    format!("\n{}", Line::indented(0).styled(STRONG, words).end())
}

/// One fix: its changes as they are written, and all that they do beside what was asked.
fn fix_of(all: FixScene<'_>, letter: &str, fix: &Fix) -> String {
    let language = all.scene.language;
    let head = match (fix.changes.len(), language) {
        (1, Language::English) => format!("fix {letter}: 1 change"),
        (count, Language::English) => format!("fix {letter}: {count} changes"),
        (count, Language::Chinese) => format!("方案 {letter}：{count} 项变更"),
    };
    let line = Line::default().styled(STRONG, &head).then("  ");
    let style = if fix.aside.is_empty() { GOOD } else { DOUBT };
    let mut text = format!("\n{}", line.styled(style, &effect(all.goal, fix, language)).end());
    text += &changes(all, fix);
    text += &stand_ins(fix, language);
    for piece in fix.aside.iter().take(LISTED) {
        text += &piece_text(piece, fix, language);
    }
    let more = fix.aside.len().saturating_sub(LISTED);
    if more > 0 {
        let words = match language {
            Language::English => format!("… and {more} more, all of them in --format json"),
            Language::Chinese => format!("……另有 {more} 项，全部见 --format json"),
        };
        text += &paragraph(4, &words, "");
    }
    text + &broken(all, &fix.broken)
}

/// That addresses of the changes are none that the cloud gave.
fn stand_ins(fix: &Fix, language: Language) -> String {
    let names: Vec<String> = fix.stand_ins.iter().map(ToString::to_string).collect();
    let words = match (names.as_slice(), language) {
        ([], _) => return String::new(),
        ([one], Language::English) => {
            format!("{one} stands for the address that the cloud will give")
        }
        (_, Language::English) => {
            format!("{} stand for the addresses that the cloud will give", names.join(", "))
        }
        (_, Language::Chinese) => format!("{} 为占位，实际地址由平台分配", names.join("、")),
    };
    paragraph(4, &words, "")
}

/// Changes as they are written in a scenario file.
fn changes(all: FixScene<'_>, fix: &Fix) -> String {
    let mut text = String::new();
    for change in &fix.changes {
        for line in (all.told)(change).lines() {
            text += &Line::indented(4).then(line).end();
        }
    }
    text
}

/// `opens exactly what was asked`, or how many pairs gain and lose beside it.
fn effect(goal: Goal, fix: &Fix, language: Language) -> String {
    let FixPairs { lost, gained } = fix.pairs;
    match (fix.aside.is_empty(), goal, language) {
        (true, Goal::Open, Language::English) => {
            "opens exactly what was asked, nothing else".to_owned()
        }
        (true, Goal::Close, Language::English) => {
            "closes exactly what was asked, nothing else".to_owned()
        }
        (true, Goal::Open, Language::Chinese) => "恰好放通所问，别无影响".to_owned(),
        (true, Goal::Close, Language::Chinese) => "恰好关闭所问，别无影响".to_owned(),
        (false, _, Language::English) => {
            let pairs = |count, one: &str, many: &str| match count {
                1 => format!("1 pair of ends {one}"),
                _ => format!("{count} pairs of ends {many}"),
            };
            let mut all = Vec::new();
            all.extend((gained > 0).then(|| pairs(gained, "gains", "gain")));
            all.extend((lost > 0).then(|| pairs(lost, "loses", "lose")));
            format!("besides, {}", all.join(", "))
        }
        (false, _, Language::Chinese) => {
            format!("此外：{gained} 对端点新增互通，{lost} 对失去互通")
        }
    }
}

fn piece_text(piece: &Piece, fix: &Fix, language: Language) -> String {
    let count = pairs_of(piece, &fix.network);
    let head = match (piece.turn, language) {
        (Turn::Gained, Language::English) => "+ opens",
        (Turn::Lost, Language::English) => "- closes",
        (Turn::Gained, Language::Chinese) => "+ 新增",
        (Turn::Lost, Language::Chinese) => "- 失去",
    };
    let count = match (count, language) {
        (1, Language::English) => "1 pair".to_owned(),
        (_, Language::English) => format!("{count} pairs"),
        (_, Language::Chinese) => format!("{count} 对"),
    };
    let ends = [&piece.from, &piece.to].map(|crowd| crowd_text(crowd, language));
    let mut text = paragraph(4, &format!("{head} {}", ends.join(" → ")), &count);
    for row in &piece.packets {
        text += &paragraph(8, &row_text(row, language), "");
    }
    text
}

/// Expectations of the file that would not hold any more.
fn broken(all: FixScene<'_>, broken: &[ExpectationReport]) -> String {
    let mut text = String::new();
    for report in broken {
        let expectation = &report.expectation;
        let verdict = report.found.as_ref().map(|found| found.verdict);
        let words = [Some(expectation.want.verdict()), verdict]
            .map(|verdict| verdict.map_or("?", |one| verdict_word(one, all.scene.language)));
        let asked = format!(
            "{} → {} {}",
            expectation.from_text, expectation.to_text, expectation.service_text
        );
        let same = words[0] == words[1];
        let words = match (same, all.scene.language) {
            (true, Language::English) => {
                format!("! breaks: {asked} {}, not the way the file says", words[0])
            }
            (true, Language::Chinese) => {
                format!("! 期望不再成立：{asked} {}，但途径或原因与文件不符", words[0])
            }
            (false, Language::English) => {
                format!("! breaks: {asked} is {}, not {}", words[1], words[0])
            }
            (false, Language::Chinese) => {
                format!("! 期望不再成立：{asked} 为{}，而非{}", words[1], words[0])
            }
        };
        let place = all.scene.spot(report.span);
        text += &paragraph(4, &words, &place.map_or(String::new(), |place| all.scene.short(place)));
    }
    text
}

/// What would do and may not be done.
fn rejected(all: FixScene<'_>, fix: &Fix) -> String {
    let words = match all.scene.language {
        Language::English => "would close it, but breaks what the file expects",
        Language::Chinese => "可以关闭，但会破坏文件中的期望",
    };
    let line = Line::default().styled(BAD, "✗ ").then(words);
    let mut text = format!("\n{}", line.end());
    text += &changes(all, fix);
    text + &broken(all, &fix.broken)
}

/// What the cloud would not take.
fn refused(all: FixScene<'_>) -> String {
    let found = all.found;
    // Whoever has a way need not read about those that are closed.
    if found.refused.is_empty() || !found.fixes.is_empty() {
        return String::new();
    }
    let mut text = title(match all.scene.language {
        Language::English => "refused by the cloud",
        Language::Chinese => "平台拒绝的变更",
    });
    for refused in found.refused.iter().take(LISTED) {
        let change = (all.told)(&refused.change);
        let change: Vec<&str> = change.split_whitespace().collect();
        text += &paragraph(2, &change.join(" "), "");
        let why = refused.message.text(all.scene.language);
        text += &paragraph(4, &format!("{}: {why}", refused.code), "");
    }
    text
}

/// How many there are, and how many networks that took.
fn last(all: FixScene<'_>) -> String {
    let (fixes, tried) = (all.found.fixes.len(), all.found.tried);
    let networks = match tried {
        1 => "1 network computed".to_owned(),
        _ => format!("{tried} networks computed"),
    };
    let mut words = match (fixes, all.goal, all.scene.language) {
        (0, Goal::Open, Language::English) => format!("no fix found; {networks}"),
        (0, Goal::Close, Language::English) => {
            format!("nothing closes it without breaking an expectation; {networks}")
        }
        (0, Goal::Open, Language::Chinese) => format!("没有找到方案；共计算 {tried} 个网络"),
        (0, Goal::Close, Language::Chinese) => {
            format!("没有不破坏期望的关闭方案；共计算 {tried} 个网络")
        }
        (1, _, Language::English) => format!("1 fix, recomputed; {networks}"),
        (_, _, Language::English) => {
            format!("{fixes} fixes, each recomputed; {networks}")
        }
        (_, _, Language::Chinese) => {
            format!("{fixes} 个方案，均已重新计算验证；共计算 {tried} 个网络")
        }
    };
    if all.found.capped {
        words += match all.scene.language {
            Language::English => "; the search ended before everything was tried",
            Language::Chinese => "；搜索在穷尽之前结束",
        };
    }
    if let Some(exceeded) = all.found.exceeded {
        let why = exceeded_text(exceeded, all.scene.language);
        words += match all.scene.language {
            Language::English => "; not all could be computed: ",
            Language::Chinese => "；未能全部计算：",
        };
        words += &why;
    }
    format!("\n{}", paragraph(0, &words, ""))
}
