//! A question answered: every pair of a `from` and a `to` endpoint, every packet, one verdict.
//!
//! | every pair, every packet | verdict |
//! |---|---|
//! | works on all ways | reachable |
//! | works on no way | unreachable |
//! | otherwise | partial |
//! | …and what is not modelled could tip it | undetermined |

use std::net::IpAddr;

use super::budget::given_up;
use super::choice::{apart, chosen};
use super::group::{Group, Pairs, groups};
use super::mapped::{is_meant, mapped_share};
use super::selection::{Selection, Through};
use crate::engine::{Pair, PairAnswer, Reacher};
use crate::fabric::{Fabric, Party, Resident};
use crate::model::Protocols;
use crate::query::{Reason, Traffics, Verdict, Waypoint};
use crate::space::{
    AddressSet, Exceeded, Fields, Packet, Protocol, Row, Set, Space, Traffic, View,
};

/// The answer to a question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How much works.
    pub verdict: Verdict,
    /// Pairs of endpoints that were judged.
    pub pairs: usize,
    /// All blockers, each once, in the order they were met.
    pub reasons: Vec<Reason>,
    /// A packet that is lost, as it is sent, if any.
    pub lost: Option<Witness>,
    /// A packet that works, if any.
    pub working: Option<Witness>,
    /// Services that work for every pair from every source port, as rows.
    pub works: Vec<Row>,
    /// The same as a set, for comparison with [`services`].
    pub works_set: Set,
    /// What every way passes, way by way: for `via` and `not_via`.
    pub routes: Vec<Vec<Waypoint>>,
    /// Nobody was meant on one side.
    pub vacuous: bool,
    /// The budget was not enough, of this: there is no verdict.
    pub exceeded: Option<Exceeded>,
}

/// A packet and the ends it belongs to.
#[derive(Clone, Debug)]
pub struct Witness {
    /// Who sent it.
    pub from: Party,
    /// Who was meant.
    pub to: Party,
    /// The packet as it was sent.
    pub packet: Packet,
}

/// Collects pairs into an answer.
struct Tally {
    verdicts: Verdicts,
    answer: Answer,
    asked: Set,
    bad: Set,
}

#[derive(Default)]
struct Verdicts {
    works: bool,
    fails: bool,
    unsaid: bool,
}

/// Answers a question over two selections.
pub fn answer(
    reacher: &mut Reacher<'_>,
    from: &Selection,
    to: &Selection,
    traffic: &Traffics,
) -> Answer {
    answer_each(reacher, from, to, traffic, |_, _, _| ())
}

/// Answers a question and shows each pair on the way.
pub(super) fn answer_each(
    reacher: &mut Reacher<'_>,
    from: &Selection,
    to: &Selection,
    traffic: &Traffics,
    mut show: impl FnMut(&mut Reacher<'_>, &Pairs<'_>, &PairAnswer),
) -> Answer {
    let mut tally = Tally {
        verdicts: Verdicts::default(),
        answer: Answer {
            verdict: Verdict::Unreachable,
            pairs: 0,
            reasons: Vec::new(),
            lost: None,
            working: None,
            works: Vec::new(),
            works_set: Space::EMPTY,
            routes: Vec::new(),
            vacuous: false,
            exceeded: None,
        },
        asked: Space::EMPTY,
        bad: Space::EMPTY,
    };
    let senders = groups(reacher, from, to);
    let (one_by_one, choices) = apart(reacher.fabric(), to);
    let receivers = match senders {
        Some(_) => groups(reacher, &one_by_one, from),
        None => None,
    };
    let alone = |selection: &Selection| selection.ends().map(Group::Alone).collect();
    let senders = senders.unwrap_or_else(|| alone(from));
    let receivers = receivers.unwrap_or_else(|| alone(&one_by_one));
    for senders in &senders {
        for receivers in &receivers {
            if reacher.space.is_over() {
                break;
            }
            let Some((sender, receiver)) = Group::example(senders, receivers) else {
                continue;
            };
            for pair in pairs(reacher, &sender, &receiver, traffic) {
                let diagonal = is_one_group(&pair);
                let answer = reacher.pair(&pair);
                let answer = super::unmodelled::doubted(reacher, &pair, answer);
                tally.add(reacher, &pair, &answer, diagonal);
                let pairs =
                    Pairs { pair: &pair, senders: senders.ends(), receivers: receivers.ends() };
                tally.answer.pairs += pairs.senders.len() * pairs.receivers.len() - 1;
                show(reacher, &pairs, &answer);
            }
        }
        for addresses in &choices {
            let counted = tally.answer.pairs;
            for found in chosen(reacher, senders, addresses, traffic) {
                let pairs = Pairs {
                    pair: &found.pair,
                    senders: senders.ends(),
                    receivers: std::slice::from_ref(found.at),
                };
                if found.counts {
                    tally.add(reacher, &found.pair, &found.answer, false);
                    tally.answer.pairs = counted + pairs.senders.len();
                }
                show(reacher, &pairs, &found.answer);
            }
        }
    }
    let nobody = from.is_empty() || to.is_empty();
    tally.finish(reacher, nobody)
}

