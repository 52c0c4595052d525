//! The expectation that tells a mutant from the network: it passes on the one and not on the other, which is tried out.

use std::fmt;
use std::net::IpAddr;

use super::suite::Suite;
use crate::diagnostic::Span;
use crate::engine::Reacher;
use crate::model::{Endpoint, Protocols, Service};
use crate::query::{During, Expectation, Selector, Traffics, Verdict, Want};
use crate::scenario::Side;
use crate::space::{IntervalSet, Packet, Protocol, Row, Space};
use crate::verify::{Outcome, Piece, Situation, Who, judge};

/// It stands in no file yet.
const NOWHERE: Span = Span { file: 0, start: 0, end: 0 };

/// An expectation that is to be added to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Killer {
    /// What it says.
    pub expectation: Expectation,
}

impl fmt::Display for Killer {
    /// As it is written in a file: `Unreachable(from: "ins-a", to: "ins-b", service: "tcp:22")`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = &self.expectation;
        let want = match asked.want {
            Want::Reachable => "Reachable",
            Want::Unreachable => "Unreachable",
            Want::Partial { .. } => "Partial",
        };
        let (from, to) = (&asked.from_text, &asked.to_text);
        write!(f, "{want}(from: \"{from}\", to: \"{to}\"")?;
        if asked.service_text != "all" {
            write!(f, ", service: \"{}\"", asked.service_text)?;
        }
        let ports = &asked.traffic.source_ports;
        if *ports != Traffics::default().source_ports {
            write!(f, ", source_port: \"{ports}\"")?;
        }
        write!(f, ")")
    }
}

/// An expectation that tells a mutant from the network of a suite, if one is found for what it opens and closes.
pub(super) fn killer(suite: &Suite<'_>, mutant: &Situation, pieces: &[Piece]) -> Option<Killer> {
    let (before, after) = (suite.base.fabric(), mutant.fabric());
    let space = || Space::within(suite.budget.begin());
    let mut before = Reacher::within(&before, space());
    let mut after = Reacher::within(&after, space());
    let questions = pieces.iter().flat_map(questions);
    questions.into_iter().find_map(|question| {
        let verdict = verdict(&mut before, &question, suite)?;
        let want = match verdict {
            Verdict::Reachable => Want::Reachable,
            Verdict::Unreachable => Want::Unreachable,
            Verdict::Partial => Want::Partial { works: None },
            Verdict::Undetermined => return None,
        };
        let killer = Killer { expectation: Expectation { want, ..question } };
        let passes = holds(&mut before, &killer, suite) == Some(true);
        let fails = holds(&mut after, &killer, suite) == Some(false);
        (passes && fails && is_written(&killer, suite)).then_some(killer)
    })
}

/// Whether its text means what was tried out.
fn is_written(killer: &Killer, suite: &Suite<'_>) -> bool {
    let asked = &killer.expectation;
    let means = |text: &str, side, selector: &Selector| {
        suite.read(text, side).is_some_and(|read| read == *selector)
    };
    means(&asked.from_text, Side::From, &asked.from) && means(&asked.to_text, Side::To, &asked.to)
}

fn verdict(
    reacher: &mut Reacher<'_>,
    question: &Expectation,
    suite: &Suite<'_>,
) -> Option<Verdict> {
    reacher.renew(suite.budget.begin());
    let report = judge(reacher, question, NOWHERE, suite.today);
    if report.outcome == Outcome::Vacuous {
        return None;
    }
    report.found.map(|found| found.verdict)
}

/// Whether an expectation holds in a network; `None` = that cannot be told.
pub(super) fn holds(reacher: &mut Reacher<'_>, killer: &Killer, suite: &Suite<'_>) -> Option<bool> {
    reacher.renew(suite.budget.begin());
    let report = judge(reacher, &killer.expectation, NOWHERE, suite.today);
    match report.outcome {
        Outcome::Pass => Some(true),
        Outcome::Undetermined => None,
        Outcome::Fail | Outcome::Vacuous | Outcome::Waived | Outcome::Error => Some(false),
    }
}

