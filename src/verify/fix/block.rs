//! What blocks a question, blocker by blocker, with the packets that each of them stops as they look where they stop.

use std::net::IpAddr;
use std::sync::Arc;

use super::FixQuestion;
use crate::engine::{PairAnswer, Reacher};
use crate::fabric::Fabric;
use crate::model::{Endpoint, Network, Protocols, Service, provider_sources};
use crate::query::{Direction, Reason, Verdict};
use crate::space::{
    AddressSet, Allowance, Exceeded, IntervalSet, Packet, Protocol, Row, Set, Space,
};
use crate::verify::answer::{End, Witness, answer_each};
use crate::verify::group::Pairs;
use crate::verify::select::{Side, select};

/// Packets: every service from every source to every destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Protocols and destination ports.
    pub services: Vec<Service>,
    /// Where they come from.
    pub sources: AddressSet,
    /// Where they go.
    pub destinations: AddressSet,
}

/// One blocker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Who and why; the witness is one of the packets.
    pub reason: Reason,
    /// The endpoints at which it happens.
    pub endpoints: Vec<Endpoint>,
    /// What it stops, as it looks there.
    pub flows: Vec<Flow>,
}

impl Block {
    /// Whether another one stops the same packets for the same reason; positions of rules shift.
    pub fn is_still(&self, other: &Self) -> bool {
        let (a, b) = (&self.reason, &other.reason);
        (a.direction, a.cause.code, &a.cause.at) == (b.direction, b.cause.code, &b.cause.at)
            && (&self.endpoints, &self.flows) == (&other.endpoints, &other.flows)
    }
}

/// A question answered, and what a fix has to know.
#[derive(Clone, Debug)]
pub struct Looked {
    /// How much works.
    pub verdict: Verdict,
    /// What blocks.
    pub blocks: Vec<Block>,
    /// What works, as it is sent.
    pub works: Vec<Flow>,
    /// A packet that works.
    pub working: Option<Witness>,
    /// The budget was not enough, of this: nothing else is known.
    pub exceeded: Option<Exceeded>,
}

impl Looked {
    /// The blockers alone.
    pub fn reasons(&self) -> Vec<Reason> {
        self.blocks.iter().map(|block| block.reason.clone()).collect()
    }
}

/// Answers a question; `None` = one side means nobody.
pub fn look(
    network: &Arc<Network>,
    question: &FixQuestion,
    allowance: Allowance,
) -> Option<Looked> {
    let fabric = Fabric::new(Arc::clone(network));
    let mut reacher = Reacher::within(&fabric, Space::within(allowance));
    let from = select(&fabric, &question.from.0, Side::From);
    let to = select(&fabric, &question.to.0, Side::To);
    let (mut blocks, mut works) = (Vec::new(), Vec::new());
    let answer =
        answer_each(&mut reacher, &from, &to, &question.traffic.0, |reacher, pairs, answer| {
            let lens = Lens::of(pairs);
            for way in &answer.ways {
                for blocker in &way.blockers {
                    let seen = lens.at(reacher, answer, blocker.set, &blocker.reason);
                    add(&mut blocks, &blocker.reason, seen);
                }
            }
            let sent = lens.sent(reacher, answer, answer.sometimes);
            merge(&mut works, sent);
        });
    if answer.exceeded.is_some() {
        (blocks, works) = Default::default();
    }
    (!answer.vacuous).then_some(Looked {
        verdict: answer.verdict,
        blocks,
        works,
        working: answer.working,
        exceeded: answer.exceeded,
    })
}

/// The same blocker of several pairs stands once.
fn add(blocks: &mut Vec<Block>, reason: &Reason, flow: Option<Flow>) {
    let same = |block: &Block| {
        let (a, b) = (&block.reason, reason);
        (a.direction, a.cause.code, &a.cause.at) == (b.direction, b.cause.code, &b.cause.at)
            && (&a.rule, &a.cause.place) == (&b.rule, &b.cause.place)
    };
    let at = blocks.iter().position(same).unwrap_or_else(|| {
        blocks.push(Block { reason: reason.clone(), endpoints: Vec::new(), flows: Vec::new() });
        blocks.len() - 1
    });
    let block = &mut blocks[at];
    if let Some(endpoint) = &reason.endpoint
        && !block.endpoints.contains(endpoint)
    {
        block.endpoints.push(endpoint.clone());
    }
    merge(&mut block.flows, flow);
}

/// Flows of the same services with one side in common become one.
fn merge(flows: &mut Vec<Flow>, flow: Option<Flow>) {
    let Some(flow) = flow else { return };
    let alike = flows.iter_mut().find(|other| {
        let one = other.sources == flow.sources || other.destinations == flow.destinations;
        other.services == flow.services && one
    });
    match alike {
        Some(other) => {
            other.sources = other.sources.union(&flow.sources);
            other.destinations = other.destinations.union(&flow.destinations);
        }
        None => flows.push(flow),
    }
}

