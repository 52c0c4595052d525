//! Ways between private addresses and the Internet: an EIP, a NAT gateway, a port forwarded, an address for a gateway that
//! has none. The addresses are stand-ins: the cloud gives others.

use std::net::IpAddr;

use super::FixQuestion;
use super::block::Block;
use super::candidate::Candidate;
use super::fresh;
use super::route::{Asker, routes_to};
use super::stated::replaced;
use crate::id::Id;
use crate::model::{
    Change, Dnat, Endpoint, Fragment, Meta, NatGateway, NatKind, Network, NextHop, Protocols,
    Service,
};
use crate::query::{Direction, Selector};
use crate::space::{AddressSet, IntervalSet, Protocol};

/// So many ports are forwarded one by one.
const MOST_PORTS: u128 = 4;

/// So many machines are tried behind a port that nobody names.
const MOST_MACHINES: usize = 4;

/// A public address for the machine that sends to the Internet, or is to be reached from there; a NAT gateway else.
pub fn addresses(network: &Network, question: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let mut found = Vec::new();
    let inward = question.from.0 == Selector::Internet;
    let owners = if inward {
        block.reason.cause.at.iter().cloned().collect()
    } else {
        senders(network, block)
    };
    if inward {
        for id in &owners {
            found.extend(forwarded(network, block, id));
        }
    } else if let Some(asker) = Asker::of(network, block) {
        found.extend(new_nat(network, &asker));
    }
    if let [owner] = owners.as_slice() {
        found.extend(elastic(network, owner));
    }
    found
}

/// Those who send what is lost, if they are few.
fn senders(network: &Network, block: &Block) -> Vec<Id> {
    let sources = block.flows.iter().map(|flow| flow.sources.clone());
    let sources = AddressSet::union_all(sources);
    let witness = block.reason.witness.source;
    if sources.len() > 1 {
        return Vec::new();
    }
    let owned = network.owned_addresses().into_iter();
    let mut owners: Vec<Id> =
        owned.filter(|owned| owned.has(witness)).map(|owned| owned.owner.clone()).collect();
    owners.dedup();
    owners
}

/// An EIP for a machine, an interface or a HAVIP; a public IP for a classic CVM.
fn elastic(network: &Network, id: &Id) -> Option<Candidate> {
    let address = fresh::public_address(network)?;
    let mut fragment = Fragment::default();
    let part = &mut fragment.network;
    if let Some(instance) = network.instances.get(id) {
        let mut instance = instance.clone();
        instance.eip = instance.eip.or(Some(address));
        part.instances.insert(id.clone(), instance);
    } else if let Some(interface) = network.network_interfaces.get(id) {
        let mut interface = interface.clone();
        interface.eip = interface.eip.or(Some(address));
        part.network_interfaces.insert(id.clone(), interface);
    } else if let Some(havip) = network.havips.get(id) {
        let mut havip = havip.clone();
        havip.eip = havip.eip.or(Some(address));
        part.havips.insert(id.clone(), havip);
    } else if let Some(instance) = network.classic_instances.get(id) {
        let mut instance = instance.clone();
        instance.public_ip = instance.public_ip.or(Some(address));
        part.classic_instances.insert(id.clone(), instance);
    } else {
        return None;
    }
    Some(replaced(fragment))
}

/// A new NAT gateway, with the route to it.
fn new_nat(network: &Network, asker: &Asker) -> Option<Candidate> {
    let id = fresh::id(network, "nat-new")?;
    let mut fragment = Fragment::default();
    let gateway = NatGateway {
        meta: Meta::default(),
        vpc: asker.vpc.clone(),
        kind: NatKind::Traditional,
        eips: vec![fresh::public_address(network)?],
        strict_snat: false,
        snat: Vec::new(),
        dnat: Vec::new(),
    };
    fragment.network.nat_gateways.insert(id.clone(), gateway);
    let mut changes = vec![Change::Create(Box::new(fragment))];
    let everywhere = AddressSet::any_v4().cidrs();
    changes.extend(asker.take(network, routes_to(&everywhere, &NextHop::NatGateway(id)))?);
    Some(changes)
}

