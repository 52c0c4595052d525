//! Exactly which packets work between two sets of ends and which do not, pair by pair, split by what blocks them.

use super::answer::{answer_each, example_of};
use super::example::{Ends, Example};
use super::group::Pairs;
use super::rewritten::{Rewritten, divide, passages, rewritten};
use super::run::Situation;
use super::select::{Side, select_asked};
use super::split::split;
use crate::engine::{PairAnswer, Reacher, Rewriting};
use crate::model::Endpoint;
use crate::query::{Reason, Selector, Traffics, Verdict};
use crate::space::{AddressSet, Budget, Exceeded, Packet, Row, Set, Space, View, after};

/// What was found.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The verdict over all pairs.
    pub verdict: Verdict,
    /// What works there and back, on all ways, split by what is rewritten.
    pub works: Vec<Part>,
    /// What does not, split by its blockers, and by what is rewritten before.
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
    /// What is rewritten of them on the way there, device by device: one entry for each way that they may take, none if
    /// nothing is rewritten on any.
    pub rewrites: Vec<Vec<Rewritten>>,
    /// What blocks them; empty for what works.
    pub reasons: Vec<Reason>,
}

/// Packets with the same fate, and the ways of rewriting them.
struct Fate<'a> {
    set: Set,
    passed: Vec<&'a [Rewriting]>,
    reasons: &'a [Reason],
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
    let fabric = situation.fabric();
    let mut reacher = Reacher::within(&fabric, Space::within(allowance));
    let sides = [from, to];
    let from = select_asked(&fabric, from, Side::From);
    let to = select_asked(&fabric, to, Side::To);
    let (mut works, mut blocked) = (Vec::new(), Vec::new());
    let mut whole = answer_each(&mut reacher, &from, &to, traffic, |reacher, pairs, answer| {
        add(reacher, pairs, answer, [&mut works, &mut blocked]);
    });
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

/// Adds what works and what is blocked of a pair that was answered, for each pair that it stands for.
fn add(
    reacher: &mut Reacher<'_>,
    pairs: &Pairs<'_>,
    answer: &PairAnswer,
    [works, blocked]: [&mut Vec<Part>; 2],
) {
    let space = &mut reacher.space;
    let lost = space.difference(answer.asked, answer.always);
    let blockers = answer.ways.iter().flat_map(|way| &way.blockers);
    let lost = split(space, lost, blockers, |reasons, reason| {
        reasons.push(reason.clone());
    });
    let passages = passages(space, &answer.ways);
    let mut fates = |set, reasons| -> Vec<Fate<'_>> {
        let parts = divide(space, set, &passages).into_iter();
        let fate = |(set, passed)| Fate { set, passed, reasons };
        parts.map(fate).collect()
    };
    let always = fates(answer.always, &[]);
    let lost = lost.iter().flat_map(|(set, reasons)| fates(*set, reasons));
    let lost: Vec<_> = lost.collect();
    let times = pairs.senders.len() * pairs.receivers.len();
    for fate in always.iter().chain(&lost) {
        reacher.space.keep_rows(fate.set, times);
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
            let mut told = |fate| part(&mut reacher.space, &ends, &example, fate);
            works.extend(always.iter().filter_map(&mut told));
            blocked.extend(lost.iter().filter_map(&mut told));
        }
    }
}

/// What is told of packets with one fate; `None` = they are only of endpoints that would meet themselves.
fn part(space: &mut Space, ends: &Ends, example: &Example, fate: &Fate<'_>) -> Option<Part> {
    let rows = space.rows(fate.set);
    let one_group = ends.are_one_group();
    let identity = View::identity();
    let witness = example_of(space, fate.set, &identity, one_group);
    let passed = fate.passed.iter();
    let rewrites = passed.map(|rewritings| rewritten(example, ends, rewritings, (&rows, witness)));
    let rewrites = rewrites.collect();
    let packets = rows.into_iter().map(|row| example.sent(ends, row));
    let packets = packets.flat_map(|row| if one_group { apart(&row) } else { vec![row] });
    let packets: Vec<Row> = packets.collect();
    if packets.is_empty() {
        return None;
    }
    let reasons = fate.reasons.iter();
    Some(Part {
        from: ends.from.clone(),
        to: ends.to.clone(),
        packets,
        witness: witness.map(|packet| example.looks(ends, &example.view, &packet)),
        rewrites,
        reasons: reasons.map(|reason| example.told_for(reason, ends)).collect(),
    })
}

/// The packets of a row that go from one address to another: nobody meets itself (D20-6).
fn apart(row: &Row) -> Vec<Row> {
    let both = row.source.intersection(&row.destination);
    let mut rows = Vec::new();
    let mut add = |source: AddressSet, destination: AddressSet| {
        if !source.is_empty() && !destination.is_empty() {
            rows.push(Row { source, destination, traffic: row.traffic.clone() });
        }
    };
    add(row.source.difference(&both), row.destination.clone());
    for (first, last) in both.ranges() {
        let mut next = Some(first).filter(|first| *first <= last);
        while let Some(address) = next {
            let own = AddressSet::single(address);
            add(own.clone(), row.destination.difference(&own));
            next = after(address).filter(|next| *next <= last);
        }
    }
    rows
}
