//! Rules, entries and routes as the API takes them.

use serde_json::{Value, json};

use super::Commands;
use crate::model::{
    AclRule, Network, NextHop, Peer, Protocols, Route, SecurityGroupRule, Served, Service,
};
use crate::space::{Action, AddressSet};

fn action(action: Action) -> &'static str {
    match action {
        Action::Accept => "ACCEPT",
        Action::Drop => "DROP",
    }
}

/// `TCP` and `80,443`; every port is `ALL`.
fn service(of: &Service) -> [String; 2] {
    let ports = if of.ports.is_full() { String::from("ALL") } else { of.ports.to_string() };
    match of.protocols {
        Protocols::All => [String::from("ALL"), String::from("ALL")],
        Protocols::One(protocol) if protocol.has_ports() => {
            [protocol.to_string().to_uppercase(), ports]
        }
        Protocols::One(protocol) => [protocol.to_string().to_uppercase(), String::from("ALL")],
    }
}

/// Each CIDR of a set; a single address is written bare.
fn cidrs(set: &AddressSet) -> Vec<String> {
    let all = set.cidrs().into_iter().map(|cidr| {
        if cidr.prefix_len() == cidr.max_prefix_len() {
            cidr.addr().to_string()
        } else {
            cidr.to_string()
        }
    });
    all.collect()
}

fn block(cidr: &str) -> [(&'static str, Value); 1] {
    let name = if cidr.contains(':') { "Ipv6CidrBlock" } else { "CidrBlock" };
    [(name, json!(cidr))]
}

/// The rules of a group.
pub(super) fn policies(shell: &Commands<'_>, rules: &[SecurityGroupRule]) -> Vec<Value> {
    let all = rules.iter().flat_map(|rule| {
        let mut policy = json!({ "Action": action(rule.action) });
        match &rule.service {
            Served::Service(of) => {
                let [protocol, port] = service(of);
                (policy["Protocol"], policy["Port"]) = (json!(protocol), json!(port));
            }
            Served::Template(id) => {
                policy["ServiceTemplate"] = json!({ "ServiceId": shell.id(id) });
            }
            Served::TemplateGroup(id) => {
                policy["ServiceTemplate"] = json!({ "ServiceGroupId": shell.id(id) });
            }
        }
        let blocks = match &rule.peer {
            Peer::Any => vec![String::from("0.0.0.0/0"), String::from("::/0")],
            Peer::ZeroPrefix(_) => vec![String::from("0.0.0.0/0")],
            Peer::Addresses(set) => cidrs(set),
            Peer::SecurityGroup(id) => {
                policy["SecurityGroupId"] = shell.id(id);
                Vec::new()
            }
            Peer::AddressTemplate(id) => {
                policy["AddressTemplate"] = json!({ "AddressId": shell.id(id) });
                Vec::new()
            }
            Peer::AddressTemplateGroup(id) => {
                policy["AddressTemplate"] = json!({ "AddressGroupId": shell.id(id) });
                Vec::new()
            }
        };
        if blocks.is_empty() {
            return vec![policy];
        }
        let each = blocks.iter().map(|cidr| {
            let mut policy = policy.clone();
            for (name, value) in block(cidr) {
                policy[name] = value;
            }
            policy
        });
        each.collect::<Vec<_>>()
    });
    all.collect()
}

/// Whether a rule of an ACL names more than the other side and what for (ACL-7).
pub(super) fn is_quintuple(rule: &AclRule, into: bool) -> bool {
    let own = if into { &rule.destination } else { &rule.source };
    own.is_some() || rule.source_ports.is_some()
}

/// The entries of an ACL.
pub(super) fn entries(rules: &[AclRule], into: bool, quintuple: bool) -> Vec<Value> {
    let any = || vec![String::from("0.0.0.0/0")];
    let side = |set: &Option<AddressSet>| set.as_ref().map_or_else(any, cidrs);
    let mut priority = 0_usize;
    let mut all = Vec::new();
    for rule in rules {
        let [protocol, port] = service(&rule.service);
        for source in side(&rule.source) {
            for destination in side(&rule.destination) {
                priority += 1;
                let mut entry = json!({
                    "Protocol": protocol, "Action": action(rule.action),
                });
                if quintuple {
                    let ports = rule.source_ports.as_ref();
                    let ports = ports.map_or_else(|| String::from("ALL"), ToString::to_string);
                    entry["SourceCidr"] = json!(source);
                    entry["SourcePort"] = json!(ports);
                    entry["DestinationCidr"] = json!(destination);
                    entry["DestinationPort"] = json!(port);
                    entry["Priority"] = json!(priority);
                } else {
                    let other = if into { &source } else { &destination };
                    entry["Port"] = json!(port);
                    for (name, value) in block(other) {
                        entry[name] = value;
                    }
                }
                all.push(entry);
            }
        }
    }
    all
}

/// The type of a next hop and its id; a machine is named by its address.
pub(super) fn gateway(shell: &Commands<'_>, now: &Network, via: &NextHop) -> (&'static str, Value) {
    match via {
        NextHop::NatGateway(id) => ("NAT", shell.id(id)),
        NextHop::VpnGateway(id) => ("VPN", shell.id(id)),
        NextHop::DirectConnectGateway(id) => ("DIRECTCONNECT", shell.id(id)),
        NextHop::PeeringConnection(id) => ("PEERCONNECTION", shell.id(id)),
        NextHop::Ccn(id) => ("USER_CCN", shell.id(id)),
        NextHop::HaVip(id) => ("HAVIP", shell.id(id)),
        NextHop::Instance(id) => {
            let networks = [now, shell.goal, shell.from];
            let mut all = networks.into_iter();
            let it = all.find_map(|network| network.instances.get(id));
            let ip = it.map(|it| json!(it.ip.to_string()));
            ("NORMAL_CVM", ip.unwrap_or_else(|| shell.id(id)))
        }
        NextHop::PublicGateway(id) => ("CVM", shell.id(id)),
        NextHop::Eip => ("EIP", json!("0")),
    }
}

/// Routes with their next hops.
pub(super) fn routes(shell: &Commands<'_>, now: &Network, routes: &[Route]) -> Value {
    let all = routes.iter().map(|route| {
        let (kind, id) = gateway(shell, now, &route.via);
        let to = route.to.to_string();
        let field =
            if to.contains(':') { "DestinationIpv6CidrBlock" } else { "DestinationCidrBlock" };
        json!({ field: to, "GatewayType": kind, "GatewayId": id, "Enabled": route.enabled })
    });
    Value::Array(all.collect())
}

/// The services of a template: `tcp:80,443`, `icmp`.
pub(super) fn services(all: &[Service]) -> Value {
    let all = all.iter().map(|of| match of.protocols {
        Protocols::One(protocol) if !protocol.has_ports() => protocol.to_string(),
        Protocols::All => String::from("all"),
        Protocols::One(protocol) => {
            let [_, ports] = service(of);
            format!("{protocol}:{}", ports.to_lowercase())
        }
    });
    json!(all.collect::<Vec<_>>())
}

/// The members of an address template.
pub(super) fn addresses(sets: &[AddressSet]) -> Value {
    let all = sets.iter().flat_map(cidrs);
    json!(all.collect::<Vec<_>>())
}