/// An address for a NAT gateway that has none.
pub fn for_gateway(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let with_address = || {
        let (id, mut gateway) = gateway(network, block)?;
        let address = fresh::public_address(network)?;
        gateway.eips.push(address);
        // A rule that names no address has none either.
        for rule in gateway.snat.iter_mut().filter(|rule| rule.eips.is_empty()) {
            rule.eips.push(address);
        }
        Some(restated(id, gateway))
    };
    with_address().into_iter().collect()
}

/// A port of a NAT gateway's address that nothing is behind, forwarded.
pub fn entries(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some((id, gateway)) = gateway(network, block) else {
        return Vec::new();
    };
    let outside = block.reason.witness.destination;
    let known = gateway.dnat.iter().map(|entry| entry.to);
    let machines = network.instances.iter();
    let machines = machines.filter(|(id, _)| network.vpc_of(id.as_str()) == Some(&gateway.vpc));
    let mut targets: Vec<IpAddr> = Vec::new();
    for target in known.chain(machines.map(|(_, instance)| instance.ip)) {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets.truncate(MOST_MACHINES);
    let each = targets.into_iter().filter_map(|to| {
        let entries = entries_for(block, outside, to)?;
        let mut gateway = gateway.clone();
        gateway.dnat.extend(entries);
        Some(restated(id.clone(), gateway))
    });
    each.collect()
}

/// The ports of a machine, forwarded by the NAT gateways of its VPC.
fn forwarded(network: &Network, block: &Block, id: &Id) -> Vec<Candidate> {
    let vpc = network.vpc_of(id.as_str());
    let to = if let [Endpoint::GroupMember(_, address)] = &block.endpoints[..] {
        Some(*address)
    } else {
        let instance = network.instances.get(id).map(|it| it.ip);
        instance.or_else(|| network.network_interfaces.get(id).map(|it| it.ip))
    };
    let Some(to) = to else { return Vec::new() };
    let gateways = network.nat_gateways.iter();
    let gateways = gateways.filter(|(_, gateway)| Some(&gateway.vpc) == vpc);
    let mut found = Vec::new();
    for (id, gateway) in gateways {
        for eip in &gateway.eips {
            let mut gateway = gateway.clone();
            let Some(entries) = entries_for(block, *eip, to) else {
                continue;
            };
            gateway.dnat.extend(entries);
            found.push(restated(id.clone(), gateway));
        }
    }
    found
}

/// Entries for the ports of a blocker, one each.
fn entries_for(block: &Block, eip: IpAddr, to: IpAddr) -> Option<Vec<Dnat>> {
    let mut entries = Vec::new();
    for service in block.flows.iter().flat_map(|flow| &flow.services) {
        let Protocols::One(protocol @ (Protocol::TCP | Protocol::UDP)) = service.protocols else {
            return None;
        };
        if service.ports.len() > MOST_PORTS {
            return None;
        }
        let ports = service.ports.ranges();
        entries.extend(ports.flat_map(|(first, last)| first..=last).map(|port| Dnat {
            service: Service {
                protocols: Protocols::One(protocol),
                ports: IntervalSet::single(port),
            },
            eip,
            to,
            port,
        }));
    }
    (!entries.is_empty()).then_some(entries)
}

/// The NAT gateway that a blocker is at.
fn gateway(network: &Network, block: &Block) -> Option<(Id, NatGateway)> {
    let id = block.reason.cause.at.as_ref()?;
    Some((id.clone(), network.nat_gateways.get(id)?.clone()))
}

fn restated(id: Id, gateway: NatGateway) -> Candidate {
    let mut fragment = Fragment::default();
    fragment.network.nat_gateways.insert(id, gateway);
    replaced(fragment)
}

/// An EIP of its own for whoever sends what a NAT gateway does not translate.
pub fn own(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    if block.reason.direction == Direction::Return {
        return Vec::new();
    }
    let owners = senders(network, block);
    match owners.as_slice() {
        [owner] => elastic(network, owner).into_iter().collect(),
        _ => Vec::new(),
    }
}