/// The addresses of a pair's ends, and of all that it stands for.
struct Lens {
    senders: AddressSet,
    receivers: AddressSet,
}

impl Lens {
    fn of(pairs: &Pairs<'_>) -> Self {
        let all = |ends: &[End]| AddressSet::union_all(ends.iter().map(|end| end.2.clone()));
        Self { senders: all(pairs.senders), receivers: all(pairs.receivers) }
    }

    /// Packets as they are sent.
    fn sent(&self, reacher: &Reacher<'_>, answer: &PairAnswer, set: Set) -> Option<Flow> {
        let sent = reacher.witness(set, &answer.view)?;
        let rows = reacher.space.rows(set);
        Some(Flow {
            services: services(&rows, Direction::Forward),
            sources: self.sources(&sent, &rows),
            destinations: self.destinations(&sent, &rows),
        })
    }

    fn sources(&self, sent: &Packet, rows: &[Row]) -> AddressSet {
        let rows = rows.iter().map(|row| row.source.clone());
        own(&self.senders, sent.source, &AddressSet::union_all(rows))
    }

    fn destinations(&self, sent: &Packet, rows: &[Row]) -> AddressSet {
        let rows = rows.iter().map(|row| row.destination.clone());
        own(&self.receivers, sent.destination, &AddressSet::union_all(rows))
    }

    /// Packets as they look where they are stopped: what was rewritten on the way is as the witness has it.
    fn at(
        &self,
        reacher: &Reacher<'_>,
        answer: &PairAnswer,
        set: Set,
        reason: &Reason,
    ) -> Option<Flow> {
        let sent = reacher.witness(set, &answer.view)?;
        let rows = reacher.space.rows(set);
        let looks = &reason.witness;
        let (ends, expected) = match reason.direction {
            Direction::Forward => {
                ([self.sources(&sent, &rows), self.destinations(&sent, &rows)], sent)
            }
            Direction::Return => {
                ([self.destinations(&sent, &rows), self.sources(&sent, &rows)], sent.reply())
            }
        };
        let [sources, destinations] = ends;
        let as_sent = |looks: IpAddr, sent: IpAddr, own: AddressSet| {
            let range = provider_sources();
            if looks == sent {
                own
            } else if range.contains(&looks) {
                // Which of them it is nobody knows (PL-4).
                AddressSet::from(range)
            } else {
                AddressSet::single(looks)
            }
        };
        let services = match reason.direction {
            _ if looks.destination_port == expected.destination_port
                && looks.protocol == expected.protocol =>
            {
                services(&rows, reason.direction)
            }
            Direction::Forward => {
                vec![service(looks.protocol, IntervalSet::single(looks.destination_port))]
            }
            // A gateway chose the port; replies go back to whichever it was.
            Direction::Return => vec![service(looks.protocol, IntervalSet::range(1024, 65535))],
        };
        Some(Flow {
            services,
            sources: as_sent(looks.source, expected.source, sources),
            destinations: as_sent(looks.destination, expected.destination, destinations),
        })
    }
}

/// The addresses of the ends that a set speaks of; the one of the packet if it was sent to, or from, another.
fn own(ends: &AddressSet, sent: IpAddr, rows: &AddressSet) -> AddressSet {
    let both = ends.intersection(rows);
    if both.contains(sent) { both } else { AddressSet::single(sent) }
}

fn service(protocol: Protocol, ports: IntervalSet<u16>) -> Service {
    Service {
        protocols: Protocols::One(protocol),
        ports: if protocol.has_ports() { ports } else { IntervalSet::full() },
    }
}

/// The services of rows; of packets that come back, those of the replies.
fn services(rows: &[Row], direction: Direction) -> Vec<Service> {
    let known = [Protocol::TCP, Protocol::UDP, Protocol::ICMP, Protocol::ICMPV6, Protocol::GRE];
    let ports = |protocol: Protocol| {
        let boxes = rows.iter().map(|row| &row.traffic);
        let boxes = boxes.filter(|one| one.has_protocol(protocol));
        let ports = boxes.map(|one| match direction {
            Direction::Forward => &one.destination_ports,
            Direction::Return => &one.source_ports,
        });
        let all = ports.fold(IntervalSet::empty(), |all, ports| all.union(ports));
        (!all.is_empty()).then(|| service(protocol, all))
    };
    let found: Vec<Service> = known.into_iter().filter_map(ports).collect();
    let whole = found.iter().filter(|service| service.ports.is_full());
    // TCP, UDP, ICMP of a family and GRE, wholly: what `all` means.
    if whole.count() >= 4 {
        return vec![Service::all()];
    }
    found
}
