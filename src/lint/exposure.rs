//! Ports for administrators and of databases that Internet hosts reach: there and back, past every filter, by EIP,
//! port forwarding or public load balancer.
//!
//! Letting one office in is no finding; letting in [`MANY`] addresses is.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Fact, Finding, Subject, short};
use crate::code::Code;
use crate::engine::{Pair, Reacher, trace};
use crate::fabric::{Fabric, Party, PublicOwner};
use crate::model::{Endpoint, Listener, Place, Protocols, Service};
use crate::query::{Selector, Traffics};
use crate::space::{AddressSet, Fields, IntervalSet, Packet, Protocol, Set, Space, Traffic};
use crate::verify::{End, Side, endpoint_of, pairs, select};

/// SSH, SQL Server, `MySQL`, RDP, `PostgreSQL`, Redis, Memcached (here and elsewhere), `MongoDB`.
const PORTS: [u16; 9] = [22, 1433, 3306, 3389, 5432, 6379, 9101, 11211, 27017];

/// As many addresses as a /8.
const MANY: u128 = 1 << 24;

/// Where a rule stands that lets the Internet in, to which ports, from where.
type Opening = (Place, Vec<(u16, u16)>, Vec<u16>, Option<AddressSet>);

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let fabric = subject.fabric;
    let mut reacher = Reacher::within(fabric, Space::within(subject.budget.begin()));
    let outside = select(fabric, &Selector::Internet, Side::From);
    let Some(outside) = outside.ends().next() else {
        return;
    };
    let mut openings: BTreeMap<Opening, Vec<(Endpoint, IpAddr)>> = BTreeMap::new();
    'all: for (address, owner) in fabric.hosts.public_addresses() {
        for (end, port, inside) in doors(fabric, address, owner) {
            let opening = opening(&mut reacher, &outside, &end, port);
            if reacher.space.is_over() {
                let exceeded = reacher.space.exceeded();
                let place = endpoint_of(fabric, end.0).id().map(Place::of);
                let both = place.zip(exceeded);
                found.extend(both.map(|(at, it)| short(Code::ExposedToInternet, at, it)));
                break 'all;
            }
            if let Some((place, endpoint, sources)) = opening {
                let key = (place, vec![(port, port)], inside, sources);
                openings.entry(key).or_default().push((endpoint, address));
            }
        }
    }
    for ((place, ports, inside, sources), endpoints) in joined(openings) {
        let others = endpoints.iter().filter_map(|(endpoint, _)| endpoint.id());
        let others: Vec<Place> = others.map(Place::of).filter(|it| *it != place).collect();
        let fact = Fact::ExposedToInternet {
            endpoints,
            ports: IntervalSet::from_ranges(ports),
            inside: IntervalSet::from_ranges(inside.into_iter().map(|port| (port, port))),
            sources,
        };
        found.push(Finding::at(place, fact).with(others));
    }
}

/// Several ports that one rule opens for the same endpoints are one finding.
fn joined(
    openings: BTreeMap<Opening, Vec<(Endpoint, IpAddr)>>,
) -> Vec<(Opening, Vec<(Endpoint, IpAddr)>)> {
    let mut all: Vec<(Opening, Vec<(Endpoint, IpAddr)>)> = Vec::new();
    for (opening, endpoints) in openings {
        let same = all.iter_mut().find(|(other, ends)| {
            (&other.0, &other.3) == (&opening.0, &opening.3) && *ends == endpoints
        });
        match same {
            Some((other, _)) => {
                other.1.extend(opening.1);
                other.2.extend(opening.2);
            }
            None => all.push((opening, endpoints)),
        }
    }
    all
}

