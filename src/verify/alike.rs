//! Ends that stand for others like them: two classes, or one and what is outside of the network's endpoints, a site or the
//! Internet. The ways are walked once for all machines of a place.

use super::answer::{End, pairs};
use super::land::{Land, Meaning};
use crate::engine::{Host, Reacher, Works};
use crate::query::Traffics;
use crate::space::{AddressSet, Set};

/// What works between two ends that stand for others like them; `None` = the pair has to be asked alone. What is asked must be
/// of IPv4, also as a set, and everything that decides be modelled.
pub(super) fn alike(
    reacher: &mut Reacher<'_>,
    land: &Land,
    (from, to): (Meaning, Meaning),
    asked: (&Traffics, Set, &AddressSet),
) -> Option<Works> {
    let (traffic, set, internet) = asked;
    match (from, to) {
        (Meaning::Class(from), Meaning::Class(to)) => reacher.between(&land.classes, from, to, set),
        _ => outward(reacher, land, (from, to), (traffic, internet)),
    }
}

/// What works between a class of machines and something outside; `None` = they are not such ends, or the pair has to be
/// asked alone.
fn outward(
    reacher: &mut Reacher<'_>,
    land: &Land,
    (from, to): (Meaning, Meaning),
    (traffic, internet): (&Traffics, &AddressSet),
) -> Option<Works> {
    let (class, opens) = match (from, to) {
        (Meaning::Class(class), _) => (class, true),
        (_, Meaning::Class(class)) => (class, false),
        _ => return None,
    };
    let class = land.class(class);
    let first = Host::of(land.classes.first_at(class.location?))?;
    let own = Host::of(class.first())?;
    let (a, b) = land.examples(from, to, internet)?;
    let stand: End = (first.party(), None, AddressSet::single(first.address));
    let pairs = if opens {
        pairs(reacher, &stand, &b, traffic)
    } else {
        pairs(reacher, &a, &stand, traffic)
    };
    let [pair] = pairs.as_slice() else {
        return None;
    };
    // Whoever the Internet finds at a public address is asked alone: an entry for a machine makes it a place of its own.
    let sent = if opens { &pair.source } else { &pair.destination };
    if *sent != stand.2 {
        return None;
    }
    let ways = reacher.ways_like(pair)?;
    let (from, to) = if opens { (Some(own), None) } else { (None, Some(own)) };
    Some(reacher.fill(&ways, from, to))
}
