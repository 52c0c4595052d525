//! What `reach` prints: packets that work and packets that do not, with their blockers.

use serde_json::{Value, json};

use super::budget::{exceeded_json, exceeded_text};
use super::check_text::verdict_word;
use super::csv::csv_line;
use super::difference::words::{crowd_text, in_words, row_text};
use super::json::{packet_json, reason_json};
use super::number::{big, number};
use super::rewritten::{LONG, rewrites_json, rewrites_text};
use super::scene::Scene;
use super::sentence::sentence;
use super::style::{BAD, DOUBT, GOOD, Line, paragraph};
use crate::code::{Code, CodeKind, Language};
use crate::id::Id;
use crate::model::Endpoint;
use crate::query::Direction;
use crate::space::{AddressSet, Protocol, Row};
use crate::verify::{Bundle, Overview, Part, Reached, Stop};

/// So many groups of pairs are told one by one; of more, only what works and what blocks.
const MOST: usize = 12;

/// So many objects that block are named.
const PLACES: usize = 6;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Of many groups of pairs: which work, and what blocks the others.
    Summary,
    /// Every group of pairs, and exactly its packets.
    Whole,
}

/// For people.
#[must_use]
pub fn reach_text(
    reached: &Reached,
    overview: &Overview<'_>,
    detail: Detail,
    scene: Scene<'_>,
) -> String {
    let language = scene.language;
    let mut text = heading(reached, overview, language);
    if let Some(exceeded) = reached.exceeded {
        let why = exceeded_text(exceeded, language);
        text += &paragraph(2, &format!("{}: {why}", Code::BudgetExceeded), "");
    }
    let many = overview.works.len() + overview.blocked.len() > MOST;
    if many && detail == Detail::Summary {
        return text + &summary_text(overview, scene);
    }
    let works = overview.works.iter();
    let blocked = overview.blocked.iter();
    let bundles = works.chain(blocked);
    text + &bundles.map(|bundle| bundle_text(bundle, scene)).collect::<String>()
}

/// The verdict, and what became of how many pairs.
fn heading(reached: &Reached, overview: &Overview<'_>, language: Language) -> String {
    let verdict = verdict_word(reached.verdict, language).to_uppercase();
    let [whole, part, none] = overview.pairs;
    let all = whole + part + none;
    if all < 2 {
        return paragraph(0, &verdict, "");
    }
    let [all, whole, part, none] = [all, whole, part, none].map(big);
    let told = match language {
        Language::English => format!(
            "{verdict}  {all} pairs of ends: {whole} work wholly, {part} in part, {none} not at all"
        ),
        Language::Chinese => {
            format!("{verdict}  共 {all} 对：完全可通 {whole}，部分可通 {part}，完全不通 {none}")
        }
    };
    paragraph(0, &told, "")
}

/// What works, and what blocks: of so many groups of pairs that nobody would read them all.
fn summary_text(overview: &Overview<'_>, scene: Scene<'_>) -> String {
    let language = scene.language;
    let mut text = String::new();
    let mut works: Vec<&Bundle<'_>> = overview.works.iter().collect();
    works.sort_by_key(|bundle| std::cmp::Reverse(bundle.pairs));
    for bundle in works.iter().take(MOST) {
        text += &bundle_text(bundle, scene);
    }
    let more = works.iter().skip(MOST);
    let left: u128 = more.clone().map(|bundle| bundle.pairs).sum();
    if left > 0 {
        let [groups, left] = [more.count() as u128, left].map(big);
        let more = match language {
            Language::English => format!("… and {groups} more groups with {left} pairs"),
            Language::Chinese => format!("……另有 {groups} 组，共 {left} 对"),
        };
        text += &paragraph(4, &more, "");
    }
    let title = match language {
        Language::English => "✗ what blocks",
        Language::Chinese => "✗ 阻断原因",
    };
    text += &Line::indented(2).styled(BAD, title).end();
    for (index, stop) in overview.stops.iter().enumerate() {
        text += &stop_text(index + 1, stop, scene);
    }
    let [parts, groups] = [&overview.works, &overview.blocked].map(Vec::len);
    let groups = number(parts + groups);
    let hint = match language {
        Language::English => format!(
            "-v tells all {groups} groups of pairs with exactly their packets, --format json and csv every pair"
        ),
        Language::Chinese => {
            format!("-v 列出全部 {groups} 组及其确切报文，--format json 和 csv 列出每一对")
        }
    };
    text + &paragraph(2, &hint, "")
}

fn stop_text(index: usize, stop: &Stop<'_>, scene: Scene<'_>) -> String {
    let language = scene.language;
    let rule = stop.code.rules().first().copied().unwrap_or("");
    let pairs = big(stop.pairs);
    let word = if stop.pairs == 1 { "pair" } else { "pairs" };
    let replies = stop.direction == Direction::Return;
    let head = match (language, replies) {
        (Language::English, false) => format!("{index}. {}: {pairs} {word}", stop.code),
        (Language::English, true) => format!("{index}. {}: replies of {pairs} {word}", stop.code),
        (Language::Chinese, false) => format!("{index}. {}：{pairs} 对", stop.code),
        (Language::Chinese, true) => format!("{index}. {}：回包，{pairs} 对", stop.code),
    };
    let mut text = paragraph(4, &head, rule);
    let [from, to] = [&stop.from, &stop.to].map(|crowd| crowd_text(crowd, language));
    text += &paragraph(7, &format!("{from} → {to}"), "");
    if stop.at.len() > 1 {
        let named: Vec<&str> = stop.at.iter().take(PLACES).map(Id::as_str).collect();
        let more = number(stop.at.len() - named.len());
        let named = named.join(match language {
            Language::English => ", ",
            Language::Chinese => "、",
        });
        let all_named = stop.at.len() <= PLACES;
        let told = match (language, all_named) {
            (Language::English, true) => format!("at {named}"),
            (Language::English, false) => format!("at {named} and {more} more"),
            (Language::Chinese, true) => format!("位于 {named}"),
            (Language::Chinese, false) => format!("位于 {named} 等，另有 {more} 处"),
        };
        text += &paragraph(7, &told, "");
    }
    let said = sentence(stop.example, language);
    let said = match (stop.pairs, language) {
        (1, _) => said,
        (_, Language::English) => format!("for example: {said}"),
        (_, Language::Chinese) => format!("例如：{said}"),
    };
    let place = scene.blame(stop.example);
    text + &paragraph(7, &said, &place.map_or(String::new(), |place| scene.short(place)))
}