/// The packets of a service in a family, source ports included (D20-7).
#[must_use]
pub fn packets(traffic: &Traffics, v6: bool) -> Traffic {
    let ports = |protocol| {
        Traffic::ports(protocol, traffic.service.ports.clone())
            .with_source_ports(&traffic.source_ports)
    };
    let ping = if v6 { Protocol::ICMPV6 } else { Protocol::ICMP };
    match traffic.service.protocols {
        Protocols::All => ports(Protocol::TCP)
            .union(&ports(Protocol::UDP))
            .union(&Traffic::protocol(ping))
            .union(&Traffic::protocol(Protocol::GRE)),
        Protocols::One(protocol) if protocol.has_ports() => ports(protocol),
        Protocols::One(Protocol::ICMP | Protocol::ICMPV6) => Traffic::protocol(ping),
        Protocols::One(protocol) => Traffic::protocol(protocol),
    }
}

/// An end: the party, the address it is meant by if not its own, its addresses.
pub type End = (Party, Through, AddressSet);

/// The pairs of packets' addresses that two ends make; none if they are the same endpoint.
#[must_use]
pub fn pairs(
    reacher: &mut Reacher<'_>,
    (from, from_through, sources): &End,
    (to, through, addresses): &End,
    traffic: &Traffics,
) -> Vec<Pair> {
    let fabric = reacher.fabric();
    if same_machine(fabric, *from, *to, sources, addresses)
        || !may_pair(*from, *to)
        || !is_meant(fabric, *from, (*to, *through), addresses)
    {
        return Vec::new();
    }
    let speaks_v6 = from_through.or(sources.first()).is_some_and(|own| own.is_ipv6());
    let wants_v6 = speaks_v6 || traffic.service.protocols == Protocols::One(Protocol::ICMPV6);
    let mut destinations: Vec<(AddressSet, Option<Traffic>)> = Vec::new();
    match (from, to, through) {
        (_, _, Some(through)) => destinations.push((AddressSet::single(*through), None)),
        (Party::Internet, Party::Host(host, _), None) => {
            destinations = public_ways(fabric, fabric.hosts.get(*host), addresses);
        }
        (_, Party::Host(host, _), None) if wants_v6 => {
            let v6 = ipv6_of(fabric.hosts.get(*host));
            destinations.extend(v6.map(|address| (AddressSet::single(address), None)));
        }
        _ => destinations.push((addresses.clone(), None)),
    }
    let mut left = None;
    let mut pairs = Vec::new();
    for (destination, limit) in destinations {
        // A set of both families is met with the family of the other end; IPv4 where both have it.
        let only_v6 = |set: &AddressSet| set.first().is_some_and(|address| address.is_ipv6());
        let v6 = only_v6(&destination)
            || through.is_none() && only_v6(sources) && from_through.is_none();
        let any = AddressSet::any();
        let mut set = reacher.asked_anywhere((traffic, v6), || packets(traffic, v6));
        if let (Party::Site(_), Party::Host(host, _), Some(through)) = (from, to, through) {
            set = mapped_share(reacher, *host, *through, set);
        }
        match &limit {
            Some(limit) => {
                let limit = reacher.space.cube(&any, &any, limit);
                let rest = left.unwrap_or(set);
                left = Some(reacher.space.difference(rest, limit));
                set = reacher.space.intersection(set, limit);
            }
            None => set = left.unwrap_or(set),
        }
        if reacher.space.is_empty(set) {
            continue;
        }
        let source = match from {
            Party::Host(host, _) if v6 && !sources.first().is_some_and(|a| a.is_ipv6()) => {
                ipv6_of(fabric.hosts.get(*host)).map(AddressSet::single)
            }
            _ => from_through.map(AddressSet::single),
        };
        let source = source.unwrap_or_else(|| sources.clone());
        let (source, destination) = (of_family(&source, v6), of_family(&destination, v6));
        if source.is_empty() {
            continue;
        }
        pairs.push(Pair { from: *from, to: *to, source, destination, traffic: set });
    }
    pairs
}

