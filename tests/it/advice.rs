//! Advice never proposes what is already so: on every shipped scenario and on random networks, what is said about a blocker is
//! held against the network by rules of its own, which know nothing of how the words were chosen.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use pathproof::code::{Code, Language};
use pathproof::engine::trace;
use pathproof::fabric::Fabric;
use pathproof::id::Id;
use pathproof::model::{CcnMember, CcnTable, Network, PeeringState, Protocols, State};
use pathproof::query::{Direction, ListName, Reason};
use pathproof::render::remedy::remedy;
use pathproof::space::{Action, Protocol};
use pathproof::verify::party_of;

use crate::random;
use crate::shipped::{loaded, scenarios};
use crate::three_voices::{has_twin, same_machine, setting};

/// Questions a network.
const QUESTIONS: usize = 60;

/// Random networks in an ordinary run.
const NETWORKS: u64 = 40;

#[test]
fn advice_never_proposes_what_is_already_so() {
    let shipped = scenarios("scenarios").into_iter();
    let shipped =
        shipped.map(|path| (path.clone(), loaded(&path).scenario.expect("a scenario").network));
    let count = setting("PATHPROOF_NETWORKS").unwrap_or(NETWORKS);
    let drawn = (0..count).map(|seed| (format!("seed {seed}"), random::network(seed)));
    let (mut told, mut wrong) = (BTreeMap::new(), BTreeMap::new());
    for (name, network) in shipped.chain(drawn) {
        for reason in reasons(&Arc::new(network.clone())) {
            *told.entry(reason.cause.code).or_insert(0) += 1;
            let text = remedy(&network, "1", &reason, Language::English);
            if let Some(why) = is_so(&network, &reason, &text) {
                let all: &mut Vec<String> = wrong.entry(reason.cause.code).or_default();
                all.push(format!("{name}, {}: {text}\n    but {why}", reason.witness));
            }
        }
    }
    assert!(told.len() > 20, "{told:?}");
    let shown: Vec<_> = wrong.values().flat_map(|all| all.iter().take(6)).cloned().collect();
    assert!(wrong.is_empty(), "of {told:?}:\n{}", shown.join("\n"));
}

/// What is told of some questions to a network.
fn reasons(network: &Arc<Network>) -> Vec<Reason> {
    let fabric = Fabric::new(Arc::clone(network));
    let mut all = Vec::new();
    for (from, to, packet) in random::questions(network, 7, QUESTIONS) {
        if has_twin(network, packet.source) || has_twin(network, packet.destination) {
            continue;
        }
        let (Some(sender), Some(receiver)) = (party_of(&fabric, &from), party_of(&fabric, &to))
        else {
            continue;
        };
        if same_machine(&fabric, sender, receiver) {
            continue;
        }
        let traced = trace(&fabric, sender, receiver, packet);
        all.extend(traced.paths.into_iter().flat_map(|path| path.reasons));
    }
    all.sort();
    all.dedup();
    all
}

/// Why what a text proposes is so already, or cannot be done at all.
fn is_so(network: &Network, reason: &Reason, text: &str) -> Option<String> {
    let says = |words: &str| text.contains(words);
    if says("join the two networks (") || says("put them all into one CCN") {
        return joined(network, reason).map(|by| format!("{by} joins them"));
    }
    if says("or join the VPCs by a CCN") {
        return joined(network, reason).map(|by| format!("{by} joins them"));
    }
    if says("put the consumer's account on the service's list") {
        return listed(network, reason).map(|account| format!("{account} may ask"));
    }
    if says("bind an EIP to the NAT gateway") {
        let at = reason.cause.at.as_ref();
        let gateway = at.and_then(|at| network.nat_gateways.get(at));
        let bound = gateway.is_some_and(|gateway| !gateway.eips.is_empty());
        return bound.then(|| "it has one".to_owned());
    }
    if says("a NAT gateway (out)") {
        return out(network, reason).map(|by| format!("{by} is there, or an EIP"));
    }
    if says("attach the network that has the address") {
        return member(network, reason).map(|who| format!("{who} is a member"));
    }
    if says("enable the CCN route") {
        return equal(network, reason).map(|to| format!("{to} is on towards another member"));
    }
    if says("rule that accepts; add one") {
        let accepts = accepts(network, reason);
        return accepts.then(|| "one accepts something".to_owned());
    }
    if says("register a running target") {
        return target(network, reason).map(|id| format!("{id} runs and has a weight"));
    }
    if says("start or recover it") {
        let up = is_up(network, reason);
        return up.then(|| "it runs".to_owned());
    }
    if says("bring it up") {
        let up = is_there(network, reason);
        return up.then(|| "nothing of it is down".to_owned());
    }
    if says("write `masquerades: true`") {
        let does = masquerades(network, reason);
        return does.then(|| "it masquerades".to_owned());
    }
    if says("add a DNAT entry") {
        return dnat(network, reason);
    }
    if says("make an endpoint connection in the client's own VPC") {
        return door(network, reason).map(|id| format!("{id} is there"));
    }
    if says("attach the classic CVM") {
        let linked = linked(network, reason);
        return linked.then(|| "it is linked".to_owned());
    }
    let of_acl =
        matches!(reason.cause.code, Code::NetworkAclEgressDenied | Code::NetworkAclIngressDenied);
    let by_port = [Protocol::TCP, Protocol::UDP, Protocol::ICMP, Protocol::ICMPV6];
    if of_acl && !by_port.contains(&reason.witness.protocol) && !says("accept all protocols") {
        return Some("no rule of an ACL can name the protocol".to_owned());
    }
    None
}

