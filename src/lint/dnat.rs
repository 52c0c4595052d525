//! DNAT entries that open a port to the Internet and whose target's groups let nobody in there (NAT-3, NAT-4).
//!
//! The target sees the client's own address and the inside port. An entry is blocked when no public address passes the
//! target's groups: whoever comes by it is dropped.

use std::net::IpAddr;

use super::guards::Guards;
use super::{Fact, Finding, Subject, short};
use crate::code::Code;
use crate::fabric::FilterUse;
use crate::id::Id;
use crate::model::{Dnat, Endpoint, NatGateway, Place, Protocols};
use crate::space::{AddressSet, Fields, IntervalSet, Set, Traffic};

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let mut asked = Guards::of(subject);
    let clients = clients(&mut asked);
    for (id, gateway) in &subject.network.nat_gateways {
        for (index, entry) in gateway.dnat.iter().enumerate() {
            let blocked = blocked(&mut asked, clients, gateway, entry);
            if let Some(exceeded) = asked.space.exceeded() {
                found.push(short(Code::DnatTargetBlocked, Place::of(id), exceeded));
                return;
            }
            let Some((target, guard)) = blocked else {
                continue;
            };
            let place = Place::item(id, "dnat", index);
            let related = Place::field(&guard, "ingress");
            let outside = entry.service.ports.first().unwrap_or_default();
            let fact = Fact::DnatTargetBlocked {
                gateway: id.clone(),
                outside: (entry.eip, outside),
                target,
                port: entry.port,
                guard,
            };
            found.push(Finding::at(place, fact).with([related]));
        }
    }
}

/// Every source that a host of the Internet may have (D20-3).
fn clients(asked: &mut Guards<'_>) -> Set {
    let from = &asked.subject.fabric.public;
    let sources = asked.space.cube(from, &AddressSet::any(), &Traffic::all());
    asked.space.project(sources, Fields::SOURCE)
}

/// The target of an entry with the owner of its groups, if they drop all that the entry brings.
fn blocked(
    asked: &mut Guards<'_>,
    clients: Set,
    gateway: &NatGateway,
    entry: &Dnat,
) -> Option<(Endpoint, Id)> {
    let (filter, target) = target(asked, gateway, entry.to)?;
    let Protocols::One(protocol) = entry.service.protocols else {
        return None;
    };
    let port = IntervalSet::single(entry.port);
    let admitted = asked.sources(filter, entry.to, protocol, &port);
    (!asked.space.overlaps(admitted, clients)).then(|| (target, asked.owner(filter)))
}

/// What guards the address in the gateway's VPC, and who has it.
fn target(
    asked: &Guards<'_>,
    gateway: &NatGateway,
    address: IpAddr,
) -> Option<(FilterUse, Endpoint)> {
    let fabric = asked.subject.fabric;
    let vpc = fabric.position_of_vpc(&gateway.vpc)?;
    let resident = fabric.hosts.get(fabric.hosts.in_vpc(vpc, address)?);
    Some((resident.ingress?, resident.endpoint_at(address)))
}
