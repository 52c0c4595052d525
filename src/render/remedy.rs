//! What would have to change for a blocker. Only what is certain: the platform's word where nothing lifts it
//! and what else can be done, the rule to stand above, the nearest rule where one is missing.

use super::advice::advice_for;
use super::at_hand::still_missing;
use super::rule::{part_word, rule_name, service_of};
use super::sentence::packets;
use crate::code::{Class, Code, Language};
use crate::model::Network;
use crate::query::{Direction, ListName, NearMiss, Reason};
use crate::space::{Packet, Part, Protocol};

/// One sentence about the blocker of this number.
#[must_use]
pub fn remedy(network: &Network, number: &str, reason: &Reason, language: Language) -> String {
    let code = reason.cause.code;
    let advice = counsel(network, reason, language).unwrap_or_default();
    if code.class() == Some(Class::Platform) {
        return match language {
            Language::English => {
                format!("no rule lifts {number}, which is the platform's: {advice}")
            }
            Language::Chinese => format!("{number} 为平台限制，任何规则都无法放开：{advice}"),
        };
    }
    if ListName::denying(code).is_some() {
        return filter(number, reason, language);
    }
    if let Some(words) = other_port(reason, language) {
        return match language {
            Language::English => format!("{number}: {words}"),
            Language::Chinese => format!("{number}：{words}"),
        };
    }
    match (&reason.cause.at, language) {
        (Some(at), Language::English) => format!("{number}, {at}: {advice}"),
        (Some(at), Language::Chinese) => format!("{number}，{at}：{advice}"),
        (None, Language::English) => format!("{number}: {advice}"),
        (None, Language::Chinese) => format!("{number}：{advice}"),
    }
}

/// What can be done about a reason: what holds for every one of its code, or what only this one knows, or what is still
/// missing where the rest is there.
pub(super) fn counsel(network: &Network, reason: &Reason, language: Language) -> Option<String> {
    let missing = || still_missing(network, reason).map(|words| words.text(language).to_owned());
    let general = || advice_for(&reason.cause, language).map(str::to_owned);
    other_port(reason, language).or_else(missing).or_else(general)
}

/// The port to ask for, where one is served only.
fn other_port(reason: &Reason, language: Language) -> Option<String> {
    let (port, at) = (reason.cause.facts.port?, reason.cause.at.as_ref()?);
    Some(match language {
        Language::English => format!("ask for tcp:{port}, which {at} serves"),
        Language::Chinese => format!("改用 {at} 提供服务的 tcp:{port}"),
    })
}

/// The protocols that a rule of an ACL can name (ACL-8).
const OF_ACLS: [Protocol; 4] = [Protocol::TCP, Protocol::UDP, Protocol::ICMP, Protocol::ICMPV6];

fn filter(number: &str, reason: &Reason, language: Language) -> String {
    let is_acl =
        matches!(reason.cause.code, Code::NetworkAclIngressDenied | Code::NetworkAclEgressDenied);
    if is_acl && !OF_ACLS.contains(&reason.witness.protocol) {
        let at = reason.cause.at.as_ref().map_or("", crate::id::Id::as_str);
        let protocol = service_of(&reason.witness);
        return match language {
            Language::English => {
                format!(
                    "{number}: no ACL rule can name {protocol}; let one of {at} accept all protocols"
                )
            }
            Language::Chinese => {
                format!("{number}：网络 ACL 规则不支持 {protocol}；须由 {at} 的规则放通全部协议")
            }
        };
    }
    let packet = packets(reason);
    let what = match &reason.near_miss {
        Some(near) => missing(near, &reason.witness, language),
        None => packet.clone(),
    };
    let nearest = reason.near_miss.as_ref().map(|near| rule_name(&near.rule));
    let at = reason.cause.at.as_ref().map_or("", crate::id::Id::as_str);
    let list = ListName::denying(reason.cause.code).map_or("", ListName::name);
    let ports = ports(reason, language);
    match (&reason.rule, nearest, language) {
        (Some(rule), _, Language::English) => {
            format!("{number}: accept {packet} above {}{ports}", rule_name(rule))
        }
        (Some(rule), _, Language::Chinese) => {
            format!("{number}：在 {} 之上放通 {packet}{ports}", rule_name(rule))
        }
        (None, Some(near), Language::English) => {
            format!("{number}: {near} is nearest; it, or a new rule, has to accept {what}{ports}")
        }
        (None, Some(near), Language::Chinese) => {
            format!("{number}：最接近的是 {near}；它或新规则须放通{what}{ports}")
        }
        (None, None, Language::English) => {
            format!("{number}: {at} has no {list} rule that accepts; add one for {packet}{ports}")
        }
        (None, None, Language::Chinese) => {
            let list = match list {
                "ingress" => "入站",
                _ => "出站",
            };
            format!("{number}：{at} 没有任何放通的{list}规则，须为 {packet} 添加{ports}")
        }
    }
}

/// Replies go to whatever port the opener sent from.
fn ports(reason: &Reason, language: Language) -> &'static str {
    let reply = reason.direction == Direction::Return && reason.witness.protocol.has_ports();
    match (reply, language) {
        (false, _) => "",
        (true, Language::English) => ", and replies to the opener's other ports",
        (true, Language::Chinese) => "，以及发往发起方其他端口的回包",
    }
}

/// The parts that a rule would have to cover: `source 10.60.5.7, port 3306`.
fn missing(near: &NearMiss, packet: &Packet, language: Language) -> String {
    let parts = near.failed.iter().map(|part| {
        let value = match part {
            Part::Source => packet.source.to_string(),
            Part::Destination => packet.destination.to_string(),
            Part::Protocol => service_of(packet),
            Part::Port => packet.destination_port.to_string(),
            Part::SourcePort => packet.source_port.to_string(),
        };
        format!("{} {value}", part_word(*part, language))
    });
    let parts: Vec<String> = parts.collect();
    parts.join(match language {
        Language::English => ", ",
        Language::Chinese => "、",
    })
}

/// Whether two reasons are the same blocker.
pub(super) fn same(a: &Reason, b: &Reason) -> bool {
    let key = |reason: &Reason| (reason.direction, reason.cause.code);
    key(a) == key(b) && (&a.cause.at, &a.rule, &a.endpoint) == (&b.cause.at, &b.rule, &b.endpoint)
}
