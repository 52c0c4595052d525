//! Rules of security groups, network ACLs and edge firewalls.

use super::Names;
use super::layout::{Node, Record};
use crate::model::{AclRule, Peer, Protocols, SecurityGroupRule, Served, Service, Worded};
use crate::space::{AddressSet, IntervalSet};

/// A rule of a security group; `own` is the field of the other side.
pub fn group_rule(own: &str, rule: &SecurityGroupRule, names: &Names<'_>) -> Node {
    let SecurityGroupRule { action, peer, service } = rule;
    let peer = match peer {
        Peer::Any => None,
        Peer::Addresses(set) => Some(address_set(set)),
        Peer::ZeroPrefix(length) => Some(Node::text(format!("0.0.0.0/{length}"))),
        Peer::SecurityGroup(id) | Peer::AddressTemplate(id) | Peer::AddressTemplateGroup(id) => {
            Some(names.id(id))
        }
    };
    let service = match service {
        Served::Service(service) => served(service),
        Served::Template(id) | Served::TemplateGroup(id) => Some(names.id(id)),
    };
    Record::of(action.word()).optional(own, peer).optional("service", service).node()
}

/// A service, unless it is `all`, which is what is meant where none is written.
fn served(service: &Service) -> Option<Node> {
    (service.protocols != Protocols::All).then(|| Node::text(service))
}

/// One address, one CIDR or one range.
pub fn address_set(set: &AddressSet) -> Node {
    let range = |(first, last)| Node::text(format!("{first}-{last}"));
    match set.cidrs()[..] {
        [cidr] if cidr.prefix_len() == cidr.max_prefix_len() => Node::text(cidr.addr()),
        [cidr] => Node::text(cidr),
        _ => set.ranges().next().map_or_else(|| Node::text(""), range),
    }
}

/// Ports alone.
pub fn ports(ports: &IntervalSet<u16>) -> String {
    if ports.is_full() { String::from("all") } else { ports.to_string() }
}

/// A rule of a network ACL or of an edge firewall.
pub fn acl_rule(rule: &AclRule) -> Node {
    let AclRule { action, source, source_ports, destination, service } = rule;
    Record::of(action.word())
        .optional("from", source.as_ref().map(address_set))
        .optional("source_port", source_ports.as_ref().map(|set| Node::text(ports(set))))
        .optional("to", destination.as_ref().map(address_set))
        .optional("service", served(service))
        .node()
}
