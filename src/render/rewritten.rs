//! The headers on both sides of every device that rewrites them: a line a device for people, everything for scripts.

use serde_json::{Value, json};

use super::json::packet_json;
use super::style::paragraph;
use crate::code::Language;
use crate::query::{Translator, TranslatorKind};
use crate::space::{AddressSet, End, IntervalSet};
use crate::verify::{Header, Part, Rewritten};

/// Addresses that take more than this go by the name of their end; the JSON has them.
pub(super) const LONG: usize = 60;

/// So many alternatives are told; the JSON has them all.
const SHOWN: usize = 8;

/// One end of the headers at a place.
#[derive(Clone, Copy, PartialEq)]
struct Half<'a> {
    addresses: &'a AddressSet,
    ports: &'a IntervalSet<u16>,
}

/// What a device does to one end.
#[derive(Clone, Copy, PartialEq)]
struct Change<'a> {
    /// Which device of the way, from 0.
    position: usize,
    by: &'a Translator,
    end: End,
    before: Half<'a>,
    after: Half<'a>,
}

/// A change, and all that may come of it.
type Choice<'a> = (Change<'a>, Vec<Half<'a>>);

/// A line for each device; nothing if nothing is rewritten.
pub(super) fn rewrites_text(part: &Part, language: Language) -> String {
    let mut alternatives: Vec<Vec<Change<'_>>> = Vec::new();
    for devices in &part.rewrites {
        let changes = changes(devices);
        if !alternatives.contains(&changes) {
            alternatives.push(changes);
        }
    }
    let line = |text: &str| paragraph(8, text, "");
    if let Some(choices) = choices(&alternatives) {
        let devices = devices_text(&choices, part, language).into_iter();
        return devices.map(|device| line(&device)).collect();
    }
    let [either, or, unchanged, then] = match language {
        Language::English => ["either ", "or ", "nothing is rewritten", "; then "],
        Language::Chinese => ["要么", "要么", "不作改写", "；再"],
    };
    let mut text = String::new();
    for (index, changes) in alternatives.iter().take(SHOWN).enumerate() {
        let choices: Vec<_> = changes.iter().map(|it| (*it, vec![it.after])).collect();
        let words = match changes.as_slice() {
            [] => unchanged.to_owned(),
            _ => devices_text(&choices, part, language).join(then),
        };
        text += &line(&format!("{}{words}", if index == 0 { either } else { or }));
    }
    match alternatives.len().saturating_sub(SHOWN) {
        0 => text,
        more => text + &line(&format!("{or}{}", more_text(more, language))),
    }
}

/// What the devices of a way do, in order.
fn changes(devices: &[Rewritten]) -> Vec<Change<'_>> {
    let ends = [End::Source, End::Destination];
    let devices = devices.iter().enumerate();
    let all = devices.flat_map(|(position, device)| {
        ends.map(|end| Change {
            position,
            by: &device.by,
            end,
            before: half(&device.before, end),
            after: half(&device.after, end),
        })
    });
    all.filter(|change| change.before != change.after).collect()
}

fn half(header: &Header, end: End) -> Half<'_> {
    let (addresses, ports) = match end {
        End::Source => (&header.source, &header.source_ports),
        End::Destination => (&header.destination, &header.destination_ports),
    };
    Half { addresses, ports }
}

/// Alternatives that choose at each place for itself, as one; nothing if some combination is not among them.
fn choices<'a>(alternatives: &[Vec<Change<'a>>]) -> Option<Vec<Choice<'a>>> {
    let Some(first) = alternatives.first() else {
        return Some(Vec::new());
    };
    let from = |changes: &[Change<'a>]| {
        let changes = changes.iter();
        let from = changes.map(|it| (it.position, it.by, it.end, it.before));
        from.collect::<Vec<_>>()
    };
    if alternatives.iter().any(|other| from(other) != from(first)) {
        return None;
    }
    let mut choices = Vec::new();
    let mut combinations = 1usize;
    for (index, change) in first.iter().enumerate() {
        let mut after = Vec::new();
        for changes in alternatives {
            let it = changes[index].after;
            if !after.contains(&it) {
                after.push(it);
            }
        }
        combinations = combinations.saturating_mul(after.len());
        choices.push((*change, after));
    }
    (combinations == alternatives.len()).then_some(choices)
}

