//! Exactly which packets work between two sets of ends and which do not, pair by pair, split by what blocks them.

use std::net::IpAddr;
use std::sync::Arc;

use super::answer::{End, answer_each, endpoint_of};
use super::group::Pairs;
use super::run::Situation;
use super::select::{Side, select};
use super::split::split;
use crate::engine::Reacher;
use crate::fabric::{Fabric, Party};
use crate::id::Id;
use crate::model::Endpoint;
use crate::query::{Reason, Selector, Traffics, Verdict};
use crate::space::{AddressSet, Budget, Exceeded, Origin, Packet, Row, Set, Space, View};

/// What was found.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The verdict over all pairs.
    pub verdict: Verdict,
    /// What works there and back, on all ways.
    pub works: Vec<Part>,
    /// What does not, split by its blockers.
    pub blocked: Vec<Part>,
    /// The budget was not enough, of this: nothing else is known.
    pub exceeded: Option<Exceeded>,
}

/// Packets of one pair with the same fate.
#[derive(Clone, Debug)]
pub struct Part {
    /// Who opens.
    pub from: Endpoint,
    /// Who is meant.
    pub to: Endpoint,
    /// The packets as they are sent: disjoint and exact.
    pub packets: Vec<Row>,
    /// One of them.
    pub witness: Option<Packet>,
    /// What blocks them; empty for what works.
    pub reasons: Vec<Reason>,
}

/// Answers for every pair; `None` = nobody is meant.
#[must_use]
pub fn reach(
    situation: &Situation,
    from: &Selector,
    to: &Selector,
    traffic: &Traffics,
    budget: Budget,
) -> Option<Reached> {
    let allowance = budget.begin();
    let fabric = Fabric::new(Arc::clone(&situation.network));
    let mut reacher = Reacher::within(&fabric, Space::within(allowance));
    let sides = [from, to];
    let from = select(&fabric, from, Side::From);
    let to = select(&fabric, to, Side::To);
    let (mut works, mut blocked) = (Vec::new(), Vec::new());
    let mut whole = answer_each(
        &mut reacher,
        &from,
        &to,
        traffic,
        |reacher, pairs, answer| {
            let always = (!reacher.space.is_empty(answer.always)).then_some(answer.always);
            let lost = reacher.space.difference(answer.asked, answer.always);
            let blockers = answer.ways.iter().flat_map(|way| &way.blockers);
            let lost = split(&mut reacher.space, lost, blockers, |reasons, reason| {
                reasons.push(reason.clone());
            });
            let times = pairs.senders.len() * pairs.receivers.len();
            for set in always.iter().chain(lost.iter().map(|(set, _)| set)) {
                reacher.space.keep_rows(*set, times);
            }
            if reacher.space.is_over() {
                return;
            }
            let example = Example::of(reacher, pairs, answer.view);
            for sender in pairs.senders {
                for receiver in pairs.receivers {
                    let Some(ends) = Ends::of(reacher, pairs, sender, receiver) else {
                        continue;
                    };
                    if let Some(set) = always {
                        works.push(part(&reacher.space, &ends, &example, set, &[]));
                    }
                    for (set, reasons) in &lost {
                        blocked.push(part(&reacher.space, &ends, &example, *set, reasons));
                    }
                }
            }
        },
    );
    super::unmodelled::incomplete(&fabric.network, sides, &mut whole);
    if whole.exceeded.is_some() {
        (works, blocked) = Default::default();
    }
    (!whole.vacuous).then_some(Reached {
        verdict: whole.verdict,
        works,
        blocked,
        exceeded: whole.exceeded,
    })
}

/// Two ends by name, with their addresses.
struct Ends {
    from: Endpoint,
    to: Endpoint,
    sources: AddressSet,
    destinations: AddressSet,
}