/// Pairs with one fate: who, which packets, what is rewritten, what blocks.
fn bundle_text(bundle: &Bundle<'_>, scene: Scene<'_>) -> String {
    let language = scene.language;
    let part = bundle.example;
    let mut reasons = part.reasons.iter();
    let is_open = reasons.any(|it| it.cause.code.kind() == CodeKind::Undetermined);
    let (style, words) = match (part.reasons.is_empty(), is_open, language) {
        (true, _, Language::English) => (GOOD, "✓ works"),
        (true, _, Language::Chinese) => (GOOD, "✓ 可通"),
        (_, true, Language::English) => (DOUBT, "? undecided"),
        (_, true, Language::Chinese) => (DOUBT, "? 未决"),
        (_, false, Language::English) => (BAD, "✗ blocked"),
        (_, false, Language::Chinese) => (BAD, "✗ 阻断"),
    };
    let mut text = Line::indented(2).styled(style, words).end();
    let [from, to] = [&bundle.from, &bundle.to].map(|crowd| crowd_text(crowd, language));
    text += &paragraph(4, &format!("{from} → {to}"), "");
    if bundle.pairs == 1 {
        text += &packets_text(part, &bundle.packets, language);
    } else {
        for row in &bundle.packets {
            text += &paragraph(6, &row_text(row, language), "");
        }
    }
    text += &rewrites_text(part, language);
    for (index, reason) in part.reasons.iter().enumerate() {
        let said = sentence(reason, language);
        let rule = reason.cause.code.rules().first().copied().unwrap_or("");
        let code = reason.cause.code;
        text += &paragraph(6, &format!("{}. {code}: {said}", index + 1), rule);
    }
    text
}

/// The packets of one pair, as they are sent: with its addresses, but for those of an end that has many.
fn packets_text(part: &Part, rows: &[Row], language: Language) -> String {
    let mut text = String::new();
    for (row, general) in part.packets.iter().zip(rows) {
        let mut line = row.to_string();
        let ends = [
            (&row.source, &general.source, &part.from),
            (&row.destination, &general.destination, &part.to),
        ];
        for (addresses, general, end) in ends {
            let written = addresses.to_string();
            let is_whole = *general == AddressSet::any() && *end == Endpoint::Internet;
            if is_whole || written.len() > LONG {
                let name = end.to_string();
                line = line.replace(&format!("[{written}]"), &name);
                line = line.replace(&written, &name);
            }
        }
        text += &paragraph(6, &in_words(line, language), "");
    }
    text
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
        let reasons = blocked.reasons.iter().map(|reason| reason_json(scene, reason));
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

/// For spreadsheets: a line for each row of packets of each pair, in full.
#[must_use]
pub fn reach_csv(reached: &Reached) -> String {
    let heads = [
        "from",
        "to",
        "fate",
        "protocol",
        "src",
        "dst",
        "source_port",
        "destination_port",
        "reasons",
    ];
    let works = reached.works.iter().map(|part| (part, "works"));
    let blocked = reached.blocked.iter().map(|part| (part, "blocked"));
    let mut text = csv_line(heads);
    for (part, fate) in works.chain(blocked) {
        let [from, to] = [&part.from, &part.to].map(ToString::to_string);
        let codes = part.reasons.iter().map(|reason| reason.cause.code.name());
        let codes = codes.collect::<Vec<_>>().join(" ");
        for row in &part.packets {
            let row = row_json(row);
            let field = |name: &str| row[name].as_str().unwrap_or_default();
            let ends = [from.as_str(), &to, fate];
            let packets = ["protocol", "src", "dst", "source_port", "destination_port"].map(field);
            text += &csv_line(ends.into_iter().chain(packets).chain([codes.as_str()]));
        }
    }
    text
}

/// Ports are null for protocols that have none.
fn row_json(row: &Row) -> Value {
    let ports = [Protocol::TCP, Protocol::UDP];
    let has_ports = ports.iter().any(|protocol| row.traffic.has_protocol(*protocol));
    let protocols = row.traffic.protocols.ranges().map(|(low, high)| {
        if low == high { Protocol(low).to_string() } else { format!("{low}-{high}") }
    });
    json!({
        "protocol": protocols.collect::<Vec<_>>().join(","),
        "src": row.source.to_string(),
        "dst": row.destination.to_string(),
        "source_port": has_ports.then(|| row.traffic.source_ports.to_string()),
        "destination_port": has_ports.then(|| row.traffic.destination_ports.to_string()),
    })
}
