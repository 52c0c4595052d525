//! Security groups, network ACLs and templates.

use super::layout::{Node, Record};
use super::{Names, Write};
use crate::id::Id;
use crate::model::{
    AclRule, AddressTemplate, AddressTemplateGroup, EdgeFirewall, NetworkAcl, Peer, Protocols,
    SecurityGroup, SecurityGroupRule, Served, Service, ServiceTemplate, ServiceTemplateGroup,
};
use crate::space::{Action, AddressSet, IntervalSet};

impl Write for SecurityGroup {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, region, ingress, egress } = self;
        let list = |list: &'static str, own: &'static str, rules: &[SecurityGroupRule]| {
            let rules = rules.iter().map(|rule| group_rule(own, rule, names));
            names.items(id, list, rules).tall()
        };
        names
            .meta(Record::new(), meta)
            .optional("region", region.as_ref().map(Node::text))
            .unless_empty("ingress", list("ingress", "from", ingress))
            .unless_empty("egress", list("egress", "to", egress))
            .node()
    }
}

/// A rule of a security group; `own` is the field of the other side.
pub fn group_rule(own: &str, rule: &SecurityGroupRule, names: &Names<'_>) -> Node {
    let peer = match &rule.peer {
        Peer::Any => None,
        Peer::Addresses(set) => Some(address_set(set)),
        Peer::ZeroPrefix(length) => Some(Node::text(format!("0.0.0.0/{length}"))),
        Peer::SecurityGroup(id) | Peer::AddressTemplate(id) | Peer::AddressTemplateGroup(id) => {
            Some(names.id(id))
        }
    };
    let service = match &rule.service {
        Served::Service(service) => served(service),
        Served::Template(id) | Served::TemplateGroup(id) => Some(names.id(id)),
    };
    Record::of(action(rule.action)).optional(own, peer).optional("service", service).node()
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
fn address_set(set: &AddressSet) -> Node {
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

impl Write for NetworkAcl {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, vpc, ingress, egress } = self;
        let list = |list: &'static str, rules: &[AclRule]| {
            names.items(id, list, rules.iter().map(acl_rule)).tall()
        };
        names
            .meta(Record::new(), meta)
            .field("vpc", names.id(vpc))
            .unless_empty("ingress", list("ingress", ingress))
            .unless_empty("egress", list("egress", egress))
            .node()
    }
}

impl Write for EdgeFirewall {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, addresses, ingress, egress } = self;
        let list = |list: &'static str, rules: &[AclRule]| {
            names.items(id, list, rules.iter().map(acl_rule)).tall()
        };
        let guarded = addresses.iter();
        let guarded = guarded.map(|cidr| address_set(&AddressSet::from(*cidr)));
        names
            .meta(Record::new(), meta)
            .unless_empty("addresses", names.items(id, "addresses", guarded))
            .unless_empty("ingress", list("ingress", ingress))
            .unless_empty("egress", list("egress", egress))
            .node()
    }
}

/// A rule of a network ACL or of an edge firewall.
pub fn acl_rule(rule: &AclRule) -> Node {
    Record::of(action(rule.action))
        .optional("from", rule.source.as_ref().map(address_set))
        .optional("source_port", rule.source_ports.as_ref().map(|set| Node::text(ports(set))))
        .optional("to", rule.destination.as_ref().map(address_set))
        .optional("service", served(&rule.service))
        .node()
}

impl Write for AddressTemplate {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, addresses } = self;
        let members = addresses.iter().map(address_set);
        names
            .meta(Record::new(), meta)
            .field("addresses", names.items(id, "addresses", members))
            .node()
    }
}

impl Write for AddressTemplateGroup {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, templates } = self;
        names.meta(Record::new(), meta).field("templates", names.ids(templates)).node()
    }
}

impl Write for ServiceTemplate {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, services } = self;
        let services = services.iter().map(Node::text);
        names
            .meta(Record::new(), meta)
            .field("services", names.items(id, "services", services))
            .node()
    }
}

impl Write for ServiceTemplateGroup {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, templates } = self;
        names.meta(Record::new(), meta).field("templates", names.ids(templates)).node()
    }
}