/// The ports of a public address behind which there may be one that should be closed, each with those.
fn doors(fabric: &Fabric, address: IpAddr, owner: PublicOwner) -> Vec<(End, u16, Vec<u16>)> {
    let network = &fabric.network;
    let party = match owner {
        PublicOwner::Resident(index) => Party::Host(index, fabric.hosts.get(index).addresses.0),
        PublicOwner::NatGateway(gateway) => Party::NatAddress(gateway, address),
    };
    let end: End = match party {
        Party::Host(_, own) => (party, None, AddressSet::single(own)),
        _ => (party, None, AddressSet::single(address)),
    };
    let ports: Vec<(u16, Vec<u16>)> = match owner {
        PublicOwner::NatGateway(gateway) => {
            let gateway = network.nat_gateways.get_index(gateway as usize);
            let entries = gateway.into_iter().flat_map(|(_, gateway)| &gateway.dnat);
            let entries = entries.filter(|entry| {
                entry.eip == address
                    && entry.service.protocols == Protocols::One(Protocol::TCP)
                    && PORTS.contains(&entry.port)
            });
            let first = entries.filter_map(|it| Some((it.service.ports.first()?, vec![it.port])));
            first.collect()
        }
        PublicOwner::Resident(index) => match &fabric.hosts.get(index).endpoint {
            Endpoint::LoadBalancer(id) => {
                behind(network.load_balancers.get(id).map(|it| &it.listeners))
            }
            Endpoint::ClassicLoadBalancer(id) => {
                let balancer = network.classic_load_balancers.get(id);
                behind(balancer.map(|it| &it.listeners))
            }
            _ => PORTS.map(|port| (port, vec![port])).to_vec(),
        },
    };
    let doors = ports.into_iter();
    doors.map(|(port, inside)| (end.clone(), port, inside)).collect()
}

/// The ports of listeners with such a target.
fn behind(listeners: Option<&Vec<Listener>>) -> Vec<(u16, Vec<u16>)> {
    let listeners = listeners.into_iter().flatten();
    let listeners = listeners.filter(|it| it.protocol.transport() == Protocol::TCP);
    let ports = listeners.filter_map(|listener| {
        let targets = listener.targets.iter().filter(|target| target.weight > 0);
        let mut inside: Vec<u16> = targets.map(|target| target.port).collect();
        inside.retain(|port| PORTS.contains(port));
        inside.sort_unstable();
        inside.dedup();
        (!inside.is_empty()).then_some((listener.ports.first()?, inside))
    });
    ports.collect()
}

/// Where the rule stands that lets many in at a port, who is behind it, and from where, unless from everywhere.
fn opening(
    reacher: &mut Reacher<'_>,
    outside: &End,
    end: &End,
    port: u16,
) -> Option<(Place, Endpoint, Option<AddressSet>)> {
    let traffic = Traffics {
        service: Service {
            protocols: Protocols::One(Protocol::TCP),
            ports: IntervalSet::single(port),
        },
        ..Traffics::default()
    };
    for pair in pairs(reacher, outside, end, &traffic) {
        let answer = reacher.pair(&pair);
        let sources = sources(&mut reacher.space, answer.sometimes);
        if sources.len() < MANY {
            continue;
        }
        let everywhere = outside.2.v4.is_subset(&sources.v4);
        let packet = reacher.witness(answer.sometimes, &answer.view)?;
        let (place, endpoint) = guard(reacher.fabric(), &pair, packet);
        return Some((place, endpoint, (!everywhere).then_some(sources)));
    }
    None
}

fn sources(space: &mut Space, set: Set) -> AddressSet {
    let any = AddressSet::any();
    let tcp = space.cube(&any, &any, &Traffic::protocol(Protocol::TCP));
    let set = space.intersection(set, tcp);
    let sources = space.project(set, Fields::SOURCE);
    let rows = space.rows(sources);
    AddressSet::union_all(rows.into_iter().map(|row| row.source))
}

/// The last rule of a group that lets the packet in, and the endpoint behind it.
fn guard(fabric: &Fabric, pair: &Pair, packet: Packet) -> (Place, Endpoint) {
    let traced = trace(fabric, pair.from, pair.to, packet);
    let steps = traced.paths.iter().flat_map(|path| path.forward.iter().rev());
    let mut steps = steps.filter(|step| step.stage == "security-group-ingress");
    let step = steps.find(|step| step.rule.is_some());
    let endpoint = step.and_then(|step| step.endpoint.clone());
    let endpoint = endpoint.unwrap_or_else(|| endpoint_of(fabric, pair.to));
    let rule = step.and_then(|step| step.rule.as_ref());
    let place = rule.map(crate::query::RuleRef::place);
    let own = endpoint.id().map(Place::of);
    let own = own.unwrap_or_else(|| Place::of(&crate::id::Id::from(endpoint.to_string())));
    (place.unwrap_or(own), endpoint)
}
