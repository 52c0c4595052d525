//! What goes wrong with rules of security groups and network ACLs.

use ipnet::IpNet;

use super::operator::Operator;
use super::thing::{Sheet, ThingKind};
use crate::id::Id;
use crate::model::{
    AclRule, Change, Network, Peer, Place, Protocols, SecurityGroupRule, Served, Service,
};
use crate::space::{Action, AddressSet, IntervalSet, Protocol};

/// The ports that answers go to: those that Linux and Windows take for connections they open.
const EPHEMERAL: (u16, u16) = (49152, 60999);

/// Another version of a rule, and what is to be said of it.
type Version<R> = (Operator, (String, String), R);

/// The rules of all security groups.
pub(super) fn groups(network: &Network, sheet: &mut Sheet) {
    for (id, group) in &network.security_groups {
        for (list, rules) in [("ingress", &group.ingress), ("egress", &group.egress)] {
            for (index, rule) in rules.iter().enumerate() {
                sheet.thing(ThingKind::Rule, Place::item(id, list, index), rule);
                sheet.mutant(Operator::RuleDeleted, vec![without(id, list, index)]);
                for (operator, turned, new) in group_versions(network, id, rule) {
                    let put = inserted(id, list, index, vec![new]);
                    sheet.turned(operator, turned, vec![without(id, list, index), put]);
                }
                if rules.get(index + 1).is_some_and(|next| next != rule) {
                    let put = inserted(id, list, index + 1, vec![rule.clone()]);
                    let turned = (format!("#{}", index + 1), format!("#{}", index + 2));
                    sheet.turned(
                        Operator::RulesSwapped,
                        turned,
                        vec![without(id, list, index), put],
                    );
                }
            }
        }
    }
}

fn without(group: &Id, list: &str, index: usize) -> Change {
    let (ingress, egress) = sided(list, vec![index]);
    Change::DeleteSecurityGroupPolicies { security_group: group.clone(), ingress, egress }
}

fn inserted(group: &Id, list: &str, at: usize, rules: Vec<SecurityGroupRule>) -> Change {
    let (ingress, egress) = sided(list, rules);
    Change::CreateSecurityGroupPolicies { security_group: group.clone(), ingress, egress, at }
}

/// Something for one of the two lists, nothing for the other.
fn sided<T>(list: &str, items: Vec<T>) -> (Vec<T>, Vec<T>) {
    if list == "ingress" { (items, Vec::new()) } else { (Vec::new(), items) }
}

/// A rule of a security group as it should not be.
fn group_versions(
    network: &Network,
    group: &Id,
    rule: &SecurityGroupRule,
) -> Vec<Version<SecurityGroupRule>> {
    let mut all = vec![flipped(rule.action, |action| SecurityGroupRule { action, ..rule.clone() })];
    let with_peer = |peer: Peer| SecurityGroupRule { peer, ..rule.clone() };
    match &rule.peer {
        Peer::Addresses(addresses) => {
            for (operator, turned, new) in address_versions(addresses) {
                // The cloud keeps `0.0.0.0/n` as every address (SG-9): that may be no other rule.
                let peer = Peer::written(new);
                if peer.addresses().as_ref() != Some(addresses) {
                    all.push((operator, turned, with_peer(peer)));
                }
            }
        }
        Peer::SecurityGroup(own) => {
            let other = another_group(network, group, own);
            all.extend(other.map(|other| {
                let turned = (own.to_string(), other.to_string());
                let peer = Peer::SecurityGroup(other);
                (Operator::GroupReplaced, turned, with_peer(peer))
            }));
        }
        // Every IPv4 address, and everybody: there is no wider, and narrower is what `0.0.0.0/1` is not (SG-9).
        Peer::Any
        | Peer::ZeroPrefix(_)
        | Peer::AddressTemplate(_)
        | Peer::AddressTemplateGroup(_) => {}
    }
    if let Served::Service(service) = &rule.service {
        all.extend(service_versions(service).into_iter().map(|(operator, turned, service)| {
            let service = Served::Service(service);
            let rule = SecurityGroupRule { service, ..rule.clone() };
            (operator, turned, rule)
        }));
    }
    all
}

/// The group of the file that comes after one, in the same region; not the one that has the rule unless there is no other.
fn another_group(network: &Network, holder: &Id, named: &Id) -> Option<Id> {
    let at = network.security_groups.get_index_of(named)?;
    let region = network.security_groups[at].region.clone();
    let count = network.security_groups.len();
    let others =
        (1..count).filter_map(|step| network.security_groups.get_index((at + step) % count));
    let mut others: Vec<&Id> =
        others.filter(|(_, group)| group.region == region).map(|(id, _)| id).collect();
    others.sort_by_key(|id| *id == holder);
    others.first().map(|id| (*id).clone())
}

fn flipped<R>(action: Action, with: impl Fn(Action) -> R) -> Version<R> {
    let (other, words) = match action {
        Action::Accept => (Action::Drop, ("Accept", "Drop")),
        Action::Drop => (Action::Accept, ("Drop", "Accept")),
    };
    let turned = (words.0.to_owned(), words.1.to_owned());
    (Operator::RuleFlipped, turned, with(other))
}

/// A CIDR one bit wider, and each of its halves.
fn address_versions(addresses: &AddressSet) -> Vec<Version<AddressSet>> {
    let [cidr] = addresses.cidrs()[..] else {
        return Vec::new();
    };
    let version = |operator, new: IpNet| {
        let turned = (cidr.to_string(), new.to_string());
        (operator, turned, AddressSet::from(new))
    };
    let wider = wider(cidr).map(|new| version(Operator::AddressesWider, new));
    let narrower = halves(cidr).into_iter().map(|new| version(Operator::AddressesNarrower, new));
    wider.into_iter().chain(narrower).collect()
}

