//! `failures` for people: what breaks most first, and what breaks the same together.

use super::{BreakTold, DownTold, EntryTold, FailuresTold, PromiseTold, kind_name};
use crate::code::Language;
use crate::model::Failing;
use crate::query::Verdict;
use crate::render::budget::exceeded_text;
use crate::render::case::counted;
use crate::render::check_text::verdict_word;
use crate::render::screen::width;
use crate::render::several::several;
use crate::render::style::{BAD, DOUBT, FAINT, GOOD, Line, STRONG, paragraph};
use crate::render::wrap::columns;
use crate::verify::Outcome;

/// So many failures that break the same are named; the rest is counted.
const NAMED: usize = 8;

/// The whole answer.
#[must_use]
pub fn failures_text(told: &FailuresTold, language: Language) -> String {
    let mut text = amiss_text(told, language);
    let mut entries = told.entries.as_slice();
    while let Some(first) = entries.first() {
        let same = entries.iter().take_while(|entry| breaks_the_same(entry, first));
        let (alike, rest) = entries.split_at(same.count());
        text += &entries_text(told, alike, language);
        entries = rest;
    }
    for open in &told.open {
        let promise = question(&told.promises[open.promise]);
        let why = exceeded_text(open.exceeded, language);
        let down = names(&[&open.down], language);
        let line = match language {
            Language::English => format!("not known with {down} down: {promise}: {why}"),
            Language::Chinese => format!("{down} 故障时无法判断：{promise}：{why}"),
        };
        text += &Line::indented(0).styled(DOUBT, "? ").then(&line).end();
    }
    text + &summary(told, language)
}

/// Whether two stand side by side under one head: as many at once, of the same kinds, and what breaks is the same.
fn breaks_the_same(entry: &EntryTold, first: &EntryTold) -> bool {
    let kinds =
        |entry: &EntryTold| -> Vec<Failing> { entry.down.iter().map(|down| down.kind).collect() };
    entry.is_end == first.is_end && kinds(entry) == kinds(first) && entry.breaks == first.breaks
}

/// `ins-a → ins-b tcp:443`, with the name in front if there is one.
fn question(promise: &PromiseTold) -> String {
    let asked = format!("{} → {} {}", promise.from, promise.to, promise.service);
    match &promise.name {
        Some(name) => format!("{name}: {asked}"),
        None => asked,
    }
}

/// What is amiss before anything is down.
fn amiss_text(told: &FailuresTold, language: Language) -> String {
    let amiss: Vec<&PromiseTold> = told.amiss().collect();
    if amiss.is_empty() {
        return String::new();
    }
    let head = match language {
        Language::English => format!(
            "before anything is down, {} of {} already fail:",
            amiss.len(),
            counted(told.promises.len(), "promise")
        ),
        Language::Chinese => format!(
            "在发生任何故障之前，{} 条期望中已有 {} 条不成立：",
            told.promises.len(),
            amiss.len()
        ),
    };
    let mut text = Line::indented(0).styled(BAD, &head).end();
    for promise in amiss {
        let place = format!("{}:{}", promise.file, promise.line);
        text += &paragraph(2, &question(promise), &place);
    }
    text.push('\n');
    text
}

/// Failures that break the same, and what they break.
fn entries_text(told: &FailuresTold, alike: &[EntryTold], language: Language) -> String {
    let Some(first) = alike.first() else {
        return String::new();
    };
    let downs: Vec<&[DownTold]> = alike.iter().map(|entry| entry.down.as_slice()).collect();
    let note = match (first.down.len(), alike.len(), language) {
        (1, 1, _) => "",
        (1, _, Language::English) => ", each alone",
        (1, _, Language::Chinese) => "，各自单独故障",
        (_, _, Language::English) => ", at once; neither alone breaks this",
        (_, _, Language::Chinese) => "，同时故障；单独故障不会破坏",
    };
    let kinds: Vec<String> = first.down.iter().map(|down| kind_word(down.kind, language)).collect();
    let kinds = kinds.join(" + ");
    let (name, rest) = (names(&downs, language), format!("{kinds}{note}"));
    let mut text = if columns(&name) + 2 + columns(&rest) <= width() {
        let line = Line::indented(0).styled(STRONG, &name);
        line.then(&format!("  {rest}")).end()
    } else {
        let lines = paragraph(0, &name, "");
        let lines = lines.lines();
        let strong = lines.map(|line| Line::indented(0).styled(STRONG, line).end());
        strong.collect::<String>() + &paragraph(2, &rest, "")
    };
    for broken in &first.breaks {
        text += &break_text(told, broken, language);
    }
    text.push('\n');
    text
}

/// `nat-1`, `ins-a, ins-b`, `vpnx-1 + vpnx-2`.
fn names(downs: &[&[DownTold]], language: Language) -> String {
    let name = |down: &&[DownTold]| {
        let ids: Vec<&str> = down.iter().map(|one| one.id.as_str()).collect();
        ids.join(" + ")
    };
    let mut all: Vec<String> = downs.iter().take(NAMED).map(name).collect();
    if downs.len() > NAMED {
        let more = downs.len() - NAMED;
        all.push(match language {
            Language::English => format!("… and {more} more"),
            Language::Chinese => format!("…… 另有 {more} 项"),
        });
    }
    several(&all, language)
}

