//! Rule lists and templates: what a rule may say (ACL-8), groups that refer to groups (SG-12), and
//! how long lists may be (SG-14, SG-15, ACL-10).

use std::collections::BTreeMap;

use super::super::{
    AclRule, Network, NetworkAcl, Peer, Place, Protocols, SecurityGroup, SecurityGroupRule, Served,
    Violation,
};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit;
use crate::space::Protocol;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    for (id, acl) in &network.network_acls {
        network_acl(id, acl, found);
    }
    acls_of_vpcs(network, found);
    for (id, group) in &network.security_groups {
        security_group(network, id, group, found);
    }
    groups_of_regions(network, found);
    templates(network, found);
}

fn network_acl(id: &Id, acl: &NetworkAcl, found: &mut Vec<Violation>) {
    for (field, rules) in [("ingress", &acl.ingress), ("egress", &acl.egress)] {
        let whose =
            || Words::new(format!("the {field} list of `{id}`"), format!("`{id}` 的 {field} 规则"));
        found.extend(limit::ACL_RULES.soft(rules.len(), whose, || Place::field(id, field)));
        for (index, rule) in rules.iter().enumerate() {
            let place = || Place::item(id, field, index).then(super::super::Key::Field("service"));
            found.extend(acl_service(id, rule, place));
        }
    }
}

/// ACL-8: no GRE, one port or one range.
fn acl_service(id: &Id, rule: &AclRule, place: impl FnOnce() -> Place) -> Option<Violation> {
    let message = if rule.service.protocols == Protocols::One(Protocol::GRE) {
        Words::new(
            format!("a rule of the network ACL `{id}` cannot name GRE"),
            format!("网络 ACL `{id}` 的规则不支持 GRE"),
        )
    } else if rule.service.ports.ranges().len() > 1 {
        Words::new(
            format!("a rule of the network ACL `{id}` cannot name several ports: {}", rule.service),
            format!("网络 ACL `{id}` 的规则不支持多个端口：{}", rule.service),
        )
    } else {
        return None;
    };
    let help = Words::new(
        "a network ACL knows tcp, udp, icmp and all, with one port or one range (ACL-8)",
        "网络 ACL 支持 tcp、udp、icmp 和 all，端口为单个端口或一个范围（ACL-8）",
    );
    Some(Violation::error(Code::InvalidValue, place(), message).with_help(help))
}

fn acls_of_vpcs(network: &Network, found: &mut Vec<Violation>) {
    let mut counts: BTreeMap<&Id, usize> = BTreeMap::new();
    for acl in network.network_acls.values() {
        *counts.entry(&acl.vpc).or_insert(0) += 1;
    }
    for (vpc, count) in counts {
        found.extend(limit::NETWORK_ACLS.soft(
            count,
            || Words::verbatim(format!("`{vpc}`")),
            || Place::of(vpc),
        ));
    }
}

fn security_group(network: &Network, id: &Id, group: &SecurityGroup, found: &mut Vec<Violation>) {
    let mut named: Vec<&Id> = Vec::new();
    let mut expanded = 0usize;
    for (field, rules) in [("ingress", &group.ingress), ("egress", &group.egress)] {
        let whose =
            || Words::new(format!("the {field} list of `{id}`"), format!("`{id}` 的 {field} 规则"));
        found.extend(limit::GROUP_RULES.soft(rules.len(), whose, || Place::field(id, field)));
        for (index, rule) in rules.iter().enumerate() {
            expanded = expanded.saturating_add(expansion(network, rule));
            found.extend(icmp_over_ipv6(id, rule, || Place::item(id, field, index)));
            let Peer::SecurityGroup(other) = &rule.peer else {
                continue;
            };
            named.push(other);
            let place = || Place::item(id, field, index);
            found.extend(reference(network, id, group, other, place));
        }
    }
    named.sort_unstable();
    named.dedup();
    let whose = || Words::verbatim(format!("`{id}`"));
    found.extend(limit::GROUP_REFERENCES.soft(named.len(), whose, || Place::of(id)));
    found.extend(limit::EXPANDED_RULES.hard(expanded, whose, || Place::of(id)));
}

