//! Rules of security groups, network ACLs and edge firewalls.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Words};
use crate::id::Id;
use crate::model::{AclRule, Kind, Peer, SecurityGroupRule, Served, Service, mention};
use crate::scenario::fields::Fields;
use crate::scenario::meant;
use crate::scenario::near;
use crate::scenario::reader::Reader;
use crate::scenario::reference::{Wanted, only};
use crate::scenario::service::{PROTOCOLS, parse_acl_service, parse_meant};
use crate::scenario::value::Value;
use crate::scenario::word::{address_or_cidr, masked, ports, service_text};
use crate::space::{Action, AddressSet};

/// The words a rule may begin with.
const ACTIONS: [&str; 2] = ["Accept", "Drop"];
/// What a rule's `from` or `to` may name (SG-9).
const PEERS: Wanted = only(mention::PEER.kinds());
/// What a rule's `service` may name (SG-10).
const SERVICES: Wanted = only(mention::SERVED.kinds());

/// Which of the two lists of a filter a rule stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Packets that arrive.
    Ingress,
    /// Packets that leave.
    Egress,
}

/// A rule of a security group: `Accept(from: "sg-web", service: "tcp:80")`.
pub fn group_rule<'src>(
    direction: Direction,
) -> impl Fn(Value<'src>, &mut Reader<'src>) -> Option<SecurityGroupRule> {
    move |value, at| {
        let (name, payload) = at.variant(value, &ACTIONS)?;
        let mut fields = Fields::of_variant(name, payload, "security group rule", at)?;
        let (own, other) = match direction {
            Direction::Ingress => ("from", "to"),
            Direction::Egress => ("to", "from"),
        };
        if fields.has(other) {
            let (list, who) = match direction {
                Direction::Ingress => (
                    "ingress",
                    Words::new(
                        "the receiver is always a member of the group",
                        "接收方总是该安全组的成员",
                    ),
                ),
                Direction::Egress => (
                    "egress",
                    Words::new(
                        "the sender is always a member of the group",
                        "发送方总是该安全组的成员",
                    ),
                ),
            };
            let message = Words::new(
                format!("an {list} rule of a security group has no field `{other}`"),
                format!("安全组的 {list} 规则没有字段 `{other}`"),
            );
            fields.forbid(
                other,
                message,
                Words::new(
                    format!("{who}; the other side is `{own}`"),
                    format!("{}；另一方请写 `{own}`", who.chinese()),
                ),
            );
        }
        let peer = fields.optional(own, peer).unwrap_or(Peer::Any);
        let service = fields.optional("service", served);
        fields.finish();
        let service = service.unwrap_or_else(|| Served::Service(Service::all()));
        Some(SecurityGroupRule { action: action(name), peer, service })
    }
}

/// A rule for what arrives.
pub fn ingress_rule<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<SecurityGroupRule> {
    group_rule(Direction::Ingress)(value, at)
}

/// A rule for what leaves.
pub fn egress_rule<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<SecurityGroupRule> {
    group_rule(Direction::Egress)(value, at)
}

fn action(word: &str) -> Action {
    if word == "Drop" { Action::Drop } else { Action::Accept }
}

fn peer<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Peer> {
    if at.is_listed(value, meant::one_peer) {
        return None;
    }
    let text = at.string(value)?;
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(Peer::Addresses(AddressSet::single(address)));
    }
    if let Ok(cidr) = text.parse::<IpNet>() {
        let peer = Peer::cidr(masked(cidr, value, at));
        if let Peer::ZeroPrefix(length) = peer {
            let span = at.span(value.text());
            let message = Words::new(
                format!("`0.0.0.0/{length}` is stored as `0.0.0.0/0`: every address"),
                format!("`0.0.0.0/{length}` 会被存为 `0.0.0.0/0`，即所有地址"),
            );
            at.report(Diagnostic::warning(Code::ZeroPrefix, span, message));
        }
        return Some(peer);
    }
    if at.known.kind(&text).is_none() {
        let help = meant::peer(&text).or_else(|| meant::either(&text));
        let message = if looks_like_an_address(&text) {
            Words::new(
                format!("`{text}` is neither an address nor a CIDR"),
                format!("`{text}` 既不是地址也不是网段"),
            )
        } else {
            Words::new(
                format!("`{text}` is neither an address nor a group"),
                format!("`{text}` 既不是地址也不是安全组"),
            )
        };
        match help {
            Some(help) => return at.invalid_with(value.text(), message, help),
            None if looks_like_an_address(&text) => return at.invalid(value.text(), message),
            None => {}
        }
    }
    let id = Id::from(text.as_ref());
    at.refer(&id, value.text(), PEERS);
    Some(match at.known.kind(&text) {
        Some(Kind::AddressTemplate) => Peer::AddressTemplate(id),
        Some(Kind::AddressTemplateGroup) => Peer::AddressTemplateGroup(id),
        _ => Peer::SecurityGroup(id),
    })
}

fn looks_like_an_address(text: &str) -> bool {
    text.contains('/')
        || text.contains(':')
        || text.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.')
}

fn served<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Served> {
    let text = service_text(value, at)?;
    let mistake = match parse_meant(&text) {
        Ok(service) => return Some(Served::Service(service)),
        Err(mistake) => mistake,
    };
    let kind = at.known.kind(&text);
    if kind.is_none()
        && (text.contains(':')
            || text.is_empty()
            || near::nearest(&text, PROTOCOLS).is_some()
            || meant::service_help(&text).is_some())
    {
        return at.mistake(value, &text, mistake);
    }
    let id = Id::from(text.as_ref());
    at.refer(&id, value.text(), SERVICES);
    Some(match kind {
        Some(Kind::ServiceTemplateGroup) => Served::TemplateGroup(id),
        _ => Served::Template(id),
    })
}

/// A rule of a network ACL; both directions take the same fields (ACL-7).
pub fn acl_rule<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<AclRule> {
    five_tuple(value, "network ACL rule", at)
}

/// A rule of an edge firewall, with the same fields (EFW-2).
pub fn edge_rule<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<AclRule> {
    five_tuple(value, "edge firewall rule", at)
}

fn five_tuple<'src>(
    value: Value<'src>,
    what: &'static str,
    at: &mut Reader<'src>,
) -> Option<AclRule> {
    let (name, payload) = at.variant(value, &ACTIONS)?;
    let mut fields = Fields::of_variant(name, payload, what, at)?;
    let source = fields.optional("from", address_or_cidr).map(AddressSet::from);
    let source_ports = fields.optional("source_port", ports);
    let destination = fields.optional("to", address_or_cidr).map(AddressSet::from);
    let service = fields.optional("service", acl_service).unwrap_or_else(Service::all);
    fields.finish();
    Some(AclRule { action: action(name), source, source_ports, destination, service })
}

fn acl_service<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Service> {
    let text = service_text(value, at)?;
    if matches!(at.known.kind(&text), Some(Kind::ServiceTemplate | Kind::ServiceTemplateGroup)) {
        let span = at.span(value.text());
        let message = Words::new(
            "a network ACL rule cannot name a service template",
            "网络 ACL 规则不能引用协议端口模板",
        );
        let help = Words::new(
            "templates are for security groups (SG-14)",
            "参数模板只能用于安全组（SG-14）",
        );
        at.report(Diagnostic::error(Code::WrongKind, span, message).with_help(help));
        return None;
    }
    match parse_acl_service(&text) {
        Ok(service) => Some(service),
        Err(mistake) => at.mistake(value, &text, mistake),
    }
}