/// `at lb-1 (load balancer): destination 10.0.0.10:443 ⇒ 10.0.1.5:8443, or 10.0.1.6:8443`, device by device.
fn devices_text(choices: &[Choice<'_>], part: &Part, language: Language) -> Vec<String> {
    let devices = choices.chunk_by(|(one, _), (other, _)| one.position == other.position);
    let devices = devices.map(|ends| {
        let Translator { kind, at } = ends[0].0.by;
        let kind = kind_text(*kind, language);
        let ends = ends.iter();
        let ends: Vec<_> = ends.map(|choice| choice_text(choice, part, language)).collect();
        match language {
            Language::English => format!("at {at} ({kind}): {}", ends.join("; ")),
            Language::Chinese => format!("经 {at}（{kind}）：{}", ends.join("；")),
        }
    });
    devices.collect()
}

fn choice_text((change, after): &Choice<'_>, part: &Part, language: Language) -> String {
    let with_ports = after.iter().any(|after| after.ports != change.before.ports);
    let (source, destination, or) = match language {
        Language::English => ("source", "destination", ", or "),
        Language::Chinese => ("源", "目的", "，或 "),
    };
    let (end, name) = match change.end {
        End::Source => (source, &part.from),
        End::Destination => (destination, &part.to),
    };
    let text = |half: &Half<'_>| {
        let mut addresses = half.addresses.to_string();
        if addresses.len() > LONG {
            addresses = name.to_string();
        }
        match with_ports {
            false => addresses,
            true if addresses.contains([',', ':']) => format!("[{addresses}]:{}", half.ports),
            true => format!("{addresses}:{}", half.ports),
        }
    };
    let mut becomes: Vec<_> = after.iter().take(SHOWN).map(text).collect();
    if after.len() > SHOWN {
        becomes.push(more_text(after.len() - SHOWN, language));
    }
    format!("{end} {} ⇒ {}", text(&change.before), becomes.join(or))
}

fn more_text(count: usize, language: Language) -> String {
    match language {
        Language::English => format!("{count} more"),
        Language::Chinese => format!("另外 {count} 种"),
    }
}

fn kind_text(kind: TranslatorKind, language: Language) -> &'static str {
    let [english, chinese] = match kind {
        TranslatorKind::NatGateway => ["NAT gateway", "NAT 网关"],
        TranslatorKind::Eip => ["EIP", "弹性公网 IP"],
        TranslatorKind::PublicAddress => ["public address", "公网 IP"],
        TranslatorKind::PublicGateway => ["public gateway", "公网网关"],
        TranslatorKind::Forwarder => ["forwarder", "转发实例"],
        TranslatorKind::LoadBalancer => ["load balancer", "负载均衡"],
        TranslatorKind::VpcEndpoint => ["VPC endpoint", "终端节点"],
        TranslatorKind::DirectConnectGateway => ["Direct Connect gateway", "专线网关"],
    };
    match language {
        Language::English => english,
        Language::Chinese => chinese,
    }
}

/// All alternatives, device by device.
pub(super) fn rewrites_json(part: &Part) -> Value {
    let alternatives = part.rewrites.iter();
    let alternatives = alternatives.map(|devices| devices.iter().map(device_json).collect());
    Value::Array(alternatives.collect())
}

fn device_json(device: &Rewritten) -> Value {
    let (before, after) = (&device.before, &device.after);
    let [sent, passed_on] = [0, 1].map(|side| {
        let witness = device.witness.as_ref();
        witness.map(|sides| packet_json(&sides[side]))
    });
    json!({
        "at": device.by.at.as_str(),
        "kind": device.by.kind.name(),
        "rewritten": {
            "src": field_json(&before.source, &after.source),
            "dst": field_json(&before.destination, &after.destination),
            "source_port": field_json(&before.source_ports, &after.source_ports),
            "destination_port": field_json(&before.destination_ports, &after.destination_ports),
        },
        "before": sent,
        "after": passed_on,
    })
}

/// Every value that a field has on both sides; null if it is kept.
fn field_json<T: PartialEq + ToString>(before: &T, after: &T) -> Value {
    if before == after {
        return Value::Null;
    }
    json!({ "before": before.to_string(), "after": after.to_string() })
}
