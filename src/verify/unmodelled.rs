//! What the file says is not modelled: the packets that it may decide about have no verdict.
//!
//! | what may bear on a pair | then without a verdict is |
//! |---|---|
//! | the opener, its filters, its place | everything |
//! | the routing of the opener, a gateway on the way, what receives | all but what the opener's own security groups drop |
//! | the routing of the receiver alone | all but what is dropped on the way there |
//!
//! What touches only rules (groups, ACLs, templates) leaves certain what has no route. The routing of an end (its route table, its VPC's CCN) counts only if a packet leaves the VPC: Local routes come
//! first (RT-5). Filters hang neither on routes nor on each other, so what they drop for sure stays dropped.

mod bearing;

use super::answer::Answer;
use super::party::endpoint_of;
use crate::code::Code;
use crate::engine::{Blocker, Pair, PairAnswer, Reacher, Way};
use crate::id::Id;
use crate::model::lookup::{DEFAULT_ACCOUNT, is_public};
use crate::model::{Endpoint, Network, Place, Unmodelled};
use crate::query::{Cause, Direction, Facts, Reason, Selector, Verdict};
use crate::space::{Packet, Set, Space};
use bearing::{Bearing, Grip, Hold};

/// The answer with what is not modelled taken out of what works and of what fails.
pub(super) fn doubted(
    reacher: &mut Reacher<'_>,
    pair: &Pair,
    mut answer: PairAnswer,
) -> PairAnswer {
    let network = &reacher.fabric().network;
    if network.unmodelled.is_empty() {
        return answer;
    }
    let bearing = Bearing::of(reacher.fabric(), pair, &answer);
    let entries = network.unmodelled.iter().enumerate();
    let touching = entries.filter_map(|(index, entry)| Some((index, entry, bearing.hold(entry)?)));
    let touching: Vec<_> = touching.collect();
    if touching.is_empty() {
        return answer;
    }
    let opener = endpoint_of(reacher.fabric(), pair.from);
    let blockers = answer.ways.iter().flat_map(|way| &way.blockers);
    // all together: what one leaves certain another may not
    let sure = blockers.filter(|blocker| {
        let mut holds = touching.iter().map(|(_, _, hold)| hold);
        holds.all(|hold| is_sure(blocker, hold, &opener))
    });
    let sure: Vec<Set> = sure.map(|blocker| blocker.set).collect();
    let sure = reacher.space.union_all(sure);
    let unsaid = reacher.space.difference(answer.asked, sure);
    let Some(witness) = reacher.witness(unsaid, &answer.view) else {
        return answer;
    };
    answer.always = reacher.space.difference(answer.always, unsaid);
    answer.sometimes = reacher.space.difference(answer.sometimes, unsaid);
    answer.undetermined = reacher.space.union(answer.undetermined, unsaid);
    let blockers = touching.into_iter().map(|(index, entry, hold)| Blocker {
        reason: named(witness, (index, entry, hold.at)),
        set: unsaid,
    });
    // first: it is why there is no verdict
    let way = Way {
        set: unsaid,
        always: Space::EMPTY,
        sometimes: Space::EMPTY,
        waypoints: Vec::new(),
        rewritings: Vec::new(),
        blockers: blockers.collect(),
    };
    answer.ways.insert(0, way);
    answer
}

/// Takes the verdict from an answer about a set that an endpoint is missing from: it might be the one that differs.
pub(super) fn incomplete(network: &Network, selectors: [&Selector; 2], answer: &mut Answer) {
    if answer.verdict == Verdict::Partial || answer.vacuous {
        return;
    }
    let witness = answer.lost.as_ref().or(answer.working.as_ref());
    let Some(witness) = witness.map(|witness| witness.packet) else {
        return;
    };
    for (index, entry) in network.unmodelled.iter().enumerate() {
        let mut sides = selectors.iter();
        let Some(set) = sides.find_map(|selector| lacks(selector, entry)) else {
            continue;
        };
        answer.verdict = Verdict::Undetermined;
        answer.reasons.insert(0, named(witness, (index, entry, set)));
    }
}

/// The set of a selector that may lack what is missing; the inner `None` = it has no id.
#[expect(clippy::option_option, reason = "nothing, a set without an id, one with")]
fn lacks(selector: &Selector, entry: &Unmodelled) -> Option<Option<Id>> {
    match selector {
        _ if entry.missing_from.is_empty() => None,
        Selector::Id(id) => {
            let is_meant = entry.missing_from.contains(id) || id.as_str() == DEFAULT_ACCOUNT;
            is_meant.then(|| Some(id.clone()))
        }
        // it may have the tag, the address, or not be what is excluded
        Selector::Tag(..) | Selector::Classic(..) | Selector::Not(_) => Some(None),
        Selector::Cidr(cidr) => (!is_public(cidr.network())).then_some(None),
        // of an intersection, too: what is missing may be in more sets than are known of it
        Selector::Or(one, other) | Selector::And(one, other) => {
            lacks(one, entry).or_else(|| lacks(other, entry))
        }
        Selector::Internet | Selector::Address(_) => None,
    }
}

/// Whether something is dropped whatever it is that is not modelled.
fn is_sure(blocker: &Blocker, hold: &Hold, opener: &Endpoint) -> bool {
    let reason = &blocker.reason;
    let goes_there = reason.direction == Direction::Forward;
    let is_own = goes_there
        && reason.cause.code == Code::SecurityGroupEgressDenied
        && reason.endpoint.as_ref() == Some(opener);
    if hold.only_filters && !blocker.is_filter() {
        return true;
    }
    match hold.grip {
        Grip::Whole => false,
        Grip::Beyond => is_own,
        Grip::Return => goes_there,
    }
}

fn named(witness: Packet, (index, entry, at): (usize, &Unmodelled, Option<Id>)) -> Reason {
    let what = Id::from(entry.what.as_str());
    let place = Place::item(at.as_ref().unwrap_or(&what), "unmodelled", index);
    let facts = Facts { other: Some(what), ..Facts::default() };
    let cause = Cause { at, ..Cause::plain(Code::NotModelled) };
    Reason {
        direction: Direction::Forward,
        cause: cause.placed(place).with(facts),
        endpoint: None,
        rule: None,
        near_miss: None,
        witness,
    }
}