/// A network one bit wider.
pub(super) fn wider(cidr: IpNet) -> Option<IpNet> {
    let wider = cidr.supernet()?;
    Some(wider.trunc())
}

/// The two networks that make up one.
pub(super) fn halves(cidr: IpNet) -> Vec<IpNet> {
    let subnets = cidr.trunc().subnets(cidr.prefix_len() + 1);
    subnets.map(Iterator::collect).unwrap_or_default()
}

/// Other ports and protocols.
fn service_versions(service: &Service) -> Vec<Version<Service>> {
    let Protocols::One(protocol) = service.protocols else {
        return Vec::new();
    };
    let version = |operator, new: Service| (operator, (service.to_string(), new.to_string()), new);
    let mut all = Vec::new();
    if protocol.has_ports() {
        for (operator, ports) in port_versions(&service.ports) {
            all.push(version(operator, Service { protocols: service.protocols, ports }));
        }
        let other = if protocol == Protocol::TCP { Protocol::UDP } else { Protocol::TCP };
        let switched = Service { protocols: Protocols::One(other), ports: service.ports.clone() };
        all.push(version(Operator::ProtocolSwitched, switched));
    }
    all.push(version(Operator::ProtocolAll, Service::all()));
    all
}

/// Ports one off: each single one higher and lower, each end of each range in and out; and all of them.
fn port_versions(ports: &IntervalSet<u16>) -> Vec<(Operator, IntervalSet<u16>)> {
    if ports.is_full() {
        return Vec::new();
    }
    let ranges: Vec<(u16, u16)> = ports.ranges().collect();
    let mut all = Vec::new();
    for (index, (low, high)) in ranges.iter().copied().enumerate() {
        let mut put = |operator, range: (u16, u16)| {
            let mut ranges = ranges.clone();
            ranges[index] = range;
            let new = IntervalSet::from_ranges(ranges);
            if new != *ports && !new.is_full() {
                all.push((operator, new));
            }
        };
        let (below, above) = (low.checked_sub(1), high.checked_add(1));
        if low == high {
            let moved = [below, above].into_iter().flatten();
            moved.for_each(|port| put(Operator::PortMoved, (port, port)));
            continue;
        }
        put(Operator::RangeShrunk, (low + 1, high));
        put(Operator::RangeShrunk, (low, high - 1));
        if let Some(below) = below {
            put(Operator::RangeGrown, (below, high));
        }
        if let Some(above) = above {
            put(Operator::RangeGrown, (low, above));
        }
    }
    all.push((Operator::PortsAll, IntervalSet::full()));
    all
}

/// The rules of all network ACLs and edge firewalls.
pub(super) fn acls(network: &Network, sheet: &mut Sheet) {
    let acls = network.network_acls.keys();
    for id in acls.chain(network.edge_firewalls.keys()) {
        let Some([ingress, egress]) = network.five_tuple_rules(id) else {
            continue;
        };
        for (list, rules) in [("ingress", ingress), ("egress", egress)] {
            let entries = |rules| vec![Change::of_rules(network, id, list, rules)];
            for (index, rule) in rules.iter().enumerate() {
                sheet.thing(ThingKind::Rule, Place::item(id, list, index), rule);
                let mut fewer = rules.to_vec();
                fewer.remove(index);
                let is_acl = network.network_acls.contains_key(id);
                let deleted = if is_acl && is_for_replies(rule) {
                    Operator::AclReplyDeleted
                } else {
                    Operator::RuleDeleted
                };
                sheet.mutant(deleted, entries(fewer));
                for (operator, turned, new) in acl_versions(rule) {
                    let mut rules = rules.to_vec();
                    rules[index] = new;
                    sheet.turned(operator, turned, entries(rules));
                }
                if rules.get(index + 1).is_some_and(|next| next != rule) {
                    let mut rules = rules.to_vec();
                    rules.swap(index, index + 1);
                    let turned = (format!("#{}", index + 1), format!("#{}", index + 2));
                    sheet.turned(Operator::RulesSwapped, turned, entries(rules));
                }
            }
        }
    }
}

/// Whether a rule is there for answers: it accepts the ports that those go to, and not everything.
fn is_for_replies(rule: &AclRule) -> bool {
    let ephemeral = IntervalSet::range(EPHEMERAL.0, EPHEMERAL.1);
    let ports = &rule.service.ports;
    rule.action == Action::Accept && !ports.is_full() && ephemeral.is_subset(ports)
}

/// A rule of an ACL as it should not be.
fn acl_versions(rule: &AclRule) -> Vec<Version<AclRule>> {
    let mut all = vec![flipped(rule.action, |action| AclRule { action, ..rule.clone() })];
    for (addresses, is_source) in [(&rule.source, true), (&rule.destination, false)] {
        let Some(addresses) = addresses else { continue };
        for (operator, turned, new) in address_versions(addresses) {
            let mut rule = rule.clone();
            if is_source {
                rule.source = Some(new);
            } else {
                rule.destination = Some(new);
            }
            all.push((operator, turned, rule));
        }
    }
    for (operator, turned, service) in service_versions(&rule.service) {
        let rule = AclRule { service, ..rule.clone() };
        all.push((operator, turned, rule));
    }
    if let Some(ports) = &rule.source_ports {
        for (operator, new) in port_versions(ports) {
            let turned = (format!("source port {ports}"), format!("source port {new}"));
            let rule = AclRule { source_ports: Some(new), ..rule.clone() };
            all.push((operator, turned, rule));
        }
    }
    all
}
