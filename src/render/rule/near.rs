//! The near miss: the accept rule that came closest, part by part.

use super::rule_text;
use crate::code::Language;
use crate::model::Network;
use crate::query::{ListName, NearMiss};
use crate::space::{Packet, Part};

/// The accept rule that came closest, and which of its parts the packet met:
/// `sg-db #3 accept tcp:3306 from 10.1.0.0/16 — protocol ✓ port ✓ source ✗`.
#[must_use]
pub fn near_miss(
    network: &Network,
    near: &NearMiss,
    packet: &Packet,
    language: Language,
) -> String {
    let rule = &near.rule;
    let text = rule_text(network, rule, language).map_or(String::new(), |text| format!(" {text}"));
    let parts = judged(network, near, packet).into_iter().map(|part| {
        let mark = if near.failed.contains(&part) { "✗" } else { "✓" };
        format!("{} {mark}", part_word(part, language))
    });
    let parts: Vec<String> = parts.collect();
    format!("{} #{}{text} — {}", rule.owner, rule.index + 1, parts.join(" "))
}

/// The parts of the rule that say something about this packet, in reading order.
fn judged(network: &Network, near: &NearMiss, packet: &Packet) -> Vec<Part> {
    let rule = &near.rule;
    let acl = network.five_tuple_rules(&rule.owner);
    let acl = acl.and_then(|[ingress, egress]| match rule.list {
        ListName::Ingress => ingress.get(rule.index),
        ListName::Egress => egress.get(rule.index),
    });
    let ports = packet.protocol.has_ports() && !near.failed.contains(&Part::Protocol);
    let written = |part| match (part, acl) {
        (Part::Protocol, _) => true,
        (Part::Port, _) => ports,
        (Part::SourcePort, Some(acl)) => ports && acl.source_ports.is_some(),
        (Part::Source, Some(acl)) => acl.source.is_some(),
        (Part::Destination, Some(acl)) => acl.destination.is_some(),
        (Part::SourcePort, None) => false,
        (Part::Source, None) => rule.list == ListName::Ingress,
        (Part::Destination, None) => rule.list == ListName::Egress,
    };
    let all = [Part::Protocol, Part::Port, Part::SourcePort, Part::Source, Part::Destination];
    let said = all.into_iter().filter(|part| written(*part) || near.failed.contains(part));
    said.collect()
}

/// The word for a part of a rule.
#[must_use]
pub fn part_word(part: Part, language: Language) -> &'static str {
    match (part, language) {
        (Part::Source, Language::English) => "source",
        (Part::Destination, Language::English) => "destination",
        (Part::Protocol, Language::English) => "protocol",
        (Part::Port, Language::English) => "port",
        (Part::SourcePort, Language::English) => "source port",
        (Part::Source, Language::Chinese) => "来源",
        (Part::Destination, Language::Chinese) => "目标",
        (Part::Protocol, Language::Chinese) => "协议",
        (Part::Port, Language::Chinese) => "端口",
        (Part::SourcePort, Language::Chinese) => "源端口",
    }
}
