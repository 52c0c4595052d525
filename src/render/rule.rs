//! The text of a rule, a route or an entry: what the engineer wrote, on one line.
//!
//! People count rules from 1; indexes of the model and of JSON count from 0.

mod near;

use crate::code::Language;
use crate::model::place::Key;
use crate::model::{
    AclRule, DirectConnectKind, Network, Peer, Place, SecurityGroupRule, Served, Service,
    SnatSource,
};
use crate::query::{ListName, RuleRef};
use crate::space::{Action, Packet};

pub use near::{near_miss, part_word};

/// `sg-web ingress #3`.
#[must_use]
pub fn rule_name(rule: &RuleRef) -> String {
    format!("{} {} #{}", rule.owner, rule.list.name(), rule.index + 1)
}

/// `accept tcp:3306 from 10.1.0.0/16`; `None` if the network has no such rule.
#[must_use]
pub fn rule_text(network: &Network, rule: &RuleRef, language: Language) -> Option<String> {
    if let Some(group) = network.security_groups.get(&rule.owner) {
        let rules = match rule.list {
            ListName::Ingress => &group.ingress,
            ListName::Egress => &group.egress,
        };
        return Some(group_rule(rules.get(rule.index)?, rule.list, language));
    }
    let [ingress, egress] = network.five_tuple_rules(&rule.owner)?;
    let rules = match rule.list {
        ListName::Ingress => ingress,
        ListName::Egress => egress,
    };
    Some(acl_rule(rules.get(rule.index)?, language))
}

fn group_rule(rule: &SecurityGroupRule, list: ListName, language: Language) -> String {
    let service = match &rule.service {
        Served::Service(service) => service.to_string(),
        Served::Template(id) | Served::TemplateGroup(id) => id.to_string(),
    };
    let peer = match &rule.peer {
        Peer::Any => None,
        Peer::Addresses(addresses) if addresses.is_any() => None,
        Peer::Addresses(addresses) => Some(addresses.to_string()),
        Peer::ZeroPrefix(length) => Some(match language {
            Language::English => format!("0.0.0.0/{length} (= any)"),
            Language::Chinese => format!("0.0.0.0/{length}（= 任意）"),
        }),
        Peer::SecurityGroup(id) | Peer::AddressTemplate(id) | Peer::AddressTemplateGroup(id) => {
            Some(id.to_string())
        }
    };
    let mut text = action_text(rule.action, &service, language);
    if let Some(peer) = peer {
        text += &match list {
            ListName::Ingress => from_text(&peer, language),
            ListName::Egress => to_text(&peer, language),
        };
    }
    text
}

fn acl_rule(rule: &AclRule, language: Language) -> String {
    let mut text = action_text(rule.action, &rule.service.to_string(), language);
    if let Some(source) = rule.source.as_ref().filter(|set| !set.is_any()) {
        text += &from_text(&source.to_string(), language);
    }
    if let Some(ports) = rule.source_ports.as_ref().filter(|ports| !ports.is_full()) {
        text.push_str(match language {
            Language::English => " source port ",
            Language::Chinese => "，源端口 ",
        });
        text.push_str(&ports.to_string());
    }
    if let Some(destination) = rule.destination.as_ref().filter(|set| !set.is_any()) {
        text += &to_text(&destination.to_string(), language);
    }
    text
}

fn action_text(action: Action, service: &str, language: Language) -> String {
    let word = match (action, language) {
        (Action::Accept, Language::English) => "accept",
        (Action::Drop, Language::English) => "drop",
        (Action::Accept, Language::Chinese) => "允许",
        (Action::Drop, Language::Chinese) => "拒绝",
    };
    format!("{word} {service}")
}

fn from_text(peer: &str, language: Language) -> String {
    match language {
        Language::English => format!(" from {peer}"),
        Language::Chinese => format!("，来源 {peer}"),
    }
}

fn to_text(peer: &str, language: Language) -> String {
    match language {
        Language::English => format!(" to {peer}"),
        Language::Chinese => format!("，目标 {peer}"),
    }
}

/// Name of a place for people: `rtb-main #2`, `nat-1 dnat #1`, `clb-1`.
#[must_use]
pub fn place_name(place: &Place) -> String {
    let parts = place.path.iter().filter_map(|key| match key {
        Key::Field("routes") => None,
        Key::Field(field) => Some(format!(" {field}")),
        Key::Index(index) => Some(format!(" #{}", index + 1)),
        Key::Entry(id) => Some(format!(" {id}")),
    });
    std::iter::once(place.id.to_string()).chain(parts).collect()
}

