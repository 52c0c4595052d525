//! The answer on the first line, and what is known beyond the packet that is shown.

use std::net::SocketAddr;

use anstyle::Style;

use super::super::check_text::{verdict_word, works_text};
use super::super::remedy::same;
use super::super::scene::Scene;
use super::super::screen::width;
use super::super::sentence::sentence;
use super::super::style::{BAD, DOUBT, FAINT, GOOD, Line, STRONG, paragraph};
use super::super::wrap::{columns, wrap};
use crate::code::Language;
use crate::model::Endpoint;
use crate::query::{Direction, Reason, Verdict};
use crate::space::Packet;
use crate::verify::TraceReport;

/// `UNREACHABLE  ins-tom 10.60.5.7 → cdb-1 172.16.3.9:3306/tcp      2 blockers, both on the way there`.
pub(super) fn headline(report: &TraceReport, language: Language) -> String {
    let verdict = report.found.verdict;
    let style = verdict_style(verdict);
    let word = verdict_word(verdict, language).to_uppercase();
    let line = Line::default().styled(style, &word).then("  ");
    let ends = match (&report.shown, &report.trace) {
        (Some((from, to)), Some(trace)) => ends(from, to, &trace.packet),
        _ => format!("{} → {} {}", report.from, report.to, report.service),
    };
    if columns(&ends) > line.room() {
        return line.end() + &paragraph(2, &ends, "");
    }
    let line = line.styled(STRONG, &ends);
    let reasons = report.trace.as_ref().map_or_else(
        || report.found.reasons.clone(),
        |trace| distinct(trace.paths.iter().flat_map(|path| &path.reasons)),
    );
    line.right(&tally(&reasons, language)).end()
}

fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Reachable => GOOD,
        Verdict::Unreachable => BAD,
        Verdict::Partial | Verdict::Undetermined => DOUBT,
    }
}

/// `ins-tom 10.60.5.7 → cdb-1 172.16.3.9:3306/tcp`.
pub(in super::super) fn ends(from: &Endpoint, to: &Endpoint, packet: &Packet) -> String {
    let named = |end: &Endpoint, bare: String, full: String| {
        let name = end.to_string();
        if name.contains(&bare) {
            name + &full[bare.len().min(full.len())..]
        } else {
            format!("{name} {full}")
        }
    };
    let (source, destination) = (packet.source.to_string(), packet.destination.to_string());
    let full = if packet.protocol.has_ports() {
        SocketAddr::new(packet.destination, packet.destination_port).to_string()
    } else {
        destination.clone()
    };
    format!(
        "{} → {}/{}",
        named(from, source.clone(), source),
        named(to, destination, full),
        packet.protocol
    )
}

/// Each reason once.
fn distinct<'a>(reasons: impl Iterator<Item = &'a Reason>) -> Vec<Reason> {
    let mut seen: Vec<Reason> = Vec::new();
    for reason in reasons {
        if !seen.iter().any(|other| same(other, reason)) {
            seen.push(reason.clone());
        }
    }
    seen
}

/// `2 blockers, both on the way there`.
fn tally(reasons: &[Reason], language: Language) -> String {
    let all = reasons.len();
    let back = reasons.iter().filter(|reason| reason.direction == Direction::Return);
    let back = back.count();
    let there = all - back;
    match language {
        Language::English => match (all, there, back) {
            (0, _, _) => String::new(),
            (1, 1, _) => "1 blocker, on the way there".to_owned(),
            (1, ..) => "1 blocker, on the way back".to_owned(),
            (2, 2, _) => "2 blockers, both on the way there".to_owned(),
            (2, _, 2) => "2 blockers, both on the way back".to_owned(),
            (_, _, 0) => format!("{all} blockers, all on the way there"),
            (_, 0, _) => format!("{all} blockers, all on the way back"),
            _ => format!("{all} blockers: {there} on the way there, {back} on the way back"),
        },
        Language::Chinese => match (all, there, back) {
            (0, _, _) => String::new(),
            (_, _, 0) => format!("{all} 处阻断，均在去程"),
            (_, 0, _) => format!("{all} 处阻断，均在回程"),
            _ => format!("{all} 处阻断：去程 {there}，回程 {back}"),
        },
    }
}

/// What is known beyond the packet that is shown, and where the files are.
pub(super) fn remarks(scene: Scene<'_>, report: &TraceReport) -> String {
    let found = &report.found;
    let language = scene.language;
    let english = language == Language::English;
    let mut text = String::new();
    if found.verdict == Verdict::Partial {
        let mut works = works_text(found, language);
        if let Some(working) = &found.working {
            works.push_str(if english { "; for example " } else { "；例如 " });
            works.push_str(&working.packet.to_string());
        }
        text += &paragraph(2, &works, "");
    }
    if found.verdict == Verdict::Undetermined || report.trace.is_none() {
        for reason in &found.reasons {
            let semantics = reason.cause.code.rules().first().copied().unwrap_or("");
            text += &paragraph(2, &sentence(reason, language), semantics);
        }
    }
    let mut shown = Vec::new();
    if found.pairs > 1 {
        shown.push(if english {
            format!("shown: 1 of {} pairs", found.pairs)
        } else {
            format!("仅显示 {} 对中的 1 对", found.pairs)
        });
    }
    if found.verdict == Verdict::Partial && report.trace.is_some() {
        let words = if english {
            "shown: a packet that is lost"
        } else {
            "所示为一个被丢弃的报文"
        };
        shown.push(words.to_owned());
    }
    if let Some(path) = scene.shortened() {
        shown.push(if english { format!("in {path}") } else { format!("文件 {path}") });
    }
    if !shown.is_empty() {
        let shown = shown.join(if english { "; " } else { "；" });
        for line in wrap(&shown, width() - 2) {
            text += &Line::indented(2).styled(FAINT, &line).end();
        }
    }
    text
}