impl Ends {
    /// `None` = they are one and the same endpoint.
    fn of(reacher: &Reacher<'_>, pairs: &Pairs<'_>, from: &End, to: &End) -> Option<Self> {
        let alone = pairs.senders.len() == 1 && pairs.receivers.len() == 1;
        let same = from.0 == to.0 && from.2.len() == 1;
        (alone || !same).then(|| Self {
            from: endpoint_of(reacher.fabric(), from.0),
            to: endpoint_of(reacher.fabric(), to.0),
            sources: from.2.clone(),
            destinations: to.2.clone(),
        })
    }
}

/// The pair that was answered, as its packets look when they are sent.
struct Example {
    from: Endpoint,
    to: Endpoint,
    view: View,
    /// Whether it stands for several: then its addresses are those of whoever it is told for.
    shared: bool,
}

impl Example {
    fn of(reacher: &Reacher<'_>, pairs: &Pairs<'_>, view: View) -> Self {
        let wide = |ends: &[End]| ends.len() > 1 || ends.iter().any(|end| end.2.len() > 1);
        let hosts = |ends: &[End]| ends.iter().all(|end| matches!(end.0, Party::Host(..)));
        let shared = wide(pairs.senders) && hosts(pairs.senders)
            || wide(pairs.receivers) && hosts(pairs.receivers);
        Self {
            from: endpoint_of(reacher.fabric(), pairs.pair.from),
            to: endpoint_of(reacher.fabric(), pairs.pair.to),
            view,
            shared,
        }
    }

    /// A reason as it is for two other ends that nothing tells apart from these.
    fn told_for(&self, reason: &Reason, ends: &Ends) -> Reason {
        let mut reason = reason.clone();
        if !self.shared {
            return reason;
        }
        let own = |end: &Endpoint| match end {
            end if *end == self.from => ends.from.clone(),
            end if *end == self.to => ends.to.clone(),
            end => end.clone(),
        };
        let own_id = |id: &Id| match Some(id) {
            id if id == self.from.id() => ends.from.id().cloned(),
            id if id == self.to.id() => ends.to.id().cloned(),
            id => id.cloned(),
        };
        reason.endpoint = reason.endpoint.as_ref().map(own);
        reason.cause.at = reason.cause.at.as_ref().and_then(own_id);
        if let Some(place) = &mut reason.cause.place
            && let Some(id) = own_id(&place.id)
        {
            place.id = id;
        }
        let address = |address: IpAddr| {
            let sides = [
                (self.view.source, &ends.sources),
                (self.view.destination, &ends.destinations),
            ];
            let own = sides
                .iter()
                .find(|(origin, _)| *origin == Origin::Const(address))
                .and_then(|(_, own)| own.first());
            own.unwrap_or(address)
        };
        reason.witness.source = address(reason.witness.source);
        reason.witness.destination = address(reason.witness.destination);
        reason
    }

    /// The addresses of one side, for whoever it is told for.
    fn addresses(&self, origin: Origin<IpAddr>, row: AddressSet, own: &AddressSet) -> AddressSet {
        match origin {
            Origin::Const(_) if self.shared && !own.is_empty() => own.clone(),
            Origin::Const(address) => AddressSet::single(address),
            Origin::Original(_) => row,
        }
    }
}

fn part(space: &Space, ends: &Ends, example: &Example, set: Set, reasons: &[Reason]) -> Part {
    let view = example.view;
    let rows = space.rows(set).into_iter().map(|row| Row {
        source: example.addresses(view.source, row.source, &ends.sources),
        destination: example.addresses(view.destination, row.destination, &ends.destinations),
        traffic: row.traffic,
    });
    let own = |address: IpAddr, origin, addresses: &AddressSet| match origin {
        Origin::Const(_) if example.shared => addresses.first().unwrap_or(address),
        _ => address,
    };
    let witness = space.witness(set).map(|packet| {
        let sent = view.apply(&packet);
        Packet {
            source: own(sent.source, view.source, &ends.sources),
            destination: own(sent.destination, view.destination, &ends.destinations),
            ..sent
        }
    });
    Part {
        from: ends.from.clone(),
        to: ends.to.clone(),
        packets: rows.collect(),
        witness,
        reasons: reasons
            .iter()
            .map(|reason| example.told_for(reason, ends))
            .collect(),
    }
}
