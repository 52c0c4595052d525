//! The words of a reason: one sentence that tells the engineer what stopped the packet, in his words and
//! with his names.
//!
//! A sentence speaks of the packet as it looks where it is stopped. Where the reply is lost, it says so
//! first. The words of each code stand in `sentence/english.rs` and `sentence/chinese.rs`; a new reason
//! code needs an arm in both.

mod chinese;
mod english;

use std::net::IpAddr;

use crate::code::{Code, Language};
use crate::model::Place;
use crate::query::{Direction, Reason};
use crate::space::{Packet, Part};

use super::rule::service_of;

/// The sentence, without a full stop.
#[must_use]
pub fn sentence(reason: &Reason, language: Language) -> String {
    let said = Said::of(reason);
    let code = reason.cause.code;
    let clause = match (language, said.at.is_empty() && names_an_object(code)) {
        (Language::English, false) => english::clause(&said),
        (Language::English, true) => english::meaning(code),
        (Language::Chinese, false) => chinese::clause(&said),
        (Language::Chinese, true) => code.meaning(language).to_owned(),
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

/// Whether the words of a code need the object that decided.
fn names_an_object(code: Code) -> bool {
    !matches!(
        code,
        Code::NoRoute
            | Code::RouteLoop
            | Code::OutboundSmtpBlocked
            | Code::OutboundToUnmodelled
            | Code::NotModelled
            | Code::BudgetExceeded
    )
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
    /// The address that has what another one lacks.
    fn owner(&self) -> Option<IpAddr> {
        self.reason.cause.facts.cidr.map(|cidr| cidr.addr())
    }

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

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::code::CodeKind;

    fn codes() -> impl Iterator<Item = Code> {
        let all = Code::ALL.iter().copied();
        all.filter(|code| matches!(code.kind(), CodeKind::Reason | CodeKind::Undetermined))
    }

    #[test]
    fn every_reason_has_a_sentence_of_its_own_in_both_languages() {
        for code in codes() {
            let reason = sample::reason(code, "x-1", Direction::Forward);
            let [english, chinese] =
                [Language::English, Language::Chinese].map(|language| sentence(&reason, language));
            for (text, language) in [(&english, Language::English), (&chinese, Language::Chinese)] {
                assert_ne!(text, code.meaning(language), "{code} has no words of its own");
                assert!(!text.ends_with(['.', '。', ' ']), "{code}: {text}");
                assert!(!text.contains("  "), "{code}: {text}");
            }
            assert!(english.is_ascii() || english.contains('→'), "{code}: {english}");
            assert!(!chinese.is_ascii(), "{code}: {chinese}");
        }
    }

    #[test]
    fn a_reason_without_an_object_still_reads_well() {
        for code in codes() {
            let mut reason = sample::reason(code, "x-1", Direction::Forward);
            reason.cause = crate::query::Cause::plain(code);
            for language in [Language::English, Language::Chinese] {
                let text = sentence(&reason, language);
                assert!(!text.contains("  ") && text.trim() == text, "{code}: `{text}`");
            }
        }
    }

    #[test]
    fn where_the_reply_is_lost_the_sentence_says_so() {
        let reason = sample::lost_reply();
        insta::assert_snapshot!(sentence(&reason, Language::English), @"the reply 172.16.3.9:3306 → 10.60.5.7:1024 is dropped: no egress rule of acl-db accepts it");
        insta::assert_snapshot!(sentence(&reason, Language::Chinese), @"回包 172.16.3.9:3306 → 10.60.5.7:1024 被丢弃：acl-db 没有出站规则放通该报文");
        insta::assert_snapshot!(packets(&reason), @"tcp 172.16.3.9:3306 → 10.60.5.7:1024");
    }

    #[test]
    fn a_sentence_names_addresses_and_cidrs() {
        let reason = sample::secondary();
        insta::assert_snapshot!(sentence(&reason, Language::English), @"172.16.3.9 lies in a secondary CIDR; a linked classic CVM meets only the primary 10.8.0.0/16");
        insta::assert_snapshot!(sentence(&reason, Language::Chinese), @"172.16.3.9 属于辅助 CIDR；关联的基础网络云服务器只与主 CIDR 10.8.0.0/16 互通");
        insta::assert_snapshot!(packets(&reason), @"tcp 10.60.5.7 → 172.16.3.9:3306");
    }

    #[test]
    fn all_sentences_at_a_glance() {
        let lines = codes().map(|code| {
            let mut reason = sample::reason(code, "x-1", Direction::Forward);
            reason.cause.facts.other = Some("y-2".into());
            format!("{code}: {}\n", sentence(&reason, Language::English))
        });
        insta::assert_snapshot!(lines.collect::<String>(), @r"
        security-group-egress-denied: no egress rule of x-1 accepts tcp:3306 to 172.16.3.9
        security-group-ingress-denied: no ingress rule of x-1 accepts tcp:3306 from 10.60.5.7
        network-acl-egress-denied: no egress rule of x-1 accepts tcp 10.60.5.7 → 172.16.3.9:3306
        network-acl-ingress-denied: no ingress rule of x-1 accepts tcp 10.60.5.7 → 172.16.3.9:3306
        edge-firewall-egress-denied: x-1 drops tcp 10.60.5.7 → 172.16.3.9:3306
        edge-firewall-ingress-denied: x-1 drops tcp 10.60.5.7 → 172.16.3.9:3306
        no-route: x-1 has no route to 172.16.3.9
        local-without-owner: 172.16.3.9 lies in x-1's own CIDR, where nobody has it
        private-destination-to-internet: 172.16.3.9 is private, but the only match is x-1, a way to the Internet
        route-blackhole: a route of x-1 leads to y-2, which is gone or cannot take the packet
        route-loop: the routes bring the packet back to x-1, where it has been
        attachment-down: x-1 is down
        gateway-no-transit: x-1 does not carry packets on through y-2
        peering-secondary-cidr: x-1 carries no secondary CIDR, and 10.60.5.7 → 172.16.3.9 has one end in such a CIDR
        ccn-no-route: x-1 has no route to 172.16.3.9
        ccn-route-disabled: the route of x-1 to 172.16.3.9 is disabled
        vpn-policy-mismatch: no policy of x-1 covers 10.60.5.7 → 172.16.3.9
        direct-connect-no-prefix: no tunnel of x-1 that is up announces 172.16.3.9
        direct-connect-secondary-cidr: x-1 is a NAT-type gateway and carries no secondary CIDR (10.60.5.7 → 172.16.3.9)
        direct-connect-nat-no-mapping: no mapping of x-1 covers tcp:3306, 10.60.5.7 → 172.16.3.9
        nat-source-not-covered: x-1 has strict SNAT, and no SNAT rule covers 10.60.5.7
        nat-no-address: x-1 has no EIP to send from
        nat-no-dnat-entry: x-1 has no DNAT entry for tcp:3306 of 172.16.3.9
        nat-protocol-unsupported: x-1 translates TCP, UDP and ICMP, not tcp
        no-public-address: neither an EIP nor a NAT gateway joins x-1 to the Internet
        public-gateway-same-subnet: x-1 is a public gateway and does not serve its own subnet (10.60.5.7)
        outbound-smtp-blocked: tcp:3306 to the Internet is blocked by the platform
        port-not-served: x-1 does not serve tcp:3306
        no-target: x-1 has no usable target for tcp:3306
        load-balancer-loop: x-1 sends tcp:3306 back to 10.60.5.7, the client itself; it cannot answer its own packets
        forwarder-does-not-translate: x-1 forwards 10.60.5.7 as it is, and the Internet cannot answer a private address
        endpoint-cannot-initiate: x-1 only answers, it opens no connections
        endpoint-down: x-1 is stopped, isolated or failed
        source-address-not-owned: 10.60.5.7 is no address of x-1
        classic-link-not-linked: x-1 is not linked to y-2
        classic-link-cvm-only: x-1 is no CVM, and a VPC reaches only CVMs of the classic network
        classic-link-secondary-cidr: 10.60.5.7 lies in a secondary CIDR; a linked classic CVM meets only the primary CIDR
        classic-link-no-transit: the link of y-2 ends in its VPC; x-1 carries nothing to or from it
        classic-link-stale-address: the private address of x-1 has changed since it was linked to y-2; the link is dead
        classic-other-tenant: x-1 belongs to another account, and the classic network keeps accounts apart
        classic-other-region: x-1 is in another region, and classic networks of two regions do not meet
        endpoint-connection-one-way: x-1 is opened from its VPC only and opens nothing itself
        endpoint-connection-no-transit: only clients inside its VPC may use x-1, and 10.60.5.7 is outside
        vpc-endpoint-one-way: x-1 is opened from its own side only, the provider opens nothing through it
        vpc-endpoint-pending: x-1 waits for the provider to accept it
        outbound-to-unmodelled: the answer hangs on a network that the file does not describe
        not-modelled: y-2 is not modelled, and through x-1 it may bear on this
        budget-exceeded: the question was too large to decide within its budget
        ");
    }
}