/// What stands at a place, where it is a route or an entry of a gateway or load balancer:
/// `10.2.0.0/16 via pcx-1`.
#[must_use]
pub fn place_text(network: &Network, place: &Place, language: Language) -> Option<String> {
    let [Key::Field(field), Key::Index(index)] = place.path[..] else {
        return None;
    };
    let id = &place.id;
    match field {
        "routes" => route_text(network, place, index, language),
        "snat" => {
            let entry = network.nat_gateways.get(id)?.snat.get(index)?;
            let from = match &entry.from {
                SnatSource::Cidr(cidr) => cidr.to_string(),
                SnatSource::Subnet(id) | SnatSource::Instance(id) => id.to_string(),
            };
            let eips: Vec<String> = entry.eips.iter().map(ToString::to_string).collect();
            Some(format!("SNAT {from} ⇒ {}", eips.join(", ")))
        }
        "dnat" => {
            let entry = network.nat_gateways.get(id)?.dnat.get(index)?;
            Some(format!(
                "DNAT {} {} ⇒ {}",
                entry.eip,
                entry.service,
                std::net::SocketAddr::new(entry.to, entry.port)
            ))
        }
        "listeners" => {
            let balancer = network.load_balancers.get(id).map(|it| &it.listeners);
            let classic = || network.classic_load_balancers.get(id).map(|it| &it.listeners);
            let listener = balancer.or_else(classic)?.get(index)?;
            let served = format!("{}:{}", listener.protocol.word(), listener.ports);
            Some(match (listener.redirects_to, language) {
                (None, _) => served,
                (Some(port), Language::English) => format!("{served} redirects to {port}"),
                (Some(port), Language::Chinese) => format!("{served} 重定向到 {port}"),
            })
        }
        "connections" => {
            let connection = network.vpn_gateways.get(id)?.connections.get(index)?;
            Some(format!("{} → {}", connection.id, connection.site))
        }
        "tunnels" => {
            let tunnel = network.direct_connect_gateways.get(id)?.tunnels.get(index)?;
            Some(format!("{} → {}", tunnel.id, tunnel.site))
        }
        "kind" => {
            let gateway = network.direct_connect_gateways.get(id)?;
            matches!(gateway.kind, DirectConnectKind::Nat(_)).then(|| "NAT".to_owned())
        }
        "selection" => {
            let choice = network.ccns.get(id)?.selection.get(index)?;
            Some(format!("{} → {}", choice.source, choice.route_table))
        }
        _ => None,
    }
}

fn route_text(
    network: &Network,
    place: &Place,
    index: usize,
    language: Language,
) -> Option<String> {
    let id = &place.id;
    let (to, via, enabled) = if let Some(table) = network.route_tables.get(id) {
        let route = table.routes.get(index)?;
        let via = route.via.id().map_or("EIP", |id| id.as_str());
        (route.to, via, route.enabled)
    } else if let Some(gateway) = network.vpn_gateways.get(id) {
        let route = gateway.routes.get(index)?;
        (route.to, route.connection.as_str(), route.enabled)
    } else {
        let route = network.ccns.get(id)?.routes.get(index)?;
        (route.to, route.next.id().as_str(), route.enabled)
    };
    let off = match (enabled, language) {
        (true, _) => "",
        (false, Language::English) => " (disabled)",
        (false, Language::Chinese) => "（已禁用）",
    };
    Some(match language {
        Language::English => format!("{to} via {via}{off}"),
        Language::Chinese => format!("{to} 经 {via}{off}"),
    })
}

/// What a packet is sent for, in the cloud's syntax: `tcp:80`, `icmp`.
#[must_use]
pub fn service_of(packet: &Packet) -> String {
    if packet.protocol.has_ports() {
        format!("{}:{}", packet.protocol, packet.destination_port)
    } else {
        packet.protocol.to_string()
    }
}