/// SG-10: ICMP is a protocol of IPv4; a rule for IPv6 addresses names `ICMPv6`.
fn icmp_over_ipv6(
    id: &Id,
    rule: &SecurityGroupRule,
    place: impl FnOnce() -> Place,
) -> Option<Violation> {
    let (Peer::Addresses(addresses), Served::Service(service)) = (&rule.peer, &rule.service) else {
        return None;
    };
    let cidrs = addresses.cidrs();
    let is_ipv6 = !cidrs.is_empty() && cidrs.iter().all(|cidr| cidr.addr().is_ipv6());
    if !is_ipv6 || service.protocols != Protocols::One(Protocol::ICMP) {
        return None;
    }
    let message = Words::new(
        format!("a rule of the security group `{id}` cannot name ICMP for IPv6 addresses"),
        format!("安全组 `{id}` 的规则不能对 IPv6 地址使用 ICMP"),
    );
    let help =
        Words::new("over IPv6 the protocol is `icmpv6` (SG-10)", "IPv6 的协议为 `icmpv6`（SG-10）");
    let place = place().then(super::super::Key::Field("service"));
    Some(Violation::error(Code::InvalidValue, place, message).with_help(help))
}

/// SG-12: a rule names groups of its own region.
fn reference(
    network: &Network,
    id: &Id,
    group: &SecurityGroup,
    other: &Id,
    place: impl FnOnce() -> Place,
) -> Option<Violation> {
    let (own, region) =
        (group.region.as_ref()?, network.security_groups.get(other)?.region.as_ref()?);
    (own != region).then(|| {
        let message = Words::new(
            format!("a rule of `{id}` in {own} cannot name `{other}` of {region}"),
            format!("{own} 的安全组 `{id}` 的规则不能引用 {region} 的 `{other}`"),
        );
        Violation::error(Code::SecurityGroupRegionMismatch, place(), message).with_other(
            Place::field(other, "region"),
            Words::new(
                format!("`{other}` names its region here"),
                format!("`{other}` 的地域在此处"),
            ),
        )
    })
}

/// SG-14: how many rules a rule counts as, the cross product of its templates.
fn expansion(network: &Network, rule: &SecurityGroupRule) -> usize {
    let addresses = |id: &Id| network.address_templates.get(id).map_or(1, |it| it.addresses.len());
    let services = |id: &Id| network.service_templates.get(id).map_or(1, |it| it.services.len());
    let peers = match &rule.peer {
        Peer::AddressTemplate(id) => addresses(id),
        Peer::AddressTemplateGroup(id) => {
            let group = network.address_template_groups.get(id);
            group.map_or(1, |group| group.templates.iter().map(addresses).sum())
        }
        Peer::Any | Peer::Addresses(_) | Peer::ZeroPrefix(_) | Peer::SecurityGroup(_) => 1,
    };
    let served = match &rule.service {
        Served::Template(id) => services(id),
        Served::TemplateGroup(id) => {
            let group = network.service_template_groups.get(id);
            group.map_or(1, |group| group.templates.iter().map(services).sum())
        }
        Served::Service(_) => 1,
    };
    peers.saturating_mul(served)
}

fn groups_of_regions(network: &Network, found: &mut Vec<Violation>) {
    let mut counts: BTreeMap<_, (usize, &Id)> = BTreeMap::new();
    for (id, group) in &network.security_groups {
        let Some(region) = &group.region else {
            continue;
        };
        let account = network.account_of(id.as_str());
        let entry = counts.entry((account, region.as_str())).or_insert((0, id));
        *entry = (entry.0 + 1, id);
    }
    for ((account, region), (count, last)) in counts {
        let whose = || {
            Words::new(
                format!("the account `{account}` in {region}"),
                format!("账号 `{account}` 在 {region}"),
            )
        };
        found.extend(limit::SECURITY_GROUPS.soft(count, whose, || Place::of(last)));
    }
}

