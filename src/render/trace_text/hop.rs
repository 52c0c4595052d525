//! One hop: number, mark, where, who decided, the rule in words, the line at the right edge; below it what
//! is rewritten, and why it is lost.

use std::net::{IpAddr, SocketAddr};

use super::super::rule::{near_miss, place_name, place_text, rule_name, rule_text};
use super::super::scene::Scene;
use super::super::screen::width;
use super::super::sentence::sentence;
use super::super::stage::stage_word;
use super::super::style::{BAD, FAINT, GOOD, Line, paragraph};
use super::super::wrap::columns;
use crate::code::Language;
use crate::model::Place;
use crate::query::{Reason, TraceStep};
use crate::space::Packet;

/// Columns at which the parts of a hop begin.
const WHERE: usize = 7;
const WHO: usize = 24;
const WHAT: usize = 48;

/// The lines of a hop.
pub(super) fn hop(
    scene: Scene<'_>,
    step: &TraceStep,
    next: Option<&TraceStep>,
    number: usize,
) -> String {
    let place = scene.step(step).map_or(String::new(), |place| scene.short(place));
    let line = opening(step, number, scene.language);
    let mut text = match &step.reason {
        Some(reason) => {
            let line = line.styled(BAD, reason.cause.code.name()).then("  ");
            let line = line.styled(FAINT, as_if(step, scene.language));
            line.right(&place).end()
        }
        None => passed(scene, step, next, line, &place),
    };
    for rewrite in rewrites(&step.packet_in, &step.packet_out, scene.language) {
        text += &Line::indented(WHERE).then(&rewrite).end();
    }
    if let Some(reason) = &step.reason {
        text += &lost(scene, reason);
    }
    text
}

/// `  1  ✓ ins-tom       `.
fn opening(step: &TraceStep, number: usize, language: Language) -> Line {
    let (style, mark) = if step.passed { (GOOD, "✓") } else { (BAD, "✗") };
    let stage = stage_word(step.stage, language);
    let place = match &step.endpoint {
        Some(endpoint) => endpoint.to_string(),
        None => stage.unwrap_or(step.stage).to_owned(),
    };
    Line::indented(2)
        .then(&number.to_string())
        .blank_to(WHERE - 2)
        .styled(style, mark)
        .blank_to(WHERE)
        .then(&place)
        .gap_to(WHO)
}

fn passed(
    scene: Scene<'_>,
    step: &TraceStep,
    next: Option<&TraceStep>,
    line: Line,
    place: &str,
) -> String {
    let (who, what) = match (&step.rule, &step.place) {
        (Some(rule), _) => (rule_name(rule), rule_text(scene.network, rule, scene.language)),
        (None, Some(place)) => (place_name(place), entry(scene, step, place)),
        (None, None) => {
            let at = step.at.as_ref();
            (at.map_or(String::new(), ToString::to_string), None)
        }
    };
    let what = what.unwrap_or_else(|| pass_word(step.stage, next, scene.language).to_owned());
    let line = if who.is_empty() { line } else { line.then(&who).gap_to(WHAT) };
    let room = line.room().saturating_sub(columns(place) + 2);
    let as_if = as_if(step, scene.language);
    let wide = columns(&what) + columns(as_if);
    if wide + 2 > room {
        let words = format!("{what}  {as_if}");
        return line.right(place).end() + &paragraph(WHERE, words.trim_end(), "");
    }
    let line = line.then(&what).then("  ").styled(FAINT, as_if);
    line.right(place).end()
}

/// The route or entry that decided; a computed route is nobody's line.
fn entry(scene: Scene<'_>, step: &TraceStep, place: &Place) -> Option<String> {
    let computed = match scene.language {
        Language::English => "propagated route",
        Language::Chinese => "自动传播的路由",
    };
    let text = place_text(scene.network, place, scene.language);
    text.or_else(|| (step.stage == "route").then(|| computed.to_owned()))
}

/// Marks a hop that is judged although the packet was stopped before.
fn as_if(step: &TraceStep, language: Language) -> &'static str {
    match (step.as_if, language) {
        (false, _) => "",
        (true, Language::English) => "(as if it had arrived)",
        (true, Language::Chinese) => "（假设报文已到达）",
    }
}