/// What may be asked about a piece: as broadly as its packets say, then about one packet.
fn questions(piece: &Piece) -> Vec<Expectation> {
    let mut all = Vec::new();
    let Some(witness) = &piece.witness else {
        return all;
    };
    let from = piece.from.who.first();
    let to = piece.to.who.iter().find(|to| Some(*to) != from);
    let (Some(from), Some(to)) = (from, to.or(piece.to.who.first())) else {
        return all;
    };
    let by_name = (named(from), named(to));
    let by_address = (located(from, witness.source), located(to, witness.destination));
    let rows = piece.packets.iter().map(traffic);
    let traffics: Vec<Traffics> = rows.chain([one(witness)]).collect();
    for traffic in traffics {
        if let (Some(from), Some(to)) = &by_name {
            all.push(question(from, to, &traffic));
        }
        if let Some(to) = &by_name.1 {
            all.push(question(&by_address.0, to, &traffic));
        }
        if let Some(from) = &by_name.0 {
            all.push(question(from, &by_address.1, &traffic));
        }
        all.push(question(&by_address.0, &by_address.1, &traffic));
    }
    all
}

/// An end by its name, if it has one that means it and nobody else.
fn named(who: &Who) -> Option<Selector> {
    match (&who.endpoint, who.part) {
        (Endpoint::Internet, _) => Some(Selector::Internet),
        // One member, by its address.
        (Endpoint::GroupMember(_, address) | Endpoint::Nobody(address), _) => {
            Some(Selector::Address(*address))
        }
        (Endpoint::NatAddress(_, address), _) => Some(Selector::Address(*address)),
        (endpoint, _) => endpoint.id().map(|id| Selector::Id(id.clone())),
    }
}

/// An end by its address in a packet. Several sites may have the same addresses: then it is said of which one.
fn located(who: &Who, address: IpAddr) -> Selector {
    let address = Selector::Address(address);
    match &who.endpoint {
        Endpoint::Site(id) => Selector::And(Box::new(address), Box::new(Selector::Id(id.clone()))),
        _ => address,
    }
}

fn question(from: &Selector, to: &Selector, traffic: &Traffics) -> Expectation {
    Expectation {
        name: None,
        from_text: written(from),
        from: from.clone(),
        to_text: written(to),
        to: to.clone(),
        service_text: traffic.service.to_string(),
        traffic: traffic.clone(),
        want: Want::Reachable,
        because: None,
        via: Vec::new(),
        not_via: Vec::new(),
        waive: None,
        during: During::default(),
    }
}

/// A selector as it is written, of the kinds that are asked about here.
fn written(selector: &Selector) -> String {
    match selector {
        Selector::Id(id) => id.to_string(),
        Selector::Address(address) => address.to_string(),
        Selector::Cidr(cidr) => cidr.to_string(),
        Selector::Tag(key, value) => format!("tag:{key}={value}"),
        Selector::Classic(region, None) => format!("classic:{region}"),
        Selector::Classic(region, Some(account)) => format!("classic:{region}/{account}"),
        Selector::And(a, b) => format!("{} & {}", written(a), written(b)),
        Selector::Or(a, b) => format!("({} | {})", written(a), written(b)),
        Selector::Not(not) => format!("!({})", written(not)),
        Selector::Internet => String::from("internet"),
    }
}

/// The packets of a row in the words of an expectation: one protocol, or all of them.
fn traffic(row: &Row) -> Traffics {
    let layer4 = &row.traffic;
    let speaks = |protocol: Protocol| layer4.has_protocol(protocol);
    let asked = [Protocol::TCP, Protocol::UDP, Protocol::ICMP, Protocol::GRE];
    let service = if asked.iter().all(|protocol| speaks(*protocol)) {
        Service::all()
    } else {
        let known = asked.into_iter().chain([Protocol::ICMPV6]);
        let protocol = known.into_iter().find(|protocol| speaks(*protocol));
        let protocol = protocol.unwrap_or(Protocol::TCP);
        Service { protocols: Protocols::One(protocol), ports: layer4.destination_ports.clone() }
    };
    Traffics { service, source_ports: usual(&layer4.source_ports) }
}

/// The usual source ports if all of them are meant, else the first range of those that are.
fn usual(ports: &IntervalSet<u16>) -> IntervalSet<u16> {
    let usual = Traffics::default().source_ports;
    if usual.is_subset(ports) {
        return usual;
    }
    let both = ports.intersection(&usual);
    let some = if both.is_empty() { ports } else { &both };
    match some.ranges().next() {
        Some((low, high)) => IntervalSet::range(low, high),
        None => usual,
    }
}

/// One packet.
fn one(packet: &Packet) -> Traffics {
    let has_ports = packet.protocol.has_ports();
    let ports =
        if has_ports { IntervalSet::single(packet.destination_port) } else { IntervalSet::full() };
    Traffics {
        service: Service { protocols: Protocols::One(packet.protocol), ports },
        source_ports: if has_ports {
            IntervalSet::single(packet.source_port)
        } else {
            Traffics::default().source_ports
        },
    }
}