fn kind_word(kind: Failing, language: Language) -> String {
    match (kind, language) {
        (_, Language::English) => kind_name(kind).to_owned(),
        (Failing::Attachment, Language::Chinese) => "云联网实例绑定".to_owned(),
        (Failing::Link, Language::Chinese) => "基础网络互通".to_owned(),
        (Failing::Entity(kind), Language::Chinese) => kind.chinese().to_owned(),
    }
}

fn break_text(told: &FailuresTold, broken: &BreakTold, language: Language) -> String {
    let promise = &told.promises[broken.promise];
    let place = format!("{}:{}", promise.file, promise.line);
    let verdicts =
        [Verdict::Reachable, Verdict::Unreachable, Verdict::Partial, Verdict::Undetermined];
    let word = |name: &str| {
        let mut verdicts = verdicts.into_iter();
        let verdict = verdicts.find(|verdict| verdict.name() == name);
        verdict.map_or(String::new(), |verdict| verdict_word(verdict, language).to_owned())
    };
    let (expected, found) = (word(promise.expected), broken.verdict.map(word));
    let asked = question(promise);
    let is = match (found, broken.outcome, language) {
        (_, Outcome::Vacuous, Language::English) => "speaks of nobody".to_owned(),
        (_, Outcome::Vacuous, Language::Chinese) => "未涉及任何对象".to_owned(),
        (Some(found), _, Language::English) if found == expected => {
            format!("is {found}, but not as it should be")
        }
        (Some(found), _, Language::Chinese) if found == expected => {
            format!("{found}，但与期望不符")
        }
        (Some(found), _, Language::English) => format!("is {found}, should be {expected}"),
        (Some(found), _, Language::Chinese) => format!("{found}，应{expected}"),
        (None, _, Language::English) => "cannot be asked".to_owned(),
        (None, _, Language::Chinese) => "无法提问".to_owned(),
    };
    let why = if broken.reasons.is_empty() {
        String::new()
    } else {
        match language {
            Language::English => format!(" ({})", broken.reasons.join(", ")),
            Language::Chinese => format!("（{}）", broken.reasons.join("、")),
        }
    };
    paragraph(2, &format!("✗ {asked} {is}{why}"), &place)
}

/// How many things were tried, and what came of it.
fn summary(told: &FailuresTold, language: Language) -> String {
    let held = told.held().count();
    let (alone, two) = told.tried;
    let count = |fail: usize, is_end: bool| {
        let entries = told.entries.iter();
        let such = entries.filter(|entry| entry.down.len() == fail && entry.is_end == is_end);
        such.count()
    };
    let (points, ends) = (count(1, false), count(1, true));
    let pairs = count(2, false) + count(2, true);
    let mut broken: Vec<usize> =
        told.entries.iter().flat_map(|entry| entry.breaks.iter().map(|one| one.promise)).collect();
    broken.sort_unstable();
    broken.dedup();
    let broken = broken.len();
    let mut parts = Vec::new();
    match language {
        Language::English => {
            let points = counted(points, "single point");
            parts.push(format!(
                "{points} of failure among {alone}; {broken} of {} can break",
                counted(held, "promise")
            ));
            if ends > 0 {
                let ends = counted(ends, "machine");
                parts.push(format!("{ends} only for promises about themselves"));
            }
            if told.at_once > 1 {
                parts.push(format!("{pairs} of {} break more", counted(two, "pair")));
            }
            if told.failed > 0 {
                parts.push(format!("{} down before", told.failed));
            }
            if told.groups > 0 {
                let groups = counted(told.groups, "instance group");
                parts.push(format!("members of {groups} cannot fail one by one"));
            }
        }
        Language::Chinese => {
            parts.push(format!(
                "{alone} 项可能的故障中有 {points} 个单点；{held} 条期望中有 {broken} 条不再成立"
            ));
            if ends > 0 {
                parts.push(format!("{ends} 台机器只关系到涉及其自身的期望"));
            }
            if told.at_once > 1 {
                parts.push(format!("{two} 对同时故障中另有 {pairs} 对造成破坏"));
            }
            if told.failed > 0 {
                parts.push(format!("{} 项此前已故障", told.failed));
            }
            if told.groups > 0 {
                parts.push(format!("{} 个实例组的成员不能单独故障", told.groups));
            }
        }
    }
    let text = parts.join(match language {
        Language::English => "; ",
        Language::Chinese => "；",
    });
    let (style, sign) = if told.is_good() { (GOOD, "✓ ") } else { (FAINT, "") };
    let lines = paragraph(0, &format!("{sign}{text}"), "");
    let lines = lines.lines().map(|line| Line::indented(0).styled(style, line).end());
    lines.collect()
}