/// The addresses of one family.
fn of_family(addresses: &AddressSet, v6: bool) -> AddressSet {
    let family = if v6 { AddressSet::any_v6() } else { AddressSet::any_v4() };
    addresses.intersection(&family)
}

fn ipv6_of(resident: &Resident) -> Option<IpAddr> {
    resident.further.iter().copied().find(IpAddr::is_ipv6)
}

/// The Internet never meets itself; a NAT gateway's EIP opens nothing.
fn may_pair(from: Party, to: Party) -> bool {
    (from, to) != (Party::Internet, Party::Internet) && !matches!(from, Party::NatAddress(..))
}

/// A machine is never paired with itself (D20-6).
fn same_machine(
    fabric: &Fabric,
    from: Party,
    to: Party,
    sources: &AddressSet,
    addresses: &AddressSet,
) -> bool {
    let (Party::Host(a, _), Party::Host(b, _)) = (from, to) else {
        return false;
    };
    let is_itself = a == b && sources.len() == 1 && sources == addresses;
    is_itself || fabric.hosts.share_a_machine(a, b)
}

/// How the Internet addresses an endpoint: its EIP or public VIP, else the DNAT entries that lead to it,
/// each for what it forwards (D20-6). Without any, the private address, which gets nowhere.
fn public_ways(
    fabric: &Fabric,
    resident: &Resident,
    addresses: &AddressSet,
) -> Vec<(AddressSet, Option<Traffic>)> {
    if let Some(public) = resident.public {
        return vec![(AddressSet::single(public), None)];
    }
    let vpc = resident.id().and_then(|id| fabric.network.vpc_of(id.as_str()));
    let gateways = fabric.network.nat_gateways.values();
    let gateways = gateways.filter(|gateway| Some(&gateway.vpc) == vpc);
    let entries = gateways.flat_map(|gateway| &gateway.dnat);
    let entries: Vec<_> = entries.filter(|entry| resident.owns(entry.to)).collect();
    let mut ways: Vec<_> = entries
        .iter()
        .map(|entry| {
            let limit = Some(entry.service.traffic());
            (AddressSet::single(entry.eip), limit)
        })
        .collect();
    match entries.first() {
        // What no entry forwards is sent to the first of its addresses all the same.
        Some(entry) => ways.push((AddressSet::single(entry.eip), None)),
        None => ways.push((addresses.clone(), None)),
    }
    ways
}