/// The account of an endpoint that may ask for its service.
fn listed(network: &Network, reason: &Reason) -> Option<String> {
    let id = reason.cause.at.as_ref()?;
    let service = &network.vpc_endpoints.get(id)?.service;
    let consumer = network.account_of(id.as_str());
    let own = consumer == network.account_of(service.as_str());
    let allowed = &network.endpoint_services.get(service)?.allowed_accounts;
    let mut allowed = allowed.iter();
    let listed = own || allowed.any(|account| account.as_str() == consumer);
    listed.then(|| consumer.to_owned())
}

fn vpcs_of(network: &Network, address: IpAddr) -> impl Iterator<Item = &Id> {
    let vpcs = network.vpcs.iter();
    vpcs.filter(move |(_, vpc)| vpc.covers(address)).map(|(id, _)| id)
}

/// What joins the networks of sender and receiver directly.
fn joined(network: &Network, reason: &Reason) -> Option<Id> {
    let (source, destination) = (reason.witness.source, reason.witness.destination);
    vpcs_of(network, source).find_map(|vpc| {
        let mut peerings = network.peerings.iter();
        let peering = peerings.find(|(_, it)| {
            let other = it.other(vpc).and_then(|other| network.vpcs.get(other));
            other.is_some_and(|other| other.cidr.contains(&destination))
        });
        let mut ccns = network.ccns.keys();
        let ccn = || {
            ccns.find(|ccn| {
                let members = network.ccn_members(ccn.as_str());
                let mut others = members.iter().filter(|it| it.id() != vpc);
                members.iter().any(|it| it.id() == vpc)
                    && others.any(|it| behind(network, it, destination))
            })
        };
        let mut ccn = ccn;
        peering.map(|(id, _)| id.clone()).or_else(|| ccn().cloned())
    })
}

fn behind(network: &Network, member: &CcnMember, address: IpAddr) -> bool {
    match member {
        CcnMember::Vpc(id) => network.vpcs[id].covers(address),
        CcnMember::VpnGateway(_) | CcnMember::DirectConnectGateway(_) => {
            let published = network.published(member);
            published.iter().any(|cidr| cidr.contains(&address))
        }
    }
}

/// What takes the packet to the Internet, had it a route.
fn out(network: &Network, reason: &Reason) -> Option<Id> {
    let packet = &reason.witness;
    let translates = [Protocol::TCP, Protocol::UDP, Protocol::ICMP].contains(&packet.protocol);
    if !network.is_public(packet.destination) || packet.source.is_ipv6() {
        return None;
    }
    let mut instances = network.instances.iter();
    let own = instances.find(|(_, it)| it.ip == packet.source && it.eip.is_some());
    let mut vpcs = vpcs_of(network, packet.source);
    let nat = vpcs.find_map(|vpc| {
        let mut gateways = network.nat_gateways.iter();
        gateways.find(|(_, it)| translates && it.vpc == *vpc && !it.eips.is_empty())
    });
    own.map(|(id, _)| id).or(nat.map(|(id, _)| id)).cloned()
}

fn member(network: &Network, reason: &Reason) -> Option<Id> {
    let ccn = reason.cause.at.as_ref()?;
    let packet = &reason.witness;
    let members = network.ccn_members(ccn.as_str()).into_iter();
    let mut others = members.filter(|it| vpcs_of(network, packet.source).all(|vpc| vpc != it.id()));
    others.find(|it| behind(network, it, packet.destination)).map(|it| it.id().clone())
}

/// An enabled route equal to the one that is off.
fn equal(network: &Network, reason: &Reason) -> Option<String> {
    let ccn = reason.cause.at.as_ref()?;
    let tables = network.ccns.get(ccn)?.route_tables.keys().map(CcnTable::Custom);
    let mut tables = tables.chain([CcnTable::Default]);
    tables.find_map(|table| {
        let routes = network.ccn_routes(ccn, table);
        let covers = routes.iter().filter(|it| it.to.contains(&reason.witness.destination));
        let off = covers.filter(|it| !it.enabled).max_by_key(|it| it.to.prefix_len())?;
        let mut on = routes.iter().filter(|it| it.enabled);
        on.find(|it| it.to == off.to).map(|it| it.to.to_string())
    })
}

