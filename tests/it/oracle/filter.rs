//! Security groups and network ACLs, one packet at a time.

use std::net::IpAddr;

use pathproof::id::Id;
use pathproof::model::{
    AclRule, EdgeFirewall, Network, Peer, Protocols, SecurityGroup, SecurityGroupRule, Served,
    Service,
};
use pathproof::space::{Action, Packet};

/// Which of the two lists of a group or ACL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum List {
    Ingress,
    Egress,
}

/// SG-4, SG-5: the bound groups are one concatenated list; the first match decides; no match denies.
pub fn groups_admit(network: &Network, groups: &[Id], list: List, packet: &Packet) -> bool {
    let rules = groups
        .iter()
        .filter_map(|id| network.security_groups.get(id))
        .flat_map(|group| rules(group, list));
    first(rules.map(|rule| (rule.action, group_rule_matches(network, rule, list, packet))))
}

/// ACL-1, ACL-3, ACL-4: no ACL filters nothing; the first match decides; no match denies.
pub fn acl_admits(network: &Network, subnet: &Id, list: List, packet: &Packet) -> bool {
    let acl = network.subnets.get(subnet).and_then(|subnet| subnet.network_acl.as_ref());
    let Some(acl) = acl.and_then(|id| network.network_acls.get(id)) else {
        return true;
    };
    let rules = match list {
        List::Ingress => &acl.ingress,
        List::Egress => &acl.egress,
    };
    first(rules.iter().map(|rule| (rule.action, acl_rule_matches(rule, packet))))
}

/// EFW-1, EFW-2: an edge firewall guards the addresses that it is switched on for, all where it names none; the first match
/// decides; no match passes.
pub fn edge_admits(firewall: &EdgeFirewall, list: List, packet: &Packet) -> bool {
    let (rules, own) = match list {
        List::Ingress => (&firewall.ingress, packet.destination),
        List::Egress => (&firewall.egress, packet.source),
    };
    let mut guarded = firewall.addresses.iter();
    if !firewall.addresses.is_empty() && !guarded.any(|cidr| cidr.contains(&own)) {
        return true;
    }
    let mut rules = rules.iter();
    let decides = rules.find(|rule| acl_rule_matches(rule, packet));
    decides.is_none_or(|rule| rule.action == Action::Accept)
}

fn first(mut rules: impl Iterator<Item = (Action, bool)>) -> bool {
    rules.find(|(_, matches)| *matches).is_some_and(|(action, _)| action == Action::Accept)
}

fn rules(group: &SecurityGroup, list: List) -> &[SecurityGroupRule] {
    match list {
        List::Ingress => &group.ingress,
        List::Egress => &group.egress,
    }
}

/// SG-8: the remote side is the source of what arrives and the destination of what leaves.
fn group_rule_matches(
    network: &Network,
    rule: &SecurityGroupRule,
    list: List,
    packet: &Packet,
) -> bool {
    let remote = match list {
        List::Ingress => packet.source,
        List::Egress => packet.destination,
    };
    peer_matches(network, &rule.peer, remote) && served_matches(network, &rule.service, packet)
}

fn peer_matches(network: &Network, peer: &Peer, remote: IpAddr) -> bool {
    let template = |id: &Id| {
        let template = network.address_templates.get(id);
        template.is_some_and(|template| template.addresses.iter().any(|set| set.contains(remote)))
    };
    match peer {
        Peer::Any => true,
        Peer::Addresses(set) => set.contains(remote),
        // SG-9: what is stored is 0.0.0.0/0.
        Peer::ZeroPrefix(_) => remote.is_ipv4(),
        Peer::SecurityGroup(id) => is_member_address(network, id, remote),
        Peer::AddressTemplate(id) => template(id),
        Peer::AddressTemplateGroup(id) => {
            let group = network.address_template_groups.get(id);
            group.is_some_and(|group| group.templates.iter().any(template))
        }
    }
}

/// SG-12, D20-14, D20-27: by value, the private addresses of the CVMs and ENIs bound to the group,
/// in VPCs and in the classic network (CL-17), running or not; no databases, no load balancers.
fn is_member_address(network: &Network, group: &Id, address: IpAddr) -> bool {
    let instances = network.instances.values().any(|instance| {
        instance.security_groups.contains(group)
            && (instance.ip == address
                || instance.secondary_ips.contains(&address)
                || instance.ipv6 == Some(address))
    });
    let interfaces = network.network_interfaces.values().any(|interface| {
        interface.security_groups.contains(group)
            && (interface.ip == address || interface.secondary_ips.contains(&address))
    });
    let members = network.instance_groups.values().any(|members| {
        let (first, last) = members.ips;
        members.security_groups.contains(group)
            && first.is_ipv4() == address.is_ipv4()
            && first <= address
            && address <= last
    });
    let mut classic = network.classic_instances.values();
    let classic =
        classic.any(|classic| classic.security_groups.contains(group) && classic.ip == address);
    instances || interfaces || members || classic
}

fn served_matches(network: &Network, served: &Served, packet: &Packet) -> bool {
    let template = |id: &Id| {
        let template = network.service_templates.get(id);
        template
            .is_some_and(|template| template.services.iter().any(|service| serves(service, packet)))
    };
    match served {
        Served::Service(service) => serves(service, packet),
        Served::Template(id) => template(id),
        Served::TemplateGroup(id) => {
            let group = network.service_template_groups.get(id);
            group.is_some_and(|group| group.templates.iter().any(template))
        }
    }
}

/// SG-10, ACL-6: protocol, and for TCP and UDP the destination port.
pub fn serves(service: &Service, packet: &Packet) -> bool {
    match service.protocols {
        Protocols::All => true,
        Protocols::One(protocol) => {
            protocol == packet.protocol
                && (!protocol.has_ports() || service.ports.contains(packet.destination_port))
        }
    }
}

/// ACL-6, ACL-7: what is left out is any. A rule on source ports speaks of TCP and UDP alone.
fn acl_rule_matches(rule: &AclRule, packet: &Packet) -> bool {
    rule.source.as_ref().is_none_or(|set| set.contains(packet.source))
        && rule.destination.as_ref().is_none_or(|set| set.contains(packet.destination))
        && rule.source_ports.as_ref().is_none_or(|ports| {
            ports.is_full() || packet.protocol.has_ports() && ports.contains(packet.source_port)
        })
        && serves(&rule.service, packet)
}