impl Tally {
    fn add(&mut self, reacher: &mut Reacher<'_>, pair: &Pair, answer: &PairAnswer, diagonal: bool) {
        let space = &mut reacher.space;
        let blocked = space.difference(answer.asked, answer.always);
        let failing = space.difference(blocked, answer.undetermined);
        // Among equal members of one group, a member and itself are no pair.
        let real =
            |space: &Space, set| !(space.is_empty(set) || diagonal && only_diagonal(space, set));
        let (works, fails, unsaid) =
            (real(space, answer.sometimes), real(space, failing), real(space, answer.undetermined));
        self.answer.pairs += 1;
        self.verdicts.works |= works;
        self.verdicts.fails |= fails;
        self.verdicts.unsaid |= unsaid;
        let witness = |reacher: &mut Reacher<'_>, set| {
            let packet = example_of(&mut reacher.space, set, &answer.view, diagonal)?;
            Some(Witness { from: pair.from, to: pair.to, packet })
        };
        if works && self.answer.working.is_none() {
            self.answer.working = witness(reacher, answer.sometimes);
        }
        if (fails || unsaid) && self.answer.lost.is_none() {
            self.answer.lost = witness(reacher, blocked);
        }
        for way in &answer.ways {
            if !reacher.space.is_empty(way.sometimes)
                && !self.answer.routes.contains(&way.waypoints)
            {
                self.answer.routes.push(way.waypoints.clone());
            }
            for blocker in &way.blockers {
                if diagonal && only_diagonal(&reacher.space, blocker.set) {
                    continue;
                }
                self.reason(&blocker.reason);
            }
        }
        let services = reacher.space.project(answer.asked, Fields::SERVICE);
        self.asked = reacher.space.union(self.asked, services);
        if fails || unsaid {
            let bad = reacher.space.project(blocked, Fields::SERVICE);
            self.bad = reacher.space.union(self.bad, bad);
        }
    }

    /// Each blocker once: same code, way, object, rule, endpoint.
    fn reason(&mut self, reason: &Reason) {
        let same = |other: &Reason| {
            (other.direction, other.cause.code, &other.cause.at, &other.rule)
                == (reason.direction, reason.cause.code, &reason.cause.at, &reason.rule)
                && other.endpoint == reason.endpoint
        };
        if !self.answer.reasons.iter().any(same) {
            self.answer.reasons.push(reason.clone());
        }
    }

    fn finish(mut self, reacher: &mut Reacher<'_>, nobody: bool) -> Answer {
        let Verdicts { works, fails, unsaid } = self.verdicts;
        self.answer.verdict = match (works, fails, unsaid) {
            (true, true, _) => Verdict::Partial,
            (_, _, true) => Verdict::Undetermined,
            (true, false, false) => Verdict::Reachable,
            (false, _, false) => Verdict::Unreachable,
        };
        self.answer.vacuous = self.answer.pairs == 0;
        self.answer.works_set = reacher.space.difference(self.asked, self.bad);
        if let Some(exceeded) = reacher.space.exceeded() {
            self.answer.vacuous = nobody;
            given_up(&mut self.answer, exceeded);
        } else {
            self.answer.works = reacher.space.rows(self.answer.works_set);
        }
        self.answer
    }
}

/// A packet of a set as it is sent; between members of one group, never from one to itself (D20-6).
pub(super) fn example_of(
    space: &mut Space,
    mut set: Set,
    view: &View,
    diagonal: bool,
) -> Option<Packet> {
    loop {
        let packet = view.apply(&space.witness(set)?);
        if !diagonal || packet.source != packet.destination {
            return Some(packet);
        }
        let own = AddressSet::single(packet.source);
        let itself = space.cube(&own, &own, &Traffic::all());
        let rest = space.difference(set, itself);
        if rest == set || space.is_over() {
            return None;
        }
        set = rest;
    }
}

/// Whether every packet of a set goes from an address to itself.
fn only_diagonal(space: &Space, set: Set) -> bool {
    let mut rows = space.rows(set).into_iter();
    rows.all(|row| row.source.len() == 1 && row.source == row.destination)
}

/// Services as a set, comparable with [`Answer::works_set`].
pub fn services(space: &mut Space, services: &[crate::model::Service]) -> Set {
    let any = AddressSet::any();
    let sets: Vec<_> =
        services.iter().map(|service| space.cube(&any, &any, &service.traffic())).collect();
    let all = space.union_all(sets);
    space.project(all, Fields::SERVICE)
}

/// Members of one group among themselves.
fn is_one_group(pair: &Pair) -> bool {
    matches!((pair.from, pair.to), (Party::Host(a, _), Party::Host(b, _)) if a == b)
}