fn accepts(network: &Network, reason: &Reason) -> bool {
    let Some(at) = &reason.cause.at else {
        return false;
    };
    let list = match reason.cause.code {
        Code::SecurityGroupIngressDenied | Code::NetworkAclIngressDenied => ListName::Ingress,
        _ => ListName::Egress,
    };
    let of_group = network.security_groups.get(at).map(|group| match list {
        ListName::Ingress => &group.ingress,
        ListName::Egress => &group.egress,
    });
    let of_acl = network.network_acls.get(at).map(|acl| match list {
        ListName::Ingress => &acl.ingress,
        ListName::Egress => &acl.egress,
    });
    let group = of_group.into_iter().flatten().any(|it| it.action == Action::Accept);
    group || of_acl.into_iter().flatten().any(|it| it.action == Action::Accept)
}

fn target(network: &Network, reason: &Reason) -> Option<Id> {
    let at = reason.cause.at.as_ref()?;
    let packet = &reason.witness;
    let listeners = network.load_balancers.get(at).map(|it| &it.listeners);
    let listeners =
        listeners.or_else(|| network.classic_load_balancers.get(at).map(|it| &it.listeners));
    let mut targets = listeners
        .into_iter()
        .flatten()
        .filter(|it| it.ports.contains(packet.destination_port))
        .flat_map(|it| &it.targets);
    let runs = |id: &Id| {
        let state = network.instances.get(id).map(|it| it.state);
        let state = state.or_else(|| network.classic_instances.get(id).map(|it| it.state));
        state == Some(State::Running) && !network.down.contains(id)
    };
    targets.find(|it| it.weight > 0 && runs(&it.instance)).map(|it| it.instance.clone())
}

fn is_up(network: &Network, reason: &Reason) -> bool {
    let at = reason.endpoint.as_ref().and_then(|it| it.id()).or(reason.cause.at.as_ref());
    let Some(at) = at else {
        return false;
    };
    let states = [
        network.instances.get(at).map(|it| it.state),
        network.classic_instances.get(at).map(|it| it.state),
    ];
    states.contains(&Some(State::Running)) && !network.down.contains(at)
}

/// Whether nothing of a gateway, line or peering is down.
fn is_there(network: &Network, reason: &Reason) -> bool {
    let Some(at) = &reason.cause.at else {
        return false;
    };
    let pending = network.peerings.get(at).is_some_and(|it| it.state != PeeringState::Active);
    let of_gateway = network.lines_of(at);
    let gateways = network.vpn_gateways.keys().chain(network.direct_connect_gateways.keys());
    let mut lines = gateways
        .flat_map(|gateway| network.lines_of(gateway).into_iter().map(move |line| (gateway, line)));
    let down = lines.any(|(gateway, line)| {
        (gateway == at || line.id == at || of_gateway.iter().any(|own| own.id == line.id))
            && network.is_down(gateway, line)
    });
    let mut members = network.ccn_members(at.as_str()).into_iter();
    let parted = members.any(|it| network.down.contains(it.id()));
    !pending && !down && !parted && !network.down.contains(at)
}

fn masquerades(network: &Network, reason: &Reason) -> bool {
    let at = reason.cause.at.as_ref();
    let instance = at.and_then(|id| network.instances.get(id));
    let havip = at.and_then(|id| network.havips.get(id));
    instance.is_some_and(|it| it.masquerades) || havip.is_some_and(|it| it.masquerades)
}

fn dnat(network: &Network, reason: &Reason) -> Option<String> {
    let packet = &reason.witness;
    if ![Protocol::TCP, Protocol::UDP].contains(&packet.protocol) {
        return Some(format!("no DNAT entry can name {}", packet.protocol));
    }
    let gateway = network.nat_gateways.get(reason.cause.at.as_ref()?)?;
    let mut entries = gateway.dnat.iter();
    let there = entries.any(|it| {
        it.eip == packet.destination
            && it.service.protocols == Protocols::One(packet.protocol)
            && it.service.ports.contains(packet.destination_port)
    });
    there.then(|| "there is one".to_owned())
}

fn door(network: &Network, reason: &Reason) -> Option<Id> {
    let at = network.endpoint_connections.get(reason.cause.at.as_ref()?)?;
    let source = reason.witness.source;
    let mut classic = network.classic_instances.iter();
    let classic = classic.find(|(_, it)| it.ip == source).map(|(id, _)| id);
    let mut doors = network.endpoint_connections.iter();
    let door = doors.find(|(_, it)| {
        it.target == at.target && it.vpc != at.vpc && network.vpcs[&it.vpc].covers(source)
    });
    classic.or(door.map(|(id, _)| id)).cloned()
}

/// Whether the classic CVM at one end is linked to the VPC of the other.
fn linked(network: &Network, reason: &Reason) -> bool {
    let (source, destination) = (reason.witness.source, reason.witness.destination);
    let pairs = [(source, destination), (destination, source)];
    reason.direction == Direction::Forward
        && pairs.iter().any(|(one, other)| {
            network.classic_links.iter().any(|(vpc, links)| {
                let live = |link: &pathproof::model::ClassicLink| {
                    let instance = network.classic_instances.get(&link.instance);
                    link.address == *one && instance.is_some_and(|it| it.ip == *one)
                };
                network.vpcs[vpc].covers(*other) && links.iter().any(live)
            })
        })
}