/// Why the packet is lost, and the rule that decided or came closest.
fn lost(scene: Scene<'_>, reason: &Reason) -> String {
    let semantics = reason.cause.code.rules().first().copied().unwrap_or("");
    let mut text = paragraph(WHERE, &sentence(reason, scene.language), semantics);
    if let Some(rule) = &reason.rule
        && let Some(words) = rule_text(scene.network, rule, scene.language)
    {
        let words = match scene.language {
            Language::English => format!("the rule: {words}"),
            Language::Chinese => format!("该规则：{words}"),
        };
        text += &paragraph(WHERE, &words, "");
    }
    if let Some(near) = &reason.near_miss {
        let words = near_miss(scene.network, near, &reason.witness, scene.language);
        let words = match scene.language {
            Language::English => format!("nearest: {words}"),
            Language::Chinese => format!("最接近的规则：{words}"),
        };
        let place = scene.nearest(near).map_or(String::new(), |place| scene.short(place));
        text += &paragraph(WHERE, &words, &place);
    }
    text
}

/// What a hop changes in the packet: `source 10.1.1.10 ⇒ 119.29.1.1`.
fn rewrites(before: &Packet, after: &Packet, language: Language) -> Vec<String> {
    let end = |address: IpAddr, port: u16, with_port: bool| {
        if with_port { SocketAddr::new(address, port).to_string() } else { address.to_string() }
    };
    let (source, destination) = match language {
        Language::English => ("source", "destination"),
        Language::Chinese => ("源", "目的"),
    };
    let mut lines = Vec::new();
    let was = (before.source, before.source_port);
    let is = (after.source, after.source_port);
    if was != is {
        let ports = was.1 != is.1;
        let (was, is) = (end(was.0, was.1, ports), end(is.0, is.1, ports));
        lines.push(format!("{source} {was} ⇒ {is}"));
    }
    let was = (before.destination, before.destination_port);
    let is = (after.destination, after.destination_port);
    if was != is {
        let ports = was.1 != is.1;
        let (was, is) = (end(was.0, was.1, ports), end(is.0, is.1, ports));
        lines.push(format!("{destination} {was} ⇒ {is}"));
    }
    lines
}

/// An end of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Opener,
    Receiver,
}

/// The reply at an end whose security groups have let the opening packet pass: they remember it (SG-6).
pub(super) fn remembered(scene: Scene<'_>, forward: &[TraceStep], end: End) -> String {
    let stage = match end {
        End::Opener => "security-group-egress",
        End::Receiver => "security-group-ingress",
    };
    let mut steps = forward.iter();
    let step = match end {
        End::Opener => steps.find(|step| step.stage == stage),
        End::Receiver => steps.rfind(|step| step.stage == stage),
    };
    let Some((step, group)) =
        step.filter(|step| step.passed).and_then(|step| Some((step, step.at.as_ref()?)))
    else {
        return String::new();
    };
    let place = step.endpoint.as_ref().map_or(String::new(), ToString::to_string);
    let words = match scene.language {
        Language::English => format!("reply of the connection, remembered by {group}"),
        Language::Chinese => format!("连接的回包，{group} 有状态，直接放行"),
    };
    let line = Line::indented(WHERE - 2).styled(GOOD, "✓").blank_to(WHERE).then(&place).gap_to(WHO);
    if columns(&words) > line.room() {
        return line.end() + &paragraph(WHERE, &words, "");
    }
    debug_assert!(line.room() <= width());
    line.then(&words).end()
}

/// What a stage does with a packet that it passes on, when no rule or route says it.
fn pass_word(stage: &str, next: Option<&TraceStep>, language: Language) -> &'static str {
    let [english, chinese] = match stage {
        "route" => match next.map(|next| next.stage) {
            Some("internet") => ["its own public address", "自身的公网地址"],
            _ => ["Local", "Local 路由"],
        },
        "local" | "subnet" | "classic-network" => ["delivers", "送达"],
        "classic-link" => ["carries it over", "互通"],
        "nat-gateway" => ["translates", "转换地址"],
        "public-gateway" | "forwarder" => ["forwards", "转发"],
        "site" => ["arrives", "到达"],
        "load-balancer" => ["hands it to a target", "转发到后端"],
        "endpoint-connection" => ["hands it to its target", "转发到其目标"],
        "vpc-endpoint" => ["hands it to its service", "转发到其服务"],
        "database" => ["serves the port", "提供该端口"],
        "network-acl-egress" | "network-acl-ingress" => {
            ["no filter within a subnet", "子网内不过滤"]
        }
        _ => ["passes", "通过"],
    };
    match language {
        Language::English => english,
        Language::Chinese => chinese,
    }
}