/// Services that work, in the cloud's syntax, one string a protocol: `tcp:80,443`, `icmp`.
#[must_use]
pub fn services(rows: &[crate::space::Row]) -> Vec<String> {
    use crate::space::{IntervalSet, Protocol};
    use std::collections::BTreeMap;

    let mut ports: BTreeMap<u8, IntervalSet<u16>> = BTreeMap::new();
    for row in rows {
        if row.traffic.protocols.is_full() {
            return vec![Service::all().to_string()];
        }
        for (low, high) in row.traffic.protocols.ranges() {
            for protocol in low..=high {
                let known = ports.entry(protocol).or_insert(IntervalSet::EMPTY);
                *known = known.union(&row.traffic.destination_ports);
            }
        }
    }
    let services = ports.into_iter().map(|(protocol, ports)| {
        let protocols = crate::model::Protocols::One(Protocol(protocol));
        Service { protocols, ports }.to_string()
    });
    services.collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, network, rule};
    use super::*;
    use crate::query::NearMiss;
    use crate::space::{AddressSet, IntervalSet, Layer4, Part, Protocol, Row};

    #[test]
    fn a_rule_reads_as_the_console_shows_it() {
        let text = |owner, list, index, language| {
            let rule = rule(owner, list, index, Action::Accept);
            rule_text(&network(), &rule, language)
        };
        let english = |owner, list, index| text(owner, list, index, Language::English);
        assert_eq!(english("sg-classic", ListName::Egress, 0).as_deref(), Some("accept all"));
        assert_eq!(
            english("sg-db", ListName::Ingress, 0).as_deref(),
            Some("drop all from 10.9.0.0/16")
        );
        assert_eq!(
            english("acl-db", ListName::Egress, 0).as_deref(),
            Some("accept tcp:49152-65535 to 10.0.0.0/8")
        );
        assert_eq!(
            text("sg-db", ListName::Ingress, 1, Language::Chinese).as_deref(),
            Some("允许 tcp:3306，来源 10.1.0.0/16")
        );
        assert_eq!(english("sg-db", ListName::Ingress, 7), None);
        assert_eq!(english("sg-none", ListName::Ingress, 0), None);
    }

    #[test]
    fn people_count_rules_from_one() {
        let near = sample::unmatched().near_miss.expect("a near miss");
        assert_eq!(rule_name(&near.rule), "sg-db ingress #2");
        assert_eq!(place_name(&near.rule.place()), "sg-db ingress #2");
        let route = Place::item(&"rtb-shop".into(), "routes", 0);
        assert_eq!(place_name(&route), "rtb-shop #1");
        let text = place_text(&network(), &route, Language::English);
        assert_eq!(text.as_deref(), Some("10.2.0.0/16 via pcx-1"));
    }

    #[test]
    fn a_near_miss_says_which_part_failed() {
        let told =
            |near: &NearMiss, language| near_miss(&network(), near, &sample::packet(), language);
        let mut near = sample::unmatched().near_miss.expect("a near miss");
        insta::assert_snapshot!(told(&near, Language::English), @"sg-db #2 accept tcp:3306 from 10.1.0.0/16 — protocol ✓ port ✓ source ✗");
        insta::assert_snapshot!(told(&near, Language::Chinese), @"sg-db #2 允许 tcp:3306，来源 10.1.0.0/16 — 协议 ✓ 端口 ✓ 来源 ✗");
        near.failed = vec![Part::Protocol];
        insta::assert_snapshot!(told(&near, Language::English), @"sg-db #2 accept tcp:3306 from 10.1.0.0/16 — protocol ✗ source ✓");
        let near = sample::lost_reply().near_miss.expect("a near miss");
        insta::assert_snapshot!(told(&near, Language::English), @"acl-db #1 accept tcp:49152-65535 to 10.0.0.0/8 — protocol ✓ port ✗ destination ✓");
    }

    #[test]
    fn services_are_told_protocol_by_protocol() {
        let row = |protocols: &[Protocol], ports: &[(u16, u16)]| Row {
            source: AddressSet::any(),
            destination: AddressSet::any(),
            traffic: Layer4 {
                protocols: IntervalSet::from_ranges(protocols.iter().map(|p| (p.0, p.0))),
                destination_ports: IntervalSet::from_ranges(ports.iter().copied()),
                source_ports: IntervalSet::full(),
            },
        };
        let rows = [
            row(&[Protocol::TCP, Protocol::UDP], &[(53, 53)]),
            row(&[Protocol::TCP], &[(80, 80), (443, 443)]),
            row(&[Protocol::ICMP], &[(0, 65535)]),
        ];
        assert_eq!(services(&rows), ["icmp", "tcp:53,80,443", "udp:53"]);
        assert_eq!(services(&[]), [""; 0]);
    }
}