fn templates(network: &Network, found: &mut Vec<Violation>) {
    let mut limit = |id: &Id, field, count| {
        let whose = || Words::verbatim(format!("`{id}`"));
        found.extend(limit::TEMPLATE_MEMBERS.hard(count, whose, || Place::field(id, field)));
    };
    for (id, template) in &network.address_templates {
        limit(id, "addresses", template.addresses.len());
    }
    for (id, group) in &network.address_template_groups {
        limit(id, "templates", group.templates.len());
    }
    for (id, template) in &network.service_templates {
        limit(id, "services", template.services.len());
    }
    for (id, group) in &network.service_template_groups {
        limit(id, "templates", group.templates.len());
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{AWAY, HERE, accept, breaks, group, id, ids, tcp, tom};
    use super::*;
    use crate::model::{AddressTemplate, AddressTemplateGroup, Meta, Service, ServiceTemplate};
    use crate::space::{Action, AddressSet, IntervalSet};

    fn acl(service: Service) -> impl FnOnce(&mut Network) {
        let rule = AclRule {
            action: Action::Accept,
            source: None,
            source_ports: None,
            destination: None,
            service,
        };
        move |network| {
            let acl = NetworkAcl {
                meta: Meta::default(),
                vpc: id("vpc-tom"),
                ingress: vec![rule],
                egress: Vec::new(),
            };
            network.network_acls.insert(id("acl-x"), acl);
        }
    }

    #[test]
    fn an_acl_rule_names_no_gre_and_one_range_of_ports() {
        breaks(acl(Service::all()), &[]);
        breaks(acl(tcp(80)), &[]);
        let mut gre = Service::all();
        gre.protocols = Protocols::One(Protocol::GRE);
        breaks(acl(gre), &[Code::InvalidValue]);
        let mut two = tcp(80);
        two.ports = IntervalSet::from_ranges([(80, 80), (443, 443)]);
        breaks(acl(two), &[Code::InvalidValue]);
    }

    #[test]
    fn groups_refer_to_groups_of_their_region() {
        let regions = |one: Option<&'static str>, two: Option<&'static str>| {
            move |network: &mut Network| {
                let mut first = group(vec![accept(Peer::SecurityGroup(id("sg-two")))]);
                first.region = one.map(str::to_owned);
                let mut second = group(vec![]);
                second.region = two.map(str::to_owned);
                network.security_groups.insert(id("sg-one"), first);
                network.security_groups.insert(id("sg-two"), second);
            }
        };
        breaks(regions(Some(HERE), Some(HERE)), &[]);
        breaks(regions(Some(HERE), None), &[]);
        breaks(regions(Some(HERE), Some(AWAY)), &[Code::SecurityGroupRegionMismatch]);
    }

    #[test]
    fn ping_over_ipv6_has_a_protocol_of_its_own() {
        let rule = |protocol, peer: &str| {
            let mut rule = accept(Peer::cidr(peer.parse().expect("a CIDR")));
            let mut service = Service::all();
            service.protocols = Protocols::One(protocol);
            rule.service = Served::Service(service);
            move |network: &mut Network| {
                network.security_groups.insert(id("sg-x"), group(vec![rule]));
            }
        };
        breaks(rule(Protocol::ICMP, "10.0.0.0/8"), &[]);
        breaks(rule(Protocol::ICMPV6, "2001:db8::/32"), &[]);
        breaks(rule(Protocol::ICMP, "2001:db8::/32"), &[Code::InvalidValue]);
    }

    fn templates(network: &mut Network, addresses: usize, services: usize) {
        let (meta, all) = (Meta::default(), vec![AddressSet::any(); addresses]);
        let template = AddressTemplate { meta, addresses: all };
        network.address_templates.insert(id("ipm-x"), template);
        let (meta, templates) = (Meta::default(), ids(&["ipm-x"; 2]));
        let group = AddressTemplateGroup { meta, templates };
        network.address_template_groups.insert(id("ipmg-x"), group);
        let (meta, services) = (Meta::default(), vec![tcp(80); services]);
        let template = ServiceTemplate { meta, services };
        network.service_templates.insert(id("ppm-x"), template);
    }

    #[test]
    fn a_template_has_at_most_20_members() {
        breaks(|network| templates(network, 20, 20), &[]);
        breaks(|network| templates(network, 21, 20), &[Code::QuotaExceeded]);
    }

    #[test]
    fn a_group_counts_512_rules_with_its_templates() {
        let mut network = tom();
        templates(&mut network, 20, 13);
        let mut rule = accept(Peer::AddressTemplateGroup(id("ipmg-x")));
        rule.service = Served::Template(id("ppm-x"));
        assert_eq!(expansion(&network, &rule), 2 * 20 * 13);
        network.security_groups.insert(id("sg-x"), group(vec![rule]));
        let found = super::super::check(&network);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].code, Code::QuotaExceeded);
    }

    #[test]
    fn long_lists_need_an_increase() {
        let long = |network: &mut Network| {
            let rules = vec![accept(Peer::Any); 101];
            network.security_groups.insert(id("sg-x"), group(rules));
        };
        breaks(long, &[Code::QuotaWarning]);
    }
}
