//! What one part of a network decides: the expectations that turn without it, and the ends that open connections over it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::fate::everything;
use super::suite::Suite;
use super::thing::Thing;
use crate::diagnostic::Span;
use crate::model::{Endpoint, Network};
use crate::query::Traffics;
use crate::space::AddressSet;
use crate::verify::{Piece, Request, Who, difference};

/// What a part of a network decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The expectations that turn without it, in the order of the file.
    pub by: Vec<Span>,
    /// How many ends open connections that work otherwise without it; a site and the Internet count as one.
    pub ends: u128,
}

/// What a thing decides; `None` = the cloud does not let it be taken away, or the budget was not enough.
#[must_use]
pub fn decided(suite: &Suite<'_>, thing: &Thing) -> Option<Decided> {
    let without = suite.mutated(&thing.mutants.first()?.changes).ok()?;
    let turned = suite.turned(&without);
    let mut ends = 0;
    // What nothing usual shows may show with packets that nobody sends.
    for traffic in [Traffics::default(), everything()] {
        let request = Request { traffic, budget: suite.budget, ..Request::default() };
        let found = difference(&suite.base, &without, &request);
        if found.exceeded.is_some() || turned.untold > 0 || found.doubtful > 0 {
            return None;
        }
        ends = openers(&suite.base.network, &found.pieces);
        if ends > 0 {
            break;
        }
    }
    Some(Decided { by: turned.spans, ends })
}

/// How many ends open what some pieces are about.
fn openers(network: &Network, pieces: &[Piece]) -> u128 {
    let mut seen: BTreeMap<String, AddressSet> = BTreeMap::new();
    for who in pieces.iter().flat_map(|piece| &piece.from.who) {
        let (name, own) = addresses(network, who);
        let known = seen.entry(name).or_default();
        *known = known.union(&own);
    }
    seen.values().map(|set| set.len().max(1)).sum()
}

/// The name of an end, and which members it is, of a group.
fn addresses(network: &Network, who: &Who) -> (String, AddressSet) {
    let Endpoint::GroupMember(id, first) = &who.endpoint else {
        return (who.endpoint.to_string(), AddressSet::default());
    };
    let group = network.instance_groups.get(id);
    let all = group.map_or((*first, *first), |group| group.ips);
    let (first, last): (IpAddr, IpAddr) = match who.part {
        Some(last) => (*first, last),
        None => all,
    };
    (id.to_string(), AddressSet::range(first, last))
}
