//! The words of a reason: one sentence that tells the engineer what stopped the packet, in his words and
//! with his names.
//!
//! A sentence speaks of the packet as it looks where it is stopped. Where the reply is lost, it says so
//! first. The words of each code stand in `sentence/english.rs` and `sentence/chinese.rs`; a new reason
//! code needs an arm in both.

mod chinese;
mod english;

use std::net::IpAddr;

use crate::code::Language;
use crate::model::Place;
use crate::query::{Direction, Reason};
use crate::space::{Packet, Part};

use super::rule::service_of;

/// The sentence, without a full stop.
#[must_use]
pub fn sentence(reason: &Reason, language: Language) -> String {
    let said = Said::of(reason);
    let clause = match language {
        Language::English => english::clause(&said),
        Language::Chinese => chinese::clause(&said),
    };
    match (reason.direction, language) {
        (Direction::Forward, _) => clause,
        (Direction::Return, Language::English) => {
            format!("the reply {} is dropped: {clause}", ends(&reason.witness))
        }
        (Direction::Return, Language::Chinese) => {
            format!("回包 {} 被丢弃：{clause}", ends(&reason.witness))
        }
    }
}

/// The lost packet on one line. The opener's source port is left out unless it matters: any would do.
#[must_use]
pub fn packets(reason: &Reason) -> String {
    let packet = &reason.witness;
    let near = reason.near_miss.as_ref();
    let matters = near.is_some_and(|near| near.failed.contains(&Part::SourcePort));
    if reason.direction == Direction::Return || matters || !packet.protocol.has_ports() {
        return packet.to_string();
    }
    let to = std::net::SocketAddr::new(packet.destination, packet.destination_port);
    format!("{} {} → {to}", packet.protocol, packet.source)
}

/// `10.1.2.10:80 → 10.1.1.10:32768`, or with the protocol where there are no ports.
fn ends(packet: &Packet) -> String {
    let text = packet.to_string();
    match text.split_once(' ') {
        Some((_, ends)) if packet.protocol.has_ports() => ends.to_owned(),
        _ => text,
    }
}

/// What the clauses are made of.
struct Said<'a> {
    reason: &'a Reason,
    /// The object that decided, or an empty text.
    at: &'a str,
    /// The other object.
    other: Option<&'a str>,
    /// `sg-web ingress #3`, if a rule decided.
    rule: Option<String>,
    /// The address that the facts name.
    address: Option<IpAddr>,
    source: IpAddr,
    destination: IpAddr,
    /// `tcp:80` of the packet.
    service: String,
    /// The packet, as far as it matters.
    packets: String,
    /// A route or entry decided, not an object as a whole.
    entry: bool,
}

impl<'a> Said<'a> {
    fn of(reason: &'a Reason) -> Self {
        let cause = &reason.cause;
        let end = reason.endpoint.as_ref().and_then(|end| end.id());
        let at = cause.at.as_ref().or(end).map_or("", |id| id.as_str());
        let entry = |place: &Place| !place.path.is_empty();
        Self {
            reason,
            at,
            other: cause.facts.other.as_ref().map(crate::id::Id::as_str),
            rule: reason.rule.as_ref().map(super::rule::rule_name),
            address: cause.facts.address,
            source: reason.witness.source,
            destination: reason.witness.destination,
            service: service_of(&reason.witness),
            packets: packets(reason),
            entry: cause.place.as_ref().is_some_and(entry),
        }
    }
}
