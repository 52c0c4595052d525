//! Security groups, network ACLs and templates.

use super::Names;
use super::layout::{Node, Record};
use crate::id::Id;
use crate::model::{
    AclRule, AddressTemplate, AddressTemplateGroup, EdgeFirewall, NetworkAcl, Peer, Protocols,
    SecurityGroup, SecurityGroupRule, Served, Service, ServiceTemplate, ServiceTemplateGroup,
};
use crate::space::{Action, AddressSet, IntervalSet};

pub fn security_group(id: &Id, group: &SecurityGroup, names: &Names<'_>) -> Node {
    let list = |list: &'static str, own: &'static str, rules: &[SecurityGroupRule]| {
        let rules = rules.iter().map(|rule| group_rule(own, rule, names));
        names.items(id, list, rules).tall()
    };
    names
        .meta(Record::new(), &group.meta)
        .optional("region", group.region.as_ref().map(Node::text))
        .unless_empty("ingress", list("ingress", "from", &group.ingress))
        .unless_empty("egress", list("egress", "to", &group.egress))
        .node()
}

/// A rule of a security group; `own` is the field of the other side.
pub fn group_rule(own: &str, rule: &SecurityGroupRule, names: &Names<'_>) -> Node {
    let peer = match &rule.peer {
        Peer::Any => None,
        Peer::Addresses(set) => Some(addresses(set)),
        Peer::ZeroPrefix(length) => Some(Node::text(format!("0.0.0.0/{length}"))),
        Peer::SecurityGroup(id) | Peer::AddressTemplate(id) | Peer::AddressTemplateGroup(id) => {
            Some(names.id(id))
        }
    };
    let service = match &rule.service {
        Served::Service(service) => served(service),
        Served::Template(id) | Served::TemplateGroup(id) => Some(names.id(id)),
    };
    Record::of(action(rule.action))
        .optional(own, peer)
        .optional("service", service)
        .node()
}

fn action(action: Action) -> &'static str {
    match action {
        Action::Accept => "Accept",
        Action::Drop => "Drop",
    }
}

/// A service, unless it is `all`, which is what is meant where none is written.
fn served(service: &Service) -> Option<Node> {
    (service.protocols != Protocols::All).then(|| Node::text(service))
}

/// One address, one CIDR or one range.
fn addresses(set: &AddressSet) -> Node {
    let range = |(first, last)| Node::text(format!("{first}-{last}"));
    match set.cidrs()[..] {
        [cidr] if cidr.prefix_len() == cidr.max_prefix_len() => Node::text(cidr.addr()),
        [cidr] => Node::text(cidr),
        _ => set.ranges().next().map_or_else(|| Node::text(""), range),
    }
}

/// Ports alone.
pub fn ports(ports: &IntervalSet<u16>) -> String {
    if ports.is_full() {
        String::from("all")
    } else {
        ports.to_string()
    }
}

pub fn network_acl(id: &Id, acl: &NetworkAcl, names: &Names<'_>) -> Node {
    let list = |list: &'static str, rules: &[AclRule]| {
        names.items(id, list, rules.iter().map(acl_rule)).tall()
    };
    names
        .meta(Record::new(), &acl.meta)
        .field("vpc", names.id(&acl.vpc))
        .unless_empty("ingress", list("ingress", &acl.ingress))
        .unless_empty("egress", list("egress", &acl.egress))
        .node()
}

pub fn edge_firewall(id: &Id, firewall: &EdgeFirewall, names: &Names<'_>) -> Node {
    let list = |list: &'static str, rules: &[AclRule]| {
        names.items(id, list, rules.iter().map(acl_rule)).tall()
    };
    let guarded = firewall.addresses.iter();
    let guarded = guarded.map(|cidr| addresses(&AddressSet::from(*cidr)));
    names
        .meta(Record::new(), &firewall.meta)
        .unless_empty("addresses", names.items(id, "addresses", guarded))
        .unless_empty("ingress", list("ingress", &firewall.ingress))
        .unless_empty("egress", list("egress", &firewall.egress))
        .node()
}

/// A rule of a network ACL or of an edge firewall.
pub fn acl_rule(rule: &AclRule) -> Node {
    Record::of(action(rule.action))
        .optional("from", rule.source.as_ref().map(addresses))
        .optional(
            "source_port",
            rule.source_ports.as_ref().map(|set| Node::text(ports(set))),
        )
        .optional("to", rule.destination.as_ref().map(addresses))
        .optional("service", served(&rule.service))
        .node()
}

pub fn address_template(id: &Id, template: &AddressTemplate, names: &Names<'_>) -> Node {
    let members = template.addresses.iter().map(addresses);
    names
        .meta(Record::new(), &template.meta)
        .field("addresses", names.items(id, "addresses", members))
        .node()
}

pub fn address_template_group(group: &AddressTemplateGroup, names: &Names<'_>) -> Node {
    names
        .meta(Record::new(), &group.meta)
        .field("templates", names.ids(&group.templates))
        .node()
}

pub fn service_template(id: &Id, template: &ServiceTemplate, names: &Names<'_>) -> Node {
    let services = template.services.iter().map(Node::text);
    names
        .meta(Record::new(), &template.meta)
        .field("services", names.items(id, "services", services))
        .node()
}

pub fn service_template_group(group: &ServiceTemplateGroup, names: &Names<'_>) -> Node {
    names
        .meta(Record::new(), &group.meta)
        .field("templates", names.ids(&group.templates))
        .node()
}
